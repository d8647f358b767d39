package storetest

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"symbolon/internal/token"
)

// usability wants Succeed and Guard to hold exactly while the token is usable.
func usability(t *testing.T, d *desk) {
	ago, ahead := start.Add(-time.Microsecond), start.Add(time.Microsecond)
	for _, c := range []struct {
		name   string
		set    func(*token.Standing)
		usable bool
	}{
		{"plain", func(*token.Standing) {}, true},
		{"failures below the maximum", func(s *token.Standing) { s.Failures = 9 }, true},
		{"failures full", func(s *token.Standing) { s.Failures, s.FailedAt = 10, ago }, false},
		{"failures full since ever", func(s *token.Standing) { s.Failures = 10 }, false},
		{"failures full, waited exactly", func(s *token.Standing) { s.Failures, s.FailedAt = 10, start.Add(-time.Hour) }, false},
		{"failures full, waited", func(s *token.Standing) { s.Failures, s.FailedAt = 10, start.Add(-time.Hour-time.Microsecond) }, true},
		{"inactive", func(s *token.Standing) { s.Active = false }, false},
		{"revoked", func(s *token.Standing) { s.Revoked = true }, false},
		{"locked", func(s *token.Standing) { s.Locked = true }, false},
		{"waiting for the client", func(s *token.Standing) { s.State = token.ClientWait }, false},
		{"waiting for a proof", func(s *token.Standing) { s.State = token.Verify }, false},
		{"enrolled by name", func(s *token.Standing) { s.State = "enrolled" }, true},
		{"a state of its type", func(s *token.Standing) { s.State = "pending" }, true},
		{"begins now", func(s *token.Standing) { s.ValidFrom = start }, true},
		{"begins later", func(s *token.Standing) { s.ValidFrom = ahead }, false},
		{"ends now", func(s *token.Standing) { s.ValidUntil = start }, true},
		{"has ended", func(s *token.Standing) { s.ValidUntil = ago }, false},
		{"inside its validity, in another zone", func(s *token.Standing) {
			zone := time.FixedZone("", 9*3600)
			s.ValidFrom, s.ValidUntil = ago.In(zone), ahead.In(zone)
		}, true},
		{"uses left", func(s *token.Standing) { s.Uses, s.MaxUses = 4, ptr(int64(5)) }, true},
		{"no uses left", func(s *token.Standing) { s.Uses, s.MaxUses = 5, ptr(int64(5)) }, false},
		{"uses without limit", func(s *token.Standing) { s.Uses, s.MaxUses = 5, ptr(int64(0)) }, true},
		{"successes left", func(s *token.Standing) { s.Successes, s.MaxSuccesses = 4, ptr(int64(5)) }, true},
		{"no successes left", func(s *token.Standing) { s.Successes, s.MaxSuccesses = 5, ptr(int64(5)) }, false},
		{"successes without limit", func(s *token.Standing) { s.Successes, s.MaxSuccesses = 5, ptr(int64(0)) }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			tok := d.token(t, func(t *token.Token) { c.set(&t.Standing) })
			if got := tok.Usable(start, time.Hour) == ""; got != c.usable {
				t.Fatalf("the table is wrong: usable is %t", got)
			}
			try := d.misses
			if c.usable {
				try = d.holds
			}
			try(t, token.Guard{Token: tok.ID, At: start, ClearAfter: time.Hour})
			d.check(t, tok)
			try(t, token.Succeed{Token: tok.ID, At: start, ClearAfter: time.Hour})
			if c.usable {
				tok.Failures, tok.FailedAt = 0, time.Time{}
			}
			d.check(t, tok)
		})
	}
	t.Run("never clears", func(t *testing.T) {
		tok := d.token(t, func(t *token.Token) { t.Failures, t.FailedAt = 10, start.AddDate(-9, 0, 0) })
		d.misses(t, token.Guard{Token: tok.ID, At: start})
	})
	t.Run("version", func(t *testing.T) { usableVersion(t, d) })
	t.Run("any standing", func(t *testing.T) { rapid.Check(t, func(r *rapid.T) { anyStanding(r, t, d) }) })
}

// usableVersion wants what was judged to be what is stored, where that is asked.
func usableVersion(t *testing.T, d *desk) {
	tok := d.token(t, func(t *token.Token) { t.Version = 3 })
	for version, try := range map[int64]func(testing.TB, ...token.Change){2: d.misses, 3: d.holds, 4: d.misses} {
		try(t, token.Guard{Token: tok.ID, Version: &version, At: start})
		try(t, token.Succeed{Token: tok.ID, Version: &version, At: start})
	}
	d.holds(t, token.Succeed{Token: tok.ID, At: start})
	d.check(t, tok)
}

// anyStanding wants the database to say what Standing.Usable says.
func anyStanding(r *rapid.T, t *testing.T, d *desk) {
	standing := drawStanding(r)
	tok := d.token(t, func(t *token.Token) { t.Standing = standing })
	clearAfter := rapid.SampledFrom([]time.Duration{0, time.Microsecond, time.Minute}).Draw(r, "clear after")
	want := standing.Usable(start, clearAfter) == ""
	for _, c := range []token.Change{
		token.Guard{Token: tok.ID, At: start, ClearAfter: clearAfter},
		token.Succeed{Token: tok.ID, At: start, ClearAfter: clearAfter},
	} {
		_, err := d.commit(c)
		if err != nil && !errors.Is(err, token.ErrConflict) || (err == nil) != want {
			r.Fatalf("%v: got %v, Usable says %q of %+v", c, err, standing.Usable(start, clearAfter), standing)
		}
	}
}

func drawStanding(r *rapid.T) token.Standing {
	often := func(name string) bool { return rapid.IntRange(0, 5).Draw(r, name) > 0 }
	moment := func(name string) time.Time {
		near := rapid.SampledFrom([]time.Duration{-time.Hour, -2 * time.Microsecond, -time.Microsecond, 0, time.Microsecond, time.Hour})
		if often(name) {
			return time.Time{}
		}
		return start.Add(near.Draw(r, name))
	}
	limit := func(name string) *int64 {
		if often(name) {
			return nil
		}
		return ptr(rapid.Int64Range(0, 3).Draw(r, name))
	}
	return token.Standing{
		Failures: rapid.IntRange(0, 3).Draw(r, "failures"), MaxFailures: rapid.IntRange(0, 4).Draw(r, "max failures"),
		FailedAt: moment("failed at"), Active: often("active"), Revoked: !often("revoked"), Locked: !often("locked"),
		State:     token.State(rapid.SampledFrom([]string{"", "", "", "enrolled", "clientwait", "verify"}).Draw(r, "state")),
		ValidFrom: moment("from"), ValidUntil: moment("until"), Uses: rapid.Int64Range(0, 3).Draw(r, "uses"),
		Successes: rapid.Int64Range(0, 3).Draw(r, "successes"), MaxUses: limit("max uses"), MaxSuccesses: limit("max successes"),
	}
}
