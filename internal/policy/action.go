package policy

import "time"

// Definition describes an action to the policy editor and to GET /policy/defs.
type Definition struct {
	Scope    Scope
	Name     string
	Type     string // bool, int, str, text
	Doc      string
	Group    string
	Menus    []string
	Values   []string // those a user interface offers; others are not refused
	From     Source   // further values a user interface offers, from the configuration
	Multiple bool
	Default  string // shown by the definitions; ""; none
	Required bool
	Right    bool // a permission: "*" gives it
	Syntax   Syntax
	Only     string // "privacyidea" or "edumfa" where only that product has it
}

// Source says where the values come from that a user interface offers for an
// action beside the fixed ones.
type Source string

// The sources. The catalogue fills in token types; the others depend on what
// is configured.
const (
	FromTypes        Source = "types"
	FromUpperTypes   Source = "upper types" // token types in capital letters
	FromRealms       Source = "realms"
	FromResolvers    Source = "resolvers"
	FromSMTPServers  Source = "smtpservers"
	FromRADIUS       Source = "radiusservers"
	FromSMSGateways  Source = "smsgateways"
	FromFirebase     Source = "firebase"
	FromCAConnectors Source = "caconnectors"
	FromTemplates    Source = "templates"
)

// Syntax is the form of a value that is checked when a policy is written.
type Syntax string

// The syntaxes. Values of others are free.
const (
	FreeForm   Syntax = ""
	NumberForm Syntax = "number"
	SpanForm   Syntax = "span"
	RateForm   Syntax = "rate"
)

// Defined is implemented by all typed actions below but Right, which has one
// definition for each of its scopes.
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
	Scope    Scope
	Name     string
	Doc      string
	Group    string
	Menus    []string
	Values   []string
	From     Source
	Multiple bool   // the editor lets several of Values be chosen
	Shown    string // the default as the definitions show it; "": not shown
	Required bool   // a feature does not work without it
	Only     string
	Silent   bool
}

// Right is a permission of scope admin or user. It is granted when a policy
// grants it, or when its scope has no active policy at all (policies.md 2.9).
type Right struct {
	Name   string
	Scopes []Scope // admin, user or both
	Doc    string
	Group  string
	Menus  []string
	User   *Shelf // where the policy editor shows it in scope user, when elsewhere
	Only   string
}

// Shelf is where a policy editor shows an action.
type Shelf struct {
	Group string
	Menus []string
}

// Bool is an action that is on or off.
type Bool struct{ Meta }

// Text is an action with one value. Two policies of the first priority that
// disagree are the fault PoliciesConflict. Spaces says that a value may hold
// blanks; without it each word is a value of its own. Bare says that the action
// without value means something; otherwise such a policy is passed over.
type Text struct {
	Meta
	Default string
	Spaces  bool
	Bare    bool
	Long    bool // the editor shows a field of several lines
}

// Words is an action whose values of all matching policies add up, split at
// blanks. Whole says that the value of a policy is one word, blanks or not.
type Words struct {
	Meta
	Whole bool
}

// Int is an action with one number. A value that is none is ignored.
type Int struct {
	Meta
	Highest bool // the highest value of all matching policies wins, whatever their priority
}

// Span is an action with a duration such as 10h or 180d (policies.md 4.1).
type Span struct{ Meta }

// Rate is an action such as 2/10m: so often in this time (policies.md 4.2).
type Rate struct{ Meta }

// Limit is a parsed Rate.
type Limit struct {
	Count int
	In    time.Duration
}
