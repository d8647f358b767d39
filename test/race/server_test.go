package race

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"symbolon/internal/app"
	"symbolon/protocol/otp"
)

// users are those of every server here; their password is test.
const users = `cornelius:$6$Yxr1n3mJ$a.OCZVgHGb/SECymbsqtP2QFBHVLl.Sn151XMs7P7C31hwxEHOj6ffaft7SsQDFtMp8aQ67MuASkdtWhJCTmf1:1000:1000:Cornelius,,,,c@example.com:/home/c:/bin/sh
hans:$6$Yxr1n3mJ$a.OCZVgHGb/SECymbsqtP2QFBHVLl.Sn151XMs7P7C31hwxEHOj6ffaft7SsQDFtMp8aQ67MuASkdtWhJCTmf1:1002:1002:Hans,,,,h@example.com:/home/h:/bin/sh
`

const adminPassword = "test"

// callers is how many requests are sent at once.
const callers = 64

// percent is how much of the rounds is run: a tenth, less under -short, or what
// RACE_PERCENT says. All of it is 100.
func percent() int {
	if v, err := strconv.Atoi(os.Getenv("RACE_PERCENT")); err == nil && v > 0 {
		return v
	}
	if testing.Short() {
		return 2
	}
	return 10
}

// rounds is how often a race is run that is run n times in all.
func rounds(n int) int { return max(1, n*percent()/100) }

// environment is that of a server over the folder data.
func environment(data, profile string) []string {
	return []string{"SYMBOLON_DATA=" + data, "SYMBOLON_TLS=proxy", "SYMBOLON_LISTEN=127.0.0.1:0", "SYMBOLON_PROFILE=" + profile,
		"SYMBOLON_ADMIN_REALMS=super", "SYMBOLON_NODE=localnode", "SYMBOLON_LOG=error", "SYMBOLON_CONFIG=" + os.DevNull, "TZ=UTC"}
}

// parts puts a server together in this process, with the administrator admin.
func parts(t testing.TB, profile string, log *slog.Logger) (p *app.Parts, data string) {
	t.Helper()
	data = t.TempDir()
	cfg, err := app.Load(app.Sources{Environ: environment(data, profile)})
	if err != nil {
		t.Fatal(err)
	}
	if p, err = app.New(t.Context(), cfg, log); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	admin := app.AddAdmin{Name: "admin", Secret: adminPassword}
	if err := app.Within(p).Call(t.Context(), app.AdminAdd, admin, &app.Added{}); err != nil {
		t.Fatal(err)
	}
	return p, data
}

// client talks to one server. It is safe for use by many goroutines.
type client struct {
	t    testing.TB
	base string
	http *http.Client
	jwt  string // of the administrator
}

// newServer starts a server with the users' realm, reached through HTTP.
func newServer(t testing.TB, profile string) *client {
	t.Helper()
	p, _ := parts(t, profile, slog.New(slog.DiscardHandler))
	s := httptest.NewServer(p.HTTP)
	t.Cleanup(s.Close)
	c := newClient(t, s.URL)
	c.realm(t.TempDir())
	return c
}

// newClient logs in as the administrator.
func newClient(t testing.TB, base string) *client {
	t.Helper()
	c := &client{t: t, base: base, http: &http.Client{Timeout: 2 * time.Minute,
		Transport: &http.Transport{MaxIdleConnsPerHost: 2 * callers, DisableCompression: true}}}
	t.Cleanup(c.http.CloseIdleConnections)
	a := c.must("POST", "/auth", url.Values{"username": {"admin"}, "password": {adminPassword}})
	c.jwt, _ = a.value("token").(string)
	if c.jwt == "" {
		t.Fatalf("no token: %v", a)
	}
	return c
}

func (c *client) realm(dir string) {
	c.t.Helper()
	path := filepath.Join(dir, "passwd")
	if err := os.WriteFile(path, []byte(users), 0o600); err != nil {
		c.t.Fatal(err)
	}
	c.must("POST", "/resolver/reso1", url.Values{"type": {"passwdresolver"}, "fileName": {path}})
	c.must("POST", "/realm/realm1", url.Values{"resolvers": {"reso1"}})
	c.must("POST", "/defaultrealm/realm1", nil)
}

// answer is what came back.
type answer struct {
	status int
	text   string
	body   struct {
		Result struct {
			Status         bool
			Value          any
			Authentication string
			Error          struct {
				Code    int
				Message string
			}
		}
		Detail map[string]any
	}
}

func (a answer) value(key string) any {
	m, _ := a.body.Result.Value.(map[string]any)
	return m[key]
}

// accepted reports a login that succeeded.
func (a answer) accepted() bool {
	return a.status == http.StatusOK && a.body.Result.Status && a.body.Result.Value == true
}

// busy reports an answer that says that nothing has happened.
func (a answer) busy() bool { return a.status == http.StatusServiceUnavailable }

func (a answer) String() string { return fmt.Sprintf("%d %.600s", a.status, a.text) }

// call sends a request. Its error is one of the connection.
func (c *client) call(method, path string, form url.Values) (a answer, err error) {
	target, body := c.base+path, io.Reader(nil)
	if method == http.MethodGet || method == http.MethodDelete {
		target += "?" + form.Encode()
	} else {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequest(method, target, body)
	if err != nil {
		return a, err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if c.jwt != "" {
		r.Header.Set("Authorization", c.jwt)
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return a, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return a, err
	}
	a.status, a.text = resp.StatusCode, string(text)
	return a, json.Unmarshal(text, &a.body)
}

// do is call where the connection must not fail. It may be used by any goroutine.
func (c *client) do(method, path string, form url.Values) answer {
	c.t.Helper()
	a, err := c.call(method, path, form)
	if err != nil {
		c.t.Errorf("%s %s: %v: %v", method, path, err, a)
	}
	return a
}

// must is do where the request has to succeed.
func (c *client) must(method, path string, form url.Values) answer {
	c.t.Helper()
	a := c.do(method, path, form)
	if a.status != http.StatusOK || !a.body.Result.Status {
		c.t.Errorf("%s %s %v: %v", method, path, form, a)
	}
	return a
}

func (c *client) check(form url.Values) answer {
	c.t.Helper()
	return c.do("POST", "/validate/check", form)
}

// together runs f n times at once and returns what each has returned.
func together[T any](n int, f func(i int) T) []T {
	out := make([]T, n)
	gate := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-gate
			out[i] = f(i)
		})
	}
	close(gate)
	all.Wait()
	return out
}

// device makes the codes of one token, for many goroutines.
type device struct {
	serial string
	key    []byte
}

// at is the code of a counter or step.
func (d device) at(n int64) string {
	g, err := otp.NewGenerator(d.key, otp.SHA1, 6)
	if err != nil {
		panic(err) // the key is this test's own
	}
	return g.Code(n)
}

// now is the code of this moment for a TOTP token.
func (d device) now() string { return d.at(otp.Step(time.Now().Unix(), 30)) }

// enrol makes a token without PIN. user may be empty.
func (c *client) enrol(typ, serial, user string) device {
	c.t.Helper()
	key := fmt.Sprintf("%-20.20s", "key of "+serial)
	form := url.Values{"type": {typ}, "serial": {serial}, "otpkey": {fmt.Sprintf("%x", key)}, "genkey": {"0"}}
	if user != "" {
		form.Set("user", user)
		form.Set("realm", "realm1")
	}
	c.must("POST", "/token/init", form)
	return device{serial, []byte(key)}
}

// stored is what the token list says of a token; nil: there is none.
func (c *client) stored(serial string) map[string]any {
	c.t.Helper()
	a := c.must("GET", "/token/", url.Values{"serial": {serial}})
	list, _ := a.value("tokens").([]any)
	if len(list) == 0 {
		return nil
	}
	tok, _ := list[0].(map[string]any)
	return tok
}

// wantStanding compares what is stored of a token. Names with a dot are of its
// information.
func (c *client) wantStanding(serial string, want map[string]any) {
	c.t.Helper()
	tok := c.stored(serial)
	for name, v := range want {
		in, key := tok, name
		if rest, ok := strings.CutPrefix(name, "info."); ok {
			in, _ = tok["info"].(map[string]any)
			key = rest
		}
		if fmt.Sprint(in[key]) != fmt.Sprint(v) {
			c.t.Errorf("%s: %s is %v, want %v", serial, name, in[key], v)
		}
	}
}

// count is how many of the answers are so.
func count(answers []answer, is func(answer) bool) (n int) {
	for _, a := range answers {
		if is(a) {
			n++
		}
	}
	return n
}

// odd returns an answer that is neither a success nor a refusal of a login.
func odd(answers []answer) (answer, bool) {
	i := slices.IndexFunc(answers, func(a answer) bool {
		return a.status != http.StatusOK || !a.body.Result.Status || a.body.Result.Value != true && a.body.Result.Value != false
	})
	if i < 0 {
		return answer{}, false
	}
	return answers[i], true
}
