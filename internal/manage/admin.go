package manage

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"symbolon/internal/authn"
	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/secret"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// Hasher hashes the passwords of administrators. It may wait for a place in a
// bounded pool.
type Hasher interface {
	HashAdmin(ctx context.Context, password secret.Bytes) (string, error)
}

// AdminInput is a local administrator as he is written.
type AdminInput struct {
	Name     string
	Password *secret.Bytes // nil stays; a new administrator needs one
	Email    *string       // nil stays
	New      bool          // one who is there already stays as he is
}

// atConsole refuses everybody else: no policy gives the right to make administrators.
func atConsole(c *token.Case) error {
	if err := asAdmin(c); err != nil || console(c) {
		return err
	}
	return fault.New(fault.ActionNotAllowed, string(policy.Admin), "admin")
}

// SetAdmin adds a local administrator, or changes his password or address.
// created says which. What was signed in to with the old password ends.
func SetAdmin(ctx context.Context, s *authn.Session, h Hasher, in AdminInput) (created bool, err error) {
	err = s.Look(func(c *token.Case, _ *site.Site) error {
		if err := atConsole(c); err != nil {
			return err
		}
		return in.check()
	})
	// Hashed before anything is decided, since deciding again must not hash again.
	var hash string
	if err == nil && in.Password != nil {
		hash, err = h.HashAdmin(ctx, *in.Password)
	}
	if err != nil {
		return false, err
	}
	err = change(ctx, s, atConsole, func(d *draft) error {
		a, there := d.site.Admins[in.Name]
		created = !there
		switch {
		case created && in.Password == nil:
			return fault.New(fault.ParameterMissing, "password")
		case there && in.New:
			return fault.New(fault.AdminTaken, in.Name)
		}
		d.record.Detail = "administrator " + in.Name
		if in.Password != nil {
			a.Hash, a.Since = hash, d.Now
		}
		if in.Email != nil {
			a.Email = strings.TrimSpace(*in.Email)
		}
		a.Name = in.Name
		a.ID = d.id(a.ID, token.AdminKind)
		return d.define(a.Definition())
	})
	return created, err
}

// check tests what was sent. A name with @ would be a user's of a realm of that
// name before it is an administrator's.
func (in AdminInput) check() error {
	bad := strings.ContainsFunc(in.Name, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
	switch {
	case in.Name == "":
		return fault.New(fault.ParameterMissing, "username")
	case bad || !utf8.ValidString(in.Name) || utf8.RuneCountInString(in.Name) > 120 || strings.ContainsAny(in.Name, `@\`):
		return fault.New(fault.NameInvalid, in.Name)
	case in.Password != nil && in.Password.Len() == 0:
		return fault.New(fault.ParameterEmpty, "password")
	}
	return nil
}
