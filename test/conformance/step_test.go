package conformance

import (
	"fmt"
	"maps"
	"sort"
	"strings"
	"time"
)

// inFlight is a request that a step with start: has sent and that a later step
// with await: takes the answer of.
type inFlight chan struct {
	answer *answer
	err    error
}

// stepAnswer sends the step's request. A step with start: does not wait for
// the answer and has none (status 0); one with await: sends nothing.
func (r *runner) stepAnswer(s *step, vars map[string]string) (*answer, error) {
	if err := s.setVars(vars); err != nil {
		return nil, err
	}
	if s.Await != "" {
		f := r.pending[s.Await]
		if f == nil {
			return nil, fmt.Errorf("await: nothing called %q was started", s.Await)
		}
		delete(r.pending, s.Await)
		got := <-f
		return got.answer, got.err
	}
	if s.Start == "" {
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(500 * time.Millisecond) {
			a, err := r.sendStep(s, vars)
			if err != nil || s.Until == "" {
				return a, err
			}
			if _, there := lookup(a.body, s.Until); there || time.Now().After(deadline) {
				return a, nil
			}
			if err := s.setVars(vars); err != nil {
				return nil, err
			}
		}
	}
	f := make(inFlight, 1)
	r.pending[s.Start] = f
	known := maps.Clone(vars)
	go func() {
		a, err := r.sendStep(s, known)
		f <- struct {
			answer *answer
			err    error
		}{a, err}
	}()
	return &answer{}, nil
}

// setVars computes the step's set: entries. One may use another of the same
// step, whatever their order.
func (s *step) setVars(vars map[string]string) error {
	names := make([]string, 0, len(s.Set))
	for name := range s.Set {
		delete(vars, name)
		names = append(names, name)
	}
	sort.Strings(names)
	needed := func(name string) bool { // does the entry use one that is not computed yet?
		for _, m := range expression.FindAllStringSubmatch(s.Set[name], -1) {
			for _, w := range strings.Fields(m[1]) {
				if _, known := vars[w]; !known && w != name && s.Set[w] != "" {
					return true
				}
			}
		}
		return false
	}
	for len(names) > 0 {
		var later []string
		for _, name := range names {
			if needed(name) {
				later = append(later, name)
				continue
			}
			v, err := expand(s.Set[name], vars)
			if err != nil {
				return fmt.Errorf("set %s: %w", name, err)
			}
			vars[name] = v
		}
		if len(later) == len(names) {
			return fmt.Errorf("set: entries that need each other: %v", later)
		}
		names = later
	}
	return nil
}

// checkVars compares what the step's check: expressions give with what the
// file says.
func (s *step) checkVars(vars map[string]string) error {
	names := make([]string, 0, len(s.Check))
	for name := range s.Check {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		got, err := expand("${"+name+"}", vars)
		if err != nil {
			return err
		}
		want, err := expand(s.Check[name], vars)
		if err != nil {
			return err
		}
		if problem := difference("check "+name, want, any(got)); len(problem) > 0 {
			return fmt.Errorf("%s", problem[0])
		}
	}
	return nil
}
