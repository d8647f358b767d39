package site

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"

	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/setting"
	"symbolon/internal/token"
)

// Maker makes a resolver of one type from its definition. It asks nothing: a
// store that is not there is an error of the first question.
type Maker func(Resolver) (realm.Resolver, error)

// Factory is what a Site is made with.
type Factory struct {
	Types    map[string]Maker                       // by the type's name
	Policies func([]policy.Policy) *policy.Snapshot // compiles all policies; nil: there are none
	// Attributes reads what is noted of users beside their resolvers; nil: nothing.
	Attributes func(ctx context.Context, o token.Owner) ([]token.Attribute, error)
	Node       string       // this node's name, for links that count on one node
	Log        *slog.Logger // nil: nothing is logged
	Cache      *Cache       // keeps resolvers over compilations; nil: all are made anew
}

// Problem says what is wrong with one definition. A fatal one could not be
// read: without it the others may allow more than was meant, so a Site that
// lacks it must not be used.
type Problem struct {
	Kind  token.Kind
	Name  string
	Fatal bool
	Err   error
}

// Error implements error.
func (p *Problem) Error() string { return fmt.Sprintf("%s %q: %v", p.Kind, p.Name, p.Err) }

// Unwrap returns the cause.
func (p *Problem) Unwrap() error { return p.Err }

// Compile makes a Site of definitions. The errors are *Problem; the Site is
// complete but for those that are fatal. A resolver of an unknown type, or one
// that cannot be made, is listed, and fails when it is asked.
func Compile(version int64, defs []token.Definition, f Factory) (*Site, []error) {
	if f.Log == nil {
		f.Log = slog.New(slog.DiscardHandler)
	}
	s := &Site{Version: version, Settings: setting.Settings{}, Realms: map[string]Realm{}, Resolvers: map[string]Resolver{},
		Admins: map[string]Admin{}, Groups: map[string]Group{}, stores: map[string]realm.Resolver{}, order: map[string][]string{}}
	var problems []error
	for _, d := range defs {
		if err := s.take(d); err != nil {
			problems = append(problems, &Problem{d.Kind, d.Name, true, err})
		}
	}
	slices.SortFunc(s.Defined, func(a, b policy.Policy) int { return cmp.Compare(a.Name, b.Name) })
	for _, name := range slices.Sorted(maps.Keys(s.Resolvers)) {
		store, err := f.Cache.store(s.Resolvers[name], f.Types)
		if err != nil {
			problems = append(problems, &Problem{token.ResolverKind, name, false, err})
		}
		s.stores[name] = store
	}
	f.Cache.keep(s.Resolvers)
	problems = append(problems, s.link(f.Node)...)
	s.Policies = &policy.Snapshot{}
	if f.Policies != nil {
		s.Policies = f.Policies(s.Defined)
	}
	s.noted = f.Attributes
	s.Users = directory{s, f.Log}
	return s, problems
}

// take puts one definition into s.
func (s *Site) take(d token.Definition) (err error) {
	switch d.Kind {
	case token.PolicyKind:
		var p policy.Policy
		if p, err = PolicyOf(d); err == nil {
			s.Defined = append(s.Defined, p)
		}
	case token.RealmKind:
		var r Realm
		if r, err = RealmOf(d); err == nil {
			s.Realms[r.Name] = r
		}
	case token.ResolverKind:
		var r Resolver
		if r, err = ResolverOf(d); err == nil {
			s.Resolvers[r.Name] = r
		}
	case token.SettingKind:
		var e setting.Entry
		if e, err = SettingOf(d); err == nil {
			s.Settings[d.Name] = e
		}
	case token.AdminKind:
		var a Admin
		if a, err = AdminOf(d); err == nil {
			s.Admins[a.Name] = a
		}
	case token.GroupKind:
		var g Group
		if g, err = GroupOf(d); err == nil {
			s.Groups[g.Name] = g
		}
	}
	// Kinds of other readers, such as the server's own keys, are not for a Site.
	return err
}

// link finds the default realm, the order of resolvers, and links that lead nowhere.
func (s *Site) link(node string) (problems []error) {
	for _, name := range slices.Sorted(maps.Keys(s.Realms)) {
		r := s.Realms[name]
		s.order[name] = ordered(r.Resolvers, node)
		switch {
		case r.Default && s.Default == "":
			s.Default = name
		case r.Default:
			problems = append(problems, &Problem{token.RealmKind, name, false, fmt.Errorf("%q is the default realm already", s.Default)})
		}
		for _, l := range r.Resolvers {
			if _, ok := s.Resolvers[l.Resolver]; !ok {
				problems = append(problems, &Problem{token.RealmKind, name, false, fmt.Errorf("its resolver %q is not defined", l.Resolver)})
			}
		}
	}
	return problems
}

const defaultPriority = 1000

// ordered names the resolvers of links that count on node, by priority and
// name, each once (users-audit-events.md 1).
func ordered(links []Link, node string) []string {
	type ranked struct {
		priority int
		name     string
	}
	var all []ranked
	for _, l := range links {
		if l.Node != "" && l.Node != node {
			continue
		}
		// The other servers sort by "priority or 1000": zero is none.
		p := defaultPriority
		if l.Priority != nil && *l.Priority != 0 {
			p = *l.Priority
		}
		all = append(all, ranked{p, l.Resolver})
	}
	slices.SortStableFunc(all, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(a.priority, b.priority), cmp.Compare(a.name, b.name))
	})
	var names []string
	for _, r := range all {
		if !slices.Contains(names, r.name) {
			names = append(names, r.name)
		}
	}
	return names
}

// Cache keeps resolvers, with what they have read and their connections, from
// one compilation to the next, as long as their definitions stay the same. One
// that is forgotten may still be asked by requests that began before, so nobody
// closes it: resolvers let idle connections go by themselves. A nil Cache keeps
// nothing.
type Cache struct {
	mu   sync.Mutex
	kept map[string]made
}

type made struct {
	from  Resolver
	store realm.Resolver
	err   error
}

// store returns the resolver for a definition, the one it has when there is one.
func (c *Cache) store(def Resolver, types map[string]Maker) (realm.Resolver, error) {
	if c == nil {
		return instance(def, types)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if m, ok := c.kept[def.Name]; ok && same(m.from, def) {
		return m.store, m.err
	}
	store, err := instance(def, types)
	if c.kept == nil {
		c.kept = map[string]made{}
	}
	c.kept[def.Name] = made{def, store, err}
	return store, err
}

// keep forgets all resolvers that are not defined any more.
func (c *Cache) keep(defined map[string]Resolver) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	maps.DeleteFunc(c.kept, func(name string, _ made) bool { _, ok := defined[name]; return !ok })
}

func same(a, b Resolver) bool {
	return a.Type == b.Type && a.ID == b.ID && maps.Equal(a.Params, b.Params)
}

// instance makes a resolver; with an error it is one that always fails with it.
func instance(def Resolver, types map[string]Maker) (realm.Resolver, error) {
	maker, ok := types[def.Type]
	if !ok {
		err := fmt.Errorf("resolvers of type %q are not supported", def.Type)
		return failing{err}, err
	}
	store, err := maker(def)
	if err == nil && store == nil {
		err = fmt.Errorf("type %q made nothing", def.Type)
	}
	if err != nil {
		return failing{err}, err
	}
	return store, nil
}
