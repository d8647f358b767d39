package policy

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseActions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want Actions
	}{
		{"", nil},
		{" , ,", nil},
		{"enable", Actions{{Name: "enable", Bare: true}}},
		{"enable, otppin=none", Actions{{Name: "enable", Bare: true}, {Name: "otppin", Value: "none"}}},
		{"a=b=c", Actions{{Name: "a", Value: "b=c"}}},
		{"a = b", Actions{{Name: "a ", Value: " b"}}},
		{"a=", Actions{{Name: "a"}}},
		{"=a", nil},
		{`challenge_text=Hello\, you, x`, Actions{{Name: "challenge_text", Value: `Hello\, you`}, {Name: "x", Bare: true}}},
		{"a=1, b, a=2", Actions{{Name: "b", Bare: true}, {Name: "a", Value: "2"}}},
		{"*, -disable, !enable", Actions{{Name: "*", Bare: true}, {Name: "-disable", Bare: true}, {Name: "!enable", Bare: true}}},
	} {
		if got := ParseActions(c.text); !slices.Equal(got, c.want) {
			t.Errorf("%q: got %v, want %v", c.text, got, c.want)
		}
	}
}

func sound(t interface{ Fatalf(string, ...any) }, text string) {
	as := ParseActions(text)
	names := map[string]bool{}
	for _, a := range as {
		if a.Name == "" || names[a.Name] {
			t.Fatalf("%q: name %q", text, a.Name)
		}
		names[a.Name] = true
	}
	if again := ParseActions(as.String()); !slices.Equal(again, as) {
		t.Fatalf("%q: %v, written and read again %v", text, as, again)
	}
}

func TestActionsSurviveWriting(t *testing.T) {
	t.Parallel()
	part := rapid.StringOfN(rapid.SampledFrom([]rune(`ab=, \'*-!`)), 0, 12, -1)
	rapid.Check(t, func(t *rapid.T) { sound(t, part.Draw(t, "text")) })
}

func FuzzParseActions(f *testing.F) {
	f.Add(`a=1, b, a=2, c=x\, y, d=\`)
	f.Fuzz(func(t *testing.T, text string) { sound(t, text) })
}

func TestParseList(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{"": nil, " a , b": {"a", "b"}, "a,,": {"a", "", ""}, "10.0.0.0/8, -10.0.0.1": {"10.0.0.0/8", "-10.0.0.1"}} {
		if got := ParseList(text); !slices.Equal(got, want) {
			t.Errorf("%q: got %q", text, got)
		}
	}
}

func FuzzParseList(f *testing.F) {
	f.Add(" a , b,")
	f.Fuzz(func(t *testing.T, text string) {
		list := ParseList(text)
		for _, e := range list {
			if strings.Contains(e, ",") || e != strings.TrimSpace(e) {
				t.Fatalf("entry %q", e)
			}
		}
		if len(list) == 1 && list[0] == "" {
			return // a list with one empty entry cannot be written as text
		}
		if again := ParseList(strings.Join(list, ", ")); !slices.Equal(again, list) {
			t.Fatalf("%q, written and read again %q", list, again)
		}
	})
}

func TestParseSpan(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"10s": 10 * time.Second, "5m": 5 * time.Minute, "12h": 12 * time.Hour, "7d": 168 * time.Hour, "1y": 8760 * time.Hour,
		" + 2 h ": 2 * time.Hour, "-3d": -72 * time.Hour, "0s": 0, "292y": 292 * year,
	} {
		if got, err := ParseSpan(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "h", "10", "10 w", "1h2", "1.5h", "--1h", "293y", "9223372036854775808s", "1٣h", "10H"} {
		if d, err := ParseSpan(text); err == nil {
			t.Errorf("%q is read as %v", text, d)
		}
	}
}

func TestParseRate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Limit{
		"2/10m": {2, 10 * time.Minute}, " 5 / 1 h": {5, time.Hour}, "0/30s": {0, 30 * time.Second},
	} {
		if got, err := ParseRate(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "2", "/10m", "2/", "2/m", "-2/10m", "2/10d", "2/10", "2/3/4m", "99999999999/1m", "1/9999999999999999999s"} {
		if l, err := ParseRate(text); err == nil {
			t.Errorf("%q is read as %v", text, l)
		}
	}
}

func FuzzParseSpanAndRate(f *testing.F) {
	f.Add("2/10m")
	f.Add("- 3 d")
	f.Fuzz(func(t *testing.T, text string) {
		if d, err := ParseSpan(text); err != nil && d != 0 {
			t.Fatalf("span %v with %v", d, err)
		}
		l, err := ParseRate(text)
		if err != nil && l != (Limit{}) || l.Count < 0 || l.In < 0 {
			t.Fatalf("rate %v with %v", l, err)
		}
	})
}

func TestParseKeyLists(t *testing.T) {
	t.Parallel()
	got := ParseKeyLists(":key1: a b :key2: c :key3")
	want := map[string][]string{"key1": {"a", "b"}, "key2": {"c"}, "key3": nil}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
	if got := ParseKeyLists("no colon"); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

func FuzzParseKeyLists(f *testing.F) {
	f.Add(":key1: a b :key2: c")
	f.Fuzz(func(t *testing.T, text string) {
		for k, list := range ParseKeyLists(text) {
			if k == "" || strings.Contains(k, ":") || slices.Contains(list, "") {
				t.Fatalf("%q: %q", k, list)
			}
		}
	})
}

func TestParseTime(t *testing.T) {
	t.Parallel()
	tuesday := time.Date(2016, 4, 5, 9, 12, 59, 0, time.UTC)
	sunday := time.Date(2016, 4, 10, 23, 59, 0, 0, time.UTC)
	for _, c := range []struct {
		text string
		at   time.Time
		want bool
	}{
		{"Mon-Fri: 09:00-17:30", tuesday, true},
		{"Mon - Fri : 09:00- 17:30", tuesday, true},
		{"Tue: 9-15", tuesday, true},
		{"Tue: 9-15:1", tuesday, true},
		{"Wed - Fri: 09:00-17:30", tuesday, false},
		{"Mon-Fri: 09:30-17:30", tuesday, false},
		{"mon-FRI:9:12-9:12", tuesday, true},
		{"Tue:8-9:11", tuesday, false},
		{"Wed:0-23:59, Tue:9-10", tuesday, true},
		{"Fri-Mon:0-23:59", tuesday, false},
		{"Sat-Sun:0-23:59", sunday, true},
		{"Sun-Mon:0-23:59", sunday, false},
		{"", tuesday, true},
	} {
		h, err := ParseTime(c.text)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
		} else if got := h.Contain(c.at); got != c.want {
			t.Errorf("%q at %v: %v", c.text, c.at, got)
		}
	}
	for _, text := range []string{"Mon-Wrong: asd-17:30", "foo", "Mon-Fri", "Mon-Sun: 22-6", "Mon-Sun: 0-24", "Mon-Foo: 2-6",
		"Mon:8", "Mon:8-9:60", "Mon:008-9", "Mon:8-9,", "Onm:8-9", "Mon:-1-9", ","} {
		if h, err := ParseTime(text); err == nil {
			t.Errorf("%q is read as %v", text, h)
		}
	}
}

func FuzzParseTime(f *testing.F) {
	f.Add("Mon-Fri: 09:00-17:30, Sat:8-9")
	f.Fuzz(func(t *testing.T, text string) {
		h, err := ParseTime(text)
		if err != nil && h != nil {
			t.Fatal("times with an error")
		}
		for _, x := range h {
			if x.start > x.end || x.end >= 24*60 || x.from > 6 || x.to > 6 || x.from < 0 || x.to < 0 {
				t.Fatalf("%q: %+v", text, x)
			}
		}
	})
}

func TestParseMangle(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ rule, in, key, out string }{
		{"user/(.*)@example.com/\\1/", "hans@example.com", "user", "hans"},
		{"pass/^(.*)-(.*)$/\\g<2>$\\1/", "1-2", "pass", "2$1"},
		{"pass/(?P<a>x)/[\\g<a>]/", "axb", "pass", "a[x]b"},
		{"realm/b//", "abab", "realm", "aa"},
		{"user/x/\\\\/", "x", "user", `\`},
	} {
		m, ok := ParseMangle(c.rule)
		if got := m.Replace(c.in); !ok || m.Key != c.key || got != c.out {
			t.Errorf("%s: %v %s %q", c.rule, ok, m.Key, got)
		}
	}
	for _, rule := range []string{"", "user/a/b", "serial/a/b/", "user/(/b/"} {
		if _, ok := ParseMangle(rule); ok {
			t.Errorf("%q is accepted", rule)
		}
	}
}

func FuzzParseMangle(f *testing.F) {
	f.Add("user/(.*)@(.*)/\\2$1/", "a@b")
	f.Fuzz(func(t *testing.T, rule, text string) {
		if m, ok := ParseMangle(rule); !ok && m.Replace(text) != text {
			t.Fatal("an unreadable rule changes the text")
		} else if ok {
			m.Replace(text)
		}
	})
}
