package site

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"symbolon/internal/realm"
	"symbolon/internal/setting"
	"symbolon/internal/token"
)

// SplitUser reads a user's name as clients write it (rest-api.md 2.4): login,
// login@realm or REALM\login. given is the parameter realm, nil without one; it
// outweighs a realm in the name even when it is empty. Who names a login and no
// realm is of the default realm. The realm is in lower case, and need not exist.
func SplitUser(s *Site, name string, given *string) (login, realmName string) {
	login, realmName = s.split(strings.TrimSpace(name))
	if given != nil {
		realmName = *given
	}
	if realmName == "" && login != "" {
		realmName = s.Default
	}
	return login, strings.ToLower(realmName)
}

func (s *Site) split(name string) (login, realmName string) {
	if !setting.SplitAtSign.In(s.Settings) {
		return name, ""
	}
	if i := strings.LastIndexByte(name, '@'); i >= 0 {
		if _, ok := s.Realms[strings.ToLower(name[i+1:])]; ok {
			return name[:i], name[i+1:]
		}
		return name, ""
	}
	if i := strings.LastIndexByte(name, '\\'); i >= 0 {
		return name[i+1:], name[:i]
	}
	return name, ""
}

// Listed is one user in a list.
type Listed struct {
	Info            realm.Info
	Realm, Resolver string
	Editable        bool
}

// UserQuery says which users are listed.
type UserQuery struct {
	Realms   []string          // nil: all; unknown ones hold nobody
	Resolver string            // "": all of the realms
	Search   map[string]string // as realm.Resolver's List
	Noted    bool              // with what is noted of them beside their resolvers
}

// List returns the users of realms (users-audit-events.md 3.4), by realm and
// the order of its resolvers. Of users with one name in one realm only the
// first is listed. A resolver that fails is passed over, and named in failed.
func (s *Site) List(ctx context.Context, q UserQuery) (users []Listed, failed []string, err error) {
	realms := q.Realms
	if realms == nil {
		realms = slices.Sorted(maps.Keys(s.Realms))
	}
	found := map[string][]realm.Info{} // by resolver: it may be in several realms
	seen := map[[2]string]bool{}
	for _, r := range realms {
		r = strings.ToLower(r)
		for _, name := range s.ResolversOf(r) {
			store, ok := s.stores[name]
			if !ok || q.Resolver != "" && q.Resolver != name || slices.Contains(failed, name) {
				continue
			}
			infos, asked := found[name]
			if !asked {
				if infos, err = store.List(ctx, q.Search); err != nil {
					if ctx.Err() != nil {
						return nil, nil, ctx.Err()
					}
					failed = append(failed, name)
					continue
				}
				found[name] = infos
			}
			first := len(users)
			for _, i := range infos {
				if key := [2]string{r, i["username"]}; !seen[key] {
					seen[key] = true
					users = append(users, Listed{maps.Clone(i), r, name, store.Editable()})
				}
			}
			if err := s.note(ctx, q, users[first:], token.Owner{Realm: r, Resolver: name}); err != nil {
				return nil, nil, err
			}
		}
	}
	return users, failed, nil
}

// note adds what is noted of users of one realm and resolver.
func (s *Site) note(ctx context.Context, q UserQuery, users []Listed, o token.Owner) error {
	if !q.Noted || s.noted == nil || len(users) == 0 {
		return nil
	}
	list, err := s.noted(ctx, o)
	if err != nil {
		return fmt.Errorf("attributes of users: %w", err)
	}
	of := map[string][]token.Attribute{}
	for _, a := range list {
		if !strings.HasPrefix(a.Key, ".") {
			of[a.Owner.UserID] = append(of[a.Owner.UserID], a)
		}
	}
	for _, u := range users {
		for _, a := range of[u.Info["userid"]] {
			u.Info[a.Key] = a.Text
		}
	}
	return nil
}
