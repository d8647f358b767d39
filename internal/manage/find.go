package manage

import (
	"context"

	"symbolon/internal/authn"
	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// CodeSearch asks which token a code belongs to.
type CodeSearch struct {
	Code   string
	Filter token.Filter // of the tokens that are tried
	Window int64        // steps to look ahead
	Count  bool         // only count the tokens that would be tried
}

// FindByCode returns the serial of the token that a code belongs to, "" when it
// is no token's, and how many were tried: those of the realms the administrator
// has the right for. The code is spent with that. Several tokens are the fault
// SeveralMatch, and then none of them has changed.
func FindByCode(ctx context.Context, s *authn.Session, q CodeSearch) (serial string, total int, err error) {
	_, err = s.Run(ctx, func(c *token.Case, st *site.Site) (d authn.Decision, err error) {
		serial, d.Record.Success = "", true
		if err := mayConfigure(ctx, c, policy.RightGetSerial, Place{}); err != nil {
			return d, err
		}
		f := q.Filter
		if f.WithinRealms, err = allowedRealms(ctx, c, st, policy.RightGetSerial); err != nil {
			return d, err
		}
		hit, changes, tried, err := q.search(ctx, c, f)
		if err != nil {
			return d, err
		}
		total, d.Changes = tried, changes
		if hit == nil {
			return d, nil
		}
		serial = hit.Serial
		d.Record, err = recordOf(ctx, c, []*token.Token{hit})
		return d, err
	})
	return serial, total, err
}

// findChunk is how many tokens are in memory at once.
const findChunk = 10000

// search tries the tokens that fit f and returns the one the code belongs to,
// with what spends the code.
func (q CodeSearch) search(ctx context.Context, c *token.Case, f token.Filter) (hit *token.Token, changes []token.Change, total int, err error) {
	for f.Limit = findChunk; ; f.Offset += findChunk {
		if q.Count {
			f.Limit = 1
		}
		list, n, err := c.Tokens(ctx, f)
		if total = n; err != nil || q.Count {
			return nil, nil, total, err
		}
		for _, t := range list {
			m, err := q.try(ctx, c, t)
			switch {
			case err != nil:
				return nil, nil, total, err
			case !m.OK:
				continue
			case hit != nil:
				return nil, nil, total, fault.New(fault.SeveralMatch)
			}
			hit, changes = t, m.Changes
		}
		if len(list) < findChunk {
			return hit, changes, total, nil
		}
	}
}

// try asks one token. What cannot be used for ever has no codes.
func (q CodeSearch) try(ctx context.Context, c *token.Case, t *token.Token) (token.Match, error) {
	f, ok := c.Types[t.Type].(token.Finder)
	if !ok || t.Revoked || t.Locked {
		return token.Match{}, nil
	}
	m, err := f.Exists(ctx, c, t, q.Code, q.Window)
	if fault.Of(err) != nil { // what is stored of it cannot be judged
		return token.Match{}, nil
	}
	return m, err
}

// Lost tests whether a token can be replaced as lost. It cannot yet: the password
// that replaces one is a token type of its own.
func Lost(ctx context.Context, s *authn.Session, serial string) error {
	return s.Look(func(c *token.Case, _ *site.Site) error {
		t, err := c.TokenBySerial(ctx, serial)
		if fault.Is(err, fault.TokenNotFound) {
			err = fault.New(fault.TokensNotFound, []string{serial})
		}
		if err != nil {
			return err
		}
		if err := mayToken(ctx, c, policy.RightLostToken, t); err != nil {
			return err
		}
		a := c.Origin.Actor
		switch {
		case scopeOf(c) == policy.User && t.Owner != token.OwnerOf(a.User):
			return fault.New(fault.NotYourToken, a.User, t.Serial)
		case t.Owner == (token.Owner{}):
			return fault.New(fault.NoOwner)
		}
		return fault.New(fault.NotSupported, "replacing a lost token")
	})
}
