package privacyidea

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"symbolon/internal/api/envelope"
	"symbolon/internal/authn"
	"symbolon/internal/fault"
	"symbolon/internal/realm"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// Request is what a route gets: the request read, merged and attributed.
type Request struct {
	envelope.Params
	Files   []envelope.File // uploaded files, in their order
	HTTP    *http.Request
	Route   *Route
	Path    map[string]string // path variables as they were sent
	Profile *Profile
	Site    *site.Site // the configuration the request began with
	Actor   realm.Actor
	Client  string // id of the identified API client, or ""
	Origin  token.Origin
	Named   Named // who the parameters name

	Session *authn.Session

	user    realm.User
	userErr error
	found   bool
}

// Named is who a request names, before anybody was asked about it.
type Named struct {
	Login, Realm, Resolver string
	Bad                    string // the parameter that has a wrong type
}

// Answer is what a route returns for success.
type Answer struct {
	Status int // 0: 200
	ID     int // 0: 1; from 2 on the answer says how an authentication went
	Value  any
	// Authentication is derived from value and detail when it is empty.
	Authentication string
	Detail         map[string]any
	Root           map[string]any // further keys beside result
	Header         http.Header
	Raw            *Raw // instead of the envelope
}

// Raw is an answer that is no envelope. Without Stream the Body is sent.
type Raw struct {
	Type   string // media type; "": none
	Body   []byte
	Stream func(w io.Writer) error
}

// Failed is an error with details for the caller.
type Failed struct {
	Fault  *fault.Fault
	Detail map[string]any
}

// Error implements error.
func (f *Failed) Error() string { return f.Fault.Error() }

// Unwrap returns the fault.
func (f *Failed) Unwrap() error { return f.Fault }

// Require returns a text that must be there. Whether it may be empty differs
// between the products; where a route needs content, it asks for NonEmpty.
func (r *Request) Require(name string) (string, error) {
	if r.Profile.EmptyIsGiven {
		return r.Required(name)
	}
	return r.NonEmpty(name)
}

// File returns the uploaded file of this field.
func (r *Request) File(field string) (envelope.File, bool) {
	return envelope.Merged{Files: r.Files}.File(field)
}

// User returns who the request is about: the user it names, or of a calling
// user himself. Nobody is the zero User; a user no resolver knows has no ID.
// The answer is remembered.
func (r *Request) User(ctx context.Context) (realm.User, error) {
	if r.found {
		return r.user, r.userErr
	}
	r.user, r.userErr = r.lookUp(ctx)
	r.found = true
	return r.user, r.userErr
}

func (r *Request) lookUp(ctx context.Context) (realm.User, error) {
	switch {
	case r.Actor.Role == realm.Owner:
		return r.Actor.User, nil
	case r.Named.Bad != "":
		return realm.User{}, fault.New(fault.ParameterInvalid, r.Named.Bad)
	case r.Named.Login == "":
		return realm.User{}, nil
	}
	return r.Site.Users.Find(ctx, r.Named.Login, r.Named.Realm, r.Named.Resolver)
}

// KnownUser is User for routes that need one whom a resolver knows: else the
// fault UserNotFound.
func (r *Request) KnownUser(ctx context.Context) (realm.User, error) {
	u, err := r.User(ctx)
	if err == nil && !u.Known() {
		err = fault.New(fault.UserNotFound)
	}
	return u, err
}

// named reads who the parameters name. field is where this route has the login.
func named(p envelope.Params, field string, st *site.Site) (n Named) {
	text := func(name string) (string, bool) {
		v, ok, err := p.Text(name)
		if err != nil && n.Bad == "" {
			n.Bad = name
		}
		return v, ok
	}
	login, _ := text(field)
	var given *string
	if r, ok := text("realm"); ok {
		r = strings.TrimSpace(r)
		given = &r
	}
	n.Login, n.Realm = site.SplitUser(st, login, given)
	if n.Resolver, _ = text("resolver"); n.Resolver == "**" {
		n.Resolver = ""
	}
	return n
}

// Header implements token.Request.
func (r *Request) Header(name string) (string, bool) {
	if strings.EqualFold(name, "Host") {
		return r.HTTP.Host, r.HTTP.Host != ""
	}
	v, ok := r.HTTP.Header[textproto.CanonicalMIMEHeaderKey(name)]
	return strings.Join(v, ","), ok
}

// Environment implements token.Request: the names of CGI.
func (r *Request) Environment(name string) (string, bool) {
	h := r.HTTP
	host, port := splitAddress(h.Host)
	remote, remotePort := splitAddress(h.RemoteAddr)
	switch name {
	case "REQUEST_METHOD":
		return h.Method, true
	case "PATH_INFO":
		return h.URL.Path, true
	case "SCRIPT_NAME":
		return "", true
	case "QUERY_STRING":
		return h.URL.RawQuery, true
	case "REQUEST_URI", "RAW_URI":
		return h.RequestURI, true
	case "SERVER_PROTOCOL":
		return h.Proto, true
	case "SERVER_NAME":
		return host, true
	case "SERVER_PORT":
		return port, port != ""
	case "REMOTE_ADDR":
		return remote, true
	case "REMOTE_PORT":
		return remotePort, true
	case "CONTENT_TYPE":
		return r.Header("Content-Type")
	case "CONTENT_LENGTH":
		return r.Header("Content-Length")
	}
	if header, ok := strings.CutPrefix(name, "HTTP_"); ok {
		return r.Header(strings.ReplaceAll(header, "_", "-"))
	}
	return "", false
}

// splitAddress divides host and port; without a port all is the host.
func splitAddress(s string) (host, port string) {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return strings.Trim(s, "[]"), ""
	}
	return host, port
}

// Parameter implements token.Request. Passwords are not shown to conditions.
func (r *Request) Parameter(name string) (any, bool) {
	if slices.Contains([]string{"pass", "password"}, name) {
		return nil, false
	}
	v, ok := r.Params[name]
	return v, ok
}

// own reports whether a user acts for himself.
func (r *Request) own() bool { return r.Actor.Role == realm.Owner }

// apiKey is what the request brought to prove that its sender may ask.
func (s *Server) apiKey(ctx context.Context, r *Request) authn.APIKey {
	jwt, ok := s.jwt(r.HTTP)
	if !ok || s.APIKey == nil {
		return authn.NoAPIKey
	}
	return s.APIKey(ctx, jwt)
}

// callerIsAdmin reports whether an anonymous request brought an administrator's
// token all the same.
func (s *Server) callerIsAdmin(ctx context.Context, r *Request) bool {
	jwt, ok := s.jwt(r.HTTP)
	if !ok {
		return false
	}
	a, err := s.Verify(ctx, jwt)
	return err == nil && a.Role == realm.Admin
}

// signInUser looks up who signs in. A realm that was sent overrides the one in
// the name.
func (r *Request) signInUser(ctx context.Context) (realm.User, error) {
	u, err := r.User(ctx)
	if fault.Of(err) != nil {
		return realm.User{Login: r.Named.Login, Realm: r.Named.Realm}, nil
	}
	return u, err
}
