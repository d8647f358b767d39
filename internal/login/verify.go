package login

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"symbolon/internal/fault"
	"symbolon/internal/realm"
	"symbolon/internal/site"
)

// Reasons why a token is not read, as clients see them (rest-api.md 6.5).
const (
	fewSegments    = "Not enough segments"
	headerPadding  = "Invalid header padding"
	headerText     = "Invalid header string: must be a json object"
	payloadPadding = "Invalid payload padding"
	wrongAlgorithm = "The specified alg value is not allowed"
	wrongSignature = "Signature verification failed"
	noExpiry       = `Token is missing the "exp" claim`
)

// Verify reads the header a request came with, raw or behind Bearer, and finds
// out who that is in s. A nil header is a request without one.
//
// The faults are HeaderMissing, JWTUndecodable and JWTExpired. A token whose
// bearer exists no more, has another role, or got a new password since, is
// answered as one with a wrong signature. The fault ResolverFailed comes when
// nobody could say whether a user still exists.
func (g *Gate) Verify(ctx context.Context, s *site.Site, authorization *string, now time.Time) (Caller, error) {
	if authorization == nil {
		return Caller{}, fault.New(fault.HeaderMissing)
	}
	p, err := g.read(bare(*authorization), now)
	if err != nil {
		return Caller{}, err
	}
	c := Caller{AuthType: p.AuthType, Expires: p.Expires.Time, Validate: realm.Role(p.Role) == Validate}
	if c.Validate {
		return c, nil
	}
	var ok bool
	if c.Actor, ok, err = g.actor(ctx, s, p); err != nil {
		return Caller{}, err
	}
	if !ok {
		return Caller{}, fault.New(fault.JWTUndecodable, wrongSignature)
	}
	return c, nil
}

// bare takes Bearer away, which most clients do not send.
func bare(authorization string) string {
	t := strings.TrimSpace(authorization)
	if scheme, rest, _ := strings.Cut(t, " "); strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(rest)
	}
	return t
}

// payload is what is read of a token.
type payload struct {
	Username string           `json:"username"`
	Realm    string           `json:"realm"` // null counts as empty
	Role     string           `json:"role"`
	AuthType string           `json:"authtype"`
	Expires  *jwt.NumericDate `json:"exp"`
	Epoch    int64            `json:"epoch"`
}

// read checks a token in the order of the other servers' library, so that the
// same one of several faults is answered.
func (g *Gate) read(token string, now time.Time) (payload, error) {
	undecodable := func(why string) (payload, error) { return payload{}, fault.New(fault.JWTUndecodable, why) }
	text, signature, ok := cutLast(token, ".")
	head, body, ok2 := strings.Cut(text, ".")
	if !ok || !ok2 {
		return undecodable(fewSegments)
	}
	e := base64.RawURLEncoding.Strict()
	h, err := e.DecodeString(head)
	if err != nil {
		return undecodable(headerPadding)
	}
	var algorithm struct {
		Name string `json:"alg"`
	}
	if json.Unmarshal(h, &algorithm) != nil {
		return undecodable(headerText)
	}
	b, err := e.DecodeString(body)
	if err != nil {
		return undecodable(payloadPadding)
	}
	if algorithm.Name != jwt.SigningMethodHS256.Alg() {
		return undecodable(wrongAlgorithm)
	}
	sum, err := e.DecodeString(signature)
	if err != nil || jwt.SigningMethodHS256.Verify(text, sum, g.Key.Reveal()) != nil {
		return undecodable(wrongSignature)
	}
	var p payload
	if json.Unmarshal(b, &p) != nil {
		return undecodable("Invalid payload string: must be a json object")
	}
	return p, p.check(now)
}

func (p payload) check(now time.Time) error {
	v := jwt.NewValidator(jwt.WithExpirationRequired(), jwt.WithTimeFunc(func() time.Time { return now }))
	switch err := v.Validate(jwt.RegisteredClaims{ExpiresAt: p.Expires}); {
	case err == nil:
		return nil
	case errors.Is(err, jwt.ErrTokenExpired):
		return fault.New(fault.JWTExpired)
	default:
		return fault.New(fault.JWTUndecodable, noExpiry)
	}
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// actor finds out who the bearer is now.
func (g *Gate) actor(ctx context.Context, s *site.Site, p payload) (a realm.Actor, ok bool, err error) {
	role := realm.Role(p.Role)
	switch {
	case role == realm.Admin && p.Realm == "":
		account, known := s.Admins[p.Username]
		// A node that has not heard of a new password yet accepts tokens that
		// were issued with it.
		return realm.Actor{Role: role, Login: p.Username}, known && p.Epoch >= account.Since.UnixMicro(), nil
	case role == realm.Admin && p.AuthType == API:
		return realm.Actor{Role: role, Login: p.Username, Realm: p.Realm}, p.Username != "", nil
	case role == realm.Admin || role == realm.Owner:
		if (role == realm.Admin) != g.super(p.Realm) {
			return realm.Actor{}, false, nil
		}
		u, err := s.Users.Find(ctx, p.Username, p.Realm, "")
		return realm.Actor{Role: role, Login: u.Login, Realm: u.Realm, User: u}, u.Known(), err
	}
	return realm.Actor{}, false, nil
}
