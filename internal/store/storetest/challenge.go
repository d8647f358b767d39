package storetest

import (
	"context"
	"testing"
	"time"

	"symbolon/internal/token"
)

// challenge opens a challenge of a new token.
func (d *desk) challenge(t testing.TB, edit func(*token.Challenge)) token.Challenge {
	t.Helper()
	tok := d.token(t, nil)
	ch := token.Challenge{ID: d.id(), Transaction: tok.Serial + ".tx", Token: tok.ID, Serial: tok.Serial, Purpose: token.Enrolling,
		Nonce: "nonce", Data: []byte("sealed"), Status: token.Open, Created: start, Expires: start.Add(2 * time.Minute)}
	if edit != nil {
		edit(&ch)
	}
	d.holds(t, token.OpenChallenge{Challenge: ch})
	return ch
}

// transaction wants these challenges in the transaction.
func (d *desk) transaction(t testing.TB, id string, want ...token.Challenge) {
	t.Helper()
	list, err := d.store.Transaction(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	var got []token.Challenge
	for _, ch := range list {
		got = append(got, *ch)
	}
	same(t, "transaction "+id, got, want)
}

func challenges(t *testing.T, d *desk) {
	end := start.Add(2 * time.Minute)
	for _, c := range []struct {
		name      string
		set       func(*token.Challenge)
		at        time.Time
		settles   bool
		collected token.Status
		consumes  bool
	}{
		{"open", nil, start, true, token.Open, true},
		{"open until its end", nil, end.Add(-time.Microsecond), true, token.Open, true},
		{"at its end", nil, end, false, token.Open, false},
		{"before it was made", nil, start.Add(-time.Microsecond), false, token.Open, false},
		{"answered", func(ch *token.Challenge) { ch.Status = token.Answered }, start, false, token.Answered, true},
		{"declined", func(ch *token.Challenge) { ch.Status = token.Declined }, start, false, token.Declined, true},
		{"answered is not open", func(ch *token.Challenge) { ch.Status = token.Answered }, start, false, token.Open, false},
		{"open is not answered", nil, start, true, token.Answered, false},
	} {
		t.Run("settle "+c.name, func(t *testing.T) {
			ch := d.challenge(t, c.set)
			settle := token.Settle{Challenge: ch.ID, To: token.Canceled, At: c.at}
			if c.settles {
				d.holds(t, settle)
				ch.Status = token.Canceled
				d.transaction(t, ch.Transaction, ch)
				d.misses(t, settle)
			} else {
				d.misses(t, settle)
			}
			d.transaction(t, ch.Transaction, ch)
		})
		t.Run("consume "+c.name, func(t *testing.T) {
			ch := d.challenge(t, c.set)
			consume := token.Consume{Challenge: ch.ID, Was: c.collected, At: c.at}
			if c.consumes {
				d.holds(t, consume)
				d.transaction(t, ch.Transaction)
			}
			d.misses(t, consume)
			if !c.consumes {
				d.transaction(t, ch.Transaction, ch)
			}
		})
	}
	t.Run("the later expiry wins", func(t *testing.T) {
		ch := d.challenge(t, nil)
		d.holds(t, token.Settle{Challenge: ch.ID, To: token.Open, At: start, Expires: end.Add(-time.Second)})
		d.transaction(t, ch.Transaction, ch)
		ch.Expires, ch.Status = end.Add(time.Second), token.Answered
		d.holds(t, token.Settle{Challenge: ch.ID, To: token.Answered, At: start, Expires: ch.Expires})
		d.transaction(t, ch.Transaction, ch)
	})
	t.Run("tries", func(t *testing.T) {
		ch, other := d.challenge(t, nil), d.challenge(t, nil)
		d.holds(t, token.CountTry{Challenge: ch.ID})
		d.holds(t, token.CountTry{Challenge: ch.ID})
		ch.Tries = 2
		d.transaction(t, ch.Transaction, ch)
		d.transaction(t, other.Transaction, other)
	})
}

func challengeLists(t *testing.T, d *desk) {
	ctx := context.Background()
	first := d.challenge(t, func(ch *token.Challenge) { ch.Transaction = "one" })
	// Nobody knows yet whose token will answer.
	open := token.Challenge{ID: d.id(), Transaction: "one", Status: token.Open, Created: start, Expires: start}
	d.holds(t, token.OpenChallenge{Challenge: open})
	third := d.challenge(t, func(ch *token.Challenge) { ch.Transaction, ch.ID = "one", 1 })
	other := d.challenge(t, func(ch *token.Challenge) { ch.Transaction, ch.Token, ch.Serial = "ONE", first.Token, first.Serial })
	d.transaction(t, "one", first, open, third)
	t.Run("id taken", func(t *testing.T) {
		d.misses(t, token.OpenChallenge{Challenge: third})
	})
	t.Run("of a token", func(t *testing.T) {
		list, err := d.store.ChallengesOf(ctx, first.Token)
		if err != nil || len(list) != 2 {
			t.Fatalf("%v, %v", list, err)
		}
		same(t, "first", *list[0], first)
		same(t, "second", *list[1], other)
	})
	t.Run("swept", func(t *testing.T) {
		d.holds(t, token.SweepChallenges{Token: first.Token, At: first.Expires.Add(-time.Microsecond)})
		d.transaction(t, "one", first, open, third)
		d.holds(t, token.SweepChallenges{Token: first.Token, At: first.Expires})
		d.transaction(t, "one", open, third)
		d.transaction(t, "ONE")
		d.holds(t, token.SweepChallenges{At: start})
		d.transaction(t, "one", third)
	})
	t.Run("closed", func(t *testing.T) {
		stays := d.challenge(t, func(ch *token.Challenge) { ch.Transaction = "One" })
		d.holds(t, token.CloseTransaction{Transaction: "one"})
		d.transaction(t, "one")
		d.transaction(t, "One", stays)
	})
}

func attempts(t *testing.T, d *desk) {
	hans, other := token.Attempter{Login: "hans", Realm: "realm1"}, token.Attempter{Login: "hans", Realm: "realm2"}
	count := func(who token.Attempter, success bool, since time.Time, want int) {
		t.Helper()
		n, err := d.store.Attempts(context.Background(), who, success, since)
		if err != nil || n != want {
			t.Fatalf("attempts of %v since %v: %d, %v; want %d", who, since, n, err, want)
		}
	}
	for i := range 5 {
		d.holds(t, token.CountAttempt{Who: hans, At: start.Add(time.Duration(i) * time.Minute), Success: i == 2, Keep: time.Hour})
	}
	d.holds(t, token.CountAttempt{Who: other, At: start, Keep: time.Hour})
	count(hans, false, start, 4)
	for i, try := range []func(testing.TB, ...token.Change){d.misses, d.misses, d.holds} {
		try(t, token.FewerAttempts{Who: hans, Since: start, Max: 3 + i})
		try(t, token.FewerAttempts{Who: hans, Since: start.Add(3 * time.Minute), Max: 1 + i})
		try(t, token.FewerAttempts{Who: hans, Success: true, Since: start, Max: i})
	}
	d.holds(t, token.FewerAttempts{Who: token.Attempter{Login: "hans"}, Since: start, Max: 1})
	third := token.Attempter{Login: "third", Realm: "realm1"}
	d.holds(t, token.CountAttempt{Who: third, At: start, Keep: time.Hour}, token.FewerAttempts{Who: third, Since: start, Max: 1})
	d.misses(t, token.CountAttempt{Who: third, At: start, Keep: time.Hour}, token.FewerAttempts{Who: third, Since: start, Max: 1})
	count(hans, true, start, 1)
	count(hans, false, start.Add(3*time.Minute), 2)
	count(hans, false, start.Add(3*time.Minute+time.Microsecond), 1)
	count(other, false, start, 1)
	count(token.Attempter{Login: "hans"}, false, start, 0)
	d.holds(t, token.CountAttempt{Who: hans, At: start.Add(63 * time.Minute), Keep: time.Hour})
	count(hans, false, start, 3)
	count(hans, true, start, 0)
	count(other, false, start, 1)
}
