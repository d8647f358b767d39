package store_test

import (
	"context"
	"path/filepath"
	"testing"

	"symbolon/internal/store"
	"symbolon/internal/store/storetest"
)

// open opens the database at path, and fails the test when it cannot.
func open(t testing.TB, path string, o store.Options) *store.Store {
	t.Helper()
	o.Path = path
	s, err := store.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSQLite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Opener {
		path := filepath.Join(t.TempDir(), "symbolon.db")
		return func(t *testing.T, o store.Options) *store.Store { return open(t, path, o) }
	})
}
