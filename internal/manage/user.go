package manage

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"symbolon/internal/audit"
	"symbolon/internal/authn"
	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// maxUsers bounds a list of users whose size nobody gave: others have no bound.
const maxUsers = 1000

// UserSearch asks for users.
type UserSearch struct {
	Realms   []string // nil: all the caller may list
	Resolver string   // "": all
	// Keys are what the users are searched by: username and further keys of the
	// resolvers, with * as wildcard. Those of the request itself are left out.
	Keys map[string]string
	// Attributes, when not nil, are the only keys that are left in what a
	// resolver says of a user.
	Attributes []string
	Noted      bool    // with the attributes that are noted of them
	Page, Size *string // nil: the first thousand
}

// Users lists users. A user who asks is shown himself alone. A resolver that
// cannot be asked costs its users, not the list; it is noted.
func Users(ctx context.Context, s *authn.Session, rules Rules, q UserSearch) (list []site.Listed, err error) {
	err = s.Look(func(c *token.Case, st *site.Site) error {
		if c.Origin.Actor.Role == realm.Owner {
			list, err = self(ctx, c, st)
		} else {
			list, err = listUsers(ctx, c, st, rules, q)
		}
		if err != nil {
			return err
		}
		first, size, err := q.page()
		if err != nil {
			return err
		}
		list = list[min(first, len(list)):min(first+size, len(list))]
		for i := range list {
			q.project(&list[i])
		}
		return nil
	})
	return list, err
}

// page returns the index of the first user that is shown, and how many are.
func (q UserSearch) page() (first, size int, err error) {
	page, size, err := pageOf(q.Page, "page", q.Size, "pagesize", maxUsers)
	return (page - 1) * size, size, err
}

// pageOf reads a page number, from 1, and a page's size. Nonsense below 1 counts
// as missing; sizes end at a thousand, page numbers at a million.
func pageOf(page *string, pageName string, size *string, sizeName string, otherwise int) (n, each int, err error) {
	read := func(text *string, name string, otherwise, most int) (int, error) {
		if text == nil || strings.TrimSpace(*text) == "" {
			return otherwise, nil
		}
		n, err := strconv.Atoi(strings.TrimSpace(*text))
		if err != nil {
			return 0, fault.New(fault.NotANumber, name)
		}
		if n < 1 {
			n = otherwise
		}
		return min(n, most), nil
	}
	if n, err = read(page, pageName, 1, 1_000_000); err != nil {
		return 0, 0, err
	}
	each, err = read(size, sizeName, otherwise, maxUsers)
	return n, each, err
}

// self is the one user that a user may list.
func self(ctx context.Context, c *token.Case, st *site.Site) ([]site.Listed, error) {
	if err := may(ctx, c, policy.RightUserList, Place{}); err != nil {
		return nil, err
	}
	u := c.Origin.Actor.User
	info, ok, err := c.Users.Info(ctx, u)
	if err != nil || !ok {
		return nil, err
	}
	return []site.Listed{{Realm: u.Realm, Resolver: u.Resolver, Editable: isEditable(st, u.Resolver), Info: maps.Clone(info)}}, nil
}

func isEditable(st *site.Site, resolver string) bool {
	store, ok := st.Store(resolver)
	return ok && store.Editable()
}

func listUsers(ctx context.Context, c *token.Case, st *site.Site, rules Rules, q UserSearch) (list []site.Listed, err error) {
	realms, err := q.listable(ctx, c, st, rules)
	if err != nil {
		return nil, err
	}
	if len(realms) == 0 {
		return nil, nil
	}
	search := map[string]string{"username": "*"}
	for key, text := range q.Keys {
		if !notStored(key) {
			search[key] = text
		}
	}
	list, failed, err := st.List(ctx, site.UserQuery{Realms: realms, Resolver: q.Resolver, Search: search, Noted: q.Noted})
	for _, name := range failed {
		c.Note(audit.Step{What: "resolver", Object: name, Outcome: "failed"})
	}
	return list, err
}

// listable are the realms whose users an administrator gets: those he
// named, each of which he must have the right to, or all he has it for.
func (q UserSearch) listable(ctx context.Context, c *token.Case, st *site.Site, rules Rules) ([]string, error) {
	if err := asAdmin(c); err != nil {
		return nil, err
	}
	all := slices.Sorted(maps.Keys(st.Realms))
	free := console(c)
	if q.Realms == nil {
		if free {
			return all, nil
		}
		within, any, err := viewAt(ctx, c, Place{Resolver: q.Resolver}).Within(policy.Admin, policy.RightUserList.Name, all)
		switch {
		case err != nil:
			return nil, err
		case any:
			return all, may(ctx, c, policy.RightUserList, Place{Resolver: q.Resolver})
		case len(within) == 0:
			return nil, fault.New(fault.ActionNotAllowed, string(policy.Admin), policy.RightUserList.Name)
		case rules.FirstRealm:
			within = within[:1]
		}
		return within, nil
	}
	var realms []string
	for _, name := range q.Realms {
		name = strings.ToLower(strings.TrimSpace(name))
		if !free {
			if err := may(ctx, c, policy.RightUserList, Place{Realm: name, Resolver: q.Resolver}); err != nil {
				return nil, err
			}
		}
		if _, ok := st.Realms[name]; ok && !slices.Contains(realms, name) {
			realms = append(realms, name)
		}
	}
	return realms, nil
}

// project drops what was not asked for, and what is nobody's business.
func (q UserSearch) project(u *site.Listed) {
	maps.DeleteFunc(u.Info, func(key, _ string) bool {
		return key == "password" || key == "cryptpass" || q.Attributes != nil && !slices.Contains(q.Attributes, key)
	})
}

// UserInput is a user as he is written.
type UserInput struct {
	Login, Resolver *string
}

// AddUser adds a user to a resolver. None can be written yet: what is left are
// the refusals, as faults.
func AddUser(ctx context.Context, s *authn.Session, in UserInput) error {
	return configure(ctx, s, policy.RightAddUser, in.place(), func(d *draft) error {
		if err := in.complete(); err != nil {
			return err
		}
		return d.notEditable(*in.Resolver)
	})
}

// UpdateUser changes a user; a user changes himself. It reports whether there
// was anything to change. None can be written yet.
func UpdateUser(ctx context.Context, s *authn.Session, in UserInput) (updated bool, err error) {
	permit := func(c *token.Case) error {
		if c.Origin.Actor.Role == realm.Owner {
			u := c.Origin.Actor.User
			in.Login, in.Resolver = &u.Login, &u.Resolver
			return may(ctx, c, policy.RightUpdateUser, Place{})
		}
		return mayConfigure(ctx, c, policy.RightUpdateUser, in.place())
	}
	err = change(ctx, s, permit, func(d *draft) error {
		if err := in.complete(); err != nil {
			return err
		}
		return d.notEditable(*in.Resolver)
	})
	return false, err
}

// place is where a right is asked for: the user himself may not exist yet.
func (in UserInput) place() Place {
	if in.Resolver == nil {
		return Place{}
	}
	return Place{Resolver: *in.Resolver}
}

func (in UserInput) complete() error {
	for _, p := range []struct {
		name string
		text *string
	}{{"user", in.Login}, {"resolver", in.Resolver}} {
		if p.text == nil || *p.text == "" {
			return fault.New(fault.ParameterMissing, p.name)
		}
	}
	return nil
}

func (d *draft) notEditable(resolver string) error {
	d.record.Resolver = resolver
	if _, ok := d.site.Resolvers[resolver]; !ok {
		return fault.New(fault.ResolverUnknown, resolver)
	}
	return fault.New(fault.ResolverNotEditable, resolver)
}

// DeleteUser deletes a user and reports whether it did: a user whose resolver
// cannot be written stays. An unknown resolver is the fault ResolverUnknown.
func DeleteUser(ctx context.Context, s *authn.Session, resolver, login string) (deleted bool, err error) {
	err = configure(ctx, s, policy.RightDeleteUser, Place{Resolver: resolver}, func(d *draft) error {
		d.record.User, d.record.Success = login, false
		err := d.notEditable(resolver)
		if fault.Is(err, fault.ResolverNotEditable) {
			return nil
		}
		return err
	})
	return false, err
}
