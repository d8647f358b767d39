package storetest

import (
	"context"
	"testing"
	"time"

	"symbolon/internal/token"
)

// challengePages covers the list of all challenges: which ones there are, and
// how long an expired one stays.
func challengePages(t *testing.T, d *desk) {
	open := func(at time.Duration) token.Challenge {
		return d.challenge(t, func(ch *token.Challenge) { ch.Created, ch.Expires = start.Add(at), start.Add(at+time.Minute) })
	}
	want := func(f token.ChallengeFilter, total int, list ...token.Challenge) {
		t.Helper()
		page, n, err := d.store.Challenges(context.Background(), f)
		if err != nil || n != total {
			t.Fatalf("%+v: %d in all, %v; want %d", f, n, err, total)
		}
		var got []token.Challenge
		for _, ch := range page {
			got = append(got, *ch)
		}
		same(t, "page", got, list)
	}
	want(token.ChallengeFilter{}, 0)
	a, b := open(0), open(time.Second)
	want(token.ChallengeFilter{}, 2, a, b)
	want(token.ChallengeFilter{Descending: true, Limit: 1}, 2, b)
	want(token.ChallengeFilter{Offset: 1}, 2, b)
	want(token.ChallengeFilter{Serial: a.Serial}, 1, a)
	want(token.ChallengeFilter{Serial: "*" + b.Serial[2:]}, 1, b)
	want(token.ChallengeFilter{Transaction: b.Transaction}, 1, b)
	want(token.ChallengeFilter{Tokens: []token.ID{a.Token}}, 1, a)
	want(token.ChallengeFilter{Tokens: []token.ID{}}, 0)
	want(token.ChallengeFilter{WithinRealms: []string{}}, 0)
	want(token.ChallengeFilter{WithinRealms: []string{"sales"}}, 0)
	want(token.ChallengeFilter{SortBy: "expiration", Descending: true}, 2, b, a)
	want(token.ChallengeFilter{SortBy: "id; DROP TABLE challenge"}, 2, a, b)
	c := open(time.Minute) // a has expired by now, and b has not
	want(token.ChallengeFilter{}, 2, b, c)
	want(token.ChallengeFilter{ExpiredAt: start.Add(time.Minute)}, 1, a)
	want(token.ChallengeFilter{ExpiredAt: start}, 0)
}

// zoneless: a limit that was given without a zone is kept that way.
func zoneless(t *testing.T, d *desk) {
	from := time.Date(2026, 5, 6, 7, 8, 0, 0, time.Local)
	until := time.Date(2026, 5, 6, 7, 8, 0, 0, time.FixedZone("", 3600))
	tok := d.token(t, func(tok *token.Token) { tok.ValidFrom, tok.ValidUntil = from, until })
	got, err := d.plain.TokenBySerial(context.Background(), tok.Serial)
	if err != nil {
		t.Fatal(err)
	}
	if !got.ValidFrom.Equal(from) || got.ValidFrom.Location() != time.Local {
		t.Errorf("got %v (%v)", got.ValidFrom, got.ValidFrom.Location())
	}
	if !got.ValidUntil.Equal(until) || got.ValidUntil.Location() == time.Local {
		t.Errorf("got %v (%v)", got.ValidUntil, got.ValidUntil.Location())
	}
}
