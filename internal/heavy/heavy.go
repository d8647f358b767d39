// Package heavy bounds work that costs much processor time or memory, such as
// password hashes: a flood of it waits here and slows nothing else down. What
// the work is, and whether it is worth doing, is left to the callers; one pool
// serves the whole process.
package heavy

import (
	"context"
	"runtime"
)

// Pool lets a fixed number of pieces of work run at once. It has no goroutines
// of its own: work runs in its caller's.
type Pool struct {
	places chan struct{}
	// wide is held while several places are collected: two who collect at once
	// could wait for each other for ever.
	wide chan struct{}
}

// New returns a pool of n places; fewer than one means as many as Go uses
// processors.
func New(n int) *Pool {
	if n < 1 {
		n = runtime.GOMAXPROCS(0)
	}
	return &Pool{make(chan struct{}, n), make(chan struct{}, 1)}
}

// Size returns the number of places.
func (p *Pool) Size() int { return cap(p.places) }

// Do waits until weight places are free, and runs work in them. Weight is
// brought into the range from 1 to Size. When ctx ends first, work does not run
// and ctx's error is returned.
func (p *Pool) Do(ctx context.Context, weight int, work func()) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	weight = min(max(weight, 1), p.Size())
	if weight > 1 {
		select {
		case p.wide <- struct{}{}:
			defer func() { <-p.wide }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	held := 0
	defer func() {
		for range held {
			<-p.places
		}
	}()
	for held < weight {
		select {
		case p.places <- struct{}{}:
			held++
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	work()
	return nil
}
