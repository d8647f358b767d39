package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"
)

// The dialects a scenario can be written in.
const (
	privacyidea = "privacyidea" // eduMFA's too
	linotp      = "linotp"
)

// runner plays scenarios against one server. It belongs to one goroutine.
type runner struct {
	base           string // URL of the server, without a slash at the end
	dialect        string
	admin, secret  string // the local administrator and the password
	dir            string // where the files are that the server reads
	say            func(format string, args ...any)
	pause          func(d time.Duration, vars map[string]string) // a step's sleep
	client         *http.Client
	adminToken     string
	mails          *mailSink
	sink           *webSink
	touched        map[string]bool // first path segments written to since the last reset; nil: unknown
	linotpSessions map[string]linotpSession
	pending        map[string]inFlight
	system         map[string]string // the settings a new server has, see resetSystem
}

// newRunner writes the files of the fixtures into dir and starts the servers
// that the server under test will call. close ends them.
func newRunner(base, dialect, dir string) (*runner, error) {
	r := &runner{
		base: strings.TrimRight(base, "/"), dialect: dialect, admin: "admin", secret: "test", dir: dir,
		say: func(string, ...any) {}, pause: func(d time.Duration, _ map[string]string) { time.Sleep(d) },
		client: &http.Client{
			Timeout:       60 * time.Second,
			Transport:     &http.Transport{},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		linotpSessions: map[string]linotpSession{},
		pending:        map[string]inFlight{},
	}
	if err := writeFixtures(dir); err != nil {
		return nil, err
	}
	var err error
	if r.mails, err = newMailSink(); err != nil {
		return nil, err
	}
	if r.sink, err = newWebSink(); err != nil {
		r.mails.close()
		return nil, err
	}
	return r, nil
}

func (r *runner) close() {
	r.mails.close()
	r.sink.close()
	r.client.CloseIdleConnections()
}

func (r *runner) file(name string) string { return filepath.Join(r.dir, name) }

// answer is a response, decoded when it is JSON.
type answer struct {
	status  int
	media   string
	body    any
	text    string
	cookies map[string]string
}

// find returns what a scenario saves: the value at a dotted path of the body,
// cookie.NAME, or text, the whole body.
func (a *answer) find(path string) (any, bool) {
	if name, ok := strings.CutPrefix(path, "cookie."); ok {
		v, ok := a.cookies[name]
		return v, ok
	}
	if path == "text" {
		return a.text, true
	}
	return lookup(a.body, path)
}

// call is one request.
type call struct {
	method, path string
	as           string // "admin", "user LOGIN PASSWORD", "" = anonymous
	headers      map[string]string
	form         map[string]string
	json         any
	raw          string
	files        map[string]string
}

func (c *call) encoded() (body io.Reader, contentType string, err error) {
	switch {
	case c.files != nil:
		return multipartBody(c.form, c.files)
	case c.raw != "":
		return strings.NewReader(c.raw), "", nil
	case c.json != nil:
		data, err := json.Marshal(c.json)
		return bytes.NewReader(data), "application/json", err
	case c.form != nil:
		values := url.Values{}
		for k, v := range c.form {
			values.Set(k, v)
		}
		return strings.NewReader(values.Encode()), "application/x-www-form-urlencoded", nil
	}
	return nil, "", nil
}

func (r *runner) send(c call) (*answer, error) {
	r.touch(c.method, c.path)
	body, contentType, err := c.encoded()
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequest(c.method, r.base+c.path, body)
	if err != nil {
		return nil, err
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	req.Header.Set("Accept-Language", "en")
	req.Header.Set("User-Agent", "conformance/1.0")
	if c.as != "" {
		if err := r.authorize(req, c.as); err != nil {
			return nil, err
		}
	}
	for k, v := range c.headers {
		req.Header.Set(k, v)
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return r.read(c.method, resp)
}

func (r *runner) read(method string, resp *http.Response) (*answer, error) {
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	a := &answer{status: resp.StatusCode, text: string(data), cookies: map[string]string{}}
	for _, c := range resp.Cookies() {
		a.cookies[c.Name] = c.Value
	}
	a.media, _, _ = mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if r.dialect == linotp && a.media != "application/json" {
		a.text = linotpText(a.text)
	}
	if a.media == "application/json" && method != "HEAD" {
		if err := json.Unmarshal(data, &a.body); err != nil {
			return nil, fmt.Errorf("broken JSON: %w: %.200s", err, data)
		}
	}
	return a, nil
}

func (r *runner) authorize(req *http.Request, as string) error {
	if r.dialect == linotp {
		return r.linotpAuthorize(req, as)
	}
	token, err := r.login(as)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", token)
	return nil
}

// login returns the Authorization header of "admin" or "user LOGIN PASSWORD".
// Users log in anew each time.
func (r *runner) login(as string) (string, error) {
	if as == "admin" && r.adminToken != "" {
		return r.adminToken, nil
	}
	name, password := r.admin, r.secret
	if words := strings.Fields(as); words[0] == "user" && len(words) == 3 {
		name, password = words[1], words[2]
	} else if as != "admin" {
		return "", fmt.Errorf("as: %q is neither admin nor user LOGIN PASSWORD", as)
	}
	a, err := r.send(call{method: "POST", path: "/auth", form: map[string]string{"username": name, "password": password}})
	if err != nil {
		return "", err
	}
	token, ok := lookup(a.body, "result.value.token")
	if !ok {
		return "", fmt.Errorf("login of %s: status %d: %.300s", name, a.status, a.text)
	}
	if as == "admin" {
		r.adminToken = fmt.Sprint(token)
	}
	return fmt.Sprint(token), nil
}

// must sends a request of the administrator's that has to be granted.
func (r *runner) must(method, path string, form map[string]string) (*answer, error) {
	a, err := r.send(call{method: method, path: path, as: "admin", form: form})
	if err != nil {
		return nil, err
	}
	if ok, _ := lookup(a.body, "result.status"); ok != true {
		return nil, fmt.Errorf("%s %s: status %d: %.300s", method, path, a.status, a.text)
	}
	return a, nil
}

// multipartBody encodes the form and the files (part name: content).
func multipartBody(form, files map[string]string) (io.Reader, string, error) {
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	for k, v := range form {
		if err := w.WriteField(k, v); err != nil {
			return nil, "", err
		}
	}
	for k, v := range files {
		part, err := w.CreateFormFile(k, k+".txt")
		if err != nil {
			return nil, "", err
		}
		if _, err := part.Write([]byte(v)); err != nil {
			return nil, "", err
		}
	}
	return &buf, w.FormDataContentType(), w.Close()
}
