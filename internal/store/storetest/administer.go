package storetest

import (
	"context"
	"testing"
	"time"

	"symbolon/internal/fault"
	"symbolon/internal/token"
)

// full is a token with something in every field.
func (d *desk) full() token.Token {
	plus2 := time.FixedZone("", 2*3600)
	return d.draft(func(t *token.Token) {
		t.Description, t.Realms, t.Groups = "Schlüssel von Ärzten", []string{"a", "b"}, []string{"g1", "g2"}
		t.Info = map[string]token.Entry{"phone": {Text: "+49 1"}, "pin": {Text: "c2VhbGVk", Type: "password"}, "empty": {}}
		t.Assigned = start.Add(time.Second)
		t.Standing = token.Standing{Counter: 1 << 40, Failures: 2, MaxFailures: 3, FailedAt: start, Active: true, State: "pending",
			ValidFrom: start.Add(-time.Hour).In(plus2), ValidUntil: start.Add(time.Hour).In(time.FixedZone("", -(3*3600 + 1800))),
			Uses: 4, Successes: 5, MaxUses: ptr(int64(6)), MaxSuccesses: ptr(int64(0)), LastUse: start.In(plus2), Version: 7}
	})
}

func creation(t *testing.T, d *desk) {
	tok := d.full()
	d.holds(t, token.Create{Token: tok})
	d.check(t, tok)
	bare := token.Token{ID: d.id(), Serial: "BARE", Type: "unheard of"}
	d.holds(t, token.Create{Token: bare})
	d.check(t, bare)
	t.Run("serial taken", func(t *testing.T) {
		other := d.full()
		other.Serial = tok.Serial
		d.misses(t, token.Create{Token: other})
		d.check(t, tok)
	})
	t.Run("serials differ by case", func(t *testing.T) {
		d.token(t, func(t *token.Token) { t.Serial = "SAME" })
		d.token(t, func(t *token.Token) { t.Serial = "same" })
	})
	t.Run("id taken", func(t *testing.T) {
		other := d.draft(nil)
		other.ID = tok.ID
		d.misses(t, token.Create{Token: other})
		d.check(t, tok)
	})
	t.Run("seen by its owner at once", func(t *testing.T) {
		owner := token.Owner{UserID: "many", Resolver: "r", Realm: "x"}
		var want []string
		for range 5 {
			d.owned(t, owner, want)
			tok := d.token(t, func(t *token.Token) { t.Owner = owner })
			want = append(want, tok.Serial)
		}
		d.owned(t, owner, want)
		d.owned(t, token.Owner{UserID: "many", Resolver: "r", Realm: "y"}, nil)
		d.owned(t, token.Owner{}, nil)
	})
}

// owned wants o to have the tokens with these serials, in this order.
func (d *desk) owned(t testing.TB, o token.Owner, want []string) {
	t.Helper()
	for _, s := range []interface {
		TokensOf(context.Context, token.Owner) ([]*token.Token, error)
	}{d.store, d.plain} {
		list, err := s.TokensOf(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "serials", serials(list), want)
	}
}

func serials(list []*token.Token) (out []string) {
	for _, t := range list {
		out = append(out, t.Serial)
	}
	return out
}

func replacement(t *testing.T, d *desk) {
	old := d.full()
	d.holds(t, token.Create{Token: old})
	d.owned(t, old.Owner, []string{old.Serial})
	other := d.full()
	next := other
	next.ID, next.Serial, next.Type = old.ID, old.Serial, old.Type
	next.Description, next.Realms, next.Groups, next.PINHash, next.Sealed = "new", []string{"c"}, nil, "", nil
	next.Digits, next.Window, next.SyncWindow, next.Created, next.Assigned = 8, 20, 30, start.Add(time.Minute), time.Time{}
	next.Standing = token.Standing{Version: old.Version, Counter: 99, MaxFailures: 99, State: token.Verify}
	next.Info = map[string]token.Entry{"not": {Text: "written"}}

	d.holds(t, token.Replace{Token: next})
	want := next
	want.Info, want.Standing = old.Info, old.Standing
	want.Version++
	d.check(t, want)
	d.owned(t, old.Owner, nil)
	d.owned(t, next.Owner, []string{old.Serial})

	t.Run("version has moved", func(t *testing.T) { d.misses(t, token.Replace{Token: next}) })
	t.Run("version is not there yet", func(t *testing.T) {
		early := next
		early.Version = want.Version + 1
		d.misses(t, token.Replace{Token: early})
	})
	d.check(t, want)
	next.Version = want.Version
	d.holds(t, token.Replace{Token: next, Reseeded: true})
	want.Counter, want.Failures, want.FailedAt = 0, 0, time.Time{}
	want.Version++
	d.check(t, want)
	next.Version = want.Version
	d.holds(t, token.Replace{Token: next, Reopened: true})
	want.State, want.Active = token.Verify, false
	want.Version++
	d.check(t, want)
	for name, set := range map[string]func(*token.Token){
		"locked": func(t *token.Token) { t.Locked = true }, "revoked": func(t *token.Token) { t.Revoked = true },
	} {
		t.Run(name, func(t *testing.T) {
			tok := d.token(t, set)
			d.misses(t, token.Replace{Token: tok})
			d.check(t, tok)
		})
	}
	t.Run("a counter that moved meanwhile stays", func(t *testing.T) {
		tok := d.token(t, nil)
		d.holds(t, token.MoveCounter{Token: tok.ID, To: 5})
		d.holds(t, token.Replace{Token: tok})
		d.misses(t, token.MoveCounter{Token: tok.ID, To: 5})
	})
}

func limits(t *testing.T, d *desk) {
	zone := time.FixedZone("", -3600)
	for _, c := range []struct {
		name   string
		limits token.Limits
		want   func(*token.Token)
	}{
		{"none", token.Limits{}, func(*token.Token) {}},
		{"max failures", token.Limits{MaxFailures: ptr(20)}, func(t *token.Token) { t.MaxFailures = 20 }},
		{"failures", token.Limits{Failures: ptr(0)}, func(t *token.Token) { t.Failures = 0 }},
		{"failed at", token.Limits{FailedAt: ptr(start.Add(1e9))}, func(t *token.Token) { t.FailedAt = start.Add(1e9) }},
		{"not failed", token.Limits{FailedAt: &time.Time{}}, func(t *token.Token) { t.FailedAt = time.Time{} }},
		{"begin", token.Limits{ValidFrom: ptr(start.In(zone))}, func(t *token.Token) { t.ValidFrom = start.In(zone) }},
		{"no begin", token.Limits{ValidFrom: &time.Time{}}, func(t *token.Token) { t.ValidFrom = time.Time{} }},
		{"end", token.Limits{ValidUntil: ptr(start.In(zone))}, func(t *token.Token) { t.ValidUntil = start.In(zone) }},
		{"no end", token.Limits{ValidUntil: &time.Time{}}, func(t *token.Token) { t.ValidUntil = time.Time{} }},
		{"uses", token.Limits{Uses: ptr(int64(11))}, func(t *token.Token) { t.Uses = 11 }},
		{"successes", token.Limits{Successes: ptr(int64(12))}, func(t *token.Token) { t.Successes = 12 }},
		{"max uses", token.Limits{MaxUses: ptr(ptr(int64(13)))}, func(t *token.Token) { t.MaxUses = ptr(int64(13)) }},
		{"max uses forgotten", token.Limits{MaxUses: new(*int64)}, func(t *token.Token) { t.MaxUses = nil }},
		{"max successes", token.Limits{MaxSuccesses: ptr(ptr(int64(14)))}, func(t *token.Token) { t.MaxSuccesses = ptr(int64(14)) }},
		{"max successes forgotten", token.Limits{MaxSuccesses: new(*int64)}, func(t *token.Token) { t.MaxSuccesses = nil }},
		{"last use", token.Limits{LastUse: ptr(start.In(zone))}, func(t *token.Token) { t.LastUse = start.In(zone) }},
		{"counter", token.Limits{Counter: ptr(int64(15))}, func(t *token.Token) { t.Counter = 15 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			tok := d.full()
			d.holds(t, token.Create{Token: tok})
			d.check(t, tok)
			for _, wrong := range []int64{tok.Version - 1, tok.Version + 1} {
				d.misses(t, token.SetLimits{Token: tok.ID, Version: wrong, Limits: c.limits})
			}
			d.check(t, tok)
			d.holds(t, token.SetLimits{Token: tok.ID, Version: tok.Version, Limits: c.limits})
			c.want(&tok)
			tok.Version++
			d.check(t, tok)
		})
	}
	for name, set := range map[string]func(*token.Token){
		"locked": func(t *token.Token) { t.Locked = true }, "revoked": func(t *token.Token) { t.Revoked = true },
	} {
		t.Run(name, func(t *testing.T) {
			tok := d.token(t, set)
			d.misses(t, token.SetLimits{Token: tok.ID, Limits: token.Limits{MaxFailures: ptr(1)}})
			d.check(t, tok)
		})
	}
}

// versions wants administrative changes to see each other, and logins to be no obstacle.
func versions(t *testing.T, d *desk) {
	logins := func(id token.ID) []token.Change {
		return []token.Change{token.MoveCounter{Token: id, To: 1}, token.Succeed{Token: id, At: start, CountUse: true, Stamp: true},
			token.CountFailure{Token: id, At: start}, token.ResetFailures{Token: id}, token.Stamp{Token: id, At: start},
			token.Guard{Token: id, At: start}, token.SetInfo{Token: id, Key: "new", To: &token.Entry{Text: "x"}}}
	}
	tok := d.token(t, nil)
	for _, c := range logins(tok.ID) {
		d.holds(t, c)
	}
	d.holds(t, token.Replace{Token: tok})
	for _, c := range []token.Change{
		token.SetActive{To: false}, token.SetPIN{From: "hash", To: "other"}, token.SetState{To: token.Verify},
		token.SetLimits{}, token.Revoke{},
	} {
		tok := d.token(t, nil)
		d.holds(t, withToken(c, tok.ID))
		d.misses(t, token.Replace{Token: tok, Reopened: true})
		d.misses(t, token.SetLimits{Token: tok.ID, Version: tok.Version})
	}
	t.Run("deleted", func(t *testing.T) {
		tok := d.full()
		d.holds(t, token.Create{Token: tok}, token.OpenChallenge{Challenge: token.Challenge{ID: d.id(), Token: tok.ID,
			Transaction: "gone", Created: start, Expires: start.Add(time.Hour)}})
		d.check(t, tok)
		d.owned(t, tok.Owner, []string{tok.Serial})
		d.holds(t, token.Delete{Token: tok.ID})
		d.owned(t, tok.Owner, nil)
		if _, err := d.store.TokenBySerial(context.Background(), tok.Serial); !fault.Is(err, fault.TokenNotFound) {
			t.Errorf("a deleted token is found: %v", err)
		}
		if list, err := d.store.Transaction(context.Background(), "gone"); len(list) != 0 || err != nil {
			t.Errorf("the challenges of a deleted token: %v, %v", list, err)
		}
		d.misses(t, token.Delete{Token: tok.ID})
		again := tok
		again.Info = nil
		d.holds(t, token.Create{Token: again})
		d.check(t, again)
	})
	t.Run("deleted while locked", func(t *testing.T) {
		d.holds(t, token.Delete{Token: d.token(t, func(t *token.Token) { t.Locked, t.Revoked = true, true }).ID})
	})
}

func withToken(c token.Change, id token.ID) token.Change {
	switch c := c.(type) {
	case token.SetActive:
		c.Token = id
		return c
	case token.SetPIN:
		c.Token = id
		return c
	case token.SetState:
		c.Token = id
		return c
	case token.SetLimits:
		c.Token = id
		return c
	case token.Revoke:
		c.Token = id
		return c
	}
	return c
}

func information(t *testing.T, d *desk) {
	a, b, sealed := &token.Entry{Text: "a"}, &token.Entry{Text: "b"}, &token.Entry{Text: "a", Type: "password"}
	for _, c := range []struct {
		name             string
		stored, from, to *token.Entry
		holds            bool
	}{
		{"added", nil, nil, a, true},
		{"added although there", b, nil, a, false},
		{"changed", a, a, b, true},
		{"changed to the same", a, a, a, true},
		{"changed by somebody else", b, a, sealed, false},
		{"type differs", sealed, a, b, false},
		{"sealed", a, a, sealed, true},
		{"changed although not there", nil, a, b, false},
		{"removed", a, a, nil, true},
		{"removed although changed", b, a, nil, false},
		{"removed although sealed", sealed, a, nil, false},
		{"removed although not there", nil, a, nil, false},
		{"still not there", nil, nil, nil, true},
		{"there by now", a, nil, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			tok := d.token(t, func(t *token.Token) {
				t.Info = nil
				if c.stored != nil {
					t.Info = map[string]token.Entry{"key": *c.stored}
				}
			})
			d.check(t, tok)
			change := token.SetInfo{Token: tok.ID, Key: "key", From: c.from, To: c.to}
			if !c.holds {
				d.misses(t, change)
				d.check(t, tok)
				return
			}
			d.holds(t, change)
			tok.Info = nil
			if c.to != nil {
				tok.Info = map[string]token.Entry{"key": *c.to}
			}
			d.check(t, tok)
		})
	}
}
