package manage_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"symbolon/internal/fault"
	"symbolon/internal/manage"
	"symbolon/internal/realm"
	"symbolon/internal/token"
)

// realms shows what is configured, as "realm1*[reso1] sales[reso1 reso2:5]".
func (o *office) realms() string {
	o.t.Helper()
	list, err := manage.Realms(o.t.Context(), o.console())
	o.must(err)
	var out []string
	for _, r := range list {
		var links []string
		for _, l := range r.Links {
			s := l.Resolver
			if l.Node != "" {
				s += "@" + l.Node
			}
			if l.Priority != nil {
				s += fmt.Sprintf(":%d", *l.Priority)
			}
			links = append(links, s)
		}
		mark := ""
		if r.Default {
			mark = "*"
		}
		out = append(out, r.Name+mark+"["+strings.Join(links, " ")+"]")
	}
	return strings.Join(out, " ")
}

func TestSetRealm(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.resolver("reso2", "fileName", o.file)
	for _, x := range []struct {
		in            manage.RealmInput
		added, failed string
		want          string
	}{
		{manage.RealmInput{Name: "sales", Resolvers: []string{"reso1", "nosuch", " reso1 "}}, "reso1", "nosuch", "realm1*[reso1] sales[reso1]"},
		{manage.RealmInput{Name: "Sales ", Resolvers: []string{"reso2", "reso1"}, Priorities: map[string]string{"reso1": " 5", "reso2": "", "x": "y"}},
			"reso2 reso1", "", "realm1*[reso1] sales[reso1:5 reso2]"},
		{manage.RealmInput{Name: "sales", Node: "node1", Resolvers: []string{"reso1"}, Priorities: map[string]string{"reso1": "1"}},
			"reso1", "", "realm1*[reso1] sales[reso1:5 reso1@node1:1 reso2]"},
		{manage.RealmInput{Name: "SALES", Resolvers: []string{"nosuch"}}, "", "nosuch", "realm1*[reso1] sales[reso1@node1:1]"},
		{manage.RealmInput{Name: "sales", Node: "node1", Resolvers: []string{}}, "", "", "realm1*[reso1] sales[]"},
		{manage.RealmInput{Name: "my realm", Resolvers: []string{}}, "", "", "my-realm[] realm1*[reso1] sales[]"},
	} {
		out, err := manage.SetRealm(t.Context(), o.admin(), x.in)
		o.must(err)
		if strings.Join(out.Added, " ") != x.added || strings.Join(out.Failed, " ") != x.failed {
			t.Errorf("%+v: %+v", x.in, out)
		}
		if got := o.realms(); got != x.want {
			t.Errorf("%+v:\n got %s\nwant %s", x.in, got, x.want)
		}
	}
	if r := o.last(); r.Realm != "my-realm" || !r.Success {
		t.Errorf("the record says %+v", r)
	}
}

func TestRealmsThatAreNotSet(t *testing.T) {
	t.Parallel()
	o := open(t)
	for _, x := range []struct {
		in   manage.RealmInput
		kind fault.Kind
		args []any
	}{
		{manage.RealmInput{Name: "x"}, fault.ParameterMissing, []any{"resolvers"}},
		{manage.RealmInput{Name: "a/b", Resolvers: []string{"reso1"}}, fault.NameInvalid, []any{"a/b"}},
		{manage.RealmInput{Name: " ", Resolvers: []string{"reso1"}}, fault.NameInvalid, nil},
		{manage.RealmInput{Name: "x", Node: "elsewhere", Resolvers: []string{"reso1"}}, fault.NodeUnknown, nil},
		{manage.RealmInput{Name: "x", Resolvers: []string{"reso1"}, Priorities: map[string]string{"reso1": "high"}}, fault.NotANumber, []any{"priority.reso1"}},
	} {
		_, err := manage.SetRealm(t.Context(), o.admin(), x.in)
		isFault(t, err, x.kind, x.args...)
	}
	if got := o.realms(); got != "realm1*[reso1]" {
		t.Errorf("now there are %s", got)
	}
}

func TestDefaultRealm(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.realm("sales", "reso1")
	id, err := manage.SetDefaultRealm(t.Context(), o.admin(), "Sales")
	o.must(err)
	if got := o.realms(); got != "realm1[reso1] sales*[reso1]" {
		t.Errorf("now there are %s", got)
	}
	if r, err := manage.DefaultRealm(t.Context(), o.admin()); err != nil || r == nil || r.Name != "sales" || r.ID != id || r.Links[0].Type != "passwdresolver" {
		t.Errorf("the default is %+v, %v", r, err)
	}
	_, err = manage.SetDefaultRealm(t.Context(), o.admin(), "nosuch")
	isFault(t, err, fault.DefinitionNotFound, "Realm")
	former, err := manage.DeleteDefaultRealm(t.Context(), o.admin())
	if err != nil || former != id {
		t.Errorf("the former default is %d, %v; want %d", former, err, id)
	}
	if r, err := manage.DefaultRealm(t.Context(), o.admin()); err != nil || r != nil {
		t.Errorf("the default is %+v, %v", r, err)
	}
	if former, err = manage.DeleteDefaultRealm(t.Context(), o.admin()); err != nil || former != 0 {
		t.Errorf("the former default is %d, %v", former, err)
	}
}

func TestDeleteRealm(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.realm("sales", "reso1")
	o.realm("other", "reso1")
	o.token(1, token.Owner{UserID: "1002", Resolver: "reso1", Realm: "sales"}, "sales")
	o.token(2, token.Owner{UserID: "1000", Resolver: "reso1", Realm: "realm1"}, "realm1", "sales", "other")
	_, err := manage.DeleteRealm(t.Context(), o.admin(), manage.Rules{}, manage.RealmEnd{Name: "sales", From: o.store})
	isFault(t, err, fault.RealmInUse)
	if got := o.realms(); got != "other[reso1] realm1*[reso1] sales[reso1]" {
		t.Errorf("now there are %s", got)
	}
	if t2, _ := o.store.TokenBySerial(t.Context(), "T2"); len(t2.Realms) != 3 {
		t.Errorf("a refused request took a token out of realms: %v", t2.Realms)
	}
	_, err = manage.DeleteRealm(t.Context(), o.admin(), manage.Rules{UsedRealms: true}, manage.RealmEnd{Name: "SALES", From: o.store})
	o.must(err)
	for serial, want := range map[string][]string{"T1": {}, "T2": {"other", "realm1"}} {
		if tok, err := o.store.TokenBySerial(t.Context(), serial); err != nil || !slices.Equal(tok.Realms, want) {
			t.Errorf("%s is in %v, %v", serial, tok.Realms, err)
		}
	}
	_, err = manage.DeleteRealm(t.Context(), o.admin(), manage.Rules{}, manage.RealmEnd{Name: "sales", From: o.store})
	isFault(t, err, fault.DefinitionNotFound, "Realm")

	// The last one that is left after the default becomes it.
	_, err = manage.DeleteRealm(t.Context(), o.admin(), manage.Rules{UsedRealms: true}, manage.RealmEnd{Name: "realm1", From: o.store})
	o.must(err)
	if got := o.realms(); got != "other*[reso1]" {
		t.Errorf("now there are %s", got)
	}
}

func TestDeleteRealmWithRevokedTokens(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.realm("sales", "reso1")
	o.token(1, token.Owner{}, "sales")
	o.token(2, token.Owner{}, "sales")
	o.must(o.store.Commit(t.Context(), token.Commit{Changes: []token.Change{token.Revoke{Token: 1}}}))
	_, err := manage.DeleteRealm(t.Context(), o.admin(), manage.Rules{}, manage.RealmEnd{Name: "sales", From: o.store})
	o.must(err)
	if t2, _ := o.store.TokenBySerial(t.Context(), "T2"); len(t2.Realms) != 0 {
		t.Errorf("T2 is in %v", t2.Realms)
	}
}

// A user gets a token while his realm is being deleted: the realm stays.
func TestRealmIsTakenWhileItIsDeleted(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.realm("sales", "reso1")
	o.token(2, token.Owner{}, "sales")
	o.overtake = func() { o.token(1, token.Owner{UserID: "1002", Resolver: "reso1", Realm: "sales"}) }
	_, err := manage.DeleteRealm(t.Context(), o.admin(), manage.Rules{}, manage.RealmEnd{Name: "sales", From: o.store})
	isFault(t, err, fault.RealmInUse)
	if got := o.realms(); got != "realm1*[reso1] sales[reso1]" {
		t.Errorf("now there are %s", got)
	}
	if t2, _ := o.store.TokenBySerial(t.Context(), "T2"); len(t2.Realms) != 1 {
		t.Errorf("half of it was done: T2 is in %v", t2.Realms)
	}
}

func TestResolverIsDeletedWhileARealmGetsIt(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.resolver("reso2", "fileName", o.file)
	o.overtake = func() {
		_, err := manage.DeleteResolver(t.Context(), o.admin(), "reso2")
		o.must(err)
	}
	out, err := manage.SetRealm(t.Context(), o.admin(), manage.RealmInput{Name: "sales", Resolvers: []string{"reso1", "reso2"}})
	o.must(err)
	if !slices.Equal(out.Added, []string{"reso1"}) || !slices.Equal(out.Failed, []string{"reso2"}) {
		t.Errorf("%+v", out)
	}
	if got := o.realms(); got != "realm1*[reso1] sales[reso1]" {
		t.Errorf("now there are %s", got)
	}
}

func TestRealmsAnAdministratorSees(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.realm("sales", "reso1")
	o.realm("helpdesk", "reso1")
	see := func() string {
		list, err := manage.Realms(t.Context(), o.helper())
		o.must(err)
		var names []string
		for _, r := range list {
			names = append(names, r.Name)
		}
		return strings.Join(names, " ")
	}
	all := "helpdesk realm1 sales"
	if got := see(); got != all {
		t.Errorf("without policies: %s", got)
	}
	o.policy("super", "admin", "*", func(p *manage.PolicyText) { p.AdminUser = text("admin") })
	if got := see(); got != all {
		t.Errorf("when none matches: %s", got)
	}
	o.policy("help", "admin", "enable", func(p *manage.PolicyText) { p.AdminRealm, p.Realm = text("helpdesk"), text("realm1") })
	if got := see(); got != "realm1" {
		t.Errorf("when one names a realm: %s", got)
	}
	o.policy("more", "admin", "disable", func(p *manage.PolicyText) { p.AdminRealm, p.Realm = text("helpdesk"), text("*, -helpdesk") })
	if got := see(); got != "realm1 sales" {
		t.Errorf("when another excludes a realm: %s", got)
	}
	o.policy("wide", "admin", "disable", func(p *manage.PolicyText) { p.AdminRealm = text("helpdesk") })
	if got := see(); got != all {
		t.Errorf("when one names none: %s", got)
	}
	for _, s := range []realm.Actor{{}, {Role: realm.Owner, User: realm.User{Login: "hans", ID: "1"}}} {
		_, err := manage.Realms(t.Context(), o.as(s))
		isFault(t, err, fault.RoleMissing)
		_, err = manage.DefaultRealm(t.Context(), o.as(s))
		isFault(t, err, fault.RoleMissing)
	}
}
