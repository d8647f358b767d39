package privacyidea

import (
	"context"
	"net/http"

	"symbolon/internal/api/envelope"
	"symbolon/internal/fault"
	"symbolon/internal/manage"
	"symbolon/internal/token"
)

// challengeList is GET /token/challenges/: of a serial, of a user, or of all.
func (s *Server) challengeList(ctx context.Context, r *Request) (Answer, error) {
	q, err := s.challengeSearch(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	list, total, err := manage.ListChallenges(ctx, r.Session, s.Challenges, q)
	if err != nil {
		return Answer{}, err
	}
	views := []any{}
	for _, ch := range list {
		views = append(views, s.challengeView(ch))
	}
	v := map[string]any{"count": total}
	if q.User == nil {
		v = pages(q.Page, q.Size, total)
	}
	v["challenges"] = views
	if s.Profile.Product != EduMFA {
		v["redis_cache_enabled"] = false
	}
	return Answer{Value: v}, nil
}

func (s *Server) challengeSearch(ctx context.Context, r *Request) (q manage.ChallengeSearch, err error) {
	direction := ""
	for name, to := range map[string]*string{"serial": &q.Serial, "transaction_id": &q.Transaction, "sortby": &q.SortBy, "sortdir": &direction} {
		if *to, err = r.TextOr(name, ""); err != nil {
			return q, err
		}
	}
	q.Descending = direction == "desc"
	if q.Page, q.Size, err = r.page("pagesize", 15); err != nil {
		return q, err
	}
	login, given, err := r.Scalar("user")
	if err != nil || !given || s.Profile.Product == EduMFA {
		return q, err
	}
	switch {
	case r.Path["serial"] != "":
		return q, fault.New(fault.SerialAndUser)
	case login == "":
		return q, fault.New(fault.ParameterMissing, "user")
	}
	u, err := r.User(ctx)
	q.User = &u
	return q, err
}

// challengeView is a challenge as lists show it (rest-api.md 7.5). What a type
// keeps with it is its own.
func (s *Server) challengeView(ch *token.Challenge) map[string]any {
	v := map[string]any{"challenge": ch.Nonce, "data": map[string]any{}, "expiration": ch.Expires.UTC().Format(http.TimeFormat),
		"otp_received": ch.Tries > 0 || ch.Status != token.Open, "otp_valid": ch.Status == token.Answered,
		"received_count": ch.Tries, "serial": ch.Serial, "timestamp": ch.Created.UTC().Format(http.TimeFormat),
		"transaction_id": ch.Transaction}
	if s.Profile.Product == EduMFA {
		v["id"], v["data"] = int64(ch.ID), ""
	}
	return v
}

// challengeCancel is DELETE /token/challenges/transaction/<transaction_id>.
func (s *Server) challengeCancel(ctx context.Context, r *Request) (Answer, error) {
	id, err := r.NonEmpty("transaction_id")
	if err != nil {
		return Answer{}, err
	}
	n, err := manage.CancelTransaction(ctx, r.Session, id)
	return Answer{Value: map[string]any{"status": true, "deleted": n}}, err
}

// challengeSweep is DELETE /token/challenges/expired.
func (s *Server) challengeSweep(ctx context.Context, r *Request) (Answer, error) {
	n, err := manage.SweepChallenges(ctx, r.Session, s.Challenges)
	return Answer{Value: map[string]any{"status": true, "deleted": n}}, err
}

// tokenGetSerial is GET /token/getserial/<otp>.
func (s *Server) tokenGetSerial(ctx context.Context, r *Request) (Answer, error) {
	var q manage.CodeSearch
	var err error
	for name, to := range map[string]*string{"otp": &q.Code, "type": &q.Filter.Type, "serial": &q.Filter.Serial} {
		if *to, err = r.TextOr(name, ""); err != nil {
			return Answer{}, err
		}
	}
	for name, assigned := range map[string]bool{"assigned": true, "unassigned": false} {
		if text, _ := envelope.ScalarText(r.Params[name]); text != "" {
			q.Filter.Assigned = &assigned
		}
	}
	if q.Window, err = r.Int("window", 10); err != nil {
		return Answer{}, err
	}
	count, _ := envelope.ScalarText(r.Params["count"])
	q.Count = count != ""
	serial, tried, err := manage.FindByCode(ctx, r.Session, q)
	v := map[string]any{"serial": nil, "count": tried}
	if serial != "" {
		v["serial"] = serial
	}
	return Answer{Value: v}, err
}

// tokenLost is POST /token/lost/<serial>.
func (s *Server) tokenLost(ctx context.Context, r *Request) (Answer, error) {
	serial, err := r.NonEmpty("serial")
	if err != nil {
		return Answer{}, err
	}
	return Answer{}, manage.Lost(ctx, r.Session, serial)
}
