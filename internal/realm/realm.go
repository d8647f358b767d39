// Package realm says who users are: what a user, a realm, a resolver and an
// actor is. How a resolver reads its directory is in internal/resolver/...;
// which realms there are is compiled in internal/site.
package realm

import (
	"context"

	"symbolon/internal/secret"
)

// User is somebody a resolver knows. Two users are the same when resolver,
// realm and ID are the same; the login may change. The zero User is nobody.
// A User without ID was named in a request but is known to no resolver.
type User struct {
	Login    string // the primary login name
	Realm    string // lower case
	Resolver string
	ID       string // what the resolver calls the user, as text
	Used     string // the login that was typed, when it is not Login
}

// Named reports whether anybody was named at all.
func (u User) Named() bool { return u.Login != "" || u.ID != "" }

// Known reports whether a resolver knows the user.
func (u User) Known() bool { return u.ID != "" }

// Info is what a resolver says of a user: username, userid, givenname, surname,
// email, phone, mobile, description and further keys of its own. It never
// contains a password or its hash.
type Info map[string]string

// Resolver reads one store of users. Implementations are safe for use by many
// goroutines, bound every wait by ctx and a limit of their own, and return an
// error only when the store could not be asked: an unknown user is ok == false.
type Resolver interface {
	// Find returns the ID and the primary login of the user with this login.
	Find(ctx context.Context, login string) (id, primary string, ok bool, err error)
	// Info describes the user with this ID.
	Info(ctx context.Context, id string) (info Info, ok bool, err error)
	// List returns the users that match all entries of search: the user's keys,
	// with * as wildcard where the store can. A key it cannot search by matches nobody.
	List(ctx context.Context, search map[string]string) ([]Info, error)
	// CheckPassword reports whether password is the user's. It takes as long for
	// an unknown user.
	CheckPassword(ctx context.Context, id string, password secret.Bytes) (bool, error)
	// Editable reports whether users can be added and changed.
	Editable() bool
}

// Directory answers questions about users over all realms and resolvers.
type Directory interface {
	// Find looks a login up in a realm, by the resolvers' order, or in the one
	// resolver named. A user nobody knows comes back without ID and no error.
	// It returns the fault ResolverUnknown for a resolver that is not defined.
	Find(ctx context.Context, login, realm, resolver string) (User, error)
	// ByID returns the user with this ID, with its login; without login when the
	// resolver does not know it any more.
	ByID(ctx context.Context, resolver, id, realm string) (User, error)
	// Info describes a known user. ok is false when the resolver has lost it.
	Info(ctx context.Context, u User) (info Info, ok bool, err error)
	// CheckPassword asks the user's resolver.
	CheckPassword(ctx context.Context, u User, password secret.Bytes) (bool, error)
}

// Role is what a caller is.
type Role string

// The roles of callers.
const (
	Anonymous Role = ""
	Admin     Role = "admin"
	Owner     Role = "user" // a user acting on what is his own
)

// Actor is who calls. The zero Actor is anonymous.
type Actor struct {
	Role  Role
	Login string
	Realm string // of an administrator: "" for a local one
	User  User   // of an Owner: the user; of an administrator from a realm: likewise
}
