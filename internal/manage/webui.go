package manage

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"symbolon/internal/audit"
	"symbolon/internal/authn"
	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// Welcome is what somebody who has signed in is told about himself: his rights,
// the menus they open, and how policies want the pages to be.
type Welcome struct {
	Rights, Menus []string
	Pages         Pages
}

// Pages are the settings of scope webui, with their defaults.
type Pages struct {
	LogoutTime, AuditPageSize, TokenPageSize, UserPageSize                                   int
	JWTSeconds                                                                               int // 0: the default
	PolicyTemplateURL, DefaultTokentype, DefaultContainerType, TimeoutAction, LogoutRedirect string
	UserDetails, TokenWizard, TokenWizard2nd, AdminDashboard, DialogNoToken, SearchOnEnter   bool
	HideWelcome, HideButtons, DeletionConfirmation, ShowSeed                                 bool
	ShowNode                                                                                 string              // the node's name, or ""
	TokenRollover                                                                            map[string][]string // type to policies
	RequireDescription                                                                       []string
	RSSAge                                                                                   int
	ShowAndroid, ShowIOS                                                                     bool
	CustomAuthenticator                                                                      string
	IndexedSecretForce, IndexedSecretPreset                                                  string
}

// Greet finds out what somebody who has signed in is told. Policies that disagree
// leave a page its default and are noted: nobody is locked out by a colour
// (policies.md W19).
func Greet(ctx context.Context, s *authn.Session, a realm.Actor, cat *policy.Catalogue) (w Welcome, err error) {
	s.Origin.Actor = a
	err = s.Look(func(c *token.Case, _ *site.Site) error {
		if w.Rights, err = rightsOf(ctx, c, a, cat); err != nil {
			return err
		}
		w.Menus = cat.Menus(w.Rights, scopeOf(c))
		view := c.Policies(ctx, token.About{User: &realm.User{Login: a.Login, Realm: a.Realm, Resolver: a.User.Resolver, ID: a.User.ID}})
		g := greeter{c: c, view: view, admin: a.Role == realm.Admin}
		w.Pages = g.pages()
		// Where templates come from is one answer for everybody.
		everybody := greeter{c: c, view: c.Policies(ctx, token.About{})}
		w.Pages.PolicyTemplateURL = everybody.text(policy.PolicyTemplateURL, "")
		if err := w.Pages.forRole(ctx, c, a); err != nil {
			return err
		}
		return cmp.Or(g.err, everybody.err)
	})
	return w, err
}

// forRole drops what is not for the role: administrators are not led to a first
// token, users have no overview, and neither has who has tokens already.
func (p *Pages) forRole(ctx context.Context, c *token.Case, a realm.Actor) error {
	if a.Role == realm.Admin {
		p.TokenWizard, p.TokenWizard2nd, p.DialogNoToken = false, false, false
		return nil
	}
	list, err := c.TokensOf(ctx, token.OwnerOf(a.User))
	p.AdminDashboard = false
	p.TokenWizard, p.DialogNoToken = p.TokenWizard && len(list) == 0, p.DialogNoToken && len(list) == 0
	return err
}

// rightsOf are the names of all the actor may do (policies.md 2.11).
func rightsOf(ctx context.Context, c *token.Case, a realm.Actor, cat *policy.Catalogue) ([]string, error) {
	if a.Role == realm.Owner {
		view := c.Policies(ctx, token.About{User: &a.User}).Sections("token", "tokeninfo", "HTTP Request header",
			"HTTP Environment", "container", "container_info", "Request Data")
		return view.Rights(policy.User, cat)
	}
	view := c.Policies(ctx, token.About{AsActor: true}).Sections("userinfo", "token", "tokeninfo", "HTTP Request header",
		"HTTP Environment", "container", "container_info", "Request Data")
	return view.Rights(policy.Admin, cat)
}

// Enrollable are the types the actor may enrol (GET /auth/rights).
func Enrollable(ctx context.Context, s *authn.Session) (types []token.Info, err error) {
	err = s.Look(func(c *token.Case, _ *site.Site) error {
		scope := scopeOf(c)
		view := viewAt(ctx, c, Place{})
		for _, t := range c.Types {
			info := t.Info()
			may := false
			for _, r := range info.EnrolBy {
				may = may || r == c.Origin.Actor.Role
			}
			if !may {
				continue
			}
			ok, err := policy.Right{Name: "enroll" + strings.ToUpper(info.ID), Scopes: []policy.Scope{scope}}.Granted(view, scope)
			if err != nil {
				return err
			}
			if ok {
				types = append(types, info)
			}
		}
		return nil
	})
	return types, err
}

// greeter reads page settings. A conflict leaves the default; another error is kept.
type greeter struct {
	c     *token.Case
	view  policy.View
	admin bool
	err   error
}

func (g *greeter) failed(name string, err error) bool {
	switch {
	case err == nil:
		return false
	case fault.Is(err, fault.PoliciesConflict):
		g.c.Note(audit.Step{What: "policy", Object: name, Outcome: "conflict"})
	default:
		g.err = err
	}
	return true
}

func (g *greeter) flag(a policy.Bool) bool {
	ok, err := a.In(g.view)
	return !g.failed(a.Name, err) && ok
}

func (g *greeter) number(a policy.Int, other int) int {
	n, ok, err := a.In(g.view)
	if g.failed(a.Name, err) || !ok {
		return other
	}
	return n
}

func (g *greeter) text(a policy.Text, other string) string {
	f, err := a.Find(g.view)
	if g.failed(a.Name, err) || !f.Set || f.Bare {
		return other
	}
	return f.Value
}

func (g *greeter) words(a policy.Words) map[string][]string {
	m, err := a.Find(g.view)
	if g.failed(a.Name, err) || m == nil {
		return map[string][]string{}
	}
	return m
}

func (g *greeter) pages() Pages {
	p := Pages{
		LogoutTime: g.number(policy.LogoutTime, 120), AuditPageSize: g.number(policy.AuditPageSize, 10),
		TokenPageSize: g.number(policy.TokenPageSize, 15), UserPageSize: g.number(policy.UserPageSize, 15),
		JWTSeconds:           g.number(policy.JWTValidity, 0),
		DefaultTokentype:     g.text(policy.DefaultTokentype, "hotp"),
		DefaultContainerType: g.text(policy.DefaultContainerType, "generic"),
		TimeoutAction:        g.text(policy.TimeoutAction, ""), LogoutRedirect: g.text(policy.LogoutRedirect, ""),
		UserDetails: g.flag(policy.UserDetails), TokenWizard: g.flag(policy.TokenWizard),
		TokenWizard2nd: g.flag(policy.TokenWizard2nd), AdminDashboard: g.flag(policy.AdminDashboard),
		DialogNoToken: g.flag(policy.DialogNoToken), SearchOnEnter: g.flag(policy.SearchOnEnter),
		HideWelcome: g.flag(policy.HideWelcomeInfo), HideButtons: g.flag(policy.HideButtons),
		DeletionConfirmation: g.flag(policy.DeletionConfirmation), ShowSeed: g.flag(policy.ShowSeed),
		TokenRollover: g.words(policy.TokenRollover),
		ShowAndroid:   g.flag(policy.ShowAndroidApp), ShowIOS: g.flag(policy.ShowIOSApp),
		CustomAuthenticator: g.text(policy.ShowCustomApp, ""),
	}
	if g.flag(policy.ShowNode) {
		p.ShowNode = g.c.Node
	}
	if p.RSSAge = g.number(policy.RSSAge, 0); p.RSSAge == 0 && g.admin {
		p.RSSAge = 180
	}
	p.RequireDescription = slices.Sorted(maps.Keys(g.words(policy.RequireDescription)))
	return p
}
