package authn

import (
	"context"
	"slices"
	"strings"

	"symbolon/internal/audit"
	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/secret"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// Credentials are what somebody sends who wants to administer or to serve himself.
type Credentials struct {
	Name        string     // as it was typed
	User        realm.User // looked up; without ID when nobody knows it
	Password    string
	Transaction string
	Answer      token.Params
	AdminRealms []string // realms whose users are administrators, lower case
}

// SignedIn is who has signed in, or what is asked of him first.
type SignedIn struct {
	Actor  realm.Actor
	Tokens bool   // the tokens decided; Answer says how
	Answer Answer // with Tokens
	// Challenged: an answer is asked before anybody is signed in.
	Challenged bool
}

// SignIn decides who signs in (rest-api.md 6.1): a local administrator by his
// password; else a user by what the policy login_mode says. Wrong credentials
// are a fault; SignedIn then still holds what the tokens said.
func (s *Session) SignIn(ctx context.Context, q Credentials) (SignedIn, error) {
	var in *signIn
	d, err := s.Run(ctx, func(c *token.Case, st *site.Site) (Decision, error) {
		in = &signIn{l: &attempt{e: s.engine, c: c, who: q.User,
			q: Request{User: q.User, Password: q.Password, Transaction: q.Transaction, Answer: q.Answer}}, q: q, site: st}
		if err := in.decide(ctx); err != nil {
			return Decision{}, err
		}
		in.l.d.Record = in.record()
		return in.l.d, nil
	})
	if err == nil {
		err = s.deliver(ctx, &d)
	}
	if in == nil {
		return SignedIn{}, err
	}
	in.l.offered()
	in.out.Answer = in.l.a
	return in.out, err
}

type signIn struct {
	l    *attempt
	q    Credentials
	site *site.Site
	out  SignedIn
}

func (in *signIn) decide(ctx context.Context) error {
	if in.q.Name == "" {
		return fault.New(fault.UsernameMissing)
	}
	ok, err := in.localAdmin(ctx)
	if err != nil || ok {
		return err
	}
	if !in.q.User.Known() {
		return in.wrong(ctx)
	}
	limited, err := in.l.withinLimits(ctx)
	if err != nil {
		return err
	}
	if limited {
		in.l.refuse(fault.TimeLimitExceeded)
		return nil
	}
	mode, err := in.mode(ctx)
	switch {
	case err != nil:
		return err
	case mode == "disable":
		return fault.New(fault.LoginDisabled)
	case mode == "userstore":
		return in.byPassword(ctx)
	}
	return in.byTokens(ctx)
}

// localAdmin tries the name as a local administrator's. The time it takes does
// not tell whether there is one.
func (in *signIn) localAdmin(ctx context.Context) (bool, error) {
	if in.q.Password == "" || in.q.Transaction != "" {
		return false, nil
	}
	ok, err := in.l.e.Admins.AdminByPassword(ctx, in.site, in.q.Name, secret.Text(in.q.Password))
	if err != nil || !ok {
		return false, err
	}
	in.out.Actor = realm.Actor{Role: realm.Admin, Login: in.q.Name}
	in.l.a.Outcome, in.l.a.Reason = Accept, LoggedIn
	in.l.note("admin", in.q.Name, "right", "")
	return true, nil
}

// mode is how the user signs in. Policies that disagree leave the default: else
// nobody could sign in to repair them (policies.md W19).
func (in *signIn) mode(ctx context.Context) (string, error) {
	mode, err := policy.LoginMode.In(in.l.c.Policies(ctx, token.About{User: &in.q.User}))
	if fault.Is(err, fault.PoliciesConflict) {
		in.l.note("policy", "login_mode", "conflict", "")
		return "userstore", nil
	}
	return mode, err
}

// byPassword asks the user's resolver.
func (in *signIn) byPassword(ctx context.Context) error {
	if in.q.Password == "" {
		return in.wrong(ctx)
	}
	ok, err := in.l.c.UserPassword(ctx, in.q.User, in.q.Password)
	if err != nil {
		return err
	}
	if !ok {
		return in.wrong(ctx)
	}
	in.l.a.Outcome, in.l.a.Reason = Accept, LoggedIn
	in.accept()
	_, err = in.l.countAttempt(ctx)
	return err
}

// byTokens checks the password as a login would.
func (in *signIn) byTokens(ctx context.Context) error {
	in.out.Tokens = true
	if err := in.l.checkUser(ctx); err != nil {
		return err
	}
	switch {
	case in.l.d.Fault != nil:
	case in.l.a.Outcome == Accept:
		in.accept()
	case in.l.a.Outcome == Challenge:
		in.out.Challenged = true
		in.out.Actor = in.actor()
	default:
		in.l.refuse(fault.WrongCredentials)
	}
	return nil
}

// wrong refuses, and counts the attempt where a policy limits attempts.
func (in *signIn) wrong(ctx context.Context) error {
	in.l.reject(WrongPassword)
	in.l.refuse(fault.WrongCredentials)
	if !in.q.User.Known() {
		return nil
	}
	_, err := in.l.countAttempt(ctx)
	return err
}

func (in *signIn) actor() realm.Actor {
	u := in.q.User
	a := realm.Actor{Role: realm.Owner, Login: u.Login, Realm: u.Realm, User: u}
	if slices.Contains(in.q.AdminRealms, strings.ToLower(u.Realm)) {
		a.Role = realm.Admin
	}
	return a
}

func (in *signIn) accept() { in.out.Actor = in.actor() }

func (in *signIn) record() audit.Record {
	r := in.l.record()
	switch {
	case in.out.Actor.Role == realm.Admin:
		r.Administrator, r.User = in.out.Actor.Login, ""
		r.Realm = in.out.Actor.Realm
	case in.l.d.Fault != nil && !in.q.User.Known():
		r.User = in.q.Name
	}
	r.Success = in.l.d.Fault == nil && in.l.a.Outcome == Accept
	return r
}
