package policy

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"symbolon/internal/fault"
)

// Granted reports whether the caller has the right in a scope: a policy gives
// it, or the scope has no active policy at all (policies.md 2.9).
func (a Right) Granted(v View, scope Scope) (bool, error) {
	if !v.snap.Defined(scope) {
		return v.snap == nil || !v.snap.closed, nil
	}
	matched, err := v.match(scope, a.Name)
	if err != nil {
		return false, err
	}
	for _, c := range matched {
		v.tell(c.Name, scope, a.Name, "")
	}
	return len(matched) > 0, nil
}

// In reports whether a policy turns the action on.
func (a Bool) In(v View) (bool, error) {
	f, err := a.Find(v)
	return f.Set, err
}

// Find says which policies turn the action on.
func (a Bool) Find(v View) (Found, error) {
	matched, err := v.match(a.Scope, a.Name)
	if err != nil || len(matched) == 0 {
		return Found{}, err
	}
	f := Found{Set: true, Bare: true}
	for _, c := range matched {
		f.Policies = append(f.Policies, c.Name)
	}
	a.report(v, f)
	return f, nil
}

// In returns the value, or the default. Policies that disagree are the fault
// PoliciesConflict.
func (a Text) In(v View) (string, error) {
	f, err := a.Find(v)
	if err != nil || !f.Set {
		return a.Default, err
	}
	return f.Value, nil
}

// Find returns the value with the policies of the first priority that give it.
func (a Text) Find(v View) (Found, error) {
	given, err := v.values(a.Meta)
	if err != nil {
		return Found{}, err
	}
	var f Found
	first, conflict := 0, false
	for _, g := range given {
		x := g.actions[a.Name]
		value, several, ok := a.value(x)
		if !ok {
			continue
		}
		if f.Set && g.Priority != first {
			break
		}
		next := Found{Set: true, Bare: x.Bare, Value: value}
		conflict = conflict || several || f.Set && (f.Bare != next.Bare || f.Value != next.Value)
		next.Policies = append(f.Policies, g.Name)
		f, first = next, g.Priority
	}
	if conflict {
		return Found{}, fault.New(fault.PoliciesConflict, f.Policies)
	}
	a.report(v, f)
	return f, nil
}

// value reads the text of one policy. several says that it holds more than one
// value where blanks divide; ok, that it has a value at all.
func (a Text) value(x Action) (value string, several, ok bool) {
	switch {
	case x.Bare:
		return "", false, a.Bare
	case a.Spaces:
		value, _ = unquote(x.Value)
		return usable(value), false, true
	}
	ws := words(x.Value)
	if len(ws) == 0 {
		return "", false, false
	}
	for _, w := range ws[1:] {
		several = several || w != ws[0]
	}
	return usable(ws[0]), several, true
}

// In returns the words of all matching policies, each once, in the order of the policies.
func (a Words) In(v View) (all []string, err error) {
	err = a.each(v, func(word, _ string) {
		if !slices.Contains(all, word) {
			all = append(all, word)
		}
	})
	return all, err
}

// Find returns the words with the policies that give each.
func (a Words) Find(v View) (map[string][]string, error) {
	by := map[string][]string{}
	err := a.each(v, func(word, policy string) {
		if !slices.Contains(by[word], policy) {
			by[word] = append(by[word], policy)
		}
	})
	return by, err
}

// each calls use with every word and the policy that gives it.
func (a Words) each(v View, use func(word, policy string)) error {
	given, err := v.values(a.Meta)
	if err != nil {
		return err
	}
	for _, g := range given {
		x := g.actions[a.Name]
		switch {
		case x.Bare:
			continue
		case a.Whole:
			whole, _ := unquote(x.Value)
			use(usable(whole), g.Name)
		default:
			for _, w := range words(x.Value) {
				use(usable(w), g.Name)
			}
		}
		if !a.Silent {
			v.tell(g.Name, a.Scope, a.Name, x.Value)
		}
	}
	return nil
}

// In returns the number; ok says that a policy gives one.
func (a Int) In(v View) (n int, ok bool, err error) {
	n, f, err := a.Find(v)
	return n, f.Set, err
}

// Find returns the number with the policies that give it. Numbers of the first
// priority that differ are the fault PoliciesConflict, unless the highest wins.
func (a Int) Find(v View) (n int, f Found, err error) {
	return choose(v, a.Meta, a.Highest, parseNumber)
}

// In returns the duration with the policies that give it; f.Set says whether any does.
func (a Span) In(v View) (d time.Duration, f Found, err error) {
	return choose(v, a.Meta, false, ParseSpan)
}

// In returns the rate with the policies that give it; f.Set says whether any does.
func (a Rate) In(v View) (l Limit, f Found, err error) {
	return choose(v, a.Meta, false, ParseRate)
}

func parseNumber(text string) (int, error) { return strconv.Atoi(strings.TrimSpace(text)) }

// choose picks the value of the first priority, or the highest of all. A value
// that cannot be read is passed over: a mistake must not stop every request.
func choose[T comparable](v View, m Meta, highest bool, parse func(string) (T, error)) (best T, f Found, err error) {
	given, err := v.values(m)
	if err != nil {
		return best, Found{}, err
	}
	first, conflict := 0, false
	for _, g := range given {
		action := g.actions[m.Name]
		raw, _ := unquote(action.Value)
		x, err := parse(raw)
		if action.Bare || err != nil {
			continue
		}
		switch {
		case !f.Set || highest && above(x, best):
			best, first = x, g.Priority
			f = Found{Set: true, Value: raw, Policies: []string{g.Name}}
		case highest && x == best, !highest && g.Priority == first:
			f.Policies = append(f.Policies, g.Name)
			conflict = conflict || x != best
		}
	}
	if conflict {
		return best, Found{}, fault.New(fault.PoliciesConflict, f.Policies)
	}
	m.report(v, f)
	return best, f, nil
}

func above[T any](x, y T) bool {
	a, ok := any(x).(int)
	b, _ := any(y).(int)
	return ok && a > b
}

// values returns the matching policies that name an action. One that only says
// "*" gives no values.
func (v View) values(m Meta) ([]*compiled, error) {
	matched, err := v.match(m.Scope, m.Name)
	return slices.DeleteFunc(matched, func(c *compiled) bool {
		_, ok := c.actions[m.Name]
		return !ok
	}), err
}

// report tells Seen of policies that took effect, unless the action is silent.
func (m Meta) report(v View, f Found) {
	if !m.Silent {
		m.Obeyed(v, f)
	}
}

// Obeyed tells Seen that the policies of f took effect. A rule that obeys a
// silent action calls it when it has done so.
func (m Meta) Obeyed(v View, f Found) {
	for _, p := range f.Policies {
		v.tell(p, m.Scope, m.Name, f.Value)
	}
}

func (v View) tell(policy string, scope Scope, action, value string) {
	if v.seen != nil {
		v.seen(policy, scope, action, value)
	}
}
