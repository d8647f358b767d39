package tokentest

import (
	"maps"
	"slices"

	"symbolon/internal/setting"
	"symbolon/internal/token"
)

func clone(t *token.Token) *token.Token {
	c := *t
	c.Info, c.Realms, c.Groups = maps.Clone(t.Info), slices.Clone(t.Realms), slices.Clone(t.Groups)
	c.Sealed = slices.Clone(t.Sealed)
	return &c
}

// Accept applies what an accepting decision changes, with the Succeed that every
// such decision has.
func (w *World) Accept(t *token.Token, changes ...token.Change) error {
	w.T.Helper()
	return w.Apply(append(slices.Clone(changes), token.Succeed{Token: t.ID, Version: &t.Version, At: w.Now,
		ClearAfter: setting.ClearFailuresAfter(w.Settings), CountUse: true, Stamp: true})...)
}

// Judge applies a Match as the engine does: Accept for a right code, and what is
// kept of a wrong one.
func (w *World) Judge(t *token.Token, m token.Match) error {
	w.T.Helper()
	if m.OK {
		return w.Accept(t, m.Changes...)
	}
	return w.Apply(append(slices.Clone(m.Kept), token.CountFailure{Token: t.ID, At: w.Now})...)
}

// Apply applies changes together, or none and returns token.ErrConflict. It
// knows the changes of tokens that logins and enrolments make, and those of
// challenges; another one fails the test.
func (w *World) Apply(changes ...token.Change) error {
	w.T.Helper()
	tokens, order, challenges := map[token.ID]*token.Token{}, slices.Clone(w.order), w.Challenges()
	for id, t := range w.tokens {
		tokens[id] = clone(t)
	}
	next := &World{T: w.T, tokens: tokens, order: order, challenges: challenges}
	for _, c := range changes {
		if !next.apply(c) {
			return token.ErrConflict
		}
	}
	w.tokens, w.order, w.challenges = next.tokens, next.order, next.challenges
	return nil
}

func (w *World) apply(c token.Change) (holds bool) {
	switch c := c.(type) {
	case token.Create:
		for _, t := range w.tokens {
			if t.Serial == c.Token.Serial {
				return false
			}
		}
		w.tokens[c.Token.ID], w.order = clone(&c.Token), append(w.order, c.Token.ID)
		return true
	case token.Delete:
		_, ok := w.tokens[c.Token]
		delete(w.tokens, c.Token)
		return ok
	case token.MoveCounter:
		return w.change(c.Token, func(t *token.Token) bool { return swap(&t.Counter, c.From, c.To) })
	case token.Succeed:
		return w.change(c.Token, func(t *token.Token) bool { return succeed(t, c) })
	case token.Guard:
		return w.change(c.Token, func(t *token.Token) bool { return usable(t, c) })
	case token.CountFailure:
		return w.change(c.Token, func(t *token.Token) bool { return fail(t, c) })
	case token.ResetFailures:
		return w.change(c.Token, func(t *token.Token) bool { t.Failures = 0; return !t.Locked && !t.Revoked })
	case token.Stamp:
		return w.change(c.Token, func(t *token.Token) bool { t.LastUse = c.At; return true })
	case token.SetInfo:
		return w.change(c.Token, func(t *token.Token) bool { return setInfo(t, c) })
	case token.SetState:
		return w.change(c.Token, func(t *token.Token) bool { return swap(&t.State, c.From, c.To) })
	case token.SetPIN:
		return w.change(c.Token, func(t *token.Token) bool { return swap(&t.PINHash, c.From, c.To) })
	case token.SetActive:
		return w.change(c.Token, func(t *token.Token) bool { return swap(&t.Active, !c.To, c.To) && !t.Locked && !t.Revoked })
	case token.Revoke:
		return w.change(c.Token, func(t *token.Token) bool {
			was := t.Locked
			t.Revoked, t.Locked, t.Active = true, true, false
			return !was
		})
	}
	return w.applyChallenge(c)
}

func (w *World) applyChallenge(c token.Change) (holds bool) {
	find := func(id token.ID) *token.Challenge {
		for _, ch := range w.challenges {
			if ch.ID == id {
				return ch
			}
		}
		return &token.Challenge{}
	}
	drop := func(which func(*token.Challenge) bool) bool {
		n := len(w.challenges)
		w.challenges = slices.DeleteFunc(w.challenges, which)
		return len(w.challenges) < n
	}
	switch c := c.(type) {
	case token.OpenChallenge:
		ch := c.Challenge
		w.challenges = append(w.challenges, &ch)
	case token.Settle:
		ch := find(c.Challenge)
		if ch.Status != token.Open || !ch.Valid(c.At) {
			return false
		}
		ch.Status = c.To
		if c.Expires.After(ch.Expires) {
			ch.Expires = c.Expires
		}
	case token.Consume:
		ch := find(c.Challenge)
		return ch.Status == c.Was && ch.Valid(c.At) && drop(func(x *token.Challenge) bool { return x == ch })
	case token.CountTry:
		find(c.Challenge).Tries++
	case token.CloseTransaction:
		drop(func(ch *token.Challenge) bool { return ch.Transaction == c.Transaction })
	case token.SweepChallenges:
		drop(func(ch *token.Challenge) bool { return ch.Token == c.Token && !c.At.Before(ch.Expires) })
	default:
		w.T.Fatalf("tokentest does not know the change %T", c)
	}
	return true
}

func (w *World) change(id token.ID, f func(*token.Token) bool) bool {
	t, ok := w.tokens[id]
	return ok && f(t)
}

func swap[T comparable](at *T, from, to T) bool {
	was := *at
	*at = to
	return was == from
}

func usable(t *token.Token, c token.Guard) bool {
	return t.Usable(c.At, c.ClearAfter) == "" && (c.Version == nil || *c.Version == t.Version)
}

func succeed(t *token.Token, c token.Succeed) bool {
	if !usable(t, token.Guard{Version: c.Version, At: c.At, ClearAfter: c.ClearAfter}) {
		return false
	}
	t.Failures = 0
	if c.CountUse {
		t.Uses, t.Successes = t.Uses+1, t.Successes+1
	}
	if c.Stamp {
		t.LastUse = c.At
	}
	return true
}

func fail(t *token.Token, c token.CountFailure) bool {
	if t.Failures >= t.MaxFailures && t.Cleared(c.At, c.ClearAfter) {
		t.Failures = 0
	}
	if t.Failures < t.MaxFailures {
		t.Failures++
		if t.Failures == t.MaxFailures {
			t.FailedAt = c.At
		}
	}
	if c.CountUse {
		t.Uses++
	}
	return true
}

func setInfo(t *token.Token, c token.SetInfo) bool {
	e, ok := t.Info[c.Key]
	if ok != (c.From != nil) || ok && e != *c.From {
		return false
	}
	if c.To == nil {
		delete(t.Info, c.Key)
		return true
	}
	if t.Info == nil {
		t.Info = map[string]token.Entry{}
	}
	t.Info[c.Key] = *c.To
	return true
}
