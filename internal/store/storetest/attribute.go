package storetest

import (
	"context"
	"testing"

	"symbolon/internal/token"
)

// attributes covers what is noted of users: each change is conditional on the
// value that was read.
func attributes(t *testing.T, d *desk) {
	hans := token.Owner{UserID: "1002", Resolver: "reso1", Realm: "realm1"}
	other := token.Owner{UserID: "1002", Resolver: "reso1", Realm: "realm2"}
	want := func(o token.Owner, list ...token.Attribute) {
		t.Helper()
		got, err := d.plain.Attributes(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "attributes", got, list)
	}
	red, blue := &token.Entry{Text: "red"}, &token.Entry{Text: "blue", Type: "colour"}
	set := func(o token.Owner, from, to *token.Entry) token.SetAttribute {
		return token.SetAttribute{ID: 7, Owner: o, Key: "colour", From: from, To: to}
	}
	want(hans)
	d.misses(t, set(hans, red, blue))
	d.holds(t, set(hans, nil, red))
	d.misses(t, set(hans, nil, blue))
	d.misses(t, set(hans, blue, red))
	d.misses(t, set(other, red, blue))
	want(hans, token.Attribute{ID: 7, Owner: hans, Key: "colour", Entry: *red})
	d.holds(t, set(hans, red, blue))
	want(hans, token.Attribute{ID: 7, Owner: hans, Key: "colour", Entry: *blue})
	want(other)
	anna := token.Owner{UserID: "1", Resolver: "reso1", Realm: "realm1"}
	d.holds(t, token.SetAttribute{ID: 8, Owner: anna, Key: "a", To: red})
	want(token.Owner{Resolver: "reso1", Realm: "realm1"}, token.Attribute{ID: 8, Owner: anna, Key: "a", Entry: *red},
		token.Attribute{ID: 7, Owner: hans, Key: "colour", Entry: *blue})
	if keys, err := d.plain.AttributeKeys(context.Background(), "realm1"); err != nil || len(keys) != 2 || keys[0] != "a" || keys[1] != "colour" {
		t.Errorf("keys %v, %v", keys, err)
	}
	d.misses(t, token.ForgetAttributes{Realm: "realm1"})
	d.holds(t, token.ForgetAttributes{Realm: "realm2"})
	d.holds(t, token.ForgetAttributes{Realm: "realm2", Any: true})
	want(anna, token.Attribute{ID: 8, Owner: anna, Key: "a", Entry: *red})
	d.misses(t, set(hans, red, nil))
	d.holds(t, set(hans, blue, nil))
	d.holds(t, set(hans, nil, nil))
	d.holds(t, token.ForgetAttributes{Realm: "realm1", Any: true})
	d.holds(t, token.ForgetAttributes{Realm: "realm1"})
	want(anna)
	want(hans)
}
