// Package audit says what a record of the trail holds and what the trace of a
// decision is made of. Who writes records is in internal/store, who words them
// is the dialect that shows them.
package audit

import "time"

// Record is one entry of the trail. It holds facts and reasons, not sentences:
// those are made when it is read. It never holds a secret.
type Record struct {
	Case           string // the case number, shown to callers
	Started        time.Time
	Ended          time.Time
	Action         string // "POST /validate/check"
	Success        bool
	Authentication string // ACCEPT, CHALLENGE, REJECT, DECLINED, or empty
	Serial         string // several joined by commas
	TokenType      string
	User           string // login
	Realm          string
	Resolver       string
	Administrator  string
	Detail         string // action_detail: what exactly was done
	Reason         string // a reason key (authn.Reason), a fault's name (fault.Kind), or ""
	Args           []any  // the reason's arguments: numbers and texts
	Text           string // further information in words: an administrator's own text
	Policies       []string
	Client         string // address
	Agent          string
	AgentVersion   string
	Trace          []Step
	Conflicts      int // how often the decision was taken again
}

// Row is a record as it was stored.
type Row struct {
	Record
	Number int64  // position in the node's chain, from 1
	Node   string // the node that wrote it
	// Intact is false when the row's hash does not fit its content; Linked is
	// false when the row before or after it is missing.
	Intact, Linked bool
}

// Step is one line of an explanation: what was looked at, and what came of it.
type Step struct {
	What    string  `json:"w"`           // user, policy, token, pin, code, challenge, change, ...
	Object  string  `json:"o,omitempty"` // serial, policy name, ...
	Outcome string  `json:"r,omitempty"` // found, skipped, right, wrong, ...
	Reason  string  `json:"y,omitempty"` // why
	Numbers []int64 `json:"n,omitempty"` // counters, window, failures, maximum
}

// Query selects records. Filters are by wire-neutral column names; Columns of
// an unknown name are ignored.
type Query struct {
	Filters   []Filter
	Since     time.Time // zero: no limit
	Realms    []string  // nil: no restriction; else rows of these realms, or of Administrator
	Admin     string    // with Realms: also rows of this administrator
	About     *Person   // only rows about this user, compared exactly; nil: no restriction
	Ascending bool
	Offset    int
	Limit     int // 0: no limit
	// Info words a record for filters on the column info, which is not stored.
	Info func(*Record) string
}

// Person is a user as a record names him.
type Person struct{ Login, Realm string }

// Filter is one condition on a column: serial, action, success, authentication,
// token_type, user, realm, resolver, administrator, action_detail, info, client,
// user_agent, user_agent_version, policies, node, date, startdate, number, case.
// Value may hold * as wildcard.
type Filter struct {
	Column string
	Value  string
	Not    bool
}
