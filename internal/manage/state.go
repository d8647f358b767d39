package manage

import (
	"context"

	"symbolon/internal/authn"
	"symbolon/internal/enroll"
	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/token"
)

// Enable makes tokens usable again. It counts those that were not, and refuses
// one more than the user may have active.
func Enable(ctx context.Context, s *authn.Session, tg Target) (Outcome, error) {
	return each(ctx, s, tg, policy.RightEnable, func(ctx context.Context, c *token.Case, t *token.Token) ([]token.Change, int, error) {
		if t.Locked || t.Revoked {
			return nil, 0, fault.New(fault.TokenLocked)
		}
		if t.Active {
			return nil, 0, nil
		}
		u, err := c.Owner(ctx, t)
		if err != nil {
			return nil, 0, err
		}
		// The token itself is counted already, but not as an active one.
		guard, err := enroll.ActiveLimits(ctx, c, u, t.Type)
		if err != nil {
			return nil, 0, err
		}
		return append([]token.Change{token.SetActive{Token: t.ID, To: true}}, guard...), 1, nil
	})
}

// Disable makes tokens unusable until they are enabled. It counts those that
// were usable.
func Disable(ctx context.Context, s *authn.Session, tg Target) (Outcome, error) {
	return each(ctx, s, tg, policy.RightDisable, func(_ context.Context, _ *token.Case, t *token.Token) ([]token.Change, int, error) {
		if !t.Active {
			return nil, 0, nil
		}
		if t.Locked || t.Revoked {
			return nil, 0, fault.New(fault.TokenLocked)
		}
		return []token.Change{token.SetActive{Token: t.ID, To: false}}, 1, nil
	})
}

// Reset empties fail counters.
func Reset(ctx context.Context, s *authn.Session, tg Target) (Outcome, error) {
	return each(ctx, s, tg, policy.RightReset, func(_ context.Context, _ *token.Case, t *token.Token) ([]token.Change, int, error) {
		if t.Locked || t.Revoked {
			return nil, 0, fault.New(fault.TokenLocked)
		}
		return []token.Change{token.ResetFailures{Token: t.ID}}, 1, nil
	})
}

// Revoke makes tokens unusable for ever. Revoking again is no mistake.
func Revoke(ctx context.Context, s *authn.Session, tg Target) (Outcome, error) {
	return each(ctx, s, tg, policy.RightRevoke, func(_ context.Context, _ *token.Case, t *token.Token) ([]token.Change, int, error) {
		if t.Revoked {
			return nil, 1, nil
		}
		return []token.Change{token.Revoke{Token: t.ID}}, 1, nil
	})
}

// Delete removes tokens and their challenges.
func Delete(ctx context.Context, s *authn.Session, tg Target) (Outcome, error) {
	return each(ctx, s, tg, policy.RightDelete, func(_ context.Context, _ *token.Case, t *token.Token) ([]token.Change, int, error) {
		return []token.Change{token.Delete{Token: t.ID}}, 1, nil
	})
}

// Unassign takes tokens from their owners: the PIN goes, the realms stay.
func Unassign(ctx context.Context, s *authn.Session, tg Target) (Outcome, error) {
	return each(ctx, s, tg, policy.RightUnassign, func(_ context.Context, _ *token.Case, t *token.Token) ([]token.Change, int, error) {
		if t.Locked || t.Revoked {
			return nil, 0, fault.New(fault.TokenLocked)
		}
		next := *t
		next.Owner, next.PINHash = token.Owner{}, ""
		return []token.Change{token.Replace{Token: next}, token.ResetFailures{Token: t.ID}}, 1, nil
	})
}

// Resync finds a token's counter again from two codes in a row.
func Resync(ctx context.Context, s *authn.Session, tg Target, first, second string) (bool, error) {
	if err := alone(tg); err != nil {
		return false, err
	}
	n, err := single(ctx, s, tg, policy.RightResync, func(ctx context.Context, c *token.Case, t *token.Token) ([]token.Change, int, error) {
		if t.Locked || t.Revoked {
			return nil, 0, fault.New(fault.TokenLocked)
		}
		r, ok := c.Types[t.Type].(token.Resyncer)
		if !ok {
			return nil, 0, nil
		}
		ok, changes, err := r.Resync(ctx, c, t, first, second)
		if err != nil || !ok {
			return nil, 0, err
		}
		return changes, 1, nil
	})
	return n > 0, err
}
