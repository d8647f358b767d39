package manage

import (
	"context"

	"symbolon/internal/authn"
	"symbolon/internal/enroll"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// Enrol takes one step of an enrolment. The right to it is asked by enroll.
func Enrol(ctx context.Context, s *authn.Session, in enroll.Input) (enroll.Result, error) {
	if s.Origin.Actor.Role == realm.Owner {
		in.User, in.Realm = s.Origin.Actor.User, ""
	}
	var r enroll.Result
	_, err := s.Run(ctx, func(c *token.Case, _ *site.Site) (d authn.Decision, err error) {
		if r, err = enroll.Init(ctx, c, in); err != nil {
			return d, err
		}
		d.Changes, d.Record = r.Changes, r.Record
		return d, nil
	})
	return r, err
}

// Trigger opens challenges for a user or token on behalf of a service.
func Trigger(ctx context.Context, s *authn.Session, q authn.Request) (authn.Answer, error) {
	err := s.Look(func(c *token.Case, _ *site.Site) error {
		p := Place{User: q.User}
		if q.Serial != "" && !q.User.Named() {
			if t, err := c.TokenBySerial(ctx, q.Serial); err == nil {
				p.Token = t
			}
		}
		return may(ctx, c, policy.RightTriggerChallenge, p)
	})
	if err != nil {
		return authn.Answer{}, err
	}
	return s.Trigger(ctx, q)
}
