// Package policy answers what the administrator's policies say in a given
// situation (spec: docs/policies.md). A policy action is declared once, as a
// typed variable; reading it anywhere else needs that variable, so "who uses
// push_wait" is a question the compiler's references answer.
//
// It leaves to others: loading and storing policies (internal/store,
// internal/site), and every rule that obeys an action.
package policy

import (
	"context"
	"time"
)

// Scope is the field of a policy that says which kind of rule it holds.
type Scope string

// The scopes. EduMFA knows the first eight only.
const (
	Authorization  Scope = "authorization"
	Admin          Scope = "admin"
	Authentication Scope = "authentication"
	AuditScope     Scope = "audit"
	User           Scope = "user"
	Enrollment     Scope = "enrollment"
	WebUI          Scope = "webui"
	Register       Scope = "register"
	Container      Scope = "container"
	TokenScope     Scope = "token"
	Hardening      Scope = "hardening"
)

// Policy is one policy as administrators write it. Lists hold trimmed entries;
// an empty list does not restrict. It marshals to the JSON that is stored.
type Policy struct {
	ID                  int64
	Name                string
	Active              bool
	Scope               Scope
	Actions             Actions
	Realms              []string
	AdminRealms         []string
	AdminUsers          []string
	Resolvers           []string
	Nodes               []string
	Users               []string
	UserCaseInsensitive bool
	CheckAllResolvers   bool
	Clients             []string
	Time                string
	UserAgents          []string
	Priority            int // 1 or more; the smaller number wins
	Conditions          []Condition
	Description         *string
}

// Action is one entry of a policy's action list. Bare is an action without value.
type Action struct {
	Name  string
	Value string
	Bare  bool
}

// Actions are the actions of a policy in the order they were written, each name once.
type Actions []Action

// Condition is one extended condition.
type Condition struct {
	Section, Key, Comparator, Value string
	Active                          bool
	Missing                         string // raise_error ("" too), condition_is_true, condition_is_false
}

// Situation is what policies are matched against. A nil text means "do not
// filter by this field"; an empty one means "only policies that do not restrict it".
type Situation struct {
	User, Realm, Resolver *string
	MoreRealms            []string // realms of the token or container acted on
	Admin, AdminRealm     *string  // only looked at in scope admin
	Client                string   // address; "" is not matched by restricted policies
	Agent                 string   // plugin name
	Node                  string
	Now                   time.Time
	Facts                 Facts // what conditions look at; nil: nothing is available
	// ResolversOf names the resolvers of a realm in their order, for
	// check_all_resolvers; nil: none.
	ResolversOf func(realm string) []string
}

// Facts gives conditions what they look at, lazily. ok is false where there is
// no such object in the request.
type Facts interface {
	UserInfo(ctx context.Context) (info map[string]string, ok bool, err error)
	// TokenRow has typed values: int64, bool, string, []string, map[string]string.
	TokenRow(ctx context.Context) (row map[string]any, ok bool, err error)
	TokenInfo(ctx context.Context) (info map[string]string, ok bool, err error)
	Header(name string) (value string, ok bool)      // name in any case
	Environment(name string) (value string, ok bool) // CGI names
	Parameter(name string) (value any, ok bool)      // never pass or password
	InRequest() bool                                 // false: neither headers nor parameters exist
}

// Seen is told of each policy that took effect: its name, and the action and
// value it was asked for.
type Seen func(policy string, scope Scope, action, value string)
