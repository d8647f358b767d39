// Package login says who calls: it issues the JSON web tokens of /auth, reads
// those that come with requests (rest-api.md 5 and 6.5), and knows local
// administrators by their passwords.
//
// How users prove who they are at /auth is decided in internal/authn, what a
// caller may do in internal/policy. Tokens of other issuers are not read here.
package login

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"symbolon/internal/realm"
	"symbolon/internal/secret"
	"symbolon/internal/site"
)

// Validate is the role of a token that opens nothing: it says that a client may
// ask for checks where the policy api_key_required wants one (rest-api.md 5.3).
const Validate realm.Role = "validate"

// How somebody signed in, as the claim authtype says it. Only API means
// something here.
const (
	ByPassword = "password"
	ByToken    = "pi"
	ByServer   = "remote_user" // the web server in front knew the user
	API        = "API"         // made on the command line, for a program
)

// APIRealm is the realm of tokens made on the command line, unless one is given.
const APIRealm = "API"

// Lives of tokens.
const (
	Life    = time.Hour            // after signing in, when no policy says otherwise
	APILife = 365 * 24 * time.Hour // on the command line
)

// Passwords checks administrators' passwords. A keyring.Ring does.
type Passwords interface {
	CheckAdmin(ctx context.Context, stored string, password secret.Bytes) (ok bool, better string, err error)
	CheckNobody(ctx context.Context, password secret.Bytes) error
}

// Gate issues and reads tokens.
type Gate struct {
	Key         secret.Bytes // of HMAC-SHA-256, the same on all nodes
	Passwords   Passwords
	Rand        io.Reader
	SuperRealms []string // realms whose users are administrators
}

// Ticket is what a token says of its bearer.
type Ticket struct {
	Login    string
	Realm    string // of a local administrator: ""
	Role     realm.Role
	AuthType string
	Rights   []string      // left out of a token that would be too large with them
	Life     time.Duration // 0: Life
}

// Caller is who a token was read from.
type Caller struct {
	Actor    realm.Actor // anonymous for the role Validate
	Validate bool        // the role is Validate
	AuthType string
	Expires  time.Time
}

// super reports whether the users of a realm are administrators.
func (g *Gate) super(realmName string) bool {
	return slices.ContainsFunc(g.SuperRealms, func(r string) bool { return strings.EqualFold(r, realmName) })
}

// AdminByPassword returns the local administrator of that name, when the
// password is right. It takes as long for a name that nobody has. better is the
// form the password should be stored in from now on, or "".
func (g *Gate) AdminByPassword(ctx context.Context, s *site.Site, name string, password secret.Bytes) (a site.Admin, ok bool, better string, err error) {
	stored, known := s.Admins[name]
	if !known {
		return site.Admin{}, false, "", g.Passwords.CheckNobody(ctx, password)
	}
	ok, better, err = g.Passwords.CheckAdmin(ctx, stored.Hash, password)
	if !ok || err != nil {
		return site.Admin{}, false, "", err
	}
	return stored, true, better, nil
}
