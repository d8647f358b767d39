package tokentype

import (
	"strconv"

	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/setting"
	"symbolon/internal/token"
	"symbolon/protocol/otp"
)

// Values of the policies hotp_2step and its like.
const (
	twoStepAllow = "allow"
	twoStepForce = "force"
)

// Information of a token between the two steps.
const (
	infoClientSize = "2step_clientsize"
	infoDifficulty = "2step_difficulty"
)

// What is usual, and what is accepted, of the sizes of a two-step enrolment.
// The phone does the derivation too, and the server in a request.
const (
	usualClientSize = 8
	usualDifficulty = 10000
	maxDifficulty   = 1000000
)

// twoStep are the sizes of a two-step enrolment (token-engine.md 5.6).
type twoStep struct {
	client     int // bytes of the phone's part
	server     int // bytes of the server's part
	output     int // bytes of the key
	difficulty int // rounds
}

type named struct {
	name  string
	value int
}

// values are what the phone is told, under the names of answers and URLs.
func (s *twoStep) values() []named {
	return []named{{"2step_salt", s.client}, {"2step_output", s.output}, {"2step_difficulty", s.difficulty}}
}

// fit completes the sizes that depend on the hash. Both parts together must be
// as long as any other key.
func (s *twoStep) fit(h otp.Hash, o oathPolicies) error {
	if s == nil {
		return nil
	}
	s.output = h.Size()
	if s.server == 0 {
		s.server = s.output
	}
	if s.server+s.client < minKey {
		return fault.New(fault.PolicyActionValue, o.serverSize.Name, "the two parts have fewer than 16 bytes together")
	}
	return nil
}

// begin puts the draft between the steps.
func (s *twoStep) begin(d *token.Draft) {
	d.SetInfo(infoClientSize, strconv.Itoa(s.client))
	d.SetInfo(infoDifficulty, strconv.Itoa(s.difficulty))
	d.Token.State, d.Token.Active = token.ClientWait, false
}

// twoStepWanted reports whether this request begins an enrolment in two steps.
// Without a policy nobody can ask for it.
func (e *enrolling) twoStepWanted(waits bool) (bool, error) {
	a, ok := e.policy.twoStep.of(e.c)
	if !ok {
		return false, nil
	}
	mode, err := a.In(e.actor)
	if err != nil {
		return false, err
	}
	wanted := setting.IsTrue(e.p["2stepinit"])
	switch mode {
	case "":
		return false, nil
	case twoStepAllow:
		return wanted, nil
	case twoStepForce:
		return wanted || e.d.New || e.d.Rolling && !waits && e.c.Rules.TwoStepOnRollover, nil
	}
	return false, fault.New(fault.TwoStepPolicy, mode)
}

// twoStepSizes asks the policies of the future owner for the sizes. The hash is
// not known yet; see fit.
func (e *enrolling) twoStepSizes() (*twoStep, error) {
	s := &twoStep{client: usualClientSize, difficulty: usualDifficulty}
	for _, size := range []struct {
		action policy.Int
		to     *int
		limit  int
	}{
		{e.policy.clientSize, &s.client, maxKey},
		{e.policy.serverSize, &s.server, maxKey},
		{e.policy.difficulty, &s.difficulty, maxDifficulty},
	} {
		n, ok, err := size.action.In(e.view)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		if n < 1 || n > size.limit {
			return nil, fault.New(fault.PolicyActionValue, size.action.Name, "must be from 1 to "+strconv.Itoa(size.limit))
		}
		*size.to = n
	}
	return s, nil
}

// stored returns a number of the token's information between bounds, or the usual one.
func stored(t *token.Token, key string, usual, limit int) int {
	n, err := strconv.Atoi(t.Info[key].Text)
	if err != nil || n < 1 || n > limit {
		return usual
	}
	return n
}

// complete is the second step: the stored key is the server's part, otpkey the
// phone's; together they make the key. Everything else stays as the first step
// has told the phone.
func (e *enrolling) complete() error {
	client, err := readSeed(e.p)
	if err != nil {
		return err
	}
	t := &e.d.Token
	if want := stored(t, infoClientSize, usualClientSize, maxKey); client.key.Len() != want {
		return fault.New(fault.ClientPartSize, want, client.key.Len())
	}
	if e.hash, err = otp.ParseHash(t.Info["hashlib"].Text); err != nil {
		e.hash = otp.SHA1
	}
	server, err := e.c.Secret(t)
	if err != nil {
		return err
	}
	rounds := stored(t, infoDifficulty, usualDifficulty, maxDifficulty)
	key, err := otp.DeriveKey(server.Reveal(), client.key.Reveal(), rounds, e.hash.Size())
	if err != nil {
		return err
	}
	e.seed = seedOf(key)
	e.d.Secret = &e.seed.key
	t.State, t.Active = token.Enrolled, true
	e.asked.hash, e.asked.digits = e.hash, t.Digits
	return nil
}
