package store

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"symbolon/internal/audit"
	"symbolon/internal/token"
)

func openLog(t *testing.T, path string, maxPages int) *Store {
	t.Helper()
	s, err := Open(context.Background(), Options{Path: path, Node: "n", NoSync: true, checkpointPages: maxPages})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// write commits n records one by one, of more than a page each.
func write(t *testing.T, s *Store, n int) {
	for range n {
		rec := audit.Record{Text: strings.Repeat("x", 4000)}
		if err := s.Commit(context.Background(), token.Commit{Record: &rec}); err != nil {
			t.Error(err)
		}
	}
}

// TestLogStaysSmall wants the write-ahead log to begin anew again and again.
func TestLogStaysSmall(t *testing.T) {
	t.Parallel()
	const callers, rounds = 8, 600
	path := filepath.Join(t.TempDir(), "log.db")
	s := openLog(t, path, 100)
	var all sync.WaitGroup
	for range callers {
		all.Go(func() { write(t, s, rounds) })
	}
	all.Wait()
	info, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	// Five pages for each record would be there in all.
	if pages := int(info.Size() / 4096); pages > 2*callers*rounds {
		t.Errorf("the log has grown to %d pages", pages)
	}
}

// TestLogFinished wants the writer to copy what is left when it is asked to.
func TestLogFinished(t *testing.T) {
	t.Parallel()
	s := openLog(t, filepath.Join(t.TempDir(), "log.db"), 1<<20)
	write(t, s, 100)
	s.writer.behind.Store(true)
	write(t, s, 2)
	pages, _, err := checkpoint(context.Background(), s.writers)
	if err != nil || pages < 1 || pages > 50 {
		t.Errorf("the log has %d pages, %v", pages, err)
	}
}

// TestConnections wants each connection to be what it is for: a commit waits
// for the disk, and reads cannot write.
func TestConnections(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, err := Open(ctx, Options{Path: filepath.Join(t.TempDir(), "c.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for name, c := range map[string]struct {
		db   queryer
		want map[string]int
	}{
		"writer":       {s.writer.conn, map[string]int{"synchronous": 2, "wal_autocheckpoint": 0, "foreign_keys": 1, "query_only": 0}},
		"checkpointer": {s.writers, map[string]int{"synchronous": 2, "wal_autocheckpoint": 0}},
		"reader":       {s.readers, map[string]int{"query_only": 1, "wal_autocheckpoint": 0}},
	} {
		for pragma, want := range c.want {
			var got int
			if err := c.db.QueryRowContext(ctx, "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
				t.Errorf("%s of the %s is %d, %v; want %d", pragma, name, got, err, want)
			}
		}
	}
}
