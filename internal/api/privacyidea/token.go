package privacyidea

import (
	"context"
	"strings"

	"symbolon/internal/api/envelope"
	"symbolon/internal/authn"
	"symbolon/internal/enroll"
	"symbolon/internal/fault"
	"symbolon/internal/manage"
	"symbolon/internal/qr"
	"symbolon/internal/secret"
	"symbolon/internal/token"
)

// enrolOwn are the parameters of /token/init that are not the type's.
var enrolOwn = [...]string{"type", "serial", "user", "realm", "resolver", "pin", "description", "prefix", "tokenkind", "verify",
	"rollover", "validity_period_start", "validity_period_end", "nonce", "client"}

// tokenInit is POST /token/init.
func (s *Server) tokenInit(ctx context.Context, r *Request) (Answer, error) {
	in, err := s.enrolInput(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	res, err := manage.Enrol(ctx, r.Session, in)
	if err != nil {
		return Answer{}, err
	}
	return s.enrolAnswer(res)
}

func (s *Server) enrolInput(ctx context.Context, r *Request) (in enroll.Input, err error) {
	in.Rules = s.Profile.Enrol
	if in.User, err = r.User(ctx); err != nil {
		return in, err
	}
	for name, to := range map[string]*string{"type": &in.Type, "serial": &in.Serial, "prefix": &in.Prefix, "description": &in.Description} {
		if *to, err = r.TextOr(name, ""); err != nil {
			return in, err
		}
	}
	if !in.User.Named() {
		if in.Realm, err = r.TextOr("realm", ""); err != nil {
			return in, err
		}
	}
	for name, to := range map[string]**string{"pin": &in.PIN, "verify": &in.Verify, "validity_period_start": &in.ValidFrom,
		"validity_period_end": &in.ValidUntil} {
		text, ok, err := r.Scalar(name)
		if err != nil {
			return in, err
		}
		if ok {
			*to = &text
		}
	}
	for _, p := range []**string{&in.Verify, &in.ValidFrom, &in.ValidUntil} {
		if *p != nil && **p == "" {
			*p = nil
		}
	}
	in.Described, in.Rollover = r.Has("description"), r.True("rollover")
	in.Params = token.Params{}
	for name, v := range r.Without(enrolOwn[:]...) {
		if text, ok := envelope.ScalarText(v); ok {
			in.Params[name] = text
		}
	}
	return in, s.enrolInfo(r, &in)
}

// enrolInfo reads the entries that eduMFA lets a request add.
func (s *Server) enrolInfo(r *Request, in *enroll.Input) error {
	if s.Profile.Product != EduMFA {
		return nil
	}
	info, ok, err := r.Object("info")
	if err != nil || !ok {
		return err
	}
	in.Info = map[string]string{}
	for k, v := range info {
		text, ok := envelope.ScalarText(v)
		if !ok || manage.Hidden(k) {
			return fault.New(fault.InfoInvalid, k)
		}
		in.Info[k] = text
	}
	return nil
}

// enrolAnswer shows what an enrolment step shows once.
func (s *Server) enrolAnswer(res enroll.Result) (Answer, error) {
	d := map[string]any{"serial": res.Token.Serial}
	for _, part := range res.Shown {
		if part.URL.Len() == 0 {
			d[part.Name] = s.Profile.shownValue(part.Value)
			continue
		}
		img, err := qr.DataURI(part.URL.RevealText())
		if err != nil {
			return Answer{}, err
		}
		v := map[string]any{"description": part.Title, "value": part.URL.RevealText(), "img": img}
		for k, x := range part.Extra {
			v[k] = s.Profile.shownValue(x)
		}
		d[part.Name] = v
	}
	switch {
	case res.Proved:
		d["rollout_state"] = "enrolled"
	case res.Prove:
		d["rollout_state"] = string(token.Verify)
		d["verify"] = map[string]any{"message": s.Profile.word("enrol.verify")}
	}
	return Answer{Value: true, Detail: d}, nil
}

// shownValue is a value that an enrolment shows: a secret, this once, as text.
func (p *Profile) shownValue(v any) any {
	switch v := v.(type) {
	case secret.Bytes:
		return v.RevealText()
	case token.State:
		return p.state(v)
	}
	return v
}

// target reads which tokens a request is about: serial (also several, divided
// by commas), serials, or the tokens of a user.
func (r *Request) target(ctx context.Context) (t manage.Target, err error) {
	list, _, err := r.List("serials")
	if err != nil {
		return t, err
	}
	text, err := r.TextOr("serial", "")
	if err != nil {
		return t, err
	}
	for _, s := range strings.Split(text, ",") {
		if s = strings.TrimSpace(s); s != "" {
			list = append(list, s)
		}
	}
	t.Serials = list
	if len(list) == 0 {
		t.User, err = r.User(ctx)
	}
	return t, err
}

type bulk func(context.Context, *authn.Session, manage.Target) (manage.Outcome, error)

// each acts on all tokens that a request names. The answer is their number; an
// object where several were named: several that are known (known), or several at
// all.
func (s *Server) each(ctx context.Context, r *Request, do bulk, known bool) (Answer, error) {
	t, err := r.target(ctx)
	if err != nil {
		return Answer{}, err
	}
	o, err := do(ctx, r.Session, t)
	if err != nil {
		return Answer{}, err
	}
	several := len(t.Serials) > 1
	if known {
		several = several && (o.Known > 1 || len(o.Unauthorized) > 0)
	}
	if !several || !s.Profile.Bulk {
		return Answer{Value: o.Count}, nil
	}
	return Answer{Value: map[string]any{"count_success": o.Count, "failed": anys(o.Failed),
		"unauthorized": anys(o.Unauthorized)}}, nil
}

// tokenAssign is POST /token/assign.
func (s *Server) tokenAssign(ctx context.Context, r *Request) (Answer, error) {
	t, err := r.target(ctx)
	if err != nil {
		return Answer{}, err
	}
	if len(t.Serials) == 0 && s.Profile.EmptyIsGiven {
		return Answer{}, fault.New(fault.ParameterMissing, "serial")
	}
	a := manage.Assignment{Target: t, KeepRealms: s.Profile.Enrol.KeepRealms, RightFirst: s.Profile.Product == EduMFA}
	if a.User, err = r.User(ctx); err != nil {
		return Answer{}, err
	}
	if pin, ok, err := r.Scalar("pin"); err != nil {
		return Answer{}, err
	} else if ok {
		a.PIN = &pin
	}
	return Answer{Value: true}, manage.Assign(ctx, r.Session, a)
}

// tokenResync is POST /token/resync.
func (s *Server) tokenResync(ctx context.Context, r *Request) (Answer, error) {
	t, err := r.target(ctx)
	if err != nil {
		return Answer{}, err
	}
	if len(t.Serials) == 0 && s.Profile.EmptyIsGiven {
		return Answer{}, fault.New(fault.ParameterMissing, "serial")
	}
	first, err := r.Require("otp1")
	if err != nil {
		return Answer{}, err
	}
	second, err := r.Require("otp2")
	if err != nil {
		return Answer{}, err
	}
	ok, err := manage.Resync(ctx, r.Session, t, first, second)
	if fault.Is(err, fault.TokenLocked) && s.Profile.ResyncLocked {
		return Answer{Value: false}, nil
	}
	return Answer{Value: ok}, err
}

// tokenSetPIN is POST /token/setpin.
func (s *Server) tokenSetPIN(ctx context.Context, r *Request) (Answer, error) {
	t, err := r.target(ctx)
	if err != nil {
		return Answer{}, err
	}
	var pins manage.PINs
	for name, to := range map[string]**string{"otppin": &pins.OTP, "userpin": &pins.User, "sopin": &pins.Officer} {
		text, ok, err := r.Scalar(name)
		if err != nil {
			return Answer{}, err
		}
		if ok {
			*to = &text
		}
	}
	n, err := manage.SetPIN(ctx, r.Session, t, pins)
	if fault.Is(err, fault.SerialsMissing) && s.Profile.Product == EduMFA {
		err = fault.New(fault.TokenNotFound)
	}
	return Answer{Value: n}, err
}

// tokenSetRandomPIN is POST /token/setrandompin: the one time the PIN is shown.
func (s *Server) tokenSetRandomPIN(ctx context.Context, r *Request) (Answer, error) {
	t, err := r.target(ctx)
	if err != nil {
		return Answer{}, err
	}
	pin, err := manage.SetRandomPIN(ctx, r.Session, t)
	return Answer{Value: 1, Detail: map[string]any{"pin": pin.RevealText()}}, err
}

// tokenDescription is POST /token/description.
func (s *Server) tokenDescription(ctx context.Context, r *Request) (Answer, error) {
	t, err := r.target(ctx)
	if err != nil {
		return Answer{}, err
	}
	var text *string
	if v, ok, err := r.Scalar("description"); err != nil {
		return Answer{}, err
	} else if ok {
		text = &v
	}
	err = manage.Describe(ctx, r.Session, t, text)
	if s.Profile.Product == EduMFA {
		return Answer{Value: 1}, err
	}
	return Answer{Value: true}, err
}

// tokenSet is POST /token/set.
func (s *Server) tokenSet(ctx context.Context, r *Request) (Answer, error) {
	t, err := r.target(ctx)
	if err != nil {
		return Answer{}, err
	}
	if len(t.Serials) == 0 && s.Profile.EmptyIsGiven {
		return Answer{}, fault.New(fault.ParameterMissing, "serial")
	}
	var p manage.Properties
	for name, to := range map[string]**string{"description": &p.Description, "count_window": &p.Window,
		"sync_window": &p.SyncWindow, "hashlib": &p.Hash, "max_failcount": &p.MaxFailures, "count_auth_max": &p.MaxUses,
		"count_auth_success_max": &p.MaxSuccesses, "validity_period_start": &p.ValidFrom, "validity_period_end": &p.ValidUntil} {
		text, ok, err := r.Scalar(name)
		if err != nil {
			return Answer{}, err
		}
		if ok {
			*to = &text
		}
	}
	if s.Profile.Product == EduMFA {
		shift, given, err := r.Scalar("use_timeshift")
		if err != nil {
			return Answer{}, err
		}
		if shift = strings.ToLower(shift); given && shift != "true" && shift != "false" {
			return Answer{}, fault.New(fault.ParameterInvalid, "use_timeshift")
		}
		if given {
			p.Entries = map[string]string{"useTimeShift": shift}
		}
	}
	n, err := manage.Set(ctx, r.Session, t, p)
	return Answer{Value: n}, err
}

// tokenRealm is POST /token/realm/<serial>.
func (s *Server) tokenRealm(ctx context.Context, r *Request) (Answer, error) {
	t, err := r.target(ctx)
	if err != nil {
		return Answer{}, err
	}
	names, given, err := r.List("realms")
	if err != nil {
		return Answer{}, err
	}
	if !given || len(names) == 0 && !s.Profile.EmptyIsGiven {
		return Answer{}, fault.New(fault.ParameterMissing, "realms")
	}
	return Answer{Value: true}, manage.SetRealms(ctx, r.Session, t, names, s.Profile.Enrol.KeepRealms)
}

// tokenSetInfo and tokenDeleteInfo are POST and DELETE /token/info/<serial>/<key>.
func (s *Server) tokenSetInfo(ctx context.Context, r *Request) (Answer, error) {
	value, err := r.Require("value")
	if err != nil {
		return Answer{}, err
	}
	return s.tokenInfo(ctx, r, &value)
}

func (s *Server) tokenDeleteInfo(ctx context.Context, r *Request) (Answer, error) {
	return s.tokenInfo(ctx, r, nil)
}

func (s *Server) tokenInfo(ctx context.Context, r *Request, value *string) (Answer, error) {
	t, err := r.target(ctx)
	if err != nil {
		return Answer{}, err
	}
	key, err := r.Require("key")
	if err != nil {
		return Answer{}, err
	}
	_, err = manage.SetInfo(ctx, r.Session, t, map[string]*string{key: value})
	return Answer{Value: true}, err
}

// tokenSetInfos is POST /token/info/<serial>: several entries at once.
func (s *Server) tokenSetInfos(ctx context.Context, r *Request) (Answer, error) {
	t, err := r.target(ctx)
	if err != nil {
		return Answer{}, err
	}
	object, given, err := r.Object("info")
	if err != nil {
		return Answer{}, err
	}
	if !given {
		return Answer{}, fault.New(fault.ParameterMissing, "info")
	}
	entries := map[string]*string{}
	for key, v := range object {
		if v == nil {
			entries[key] = nil
			continue
		}
		text, ok := envelope.ScalarText(v)
		if !ok {
			return Answer{}, fault.New(fault.InfoInvalid, key)
		}
		entries[key] = &text
	}
	changed, err := manage.SetInfo(ctx, r.Session, t, entries)
	return Answer{Value: changed}, err
}

// tokenCopyPIN and tokenCopyUser are POST /token/copypin and /token/copyuser.
func (s *Server) tokenCopyPIN(ctx context.Context, r *Request) (Answer, error) {
	return s.tokenCopy(ctx, r, manage.CopyPIN)
}

func (s *Server) tokenCopyUser(ctx context.Context, r *Request) (Answer, error) {
	return s.tokenCopy(ctx, r, manage.CopyUser)
}

func (s *Server) tokenCopy(ctx context.Context, r *Request, do func(context.Context, *authn.Session, string, string) error) (Answer, error) {
	from, err := r.Require("from")
	if err != nil {
		return Answer{}, err
	}
	to, err := r.Require("to")
	if err != nil {
		return Answer{}, err
	}
	return Answer{Value: true}, do(ctx, r.Session, from, to)
}

func (s *Server) tokenUnassign(ctx context.Context, r *Request) (Answer, error) {
	return s.each(ctx, r, manage.Unassign, false)
}

func (s *Server) tokenDelete(ctx context.Context, r *Request) (Answer, error) {
	return s.each(ctx, r, manage.Delete, true)
}

func (s *Server) tokenRevoke(ctx context.Context, r *Request) (Answer, error) {
	return s.each(ctx, r, manage.Revoke, true)
}

func (s *Server) tokenEnable(ctx context.Context, r *Request) (Answer, error) {
	return s.each(ctx, r, manage.Enable, true)
}

func (s *Server) tokenDisable(ctx context.Context, r *Request) (Answer, error) {
	return s.each(ctx, r, manage.Disable, true)
}

func (s *Server) tokenReset(ctx context.Context, r *Request) (Answer, error) {
	return s.each(ctx, r, manage.Reset, true)
}
