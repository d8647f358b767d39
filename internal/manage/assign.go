package manage

import (
	"context"
	"slices"
	"strings"

	"symbolon/internal/authn"
	"symbolon/internal/enroll"
	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/secret"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// Assignment gives a token to a user.
type Assignment struct {
	Target     Target
	User       realm.User // the new owner; a user assigns to himself
	PIN        *string    // set with it
	KeepRealms bool       // the token's realms stay beside the user's
	RightFirst bool       // a user without the right is not told whether there is such a token
}

// Assign gives an unassigned token to a user.
func Assign(ctx context.Context, s *authn.Session, a Assignment) error {
	if err := alone(a.Target); err != nil {
		return err
	}
	if s.Origin.Actor.Role == realm.Owner {
		a.User = s.Origin.Actor.User
	}
	_, err := s.Run(ctx, func(c *token.Case, _ *site.Site) (authn.Decision, error) {
		t, err := assignable(ctx, c, a)
		if err != nil {
			return authn.Decision{}, err
		}
		changes, err := a.changes(ctx, c, t)
		if err != nil {
			return authn.Decision{}, err
		}
		d := authn.Decision{Changes: changes}
		d.Record, err = recordOf(ctx, c, []*token.Token{t})
		d.Record.User, d.Record.Realm, d.Record.Resolver = a.User.Login, a.User.Realm, a.User.Resolver
		return d, err
	})
	return err
}

// assignable is the token of an assignment, with everything tested that can
// forbid it.
func assignable(ctx context.Context, c *token.Case, a Assignment) (*token.Token, error) {
	serial := a.Target.Serials[0]
	if a.RightFirst && c.Origin.Actor.Role == realm.Owner {
		if err := may(ctx, c, policy.RightAssign, Place{}); err != nil {
			return nil, err
		}
	}
	t, err := c.TokenBySerial(ctx, serial)
	if fault.Is(err, fault.TokenNotFound) {
		err = fault.New(fault.TokensNotFound, []string{serial})
	}
	if err != nil {
		return nil, err
	}
	if err := mayToken(ctx, c, policy.RightAssign, t); err != nil {
		return nil, err
	}
	switch {
	case !a.User.Named():
		return nil, fault.New(fault.ParameterMissing, "user")
	case !a.User.Known():
		return nil, fault.New(fault.UserNotFound)
	}
	if c.Origin.Actor.Role == realm.Admin {
		if err := may(ctx, c, policy.RightAssign, Place{User: a.User, Token: t}); err != nil {
			return nil, err
		}
	}
	if a.PIN != nil && !c.Types.Info(t.Type).NoPIN { // what a policy refuses is refused whatever the token's state
		view, scope := enroll.Acting(ctx, c, a.User, "")
		if err := enroll.CheckPIN(view, scope, t.Type, *a.PIN); err != nil {
			return nil, err
		}
	}
	switch {
	case t.Owner != (token.Owner{}) && c.Origin.Actor.Role == realm.Owner:
		return nil, fault.New(fault.TokenAssignedOther)
	case t.Owner != (token.Owner{}):
		owner, err := c.Owner(ctx, t)
		if err != nil {
			return nil, err
		}
		return nil, fault.New(fault.TokenAssigned, owner)
	case t.Locked || t.Revoked:
		return nil, fault.New(fault.TokenLocked)
	}
	return t, nil
}

func (a Assignment) changes(ctx context.Context, c *token.Case, t *token.Token) ([]token.Change, error) {
	guard, err := enroll.RealmLimit(ctx, c, a.User, a.User.Realm, "")
	if err != nil {
		return nil, err
	}
	more, err := enroll.UserLimits(ctx, c, a.User, t.Type, t.Serial)
	if err != nil {
		return nil, err
	}
	next := *t
	next.Owner, next.Assigned = token.OwnerOf(a.User), c.Now
	next.Realms = []string{a.User.Realm}
	if a.KeepRealms {
		next.Realms = append(next.Realms, t.Realms...)
	}
	slices.Sort(next.Realms)
	next.Realms = slices.Compact(next.Realms)
	if a.PIN != nil {
		if err := newPIN(ctx, c, &next, a.User, *a.PIN); err != nil {
			return nil, err
		}
	}
	changes := []token.Change{token.Replace{Token: next}, token.ResetFailures{Token: t.ID}}
	return append(append(changes, guard...), more...), nil
}

// newPIN puts a PIN into a token to be stored, if it keeps the rules.
func newPIN(ctx context.Context, c *token.Case, t *token.Token, who realm.User, pin string) error {
	if !c.Types.Info(t.Type).NoPIN {
		view, scope := enroll.Acting(ctx, c, who, "")
		if err := enroll.CheckPIN(view, scope, t.Type, pin); err != nil {
			return err
		}
	}
	t.PINHash = ""
	if pin == "" {
		return nil
	}
	hash, err := c.Vault.HashPIN(ctx, t, secret.Text(pin))
	t.PINHash = hash
	return err
}

// PINs are the PINs a token can have. Nil ones stay. The user PIN and the
// security officer's are kept for the types that use them.
type PINs struct{ OTP, User, Officer *string }

// SetPIN sets PINs of a token. It returns how many were set.
func SetPIN(ctx context.Context, s *authn.Session, tg Target, pins PINs) (int, error) {
	if err := alone(tg); err != nil {
		return 0, err
	}
	return single(ctx, s, tg, policy.RightSetPIN, func(ctx context.Context, c *token.Case, t *token.Token) ([]token.Change, int, error) {
		owner, err := c.Owner(ctx, t)
		if err != nil {
			return nil, 0, err
		}
		next, n := *t, 0
		var changes []token.Change
		if pins.OTP != nil {
			if err := newPIN(ctx, c, &next, owner, *pins.OTP); err != nil {
				return nil, 0, err
			}
			n++
		}
		if t.Locked || t.Revoked {
			return nil, 0, fault.New(fault.TokenLocked)
		}
		for key, pin := range map[string]*string{"userpin": pins.User, "sopin": pins.Officer} {
			if pin == nil {
				continue
			}
			sealed, err := sealEntry(c, *pin)
			if err != nil {
				return nil, 0, err
			}
			changes = append(changes, enroll.SetEntry(t, hiddenKey(key), sealed)...)
			n++
		}
		if pins.OTP != nil {
			changes = append(changes, token.Replace{Token: next})
		}
		return changes, n, nil
	})
}

// SetRandomPIN gives a token a random PIN and returns it.
func SetRandomPIN(ctx context.Context, s *authn.Session, tg Target) (secret.Bytes, error) {
	if err := alone(tg); err != nil {
		return secret.Bytes{}, err
	}
	var told secret.Bytes
	_, err := single(ctx, s, tg, policy.RightSetRandomPIN, func(ctx context.Context, c *token.Case, t *token.Token) ([]token.Change, int, error) {
		owner, err := c.Owner(ctx, t)
		if err != nil {
			return nil, 0, err
		}
		pin, err := enroll.RandomPIN(ctx, c, owner, t.Type)
		if err != nil {
			return nil, 0, err
		}
		if t.Locked || t.Revoked {
			return nil, 0, fault.New(fault.TokenLocked)
		}
		next := *t
		if next.PINHash, err = c.Vault.HashPIN(ctx, &next, secret.Text(pin)); err != nil {
			return nil, 0, err
		}
		told = secret.Text(pin)
		return []token.Change{token.Replace{Token: next}}, 1, nil
	})
	return told, err
}

// SetRealms sets the realms of a token. Unknown ones are left out, the owner's
// stays where keepOwner says so, and an administrator adds and removes only
// those he may manage.
func SetRealms(ctx context.Context, s *authn.Session, tg Target, names []string, keepOwner bool) error {
	if err := alone(tg); err != nil {
		return err
	}
	_, err := s.Run(ctx, func(c *token.Case, st *site.Site) (authn.Decision, error) {
		f, err := find(ctx, c, tg)
		if err != nil {
			return authn.Decision{}, err
		}
		t := f.tokens[0]
		if err := mayToken(ctx, c, policy.RightTokenRealms, t); err != nil {
			return authn.Decision{}, err
		}
		limited, err := allowedRealms(ctx, c, st, policy.RightTokenRealms)
		if err != nil {
			return authn.Decision{}, err
		}
		if t.Locked || t.Revoked {
			return authn.Decision{}, fault.New(fault.TokenLocked)
		}
		next := *t
		next.Realms = newRealms(t, st, names, limited)
		if keepOwner && t.Owner.Realm != "" {
			next.Realms = append(next.Realms, t.Owner.Realm)
		}
		slices.Sort(next.Realms)
		next.Realms = slices.Compact(next.Realms)
		d := authn.Decision{Changes: []token.Change{token.Replace{Token: next}}}
		d.Record, err = recordOf(ctx, c, []*token.Token{t})
		return d, err
	})
	return err
}

// newRealms are the wanted realms that exist; of those the administrator may not
// manage, the token keeps what it has.
func newRealms(t *token.Token, st *site.Site, wanted, limited []string) []string {
	mine := func(name string) bool { return limited == nil || slices.Contains(limited, name) }
	out := []string{}
	for _, name := range wanted {
		name = strings.ToLower(strings.TrimSpace(name))
		if _, ok := st.Realms[name]; ok && mine(name) {
			out = append(out, name)
		}
	}
	for _, name := range t.Realms {
		if !mine(name) {
			out = append(out, name)
		}
	}
	return out
}
