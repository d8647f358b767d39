package policy

import (
	"context"
	"time"
)

// Definition describes an action to the policy editor and to GET /policy/defs.
type Definition struct {
	Scope    Scope
	Name     string
	Type     string // bool, int, str, text
	Doc      string
	Group    string
	Menus    []string
	Values   []string // those a user interface offers; others are not refused
	Multiple bool
	Only     string // "privacyidea" or "edumfa" where only that product has it
}

// An Action variable has a Definition; see the types below.
type Defined interface{ Definition() Definition }

// Found is what the policies say of one action: its value, the policies that
// said so, and whether any did. Bare is an action without value.
type Found struct {
	Set, Bare bool
	Value     string
	Policies  []string
}

// Meta is what all typed actions have in common. Silent actions are reported
// to Seen only by the rule that obeys them (policies.md 2.10).
type Meta struct {
	Scope  Scope
	Name   string
	Doc    string
	Group  string
	Menus  []string
	Values []string
	Only   string
	Silent bool
}

// Right is a permission of scope admin or user. It is granted when a policy
// grants it, or when its scope has no active policy at all (policies.md 2.9).
type Right struct {
	Name   string
	Scopes []Scope // admin, user or both
	Doc    string
	Group  string
	Menus  []string
	Only   string
}

// Bool is an action that is on or off.
type Bool struct{ Meta }

// Text is an action with one value. Two policies of the first priority that
// disagree are the fault PoliciesConflict. Spaces says that a value may hold
// blanks; without it each word is a value of its own.
type Text struct {
	Meta
	Default string
	Spaces  bool
}

// Words is an action whose values of all matching policies add up, split at blanks.
type Words struct{ Meta }

// Int is an action with one number. A value that is none is ignored.
type Int struct {
	Meta
	Highest bool // the highest value of all matching policies wins, whatever their priority
}

// Span is an action with a duration such as 10h or 180d (policies.md 4.1).
type Span struct{ Meta }

// Rate is an action such as 2/10m: so often in this time (policies.md 4.2).
type Rate struct{ Meta }

// View is a snapshot looked at from one situation. The zero View has no policies.
type View struct {
	ctx  context.Context
	snap *Snapshot
	at   Situation
	seen Seen
}

// At returns the view from one situation. seen may be nil.
func (s *Snapshot) At(ctx context.Context, at Situation, seen Seen) View {
	return View{ctx, s, at, seen}
}

// Limit is a parsed Rate.
type Limit struct {
	Count int
	In    time.Duration
}
