package authn_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"symbolon/internal/authn"
	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/token"
)

func TestRightCodeIsAcceptedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, authn.PrivacyIDEA())
	w.add("hotp", "A", "pin")
	a, err := w.check("pin" + code("A", 0))
	w.want(a, err, authn.Accept, authn.MatchingTokens)
	if a.Serial != "A" || a.Type != "hotp" || a.Digits != 6 {
		t.Errorf("answer is about %q %q %d", a.Serial, a.Type, a.Digits)
	}
	a, err = w.check("pin" + code("A", 0))
	w.want(a, err, authn.Reject, authn.WrongCodeReplay)
	if tok := w.get("A"); tok.Counter != 1 || tok.Failures != 1 || tok.Successes != 1 || tok.Uses != 2 || tok.LastUse.IsZero() {
		t.Errorf("standing: %+v", tok.Standing)
	}
}

func TestReasonsOfRefusals(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name     string
		change   func(*token.Token)
		password string
		reason   authn.Reason
		unfit    token.Unusable
	}{
		{"wrong pin", nil, "nip" + code("A", 0), authn.WrongPIN, ""},
		{"too short", nil, "123", authn.WrongPIN, ""},
		{"wrong code", nil, "pin000000", authn.WrongCode, ""},
		{"disabled", func(t *token.Token) { t.Active = false }, "pin" + code("A", 0), authn.NotUsable, token.Disabled},
		{"locked", func(t *token.Token) { t.Failures = 10 }, "pin" + code("A", 0), authn.NotUsable, token.FailuresFull},
		{"expired", func(t *token.Token) { t.ValidUntil = time.Unix(0, 0) }, "pin" + code("A", 0), authn.NotUsable, token.OutsideValidity},
		{"not enrolled", func(t *token.Token) { t.State = token.ClientWait }, "pin" + code("A", 0), authn.NotUsable, token.NotEnrolled},
		{"unknown type", func(t *token.Token) { t.Type = "nosuch" }, "pin" + code("A", 0), authn.WrongPIN, ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, authn.PrivacyIDEA())
			if x.change == nil {
				x.change = func(*token.Token) {}
			}
			w.add("hotp", "A", "pin", x.change)
			a, err := w.check(x.password)
			w.want(a, err, authn.Reject, x.reason)
			if x.unfit != "" && (len(a.Unfit) != 1 || a.Unfit[0] != x.unfit) {
				t.Errorf("unfit %q", a.Unfit)
			}
			if w.get("A").Counter != 0 {
				t.Error("a refused code moved the counter")
			}
		})
	}
}

// In eduMFA a token that cannot be used is asked all the same: its right code
// is spent. One that was never enrolled is left alone.
func TestCodeOfALockedTokenIsSpentInEduMFA(t *testing.T) {
	t.Parallel()
	w := newWorld(t, authn.EduMFA())
	w.add("hotp", "A", "pin", func(t *token.Token) { t.Failures = 10 })
	a, err := w.check("pin" + code("A", 0))
	w.want(a, err, authn.Reject, authn.MatchingTokens)
	if got := w.get("A"); got.Counter != 1 || got.Failures != 10 || got.Successes != 0 {
		t.Errorf("standing: %+v", got.Standing)
	}
	w = newWorld(t, authn.EduMFA())
	w.add("hotp", "A", "pin", func(t *token.Token) { t.State = token.Verify })
	if a, err := w.check("pin" + code("A", 0)); err != nil || a.Outcome != authn.Reject || w.get("A").Counter != 0 {
		t.Errorf("%v %v, counter %d", a, err, w.get("A").Counter)
	}
}

func TestRevokedTokensAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, authn.PrivacyIDEA())
	w.add("hotp", "A", "pin", func(t *token.Token) { t.Revoked, t.Locked, t.Active = true, true, false })
	if _, err := w.check("pin" + code("A", 0)); !fault.Is(err, fault.AllRevoked) {
		t.Fatal(err)
	}
}

func TestLockOpensAfterItsTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, authn.PrivacyIDEA())
	w.configure(map[string]string{"failcounter_clear_timeout": "5"})
	w.add("hotp", "A", "pin", func(t *token.Token) { t.MaxFailures = 2 })
	for range 2 {
		a, err := w.check("pin000000")
		w.want(a, err, authn.Reject, authn.WrongCode)
	}
	w.advance(4 * time.Minute)
	a, err := w.check("pin" + code("A", 0))
	w.want(a, err, authn.Reject, authn.NotUsable)
	w.advance(2 * time.Minute)
	a, err = w.check("pin000000")
	w.want(a, err, authn.Reject, authn.WrongCode)
	if n := w.get("A").Failures; n != 1 {
		t.Errorf("%d failures: a counter that has opened begins anew", n)
	}
	a, err = w.check("pin" + code("A", 0))
	w.want(a, err, authn.Accept, authn.MatchingTokens)
}

func TestOTPPIN(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		policy, password string
		outcome          authn.Outcome
	}{
		{"otppin=none", code("A", 0), authn.Accept},
		{"otppin=none", "pin" + code("A", 0), authn.Reject},
		{"otppin=userstore", "test" + code("A", 0), authn.Accept},
		{"otppin=userstore", "pin" + code("A", 0), authn.Reject},
		{"otppin=tokenpin", "pin" + code("A", 0), authn.Accept},
	} {
		w := newWorld(t, authn.PrivacyIDEA(), pol("p", policy.Authentication, x.policy))
		w.add("hotp", "A", "pin")
		if a, err := w.check(x.password); err != nil || a.Outcome != x.outcome {
			t.Errorf("%s: %v %v", x.policy, a.Outcome, err)
		}
	}
}

func TestChallengeIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, authn.PrivacyIDEA(), pol("cr", policy.Authentication, "challenge_response=hotp"))
	w.add("hotp", "A", "pin")
	a, err := w.check("pin")
	w.want(a, err, authn.Challenge, authn.ChallengeOffered)
	id := a.Challenges[0].Transaction
	if len(id) != 20 {
		t.Errorf("transaction %q", id)
	}
	b, err := w.answer(id, "000000")
	w.want(b, err, authn.Reject, authn.WrongAnswer)
	b, err = w.answer(id, code("A", 0))
	w.want(b, err, authn.Accept, authn.MatchingAnswer)
	b, err = w.answer(id, code("A", 1))
	w.want(b, err, authn.Reject, authn.WrongPIN)
}

func TestExpiredChallengeIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, authn.PrivacyIDEA(), pol("cr", policy.Authentication, "challenge_response=hotp"))
	w.add("hotp", "A", "pin")
	a, _ := w.check("pin")
	w.advance(121 * time.Second)
	b, err := w.answer(a.Challenges[0].Transaction, code("A", 0))
	w.want(b, err, authn.Reject, authn.WrongAnswer)
}

// Others bound wrong answers by the fail counter alone.
func TestWrongAnswersToOneChallengeAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, authn.PrivacyIDEA(), pol("cr", policy.Authentication, "challenge_response=hotp"))
	w.add("hotp", "A", "pin", func(t *token.Token) { t.MaxFailures = 1000 })
	a, _ := w.check("pin")
	for range 10 {
		b, err := w.answer(a.Challenges[0].Transaction, "000000")
		w.want(b, err, authn.Reject, authn.WrongAnswer)
	}
	b, err := w.answer(a.Challenges[0].Transaction, code("A", 0))
	w.want(b, err, authn.Reject, authn.WrongAnswer)
}

// A refusal by an authorization policy comes after the code is spent.
func TestRefusedAfterTheCheckIsCommittedAndRecorded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, authn.PrivacyIDEA(), pol("deny", policy.Authorization, "authorized=deny_access"))
	w.add("hotp", "A", "pin")
	_, err := w.check("pin" + code("A", 0))
	if !fault.Is(err, fault.NotAuthorized) {
		t.Fatal(err)
	}
	if w.get("A").Counter != 1 {
		t.Error("the code can be used again")
	}
	rows := w.records()
	if len(rows) != 1 || rows[0].Success || rows[0].Reason != fault.NotAuthorized.String() {
		t.Errorf("records: %+v", rows)
	}
}

// The policy is about a user: naming his token instead does not escape it.
func TestDenyAccessHoldsForTheOwnerOfASerial(t *testing.T) {
	t.Parallel()
	p := pol("deny", policy.Authorization, "authorized=deny_access")
	p.Users = []string{"hans"}
	w := newWorld(t, authn.PrivacyIDEA(), p)
	w.add("hotp", "A", "pin")
	_, err := w.begin().Check(context.Background(), authn.Request{Serial: "A", Password: "pin" + code("A", 0)})
	if !fault.Is(err, fault.NotAuthorized) {
		t.Fatal(err)
	}
}

func TestCodeOnlyCountsFailuresAndAsksTheState(t *testing.T) {
	t.Parallel()
	w := newWorld(t, authn.PrivacyIDEA())
	w.add("hotp", "A", "pin", func(t *token.Token) { t.MaxFailures = 2 })
	only := func(code string) authn.Answer {
		a, err := w.begin().Check(context.Background(), authn.Request{Serial: "A", Password: code, CodeOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	for range 2 {
		only("000000")
	}
	if a := only(code("A", 0)); a.Outcome != authn.Reject || w.get("A").Counter != 0 {
		t.Errorf("a locked token accepts a bare code: %v", a)
	}
}

func TestAttemptsAreLimitedBeforeThePasswordIsLookedAt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, authn.PrivacyIDEA(), pol("max", policy.Authorization, "auth_max_fail=2/1m"))
	w.add("hotp", "A", "pin")
	for range 2 {
		a, err := w.check("pin000000")
		w.want(a, err, authn.Reject, authn.WrongCode)
	}
	a, err := w.check("pin" + code("A", 0))
	w.want(a, err, authn.Reject, authn.TooManyFailures)
	if w.get("A").Counter != 0 {
		t.Error("the code was looked at")
	}
	w.advance(2 * time.Minute)
	a, err = w.check("pin" + code("A", 0))
	w.want(a, err, authn.Accept, authn.MatchingTokens)
}

func TestLimitsOfAUserHoldForHisTokenByName(t *testing.T) {
	t.Parallel()
	for _, codeOnly := range []bool{false, true} {
		w := newWorld(t, authn.PrivacyIDEA(), pol("max", policy.Authorization, "auth_max_fail=2/1m"))
		w.add("hotp", "A", "pin")
		for range 2 {
			a, err := w.check("pin000000")
			w.want(a, err, authn.Reject, authn.WrongCode)
		}
		a, err := w.begin().Check(context.Background(), authn.Request{Serial: "A", Password: "pin" + code("A", 0), CodeOnly: codeOnly})
		w.want(a, err, authn.Reject, authn.TooManyFailures)
		if w.get("A").Counter != 0 {
			t.Error("the code was looked at")
		}
	}
}

func TestPoliciesForUsersWithoutToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, authn.PrivacyIDEA(), pol("nt", policy.Authentication, "passOnNoToken"))
	a, err := w.check("anything")
	w.want(a, err, authn.Accept, authn.PassedNoToken)
	w = newWorld(t, authn.PrivacyIDEA(), pol("pt", policy.Authentication, "passthru=userstore"))
	a, err = w.check("test")
	w.want(a, err, authn.Accept, authn.PassedUserstore)
	a, err = w.check("tset")
	w.want(a, err, authn.Reject, authn.NoTokens)
}

func TestAutomaticResynchronisationIsOffered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, authn.PrivacyIDEA())
	w.configure(map[string]string{"AutoResync": "True"}, pol("rs", policy.Authentication, "resync_via_multichallenge"))
	w.add("hotp", "A", "pin")
	a, err := w.check("pin" + code("A", 100))
	w.want(a, err, authn.Challenge, authn.ResyncOffered)
	b, err := w.answer(a.Challenges[0].Transaction, code("A", 101))
	w.want(b, err, authn.Accept, authn.MatchingAnswer)
	if n := w.get("A").Counter; n != 102 {
		t.Errorf("counter %d", n)
	}
}

func TestPasswordIsSplitByCharacters(t *testing.T) {
	t.Parallel()
	w := newWorld(t, authn.PrivacyIDEA())
	w.add("hotp", "A", "pß€𝄞")
	a, err := w.check("pß€𝄞" + code("A", 0))
	w.want(a, err, authn.Accept, authn.MatchingTokens)
}

func TestEveryRequestLeavesARecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t, authn.PrivacyIDEA())
	s := w.begin()
	_, err := s.Check(context.Background(), authn.Request{Password: "x"})
	if !fault.Is(err, fault.SubjectMissing) || s.Recorded() {
		t.Fatal(err, s.Recorded())
	}
	s.End(context.Background(), err)
	s.End(context.Background(), err)                           // once
	w.store.Store.Commit(context.Background(), token.Commit{}) // behind what was appended
	if rows := w.records(); len(rows) != 1 || rows[0].Reason != fault.SubjectMissing.String() || rows[0].Success {
		t.Errorf("records: %+v", rows)
	}
}

// Others count what is in the trail, where guesses that come at once all find
// room below the limit.
func TestGuessesAtOnceDoNotPassTheLimitTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t, authn.PrivacyIDEA(), pol("max", policy.Authorization, "auth_max_fail=3/1m"))
	w.add("hotp", "A", "pin", func(t *token.Token) { t.MaxFailures = 1000 })
	var looked atomic.Int64
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() {
			a, err := w.check("pin000000")
			if err == nil && a.Reason == authn.WrongCode {
				looked.Add(1)
			}
		})
	}
	wg.Wait()
	if n := looked.Load(); n > 3 {
		t.Errorf("%d guesses were judged, 3 are allowed", n)
	}
}

// The challenge itself counts as a failure here, and may be the one that fills
// the counter: it is offered all the same, once.
func TestChallengeThatFillsTheCounterIsOffered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, authn.PrivacyIDEA(), pol("cr", policy.Authentication, "challenge_response=hotp, increase_failcounter_on_challenge"))
	w.add("hotp", "A", "pin", func(t *token.Token) { t.MaxFailures = 2 })
	for _, want := range []authn.Outcome{authn.Challenge, authn.Challenge, authn.Reject} {
		a, err := w.check("pin")
		if err != nil || a.Outcome != want {
			t.Fatalf("%v %q %v, want %v", a.Outcome, a.Reason, err, want)
		}
	}
	if n := w.get("A").Failures; n != 2 {
		t.Errorf("%d failures", n)
	}
}

func TestResynchronisationIsOfferedAtTheLastFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t, authn.PrivacyIDEA())
	w.configure(map[string]string{"AutoResync": "True"}, pol("rs", policy.Authentication, "resync_via_multichallenge"))
	w.add("hotp", "A", "pin", func(t *token.Token) { t.MaxFailures = 1 })
	a, err := w.check("pin" + code("A", 100))
	w.want(a, err, authn.Challenge, authn.ResyncOffered)
}

func TestWrongPINCountsAFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t, authn.PrivacyIDEA())
	w.add("hotp", "A", "pin")
	a, err := w.check("nip" + code("A", 0))
	w.want(a, err, authn.Reject, authn.WrongPIN)
	if tok := w.get("A"); tok.Failures != 1 || tok.Uses != 1 {
		t.Errorf("standing: %+v", tok.Standing)
	}
	w.configure(map[string]string{"IncFailCountOnFalsePin": "False"})
	if a, err = w.check("nip" + code("A", 0)); err != nil || w.get("A").Failures != 1 {
		t.Errorf("%v %v: it was not to be counted", a, err)
	}
}

// A right code of a token that waits for its proof is answered like that of any
// unusable token of eduMFA, but stays unspent: the proof needs it.
func TestCodeIsKeptForTheProof(t *testing.T) {
	t.Parallel()
	w := newWorld(t, authn.EduMFA())
	w.add("hotp", "A", "pin", func(t *token.Token) { t.State = token.Verify })
	a, err := w.check("pin" + code("A", 3))
	w.want(a, err, authn.Reject, authn.MatchingTokens)
	if len(a.Unfit) != 1 || a.Unfit[0] != token.NotEnrolled {
		t.Errorf("unfit %q", a.Unfit)
	}
	if tok := w.get("A"); tok.Counter != 0 {
		t.Errorf("the code was spent: counter %d", tok.Counter)
	}
	w.add("hotp", "B", "nip", func(t *token.Token) { t.State = token.ClientWait })
	a, err = w.check("nip" + code("B", 0)) // half enrolled: it has no codes
	w.want(a, err, authn.Reject, authn.WrongPIN)
}
