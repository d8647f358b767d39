package manage_test

import (
	"maps"
	"strings"
	"testing"

	"symbolon/internal/fault"
	"symbolon/internal/manage"
	"symbolon/internal/realm"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

func (o *office) write(sent map[string]string) map[string]manage.Stored {
	o.t.Helper()
	out, err := manage.WriteSettings(o.t.Context(), o.admin(), sent)
	o.must(err)
	return out
}

func TestSettings(t *testing.T) {
	t.Parallel()
	o := open(t)
	all, err := manage.ReadSettings(t.Context(), o.admin(), manage.Rules{})
	fresh := map[string]string{"IncFailCountOnFalsePin": "True", "PrependPin": "True", "splitAtSign": "True"}
	if err != nil || !maps.Equal(all.Values, fresh) || !all.Changed.IsZero() {
		t.Errorf("a new server shows %+v, %v", all, err)
	}
	all, _ = manage.ReadSettings(t.Context(), o.admin(), manage.Rules{SAMLShown: true})
	if all.Values["ReturnSamlAttributes"] != "True" {
		t.Errorf("a new server shows %+v", all)
	}
	got := o.write(map[string]string{"DefaultOtpLen": "8", "my.key": "v1", "nonce": "n", "client": "c", "session": "s"})
	if want := map[string]manage.Stored{"DefaultOtpLen": "insert", "my.key": "insert"}; !maps.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	got = o.write(map[string]string{"my.key": "v2", "other": "x", "PrependPin": "False"})
	if want := map[string]manage.Stored{"my.key": "update", "other": "insert", "PrependPin": "insert"}; !maps.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	all, err = manage.ReadSettings(t.Context(), o.admin(), manage.Rules{})
	want := map[string]string{"IncFailCountOnFalsePin": "True", "PrependPin": "False", "splitAtSign": "True", "DefaultOtpLen": "8", "my.key": "v2", "other": "x"}
	if err != nil || !maps.Equal(all.Values, want) || !all.Changed.Equal(o.now) {
		t.Errorf("got %+v, %v", all, err)
	}
	for name, want := range map[string]*string{"my.key": text("v2"), "nosuch": nil, "splitAtSign": text("True"), "__timestamp__": nil} {
		v, err := manage.ReadSetting(t.Context(), o.admin(), manage.Rules{}, name)
		if err != nil || (v == nil) != (want == nil) || v != nil && *v != *want {
			t.Errorf("%s is %v, %v", name, v, err)
		}
	}
	if deleted, err := manage.DeleteSetting(t.Context(), o.admin(), "my.key"); err != nil || !deleted {
		t.Errorf("deleted %t, %v", deleted, err)
	}
	for _, name := range []string{"my.key", "splitAtSign", "__timestamp__"} {
		if deleted, err := manage.DeleteSetting(t.Context(), o.admin(), name); err != nil || deleted {
			t.Errorf("deleted %s: %t, %v", name, deleted, err)
		}
	}
	_, err = manage.WriteSettings(t.Context(), o.admin(), map[string]string{"a": "b", "__timestamp__": "0"})
	isFault(t, err, fault.SettingInvalid, "__timestamp__")
	if v, _ := manage.ReadSetting(t.Context(), o.admin(), manage.Rules{}, "a"); v != nil {
		t.Error("half of a refused write was stored")
	}
}

func TestSettingsThatAreSecret(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.write(map[string]string{"pw": "hush", "pw.type": "password", "pw.desc": "a text"})
	read := func() string {
		t.Helper()
		var open string
		o.must(o.admin().Look(func(c *token.Case, _ *site.Site) (err error) {
			open, err = manage.OpenSetting(c, "pw")
			return err
		}))
		return open
	}
	if stored := o.engine.Site().Settings["pw"]; strings.Contains(stored.Value, "hush") || stored.Description != "a text" {
		t.Errorf("stored is %+v", stored)
	}
	if v, _ := manage.ReadSetting(t.Context(), o.admin(), manage.Rules{}, "pw"); v == nil || *v != manage.Censored {
		t.Errorf("shown is %v", v)
	}
	for _, sent := range []map[string]string{{"pw": manage.Censored}, {"pw": manage.Censored, "pw.type": "public"}} {
		o.write(sent)
		if got := read(); got != "hush" {
			t.Errorf("%v made it %q", sent, got)
		}
	}
	o.write(map[string]string{"pw": "new"})
	if got := read(); got != "new" || strings.Contains(o.engine.Site().Settings["pw"].Value, "new") {
		t.Errorf("written again it is %q", got)
	}
	if r := o.last(); r.Detail != "pw" {
		t.Errorf("the record says %q", r.Detail)
	}
}

func TestSettingsUsersSee(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.write(map[string]string{"my.key": "v", "pub": "hello", "pub.type": "public", "sms.identifier": "gw", "pw.identifier": "hush",
		"pw.identifier.type": "password", "PrependPin": "False"})
	all, err := manage.ReadSettings(t.Context(), o.user("hans", "1002"), manage.Rules{})
	want := map[string]string{"IncFailCountOnFalsePin": "True", "PrependPin": "False", "splitAtSign": "True", "pub": "hello", "sms.identifier": "gw"}
	if err != nil || !maps.Equal(all.Values, want) || !all.Changed.IsZero() {
		t.Errorf("got %+v, %v", all, err)
	}
	o.policy("only", "admin", "tokenlist", nil)
	_, err = manage.ReadSettings(t.Context(), o.admin(), manage.Rules{})
	isFault(t, err, fault.ActionNotAllowed, "admin", "configread")
	if all, err = manage.ReadSettings(t.Context(), o.admin(), manage.Rules{FreeReading: true}); err != nil || all.Values["my.key"] != "v" {
		t.Errorf("got %+v, %v", all, err)
	}
	_, err = manage.ReadSettings(t.Context(), o.as(realm.Actor{}), manage.Rules{FreeReading: true})
	isFault(t, err, fault.RoleMissing)
}

func TestWriteDefaults(t *testing.T) {
	t.Parallel()
	o := open(t)
	got, err := manage.WriteDefaults(t.Context(), o.admin(), map[string]string{"defaultmaxfailcount": "5", "DefaultOtpLen": "8", "x": "1"})
	if want := map[string]manage.Stored{"DefaultMaxFailCount": "insert", "DefaultOtpLen": "insert"}; err != nil || !maps.Equal(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	_, err = manage.WriteDefaults(t.Context(), o.admin(), map[string]string{"x": "5"})
	isFault(t, err, fault.SetDefaultUsage)
}

func TestRandom(t *testing.T) {
	t.Parallel()
	o := open(t)
	for length, want := range map[string]int{"": 20, "16": 16, " 1 ": 1, "4096": 4096} {
		var l *string
		if length != "" {
			l = &length
		}
		if b, err := manage.Random(t.Context(), o.admin(), l); err != nil || len(b) != want {
			t.Errorf("%q: %d bytes, %v", length, len(b), err)
		}
	}
	for length, kind := range map[string]fault.Kind{"x": fault.NotANumber, "0": fault.ParameterInvalid, "-1": fault.ParameterInvalid, "4097": fault.ParameterInvalid} {
		_, err := manage.Random(t.Context(), o.admin(), &length)
		isFault(t, err, kind, "len")
	}
}
