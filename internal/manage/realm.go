package manage

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"symbolon/internal/authn"
	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// ListedRealm is a realm as administrators see it.
type ListedRealm struct {
	ID      int64
	Name    string
	Default bool
	Links   []ListedLink // ordered by resolver and node
}

// ListedLink is a resolver in a realm. Type is empty when there is no such
// resolver.
type ListedLink struct {
	site.Link
	Type string
}

// Realms returns the realms, ordered by name. No right is asked, but an
// administrator whose policies name realms is shown those alone.
func Realms(ctx context.Context, s *authn.Session) (list []ListedRealm, err error) {
	err = s.Look(func(c *token.Case, st *site.Site) error {
		shown, err := namedRealms(ctx, c, st)
		if err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(st.Realms)) {
			if shown(name) {
				list = append(list, listedRealm(st, name))
			}
		}
		return nil
	})
	return list, err
}

// DefaultRealm returns the default realm, or nil where there is none that Realms
// would show.
func DefaultRealm(ctx context.Context, s *authn.Session) (r *ListedRealm, err error) {
	err = s.Look(func(c *token.Case, st *site.Site) error {
		shown, err := namedRealms(ctx, c, st)
		if err != nil {
			return err
		}
		if _, ok := st.Realms[st.Default]; ok && shown(st.Default) {
			l := listedRealm(st, st.Default)
			r = &l
		}
		return nil
	})
	return r, err
}

// namedRealms says which realms are named in the policies that match an
// administrator. One policy without realms, or none that matches, names all.
func namedRealms(ctx context.Context, c *token.Case, st *site.Site) (func(realm string) bool, error) {
	all := func(string) bool { return true }
	if err := asAdmin(c); err != nil || console(c) {
		return all, err
	}
	view := c.Policies(ctx, token.About{AsActor: true})
	within, any, err := view.Within(policy.Admin, "", slices.Collect(maps.Keys(st.Realms)))
	if err != nil || any {
		return all, err
	}
	if matched, err := view.Match(policy.Admin, ""); err != nil || len(matched) == 0 {
		return all, err
	}
	return func(name string) bool { return slices.Contains(within, name) }, nil
}

func listedRealm(st *site.Site, name string) ListedRealm {
	r := st.Realms[name]
	l := ListedRealm{ID: r.ID, Name: name, Default: r.Default}
	for _, link := range r.Resolvers {
		l.Links = append(l.Links, ListedLink{Link: link, Type: st.Resolvers[link.Resolver].Type})
	}
	slices.SortStableFunc(l.Links, func(a, b ListedLink) int {
		return cmp.Or(cmp.Compare(a.Resolver, b.Resolver), cmp.Compare(a.Node, b.Node))
	})
	return l
}

// RealmInput says which resolvers a realm has.
type RealmInput struct {
	Name      string
	Resolvers []string // nil: not sent
	// Priorities are those that were sent, as text, by resolver; empty is none.
	Priorities map[string]string
	// Node, when not empty, sets the resolvers the realm has on that node alone;
	// it is a node's name.
	Node string
	// Unreadable: what was sent for a node has another form.
	Unreadable bool
}

// RealmOutcome is what became of the resolvers of a realm: those there are, and
// those there are not.
type RealmOutcome struct{ Added, Failed []string }

// SetRealm creates a realm or changes its resolvers. The list replaces those
// the realm has on all nodes, or on the node named; others stay. The first
// realm becomes the default.
func SetRealm(ctx context.Context, s *authn.Session, in RealmInput) (out RealmOutcome, err error) {
	err = configure(ctx, s, policy.RightResolverWrite, Place{Realm: in.Name}, func(d *draft) error {
		if in.Unreadable {
			return fault.New(fault.NodeData)
		}
		if in.Resolvers == nil {
			return fault.New(fault.ParameterMissing, "resolvers")
		}
		if in.Node != "" && in.Node != d.Node {
			return fault.New(fault.NodeUnknown)
		}
		name, err := realmName(in.Name)
		if err != nil {
			return err
		}
		r, there := d.site.Realms[name]
		if !there {
			r = site.Realm{Default: len(d.site.Realms) == 0}
		}
		var links []site.Link
		if links, out, err = in.links(d.site); err != nil {
			return err
		}
		for _, l := range r.Resolvers {
			if l.Node != in.Node {
				links = append(links, l)
			}
		}
		r.ID = d.id(r.ID, token.RealmKind)
		r.Name, r.Resolvers = name, links
		d.record.Realm, d.record.Detail = name, "resolvers: "+strings.Join(out.Added, ", ")
		return d.define(r.Definition())
	})
	return out, err
}

// realmName is how a realm is called that is written like this.
func realmName(text string) (string, error) {
	name := strings.ReplaceAll(strings.TrimSpace(strings.ToLower(text)), " ", "-")
	if !nameForm.MatchString(name) {
		return "", fault.New(fault.NameInvalid, name)
	}
	return name, nil
}

// links are the resolvers that were named and exist, each once.
func (in RealmInput) links(st *site.Site) (links []site.Link, out RealmOutcome, err error) {
	links = []site.Link{}
	for _, name := range in.Resolvers {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if _, ok := st.Resolvers[name]; !ok {
			out.Failed = append(out.Failed, name)
			continue
		}
		if slices.Contains(out.Added, name) {
			continue
		}
		l := site.Link{Resolver: name, Node: in.Node}
		if text := strings.TrimSpace(in.Priorities[name]); text != "" {
			n, err := strconv.ParseInt(text, 10, 32)
			if err != nil {
				return nil, out, fault.New(fault.NotANumber, "priority."+name)
			}
			priority := int(n)
			l.Priority = &priority
		}
		links, out.Added = append(links, l), append(out.Added, name)
	}
	return links, out, nil
}

// SetDefaultRealm makes a realm the default and returns its id. An unknown one
// is the fault DefinitionNotFound.
func SetDefaultRealm(ctx context.Context, s *authn.Session, name string) (id int64, err error) {
	err = configure(ctx, s, policy.RightResolverWrite, Place{Realm: name}, func(d *draft) error {
		name := strings.ToLower(strings.TrimSpace(name))
		r, ok := d.site.Realms[name]
		if !ok {
			return fault.New(fault.DefinitionNotFound, "Realm")
		}
		id, d.record.Realm = r.ID, name
		if err := d.noDefault(name); err != nil || r.Default {
			return err
		}
		r.Default = true
		return d.define(r.Definition())
	})
	return id, err
}

// DeleteDefaultRealm leaves no realm the default. It returns the id of the one
// that was, or 0.
func DeleteDefaultRealm(ctx context.Context, s *authn.Session) (id int64, err error) {
	err = configure(ctx, s, policy.RightResolverDelete, Place{}, func(d *draft) error {
		id, d.record.Realm = d.site.Realms[d.site.Default].ID, d.site.Default
		return d.noDefault("")
	})
	return id, err
}

// noDefault takes the mark of the default from all realms but one.
func (d *draft) noDefault(but string) error {
	for _, name := range slices.Sorted(maps.Keys(d.site.Realms)) {
		r := d.site.Realms[name]
		if name == but || !r.Default {
			continue
		}
		r.Default = false
		if err := d.define(r.Definition()); err != nil {
			return err
		}
	}
	return nil
}

// RealmEnd says which realm is deleted.
type RealmEnd struct {
	Name       string
	Attributes bool // with what is noted of its users; without it they keep the realm
	From       Attributes
}

// DeleteRealm deletes a realm and returns its id. Where its users have tokens
// it is the fault RealmInUse, but with Rules.UsedRealms. Tokens leave the realm,
// but those that nothing changes any more. The last realm that is left after the default was deleted becomes it.
func DeleteRealm(ctx context.Context, s *authn.Session, rules Rules, q RealmEnd) (id int64, err error) {
	err = configure(ctx, s, policy.RightResolverDelete, Place{Realm: q.Name}, func(d *draft) error {
		name := strings.ToLower(strings.TrimSpace(q.Name))
		r, ok := d.site.Realms[name]
		if !ok {
			return fault.New(fault.DefinitionNotFound, "Realm")
		}
		id, d.record.Realm = r.ID, name
		if !rules.UsedRealms {
			if err := d.unusedRealm(ctx, name); err != nil {
				return err
			}
		}
		if err := d.forgetUsers(ctx, name, q, q.Attributes || rules.UsedRealms); err != nil {
			return err
		}
		if err := d.leaveRealm(ctx, name); err != nil {
			return err
		}
		d.undefine(token.RealmKind, name)
		if !r.Default || len(d.site.Realms) != 2 {
			return nil
		}
		for other, last := range d.site.Realms {
			if other == name {
				continue
			}
			last.Default = true
			if err := d.define(last.Definition()); err != nil {
				return err
			}
		}
		return nil
	})
	return id, err
}

// forgetUsers deletes what is noted of the users of a realm, or refuses the realm
// they are noted in: also when something is noted before this is committed.
func (d *draft) forgetUsers(ctx context.Context, name string, q RealmEnd, allowed bool) error {
	d.changes = append(d.changes, token.ForgetAttributes{Realm: name, Any: allowed})
	if allowed {
		return nil
	}
	keys, err := q.From.AttributeKeys(ctx, name)
	if err == nil && len(keys) > 0 {
		err = fault.New(fault.RealmHasAttributes, name, keys)
	}
	return err
}

// unusedRealm refuses a realm whose users have tokens, also when one gets a
// token before this is committed.
func (d *draft) unusedRealm(ctx context.Context, name string) error {
	used := token.Filter{OwnerRealm: name}
	first := used
	first.Limit = 1
	switch _, total, err := d.Tokens(ctx, first); {
	case err != nil:
		return err
	case total > 0:
		return fault.New(fault.RealmInUse)
	}
	d.changes = append(d.changes, token.AtMost{Filter: used})
	return nil
}

// leaveRealm takes a realm from the tokens that are in it, whoever puts one in
// meanwhile. Revoked and locked tokens keep it.
func (d *draft) leaveRealm(ctx context.Context, name string) error {
	inside := token.Filter{TokenRealms: []string{name}}
	list, _, err := d.Tokens(ctx, inside)
	if err != nil {
		return err
	}
	fixed := 0
	for _, t := range list {
		if t.Revoked || t.Locked {
			fixed++
			continue
		}
		next := *t
		next.Realms = slices.DeleteFunc(slices.Clone(t.Realms), func(r string) bool { return r == name })
		d.changes = append(d.changes, token.Replace{Token: next})
	}
	d.changes = append(d.changes, token.AtMost{Filter: inside, Max: fixed})
	return nil
}
