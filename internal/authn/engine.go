// Package authn decides who may come in.
//
// Every request goes the same way, and Session.Run is that way: load a Case,
// decide, commit the changes of the decision and its record under their
// conditions, deliver what is to be sent, and answer. When a condition fails,
// someone else was faster; the decision is thrown away and taken again from
// what is stored now. A decision that was not committed is never answered.
//
// Logins are decided here (check.go is the order of the rules). Enrolment and
// administration are decided in their own packages and take the same way.
package authn

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"symbolon/internal/audit"
	"symbolon/internal/fault"
	"symbolon/internal/secret"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// Store is what the engine needs of the store.
type Store interface {
	token.Reader
	// Commit applies a decision or returns token.ErrConflict. It does not give
	// up when ctx ends while the commit is queued.
	Commit(ctx context.Context, c token.Commit) error
	// Append records what changed nothing, without waiting.
	Append(r audit.Record)
}

// Notifier delivers messages.
type Notifier interface {
	Send(ctx context.Context, m token.Message) error
}

// Admins knows the passwords of local administrators. It takes as long for a
// name that is nobody's.
type Admins interface {
	AdminByPassword(ctx context.Context, st *site.Site, name string, password secret.Bytes) (bool, error)
}

// Engine takes decisions. It is safe for use by many goroutines.
type Engine struct {
	Store    Store
	Site     func() *site.Site // what is configured now
	Reload   func(ctx context.Context) error
	Notifier Notifier // nil: nothing can be delivered
	Vault    token.Vault
	Admins   Admins
	Types    token.Registry
	Rules    Rules
	Node     string
	Now      func() time.Time
	Rand     io.Reader
}

// attempts bounds how often a decision is taken again before the request is
// told that the server is busy: then nothing has happened.
const attempts = 8

// Decision is what deciding yields: the changes that make the answer true, what
// the record says of it, and the questions that were opened.
type Decision struct {
	Changes []token.Change
	Record  audit.Record // subject and outcome; the session fills in the rest
	// Fault refuses the request after all, though the changes stand: a code that
	// was right is spent, whatever an authorization policy says then.
	Fault  *fault.Fault
	opened []opened
}

// Define notes changes to definitions, decided on what s says.
func (d *Decision) Define(s *site.Site, changes ...token.Change) {
	d.Changes = append(append(d.Changes, token.AtVersion{Version: s.Version}), changes...)
}

type opened struct {
	token     *token.Token
	challenge token.Challenge
	opening   *token.Opening
}

// Session is one request: what must survive deciding again, and whether its
// record is in the trail yet.
type Session struct {
	Origin token.Origin
	// Record holds what is known of the request's subject before anything was
	// decided; it is the record of requests that decide nothing.
	Record audit.Record

	engine   *Engine
	memo     token.Memo
	trace    token.Trace
	recorded bool
}

// Begin starts a request.
func (e *Engine) Begin(o token.Origin) *Session {
	return &Session{Origin: o, engine: e}
}

// Site is what is configured at this moment.
func (s *Session) Site() *site.Site { return s.engine.Site() }

// Types are the token types of the server.
func (s *Session) Types() token.Registry { return s.engine.Types }

// Rules are the product's ways to judge.
func (s *Session) Rules() Rules { return s.engine.Rules }

// Case returns the Case of one decision, taken under the site st.
func (s *Session) newCase(st *site.Site) *token.Case {
	e := s.engine
	return token.NewCase(token.Ground{Now: e.Now(), Rand: e.Rand, Origin: s.Origin, Node: e.Node, Settings: st.Settings,
		Users: st.Users, Types: e.Types, Reader: e.Store, Trier: pins{e}, PINs: pins{e}, Vault: e.Vault, Policies: st.Policies,
		ResolversOf: st.ResolversOf, Rules: e.Rules.Types, Memo: &s.memo, Trace: &s.trace})
}

// Look reads without deciding anything. Policies that took effect are noted.
func (s *Session) Look(read func(c *token.Case, st *site.Site) error) error {
	st := s.engine.Site()
	return read(s.newCase(st), st)
}

// Run decides and commits, and decides again as long as others are faster. It
// returns the error of decide, the fault of the committed decision, or the
// fault Busy when every race was lost.
func (s *Session) Run(ctx context.Context, decide func(c *token.Case, st *site.Site) (Decision, error)) (Decision, error) {
	for range attempts {
		st := s.engine.Site()
		c := s.newCase(st)
		d, err := decide(c, st)
		if err != nil {
			return Decision{}, err
		}
		record := s.finish(d.Record)
		err = s.engine.Store.Commit(ctx, token.Commit{Changes: d.Changes, Record: &record})
		switch {
		case err == nil:
			s.recorded = true
			if err := s.reload(ctx, d.Changes); err != nil {
				return Decision{}, err
			}
			if d.Fault != nil {
				return d, d.Fault
			}
			return d, nil
		case !errors.Is(err, token.ErrConflict):
			return Decision{}, err
		}
		s.trace.Again()
		if err := s.reload(ctx, d.Changes); err != nil {
			return Decision{}, err
		}
	}
	return Decision{}, fault.New(fault.Busy)
}

// reload makes the site follow a change of definitions, also one that was lost
// to somebody else's.
func (s *Session) reload(ctx context.Context, changes []token.Change) error {
	for _, ch := range changes {
		if _, ok := ch.(token.AtVersion); ok && s.engine.Reload != nil {
			return s.engine.Reload(context.WithoutCancel(ctx))
		}
	}
	return nil
}

// finish completes a record with what the session knows of the request.
func (s *Session) finish(r audit.Record) audit.Record {
	o, known := s.Origin, s.Record
	r.Case, r.Started, r.Ended, r.Action = o.Case, o.Started, s.engine.Now(), o.Action
	r.Client, r.Agent, r.AgentVersion = o.Client, o.Agent, o.AgentVersion
	r.Policies, r.Conflicts = s.trace.Policies, s.trace.Conflicts
	r.Trace = s.trace.Steps
	for _, f := range []struct{ to, from *string }{{&r.User, &known.User}, {&r.Realm, &known.Realm},
		{&r.Resolver, &known.Resolver}, {&r.Serial, &known.Serial}, {&r.TokenType, &known.TokenType},
		{&r.Administrator, &known.Administrator}, {&r.Detail, &known.Detail}, {&r.Text, &known.Text}} {
		if *f.to == "" {
			*f.to = *f.from
		}
	}
	return r
}

// Recorded reports whether a decision of this session is in the trail.
func (s *Session) Recorded() bool { return s.recorded }

// Trace is how the last decision came about.
func (s *Session) Trace() []audit.Step { return s.trace.Steps }

// End records a request that decided nothing, or whose decision failed: with
// err, or as a success. It does nothing when a decision was recorded.
func (s *Session) End(ctx context.Context, err error) {
	if s.recorded {
		return
	}
	r := s.ofSerial(ctx)
	r.Success = err == nil
	if f := fault.Of(err); f != nil {
		r.Reason, r.Args = f.Kind.String(), f.Args
	} else if err != nil {
		r.Reason = string(Internal)
	}
	s.recorded = true
	s.engine.Store.Append(s.finish(r))
}

// ofSerial is whom a request is about that names a token and no user: its owner
// (rest-api.md 2.4).
func (s *Session) ofSerial(ctx context.Context) (r audit.Record) {
	if s.Record.User != "" || s.Record.Serial == "" || strings.ContainsAny(s.Record.Serial, "*,") {
		return r
	}
	t, err := s.engine.Store.TokenBySerial(ctx, s.Record.Serial)
	if err != nil {
		return r // what cannot be found is not said
	}
	r.TokenType = t.Type
	if u, err := s.newCase(s.engine.Site()).Owner(ctx, t); err == nil {
		r.User, r.Realm, r.Resolver = u.Login, u.Realm, u.Resolver
	}
	return r
}

// deliver sends the messages of challenges that are committed by now, and lets
// their types react to what came of it.
func (s *Session) deliver(ctx context.Context, d *Decision) error {
	for _, o := range d.opened {
		if o.opening.Send == nil {
			continue
		}
		err := errors.New("no gateway is configured")
		if s.engine.Notifier != nil {
			err = s.engine.Notifier.Send(ctx, o.opening.Send)
		}
		n, ok := s.engine.Types[o.token.Type].(token.Notified)
		if !ok {
			continue
		}
		c := s.newCase(s.engine.Site())
		changes := n.Sent(ctx, c, o.token, &o.challenge, o.opening, err)
		if len(changes) == 0 {
			continue
		}
		err = s.engine.Store.Commit(ctx, token.Commit{Changes: changes})
		if err != nil && !errors.Is(err, token.ErrConflict) {
			return err
		}
	}
	return nil
}
