package authn

import (
	"context"
	"strings"

	"symbolon/internal/audit"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// respond judges an answer to a transaction: the first token whose challenge it
// fits ends the transaction (token-engine.md 3.5, list 2).
func (l *attempt) respond(ctx context.Context, list []looked) error {
	matched := false
	for _, x := range list {
		ch, r, err := l.judge(ctx, x)
		if err != nil {
			return err
		}
		if r.Verdict != token.Right {
			continue
		}
		if why := l.usable(x.t); why != "" {
			l.unfit(x.t, why)
			matched = true
			l.reject(AnswerUnfit)
			l.d.Changes = append(l.d.Changes, r.Changes...) // spent, though nobody comes in
			l.one(x.t)
			continue
		}
		return l.answered(ctx, x.t, ch, r)
	}
	for _, x := range list {
		if !l.e.Types.Info(x.t.Type).OutOfBand {
			l.fail(x.t, false)
		}
	}
	if matched {
		return nil
	}
	l.reject(WrongAnswers, len(list))
	if len(list) == 1 {
		l.reject(WrongAnswer)
		l.a.Serial, l.a.Type = list[0].t.Serial, list[0].t.Type
	}
	return nil
}

// judge tries the answer on the open challenges of one token. Wrong ones count
// a try, so that a challenge cannot be guessed at without end.
func (l *attempt) judge(ctx context.Context, x looked) (*token.Challenge, token.Response, error) {
	for _, ch := range x.open {
		if !ch.Valid(l.c.Now) || ch.Tries >= maxTries || ch.Status == token.Declined || ch.Status == token.Canceled {
			l.note("challenge", x.t.Serial, "not open", Reason(ch.Status), int64(ch.Tries))
			continue
		}
		r, err := l.judgeOne(ctx, x.t, ch)
		if err != nil {
			return nil, r, err
		}
		switch r.Verdict {
		case token.Right:
			l.note("answer", x.t.Serial, "right", "")
			return ch, r, nil
		case token.Wrong:
			l.d.Changes = append(l.d.Changes, token.CountTry{Challenge: ch.ID})
			l.note("answer", x.t.Serial, "wrong", "", int64(ch.Tries+1))
		}
		l.d.Changes = append(l.d.Changes, r.Kept...)
	}
	return nil, token.Response{}, nil
}

// judgeOne asks the type; a type without answers of its own is asked for a code.
func (l *attempt) judgeOne(ctx context.Context, t *token.Token, ch *token.Challenge) (token.Response, error) {
	if r, ok := l.e.Types[t.Type].(token.Responder); ok {
		answer := token.Params{"pass": l.q.Password}
		for _, name := range l.e.Types.Info(t.Type).AnswerParams {
			answer[name] = l.q.Answer[name]
		}
		return r.Respond(ctx, l.c, t, ch, answer)
	}
	v, ok := l.e.Types[t.Type].(token.Verifier)
	if !ok {
		return token.Response{}, nil
	}
	m, err := v.Verify(ctx, l.c, t, l.q.Password)
	if err != nil || !m.OK {
		return token.Response{Verdict: token.Wrong, Kept: m.Kept}, err
	}
	return token.Response{Verdict: token.Right, Changes: append(m.Changes,
		token.Consume{Challenge: ch.ID, Was: token.Open, At: l.c.Now})}, nil
}

// answered accepts, or asks on; either way the transaction ends.
func (l *attempt) answered(ctx context.Context, t *token.Token, ch *token.Challenge, r token.Response) error {
	l.d.Changes = append(l.d.Changes, r.Changes...)
	l.d.Changes = append(l.d.Changes, token.CloseTransaction{Transaction: l.q.Transaction},
		token.SweepChallenges{Token: t.ID, At: l.c.Now})
	l.a.Serial = t.Serial
	if r.Next != nil {
		l.a.Outcome, l.a.Reason = Challenge, ChallengeOffered
		return l.question(ctx, "", t, r.Next, ch.Purpose)
	}
	l.a.Outcome, l.a.Reason = Accept, MatchingAnswer
	l.a.Type = t.Type
	l.passed = append(l.passed, t)
	return nil
}

// ask opens challenges for tokens whose PIN was given (list 3).
func (l *attempt) ask(ctx context.Context, list []looked) error {
	raise, err := l.raising(ctx)
	if err != nil {
		return err
	}
	active := false
	for _, x := range list {
		if raise {
			l.fail(x.t, false)
		}
		active = active || x.t.Active
	}
	if !active {
		l.reject(NoActiveChallenge)
		return nil
	}
	tokens := make([]*token.Token, 0, len(list))
	for _, x := range list {
		if x.t.Active {
			tokens = append(tokens, x.t)
		}
	}
	return l.challenge(ctx, tokens)
}

// raising reports whether a challenge counts as a failure until it is answered.
func (l *attempt) raising(ctx context.Context) (bool, error) {
	view, err := l.view(ctx, nil)
	if err != nil {
		return false, err
	}
	return policy.IncreaseFailcounterOnChallenge.In(view)
}

// challenge opens one transaction with a challenge for each token that can be
// used; the others say why they cannot (token-engine.md 3.6).
func (l *attempt) challenge(ctx context.Context, tokens []*token.Token) error {
	l.a.Outcome, l.a.Reason = Challenge, ChallengeOffered
	transaction := ""
	for _, t := range tokens {
		if why := l.usable(t); why != "" {
			l.unfit(t, why)
			l.a.Prompts = append(l.a.Prompts, Prompt{Unfit: why})
			continue
		}
		o, err := l.e.Types[t.Type].(token.Challenger).Challenge(ctx, l.c, t)
		if err != nil {
			return err
		}
		if err := l.question(ctx, transaction, t, o, token.Login); err != nil {
			return err
		}
		transaction = l.d.opened[0].challenge.Transaction
	}
	if len(l.d.opened) == 0 {
		l.a.Outcome = Reject
	} else {
		last := l.d.opened[len(l.d.opened)-1].token
		l.a.Serial, l.a.Type = last.Serial, last.Type
	}
	return nil
}

// question opens one challenge with the prompt that policies want.
func (l *attempt) question(ctx context.Context, transaction string, t *token.Token, o *token.Opening, why token.Purpose) error {
	if o.Prompt.Literal == "" && o.Prompt.Key == "enter-otp" {
		view, err := l.view(ctx, t)
		if err != nil {
			return err
		}
		if o.Prompt.Literal, err = policy.ChallengeText.In(view); err != nil {
			return err
		}
	}
	if o.Prompt.Literal != "" && l.e.Rules.ChallengeTags {
		text, err := l.tags(ctx, t, strings.ReplaceAll(o.Prompt.Literal, `\,`, ","))
		if err != nil {
			return err
		}
		o.Prompt.Literal = text
	}
	if _, err := l.open(transaction, t, o, why); err != nil {
		return err
	}
	l.a.Prompts = append(l.a.Prompts, Prompt{Text: o.Prompt})
	return nil
}

// Trigger opens challenges without a PIN, for a service that has the right to
// (token-engine.md 4.8). Whether it has is decided by the caller.
func (s *Session) Trigger(ctx context.Context, q Request) (Answer, error) {
	return s.attempt(ctx, q, func(ctx context.Context, l *attempt) error { return l.trigger(ctx) })
}

func (l *attempt) trigger(ctx context.Context) error {
	if err := first(ctx, l.restrictType, l.moveRealm, l.subject); err != nil {
		return err
	}
	if err := l.triggered(ctx); err != nil {
		return err
	}
	raise, err := l.raising(ctx)
	if err != nil {
		return err
	}
	if raise {
		for _, t := range l.tokens {
			l.fail(t, false)
		}
	}
	if err := l.challenge(ctx, l.tokens); err != nil {
		return err
	}
	l.a.Triggered = len(l.d.opened)
	return first(ctx, l.dress, l.authorized)
}

// Poll says where a transaction stands. It consumes nothing. The policy
// api_key_required applies.
func (s *Session) Poll(ctx context.Context, transaction string, key APIKey) (Status, error) {
	err := s.Look(func(c *token.Case, _ *site.Site) error { return needKey(ctx, c, realm.User{}, key) })
	if err != nil {
		return PollPending, err
	}
	list, err := s.engine.Store.Transaction(ctx, transaction)
	if err != nil {
		return PollPending, err
	}
	now, status := s.engine.Now(), PollPending
	for _, ch := range list {
		s.Record.Serial = ch.Serial
		if !ch.Valid(now) {
			continue
		}
		switch ch.Status {
		case token.Answered:
			status = PollAccepted
		case token.Declined:
			if status != PollAccepted {
				status = PollDeclined
			}
		case token.Canceled:
			if status == PollPending {
				status = PollCancelled
			}
		}
	}
	s.trace.Steps = append(s.trace.Steps, audit.Step{What: "transaction", Outcome: string(status)})
	return status, nil
}
