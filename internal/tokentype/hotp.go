package tokentype

import (
	"context"
	"strconv"
	"time"

	"symbolon/internal/audit"
	"symbolon/internal/realm"
	"symbolon/internal/setting"
	"symbolon/internal/token"
	"symbolon/protocol/otp"
)

// HOTP is the token that counts (RFC 4226; token-types.md B.1). Its counter is
// that of the next code to accept.
type HOTP struct{}

var (
	_ token.Enroller   = HOTP{}
	_ token.Verifier   = HOTP{}
	_ token.Challenger = HOTP{}
	_ token.Resyncer   = HOTP{}
	_ token.Finder     = HOTP{}
	_ token.Prover     = HOTP{}
)

var hotp = oathOf("hotp", "HOTP", "HotpChallengeValidityTime")

// Info implements token.Type.
func (HOTP) Info() token.Info {
	return token.Info{ID: hotp.id, Prefix: "OATH", Title: "HOTP: one-time codes by a counter", Standalone: true, Provable: true,
		EnrolBy: []realm.Role{realm.Admin, realm.Owner}, Actions: hotp.policy.defined(),
		Settings: []string{hotp.hashlib.Name, hotp.lifetime.Name}, EnrollParams: hotp.params()}
}

// Enroll implements token.Enroller.
func (HOTP) Enroll(ctx context.Context, c *token.Case, d *token.Draft, p token.Params) (token.Enrolment, error) {
	e, err := hotp.begin(ctx, c, d, p)
	if err != nil {
		return token.Enrolment{}, err
	}
	second, err := e.second()
	if err != nil {
		return token.Enrolment{}, err
	}
	if second {
		err = e.complete()
	} else {
		err = e.take()
	}
	if err != nil {
		return token.Enrolment{}, err
	}
	return e.finish(ctx, 0)
}

// Verify looks for code among the next Window counters. Where it is not there,
// and the setting AutoResync is on, a code further ahead is remembered, and the
// one after it accepted.
func (HOTP) Verify(_ context.Context, c *token.Case, t *token.Token, code string) (token.Match, error) {
	g, err := hotp.generator(c, t)
	if g == nil || err != nil {
		return token.Match{}, err
	}
	m, ok := hotpWindow(c, t, g, code, t.Window)
	if ok || m.Replay || !setting.AutoResync.In(c.Settings) {
		return m, nil
	}
	at, found := g.Search(code, t.Counter, t.Counter+bounded(t.SyncWindow))
	if !found {
		return m, nil
	}
	return autoResync(c, t, at, at+1), nil
}

// hotpWindow looks for code among the next counters.
func hotpWindow(c *token.Case, t *token.Token, g *otp.Generator, code string, window int64) (token.Match, bool) {
	at, ok := g.Search(code, t.Counter, t.Counter+bounded(window))
	note(c, t, ok, t.Counter, bounded(window))
	if ok {
		return token.Match{OK: true, Changes: []token.Change{token.MoveCounter{Token: t.ID, From: t.Counter, To: at + 1}}}, true
	}
	if t.Counter > 0 {
		_, ok = g.Search(code, t.Counter-1, t.Counter)
	}
	return token.Match{Replay: ok}, false
}

// note explains a judgement: where was looked, and how far.
func note(c *token.Case, t *token.Token, ok bool, from, window int64) {
	outcome := "wrong"
	if ok {
		outcome = "right"
	}
	c.Note(audit.Step{What: "code", Object: t.Serial, Outcome: outcome, Numbers: []int64{t.Counter, from, window}})
}

// Prove implements token.Prover: the first code is looked for as any other, but
// nothing is remembered for a resynchronisation.
func (HOTP) Prove(_ context.Context, c *token.Case, t *token.Token, code string) (token.Match, error) {
	g, err := hotp.generator(c, t)
	if g == nil || err != nil {
		return token.Match{}, err
	}
	m, _ := hotpWindow(c, t, g, code, t.Window)
	return m, nil
}

// usualExists is the window of Exists when none is asked for.
const usualExists = 10

// Exists implements token.Finder. A hit spends the code.
func (HOTP) Exists(_ context.Context, c *token.Case, t *token.Token, code string, window int64) (token.Match, error) {
	g, err := hotp.generator(c, t)
	if g == nil || err != nil {
		return token.Match{}, err
	}
	if window <= 0 {
		window = usualExists
	}
	m, _ := hotpWindow(c, t, g, code, window)
	return m, nil
}

// Resync implements token.Resyncer: both codes must follow each other in the
// synchronisation window, and are spent then.
func (HOTP) Resync(_ context.Context, c *token.Case, t *token.Token, first, second string) (bool, []token.Change, error) {
	g, err := hotp.generator(c, t)
	if g == nil || err != nil {
		return false, nil, err
	}
	at, ok := g.SearchPair(first, second, t.Counter, t.Counter+bounded(t.SyncWindow))
	note(c, t, ok, t.Counter, bounded(t.SyncWindow))
	if !ok {
		return false, nil, nil
	}
	return true, []token.Change{token.MoveCounter{Token: t.ID, From: t.Counter, To: at + 2}}, nil
}

// Challenge implements token.Challenger.
func (HOTP) Challenge(_ context.Context, c *token.Case, _ *token.Token) (*token.Opening, error) {
	return hotp.challenge(c), nil
}

// challenge asks for a code. The text is the general one, which a policy may replace.
func (o oath) challenge(c *token.Case) *token.Opening {
	return &token.Opening{Prompt: token.Text{Key: "enter-otp"}, Mode: token.Interactive,
		Life: time.Duration(o.lifetime.In(c.Settings)) * time.Second}
}

// Information by which the first code of an automatic resynchronisation is
// remembered: its counter, and the second (of the epoch) until which the next
// code must have come.
const (
	firstCode    = "otp1c"
	firstCodeDue = "dueDate"
)

// autoResync judges a code that was found outside of the window, at counter at.
// The first one is remembered and refused. The next one is accepted when it
// follows that at once and in time, and moves the counter to next; any other
// makes the server forget, so that the user begins again.
func autoResync(c *token.Case, t *token.Token, at, next int64, more ...token.Change) token.Match {
	remembered, due := entry(t, firstCode), entry(t, firstCodeDue)
	if remembered == nil {
		until := c.Now.Unix() + setting.AutoResyncTimeout.In(c.Settings)
		c.Note(audit.Step{What: "resync", Object: t.Serial, Outcome: "remembered", Numbers: []int64{at}})
		return token.Match{Resync: true, Kept: []token.Change{
			token.SetInfo{Token: t.ID, Key: firstCode, To: &token.Entry{Text: strconv.FormatInt(at, 10)}},
			token.SetInfo{Token: t.ID, Key: firstCodeDue, From: due, To: &token.Entry{Text: strconv.FormatInt(until, 10)}},
		}}
	}
	forget := []token.Change{token.SetInfo{Token: t.ID, Key: firstCode, From: remembered}}
	if due != nil {
		forget = append(forget, token.SetInfo{Token: t.ID, Key: firstCodeDue, From: due})
	}
	before, err := strconv.ParseInt(remembered.Text, 10, 64)
	if err != nil || before != at-1 || !inTime(c, due) {
		c.Note(audit.Step{What: "resync", Object: t.Serial, Outcome: "forgotten", Numbers: []int64{at}})
		return token.Match{Kept: forget}
	}
	c.Note(audit.Step{What: "resync", Object: t.Serial, Outcome: "done", Numbers: []int64{at}})
	changes := append([]token.Change{token.MoveCounter{Token: t.ID, From: t.Counter, To: next}}, forget...)
	return token.Match{OK: true, Changes: append(changes, more...)}
}

func inTime(c *token.Case, due *token.Entry) bool {
	if due == nil {
		return false
	}
	until, err := strconv.ParseInt(due.Text, 10, 64)
	return err == nil && until > c.Now.Unix()
}

// entry returns a token's information as a change names it; nil where there is none.
func entry(t *token.Token, key string) *token.Entry {
	e, ok := t.Info[key]
	if !ok {
		return nil
	}
	return &e
}
