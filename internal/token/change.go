package token

import (
	"errors"
	"fmt"
	"time"

	"symbolon/internal/audit"
)

// ErrConflict is returned by a commit when the condition of one of its changes
// no longer holds. Nothing of the commit has happened then.
var ErrConflict = errors.New("someone else was faster")

// Commit is all that one decision does: its changes and its record, applied
// together or not at all.
type Commit struct {
	Changes []Change
	Record  *audit.Record // nil: nothing is recorded with it
}

// A Change is one conditional modification. The set is closed: the store
// implements each in one statement, storetest proves that the condition is
// enforced on every database, and String is what the trace shows. Changes of
// unknown rows do not hold, but where it is said that a change always holds.
type Change interface {
	fmt.Stringer
	change()
}

// Changes that logins make.
type (
	// MoveCounter holds only while the counter is From.
	MoveCounter struct {
		Token    ID
		From, To int64
	}
	// Succeed clears the failures and counts a login. It holds only while the
	// token is usable at At by the rule of Standing.Usable: whoever revokes,
	// disables or locks it first, wins. With a Version it also holds only while
	// the token's version is that, which it does not raise: the owner, the PIN and
	// the secret that were judged are still the token's. Every accepting decision
	// contains one. In a commit it is tested before what else is done to the token.
	Succeed struct {
		Token      ID
		Version    *int64 // nil: any
		At         time.Time
		ClearAfter time.Duration // a full fail counter older than this counts as empty
		CountUse   bool          // add one to uses and successes
		Stamp      bool          // set the last use to At
	}
	// Guard changes nothing. It holds only while Succeed would, and is tested as
	// early: a failure counted in the same commit is not in its way. A challenge
	// that was opened for a usable token carries one.
	Guard struct {
		Token      ID
		Version    *int64
		At         time.Time
		ClearAfter time.Duration
	}
	// CountFailure adds one failure, up to the maximum, and notes At when it
	// reaches the maximum. A full counter older than ClearAfter begins at one
	// again. It always holds.
	CountFailure struct {
		Token      ID
		At         time.Time
		ClearAfter time.Duration
		CountUse   bool // add one to uses
	}
	// ResetFailures sets the failures to zero. It holds only while the token is
	// not locked or revoked.
	ResetFailures struct{ Token ID }
	// Stamp sets the last use. It always holds.
	Stamp struct {
		Token ID
		At    time.Time
	}
	// SetInfo holds only while the entry is From; nil is no entry. To nil deletes it.
	SetInfo struct {
		Token    ID
		Key      string
		From, To *Entry
	}
	// SetState holds only while the rollout state is From.
	SetState struct {
		Token    ID
		From, To State
	}
	// SetPIN holds only while the stored form is From: a PIN changed meanwhile
	// is not overwritten by a better hash of the old one.
	SetPIN struct {
		Token    ID
		From, To string
	}
)

// Changes that administration makes. Those that carry a Version hold only while
// the token's version is that, and raise it by one; a commit holds one of them
// for a token at most.
type (
	// Create holds only while the serial is free.
	Create struct{ Token Token }
	// Replace writes a token's own row: description, owner, realms, groups, PIN,
	// secret, digits, windows, creation and assignment. It never touches the
	// standing, but with Reseeded: then counter and failures, which belong to
	// the old secret, begin anew. Info is not written; see SetInfo.
	// Reopened sets state and active as well (a further enrolment step).
	// It holds only while the version is Token.Version and the token is not
	// locked or revoked.
	Replace struct {
		Token    Token
		Reseeded bool
		Reopened bool
	}
	// SetLimits writes what Limits has; nil fields stay. It holds only while the
	// version is Version and the token is not locked or revoked.
	SetLimits struct {
		Token   ID
		Version int64
		Limits  Limits
	}
	// SetActive holds only while active is not To and the token is not locked or revoked.
	SetActive struct {
		Token ID
		To    bool
	}
	// Revoke makes a token unusable for ever. It holds only while it is not locked.
	Revoke struct{ Token ID }
	// Delete removes a token and its challenges. It holds only while it is there.
	Delete struct{ Token ID }
	// AtMost changes nothing. It holds only while no more than Max tokens fit
	// Filter after the other changes of its commit, which the store applies first.
	AtMost struct {
		Filter Filter
		Max    int
	}
)

// Limits are the parts of a Standing that administrators set.
type Limits struct {
	MaxFailures           *int
	Failures              *int
	FailedAt              *time.Time // zero time: none
	ValidFrom, ValidUntil *time.Time
	Uses, Successes       *int64
	MaxUses, MaxSuccesses **int64 // pointer to nil: forget it
	LastUse               *time.Time
	Counter               *int64
}

// SetAttribute sets what is noted of a user. It holds only while the value is
// From; nil is none. To nil deletes it. ID is that of a new one.
type SetAttribute struct {
	ID       ID
	Owner    Owner
	Key      string
	From, To *Entry
}

// ForgetAttributes deletes what is noted of all users of a realm. Without Any it
// deletes nothing, and holds only while nothing is noted.
type ForgetAttributes struct {
	Realm string
	Any   bool
}

// Changes to challenges.
type (
	// OpenChallenge stores a new challenge.
	OpenChallenge struct{ Challenge Challenge }
	// Settle holds only while the challenge is Open and valid at At.
	Settle struct {
		Challenge ID
		To        Status
		At        time.Time
		Expires   time.Time // new expiry; the later one wins
	}
	// Consume deletes a challenge. It holds only while it is there with status
	// Was and valid at At: it is collected once.
	Consume struct {
		Challenge ID
		Was       Status
		At        time.Time
	}
	// CountTry adds one to the tries of a challenge. It always holds.
	CountTry struct{ Challenge ID }
	// CloseTransaction deletes what is left of a transaction. It always holds.
	CloseTransaction struct{ Transaction string }
	// SweepChallenges deletes the expired challenges of a token. It always holds.
	SweepChallenges struct {
		Token ID
		At    time.Time
	}
	// CountAttempt notes a login attempt for auth_max_success and auth_max_fail. It
	// always holds.
	CountAttempt struct {
		Who     Attempter
		At      time.Time
		Success bool
		Keep    time.Duration // older attempts of Who are forgotten
	}
	// FewerAttempts changes nothing. It holds only while Who has made fewer than
	// Max attempts from Since on that succeeded, or failed. It is tested before
	// CountAttempt counts this one.
	FewerAttempts struct {
		Who     Attempter
		Success bool
		Since   time.Time
		Max     int
	}
)

// Attempter is whose attempts are counted together.
type Attempter struct{ Login, Realm string }

// Definition is one piece of what administrators configure: a policy, a realm,
// a resolver, a setting, an administrator. Body is JSON; secrets in it are
// sealed by whoever wrote it.
type Definition struct {
	Kind Kind
	Name string // unique in its kind
	ID   int64  // random, 53 bits; kept over updates
	Body []byte
}

// Kind is a kind of definition.
type Kind string

// The kinds.
const (
	PolicyKind   Kind = "policy"
	RealmKind    Kind = "realm"
	ResolverKind Kind = "resolver"
	SettingKind  Kind = "setting"
	AdminKind    Kind = "admin"
	GroupKind    Kind = "tokengroup"
	ServerKind   Kind = "server" // the server's own keys, sealed
)

// Changes to definitions. All definitions have one version together: a rule
// such as "this resolver is in no realm" is about all of them.
type (
	// Define stores a definition.
	Define struct{ Definition Definition }
	// Undefine deletes a definition.
	Undefine struct {
		Kind Kind
		Name string
	}
	// AtVersion raises the version of all definitions by one. It holds only
	// while the version is Version. A commit with Define or Undefine has one.
	AtVersion struct{ Version int64 }
)

func (MoveCounter) change()      {}
func (Succeed) change()          {}
func (Guard) change()            {}
func (CountFailure) change()     {}
func (ResetFailures) change()    {}
func (Stamp) change()            {}
func (SetInfo) change()          {}
func (SetState) change()         {}
func (SetPIN) change()           {}
func (Create) change()           {}
func (Replace) change()          {}
func (SetLimits) change()        {}
func (SetActive) change()        {}
func (Revoke) change()           {}
func (Delete) change()           {}
func (AtMost) change()           {}
func (SetAttribute) change()     {}
func (ForgetAttributes) change() {}
func (OpenChallenge) change()    {}
func (Settle) change()           {}
func (Consume) change()          {}
func (CountTry) change()         {}
func (CloseTransaction) change() {}
func (SweepChallenges) change()  {}
func (CountAttempt) change()     {}
func (FewerAttempts) change()    {}
func (Define) change()           {}
func (Undefine) change()         {}
func (AtVersion) change()        {}

func (c MoveCounter) String() string {
	return fmt.Sprintf("counter %d -> %d of %d", c.From, c.To, c.Token)
}
func (c Succeed) String() string       { return fmt.Sprintf("success of %d", c.Token) }
func (c Guard) String() string         { return fmt.Sprintf("usable: %d", c.Token) }
func (c CountFailure) String() string  { return fmt.Sprintf("failure of %d", c.Token) }
func (c ResetFailures) String() string { return fmt.Sprintf("failures of %d reset", c.Token) }
func (c Stamp) String() string         { return fmt.Sprintf("last use of %d", c.Token) }
func (c SetInfo) String() string       { return fmt.Sprintf("info %s of %d", c.Key, c.Token) }
func (c SetState) String() string {
	return fmt.Sprintf("state %q -> %q of %d", c.From, c.To, c.Token)
}
func (c SetPIN) String() string    { return fmt.Sprintf("pin of %d", c.Token) }
func (c Create) String() string    { return "create " + c.Token.Serial }
func (c Replace) String() string   { return "replace " + c.Token.Serial }
func (c SetLimits) String() string { return fmt.Sprintf("limits of %d", c.Token) }
func (c SetActive) String() string { return fmt.Sprintf("active %t of %d", c.To, c.Token) }
func (c Revoke) String() string    { return fmt.Sprintf("revoke %d", c.Token) }
func (c Delete) String() string    { return fmt.Sprintf("delete %d", c.Token) }
func (c AtMost) String() string    { return fmt.Sprintf("at most %d tokens", c.Max) }
func (c SetAttribute) String() string {
	return fmt.Sprintf("attribute %s of %s in %s", c.Key, c.Owner.UserID, c.Owner.Realm)
}
func (c ForgetAttributes) String() string { return "attributes of users of " + c.Realm }
func (c OpenChallenge) String() string    { return "open challenge for " + c.Challenge.Serial }
func (c Settle) String() string           { return fmt.Sprintf("challenge %d is %s", c.Challenge, c.To) }
func (c Consume) String() string          { return fmt.Sprintf("consume challenge %d", c.Challenge) }
func (c CountTry) String() string         { return fmt.Sprintf("try of challenge %d", c.Challenge) }
func (c CloseTransaction) String() string {
	return "close transaction " + c.Transaction
}
func (c SweepChallenges) String() string { return fmt.Sprintf("sweep challenges of %d", c.Token) }
func (c CountAttempt) String() string    { return "attempt counted" }
func (c FewerAttempts) String() string   { return fmt.Sprintf("fewer than %d attempts", c.Max) }
func (c Define) String() string {
	return fmt.Sprintf("define %s %s", c.Definition.Kind, c.Definition.Name)
}
func (c Undefine) String() string  { return fmt.Sprintf("undefine %s %s", c.Kind, c.Name) }
func (c AtVersion) String() string { return fmt.Sprintf("definitions at version %d", c.Version) }
