package manage_test

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"symbolon/internal/audit"
	"symbolon/internal/authn"
	"symbolon/internal/fault"
	"symbolon/internal/heavy"
	"symbolon/internal/keyring"
	"symbolon/internal/manage"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/resolver/passwd"
	"symbolon/internal/secret"
	"symbolon/internal/site"
	"symbolon/internal/site/sitetest"
	"symbolon/internal/store"
	"symbolon/internal/token"
)

// office is a real server without its wire: a database, keys, users in a file.
// It begins with the resolver reso1 and the default realm realm1.
type office struct {
	t      *testing.T
	engine *authn.Engine
	store  *store.Store
	ring   *keyring.Ring
	file   string // of users
	now    time.Time

	mu sync.Mutex
	// overtake is done once, between the next decision and its commit.
	overtake func()
}

// noRequest stands for an HTTP request.
type noRequest struct{}

func (noRequest) Header(string) (string, bool)      { return "", false }
func (noRequest) Environment(string) (string, bool) { return "", false }
func (noRequest) Parameter(string) (any, bool)      { return nil, false }

// racing lets another request finish before a commit.
type racing struct {
	*store.Store
	office *office
}

func (r racing) Commit(ctx context.Context, c token.Commit) error {
	r.office.mu.Lock()
	other := r.office.overtake
	r.office.overtake = nil
	r.office.mu.Unlock()
	if other != nil {
		other()
	}
	return r.Store.Commit(ctx, c)
}

// gossip is a store of one user, which tells his password, or which fails.
type gossip struct{ broken bool }

func (gossip) Find(context.Context, string) (id, primary string, ok bool, err error) { return }
func (gossip) Info(context.Context, string) (info realm.Info, ok bool, err error)    { return }
func (gossip) CheckPassword(context.Context, string, secret.Bytes) (bool, error)     { return false, nil }
func (gossip) Editable() bool                                                        { return true }
func (g gossip) List(context.Context, map[string]string) ([]realm.Info, error) {
	if g.broken {
		return nil, errors.New("broken")
	}
	return []realm.Info{{"username": "anna", "userid": "1", "password": "hush", "cryptpass": "hush"}}, nil
}

func open(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, now: time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC), file: filepath.Join(t.TempDir(), "passwd")}
	if err := os.WriteFile(o.file, []byte(sitetest.Passwd), 0o600); err != nil {
		t.Fatal(err)
	}
	var err error
	o.store, err = store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "db"), Node: "node1", NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.store.Close() })
	if o.ring, err = keyring.New(keyring.Options{Cost: keyring.Cost{Memory: 8, Time: 1, Threads: 1}}); err != nil {
		t.Fatal(err)
	}
	pool := heavy.New(0)
	holder := site.NewHolder(site.Factory{Node: "node1", Attributes: o.store.Attributes,
		Types: map[string]site.Maker{passwd.Type: func(r site.Resolver) (realm.Resolver, error) {
			return passwd.New(r.Params, passwd.Options{Pool: pool}), nil
		}, "sqlresolver": func(site.Resolver) (realm.Resolver, error) { return gossip{}, nil },
			"ldapresolver": func(site.Resolver) (realm.Resolver, error) { return gossip{broken: true}, nil }},
		Policies: func(ps []policy.Policy) *policy.Snapshot { s, _ := policy.Compile(ps, nil); return s }})
	o.engine = &authn.Engine{Store: racing{o.store, o}, Site: holder.Load, Vault: o.ring, Types: token.Registry{},
		Reload: func(ctx context.Context) error { return holder.Reload(ctx, o.store) },
		Rules:  authn.PrivacyIDEA(), Node: "node1", Now: func() time.Time { return o.now }, Rand: rand.Reader}
	if err := holder.Reload(t.Context(), o.store); err != nil {
		t.Fatal(err)
	}
	o.resolver("reso1", "fileName", o.file)
	o.realm("realm1", "reso1")
	return o
}

func (o *office) as(a realm.Actor) *authn.Session {
	return o.engine.Begin(token.Origin{Case: "C1", Action: "TEST", Client: "127.0.0.1", Actor: a, Request: noRequest{}})
}

// console is who sits at the machine.
func (o *office) console() *authn.Session {
	return o.engine.Begin(token.Origin{Action: "console", Actor: realm.Actor{Role: realm.Admin}})
}

// admin is a local administrator.
func (o *office) admin() *authn.Session { return o.as(realm.Actor{Role: realm.Admin, Login: "admin"}) }

// helper is an administrator out of a realm.
func (o *office) helper() *authn.Session {
	return o.as(realm.Actor{Role: realm.Admin, Login: "hans", Realm: "helpdesk", User: realm.User{Login: "hans", Realm: "helpdesk", Resolver: "reso1", ID: "1002"}})
}

// user is a user of realm1.
func (o *office) user(login, id string) *authn.Session {
	return o.as(realm.Actor{Role: realm.Owner, Login: login, Realm: "realm1", User: realm.User{Login: login, Realm: "realm1", Resolver: "reso1", ID: id}})
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) resolver(name, key, value string) {
	o.t.Helper()
	_, err := manage.SetResolver(o.t.Context(), o.console(), manage.ResolverInput{Name: name, Type: text("passwdresolver"), Params: map[string]string{key: value}})
	o.must(err)
}

func (o *office) realm(name string, resolvers ...string) {
	o.t.Helper()
	_, err := manage.SetRealm(o.t.Context(), o.console(), manage.RealmInput{Name: name, Resolvers: resolvers})
	o.must(err)
}

func (o *office) desk() manage.PolicyDesk {
	return manage.PolicyDesk{Catalogue: policy.NewCatalogue(policy.PrivacyIDEA, nil), AdminRealms: []string{"helpdesk", "super"}, Rules: manage.PrivacyIDEA()}
}

func (o *office) edumfa() manage.PolicyDesk {
	return manage.PolicyDesk{Catalogue: policy.NewCatalogue(policy.EduMFA, nil), Rules: manage.EduMFA()}
}

// policy writes a policy; change, when not nil, restricts it.
func (o *office) policy(name, scope, action string, change func(*manage.PolicyText)) {
	o.t.Helper()
	p := manage.PolicyText{Name: name, Scope: &scope, Action: &action}
	if change != nil {
		change(&p)
	}
	_, err := manage.SetPolicy(o.t.Context(), o.console(), o.desk(), p)
	o.must(err)
}

// token stores a token; owner may be nobody.
func (o *office) token(id token.ID, owner token.Owner, realms ...string) {
	o.t.Helper()
	slices.Sort(realms)
	t := token.Token{ID: id, Serial: "T" + string(rune('0'+id)), Type: "hotp", Owner: owner, Realms: realms,
		Standing: token.Standing{Active: true, MaxFailures: 10}}
	o.must(o.store.Commit(o.t.Context(), token.Commit{Changes: []token.Change{token.Create{Token: t}}}))
}

// last is the newest record.
func (o *office) last() audit.Record {
	o.t.Helper()
	rows, _, err := o.store.Records(o.t.Context(), audit.Query{Limit: 1})
	o.must(err)
	if len(rows) == 0 {
		o.t.Fatal("no record")
	}
	return rows[0].Record
}

func text(s string) *string { return &s }

func bytes(s string) *secret.Bytes { b := secret.Text(s); return &b }

// isFault tests that err is a fault of this kind and with these arguments.
func isFault(t *testing.T, err error, k fault.Kind, args ...any) {
	t.Helper()
	f := fault.Of(err)
	if f == nil || f.Kind != k {
		t.Fatalf("got %v, want fault %v", err, k)
	}
	if len(args) == 0 {
		return
	}
	if want := fault.New(k, args...); want.Error() != f.Error() {
		t.Fatalf("got %v, want %v", f, want)
	}
}
