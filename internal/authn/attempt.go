package authn

import (
	"context"
	"io"
	"slices"
	"time"

	"symbolon/internal/audit"
	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/secret"
	"symbolon/internal/setting"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// Request is one authentication, as a dialect has read it.
type Request struct {
	// User is who was named, looked up already; without ID when nobody knows it.
	// A zero User with a Serial means the token's owner.
	User        realm.User
	Serial      string
	Password    string       // PIN and code, or the answer to a challenge
	Transaction string       // set: Password answers this transaction
	CodeOnly    bool         // with Serial: Password is the code alone
	Type        string       // only tokens of this type, where that is allowed
	Service     string       // service_id
	Answer      token.Params // what the client sent beside pass; types see what they declare
	APIKey      APIKey
	NeedsKey    bool // the policy api_key_required applies to this request
}

// APIKey is what a request brought to prove that its sender may ask.
type APIKey int

// What the sender brought.
const (
	NoAPIKey    APIKey = iota // none, or one that cannot be read
	OtherJWT                  // a token, but of another role
	ValidAPIKey               // one of role validate
)

// attempt is one decision on one login.
type attempt struct {
	e *Engine
	c *token.Case
	q Request

	who    realm.User     // whom the request is about
	tokens []*token.Token // those that take part
	all    []*token.Token // all of the user's, or the one of the serial
	force  bool           // policy force_challenge_response
	d      Decision
	a      Answer
	// passed are the tokens that have accepted; their successes are written when
	// it is known whether the last use is to be stamped.
	passed []*token.Token
	stamp  bool
	resync *token.Token // whose first code of two was remembered
}

// rule looks at an attempt. done says that the answer is found.
type rule func(ctx context.Context) (done bool, err error)

// first asks the rules in order until one has the answer.
func first(ctx context.Context, rules ...rule) error {
	for _, r := range rules {
		if done, err := r(ctx); done || err != nil {
			return err
		}
	}
	return nil
}

func (l *attempt) note(what, object, outcome string, reason Reason, n ...int64) {
	l.c.Note(audit.Step{What: what, Object: object, Outcome: outcome, Reason: string(reason), Numbers: n})
}

func (l *attempt) reject(r Reason, args ...any) { l.a.Outcome, l.a.Reason, l.a.Args = Reject, r, args }

// view are the policies as they apply to the user of the request, else to t's
// owner, else to t's first realm.
func (l *attempt) view(ctx context.Context, t *token.Token) (policy.View, error) {
	if l.who.Named() || t == nil {
		return l.c.Policies(ctx, token.About{User: &l.who, Token: t}), nil
	}
	return l.c.Policy(ctx, t)
}

// clear is the time after which a full fail counter opens again.
func (l *attempt) clear() time.Duration { return l.e.Rules.clearOnUse(l.c.Settings) }

func (l *attempt) counting() bool { return !setting.NoAuthCounter.In(l.c.Settings) }

func (l *attempt) usable(t *token.Token) token.Unusable { return t.Usable(l.c.Now, l.clear()) }

// unfit notes why a token is not used; each reason is said once.
func (l *attempt) unfit(t *token.Token, why token.Unusable) {
	l.c.Note(audit.Step{What: "token", Object: t.Serial, Outcome: "skipped", Reason: string(why),
		Numbers: []int64{int64(t.Failures), int64(t.MaxFailures)}})
	if !slices.Contains(l.a.Unfit, why) {
		l.a.Unfit = append(l.a.Unfit, why)
	}
}

// fail counts a failure of t. use says that it was a try of the token itself.
func (l *attempt) fail(t *token.Token, use bool) {
	l.d.Changes = append(l.d.Changes, token.CountFailure{Token: t.ID, At: l.c.Now,
		ClearAfter: l.e.Rules.clearOnFailure(l.c.Settings), CountUse: use && l.counting()})
	l.note("failure", t.Serial, "counted", "", int64(t.Failures), int64(t.MaxFailures))
}

// one makes the answer about one token.
func (l *attempt) one(t *token.Token) { l.a.Serial, l.a.Type, l.a.Digits = t.Serial, t.Type, t.Digits }

// succeed writes the successes, now that all is known.
func (l *attempt) succeed() {
	for _, t := range l.passed {
		l.d.Changes = append(l.d.Changes, token.Succeed{Token: t.ID, Version: &t.Version, At: l.c.Now, ClearAfter: l.clear(),
			CountUse: l.counting(), Stamp: l.stamp})
	}
}

// open adds a challenge for t to the decision. transaction "" begins a new one.
func (l *attempt) open(transaction string, t *token.Token, o *token.Opening, why token.Purpose) (string, error) {
	if transaction == "" {
		var b [8]byte
		if _, err := io.ReadFull(l.c.Rand, b[:]); err != nil {
			return "", err
		}
		transaction = l.e.Rules.TransactionID(b)
	}
	id, err := l.c.NewID()
	if err != nil {
		return "", err
	}
	ch := token.Challenge{ID: id, Transaction: transaction, Token: t.ID, Serial: t.Serial, Purpose: why, Nonce: o.Nonce,
		Status: token.Open, Created: l.c.Now, Expires: l.c.Now.Add(l.life(t, o))}
	if len(o.Data) > 0 {
		if ch.Data, err = l.c.Vault.SealText("challenge", secret.New(o.Data)); err != nil {
			return "", err
		}
	}
	l.d.Changes = append(l.d.Changes, token.Guard{Token: t.ID, Version: &t.Version, At: l.c.Now, ClearAfter: l.clear()},
		token.SweepChallenges{Token: t.ID, At: l.c.Now})
	l.d.Changes = append(append(l.d.Changes, o.Changes...), token.OpenChallenge{Challenge: ch})
	l.d.opened = append(l.d.opened, opened{t, ch, o})
	l.note("challenge", t.Serial, "opened", "", int64(ch.Expires.Sub(l.c.Now)/time.Second))
	return transaction, nil
}

// life is how long a challenge of t can be answered (token-engine.md 2.6):
// <Type>ChallengeValidityTime with one capital letter, else the default.
func (l *attempt) life(t *token.Token, o *token.Opening) time.Duration {
	if o.Life > 0 {
		return o.Life
	}
	name := []byte(t.Type + "ChallengeValidityTime")
	if 'a' <= name[0] && name[0] <= 'z' {
		name[0] -= 'a' - 'A'
	}
	seconds := setting.Int{Name: string(name), Default: setting.DefaultChallengeLife.In(l.c.Settings), Min: 1}
	return time.Duration(seconds.In(l.c.Settings)) * time.Second
}

// record says of the attempt what the trail keeps.
func (l *attempt) record() audit.Record {
	r := audit.Record{Success: l.a.Outcome == Accept, Authentication: l.a.Outcome.String(), Serial: l.a.Serial,
		TokenType: l.a.Type, User: l.who.Login, Realm: l.who.Realm, Resolver: l.who.Resolver,
		Reason: string(l.a.Reason), Args: l.a.Args}
	if l.a.Reason == NotUsable || l.a.Reason == AnswerUnfit || len(l.a.Unfit) > 0 && l.a.Reason == MatchingTokens {
		for _, u := range l.a.Unfit {
			r.Args = append(slices.Clone(r.Args), string(u))
		}
	}
	if l.d.Fault != nil {
		r.Success, r.Reason, r.Args = false, l.d.Fault.Kind.String(), l.d.Fault.Args
	}
	return r
}

// offered are the opened challenges as the client may see them.
func (l *attempt) offered() {
	for _, o := range l.d.opened {
		if o.opening.Hidden {
			continue
		}
		l.a.Challenges = append(l.a.Challenges, Offered{Transaction: o.challenge.Transaction, Serial: o.token.Serial,
			Type: o.token.Type, Prompt: o.opening.Prompt, Mode: o.opening.Mode, Show: o.opening.Show,
			ShowNull: o.challenge.Purpose == token.Resyncing, Image: o.opening.Image})
	}
}

// Check decides one authentication.
func (s *Session) Check(ctx context.Context, q Request) (Answer, error) {
	return s.attempt(ctx, q, func(ctx context.Context, l *attempt) error { return l.check(ctx) })
}

// attempt runs one kind of login decision and delivers what it opened.
func (s *Session) attempt(ctx context.Context, q Request, decide func(context.Context, *attempt) error) (Answer, error) {
	var l *attempt
	d, err := s.Run(ctx, func(c *token.Case, _ *site.Site) (Decision, error) {
		l = &attempt{e: s.engine, c: c, q: q, who: q.User}
		if err := decide(ctx, l); err != nil {
			return Decision{}, err
		}
		l.d.Record = l.record()
		return l.d, nil
	})
	if err == nil {
		err = s.deliver(ctx, &d)
	}
	if l == nil {
		return Answer{}, err
	}
	l.offered()
	return l.a, err
}

// refuse turns the attempt into a refusal that keeps its changes.
func (l *attempt) refuse(k fault.Kind, args ...any) { l.d.Fault = fault.New(k, args...) }
