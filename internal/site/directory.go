package site

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"strings"

	"symbolon/internal/fault"
	"symbolon/internal/realm"
	"symbolon/internal/secret"
	"symbolon/internal/token"
)

// noResolver is how clients say that they name no resolver.
const noResolver = "**"

// directory asks the resolvers of a Site.
type directory struct {
	site *Site
	log  *slog.Logger
}

// Find implements realm.Directory. A user exists in a realm only
// (users-audit-events.md 3.1): without one, or in a resolver that the realm
// does not have on this node, nobody is known.
//
// A resolver that fails is passed over, with a log line; the fault
// ResolverFailed comes only when no other one knows the login, since then
// nobody can say that the user does not exist.
func (d directory) Find(ctx context.Context, login, realmName, resolver string) (realm.User, error) {
	u := realm.User{Login: login, Realm: strings.ToLower(realmName)}
	asked := d.site.ResolversOf(u.Realm)
	if resolver != "" && resolver != noResolver {
		if _, ok := d.site.stores[resolver]; !ok {
			return realm.User{}, fault.New(fault.ResolverUnknown, resolver)
		}
		u.Resolver = resolver
		asked = only(asked, resolver)
	}
	if login == "" {
		return u, nil
	}
	var failed error
	for _, name := range asked {
		id, primary, ok, err := d.ask(name).Find(ctx, login)
		if err != nil {
			if ctx.Err() != nil {
				return realm.User{}, ctx.Err()
			}
			d.log.WarnContext(ctx, "a resolver could not be asked", "resolver", name, "realm", u.Realm, "error", err)
			failed = fmt.Errorf("%w: %w", fault.New(fault.ResolverFailed, name), err)
			continue
		}
		if !ok || id == "" {
			continue
		}
		found := realm.User{Login: login, Realm: u.Realm, Resolver: name, ID: id}
		if primary != "" && primary != login {
			found.Login, found.Used = primary, login
		}
		return found, nil
	}
	return u, failed
}

func only(names []string, name string) []string {
	for _, n := range names {
		if n == name {
			return []string{name}
		}
	}
	return nil
}

// ask returns the resolver of that name; one that is not defined knows nobody.
func (d directory) ask(name string) realm.Resolver {
	if r, ok := d.site.stores[name]; ok {
		return r
	}
	return empty{}
}

// ByID implements realm.Directory. A resolver that is not defined any more
// knows nobody.
func (d directory) ByID(ctx context.Context, resolver, id, realmName string) (realm.User, error) {
	u := realm.User{Realm: strings.ToLower(realmName), Resolver: resolver, ID: id}
	if id == "" {
		return u, nil
	}
	info, ok, err := d.ask(resolver).Info(ctx, id)
	if err != nil {
		return realm.User{}, d.failure(ctx, resolver, err)
	}
	if ok {
		u.Login = info["username"]
	}
	return u, nil
}

// Info implements realm.Directory.
func (d directory) Info(ctx context.Context, u realm.User) (info realm.Info, ok bool, err error) {
	if !u.Known() {
		return nil, false, nil
	}
	info, ok, err = d.ask(u.Resolver).Info(ctx, u.ID)
	if err != nil {
		return nil, false, d.failure(ctx, u.Resolver, err)
	}
	if !ok {
		return nil, false, nil
	}
	info, err = d.site.overlay(ctx, token.OwnerOf(u), info)
	return info, true, err
}

// overlay is what a resolver says of a user, with what is noted of him beside
// it: that wins. The server's own notes are not shown.
func (s *Site) overlay(ctx context.Context, o token.Owner, info realm.Info) (realm.Info, error) {
	if s.noted == nil {
		return info, nil
	}
	list, err := s.noted(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("attributes of a user: %w", err)
	}
	shared := true
	for _, a := range list {
		if strings.HasPrefix(a.Key, ".") || a.Owner.UserID != o.UserID {
			continue
		}
		if shared {
			info, shared = maps.Clone(info), false
		}
		info[a.Key] = a.Text
	}
	return info, nil
}

// CheckPassword implements realm.Directory. For a user whom nobody knows the
// resolver that would have been asked first is asked for nobody, so that it
// takes as long.
func (d directory) CheckPassword(ctx context.Context, u realm.User, password secret.Bytes) (bool, error) {
	resolver := u.Resolver
	if !u.Known() && resolver == "" {
		if names := d.site.ResolversOf(u.Realm); len(names) > 0 {
			resolver = names[0]
		}
	}
	right, err := d.ask(resolver).CheckPassword(ctx, u.ID, password)
	if err != nil {
		return false, d.failure(ctx, resolver, err)
	}
	return right && u.Known(), nil
}

// failure is the fault of a resolver that could not be asked; the end of a
// context is nobody's fault.
func (d directory) failure(ctx context.Context, resolver string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	d.log.WarnContext(ctx, "a resolver could not be asked", "resolver", resolver, "error", err)
	return fmt.Errorf("%w: %w", fault.New(fault.ResolverFailed, resolver), err)
}

// failing is a resolver that cannot be asked.
type failing struct{ err error }

func (f failing) Find(context.Context, string) (string, string, bool, error) {
	return "", "", false, f.err
}
func (f failing) Info(context.Context, string) (realm.Info, bool, error) { return nil, false, f.err }
func (f failing) List(context.Context, map[string]string) ([]realm.Info, error) {
	return nil, f.err
}
func (f failing) CheckPassword(context.Context, string, secret.Bytes) (bool, error) {
	return false, f.err
}
func (failing) Editable() bool { return false }

// empty is a resolver that knows nobody.
type empty struct{}

func (empty) Find(context.Context, string) (string, string, bool, error)        { return "", "", false, nil }
func (empty) Info(context.Context, string) (realm.Info, bool, error)            { return nil, false, nil }
func (empty) List(context.Context, map[string]string) ([]realm.Info, error)     { return nil, nil }
func (empty) CheckPassword(context.Context, string, secret.Bytes) (bool, error) { return false, nil }
func (empty) Editable() bool                                                    { return false }
