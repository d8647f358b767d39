package main

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts run this test binary under the name symbolon.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"symbolon": main})
}

// TestScript plays testdata/script/*.txtar: the command line as people use it.
func TestScript(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("SYMBOLON_DATA", e.WorkDir+"/data")
			e.Setenv("SYMBOLON_LISTEN", "localhost:0")
			return nil
		},
		RequireUniqueNames: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "until": until, "terminate": terminate, "glob": glob,
		},
	})
}

// exits runs a command that must end with the status named first.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND ARGS...")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		got = strconv.Itoa(ended.ExitCode())
	} else {
		ts.Check(err)
	}
	if got != args[0] {
		ts.Fatalf("ended with %s, want %s", got, args[0])
	}
}

// until runs a command again and again until it succeeds: a server of another
// process is waited for.
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: until COMMAND ARGS...")
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		err := ts.Exec(args[0], args[1:]...)
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s: still %v", strings.Join(args, " "), err)
		}
	}
}

// terminate sends SIGTERM, which the kill of the scripts does not know, to the
// program that was started last in the background.
func terminate(ts *testscript.TestScript, neg bool, args []string) {
	running := ts.BackgroundCmds()
	if neg || len(args) > 0 || len(running) == 0 {
		ts.Fatalf("usage: terminate, with a program in the background")
	}
	ts.Check(running[len(running)-1].Process.Signal(syscall.SIGTERM))
}

// glob demands that a file of such a name is there, or with ! that none is.
func glob(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: glob PATTERN")
	}
	found, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	if neg != (len(found) == 0) {
		ts.Fatalf("%s: %v", args[0], found)
	}
}
