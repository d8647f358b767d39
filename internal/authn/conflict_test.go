package authn_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"symbolon/internal/authn"
	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/secret"
	"symbolon/internal/token"
)

// overtaking is what somebody else does between a right login's decision and its
// commit, and what becomes of the login.
type overtaking struct {
	name    string
	set     func(*token.Token)
	other   func(w *world, t *token.Token)
	outcome authn.Outcome
	reason  authn.Reason
	unfit   token.Unusable
	fault   fault.Kind
}

func limits(l func(*token.Limits)) func(*world, *token.Token) {
	return func(w *world, t *token.Token) {
		c := token.SetLimits{Token: t.ID, Version: t.Version}
		l(&c.Limits)
		w.commit(c)
	}
}

func replaced(f func(w *world, next *token.Token)) func(*world, *token.Token) {
	return func(w *world, t *token.Token) {
		next := *t
		f(w, &next)
		w.commit(token.Replace{Token: next, Reseeded: string(next.Sealed) != string(t.Sealed)})
	}
}

func login(password string) func(*world, *token.Token) {
	return func(w *world, _ *token.Token) {
		if a, err := w.check(password); err != nil || a.Outcome != authn.Accept {
			w.t.Errorf("the faster login: %v %v", a, err)
		}
	}
}

func ptr[T any](v T) *T { return &v }

func overtakings() []overtaking {
	past := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	future := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	unfit := func(name string, why token.Unusable, other func(*world, *token.Token)) overtaking {
		return overtaking{name: name, other: other, reason: authn.NotUsable, unfit: why}
	}
	return []overtaking{
		{name: "the same code", other: login("pin" + code("A", 2)), reason: authn.WrongCodeReplay},
		{name: "a later code", other: login("pin" + code("A", 4)), reason: authn.WrongCode},
		{name: "an earlier code", other: login("pin" + code("A", 0)), outcome: authn.Accept, reason: authn.MatchingTokens},
		unfit("disabled", token.Disabled, func(w *world, t *token.Token) { w.commit(token.SetActive{Token: t.ID}) }),
		{name: "revoked", other: func(w *world, t *token.Token) { w.commit(token.Revoke{Token: t.ID}) }, fault: fault.AllRevoked},
		{name: "deleted", other: func(w *world, t *token.Token) { w.commit(token.Delete{Token: t.ID}) }, reason: authn.NoTokens},
		unfit("failures filled", token.FailuresFull, func(w *world, _ *token.Token) {
			for range 10 {
				w.check("pin000000")
			}
		}),
		unfit("no failures allowed", token.FailuresFull, limits(func(l *token.Limits) { l.MaxFailures = ptr(0) })),
		unfit("expired", token.OutsideValidity, limits(func(l *token.Limits) { l.ValidUntil = &past })),
		unfit("not valid yet", token.OutsideValidity, limits(func(l *token.Limits) { l.ValidFrom = &future })),
		unfit("uses used up", token.UsesExceeded, limits(func(l *token.Limits) { l.Uses, l.MaxUses = ptr(int64(4)), ptr(ptr(int64(4))) })),
		unfit("successes used up", token.UsesExceeded, limits(func(l *token.Limits) {
			l.Successes, l.MaxSuccesses = ptr(int64(4)), ptr(ptr(int64(4)))
		})),
		{name: "the last success allowed", set: func(t *token.Token) { t.MaxSuccesses = ptr(int64(1)) },
			other: login("pin" + code("A", 0)), reason: authn.NotUsable, unfit: token.UsesExceeded},
		{name: "the last use allowed", set: func(t *token.Token) { t.MaxUses = ptr(int64(1)) },
			other: func(w *world, _ *token.Token) { w.check("pin000000") }, reason: authn.NotUsable, unfit: token.UsesExceeded},
		unfit("enrolment begun again", token.NotEnrolled, func(w *world, t *token.Token) {
			w.commit(token.SetState{Token: t.ID, To: token.Verify})
		}),
		{name: "another PIN", other: replaced(func(w *world, next *token.Token) {
			next.PINHash, _ = w.ring.HashPIN(context.Background(), next, secret.Text("new"))
		}), reason: authn.WrongPIN},
		{name: "another owner", other: replaced(func(_ *world, next *token.Token) {
			next.Owner = token.Owner{UserID: "1", Resolver: "reso1", Realm: "realm1"}
		}),
			reason: authn.NoTokens},
		{name: "another secret", other: replaced(func(w *world, next *token.Token) {
			next.Sealed, _ = w.ring.Seal(next, secret.New(seed("B")))
		}), reason: authn.WrongCode},
		{name: "another description", other: replaced(func(_ *world, next *token.Token) { next.Description = "x" }),
			outcome: authn.Accept, reason: authn.MatchingTokens},
		{name: "a failure", other: func(w *world, _ *token.Token) { w.check("pin000000") }, outcome: authn.Accept, reason: authn.MatchingTokens},
	}
}

// TestOvertaken lets each of them be faster than a login with the right PIN and
// the code of counter 2.
func TestOvertaken(t *testing.T) {
	t.Parallel()
	for _, x := range overtakings() {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, authn.PrivacyIDEA())
			change := x.set
			if change == nil {
				change = func(*token.Token) {}
			}
			w.add("hotp", "A", "pin", change)
			w.store.before = func() { x.other(w, w.get("A")) }
			a, err := w.check("pin" + code("A", 2))
			if x.fault != 0 {
				if !fault.Is(err, x.fault) {
					t.Fatalf("%v %v", a, err)
				}
				return
			}
			w.want(a, err, x.outcome, x.reason)
			if x.unfit != "" && !slices.Contains(a.Unfit, x.unfit) {
				t.Errorf("unfit %v, want %v", a.Unfit, x.unfit)
			}
		})
	}
}

// Rolling a token over sets its counter back. A code of the old secret that was
// spent meanwhile is not accepted again for that.
func TestSpentCodeStaysSpentOverARollover(t *testing.T) {
	t.Parallel()
	w := newWorld(t, authn.PrivacyIDEA())
	w.add("hotp", "A", "pin")
	w.store.before = func() {
		a, err := w.check("pin" + code("A", 0))
		w.want(a, err, authn.Accept, authn.MatchingTokens)
		replaced(func(w *world, next *token.Token) { next.Sealed, _ = w.ring.Seal(next, secret.New(seed("B"))) })(w, w.get("A"))
	}
	a, err := w.check("pin" + code("A", 0))
	w.want(a, err, authn.Reject, authn.WrongCode)
}

// TestAnswerOvertaken lets others be faster than a right answer to a challenge.
func TestAnswerOvertaken(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name   string
		other  func(w *world, tok *token.Token, id string)
		reason authn.Reason
	}{
		{"the same answer", func(w *world, _ *token.Token, id string) {
			a, err := w.answer(id, code("A", 2))
			w.want(a, err, authn.Accept, authn.MatchingAnswer)
		}, authn.WrongPIN},
		{"another right answer", func(w *world, _ *token.Token, id string) {
			a, err := w.answer(id, code("A", 0))
			w.want(a, err, authn.Accept, authn.MatchingAnswer)
		}, authn.WrongPIN},
		{"the code elsewhere", func(w *world, _ *token.Token, _ string) {
			a, err := w.check("pin" + code("A", 2))
			w.want(a, err, authn.Accept, authn.MatchingTokens)
		}, authn.WrongAnswer},
		{"disabled", func(w *world, tok *token.Token, _ string) { w.commit(token.SetActive{Token: tok.ID}) }, authn.NotUsable},
		{"closed", func(w *world, _ *token.Token, id string) { w.commit(token.CloseTransaction{Transaction: id}) }, authn.WrongPIN},
		{"declined", func(w *world, tok *token.Token, _ string) {
			list, err := w.store.ChallengesOf(context.Background(), tok.ID)
			if err != nil {
				w.t.Fatal(err)
			}
			w.commit(token.Settle{Challenge: list[0].ID, To: token.Declined, At: w.time()})
		}, authn.WrongAnswer},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, authn.PrivacyIDEA(), pol("cr", policy.Authentication, "challenge_response=hotp"))
			w.add("hotp", "A", "pin")
			a, err := w.check("pin")
			w.want(a, err, authn.Challenge, authn.ChallengeOffered)
			id := a.Challenges[0].Transaction
			w.store.before = func() { x.other(w, w.get("A"), id) }
			b, err := w.answer(id, code("A", 2))
			w.want(b, err, authn.Reject, x.reason)
		})
	}
}

// A challenge is opened for a token that is usable when it is stored.
func TestChallengeOvertaken(t *testing.T) {
	t.Parallel()
	for name, other := range map[string]func(w *world, tok *token.Token){
		"disabled": func(w *world, tok *token.Token) { w.commit(token.SetActive{Token: tok.ID}) },
		"another PIN": func(w *world, tok *token.Token) {
			w.commit(token.SetPIN{Token: tok.ID, From: tok.PINHash, To: ""})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, authn.PrivacyIDEA(), pol("cr", policy.Authentication, "challenge_response=hotp"))
			tok := w.add("hotp", "A", "pin")
			w.store.before = func() { other(w, w.get("A")) }
			if a, err := w.check("pin"); err != nil || a.Outcome != authn.Reject || len(a.Challenges) > 0 {
				t.Errorf("%v %v", a, err)
			}
			if list, err := w.store.ChallengesOf(context.Background(), tok.ID); err != nil || len(list) > 0 {
				t.Errorf("%d challenges, %v", len(list), err)
			}
		})
	}
}

// Whoever loses every race is told so, and nothing has happened.
func TestEveryRaceLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, authn.PrivacyIDEA())
	w.add("hotp", "A", "pin", func(t *token.Token) { t.Window = 100 })
	n := int64(0)
	var faster func()
	faster = func() {
		again := w.get("A")
		w.commit(token.MoveCounter{Token: again.ID, From: again.Counter, To: again.Counter + 1})
		n++
		w.store.before = faster
	}
	w.store.before = faster
	s := w.begin()
	_, err := s.Check(context.Background(), authn.Request{User: hans, Password: "pin" + code("A", 50)})
	w.store.before = nil
	if !fault.Is(err, fault.Busy) || n != 8 || w.get("A").Counter != n || s.Recorded() {
		t.Fatalf("%v after %d races; counter %d, recorded %t", err, n, w.get("A").Counter, s.Recorded())
	}
}

// An answer is not given before its commit is known to have happened.
func TestFailedCommitIsNoAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, authn.PrivacyIDEA())
	w.add("hotp", "A", "pin")
	broken := errors.New("disk full")
	w.Engine.Store = failing{w.store, broken}
	if _, err := w.check("pin" + code("A", 0)); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	if w.get("A").Counter != 0 {
		t.Error("the code is spent")
	}
}

type failing struct {
	*overtaken
	err error
}

func (f failing) Commit(context.Context, token.Commit) error { return f.err }

// Limits on attempts hold for those that are under way together, too: what was
// within them when it was decided must be so when it is committed.
func TestAttemptsUnderWayAreCounted(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		action, first string
		reason        authn.Reason
	}{
		{"auth_max_fail=1/1m", "pin000000", authn.TooManyFailures},
		{"auth_max_success=1/1m", "pin" + code("A", 0), authn.TooManySuccesses},
	} {
		t.Run(x.action, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, authn.PrivacyIDEA(), pol("max", policy.Authorization, x.action))
			w.add("hotp", "A", "pin")
			w.add("hotp", "B", "pin")
			w.store.before = func() { w.check(x.first) }
			a, err := w.check("pin" + code("B", 2))
			w.want(a, err, authn.Reject, x.reason)
		})
	}
}

// Policies that were written meanwhile are what the next decision asks.
func TestPoliciesAreReadAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, authn.PrivacyIDEA())
	w.add("hotp", "A", "pin")
	w.store.before = func() {
		w.configure(nil, pol("none", policy.Authentication, "otppin=none"))
		login(code("A", 0))(w, nil)
	}
	a, err := w.check("pin" + code("A", 0))
	w.want(a, err, authn.Reject, authn.WrongPIN)
}
