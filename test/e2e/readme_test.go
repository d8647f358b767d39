package e2e

import (
	"fmt"
	"net"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestReadme pastes the tour of the README line by line. A line's comment is
// what its answer contains.
func TestReadme(t *testing.T) {
	t.Parallel()
	tools(t, "curl")
	m := newMachine(t)
	port := freePort(t)
	script, wants := tour(t)
	m.env = append(m.env, "SYMBOLON_LISTEN=localhost:"+port)
	script = strings.NewReplacer("./symbolon", "symbolon", "localhost:8443", "localhost:"+port).Replace(script)
	// A line must not take the program down with it.
	said := m.shell(script + "wait; true\n")
	for i, want := range wants {
		_, after, _ := strings.Cut(said, fmt.Sprintf("<<%d>>\n", i))
		got, _, found := strings.Cut(after, fmt.Sprintf("<<%d>>\n", i+1))
		if !found || !strings.Contains(got, want.answer) {
			t.Errorf("%s\nanswers\n%s", want.line, got)
		}
	}
}

type want struct{ line, answer string }

// tour is the script of the README with a mark behind each line.
func tour(t *testing.T) (script string, wants []want) {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```sh\n(.*?)```").FindSubmatch(text)
	if block == nil {
		t.Fatal("the README has no tour")
	}
	var b strings.Builder
	comment := regexp.MustCompile(` +# (.*)$`)
	for line := range strings.SplitSeq(strings.TrimSpace(string(block[1])), "\n") {
		fmt.Fprintf(&b, "echo '<<%d>>'\n%s\n", len(wants), line)
		w := want{line: line}
		if c := comment.FindStringSubmatch(line); c != nil {
			w.answer = c[1]
		}
		wants = append(wants, w)
	}
	fmt.Fprintf(&b, "echo '<<%d>>'\n", len(wants))
	return b.String(), wants
}

// freePort is a port that nobody listens on at this moment.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
