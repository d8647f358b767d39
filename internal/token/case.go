package token

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"time"

	"symbolon/internal/audit"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/secret"
	"symbolon/internal/setting"
)

// Reader loads what is kept. Lists come in the order of their creation.
type Reader interface {
	TokensOf(ctx context.Context, o Owner) ([]*Token, error)
	TokenBySerial(ctx context.Context, serial string) (*Token, error) // the fault TokenNotFound when there is none
	Tokens(ctx context.Context, f Filter) (page []*Token, total int, err error)
	Transaction(ctx context.Context, id string) ([]*Challenge, error)
	ChallengesOf(ctx context.Context, t ID) ([]*Challenge, error)
	Attempts(ctx context.Context, who Attempter, success bool, since time.Time) (int, error)
}

// Vault opens what is sealed, and knows PINs. Hashing waits for a place in a
// bounded pool; ctx ends the wait.
type Vault interface {
	Open(t *Token) (secret.Bytes, error)
	Seal(t *Token, s secret.Bytes) ([]byte, error)
	HashPIN(ctx context.Context, t *Token, pin secret.Bytes) (string, error)
	// CheckPIN compares with the stored form, which is not empty. better is the
	// form the PIN should be stored in from now on, or "".
	CheckPIN(ctx context.Context, t *Token, pin secret.Bytes) (ok bool, better string, err error)
	OpenText(purpose string, sealed []byte) (secret.Bytes, error)
	SealText(purpose string, s secret.Bytes) ([]byte, error)
}

// Trier runs the ordinary check of a password against some tokens, for types
// that are made of other tokens.
type Trier interface {
	Try(ctx context.Context, c *Case, tokens []*Token, password string) ([]Matched, error)
}

// Origin is where a request comes from: what the policies and the record want
// to know of it, never its secrets.
type Origin struct {
	Case         string // the case number
	Started      time.Time
	Action       string // "POST /validate/check"
	Client       string // effective address
	Agent        string // plugin name
	AgentVersion string
	UserAgent    string // the whole header
	Actor        realm.Actor
	Request      Request // nil outside of HTTP
}

// Request is what policy conditions may look at of an HTTP request.
type Request interface {
	Header(name string) (string, bool)
	Environment(name string) (string, bool)
	Parameter(name string) (any, bool) // never pass or password
}

// PINRule decides whether a PIN is right for a token as the policies want it:
// the token's own, the user's password, or none (policy otppin). changes are
// what accepting it changes.
type PINRule interface {
	CheckPIN(ctx context.Context, c *Case, t *Token, pin string) (ok bool, changes []Change, err error)
}

// TypeRules are the points in which the products enrol tokens differently. A
// dialect passes them; a type never asks for a product's name. The zero value
// states nothing that was not asked for.
type TypeRules struct {
	KeyImplied        bool   // an enrolment without otpkey has its key generated, without genkey
	TwoStepOnRollover bool   // the policy that forces two steps does so at a rollover as well
	URLAsAsked        bool   // key URLs state hash, length and step as they were asked for, not as the token has them
	URLCreator        string // parameter creator of key URLs; "": none
	URLIssuer         string // issuer of key URLs where no policy sets one
	URLNeedsUser      bool   // a token that is enrolled into a realm, for nobody, has no key URLs
	URLSerial         bool   // key URLs state the serial
	AppUnlock         bool   // key URLs state how the app must be unlocked (app_force_unlock)
	DecimalShift      bool   // time shifts are stored with a decimal point: 0.0
}

// Case is everything one decision may know: an instant, a source of
// randomness, the policies, and the ways to look things up. A type gets it
// with every call and keeps nothing of it.
type Case struct {
	Now      time.Time
	Rand     io.Reader
	Origin   Origin
	Node     string
	Settings setting.Settings
	Users    realm.Directory
	Types    Registry
	Rules    TypeRules
	PINs     PINRule // nil: a token's own PIN counts, whatever the policies say
	Reader
	Trier
	Vault Vault

	policies    *policy.Snapshot
	resolversOf func(realm string) []string
	memo        *Memo
	trace       *Trace
}

// Ground is what a Case is made from. It is for the engine and for tests.
type Ground struct {
	Now         time.Time
	Rand        io.Reader
	Origin      Origin
	Node        string
	Settings    setting.Settings
	Users       realm.Directory
	Types       Registry
	Rules       TypeRules
	PINs        PINRule
	Reader      Reader
	Trier       Trier
	Vault       Vault
	Policies    *policy.Snapshot
	ResolversOf func(realm string) []string
	Memo        *Memo
	Trace       *Trace
}

// NewCase returns the Case of one decision.
func NewCase(g Ground) *Case {
	return &Case{Now: g.Now, Rand: g.Rand, Origin: g.Origin, Node: g.Node, Settings: g.Settings, Users: g.Users,
		Types: g.Types, Rules: g.Rules, PINs: g.PINs, Reader: g.Reader, Trier: g.Trier, Vault: g.Vault, policies: g.Policies,
		resolversOf: g.ResolversOf, memo: g.Memo, trace: g.Trace}
}

// Memo keeps the answers of the outside over repeated decisions of one request,
// so that deciding again sends no second packet and hashes no second PIN. It
// holds digests, not passwords.
type Memo struct {
	passwords map[[32]byte]bool
	pins      map[[32]byte]pinAnswer
	owners    map[Owner]realm.User
}

type pinAnswer struct {
	ok     bool
	better string
}

func memoKey(parts ...string) [32]byte {
	h := sha256.New()
	for _, p := range parts {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:])
		io.WriteString(h, p)
	}
	return [32]byte(h.Sum(nil))
}

// Trace collects the explanation of a decision and the policies it used.
type Trace struct {
	Steps     []audit.Step
	Policies  []string // each once, in the order they took effect
	Conflicts int
}

const maxSteps = 40 // keeps a stored trace below 2 KB

// Again forgets what a decision that lost its race has noted.
func (t *Trace) Again() { t.Steps, t.Policies, t.Conflicts = nil, nil, t.Conflicts+1 }

// Note adds a line to the explanation of the decision. Never a secret.
func (c *Case) Note(s audit.Step) {
	if c.trace != nil && len(c.trace.Steps) < maxSteps {
		c.trace.Steps = append(c.trace.Steps, s)
	}
}

// Used notes that a policy took effect.
func (c *Case) Used(policies ...string) {
	if c.trace == nil {
		return
	}
next:
	for _, p := range policies {
		for _, q := range c.trace.Policies {
			if p == q {
				continue next
			}
		}
		c.trace.Policies = append(c.trace.Policies, p)
	}
}

func (c *Case) seen(name string, scope policy.Scope, action, value string) {
	c.Used(name)
	c.Note(audit.Step{What: "policy", Object: name, Outcome: string(scope), Reason: action})
}

// About says whom and what a look at the policies is about.
type About struct {
	User       *realm.User // nil: policies are not filtered by user, realm and resolver
	Realm      *string     // with a nil User: filter by this realm
	Resolver   *string     // with a nil User: filter by this resolver
	Token      *Token      // for conditions on tokens
	MoreRealms []string    // the token's realms, where they count too
	AsActor    bool        // match the administrator who calls (scope admin)
}

// Policies returns the policies as they apply to what a is about.
func (c *Case) Policies(ctx context.Context, a About) policy.View {
	at := policy.Situation{MoreRealms: a.MoreRealms, Client: c.Origin.Client, Agent: c.Origin.Agent, Node: c.Node,
		Now: c.Now, Facts: facts{c, a}, ResolversOf: c.resolversOf}
	if a.User != nil {
		at.User, at.Realm, at.Resolver = &a.User.Login, &a.User.Realm, &a.User.Resolver
	} else {
		at.Realm, at.Resolver = a.Realm, a.Resolver
	}
	if a.AsActor && c.Origin.Actor.Role == realm.Admin {
		at.Admin, at.AdminRealm = &c.Origin.Actor.Login, &c.Origin.Actor.Realm
	}
	return c.policies.At(ctx, at, c.seen)
}

// Policy returns the policies as they apply to t's owner; without an owner to
// the first of its realms.
func (c *Case) Policy(ctx context.Context, t *Token) (policy.View, error) {
	u, err := c.Owner(ctx, t)
	if err != nil {
		return policy.View{}, err
	}
	if !u.Named() && len(t.Realms) > 0 {
		u.Realm = t.Realms[0]
	}
	return c.Policies(ctx, About{User: &u, Token: t}), nil
}

// ActorPolicy returns the policies of the scopes admin and user as they apply
// to whoever calls, where it enrols a token for holder; nobody is the zero
// User. t is the token as it was before, for conditions; nil: a new one.
func (c *Case) ActorPolicy(ctx context.Context, holder realm.User, t *Token) policy.View {
	return c.Policies(ctx, About{User: &holder, Token: t, AsActor: true})
}

// HolderPolicy returns the policies of scope enrollment as they apply to the
// future owner of a token. t is as for ActorPolicy.
func (c *Case) HolderPolicy(ctx context.Context, holder realm.User, t *Token) policy.View {
	return c.Policies(ctx, About{User: &holder, Token: t})
}

// Owner returns t's owner with its login; nobody is the zero User.
func (c *Case) Owner(ctx context.Context, t *Token) (realm.User, error) {
	if t.Owner == (Owner{}) {
		return realm.User{}, nil
	}
	if u, ok := c.memo.owners[t.Owner]; ok {
		return u, nil
	}
	u, err := c.Users.ByID(ctx, t.Owner.Resolver, t.Owner.UserID, t.Owner.Realm)
	if err != nil {
		return realm.User{}, err
	}
	if c.memo.owners == nil {
		c.memo.owners = map[Owner]realm.User{}
	}
	c.memo.owners[t.Owner] = u
	return u, nil
}

// Secret opens t's secret.
func (c *Case) Secret(t *Token) (secret.Bytes, error) { return c.Vault.Open(t) }

// PIN reports whether pin is t's own PIN, whatever the policies say of where
// PINs come from. The empty PIN matches a token without one. better is the
// stored form that the PIN should get, or "".
func (c *Case) PIN(ctx context.Context, t *Token, pin string) (ok bool, better string, err error) {
	if t.PINHash == "" {
		return pin == "", "", nil
	}
	key := memoKey(t.PINHash, pin)
	if a, known := c.memo.pins[key]; known {
		return a.ok, a.better, nil
	}
	ok, better, err = c.Vault.CheckPIN(ctx, t, secret.Text(pin))
	if err != nil {
		return false, "", err
	}
	if c.memo.pins == nil {
		c.memo.pins = map[[32]byte]pinAnswer{}
	}
	c.memo.pins[key] = pinAnswer{ok, better}
	return ok, better, nil
}

// RightPIN reports whether pin is what the policies ask of t's owner as the PIN,
// and what accepting it changes. Authenticators ask it.
func (c *Case) RightPIN(ctx context.Context, t *Token, pin string) (ok bool, changes []Change, err error) {
	if c.PINs != nil {
		return c.PINs.CheckPIN(ctx, c, t, pin)
	}
	ok, better, err := c.PIN(ctx, t, pin)
	if ok && better != "" {
		changes = []Change{SetPIN{Token: t.ID, From: t.PINHash, To: better}}
	}
	return ok, changes, err
}

// UserPassword asks the user's resolver.
func (c *Case) UserPassword(ctx context.Context, u realm.User, password string) (bool, error) {
	if !u.Known() {
		return false, nil
	}
	key := memoKey(u.Resolver, u.ID, password)
	if ok, known := c.memo.passwords[key]; known {
		return ok, nil
	}
	ok, err := c.Users.CheckPassword(ctx, u, secret.Text(password))
	if err != nil {
		return false, err
	}
	if c.memo.passwords == nil {
		c.memo.passwords = map[[32]byte]bool{}
	}
	c.memo.passwords[key] = ok
	return ok, nil
}

// ResolversOf names the resolvers of a realm in their order; nil when there is
// no such realm.
func (c *Case) ResolversOf(realm string) []string {
	if c.resolversOf == nil {
		return nil
	}
	return c.resolversOf(realm)
}

// NewID draws an ID.
func (c *Case) NewID() (ID, error) {
	var b [8]byte
	if _, err := io.ReadFull(c.Rand, b[:]); err != nil {
		return 0, err
	}
	return ID(binary.BigEndian.Uint64(b[:])>>11 | 1), nil
}

// facts serve policy conditions.
type facts struct {
	c *Case
	a About
}

// UserInfo implements policy.Facts.
func (f facts) UserInfo(ctx context.Context) (map[string]string, bool, error) {
	if f.a.User == nil || !f.a.User.Known() {
		return nil, false, nil
	}
	info, ok, err := f.c.Users.Info(ctx, *f.a.User)
	return info, ok, err
}

// TokenRow implements policy.Facts.
func (f facts) TokenRow(context.Context) (map[string]any, bool, error) {
	t := f.a.Token
	if t == nil {
		return nil, false, nil
	}
	info := map[string]string{}
	for k, e := range t.Info {
		info[k] = e.Text
	}
	return map[string]any{"id": int64(t.ID), "description": t.Description, "serial": t.Serial, "tokentype": t.Type,
		"info": info, "resolver": t.Owner.Resolver, "user_id": t.Owner.UserID, "otplen": int64(t.Digits),
		"maxfail": int64(t.MaxFailures), "active": t.Active, "revoked": t.Revoked, "locked": t.Locked,
		"failcount": int64(t.Failures), "count": t.Counter, "count_window": t.Window, "sync_window": t.SyncWindow,
		"rollout_state": string(t.State), "realms": t.Realms, "tokengroup": t.Groups}, true, nil
}

// TokenInfo implements policy.Facts.
func (f facts) TokenInfo(context.Context) (map[string]string, bool, error) {
	t := f.a.Token
	if t == nil {
		return nil, false, nil
	}
	info := map[string]string{}
	for k, e := range t.Info {
		info[k] = e.Text
	}
	return info, true, nil
}

// Header implements policy.Facts.
func (f facts) Header(name string) (string, bool) {
	if f.c.Origin.Request == nil {
		return "", false
	}
	return f.c.Origin.Request.Header(name)
}

// Environment implements policy.Facts.
func (f facts) Environment(name string) (string, bool) {
	if f.c.Origin.Request == nil {
		return "", false
	}
	return f.c.Origin.Request.Environment(name)
}

// Parameter implements policy.Facts.
func (f facts) Parameter(name string) (any, bool) {
	if f.c.Origin.Request == nil {
		return nil, false
	}
	return f.c.Origin.Request.Parameter(name)
}

// InRequest implements policy.Facts.
func (f facts) InRequest() bool { return f.c.Origin.Request != nil }
