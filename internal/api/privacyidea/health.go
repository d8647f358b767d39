package privacyidea

import (
	"context"

	"symbolon/internal/fault"
	"symbolon/internal/manage"
	"symbolon/internal/policy"
)

// systemTest is POST /system/test/<tokentype>: no type here depends on something
// outside that could be tried, and the answer is the recorded one for such types.
func (s *Server) systemTest(ctx context.Context, r *Request) (Answer, error) {
	if err := manage.May(ctx, r.Session, policy.RightConfigWrite); err != nil {
		return Answer{}, err
	}
	name, err := r.Require("tokentype")
	if err != nil {
		return Answer{}, err
	}
	if _, ok := r.Session.Types()[name]; !ok {
		return Answer{}, fault.New(fault.TypeUnknown, name)
	}
	return Answer{Value: false, Detail: map[string]any{"message": "Not implemented"}}, nil
}

// systemGPGKeys lists the keys that imported files may be encrypted to: none.
func (s *Server) systemGPGKeys(ctx context.Context, r *Request) (Answer, error) {
	if r.own() {
		return Answer{Value: map[string]any{}}, nil
	}
	return Answer{Value: map[string]any{}}, manage.May(ctx, r.Session, policy.RightConfigRead)
}

// systemUserCache empties the cache of users: there is none that could be old.
func (s *Server) systemUserCache(ctx context.Context, r *Request) (Answer, error) {
	return Answer{Value: map[string]any{"deleted": 0, "status": true}}, manage.May(ctx, r.Session, policy.RightConfigWrite)
}

// systemMetricsCleanup forgets measurements: none are kept in the database.
func (s *Server) systemMetricsCleanup(ctx context.Context, r *Request) (Answer, error) {
	if err := manage.May(ctx, r.Session, policy.RightConfigWrite); err != nil {
		return Answer{}, err
	}
	hours, err := r.Int("older_than_hours", 24)
	return Answer{Value: map[string]any{"deleted": 0, "older_than_hours": max(hours, 1), "status": true}}, err
}

// systemCertificates lists the certificates of neighbours that will expire:
// there are no neighbours with certificates.
func (s *Server) systemCertificates(ctx context.Context, r *Request) (Answer, error) {
	return Answer{Value: []any{}}, manage.May(ctx, r.Session, policy.RightConfigRead)
}

// systemResolverTiming lists how long resolvers took: nothing is measured.
func (s *Server) systemResolverTiming(ctx context.Context, r *Request) (Answer, error) {
	return Answer{Value: []any{}}, manage.May(ctx, r.Session, policy.RightConfigRead)
}

// systemDelivery lists how messages fared: none are sent.
func (s *Server) systemDelivery(ctx context.Context, r *Request) (Answer, error) {
	if err := manage.May(ctx, r.Session, policy.RightConfigRead); err != nil {
		return Answer{}, err
	}
	since, err := r.Int("since_seconds", 3600)
	return Answer{Value: map[string]any{"email": []any{}, "push": []any{}, "sms": []any{}, "since_seconds": since}}, err
}
