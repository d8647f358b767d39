package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"symbolon/internal/audit"
	"symbolon/internal/store"
	"symbolon/internal/token"
)

const benchTokens = 2000

// filled is a store with some tokens, each with an owner of its own.
func filled(b *testing.B) *store.Store {
	s := open(b, filepath.Join(b.TempDir(), "bench.db"), store.Options{Node: "bench"})
	b.Cleanup(func() { s.Close() })
	var changes []token.Change
	for i := range benchTokens {
		changes = append(changes, token.Create{Token: token.Token{ID: token.ID(i+1) * 7919 * 100003, Serial: fmt.Sprint("T", i), Type: "hotp",
			Owner: benchOwner(i), Realms: []string{"r"}, Info: map[string]token.Entry{"hashlib": {Text: "sha1"}},
			Standing: token.Standing{Active: true, MaxFailures: 10}}})
	}
	if err := s.Commit(context.Background(), token.Commit{Changes: changes}); err != nil {
		b.Fatal(err)
	}
	return s
}

func benchOwner(i int) token.Owner {
	return token.Owner{UserID: fmt.Sprint(i), Resolver: "res", Realm: "realm"}
}

// login reads a user's tokens and spends a code of the first, with its record.
func login(s *store.Store, i int64) error {
	ctx, now := context.Background(), time.Now()
	list, err := s.TokensOf(ctx, benchOwner(int(i%benchTokens)))
	if err != nil {
		return err
	}
	t := list[0]
	return s.Commit(ctx, token.Commit{Changes: []token.Change{
		token.MoveCounter{Token: t.ID, From: t.Counter, To: t.Counter + 1}, token.Succeed{Token: t.ID, At: now, CountUse: true, Stamp: true}},
		Record: &audit.Record{Case: fmt.Sprint("case", i), Started: now, Ended: now, Action: "POST /validate/check", Success: true,
			Authentication: "ACCEPT", Serial: t.Serial, TokenType: "hotp", User: t.Owner.UserID, Realm: "realm", Resolver: "res",
			Client: "10.0.0.1", Trace: []audit.Step{{What: "token", Object: t.Serial, Outcome: "right", Numbers: []int64{1, 2}}}}})
}

func BenchmarkCommit(b *testing.B) {
	for _, callers := range []int{1, 64, 256} {
		b.Run(fmt.Sprint("callers=", callers), func(b *testing.B) {
			s := filled(b)
			var next atomic.Int64
			var all sync.WaitGroup
			b.ResetTimer()
			for range callers {
				all.Go(func() {
					for {
						i := next.Add(1)
						if i > int64(b.N) {
							return
						}
						if err := login(s, i); err != nil {
							b.Error(err)
						}
					}
				})
			}
			all.Wait()
		})
	}
}

func BenchmarkTokensOf(b *testing.B) {
	for name, cached := range map[string]int{"cached": 0, "uncached": -1} {
		b.Run(name, func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "bench.db")
			s := open(b, path, store.Options{Node: "bench", CacheTokens: cached, NoSync: true})
			defer s.Close()
			if err := s.Commit(context.Background(), token.Commit{Changes: []token.Change{token.Create{Token: token.Token{ID: 1, Serial: "A",
				Owner: benchOwner(1), Info: map[string]token.Entry{"k": {Text: "v"}}}}}}); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if list, err := s.TokensOf(context.Background(), benchOwner(1)); err != nil || len(list) != 1 {
					b.Fatal(err)
				}
			}
		})
	}
}
