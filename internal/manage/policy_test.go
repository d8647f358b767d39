package manage_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"symbolon/internal/fault"
	"symbolon/internal/manage"
	"symbolon/internal/policy"
)

func (o *office) stored(name string) policy.Policy {
	o.t.Helper()
	list, err := manage.Policies(o.t.Context(), o.console(), manage.PolicyFilter{Name: name})
	o.must(err)
	if len(list) != 1 {
		o.t.Fatalf("%d policies %s", len(list), name)
	}
	return list[0]
}

func TestSetPolicyOverAnother(t *testing.T) {
	t.Parallel()
	o := open(t)
	first := manage.PolicyText{Name: "p1", Scope: text("user"), Action: text("enable, disable"), Client: text("10.0.0.0/8, -10.0.0.1"),
		Realm: text("realm1"), Resolver: text("reso1"), User: text("a, b"), Time: text("Mon-Fri: 8-16"), Priority: text("2"),
		UserAgents: text("privacyidea-cp"), Description: text("first"), CheckAllResolvers: text("true"),
		UserCaseInsensitive: text("1"), Conditions: [][]any{{"userinfo", "memberOf", "equals", "g", true}}}
	id, err := manage.SetPolicy(t.Context(), o.admin(), o.desk(), first)
	o.must(err)
	want := o.stored("p1")
	if want.ID != id || want.Priority != 2 || !want.CheckAllResolvers || !want.UserCaseInsensitive || !want.Active ||
		!slices.Equal(want.Users, []string{"a", "b"}) || want.Conditions[0].Missing != "raise_error" || *want.Description != "first" {
		t.Fatalf("stored %+v", want)
	}
	again, err := manage.SetPolicy(t.Context(), o.admin(), o.desk(), manage.PolicyText{Name: "p1", Scope: text("user"), Action: text("delete")})
	o.must(err)
	if again != id {
		t.Errorf("id %d became %d", id, again)
	}
	want.Actions = policy.ParseActions("delete")
	want.Priority, want.Description, want.CheckAllResolvers, want.UserCaseInsensitive = 1, nil, false, false
	if got := o.stored("p1"); !reflect.DeepEqual(got, want) {
		t.Errorf("what was not sent:\n got %+v\nwant %+v", got, want)
	}
	_, err = manage.SetPolicy(t.Context(), o.admin(), o.desk(), manage.PolicyText{Name: "p1", Scope: text("user"), User: text(""), Time: text(""),
		Conditions: [][]any{}, Active: text("False")})
	o.must(err)
	want.Users, want.Time, want.Conditions, want.Active = nil, "", nil, false
	if got := o.stored("p1"); !reflect.DeepEqual(got, want) {
		t.Errorf("what was sent empty:\n got %+v\nwant %+v", got, want)
	}
	if r := o.last(); !r.Success || !strings.HasPrefix(r.Detail, "p1: inactive, scope user") {
		t.Errorf("the record says %+v", r)
	}
}

func TestPoliciesThatAreNotWritten(t *testing.T) {
	t.Parallel()
	o := open(t)
	write := func(name string, pairs ...string) manage.PolicyText {
		p := manage.PolicyText{Name: name}
		to := map[string]**string{"scope": &p.Scope, "action": &p.Action, "realm": &p.Realm, "resolver": &p.Resolver,
			"adminrealm": &p.AdminRealm, "pinode": &p.Node, "priority": &p.Priority, "time": &p.Time, "client": &p.Client}
		for i := 0; i < len(pairs); i += 2 {
			*to[pairs[i]] = &pairs[i+1]
		}
		return p
	}
	conditions := func(c ...any) manage.PolicyText {
		p := write("p", "scope", "user", "action", "enable")
		p.Conditions = [][]any{c}
		return p
	}
	for _, x := range []struct {
		in   manage.PolicyText
		kind fault.Kind
		args []any
	}{
		{write("p", "action", "enable"), fault.ParameterMissing, []any{"scope"}},
		{write("p", "scope", "admin"), fault.ParameterMissing, []any{"action"}},
		{write("p", "scope", "admin", "action", ""), fault.ParameterMissing, []any{"action"}},
		{write("p", "scope", "nosuch", "action", "enable"), fault.PolicyScopeInvalid, []any{"nosuch", "p"}},
		{write("p", "scope", "user", "action", "enable, nosuch"), fault.PolicyActionsUnknown, []any{[]string{"nosuch"}}},
		{write("p", "scope", "user", "action", "otppin=none"), fault.PolicyActionsUnknown, []any{[]string{"otppin"}}},
		{write("p", "scope", "user", "action", "enable", "realm", "nope"), fault.PolicyUndefined, []any{"User-realms", []string{"nope"}}},
		{write("p", "scope", "user", "action", "enable", "resolver", "nope"), fault.PolicyUndefined, []any{"Resolvers", []string{"nope"}}},
		{write("p", "scope", "admin", "action", "enable", "adminrealm", "nope"), fault.PolicyUndefined, []any{"Admin realms", []string{"nope"}}},
		{write("p", "scope", "user", "action", "enable", "pinode", "nope"), fault.PolicyUndefined, []any{"nodes", []string{"nope"}}},
		{write("p", "scope", "user", "action", "enable", "priority", "0"), fault.PolicyPriority, nil},
		{write("p", "scope", "user", "action", "enable", "priority", "-3"), fault.PolicyPriority, nil},
		{write("p", "scope", "user", "action", "enable", "priority", "high"), fault.NotANumber, []any{"priority"}},
		{write("p", "scope", "user", "action", "enable", "time", "foo"), fault.PolicyTime, []any{"foo"}},
		{write("p", "scope", "user", "action", "enable", "client", "10.0.0.300"), fault.PolicyClient, nil},
		{write("check", "scope", "user", "action", "enable"), fault.PolicyNameReserved, []any{"check"}},
		{write("pi-update-policy-x", "scope", "user", "action", "enable"), fault.PolicyNameReserved, nil},
		{write("p q", "scope", "user", "action", "enable"), fault.PolicyNameBlank, nil},
		{write("p$", "scope", "user", "action", "enable"), fault.PolicyNameInvalid, nil},
		{write("d", "scope", "webui", "action", "realm_dropdown=realm1 nosuch"), fault.RealmDropdown, []any{[]string{"nosuch"}}},
		{conditions("userinfo"), fault.PolicyConditionSize, nil},
		{conditions("nosuch", "k", "equals", "v", true), fault.PolicyCondition, nil},
		{conditions("userinfo", "k", "equals", "v", "true"), fault.PolicyCondition, nil},
	} {
		_, err := manage.SetPolicy(t.Context(), o.admin(), o.desk(), x.in)
		isFault(t, err, x.kind, x.args...)
	}
	if list, err := manage.Policies(t.Context(), o.admin(), manage.PolicyFilter{}); err != nil || len(list) != 0 {
		t.Errorf("%d policies are there, %v", len(list), err)
	}
}

func TestWhatWasStoredIsNotBlamedOnTheRequest(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.realm("sales", "reso1")
	o.policy("p", "user", "enable", func(p *manage.PolicyText) { p.Realm = text("sales") })
	_, err := manage.DeleteRealm(t.Context(), o.console(), manage.Rules{}, manage.RealmEnd{Name: "sales", From: o.store})
	o.must(err)
	o.policy("p", "user", "enable, disable", nil)
	if got := o.stored("p").Realms; !slices.Equal(got, []string{"sales"}) {
		t.Errorf("realms are %v", got)
	}
}

func TestEduMFAPolicies(t *testing.T) {
	t.Parallel()
	o := open(t)
	desk := o.edumfa()
	for _, x := range []struct {
		in    manage.PolicyText
		wants string
	}{
		{manage.PolicyText{Name: "p", Action: text("*"), Scope: text("admin")}, "realm"},
		{manage.PolicyText{Name: "p", Realm: text(""), Scope: text("admin")}, "action"},
		{manage.PolicyText{Name: "p", Realm: text(""), Scope: text("user")}, "action"},
		{manage.PolicyText{Name: "p", Realm: text(""), Action: text("*")}, "scope"},
	} {
		_, err := manage.SetPolicy(t.Context(), o.admin(), desk, x.in)
		isFault(t, err, fault.ParameterMissing, x.wants)
	}
	_, err := manage.SetPolicy(t.Context(), o.admin(), desk, manage.PolicyText{Name: "a b", Realm: text("nosuch"), Scope: text("user"),
		Action: text("whatever"), CheckAllResolvers: text("1"), Priority: text("5")})
	o.must(err)
	_, err = manage.SwitchPolicy(t.Context(), o.admin(), desk.Rules, "a b", false)
	o.must(err)
	if p := o.stored("a b"); p.Active || p.CheckAllResolvers || p.Priority != 5 {
		t.Errorf("switched off it is %+v", p)
	}
}

func TestRenameSwitchDelete(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.policy("one", "authentication", "otppin=none", func(p *manage.PolicyText) { p.CheckAllResolvers = text("1"); p.Description = text("d") })
	o.policy("three", "enrollment", "tokenlabel=x", nil)
	before := o.stored("one")
	id, err := manage.RenamePolicy(t.Context(), o.admin(), o.desk(), "one", text("two"))
	o.must(err)
	if id != before.ID {
		t.Errorf("renamed, id %d became %d", before.ID, id)
	}
	_, err = manage.SwitchPolicy(t.Context(), o.admin(), manage.Rules{}, "two", false)
	o.must(err)
	before.Name, before.Active = "two", false
	if got := o.stored("two"); !reflect.DeepEqual(got, before) {
		t.Errorf("got %+v, want %+v", got, before)
	}
	if list, _ := manage.Policies(t.Context(), o.admin(), manage.PolicyFilter{Name: "one"}); len(list) != 0 {
		t.Error("the old name is still there")
	}
	for _, x := range []struct {
		from string
		to   *string
		kind fault.Kind
	}{{"nosuch", text("x"), fault.PolicyUnknown}, {"two", text("three"), fault.PolicyExists}, {"two", text("check"), fault.PolicyNameReserved},
		{"two", text("a b"), fault.PolicyNameBlank}, {"two", nil, fault.ParameterMissing}} {
		_, err := manage.RenamePolicy(t.Context(), o.admin(), o.desk(), x.from, x.to)
		isFault(t, err, x.kind)
	}
	_, err = manage.SwitchPolicy(t.Context(), o.admin(), manage.Rules{}, "nosuch", true)
	isFault(t, err, fault.PolicyNotFound, "nosuch")
	gone, err := manage.DeletePolicy(t.Context(), o.admin(), "two")
	if err != nil || gone != id {
		t.Errorf("deleted %d, %v; want %d", gone, err, id)
	}
	_, err = manage.DeletePolicy(t.Context(), o.admin(), "two")
	isFault(t, err, fault.DefinitionNotFound, "Policy")
}

func TestPolicyFilters(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.policy("Alpha", "user", "enable", func(p *manage.PolicyText) { p.Realm = text("realm1") })
	o.policy("beta", "user", "enable", func(p *manage.PolicyText) { p.Active = text("0") })
	o.policy("gamma.a", "webui", "logout_time=5", func(p *manage.PolicyText) { p.Realm = text("*, -realm1") })
	for _, x := range []struct {
		f    manage.PolicyFilter
		want string
	}{
		{manage.PolicyFilter{}, "Alpha beta gamma.a"},
		{manage.PolicyFilter{Name: "alpha"}, "Alpha"},
		{manage.PolicyFilter{Name: "*A"}, "Alpha beta gamma.a"},
		{manage.PolicyFilter{Name: "*a*a"}, "Alpha gamma.a"},
		{manage.PolicyFilter{Name: "al*ha*"}, "Alpha"},
		{manage.PolicyFilter{Name: "gammaxa"}, ""},
		{manage.PolicyFilter{Name: "*", Scope: "user"}, "Alpha beta"},
		{manage.PolicyFilter{Active: text("true")}, "Alpha gamma.a"},
		{manage.PolicyFilter{Active: text("false")}, "beta"},
		{manage.PolicyFilter{Realm: "realm1"}, "Alpha beta"},
		{manage.PolicyFilter{Realm: "other"}, "beta gamma.a"},
	} {
		list, err := manage.Policies(t.Context(), o.admin(), x.f)
		o.must(err)
		var names []string
		for _, p := range list {
			names = append(names, p.Name)
		}
		if got := strings.Join(names, " "); got != x.want {
			t.Errorf("%+v: got %q, want %q", x.f, got, x.want)
		}
	}
}

func TestExportedPoliciesComeBack(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.policy("off", "admin", "enable, disable", func(p *manage.PolicyText) {
		p.Active, p.AdminUser, p.AdminRealm, p.Description = text("0"), text("admin, root"), text("super"), text("two\nlines")
		p.Conditions = [][]any{{"userinfo", "email", "matches", ".*@example.com", true, "condition_is_false"}}
	})
	o.policy("on", "authentication", `otppin=userstore, challenge_text=Enter\, please`, func(p *manage.PolicyText) { p.User = text("a, b") })
	want := []policy.Policy{o.stored("off"), o.stored("on")}
	file, err := manage.ExportPolicies(t.Context(), o.admin(), o.desk())
	o.must(err)
	_, err = manage.DeletePolicy(t.Context(), o.admin(), "off")
	o.must(err)
	o.policy("on", "authentication", "otppin=none", nil)
	n, err := manage.ImportPolicies(t.Context(), o.admin(), o.desk(), []byte(file))
	if err != nil || n != 2 {
		t.Fatalf("%d, %v", n, err)
	}
	got := []policy.Policy{o.stored("off"), o.stored("on")}
	want[0].ID, got[0].ID = 0, 0
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestImportIsAllOrNothing(t *testing.T) {
	t.Parallel()
	o := open(t)
	file := "[good]\nscope = user\naction = {'enable': True}\n\n[bad]\nscope = user\naction = {'nosuch': True}\n"
	_, err := manage.ImportPolicies(t.Context(), o.admin(), o.desk(), []byte(file))
	isFault(t, err, fault.PolicyActionsUnknown)
	if list, _ := manage.Policies(t.Context(), o.admin(), manage.PolicyFilter{}); len(list) != 0 {
		t.Errorf("half of it was written: %v", list)
	}
	_, err = manage.ImportPolicies(t.Context(), o.admin(), o.desk(), []byte{})
	isFault(t, err, fault.PolicyFileEmpty)
	_, err = manage.ImportPolicies(t.Context(), o.admin(), o.desk(), []byte{0xff, 0xfe})
	isFault(t, err, fault.PolicyFileBinary)
}

func TestCheckPolicies(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.policy("c1", "user", "enable, disable", func(p *manage.PolicyText) { p.Realm, p.User = text("realm1"), text("hans") })
	o.policy("c2", "user", "enable", func(p *manage.PolicyText) { p.Client = text("10.0.0.0/8") })
	check := func(user, action string) manage.PolicyCheck {
		return manage.PolicyCheck{User: &user, Realm: text("realm1"), Scope: text("user"), Action: &action}
	}
	near := func(c manage.PolicyCheck) manage.PolicyCheck { c.Client = text("10.1.2.3"); return c }
	for _, x := range []struct {
		in   manage.PolicyCheck
		want string
	}{
		{check("hans", "enable"), "c1"},
		{near(check("cornelius", "enable")), "c2"},
		{near(check("hans", "enable")), "c1 c2"},
		{check("cornelius", "disable"), ""},
		{check("nobody", "enable"), ""},
	} {
		list, err := manage.CheckPolicies(t.Context(), o.admin(), manage.Rules{}, x.in)
		o.must(err)
		var names []string
		for _, p := range list {
			names = append(names, p.Name)
		}
		slices.Sort(names)
		if got := strings.Join(names, " "); got != x.want {
			t.Errorf("%s %s: got %q, want %q", *x.in.User, *x.in.Action, got, x.want)
		}
	}
	_, err := manage.CheckPolicies(t.Context(), o.admin(), manage.Rules{}, manage.PolicyCheck{User: text("x"), Realm: text("y"), Action: text("z")})
	isFault(t, err, fault.ParameterMissing, "scope")
}

func TestDefinitionsFollowTheConfiguration(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.realm("sales", "reso1")
	defs, err := manage.PolicyDefinitions(t.Context(), o.admin(), o.desk())
	o.must(err)
	values := map[string][]string{}
	for _, d := range defs[policy.Register] {
		values[d.Name] = d.Values
	}
	if !slices.Equal(values["realm"], []string{"realm1", "sales"}) || !slices.Equal(values["resolver"], []string{"reso1"}) {
		t.Errorf("scope register offers %v", values)
	}
	if again := o.desk().Catalogue.Definitions(policy.Register); len(again) == 0 {
		t.Error("no definitions")
	}
	nodes, err := manage.PolicyNodes(t.Context(), o.admin(), o.desk())
	if err != nil || !slices.Equal(nodes, []string{"node1"}) {
		t.Errorf("nodes %v, %v", nodes, err)
	}
}

func TestFreeReading(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.policy("only", "admin", "tokenlist", nil)
	isFault(t, manage.MayReadPolicies(t.Context(), o.admin(), manage.Rules{}), fault.ActionNotAllowed, "admin", "policyread")
	o.must(manage.MayReadPolicies(t.Context(), o.admin(), manage.Rules{FreeReading: true}))
	isFault(t, manage.MayReadPolicies(t.Context(), o.user("hans", "1002"), manage.Rules{FreeReading: true}), fault.RoleMissing)
}

// Two administrators change policies at once: one commit does not hold, and its
// decision is taken again from what the other has left.
func TestTwoAdministratorsAtOnce(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.policy("p", "user", "enable", nil)
	o.overtake = func() { o.policy("p", "user", "disable", func(p *manage.PolicyText) { p.User = text("hans") }) }
	_, err := manage.SwitchPolicy(t.Context(), o.admin(), manage.Rules{}, "p", false)
	o.must(err)
	p := o.stored("p")
	if p.Active || p.Actions.String() != "disable" || !slices.Equal(p.Users, []string{"hans"}) {
		t.Errorf("one of the two was lost: %+v", p)
	}
	if r := o.last(); r.Conflicts != 1 {
		t.Errorf("%d conflicts", r.Conflicts)
	}

	o.overtake = func() {
		_, err := manage.DeletePolicy(t.Context(), o.admin(), "p")
		o.must(err)
	}
	_, err = manage.SwitchPolicy(t.Context(), o.admin(), manage.Rules{}, "p", true)
	isFault(t, err, fault.PolicyNotFound)
}

// A right that was taken away while its holder was deciding is gone.
func TestARightThatIsLostMeanwhile(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.policy("mine", "admin", "policywrite", func(p *manage.PolicyText) { p.AdminUser = text("admin") })
	o.overtake = func() { o.policy("mine", "admin", "tokenlist", nil) }
	_, err := manage.SetPolicy(t.Context(), o.admin(), o.desk(), manage.PolicyText{Name: "new", Scope: text("user"), Action: text("enable")})
	isFault(t, err, fault.ActionNotAllowed, "admin", "policywrite")
	if list, _ := manage.Policies(t.Context(), o.console(), manage.PolicyFilter{Name: "new"}); len(list) != 0 {
		t.Error("it was written all the same")
	}
}
