package manage

import (
	"context"
	"strings"

	"symbolon/internal/authn"
	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// Challenges lists challenges of all tokens.
type Challenges interface {
	// Challenges returns the challenges that fit f, and how many there are on all
	// pages.
	Challenges(ctx context.Context, f token.ChallengeFilter) (page []*token.Challenge, total int, err error)
}

// ChallengeSearch asks for challenges: of a serial, which may hold *, of a user,
// or of all.
type ChallengeSearch struct {
	Serial, Transaction string
	User                *realm.User // not nil: of this user's tokens, all of them
	SortBy              string
	Descending          bool
	Page, Size          int
}

// ListChallenges returns a page of the open challenges. Expired ones are among
// them until the next challenge has been opened.
func ListChallenges(ctx context.Context, s *authn.Session, from Challenges, q ChallengeSearch) (list []*token.Challenge, total int, err error) {
	err = s.Look(func(c *token.Case, st *site.Site) error {
		f, err := q.filter(ctx, c, st)
		if err != nil {
			return err
		}
		list, total, err = from.Challenges(ctx, f)
		return err
	})
	return list, total, err
}

// filter is what the search means, once the right to it is there: a right that
// is limited to some users is asked for those whose challenges are shown, and one
// that is limited to realms shows theirs.
func (q ChallengeSearch) filter(ctx context.Context, c *token.Case, st *site.Site) (f token.ChallengeFilter, err error) {
	if err := asAdmin(c); err != nil {
		return f, err
	}
	f = token.ChallengeFilter{Serial: q.Serial, Transaction: q.Transaction, SortBy: q.SortBy, Descending: q.Descending,
		Offset: (q.Page - 1) * q.Size, Limit: q.Size}
	switch {
	case q.User != nil:
		if !q.User.Known() {
			return f, fault.New(fault.UserNotFound)
		}
		if err := may(ctx, c, policy.RightGetChallenges, Place{User: *q.User}); fault.Is(err, fault.ActionNotAllowed) {
			return f, fault.New(fault.ChallengesNotAllowed, q.User.Login+"@"+q.User.Realm)
		} else if err != nil {
			return f, err
		}
		tokens, err := c.TokensOf(ctx, token.OwnerOf(*q.User))
		if err != nil {
			return f, err
		}
		f = token.ChallengeFilter{Tokens: []token.ID{}}
		for _, t := range tokens {
			f.Tokens = append(f.Tokens, t.ID)
		}
	case q.Serial == "" || strings.Contains(q.Serial, "*"):
		if err = may(ctx, c, policy.RightGetChallenges, Place{}); err == nil {
			f.WithinRealms, err = allowedRealms(ctx, c, st, policy.RightGetChallenges)
		}
	default:
		t, err := c.TokenBySerial(ctx, q.Serial)
		if err != nil {
			return f, err
		}
		return f, mayToken(ctx, c, policy.RightGetChallenges, t)
	}
	return f, err
}

// CancelTransaction deletes the challenges of a transaction and returns how many
// there were. The right is asked for each of their tokens.
func CancelTransaction(ctx context.Context, s *authn.Session, transaction string) (n int, err error) {
	_, err = s.Run(ctx, func(c *token.Case, _ *site.Site) (d authn.Decision, err error) {
		if err := mayConfigure(ctx, c, policy.RightCancelChallenge, Place{}); err != nil {
			return d, err
		}
		list, err := c.Transaction(ctx, transaction)
		if err != nil {
			return d, err
		}
		var about []*token.Token
		for _, ch := range list {
			t, err := c.TokenBySerial(ctx, ch.Serial)
			if fault.Is(err, fault.TokenNotFound) {
				continue
			}
			if err == nil {
				err = mayToken(ctx, c, policy.RightCancelChallenge, t)
			}
			if err != nil {
				return d, err
			}
			about = append(about, t)
		}
		n = len(list)
		d.Record, err = recordOf(ctx, c, about)
		d.Record.Detail = "transaction " + transaction
		if n > 0 {
			d.Changes = []token.Change{token.CloseTransaction{Transaction: transaction}}
		}
		return d, err
	})
	return n, err
}

// SweepChallenges deletes all expired challenges and returns how many there were.
func SweepChallenges(ctx context.Context, s *authn.Session, from Challenges) (n int, err error) {
	_, err = s.Run(ctx, func(c *token.Case, _ *site.Site) (d authn.Decision, err error) {
		if err := mayConfigure(ctx, c, policy.RightCancelChallenge, Place{}); err != nil {
			return d, err
		}
		list, _, err := from.Challenges(ctx, token.ChallengeFilter{ExpiredAt: c.Now})
		if err != nil {
			return d, err
		}
		swept := map[token.ID]bool{}
		for _, ch := range list {
			if !swept[ch.Token] {
				swept[ch.Token] = true
				d.Changes = append(d.Changes, token.SweepChallenges{Token: ch.Token, At: c.Now})
			}
		}
		n, d.Record.Success = len(list), true
		return d, nil
	})
	return n, err
}
