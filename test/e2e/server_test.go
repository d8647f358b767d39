package e2e

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"symbolon/test/program"
)

// tools must be there, or the test is skipped; where CI=true a missing one is a
// failure, since a check that is skipped there checks nothing.
func tools(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err == nil {
			continue
		}
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is missing; .ci/run packages installs it", name)
		}
		t.Skipf("NOT TESTED: %s is missing (Debian: oathtool, zbar-tools, curl)", name)
	}
}

// build builds the program once for all tests.
var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "symbolon-e2e-")
	if err != nil {
		return "", err
	}
	return program.Build(dir)
})

func TestMain(m *testing.M) {
	status := m.Run()
	if path, err := build(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(status)
}

func built(t *testing.T) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// machine is a machine with a server on it.
type machine struct {
	t       *testing.T
	env     []string
	base    string
	jwt     string
	running *exec.Cmd
	said    *lines
}

// newMachine has no server yet.
func newMachine(t *testing.T, settings ...string) *machine {
	home := t.TempDir()
	m := &machine{t: t, env: append([]string{"PATH=" + filepath.Dir(built(t)) + ":" + os.Getenv("PATH"), "HOME=" + home, "TMPDIR=" + home,
		"SYMBOLON_DATA=" + filepath.Join(home, "data"), "SYMBOLON_LISTEN=localhost:0", "TZ=UTC"}, settings...)}
	t.Cleanup(m.kill)
	return m
}

// run runs the program to its end and returns what it wrote to stdout.
func (m *machine) run(stdin string, args ...string) string {
	m.t.Helper()
	cmd := exec.Command(built(m.t), args...)
	var out, told bytes.Buffer
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = m.env, strings.NewReader(stdin), &out, &told
	if err := cmd.Run(); err != nil {
		m.t.Fatalf("symbolon %s: %v\n%s%s", strings.Join(args, " "), err, &out, &told)
	}
	return out.String()
}

// start starts the program and waits until it says where it listens.
func (m *machine) start(args ...string) {
	m.t.Helper()
	cmd := exec.Command(built(m.t), args...)
	cmd.Env = m.env
	pipe, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		m.t.Fatal(err)
	}
	m.running, m.said = cmd, follow(pipe)
	m.base = strings.TrimPrefix(m.said.wait(m.t, func(line string) bool { return strings.HasPrefix(line, "listening ") }), "listening ")
}

// stop ends the server as an operator does.
func (m *machine) stop() {
	m.t.Helper()
	m.running.Process.Signal(syscall.SIGTERM)
	if err := m.running.Wait(); err != nil {
		m.t.Errorf("the server ended with %v:\n%s", err, m.said)
	}
	m.running = nil
}

// kill ends it without warning.
func (m *machine) kill() {
	if m.running != nil {
		m.running.Process.Kill()
		m.running.Wait()
		m.running = nil
	}
}

// lines are what a program has said so far.
type lines struct {
	mu    sync.Mutex
	all   []string
	grown chan struct{} // closed and made anew at each line
	ended bool
}

func follow(in io.Reader) *lines {
	l := &lines{grown: make(chan struct{})}
	go func() {
		scan := bufio.NewScanner(in)
		for scan.Scan() {
			l.add(scan.Text(), false)
		}
		l.add("", true)
	}()
	return l
}

func (l *lines) add(line string, ended bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !ended {
		l.all = append(l.all, line)
	}
	l.ended = ended
	close(l.grown)
	l.grown = make(chan struct{})
}

// wait returns the first line that fits.
func (l *lines) wait(t *testing.T, fits func(string) bool) string {
	t.Helper()
	timeout := time.After(time.Minute)
	for seen := 0; ; {
		l.mu.Lock()
		for ; seen < len(l.all); seen++ {
			if fits(l.all[seen]) {
				defer l.mu.Unlock()
				return l.all[seen]
			}
		}
		grown, ended := l.grown, l.ended
		l.mu.Unlock()
		if ended {
			t.Fatalf("the program ended:\n%s", l)
		}
		select {
		case <-grown:
		case <-timeout:
			t.Fatalf("not said within a minute:\n%s", l)
		}
	}
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.all, "\n")
}

// answer is what the API answers.
type answer struct {
	Status int
	Result struct {
		Status         bool
		Value          any
		Authentication string
		Error          struct{ Message string }
	}
	Detail map[string]any
	body   []byte
}

// call sends a request, as the administrator once he has signed in.
func (m *machine) call(method, path string, form ...string) answer {
	m.t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	var body io.Reader
	if method == http.MethodGet && len(values) > 0 {
		path += "?" + values.Encode()
	} else if method != http.MethodGet {
		body = strings.NewReader(values.Encode())
	}
	req, err := http.NewRequest(method, m.base+path, body)
	if err != nil {
		m.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if m.jwt != "" && !strings.HasPrefix(path, "/validate/check") {
		req.Header.Set("Authorization", m.jwt)
	}
	// The certificate is the server's own.
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		m.t.Fatal(err)
	}
	defer resp.Body.Close()
	a := answer{Status: resp.StatusCode}
	if a.body, err = io.ReadAll(resp.Body); err == nil {
		err = json.Unmarshal(a.body, &a)
	}
	if err != nil {
		m.t.Fatalf("%s %s: %d %v\n%s", method, path, resp.StatusCode, err, a.body)
	}
	return a
}

// done sends a request that must succeed.
func (m *machine) done(method, path string, form ...string) answer {
	m.t.Helper()
	a := m.call(method, path, form...)
	if a.Status != http.StatusOK || !a.Result.Status {
		m.t.Fatalf("%s %s: %d %s", method, path, a.Status, a.body)
	}
	return a
}

// signIn makes the following calls the administrator's.
func (m *machine) signIn(name, password string) {
	m.t.Helper()
	m.jwt = ""
	value, _ := m.done(http.MethodPost, "/auth", "username", name, "password", password).Result.Value.(map[string]any)
	m.jwt, _ = value["token"].(string)
	if m.jwt == "" {
		m.t.Fatal("no token at sign-in")
	}
}

// logsIn tries a login and returns what it came to: ACCEPT, REJECT, CHALLENGE.
func (m *machine) logsIn(form ...string) answer {
	m.t.Helper()
	return m.done(http.MethodPost, "/validate/check", form...)
}

// expect compares the outcome of a login.
func (m *machine) expect(want string, a answer) {
	m.t.Helper()
	if got := a.Result.Authentication; got != want || (want == "ACCEPT") != (a.Result.Value == true) {
		m.t.Errorf("got %s, want %s: %s", got, want, a.body)
	}
}

// scanned reads the QR code of an enrolment's answer with zbarimg.
func scanned(t *testing.T, image any) string {
	t.Helper()
	text, _ := image.(string)
	data, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, "data:image/png;base64,"))
	if err != nil {
		t.Fatal(err)
	}
	return zbar(t, data)
}

// zbar reads the QR code on a PNG.
func zbar(t *testing.T, png []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "qr.png")
	if err := os.WriteFile(path, png, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("zbarimg", "-q", "--raw", path).Output()
	if err != nil {
		t.Fatalf("zbarimg: %v", err)
	}
	return strings.TrimSpace(string(out))
}

// phone is an authenticator app that has scanned a key URL.
type phone struct {
	t       *testing.T
	kind    string
	query   url.Values
	counter string
}

func newPhone(t *testing.T, keyURL string) phone {
	t.Helper()
	u, err := url.Parse(keyURL)
	if err != nil || u.Scheme != "otpauth" {
		t.Fatalf("%q: %v", keyURL, err)
	}
	return phone{t, u.Host, u.Query(), u.Query().Get("counter")}
}

// code is what the app shows: of the counter, or of now and so many seconds.
func (p phone) code(at string) string {
	p.t.Helper()
	args := []string{"-b", "-d", p.query.Get("digits")}
	if p.kind == "hotp" {
		args = append(args, "--hotp", "-c", at)
	} else {
		hash := p.query.Get("algorithm")
		if hash == "" {
			hash = "sha1"
		}
		args = append(args, "--totp="+strings.ToLower(hash), "-s", p.query.Get("period")+"s", "-N", "now "+at)
	}
	out, err := exec.Command("oathtool", append(args, p.query.Get("secret"))...).CombinedOutput()
	if err != nil {
		p.t.Fatalf("oathtool: %v %s", err, out)
	}
	return strings.TrimSpace(string(out))
}
