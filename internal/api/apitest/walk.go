// Package apitest holds tests that every HTTP dialect has to pass. It knows no
// dialect: a test gives it a handler and the routes to walk.
package apitest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// Target is one route: a method and a path with variables like <name>.
type Target struct{ Method, Path string }

// Walk sends requests to each target that no honest client sends: wrong types,
// fields of a megabyte, text that is no UTF-8, NUL, numbers below zero and
// beyond all limits, broken JSON and multipart. It fails the test on a panic,
// on a status of 500 and more but 501 (not built), and on an error envelope
// without code and message or with the server's internals in it. header is
// sent with each request: the credentials.
func Walk(t *testing.T, h http.Handler, targets []Target, header http.Header) {
	t.Helper()
	for i, target := range targets {
		t.Run(target.Method+" "+target.Path, func(t *testing.T) {
			t.Parallel()
			w := walker{t: t, h: h, target: target, header: header}
			for _, v := range pathValues {
				w.path = v
				w.send("", "")
			}
			w.path = "x"
			w.bodies()
			w.names(i)
		})
	}
}

type walker struct {
	t      *testing.T
	h      http.Handler
	target Target
	header http.Header
	path   string
}

// pathValues stand in the place of variables, percent-encoded once.
var pathValues = []string{"x", "%00", "%2500", "%FF", "%25FF", "%252F", "..", ".", "%20", "-1", "0", "99999999999999999999999", "%27%22%3C%3E",
	"*", "%25", "%F0%9F%94%91", "a,b,,c", "User()", strings.Repeat("A", 5000)}

// formValues are sent as the value of every parameter at once.
var formValues = []string{"", "\x00", "\xff\xfe", "%00", "-1", "1e400", "99999999999999999999999999", "'; DROP TABLE token; --",
	"{\"a\": [1", "[[[[", "*", "%", "\r\nX-Injected: 1", "\u202e\U0001F511", strings.Repeat("A", 1<<20)}

// jsonValues likewise, as JSON.
var jsonValues = []string{"null", "true", "-1", "0", "1.5", "1e400", "99999999999999999999999999", `""`, `"\u0000"`, `"\ud800"`, "[]", "{}",
	`[null]`, `[[1], {"a": []}]`, `{"a": {"b": null}}`, `[1, "a", true]`, `"` + strings.Repeat("A", 1<<20) + `"`}

// known are parameters that routes read, with a value that makes sense.
var known = map[string]string{"user": "cornelius", "username": "cornelius", "realm": "realm1", "resolver": "reso1", "serial": "X1",
	"serials": "X1,X2", "pass": "1234", "password": "test", "type": "hotp", "otpkey": "00", "genkey": "1", "otplen": "6",
	"hashlib": "sha1", "timeStep": "30", "pin": "1", "otppin": "1", "description": "d", "validity_period_start": "2026-01-01T00:00+0000",
	"validity_period_end": "2027-01-01T00:00+0000", "2stepinit": "0", "verify": "1", "rollover": "0", "otp1": "1", "otp2": "2",
	"count_window": "10", "sync_window": "10", "max_failcount": "10", "count_auth_max": "1", "page": "1", "pagesize": "15", "page_size": "15",
	"sortby": "serial", "sortdir": "asc", "sortorder": "asc", "timelimit": "1d", "assigned": "true", "active": "true", "infokey": "a",
	"infovalue": "b", "tokenrealm": "realm1", "realms": "realm1", "from": "X1", "to": "X2", "value": "v", "key": "k", "info": "{}",
	"groups": "g", "window": "10", "count": "1", "transaction_id": "12345678901234567890", "state": "1", "client": "10.0.0.1", "nonce": "n",
	"otponly": "0", "credential_id": "AA", "clientDataJSON": "AA", "authenticatorData": "AA", "signature": "AA", "resolvers": "reso1",
	"priority": "1", "scope": "admin", "action": "enable", "adminrealm": "", "adminuser": "", "conditions": "[]", "time": "Mon-Fri: 8-16",
	"check_all_resolvers": "false", "name": "n", "len": "20", "encode": "b64", "DefaultOtpLen": "6", "settings": "{}", "userid": "1",
	"attributes": "a", "refilltoken": "r", "userId": "1", "session": "s", "response": "r", "operation": "login", "exception": "0"}

func (w *walker) bodies() {
	for _, v := range formValues {
		form := url.Values{}
		size := 0
		for name := range known {
			if size += len(v); size <= 1<<20 {
				form.Set(name, v)
			}
		}
		w.send("application/x-www-form-urlencoded", form.Encode())
	}
	for _, v := range jsonValues {
		var b strings.Builder
		b.WriteString(`{"": 0`)
		for name := range known {
			if b.Len() < 1<<20 {
				fmt.Fprintf(&b, `, %q: %s`, name, v)
			}
		}
		w.send("application/json", b.String()+"}")
	}
	for _, body := range []string{"{bad", "[1,2]", `"abc"`, "null", "", "\xff", `{"a": 1} x`, strings.Repeat("[", 20_000),
		strings.Repeat(`{"a":`, 20_000), `{"user": "` + strings.Repeat(`\u0041`, 1000) + `"}`} {
		w.send("application/json", body)
		w.send("text/plain", body)
		w.send("", body)
		w.send("multipart/form-data", body)
		w.send("multipart/form-data; boundary=x", body)
		w.send("application/x-www-form-urlencoded", body)
	}
	for _, part := range []string{"Content-Disposition: form-data; name=\"user\"\r\n\r\n\xff\x00", "\r\n\r\n", "X", "Content-Disposition: form-data\r\n\r\nx",
		"Content-Disposition: form-data; name=\"file\"; filename=\"../../etc/passwd\"\r\n\r\n\x00\xff", "Content-Disposition: ;;;=\r\n\r\nx"} {
		w.send("multipart/form-data; boundary=x", "--x\r\n"+part+"\r\n--x--\r\n")
		w.send("multipart/form-data; boundary=x", "--x\r\n"+part)
	}
}

// names sends requests in which all parameters but one make sense.
func (w *walker) names(turn int) {
	i := turn
	for name := range known {
		// A fifth of the parameters at each target: over all targets, each comes
		// to its turn with many values.
		if i++; i%5 != 0 {
			continue
		}
		bad := jsonValues[i/5%(len(jsonValues)-1)] // but the long one
		object := make(map[string]json.RawMessage, len(known))
		for other, v := range known {
			object[other], _ = json.Marshal(v)
		}
		object[name] = json.RawMessage(bad)
		b, err := json.Marshal(object)
		if err != nil {
			w.t.Fatal(err)
		}
		w.send("application/json", string(b))
		form := url.Values{}
		for other, v := range known {
			form.Set(other, v)
		}
		form.Set(name, formValues[i/5%(len(formValues)-1)])
		w.send("application/x-www-form-urlencoded", form.Encode())
	}
}

func (w *walker) send(kind, body string) {
	w.t.Helper()
	var path strings.Builder
	for s := range strings.SplitSeq(w.target.Path[1:], "/") {
		if strings.HasPrefix(s, "<") {
			s = w.path
		}
		path.WriteString("/" + s)
	}
	r := httptest.NewRequest(w.target.Method, path.String(), strings.NewReader(body))
	for name, values := range w.header {
		r.Header[name] = values
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	// Each route has to cope with hostile queries, too.
	if w.target.Method == http.MethodGet && kind == "application/x-www-form-urlencoded" && len(body) < 100_000 {
		r.URL.RawQuery = body
	}
	a := httptest.NewRecorder()
	w.h.ServeHTTP(a, r)
	if problem := judge(a); problem != "" {
		w.t.Errorf("%s %.200s, %s %.300q: %s: %.300s", w.target.Method, r.URL.Path, kind, body, problem, a.Body)
	}
}

// judge says what is wrong with an answer, or "".
func judge(a *httptest.ResponseRecorder) string {
	if a.Code >= 500 && a.Code != http.StatusNotImplemented {
		return fmt.Sprintf("status %d", a.Code)
	}
	if a.Code < 400 || a.Header().Get("Content-Type") != "application/json" {
		return ""
	}
	var body struct {
		Error  string
		Result struct {
			Status *bool
			Value  any
			Error  struct {
				Code    *int
				Message *string
			}
		}
	}
	if err := json.Unmarshal(a.Body.Bytes(), &body); err != nil {
		return err.Error()
	}
	if body.Error != "" {
		return "" // the plain answer for unknown paths
	}
	if body.Result.Error.Code == nil || body.Result.Error.Message == nil || body.Result.Value != nil {
		return "no error envelope"
	}
	for _, inside := range []string{"goroutine", ".go:", "panic", "runtime error", "sql:"} {
		if bytes.Contains(a.Body.Bytes(), []byte(inside)) {
			return "shows " + inside
		}
	}
	return ""
}
