package authn

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"unicode/utf8"

	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/setting"
	"symbolon/internal/token"
)

// check is the order of the rules, from top to bottom (token-engine.md 3.1 to
// 3.5 and 4.5). Each is a method named after what it decides.
func (l *attempt) check(ctx context.Context) error {
	if err := first(ctx, l.restrictType, l.moveRealm, l.subject, l.apiKey); err != nil {
		return err
	}
	var err error
	switch {
	case l.q.Serial != "" && l.q.CodeOnly:
		err = first(ctx, l.bySerial, l.ownerWithinLimits, l.codeOnly)
	case l.q.Serial != "":
		err = first(ctx, l.bySerial, l.ownerWithinLimits, l.password)
	default:
		err = first(ctx, l.unknownUser, l.tokensOfUser, l.withoutToken, l.withinLimits, l.passthru, l.noToken,
			l.forceChallenge, l.password)
	}
	if err == nil {
		err = first(ctx, l.lastUse, l.offerResync, l.resetAll, l.countAttempt)
	}
	if err == nil {
		err = first(ctx, l.allowed, l.dress, l.authorized)
	}
	l.succeed()
	return err
}

// checkUser is check for who signs in to administer or to serve himself: the
// caller has found the user and asks no authorization to authenticate.
func (l *attempt) checkUser(ctx context.Context) error {
	err := first(ctx, l.unknownUser, l.tokensOfUser, l.withoutToken, l.withinLimits, l.passthru, l.noToken,
		l.forceChallenge, l.password)
	if err == nil {
		err = first(ctx, l.lastUse, l.offerResync, l.resetAll, l.countAttempt)
	}
	if err == nil {
		err = first(ctx, l.allowed, l.dress)
	}
	l.succeed()
	return err
}

// looked is a token of a request, by what the password is to it.
type looked struct {
	t     *token.Token
	match token.Match
	open  []*token.Challenge // of the transaction that is answered, expired ones too
}

// sorted are the tokens of a request by what its password means to them.
type sorted struct {
	valid, respond, request, pinOnly, invalid []looked
}

// password decides by the tokens (token-engine.md 3.5): it sorts them, and the
// first list with a token in it decides.
func (l *attempt) password(ctx context.Context) (bool, error) {
	if err := l.candidates(ctx); err != nil {
		return true, err
	}
	lists, err := l.sort(ctx)
	if err != nil {
		return true, err
	}
	switch {
	case len(lists.valid) > 0:
		l.accept(lists.valid)
	case len(lists.respond) > 0:
		return false, l.respond(ctx, lists.respond)
	case len(lists.request) > 0:
		return false, l.ask(ctx, lists.request)
	case len(lists.pinOnly) > 0:
		l.wrongCode(lists.pinOnly)
	case len(lists.invalid) > 0:
		l.wrongPIN(lists.invalid)
	case len(l.a.Unfit) > 0:
		l.reject(NotUsable)
	default:
		l.reject(NoSuitableToken)
	}
	return false, nil
}

// candidates drops revoked tokens and types a policy has disabled, and puts the
// rest in the order they are asked.
func (l *attempt) candidates(ctx context.Context) error {
	had := len(l.tokens)
	l.tokens = slices.DeleteFunc(slices.Clone(l.tokens), func(t *token.Token) bool { return t.Revoked })
	if had > 0 && len(l.tokens) == 0 {
		return fault.New(fault.AllRevoked)
	}
	if l.e.Rules.DisabledTypes {
		view, err := l.view(ctx, nil)
		if err != nil {
			return err
		}
		off, err := policy.DisabledTokenTypes.In(view)
		if err != nil {
			return err
		}
		l.tokens = slices.DeleteFunc(l.tokens, func(t *token.Token) bool { return slices.Contains(off, t.Type) })
	}
	weight := func(t *token.Token) int {
		if l.e.Types.Info(t.Type).LastInTurn || t.Type == "" {
			return 1000
		}
		return int(t.Type[0])
	}
	slices.SortStableFunc(l.tokens, func(a, b *token.Token) int { return cmp.Compare(weight(a), weight(b)) })
	return nil
}

// sort asks every token what the password is to it.
func (l *attempt) sort(ctx context.Context) (s sorted, err error) {
	var open []*token.Challenge
	if l.q.Transaction != "" {
		if open, err = l.c.Transaction(ctx, l.q.Transaction); err != nil {
			return s, err
		}
	}
	for _, t := range l.tokens {
		why := l.usable(t)
		if why != "" && (l.e.Rules.UsableFirst || why == token.NotEnrolled && t.State == token.ClientWait || why == token.RevokedToken) {
			l.unfit(t, why)
			continue
		}
		x := looked{t: t}
		switch done, err := l.byTransaction(&x, open, &s); {
		case err != nil:
			return s, err
		case done:
			continue
		}
		triggers, err := l.triggers(ctx, t)
		if err != nil {
			return s, err
		}
		switch {
		case triggers:
			s.request = append(s.request, x)
			continue
		case l.force:
			s.invalid = append(s.invalid, x)
			continue
		}
		if x.match, err = l.e.authenticate(ctx, l.c, l.owner(ctx), t, l.q.Password); err != nil {
			return s, err
		}
		switch {
		case x.match.OK:
			s.valid = append(s.valid, x)
			l.note("code", t.Serial, "right", "", t.Counter)
		case x.match.PIN:
			s.pinOnly = append(s.pinOnly, x)
			l.note("code", t.Serial, "wrong", "", t.Counter, t.Window)
		default:
			s.invalid = append(s.invalid, x)
			l.note("pin", t.Serial, "wrong", "")
		}
	}
	return s, nil
}

// byTransaction sorts a token of a request that answers a challenge: by whether
// the transaction asked it. Types that are never challenged are asked as usual.
func (l *attempt) byTransaction(x *looked, open []*token.Challenge, s *sorted) (bool, error) {
	ty := l.e.Types[x.t.Type]
	_, challenges := ty.(token.Challenger)
	_, responds := ty.(token.Responder)
	if l.q.Transaction == "" || !challenges && !responds {
		return false, nil
	}
	for _, ch := range open {
		if ch.Token == x.t.ID {
			x.open = append(x.open, ch)
		}
	}
	if len(x.open) > 0 {
		s.respond = append(s.respond, *x)
	} else {
		s.invalid = append(s.invalid, *x)
		l.note("challenge", x.t.Serial, "none", "")
	}
	return true, nil
}

// triggers reports whether the password asks t for a challenge: a policy lets
// its type be challenged, and the password is its PIN.
func (l *attempt) triggers(ctx context.Context, t *token.Token) (bool, error) {
	if _, ok := l.e.Types[t.Type].(token.Challenger); !ok {
		return false, nil
	}
	if !l.e.Types.Info(t.Type).FreeTrigger {
		view, err := l.view(ctx, t)
		if err != nil {
			return false, err
		}
		types, err := policy.ChallengeResponse.In(view)
		if err != nil || !slices.Contains(types, t.Type) {
			return false, err
		}
	}
	ok, _, err := l.e.pin(ctx, l.c, l.owner(ctx), t, l.q.Password)
	return ok, err
}

// accept: codes that are right. Tokens that cannot be used are named, and their
// code is spent all the same.
func (l *attempt) accept(list []looked) {
	l.a.Reason, l.a.Args = MatchingTokens, []any{len(list)}
	l.a.Type = list[0].t.Type
	for _, x := range list {
		why := l.usable(x.t)
		if why != token.NotEnrolled { // a code that is needed to prove the token is not spent
			l.d.Changes = append(l.d.Changes, x.match.Changes...)
		}
		if x.t.Type != l.a.Type {
			l.a.Type = "undetermined"
		}
		if why != "" {
			l.unfit(x.t, why)
			continue
		}
		l.a.Outcome = Accept
		l.passed = append(l.passed, x.t)
	}
	if len(list) == 1 {
		l.one(list[0].t)
	}
}

// wrongCode: the PIN was right. Every such token counts a failure and a use.
func (l *attempt) wrongCode(list []looked) {
	l.reject(WrongCode)
	for _, x := range list {
		l.fail(x.t, true)
		l.d.Changes = append(l.d.Changes, x.match.Kept...)
		if x.match.Resync && len(list) == 1 {
			l.resync = x.t
		}
	}
	if len(list) == 1 {
		l.one(list[0].t)
		if list[0].match.Replay {
			l.a.Reason = WrongCodeReplay
		}
	}
}

// wrongPIN: nothing fits. Whether that counts is a setting, on by default:
// without it PINs could be guessed without limit.
func (l *attempt) wrongPIN(list []looked) {
	l.reject(WrongPIN)
	if !setting.CountFalsePIN.In(l.c.Settings) {
		return
	}
	for _, x := range list {
		l.fail(x.t, true)
	}
}

// codeOnly checks the code of one token without its PIN. Others neither look
// at the token's state nor count failures here; we do both.
func (l *attempt) codeOnly(ctx context.Context) (bool, error) {
	t := l.tokens[0]
	if t.Revoked {
		return true, fault.New(fault.AllRevoked)
	}
	if why := l.usable(t); why != "" {
		l.unfit(t, why)
		l.reject(CodeOnlyWrong)
		return false, nil
	}
	v, ok := l.e.Types[t.Type].(token.Verifier)
	if !ok {
		l.reject(CodeOnlyWrong)
		return false, nil
	}
	m, err := v.Verify(ctx, l.c, t, l.q.Password)
	if err != nil {
		return true, err
	}
	if !m.OK {
		l.fail(t, true)
		l.d.Changes = append(l.d.Changes, m.Kept...)
		l.reject(CodeOnlyWrong)
		return false, nil
	}
	l.d.Changes = append(l.d.Changes, m.Changes...)
	l.passed = append(l.passed, t)
	l.a = Answer{Outcome: Accept, Reason: CodeOnlyRight, Serial: t.Serial, Type: t.Type}
	return false, nil
}

// authenticate asks one token for a whole password.
func (e *Engine) authenticate(ctx context.Context, c *token.Case, who holder, t *token.Token, password string) (token.Match, error) {
	if a, ok := e.Types[t.Type].(token.Authenticator); ok {
		return a.Authenticate(ctx, c, t, password)
	}
	v, ok := e.Types[t.Type].(token.Verifier)
	if !ok {
		return token.Match{}, nil
	}
	pin, code, ok := split(password, t.Digits, setting.PrependPIN.In(c.Settings))
	if !ok {
		return token.Match{}, nil
	}
	ok, changes, err := e.pin(ctx, c, who, t, pin)
	if err != nil || !ok {
		return token.Match{}, err
	}
	m, err := v.Verify(ctx, c, t, code)
	m.PIN, m.Changes = true, append(m.Changes, changes...)
	var f *fault.Fault
	if errors.As(err, &f) { // what is stored of the token cannot be judged: it does not log in
		return token.Match{PIN: true}, nil
	}
	return m, err
}

// split cuts a password into PIN and code, by characters. ok is false when it
// is shorter than a code (token-engine.md 5.1).
func split(password string, digits int, prepend bool) (pin, code string, ok bool) {
	n := utf8.RuneCountInString(password)
	if n < digits || digits <= 0 {
		return password, "", n >= digits
	}
	cut, at := 0, digits
	if prepend {
		at = n - digits
	}
	for range at {
		_, size := utf8.DecodeRuneInString(password[cut:])
		cut += size
	}
	if prepend {
		return password[:cut], password[cut:], true
	}
	return password[cut:], password[:cut], true
}
