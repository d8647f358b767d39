package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"symbolon/internal/fault"
)

// saying makes a view on policies with these actions, of the priorities before
// a colon: "1:otppin=none".
func saying(t testing.TB, seen Seen, scope Scope, policies ...string) View {
	t.Helper()
	var ps []Policy
	for i, text := range policies {
		p := Policy{Name: fmt.Sprintf("p%d", i), Active: true, Scope: scope, Priority: 1}
		if n, rest, ok := strings.Cut(text, ":"); ok && len(n) == 1 {
			p.Priority, text = int(n[0]-'0'), rest
		}
		p.Actions = ParseActions(text)
		ps = append(ps, p)
	}
	s, _ := Compile(ps, nil)
	return s.At(t.Context(), Situation{}, seen)
}

func TestTextOfTheFirstPriority(t *testing.T) {
	t.Parallel()
	plain := Text{Meta: Meta{Scope: Authentication, Name: "a"}, Default: "default"}
	spaces, bare := plain, plain
	spaces.Spaces = true
	bare.Bare, bare.Spaces = true, true
	for _, c := range []struct {
		action   Text
		policies []string
		want     string
		by       string
		conflict string
	}{
		{plain, nil, "default", "", ""},
		{plain, []string{"b=1"}, "default", "", ""},
		{plain, []string{"a=1"}, "1", "p0", ""},
		{plain, []string{"2:a=2", "1:a=1"}, "1", "p1", ""},
		{plain, []string{"a=1", "a=1", "2:a=2"}, "1", "p0 p1", ""},
		{plain, []string{"a=1", "a=2"}, "", "", "p0 p1"},
		{plain, []string{"a=1", "a=2", "a=2", "2:a=3"}, "", "", "p0 p1 p2"},
		{plain, []string{"a=x y"}, "", "", "p0"},
		{plain, []string{"a='x y'"}, "x y", "p0", ""},
		{plain, []string{"a=x x"}, "x", "p0", ""},
		{plain, []string{"a="}, "default", "", ""},
		{plain, []string{"a=''"}, "", "p0", ""},
		{plain, []string{"a='"}, "'", "p0", ""},
		{plain, []string{"a", "2:a=1"}, "1", "p1", ""}, // without value there is nothing to say
		{plain, []string{"*", "2:a=1"}, "1", "p1", ""}, // neither says *
		{plain, []string{"*"}, "default", "", ""},
		{plain, []string{`a=x\,y`}, "x,y", "p0", ""},
		{spaces, []string{`a=Hello\, you all`}, "Hello, you all", "p0", ""},
		{spaces, []string{"a='x'"}, "x", "p0", ""},
		{spaces, []string{"a="}, "", "p0", ""},
		{spaces, []string{"a=x y", "a=x z"}, "", "", "p0 p1"},
		{bare, []string{"a"}, "", "p0", ""},
		{bare, []string{"a", "a=radius"}, "", "", "p0 p1"},
		{bare, []string{"a="}, "", "p0", ""},
	} {
		v := saying(t, nil, Authentication, c.policies...)
		got, err := c.action.In(v)
		f, _ := c.action.Find(v)
		if c.conflict != "" {
			want := fault.New(fault.PoliciesConflict, strings.Fields(c.conflict))
			if err == nil || err.Error() != want.Error() {
				t.Errorf("%q: %v", c.policies, err)
			}
			continue
		}
		if err != nil || got != c.want || strings.Join(f.Policies, " ") != c.by || f.Set != (c.by != "") {
			t.Errorf("%q: %q by %v, %v", c.policies, got, f.Policies, err)
		}
		if f.Bare != (c.by != "" && !strings.Contains(c.policies[0], "=")) && c.action.Bare {
			t.Errorf("%q: bare %v", c.policies, f.Bare)
		}
	}
}

func TestWordsAddUp(t *testing.T) {
	t.Parallel()
	a := Words{Meta: Meta{Scope: Authentication, Name: "a"}}
	v := saying(t, nil, Authentication, "3:a=x y", "1:a='b c' y", "a=y 'z", `a='b c'`, "a", "*", "a=")
	got, err := a.In(v)
	if err != nil || strings.Join(got, "|") != "'b|c'|y|'z|b c|x" {
		t.Errorf("%q %v", got, err)
	}
	by, _ := a.Find(v)
	if !slices.Equal(by["y"], []string{"p1", "p2", "p0"}) || !slices.Equal(by["b c"], []string{"p3"}) {
		t.Errorf("%v", by)
	}
	a.Whole = true
	if got, _ := a.In(saying(t, nil, Authentication, "a=x y", `a='1\,2'`)); strings.Join(got, "|") != "x y|1,2" {
		t.Errorf("%q", got)
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	first := Int{Meta: Meta{Scope: Authentication, Name: "a"}}
	highest := first
	highest.Highest = true
	for _, c := range []struct {
		action   Int
		policies []string
		want     int
		by       string
		conflict string
	}{
		{first, []string{"a=1"}, 1, "p0", ""},
		{first, []string{"2:a=2", "1:a=1", "1:a= 1"}, 1, "p1 p2", ""},
		{first, []string{"a=1", "a=2", "a=1"}, 0, "", "p0 p1 p2"},
		{first, []string{"a=many", "2:a=3"}, 3, "p1", ""},
		{first, []string{"a", "*"}, 0, "", ""},
		{first, []string{"a='7'"}, 7, "p0", ""},
		{first, []string{"a=-1"}, -1, "p0", ""},
		{highest, []string{"1:a=1", "2:a=5", "3:a=5", "4:a=x"}, 5, "p1 p2", ""},
		{highest, []string{"a=1", "a=2"}, 2, "p1", ""},
		{highest, []string{"a=-3", "a=-2"}, -2, "p1", ""},
	} {
		v := saying(t, nil, Authentication, c.policies...)
		n, f, err := c.action.Find(v)
		if c.conflict != "" {
			if want := fault.New(fault.PoliciesConflict, strings.Fields(c.conflict)); err == nil || err.Error() != want.Error() {
				t.Errorf("%q: %v", c.policies, err)
			}
			continue
		}
		if n != c.want || strings.Join(f.Policies, " ") != c.by || err != nil {
			t.Errorf("%q: %d by %v, %v", c.policies, n, f.Policies, err)
		}
		if _, ok, _ := c.action.In(v); ok != (c.by != "") {
			t.Errorf("%q: ok %v", c.policies, ok)
		}
	}
}

func TestSpansAndRates(t *testing.T) {
	t.Parallel()
	v := saying(t, nil, Authentication, "a=10h, r=2/10m", "2:a=1h", "a=soon, r=often")
	d, f, err := Span{Meta{Scope: Authentication, Name: "a"}}.In(v)
	if d != 10*time.Hour || !f.Set || !slices.Equal(f.Policies, []string{"p0"}) || err != nil {
		t.Errorf("%v %v %v", d, f, err)
	}
	l, f, err := Rate{Meta{Scope: Authentication, Name: "r"}}.In(v)
	if l != (Limit{2, 10 * time.Minute}) || !f.Set || err != nil {
		t.Errorf("%v %v %v", l, f, err)
	}
	if _, f, err := (Span{Meta{Scope: Authentication, Name: "b"}}).In(v); f.Set || err != nil {
		t.Errorf("%v %v", f, err)
	}
	v = saying(t, nil, Authentication, "a=1h", "a=60m", "r=1/1h", "r=2/1h")
	if d, _, err := (Span{Meta{Scope: Authentication, Name: "a"}}).In(v); d != time.Hour || err != nil {
		t.Errorf("the same duration written twice: %v %v", d, err)
	}
	if _, _, err := (Rate{Meta{Scope: Authentication, Name: "r"}}).In(v); !fault.Is(err, fault.PoliciesConflict) {
		t.Errorf("%v", err)
	}
}

func TestSwitches(t *testing.T) {
	t.Parallel()
	a := Bool{Meta{Scope: Authentication, Name: "a"}}
	for actions, want := range map[string]bool{"a": true, "a=1": true, "*": true, "*, -a": false, "b": false} {
		if got, err := a.In(saying(t, nil, Authentication, actions)); got != want || err != nil {
			t.Errorf("%s: %v %v", actions, got, err)
		}
	}
	f, _ := a.Find(saying(t, nil, Authentication, "2:a", "a", "b"))
	if !slices.Equal(f.Policies, []string{"p1", "p0"}) {
		t.Errorf("%v", f)
	}
}

// What took effect is reported; of a silent action only by the rule that obeys it.
func TestPoliciesThatTookEffectAreReported(t *testing.T) {
	t.Parallel()
	var got []string
	seen := func(policy string, scope Scope, action, value string) {
		got = append(got, fmt.Sprintf("%s %s %s=%s", policy, scope, action, value))
	}
	v := saying(t, seen, Authentication, "a=1", "2:a=2", "w=x", "w=y", "b", "n=3, x=9")
	loud := Meta{Scope: Authentication, Name: "a"}
	quiet := Meta{Scope: Authentication, Name: "x", Silent: true}
	ask := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ask(Text{Meta: loud}.In(v))
	ask(Words{Meta: Meta{Scope: Authentication, Name: "w"}}.In(v))
	ask(Bool{Meta{Scope: Authentication, Name: "b"}}.In(v))
	n, _, err := Int{Meta: Meta{Scope: Authentication, Name: "n"}}.In(v)
	ask(n, err)
	ask(RightEnable.Granted(v, Authentication))
	ask(v.Match(Authentication, "a"))
	want := []string{"p0 authentication a=1", "p2 authentication w=x", "p3 authentication w=y", "p4 authentication b=", "p5 authentication n=3"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	got = nil
	f, err := Text{Meta: quiet}.Find(v)
	if ask(f, err); got != nil {
		t.Errorf("a silent action reports %q", got)
	}
	if words, err := (Words{Meta: quiet}).In(v); len(words) != 1 || err != nil || got != nil {
		t.Errorf("silent words %v report %q, %v", words, got, err)
	}
	quiet.Obeyed(v, f)
	if !slices.Equal(got, []string{"p5 authentication x=9"}) {
		t.Errorf("got %q", got)
	}
}

func BenchmarkLogin(b *testing.B) {
	v := loginView(b)
	actions := loginActions()
	b.ReportAllocs()
	for b.Loop() {
		for _, a := range actions {
			if _, err := a.In(v); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// loginActions are 43 actions, as many as a login asks for.
func loginActions() []Words {
	var out []Words
	for i := range 43 {
		out = append(out, Words{Meta: Meta{Scope: Authentication, Name: fmt.Sprintf("action%d", i)}})
	}
	return out
}

func loginView(b testing.TB) View {
	var ps []Policy
	for i := range 60 {
		ps = append(ps, Policy{Name: fmt.Sprintf("p%d", i), Active: true, Scope: []Scope{Authentication, Admin, User}[i%3], Priority: i%3 + 1,
			Actions: ParseActions(fmt.Sprintf("action%d=v, other%d", i, i)), Realms: []string{"realm1", "dev.*"},
			Users: []string{"hans", "[a-z]+x"}, Clients: []string{"10.0.0.0/8", "-10.1.1.1"}, Time: "Mon-Sun:0-23:59"})
	}
	s, _ := Compile(ps, nil)
	return s.At(b.Context(), Situation{User: ptr("hans"), Realm: ptr("realm1"), Resolver: ptr("r"), Client: "10.1.1.2", Now: time.Now()}, nil)
}
