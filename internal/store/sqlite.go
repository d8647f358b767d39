package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
)

// What is peculiar to SQLite is in this file, but for the statements.

//go:embed migration/sqlite/*.sql
var migrations embed.FS

// Below it two connections, one that writes and one that checkpoints, can
// corrupt the file.
const oldestSQLite = "3.51.3"

// checkpointPages is the size the write-ahead log may reach before it is
// copied into the database, in pages.
const checkpointPages = 8192

// open returns a pool of connections. The pragmas are part of the name, so that
// every connection of the pool has them.
func openSQLite(path string, noSync, readOnly bool) (*sql.DB, error) {
	pragmas := []string{"busy_timeout(10000)", "journal_mode(WAL)", "wal_autocheckpoint(0)", "foreign_keys(1)",
		"temp_store(MEMORY)", "cache_size(-32768)", "trusted_schema(0)"}
	switch {
	case readOnly:
		pragmas = append(pragmas, "query_only(1)")
	case noSync:
		pragmas = append(pragmas, "synchronous(OFF)")
	default:
		pragmas = append(pragmas, "synchronous(FULL)")
	}
	name := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{"_pragma": pragmas}.Encode()}
	return sql.Open("sqlite", name.String())
}

// prepareFile makes the file readable for its owner only, before SQLite would
// make it readable for all, and returns its absolute path.
func prepareFile(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	// Where fdatasync is unknown, fsync does the same and more.
	_, _ = sqlite.Fdatasync(true)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", err
	}
	return path, f.Close()
}

// migrate brings the schema up to date and refuses what it does not know.
func migrate(ctx context.Context, db *sql.DB, log *slog.Logger) error {
	var version string
	if err := db.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&version); err != nil {
		return err
	}
	if older(version, oldestSQLite) {
		return fmt.Errorf("this program was built with SQLite %s, which can damage databases: %s or later is needed", version, oldestSQLite)
	}
	files, err := fs.Sub(migrations, "migration/sqlite")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true), goose.WithSlog(log))
	if err != nil {
		return err
	}
	have, known, err := p.GetVersions(ctx)
	if err != nil {
		return err
	}
	if have > known {
		return fmt.Errorf("the database has schema %d and this program knows only up to %d: it was used with a newer version of the program", have, known)
	}
	_, err = p.Up(ctx)
	return err
}

// older reports whether version a comes before version b.
func older(a, b string) bool {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i, want := range bs {
		m, have := 0, 0
		m, _ = strconv.Atoi(want)
		if i < len(as) {
			have, _ = strconv.Atoi(as[i])
		}
		if have != m {
			return have < m
		}
	}
	return false
}

// like returns the condition that column fits pattern, in which only * is
// special, and its argument.
func like(column, pattern string) (condition string, arg any) {
	if !strings.Contains(pattern, "*") {
		return column + " = ?", pattern
	}
	// A star beside a star adds nothing but work.
	for strings.Contains(pattern, "**") {
		pattern = strings.ReplaceAll(pattern, "**", "*")
	}
	return column + " GLOB ?", strings.NewReplacer("[", "[[]", "?", "[?]").Replace(pattern)
}

// contains returns the condition that column has a part, given as argument.
func contains(column string) string { return "instr(" + column + ", ?) > 0" }

// listed is the condition that a column is in a list of numbers or texts, given
// as JSON.
const listed = " IN (SELECT value FROM json_each(?))"

// policyNames is the column policies, which is JSON, as names joined by commas.
const policyNames = `CASE WHEN a.policies = '' THEN '' ELSE (SELECT group_concat(value, ',') FROM json_each(a.policies)) END`

// checkpoint copies what it can of the write-ahead log into the database
// without holding anybody up, and returns how many pages are in the log and
// how many of them are copied.
func checkpoint(ctx context.Context, db *sql.DB) (pages, copied int, err error) {
	var busy int
	err = db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &pages, &copied)
	return pages, copied, err
}
