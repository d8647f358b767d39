package manage

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"symbolon/internal/audit"
	"symbolon/internal/authn"
	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/setting"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// PolicyDesk is what writing policies needs to know beyond the request.
type PolicyDesk struct {
	Rules     Rules
	Catalogue *policy.Catalogue // the product's actions
	// AdminRealms are the realms whose users are administrators, Nodes the nodes
	// of the server beside this one.
	AdminRealms, Nodes []string
}

// PolicyText is a policy as a request writes it. Nil fields were not sent.
// Lists are comma texts, truths are read by the rule of rest-api.md 2.3.
type PolicyText struct {
	Name                                                           string
	Scope, Action, Time, Priority, Description                     *string
	Realm, Resolver, User, Client, AdminRealm, AdminUser           *string
	Node, UserAgents                                               *string
	Active, CheckAllResolvers, UserCaseInsensitive                 *string
	Conditions                                                     []any // as decoded from JSON
}

// Policies returns policies as they were written, ordered by name.
func Policies(ctx context.Context, s *authn.Session, f PolicyFilter) (list []policy.Policy, err error) {
	err = look(ctx, s, policy.RightPolicyRead, func(_ *token.Case, st *site.Site) error {
		for _, p := range st.Defined {
			if f.fits(p) {
				list = append(list, p)
			}
		}
		return nil
	})
	return list, err
}

// PolicyFilter restricts a list of policies. Zero fields do not.
type PolicyFilter struct {
	Name          string // any case, * is a wildcard
	Realm, Scope  string
	Active        *string // a truth
}

func (f PolicyFilter) fits(p policy.Policy) bool {
	switch {
	case f.Name != "" && !fitsName(strings.ToLower(f.Name), strings.ToLower(p.Name)),
		f.Scope != "" && string(p.Scope) != f.Scope,
		f.Active != nil && setting.IsTrue(*f.Active) != p.Active:
		return false
	}
	return f.Realm == "" || policy.Lists(p.Realms, f.Realm)
}

// fitsName compares with a pattern in which only * is special.
func fitsName(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == name
	}
	first, last := parts[0], parts[len(parts)-1]
	if len(name) < len(first)+len(last) || !strings.HasPrefix(name, first) || !strings.HasSuffix(name, last) {
		return false
	}
	name = name[len(first) : len(name)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		_, after, ok := strings.Cut(name, part)
		if !ok {
			return false
		}
		name = after
	}
	return true
}

// SetPolicy creates a policy or changes it, and returns its id (policies.md 1.4):
// what was not sent stays, but for the truths, the priority and the description,
// which get their defaults.
func SetPolicy(ctx context.Context, s *authn.Session, desk PolicyDesk, in PolicyText) (id int64, err error) {
	err = configure(ctx, s, policy.RightPolicyWrite, func(d *draft) error {
		p, err := desk.written(d, in)
		if err != nil {
			return err
		}
		if err := desk.validate(d, p); err != nil {
			return err
		}
		id, err = d.setPolicy(p)
		return err
	})
	return id, err
}

func (d *draft) policy(name string) (policy.Policy, bool) {
	for _, p := range d.site.Defined {
		if p.Name == name {
			return p, true
		}
	}
	return policy.Policy{}, false
}

// setPolicy stores a policy. All changes of policies pass here or undefine: a
// rule against taking the right to write policies from oneself belongs to these
// two (fault.PolicyLockout). There is none: the recorded servers let it happen,
// and who sits at the machine can undo it.
func (d *draft) setPolicy(p policy.Policy) (id int64, err error) {
	if p.ID, err = d.id(p.ID); err != nil {
		return 0, err
	}
	d.record.Detail = policyDetail(p)
	return p.ID, d.define(site.PolicyDefinition(p))
}

// policyDetail is what the trail says of a policy that was written.
func policyDetail(p policy.Policy) string {
	state := "inactive"
	if p.Active {
		state = "active"
	}
	return p.Name + ": " + state + ", scope " + string(p.Scope) + ", action " + p.Actions.String()
}

// SwitchPolicy makes a policy active or inactive and returns its id. An unknown
// one is the fault PolicyNotFound.
func SwitchPolicy(ctx context.Context, s *authn.Session, rules Rules, name string, active bool) (id int64, err error) {
	err = configure(ctx, s, policy.RightPolicyWrite, func(d *draft) error {
		p, ok := d.policy(name)
		if !ok {
			return fault.New(fault.PolicyNotFound, name)
		}
		p.Active = active
		if rules.SwitchResets {
			p.CheckAllResolvers = false
		}
		id, err = d.setPolicy(p)
		return err
	})
	return id, err
}

// RenamePolicy gives a policy another name and returns its id.
func RenamePolicy(ctx context.Context, s *authn.Session, name string, to *string) (id int64, err error) {
	err = configure(ctx, s, policy.RightPolicyWrite, func(d *draft) error {
		if to == nil || *to == "" {
			return fault.New(fault.ParameterMissing, "name")
		}
		if err := policyName(*to); err != nil {
			return err
		}
		p, ok := d.policy(name)
		if !ok {
			return fault.New(fault.PolicyUnknown, name)
		}
		if _, taken := d.policy(*to); taken {
			return fault.New(fault.PolicyExists, *to)
		}
		d.undefine(token.PolicyKind, name)
		p.Name = *to
		id, err = d.setPolicy(p)
		d.record.Detail = name + " -> " + d.record.Detail
		return err
	})
	return id, err
}

// DeletePolicy deletes a policy and returns its id.
func DeletePolicy(ctx context.Context, s *authn.Session, name string) (id int64, err error) {
	err = configure(ctx, s, policy.RightPolicyDelete, func(d *draft) error {
		p, ok := d.policy(name)
		if !ok {
			return fault.New(fault.DefinitionNotFound, "Policy")
		}
		id, d.record.Detail = p.ID, policyDetail(p)
		d.undefine(token.PolicyKind, name)
		return nil
	})
	return id, err
}
