package manage

import (
	"context"
	"maps"
	"slices"
	"strings"

	"symbolon/internal/authn"
	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// MayReadPolicies asks for the right to read policies, and what there is to
// write into them.
func MayReadPolicies(ctx context.Context, s *authn.Session, rules Rules) error {
	return s.Look(func(c *token.Case, _ *site.Site) error { return mayReadPolicies(ctx, c, rules) })
}

func mayReadPolicies(ctx context.Context, c *token.Case, rules Rules) error {
	if rules.FreeReading {
		return asAdmin(c)
	}
	return mayConfigure(ctx, c, policy.RightPolicyRead, Place{})
}

// PolicyCheck asks which policies apply to a situation. Nil fields were not sent.
type PolicyCheck struct {
	User, Realm, Scope, Action *string // needed
	Client, Resolver           *string // nil: the caller's address; any
}

// CheckPolicies returns the active policies of a scope that give an action to a
// user, the first priority first. The user need not exist.
func CheckPolicies(ctx context.Context, s *authn.Session, rules Rules, in PolicyCheck) (list []policy.Policy, err error) {
	err = s.Look(func(c *token.Case, _ *site.Site) error {
		if err := mayReadPolicies(ctx, c, rules); err != nil {
			return err
		}
		for _, p := range []struct {
			name string
			text *string
		}{{"user", in.User}, {"realm", in.Realm}, {"scope", in.Scope}, {"action", in.Action}} {
			if p.text == nil {
				return fault.New(fault.ParameterMissing, p.name)
			}
		}
		resolver := ""
		if in.Resolver != nil {
			resolver = *in.Resolver
		}
		who, err := c.Users.Find(ctx, *in.User, strings.ToLower(*in.Realm), resolver)
		if err != nil {
			return err
		}
		asked := *c
		if in.Client != nil {
			asked.Origin.Client = *in.Client
		}
		matched, err := asked.Policies(ctx, token.About{User: &who}).Match(policy.Scope(*in.Scope), *in.Action)
		for _, p := range matched {
			list = append(list, *p)
		}
		return err
	})
	return list, err
}

// PolicyDefinitions returns the actions of each of the product's scopes, ordered
// by name, with the values that are configured.
func PolicyDefinitions(ctx context.Context, s *authn.Session, desk PolicyDesk) (map[policy.Scope][]policy.Definition, error) {
	out := map[policy.Scope][]policy.Definition{}
	err := s.Look(func(c *token.Case, st *site.Site) error {
		if err := mayReadPolicies(ctx, c, desk.Rules); err != nil {
			return err
		}
		for _, scope := range policy.Scopes(desk.Catalogue.Product()) {
			list := desk.Catalogue.Definitions(scope)
			for i := range list {
				list[i].Values = append(slices.Clone(list[i].Values), configured(st, list[i].From)...)
			}
			out[scope] = list
		}
		return nil
	})
	return out, err
}

// configured are the values that an editor offers out of what is configured.
// Servers and gateways come here when there are any.
func configured(st *site.Site, from policy.Source) []string {
	switch from {
	case policy.FromRealms:
		return slices.Sorted(maps.Keys(st.Realms))
	case policy.FromResolvers:
		return slices.Sorted(maps.Keys(st.Resolvers))
	}
	return nil
}

// AdminRealms are the realms whose users are administrators.
func AdminRealms(ctx context.Context, s *authn.Session, desk PolicyDesk) ([]string, error) {
	return slices.Clone(desk.AdminRealms), MayReadPolicies(ctx, s, desk.Rules)
}

// Nodes are the nodes of the server.
func Nodes(ctx context.Context, s *authn.Session, desk PolicyDesk) (list []string, err error) {
	err = look(ctx, s, policy.RightConfigRead, Place{}, func(c *token.Case, _ *site.Site) error {
		list = desk.nodes(c)
		return nil
	})
	return list, err
}

func (desk PolicyDesk) nodes(c *token.Case) []string {
	list := append(slices.Clone(desk.Nodes), c.Node)
	slices.Sort(list)
	return slices.Compact(list)
}

// May asks for a right of administrators that no rule here decides anything by.
func May(ctx context.Context, s *authn.Session, right policy.Right) error {
	return look(ctx, s, right, Place{}, func(*token.Case, *site.Site) error { return nil })
}

// MayEnrol asks for the right to enrol a type of token, which is also the right
// to see what such a token can be bound to (policies.md 5.3).
func MayEnrol(ctx context.Context, s *authn.Session, typ string) error {
	right := policy.Right{Name: "enroll" + typ, Scopes: []policy.Scope{policy.Admin, policy.User}}
	return look(ctx, s, right, Place{}, func(*token.Case, *site.Site) error { return nil })
}

// PolicyNodes are the nodes that policies can be limited to.
func PolicyNodes(ctx context.Context, s *authn.Session, desk PolicyDesk) (list []string, err error) {
	err = s.Look(func(c *token.Case, _ *site.Site) error {
		list = desk.nodes(c)
		return mayReadPolicies(ctx, c, desk.Rules)
	})
	return list, err
}
