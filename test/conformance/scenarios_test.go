package conformance

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var (
	only           = flag.String("scenario", "", "play only scenarios whose `name` contains this, and print each step")
	throughProgram = flag.Bool("binary", false, "play through the real program instead of a server in this process")
)

// TestMain lets several scenarios wait at once: those that wait for a mail or a
// held request do nothing meanwhile.
func TestMain(m *testing.M) {
	flag.Parse()
	flag.Set("test.parallel", "8")
	os.Exit(m.Run())
}

// TestScenarios plays all scenarios. One that departs from its recording must
// be listed in pending.txt, and one that is listed there must depart.
func TestScenarios(t *testing.T) {
	s := newSuite(t)
	start := time.Now()
	if *throughProgram {
		for product, names := range s.products() {
			t.Run(product, func(t *testing.T) { t.Parallel(); s.playShared(t, product, names) })
		}
	} else {
		t.Run("fresh", func(t *testing.T) {
			for _, sc := range s.scenarios {
				t.Run(sc.name, func(t *testing.T) { t.Parallel(); s.playFresh(t, sc) })
			}
		})
	}
	t.Cleanup(func() { s.report(t, time.Since(start)) })
}

// TestLists checks that AREAS.txt and pending.txt name every scenario and no other.
func TestLists(t *testing.T) {
	s := newSuite(t)
	for _, sc := range s.scenarios {
		if s.areas[sc.name] == "" {
			t.Errorf("%s has no line in scenarios/AREAS.txt", sc.name)
		}
	}
	if *only != "" {
		return
	}
	for _, list := range []map[string]string{s.areas, s.pending} {
		for name := range list {
			if !slices.ContainsFunc(s.scenarios, func(sc *scenario) bool { return sc.name == name }) {
				t.Errorf("%s is listed, but there is no such scenario", name)
			}
		}
	}
}

// suite is one run over the scenarios.
type suite struct {
	scenarios []*scenario
	areas     map[string]string // area by scenario
	pending   map[string]string // reason by scenario

	mu    sync.Mutex
	tally map[string]*count // by area and product
}

type count struct{ passed, played int }

func newSuite(t *testing.T) *suite {
	t.Helper()
	s := &suite{areas: map[string]string{}, pending: map[string]string{}, tally: map[string]*count{}}
	for _, line := range lines(t, "scenarios/AREAS.txt") {
		area, name, _ := strings.Cut(line, " ")
		s.areas[name] = area
	}
	for _, line := range lines(t, "pending.txt") {
		words := strings.SplitN(line, " ", 3)
		if len(words) < 3 || s.areas[words[1]] != words[0] {
			t.Fatalf("pending.txt: %q is not: area path reason", line)
		}
		s.pending[words[1]] = words[2]
	}
	paths, err := filepath.Glob("scenarios/*/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatal("no scenarios", err)
	}
	for _, path := range paths {
		if !strings.Contains(path, *only) {
			continue
		}
		sc, err := loadScenario(path)
		if err != nil {
			t.Fatal(err)
		}
		s.scenarios = append(s.scenarios, sc)
	}
	return s
}

// lines are the lines of a file that hold something, comments left out.
func lines(t *testing.T, path string) (kept []string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for in := bufio.NewScanner(f); in.Scan(); {
		if line := strings.TrimSpace(in.Text()); line != "" && !strings.HasPrefix(line, "#") {
			kept = append(kept, line)
		}
	}
	return kept
}

func (s *suite) products() map[string][]*scenario {
	out := map[string][]*scenario{}
	for _, sc := range s.scenarios {
		out[sc.product()] = append(out[sc.product()], sc)
	}
	return out
}

// playFresh plays a scenario against a server of its own.
func (s *suite) playFresh(t *testing.T, sc *scenario) {
	var gone atomic.Int64 // what the scenario has slept, which only the server's clock does
	base, err := newServer(t, sc.product(), func() time.Time { return time.Now().Add(time.Duration(gone.Load())) })
	if err != nil {
		s.judge(t, sc, []string{"server: " + err.Error()})
		return
	}
	r := s.runner(t, base, sc.product())
	r.pause = func(d time.Duration, vars map[string]string) {
		vars[ahead] = strconv.FormatInt(gone.Add(int64(d)), 10)
	}
	if err := r.fixtures(); err != nil {
		s.judge(t, sc, []string{"fixtures: " + err.Error()})
		return
	}
	s.judge(t, sc, r.verify(sc))
}

// playShared plays a product's scenarios one after the other against one
// server, which is put back to its start before each.
func (s *suite) playShared(t *testing.T, product string, scenarios []*scenario) {
	base, err := startBinary(t, product)
	var r *runner
	if err == nil {
		r = s.runner(t, base, product)
		if err = r.resetPolicies(); err == nil {
			err = r.fixtures()
		}
	}
	for _, sc := range scenarios {
		t.Run(sc.name, func(t *testing.T) {
			problems := []string{"server: " + fmt.Sprint(err)}
			if err == nil {
				if failure := r.reset(); failure != nil {
					problems = []string{failure.Error()}
				} else {
					problems = r.verify(sc)
				}
			}
			s.judge(t, sc, problems)
		})
	}
}

func (s *suite) runner(t *testing.T, base, product string) *runner {
	t.Helper()
	dialect := privacyidea
	if product == linotp {
		dialect = linotp
	}
	r, err := newRunner(base, dialect, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.close)
	if *only != "" {
		r.say = t.Logf
	}
	return r
}

// judge compares the outcome with what pending.txt expects.
func (s *suite) judge(t *testing.T, sc *scenario, problems []string) {
	t.Helper()
	s.mu.Lock()
	key := s.areas[sc.name] + " " + sc.product()
	if s.tally[key] == nil {
		s.tally[key] = &count{}
	}
	s.tally[key].played++
	if len(problems) == 0 {
		s.tally[key].passed++
	}
	s.mu.Unlock()
	reason, listed := s.pending[sc.name]
	switch {
	case len(problems) == 0 && listed:
		t.Errorf("passes: remove its line from pending.txt")
	case len(problems) > 0 && (!listed || *only != ""):
		for _, p := range problems {
			t.Error(p)
		}
		if listed {
			t.Logf("it is listed as pending: %s", reason)
		}
	case listed: // so that it does not count as a test that passed
		t.Skipf("pending: %s", reason)
	}
}

func (s *suite) report(t *testing.T, took time.Duration) {
	keys := make([]string, 0, len(s.tally))
	for k := range s.tally {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	passed, played := 0, 0
	for _, k := range keys {
		c := s.tally[k]
		fmt.Printf("conformance: %-24s %3d/%d\n", k, c.passed, c.played)
		passed, played = passed+c.passed, played+c.played
	}
	fmt.Printf("conformance: %-24s %3d/%d in %s, %d pending\n", "all", passed, played, took.Round(time.Second), len(s.pending))
}
