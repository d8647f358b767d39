package store_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"symbolon/internal/audit"
	"symbolon/internal/store"
	"symbolon/internal/token"
)

// crashPath tells the test binary, when it is run again, which database to
// write to until it is killed.
const crashPath = "STORE_CRASH_PATH"

func TestMain(m *testing.M) {
	if path := os.Getenv(crashPath); path != "" {
		writeUntilKilled(path)
		return
	}
	os.Exit(m.Run())
}

const crashCallers = 16

// writeUntilKilled moves a counter for each caller, and says so on the output
// after each commit was acknowledged.
func writeUntilKilled(path string) {
	ctx := context.Background()
	s, err := store.Open(ctx, store.Options{Path: path, Node: "crash"})
	if err != nil {
		panic(err)
	}
	var all sync.WaitGroup
	for i := range crashCallers {
		all.Go(func() {
			id := token.ID(i + 1)
			tok, err := s.TokenBySerial(ctx, fmt.Sprint("T", id))
			if err != nil {
				tok = &token.Token{ID: id, Serial: fmt.Sprint("T", id)}
				if err := s.Commit(ctx, token.Commit{Changes: []token.Change{token.Create{Token: *tok}}}); err != nil {
					panic(err)
				}
			}
			for n := tok.Counter; ; n++ {
				rec := audit.Record{Case: fmt.Sprintf("%d-%d", id, n+1)}
				if err := s.Commit(ctx, token.Commit{Record: &rec,
					Changes: []token.Change{token.MoveCounter{Token: id, From: n, To: n + 1}}}); err != nil {
					panic(err)
				}
				// One write, so that lines do not mix.
				fmt.Fprintf(os.Stdout, "%d %d\n", id, n+1)
			}
		})
	}
	all.Wait()
}

// TestCrash kills a process that writes, several times, and wants everything
// it had acknowledged to be there.
func TestCrash(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "crash.db")
	acknowledged := map[token.ID]int64{}
	for _, lines := range []int{1, 40, 300, 77} {
		readAcknowledged(t, path, lines, acknowledged)
		verifyAfterCrash(t, path, acknowledged)
	}
}

func readAcknowledged(t *testing.T, path string, lines int, acknowledged map[token.ID]int64) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashPath+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewScanner(out)
	for n := 0; in.Scan(); n++ {
		var id token.ID
		var counter int64
		if _, err := fmt.Sscanf(in.Text(), "%d %d", &id, &counter); err != nil {
			t.Fatalf("%q: %v", in.Text(), err)
		}
		acknowledged[id] = max(acknowledged[id], counter)
		if n == lines {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != -1 {
		t.Fatalf("the process was not killed: %v", err)
	}
}

func verifyAfterCrash(t *testing.T, path string, acknowledged map[token.ID]int64) {
	t.Helper()
	ctx := context.Background()
	s := open(t, path, store.Options{Node: "after"})
	defer s.Close()
	for id, counter := range acknowledged {
		tok, err := s.TokenBySerial(ctx, fmt.Sprint("T", id))
		if err != nil || tok.Counter < counter {
			t.Errorf("counter of %d: %v, %v; %d was acknowledged", id, tok, err, counter)
			continue
		}
		for _, n := range []int64{1, counter, tok.Counter} {
			if _, ok, err := s.RecordOf(ctx, fmt.Sprintf("%d-%d", id, n)); !ok && n > 0 || err != nil {
				t.Errorf("record %d of %d is missing (%v)", n, id, err)
			}
		}
		if _, ok, _ := s.RecordOf(ctx, fmt.Sprintf("%d-%d", id, tok.Counter+1)); ok {
			t.Errorf("a record of %d without its change", id)
		}
	}
	rows, _, err := s.Records(ctx, audit.Query{Ascending: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		if r.Number != int64(i+1) || !r.Intact || !r.Linked {
			t.Fatalf("row %d: %+v", i, r)
		}
	}
}

// raw opens the file beside the store.
func raw(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestNewerDatabase(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "newer.db")
	if err := open(t, path, store.Options{Node: "n"}).Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := raw(t, path).Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)"); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(context.Background(), store.Options{Path: path})
	if err == nil {
		s.Close()
		t.Fatal("a database of a newer schema was opened")
	}
	if !strings.Contains(err.Error(), "999") || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
}

func TestDurablePragmas(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a file? 100%#.db")
	s := open(t, path, store.Options{Node: "n"})
	defer s.Close()
	for _, file := range []string{path, path + "-wal"} {
		info, err := os.Stat(file)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", file, info.Mode(), err)
		}
	}
	var mode string
	if err := raw(t, "file:"+url.PathEscape(path)).QueryRow("PRAGMA journal_mode").Scan(&mode); err != nil || mode != "wal" {
		t.Errorf("journal mode %q, %v", mode, err)
	}
}

// TestLibraryVersion wants the exact version of libc that SQLite was translated
// against: a later one can crash it.
func TestLibraryVersion(t *testing.T) {
	ours, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "list", "-m", "-f", "{{.GoMod}}", "modernc.org/sqlite").Output()
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := os.ReadFile(strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	libc := regexp.MustCompile(`modernc\.org/libc (v\S+)`)
	have, want := libc.FindSubmatch(ours), libc.FindSubmatch(theirs)
	if have == nil || want == nil || string(have[1]) != string(want[1]) {
		t.Errorf("modernc.org/libc is %s, modernc.org/sqlite needs %s", have, want)
	}
}

// TestCanceledCaller wants the outcome of a queued commit to be told even to a
// caller whose context has ended, and an early end to leave nothing behind.
func TestCanceledCaller(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "c.db"), store.Options{Node: "n", NoSync: true})
	defer s.Close()
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	never := token.Commit{Record: &audit.Record{Case: "never"}}
	if err := s.Commit(ended, never); !errors.Is(err, context.Canceled) {
		t.Errorf("a commit of an ended context: %v", err)
	}
	const callers = 64
	var told sync.Map
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			ctx, cancel := context.WithCancel(context.Background())
			go cancel()
			number := strconv.Itoa(i)
			told.Store(number, s.Commit(ctx, token.Commit{Record: &audit.Record{Case: number}}) == nil)
		})
	}
	all.Wait()
	for i := range callers {
		number := strconv.Itoa(i)
		want, _ := told.Load(number)
		if _, ok, err := s.RecordOf(context.Background(), number); ok != want || err != nil {
			t.Errorf("commit %s: told %v, there is %t (%v)", number, want, ok, err)
		}
	}
	if _, ok, _ := s.RecordOf(context.Background(), "never"); ok {
		t.Error("a commit that was refused has happened")
	}
}

// TestBadNeighbour wants a commit that cannot be carried out to harm none of its group.
func TestBadNeighbour(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "bad.db"), store.Options{Node: "n", NoSync: true})
	defer s.Close()
	ctx := context.Background()
	if err := s.Commit(ctx, token.Commit{Changes: []token.Change{token.Create{Token: token.Token{ID: 1, Serial: "A"}}}}); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			changes := []token.Change{token.SetInfo{Token: 1, Key: fmt.Sprint(i), To: &token.Entry{}}}
			bad, lost := i%10 == 3, i%10 == 4
			if bad {
				changes = append(changes, &token.Stamp{Token: 1}) // a pointer is no change the store knows
			}
			if lost {
				changes = append(changes, token.MoveCounter{Token: 1, From: 9})
			}
			err := s.Commit(ctx, token.Commit{Changes: changes, Record: &audit.Record{Case: fmt.Sprint(i)}})
			switch {
			case bad && (err == nil || errors.Is(err, token.ErrConflict)), lost && !errors.Is(err, token.ErrConflict),
				!bad && !lost && err != nil:
				t.Errorf("commit %d: %v", i, err)
			}
		})
	}
	all.Wait()
	tok, err := s.TokenBySerial(ctx, "A")
	if err != nil || len(tok.Info) != 160 {
		t.Errorf("%d entries, %v; want 160", len(tok.Info), err)
	}
	rows, n, err := s.Records(ctx, audit.Query{})
	if err != nil || n != 160 {
		t.Errorf("%d records, %v; want 160", n, err)
	}
	for _, r := range rows {
		if !r.Intact || !r.Linked {
			t.Fatalf("%+v", r)
		}
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "close.db")
	s := open(t, path, store.Options{Node: "n", NoSync: true})
	for i := range 500 {
		s.Append(audit.Record{Case: fmt.Sprint(i)})
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s.Append(audit.Record{Case: "late"})
	if err := s.Commit(context.Background(), token.Commit{}); !errors.Is(err, store.ErrClosed) {
		t.Errorf("commit after Close: %v", err)
	}
	if err := s.Close(); !errors.Is(err, store.ErrClosed) {
		t.Errorf("second Close: %v", err)
	}
	s = open(t, path, store.Options{Node: "n"})
	defer s.Close()
	if _, n, err := s.Records(context.Background(), audit.Query{Limit: 1}); n != 500 || err != nil {
		t.Errorf("%d records, %v; want 500", n, err)
	}
}

// TestTampering changes the trail behind the store's back.
func TestTampering(t *testing.T) {
	t.Parallel()
	all := []string{"1", "2", "3", "4", "5"}
	for _, c := range []struct{ name, change, altered, alone string }{
		{"nothing", "SELECT 1", "", ""},
		{"a text", "UPDATE audit SET detail = 'x' WHERE number = 2", "2", ""},
		{"a text moved into its neighbour", "UPDATE audit SET login = '', realm = login || realm WHERE number = 2", "2", ""},
		{"a time forgotten", "UPDATE audit SET started = NULL WHERE number = 4", "4", ""},
		{"a row in the middle removed", "DELETE FROM audit WHERE number = 3", "", "24"},
		{"the first removed", "DELETE FROM audit WHERE number = 1", "", "2"},
		{"the last removed", "DELETE FROM audit WHERE number = 5", "", "4"},
		{"a hash", "UPDATE audit SET hash = x'00' WHERE number = 3", "3", "34"},
		{"the last hash", "UPDATE audit SET hash = x'00' WHERE number = 5", "5", "5"},
		{"the head forgotten", "DELETE FROM audit_head", "", "5"},
		{"broken JSON", "UPDATE audit SET trace = '[' WHERE number = 3", "3", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "t.db")
			s := open(t, path, store.Options{Node: "n", NoSync: true})
			defer s.Close()
			for _, number := range all {
				s.Append(audit.Record{Case: number, User: "hans", Realm: "r", Started: time.Unix(1, 0)})
			}
			if err := s.Commit(context.Background(), token.Commit{}); err != nil {
				t.Fatal(err)
			}
			if _, err := raw(t, path).Exec(c.change); err != nil {
				t.Fatal(err)
			}
			rows, _, err := s.Records(context.Background(), audit.Query{Ascending: true})
			if err != nil {
				t.Fatal(err)
			}
			var altered, alone string
			for _, r := range rows {
				if !r.Intact {
					altered += r.Case
				}
				if !r.Linked {
					alone += r.Case
				}
			}
			if altered != c.altered || alone != c.alone {
				t.Errorf("altered %q, alone %q; want %q and %q", altered, alone, c.altered, c.alone)
			}
		})
	}
}
