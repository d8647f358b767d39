// Package store keeps tokens, challenges, definitions and the audit trail in a
// database, and applies the changes that the rest of the program decides on:
// all of a commit or nothing, only while their conditions hold, and durably
// before it answers. It makes no decision of its own and opens no secret: what
// is sealed stays so. DESIGN.md in this folder explains its shape.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// defaultCacheTokens keeps the cache at some tens of megabytes.
const defaultCacheTokens = 20000

// readConnections bounds the reads under way at once.
const readConnections = 8

// ErrClosed is returned by commits after Close.
var ErrClosed = errors.New("the store is closed")

// Options say which database is opened, and how.
type Options struct {
	Path string // the database file; it is made when it is missing
	Node string // the name of this node: the audit chain it writes
	Now  func() time.Time
	Log  *slog.Logger // nil: nothing is logged
	// CacheTokens bounds the tokens kept in memory; so many owners are kept as
	// well. 0 is 20,000; below 0 nothing is kept.
	CacheTokens int
	// NoSync leaves it to the operating system when commits reach the disk. For
	// tests: a power cut loses acknowledged commits, or the database.
	NoSync bool
}

// Store is an open database. One process has it open at a time. All methods
// may be used from many goroutines.
type Store struct {
	readers *sql.DB
	writers *sql.DB // two connections: the writer's and the checkpointer's
	reads   map[string]*sql.Stmt
	cache   *cache
	writer  *writer
	log     *slog.Logger
	wait    sync.WaitGroup
}

// Open opens the database and brings its schema up to date. It refuses one
// that was used with a newer version of the program.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.CacheTokens == 0 {
		o.CacheTokens = defaultCacheTokens
	}
	s := &Store{cache: newCache(o.CacheTokens), log: o.Log}
	if err := s.open(ctx, o); err != nil {
		s.closePools()
		return nil, fmt.Errorf("database %s: %w", o.Path, err)
	}
	s.wait.Go(func() { s.writer.run() })
	s.wait.Go(func() { s.checkpoints(s.writer.grown) })
	return s, nil
}

func (s *Store) open(ctx context.Context, o Options) error {
	path, err := prepareFile(o.Path)
	if err != nil {
		return err
	}
	if s.writers, err = openSQLite(path, o.NoSync, false); err != nil {
		return err
	}
	s.writers.SetMaxOpenConns(2)
	s.writers.SetMaxIdleConns(2)
	if err = migrate(ctx, s.writers, o.Log); err != nil {
		return err
	}
	if s.readers, err = openSQLite(path, o.NoSync, true); err != nil {
		return err
	}
	s.readers.SetMaxOpenConns(readConnections)
	s.readers.SetMaxIdleConns(readConnections)
	if s.reads, err = prepareReads(ctx, s.readers); err != nil {
		return err
	}
	s.writer, err = newWriter(ctx, s.writers, s.cache, o)
	return err
}

// Close waits until what was queued is done and closes the database.
func (s *Store) Close() error {
	if !s.writer.close() {
		return ErrClosed
	}
	s.wait.Wait()
	err := s.writer.conn.Close()
	return errors.Join(err, s.closePools())
}

func (s *Store) closePools() error {
	var errs []error
	for _, db := range []*sql.DB{s.readers, s.writers} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// checkpoints keeps the write-ahead log small, beside the commits instead of
// inside them, until the writer ends.
func (s *Store) checkpoints(grown <-chan struct{}) {
	ctx := context.Background()
	for range grown {
		pages, copied, err := checkpoint(ctx, s.writers)
		switch {
		case err != nil:
			s.log.Error("checkpoint failed", "error", err)
		case pages > 16*checkpointPages && copied < pages:
			s.log.Warn("the write-ahead log is large because reads take long", "pages", pages, "copied", copied)
		}
	}
}

// snapshot calls f with a transaction in which nothing changes.
func (s *Store) snapshot(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := s.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	// It has only read: how it ends does not matter.
	defer func() { _ = tx.Rollback() }()
	return f(tx)
}

// prepareReads prepares the statements of the login path.
func prepareReads(ctx context.Context, db *sql.DB) (map[string]*sql.Stmt, error) {
	reads := map[string]*sql.Stmt{}
	for _, text := range []string{tokensOfOwner, tokenOfSerial, tokenDetails, challengesOfTransaction, challengesOfToken, attemptsSince} {
		st, err := db.PrepareContext(ctx, text)
		if err != nil {
			return nil, fmt.Errorf("%w in %s", err, text)
		}
		reads[text] = st
	}
	return reads, nil
}

// query runs one of the prepared statements, or another one.
func (s *Store) query(ctx context.Context, tx *sql.Tx, text string, args ...any) (*sql.Rows, error) {
	if st, ok := s.reads[text]; ok {
		return tx.StmtContext(ctx, st).QueryContext(ctx, args...)
	}
	return tx.QueryContext(ctx, text, args...)
}

// each calls scan for each row and closes rows.
func each(rows *sql.Rows, scan func(*sql.Rows) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
