package manage

import (
	"context"
	"encoding/base64"
	"maps"
	"slices"
	"strings"

	"symbolon/internal/authn"
	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/secret"
	"symbolon/internal/setting"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// Censored stands where a secret is not shown. Written back it leaves the
// secret as it is.
const Censored = "__CENSORED__"

// The types of resolvers (users-audit-events.md 2), and which of their
// parameters are secrets. Parameters that other servers store in the clear or
// only seal in parts are sealed here as a whole.
func secretsOf(resolverType string) (params []string, known bool) {
	switch resolverType {
	case "passwdresolver":
		return nil, true
	case "ldapresolver":
		return []string{"BINDPW"}, true
	case "sqlresolver":
		return []string{"Password"}, true
	case "scimresolver":
		return []string{"Secret", "authsecret"}, true
	case "httpresolver", "keycloakresolver":
		return []string{"password"}, true
	case "entraidresolver":
		return []string{"password", "client_secret", "client_certificate"}, true
	}
	return nil, false
}

// ListedResolver is a resolver as administrators see it.
type ListedResolver struct {
	ID     int64
	Name   string
	Type   string
	Params map[string]string // secrets are Censored
	// Censored are the names of the parameters that are not shown, sorted.
	Censored []string
}

// ResolverFilter restricts a list of resolvers. Zero fields do not.
type ResolverFilter struct {
	Name, Type string
	Editable   *string // a truth: those whose users can, or cannot, be changed
}

// Resolvers returns the resolvers, ordered by name.
func Resolvers(ctx context.Context, s *authn.Session, f ResolverFilter) (list []ListedResolver, err error) {
	err = look(ctx, s, policy.RightResolverRead, Place{Resolver: f.Name}, func(_ *token.Case, st *site.Site) error {
		for _, name := range slices.Sorted(maps.Keys(st.Resolvers)) {
			r := st.Resolvers[name]
			switch {
			case f.Name != "" && name != f.Name, f.Type != "" && r.Type != f.Type:
			case f.Editable != nil && setting.IsTrue(*f.Editable) != editable(r):
			default:
				list = append(list, listedResolver(name, r))
			}
		}
		return nil
	})
	return list, err
}

func editable(r site.Resolver) bool {
	return setting.IsTrue(r.Params["Editable"]) || setting.IsTrue(r.Params["EDITABLE"])
}

func listedResolver(name string, r site.Resolver) ListedResolver {
	l := ListedResolver{ID: r.ID, Name: name, Type: r.Type, Params: maps.Clone(r.Params), Censored: []string{}}
	secrets, _ := secretsOf(r.Type)
	for _, key := range secrets {
		if _, ok := l.Params[key]; ok {
			l.Params[key] = Censored
			l.Censored = append(l.Censored, key)
		}
	}
	slices.Sort(l.Censored)
	return l
}

// ResolverInput is a resolver as it is written.
type ResolverInput struct {
	Name   string
	Type   *string
	Params map[string]string // as sent; those of the request itself are left out
}

// SetResolver creates a resolver or changes its parameters, and returns its id.
// Parameters that are not sent stay, empty ones are deleted, Censored leaves a
// secret. A name differs from others by more than the case of its letters.
func SetResolver(ctx context.Context, s *authn.Session, in ResolverInput) (id int64, err error) {
	err = configure(ctx, s, policy.RightResolverWrite, Place{Resolver: in.Name}, func(d *draft) error {
		secrets, err := in.check()
		if err != nil {
			return err
		}
		name := in.Name
		for other, r := range d.site.Resolvers {
			if !strings.EqualFold(other, name) {
				continue
			}
			if r.Type != *in.Type {
				return fault.New(fault.ResolverTypeDiffers, other)
			}
			name = other
		}
		old := d.site.Resolvers[name]
		r := site.Resolver{Name: name, Type: *in.Type, Params: maps.Clone(old.Params)}
		r.ID = d.id(old.ID, token.ResolverKind)
		if r.Params == nil {
			r.Params = map[string]string{}
		}
		if err := in.fill(d, &r, secrets); err != nil {
			return err
		}
		id = r.ID
		d.record.Resolver, d.record.Detail = name, "type: "+r.Type
		return d.define(r.Definition())
	})
	return id, err
}

// check tests name and type, and returns the type's secret parameters.
func (in ResolverInput) check() ([]string, error) {
	if in.Type == nil || *in.Type == "" {
		return nil, fault.New(fault.ParameterMissing, "type")
	}
	secrets, known := secretsOf(*in.Type)
	switch {
	case !known:
		return nil, fault.New(fault.ResolverTypeUnknown, *in.Type)
	case !nameForm.MatchString(in.Name):
		return nil, fault.New(fault.NameInvalid, in.Name)
	}
	return secrets, nil
}

// fill puts the parameters that were sent into r.
func (in ResolverInput) fill(d *draft, r *site.Resolver, secrets []string) error {
	for key, text := range in.Params {
		switch {
		case notStored(key) || key == "type" || key == "resolver":
		case text == "":
			delete(r.Params, key)
		case !slices.Contains(secrets, key):
			r.Params[key] = text
		case text != Censored:
			sealed, err := sealBase64(d.Case, "resolver", text)
			if err != nil {
				return err
			}
			r.Params[key] = sealed
		}
	}
	return nil
}

// notStored reports whether a parameter belongs to the request and not to what
// it writes, or describes another one.
func notStored(key string) bool {
	switch key {
	case "", "nonce", "client", "session":
		return true
	}
	for _, word := range []string{"type", "desc"} {
		if strings.HasPrefix(key, word+".") || strings.HasSuffix(key, "."+word) {
			return true
		}
	}
	return false
}

func sealBase64(c *token.Case, purpose, text string) (string, error) {
	sealed, err := c.Vault.SealText(purpose, secret.Text(text))
	return base64.StdEncoding.EncodeToString(sealed), err
}

// DeleteResolver deletes a resolver and returns its id, or -1 when there is no
// such resolver. One that is in a realm is the fault ResolverInUse.
func DeleteResolver(ctx context.Context, s *authn.Session, name string) (id int64, err error) {
	err = configure(ctx, s, policy.RightResolverDelete, Place{Resolver: name}, func(d *draft) error {
		d.record.Resolver = name
		r, ok := d.site.Resolvers[name]
		if !ok {
			id = -1
			return nil
		}
		for _, in := range slices.Sorted(maps.Keys(d.site.Realms)) {
			if slices.ContainsFunc(d.site.Realms[in].Resolvers, func(l site.Link) bool { return l.Resolver == name }) {
				return fault.New(fault.ResolverInUse, name, in)
			}
		}
		id = r.ID
		d.undefine(token.ResolverKind, name)
		return nil
	})
	return id, err
}

// TestResolver tests parameters without storing them. ok is the verdict;
// possible is false for types that cannot be tested, which is all there are yet.
func TestResolver(ctx context.Context, s *authn.Session, in ResolverInput) (ok, possible bool, err error) {
	err = look(ctx, s, policy.RightResolverWrite, Place{}, func(*token.Case, *site.Site) error {
		in.Name = "test"
		_, err := in.check()
		return err
	})
	return false, false, err
}
