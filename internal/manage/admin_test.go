package manage_test

import (
	"strings"
	"testing"
	"time"

	"symbolon/internal/fault"
	"symbolon/internal/manage"
)

func (o *office) adminMatches(name, password string) bool {
	o.t.Helper()
	ok, _, err := o.ring.CheckAdmin(o.t.Context(), o.engine.Site().Admins[name].Hash, *bytes(password))
	o.must(err)
	return ok
}

func TestAdmins(t *testing.T) {
	t.Parallel()
	o := open(t)
	created, err := manage.SetAdmin(t.Context(), o.console(), o.ring, manage.AdminInput{Name: "anna", Password: bytes("first"), Email: text(" a@example.com ")})
	if err != nil || !created || !o.adminMatches("anna", "first") {
		t.Fatalf("created %t, %v", created, err)
	}
	first := o.now
	o.now = o.now.Add(time.Hour)
	created, err = manage.SetAdmin(t.Context(), o.console(), o.ring, manage.AdminInput{Name: "anna", Email: text("b@example.com")})
	if a := o.engine.Site().Admins["anna"]; err != nil || created || !a.Since.Equal(first) || a.Email != "b@example.com" || !o.adminMatches("anna", "first") {
		t.Errorf("another address: %+v, %v", a, err)
	}
	created, err = manage.SetAdmin(t.Context(), o.console(), o.ring, manage.AdminInput{Name: "anna", Password: bytes("second")})
	if a := o.engine.Site().Admins["anna"]; err != nil || created || !a.Since.Equal(o.now) || a.Email != "b@example.com" ||
		o.adminMatches("anna", "first") || !o.adminMatches("anna", "second") {
		t.Errorf("another password: %+v, %v", a, err)
	}
	if r := o.last(); !r.Success || r.Detail != "administrator anna" || strings.Contains(r.Text, "second") {
		t.Errorf("the record says %+v", r)
	}
}

// Two at the machine make an administrator of one name: the first one's password
// stays.
func TestNewAdminWhoIsThereByThen(t *testing.T) {
	t.Parallel()
	o := open(t)
	add := func(password string) error {
		_, err := manage.SetAdmin(t.Context(), o.console(), o.ring, manage.AdminInput{Name: "anna", Password: bytes(password), New: true})
		return err
	}
	o.overtake = func() { o.must(add("first")) }
	isFault(t, add("second"), fault.AdminTaken, "anna")
	if !o.adminMatches("anna", "first") {
		t.Error("the first one's password is gone")
	}
}

func TestAdminsThatAreNotSet(t *testing.T) {
	t.Parallel()
	o := open(t)
	for _, x := range []struct {
		in   manage.AdminInput
		kind fault.Kind
	}{
		{manage.AdminInput{Password: bytes("x")}, fault.ParameterMissing},
		{manage.AdminInput{Name: "new"}, fault.ParameterMissing},
		{manage.AdminInput{Name: "new", Password: bytes("")}, fault.ParameterEmpty},
		{manage.AdminInput{Name: "a b", Password: bytes("x")}, fault.NameInvalid},
		{manage.AdminInput{Name: "a@realm1", Password: bytes("x")}, fault.NameInvalid},
		{manage.AdminInput{Name: strings.Repeat("a", 121), Password: bytes("x")}, fault.NameInvalid},
	} {
		_, err := manage.SetAdmin(t.Context(), o.console(), o.ring, x.in)
		isFault(t, err, x.kind)
	}
	if n := len(o.engine.Site().Admins); n != 0 {
		t.Errorf("%d administrators", n)
	}
}
