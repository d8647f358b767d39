package store

import (
	"context"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"
)

func TestFits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"abc", "abc", true}, {"abc", "abcd", false}, {"", "", true}, {"", "a", false}, {"*", "", true}, {"a*", "a", true},
		{"a*a", "a", false}, {"a*a", "aa", true}, {"*b*", "abc", true}, {"a*b*c", "a.b.c", true}, {"a*b*c", "a.c.b", false},
		{"*ab*ba*", "aba", false}, {"**", "x", true}, {"?", "x", false}, {"a*bc*c", "abcbc", true}, {"A*", "a", false},
	} {
		if got := fits(c.pattern, c.text); got != c.want {
			t.Errorf("%q fits %q: %t", c.text, c.pattern, got)
		}
	}
}

// TestFitsAsSQL wants the two ways to compare with a pattern to agree.
func TestFitsAsSQL(t *testing.T) {
	t.Parallel()
	db, err := openSQLite(filepath.Join(t.TempDir(), "x.db"), true, false)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rapid.Check(t, func(r *rapid.T) {
		pattern := rapid.StringMatching(`[ab*?\[\]^ä%_-]{0,6}`).Draw(r, "pattern")
		text := rapid.StringMatching(`[ab*?\[\]^ä%_-]{0,6}`).Draw(r, "text")
		condition, arg := like("x.y", pattern)
		var sql bool
		if err := db.QueryRowContext(context.Background(), "SELECT "+condition+" FROM (SELECT ? AS y) x", arg, text).Scan(&sql); err != nil {
			r.Fatal(err)
		}
		if sql != fits(pattern, text) {
			r.Errorf("%q fits %q: %t in SQL", text, pattern, sql)
		}
	})
}

func TestOlder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		version string
		want    bool
	}{
		{"3.51.2", true}, {"3.51.3", false}, {"3.51.10", false}, {"3.54.1", false}, {"3.9.9", true}, {"4", false}, {"3", true}, {"", true},
	} {
		if got := older(c.version, oldestSQLite); got != c.want {
			t.Errorf("%q is older: %t", c.version, got)
		}
	}
}
