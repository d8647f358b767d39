package manage

import (
	"context"
	"errors"
	"slices"
	"strings"

	"symbolon/internal/audit"
	"symbolon/internal/authn"
	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// Target names tokens: by serial, or all tokens of a user.
type Target struct {
	Serials []string
	User    realm.User // used when there are no serials
}

// One is the target of one serial; an empty serial names nothing.
func One(serial string) Target {
	if serial == "" {
		return Target{}
	}
	return Target{Serials: []string{serial}}
}

// Outcome is what became of an action on several tokens.
type Outcome struct {
	Count        int      // how many were changed
	Known        int      // how many there are, also those that are somebody else's
	Done         []string // serials that were acted on, changed or not
	Failed       []string // unknown ones, and those the action was impossible for
	Unauthorized []string // those the actor has no right on
}

// found are the tokens of a target, those that are unknown, and those that are
// somebody else's, as a user sees it.
type found struct {
	tokens           []*token.Token
	unknown, foreign []string
}

// find loads the tokens of a target.
func find(ctx context.Context, c *token.Case, t Target) (f found, err error) {
	own := c.Origin.Actor.Role == realm.Owner
	if len(t.Serials) == 0 {
		who := t.User
		if own {
			who = c.Origin.Actor.User
		}
		switch {
		case !who.Named():
			return f, fault.New(fault.SerialsMissing)
		case !who.Known():
			return f, fault.New(fault.UserNotFound)
		}
		f.tokens, err = c.TokensOf(ctx, token.OwnerOf(who))
		return f, err
	}
	for _, serial := range t.Serials {
		tok, err := c.TokenBySerial(ctx, serial)
		switch {
		case fault.Is(err, fault.TokenNotFound):
			f.unknown = append(f.unknown, serial)
		case err != nil:
			return f, err
		case own && tok.Owner != token.OwnerOf(c.Origin.Actor.User):
			f.foreign = append(f.foreign, serial)
		default:
			if !slices.ContainsFunc(f.tokens, func(x *token.Token) bool { return x.ID == tok.ID }) {
				f.tokens = append(f.tokens, tok)
			}
		}
	}
	switch {
	case len(f.tokens) > 0:
	case len(f.foreign) > 0:
		return f, fault.New(fault.TokenNotFound)
	default:
		return f, fault.New(fault.TokensNotFound, f.unknown)
	}
	return f, nil
}

// act says what is to be done to one token, and by how much that counts.
type act func(ctx context.Context, c *token.Case, t *token.Token) ([]token.Change, int, error)

// each does something to all tokens of a target, in one commit: what is
// permitted is done, what is not is named.
func each(ctx context.Context, s *authn.Session, tg Target, r policy.Right, do act) (Outcome, error) {
	var out Outcome
	_, err := s.Run(ctx, func(c *token.Case, _ *site.Site) (authn.Decision, error) {
		f, err := find(ctx, c, tg)
		if err != nil {
			return authn.Decision{}, err
		}
		out = Outcome{Known: len(f.tokens) + len(f.foreign)}
		out.Failed = append(out.Failed, append(f.unknown, f.foreign...)...)
		permitted, err := out.permitted(ctx, c, r, f)
		if err != nil {
			return authn.Decision{}, err
		}
		var d authn.Decision
		for _, t := range permitted {
			changes, n, err := do(ctx, c, t)
			var fl *fault.Fault
			if errors.As(err, &fl) && len(tg.Serials) > 1 {
				out.Failed = append(out.Failed, t.Serial)
				continue
			}
			if err != nil {
				return authn.Decision{}, err
			}
			d.Changes = append(d.Changes, changes...)
			out.Count += n
			out.Done = append(out.Done, t.Serial)
		}
		d.Record, err = recordOf(ctx, c, permitted)
		d.Record.Success = out.Count > 0 || len(out.Failed)+len(out.Unauthorized) == 0
		return d, err
	})
	return out, err
}

// permitted are the tokens the actor has the right on.
func (o *Outcome) permitted(ctx context.Context, c *token.Case, r policy.Right, f found) (list []*token.Token, err error) {
	for _, t := range f.tokens {
		switch err := mayToken(ctx, c, r, t); {
		case err == nil:
			list = append(list, t)
		case fault.Is(err, fault.ActionNotAllowed):
			o.Unauthorized = append(o.Unauthorized, t.Serial)
		default:
			return nil, err
		}
	}
	if len(list) > 0 || len(o.Unauthorized) == 0 || len(f.unknown)+len(f.foreign) > 0 {
		return list, nil
	}
	scope := string(scopeOf(c))
	if len(o.Unauthorized) == 1 {
		return nil, fault.New(fault.ActionNotAllowed, scope, r.Name)
	}
	return nil, fault.New(fault.ActionNotAllowedAny, scope, r.Name)
}

// recordOf says which tokens, and whose, an action was about.
func recordOf(ctx context.Context, c *token.Case, tokens []*token.Token) (audit.Record, error) {
	r := audit.Record{Success: true}
	var serials []string
	for _, t := range tokens {
		serials = append(serials, t.Serial)
	}
	r.Serial = strings.Join(serials, ",")
	if len(tokens) != 1 {
		return r, nil
	}
	r.TokenType = tokens[0].Type
	u, err := c.Owner(ctx, tokens[0])
	r.User, r.Realm, r.Resolver = u.Login, u.Realm, u.Resolver
	return r, err
}

// single does something to exactly one token.
func single(ctx context.Context, s *authn.Session, tg Target, r policy.Right, do act) (int, error) {
	o, err := each(ctx, s, tg, r, func(ctx context.Context, c *token.Case, t *token.Token) ([]token.Change, int, error) {
		return do(ctx, c, t)
	})
	if err == nil && len(o.Done) > 1 {
		// Nothing that can name several tokens gets here: see alone.
		err = fault.New(fault.TokenAmbiguous)
	}
	return o.Count, err
}

// alone refuses a target that may name several tokens.
func alone(tg Target) error {
	if len(tg.Serials) > 1 {
		return fault.New(fault.TokenAmbiguous)
	}
	if len(tg.Serials) == 0 {
		return fault.New(fault.SerialsMissing)
	}
	return nil
}
