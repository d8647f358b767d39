package site

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"symbolon/internal/token"
)

// Reader loads all definitions with their common version.
type Reader interface {
	Definitions(ctx context.Context) (version int64, defs []token.Definition, err error)
}

// Holder holds the Site that new requests are decided under.
type Holder struct {
	factory Factory
	now     atomic.Pointer[Site]

	mu   sync.Mutex
	next *reload       // not begun yet: whoever asks now is content with it
	turn chan struct{} // held by the one that reads
}

type reload struct {
	done chan struct{}
	err  error
}

// NewHolder returns a Holder of a Site in which nothing is defined. Without a
// Cache in f it makes one.
func NewHolder(f Factory) *Holder {
	if f.Cache == nil {
		f.Cache = &Cache{}
	}
	if f.Log == nil {
		f.Log = slog.New(slog.DiscardHandler)
	}
	h := &Holder{factory: f, turn: make(chan struct{}, 1)}
	empty, _ := Compile(0, nil, f)
	h.now.Store(empty)
	return h
}

// Load returns the current Site. It is never nil.
func (h *Holder) Load() *Site { return h.now.Load() }

// Store makes s the current Site, whatever its version.
func (h *Holder) Store(s *Site) { h.now.Store(s) }

// Reload reads the definitions and makes a Site of them the current one. When
// it returns nil, Load returns what was stored when Reload was called, or
// something newer. Calls at the same time share one reading. With an error, a
// fatal Problem too, the current Site stays; other problems are logged.
func (h *Holder) Reload(ctx context.Context, r Reader) error {
	for {
		h.mu.Lock()
		run, leader := h.next, h.next == nil
		if leader {
			run = &reload{done: make(chan struct{})}
			h.next = run
		}
		h.mu.Unlock()
		if leader {
			run.err = h.lead(ctx, r)
			close(run.done)
			return run.err
		}
		select {
		case <-run.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		// The leader gave up, which is no reason for those who still wait.
		if ctx.Err() == nil && (errors.Is(run.err, context.Canceled) || errors.Is(run.err, context.DeadlineExceeded)) {
			continue
		}
		return run.err
	}
}

// lead waits for its turn and reads. From then on nobody joins it, since it may
// read what was there before they asked.
func (h *Holder) lead(ctx context.Context, r Reader) error {
	leave := func() {
		h.mu.Lock()
		h.next = nil
		h.mu.Unlock()
	}
	select {
	case h.turn <- struct{}{}:
		defer func() { <-h.turn }()
		leave()
	case <-ctx.Done():
		leave()
		return ctx.Err()
	}
	return h.read(ctx, r)
}

func (h *Holder) read(ctx context.Context, r Reader) error {
	version, defs, err := r.Definitions(ctx)
	if err != nil {
		return fmt.Errorf("reading the definitions: %w", err)
	}
	// Never back: a replica may be late. The first one may have no version yet.
	if now := h.Load(); version < now.Version || version == now.Version && version > 0 {
		return nil
	}
	s, problems := Compile(version, defs, h.factory)
	var fatal []error
	for _, p := range problems {
		if q := new(Problem); errors.As(p, &q) && !q.Fatal {
			h.factory.Log.WarnContext(ctx, "a definition does not work", "kind", q.Kind, "name", q.Name, "error", q.Err)
			continue
		}
		fatal = append(fatal, p)
	}
	if len(fatal) > 0 {
		return fmt.Errorf("the definitions cannot be used: %w", errors.Join(fatal...))
	}
	h.Store(s)
	return nil
}
