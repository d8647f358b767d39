package manage_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"symbolon/internal/audit"
	"symbolon/internal/authn"
	"symbolon/internal/fault"
	"symbolon/internal/manage"
	"symbolon/internal/realm"
	"symbolon/internal/token"
)

// who lists users as "realm1/hans".
func who(t *testing.T, s *authn.Session, rules manage.Rules, q manage.UserSearch) string {
	t.Helper()
	list, err := manage.Users(t.Context(), s, rules, q)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, u := range list {
		out = append(out, u.Realm+"/"+u.Info["username"])
	}
	return strings.Join(out, " ")
}

func search(pairs ...string) manage.UserSearch {
	q := manage.UserSearch{Keys: map[string]string{}}
	for i := 0; i < len(pairs); i += 2 {
		q.Keys[pairs[i]] = pairs[i+1]
	}
	return q
}

func TestListUsers(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.realm("sales", "reso1")
	within := func(q manage.UserSearch, realms ...string) manage.UserSearch { q.Realms = realms; return q }
	paged := func(page, size string) manage.UserSearch {
		return manage.UserSearch{Realms: []string{"realm1"}, Page: &page, Size: &size}
	}
	for _, x := range []struct {
		q    manage.UserSearch
		want string
	}{
		{within(search(), "realm1"), "realm1/cornelius realm1/selfservice realm1/hans realm1/nönäscii"},
		{search("username", "hans"), "realm1/hans sales/hans"},
		{within(search("username", "*s*"), "REALM1"), "realm1/cornelius realm1/selfservice realm1/hans realm1/nönäscii"},
		{within(search("username", "h*"), "realm1", "realm1"), "realm1/hans"},
		{within(search("email", "self@example.com", "nonce", "n", "client", "c"), "realm1"), "realm1/selfservice"},
		{within(search("surname", "Meier"), "realm1"), ""},
		{within(search(), "nosuch"), ""},
		{within(search("username", "hans"), "nosuch", "sales"), "sales/hans"},
		{manage.UserSearch{Resolver: "nosuch"}, ""},
		{manage.UserSearch{Realms: []string{}}, ""},
		{paged("2", "3"), "realm1/nönäscii"},
		{paged("9", "3"), ""},
		{paged("0", "-1"), "realm1/cornelius realm1/selfservice realm1/hans realm1/nönäscii"},
	} {
		if got := who(t, o.admin(), manage.Rules{}, x.q); got != x.want {
			t.Errorf("%+v: got %q, want %q", x.q, got, x.want)
		}
	}
	_, err := manage.Users(t.Context(), o.admin(), manage.Rules{}, manage.UserSearch{Page: text("x")})
	isFault(t, err, fault.NotANumber, "page")
}

func TestWhatAListSaysOfAUser(t *testing.T) {
	t.Parallel()
	o := open(t)
	q := search("username", "hans")
	list, err := manage.Users(t.Context(), o.admin(), manage.Rules{}, q)
	o.must(err)
	u := list[0]
	if u.Realm != "realm1" || u.Resolver != "reso1" || u.Editable || u.Info["userid"] != "1002" || u.Info["mobile"] != "+49 561 3" || u.Info["cryptpass"] != "" {
		t.Errorf("got %+v", u)
	}
	q.Attributes = []string{"username", "email", "cryptpass"}
	list, err = manage.Users(t.Context(), o.admin(), manage.Rules{}, q)
	o.must(err)
	if got := slices.Sorted(maps.Keys(list[0].Info)); !slices.Equal(got, []string{"email", "username"}) {
		t.Errorf("got %v", got)
	}
}

// A store that cannot be asked costs its users alone, and what it tells of
// passwords goes no further.
func TestListsOfOtherStores(t *testing.T) {
	t.Parallel()
	o := open(t)
	for name, typ := range map[string]string{"sql1": "sqlresolver", "ldap1": "ldapresolver"} {
		_, err := manage.SetResolver(t.Context(), o.console(), manage.ResolverInput{Name: name, Type: &typ})
		o.must(err)
	}
	o.realm("staff", "ldap1", "sql1")
	s := o.admin()
	list, err := manage.Users(t.Context(), s, manage.Rules{}, manage.UserSearch{Realms: []string{"staff"}})
	o.must(err)
	if len(list) != 1 || !list[0].Editable || !maps.Equal(list[0].Info, realm.Info{"username": "anna", "userid": "1"}) {
		t.Errorf("got %+v", list)
	}
	s.End(t.Context(), nil)
	o.must(o.store.Commit(t.Context(), token.Commit{Record: &audit.Record{Action: "LAST"}}))
	p, err := manage.Audit(t.Context(), o.admin(), manage.Rules{}, o.store, columns("action", "TEST"))
	o.must(err)
	if last := p.Rows[len(p.Rows)-1]; len(last.Trace) == 0 || last.Trace[len(last.Trace)-1].Object != "ldap1" {
		t.Errorf("the trace says %+v", last.Trace)
	}
}

func TestRealmsWhoseUsersAreListed(t *testing.T) {
	t.Parallel()
	o := open(t)
	for _, r := range []string{"helpdesk", "sales", "work"} {
		o.realm(r, "reso1")
	}
	o.policy("super", "admin", "*", func(p *manage.PolicyText) { p.AdminUser = text("admin") })
	hans := search("username", "hans")
	o.policy("help", "admin", "userlist", func(p *manage.PolicyText) { p.AdminRealm, p.Realm = text("helpdesk"), text("realm1, sales") })
	if got := who(t, o.helper(), manage.Rules{}, hans); got != "realm1/hans sales/hans" {
		t.Errorf("got %q", got)
	}
	if got := who(t, o.helper(), manage.Rules{FirstRealm: true}, hans); got != "realm1/hans" {
		t.Errorf("got %q", got)
	}
	o.policy("help2", "admin", "userlist", func(p *manage.PolicyText) { p.AdminRealm, p.Realm = text("helpdesk"), text("*, -work, -helpdesk") })
	if got := who(t, o.helper(), manage.Rules{}, hans); got != "realm1/hans sales/hans" {
		t.Errorf("with an exclusion: got %q", got)
	}
	for _, named := range [][]string{{"work"}, {"realm1", "work"}} {
		q := hans
		q.Realms = named
		_, err := manage.Users(t.Context(), o.helper(), manage.Rules{}, q)
		isFault(t, err, fault.ActionNotAllowed, "admin", "userlist")
	}
	if got := who(t, o.admin(), manage.Rules{}, hans); got != "helpdesk/hans realm1/hans sales/hans work/hans" {
		t.Errorf("got %q", got)
	}
}

func TestAUserListsHimself(t *testing.T) {
	t.Parallel()
	o := open(t)
	q := search("username", "cornelius")
	q.Realms, q.Resolver = []string{"nosuch"}, "nosuch"
	if got := who(t, o.user("hans", "1002"), manage.Rules{}, q); got != "realm1/hans" {
		t.Errorf("got %q", got)
	}
	o.policy("u", "user", "disable", nil)
	_, err := manage.Users(t.Context(), o.user("hans", "1002"), manage.Rules{}, manage.UserSearch{})
	isFault(t, err, fault.ActionNotAllowed, "user", "userlist")
}

func TestUsersAreNotWritten(t *testing.T) {
	t.Parallel()
	o := open(t)
	in := func(login, resolver *string) manage.UserInput {
		return manage.UserInput{Login: login, Resolver: resolver}
	}
	for _, x := range []struct {
		in   manage.UserInput
		kind fault.Kind
		arg  string
	}{
		{in(nil, text("reso1")), fault.ParameterMissing, "user"},
		{in(text("x"), nil), fault.ParameterMissing, "resolver"},
		{in(text("x"), text("nosuch")), fault.ResolverUnknown, "nosuch"},
		{in(text("x"), text("reso1")), fault.ResolverNotEditable, "reso1"},
	} {
		isFault(t, manage.AddUser(t.Context(), o.admin(), x.in), x.kind, x.arg)
		_, err := manage.UpdateUser(t.Context(), o.admin(), x.in)
		isFault(t, err, x.kind, x.arg)
	}
	_, err := manage.UpdateUser(t.Context(), o.user("hans", "1002"), in(text("cornelius"), text("nosuch")))
	isFault(t, err, fault.ResolverNotEditable, "reso1")
	if deleted, err := manage.DeleteUser(t.Context(), o.admin(), "reso1", "hans"); deleted || err != nil {
		t.Errorf("deleted %t, %v", deleted, err)
	}
	if r := o.last(); r.Success || r.User != "hans" || r.Resolver != "reso1" {
		t.Errorf("the record says %+v", r)
	}
	_, err = manage.DeleteUser(t.Context(), o.admin(), "nosuch", "hans")
	isFault(t, err, fault.ResolverUnknown, "nosuch")
}
