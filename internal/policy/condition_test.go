package policy

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"symbolon/internal/fault"
)

// world is what conditions look at; nil parts are not there.
type world struct {
	user, info, container map[string]string
	row, box              map[string]any
	request               bool
	err                   error
}

func (w world) UserInfo(context.Context) (map[string]string, bool, error) {
	return w.user, w.user != nil, w.err
}
func (w world) TokenRow(context.Context) (map[string]any, bool, error) {
	return w.row, w.row != nil, nil
}
func (w world) TokenInfo(context.Context) (map[string]string, bool, error) {
	return w.info, w.info != nil, nil
}
func (w world) Header(name string) (string, bool) {
	if strings.EqualFold(name, "x-site") {
		return "a", true
	}
	return "", false
}
func (w world) Environment(name string) (string, bool) {
	return "POST", name == "REQUEST_METHOD"
}
func (w world) Parameter(name string) (any, bool) {
	v, ok := map[string]any{"type": "hotp", "n": float64(5), "pass": "secret", "none": nil}[name]
	return v, ok
}
func (w world) InRequest() bool { return w.request }

// boxed knows of containers, too.
type boxed struct{ world }

func (w boxed) ContainerRow(context.Context) (map[string]any, bool, error) {
	return w.box, w.box != nil, nil
}
func (w boxed) ContainerInfo(context.Context) (map[string]string, bool, error) {
	return w.container, w.container != nil, nil
}

func full() boxed {
	return boxed{world{user: map[string]string{"email": "h@x"}, info: map[string]string{"hashlib": "sha1"}, request: true,
		row: map[string]any{"tokentype": "hotp", "count": int64(5)}, box: map[string]any{"type": "smartphone"},
		container: map[string]string{"os": "a"}}}
}

func holding(t *testing.T, f Facts, off []string, cs ...Condition) (bool, error) {
	t.Helper()
	for i := range cs {
		cs[i].Active = true
	}
	s, _ := Compile([]Policy{made(Policy{Conditions: cs})}, nil)
	m, err := s.At(t.Context(), Situation{Facts: f, Now: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}, nil).
		Sections(off...).Match(Authentication, "x")
	return len(m) == 1, err
}

func TestConditionsLookAtTheirSection(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ section, key, value string }{
		{SectionUser, "email", "h@x"},
		{SectionToken, "tokentype", "hotp"},
		{SectionTokenInfo, "hashlib", "sha1"},
		{SectionHeader, "X-SITE", "a"},
		{SectionEnvironment, "REQUEST_METHOD", "POST"},
		{SectionContainer, "type", "smartphone"},
		{SectionContainerInfo, "os", "a"},
		{SectionRequest, "type", "hotp"},
	} {
		cond := Condition{Section: c.section, Key: c.key, Comparator: "equals", Value: c.value}
		if ok, err := holding(t, full(), nil, cond); !ok || err != nil {
			t.Errorf("%s: %v %v", c.section, ok, err)
		}
		cond.Value = "other"
		if ok, err := holding(t, full(), nil, cond); ok || err != nil {
			t.Errorf("%s with another value: %v %v", c.section, ok, err)
		}
		if ok, err := holding(t, full(), []string{c.section}, cond); !ok || err != nil {
			t.Errorf("%s not evaluated: %v %v", c.section, ok, err)
		}
	}
}

// Each section, with the object or only the key missing, under each rule.
func TestMissingData(t *testing.T) {
	t.Parallel()
	objects := map[string]string{SectionUser: "user", SectionToken: "token", SectionTokenInfo: "token",
		SectionHeader: SectionHeader, SectionEnvironment: SectionEnvironment, SectionRequest: SectionRequest,
		SectionContainer: "container", SectionContainerInfo: "container"}
	for section, object := range objects {
		for _, none := range []Facts{nil, world{}, boxed{}} {
			check(t, none, section, fault.New(fault.ConditionObject, "p", section, "nosuch", object))
		}
		check(t, full(), section, fault.New(fault.ConditionKey, "p", section, "nosuch"))
	}
}

func check(t *testing.T, f Facts, section string, want *fault.Fault) {
	t.Helper()
	for missing, result := range map[string]string{"": "fault", MissingRaises: "fault", MissingIsTrue: "true", MissingIsFalse: "false"} {
		ok, err := holding(t, f, nil, Condition{Section: section, Key: "nosuch", Comparator: "matches", Value: ".*", Missing: missing})
		switch {
		case result == "fault" && (err == nil || err.Error() != want.Error()),
			result != "fault" && (err != nil || ok != (result == "true")):
			t.Errorf("%s of %T, %q: %v %v", section, f, missing, ok, err)
		}
	}
}

func TestNullCountsAsMissing(t *testing.T) {
	t.Parallel()
	for _, c := range []Condition{
		{Section: SectionRequest, Key: "none", Comparator: "equals", Value: "x"},
		{Section: SectionRequest, Key: "pass", Comparator: "equals", Value: "secret"}, // a password is never looked at
		{Section: SectionToken, Key: "description", Comparator: "equals", Value: "x"},
	} {
		if _, err := holding(t, full(), nil, c); !fault.Is(err, fault.ConditionKey) {
			t.Errorf("%s %s: %v", c.Section, c.Key, err)
		}
	}
}

func TestAllConditionsHaveToBeMet(t *testing.T) {
	t.Parallel()
	yes := Condition{Section: SectionToken, Key: "tokentype", Comparator: "equals", Value: "hotp"}
	no := Condition{Section: SectionToken, Key: "tokentype", Comparator: "equals", Value: "totp"}
	broken := Condition{Section: "weather", Key: "k", Comparator: "equals", Value: "v"}
	if ok, _ := holding(t, full(), nil, yes, yes); !ok {
		t.Error("two that are met")
	}
	if ok, err := holding(t, full(), nil, no, broken); ok || err != nil {
		t.Errorf("the first decides: %v %v", ok, err)
	}
	_, err := holding(t, full(), nil, yes, broken)
	if want := fault.New(fault.ConditionMalformed, "Unknown section 'weather' set in condition.", "p"); err == nil || err.Error() != want.Error() {
		t.Errorf("got %v", err)
	}
	broken.Active = false
	s, _ := Compile([]Policy{made(Policy{Conditions: []Condition{broken}})}, nil)
	if m, err := s.At(t.Context(), Situation{}, nil).Match(Authentication, "x"); len(m) != 1 || err != nil {
		t.Errorf("an inactive condition counts: %v", err)
	}
}

// Conditions are not asked of policies that do not match otherwise.
func TestConditionsComeLast(t *testing.T) {
	t.Parallel()
	p := made(Policy{Users: []string{"other"}, Conditions: []Condition{{Section: SectionToken, Key: "k", Comparator: "equals", Value: "v", Active: true}}})
	s, _ := Compile([]Policy{p}, nil)
	if _, err := s.At(t.Context(), Situation{User: ptr("hans")}, nil).Match(Authentication, "x"); err != nil {
		t.Error(err)
	}
}

func TestAFailingSourceIsNoFault(t *testing.T) {
	t.Parallel()
	down := errors.New("directory is down")
	_, err := holding(t, world{err: down}, nil, Condition{Section: SectionUser, Key: "k", Comparator: "equals", Value: "v", Missing: MissingIsTrue})
	if !errors.Is(err, down) || fault.Of(err) != nil {
		t.Errorf("got %v", err)
	}
}

func TestComparators(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	list := []string{"a", "b"}
	for _, c := range []struct {
		left       any
		comparator string
		right      string
		want       string // yes, no, error
	}{
		{"a", "equals", "a", "yes"}, {"a", "equals", "A", "no"}, {int64(6), "equals", "6", "no"}, {true, "equals", "True", "no"},
		{"a", "!equals", "a", "no"}, {int64(6), "!equals", "6", "yes"}, {list, "equals", "a", "no"},
		{list, "contains", "a", "yes"}, {list, "contains", "c", "no"}, {"abc", "contains", "a", "error"},
		{[]any{"a", 1.0}, "contains", "a", "yes"}, {[]any{1.0}, "contains", "1", "no"},
		{list, "!contains", "a", "no"}, {list, "!contains", "c", "yes"}, {int64(1), "!contains", "1", "error"},
		{"hans@x", "matches", ".*@x", "yes"}, {"hans@xy", "matches", ".*@x", "no"}, {"ab", "matches", "a|b", "no"},
		{"HANS", "matches", "(?i)hans", "yes"}, {"hans", "matches", "^hans$", "yes"}, {int64(1), "matches", "1", "error"},
		{"a", "matches", "(", "error"}, {"a", "!matches", "b", "yes"}, {"a", "!matches", "(", "error"}, {list, "!matches", "a", "error"},
		{"b", "in", "a, b", "yes"}, {"b", "in", "a,b", "yes"}, {"b,c", "in", `a, "b,c"`, "yes"}, {"b,c", "in", `a,b\,c`, "yes"},
		{`q"`, "in", `"q"""`, "yes"}, {"b ", "in", "b ,c", "yes"}, {"", "in", "a,", "yes"}, {"d", "in", "a,b", "no"},
		{int64(1), "in", "1", "no"}, {"a", "in", `"a`, "error"}, {"a", "in", `"a"b`, "error"}, {"a", "in", `a\`, "error"},
		{"d", "!in", "a,b", "yes"}, {"a", "!in", "a,b", "no"}, {"a", "!in", `"a`, "error"},
		{int64(5), ">", "4", "yes"}, {int64(4), ">", "4", "no"}, {"5", "<", " 6 ", "yes"}, {"", "<", "1", "yes"}, {true, ">", "0", "yes"},
		{"-5", "<", "-4", "yes"}, {"99999999999999999999", ">", "99999999999999999998", "yes"}, {"h@x", "<", "5", "error"},
		{int64(5), "<", "x", "error"}, {"1.5", ">", "1", "error"}, {list, ">", "1", "error"}, {3, ">", "2", "yes"},
		{"2026-01-31", "date_before", "2026-02-01", "yes"}, {"2026-01-31T10:00", "date_after", "2026-01-31 09:59:59.5", "yes"},
		{"2026-01-31T10:00Z", "date_before", "2026-01-31T12:30+02:00", "yes"}, {"2026-01-31T10:00Z", "date_after", "2026-01-31T11:30+0200", "yes"},
		{"2026-01-31T10:00Z", "date_before", "2026-02-01", "error"}, {"2026-01", "date_before", "2026-02-01", "error"},
		{int64(20260131), "date_before", "2026-02-01", "error"}, {"2026-13-31", "date_after", "2026-02-01", "error"},
		{"2026-01-31", "date_before", "tomorrow", "error"}, {"2026-01-31T10:00-0500", "date_after", "2026-01-31T14:00Z", "yes"},
		{"2026-04-30T13:00", "date_within_last", "1d", "yes"}, {"2026-04-30T11:00", "date_within_last", "1d", "no"},
		{"2026-05-01 13:30:00.123456+0200", "date_within_last", "1h", "yes"}, {"2026-04-30T11:00", "!date_within_last", "1d", "yes"},
		{"2026-06-01", "date_within_last", "1d", "yes"}, {"never seen", "date_within_last", "1d", "error"}, {"2026-04-30", "date_within_last", "soon", "error"},
		{int64(1), "date_within_last", "1d", "error"}, {"2026-04-30", "!date_within_last", "x", "error"},
		{"Hello World", "string_contains", "WORLD", "yes"}, {"Hello", "string_contains", "x", "no"}, {list, "string_contains", "a", "error"},
		{"Hello", "!string_contains", "x", "yes"}, {"Hello", "!string_contains", "ell", "no"}, {int64(1), "!string_contains", "x", "error"},
	} {
		got := "error"
		holds, err := comparisons(c.comparator)(c.right)
		if err == nil {
			var ok bool
			if ok, err = holds(c.left, now); err == nil {
				got = map[bool]string{true: "yes", false: "no"}[ok]
			}
		}
		if got != c.want {
			t.Errorf("%v %s %q: %s", c.left, c.comparator, c.right, got)
		}
	}
}

func TestAnImpossibleComparisonIsAFault(t *testing.T) {
	t.Parallel()
	want := fault.New(fault.ConditionInvalid, "p", SectionUser)
	for _, c := range []Condition{
		{Comparator: "<", Value: "5"}, {Comparator: "matches", Value: "("}, {Comparator: "contains", Value: "h"},
	} {
		c.Section, c.Key = SectionUser, "email"
		if _, err := holding(t, full(), nil, c); err == nil || err.Error() != want.Error() {
			t.Errorf("%s: %v", c.Comparator, err)
		}
	}
}

func TestComparatorsAreDescribed(t *testing.T) {
	t.Parallel()
	for product, n := range map[string]int{PrivacyIDEA: 16, EduMFA: 10} {
		all := Comparators(product)
		for _, d := range all {
			if comparisons(d.Name) == nil || d.Doc == "" {
				t.Errorf("%s: %+v", product, d)
			}
		}
		if len(all) != n {
			t.Errorf("%s has %d comparators", product, len(all))
		}
	}
	for _, unknown := range []string{"", "!", "is", "!!equals", "!<", "!>", "!date_before", "!date_after", "=", "<="} {
		if comparisons(unknown) != nil {
			t.Errorf("%q is known", unknown)
		}
	}
	if len(ConditionSections(PrivacyIDEA)) != 8 || len(ConditionSections(EduMFA)) != 5 || len(MissingData()) != 3 {
		t.Error("sections or rules for missing data")
	}
}

func FuzzComparators(f *testing.F) {
	for _, c := range Comparators(PrivacyIDEA) {
		f.Add(c.Name, `a, "b,c"`, "2026-01-31T10:00+01:00")
	}
	f.Fuzz(func(t *testing.T, name, right, left string) {
		c := comparisons(name)
		if c == nil {
			return
		}
		holds, err := c(right)
		if err != nil {
			if holds != nil {
				t.Fatal("a comparison with an error")
			}
			return
		}
		a, err1 := holds(left, time.Time{})
		b, err2 := holds(left, time.Time{})
		if a != b || (err1 == nil) != (err2 == nil) {
			t.Fatal("the same comparison gives two answers")
		}
	})
}
