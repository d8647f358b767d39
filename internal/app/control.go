package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// The methods the command line calls, with the types of question and answer.
const (
	AdminAdd   = "admin.add"   // AddAdmin -> Added
	TokenEnrol = "token.enrol" // EnrolToken -> Enrolled
	TokenShow  = "token.show"  // OneToken -> TokenRow
	TokenList  = "token.list"  // ListTokens -> TokenPage
	TokenTest  = "token.test"  // TestToken -> Tested
	ServerInfo = "status"      // Nothing -> Status
	DemoFill   = "demo.fill"   // Nothing -> Demo
)

// Nothing is the question of a method that needs none.
type Nothing struct{}

// AddAdmin makes a local administrator. A name that is taken is a Problem.
type AddAdmin struct {
	Name   string `json:"name"`
	Secret string `json:"secret"`
	Email  string `json:"email,omitempty"`
	DryRun bool   `json:"dry_run,omitempty"`
}

// Added says what was, or would be, made.
type Added struct {
	Name string `json:"name"`
}

// EnrolToken makes a token, for a user or for nobody.
type EnrolToken struct {
	Type        string `json:"type"`
	User        string `json:"user,omitempty"`
	Realm       string `json:"realm,omitempty"`
	Serial      string `json:"serial,omitempty"`
	Description string `json:"description,omitempty"`
	PIN         string `json:"pin,omitempty"`
	DryRun      bool   `json:"dry_run,omitempty"`
	// Unseen says that nobody will see the secret: a token with one is refused.
	Unseen bool `json:"unseen,omitempty"`
}

// Enrolled is the new token. URL holds its secret: it is shown once.
type Enrolled struct {
	Serial string `json:"serial"`
	Type   string `json:"type"`
	User   string `json:"user"`
	Realm  string `json:"realm"`
	URL    string `json:"url,omitempty"`
}

// OneToken names a token.
type OneToken struct {
	Serial string `json:"serial"`
}

// ListTokens selects tokens; empty fields do not restrict. Limit 0 is all.
type ListTokens struct {
	User   string `json:"user,omitempty"`
	Realm  string `json:"realm,omitempty"`
	Type   string `json:"type,omitempty"`
	Limit  int    `json:"limit,omitempty"`
	Offset int    `json:"offset,omitempty"`
}

// TokenRow is what is shown of a token.
type TokenRow struct {
	Serial      string    `json:"serial"`
	Type        string    `json:"type"`
	User        string    `json:"user"`
	Realm       string    `json:"realm"`
	State       string    `json:"state"` // usable, or why not
	Failures    int       `json:"failures"`
	MaxFailures int       `json:"max_failures"`
	LastUse     time.Time `json:"last_use,omitzero"`
	Description string    `json:"description"`
}

// TokenPage is a part of a list.
type TokenPage struct {
	Total  int        `json:"total"`
	Tokens []TokenRow `json:"tokens"`
}

// TestToken tries a password, PIN and code, as a login would, with all that
// follows from it: an accepted code is spent.
type TestToken struct {
	Serial   string `json:"serial,omitempty"`
	User     string `json:"user,omitempty"`
	Realm    string `json:"realm,omitempty"`
	Password string `json:"password"`
}

// Tested is the outcome and how it came about.
type Tested struct {
	Accepted bool     `json:"accepted"`
	Outcome  string   `json:"outcome"` // accept, challenge, reject, declined
	Serial   string   `json:"serial,omitempty"`
	Reason   string   `json:"reason,omitempty"` // as the API says it
	Remedy   string   `json:"remedy,omitempty"` // what to do about a refusal
	Trace    []string `json:"trace,omitempty"`  // how it came about, a sentence a step
}

// Status is the health of the running server.
type Status struct {
	Version   string    `json:"version"`
	Profile   string    `json:"profile"` // whom the server answers like
	URL       string    `json:"url"`     // how others reach it; "": not set
	Node      string    `json:"node"`
	Process   int       `json:"process"`
	Since     time.Time `json:"since"`
	Listeners []string  `json:"listeners"`
	Database  string    `json:"database"`         // which one, never its URL
	Latency   float64   `json:"database_ms"`      // what reading one token took
	Size      int64     `json:"database_bytes"`   // with its log
	CertEnds  time.Time `json:"certificate_ends"` // zero: a proxy has the certificate
	Admins    int       `json:"admins"`
	Realms    []string  `json:"realms"`
	Resolvers []string  `json:"resolvers"`
	Policies  int       `json:"policies"`
	Tokens    int       `json:"tokens"`
	Healthy   bool      `json:"healthy"`
	Findings  []string  `json:"findings,omitempty"` // what is wrong, a sentence each
}

// Demo is what a demonstration was filled with.
type Demo struct {
	Admin  string   `json:"admin"`
	Secret string   `json:"secret"`
	Notes  []string `json:"notes"` // a line each, to try first
}

// Caller is who calls a method: the user of the operating system, as the kernel
// says.
type Caller struct {
	UID  int
	Name string
}

// Method answers one question. Its errors are faults, Problems, or failures.
type Method func(ctx context.Context, who Caller, question json.RawMessage) (any, error)

// Control is what the command line can ask the server, by name.
type Control map[string]Method

// Answering makes a Method of a function with typed question and answer.
func Answering[Q, A any](f func(ctx context.Context, who Caller, q Q) (A, error)) Method {
	return func(ctx context.Context, who Caller, question json.RawMessage) (any, error) {
		var q Q
		in := json.NewDecoder(bytes.NewReader(question))
		in.DisallowUnknownFields() // an option an older server ignores would be a promise broken
		if err := in.Decode(&q); err != nil {
			return nil, &Problem{Usage, fmt.Sprintf("the server does not understand the question (%v); are both of the same version?", err)}
		}
		return f(ctx, who, q)
	}
}

// call answers one question.
func (c Control) call(ctx context.Context, who Caller, name string, question json.RawMessage) (any, error) {
	m, ok := c[name]
	if !ok {
		return nil, &Problem{Usage, "the server does not know " + name + "; is it of an older version?"}
	}
	return m(ctx, who, question)
}
