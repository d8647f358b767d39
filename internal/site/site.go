// Package site holds everything administrators have configured, compiled into
// one immutable value: policies, realms, resolvers, settings, local
// administrators. A change to a definition makes a new Site; a request is
// decided under the one it began with.
//
// How a definition is written down is here too; who may change one is decided
// in internal/manage, what a policy means in internal/policy, and how a
// resolver reads its store in internal/resolver/...
package site

import (
	"context"
	"time"

	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/setting"
	"symbolon/internal/token"
)

// Realm is a named group of resolvers.
type Realm struct {
	ID        int64  `json:"-"`
	Name      string `json:"-"` // lower case
	Default   bool   `json:"default,omitempty"`
	Resolvers []Link `json:"resolvers"`
}

// Link puts a resolver into a realm.
type Link struct {
	Resolver string `json:"resolver"`
	Priority *int   `json:"priority,omitempty"` // nil counts as 1000
	Node     string `json:"node,omitempty"`     // "": on all nodes
}

// Resolver is the definition of a resolver. Values of password parameters are
// sealed, as base64 of what keyring.SealText returned for purpose "resolver".
type Resolver struct {
	ID     int64             `json:"-"`
	Name   string            `json:"-"`
	Type   string            `json:"type"`
	Params map[string]string `json:"params"`
}

// Admin is a local administrator.
type Admin struct {
	ID    int64     `json:"-"`
	Name  string    `json:"-"`
	Hash  string    `json:"hash"`
	Email string    `json:"email,omitempty"`
	Since time.Time `json:"since"` // tokens issued before it are refused: the password was set then
}

// Site is what administrators have configured. Nothing of it is ever changed.
type Site struct {
	Version   int64
	Settings  setting.Settings
	Policies  *policy.Snapshot
	Defined   []policy.Policy // all policies, as written, ordered by name
	Realms    map[string]Realm
	Default   string // default realm, "": none
	Resolvers map[string]Resolver
	Admins    map[string]Admin
	Groups    map[string]Group
	Users     realm.Directory

	noted  func(ctx context.Context, o token.Owner) ([]token.Attribute, error) // nil: nothing is noted of users
	stores map[string]realm.Resolver                                           // one for each of Resolvers
	order  map[string][]string                                                 // what ResolversOf returns
}

// Group is a token group.
type Group struct {
	ID          int64  `json:"-"`
	Name        string `json:"-"`
	Description string `json:"description"`
}

// Store returns the resolver of that name, ready to be asked. ok is false for
// one that is not defined. It is for what concerns one store alone, such as
// adding users; who somebody is, is a question to Users.
func (s *Site) Store(resolver string) (r realm.Resolver, ok bool) {
	r, ok = s.stores[resolver]
	return r, ok
}

// ResolversOf names the resolvers of a realm that count on this node, in the
// order in which they are asked, each once. The realm is in lower case. Callers
// share the result.
func (s *Site) ResolversOf(realmName string) []string { return s.order[realmName] }
