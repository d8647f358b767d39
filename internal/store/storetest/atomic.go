package storetest

import (
	"testing"
	"time"

	"symbolon/internal/token"
)

// atomicity wants the first change undone when the second does not hold, for
// each kind of change that does something.
func atomicity(t *testing.T, d *desk) {
	ch := d.challenge(t, nil)
	tok := d.token(t, nil)
	other := d.token(t, nil)
	fresh := d.draft(nil)
	replaced := tok
	replaced.Description, replaced.Realms = "other", []string{"other"}
	for _, c := range []token.Change{
		token.MoveCounter{Token: tok.ID, To: 5}, token.Succeed{Token: tok.ID, At: start, CountUse: true, Stamp: true},
		token.CountFailure{Token: tok.ID, At: start, CountUse: true}, token.Stamp{Token: tok.ID, At: start},
		token.SetInfo{Token: tok.ID, Key: "new", To: &token.Entry{Text: "x"}}, token.SetState{Token: tok.ID, To: token.Verify},
		token.SetPIN{Token: tok.ID, From: "hash", To: "x"}, token.Create{Token: fresh}, token.Replace{Token: replaced},
		token.SetLimits{Token: tok.ID, Limits: token.Limits{Counter: ptr(int64(8))}}, token.SetActive{Token: tok.ID},
		token.Revoke{Token: tok.ID}, token.Delete{Token: tok.ID}, token.CountTry{Challenge: ch.ID},
		token.Settle{Challenge: ch.ID, To: token.Answered, At: start}, token.Consume{Challenge: ch.ID, Was: token.Open, At: start},
		token.CloseTransaction{Transaction: ch.Transaction}, token.SweepChallenges{Token: ch.Token, At: ch.Expires},
	} {
		t.Run(c.String(), func(t *testing.T) {
			d.check(t, tok)
			for _, never := range []token.Change{
				token.MoveCounter{Token: other.ID, From: 77}, token.AtVersion{Version: 77}, token.AtMost{Max: 0},
			} {
				d.misses(t, c, never)
				d.misses(t, never, c)
			}
			d.check(t, tok)
			d.owned(t, fresh.Owner, nil)
			d.transaction(t, ch.Transaction, ch)
		})
	}
}

// order wants a commit to mean the same whatever order its changes come in.
func order(t *testing.T, d *desk) {
	t.Run("a token before what belongs to it", func(t *testing.T) {
		tok := d.draft(func(t *token.Token) { t.Info = nil })
		ch := token.Challenge{ID: d.id(), Transaction: "o1", Token: tok.ID, Status: token.Open, Created: start, Expires: start}
		d.holds(t, token.OpenChallenge{Challenge: ch}, token.SetInfo{Token: tok.ID, Key: "k", To: &token.Entry{Text: "v"}},
			token.Succeed{Token: tok.ID, At: start}, token.Create{Token: tok})
		tok.Info = map[string]token.Entry{"k": {Text: "v"}}
		d.check(t, tok)
		d.transaction(t, "o1", ch)
	})
	t.Run("a transaction that goes on", func(t *testing.T) {
		ch := d.challenge(t, nil)
		next := ch
		next.ID = d.id()
		d.holds(t, token.OpenChallenge{Challenge: next}, token.CloseTransaction{Transaction: ch.Transaction})
		d.transaction(t, ch.Transaction, next)
	})
	t.Run("a token deleted at its last use", func(t *testing.T) {
		ch := d.challenge(t, nil)
		d.holds(t, token.Delete{Token: ch.Token}, token.Consume{Challenge: ch.ID, Was: token.Open, At: start},
			token.Succeed{Token: ch.Token, At: start})
	})
	t.Run("the version is asked for before it is raised", func(t *testing.T) {
		tok := d.token(t, nil)
		d.holds(t, token.SetActive{Token: tok.ID}, token.SetLimits{Token: tok.ID, Limits: token.Limits{Counter: ptr(int64(3))}})
		tok.Active, tok.Counter, tok.Version = false, 3, 2
		d.check(t, tok)
	})
	t.Run("usable as it was judged", func(t *testing.T) {
		tok := d.token(t, func(t *token.Token) { t.Failures = 9 })
		version := tok.Version
		d.holds(t, token.SetPIN{Token: tok.ID, From: "hash", To: "better"}, token.CountFailure{Token: tok.ID, At: start},
			token.Guard{Token: tok.ID, Version: &version, At: start}, token.Succeed{Token: tok.ID, Version: &version, At: start})
		tok.PINHash, tok.Failures, tok.Version = "better", 1, 1
		d.check(t, tok)
	})
	t.Run("two entries and a counter", func(t *testing.T) {
		tok, x := d.token(t, nil), &token.Entry{Text: "x"}
		d.holds(t, token.SetInfo{Token: tok.ID, Key: "a", To: x}, token.MoveCounter{Token: tok.ID, To: 4},
			token.SetInfo{Token: tok.ID, Key: "a", From: x, To: &token.Entry{Text: "y"}})
		tok.Counter = 4
		tok.Info = map[string]token.Entry{"hashlib": {Text: "sha1"}, "a": {Text: "y"}}
		d.check(t, tok)
	})
}

func atMost(t *testing.T, d *desk) {
	owner := token.Owner{UserID: "limited", Resolver: "r", Realm: "x"}
	limit := token.AtMost{Filter: token.Filter{Owner: &owner}, Max: 2}
	mine := func() token.Change { return token.Create{Token: d.draft(func(t *token.Token) { t.Owner = owner })} }
	d.holds(t, limit, mine())
	d.holds(t, mine(), limit)
	d.misses(t, mine(), limit)
	d.misses(t, limit, mine())
	d.holds(t, limit)
	d.holds(t, token.Create{Token: d.draft(nil)}, limit)
	inactive := token.AtMost{Filter: token.Filter{Owner: &owner, Active: ptr(false)}, Max: 0}
	d.holds(t, inactive)
	third := d.token(t, func(t *token.Token) { t.Owner, t.Active = owner, false })
	d.misses(t, inactive, token.Stamp{Token: third.ID, At: start.Add(time.Second)})
	d.check(t, third)
	d.holds(t, inactive, limit, token.Delete{Token: third.ID})
}
