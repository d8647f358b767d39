package authn

import (
	"context"

	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// HidesReason tells whether policies want who to be told only that the
// authentication failed (rest-api.md 4.6).
func (s *Session) HidesReason(ctx context.Context, who realm.User) bool {
	return s.hides(ctx, policy.HideSpecificErrorMessage, token.About{User: &who})
}

// HidesStatus tells whether all errors of the authentication end points have one
// status (hide_auth_error_status, rest-api.md 3.7). Users and realms of the policy
// do not count.
func (s *Session) HidesStatus(ctx context.Context) bool {
	return s.hides(ctx, policy.HideAuthErrorStatus, token.About{})
}

// HidesVersion tells whether callers without a login are not told the version
// (rest-api.md 3.6).
func (s *Session) HidesVersion(ctx context.Context) bool {
	return s.hides(ctx, policy.HideVersion, token.About{})
}

// hides: a policy that cannot be evaluated counts as none.
func (s *Session) hides(ctx context.Context, action policy.Bool, about token.About) (on bool) {
	if !s.engine.Rules.Hiding {
		return false
	}
	err := s.Look(func(c *token.Case, _ *site.Site) (err error) {
		on, err = action.In(c.Policies(ctx, about))
		return err
	})
	return err == nil && on
}
