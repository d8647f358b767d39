package authn_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"symbolon/internal/audit"
	"symbolon/internal/authn"
	"symbolon/internal/keyring"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/secret"
	"symbolon/internal/site"
	"symbolon/internal/site/sitetest"
	"symbolon/internal/store"
	"symbolon/internal/token"
	"symbolon/internal/tokentype"
	"symbolon/protocol/otp"
)

// world is an engine on a real store, with tokens of known seeds and a clock of
// its own.
type world struct {
	*authn.Engine
	t     testing.TB
	store *overtaken
	site  atomic.Pointer[site.Site]
	ring  *keyring.Ring
	now   atomic.Int64
	next  atomic.Int64
}

// overtaken lets a test be faster than a request: before runs between a decision
// and its commit, once.
type overtaken struct {
	*store.Store
	before func()
}

func (o *overtaken) Commit(ctx context.Context, c token.Commit) error {
	if f := o.before; f != nil {
		o.before = nil
		f()
	}
	return o.Store.Commit(ctx, c)
}

func newWorld(t testing.TB, rules authn.Rules, policies ...policy.Policy) *world {
	t.Helper()
	w := &world{t: t}
	w.now.Store(time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC).Unix())
	st, err := store.Open(context.Background(), store.Options{Path: filepath.Join(t.TempDir(), "test.db"), Node: "n1", NoSync: true, Now: w.time})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	w.ring, err = keyring.New(keyring.Options{Rand: rand.Reader, Cost: keyring.Cost{Memory: 8, Time: 1, Threads: 1}})
	if err != nil {
		t.Fatal(err)
	}
	w.store = &overtaken{Store: st}
	types := token.Registry{}
	types.Register(tokentype.All()...)
	w.configure(nil, policies...)
	w.Engine = &authn.Engine{Store: w.store, Site: w.site.Load, Vault: w.ring, Types: types, Rules: rules, Node: "n1",
		Now: w.time, Rand: rand.Reader, Admins: noAdmins{}}
	return w
}

type noAdmins struct{}

func (noAdmins) AdminByPassword(_ context.Context, _ *site.Site, name string, p secret.Bytes) (bool, error) {
	return name == "admin" && p.RevealText() == "test", nil
}

// configure swaps policies and settings.
func (w *world) configure(settings map[string]string, policies ...policy.Policy) {
	w.t.Helper()
	for i := range policies {
		policies[i].ID, policies[i].Active = int64(i+1), true
		if policies[i].Priority == 0 {
			policies[i].Priority = 1
		}
	}
	compile := func(ps []policy.Policy) *policy.Snapshot {
		s, _ := policy.Compile(ps, policy.NewCatalogue("privacyidea", nil))
		return s
	}
	options := []sitetest.Option{sitetest.Policies(compile, policies...)}
	for k, v := range settings {
		options = append(options, sitetest.Setting(k, v))
	}
	w.site.Store(sitetest.New(w.t, options...))
}

func pol(name string, scope policy.Scope, actions string) policy.Policy {
	return policy.Policy{Name: name, Scope: scope, Actions: policy.ParseActions(actions)}
}

func (w *world) time() time.Time         { return time.Unix(w.now.Load(), 0).UTC() }
func (w *world) advance(d time.Duration) { w.now.Add(int64(d / time.Second)) }

var hans = realm.User{Login: "hans", Realm: "realm1", Resolver: "reso1", ID: "1002"}

func seed(serial string) []byte { return []byte(fmt.Sprintf("%-20s", serial)) }

// add stores a token of hans.
func (w *world) add(typ, serial, pin string, change ...func(*token.Token)) token.Token {
	w.t.Helper()
	ctx := context.Background()
	t := token.Token{ID: token.ID(w.next.Add(1)), Serial: serial, Type: typ, Owner: token.OwnerOf(hans), Realms: []string{"realm1"},
		Digits: 6, Window: 10, SyncWindow: 1000, Info: map[string]token.Entry{}, Standing: token.Standing{Active: true, MaxFailures: 10}}
	var err error
	if t.Sealed, err = w.ring.Seal(&t, secret.New(seed(serial))); err != nil {
		w.t.Fatal(err)
	}
	if t.PINHash, err = w.ring.HashPIN(ctx, &t, secret.Text(pin)); err != nil {
		w.t.Fatal(err)
	}
	for _, f := range change {
		f(&t)
	}
	if err := w.store.Store.Commit(ctx, token.Commit{Changes: []token.Change{token.Create{Token: t}}}); err != nil {
		w.t.Fatal(err)
	}
	return t
}

func (w *world) get(serial string) *token.Token {
	w.t.Helper()
	t, err := w.store.TokenBySerial(context.Background(), serial)
	if err != nil {
		w.t.Fatal(err)
	}
	return t
}

func (w *world) commit(changes ...token.Change) {
	w.t.Helper()
	if err := w.store.Store.Commit(context.Background(), token.Commit{Changes: changes}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) begin() *authn.Session {
	return w.Begin(token.Origin{Action: "POST /validate/check", Client: "10.0.0.1", Started: w.time()})
}

// check asks for a password of hans.
func (w *world) check(password string) (authn.Answer, error) {
	return w.begin().Check(context.Background(), authn.Request{User: hans, Password: password})
}

func (w *world) answer(transaction, password string) (authn.Answer, error) {
	return w.begin().Check(context.Background(), authn.Request{User: hans, Password: password, Transaction: transaction})
}

// code is the HOTP value of a serial's seed.
func code(serial string, counter int64) string {
	g, err := otp.NewGenerator(seed(serial), otp.SHA1, 6)
	if err != nil {
		panic(err)
	}
	return g.Code(counter)
}

func (w *world) want(a authn.Answer, err error, o authn.Outcome, r authn.Reason) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	if a.Outcome != o || a.Reason != r {
		w.t.Fatalf("got %v %q %v, want %v %q", a.Outcome, a.Reason, a.Args, o, r)
	}
}

func (w *world) records() []audit.Row {
	w.t.Helper()
	rows, _, err := w.store.Records(context.Background(), audit.Query{Ascending: true})
	if err != nil {
		w.t.Fatal(err)
	}
	return rows
}
