// Package manage is everything that is done to tokens, users and the
// configuration beside logging in. Every function takes a session, whose actor
// is who calls, and asks for the actor's right itself: dialects, pages and the
// command line cannot forget it.
package manage

import (
	"context"
	"maps"
	"slices"
	"strings"

	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// scopeOf is the scope of the actor's rights.
func scopeOf(c *token.Case) policy.Scope {
	if c.Origin.Actor.Role == realm.Owner {
		return policy.User
	}
	return policy.Admin
}

// Place says whom or where an action is about, as the request names it. The
// zero Place is nowhere in particular: then policies are not filtered by user.
type Place struct {
	User     realm.User
	Realm    string
	Resolver string       // counts where no user is named
	Token    *token.Token // its first realm counts where no user or realm is named
}

// viewAt are the policies as they apply to the actor at a place (check_base_action
// of policies.md 7).
func viewAt(ctx context.Context, c *token.Case, p Place) policy.View {
	a := c.Origin.Actor
	if a.Role == realm.Owner {
		return c.Policies(ctx, token.About{User: &a.User, Token: p.Token})
	}
	about := token.About{AsActor: true, Token: p.Token}
	name := p.Realm
	if name == "" && p.Token != nil && len(p.Token.Realms) > 0 {
		name = p.Token.Realms[0]
	}
	switch {
	case p.User.Named():
		about.User = &p.User
	case name != "":
		name = strings.ToLower(name)
		about.Realm = &name
	}
	if p.Resolver != "" && about.User == nil {
		about.Resolver = &p.Resolver
	}
	return c.Policies(ctx, about)
}

// may asks for a right at a place. Without it the fault is ActionNotAllowed.
func may(ctx context.Context, c *token.Case, r policy.Right, p Place) error {
	return granted(c, r, viewAt(ctx, c, p))
}

func granted(c *token.Case, r policy.Right, view policy.View) error {
	scope := scopeOf(c)
	ok, err := r.Granted(view, scope)
	if err == nil && !ok {
		err = fault.New(fault.ActionNotAllowed, string(scope), r.Name)
	}
	return err
}

// mayToken asks for a right on a token: an administrator is matched by the
// token's owner and all its realms, a user by himself (check_token_action).
func mayToken(ctx context.Context, c *token.Case, r policy.Right, t *token.Token) error {
	a := c.Origin.Actor
	if a.Role == realm.Owner {
		return granted(c, r, c.Policies(ctx, token.About{User: &a.User, Token: t}).Sections("container", "container_info"))
	}
	owner, err := c.Owner(ctx, t)
	if err != nil {
		return err
	}
	about := token.About{User: &owner, Token: t, MoreRealms: t.Realms, AsActor: true}
	if !owner.Named() && r.Name == policy.RightAssign.Name {
		about.User = nil
	}
	return granted(c, r, c.Policies(ctx, about).Sections("container", "container_info"))
}

// allowedRealms are the realms an administrator may see by a right; nil when he
// is not restricted, empty when he may see none (policies.md 4.6).
func allowedRealms(ctx context.Context, c *token.Case, st *site.Site, r policy.Right) ([]string, error) {
	if scopeOf(c) != policy.Admin || console(c) {
		return nil, nil
	}
	within, all, err := c.Policies(ctx, token.About{AsActor: true}).Within(policy.Admin, r.Name, slices.Sorted(maps.Keys(st.Realms)))
	if err != nil || all {
		return nil, err
	}
	return append([]string{}, within...), nil
}
