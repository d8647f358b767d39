package privacyidea

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"symbolon/internal/audit"
	"symbolon/internal/authn"
	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/secret"
	"symbolon/internal/setting"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// directory knows cornelius in realm1 and realm2.
type directory struct{ realm.Directory }

func (directory) Find(_ context.Context, login, realmName, resolver string) (realm.User, error) {
	u := realm.User{Login: login, Realm: realmName}
	switch {
	case resolver != "" && resolver != "reso1":
		return u, fault.New(fault.ResolverUnknown, resolver)
	case login == "broken":
		return u, errors.New("dial tcp 10.0.0.1: secret internals")
	case login == "cornelius" && (realmName == "realm1" || realmName == "realm2"):
		u.Resolver, u.ID = "reso1", "1000"
	}
	return u, nil
}

func (directory) CheckPassword(context.Context, realm.User, secret.Bytes) (bool, error) {
	return false, nil
}

func testSite() *site.Site {
	return &site.Site{Realms: map[string]site.Realm{"realm1": {Name: "realm1"}, "realm2": {Name: "realm2"}}, Default: "realm1",
		Settings: setting.Settings{}, Users: directory{}}
}

// trail is a store that nothing but records reaches.
type trail struct {
	authn.Store
	mu      sync.Mutex
	records []audit.Record
}

func (t *trail) TokenBySerial(context.Context, string) (*token.Token, error) {
	return nil, fault.New(fault.TokenNotFound)
}

func (t *trail) Append(r audit.Record) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.records = append(t.records, r)
}

func verify(_ context.Context, jwt string) (realm.Actor, error) {
	switch jwt {
	case "admin":
		return realm.Actor{Role: realm.Admin, Login: "root"}, nil
	case "user":
		return realm.Actor{Role: realm.Owner, Login: "cornelius",
			User: realm.User{Login: "cornelius", Realm: "realm2", Resolver: "reso1", ID: "1000"}}, nil
	case "validate":
		return realm.Actor{Role: "validate"}, nil
	case "expired":
		return realm.Actor{}, fault.New(fault.JWTExpired)
	}
	return realm.Actor{}, fault.New(fault.JWTUndecodable, "Not enough segments")
}

var testTime = time.UnixMicro(1795288448237890).UTC()

// fixed is a source of random bytes that are all the same.
type fixed byte

func (f fixed) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(f)
	}
	return len(b), nil
}

type bench struct {
	*testing.T
	server Server
	trail  trail
	log    bytes.Buffer
}

func newBench(t *testing.T, p *Profile, policies ...policy.Policy) *bench {
	b := &bench{T: t}
	st := testSite
	if len(policies) > 0 {
		st = func() *site.Site {
			st := testSite()
			st.Policies, _ = policy.Compile(policies, policy.NewCatalogue(string(p.Product), nil))
			return st
		}
	}
	b.server = Server{Profile: p, Site: st, Verify: verify, Rand: fixed(3),
		Begin: (&authn.Engine{Store: &b.trail, Site: st, Rules: p.Rules, Now: func() time.Time { return testTime }}).Begin,
		Now:   func() time.Time { return testTime }, Log: slog.New(slog.NewTextHandler(&b.log, nil)),
		Client: func(_ context.Context, key string) (string, bool) { return "client1", key == "pi_1_x" }}
	return b
}

// route replaces what is served at a path.
func (b *bench) route(method, path string, h func(ctx context.Context, r *Request) (Answer, error)) {
	if b.server.Routes == nil {
		b.server.Routes = Routes()
	}
	for i := range b.server.Routes {
		if r := &b.server.Routes[i]; r.Method == method && r.Path == path {
			r.Serve = func(_ *Server, ctx context.Context, req *Request) (Answer, error) { return h(ctx, req) }
			return
		}
	}
	b.Fatalf("no route %s %s", method, path)
}

// do sends a request; header lines are "Name: value".
func (b *bench) do(method, target, body string, header ...string) *httptest.ResponseRecorder {
	b.Helper()
	h, err := b.server.Handler()
	if err != nil {
		b.Fatal(err)
	}
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if strings.HasPrefix(body, "{") {
		r.Header.Set("Content-Type", "application/json")
	} else if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ":")
		r.Header.Add(name, strings.TrimSpace(value))
	}
	a := httptest.NewRecorder()
	h.ServeHTTP(a, r)
	return a
}

func wantBody(t *testing.T, a *httptest.ResponseRecorder, status int, body string) {
	t.Helper()
	if a.Code != status || a.Body.String() != body {
		t.Errorf("got %d %s\nwant %d %s", a.Code, a.Body, status, body)
	}
}

// errorOf returns code, message and detail of an error.
func errorOf(t *testing.T, a *httptest.ResponseRecorder) (code int, message string, detail any) {
	t.Helper()
	var b struct {
		Detail any
		Result struct {
			Error struct {
				Code    int
				Message string
			}
		}
	}
	if err := json.Unmarshal(a.Body.Bytes(), &b); err != nil {
		t.Fatalf("%s: %v", a.Body, err)
	}
	return b.Result.Error.Code, b.Result.Error.Message, b.Detail
}

func TestHandlerRefusesBadTables(t *testing.T) {
	t.Parallel()
	serve := (*Server).auth
	for name, routes := range map[string][]Route{
		"twice":      {{Method: "GET", Path: "/a/<b>", Serve: serve}, {Method: "GET", Path: "/a/<c>", Serve: serve}},
		"no handler": {{Method: "GET", Path: "/a"}},
		"no slash":   {{Method: "GET", Path: "a", Serve: serve}},
	} {
		b := newBench(t, ProfilePrivacyIDEA())
		b.server.Routes = routes
		if _, err := b.server.Handler(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := (&Server{}).Handler(); err == nil {
		t.Error("missing fields: no error")
	}
}

func TestCaseNumber(t *testing.T) {
	t.Parallel()
	b := newBench(t, ProfilePrivacyIDEA())
	a := b.do("GET", "/nosuch", "")
	if got := a.Header().Get("Symbolon-Case"); got != "5555-5555" {
		t.Errorf("got %q", got)
	}
	if !strings.Contains(b.log.String(), "case=5555-5555") {
		t.Errorf("not in the log: %s", &b.log)
	}
	if strings.ContainsAny(caseAlphabet, "01IO") || len(caseAlphabet) != 32 {
		t.Error("the alphabet has characters that are mistaken for each other")
	}
}

func TestAnswerHeaders(t *testing.T) {
	t.Parallel()
	a := newBench(t, ProfilePrivacyIDEA()).do("POST", "/validate/check", "user=a")
	for name, want := range map[string]string{"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff",
		"X-Frame-Options": "DENY", "Content-Type": "application/json", "Strict-Transport-Security": ""} {
		if got := a.Header().Get(name); got != want {
			t.Errorf("%s: got %q", name, got)
		}
	}
	secure := newBench(t, ProfilePrivacyIDEA()).do("GET", "https://host/realm", "")
	if secure.Header().Get("Strict-Transport-Security") == "" || secure.Header().Get("Location") != "https://host/realm/" {
		t.Errorf("got %v", secure.Header())
	}
}
