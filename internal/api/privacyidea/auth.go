package privacyidea

import (
	"context"
	"strings"

	"symbolon/internal/api/envelope"
	"symbolon/internal/authn"
	"symbolon/internal/fault"
	"symbolon/internal/manage"
	"symbolon/internal/realm"
	"symbolon/internal/token"
)

// auth is POST /auth: who signs in gets a token for the API, and is told what
// he may do.
func (s *Server) auth(ctx context.Context, r *Request) (Answer, error) {
	q, err := s.credentials(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	in, err := r.Session.SignIn(ctx, q)
	detail := s.signInDetail(in)
	if err != nil {
		if fault.Is(err, fault.WrongCredentials) {
			if detail == nil { // there is a detail, of which nothing is told
				detail = map[string]any{}
			}
			return Answer{}, &Failed{Fault: fault.Of(err), Detail: detail}
		}
		return Answer{}, err
	}
	if in.Challenged {
		return s.signInChallenge(ctx, r, in, detail)
	}
	w, err := manage.Greet(ctx, r.Session, in.Actor, s.Catalogue)
	if err != nil {
		return Answer{}, err
	}
	jwt, err := s.Issue(in.Actor, w.Pages.JWTSeconds, w.Rights)
	if err != nil {
		return Answer{}, err
	}
	v := s.welcome(in.Actor, w)
	v["token"] = jwt
	v["rights"], v["menus"], v["log_level"] = anys(w.Rights), anys(w.Menus), 20
	return Answer{ID: s.Profile.LoginID, Value: v, Detail: detail}, nil
}

// credentials reads who signs in. A realm that was sent must exist.
func (s *Server) credentials(ctx context.Context, r *Request) (q authn.Credentials, err error) {
	for name, to := range map[string]*string{"username": &q.Name, "password": &q.Password, "transaction_id": &q.Transaction} {
		if *to, err = r.TextOr(name, ""); err != nil {
			return q, err
		}
	}
	realmName, err := r.TextOr("realm", "")
	if err != nil {
		return q, err
	}
	if _, ok := r.Site.Realms[strings.ToLower(realmName)]; realmName != "" && !ok {
		return q, fault.New(fault.LoginRealmUnknown, realmName)
	}
	q.Name = strings.TrimSpace(q.Name)
	if q.Name == "" {
		return q, fault.New(fault.UsernameMissing)
	}
	q.AdminRealms = s.AdminRealms
	q.Answer = token.Params{}
	for name, v := range r.Params {
		if text, ok := envelope.ScalarText(v); ok && name != "password" {
			q.Answer[name] = text
		}
	}
	q.User, err = r.signInUser(ctx)
	return q, err
}

// signInDetail is what the tokens said, when they decided.
func (s *Server) signInDetail(in authn.SignedIn) map[string]any {
	if !in.Tokens {
		return nil
	}
	d := s.Profile.loginDetail(in.Answer)
	if d == nil {
		return nil
	}
	delete(d, "preferred_client_mode")
	d["loginmode"] = s.Profile.Name
	return d
}

// signInChallenge asks on. privacyIDEA says no more; eduMFA shows the pages'
// settings already, without a token.
func (s *Server) signInChallenge(ctx context.Context, r *Request, in authn.SignedIn, detail map[string]any) (Answer, error) {
	if s.Profile.Product != EduMFA {
		return Answer{ID: s.Profile.LoginID, Value: false, Detail: detail, Authentication: "CHALLENGE"}, nil
	}
	w, err := manage.Greet(ctx, r.Session, in.Actor, s.Catalogue)
	if err != nil {
		return Answer{}, err
	}
	return Answer{ID: s.Profile.LoginID, Value: s.welcome(in.Actor, w), Detail: detail}, nil
}

// welcome is result.value of a login (rest-api.md 6.2).
func (s *Server) welcome(a realm.Actor, w manage.Welcome) map[string]any {
	p, e := w.Pages, s.Profile.Product == EduMFA
	or := func(text, pi, edu string) string {
		switch {
		case text != "":
			return text
		case e:
			return edu
		}
		return pi
	}
	rollover := map[string]any{}
	for k, by := range p.TokenRollover {
		rollover[k] = anys(by)
	}
	v := map[string]any{"username": a.Login, "realm": a.Realm, "role": string(a.Role),
		"logout_time": p.LogoutTime, "audit_page_size": p.AuditPageSize, "token_page_size": p.TokenPageSize,
		"user_page_size": p.UserPageSize, "default_tokentype": p.DefaultTokentype, "user_details": p.UserDetails,
		"token_wizard": p.TokenWizard, "token_wizard_2nd": p.TokenWizard2nd, "admin_dashboard": p.AdminDashboard,
		"dialog_no_token": p.DialogNoToken, "search_on_enter": p.SearchOnEnter, "token_rollover": rollover,
		"hide_welcome": p.HideWelcome, "hide_buttons": p.HideButtons, "deletion_confirmation": p.DeletionConfirmation,
		"show_seed": p.ShowSeed, "show_node": p.ShowNode, "logout_redirect_url": p.LogoutRedirect,
		"require_description": anys(p.RequireDescription), "subscription_status": 3, "subscription_status_push": 3,
		"timeout_action":      or(p.TimeoutAction, "lockscreen", "lockscreeen"),
		"policy_template_url": or(p.PolicyTemplateURL, "/static/policy-templates/", "https://raw.githubusercontent.com/edumfa/policy-templates/main/templates/"),
		"qr_image_android":    nil, "qr_image_ios": nil, "qr_image_custom": nil}
	if !e {
		v["auth"], v["container_wizard"] = true, map[string]any{"enabled": false}
		v["default_container_type"], v["rss_age"] = p.DefaultContainerType, p.RSSAge
	}
	return v
}

// authRights is GET /auth/rights.
func (s *Server) authRights(ctx context.Context, r *Request) (Answer, error) {
	types, err := manage.Enrollable(ctx, r.Session)
	v := map[string]any{}
	for _, t := range types {
		v[t.ID] = t.Title
	}
	return Answer{Value: v}, err
}
