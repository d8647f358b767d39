package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"symbolon/internal/store"
	"symbolon/internal/token"
)

// together runs f n times at once.
func together(n int, f func(i int)) {
	var all sync.WaitGroup
	gate := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-gate
			f(i)
		})
	}
	close(gate)
	all.Wait()
}

// oneCounter wants each value of a counter to be accepted once, however many
// try, and whatever they have read before.
func oneCounter(t *testing.T, d *desk) {
	const callers, codes = 100, 10
	tok := d.token(t, nil)
	var accepted [codes]atomic.Int32
	together(callers, func(int) {
		for code := range int64(codes) {
			for {
				have, err := d.store.TokenBySerial(context.Background(), tok.Serial)
				if err != nil {
					t.Error(err)
					return
				}
				if have.Counter > code {
					break
				}
				err = d.store.Commit(context.Background(), token.Commit{Changes: []token.Change{
					token.Succeed{Token: tok.ID, At: start, CountUse: true},
					token.MoveCounter{Token: tok.ID, From: have.Counter, To: code + 1}}})
				if err == nil {
					accepted[code].Add(1)
				} else if !errors.Is(err, token.ErrConflict) {
					t.Error(err)
					return
				}
			}
		}
	})
	for code := range accepted {
		if n := accepted[code].Load(); n != 1 {
			t.Errorf("code %d was accepted %d times", code, n)
		}
	}
	tok.Counter, tok.Uses, tok.Successes = codes, codes, codes
	d.check(t, tok)
}

// successesTogether wants successes of different codes to leave each other alone.
func successesTogether(t *testing.T, d *desk) {
	const callers = 50
	tok := d.token(t, func(t *token.Token) { t.Info, t.Failures = map[string]token.Entry{}, 1 })
	for i := range callers {
		tok.Info[fmt.Sprint("code", i)] = token.Entry{Text: "unused"}
		d.holds(t, token.SetInfo{Token: tok.ID, Key: fmt.Sprint("code", i), To: &token.Entry{Text: "unused"}})
	}
	together(callers, func(i int) {
		key := fmt.Sprint("code", i)
		if _, err := d.commit(token.SetInfo{Token: tok.ID, Key: key, From: &token.Entry{Text: "unused"}, To: &token.Entry{Text: "used"}},
			token.Succeed{Token: tok.ID, At: start, CountUse: true}); err != nil {
			t.Errorf("%s: %v", key, err)
		}
	})
	for key := range tok.Info {
		tok.Info[key] = token.Entry{Text: "used"}
	}
	tok.Failures, tok.Uses, tok.Successes = 0, callers, callers
	d.check(t, tok)
}

// severalTokens wants commits that name the same tokens in different orders to
// hold all the same: none locks another one out.
func severalTokens(t *testing.T, d *desk) {
	const callers, rounds, count = 10, 20, 3
	var toks []token.Token
	for range count {
		toks = append(toks, d.token(t, nil))
	}
	together(callers, func(i int) {
		random := rand.New(rand.NewPCG(1, uint64(i)))
		for range rounds {
			var changes []token.Change
			for _, j := range random.Perm(count) {
				changes = append(changes, token.Succeed{Token: toks[j].ID, At: start, CountUse: true})
			}
			if _, err := d.commit(changes...); err != nil {
				t.Error(err)
			}
		}
	})
	for _, tok := range toks {
		tok.Uses, tok.Successes = callers*rounds, callers*rounds
		d.check(t, tok)
	}
}

// revocation wants no success after a revocation was acknowledged.
func revocation(t *testing.T, d *desk) {
	for range 20 {
		tok := d.token(t, nil)
		var revoked atomic.Bool
		together(9, func(i int) {
			if i == 8 {
				if _, err := d.commit(token.Revoke{Token: tok.ID}); err != nil {
					t.Error(err)
				}
				revoked.Store(true)
				return
			}
			for over := false; !over; {
				over = revoked.Load()
				_, err := d.commit(token.Succeed{Token: tok.ID, At: start})
				if err == nil && over {
					t.Error("a success after the revocation")
				}
			}
		})
	}
}

// readingWhileWriting wants whoever has an acknowledged commit to read it, from
// a cache that is too small and filled from all sides.
func readingWhileWriting(t *testing.T, d *desk) {
	const callers, rounds = 8, 60
	tight := d.open(t, store.Options{Node: "tight", CacheTokens: 3, NoSync: true})
	defer func() {
		if err := tight.Close(); err != nil {
			t.Error(err)
		}
	}()
	owner := token.Owner{UserID: "shared", Resolver: "r", Realm: "x"}
	var toks []token.Token
	for range callers {
		toks = append(toks, d.token(t, func(t *token.Token) { t.Owner = owner }))
	}
	ctx := context.Background()
	together(callers, func(i int) {
		for n := range int64(rounds) {
			err := tight.Commit(ctx, token.Commit{Changes: []token.Change{
				token.MoveCounter{Token: toks[i].ID, From: n, To: n + 1}, token.Stamp{Token: toks[i].ID, At: start.Add(time.Duration(n))}}})
			if err != nil {
				t.Error(err)
				return
			}
			list, err := tight.TokensOf(ctx, owner)
			if err != nil || len(list) != callers || list[i].Counter != n+1 {
				t.Errorf("after the acknowledgement of %d: %d tokens, %v", n+1, len(list), err)
				return
			}
			one, err := tight.TokenBySerial(ctx, toks[(i+1)%callers].Serial)
			if err != nil || one.Owner != owner {
				t.Errorf("%+v, %v", one, err)
			}
		}
	})
}
