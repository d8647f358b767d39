package fault

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestKindNames(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, k := range Kinds() {
		name := k.String()
		if strings.Contains(name, "(") || seen[name] {
			t.Fatalf("kind %d has no name of its own (%s): run go generate", int(k), name)
		}
		seen[name] = true
		if got, ok := KindOf(name); !ok || got != k {
			t.Errorf("%s: got %v, %v", name, got, ok)
		}
	}
	for _, name := range []string{"", "end", "nonsense", "malformed"} {
		if k, ok := KindOf(name); ok {
			t.Errorf("%q names %v", name, k)
		}
	}
}

func TestFaultInErrors(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("outer: %w", New(ParameterMissing, "user"))
	if !Is(err, ParameterMissing) || Is(err, ParameterEmpty) || Of(err).Args[0] != "user" {
		t.Errorf("got %v", err)
	}
	if Of(errors.New("x")) != nil || Is(nil, Malformed) {
		t.Error("no fault")
	}
}
