package store

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"symbolon/internal/token"
)

var (
	someone = token.Owner{UserID: "1", Resolver: "r", Realm: "x"}
	first   = &token.Token{ID: 1, Serial: "A", Owner: someone}
)

// TestOvertakenRead wants a read of the database that a commit overtook to be
// forgotten, wherever in the commit it began and ended.
func TestOvertakenRead(t *testing.T) {
	t.Parallel()
	moved := []token.Change{token.MoveCounter{Token: 1, To: 5}}
	assigned := []token.Change{token.Create{Token: token.Token{ID: 2, Serial: "B", Owner: someone}}}
	for _, c := range []struct {
		name    string
		changes []token.Change
		begin   int // 0: before the commit, 1: inside, 2: after
		end     int
		kept    bool
	}{
		{"before", moved, 0, 0, true},
		{"over the beginning", moved, 0, 1, false},
		{"over all", moved, 0, 2, false},
		{"inside", moved, 1, 1, false},
		{"over the end", moved, 1, 2, false},
		{"after", moved, 2, 2, true},
		{"a new token before", assigned, 0, 0, false}, // it was kept, and is over now
		{"a new token over the beginning", assigned, 0, 1, false},
		{"a new token over all", assigned, 0, 2, false},
		{"a new token over the end", assigned, 1, 2, false},
		{"a new token after", assigned, 2, 2, true},
		{"another token", []token.Change{token.Stamp{Token: 3}}, 0, 2, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cache := newCache(10)
			var f *filling
			touched := newTouched()
			touched.add(c.changes)
			step := func(n int) error {
				if c.begin == n {
					f = cache.begin()
				}
				if c.end == n {
					cache.keepOwned(f, someone, []*token.Token{first})
					cache.end(f)
				}
				return nil
			}
			before := step(0)
			inside := cache.during(touched, []*request{{changes: c.changes}}, func() error { return step(1) })
			if err := errors.Join(before, inside, step(2)); err != nil {
				t.Fatal(err)
			}
			if _, kept := cache.owned(someone); kept != c.kept {
				t.Errorf("kept: %t", kept)
			}
			if len(cache.underWay) != 0 {
				t.Error("a read that has ended is still waited for")
			}
		})
	}
}

// TestFailedCommit wants nothing to be kept when it is unknown what happened.
func TestFailedCommit(t *testing.T) {
	t.Parallel()
	cache := newCache(10)
	f := cache.begin()
	cache.keepOwned(f, someone, []*token.Token{first})
	touched := newTouched()
	touched.add([]token.Change{token.MoveCounter{Token: 1}})
	failed := errors.New("the disk is gone")
	if err := cache.during(touched, nil, func() error { return failed }); !errors.Is(err, failed) {
		t.Errorf("the commit's error is lost: %v", err)
	}
	cache.forget()
	if _, kept := cache.owned(someone); kept {
		t.Error("a token is kept after a commit that failed")
	}
	if cache.keep(f, first); len(cache.tokens) != 0 {
		t.Error("what was read before a commit that failed is kept")
	}
}

func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	cache := newCache(10)
	for i := range 100 {
		o := token.Owner{UserID: string(rune('0' + i))}
		cache.keepOwned(cache.begin(), o, []*token.Token{{ID: token.ID(i + 1), Serial: o.UserID, Owner: o}})
	}
	if len(cache.tokens) != 10 || len(cache.serials) != 10 || len(cache.owners) != 10 || cache.tokenUse.Len() != 10 || cache.ownerUse.Len() != 10 {
		t.Errorf("%d tokens, %d serials, %d owners", len(cache.tokens), len(cache.serials), len(cache.owners))
	}
}

// TestReadAfterConflict wants the loser of a race to read the database, even if
// the cache were wrong: it would lose for ever otherwise.
func TestReadAfterConflict(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, err := Open(ctx, Options{Path: filepath.Join(t.TempDir(), "x.db"), NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Commit(ctx, token.Commit{Changes: []token.Change{token.Create{Token: *first}}}); err != nil {
		t.Fatal(err)
	}
	wrong := *first
	wrong.Counter = 9
	s.cache.keepOwned(s.cache.begin(), someone, []*token.Token{&wrong})
	err = s.Commit(ctx, token.Commit{Changes: []token.Change{token.MoveCounter{Token: 1, From: 9, To: 10}}})
	if !errors.Is(err, token.ErrConflict) {
		t.Fatal(err)
	}
	if list, err := s.TokensOf(ctx, someone); err != nil || len(list) != 1 || list[0].Counter != 0 {
		t.Errorf("%+v, %v", list, err)
	}
}
