package policy

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

// Snapshot is the immutable set of policies one request is decided under. It
// may be used from many goroutines; nil is a snapshot without policies.
type Snapshot struct {
	scopes map[Scope]*index
	closed bool
}

// Warning is something about a policy that its author should know.
type Warning struct {
	Policy string
	Text   string
}

// index holds the active policies of one scope, ordered as they are matched.
type index struct {
	all   []*compiled
	named map[string][]*compiled // those that give an action, by its name
	rest  []*compiled            // those that give an action nobody names
}

// compiled is a policy that is ready to be matched.
type compiled struct {
	Policy
	actions   map[string]Action // without "*" and exclusions
	all       bool              // "*"
	excluded  map[string]bool
	realms    matcher
	realmsOf  matcher // adminrealm
	users     matcher
	admins    matcher
	resolvers matcher
	nodes     []string
	clients   clients
	agents    map[string]bool
	hours     Hours
	never     bool // its time cannot be read
	tests     []test
}

// Compile makes a snapshot of the active policies among ps. It never fails:
// what is invalid is kept and matched as the product documents it (an invalid
// expression is a literal, an invalid time or client list matches never, an
// invalid condition is a fault), and warned of. cat may be nil; then actions
// are not looked up.
func Compile(ps []Policy, cat *Catalogue) (*Snapshot, []Warning) {
	s := &Snapshot{scopes: map[Scope]*index{}}
	var warnings []Warning
	for i := range ps {
		p := &ps[i]
		warn := func(format string, args ...any) {
			warnings = append(warnings, Warning{p.Name, fmt.Sprintf(format, args...)})
		}
		c := compile(p, warn)
		inspect(c, cat, warn)
		if !p.Active {
			continue
		}
		x := s.scopes[p.Scope]
		if x == nil {
			x = &index{}
			s.scopes[p.Scope] = x
		}
		x.all = append(x.all, c)
	}
	for _, x := range s.scopes {
		x.build()
	}
	return s, warnings
}

// Closed returns the same policies with one rule changed: a scope without any
// active policy grants nothing, where otherwise it grants every right.
func (s *Snapshot) Closed() *Snapshot {
	if s == nil {
		return &Snapshot{closed: true}
	}
	return &Snapshot{scopes: s.scopes, closed: true}
}

// Defined reports whether any policy of the scope is active.
func (s *Snapshot) Defined(scope Scope) bool { return s != nil && s.scopes[scope] != nil }

// build sorts by priority, policies with a client list first within one, and
// indexes by action.
func (x *index) build() {
	slices.SortStableFunc(x.all, func(a, b *compiled) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), restricted(b)-restricted(a))
	})
	names := map[string]bool{}
	for _, c := range x.all {
		for n := range c.actions {
			names[n] = true
		}
		for n := range c.excluded {
			names[n] = true
		}
		if c.all {
			x.rest = append(x.rest, c)
		}
	}
	x.named = make(map[string][]*compiled, len(names))
	for n := range names {
		list := []*compiled{}
		for _, c := range x.all {
			if c.gives(n) {
				list = append(list, c)
			}
		}
		x.named[n] = list
	}
}

func restricted(c *compiled) int {
	if len(c.Clients) > 0 {
		return 1
	}
	return 0
}

// gives reports whether the policy's actions contain one. A policy without any
// action gives none: its author meant to give nothing (policies.md W1).
func (c *compiled) gives(action string) bool {
	if c.excluded[action] {
		return false
	}
	_, ok := c.actions[action]
	return ok || c.all
}

func (x *index) lookup(action string) []*compiled {
	if x == nil {
		return nil
	}
	if action == "" {
		return x.all
	}
	if list, ok := x.named[action]; ok {
		return list
	}
	return x.rest
}

func compile(p *Policy, warn func(string, ...any)) *compiled {
	c := &compiled{Policy: *p, actions: map[string]Action{}, nodes: p.Nodes}
	for _, a := range p.Actions {
		if a.Name == "*" {
			c.all = true
		} else if name, ok := negated(a.Name); ok {
			add(&c.excluded, name)
		} else {
			c.actions[a.Name] = a
		}
	}
	for _, l := range []struct {
		field   string
		entries []string
		to      *matcher
		fold    bool
		pattern patterned
	}{
		{"realm", p.Realms, &c.realms, false, obvious},
		{"adminrealm", p.AdminRealms, &c.realmsOf, false, obvious},
		{"user", p.Users, &c.users, p.UserCaseInsensitive, special},
		{"adminuser", p.AdminUsers, &c.admins, p.UserCaseInsensitive, special},
		{"resolver", p.Resolvers, &c.resolvers, false, never},
	} {
		var err error
		if *l.to, err = compileList(l.entries, l.fold, l.pattern); err != nil {
			warn("%s: not a regular expression, matched literally: %v", l.field, err)
		}
	}
	var err error
	if c.clients, err = compileClients(p.Clients); err != nil {
		warn("client: the list cannot be read, so the policy never matches: %v", err)
	}
	if c.hours, err = ParseTime(p.Time); err != nil {
		c.never = true
		warn("time %q cannot be read, so the policy never matches", p.Time)
	}
	for _, a := range p.UserAgents {
		add(&c.agents, strings.ToLower(a))
	}
	for _, cond := range p.Conditions {
		if !cond.Active {
			continue
		}
		t := compileCondition(cond)
		if t.malformed != "" {
			warn("condition on %s: %s", cond.Section, t.malformed)
		} else if t.holds == nil {
			warn("condition on %s: the value %q does not fit %s", cond.Section, cond.Value, cond.Comparator)
		}
		c.tests = append(c.tests, t)
	}
	return c
}

// At returns the view from one situation. seen may be nil.
func (s *Snapshot) At(ctx context.Context, at Situation, seen Seen) View {
	return View{ctx: ctx, snap: s, at: &at, client: address(at.Client), clock: clockOf(at.Now.Local()), seen: seen}
}
