package store

import (
	"cmp"
	"errors"
	"slices"

	"symbolon/internal/token"
)

// place is where a change stands among the changes of its commit. Within a
// phase the rows are taken in the order of their ids: on databases with several
// writers commits would lock each other out otherwise.
type place struct {
	phase int
	row   token.ID
	turn  int // within a row
}

// The phases. A token comes before what belongs to it; a commit that closes a
// transaction and opens a challenge in it means the new one to stay; a token is
// deleted when all else that concerns it is done; counting comes last.
const (
	creates = iota
	tokenRows
	challengeRows
	challengeSets
	deletions
	openings
	attempts
	attributes
	versions
	definitions
	counts
)

func placeOf(c token.Change) place {
	switch c := c.(type) {
	case token.Create:
		return place{phase: creates}
	// What asks whether the token can be used means the token as it was judged,
	// before this commit counts a failure or raises the version.
	case token.Succeed:
		return place{tokenRows, c.Token, -1}
	case token.Guard:
		return place{tokenRows, c.Token, -1}
	// A change that raises the version stands before one that does not ask for it.
	case token.Replace:
		return place{tokenRows, c.Token.ID, 0}
	case token.SetLimits:
		return place{tokenRows, c.Token, 0}
	case token.Settle:
		return place{challengeRows, c.Challenge, 0}
	case token.Consume:
		return place{challengeRows, c.Challenge, 0}
	case token.CountTry:
		return place{challengeRows, c.Challenge, 0}
	case token.CloseTransaction, token.SweepChallenges:
		return place{phase: challengeSets}
	case token.Delete:
		return place{deletions, c.Token, 0}
	case token.OpenChallenge:
		return place{phase: openings}
	case token.FewerAttempts:
		return place{attempts, 0, -1}
	case token.CountAttempt:
		return place{phase: attempts}
	case token.SetAttribute, token.ForgetAttributes:
		return place{phase: attributes}
	case token.AtVersion:
		return place{phase: versions}
	case token.Define, token.Undefine:
		return place{phase: definitions}
	case token.AtMost:
		return place{phase: counts}
	}
	id, _ := tokenOf(c)
	return place{tokenRows, id, 1}
}

// ordered returns the changes in the order they are applied in. It refuses
// definitions without AtVersion: two administrators would overwrite each other.
func ordered(changes []token.Change) ([]token.Change, error) {
	var defines, versioned bool
	for _, c := range changes {
		switch c.(type) {
		case token.Define, token.Undefine:
			defines = true
		case token.AtVersion:
			versioned = true
		}
	}
	if defines && !versioned {
		return nil, errors.New("a commit of definitions without AtVersion")
	}
	byPlace := func(a, b token.Change) int {
		p, q := placeOf(a), placeOf(b)
		return cmp.Or(cmp.Compare(p.phase, q.phase), cmp.Compare(p.row, q.row), cmp.Compare(p.turn, q.turn))
	}
	if slices.IsSortedFunc(changes, byPlace) {
		return changes, nil
	}
	changes = slices.Clone(changes)
	slices.SortStableFunc(changes, byPlace)
	return changes, nil
}

// tokenOf returns the token that c changes or looks at.
func tokenOf(c token.Change) (token.ID, bool) {
	switch c := c.(type) {
	case token.MoveCounter:
		return c.Token, true
	case token.Succeed:
		return c.Token, true
	case token.Guard:
		return c.Token, true
	case token.CountFailure:
		return c.Token, true
	case token.ResetFailures:
		return c.Token, true
	case token.Stamp:
		return c.Token, true
	case token.SetInfo:
		return c.Token, true
	case token.SetState:
		return c.Token, true
	case token.SetPIN:
		return c.Token, true
	case token.Create:
		return c.Token.ID, true
	case token.Replace:
		return c.Token.ID, true
	case token.SetLimits:
		return c.Token, true
	case token.SetActive:
		return c.Token, true
	case token.Revoke:
		return c.Token, true
	case token.Delete:
		return c.Token, true
	}
	return 0, false
}
