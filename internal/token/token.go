// Package token defines what a token and a challenge are, what a token type
// must be able to do, and how a change to them is written down. It contains no
// rule of any type, reads no database and sends nothing.
package token

import (
	"time"

	"symbolon/internal/realm"
)

// ID names a stored row. IDs are random, 53 bits, and mean nothing: the wire
// wants a number in places.
type ID int64

// State is the rollout state.
type State string

// Rollout states. Only the first three are known to the engine.
const (
	Enrolled   State = ""           // usable
	ClientWait State = "clientwait" // the phone or the second step is still to come
	Verify     State = "verify"     // the user must prove the new token once
)

// Owner identifies a user by what the resolver returned; the login is not part
// of it, since it may change. The zero Owner is nobody.
type Owner struct{ UserID, Resolver, Realm string }

// OwnerOf returns the owner that u is.
func OwnerOf(u realm.User) Owner { return Owner{u.ID, u.Resolver, u.Realm} }

// Entry is one value of a token's information. Type is empty or "password":
// then Text is sealed.
type Entry struct {
	Text string
	Type string
}

// Attribute is one value that is noted of a user beside his resolver. A key that
// begins with a dot is the server's own and is shown to nobody as an attribute.
type Attribute struct {
	ID    ID
	Owner Owner
	Key   string
	Entry
}

// Token is one stored token as it was when it was loaded. It is read-only:
// what shall become of it is said in Changes. Only a Draft may be filled.
// Callers share what the store returned: maps and slices are not written to.
type Token struct {
	ID          ID
	Serial      string
	Type        string // the type's ID, unique in the server; a dialect may show another name
	Description string // at most 80 characters
	Owner       Owner
	Realms      []string // token realms, sorted
	PINHash     string   // stored form; "": no PIN, which only the empty PIN matches
	Sealed      []byte   // the secret as stored; open it with Case.Secret
	Digits      int      // length of a code, in characters
	Window      int64    // look-ahead in steps
	SyncWindow  int64    // look-ahead of a resynchronisation, in steps
	Info        map[string]Entry
	Groups      []string
	Created     time.Time // of the last enrolment step
	Assigned    time.Time // zero: never
	Standing
}

// Standing is the part of a token that logins write and that decides whether it
// can be used. It is stored in a narrow row of its own.
type Standing struct {
	Counter      int64 // the next one to accept, or the last step that was accepted
	Failures     int
	MaxFailures  int
	FailedAt     time.Time // when Failures reached MaxFailures; zero: they have not
	Active       bool
	Revoked      bool
	Locked       bool
	State        State
	ValidFrom    time.Time // zero: no limit. These keep the zone they were given in
	ValidUntil   time.Time
	Uses         int64
	Successes    int64
	MaxUses      *int64 // nil: never set; 0: no limit
	MaxSuccesses *int64
	LastUse      time.Time // of a success that named one token
	Version      int64     // grows with every administrative change, not with logins
}

// Unusable is a reason why a token cannot be used.
type Unusable string

// The reasons, in the order they are looked for (token-engine.md 2.3, check_all).
const (
	UsesExceeded    Unusable = "uses exceeded"
	Disabled        Unusable = "disabled"
	FailuresFull    Unusable = "failures"
	OutsideValidity Unusable = "validity"
	NotEnrolled     Unusable = "not enrolled"
	RevokedToken    Unusable = "revoked"
)

// Usable reports why the token may not be used for authentication at now, or
// "". A full fail counter opens again clearAfter (0: never) after it was filled.
func (s *Standing) Usable(now time.Time, clearAfter time.Duration) Unusable {
	over := func(n int64, limit *int64) bool { return limit != nil && *limit != 0 && n >= *limit }
	switch {
	case s.Revoked || s.Locked:
		return RevokedToken
	case over(s.Successes, s.MaxSuccesses) || over(s.Uses, s.MaxUses):
		return UsesExceeded
	case !s.Active:
		return Disabled
	case s.Failures >= s.MaxFailures && !s.Cleared(now, clearAfter):
		return FailuresFull
	case !s.ValidFrom.IsZero() && s.ValidFrom.After(now), !s.ValidUntil.IsZero() && s.ValidUntil.Before(now):
		return OutsideValidity
	case s.State == ClientWait || s.State == Verify:
		return NotEnrolled
	}
	return ""
}

// Cleared reports whether a full fail counter has waited long enough to count as empty.
func (s *Standing) Cleared(now time.Time, clearAfter time.Duration) bool {
	return clearAfter > 0 && !s.FailedAt.IsZero() && s.FailedAt.Add(clearAfter).Before(now)
}

// Purpose says what answering a challenge achieves.
type Purpose string

// The purposes.
const (
	Login     Purpose = ""
	Enrolling Purpose = "enrollment"
	Resyncing Purpose = "resync"
)

// Status is the life of a challenge. Open is the only state that can change.
type Status string

// The states of a challenge. A collected or wrongly used one is deleted.
const (
	Open     Status = "open"
	Answered Status = "answered" // out of band; waits for the client to collect it
	Declined Status = "declined"
	Canceled Status = "cancelled"
)

// Challenge is one stored question to one token.
type Challenge struct {
	ID          ID
	Transaction string // what the client knows; shared by the challenges of one login
	Token       ID
	Serial      string
	Purpose     Purpose
	Nonce       string // the type's own, shown in lists
	Data        []byte // the type's own, sealed at rest
	Status      Status
	Tries       int
	Created     time.Time
	Expires     time.Time
}

// Valid reports whether ch can still be answered or collected at now.
func (ch *Challenge) Valid(now time.Time) bool {
	return !now.Before(ch.Created) && now.Before(ch.Expires)
}

// ChallengeFilter selects challenges. Zero fields do not restrict; those marked *
// may hold * as wildcard.
type ChallengeFilter struct {
	Serial      string // *
	Transaction string // *
	Tokens      []ID   // non-nil: only of these tokens
	// WithinRealms, when not nil: only of tokens that are in one of these realms, or whose owner is.
	WithinRealms []string
	ExpiredAt    time.Time // not zero: those that have expired by then; else those that have not expired for all anybody knows
	SortBy       string    // a column by its wire name; default timestamp
	Descending   bool
	Offset       int
	Limit        int // 0: all
}

// Filter selects tokens. Zero fields do not restrict. Texts are compared
// exactly; those marked * may hold * as wildcard. Realm lists are in lower case.
type Filter struct {
	Serials       []string // each *; any of them
	Serial        string   // part of the serial, case kept
	Types         []string // any of them
	Type          string   // *
	Owner         *Owner   // these three fields together
	OwnerRealm    string   // owner's realm, *
	OwnerResolver string   // *, case does not matter
	OwnerID       string   // *
	TokenRealms   []string // each *; any of them
	WithinRealms  []string // non-nil: only tokens with one of these realms (token realm or owner's)
	Description   string   // *, case does not matter
	Assigned      *bool
	Active        *bool
	State         *string // *; as stored
	InfoKey       string  // with InfoValue: equality
	InfoValue     string
	SortBy        string // a token column by its wire name; default serial
	Descending    bool
	Offset, Limit int // Limit 0: all
}
