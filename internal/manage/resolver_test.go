package manage_test

import (
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"testing"

	"symbolon/internal/fault"
	"symbolon/internal/manage"
)

func (o *office) shown(f manage.ResolverFilter) map[string]manage.ListedResolver {
	o.t.Helper()
	list, err := manage.Resolvers(o.t.Context(), o.admin(), f)
	o.must(err)
	out := map[string]manage.ListedResolver{}
	for _, r := range list {
		out[r.Name] = r
	}
	return out
}

// sealed opens what is stored of a resolver's secret.
func (o *office) sealed(resolver, key string) string {
	o.t.Helper()
	raw, err := base64.StdEncoding.DecodeString(o.engine.Site().Resolvers[resolver].Params[key])
	o.must(err)
	open, err := o.ring.OpenText("resolver", raw)
	o.must(err)
	return open.RevealText()
}

func TestResolverSecrets(t *testing.T) {
	t.Parallel()
	o := open(t)
	ldap := func(params map[string]string) (int64, error) {
		return manage.SetResolver(t.Context(), o.admin(), manage.ResolverInput{Name: "l1", Type: text("ldapresolver"), Params: params})
	}
	id, err := ldap(map[string]string{"BINDDN": "cn=a", "BINDPW": "hush", "LDAPURI": "ldap://127.0.0.1", "nonce": "n", "client": "c",
		"session": "s", "type": "ldapresolver", "type.BINDPW": "password", "BINDPW.desc": "d", "resolver": "l1"})
	o.must(err)
	r := o.shown(manage.ResolverFilter{Name: "l1"})["l1"]
	want := map[string]string{"BINDDN": "cn=a", "BINDPW": manage.Censored, "LDAPURI": "ldap://127.0.0.1"}
	if r.ID != id || !maps.Equal(r.Params, want) || !slices.Equal(r.Censored, []string{"BINDPW"}) {
		t.Errorf("shown is %+v", r)
	}
	if got := o.sealed("l1", "BINDPW"); got != "hush" {
		t.Errorf("sealed is %q", got)
	}
	if again, err := ldap(map[string]string{"BINDPW": manage.Censored, "LDAPURI": ""}); err != nil || again != id {
		t.Errorf("changed, id %d became %d, %v", id, again, err)
	}
	if got := o.sealed("l1", "BINDPW"); got != "hush" {
		t.Errorf("the placeholder changed the secret to %q", got)
	}
	r = o.shown(manage.ResolverFilter{Name: "l1"})["l1"]
	if _, there := r.Params["LDAPURI"]; there || r.Params["BINDDN"] != "cn=a" {
		t.Errorf("parameters are %v: the empty one goes, the one not sent stays", r.Params)
	}
	_, err = ldap(map[string]string{"BINDPW": ""})
	o.must(err)
	if r = o.shown(manage.ResolverFilter{Name: "l1"})["l1"]; len(r.Censored) != 0 {
		t.Errorf("censored are %v", r.Censored)
	}
	if rec := o.last(); rec.Resolver != "l1" || strings.Contains(rec.Detail+rec.Text, "hush") {
		t.Errorf("the record says %+v", rec)
	}
}

func TestResolversThatAreNotWritten(t *testing.T) {
	t.Parallel()
	o := open(t)
	for _, x := range []struct {
		in   manage.ResolverInput
		kind fault.Kind
		args []any
	}{
		{manage.ResolverInput{Name: "x"}, fault.ParameterMissing, []any{"type"}},
		{manage.ResolverInput{Name: "x", Type: text("oracle")}, fault.ResolverTypeUnknown, []any{"oracle"}},
		{manage.ResolverInput{Name: "a b", Type: text("passwdresolver")}, fault.NameInvalid, []any{"a b"}},
		{manage.ResolverInput{Name: "RESO1", Type: text("ldapresolver")}, fault.ResolverTypeDiffers, []any{"reso1"}},
	} {
		_, err := manage.SetResolver(t.Context(), o.admin(), x.in)
		isFault(t, err, x.kind, x.args...)
	}
	if got := o.shown(manage.ResolverFilter{}); len(got) != 1 {
		t.Errorf("now there are %v", got)
	}
}

func TestResolverNamesThatDifferByCase(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.resolver("RESO1", "fileName", "/nowhere")
	if got := o.shown(manage.ResolverFilter{}); len(got) != 1 || got["reso1"].Params["fileName"] != "/nowhere" {
		t.Errorf("now there are %v", got)
	}
}

func TestResolverFilters(t *testing.T) {
	t.Parallel()
	o := open(t)
	_, err := manage.SetResolver(t.Context(), o.admin(), manage.ResolverInput{Name: "sql1", Type: text("sqlresolver"), Params: map[string]string{"Editable": "1"}})
	o.must(err)
	for _, x := range []struct {
		f    manage.ResolverFilter
		want string
	}{
		{manage.ResolverFilter{}, "reso1 sql1"}, {manage.ResolverFilter{Type: "sqlresolver"}, "sql1"},
		{manage.ResolverFilter{Editable: text("1")}, "sql1"}, {manage.ResolverFilter{Editable: text("0")}, "reso1"},
		{manage.ResolverFilter{Name: "nosuch"}, ""}, {manage.ResolverFilter{Name: "sql1", Type: "passwdresolver"}, ""},
	} {
		if got := strings.Join(slices.Sorted(maps.Keys(o.shown(x.f))), " "); got != x.want {
			t.Errorf("%+v: got %q, want %q", x.f, got, x.want)
		}
	}
}

func TestDeleteResolver(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.resolver("reso2", "fileName", o.file)
	_, err := manage.DeleteResolver(t.Context(), o.admin(), "reso1")
	isFault(t, err, fault.ResolverInUse, "reso1", "realm1")
	want := o.shown(manage.ResolverFilter{})["reso2"].ID
	if id, err := manage.DeleteResolver(t.Context(), o.admin(), "reso2"); err != nil || id != want {
		t.Errorf("deleted %d, %v; want %d", id, err, want)
	}
	if id, err := manage.DeleteResolver(t.Context(), o.admin(), "reso2"); err != nil || id != -1 {
		t.Errorf("deleted again %d, %v", id, err)
	}
}

func TestTestResolver(t *testing.T) {
	t.Parallel()
	o := open(t)
	ok, possible, err := manage.TestResolver(t.Context(), o.admin(), manage.ResolverInput{Type: text("passwdresolver")})
	if ok || possible || err != nil {
		t.Errorf("%t %t %v", ok, possible, err)
	}
	_, _, err = manage.TestResolver(t.Context(), o.admin(), manage.ResolverInput{Type: text("nosuch")})
	isFault(t, err, fault.ResolverTypeUnknown)
}
