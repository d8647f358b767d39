package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"symbolon/internal/fault"
	"symbolon/internal/store"
	"symbolon/internal/token"
)

// crowd are a few tokens of a few owners that everything happens to.
type crowd struct {
	ids     []token.ID
	serials []string
	owners  []token.Owner
}

func (d *desk) crowd() crowd {
	var c crowd
	for i := range 4 {
		id := d.id()
		c.ids, c.serials = append(c.ids, id), append(c.serials, fmt.Sprint("CROWD", id))
		if i < 3 {
			c.owners = append(c.owners, token.Owner{UserID: fmt.Sprint("crowd", id), Resolver: "r", Realm: "x"})
		}
	}
	c.owners = append(c.owners, token.Owner{})
	return c
}

// draw draws numbers below n.
type draw func(n int) int

// change draws a change of one of the tokens. Many of them do not hold.
func (c crowd) change(n draw, version int64) token.Change {
	i := n(len(c.ids))
	id, small := c.ids[i], func() int64 { return int64(n(3)) }
	at := start.Add(time.Duration(n(4)) * time.Second).In(time.FixedZone("", n(3)*3600))
	clearAfter := time.Duration(n(3)) * time.Second
	tok := token.Token{ID: id, Serial: c.serials[i], Type: "hotp", Owner: c.owners[n(len(c.owners))], PINHash: fmt.Sprint(small()),
		Standing: token.Standing{Active: n(4) > 0, MaxFailures: n(4), Counter: small(), Version: version}}
	states := []token.State{token.Enrolled, token.Verify}
	entry := func() *token.Entry {
		if k := n(3); k > 0 {
			return &token.Entry{Text: fmt.Sprint(k)}
		}
		return nil
	}
	switch n(16) {
	case 0, 1:
		return token.Create{Token: tok}
	case 2, 3:
		return token.MoveCounter{Token: id, From: small(), To: small()}
	case 4:
		return token.Succeed{Token: id, At: at, ClearAfter: clearAfter, CountUse: n(2) == 0, Stamp: n(2) == 0}
	case 5, 6:
		return token.CountFailure{Token: id, At: at, ClearAfter: clearAfter, CountUse: n(2) == 0}
	case 7:
		return token.ResetFailures{Token: id}
	case 8:
		return token.Stamp{Token: id, At: at}
	case 9, 10:
		return token.SetInfo{Token: id, Key: fmt.Sprint("k", n(2)), From: entry(), To: entry()}
	case 11:
		return token.SetState{Token: id, From: states[n(2)], To: states[n(2)]}
	case 12:
		return token.SetPIN{Token: id, From: fmt.Sprint(small()), To: fmt.Sprint(small())}
	case 13:
		return token.Replace{Token: tok, Reseeded: n(2) == 0, Reopened: n(2) == 0}
	case 14:
		return c.rare(n, id, version)
	}
	return token.SetLimits{Token: id, Version: version, Limits: token.Limits{Failures: ptr(n(3)), MaxFailures: ptr(n(4))}}
}

func (c crowd) rare(n draw, id token.ID, version int64) token.Change {
	switch n(6) {
	case 0:
		return token.Revoke{Token: id}
	case 1, 2:
		return token.Delete{Token: id}
	case 3:
		return token.SetActive{Token: id, To: n(2) == 0}
	case 4:
		return token.Guard{Token: id, At: start}
	}
	return token.SetLimits{Token: id, Version: version, Limits: token.Limits{MaxUses: ptr(ptr(int64(n(3)))), ValidFrom: ptr(start)}}
}

// coherence wants a store with a cache to show at every moment what one without
// shows, whatever happened before.
func coherence(t *testing.T, d *desk) {
	for _, limit := range []int{2, 3, 100} {
		t.Run(fmt.Sprint("cache of ", limit), func(t *testing.T) {
			s := d.open(t, store.Options{Node: fmt.Sprint("node", limit), CacheTokens: limit, NoSync: true})
			defer func() {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}()
			rapid.Check(t, func(r *rapid.T) { d.history(r, s) })
		})
	}
}

func (d *desk) history(r *rapid.T, s *store.Store) {
	ctx, c := context.Background(), d.crowd()
	n := func(n int) int { return rapid.IntRange(0, n-1).Draw(r, "n") }
	versions := map[token.ID]int64{}
	for range rapid.IntRange(1, 25).Draw(r, "steps") {
		var changes []token.Change
		for range 1 + n(2) {
			changes = append(changes, c.change(n, versions[c.ids[n(len(c.ids))]]))
		}
		if err := s.Commit(ctx, token.Commit{Changes: changes}); err != nil && !errors.Is(err, token.ErrConflict) {
			r.Fatal(err)
		}
		// Not all are looked at after each step: what was not read is not kept.
		for _, o := range c.owners[n(len(c.owners)):] {
			r.Logf("%v", changes)
			d.compareOwner(r, s, o)
		}
		i := n(len(c.serials))
		if t := d.compareSerial(r, s, c.serials[i]); t != nil {
			versions[t.ID] = t.Version
		}
	}
}

func (d *desk) compareOwner(r rapid.TB, s *store.Store, o token.Owner) {
	got, err := s.TokensOf(context.Background(), o)
	want, err2 := d.plain.TokensOf(context.Background(), o)
	if err != nil || err2 != nil || !reflect.DeepEqual(got, want) {
		r.Fatalf("tokens of %v: %v %v\n got %s\nwant %s", o, err, err2, show(got), show(want))
	}
}

func (d *desk) compareSerial(r rapid.TB, s *store.Store, serial string) *token.Token {
	got, err := s.TokenBySerial(context.Background(), serial)
	want, err2 := d.plain.TokenBySerial(context.Background(), serial)
	if fault.Is(err, fault.TokenNotFound) && fault.Is(err2, fault.TokenNotFound) {
		return nil
	}
	if err != nil || err2 != nil || !reflect.DeepEqual(got, want) {
		r.Fatalf("token %s: %v %v\n got %+v\nwant %+v", serial, err, err2, got, want)
	}
	return got
}

func show(list []*token.Token) (out string) {
	for _, t := range list {
		out += fmt.Sprintf("%+v\n", *t)
	}
	return out
}

// coherenceUnderLoad lets readers fill the cache while writers change what it
// holds, and compares when all is quiet.
func coherenceUnderLoad(t *testing.T, d *desk) {
	ctx, c := context.Background(), d.crowd()
	for round := range uint64(15) {
		var writing atomic.Int32
		writing.Store(4)
		together(8, func(i int) {
			random := rand.New(rand.NewPCG(round, uint64(i)))
			if i < 4 {
				defer writing.Add(-1)
				for range 40 {
					err := d.store.Commit(ctx, token.Commit{Changes: []token.Change{c.change(random.IntN, int64(random.IntN(4)))}})
					if err != nil && !errors.Is(err, token.ErrConflict) {
						t.Error(err)
					}
				}
				return
			}
			for writing.Load() > 0 {
				_, err := d.store.TokensOf(ctx, c.owners[random.IntN(len(c.owners))])
				_, err2 := d.store.TokenBySerial(ctx, c.serials[random.IntN(len(c.serials))])
				if err != nil || err2 != nil && !fault.Is(err2, fault.TokenNotFound) {
					t.Error(err, err2)
				}
			}
		})
		for _, o := range c.owners {
			d.compareOwner(t, d.store, o)
		}
		for _, serial := range c.serials {
			d.compareSerial(t, d.store, serial)
		}
	}
}
