package storetest

import (
	"context"
	"errors"
	"testing"

	"symbolon/internal/token"
)

func definitions(t *testing.T, d *desk) {
	ctx := context.Background()
	var want []token.Definition
	version, list, err := d.store.Definitions(ctx)
	if err != nil || len(list) != 0 {
		t.Fatalf("a new database has definitions: %v, %v", list, err)
	}
	check := func() {
		t.Helper()
		v, list, err := d.store.Definitions(ctx)
		if err != nil || v != version {
			t.Fatalf("version %d, %v; want %d", v, err, version)
		}
		same(t, "definitions", list, want)
	}
	policy := token.Definition{Kind: token.PolicyKind, Name: "p", ID: 11, Body: []byte(`{"a":1}`)}
	realm := token.Definition{Kind: token.RealmKind, Name: "p", ID: 12, Body: []byte(`{}`)}
	d.holds(t, token.Define{Definition: realm}, token.Define{Definition: policy}, token.AtVersion{Version: version})
	version, want = version+1, []token.Definition{policy, realm}
	check()
	for _, wrong := range []int64{version - 1, version + 1} {
		d.misses(t, token.AtVersion{Version: wrong}, token.Undefine{Kind: token.PolicyKind, Name: "p"})
	}
	check()
	changed := token.Definition{Kind: token.PolicyKind, Name: "p", ID: 99, Body: []byte(`{"a":2}`)}
	d.holds(t, token.AtVersion{Version: version}, token.Define{Definition: changed})
	changed.ID = policy.ID
	version, want = version+1, []token.Definition{changed, realm}
	check()
	d.misses(t, token.AtVersion{Version: version}, token.Define{Definition: policy}, token.Undefine{Kind: token.PolicyKind, Name: "q"})
	check()
	renamed := token.Definition{Kind: token.PolicyKind, Name: "q", ID: policy.ID, Body: changed.Body}
	d.holds(t, token.AtVersion{Version: version}, token.Undefine{Kind: token.PolicyKind, Name: "p"}, token.Define{Definition: renamed})
	version, want = version+1, []token.Definition{renamed, realm}
	check()
	for _, c := range []token.Change{token.Define{Definition: policy}, token.Undefine{Kind: token.RealmKind, Name: "p"}} {
		if _, err := d.commit(c); err == nil || errors.Is(err, token.ErrConflict) {
			t.Errorf("%v without AtVersion: %v", c, err)
		}
	}
	check()
}
