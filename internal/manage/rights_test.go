package manage_test

import (
	"context"
	"slices"
	"testing"

	"symbolon/internal/authn"
	"symbolon/internal/fault"
	"symbolon/internal/manage"
	"symbolon/internal/realm"
)

// asked is one function with the right it asks for; "": who sits at the machine.
type asked struct {
	name, right string
	do          func(context.Context, *authn.Session) error
}

// functions are what only administrators may call.
func (o *office) functions() []asked {
	return slices.Concat(o.onPolicies(), o.onRealms(), o.onResolvers(), o.onTheRest())
}

func (o *office) onPolicies() []asked {
	d, none := o.desk(), manage.Rules{}
	return []asked{
		{"Policies", "policyread", func(ctx context.Context, s *authn.Session) error {
			_, err := manage.Policies(ctx, s, manage.PolicyFilter{})
			return err
		}},
		{"ExportPolicies", "policyread", func(ctx context.Context, s *authn.Session) error {
			_, err := manage.ExportPolicies(ctx, s, d)
			return err
		}},
		{"CheckPolicies", "policyread", func(ctx context.Context, s *authn.Session) error {
			_, err := manage.CheckPolicies(ctx, s, none, manage.PolicyCheck{})
			return err
		}},
		{"PolicyDefinitions", "policyread", func(ctx context.Context, s *authn.Session) error {
			_, err := manage.PolicyDefinitions(ctx, s, d)
			return err
		}},
		{"PolicyNodes", "policyread", func(ctx context.Context, s *authn.Session) error {
			_, err := manage.PolicyNodes(ctx, s, d)
			return err
		}},
		{"AdminRealms", "policyread", func(ctx context.Context, s *authn.Session) error {
			_, err := manage.AdminRealms(ctx, s, d)
			return err
		}},
		{"SetPolicy", "policywrite", func(ctx context.Context, s *authn.Session) error {
			_, err := manage.SetPolicy(ctx, s, d, manage.PolicyText{Name: "p"})
			return err
		}},
		{"SwitchPolicy", "policywrite", func(ctx context.Context, s *authn.Session) error {
			_, err := manage.SwitchPolicy(ctx, s, none, "super", false)
			return err
		}},
		{"RenamePolicy", "policywrite", func(ctx context.Context, s *authn.Session) error {
			_, err := manage.RenamePolicy(ctx, s, d, "super", text("x"))
			return err
		}},
		{"ImportPolicies", "policywrite", func(ctx context.Context, s *authn.Session) error {
			_, err := manage.ImportPolicies(ctx, s, d, nil)
			return err
		}},
		{"DeletePolicy", "policydelete", func(ctx context.Context, s *authn.Session) error {
			_, err := manage.DeletePolicy(ctx, s, "super")
			return err
		}},
	}
}

func (o *office) onRealms() []asked {
	none := manage.Rules{}
	return []asked{
		{"SetRealm", "resolverwrite", func(ctx context.Context, s *authn.Session) error {
			_, err := manage.SetRealm(ctx, s, manage.RealmInput{Name: "r"})
			return err
		}},
		{"SetDefaultRealm", "resolverwrite", func(ctx context.Context, s *authn.Session) error {
			_, err := manage.SetDefaultRealm(ctx, s, "realm1")
			return err
		}},
		{"DeleteDefaultRealm", "resolverdelete", func(ctx context.Context, s *authn.Session) error {
			_, err := manage.DeleteDefaultRealm(ctx, s)
			return err
		}},
		{"DeleteRealm", "resolverdelete", func(ctx context.Context, s *authn.Session) error {
			_, err := manage.DeleteRealm(ctx, s, none, manage.RealmEnd{Name: "realm1", From: o.store})
			return err
		}},
	}
}

func (o *office) onResolvers() []asked {
	return []asked{
		{"Resolvers", "resolverread", func(ctx context.Context, s *authn.Session) error {
			_, err := manage.Resolvers(ctx, s, manage.ResolverFilter{})
			return err
		}},
		{"SetResolver", "resolverwrite", func(ctx context.Context, s *authn.Session) error {
			_, err := manage.SetResolver(ctx, s, manage.ResolverInput{Name: "x"})
			return err
		}},
		{"TestResolver", "resolverwrite", func(ctx context.Context, s *authn.Session) error {
			_, _, err := manage.TestResolver(ctx, s, manage.ResolverInput{})
			return err
		}},
		{"DeleteResolver", "resolverdelete", func(ctx context.Context, s *authn.Session) error {
			_, err := manage.DeleteResolver(ctx, s, "reso1")
			return err
		}},
	}
}

func (o *office) onTheRest() []asked {
	none := manage.Rules{}
	return []asked{
		{"WriteSettings", "configwrite", func(ctx context.Context, s *authn.Session) error {
			_, err := manage.WriteSettings(ctx, s, map[string]string{"a": "b"})
			return err
		}},
		{"WriteDefaults", "configwrite", func(ctx context.Context, s *authn.Session) error {
			_, err := manage.WriteDefaults(ctx, s, nil)
			return err
		}},
		{"DeleteSetting", "configdelete", func(ctx context.Context, s *authn.Session) error {
			_, err := manage.DeleteSetting(ctx, s, "a")
			return err
		}},
		{"Random", "getrandom", func(ctx context.Context, s *authn.Session) error {
			_, err := manage.Random(ctx, s, nil)
			return err
		}},
		{"AddUser", "adduser", func(ctx context.Context, s *authn.Session) error {
			return manage.AddUser(ctx, s, manage.UserInput{})
		}},
		{"DeleteUser", "deleteuser", func(ctx context.Context, s *authn.Session) error {
			_, err := manage.DeleteUser(ctx, s, "reso1", "hans")
			return err
		}},
		{"DownloadAudit", "auditlog_download", func(ctx context.Context, s *authn.Session) error {
			_, _, err := manage.DownloadAudit(ctx, s, none, o.store, manage.AuditSearch{})
			return err
		}},
		{"SetAdmin", "", func(ctx context.Context, s *authn.Session) error {
			_, err := manage.SetAdmin(ctx, s, o.ring, manage.AdminInput{Name: "eve", Password: bytes("x")})
			return err
		}},
	}
}

// usersToo are the functions that users may call as well.
func (o *office) usersToo() []asked {
	return []asked{
		{"ReadSettings", "configread", func(ctx context.Context, s *authn.Session) error {
			_, err := manage.ReadSettings(ctx, s, manage.Rules{})
			return err
		}},
		{"Users", "userlist", func(ctx context.Context, s *authn.Session) error {
			_, err := manage.Users(ctx, s, manage.Rules{}, manage.UserSearch{})
			return err
		}},
		{"UpdateUser", "updateuser", func(ctx context.Context, s *authn.Session) error {
			_, err := manage.UpdateUser(ctx, s, manage.UserInput{})
			return err
		}},
		{"Audit", "auditlog", func(ctx context.Context, s *authn.Session) error {
			_, err := manage.Audit(ctx, s, manage.Rules{}, o.store, manage.AuditSearch{})
			return err
		}},
	}
}

func TestEachRightIsRefused(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.policy("super", "admin", "*", func(p *manage.PolicyText) { p.AdminUser = text("admin") })
	o.policy("help", "admin", "tokenlist", func(p *manage.PolicyText) { p.AdminRealm = text("helpdesk") })
	before := o.engine.Site().Version
	for _, f := range append(o.functions(), o.usersToo()...) {
		right := f.right
		if right == "" {
			right = "admin"
		}
		isFault(t, f.do(t.Context(), o.helper()), fault.ActionNotAllowed, "admin", right)
		isFault(t, f.do(t.Context(), o.as(realm.Actor{})), fault.RoleMissing)
	}
	if o.engine.Site().Version != before {
		t.Error("a refused function has changed something")
	}
}

func TestUsersConfigureNothing(t *testing.T) {
	t.Parallel()
	o := open(t) // no policy in scope user: users have all rights that scope has
	before := o.engine.Site().Version
	for _, f := range o.functions() {
		isFault(t, f.do(t.Context(), o.user("hans", "1002")), fault.RoleMissing, []string{"admin"})
	}
	if o.engine.Site().Version != before {
		t.Error("a refused function has changed something")
	}
}

func TestConsoleIsBoundByNothing(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.policy("only", "admin", "tokenlist", func(p *manage.PolicyText) { p.AdminUser = text("somebody") })
	if _, err := manage.DeletePolicy(t.Context(), o.console(), "only"); err != nil {
		t.Errorf("who sits at the machine is locked out: %v", err)
	}
	// The same actor over HTTP is nobody in particular.
	o.policy("only", "admin", "tokenlist", func(p *manage.PolicyText) { p.AdminUser = text("somebody") })
	_, err := manage.DeletePolicy(t.Context(), o.as(realm.Actor{Role: realm.Admin}), "only")
	isFault(t, err, fault.ActionNotAllowed, "admin", "policydelete")
}

// Rights that are limited to a realm or a resolver are rights to that one.
func TestRightsToOnePlace(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.realm("sales", "reso1")
	o.resolver("reso2", "fileName", o.file)
	o.policy("realms", "admin", "resolverwrite, resolverdelete", func(p *manage.PolicyText) { p.AdminRealm, p.Realm = text("helpdesk"), text("sales") })
	write := func(name string) error {
		_, err := manage.SetRealm(t.Context(), o.helper(), manage.RealmInput{Name: name, Resolvers: []string{}})
		return err
	}
	o.must(write("Sales"))
	isFault(t, write("realm1"), fault.ActionNotAllowed)
	_, err := manage.SetDefaultRealm(t.Context(), o.helper(), "realm1")
	isFault(t, err, fault.ActionNotAllowed)
	_, err = manage.DeleteRealm(t.Context(), o.helper(), manage.Rules{}, manage.RealmEnd{Name: "realm1", From: o.store})
	isFault(t, err, fault.ActionNotAllowed)

	o.policy("resolvers", "admin", "resolverwrite, resolverdelete, resolverread, adduser", func(p *manage.PolicyText) {
		p.AdminRealm, p.Resolver = text("helpdesk"), text("reso2")
	})
	_, err = manage.DeletePolicy(t.Context(), o.console(), "realms")
	o.must(err)
	for name, kind := range map[string]fault.Kind{"reso2": 0, "reso1": fault.ActionNotAllowed} {
		for _, err := range []error{
			func() error {
				_, err := manage.SetResolver(t.Context(), o.helper(), manage.ResolverInput{Name: name, Type: text("passwdresolver")})
				return err
			}(),
			func() error {
				_, err := manage.Resolvers(t.Context(), o.helper(), manage.ResolverFilter{Name: name})
				return err
			}(),
			func() error {
				_, err := manage.DeleteResolver(t.Context(), o.helper(), name)
				return err
			}(),
		} {
			if kind == 0 {
				o.must(err)
			} else {
				isFault(t, err, kind)
			}
		}
	}
	isFault(t, manage.AddUser(t.Context(), o.helper(), manage.UserInput{Login: text("x"), Resolver: text("reso1")}), fault.ActionNotAllowed)
}
