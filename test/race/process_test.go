package race

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"symbolon/test/program"
)

// process is a running server.
type process struct {
	*exec.Cmd
	base string
}

// serve starts the program over a data folder and waits until it listens.
func serve(t *testing.T, path, data string) *process {
	t.Helper()
	// The test's own context ends before it cleans up.
	p := &process{Cmd: exec.CommandContext(context.Background(), path, "serve")}
	p.Env = processEnv(t, data)
	said, err := p.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Process.Kill()
		p.Wait()
	})
	if p.base, err = program.Listening(said); err != nil {
		t.Fatal(err)
	}
	return p
}

func processEnv(t *testing.T, data string) []string {
	return append(environment(data, "privacyidea"), "PATH="+os.Getenv("PATH"), "HOME="+data)
}

func addAdmin(t *testing.T, path, data string) {
	t.Helper()
	if err := program.AddAdmin(path, processEnv(t, data), adminPassword); err != nil {
		t.Fatal(err)
	}
}

// TestProcess tests the real program.
func TestProcess(t *testing.T) {
	t.Parallel()
	path, err := program.Build(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Run("killed", func(t *testing.T) {
		t.Parallel()
		killed(t, path)
	})
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		memory(t, path)
	})
}

// killed kills the program while codes are accepted. After the next start no code that was acknowledged works again, and every
// acknowledged token and record is there.
func killed(t *testing.T, path string) {
	data := t.TempDir()
	addAdmin(t, path, data)
	first := serve(t, path, data)
	c := newClient(t, first.base)
	c.realm(data)
	const tokens = 8
	devices := make([]device, tokens)
	next := make([]int64, tokens) // the first code that was not acknowledged
	for i := range devices {
		devices[i] = c.enrol("hotp", fmt.Sprintf("K%d", i), "")
		c.must("POST", "/token/set", url.Values{"serial": {devices[i].serial}, "max_failcount": {"1000"}, "count_window": {"1000"}})
	}
	at, total := first, 0
	for round := range max(3, rounds(10)) {
		enough := make(chan struct{}, 4096)
		var all sync.WaitGroup
		for i, d := range devices {
			all.Go(func() {
				for {
					a, err := c.call("POST", "/validate/check", url.Values{"serial": {d.serial}, "pass": {d.at(next[i])}})
					if err != nil {
						return // the server is dead
					}
					if !a.accepted() {
						t.Errorf("round %d: code %d of %s: %v", round, next[i], d.serial, a)
						return
					}
					next[i]++
					enough <- struct{}{}
				}
			})
		}
		for range 20 + 13*round {
			<-enough
		}
		at.Process.Kill()
		at.Wait()
		all.Wait()
		at = serve(t, path, data)
		c = newClient(t, at.base)
		for i, d := range devices {
			// The last code may have been spent without its answer having arrived.
			for n := max(0, next[i]-3); n < next[i]; n++ {
				if a := c.check(url.Values{"serial": {d.serial}, "pass": {d.at(n)}}); a.accepted() {
					t.Errorf("round %d: code %d of %s was accepted again", round, n, d.serial)
				}
			}
			stored, _ := c.stored(d.serial)["count"].(float64)
			if int64(stored) != next[i] && int64(stored) != next[i]+1 {
				t.Errorf("round %d: %s is at %v, acknowledged were %d", round, d.serial, stored, next[i])
			}
			accepts := 0
			for _, e := range c.trail(d.serial) {
				if e.accept {
					accepts++
				}
			}
			if want := int(stored); accepts < min(want, 400) {
				t.Errorf("round %d: %s has %d records of %d logins", round, d.serial, accepts, want)
			}
			total += int(int64(stored) - next[i])
			next[i] = int64(stored)
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d codes spent whose answer was lost", total)
}

// mostMemory is what a server needs at most that has just started, in KiB.
const mostMemory = 60 << 10

// memory wants the program to be small. It waits as long as
// MEMORY_AFTER says, for what is done only after a while.
func memory(t *testing.T, path string) {
	wait, err := time.ParseDuration(os.Getenv("MEMORY_AFTER"))
	if err != nil {
		wait = time.Second
	}
	data := t.TempDir()
	addAdmin(t, path, data)
	p := serve(t, path, data)
	select {
	case <-time.After(wait):
	case <-t.Context().Done():
	}
	size := resident(t, p.Process.Pid)
	t.Logf("%d KiB resident %v after the start", size, wait)
	if size >= mostMemory {
		t.Errorf("%d KiB resident, %d are too many", size, mostMemory)
	}
}

// resident is VmRSS in KiB.
func resident(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		if runtime.GOOS == "linux" {
			t.Fatal(err)
		}
		t.Skip("no /proc here: ", err)
	}
	for line := range strings.SplitSeq(string(text), "\n") {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatal("no VmRSS")
	return 0
}
