package manage

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"symbolon/internal/authn"
	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/setting"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// PolicyText is a policy as a request writes it. Nil fields were not sent.
// Lists are comma texts; truths are read by the rule of rest-api.md 2.3.
type PolicyText struct {
	Name                                           string
	Scope, Action, Time, Priority, Description     *string
	Realm, Resolver, User, Client, Node            *string
	AdminRealm, AdminUser, UserAgents              *string
	Active, CheckAllResolvers, UserCaseInsensitive *string
	// Conditions are the values of each condition, out of decoded JSON.
	Conditions [][]any
}

// SetPolicy creates a policy or changes it, and returns its id (policies.md 1.3
// and 1.4): what was not sent stays, but for the truths, the priority and the
// description, which get their defaults.
func SetPolicy(ctx context.Context, s *authn.Session, desk PolicyDesk, in PolicyText) (id int64, err error) {
	err = configure(ctx, s, policy.RightPolicyWrite, Place{}, func(d *draft) error {
		if err := in.complete(desk.Rules); err != nil {
			return err
		}
		old, _ := d.storedPolicy(in.Name)
		p, unsound, err := in.over(old, desk.Catalogue.Product())
		if err != nil {
			return err
		}
		w := desk.world(d)
		w.Conditions = unsound
		sent := in.onlySent(p)
		if err := policy.Validate(&sent, w); err != nil {
			return err
		}
		id, err = d.setPolicy(p)
		return err
	})
	return id, err
}

// complete tests that what a request must name is there. An empty text is not.
func (in PolicyText) complete(rules Rules) error {
	// Blanks in names are refused later, where the product refuses them.
	if err := policy.ValidateName(in.Name, policy.EduMFA); err != nil {
		return err
	}
	given := func(text *string) bool { return text != nil && *text != "" }
	switch {
	case !given(in.Scope):
		return fault.New(fault.ParameterMissing, "scope")
	case !given(in.Action) && *in.Scope != string(policy.User), in.Action == nil && rules.NeedsRealm:
		return fault.New(fault.ParameterMissing, "action")
	case in.Realm == nil && rules.NeedsRealm:
		return fault.New(fault.ParameterMissing, "realm")
	}
	return nil
}

// over is the policy that in makes of a stored one, or of none. unsound is what
// is wrong with its conditions, to be reported in its turn.
func (in PolicyText) over(p policy.Policy, product string) (_ policy.Policy, unsound, err error) {
	p.Name, p.Scope, p.Priority = in.Name, policy.Scope(*in.Scope), 1
	if in.Action != nil {
		p.Actions = policy.ParseActions(*in.Action)
	}
	for _, l := range in.lists(&p) {
		if l.sent != nil {
			*l.stored = policy.ParseList(*l.sent)
		}
	}
	if in.Time != nil {
		p.Time = *in.Time
	}
	truth := func(text *string, otherwise bool) bool {
		if text == nil {
			return otherwise
		}
		return setting.IsTrue(*text)
	}
	p.Active = truth(in.Active, true)
	p.CheckAllResolvers = truth(in.CheckAllResolvers, false)
	p.UserCaseInsensitive = truth(in.UserCaseInsensitive, false)
	p.Description = in.Description
	if in.Priority != nil && strings.TrimSpace(*in.Priority) != "" {
		if p.Priority, err = strconv.Atoi(strings.TrimSpace(*in.Priority)); err != nil {
			return p, nil, fault.New(fault.NotANumber, "priority")
		}
	}
	if in.Conditions == nil {
		return p, nil, nil
	}
	p.Conditions, unsound = policy.ParseConditions(in.Name, in.Conditions, product)
	for i := range p.Conditions {
		if p.Conditions[i].Missing == "" && product != policy.EduMFA {
			p.Conditions[i].Missing = policy.MissingRaises
		}
	}
	return p, unsound, nil
}

type sentList struct {
	sent   *string
	stored *[]string
}

func (in PolicyText) lists(p *policy.Policy) []sentList {
	return []sentList{{in.Realm, &p.Realms}, {in.Resolver, &p.Resolvers}, {in.User, &p.Users}, {in.Client, &p.Clients},
		{in.Node, &p.Nodes}, {in.AdminRealm, &p.AdminRealms}, {in.AdminUser, &p.AdminUsers}, {in.UserAgents, &p.UserAgents}}
}

// onlySent leaves of a policy what the request is to blame for: what was stored
// may name realms that are gone by now.
func (in PolicyText) onlySent(p policy.Policy) policy.Policy {
	for _, l := range in.lists(&p) {
		if l.sent == nil {
			*l.stored = nil
		}
	}
	if in.Action == nil {
		p.Actions = nil
	}
	if in.Time == nil {
		p.Time = ""
	}
	if in.Conditions == nil {
		p.Conditions = nil
	}
	return p
}

// world is what policies may refer to.
func (desk PolicyDesk) world(d *draft) policy.World {
	return policy.World{Realms: slices.Collect(maps.Keys(d.site.Realms)), Resolvers: slices.Collect(maps.Keys(d.site.Resolvers)),
		Nodes: append(slices.Clone(desk.Nodes), d.Node), AdminRealms: desk.AdminRealms, Catalogue: desk.Catalogue}
}

func (d *draft) storedPolicy(name string) (p policy.Policy, ok bool) {
	for _, p := range d.site.Defined {
		if p.Name == name {
			return p, true
		}
	}
	return p, false
}

// setPolicy stores a policy. All changes of policies pass here or undefine: a
// rule against taking the right to write policies from oneself belongs to these
// two (fault.PolicyLockout). There is none: the recorded servers let it happen,
// and who sits at the machine can undo it.
func (d *draft) setPolicy(p policy.Policy) (id int64, err error) {
	p.ID = d.id(p.ID, token.PolicyKind)
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

// ExportPolicies returns all policies as a file, in the product's form.
func ExportPolicies(ctx context.Context, s *authn.Session, desk PolicyDesk) (text string, err error) {
	err = look(ctx, s, policy.RightPolicyRead, Place{}, func(_ *token.Case, st *site.Site) error {
		text = policy.Export(st.Defined, desk.Catalogue.Product() == policy.EduMFA)
		return nil
	})
	return text, err
}

// ImportPolicies writes the policies of a file over those of the same names:
// all of them or none. It returns how many they are.
func ImportPolicies(ctx context.Context, s *authn.Session, desk PolicyDesk, content []byte) (n int, err error) {
	err = configure(ctx, s, policy.RightPolicyWrite, Place{}, func(d *draft) error {
		if content == nil {
			return fault.New(fault.ParameterMissing, "file")
		}
		list, err := policy.Import(string(content))
		if err != nil {
			return err
		}
		w, names := desk.world(d), []string{}
		for _, p := range list {
			if err := policy.Validate(&p, w); err != nil {
				return err
			}
			old, _ := d.storedPolicy(p.Name)
			p.ID = old.ID
			if _, err := d.setPolicy(p); err != nil {
				return err
			}
			names = append(names, p.Name)
		}
		n, d.record.Detail = len(list), strings.Join(names, ", ")
		return nil
	})
	return n, err
}
