package main

import (
	"strings"
	"testing"
)

func TestCounts(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	x := &tally{out: &out, said: map[string]*strings.Builder{}}
	err := x.read(strings.NewReader(`{"Action":"output","Package":"p","Test":"TestA","Output":"quiet\n"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestB","Output":"why it failed\n"}
{"Action":"output","Package":"p","Output":"conformance: main 1/2\n"}
{"Action":"fail","Package":"p","Test":"TestB"}
{"Action":"output","Package":"q","Output":"ok  \tq\t0.1s\n"}
{"Action":"pass","Package":"q"}
go: something else
`))
	if err != nil || x.passed != 1 || x.failed != 1 {
		t.Errorf("%d passed, %d failed, %v", x.passed, x.failed, err)
	}
	for _, want := range []string{"why it failed", "conformance: main 1/2", "ok  \tq", "go: something else"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "quiet") {
		t.Error("a passing test's output is shown")
	}
}
