package policy

import (
	"slices"
	"strings"
	"testing"
	"time"

	"symbolon/internal/fault"
)

func ptr(s string) *string { return &s }

// made completes a policy for a test: active, of the first priority, scope
// authentication, action x.
func made(p Policy) Policy {
	p.Active = true
	if p.Name == "" {
		p.Name = "p"
	}
	if p.Scope == "" {
		p.Scope = Authentication
	}
	if p.Priority == 0 {
		p.Priority = 1
	}
	if p.Actions == nil {
		p.Actions = ParseActions("x")
	}
	return p
}

// names are the policies that match, in their order.
func names(t *testing.T, at Situation, scope Scope, action string, ps ...Policy) string {
	t.Helper()
	for i := range ps {
		ps[i] = made(ps[i])
	}
	s, _ := Compile(ps, nil)
	matched, err := s.At(t.Context(), at, nil).Match(scope, action)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, p := range matched {
		out = append(out, p.Name)
	}
	return strings.Join(out, " ")
}

func TestUsersMatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		users []string
		fold  bool
		login *string
		want  bool
	}{
		{nil, false, ptr("anybody"), true},
		{[]string{"hans", "cornelius"}, false, ptr("hans"), true},
		{[]string{"hans", "cornelius"}, false, ptr("selfservice"), false},
		{[]string{"hans"}, false, ptr("HANS"), false},
		{[]string{"Hans"}, true, ptr("HANS"), true},
		{[]string{"H[a-z]*"}, true, ptr("hAns"), true},
		{[]string{`\D+`}, true, ptr("Hans"), true},
		{[]string{"*", "-Hans"}, true, ptr("hans"), false},
		{[]string{"*", "-hans"}, false, ptr("hans"), false},
		{[]string{"*", "-hans"}, false, ptr("cornelius"), true},
		{[]string{"*", "!hans"}, false, ptr("hans"), false},
		{[]string{"-hans"}, false, ptr("cornelius"), false},
		{[]string{"-hans"}, false, ptr("-hans"), false},
		{[]string{"h[a-n]*s"}, false, ptr("hans"), true},
		{[]string{"h[a-n]*s"}, false, ptr("hugos"), false},
		{[]string{"foo*"}, false, ptr("fooo"), true},
		{[]string{"foo*"}, false, ptr("foobar"), false},
		{[]string{"hans"}, false, nil, true},
		{[]string{"hans"}, false, ptr(""), false},
		{[]string{"*"}, false, ptr(""), true},
		{[]string{".*"}, false, ptr(""), true},
		{[]string{""}, false, ptr(""), true},
		{[]string{""}, false, ptr("hans"), false},
	} {
		p := Policy{Users: c.users, UserCaseInsensitive: c.fold}
		if got := names(t, Situation{User: c.login}, Authentication, "x", p) == "p"; got != c.want {
			t.Errorf("users %q (fold %v) with %v: %v", c.users, c.fold, c.login, got)
		}
	}
}

func TestAnExpressionMatchesTheWholeText(t *testing.T) {
	t.Parallel()
	for _, login := range []string{"ax", "xb", "a\n"} {
		if names(t, Situation{User: &login}, Authentication, "x", Policy{Users: []string{"a|b"}}) != "" {
			t.Errorf("a|b matches %q", login)
		}
	}
	if names(t, Situation{User: ptr("b")}, Authentication, "x", Policy{Users: []string{"a|b"}}) != "p" {
		t.Error("a|b does not match b")
	}
}

func TestAnInvalidExpressionIsALiteral(t *testing.T) {
	t.Parallel()
	for _, e := range []string{"a(b", "a)|(b", "(?=a)b"} {
		p := made(Policy{Users: []string{e}})
		s, warnings := Compile([]Policy{p}, nil)
		if len(warnings) != 1 {
			t.Errorf("%s: %v", e, warnings)
		}
		for login, want := range map[string]int{e: 1, "a": 0, "b": 0, "ab": 0} {
			m, err := s.At(t.Context(), Situation{User: &login}, nil).Match(Authentication, "x")
			if err != nil || len(m) != want {
				t.Errorf("%s with %q: %d, %v", e, login, len(m), err)
			}
		}
	}
}

func TestRealmsMatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		realms []string
		realm  *string
		more   []string
		want   bool
	}{
		{nil, ptr("a"), nil, true},
		{[]string{"a"}, ptr("a"), nil, true},
		{[]string{"a"}, ptr("b"), nil, false},
		{[]string{"a"}, nil, nil, true},
		{[]string{"a"}, ptr(""), nil, false},
		{[]string{"*"}, ptr(""), nil, true},
		{[]string{"a.b"}, ptr("axb"), nil, false}, // a name, not an expression
		{[]string{"a.b"}, ptr("a.b"), nil, true},
		{[]string{"dev.*"}, ptr("dev1"), nil, true},
		{[]string{"*", "-a"}, ptr("a"), nil, false},
		{[]string{"a"}, ptr(""), []string{"a"}, true},
		{[]string{"a"}, nil, []string{"b", "a"}, true},
		{[]string{"dev.*"}, nil, []string{"dev1"}, false}, // several realms are compared by name
		{[]string{"*", "-secret"}, nil, []string{"a", "secret"}, false},
		{[]string{"*", "-secret"}, ptr("secret"), []string{"a"}, false},
		{[]string{"*", "-secret"}, nil, []string{"a", "b"}, true},
	} {
		at := Situation{Realm: c.realm, MoreRealms: c.more}
		if got := names(t, at, Authentication, "x", Policy{Realms: c.realms}) == "p"; got != c.want {
			t.Errorf("realms %q with %v and %q: %v", c.realms, c.realm, c.more, got)
		}
	}
}

// A policy for users decides by the owner's realm, not by another realm that
// the token is in, too.
func TestAPolicyForUsersNeedsTheirOwnRealm(t *testing.T) {
	t.Parallel()
	at := Situation{User: ptr("hans"), Realm: ptr("a"), MoreRealms: []string{"a", "b"}}
	for _, c := range []struct {
		p    Policy
		want bool
	}{
		{Policy{Users: []string{"hans"}, Realms: []string{"a"}}, true},
		{Policy{Users: []string{"hans"}, Realms: []string{"b"}}, false},
		{Policy{Users: []string{"*"}, Realms: []string{"a"}}, true},
		{Policy{Users: []string{"hans"}}, true},
		{Policy{Users: []string{"h.*"}, Realms: []string{"*"}}, true},
		{Policy{Users: []string{"other"}, Realms: []string{"a"}}, false},
		{Policy{Realms: []string{"b"}}, true},
	} {
		if got := names(t, at, Authentication, "x", c.p) == "p"; got != c.want {
			t.Errorf("users %q, realms %q: %v", c.p.Users, c.p.Realms, got)
		}
	}
}

func TestResolversMatch(t *testing.T) {
	t.Parallel()
	of := func(realm string) []string { return map[string][]string{"r": {"ldap", "sql"}}[realm] }
	full := Situation{User: ptr("hans"), Realm: ptr("r"), Resolver: ptr("ldap"), ResolversOf: of}
	for _, c := range []struct {
		list []string
		all  bool
		at   Situation
		want bool
	}{
		{nil, false, full, true},
		{nil, true, full, true},
		{[]string{"ldap"}, false, full, true},
		{[]string{"sql"}, false, full, false},
		{[]string{"sql"}, true, full, true},
		{[]string{"other"}, true, full, false},
		{[]string{"sql"}, true, Situation{Realm: ptr("r"), Resolver: ptr("ldap"), ResolversOf: of}, false},
		{[]string{"*", "-ldap"}, false, full, false},
		{[]string{"*", "-ldap"}, false, Situation{Resolver: ptr("sql")}, true},
		{[]string{"l.ap"}, false, full, false},
		{[]string{"sql"}, false, Situation{}, true},
		{[]string{"sql"}, true, Situation{}, true},
		{[]string{"sql"}, false, Situation{Resolver: ptr("")}, false},
	} {
		p := Policy{Resolvers: c.list, CheckAllResolvers: c.all}
		if got := names(t, c.at, Authentication, "x", p) == "p"; got != c.want {
			t.Errorf("resolvers %q (all %v) with %v: %v", c.list, c.all, c.at.Resolver, got)
		}
	}
}

func TestClientsMatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		list   string
		client string
		want   bool
	}{
		{"10.0.0.0/8, -10.1.1.1", "10.2.3.4", true},
		{"10.0.0.0/8, -10.1.1.1", "10.1.1.1", false},
		{"10.0.0.0/8, -10.1.1.1", "11.0.0.1", false},
		{"10.0.0.0/8, -10.1.1.1", "", false},
		{"-10.1.1.1, 10.0.0.0/8", "10.1.1.1", false},
		{"192.168.2.1/24", "192.168.2.77", true},
		{"192.168.0.0/255.255.0.0", "192.168.2.77", true},
		{"!10.0.0.0/8", "11.0.0.1", false},
		{"2001:db8::/32", "2001:db8::1", true},
		{"2001:db8::/32", "10.0.0.1", false},
		{"127.0.0.1", "127.0.0.1", true},
		{"127.0.0.1", "::ffff:127.0.0.1", true},
		{"::ffff:10.0.0.0/104", "10.9.9.9", true},
		{"fe80::/10", "fe80::1%eth0", true},
		{" , 10.0.0.1", "10.0.0.1", true},
		{",", "10.0.0.1", false},
		{"10.0.0.1", "nonsense", false},
		{"", "10.0.0.1", true},
		{"", "", true},
		{"10.0.0.0/8, -10.1.1.300", "10.2.3.4", false}, // an unreadable exclusion must not widen the list
	} {
		p := Policy{Clients: ParseList(c.list)}
		if got := names(t, Situation{Client: c.client}, Authentication, "x", p) == "p"; got != c.want {
			t.Errorf("clients %q with %s: %v", c.list, c.client, got)
		}
	}
}

func FuzzClients(f *testing.F) {
	f.Add("10.0.0.0/8, -10.0.0.1", "10.0.0.1")
	f.Add("::ffff:1.2.3.4/120, !fe80::/255.0.0.0", "::1%lo")
	f.Fuzz(func(t *testing.T, list, client string) {
		c, err := compileClients(ParseList(list))
		a := address(client)
		if err != nil && c.contain(a) {
			t.Fatal("an unreadable list matches")
		}
		if len(c.in) == 0 && c.contain(a) {
			t.Fatal("a list without networks matches")
		}
	})
}

func TestNodeAgentAndTimeMatch(t *testing.T) {
	t.Parallel()
	now := time.Date(2016, 4, 5, 9, 12, 0, 0, time.Local)
	at := Situation{Node: "n1", Agent: "privacyidea-CP", Now: now}
	for _, c := range []struct {
		p    Policy
		want bool
	}{
		{Policy{Nodes: []string{"n1", "n2"}}, true},
		{Policy{Nodes: []string{"n2"}}, false},
		{Policy{Nodes: []string{"*"}}, false},
		{Policy{UserAgents: []string{"Privacyidea-cp"}}, true},
		{Policy{UserAgents: []string{"other"}}, false},
		{Policy{Time: "Tue:9-10"}, true},
		{Policy{Time: "Wed:9-10"}, false},
		{Policy{Time: "nonsense"}, false},
	} {
		if got := names(t, at, Authentication, "x", c.p) == "p"; got != c.want {
			t.Errorf("%+v: %v", c.p, got)
		}
	}
	if names(t, Situation{}, Authentication, "x", Policy{UserAgents: []string{"a"}}) != "" {
		t.Error("a policy for one program matches a request without its name")
	}
}

func TestAdministratorsMatchInTheirScopeOnly(t *testing.T) {
	t.Parallel()
	p := Policy{AdminUsers: []string{"root"}, AdminRealms: []string{"super"}, Actions: ParseActions("x")}
	root := Situation{Admin: ptr("root"), AdminRealm: ptr("super")}
	local := Situation{Admin: ptr("root"), AdminRealm: ptr("")}
	p.Scope = Admin
	if names(t, root, Admin, "x", p) == "" || names(t, local, Admin, "x", p) != "" {
		t.Error("administrators' realms")
	}
	p.AdminRealms = []string{"*"}
	if names(t, local, Admin, "x", p) == "" {
		t.Error("* does not match a local administrator")
	}
	p.Scope, p.AdminRealms = User, []string{"super"}
	if names(t, local, User, "x", p) == "" {
		t.Error("administrators are looked at in scope user")
	}
}

func TestActionsMatchByName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		actions, action string
		want            bool
	}{
		{"enable", "enable", true},
		{"enable", "disable", false},
		{"*", "enable", true},
		{"*, -disable", "enable", true},
		{"*, -disable", "disable", false},
		{"*, -disable=1", "disable", false},
		{"!disable", "enable", false},
		{"en.*", "enable", false},
		{"pw.length=3", "pwXlength", false},
		{"enable, -enable", "enable", false},
		{"", "enable", false}, // no actions, no permission
		{"", "", true},        // but the policy is there
	} {
		p := made(Policy{Actions: ParseActions(c.actions)})
		if p.Actions = ParseActions(c.actions); p.Actions == nil {
			p.Actions = Actions{}
		}
		if got := names(t, Situation{}, Authentication, c.action, p) == "p"; got != c.want {
			t.Errorf("%q with %q: %v", c.actions, c.action, got)
		}
	}
}

func TestPoliciesAreOrdered(t *testing.T) {
	t.Parallel()
	got := names(t, Situation{Client: "10.0.0.1"}, Authentication, "x",
		Policy{Name: "late", Priority: 9},
		Policy{Name: "open", Priority: 2},
		Policy{Name: "net", Priority: 2, Clients: []string{"10.0.0.0/8"}},
		Policy{Name: "open2", Priority: 2},
		Policy{Name: "first", Priority: 1})
	if got != "first net open open2 late" {
		t.Errorf("order %s", got)
	}
}

func TestInactivePoliciesDoNotCount(t *testing.T) {
	t.Parallel()
	p := made(Policy{})
	p.Active = false
	s, _ := Compile([]Policy{p}, nil)
	m, err := s.At(t.Context(), Situation{}, nil).Match(Authentication, "x")
	if err != nil || len(m) != 0 || s.Defined(Authentication) {
		t.Errorf("%v %v %v", m, err, s.Defined(Authentication))
	}
}

func TestSeveralSituationsSeeTheirOwn(t *testing.T) {
	t.Parallel()
	s, _ := Compile([]Policy{made(Policy{Users: []string{"hans"}})}, nil)
	var v View
	if m, err := v.Match(Authentication, "x"); m != nil || err != nil {
		t.Errorf("the zero view has %v, %v", m, err)
	}
	hans, other := s.At(t.Context(), Situation{User: ptr("hans")}, nil), s.At(t.Context(), Situation{User: ptr("o")}, nil)
	a, _ := hans.Match(Authentication, "x")
	b, _ := other.Match(Authentication, "x")
	if len(a) != 1 || len(b) != 0 {
		t.Errorf("%d %d", len(a), len(b))
	}
}

func TestWithinRealms(t *testing.T) {
	t.Parallel()
	all := []string{"a", "b", "secret", "dev1"}
	for _, c := range []struct {
		realms  [][]string
		want    []string
		without bool
	}{
		{nil, nil, true},
		{[][]string{{"a"}, {"b"}}, []string{"a", "b"}, false},
		{[][]string{{"a"}, {}}, nil, true},
		{[][]string{{"*", "-secret"}}, []string{"a", "b", "dev1"}, false},
		{[][]string{{"dev.*"}}, []string{"dev1"}, false},
	} {
		var ps []Policy
		for _, r := range c.realms {
			ps = append(ps, made(Policy{Scope: Admin, Realms: r}))
		}
		s, _ := Compile(ps, nil)
		got, without, err := s.At(t.Context(), Situation{}, nil).Within(Admin, "x", all)
		if err != nil || without != c.without || !slices.Equal(got, c.want) {
			t.Errorf("%v: %v %v %v", c.realms, got, without, err)
		}
	}
	s, _ := Compile([]Policy{made(Policy{Scope: Admin, Actions: ParseActions("other")})}, nil)
	if got, without, _ := s.At(t.Context(), Situation{}, nil).Within(Admin, "x", all); got != nil || without {
		t.Errorf("without a matching policy: %v %v", got, without)
	}
}

func TestRightsAreGranted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		actions string
		want    bool
	}{{"enable", true}, {"*", true}, {"*, -enable", false}, {"disable", false}, {"", false}} {
		p := made(Policy{Scope: User})
		p.Actions = ParseActions(c.actions)
		// Somebody else's policy names the action: what names none must not match by that.
		other := made(Policy{Name: "other", Scope: User, Users: []string{"other"}, Actions: ParseActions("enable")})
		s, _ := Compile([]Policy{p, other}, nil)
		if got, err := RightEnable.Granted(s.At(t.Context(), Situation{User: ptr("hans")}, nil), User); got != c.want || err != nil {
			t.Errorf("%q: %v %v", c.actions, got, err)
		}
	}
}

// A scope without policies grants everything, unless the server says otherwise;
// one policy for somebody else is enough to close it.
func TestAScopeWithoutPoliciesGrantsRights(t *testing.T) {
	t.Parallel()
	other, _ := Compile([]Policy{made(Policy{Scope: User, Users: []string{"other"}})}, nil)
	empty, _ := Compile(nil, nil)
	hans := Situation{User: ptr("hans")}
	for name, c := range map[string]struct {
		s    *Snapshot
		want bool
	}{
		"nil": {nil, true}, "empty": {empty, true}, "closed": {empty.Closed(), false},
		"nil closed": {(*Snapshot)(nil).Closed(), false}, "other": {other, false},
	} {
		v := c.s.At(t.Context(), hans, nil)
		if got, err := RightEnable.Granted(v, User); got != c.want || err != nil {
			t.Errorf("%s: %v %v", name, got, err)
		}
		rights, err := v.Rights(User, NewCatalogue(PrivacyIDEA, nil))
		if (len(rights) > 0) != c.want || err != nil {
			t.Errorf("%s: %d rights, %v", name, len(rights), err)
		}
	}
}

func TestRightsForTheUserInterface(t *testing.T) {
	t.Parallel()
	cat := NewCatalogue(PrivacyIDEA, builtTypes())
	for _, c := range []struct {
		actions string
		want    string
	}{
		{"enable, disable, enrollHOTP, otp_pin_minlength=4", "disable enable enrollHOTP otp_pin_minlength otp_pin_minlength=4"},
		{"enable, -enable, resync", "resync"},
	} {
		s, _ := Compile([]Policy{made(Policy{Scope: User, Actions: ParseActions(c.actions)})}, cat)
		got, err := s.At(t.Context(), Situation{}, nil).Rights(User, cat)
		if err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v %v", c.actions, got, err)
		}
	}
	s, _ := Compile([]Policy{made(Policy{Scope: Admin, Actions: ParseActions("*, -policywrite")})}, cat)
	got, _ := s.At(t.Context(), Situation{}, nil).Rights(Admin, cat)
	if !slices.Contains(got, "triggerchallenge") || slices.Contains(got, "policywrite") || slices.Contains(got, "otp_pin_minlength") {
		t.Errorf("* gives %v", got)
	}
	if m := cat.Menus([]string{"assign"}, User); !slices.Equal(m, []string{"tokens"}) {
		t.Errorf("menus of a user: %v", m)
	}
	if m := cat.Menus([]string{"assign"}); !slices.Equal(m, []string{"tokens", "users"}) {
		t.Errorf("menus: %v", m)
	}
}

func TestCompileWarns(t *testing.T) {
	t.Parallel()
	cat := NewCatalogue(PrivacyIDEA, builtTypes())
	cond := func(section string) []Condition {
		return []Condition{{Section: section, Key: "k", Comparator: "equals", Value: "v", Active: true}}
	}
	for want, p := range map[string]Policy{
		"no actions":           {Scope: User, Actions: Actions{}},
		"is unknown in scope":  {Scope: User, Actions: ParseActions("nonsense")},
		"scope \"nonsense\"":   {Scope: "nonsense"},
		"cannot be read, so i": {Scope: Authorization, Actions: ParseActions("last_auth=soon")},
		"has no value":         {Scope: Authentication, Actions: ParseActions("otppin")},
		"never matches":        {Scope: User, Actions: ParseActions("enable"), Time: "x"},
		"never comes":          {Scope: User, Actions: ParseActions("enable"), Time: "Sun-Mon:1-2"},
		"is no wildcard":       {Scope: User, Actions: ParseActions("enable"), Nodes: []string{"*"}},
		"no protection":        {Scope: Admin, Actions: ParseActions("enable"), UserAgents: []string{"a"}},
		"this is no prot":      {Scope: Admin, Actions: ParseActions("enable"), Conditions: cond(SectionHeader)},
		"Unknown section":      {Scope: Admin, Actions: ParseActions("enable"), Conditions: cond("weather")},
		"the list cannot":      {Scope: User, Actions: ParseActions("enable"), Clients: []string{"x"}},
	} {
		_, ws := Compile([]Policy{made(p)}, cat)
		if len(ws) != 1 || !strings.Contains(ws[0].Text, want) || ws[0].Policy != "p" {
			t.Errorf("%s: got %v", want, ws)
		}
	}
	for _, p := range []Policy{
		{Scope: Admin, Actions: ParseActions("enable"), UserAgents: []string{"a"}, AdminUsers: []string{"root"}},
		{Scope: Admin, Actions: ParseActions("*, -enable")},
		{Scope: Authentication, Actions: ParseActions("passthru, auth_cache=4h, otppin=none, push_wait=20")},
		{Scope: Admin, Actions: ParseActions("enable"), Conditions: cond(SectionUser)},
	} {
		if _, ws := Compile([]Policy{made(p)}, cat); len(ws) != 0 {
			t.Errorf("%v: %v", p.Actions, ws)
		}
	}
}

func TestAFaultInAConditionIsReturned(t *testing.T) {
	t.Parallel()
	p := made(Policy{Scope: User, Conditions: []Condition{{Section: SectionUser, Key: "k", Comparator: "equals", Value: "v", Active: true}}})
	p.Actions = ParseActions("enable, otp_pin_minlength=3")
	s, _ := Compile([]Policy{p}, nil)
	v := s.At(t.Context(), Situation{}, nil)
	_, granted := RightEnable.Granted(v, User)
	_, _, number := OTPPINMinLength(User).In(v)
	_, rights := v.Rights(User, NewCatalogue(PrivacyIDEA, nil))
	for _, err := range []error{granted, number, rights} {
		if !fault.Is(err, fault.ConditionObject) {
			t.Errorf("got %v", err)
		}
	}
	if ok, err := RightEnable.Granted(v.Sections(SectionUser), User); !ok || err != nil {
		t.Errorf("without the section: %v %v", ok, err)
	}
}
