package privacyidea

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"symbolon/internal/api/envelope"
	"symbolon/internal/audit"
	"symbolon/internal/fault"
	"symbolon/internal/realm"
	"symbolon/internal/setting"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// CaseHeader carries the case number of a request.
const CaseHeader = "Symbolon-Case"

// dispatcher takes every request the same way. The order decides which error
// wins (rest-api.md 2.1).
type dispatcher struct {
	*Server
	index    *index
	threadID int64
}

// call is one request on its way.
type call struct {
	w       http.ResponseWriter
	r       *http.Request
	started time.Time
	number  string
	route   *Route
	req     *Request // nil before the request was merged
	status  int      // what was answered
	signed  bool     // a verified JWT came with the request
	actor   realm.Actor
}

// ServeHTTP implements http.Handler.
func (d *dispatcher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{w: w, r: r, started: d.Now(), number: d.caseNumber()}
	d.headers(c)
	f := d.index.find(r.Method, r.URL.Path)
	switch {
	case f.slash:
		d.redirect(c)
	case f.route != nil:
		c.route = f.route
		d.serve(c, f.path)
	case f.allow != nil && r.Method == http.MethodOptions:
		// Nothing is told that the route table does not tell, so nobody has to log in.
		w.Header().Set("Allow", strings.Join(f.allow, ", "))
		w.WriteHeader(http.StatusNoContent)
		c.status = http.StatusNoContent
	case f.allow != nil:
		w.Header().Set("Allow", strings.Join(f.allow, ", "))
		d.page(c, http.StatusMethodNotAllowed, "The method is not allowed for the requested URL.")
	default:
		d.notFound(c)
	}
	d.log(c)
}

func (d *dispatcher) headers(c *call) {
	h := c.w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	if c.r.TLS != nil {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	if c.number != "" {
		h.Set(CaseHeader, c.number)
	}
}

func (d *dispatcher) log(c *call) {
	route := ""
	if c.route != nil {
		route = c.route.Path
	}
	d.Log.LogAttrs(c.r.Context(), slog.LevelInfo, "request", slog.String("case", c.number), slog.String("method", c.r.Method),
		slog.String("route", route), slog.Int("status", c.status), slog.Duration("took", d.Now().Sub(c.started)))
}

// serve runs a route and answers, whatever happens on the way.
func (d *dispatcher) serve(c *call, path map[string]string) {
	ctx, cancel := context.WithTimeout(c.r.Context(), d.Timeout)
	defer cancel()
	c.w.Header().Set("Cache-Control", "no-cache")
	a, err := d.guarded(ctx, c, path)
	d.end(context.WithoutCancel(ctx), c.req, err)
	d.answer(ctx, c, a, err)
}

// errPanic stands for a programmer's mistake; its text is never shown.
var errPanic = errors.New("panic while serving a request")

func (d *dispatcher) guarded(ctx context.Context, c *call, path map[string]string) (a Answer, err error) {
	defer func() {
		p := recover()
		switch {
		case p == nil:
		case p == http.ErrAbortHandler:
			panic(p)
		default:
			d.Log.LogAttrs(ctx, slog.LevelError, "panic", slog.String("case", c.number), slog.String("route", c.route.Path),
				slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
			a, err = Answer{}, errPanic
		}
	}()
	if err := d.permit(ctx, c, c.route.Blueprint()); err != nil {
		return Answer{}, err
	}
	if c.req, err = d.read(c, path); err != nil {
		return Answer{}, err
	}
	// Errors from here on look different, and are in the trail.
	err = d.permit(ctx, c, c.route.Access)
	d.attribute(ctx, c)
	if err != nil {
		return Answer{}, err
	}
	if c.route.Access == APIKey && c.req.Client == "" {
		return Answer{}, fault.New(fault.APIClientKeyMissing)
	}
	return c.route.Serve(d.Server, ctx, c.req)
}

// permit asks who calls, once, and whether that will do for access. A bad token
// on the way to an anonymous route is not looked at (clients.md C6).
func (d *dispatcher) permit(ctx context.Context, c *call, access Access) error {
	if access != UserOrAdmin && access != AdminOnly {
		return nil
	}
	if !c.signed {
		jwt, ok := d.jwt(c.r)
		if !ok {
			return fault.New(fault.HeaderMissing)
		}
		actor, err := d.Verify(ctx, jwt)
		if err != nil {
			return err
		}
		c.actor, c.signed = actor, true
	}
	switch {
	case access == AdminOnly && c.actor.Role != realm.Admin:
		return fault.New(fault.RoleMissing, []string{string(realm.Admin)})
	case c.actor.Role != realm.Admin && c.actor.Role != realm.Owner:
		return fault.New(fault.RoleMissing, []string{string(realm.Owner), string(realm.Admin)})
	}
	return nil
}

// jwt returns the token a request carries. Routes without a login look at it
// only where a policy asks for an API key. An empty header of the last kind
// counts as a token that cannot be read.
func (s *Server) jwt(r *http.Request) (string, bool) {
	for i, name := range s.Profile.JWTHeaders {
		values, ok := r.Header[http.CanonicalHeaderKey(name)]
		if !ok || values[0] == "" && i < len(s.Profile.JWTHeaders)-1 {
			continue
		}
		v := strings.TrimSpace(values[0])
		if len(v) > 7 && strings.EqualFold(v[:7], "bearer ") {
			v = strings.TrimSpace(v[7:])
		}
		return v, true
	}
	return "", false
}

// read merges the parameters.
func (d *dispatcher) read(c *call, path map[string]string) (*Request, error) {
	limits := envelope.DefaultLimits()
	limits.Body = d.MaxBody
	if c.route.Upload {
		limits.Body = d.MaxUpload
	}
	m, err := envelope.Merge(c.r, path, d.Profile.Decoding.Twice(c.r.UserAgent()), limits)
	if err != nil {
		if fault.Of(err) == nil {
			// The connection broke or was too slow; there is nobody to blame the
			// server for it.
			err = fault.New(fault.Malformed, "the request body could not be read")
		}
		return nil, err
	}
	return &Request{Params: m.Params, Files: m.Files, HTTP: c.r, Route: c.route, Path: path, Profile: d.Profile,
		Site: d.Site()}, nil
}

// attribute adds who calls, from where, and about whom.
func (d *dispatcher) attribute(ctx context.Context, c *call) {
	req, agent, actor := c.req, envelope.ParseAgent(c.r.UserAgent()), c.actor
	req.Actor = actor
	if actor.Role == realm.Owner {
		d.own(req)
	}
	req.Named = named(req.Params, c.route.loginField(), req.Site)
	req.Origin = token.Origin{Case: c.number, Started: c.started, Action: c.route.Method + " " + c.route.Path,
		Client: clientAddress(req, c.route.Claimed), Agent: agent.Name, AgentVersion: agent.Version,
		UserAgent: c.r.UserAgent(), Actor: actor, Request: req}
	if d.Client != nil {
		if key := c.r.Header.Get("X-Api-Key"); key != "" && d.Profile.Product == PrivacyIDEA {
			if id, ok := d.Client(ctx, key); ok {
				req.Client = id
			}
		}
	}
	req.Session = d.Begin(req.Origin)
	req.Session.Record = record(req)
}

// own makes a calling user's request one about himself.
func (d *dispatcher) own(req *Request) {
	u := req.Actor.User
	login := req.Actor.Login
	if login == "" {
		login = u.Login
	}
	req.Params["user"], req.Params["realm"] = login, u.Realm
	delete(req.Params, "resolver")
	if !d.Profile.KeepUserID {
		delete(req.Params, "userid")
	}
	if u.Resolver != "" {
		req.Params["resolver"] = u.Resolver
	}
}

func record(req *Request) audit.Record {
	o := req.Origin
	r := audit.Record{Case: o.Case, Started: o.Started, Action: o.Action, Client: o.Client, Agent: o.Agent,
		AgentVersion: o.AgentVersion, User: req.Named.Login, Realm: req.Named.Realm, Resolver: req.Named.Resolver}
	if req.Actor.Role == realm.Admin {
		r.Administrator = req.Actor.Login
	}
	if serial, _, err := req.Text("serial"); err == nil {
		r.Serial = serial
	}
	return r
}

// clientAddress is where a request counts as coming from (rest-api.md 2.6). A
// setting that cannot be read believes nobody.
func clientAddress(req *Request, claimed bool) string {
	host, _ := splitAddress(req.HTTP.RemoteAddr)
	peer, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	proxies, err := envelope.ParseProxies(setting.OverrideClient.In(settings(req.Site)))
	if err != nil {
		proxies = envelope.Proxies{}
	}
	claim := ""
	if claimed {
		claim, _ = req.Params["client"].(string)
	}
	return proxies.Client(peer, req.HTTP.Header["X-Forwarded-For"], claim).String()
}

func settings(st *site.Site) setting.Settings {
	if st == nil {
		return nil
	}
	return st.Settings
}
