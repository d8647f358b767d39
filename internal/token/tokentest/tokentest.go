// Package tokentest gives tests a Case to decide in: tokens and challenges in
// memory, a clock that stands, randomness that repeats, a vault that hides
// nothing, settings and policies at will. It keeps the conditions of changes,
// so that a test can let a decision lose its race; how the real store keeps
// them is tested there.
package tokentest

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/secret"
	"symbolon/internal/setting"
	"symbolon/internal/token"
)

// World is what decisions are taken in. Its fields may be changed between two
// Cases. It is not for several goroutines.
type World struct {
	T        testing.TB
	Now      time.Time
	Settings setting.Settings
	Policies []policy.Policy
	Rules    token.TypeRules
	Origin   token.Origin
	Users    Directory
	Types    token.Registry
	PINs     token.PINRule
	Trier    token.Trier

	rand       *rand.ChaCha8
	tokens     map[token.ID]*token.Token
	order      []token.ID
	challenges []*token.Challenge
	trace      *token.Trace
}

// Start is the time a World begins at: 2026-05-04 12:00:12 UTC.
func Start() time.Time { return time.Date(2026, 5, 4, 12, 0, 12, 0, time.UTC) }

// New returns an empty world in which an administrator acts.
func New(t testing.TB) *World {
	return &World{T: t, Now: Start(), Settings: setting.Settings{}, Types: token.Registry{},
		Origin: token.Origin{Case: "test", Actor: realm.Actor{Role: realm.Admin, Login: "admin"}},
		Users:  Directory{}, rand: rand.NewChaCha8([32]byte{1}), tokens: map[token.ID]*token.Token{}}
}

// Set changes a setting.
func (w *World) Set(name, value string) { w.Settings[name] = setting.Entry{Value: value} }

// Policy adds an active policy with actions such as "hotp_otplen=8" or "disable".
func (w *World) Policy(scope policy.Scope, actions ...policy.Action) {
	w.Policies = append(w.Policies, policy.Policy{Name: "p" + string(rune('a'+len(w.Policies))), Active: true, Scope: scope,
		Priority: 1, Actions: actions})
}

// Case returns the Case of the next decision. Trace tells afterwards how it went.
func (w *World) Case() *token.Case {
	snapshot, _ := policy.Compile(w.Policies, nil)
	w.trace = &token.Trace{}
	return token.NewCase(token.Ground{Now: w.Now, Rand: w.rand, Origin: w.Origin, Node: "node", Settings: w.Settings,
		Users: w.Users, Types: w.Types, Rules: w.Rules, PINs: w.PINs, Reader: reader{w}, Trier: w.Trier, Vault: Vault{},
		Policies: snapshot, Memo: &token.Memo{}, Trace: w.trace})
}

// Trace is the explanation of the last Case's decision.
func (w *World) Trace() *token.Trace { return w.trace }

// Add stores a token. What is zero of ID, Digits, Window, SyncWindow and
// MaxFailures gets its usual value, and the token is active.
func (w *World) Add(t token.Token) *token.Token {
	w.T.Helper()
	if t.ID == 0 {
		t.ID = token.ID(w.rand.Uint64()>>11 | 1)
	}
	usual := func(p *int, n int) {
		if *p == 0 {
			*p = n
		}
	}
	usual(&t.Digits, 6)
	usual(&t.MaxFailures, 10)
	if t.Window == 0 {
		t.Window = 10
	}
	if t.SyncWindow == 0 {
		t.SyncWindow = 1000
	}
	t.Active = true
	if err := w.Apply(token.Create{Token: t}); err != nil {
		w.T.Fatalf("token %s: %v", t.Serial, err)
	}
	return w.Get(t.ID)
}

// Get returns a token as it is now. It is a copy: later changes do not show.
func (w *World) Get(id token.ID) *token.Token {
	w.T.Helper()
	t, ok := w.tokens[id]
	if !ok {
		w.T.Fatalf("no token %d", id)
	}
	return clone(t)
}

// Challenges returns all challenges as they are now.
func (w *World) Challenges() []*token.Challenge {
	out := make([]*token.Challenge, len(w.challenges))
	for i, ch := range w.challenges {
		c := *ch
		out[i] = &c
	}
	return out
}

// Enroll is one step of an enrolment: of the token with this serial, or of a new
// one. It stores the draft as the engine would and returns the token.
func (w *World) Enroll(ty token.Type, serial string, p token.Params) (*token.Token, token.Enrolment, error) {
	w.T.Helper()
	return w.EnrollDraft(ty, token.Draft{Token: token.Token{Serial: serial}}, p)
}

// EnrollDraft is Enroll with what the engine knows beside the parameters: the
// draft's Holder and Rolling. Only the serial of its Token is looked at.
func (w *World) EnrollDraft(ty token.Type, d token.Draft, p token.Params) (*token.Token, token.Enrolment, error) {
	w.T.Helper()
	c := w.Case()
	old, err := c.TokenBySerial(context.Background(), d.Token.Serial)
	if d.New = err != nil; d.New {
		d.Token = token.Token{ID: token.ID(w.rand.Uint64()>>11 | 1), Serial: d.Token.Serial, Type: ty.Info().ID,
			Digits: int(setting.DefaultDigits.In(w.Settings)), Window: 10, SyncWindow: 1000, Owner: token.OwnerOf(d.Holder),
			Standing: token.Standing{Active: true, MaxFailures: 10}}
	} else {
		d.Token = *old
	}
	e, err := ty.(token.Enroller).Enroll(context.Background(), c, &d, p)
	if err != nil {
		return nil, e, err
	}
	t := clone(&d.Token)
	for k, v := range d.Info {
		if t.Info == nil {
			t.Info = map[string]token.Entry{}
		}
		if v == nil {
			delete(t.Info, k)
		} else {
			t.Info[k] = *v
		}
	}
	if d.Secret != nil {
		t.Sealed, t.Counter, t.Failures = slices.Clone(d.Secret.Reveal()), 0, 0
	}
	if d.New {
		err = w.Apply(token.Create{Token: *t})
	} else {
		w.tokens[t.ID] = t
	}
	if err == nil {
		err = w.Apply(e.Changes...)
	}
	return w.Get(t.ID), e, err
}

// Vault seals by doing nothing and hashes PINs by putting "plain:" before them.
// The form "old:" is right too, and gets better.
type Vault struct{}

// Open implements token.Vault.
func (Vault) Open(t *token.Token) (secret.Bytes, error) {
	return secret.New(slices.Clone(t.Sealed)), nil
}

// Seal implements token.Vault.
func (Vault) Seal(_ *token.Token, s secret.Bytes) ([]byte, error) {
	return slices.Clone(s.Reveal()), nil
}

// HashPIN implements token.Vault.
func (Vault) HashPIN(_ context.Context, _ *token.Token, pin secret.Bytes) (string, error) {
	return "plain:" + pin.RevealText(), nil
}

// CheckPIN implements token.Vault.
func (Vault) CheckPIN(_ context.Context, t *token.Token, pin secret.Bytes) (bool, string, error) {
	switch t.PINHash {
	case "plain:" + pin.RevealText():
		return true, "", nil
	case "old:" + pin.RevealText():
		return true, "plain:" + pin.RevealText(), nil
	}
	return false, "", nil
}

// OpenText implements token.Vault.
func (Vault) OpenText(_ string, sealed []byte) (secret.Bytes, error) {
	return secret.New(slices.Clone(sealed)), nil
}

// SealText implements token.Vault.
func (Vault) SealText(_ string, s secret.Bytes) ([]byte, error) { return slices.Clone(s.Reveal()), nil }

// Person is a user of a Directory.
type Person struct {
	User     realm.User
	Password string
	Info     realm.Info
}

// Directory is a list of users.
type Directory []Person

// Find implements realm.Directory.
func (d Directory) Find(_ context.Context, login, in, resolver string) (realm.User, error) {
	for _, p := range d {
		if p.User.Login == login && p.User.Realm == in && (resolver == "" || p.User.Resolver == resolver) {
			return p.User, nil
		}
	}
	return realm.User{Login: login, Realm: in, Resolver: resolver}, nil
}

// ByID implements realm.Directory.
func (d Directory) ByID(_ context.Context, resolver, id, in string) (realm.User, error) {
	for _, p := range d {
		if p.User.ID == id && p.User.Resolver == resolver {
			u := p.User
			u.Realm = in
			return u, nil
		}
	}
	return realm.User{ID: id, Resolver: resolver, Realm: in}, nil
}

// Info implements realm.Directory.
func (d Directory) Info(_ context.Context, u realm.User) (realm.Info, bool, error) {
	for _, p := range d {
		if p.User.ID == u.ID && p.User.Resolver == u.Resolver {
			return p.Info, true, nil
		}
	}
	return nil, false, nil
}

// CheckPassword implements realm.Directory.
func (d Directory) CheckPassword(_ context.Context, u realm.User, password secret.Bytes) (bool, error) {
	for _, p := range d {
		if p.User.ID == u.ID && p.User.Resolver == u.Resolver {
			return password.Equal(secret.Text(p.Password)), nil
		}
	}
	return false, nil
}

// reader serves a World's rows.
type reader struct{ w *World }

func (r reader) each(keep func(*token.Token) bool) (out []*token.Token) {
	for _, id := range r.w.order {
		if t := r.w.tokens[id]; t != nil && keep(t) {
			out = append(out, clone(t))
		}
	}
	return out
}

// TokensOf implements token.Reader.
func (r reader) TokensOf(_ context.Context, o token.Owner) ([]*token.Token, error) {
	return r.each(func(t *token.Token) bool { return t.Owner == o }), nil
}

// TokenBySerial implements token.Reader.
func (r reader) TokenBySerial(_ context.Context, serial string) (*token.Token, error) {
	for _, t := range r.each(func(t *token.Token) bool { return t.Serial == serial }) {
		return t, nil
	}
	return nil, fault.New(fault.TokenNotFound)
}

// Tokens implements token.Reader for the filters Serial, Types and Owner only.
func (r reader) Tokens(_ context.Context, f token.Filter) ([]*token.Token, int, error) {
	page := r.each(func(t *token.Token) bool {
		return (f.Serial == "" || f.Serial == t.Serial) && (len(f.Types) == 0 || slices.Contains(f.Types, t.Type)) &&
			(f.Owner == nil || *f.Owner == t.Owner)
	})
	return page, len(page), nil
}

// Transaction implements token.Reader.
func (r reader) Transaction(_ context.Context, id string) (out []*token.Challenge, err error) {
	for _, ch := range r.w.Challenges() {
		if ch.Transaction == id {
			out = append(out, ch)
		}
	}
	return out, nil
}

// ChallengesOf implements token.Reader.
func (r reader) ChallengesOf(_ context.Context, t token.ID) (out []*token.Challenge, err error) {
	for _, ch := range r.w.Challenges() {
		if ch.Token == t {
			out = append(out, ch)
		}
	}
	return out, nil
}

// Attempts implements token.Reader: none are counted.
func (r reader) Attempts(context.Context, token.Attempter, bool, time.Time) (int, error) {
	return 0, nil
}
