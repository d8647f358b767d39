package app

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"maps"
	"slices"
	"strings"

	"symbolon/internal/authn"
	"symbolon/internal/enroll"
	"symbolon/internal/fault"
	"symbolon/internal/manage"
	"symbolon/internal/realm"
	"symbolon/internal/secret"
	"symbolon/internal/setting"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// control is what the command line can ask. It is a dialect like the API: it
// turns a question into a call of the engine, and decides nothing.
func (s *server) control() Control {
	return Control{
		AdminAdd:   Answering(s.addAdmin),
		TokenEnrol: Answering(s.enrolToken),
		TokenShow:  Answering(s.showToken),
		TokenList:  Answering(s.listTokens),
		TokenTest:  Answering(s.testToken),
		ServerInfo: Answering(s.status),
		DemoFill:   Answering(s.fillDemo),
	}
}

// begin starts a session of whoever sits at the machine: an administrator
// without a name in the policies. The trail has the operating system's user.
func (s *server) begin(method string, who Caller) *authn.Session {
	now := s.now()
	session := s.engine.Begin(token.Origin{Case: newCase(), Started: now, Action: "CLI " + method, Client: "localhost",
		Agent: "symbolon", AgentVersion: Version, Actor: realm.Actor{Role: realm.Admin}})
	session.Record.Administrator = who.Name
	return session
}

func newCase() string {
	var b [5]byte
	if _, err := rand.Read(b[:]); err != nil {
		return ""
	}
	text := base32.NewEncoding("23456789ABCDEFGHJKLMNPQRSTUVWXYZ").EncodeToString(b[:])
	return text[:4] + "-" + text[4:]
}

func (s *server) addAdmin(ctx context.Context, who Caller, q AddAdmin) (out Added, err error) {
	out.Name = q.Name
	if _, taken := s.holder.Load().Admins[q.Name]; taken {
		return out, s.problem("administrator "+q.Name+" was not made", fault.New(fault.AdminTaken, q.Name))
	}
	if q.DryRun {
		return out, nil
	}
	session := s.begin(AdminAdd, who)
	password := secret.Text(q.Secret)
	in := manage.AdminInput{Name: q.Name, Password: &password, New: true}
	if q.Email != "" {
		in.Email = &q.Email
	}
	_, err = manage.SetAdmin(ctx, session, s.ring, in)
	session.End(ctx, err)
	return out, s.problem("administrator "+q.Name+" was not made", err)
}

// user finds the user a question names; no login is nobody.
func (s *server) user(ctx context.Context, login, realmName string) (realm.User, error) {
	if login == "" {
		return realm.User{}, nil
	}
	st := s.holder.Load()
	var given *string
	if realmName != "" {
		given = &realmName
	}
	name, in := site.SplitUser(st, login, given)
	if in == "" {
		return realm.User{}, &Problem{NotFound, fmt.Sprintf("user %s: there is no default realm. Name one with --realm, or make one: POST /realm/NAME", name)}
	}
	if err := s.realm(in); err != nil {
		return realm.User{}, err
	}
	u, err := st.Users.Find(ctx, name, in, "")
	if err == nil && !u.Known() {
		err = &Problem{NotFound, fmt.Sprintf("user %s is not known in realm %s. Name another realm with --realm", name, in)}
	}
	return u, s.problem("user "+name, err)
}

// realm refuses a realm that does not exist; "" is none.
func (s *server) realm(name string) error {
	realms := s.holder.Load().Realms
	if _, ok := realms[strings.ToLower(name)]; ok || name == "" {
		return nil
	}
	known := "None exists yet; make one: POST /realm/NAME"
	if len(realms) > 0 {
		known = "Realms: " + strings.Join(slices.Sorted(maps.Keys(realms)), ", ")
	}
	return &Problem{NotFound, fmt.Sprintf("there is no realm %s. %s", name, known)}
}

func (s *server) enrolToken(ctx context.Context, who Caller, q EnrolToken) (out Enrolled, err error) {
	u, err := s.user(ctx, q.User, q.Realm)
	if err != nil {
		return out, err
	}
	in := enroll.Input{Rules: s.profile.Enrol, Type: q.Type, Serial: q.Serial, New: true, User: u, Description: q.Description,
		Described: q.Description != "", Params: token.Params{"genkey": "1"}}
	if !u.Named() {
		in.Realm = q.Realm
		if err := s.realm(q.Realm); err != nil {
			return out, err
		}
	}
	if q.PIN != "" {
		in.PIN = &q.PIN
	}
	session := s.begin(TokenEnrol, who)
	if q.DryRun || q.Unseen {
		err := session.Look(func(c *token.Case, _ *site.Site) error {
			r, err := enroll.Init(ctx, c, in)
			out = Enrolled{Serial: r.Token.Serial, Type: r.Token.Type, User: u.Login, Realm: u.Realm}
			if err == nil && !q.DryRun && keyURL(r) != "" {
				err = &Problem{Usage, "nothing was done: the token has a secret, which is shown to a terminal only. Show it all the same with --print-secret"}
			}
			return err
		})
		if q.DryRun || err != nil {
			return out, s.problem("the token would not be made", err)
		}
	}
	r, err := manage.Enrol(ctx, session, in)
	session.End(ctx, err)
	out = Enrolled{Serial: r.Token.Serial, Type: r.Token.Type, User: u.Login, Realm: u.Realm, URL: keyURL(r)}
	return out, s.problem("the token was not made", err)
}

// keyURL is what an authenticator app scans, with the secret in it; "": the
// token has none.
func keyURL(r enroll.Result) string {
	for _, part := range r.Shown {
		if part.Name == "googleurl" {
			return part.URL.RevealText()
		}
	}
	return ""
}

// row is a token as the command line shows it.
func (s *server) row(l manage.Listed) TokenRow {
	state := string(l.Usable(s.now(), setting.ClearFailuresAfter(s.holder.Load().Settings)))
	if state == "" {
		state = "usable"
	}
	return TokenRow{Serial: l.Serial, Type: l.Type, User: l.Owner.Login, Realm: l.Token.Owner.Realm, State: state,
		Failures: l.Failures, MaxFailures: l.MaxFailures, LastUse: l.LastUse, Description: l.Description}
}

func (s *server) showToken(ctx context.Context, who Caller, q OneToken) (TokenRow, error) {
	session := s.begin(TokenShow, who)
	p, err := manage.List(ctx, session, manage.Listing{Filter: token.Filter{Serials: []string{strings.ReplaceAll(q.Serial, "*", "")}}, Page: 1, Size: 1})
	if err == nil && len(p.Tokens) == 0 {
		err = fault.New(fault.TokensNotFound, []string{q.Serial})
	}
	session.End(ctx, err)
	if err != nil {
		return TokenRow{}, s.problem("token "+q.Serial, err)
	}
	return s.row(p.Tokens[0]), nil
}

func (s *server) listTokens(ctx context.Context, who Caller, q ListTokens) (out TokenPage, err error) {
	session := s.begin(TokenList, who)
	defer func() { session.End(ctx, err) }()
	l := manage.Listing{Filter: token.Filter{Type: q.Type}, Page: 1, Size: q.Limit}
	if q.Limit > 0 {
		l.Page = q.Offset/q.Limit + 1
	}
	if q.User != "" {
		if l.User, err = s.user(ctx, q.User, q.Realm); err != nil {
			return out, err
		}
	} else if err = s.realm(q.Realm); err != nil {
		return out, err
	}
	if q.User == "" {
		l.Realm = q.Realm
	}
	if q.Type != "" && s.types[q.Type] == nil {
		return out, &Problem{Usage, fmt.Sprintf("there is no token type %s. %s", q.Type, s.advice(fault.New(fault.TypeUnknown)))}
	}
	p, err := manage.List(ctx, session, l)
	out.Total = p.Total
	for _, t := range p.Tokens {
		out.Tokens = append(out.Tokens, s.row(t))
	}
	return out, s.problem("the tokens", err)
}

func (s *server) testToken(ctx context.Context, who Caller, q TestToken) (out Tested, err error) {
	u, err := s.user(ctx, q.User, q.Realm)
	if err != nil {
		return out, err
	}
	session := s.begin(TokenTest, who)
	a, err := session.Check(ctx, authn.Request{User: u, Serial: q.Serial, Password: q.Password})
	session.End(ctx, err)
	if err != nil {
		return out, s.problem("the login could not be tried", err)
	}
	out = Tested{Accepted: a.Outcome == authn.Accept, Outcome: strings.ToLower(a.Outcome.String()), Serial: a.Serial,
		Reason: s.profile.Reason(a), Trace: s.explained(session.Trace())}
	if a.Outcome == authn.Challenge {
		for _, ch := range a.Challenges {
			out.Trace = append(out.Trace, fmt.Sprintf("token %s asks: %s", ch.Serial, strings.TrimSpace(s.profile.Text(ch.Prompt))))
		}
	}
	if !out.Accepted {
		out.Remedy = remedy(a)
	}
	return out, nil
}
