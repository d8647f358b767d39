package race

import (
	"database/sql"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	_ "modernc.org/sqlite" // to look at the file beside the server

	"symbolon/internal/api/apitest"
	"symbolon/internal/api/privacyidea"
)

// guarded takes one request after the other to a server and wants refused ones
// to have done nothing: the same tokens and definitions at the same versions
// before and after.
type guarded struct {
	t    *testing.T
	next http.Handler
	file *sql.DB

	mu      sync.Mutex
	refused int
}

// state is what only an accepted request may change.
const state = `SELECT count(*) || ' tokens ' || coalesce(sum(version), 0) || ' ' || coalesce(sum(counter), 0) || ' ' ||
	(SELECT count(*) || ' infos' FROM token_info) || ' ' || (SELECT count(*) || ' realms' FROM token_realm) || ' ' ||
	(SELECT count(*) || ' definitions' FROM definition) || ' ' || (SELECT version FROM definition_version) FROM token_state`

func (g *guarded) state() (text string) {
	if err := g.file.QueryRow(state).Scan(&text); err != nil {
		g.t.Error(err)
	}
	return text
}

// ServeHTTP implements http.Handler.
func (g *guarded) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	before := g.state()
	a := httptest.NewRecorder()
	g.next.ServeHTTP(a, r)
	if a.Code >= http.StatusBadRequest {
		g.refused++
		if after := g.state(); after != before {
			g.t.Errorf("%s %.100s was refused (%d), and yet %s became %s", r.Method, r.URL.Path, a.Code, before, after)
		}
	}
	for name, values := range a.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(a.Code)
	w.Write(a.Body.Bytes())
}

// TestHostileRequests sends what no honest client sends to every route of both
// products, as an administrator, as a user and as nobody.
func TestHostileRequests(t *testing.T) {
	t.Parallel()
	for _, profile := range []string{"privacyidea", "edumfa"} {
		t.Run(profile, func(t *testing.T) {
			t.Parallel()
			hostile(t, profile)
		})
	}
}

// target is a server that is walked over.
type target struct {
	*client
	guard *guarded
	log   *lockedBuffer
}

func newTarget(t *testing.T, profile string) *target {
	log := &lockedBuffer{}
	p, data := parts(t, profile, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelError})))
	file, err := sql.Open("sqlite", "file:"+filepath.Join(data, "symbolon.db")+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	file.SetMaxOpenConns(1)
	server := httptest.NewServer(p.HTTP)
	t.Cleanup(server.Close)
	c := newClient(t, server.URL)
	c.realm(t.TempDir())
	return &target{c, &guarded{t: t, next: p.HTTP, file: file}, log}
}

func hostile(t *testing.T, profile string) {
	only := privacyidea.PrivacyIDEA
	if profile == "edumfa" {
		only = privacyidea.EduMFA
	}
	var at *target
	refused, walked, every := 0, 0, max(1, 100/percent())
	for i, r := range privacyidea.Routes() {
		if r.Only != privacyidea.Both && r.Only != only || i%every != 0 {
			continue
		}
		if at == nil {
			at = newTarget(t, profile)
		}
		at.fixture()
		header := http.Header{"Authorization": {at.jwt}}
		switch {
		case r.Access == privacyidea.Anonymous:
			header = nil
		case r.Access == privacyidea.UserOrAdmin && i%3 == 0:
			header = http.Header{"Authorization": {at.signIn("cornelius", "test")}}
		}
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			apitest.Walk(t, at.guard, []apitest.Target{{Method: r.Method, Path: strings.ReplaceAll(r.Path, "<string:", "<")}}, header)
		})
		if text := at.log.String(); text != "" {
			t.Fatalf("%s %s: the log says %.2000s", r.Method, r.Path, text)
		}
		walked++
		refused += at.guard.refused
		at.guard.refused = 0
		if configures(r) {
			at.reads(r)
			at = nil // who may do what is not known any more
		}
	}
	if refused < 10*walked {
		t.Errorf("%d of the requests to %d routes were refused: nothing was tested", refused, walked)
	}
}

// configures reports whether a route may change the rights or realms that the
// walk over the others needs.
func configures(r privacyidea.Route) bool {
	first, _, _ := strings.Cut(r.Path[1:], "/")
	return r.Method != http.MethodGet && strings.Contains("policy system realm defaultrealm resolver", first)
}

// reads wants what was stored to be readable, or its reader to hear that he has
// no right.
func (c *target) reads(r privacyidea.Route) {
	c.t.Helper()
	for _, path := range []string{"/token/", "/policy/", "/realm/", "/resolver/", "/system/", "/audit/", "/user/", "/policy/defs"} {
		if a := c.do("GET", path, nil); a.status >= 500 {
			c.t.Errorf("after %s %s, GET %s: %v", r.Method, r.Path, path, a)
		}
	}
	if a := c.check(url.Values{"user": {"cornelius"}, "pass": {"000000"}}); a.status >= 500 {
		c.t.Errorf("after %s %s, a login: %v", r.Method, r.Path, a)
	}
	if text := c.log.String(); text != "" {
		c.t.Errorf("after %s %s, the log says %.2000s", r.Method, r.Path, text)
	}
}

// fixture puts back what the last route may have taken away.
func (c *target) fixture() {
	c.t.Helper()
	for _, form := range []url.Values{{"serial": {"X1"}, "user": {"cornelius"}, "realm": {"realm1"}, "pin": {"1"}}, {"serial": {"X2"}}, {"serial": {"x"}}} {
		c.do("DELETE", "/token/"+form.Get("serial"), nil)
		form.Set("type", "hotp")
		form.Set("genkey", "1")
		c.must("POST", "/token/init", form)
	}
}

// signIn returns a user's token.
func (c *client) signIn(name, password string) string {
	c.t.Helper()
	a := c.must("POST", "/auth", url.Values{"username": {name}, "password": {password}, "realm": {"realm1"}})
	jwt, _ := a.value("token").(string)
	return jwt
}
