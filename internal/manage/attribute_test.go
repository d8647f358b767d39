package manage_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"symbolon/internal/fault"
	"symbolon/internal/manage"
	"symbolon/internal/realm"
	"symbolon/internal/token"
)

var hansOfRealm1 = realm.User{Login: "hans", Realm: "realm1", Resolver: "reso1", ID: "1002"}

func TestAttributesOfUsers(t *testing.T) {
	t.Parallel()
	o := open(t)
	set := func(key, value string) error {
		_, err := manage.SetAttribute(t.Context(), o.admin(), o.store, hansOfRealm1, token.Attribute{Key: key, Entry: token.Entry{Text: value}})
		return err
	}
	isFault(t, set("city", "Köln"), fault.AttributeSet, "city") // no policy, no attribute
	o.policy("a", "admin", "set_custom_user_attributes=:city: * :colour: red blue, delete_custom_user_attributes=colour, userlist", nil)
	for key, values := range map[string]map[string]bool{"city": {"Köln": true}, "colour": {"red": true, "green": false}, ".settings": {"x": false}, "shoe": {"42": false}} {
		for value, ok := range values {
			if err := set(key, value); (err == nil) != ok {
				t.Errorf("%s=%s: %v", key, value, err)
			}
		}
	}
	all, err := manage.UserAttributes(t.Context(), o.admin(), o.store, hansOfRealm1)
	if err != nil || !maps.Equal(all, map[string]string{"city": "Köln", "colour": "red"}) {
		t.Errorf("got %v, %v", all, err)
	}
	// What is noted is known of the user everywhere, and wins over his resolver.
	if info, ok, err := o.engine.Site().Users.Info(t.Context(), hansOfRealm1); err != nil || !ok || info["city"] != "Köln" || info["givenname"] != "Hans" {
		t.Errorf("got %v, %v", info, err)
	}
	for noted, want := range map[bool]string{true: "Köln", false: ""} {
		list, err := manage.Users(t.Context(), o.admin(), manage.Rules{}, manage.UserSearch{Keys: map[string]string{"username": "hans"}, Noted: noted})
		if err != nil || len(list) != 1 || list[0].Info["city"] != want {
			t.Errorf("noted %v: got %v, %v", noted, list, err)
		}
	}
	e, err := manage.EditableAttributes(t.Context(), o.admin(), hansOfRealm1)
	if err != nil || fmt.Sprint(e) != "{map[city:[*] colour:[blue red]] [colour]}" {
		t.Errorf("got %v, %v", e, err)
	}
	_, err = manage.DeleteAttribute(t.Context(), o.admin(), o.store, hansOfRealm1, "city")
	isFault(t, err, fault.AttributeDelete, "city")
	for _, want := range []int{1, 0} {
		if n, err := manage.DeleteAttribute(t.Context(), o.admin(), o.store, hansOfRealm1, "colour"); err != nil || n != want {
			t.Errorf("deleted %d, %v", n, err)
		}
	}
}

func TestRealmWithAttributesOfItsUsers(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.policy("a", "admin", "set_custom_user_attributes=:*: *, resolverdelete, resolverwrite", nil)
	o.realm("sales", "reso1")
	hans := hansOfRealm1
	hans.Realm = "sales"
	note := func() {
		_, err := manage.SetAttribute(t.Context(), o.admin(), o.store, hans, token.Attribute{Key: "k", Entry: token.Entry{Text: "v"}})
		o.must(err)
	}
	end := manage.RealmEnd{Name: "sales", From: o.store}
	o.overtake = note // while the realm is being deleted
	_, err := manage.DeleteRealm(t.Context(), o.admin(), manage.Rules{}, end)
	isFault(t, err, fault.RealmHasAttributes, "sales", []string{"k"})
	end.Attributes = true
	_, err = manage.DeleteRealm(t.Context(), o.admin(), manage.Rules{}, end)
	o.must(err)
	o.realm("sales", "reso1")
	if keys, err := o.store.AttributeKeys(t.Context(), "sales"); err != nil || len(keys) != 0 {
		t.Errorf("a new realm of the name knows %v, %v", keys, err)
	}
}

func TestUsersSeeAndChangeTheirOwnAttributesOnly(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.policy("a", "user", "set_custom_user_attributes=:*: *, delete_custom_user_attributes=*", nil)
	cornelius := o.user("cornelius", "1000")
	_, err := manage.SetAttribute(t.Context(), cornelius, o.store, hansOfRealm1, token.Attribute{Key: "a", Entry: token.Entry{Text: "mine"}})
	o.must(err)
	all, err := manage.UserAttributes(t.Context(), o.user("hans", "1002"), o.store, realm.User{})
	if err != nil || len(all) != 0 {
		t.Errorf("written to somebody else: %v, %v", all, err)
	}
	_, err = manage.DeleteAttribute(t.Context(), o.user("hans", "1002"), o.store, realm.User{Login: "cornelius", Realm: "realm1", Resolver: "reso1", ID: "1000"}, "a")
	isFault(t, err, fault.AttributeForeign)
	o.policy("b", "admin", "tokenlist", nil)
	_, err = manage.UserAttributes(t.Context(), o.admin(), o.store, hansOfRealm1)
	isFault(t, err, fault.ActionNotAllowed, "admin", "userlist")
}

func TestOwnSettings(t *testing.T) {
	t.Parallel()
	o := open(t)
	hans := func(v map[string]any, err error) string {
		t.Helper()
		o.must(err)
		return fmt.Sprint(v)
	}
	for _, step := range []struct {
		do   func() (map[string]any, error)
		want string
	}{
		{func() (map[string]any, error) {
			return manage.SetOwnSettings(t.Context(), o.user("hans", "1002"), o.store, map[string]any{"a": 1, "b": "x"}, false)
		}, "map[a:1 b:x]"},
		{func() (map[string]any, error) {
			return manage.SetOwnSettings(t.Context(), o.user("hans", "1002"), o.store, map[string]any{"b": "y"}, false)
		}, "map[a:1 b:y]"},
		{func() (map[string]any, error) {
			return manage.OwnSettings(t.Context(), o.user("cornelius", "1000"), o.store)
		}, "map[]"},
		{func() (map[string]any, error) { return manage.OwnSettings(t.Context(), o.admin(), o.store) }, "map[]"},
		{func() (map[string]any, error) {
			return manage.DeleteOwnSettings(t.Context(), o.user("hans", "1002"), o.store, "a")
		}, "map[b:y]"},
		{func() (map[string]any, error) {
			return manage.SetOwnSettings(t.Context(), o.user("hans", "1002"), o.store, map[string]any{"c": true}, true)
		}, "map[c:true]"},
		{func() (map[string]any, error) {
			return manage.DeleteOwnSettings(t.Context(), o.user("hans", "1002"), o.store, "")
		}, "map[]"},
	} {
		if got := hans(step.do()); got != step.want {
			t.Errorf("got %s, want %s", got, step.want)
		}
	}
	_, err := manage.SetOwnSettings(t.Context(), o.admin(), o.store, map[string]any{"a": strings.Repeat("x", 16384)}, false)
	isFault(t, err, fault.SettingsTooLarge, 16384)
	_, err = manage.OwnSettings(t.Context(), o.as(realm.Actor{Role: realm.Owner, Login: "x"}), o.store)
	isFault(t, err, fault.SettingsOfNobody, "user", "x")
}
