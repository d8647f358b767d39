package store

import (
	"maps"
	"time"

	"symbolon/internal/token"
)

// follow returns t after a change whose condition has held: what the change's
// statement does, for the changes that logins make. ok is false for others,
// which are rare: the token is read again then. That both do the same is
// proved by storetest, which compares a cached store with an uncached one.
func follow(t token.Token, c token.Change) (_ *token.Token, ok bool) {
	switch c := c.(type) {
	case token.MoveCounter:
		t.Counter = c.To
	case token.Succeed:
		followSuccess(&t, c)
	case token.CountFailure:
		followFailure(&t, c)
	case token.ResetFailures:
		t.Failures, t.FailedAt = 0, time.Time{}
	case token.Stamp:
		t.LastUse = keptZoned(c.At)
	case token.Guard:
	case token.SetInfo:
		t.Info = maps.Clone(t.Info)
		followInfo(&t, c)
	default:
		return nil, false
	}
	return &t, true
}

func followSuccess(t *token.Token, c token.Succeed) {
	t.Failures, t.FailedAt = 0, time.Time{}
	if c.CountUse {
		t.Uses, t.Successes = t.Uses+1, t.Successes+1
	}
	if c.Stamp {
		t.LastUse = keptZoned(c.At)
	}
}

func followFailure(t *token.Token, c token.CountFailure) {
	if c.CountUse {
		t.Uses++
	}
	at := kept(c.At)
	switch {
	case t.Failures >= t.MaxFailures && t.MaxFailures > 0 && t.Cleared(at, c.ClearAfter):
		t.Failures, t.FailedAt = 1, time.Time{}
	case t.Failures < t.MaxFailures:
		t.Failures++
	default:
		return
	}
	if t.Failures == t.MaxFailures {
		t.FailedAt = at
	}
}

func followInfo(t *token.Token, c token.SetInfo) {
	switch {
	case c.To != nil:
		if t.Info == nil {
			t.Info = map[string]token.Entry{}
		}
		t.Info[c.Key] = *c.To
	case len(t.Info) > 1:
		delete(t.Info, c.Key)
	case c.From != nil:
		t.Info = nil
	}
}
