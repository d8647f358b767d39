package store

import (
	"context"
	"path/filepath"
	"symbolon/internal/audit"
	"symbolon/internal/token"
	"testing"
	"time"
)

func TestSmoke(t *testing.T) {
	s, err := Open(context.Background(), Options{Path: filepath.Join(t.TempDir(), "a.db"), Node: "n"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx := context.Background()
	tok := token.Token{ID: 5, Serial: "A", Type: "hotp", Owner: token.Owner{UserID: "1", Resolver: "r", Realm: "x"}, Realms: []string{"b", "a"}, Info: map[string]token.Entry{"k": {Text: "v"}}, Standing: token.Standing{Active: true, MaxFailures: 3}}
	now := time.Now()
	if err := s.Commit(ctx, token.Commit{Changes: []token.Change{token.Create{Token: tok}}, Record: &audit.Record{Case: "1", Policies: []string{"a", "b"}, Args: []any{1, "x"}, Ended: now}}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []token.Change{token.MoveCounter{Token: 5, From: 0, To: 3}, token.Succeed{Token: 5, At: now, CountUse: true, Stamp: true}, token.CountFailure{Token: 5, At: now}, token.Guard{Token: 5, At: now}, token.SetPIN{Token: 5, To: "x"}, token.SetLimits{Token: 5, Version: 1, Limits: token.Limits{LastUse: &now}}, token.AtMost{Filter: token.Filter{Serials: []string{"A*"}}, Max: 1}} {
		if err := s.Commit(ctx, token.Commit{Changes: []token.Change{c}}); err != nil {
			t.Fatal(c, err)
		}
		l, err := s.TokensOf(ctx, tok.Owner)
		if err != nil || len(l) != 1 {
			t.Fatal(l, err)
		}
	}
	l, err := s.TokensOf(ctx, tok.Owner)
	t.Logf("%+v %v", *l[0], err)
	rows, n, err := s.Records(ctx, audit.Query{Filters: []audit.Filter{{Column: "policies", Value: "a,*"}, {Column: "date", Value: now.Local().Format("2006-01") + "*"}}})
	t.Logf("%+v %d %v", rows, n, err)
	r, ok, err := s.RecordOf(ctx, "1")
	t.Log(r.Intact, r.Linked, ok, err)
	a, b, err := s.Definitions(ctx)
	t.Log(a, b, err)
}
