package enroll

import (
	"context"
	"slices"
	"strings"

	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/token"
)

// mustProve reports whether the user has to prove the new token by a first code
// (token-engine.md 2.5).
func (s *step) mustProve(ctx context.Context) (bool, error) {
	if _, ok := s.ty.(token.Prover); !ok || !s.info.Provable || s.d.Token.State == token.ClientWait {
		return false, nil
	}
	types, err := policy.VerifyEnrollment.In(s.enrolment(ctx))
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(types, func(t string) bool { return strings.EqualFold(t, s.info.ID) }), nil
}

// prove judges the first code of a token that waits for it.
func (s *step) prove(ctx context.Context) (Result, error) {
	if s.old == nil {
		return Result{}, fault.New(fault.TokenNotFound)
	}
	p, ok := s.ty.(token.Prover)
	if waits := s.old.State == token.Verify; !ok || !waits && !(s.in.Rules.ProveAgain && s.old.State != token.ClientWait) {
		return Result{}, fault.New(fault.VerifyWrong)
	}
	m, err := p.Prove(ctx, s.c, s.old, *s.in.Verify)
	if err != nil {
		return Result{}, err
	}
	if !m.OK {
		return Result{}, fault.New(fault.VerifyWrong)
	}
	t := *s.old
	r := Result{Token: t, Proved: true, Record: s.record(), Changes: m.Changes}
	if r.Token.State = s.in.Rules.Proved; t.State != s.in.Rules.Proved {
		r.Changes = append(r.Changes, token.SetState{Token: t.ID, From: t.State, To: s.in.Rules.Proved})
	}
	return r, nil
}
