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
