package manage

import (
	"context"
	"strings"

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

// Policies returns policies as they were written, ordered by name.
func Policies(ctx context.Context, s *authn.Session, f PolicyFilter) (list []policy.Policy, err error) {
	err = look(ctx, s, policy.RightPolicyRead, Place{}, func(_ *token.Case, st *site.Site) error {
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
	Name         string // any case, * is a wildcard
	Realm, Scope string
	Active       *string // a truth
}

func (f PolicyFilter) fits(p policy.Policy) bool {
	switch {
	case f.Name != "" && !fitsName(strings.ToLower(f.Name), strings.ToLower(p.Name)),
		f.Scope != "" && string(p.Scope) != f.Scope,
		f.Active != nil && setting.IsTrue(*f.Active) != p.Active:
		return false
	}
	return f.Realm == "" || namesRealm(p.Realms, f.Realm)
}

// namesRealm reports whether a list of a policy holds a name: a list that does not
// restrict holds all.
func namesRealm(list []string, name string) bool {
	found := len(list) == 0
	for _, e := range list {
		if e == "!"+name || e == "-"+name {
			return false
		}
		found = found || e == "*" || e == name
	}
	return found
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

// SwitchPolicy makes a policy active or inactive and returns its id. An unknown
// one is the fault PolicyNotFound.
func SwitchPolicy(ctx context.Context, s *authn.Session, rules Rules, name string, active bool) (id int64, err error) {
	err = configure(ctx, s, policy.RightPolicyWrite, Place{}, func(d *draft) error {
		p, ok := d.storedPolicy(name)
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
func RenamePolicy(ctx context.Context, s *authn.Session, desk PolicyDesk, name string, to *string) (id int64, err error) {
	err = configure(ctx, s, policy.RightPolicyWrite, Place{}, func(d *draft) error {
		if to == nil || *to == "" {
			return fault.New(fault.ParameterMissing, "name")
		}
		if err := policy.ValidateName(*to, desk.Catalogue.Product()); err != nil {
			return err
		}
		p, ok := d.storedPolicy(name)
		if !ok {
			return fault.New(fault.PolicyUnknown, name)
		}
		if _, taken := d.storedPolicy(*to); taken {
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
	err = configure(ctx, s, policy.RightPolicyDelete, Place{}, func(d *draft) error {
		p, ok := d.storedPolicy(name)
		if !ok {
			return fault.New(fault.DefinitionNotFound, "Policy")
		}
		id, d.record.Detail = p.ID, policyDetail(p)
		d.undefine(token.PolicyKind, name)
		return nil
	})
	return id, err
}
