package policy

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"symbolon/internal/fault"
)

func TestPINContents(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pin, rule string
		want      string // characters that are missing, "!" for one not allowed
	}{
		{"1234", "n", ""},
		{"[[[", "n", digits},
		{"abc", "nc", digits},
		{"xxxx", "+cn", ""},
		{"@@@@", "+cn", letters + digits},
		{"1234aaaa//", "-s", "!"},
		{"12345", "[1234]", "!"},
		{"1234111", "[1234]", ""},
		{"a]", "[a]]", ""},
		{"", "cn", letters + " " + digits},
		{"aB3$", "cns", ""},
		{"aB3", "cns", specials},
		{"пин1", "n", "!"},
		{"1", "+-n", ""},
		{"a", "-cn", "!"},
		{"$", "-cn", ""},
		{"äö", "[äöü]", ""},
		{"a", "[]", "!"},
		{"é", "c", "! " + letters},
	} {
		r, err := ParsePINContents(c.rule)
		if err != nil {
			t.Errorf("%s: %v", c.rule, err)
			continue
		}
		var got []string
		for _, f := range r.Check(c.pin) {
			switch f.Kind {
			case PINCharacter:
				got = append(got, "!")
			case PINCharacterMissing:
				got = append(got, f.Characters)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%q by %s: %q", c.pin, c.rule, got)
		}
	}
	for _, rule := range []string{"", "x", "cnx", "+", "c+n", "[", "[abc", "abc]", "c n"} {
		if _, err := ParsePINContents(rule); !fault.Is(err, fault.PINPolicySpecifier) {
			t.Errorf("%q: %v", rule, err)
		}
	}
}

func TestGeneratedPINsKeepTheirRule(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		spec := rapid.SampledFrom([]string{"c", "n", "cn", "cns", "+cn", "-s", "[1234]", "[äöüä]", "-+c"}).Draw(t, "rule")
		n := rapid.IntRange(0, 40).Draw(t, "length")
		r, err := ParsePINContents(spec)
		if err != nil {
			t.Fatal(err)
		}
		pin, err := r.Generate(rand.Reader, n)
		if err != nil {
			t.Fatal(err)
		}
		if flaws := r.Check(pin); len(flaws) > 0 {
			t.Fatalf("%s made %q: %v", spec, pin, flaws)
		}
		if got := utf8.RuneCountInString(pin); got != max(n, len(r.required)) {
			t.Fatalf("%s made %d characters, not %d", spec, got, n)
		}
	})
}

func TestGeneratedPINsAreSpreadEvenly(t *testing.T) {
	t.Parallel()
	r, _ := ParsePINContents("[aaab]")
	pin, err := r.Generate(rand.Reader, 1000)
	if n := strings.Count(pin, "a"); err != nil || n < 400 || n > 600 {
		t.Errorf("%d of 1000 are a, %v", n, err)
	}
	pin, _ = PINLettersAndDigits().Generate(rand.Reader, 20)
	if len(pin) != 20 || strings.Trim(pin, letters+digits) != "" {
		t.Errorf("%q", pin)
	}
}

func TestGeneratingCanFail(t *testing.T) {
	t.Parallel()
	none, _ := ParsePINContents("-cns")
	if _, err := none.Generate(rand.Reader, 4); err == nil {
		t.Error("a PIN out of nothing")
	}
	if _, err := PINLettersAndDigits().Generate(rand.Reader, 1<<30); err == nil {
		t.Error("a PIN of any length")
	}
	broken := errors.New("no entropy")
	if _, err := PINLettersAndDigits().Generate(failing{broken}, 4); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func FuzzParsePINContents(f *testing.F) {
	f.Add("+cn", "1234")
	f.Add("[abc]", "abc")
	f.Fuzz(func(t *testing.T, spec, pin string) {
		r, err := ParsePINContents(spec)
		if err != nil && len(r.Check(pin)) == 0 && pin != "" {
			t.Fatal("an unreadable rule allows a PIN")
		}
		if err == nil && r.allowed != "" {
			made, err := r.Generate(rand.Reader, 8)
			if err != nil || len(r.Check(made)) > 0 {
				t.Fatalf("%q made %q: %v", spec, made, err)
			}
		}
	})
}

// A draw that would favour some characters is thrown away.
func TestDrawingIsFair(t *testing.T) {
	t.Parallel()
	n, err := below(strings.NewReader("\xff\xff\x00\x01"), 3)
	if n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

func TestGeneratedPINsHaveNoPercentSign(t *testing.T) {
	t.Parallel()
	for spec, percent := range map[string]bool{"s": false, "n": false, "[%a]": false, "[%]": true} {
		rule, err := ParsePINContents(spec)
		if err != nil {
			t.Fatal(err)
		}
		pin, err := rule.Generate(rand.Reader, 500)
		if err != nil || strings.Contains(pin, "%") != percent || len(rule.Check(pin)) > 0 {
			t.Errorf("%s: %q, %v", spec, pin, err)
		}
	}
}
