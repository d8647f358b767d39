package policy

import (
	"slices"
	"strings"

	"symbolon/internal/fault"
)

// World is what a policy may refer to when it is written.
type World struct {
	Product     string // "" is that of the catalogue
	Realms      []string
	Resolvers   []string
	Nodes       []string
	AdminRealms []string
	Catalogue   *Catalogue
	// Conditions is the error of ParseConditions, if there was one; it is
	// reported in its turn.
	Conditions error
}

// ValidateName tests a policy's name; the faults are PolicyNameReserved,
// PolicyNameInvalid and, where the product refuses blanks, PolicyNameBlank.
func ValidateName(name, product string) error {
	if err := nameAllowed(name); err != nil {
		return err
	}
	if product != EduMFA && strings.Contains(name, " ") {
		return fault.New(fault.PolicyNameBlank)
	}
	return nil
}

func nameAllowed(name string) error {
	lower := strings.ToLower(name)
	if lower == "check" || strings.HasPrefix(lower, "pi-update-policy-") {
		return fault.New(fault.PolicyNameReserved, name)
	}
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_.- ", r)
	}
	if name == "" || len(name) > maxName || strings.ContainsFunc(name, func(r rune) bool { return !plain(r) }) {
		return fault.New(fault.PolicyNameInvalid)
	}
	return nil
}

const maxName = 64

// Validate tests a policy as it is about to be stored, in the order of
// policies.md 1.3. eduMFA asks less. What can be refused only here, because
// matching would have to guess, is refused in both: invalid expressions, and
// numbers, durations and rates that cannot be read.
func Validate(p *Policy, w World) error {
	if w.Product == "" && w.Catalogue != nil {
		w.Product = w.Catalogue.Product()
	}
	checks := []func(*Policy, World) error{
		nameChecked, scopeGiven, adminRealmsExist, nameUnbroken, scopeKnown, priorityPositive, referencesExist,
		timeReadable, clientsReadable, conditionsSound, actionsKnown, realmsToChoose, patternsReadable, valuesReadable,
	}
	if w.Product == EduMFA {
		checks = []func(*Policy, World) error{nameChecked, scopeGiven, priorityPositive, clientsReadable,
			func(_ *Policy, w World) error { return w.Conditions }, patternsReadable, valuesReadable}
	}
	for _, check := range checks {
		if err := check(p, w); err != nil {
			return err
		}
	}
	return nil
}

func nameChecked(p *Policy, _ World) error { return nameAllowed(p.Name) }

func scopeGiven(p *Policy, _ World) error {
	if p.Scope == "" {
		return fault.New(fault.ParameterMissing, "scope")
	}
	if len(p.Actions) == 0 && p.Scope != User {
		return fault.New(fault.ParameterMissing, "action")
	}
	return nil
}

func adminRealmsExist(p *Policy, w World) error {
	return exist("Admin realms", p.AdminRealms, w.AdminRealms)
}

func nameUnbroken(p *Policy, w World) error { return ValidateName(p.Name, w.Product) }

func scopeKnown(p *Policy, w World) error {
	if !slices.Contains(Scopes(w.Product), p.Scope) {
		return fault.New(fault.PolicyScopeInvalid, string(p.Scope), p.Name)
	}
	return nil
}

func priorityPositive(p *Policy, _ World) error {
	if p.Priority < 1 {
		return fault.New(fault.PolicyPriority)
	}
	return nil
}

func referencesExist(p *Policy, w World) error {
	for _, f := range []struct {
		what       string
		list, have []string
	}{{"User-realms", p.Realms, w.Realms}, {"Resolvers", p.Resolvers, w.Resolvers}, {"nodes", p.Nodes, w.Nodes}} {
		if err := exist(f.what, f.list, f.have); err != nil {
			return err
		}
	}
	return nil
}

// exist tests that a list names only what there is. "*", blanks and the sign of
// an exclusion do not count.
func exist(what string, list, have []string) error {
	var unknown []string
	for _, e := range list {
		name, _ := negated(strings.ReplaceAll(e, " ", ""))
		if name != "" && name != "*" && !slices.Contains(have, name) {
			unknown = append(unknown, name)
		}
	}
	if unknown != nil {
		return fault.New(fault.PolicyUndefined, what, unknown)
	}
	return nil
}

func timeReadable(p *Policy, _ World) error {
	if _, err := ParseTime(p.Time); err != nil {
		return fault.New(fault.PolicyTime, p.Time)
	}
	return nil
}

func clientsReadable(p *Policy, _ World) error {
	if _, err := compileClients(p.Clients); err != nil {
		return fault.New(fault.PolicyClient)
	}
	return nil
}

func conditionsSound(p *Policy, w World) error {
	if w.Conditions != nil {
		return w.Conditions
	}
	for _, c := range p.Conditions {
		if text := c.flaw(); text != "" {
			return fault.New(fault.PolicyCondition, p.Name, text, c.values())
		}
	}
	return nil
}

func actionsKnown(p *Policy, w World) error {
	var unknown []string
	for _, a := range p.Actions {
		name, _ := negated(a.Name)
		if name != "" && name != "*" && !w.Catalogue.Known(p.Scope, name) {
			unknown = append(unknown, name)
		}
	}
	if unknown != nil {
		return fault.New(fault.PolicyActionsUnknown, unknown)
	}
	return nil
}

func realmsToChoose(p *Policy, w World) error {
	if p.Scope != WebUI {
		return nil
	}
	for _, a := range p.Actions {
		if a.Name != RealmDropdown.Name {
			continue
		}
		named := words(a.Value)
		if a.Bare || len(named) == 0 {
			return fault.New(fault.RealmDropdown, []string(nil))
		}
		var unknown []string
		for _, r := range named {
			if r != "-" && !slices.Contains(w.Realms, r) {
				unknown = append(unknown, r)
			}
		}
		if unknown != nil {
			return fault.New(fault.RealmDropdown, unknown)
		}
	}
	return nil
}

func patternsReadable(p *Policy, _ World) error {
	for _, f := range []struct {
		name    string
		list    []string
		pattern patterned
	}{{"realm", p.Realms, obvious}, {"adminrealm", p.AdminRealms, obvious}, {"user", p.Users, special},
		{"adminuser", p.AdminUsers, special}} {
		for _, e := range f.list {
			if _, err := compileList([]string{e}, false, f.pattern); err != nil {
				return fault.New(fault.PolicyRegex, f.name, e)
			}
		}
	}
	for _, c := range p.Conditions {
		if c.Comparator != "matches" && c.Comparator != "!matches" {
			continue
		}
		if _, err := compilePattern(c.Value, false); err != nil {
			return fault.New(fault.PolicyRegex, "conditions", c.Value)
		}
	}
	return nil
}

// valuesReadable refuses numbers, durations and rates that cannot be read. For
// the pages it does not: the servers before this one stored such values, and
// their clients are used to defaults taking their place.
func valuesReadable(p *Policy, w World) error {
	if w.Catalogue == nil || p.Scope == WebUI {
		return nil
	}
	for _, a := range p.Actions {
		d, ok := w.Catalogue.definition(p.Scope, a.Name)
		if ok && !a.Bare && !d.Syntax.fits(a.Value) {
			return fault.New(fault.PolicyActionValue, a.Name, "not a "+string(d.Syntax))
		}
	}
	return nil
}
