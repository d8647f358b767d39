package manage_test

import (
	"slices"
	"testing"

	"symbolon/internal/manage"
	"symbolon/internal/realm"
	"symbolon/internal/token"
)

func TestBeforeLogin(t *testing.T) {
	t.Parallel()
	o := open(t)
	p, err := manage.BeforeLogin(t.Context(), o.as(realm.Actor{}))
	if err != nil || p.Passkeys != "show" || p.Node != "" || len(p.Realms) != 0 {
		t.Errorf("got %+v, %v", p, err)
	}
	o.policy("ui", "webui", "login_text=Hello you, passkey_login=hide, show_node, realm_dropdown=realm1", nil)
	o.policy("pin", "user", "otp_pin_set_random=8", nil)
	o.policy("same", "webui", "passkey_login=show", nil) // two that disagree: the default
	p, err = manage.BeforeLogin(t.Context(), o.as(realm.Actor{}))
	if err != nil || p.Text != "Hello you" || p.Passkeys != "show" || p.Node != "node1" || !slices.Equal(p.Realms, []string{"realm1"}) ||
		!slices.Equal(p.RandomPINs, []string{"8"}) {
		t.Errorf("got %+v, %v", p, err)
	}
}

func TestGreetByRole(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.policy("ui", "webui", "admin_dashboard, tokenwizard, dialog_no_token, rss_age=0", nil)
	o.policy("url", "webui", "policy_template_url=https://example.com/t/", func(p *manage.PolicyText) { p.User = text("nobody") })
	greet := func(a realm.Actor) manage.Pages {
		t.Helper()
		w, err := manage.Greet(t.Context(), o.as(a), a, o.desk().Catalogue)
		o.must(err)
		if w.Pages.PolicyTemplateURL != "https://example.com/t/" {
			t.Errorf("templates of %q", w.Pages.PolicyTemplateURL)
		}
		return w.Pages
	}
	hans := realm.User{Login: "hans", Realm: "realm1", Resolver: "reso1", ID: "1002"}
	user := realm.Actor{Role: realm.Owner, Login: "hans", Realm: "realm1", User: hans}
	if p := greet(realm.Actor{Role: realm.Admin, Login: "admin"}); !p.AdminDashboard || p.TokenWizard || p.DialogNoToken || p.RSSAge != 180 {
		t.Errorf("administrator: %+v", p)
	}
	if p := greet(user); p.AdminDashboard || !p.TokenWizard || !p.DialogNoToken || p.RSSAge != 0 {
		t.Errorf("user: %+v", p)
	}
	o.token(1, token.OwnerOf(hans), "realm1")
	if p := greet(user); p.TokenWizard || p.DialogNoToken {
		t.Errorf("user with a token: %+v", p)
	}
}

func TestRealmsOfAHelpdesk(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.realm("sales", "reso1")
	o.token(1, token.Owner{}, "realm1")
	o.token(2, token.Owner{}, "sales")
	o.token(3, token.Owner{})
	for realms, want := range map[string][]string{"realm1": {"T1"}, "*, !realm1": {"T2"}, "": {"T1", "T2", "T3"}} {
		o.policy("help", "admin", "tokenlist", func(p *manage.PolicyText) { p.Realm = &realms })
		page, err := manage.List(t.Context(), o.helper(), manage.Listing{Page: 1, Size: 15})
		o.must(err)
		var got []string
		for _, l := range page.Tokens {
			got = append(got, l.Serial)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", realms, got, want)
		}
	}
}
