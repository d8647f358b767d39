package authn

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/token"
)

// lastUse refuses a token whose last login is too long ago, and stamps the login
// otherwise. With several right tokens nothing is known of either.
func (l *attempt) lastUse(ctx context.Context) (bool, error) {
	if l.a.Outcome != Accept || len(l.passed) != 1 || l.a.Serial == "" {
		return false, nil
	}
	t := l.passed[0]
	view, err := l.view(ctx, t)
	if err != nil {
		return true, err
	}
	span, f, err := policy.LastAuth.In(view)
	if err != nil {
		return true, err
	}
	if f.Set && !t.LastUse.IsZero() && t.LastUse.Add(span).Before(l.c.Now) {
		l.c.Used(f.Policies...)
		l.reject(LastUseTooOld, t.LastUse.Format(l.e.Rules.LastAuthText))
		l.a.Prompts = nil
		return false, nil
	}
	l.stamp = true
	return false, nil
}

// offerResync asks for the next code when the code was right, but too far ahead.
func (l *attempt) offerResync(ctx context.Context) (bool, error) {
	if l.resync == nil || l.a.Outcome != Reject {
		return false, nil
	}
	view, err := l.view(ctx, l.resync)
	if err != nil {
		return true, err
	}
	if ok, err := policy.ResyncViaMultichallenge.In(view); err != nil || !ok {
		return err != nil, err
	}
	l.a = Answer{Outcome: Challenge, Reason: ResyncOffered, Serial: l.resync.Serial, Type: l.resync.Type}
	o := &token.Opening{Nonce: "generic_resync", Prompt: token.Text{Key: "resync"}, Mode: token.Interactive}
	if _, err := l.open("", l.resync, o, token.Resyncing); err != nil {
		return true, err
	}
	l.a.Prompts = []Prompt{{Text: o.Prompt}}
	return false, nil
}

// resetAll empties the fail counters of all tokens of the user after a success.
func (l *attempt) resetAll(ctx context.Context) (bool, error) {
	if l.a.Outcome != Accept || len(l.passed) == 0 {
		return false, nil
	}
	view, err := l.view(ctx, nil)
	if err != nil {
		return true, err
	}
	ok, err := policy.ResetAllUserTokens.In(view)
	if err != nil || !ok {
		return err != nil, err
	}
	for _, t := range l.all {
		if !t.Revoked && !t.Locked && !slices.Contains(l.passed, t) && t.Failures > 0 {
			l.d.Changes = append(l.d.Changes, token.ResetFailures{Token: t.ID})
		}
	}
	return false, nil
}

// countAttempt notes the attempt where a policy limits how many there may be.
// Challenges are neither failures nor successes.
func (l *attempt) countAttempt(ctx context.Context) (bool, error) {
	if l.a.Outcome == Challenge || !l.who.Known() {
		return false, nil
	}
	note := token.CountAttempt{Who: l.attempter(), At: l.c.Now, Success: l.a.Outcome == Accept}
	for _, rate := range []policy.Rate{policy.AuthMaxFail, policy.AuthMaxSuccess} {
		limit, f, err := rate.In(l.c.Policies(ctx, token.About{User: &l.who}))
		if err != nil {
			return true, err
		}
		if f.Set {
			note.Keep = max(note.Keep, limit.In)
		}
	}
	if note.Keep > 0 {
		l.d.Changes = append(l.d.Changes, note)
	}
	return false, nil
}

// allowed are the authorization policies on the token that logged in. They are
// asked when the code is spent already, and their refusal keeps the changes.
func (l *attempt) allowed(ctx context.Context) (bool, error) {
	if l.a.Serial == "" {
		return false, nil
	}
	t := l.checked()
	if t == nil {
		return false, nil
	}
	view, err := l.view(ctx, t)
	if err != nil {
		return true, err
	}
	serials, err := policy.AllowedSerial.In(view)
	if err != nil {
		return true, err
	}
	fits := func(pattern string) bool {
		re, err := regexp.Compile(pattern)
		return err == nil && re.MatchString(t.Serial)
	}
	if len(serials) > 0 && !slices.ContainsFunc(serials, fits) {
		l.refuse(fault.SerialNotAllowed)
		return true, nil
	}
	types, err := policy.AllowedTokentype.In(view)
	if err != nil {
		return true, err
	}
	same := func(s string) bool { return strings.EqualFold(s, t.Type) }
	if len(types) > 0 && l.a.Type != "" && !slices.ContainsFunc(types, same) {
		l.refuse(fault.TypeNotAllowed)
		return true, nil
	}
	return l.infoAllowed(view, t)
}

// infoAllowed tests key/REGEX/ of every matching policy.
func (l *attempt) infoAllowed(view policy.View, t *token.Token) (bool, error) {
	wanted, err := policy.AllowedTokeninfo.Find(view)
	if err != nil {
		return true, err
	}
	for value := range wanted {
		key, pattern, ok := strings.Cut(value, "/")
		if !ok {
			continue
		}
		re, err := regexp.Compile(strings.TrimSuffix(pattern, "/"))
		if err != nil || !re.MatchString(t.Info[key].Text) {
			l.refuse(fault.InfoNotAllowed, key)
			return true, nil
		}
	}
	return false, nil
}

// checked is the token the answer is about, as it will be stored, or nil: none,
// or one of several that was not right.
func (l *attempt) checked() *token.Token {
	for _, t := range l.all {
		if t.Serial != l.a.Serial && (l.a.Serial != "" || len(l.all) != 1) {
			continue
		}
		after := *t
		for _, change := range l.d.Changes {
			if m, ok := change.(token.MoveCounter); ok && m.Token == t.ID {
				after.Counter = m.To
			}
		}
		return &after
	}
	return nil
}

// authorized is the last word: a policy that denies access refuses the request
// whatever its result was.
func (l *attempt) authorized(ctx context.Context) (bool, error) {
	view, err := l.view(ctx, l.checked())
	if err != nil {
		return true, err
	}
	how, err := policy.Authorized.In(view)
	if err != nil {
		return true, err
	}
	if how == "deny_access" {
		l.refuse(fault.NotAuthorized)
	}
	return false, nil
}
