package heavy

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
)

func TestNeverMoreThanThePlaces(t *testing.T) {
	t.Parallel()
	p := New(4)
	var running, most atomic.Int64
	var wg sync.WaitGroup
	for i := range 200 {
		weight := []int{1, 1, 1, 3, 99, 0}[i%6]
		counts := int64(min(max(weight, 1), p.Size()))
		wg.Go(func() {
			err := p.Do(t.Context(), weight, func() {
				now := running.Add(counts)
				for m := most.Load(); now > m && !most.CompareAndSwap(m, now); m = most.Load() {
				}
				running.Add(-counts)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if m := most.Load(); m > 4 {
		t.Errorf("%d places were in use, there are 4", m)
	}
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	t.Parallel()
	for _, weight := range []int{1, 2} {
		p := New(2)
		entered, leave := make(chan struct{}), make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			p.Do(context.Background(), 2, func() { close(entered); <-leave })
		})
		<-entered
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error)
		go func() { done <- p.Do(ctx, weight, func() { t.Error("ran without a place") }) }()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("weight %d: got %v", weight, err)
		}
		close(leave)
		wg.Wait()
		// Nothing that was collected may stay behind.
		if err := p.Do(context.Background(), 2, func() {}); err != nil {
			t.Error(err)
		}
	}
}

func TestEndedContextRunsNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := New(1).Do(ctx, 1, func() { t.Error("ran") }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestPanicFreesThePlaces(t *testing.T) {
	t.Parallel()
	p := New(2)
	func() {
		defer func() { recover() }()
		p.Do(t.Context(), 2, func() { panic("work") })
	}()
	if err := p.Do(t.Context(), 2, func() {}); err != nil {
		t.Error(err)
	}
}
