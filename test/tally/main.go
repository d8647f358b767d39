// Command tally reads what go test -json prints, shows what a person wants to
// see of it, and counts: each package's last line, the output of tests that
// failed, and lines that begin with "conformance:". It exits with 1 when a test
// or a package failed, and appends "PASSED FAILED" to the file that -to names.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// event is one line of go test -json.
type event struct {
	Action, Package, Test, Output string
	ImportPath                    string // of a build's output
}

type tally struct {
	out            io.Writer
	said           map[string]*strings.Builder // output by package and test
	passed, failed int
}

func main() {
	to := flag.String("to", "", "`file` to append the counts to")
	flag.Parse()
	t := &tally{out: os.Stdout, said: map[string]*strings.Builder{}}
	err := t.read(os.Stdin)
	fmt.Printf("%d passed, %d failed\n", t.passed, t.failed)
	if err == nil && *to != "" {
		err = t.appendTo(*to)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tally:", err)
	}
	if err != nil || t.failed > 0 || t.passed == 0 {
		os.Exit(1)
	}
}

func (t *tally) read(in io.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil { // what the go command says itself
			fmt.Fprintln(t.out, lines.Text())
			continue
		}
		t.take(e)
	}
	return lines.Err()
}

func (t *tally) take(e event) {
	key := e.Package + " " + e.Test
	switch e.Action {
	case "output", "build-output":
		if strings.HasPrefix(e.Output, "conformance:") || e.Action == "build-output" {
			fmt.Fprint(t.out, e.Output)
		}
		if t.said[key] == nil {
			t.said[key] = &strings.Builder{}
		}
		t.said[key].WriteString(e.Output)
	case "pass", "skip":
		if e.Test != "" && e.Action == "pass" {
			t.passed++
		}
		if e.Test == "" {
			fmt.Fprintln(t.out, lastLine(t.said[key]))
		}
		delete(t.said, key)
	case "fail":
		t.failed++
		if b := t.said[key]; b != nil {
			fmt.Fprint(t.out, b.String())
		}
		delete(t.said, key)
	}
}

func lastLine(b *strings.Builder) string {
	if b == nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	return lines[len(lines)-1]
}

func (t *tally) appendTo(path string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "%d %d\n", t.passed, t.failed)
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}
