package app

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"strings"
	"time"

	"symbolon/internal/authn"
	"symbolon/internal/enroll"
	"symbolon/internal/fault"
	"symbolon/internal/manage"
	"symbolon/internal/realm"
	"symbolon/internal/secret"
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
		return out, &Problem{Failed, fmt.Sprintf("administrator %s is there already. Choose another name", q.Name)}
	}
	if q.DryRun {
		return out, nil
	}
	session := s.begin(AdminAdd, who)
	password := secret.Text(q.Secret)
	in := manage.AdminInput{Name: q.Name, Password: &password}
	if q.Email != "" {
		in.Email = &q.Email
	}
	_, err = manage.SetAdmin(ctx, session, s.ring, in)
	session.End(ctx, err)
	return out, err
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
	u, err := st.Users.Find(ctx, name, in, "")
	if err == nil && !u.Known() {
		err = &Problem{NotFound, fmt.Sprintf("user %s is not known in realm %q. Name the realm with --realm, or look at: symbolon status", name, in)}
	}
	return u, err
}

func (s *server) enrolToken(ctx context.Context, who Caller, q EnrolToken) (out Enrolled, err error) {
	u, err := s.user(ctx, q.User, q.Realm)
	if err != nil {
		return out, err
	}
	in := enroll.Input{Rules: s.profile.Enrol, Type: q.Type, Serial: q.Serial, User: u, Description: q.Description,
		Described: q.Description != "", Params: token.Params{"genkey": "1"}}
	if !u.Named() {
		in.Realm = q.Realm
	}
	if q.PIN != "" {
		in.PIN = &q.PIN
	}
	session := s.begin(TokenEnrol, who)
	if q.DryRun {
		err := session.Look(func(c *token.Case, _ *site.Site) error {
			r, err := enroll.Init(ctx, c, in)
			out = Enrolled{Serial: r.Token.Serial, Type: r.Token.Type, User: u.Login, Realm: u.Realm}
			return err
		})
		return out, err
	}
	r, err := manage.Enrol(ctx, session, in)
	session.End(ctx, err)
	out = Enrolled{Serial: r.Token.Serial, Type: r.Token.Type, User: u.Login, Realm: u.Realm}
	for _, part := range r.Shown {
		if part.Name == "googleurl" {
			out.URL = part.URL.RevealText()
		}
	}
	return out, err
}

// row is a token as the command line shows it.
func (s *server) row(l manage.Listed) TokenRow {
	clear := time.Duration(0)
	state := string(l.Usable(s.now(), clear))
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
		return TokenRow{}, err
	}
	return s.row(p.Tokens[0]), nil
}

func (s *server) listTokens(ctx context.Context, who Caller, q ListTokens) (out TokenPage, err error) {
	session := s.begin(TokenList, who)
	defer func() { session.End(ctx, err) }()
	l := manage.Listing{Filter: token.Filter{Type: q.Type}, Page: 1, Size: q.Limit, HideUnknownRealm: true}
	if q.Limit > 0 {
		l.Page = q.Offset/q.Limit + 1
	}
	if q.User != "" {
		if l.User, err = s.user(ctx, q.User, q.Realm); err != nil {
			return out, err
		}
	} else {
		l.Realm = q.Realm
	}
	p, err := manage.List(ctx, session, l)
	out.Total = p.Total
	for _, t := range p.Tokens {
		out.Tokens = append(out.Tokens, s.row(t))
	}
	return out, err
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
		return out, err
	}
	out = Tested{Accepted: a.Outcome == authn.Accept, Serial: a.Serial, Reason: s.profile.Reason(a)}
	for _, step := range session.Trace() {
		out.Trace = append(out.Trace, strings.TrimSpace(fmt.Sprintf("%s %s: %s %s %s", step.What, step.Object, step.Outcome, step.Reason, numbers(step.Numbers))))
	}
	return out, nil
}

func numbers(list []int64) string {
	if len(list) == 0 {
		return ""
	}
	return strings.Trim(fmt.Sprint(list), "[]")
}

func (s *server) status(ctx context.Context, who Caller, _ Nothing) (out Status, err error) {
	session := s.begin(ServerInfo, who)
	defer func() { session.End(ctx, err) }()
	_, total, err := s.store.Tokens(ctx, token.Filter{Limit: 1})
	if err != nil {
		return out, err
	}
	out = Status{Node: s.cfg.Node, Database: "SQLite", Admins: len(s.holder.Load().Admins), Tokens: total, Healthy: true}
	if out.Admins == 0 {
		out.Findings = append(out.Findings, "There is no administrator. Make one with: symbolon admin add NAME")
	}
	return out, nil
}
