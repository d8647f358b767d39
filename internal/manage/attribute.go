package manage

import (
	"context"
	"slices"

	"symbolon/internal/audit"
	"symbolon/internal/authn"
	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// Attributes reads what is noted of users beside their resolvers.
type Attributes interface {
	// Attributes returns what is noted of o, ordered by key; of all users of its
	// realm and resolver when it has no UserID.
	Attributes(ctx context.Context, o token.Owner) ([]token.Attribute, error)
	// AttributeKeys returns the keys of all that is noted of users of a realm.
	AttributeKeys(ctx context.Context, realm string) ([]string, error)
}

// Editable is what may be done to the attributes of a user. "*" is any.
type Editable struct {
	Set    map[string][]string // values by key, sorted
	Delete []string            // keys, sorted
}

// subject is the user whose attributes are meant: a user's own, or the one an
// administrator names.
func subject(c *token.Case, u realm.User) realm.User {
	if c.Origin.Actor.Role == realm.Owner {
		return c.Origin.Actor.User
	}
	return u
}

// exists refuses a user who was not named, or whom nobody knows. It is asked
// after the right, which would tell who exists otherwise.
func exists(u realm.User) error {
	switch {
	case !u.Named():
		return fault.New(fault.ParameterMissing, "user")
	case !u.Known():
		return fault.New(fault.UserNotFound)
	}
	return nil
}

// editableBy is what policies let the caller do to the attributes of u. Without
// policies that is nothing (policies.md 4.3).
func editableBy(ctx context.Context, c *token.Case, u realm.User) (e Editable, err error) {
	view, scope := viewAt(ctx, c, Place{User: u}), scopeOf(c)
	e.Set = map[string][]string{}
	lists, err := policy.SetUserAttributes(scope).In(view)
	if err != nil {
		return e, err
	}
	for _, text := range lists {
		for key, values := range policy.ParseKeyLists(text) {
			all := append(e.Set[key], values...)
			slices.Sort(all)
			e.Set[key] = slices.Compact(all)
		}
	}
	e.Delete, err = policy.DeleteUserAttributes(scope).In(view)
	slices.Sort(e.Delete)
	e.Delete = slices.Compact(e.Delete)
	return e, err
}

func (e Editable) maySet(key, value string) bool {
	for _, k := range []string{key, "*"} {
		if slices.Contains(e.Set[k], value) || slices.Contains(e.Set[k], "*") {
			return true
		}
	}
	return false
}

// EditableAttributes says what the caller may do to the attributes of a user.
func EditableAttributes(ctx context.Context, s *authn.Session, u realm.User) (e Editable, err error) {
	err = s.Look(func(c *token.Case, _ *site.Site) error {
		u := subject(c, u)
		if e, err = editableBy(ctx, c, u); err != nil {
			return err
		}
		return exists(u)
	})
	return e, err
}

// UserAttributes are the attributes of a user, by key. An administrator needs the
// right to list users.
func UserAttributes(ctx context.Context, s *authn.Session, from Attributes, u realm.User) (all map[string]string, err error) {
	err = s.Look(func(c *token.Case, _ *site.Site) error {
		u := subject(c, u)
		if c.Origin.Actor.Role == realm.Admin {
			if err := may(ctx, c, policy.RightUserList, Place{User: u}); err != nil {
				return err
			}
		}
		if err := exists(u); err != nil {
			return err
		}
		all = map[string]string{}
		list, err := from.Attributes(ctx, token.OwnerOf(u))
		for _, a := range list {
			if !Hidden(a.Key) {
				all[a.Key] = a.Text
			}
		}
		return err
	})
	return all, err
}

// MayReadInternal asks for the right to see what the server keeps of a user.
func MayReadInternal(ctx context.Context, s *authn.Session, u realm.User) error {
	return s.Look(func(c *token.Case, _ *site.Site) error {
		if err := mayConfigure(ctx, c, policy.RightUserInternalAttributes, Place{User: u}); err != nil {
			return err
		}
		return exists(u)
	})
}

// SetAttribute sets an attribute of a user and returns its id.
func SetAttribute(ctx context.Context, s *authn.Session, from Attributes, u realm.User, a token.Attribute) (id token.ID, err error) {
	_, err = s.Run(ctx, func(c *token.Case, _ *site.Site) (d authn.Decision, err error) {
		u := subject(c, u)
		e, err := editableBy(ctx, c, u)
		if err != nil {
			return d, err
		}
		if Hidden(a.Key) || !e.maySet(a.Key, a.Text) {
			return d, fault.New(fault.AttributeSet, a.Key)
		}
		if err := exists(u); err != nil {
			return d, err
		}
		id, d.Changes, err = setNote(ctx, c, from, token.Attribute{Owner: token.OwnerOf(u), Key: a.Key}, &a.Entry)
		d.Record = recordOfUser(u, a.Key)
		return d, err
	})
	return id, err
}

// DeleteAttribute deletes an attribute of a user and returns how many it deleted.
// A user deletes his own only.
func DeleteAttribute(ctx context.Context, s *authn.Session, from Attributes, u realm.User, key string) (n int, err error) {
	_, err = s.Run(ctx, func(c *token.Case, _ *site.Site) (d authn.Decision, err error) {
		if a := c.Origin.Actor; a.Role == realm.Owner && u.Named() && token.OwnerOf(u) != token.OwnerOf(a.User) {
			return d, fault.New(fault.AttributeForeign)
		}
		u := subject(c, u)
		e, err := editableBy(ctx, c, u)
		if err != nil {
			return d, err
		}
		if Hidden(key) || !slices.Contains(e.Delete, key) && !slices.Contains(e.Delete, "*") {
			return d, fault.New(fault.AttributeDelete, key)
		}
		if err := exists(u); err != nil {
			return d, err
		}
		_, d.Changes, err = setNote(ctx, c, from, token.Attribute{Owner: token.OwnerOf(u), Key: key}, nil)
		n, d.Record = len(d.Changes), recordOfUser(u, key)
		return d, err
	})
	return n, err
}

// recordOfUser says whose note was changed, and which.
func recordOfUser(u realm.User, key string) audit.Record {
	return audit.Record{Success: true, User: u.Login, Realm: u.Realm, Resolver: u.Resolver, Detail: key}
}

// setNote is the change that makes the note of an owner and key be to; none when it is that
// already. id is that of the note.
func setNote(ctx context.Context, c *token.Case, from Attributes, a token.Attribute, to *token.Entry) (id token.ID, changes []token.Change, err error) {
	list, err := from.Attributes(ctx, a.Owner)
	if err != nil {
		return 0, nil, err
	}
	var old *token.Entry
	for _, x := range list {
		if x.Key == a.Key {
			old, id = &x.Entry, x.ID
		}
	}
	if old == nil && to == nil || old != nil && to != nil && *old == *to {
		return id, nil, nil
	}
	if old == nil {
		if id, err = c.NewID(); err != nil {
			return 0, nil, err
		}
	}
	return id, []token.Change{token.SetAttribute{ID: id, Owner: a.Owner, Key: a.Key, From: old, To: to}}, nil
}
