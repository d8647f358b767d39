package authn

import (
	"context"

	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/token"
)

// holder is the user a PIN is asked of: the one of the request, where one was
// named; else the token's owner.
type holder struct {
	user  realm.User
	named bool
}

func (l *attempt) owner(context.Context) holder { return holder{l.who, l.who.Named()} }

// pin is the only place that knows where PINs come from: the token, the user's
// password, or nowhere (token-engine.md 3.4). changes are made when the PIN lets
// somebody in: a better stored form of it.
func (e *Engine) pin(ctx context.Context, c *token.Case, who holder, t *token.Token, pin string) (ok bool, changes []token.Change, err error) {
	user := who.user
	var view policy.View
	if who.named {
		view = c.Policies(ctx, token.About{User: &user, Token: t})
	} else {
		if view, err = c.Policy(ctx, t); err != nil {
			return false, nil, err
		}
		if user, err = c.Owner(ctx, t); err != nil {
			return false, nil, err
		}
	}
	how, err := policy.OTPPIN.In(view)
	if err != nil {
		return false, nil, err
	}
	switch how {
	case "none":
		return pin == "", nil, nil
	case "userstore":
		ok, err = c.UserPassword(ctx, user, pin)
		return ok, nil, err
	}
	ok, better, err := c.PIN(ctx, t, pin)
	if ok && better != "" {
		changes = append(changes, token.SetPIN{Token: t.ID, From: t.PINHash, To: better})
	}
	return ok, changes, err
}

// pins lets types ask for PINs, and tries tokens for types made of tokens.
type pins struct{ e *Engine }

// CheckPIN implements token.PINRule.
func (k pins) CheckPIN(ctx context.Context, c *token.Case, t *token.Token, pin string) (bool, []token.Change, error) {
	return k.e.pin(ctx, c, holder{}, t, pin)
}

// Try implements token.Trier.
func (k pins) Try(ctx context.Context, c *token.Case, tokens []*token.Token, password string) ([]token.Matched, error) {
	var out []token.Matched
	clear := k.e.Rules.clearOnUse(c.Settings)
	for _, t := range tokens {
		if t.Usable(c.Now, clear) != "" {
			continue
		}
		m, err := k.e.authenticate(ctx, c, holder{}, t, password)
		if err != nil {
			return nil, err
		}
		if m.OK {
			out = append(out, token.Matched{Token: t, Changes: append(m.Changes,
				token.Succeed{Token: t.ID, Version: &t.Version, At: c.Now, ClearAfter: clear, CountUse: true})})
		}
	}
	return out, nil
}
