package manage

import (
	"context"
	"slices"
	"strings"

	"symbolon/internal/authn"
	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// Listing asks for a page of tokens.
type Listing struct {
	Filter token.Filter
	User   realm.User // only this user's; a user sees his own alone
	Page   int        // from 1
	Size   int
	// RealmNeedsUser: a realm is named with a user only, and must exist; without
	// it a realm finds the tokens of all its users.
	RealmNeedsUser bool
	Realm          string // owners of this realm
}

// Listed is one token of a page, with its owner.
type Listed struct {
	*token.Token
	Owner       realm.User
	OwnerFailed bool // the resolver did not answer
	Editable    bool
}

// Page is a page of tokens.
type Page struct {
	Tokens []Listed
	Total  int
	Hidden []string // keys of the information that a policy hides
}

// List returns the tokens the actor may see, a page of them.
func List(ctx context.Context, s *authn.Session, l Listing) (p Page, err error) {
	err = s.Look(func(c *token.Case, st *site.Site) error {
		f, none, err := l.narrow(ctx, c, st)
		if err != nil || none {
			return err
		}
		f.Offset, f.Limit = (l.Page-1)*l.Size, l.Size
		list, total, err := c.Tokens(ctx, f)
		if err != nil {
			return err
		}
		p.Total = total
		for _, t := range list {
			p.Tokens = append(p.Tokens, listed(ctx, c, st, t))
		}
		p.Hidden, err = policy.HideTokeninfo(scopeOf(c)).In(viewAt(ctx, c, Place{User: l.User}))
		return err
	})
	return p, err
}

// narrow restricts a listing to what the actor may see. none says that this is
// nothing.
func (l Listing) narrow(ctx context.Context, c *token.Case, st *site.Site) (f token.Filter, none bool, err error) {
	f = l.Filter
	if c.Origin.Actor.Role == realm.Owner {
		o := token.OwnerOf(c.Origin.Actor.User)
		f.Owner = &o
		return f, false, nil
	}
	if f.WithinRealms, err = allowedRealms(ctx, c, st, policy.RightTokenList); err != nil {
		return f, true, err
	}
	if f.WithinRealms != nil && len(f.WithinRealms) == 0 {
		return f, true, nil
	}
	switch {
	case l.User.Named() && !l.User.Known():
		return f, true, fault.New(fault.UserNotFound)
	case l.User.Known():
		o := token.OwnerOf(l.User)
		f.Owner = &o
	case l.Realm != "":
		f.OwnerRealm = strings.ToLower(l.Realm)
		_, ok := st.Realms[f.OwnerRealm]
		switch {
		case l.RealmNeedsUser && ok:
			return f, true, fault.New(fault.UserNotFound)
		case l.RealmNeedsUser:
			return f, true, fault.New(fault.RealmUnknown, l.Realm)
		case !ok && !strings.Contains(f.OwnerRealm, "*"):
			return f, true, nil
		}
	}
	return f, false, nil
}

// listed adds the owner. A resolver that fails costs the name, not the list.
func listed(ctx context.Context, c *token.Case, st *site.Site, t *token.Token) Listed {
	l := Listed{Token: t}
	if t.Owner == (token.Owner{}) {
		return l
	}
	u, err := c.Owner(ctx, t)
	l.Owner, l.OwnerFailed = u, err != nil || u.Login == ""
	l.Editable = isEditable(st, t.Owner.Resolver)
	return l
}

// CopyPIN gives one token the PIN of another.
func CopyPIN(ctx context.Context, s *authn.Session, from, to string) error {
	return copying{policy.RightCopyTokenPIN, func(_ *token.Case, a, b *token.Token) error {
		b.PINHash = a.PINHash
		return nil
	}}.run(ctx, s, from, to)
}

// CopyUser gives one token the owner of another. The source is tested first: a
// source without owner changes nothing.
func CopyUser(ctx context.Context, s *authn.Session, from, to string) error {
	return copying{policy.RightCopyTokenUser, func(c *token.Case, a, b *token.Token) error {
		if a.Owner == (token.Owner{}) {
			return fault.New(fault.UserMissing)
		}
		b.Owner = a.Owner // copied, not assigned: lists show no time of assignment
		b.Realms = append(slices.Clone(b.Realms), a.Owner.Realm)
		slices.Sort(b.Realms)
		b.Realms = slices.Compact(b.Realms)
		return nil
	}}.run(ctx, s, from, to)
}

// copying gives token b something of token a, and names the right to it.
type copying struct {
	right policy.Right
	do    func(c *token.Case, a, b *token.Token) error
}

func (k copying) run(ctx context.Context, s *authn.Session, from, to string) error {
	_, err := s.Run(ctx, func(c *token.Case, _ *site.Site) (authn.Decision, error) {
		if err := may(ctx, c, k.right, Place{}); err != nil {
			return authn.Decision{}, err
		}
		a, err := c.TokenBySerial(ctx, from)
		if err != nil {
			return authn.Decision{}, either(err, fault.CopyFrom)
		}
		b, err := c.TokenBySerial(ctx, to)
		if err != nil {
			return authn.Decision{}, either(err, fault.CopyTo)
		}
		// Whoever has the right for some realms gives nobody else's token away, and
		// takes from nobody else's.
		for _, t := range []*token.Token{a, b} {
			if err := mayToken(ctx, c, k.right, t); err != nil {
				return authn.Decision{}, err
			}
		}
		if b.Locked || b.Revoked {
			return authn.Decision{}, fault.New(fault.TokenLocked)
		}
		next := *b
		if err := k.do(c, a, &next); err != nil {
			return authn.Decision{}, err
		}
		d := authn.Decision{Changes: []token.Change{token.Replace{Token: next}}}
		d.Record, err = recordOf(ctx, c, []*token.Token{b})
		return d, err
	})
	return err
}

func either(err error, k fault.Kind) error {
	if fault.Is(err, fault.TokenNotFound) {
		return fault.New(k)
	}
	return err
}
