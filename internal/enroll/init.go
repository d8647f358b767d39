// Package enroll makes tokens: the first enrolment, its further steps, the
// limits and PIN rules that hold for them. It decides; internal/manage runs the
// decision, and internal/tokentype fills in what a type needs.
package enroll

import (
	"context"
	"encoding/hex"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"symbolon/internal/audit"
	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/secret"
	"symbolon/internal/setting"
	"symbolon/internal/token"
)

// Rules are the points in which the products enrol differently.
type Rules struct {
	// KeepRealms: a token keeps the realms it has when it gets an owner; without
	// it the owner's realm replaces them.
	KeepRealms bool
	// DropPIN: a PIN sent without the right to is ignored; without it, refused.
	DropPIN bool
	// VerifyAsked: a token that waits for its proof is not enrolled again by a
	// call without it.
	VerifyAsked bool
	// Proved is the rollout state of a token that was proved; ProveAgain: one that
	// is not waiting for its proof can be proved all the same.
	Proved     token.State
	ProveAgain bool
}

// Input is what a dialect has read of a request to enrol.
type Input struct {
	Rules       Rules
	Type        string     // empty: hotp
	Serial      string     // empty: generated
	New         bool       // a token that has the serial already stays as it is
	Prefix      string     // of a generated serial; empty: the type's
	User        realm.User // named and looked up; nobody: zero
	Realm       string     // a realm without a user
	PIN         *string
	Description string
	Described   bool // a description was sent
	ValidFrom   *string
	ValidUntil  *string
	Verify      *string
	Rollover    bool
	Params      token.Params      // everything else, as text
	Info        map[string]string // entries to note beside the type's own
}

// Result is what an enrolment step yields.
type Result struct {
	Token   token.Token // as it will be stored
	Shown   []token.Shown
	Prove   bool // the first code is asked for
	Proved  bool // the first code was right
	Open    *token.Opening
	Changes []token.Change
	Record  audit.Record
}

var serialForm = regexp.MustCompile(`^[0-9a-zA-Z\-_]+$`)

// step is one enrolment being decided.
type step struct {
	c     *token.Case
	in    Input
	ty    token.Type
	info  token.Info
	who   realm.User // whose token it will be
	old   *token.Token
	d     *token.Draft
	guard []token.Change // limits that must still hold when it is committed
	from  time.Time
	until time.Time
}

// Init decides one step of an enrolment, in the order of policies.md 6.2.
func Init(ctx context.Context, c *token.Case, in Input) (Result, error) {
	s := &step{c: c, in: in, who: in.User}
	for _, rule := range []func(context.Context) error{s.kind, s.limits, s.described, s.mayEnrol, s.existing, s.pinAllowed} {
		if err := rule(ctx); err != nil {
			return Result{}, err
		}
	}
	if in.Verify != nil {
		return s.prove(ctx)
	}
	if s.old != nil && s.old.State == token.Verify && in.Rules.VerifyAsked {
		return Result{}, fault.New(fault.VerifyMissing)
	}
	return s.enrol(ctx)
}

// kind finds the type.
func (s *step) kind(context.Context) error {
	name := strings.ToLower(s.in.Type)
	if name == "" {
		name = "hotp"
	}
	ty, ok := s.c.Types[name]
	if !ok {
		return fault.New(fault.TypeUnknown, s.in.Type)
	}
	if _, ok := ty.(token.Enroller); !ok {
		return fault.New(fault.TypeUnknown, s.in.Type)
	}
	s.ty, s.info = ty, ty.Info()
	if s.who.Named() && !s.who.Known() {
		return fault.New(fault.UserNotFound)
	}
	return nil
}

// described asks for a description where a policy wants one.
func (s *step) described(ctx context.Context) error {
	types, err := policy.RequireDescription.In(s.enrolment(ctx))
	if err != nil {
		return err
	}
	if s.in.Description == "" && !s.in.Rollover && s.in.Verify == nil && slices.Contains(types, s.info.ID) {
		return fault.New(fault.DescriptionRequired, s.info.ID)
	}
	return nil
}

// enrolment are the policies of scope enrollment, as they apply to the holder.
func (s *step) enrolment(ctx context.Context) policy.View {
	who := s.who
	if !who.Named() {
		who.Realm = s.in.Realm
	}
	return s.c.Policies(ctx, token.About{User: &who})
}

// acting are the policies as they apply to the caller who enrols.
func (s *step) acting(ctx context.Context) (policy.View, policy.Scope) {
	return Acting(ctx, s.c, s.who, s.in.Realm)
}

// Acting returns the policies as they apply to the caller who does something
// for or to a user (policies.md 4.5), and the scope of his rights.
func Acting(ctx context.Context, c *token.Case, who realm.User, realmName string) (policy.View, policy.Scope) {
	if a := c.Origin.Actor; a.Role == realm.Owner {
		return c.Policies(ctx, token.About{User: &a.User}), policy.User
	}
	if !who.Named() {
		who.Realm = realmName
	}
	return c.Policies(ctx, token.About{User: &who, AsActor: true}), policy.Admin
}

// mayEnrol asks for the right to enrol this type.
func (s *step) mayEnrol(ctx context.Context) error {
	view, scope := s.acting(ctx)
	right := policy.Right{Name: "enroll" + strings.ToUpper(s.info.ID), Scopes: []policy.Scope{scope}}
	ok, err := right.Granted(view, scope)
	if err == nil && !ok {
		err = fault.New(fault.EnrolNotAllowed, string(scope))
	}
	return err
}

// existing loads the token that the serial names, and says who may touch it: it
// has the same type, and a user enrols again only what is his.
func (s *step) existing(ctx context.Context) error {
	if s.in.Serial == "" {
		return nil
	}
	if !serialForm.MatchString(s.in.Serial) || len(s.in.Serial) > 40 {
		return fault.New(fault.SerialInvalid)
	}
	t, err := s.c.TokenBySerial(ctx, s.in.Serial)
	if fault.Is(err, fault.TokenNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	switch {
	case s.in.New:
		return fault.New(fault.SerialTaken, t.Serial)
	case t.Type != s.info.ID:
		return fault.New(fault.TypeDiffers, t.Serial, t.Type, s.info.ID)
	case s.c.Origin.Actor.Role == realm.Owner && t.Owner != token.OwnerOf(s.who):
		return fault.New(fault.TokenForeign)
	case s.who.Named() && t.Owner != (token.Owner{}) && t.Owner != token.OwnerOf(s.who):
		return fault.New(fault.TokenForeign)
	case t.Locked || t.Revoked:
		return fault.New(fault.TokenLocked)
	}
	s.old = t
	return nil
}

// enrol runs the type's step on a draft and says how to store it.
func (s *step) enrol(ctx context.Context) (Result, error) {
	if err := s.draft(); err != nil {
		return Result{}, err
	}
	if err := s.pin(ctx); err != nil {
		return Result{}, err
	}
	if err := s.validity(); err != nil {
		return Result{}, err
	}
	e, err := s.ty.(token.Enroller).Enroll(ctx, s.c, s.d, s.params())
	if err != nil {
		return Result{}, err
	}
	r := Result{Shown: e.Shown, Open: e.Open}
	if r.Prove, err = s.mustProve(ctx); err != nil {
		return Result{}, err
	}
	if r.Prove {
		s.d.Token.State = token.Verify
	}
	for k, v := range s.in.Info {
		s.d.SetInfo(k, v)
	}
	if r.Changes, err = s.changes(); err != nil {
		return Result{}, err
	}
	r.Changes = append(append(r.Changes, e.Changes...), s.guard...)
	r.Token = s.d.Token
	r.Record = s.record()
	return r, nil
}

func (s *step) record() audit.Record {
	serial := s.in.Serial
	if s.d != nil {
		serial = s.d.Token.Serial
	}
	return audit.Record{Success: true, Serial: serial, TokenType: s.info.ID, User: s.who.Login, Realm: s.who.Realm, Resolver: s.who.Resolver}
}

// params are the parameters the type reads.
func (s *step) params() token.Params {
	out := token.Params{}
	for _, n := range s.info.EnrollParams {
		if prefix, ok := strings.CutSuffix(n, "*"); ok {
			for k, v := range s.in.Params {
				if strings.HasPrefix(k, prefix) {
					out[k] = v
				}
			}
		} else if v, ok := s.in.Params[n]; ok {
			out[n] = v
		}
	}
	return out
}

// draft begins a new token, or takes the stored one.
func (s *step) draft() error {
	c := s.c
	if s.old != nil {
		t := *s.old
		t.Realms = slices.Clone(t.Realms)
		s.d = &token.Draft{Token: t, Rolling: s.in.Rollover}
	} else {
		id, err := c.NewID()
		if err != nil {
			return err
		}
		s.d = &token.Draft{New: true, Token: token.Token{ID: id, Serial: s.in.Serial, Type: s.info.ID,
			Digits: int(setting.DefaultDigits.In(c.Settings)), Window: setting.DefaultWindow.In(c.Settings),
			SyncWindow: setting.DefaultSyncWindow.In(c.Settings), Standing: token.Standing{Active: true,
				MaxFailures: int(setting.DefaultMaxFailures.In(c.Settings))}}}
		if s.in.Serial == "" {
			if s.d.Token.Serial, err = newSerial(c.Rand, s.info, s.in.Prefix); err != nil {
				return err
			}
		}
	}
	s.d.Token.Created = c.Now
	s.d.Holder = s.who
	if s.in.Described {
		s.d.Token.Description = Cut(s.in.Description, 80)
	}
	s.assign(&s.d.Token)
	return nil
}

// assign gives the token its owner and realms.
func (s *step) assign(t *token.Token) {
	var realms []string
	if s.who.Named() {
		if t.Owner == (token.Owner{}) {
			t.Assigned = s.c.Now
		}
		t.Owner = token.OwnerOf(s.who)
		realms = append(realms, s.who.Realm)
	} else if s.in.Realm != "" && s.c.ResolversOf(strings.ToLower(s.in.Realm)) != nil {
		realms = append(realms, strings.ToLower(s.in.Realm))
	}
	if len(realms) == 0 {
		return
	}
	if s.in.Rules.KeepRealms && t.Owner.Realm != "" {
		realms = append(realms, t.Owner.Realm)
	}
	slices.Sort(realms)
	t.Realms = slices.Compact(realms)
}

// Cut shortens s to n characters.
func Cut(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// newSerial draws a serial: prefix and eight hexadecimal digits. It is random,
// so that no two nodes ever count to the same one.
func newSerial(rand io.Reader, info token.Info, prefix string) (string, error) {
	if prefix == "" {
		prefix = info.Prefix
	}
	if !serialForm.MatchString(prefix) || len(prefix) > 32 {
		return "", fault.New(fault.SerialInvalid)
	}
	var b [4]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return "", err
	}
	return prefix + strings.ToUpper(hex.EncodeToString(b[:])), nil
}

// validity reads the period in which the token can be used.
func (s *step) validity() (err error) {
	s.from, s.until = s.d.Token.ValidFrom, s.d.Token.ValidUntil
	if p := s.in.ValidFrom; p != nil {
		if s.from, err = ParseDate(*p); err != nil {
			return fault.New(fault.ValidityStart)
		}
	}
	if p := s.in.ValidUntil; p != nil {
		if s.until, err = ParseDate(*p); err != nil {
			return fault.New(fault.ValidityEnd)
		}
	}
	return nil
}

// changes stores the draft.
func (s *step) changes() ([]token.Change, error) {
	d := s.d
	t := &d.Token
	if d.Secret != nil {
		sealed, err := s.c.Vault.Seal(t, *d.Secret)
		if err != nil {
			return nil, err
		}
		t.Sealed = sealed
	}
	if d.New {
		t.ValidFrom, t.ValidUntil = s.from, s.until
		t.Info = map[string]token.Entry{}
		for k, e := range d.Info {
			if e != nil {
				t.Info[k] = *e
			}
		}
		return []token.Change{token.Create{Token: *t}}, nil
	}
	out := []token.Change{token.Replace{Token: *t, Reseeded: d.Secret != nil, Reopened: true}}
	if s.in.ValidFrom != nil || s.in.ValidUntil != nil {
		out = append(out, token.SetLimits{Token: t.ID, Version: t.Version + 1,
			Limits: token.Limits{ValidFrom: &s.from, ValidUntil: &s.until}})
	}
	for _, k := range slices.Sorted(keys(d.Info)) {
		out = append(out, SetEntry(s.old, k, d.Info[k])...)
	}
	return out, nil
}

// SetEntry is the change that makes an entry of t's information be to; none
// when it is that already.
func SetEntry(t *token.Token, key string, to *token.Entry) []token.Change {
	var from *token.Entry
	if e, ok := t.Info[key]; ok {
		from = &e
	}
	if from == nil && to == nil || from != nil && to != nil && *from == *to {
		return nil
	}
	return []token.Change{token.SetInfo{Token: t.ID, Key: key, From: from, To: to}}
}

func keys(m map[string]*token.Entry) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// pin sets the PIN: a random one where a policy wants it, else the one sent.
func (s *step) pin(ctx context.Context) error {
	if s.in.PIN == nil || s.info.NoPIN {
		return nil
	}
	s.d.Token.PINHash = ""
	if *s.in.PIN == "" {
		return nil
	}
	hash, err := s.c.Vault.HashPIN(ctx, &s.d.Token, secret.Text(*s.in.PIN))
	s.d.Token.PINHash = hash
	return err
}
