package privacyidea

import (
	"context"
	"net/http"

	"symbolon/internal/api/envelope"
	"symbolon/internal/authn"
	"symbolon/internal/fault"
	"symbolon/internal/manage"
	"symbolon/internal/token"
)

// loginRequest reads what a check and a trigger have in common.
func (s *Server) loginRequest(ctx context.Context, r *Request) (q authn.Request, err error) {
	if q.User, err = r.User(ctx); err != nil {
		return q, err
	}
	for name, to := range map[string]*string{"serial": &q.Serial, "type": &q.Type, "pass": &q.Password, "service_id": &q.Service} {
		if *to, err = r.TextOr(name, ""); err != nil {
			return q, err
		}
	}
	if q.Transaction, err = r.transaction(); err != nil {
		return q, err
	}
	q.CodeOnly = r.Has("otponly")
	q.APIKey = s.apiKey(ctx, r)
	q.NeedsKey = true
	q.Answer = token.Params{}
	for name := range r.Params {
		if text, ok := envelope.ScalarText(r.Params[name]); ok && name != "pass" {
			q.Answer[name] = text
		}
	}
	return q, nil
}

// transaction is the transaction that is answered: RADIUS plugins send it as state.
func (r *Request) transaction() (string, error) {
	id, err := r.TextOr("transaction_id", "")
	if err != nil || id != "" {
		return id, err
	}
	return r.TextOr("state", "")
}

// validateCheck is /validate/check.
func (s *Server) validateCheck(ctx context.Context, r *Request) (Answer, error) {
	a, err := s.checked(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	return s.loginAnswer(a, a.Outcome == authn.Accept), nil
}

func (s *Server) checked(ctx context.Context, r *Request) (authn.Answer, error) {
	q, err := s.loginRequest(ctx, r)
	if err != nil {
		return authn.Answer{}, err
	}
	if q.User.Named() || q.Serial != "" {
		// Without a transaction there is nothing to check when no password came.
		if !r.Has("pass") && q.Transaction == "" {
			return authn.Answer{}, fault.New(fault.ParameterMissing, "pass")
		}
	}
	return r.Session.Check(ctx, q)
}

func (s *Server) loginAnswer(a authn.Answer, value any) Answer {
	return Answer{ID: 2, Value: value, Detail: s.Profile.loginDetail(a), Authentication: a.Outcome.String()}
}

// validateRADIUSCheck is /validate/radiuscheck: the verdict is the status alone.
func (s *Server) validateRADIUSCheck(ctx context.Context, r *Request) (Answer, error) {
	a, err := s.checked(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	status := http.StatusBadRequest
	if a.Outcome == authn.Accept {
		status = http.StatusNoContent
	}
	return Answer{Status: status, Raw: &Raw{Type: "text/plain"}}, nil
}

// validateSAMLCheck is /validate/samlcheck: the verdict with what is known of the user.
func (s *Server) validateSAMLCheck(ctx context.Context, r *Request) (Answer, error) {
	a, err := s.checked(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	ok := a.Outcome == authn.Accept
	if text, _ := r.TextOr("serial", ""); text != "" {
		return s.loginAnswer(a, ok), nil
	}
	attributes, err := manage.SAMLAttributes(ctx, r.Session, a)
	if err != nil {
		return Answer{}, err
	}
	shown := map[string]any{}
	for k, v := range attributes {
		shown[k] = v
	}
	return s.loginAnswer(a, map[string]any{"auth": ok, "attributes": shown}), nil
}

// validateTrigger is /validate/triggerchallenge.
func (s *Server) validateTrigger(ctx context.Context, r *Request) (Answer, error) {
	q, err := s.loginRequest(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	q.Transaction, q.Password, q.CodeOnly = "", "", false
	a, err := manage.Trigger(ctx, r.Session, q)
	if err != nil {
		return Answer{}, err
	}
	detail := s.Profile.loginDetail(a)
	if len(a.Challenges) == 0 {
		detail = s.Profile.challengeDetail(a)
	}
	return Answer{ID: 2, Value: a.Triggered, Detail: detail, Authentication: a.Outcome.String()}, nil
}

// validatePoll is /validate/polltransaction.
func (s *Server) validatePoll(ctx context.Context, r *Request) (Answer, error) {
	id, err := r.TextOr("transaction_id", "")
	if err != nil {
		return Answer{}, err
	}
	if id == "" {
		return Answer{}, fault.New(fault.ParameterMissing, "transaction_id")
	}
	status, err := r.Session.Poll(ctx, id, s.apiKey(ctx, r))
	if err != nil {
		return Answer{}, err
	}
	return Answer{ID: 2, Value: status == authn.PollAccepted, Detail: map[string]any{"challenge_status": string(status)}}, nil
}
