package storetest

import (
	"context"
	"testing"
	"time"

	"symbolon/internal/fault"
	"symbolon/internal/token"
)

// conditionCase is one change, of a token that was set up for it.
type conditionCase struct {
	name   string
	set    func(*token.Token)
	change func(id token.ID) token.Change
	want   func(*token.Token) // what becomes of the token; nil: the condition is missed
}

func tokenChanges(t *testing.T, d *desk) {
	for _, group := range [][]conditionCase{counterCases(), failureCases(), stateCases(), activeCases()} {
		for _, c := range group {
			t.Run(c.name, func(t *testing.T) {
				tok := d.token(t, c.set)
				d.check(t, tok) // and with it, into the cache
				if c.want == nil {
					d.misses(t, c.change(tok.ID))
				} else {
					d.holds(t, c.change(tok.ID))
					c.want(&tok)
				}
				d.check(t, tok)
			})
		}
	}
}

func counterCases() []conditionCase {
	at7 := func(t *token.Token) { t.Counter = 7 }
	move := func(from, to int64) func(token.ID) token.Change {
		return func(id token.ID) token.Change { return token.MoveCounter{Token: id, From: from, To: to} }
	}
	berlin := start.In(time.FixedZone("", 3600))
	return []conditionCase{
		{"counter at From", at7, move(7, 9), func(t *token.Token) { t.Counter = 9 }},
		{"counter back", at7, move(7, 0), func(t *token.Token) { t.Counter = 0 }},
		{"counter already moved", at7, move(6, 9), nil},
		{"counter not there yet", at7, move(8, 9), nil},
		{"success counted and stamped", func(t *token.Token) {
			t.Failures, t.Uses, t.Successes, t.MaxUses = 3, 4, 2, ptr(int64(5))
		}, func(id token.ID) token.Change {
			return token.Succeed{Token: id, At: berlin, CountUse: true, Stamp: true}
		}, func(t *token.Token) { t.Failures, t.Uses, t.Successes, t.LastUse = 0, 5, 3, berlin }},
		{"success alone", func(t *token.Token) { t.Failures, t.FailedAt = 3, start }, func(id token.ID) token.Change {
			return token.Succeed{Token: id, At: start}
		}, func(t *token.Token) { t.Failures, t.FailedAt = 0, time.Time{} }},
		{"stamp", nil, func(id token.ID) token.Change { return token.Stamp{Token: id, At: berlin} },
			func(t *token.Token) { t.LastUse = berlin }},
		{"stamp of a revoked token", func(t *token.Token) { t.Revoked, t.Locked = true, true },
			func(id token.ID) token.Change { return token.Stamp{Token: id, At: start} },
			func(t *token.Token) { t.LastUse = start }},
	}
}

func failureCases() []conditionCase {
	fail := func(id token.ID) token.Change {
		return token.CountFailure{Token: id, At: start, ClearAfter: time.Hour}
	}
	set := func(failures, most int, failedAt time.Time) func(*token.Token) {
		return func(t *token.Token) { t.Failures, t.MaxFailures, t.FailedAt = failures, most, failedAt }
	}
	count := func(failures int, failedAt time.Time) func(*token.Token) {
		return func(t *token.Token) { t.Failures, t.FailedAt = failures, failedAt }
	}
	none := time.Time{}
	reset := func(id token.ID) token.Change { return token.ResetFailures{Token: id} }
	return []conditionCase{
		{"first failure", set(0, 3, none), fail, count(1, none)},
		{"last failure is noted", set(2, 3, none), fail, count(3, start)},
		{"full counter stays full", set(3, 3, start.Add(-time.Minute)), fail, count(3, start.Add(-time.Minute))},
		{"counter above its maximum stays", set(5, 3, none), fail, count(5, none)},
		{"full counter exactly as old as allowed", set(3, 3, start.Add(-time.Hour)), fail, count(3, start.Add(-time.Hour))},
		{"full counter begins again", set(3, 3, start.Add(-time.Hour-time.Microsecond)), fail, count(1, none)},
		{"full counter of one begins again full", set(1, 1, start.Add(-2*time.Hour)), fail, count(1, start)},
		{"full counter never begins again", set(3, 3, start.Add(-2*time.Hour)), func(id token.ID) token.Change {
			return token.CountFailure{Token: id, At: start}
		}, count(3, start.Add(-2*time.Hour))},
		{"maximum of none", set(0, 0, none), fail, count(0, none)},
		{"failure counts a use", set(0, 3, none), func(id token.ID) token.Change {
			return token.CountFailure{Token: id, At: start, CountUse: true}
		}, func(t *token.Token) { t.Failures, t.Uses = 1, 1 }},
		{"failure of a locked token", func(t *token.Token) { t.Locked = true }, fail, count(1, none)},
		{"reset", set(3, 3, start), reset, count(0, none)},
		{"reset of an inactive token", func(t *token.Token) { t.Active, t.Failures = false, 1 }, reset, count(0, none)},
		{"reset of a locked token", func(t *token.Token) { t.Locked, t.Failures = true, 1 }, reset, nil},
		{"reset of a revoked token", func(t *token.Token) { t.Revoked, t.Failures = true, 1 }, reset, nil},
	}
}

func stateCases() []conditionCase {
	waiting := func(t *token.Token) { t.State = token.ClientWait }
	state := func(from, to token.State) func(token.ID) token.Change {
		return func(id token.ID) token.Change { return token.SetState{Token: id, From: from, To: to} }
	}
	pin := func(from, to string) func(token.ID) token.Change {
		return func(id token.ID) token.Change { return token.SetPIN{Token: id, From: from, To: to} }
	}
	return []conditionCase{
		{"state at From", waiting, state(token.ClientWait, token.Enrolled), func(t *token.Token) { t.State = token.Enrolled; t.Version++ }},
		{"state elsewhere", waiting, state(token.Verify, token.Enrolled), nil},
		{"state already left", nil, state(token.ClientWait, token.Enrolled), nil},
		{"PIN at From", nil, pin("hash", "better"), func(t *token.Token) { t.PINHash = "better"; t.Version++ }},
		{"PIN changed meanwhile", nil, pin("Hash", "better"), nil},
		{"PIN removed meanwhile", func(t *token.Token) { t.PINHash = "" }, pin("hash", "better"), nil},
		{"first PIN", func(t *token.Token) { t.PINHash = "" }, pin("", "new"), func(t *token.Token) { t.PINHash = "new"; t.Version++ }},
	}
}

func activeCases() []conditionCase {
	active := func(to bool) func(token.ID) token.Change {
		return func(id token.ID) token.Change { return token.SetActive{Token: id, To: to} }
	}
	revoke := func(id token.ID) token.Change { return token.Revoke{Token: id} }
	revoked := func(t *token.Token) { t.Revoked, t.Locked, t.Active = true, true, false; t.Version++ }
	return []conditionCase{
		{"disabled", nil, active(false), func(t *token.Token) { t.Active = false; t.Version++ }},
		{"enabled", func(t *token.Token) { t.Active = false }, active(true), func(t *token.Token) { t.Active = true; t.Version++ }},
		{"enabled already", nil, active(true), nil},
		{"disabled already", func(t *token.Token) { t.Active = false }, active(false), nil},
		{"enabled while locked", func(t *token.Token) { t.Active, t.Locked = false, true }, active(true), nil},
		{"enabled while revoked", func(t *token.Token) { t.Active, t.Revoked = false, true }, active(true), nil},
		{"disabled while locked", func(t *token.Token) { t.Locked = true }, active(false), nil},
		{"revoked", nil, revoke, revoked},
		{"revoked while inactive", func(t *token.Token) { t.Active = false }, revoke, revoked},
		{"revoked while locked", func(t *token.Token) { t.Locked = true }, revoke, nil},
	}
}

// unknownRows wants changes of unknown rows not to hold, but those that always do.
func unknownRows(t *testing.T, d *desk) {
	at := start
	for _, c := range []token.Change{
		token.MoveCounter{Token: 5}, token.Succeed{Token: 5, At: at}, token.Guard{Token: 5, At: at}, token.ResetFailures{Token: 5},
		token.SetInfo{Token: 5, Key: "k", To: &token.Entry{}}, token.SetInfo{Token: 5, Key: "k"}, token.SetState{Token: 5},
		token.SetPIN{Token: 5}, token.Replace{Token: token.Token{ID: 5}}, token.SetLimits{Token: 5},
		token.SetActive{Token: 5, To: true}, token.Revoke{Token: 5}, token.Delete{Token: 5},
		token.OpenChallenge{Challenge: token.Challenge{ID: 9, Token: 5, Created: at, Expires: at.Add(time.Hour)}},
		token.Settle{Challenge: 9, At: at}, token.Consume{Challenge: 9, At: at}, token.AtVersion{Version: 99},
	} {
		t.Run(c.String(), func(t *testing.T) { d.misses(t, c) })
	}
	t.Run("undefine", func(t *testing.T) {
		d.misses(t, token.AtVersion{Version: 1}, token.Undefine{Kind: token.PolicyKind, Name: "none"})
	})
	for _, c := range []token.Change{
		token.CountFailure{Token: 5, At: at}, token.Stamp{Token: 5, At: at}, token.CountTry{Challenge: 9},
		token.CloseTransaction{Transaction: "none"}, token.SweepChallenges{Token: 5, At: at},
		token.AtMost{Max: 0},
	} {
		t.Run(c.String(), func(t *testing.T) { d.holds(t, c) })
	}
	if _, err := d.store.TokenBySerial(context.Background(), "none"); !fault.Is(err, fault.TokenNotFound) {
		t.Errorf("TokenBySerial of an unknown serial: %v", err)
	}
}
