package tokentype

import (
	"context"

	"symbolon/internal/audit"
	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/secret"
	"symbolon/internal/setting"
	"symbolon/internal/token"
	"symbolon/protocol/otp"
)

// oath is what the types have in common that make codes of a key by HMAC: the
// enrolment in one or two steps, and the generator of a stored token.
type oath struct {
	id       string
	policy   oathPolicies
	hashlib  setting.Text
	lifetime setting.Int // of a challenge, in seconds; 0: the general setting
}

func oathOf(id, title, lifetime string) oath {
	return oath{id: id, policy: oathPoliciesOf(id, title), hashlib: setting.Text{Name: id + ".hashlib"},
		lifetime: setting.Int{Name: lifetime, Min: 1}}
}

// oathParams are the parameters that all of them read at enrolment.
func (o oath) params(more ...string) []string {
	return append([]string{"otpkey", "otpkeyformat", "genkey", "keysize", "otplen", "hashlib", "2stepinit", o.id + ".*"}, more...)
}

// enrolling is one step of an enrolment.
type enrolling struct {
	oath
	c      *token.Case
	d      *token.Draft
	p      token.Params
	holder realm.User
	actor  policy.View // scopes admin, user
	view   policy.View // scope enrollment
	hash   otp.Hash
	asked  asked
	seed   seed
	first  *twoStep // set in the first of two steps
}

// asked is what the caller or a policy asked for, where some products do not
// look at the token when they write a key URL.
type asked struct {
	hash   otp.Hash
	digits int
	period int64
}

// begin prepares a step.
func (o oath) begin(ctx context.Context, c *token.Case, d *token.Draft, p token.Params) (*enrolling, error) {
	holder, err := holderOf(ctx, c, d)
	if err != nil {
		return nil, err
	}
	return &enrolling{oath: o, c: c, d: d, p: p, holder: holder,
		actor: c.ActorPolicy(ctx, holder, before(d)), view: c.HolderPolicy(ctx, holder, before(d)),
		asked: asked{hash: otp.SHA1, digits: usualDigits}}, nil
}

// second reports whether this is the second of two steps. It returns the fault
// NotNow where a token that waits for its second step is begun again.
func (e *enrolling) second() (bool, error) {
	waits := !e.d.New && e.d.Token.State == token.ClientWait
	wanted, err := e.twoStepWanted(waits)
	if err != nil {
		return false, err
	}
	if waits && wanted && !e.d.Rolling {
		return false, fault.New(fault.NotNow, "2stepinit")
	}
	if wanted {
		e.first, err = e.twoStepSizes()
		return false, err
	}
	return waits, nil
}

// take sets hash, length and key of the draft from policies, parameters and
// settings. It is not called in the second of two steps, whose phone has been
// told already.
func (e *enrolling) take() (err error) {
	if err = e.takeHash(); err != nil {
		return err
	}
	if err = e.takeDigits(); err != nil {
		return err
	}
	if err = e.first.fit(e.hash, e.policy); err != nil {
		return err
	}
	if e.seed, err = e.takeSeed(); err != nil {
		return err
	}
	d := e.d
	d.Secret = &e.seed.key
	// These belong to the key that was before.
	d.DropInfo(firstCode)
	d.DropInfo(firstCodeDue)
	d.SetInfo("hashlib", string(e.hash))
	d.SetInfo("tokenkind", kindOf(d.Token.Serial))
	copyOwn(d, e.p, e.id)
	if e.first != nil {
		e.first.begin(d)
	}
	return nil
}

// kindOf tells hardware by its serial.
func kindOf(serial string) string {
	if len(serial) >= 2 && serial[:2] == "UB" {
		return "hardware"
	}
	return "software"
}

func (e *enrolling) takeHash() error {
	name := e.p["hashlib"]
	if a, ok := e.policy.hashlib.of(e.c); ok {
		forced, err := a.In(e.actor)
		if err != nil {
			return err
		}
		if forced != "" {
			name = forced
		}
	}
	wasAsked := name != ""
	for _, other := range []string{e.d.InfoText("hashlib"), e.hashlib.In(e.c.Settings), string(otp.SHA1)} {
		if name == "" {
			name = other
		}
	}
	h, err := otp.ParseHash(name)
	if err != nil {
		return fault.New(fault.HashUnknown, name)
	}
	e.hash = h
	if wasAsked {
		e.asked.hash = h
	}
	if h.Weak() {
		e.c.Note(audit.Step{What: "enrol", Object: e.d.Token.Serial, Outcome: "warned", Reason: "weak hash"})
	}
	return nil
}

func (e *enrolling) takeDigits() error {
	n, err := digits(e.d, e.p)
	if err != nil {
		return err
	}
	wasAsked := e.p["otplen"] != ""
	if a, ok := e.policy.otplen.of(e.c); ok {
		forced, set, err := a.In(e.actor)
		if err != nil {
			return err
		}
		if set {
			n, wasAsked = forced, true
		}
	}
	if err := checkDigits(n); err != nil {
		return err
	}
	e.d.Token.Digits = n
	if wasAsked {
		e.asked.digits = n
	}
	return nil
}

// takeSeed reads or draws the key. A key that is sent beside genkey is not
// looked at.
func (e *enrolling) takeSeed() (seed, error) {
	generate := setting.IsTrue(e.p["genkey"])
	if a, ok := e.policy.forceGenerate.of(e.c); ok && !generate {
		forced, err := a.In(e.actor)
		if err != nil {
			return seed{}, err
		}
		generate = forced
	}
	sent := e.p["otpkey"] != ""
	switch {
	case e.first != nil && sent && !generate:
		return seed{}, fault.New(fault.SeedAndGenkey)
	case e.first != nil:
		return generateSeed(e.c, e.first.server)
	case generate, !sent && e.c.Rules.KeyImplied:
		size, err := keySize(e.p, e.hash.Size())
		if err != nil {
			return seed{}, err
		}
		return generateSeed(e.c, size)
	}
	s, err := readSeed(e.p)
	if err != nil {
		return seed{}, err
	}
	return s, s.checkSize()
}

// finish returns what the step shows. period is the time step, 0 for none.
func (e *enrolling) finish(ctx context.Context, period int64) (token.Enrolment, error) {
	k := keyURL{holder: e.holder, view: e.view, seed: e.seed, hash: e.hash, period: period, digits: e.d.Token.Digits,
		twoStep: e.first, policy: e.policy}
	if e.c.Rules.URLAsAsked {
		if e.asked.hash != k.hash || e.asked.digits != k.digits || e.asked.period != period {
			e.c.Note(audit.Step{What: "enrol", Object: e.d.Token.Serial, Outcome: "warned", Reason: "key URL differs from token"})
		}
		k.hash, k.digits, k.period = e.asked.hash, e.asked.digits, e.asked.period
	}
	key := e.seed.shown()
	key.Extra = map[string]any{"value_b32": secret.Text(otp.Base32(e.seed.key.Reveal()))}
	urls, err := k.shown(ctx, e.c, e.d)
	if err != nil {
		return token.Enrolment{}, err
	}
	shown := append([]token.Shown{key}, urls...)
	if e.first != nil {
		for _, v := range e.first.values() {
			shown = append(shown, token.Shown{Name: v.name, Value: v.value})
		}
	}
	return token.Enrolment{Shown: append(shown, token.Shown{Name: "rollout_state", Value: e.d.Token.State})}, nil
}

// generator returns the generator of a stored token; nil where it has a length
// that no code has. A hash that is not known counts as SHA-1, as it always did.
func (o oath) generator(c *token.Case, t *token.Token) (*otp.Generator, error) {
	h, err := otp.ParseHash(t.Info["hashlib"].Text)
	if err != nil {
		h = otp.SHA1
	}
	key, err := c.Secret(t)
	if err != nil {
		return nil, err
	}
	g, err := otp.NewGenerator(key.Reveal(), h, t.Digits)
	if err != nil {
		c.Note(audit.Step{What: "token", Object: t.Serial, Outcome: "skipped", Reason: "length", Numbers: []int64{int64(t.Digits)}})
		return nil, nil
	}
	return g, nil
}

// maxSearch bounds the number of steps a window looks at on one side, whatever
// is stored: a window is also work that a caller without a password can cause.
const maxSearch = 20000

func bounded(window int64) int64 { return min(max(window, 0), maxSearch) }
