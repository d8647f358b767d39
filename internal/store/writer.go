package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"symbolon/internal/audit"
	"symbolon/internal/token"
)

// groupSize bounds the commits of one transaction; queueSize those that wait.
const (
	groupSize = 256
	queueSize = 1024
)

// request is a commit on its way. done is nil when nobody waits for it.
type request struct {
	changes []token.Change
	record  *audit.Record
	done    chan error
	err     error
}

// writer owns the one connection that writes.
type writer struct {
	conn     *sql.Conn
	prepared map[string]*sql.Stmt
	cache    *cache
	node     string
	now      func() time.Time
	log      *slog.Logger
	maxPages int           // what the write-ahead log should not exceed by much
	grown    chan struct{} // the write-ahead log wants a checkpoint; closed at the end
	behind   atomic.Bool   // a checkpoint beside the commits did not reach the end of the log

	mu     sync.RWMutex // held for reading while sending to queue, for writing to close it
	closed bool
	queue  chan *request

	// Only the writing goroutine uses these.
	last  int64 // born or written of the newest row
	head  head  // where this node's chain ends
	dirty int   // statements since the last checkpoint was asked for
}

func newWriter(ctx context.Context, db *sql.DB, c *cache, o Options) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	w := &writer{conn: conn, prepared: map[string]*sql.Stmt{}, cache: c, node: o.Node, now: o.Now, log: o.Log,
		maxPages: o.checkpointPages, grown: make(chan struct{}, 1), queue: make(chan *request, queueSize)}
	if err := w.recall(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return w, nil
}

// recall reads what the writer keeps in memory of the rows already there.
func (w *writer) recall(ctx context.Context) error {
	const newest = `SELECT max(coalesce((SELECT max(written) FROM audit), 0), coalesce((SELECT max(born) FROM token), 0),
		coalesce((SELECT max(born) FROM challenge), 0))`
	var n int64
	if err := w.conn.QueryRowContext(ctx, newest).Scan(&n); err != nil {
		return err
	}
	w.last = max(w.last, n)
	h, err := loadHead(ctx, w.conn, w.node)
	if err == nil {
		w.head = h
	}
	return err
}

// Commit applies all changes of c and appends its record, durably, or does
// nothing. It returns token.ErrConflict when a condition does not hold. Once
// the commit is queued, its outcome is waited for even when ctx ends.
func (s *Store) Commit(ctx context.Context, c token.Commit) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	changes, err := ordered(c.Changes)
	if err != nil {
		return err
	}
	r := &request{changes: changes, record: c.Record, done: make(chan error, 1)}
	if err := s.writer.enqueue(ctx, r); err != nil {
		return err
	}
	return <-r.done
}

// Append writes a record that belongs to no change, with the next group and
// without waiting for it. It blocks while the queue is full: no record is lost
// for lack of room.
func (s *Store) Append(rec audit.Record) {
	r := &request{record: &rec}
	if err := s.writer.enqueue(context.Background(), r); err != nil {
		s.log.Error("audit record lost", "case", rec.Case, "action", rec.Action, "error", err)
	}
}

func (w *writer) enqueue(ctx context.Context, r *request) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return ErrClosed
	}
	select {
	case w.queue <- r:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close lets the writer finish what is queued. It returns false when it was
// closed before.
func (w *writer) close() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	w.closed = true
	close(w.queue)
	return true
}

// run commits what waits, group by group, until the queue is closed. There is
// no timer: the next group fills while this one is written.
func (w *writer) run() {
	defer close(w.grown)
	// A commit is not given up because its caller has left: this context never ends.
	ctx := context.Background()
	for first := range w.queue {
		group := append(make([]*request, 0, 16), first)
	fill:
		for len(group) < groupSize {
			select {
			case r, ok := <-w.queue:
				if !ok {
					break fill
				}
				group = append(group, r)
			default:
				break fill
			}
		}
		w.write(ctx, group)
		w.answer(group)
		w.askForCheckpoint()
		w.finishCheckpoint(ctx)
	}
}

// write commits the group in one transaction. When that is not possible for
// all, each is tried alone, so that nobody suffers for a neighbour.
func (w *writer) write(ctx context.Context, group []*request) {
	err := w.transaction(ctx, group)
	if err == nil {
		return
	}
	for _, r := range group {
		if len(group) > 1 {
			r.err = nil
			err = w.transaction(ctx, []*request{r})
		}
		if err != nil {
			r.err = fmt.Errorf("commit: %w", err)
		}
	}
}

// transaction writes the group and sets each request's err to nil or
// ErrConflict. After an error nothing of the group has happened.
func (w *writer) transaction(ctx context.Context, group []*request) error {
	before := w.head
	t, err := w.fill(ctx, group)
	if err == nil {
		err = w.cache.during(t, group, func() error {
			_, err := w.exec(ctx, "COMMIT")
			return err
		})
	}
	if err == nil {
		return nil
	}
	w.cache.forget()
	w.head = before
	// SQLite has rolled back by itself after some errors; then this one fails.
	if _, e := w.exec(ctx, "ROLLBACK"); e != nil {
		w.log.Debug("rollback", "error", e)
	}
	// A COMMIT that failed may have happened all the same.
	return errors.Join(err, w.recall(ctx))
}

// fill does all of a transaction but its end.
func (w *writer) fill(ctx context.Context, group []*request) (*touched, error) {
	if _, err := w.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return nil, err
	}
	t, start := newTouched(), w.head.number
	for _, r := range group {
		held, err := w.one(ctx, r)
		if err != nil {
			return nil, err
		}
		if !held {
			r.err = token.ErrConflict
			continue
		}
		t.add(r.changes)
	}
	if w.head.number == start {
		return t, nil
	}
	return t, saveHead(ctx, w, w.node, w.head)
}

// one applies a request inside a savepoint and reports whether its conditions held.
func (w *writer) one(ctx context.Context, r *request) (bool, error) {
	if _, err := w.exec(ctx, "SAVEPOINT one"); err != nil {
		return false, err
	}
	held, err := w.apply(ctx, r)
	if err != nil {
		return false, err
	}
	if !held {
		if _, err := w.exec(ctx, "ROLLBACK TO one"); err != nil {
			return false, err
		}
	}
	_, err = w.exec(ctx, "RELEASE one")
	return held, err
}

// apply stops at the first condition that does not hold. The record comes last,
// so that the chain moves on only with a commit that happens.
func (w *writer) apply(ctx context.Context, r *request) (bool, error) {
	for _, c := range r.changes {
		held, err := w.change(ctx, c)
		if err != nil {
			return false, fmt.Errorf("%T: %w", c, err)
		}
		if !held {
			return false, nil
		}
	}
	if r.record == nil {
		return true, nil
	}
	return true, w.record(ctx, r.record)
}

// answer tells the callers how their commits went. What lost a race is dropped
// from the cache before, so that the decision is taken again from the database.
func (w *writer) answer(group []*request) {
	for _, r := range group {
		if r.err != nil {
			w.cache.drop(r.changes)
		}
		switch {
		case r.done != nil:
			r.done <- r.err
		case r.err != nil:
			w.log.Error("audit record lost", "case", r.record.Case, "action", r.record.Action, "error", r.err)
		}
	}
}

func (w *writer) askForCheckpoint() {
	// A statement writes some pages, and those of a group overlap.
	if w.dirty < w.maxPages/2 {
		return
	}
	w.dirty = 0
	select {
	case w.grown <- struct{}{}:
	default:
	}
}

// finishCheckpoint copies what a checkpoint beside the commits has left.
func (w *writer) finishCheckpoint(ctx context.Context) {
	if !w.behind.Load() {
		return
	}
	pages, copied, err := checkpoint(ctx, w.conn)
	if err == nil && copied == 0 {
		return // the other one is under way again
	}
	w.behind.Store(false)
	switch {
	case err != nil:
		w.log.Error("checkpoint failed", "error", err)
	case copied < pages && pages > 16*w.maxPages:
		w.log.Warn("the write-ahead log is large because reads take long", "pages", pages, "copied", copied)
	}
}

// exec runs a statement, prepared at its first use, and returns the number of
// rows it changed. The texts come from a closed set.
func (w *writer) exec(ctx context.Context, text string, args ...any) (int64, error) {
	st, err := w.statement(ctx, text)
	if err != nil {
		return 0, err
	}
	w.dirty++
	res, err := st.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (w *writer) statement(ctx context.Context, text string) (*sql.Stmt, error) {
	if st, ok := w.prepared[text]; ok {
		return st, nil
	}
	st, err := w.conn.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	w.prepared[text] = st
	return st, nil
}

// exists reports whether the query has a row.
func (w *writer) exists(ctx context.Context, text string, args ...any) (bool, error) {
	st, err := w.statement(ctx, text)
	if err != nil {
		return false, err
	}
	var one int
	err = st.QueryRowContext(ctx, args...).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// instant returns a time that is later than all it returned before, so that
// rows sort in the order they were written.
func (w *writer) instant() int64 {
	w.last = max(w.last+1, w.now().UnixMicro())
	return w.last
}
