package policy

import (
	"context"
	"net/netip"
	"slices"
	"strings"
)

// View is a snapshot looked at from one situation. The zero View has no
// policies. It belongs to one request, and may be copied freely.
type View struct {
	ctx    context.Context
	snap   *Snapshot
	at     *Situation
	client netip.Addr
	clock  clock // in the process's time zone
	seen   Seen
	off    []string
}

// Sections returns the same view without looking at the conditions of these
// sections: they count as met (policies.md 3.5).
func (v View) Sections(off ...string) View {
	v.off = append(slices.Clip(v.off), off...)
	return v
}

// Match returns the active policies of a scope that give an action and match
// the situation, the first priority first. Action "" is any. Nothing is
// reported to Seen. An error is a fault: an active condition that cannot be
// evaluated (ConditionObject, ConditionKey, ConditionInvalid,
// ConditionMalformed), or that its facts could not be read.
func (v View) Match(scope Scope, action string) ([]*Policy, error) {
	matched, err := v.match(scope, action)
	if err != nil || len(matched) == 0 {
		return nil, err
	}
	out := make([]*Policy, len(matched))
	for i, c := range matched {
		out[i] = &c.Policy
	}
	return out, nil
}

// Within returns those of the realms in which policies of the scope that match
// otherwise give an action. all says that the action is not limited to realms:
// one of these policies has no realms, or the scope has no active policy
// (policies.md 4.6). The view must not be one on a realm.
func (v View) Within(scope Scope, action string, realms []string) (within []string, all bool, err error) {
	if !v.snap.Defined(scope) {
		return nil, v.snap == nil || !v.snap.closed, nil
	}
	matched, err := v.match(scope, action)
	if err != nil {
		return nil, false, err
	}
	for _, c := range matched {
		if !c.realms.restricts {
			return nil, true, nil
		}
	}
	for _, r := range realms {
		if slices.ContainsFunc(matched, func(c *compiled) bool { return c.realms.one(r) }) {
			within = append(within, r)
		}
	}
	return within, false, nil
}

func (v View) match(scope Scope, action string) ([]*compiled, error) {
	if v.snap == nil {
		return nil, nil
	}
	var out []*compiled
	for _, c := range v.snap.scopes[scope].lookup(action) {
		if !v.fits(c) {
			continue
		}
		ok, err := v.holds(c)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, c)
		}
	}
	return out, nil
}

// fits matches everything but the conditions.
func (v *View) fits(c *compiled) bool {
	at := v.at
	if c.never || !v.whose(c) || !v.resolver(c) {
		return false
	}
	if c.Scope == Admin {
		if at.AdminRealm != nil && !c.realmsOf.one(*at.AdminRealm) {
			return false
		}
		if at.Admin != nil && !c.admins.one(*at.Admin) {
			return false
		}
	}
	if len(c.nodes) > 0 && !slices.Contains(c.nodes, at.Node) {
		return false
	}
	if c.agents != nil && !c.agents[strings.ToLower(at.Agent)] {
		return false
	}
	if len(c.Clients) > 0 && !c.clients.contain(v.client) {
		return false
	}
	return c.hours.contain(v.clock)
}

// whose matches user and realms. A thing may be in more realms than its owner;
// then, where a policy is for users, the owner's own realm has to fit, too.
func (v *View) whose(c *compiled) bool {
	at := v.at
	if at.User != nil && !c.users.one(*at.User) {
		return false
	}
	if len(at.MoreRealms) == 0 {
		return at.Realm == nil || c.realms.one(*at.Realm)
	}
	list := at.MoreRealms
	if at.Realm != nil {
		list = append(slices.Clip(list), *at.Realm)
	}
	if !c.realms.some(list) {
		return false
	}
	pair := len(at.MoreRealms) > 1 && at.User != nil && at.Realm != nil && c.users.restricts
	return !pair || c.realms.one(*at.Realm)
}

func (v *View) resolver(c *compiled) bool {
	at := v.at
	if at.Resolver == nil || !c.resolvers.restricts {
		return true
	}
	if !c.CheckAllResolvers {
		return c.resolvers.one(*at.Resolver)
	}
	if at.User == nil || at.Realm == nil || *at.User == "" || *at.Realm == "" || at.ResolversOf == nil {
		return false
	}
	return slices.ContainsFunc(at.ResolversOf(*at.Realm), c.resolvers.one)
}

// holds evaluates the active conditions in their order; all have to be met.
func (v *View) holds(c *compiled) (bool, error) {
	for i := range c.tests {
		t := &c.tests[i]
		if slices.Contains(v.off, t.Section) {
			continue
		}
		if ok, err := t.met(v, c.Name); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}
