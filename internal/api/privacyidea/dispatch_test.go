package privacyidea

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"symbolon/internal/api/apitest"
	"symbolon/internal/audit"
	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/token"
)

func accept(_ context.Context, _ *Request) (Answer, error) { return Answer{Value: true}, nil }

const goldenTime = `"time":1795288448.23789`

func TestGoldenAnswers(t *testing.T) {
	t.Parallel()
	check := func(_ context.Context, r *Request) (Answer, error) {
		return Answer{ID: 2, Value: true, Detail: map[string]any{"message": "matching 1 tokens", "otplen": 6}}, nil
	}
	b := newBench(t, ProfilePrivacyIDEA())
	b.route("POST", "/validate/check", check)
	wantBody(t, b.do("POST", "/validate/check", "user=a&nonce=x"), 200,
		`{"detail":{"message":"matching 1 tokens","otplen":6,"threadid":`+thread+`},"id":2,"jsonrpc":"2.0","result":{"authentication":"ACCEPT",`+
			`"status":true,"value":true},`+goldenTime+`,"version":"privacyIDEA 3.14","versionnumber":"3.14"}`+"\n")
	wantBody(t, b.do("GET", "/token/", ""), 401,
		`{"detail":null,"id":1,"jsonrpc":"2.0","result":{"error":{"code":4033,"message":"Authentication failure. Missing Authorization header."},`+
			`"status":false},`+goldenTime+`,"version":"privacyIDEA 3.14"}`+"\n")
	e := newBench(t, ProfileEduMFA())
	e.route("POST", "/validate/check", check)
	wantBody(t, e.do("POST", "/validate/check", "user=a"), 200,
		`{"detail":{"message":"matching 1 tokens","otplen":6,"threadid":`+thread+`},"id":2,"jsonrpc":"2.0","result":{"authentication":"ACCEPT",`+
			`"status":true,"value":true},`+goldenTime+`,"version":"eduMFA 2.10.0","versionnumber":"2.10.0"}`+"\n")
	wantBody(t, b.do("GET", "/nosuch", ""), 404, "{\"error\":\"Not found\"}\n")
	wantBody(t, e.do("GET", "/nosuch", ""), 404, "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>The requested URL "+
		"was not found on the server. If you entered the URL manually please check your spelling and try again.</p>\n")
	wantBody(t, b.do("DELETE", "/auth", ""), 405, "<!doctype html>\n<html lang=en>\n<title>405 Method Not Allowed</title>\n<h1>Method Not Allowed</h1>\n"+
		"<p>The method is not allowed for the requested URL.</p>\n")
}

// thread is what the bench's randomness makes of threadid.
const thread = "71196611756224"

// C9, C7: an error has a whole code and a text, and no value.
func TestC9ErrorEnvelope(t *testing.T) {
	t.Parallel()
	b := newBench(t, ProfilePrivacyIDEA())
	b.route("POST", "/validate/check", func(context.Context, *Request) (Answer, error) {
		return Answer{Value: true}, fault.New(fault.UserNotFound)
	})
	a := b.do("POST", "/validate/check", "user=a")
	if strings.Contains(a.Body.String(), "value") || a.Code != 400 {
		t.Errorf("got %d %s", a.Code, a.Body)
	}
	if code, message, detail := errorOf(t, a); code != 904 || !strings.HasPrefix(message, "ERR904: ") || detail != nil {
		t.Errorf("got %s", a.Body)
	}
}

func TestC11Version(t *testing.T) {
	t.Parallel()
	b := newBench(t, ProfilePrivacyIDEA(), hardening("hide_version"))
	b.route("POST", "/auth", accept)
	b.route("GET", "/token/", accept)
	if a := b.do("POST", "/auth", "username=a"); strings.Contains(a.Body.String(), "version") {
		t.Errorf("shown to strangers: %s", a.Body)
	}
	if a := b.do("POST", "/auth", "{broken"); a.Code != 400 || strings.Contains(a.Body.String(), "version") {
		t.Errorf("shown to who sends what cannot be read: %d %s", a.Code, a.Body)
	}
	if a := b.do("GET", "/token/", "", "Authorization: admin"); !strings.Contains(a.Body.String(), `"versionnumber":"3.14"`) {
		t.Errorf("hidden from an administrator: %s", a.Body)
	}
}

func TestWhoMayCall(t *testing.T) {
	t.Parallel()
	missing := "Authentication failure. Missing Authorization header."
	role := "Authentication failure. You do not have the necessary role (%s) to access this resource!"
	tests := []struct {
		method, path, header string
		code                 int // 0: it is served
		message              string
		early                bool // the detail is null in privacyIDEA, too
	}{
		{"GET", "/token/", "", 4033, missing, true},
		{"GET", "/realm/", "", 4033, missing, true},
		{"GET", "/auth/rights", "", 4033, missing, false},
		{"POST", "/validate/triggerchallenge", "", 4033, missing, false},
		{"GET", "/token/", "Authorization: garbage", 4304, "", true},
		{"GET", "/token/", "Authorization:", 4304, "", true},
		{"GET", "/token/", "Authorization: expired", 4305, "", true},
		{"GET", "/realm/", "Authorization: user", 4306, fmt.Sprintf(role, "['admin']"), true},
		{"POST", "/token/set", "Authorization: user", 4306, fmt.Sprintf(role, "['admin']"), false},
		{"POST", "/validate/triggerchallenge", "Authorization: user", 4306, fmt.Sprintf(role, "['admin']"), false},
		{"GET", "/token/", "Authorization: validate", 4306, fmt.Sprintf(role, "['user', 'admin']"), true},
		{"GET", "/token/", "Authorization: user", 0, "", false},
		{"GET", "/token/", "authorization:admin", 0, "", false},
		{"GET", "/token/", "Authorization: Bearer admin", 0, "", false},
		{"GET", "/token/", "Authorization: bearer  admin", 0, "", false},
		{"POST", "/token/set", "Authorization: admin", 0, "", false},
		{"POST", "/validate/check", "Authorization: garbage", 0, "", false},
		{"POST", "/validate/check", "Authorization: expired", 0, "", false},
	}
	for _, p := range []*Profile{ProfilePrivacyIDEA(), ProfileEduMFA()} {
		for _, tt := range tests {
			b := newBench(t, p)
			b.route(tt.method, tt.path, accept)
			header := []string{tt.header}
			if tt.header == "" {
				header = nil
			}
			a := b.do(tt.method, tt.path, "", header...)
			if tt.code == 0 {
				if a.Code != 200 {
					t.Errorf("%s %+v: got %d %s", p.Name, tt, a.Code, a.Body)
				}
				continue
			}
			code, message, detail := errorOf(t, a)
			if a.Code != 401 || code != tt.code || tt.message != "" && message != tt.message {
				t.Errorf("%s %+v: got %d %s", p.Name, tt, a.Code, a.Body)
			}
			if null := tt.early || p.Product == EduMFA; (detail == nil) != null {
				t.Errorf("%s %+v: detail %v", p.Name, tt, detail)
			}
		}
	}
}

// C6: both headers of privacyIDEA, in their order.
func TestC6Headers(t *testing.T) {
	t.Parallel()
	b := newBench(t, ProfilePrivacyIDEA())
	b.route("GET", "/token/", accept)
	for header, want := range map[string]int{"PI-Authorization: admin|Authorization: garbage": 200, "PI-Authorization:|Authorization: admin": 200,
		"pi-authorization: garbage|Authorization: admin": 401, "PI-Authorization: admin": 200, "PI-Authorization:": 401} {
		if a := b.do("GET", "/token/", "", strings.Split(header, "|")...); a.Code != want {
			t.Errorf("%s: got %d", header, a.Code)
		}
	}
	e := newBench(t, ProfileEduMFA())
	e.route("GET", "/token/", accept)
	if a := e.do("GET", "/token/", "", "PI-Authorization: admin"); a.Code != 401 {
		t.Errorf("eduMFA knows one header only, got %d", a.Code)
	}
}

func TestAPIClient(t *testing.T) {
	t.Parallel()
	b := newBench(t, ProfilePrivacyIDEA())
	b.route("GET", "/validate/capabilities", func(_ context.Context, r *Request) (Answer, error) { return Answer{Value: r.Client}, nil })
	if a := b.do("GET", "/validate/capabilities", "", "X-API-Key: pi_1_x"); !strings.Contains(a.Body.String(), `"value":"client1"`) {
		t.Errorf("got %s", a.Body)
	}
	for _, key := range []string{"pi_1_y", ""} {
		a := b.do("GET", "/validate/capabilities", "", "X-API-Key: "+key)
		if code, _, detail := errorOf(t, a); a.Code != 401 || code != 4033 || !reflect.DeepEqual(detail, map[string]any{}) {
			t.Errorf("%q: got %d %s", key, a.Code, a.Body)
		}
	}
}

func TestMalformedRequests(t *testing.T) {
	t.Parallel()
	for _, p := range []*Profile{ProfilePrivacyIDEA(), ProfileEduMFA()} {
		b := newBench(t, p)
		b.server.MaxBody = 1000
		a := b.do("POST", "/validate/check", "{bad")
		if code, message, _ := errorOf(t, a); a.Code != 400 || code != 905 || !strings.HasPrefix(message, "ERR905: ") {
			t.Errorf("got %d %s", a.Code, a.Body)
		}
		a = b.do("POST", "/validate/check", strings.Repeat("x", 1001))
		if code, _, _ := errorOf(t, a); a.Code != 413 || code != 905 {
			t.Errorf("got %d %s", a.Code, a.Body)
		}
		// Whoever has to log in first learns that first.
		if a := b.do("POST", "/token/init", "{bad"); a.Code != 401 {
			t.Errorf("got %d %s", a.Code, a.Body)
		}
		if a := b.do("POST", "/token/load/x", strings.Repeat("x", 1001), "Authorization: admin"); a.Code == 413 {
			t.Errorf("an upload may be larger, got %s", a.Body)
		}
	}
}

func TestErrorsOfTheServer(t *testing.T) {
	t.Parallel()
	text := "500 Internal Server Error: The server encountered an internal error and was unable to complete your request. Either the server is " +
		"overloaded or there is an error in the application."
	for name, serve := range map[string]func(context.Context, *Request) (Answer, error){
		"error":      func(context.Context, *Request) (Answer, error) { return Answer{}, errors.New("sql: secret table") },
		"panic":      func(context.Context, *Request) (Answer, error) { panic("secret table") },
		"index":      func(_ context.Context, r *Request) (Answer, error) { return Answer{Value: []int{}[len(r.Params)]}, nil },
		"unwritable": func(context.Context, *Request) (Answer, error) { return Answer{Value: func() {}}, nil },
	} {
		b := newBench(t, ProfilePrivacyIDEA())
		b.route("POST", "/validate/check", serve)
		a := b.do("POST", "/validate/check", "user=a")
		if code, message, _ := errorOf(t, a); a.Code != 500 || code != -500 || message != text {
			t.Errorf("%s: got %d %s", name, a.Code, a.Body)
		}
		if !strings.Contains(b.log.String(), "level=ERROR") || !strings.Contains(b.log.String(), "case=5555-5555") {
			t.Errorf("%s: not in the log: %s", name, &b.log)
		}
		if name != "unwritable" && (len(b.trail.records) != 1 || b.trail.records[0].Success || b.trail.records[0].Reason != "internal") {
			t.Errorf("%s: trail %+v", name, b.trail.records)
		}
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	b := newBench(t, ProfilePrivacyIDEA())
	b.server.Timeout = time.Nanosecond
	b.route("POST", "/validate/check", func(ctx context.Context, _ *Request) (Answer, error) {
		<-ctx.Done()
		return Answer{}, fmt.Errorf("wait: %w", ctx.Err())
	})
	a := b.do("POST", "/validate/check", "user=a")
	if code, _, _ := errorOf(t, a); a.Code != 503 || code != 903 || a.Header().Get("Retry-After") == "" {
		t.Errorf("got %d %s", a.Code, a.Body)
	}
}

func TestErrorWithDetail(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		detail map[string]any
		want   string
	}{{map[string]any{"loginmode": "privacyIDEA"}, `"detail":{"loginmode":"privacyIDEA","threadid":` + thread + `}`},
		{map[string]any{}, `"detail":{}`}, {nil, `"detail":null`}} {
		b := newBench(t, ProfileEduMFA())
		b.route("POST", "/auth", func(context.Context, *Request) (Answer, error) {
			return Answer{}, &Failed{fault.New(fault.WrongCredentials), tt.detail}
		})
		if a := b.do("POST", "/auth", "username=a"); a.Code != 401 || !strings.Contains(a.Body.String(), tt.want) {
			t.Errorf("got %d %s, want %s", a.Code, a.Body, tt.want)
		}
	}
}

func hardening(action string) policy.Policy {
	return policy.Policy{Name: "h", Scope: policy.Hardening, Active: true, Actions: policy.ParseActions(action)}
}

func TestHardening(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		profile *Profile
		fault   fault.Kind
		policy  policy.Policy
		status  int
		code    int
	}{
		{ProfilePrivacyIDEA(), fault.TokenNotFound, hardening("hide_auth_error_status"), 401, 601},
		{ProfilePrivacyIDEA(), fault.TokenNotFound, hardening("hide_version"), 404, 601},
		{ProfilePrivacyIDEA(), fault.Busy, hardening("hide_auth_error_status"), 503, 903},
		{ProfileEduMFA(), fault.TokenNotFound, hardening("hide_auth_error_status"), 404, 601},
		{ProfilePrivacyIDEA(), fault.WrongCredentials, hideReason("a"), 401, 403},
		{ProfilePrivacyIDEA(), fault.UserUnknown, hideReason("a"), 401, 403},
		{ProfilePrivacyIDEA(), fault.WrongCredentials, hideReason("b"), 401, 4031},
		{ProfilePrivacyIDEA(), fault.TokenNotFound, hideReason("a"), 404, 601},
	} {
		b := newBench(t, x.profile, x.policy)
		b.route("POST", "/validate/check", func(context.Context, *Request) (Answer, error) { return Answer{}, fault.New(x.fault, "a@realm1") })
		a := b.do("POST", "/validate/check", "user=a")
		if code, message, _ := errorOf(t, a); a.Code != x.status || code != x.code || (code == 403) != (message == "Authentication failed.") {
			t.Errorf("%s %s: got %d %s", x.fault, x.policy.Actions, a.Code, a.Body)
		}
	}
}

func hideReason(user string) policy.Policy {
	return policy.Policy{Name: "h", Scope: policy.Authentication, Active: true, Users: []string{user}, Actions: policy.ParseActions("hide_specific_error_message")}
}

func TestHEADandOPTIONS(t *testing.T) {
	t.Parallel()
	b := newBench(t, ProfilePrivacyIDEA())
	b.route("GET", "/defaultrealm", accept)
	if a := b.do("HEAD", "/defaultrealm", "", "Authorization: admin"); a.Code != 200 || a.Body.Len() != 0 || a.Header().Get("Content-Length") == "0" {
		t.Errorf("got %d %q %v", a.Code, a.Body, a.Header())
	}
	if a := b.do("HEAD", "/defaultrealm", ""); a.Code != 401 || a.Body.Len() != 0 {
		t.Errorf("got %d %q", a.Code, a.Body)
	}
	a := b.do("OPTIONS", "/token/init", "")
	if a.Code != 204 || a.Body.Len() != 0 || a.Header().Get("Allow") != "OPTIONS, DELETE, POST" {
		t.Errorf("got %d %q %v", a.Code, a.Body, a.Header())
	}
	if a := b.do("OPTIONS", "/nosuch", ""); a.Code != 404 {
		t.Errorf("got %d", a.Code)
	}
	if len(b.trail.records) != 1 {
		t.Errorf("the trail has %+v", b.trail.records)
	}
}

func TestRedirect(t *testing.T) {
	t.Parallel()
	b := newBench(t, ProfilePrivacyIDEA())
	a := b.do("GET", "/token?user=%3Cb%3E&x=1", "")
	if a.Code != 308 || a.Header().Get("Location") != "http://example.com/token/?user=%3Cb%3E&x=1" || a.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("got %d %v", a.Code, a.Header())
	}
	b.server.Base = func(*http.Request) string { return "https://mfa.example.org" }
	if a := b.do("GET", "/realm", ""); a.Header().Get("Location") != "https://mfa.example.org/realm/" {
		t.Errorf("got %v", a.Header())
	}
}

func TestNotFoundForBrowsers(t *testing.T) {
	t.Parallel()
	b := newBench(t, ProfilePrivacyIDEA())
	for _, tt := range []struct {
		method, path, accept string
		want                 int
	}{
		{"GET", "/page", "text/html,application/xhtml+xml,*/*;q=0.8", 302}, {"GET", "/", "text/html", 404}, {"GET", "/page", "*/*", 404},
		{"GET", "/page", "application/json, text/html;q=0.9", 404}, {"GET", "/page", "", 404}, {"POST", "/page", "text/html", 404}, {"GET", "/static/x", "text/html", 404},
	} {
		if a := b.do(tt.method, tt.path, "", "Accept: "+tt.accept); a.Code != tt.want {
			t.Errorf("%+v: got %d", tt, a.Code)
		}
	}
	b.server.Pages = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "page") })
	if a := b.do("GET", "/", "", "Accept: text/html"); a.Code != 200 || a.Body.String() != "page" {
		t.Errorf("got %d %s", a.Code, a.Body)
	}
}

func TestSignedAnswers(t *testing.T) {
	t.Parallel()
	pemBytes, err := os.ReadFile("../envelope/testdata/test-only-key.pem")
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(pemBytes)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, ProfilePrivacyIDEA())
	b.server.SigningKey = key.(*rsa.PrivateKey)
	b.route("POST", "/validate/check", accept)
	b.route("GET", "/healthz/livez", accept)
	a := b.do("POST", "/validate/check", `{"nonce": [1, "x"]}`)
	if s := a.Body.String(); !strings.Contains(s, `"nonce": [1, "x"], `) || !strings.Contains(s, `"signature": "rsa_sha256_pss:`) || strings.HasSuffix(s, "\n") {
		t.Errorf("got %s", a.Body)
	}
	if a := b.do("GET", "/token/", ""); !strings.Contains(a.Body.String(), `"signature": "rsa_sha256_pss:`) {
		t.Errorf("errors are signed, too: %s", a.Body)
	}
	if a := b.do("GET", "/healthz/livez", ""); strings.Contains(a.Body.String(), "signature") || strings.Contains(a.Body.String(), "version") {
		t.Errorf("got %s", a.Body)
	}
	if a := b.do("GET", "/nosuch", ""); strings.Contains(a.Body.String(), "signature") {
		t.Errorf("got %s", a.Body)
	}
}

func TestRawAnswers(t *testing.T) {
	t.Parallel()
	b := newBench(t, ProfilePrivacyIDEA())
	b.route("POST", "/validate/radiuscheck", func(context.Context, *Request) (Answer, error) {
		return Answer{Status: 204, Raw: &Raw{Type: "text/plain"}}, nil
	})
	b.route("GET", "/audit/<csvfile>", func(_ context.Context, r *Request) (Answer, error) {
		h := http.Header{"Content-Disposition": {"attachment; filename=" + r.Path["csvfile"]}}
		return Answer{Header: h, Raw: &Raw{Type: "text/csv", Stream: func(w io.Writer) error {
			_, err := io.WriteString(w, "'1'\n")
			return err
		}}}, nil
	})
	if a := b.do("POST", "/validate/radiuscheck", "user=a"); a.Code != 204 || a.Body.Len() != 0 || a.Header().Get("Content-Type") != "text/plain" {
		t.Errorf("got %d %s %v", a.Code, a.Body, a.Header())
	}
	a := b.do("GET", "/audit/a.csv", "", "Authorization: admin")
	if a.Code != 200 || a.Body.String() != "'1'\n" || a.Header().Get("Content-Disposition") != "attachment; filename=a.csv" {
		t.Errorf("got %d %s %v", a.Code, a.Body, a.Header())
	}
}

func TestTrail(t *testing.T) {
	t.Parallel()
	b := newBench(t, ProfilePrivacyIDEA())
	b.route("DELETE", "/token/<serial>", func(_ context.Context, r *Request) (Answer, error) {
		r.Session.Record.Detail = "gone"
		return Answer{Value: 1}, nil
	})
	b.route("POST", "/token/set", func(context.Context, *Request) (Answer, error) {
		return Answer{}, fault.New(fault.ParameterMissing, "x")
	})
	b.route("POST", "/validate/check", func(context.Context, *Request) (Answer, error) { return Answer{Value: false}, nil })
	b.route("GET", "/healthz/livez", accept)
	b.do("DELETE", "/token/X1", "", "Authorization: admin", "User-Agent: PAM/1.0")
	b.do("POST", "/token/set", "serial=X2", "Authorization: admin")
	b.do("POST", "/token/set", "serial=X2", "Authorization: user")
	b.do("POST", "/validate/check", "user=Cornelius@realm2&pass=secret")
	b.do("GET", "/healthz/livez", "")
	b.do("GET", "/token/", "")
	b.do("GET", "/nosuch", "")
	got := b.trail.records
	want := []audit.Record{
		{Action: "DELETE /token/<serial>", Success: true, Serial: "X1", Administrator: "root", Agent: "PAM", AgentVersion: "1.0", Detail: "gone"},
		{Action: "POST /token/set", Serial: "X2", Administrator: "root", Reason: "ParameterMissing", Args: []any{"x"}},
		{Action: "POST /token/set", Serial: "X2", User: "cornelius", Realm: "realm2", Resolver: "reso1", Reason: "RoleMissing", Args: []any{[]string{"admin"}}},
		{Action: "POST /validate/check", Success: true, User: "Cornelius", Realm: "realm2"},
	}
	for i := range want {
		want[i].Case, want[i].Started, want[i].Ended, want[i].Client = "5555-5555", testTime, testTime, "192.0.2.1"
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if strings.Contains(fmt.Sprint(got), "secret") || strings.Contains(b.log.String(), "secret") {
		t.Error("a password is in the trail or the log")
	}
}

func TestOriginOfASession(t *testing.T) {
	t.Parallel()
	b := newBench(t, ProfilePrivacyIDEA())
	var origin token.Origin
	b.route("POST", "/validate/check", func(_ context.Context, r *Request) (Answer, error) {
		origin = r.Session.Origin
		if r.Session.Record.User != "cornelius" {
			t.Errorf("got %+v", r.Session.Record)
		}
		return Answer{}, fault.New(fault.Busy)
	})
	b.do("POST", "/validate/check", "user=cornelius&pass=geheim&x=1", "X-Special: yes", "User-Agent: PAM/1 rest")
	if len(b.trail.records) != 1 || b.trail.records[0].Reason != "Busy" {
		t.Errorf("got %v", b.trail.records)
	}
	if origin.Action != "POST /validate/check" || origin.Case != "5555-5555" || origin.UserAgent != "PAM/1 rest" || origin.Client != "192.0.2.1" {
		t.Errorf("got %+v", origin)
	}
	q := origin.Request
	if v, ok := q.Header("x-SPECIAL"); !ok || v != "yes" {
		t.Error("header")
	}
	if _, ok := q.Parameter("pass"); ok {
		t.Error("conditions must not see the password")
	}
	if v, ok := q.Parameter("x"); !ok || v != "1" {
		t.Error("parameter")
	}
	for name, want := range map[string]string{"REQUEST_METHOD": "POST", "PATH_INFO": "/validate/check", "HTTP_X_SPECIAL": "yes", "REMOTE_ADDR": "192.0.2.1", "SERVER_NAME": "example.com"} {
		if v, ok := q.Environment(name); !ok || v != want {
			t.Errorf("%s: got %q", name, v)
		}
	}
	if _, ok := q.Environment("HOME"); ok {
		t.Error("only the request's environment is shown")
	}
}

// Hostile input never looks like the server's own mistake.
func TestWalk(t *testing.T) {
	t.Parallel()
	for _, p := range []*Profile{ProfilePrivacyIDEA(), ProfileEduMFA()} {
		for _, who := range []string{"admin", "user", "garbage"} {
			t.Run(p.Name+" "+who, func(t *testing.T) {
				t.Parallel()
				b := newBench(t, p)
				b.server.Routes = Routes()
				var targets []apitest.Target
				for i := range b.server.Routes {
					r := &b.server.Routes[i]
					r.Serve = readEverything
					if r.Only == Both || r.Only == p.Product {
						targets = append(targets, apitest.Target{Method: r.Method, Path: r.Path})
					}
				}
				// What differs by profile and caller is settled before a route is served.
				if who != "admin" || p.Product != PrivacyIDEA {
					targets = targets[:8]
				}
				b.server.Log = slog.New(slog.DiscardHandler)
				h, err := b.server.Handler()
				if err != nil {
					t.Fatal(err)
				}
				apitest.Walk(t, h, targets, http.Header{"Authorization": {who}})
			})
		}
	}
}

// readEverything reads each parameter in each way a route may.
func readEverything(_ *Server, ctx context.Context, r *Request) (Answer, error) {
	var faults []error
	for name := range r.Params {
		_, _, err := r.Text(name)
		_, err2 := r.Int(name, 0)
		_, _, err3 := r.List(name)
		_, _, err4 := r.Object(name)
		_, _, err5 := r.Scalar(name)
		_, err6 := r.Require(name)
		r.True(name)
		faults = append(faults, err, err2, err3, err4, err5, err6)
	}
	if _, err := r.User(ctx); err != nil {
		return Answer{}, err
	}
	for _, err := range faults {
		if err != nil && fault.Of(err) == nil {
			return Answer{}, err
		}
	}
	return Answer{ID: 2, Value: true, Detail: map[string]any{"serial": r.Params["serial"]}}, nil
}
