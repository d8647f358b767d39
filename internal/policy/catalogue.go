package policy

import (
	"slices"
	"sort"
	"strings"
)

// The products whose policies there are.
const (
	PrivacyIDEA = "privacyidea"
	EduMFA      = "edumfa"
)

// Scopes returns the scopes that the product's policies can have.
func Scopes(product string) []Scope {
	all := []Scope{Authorization, Admin, Authentication, AuditScope, User, Enrollment, WebUI, Register}
	if product == EduMFA {
		return all
	}
	return append(all, Container, TokenScope, Hardening)
}

// TypeActions are what a token type brings to the catalogue.
type TypeActions struct {
	ID         string
	EnrolAdmin bool // administrators enrol it: the right enroll<TYPE> in scope admin
	EnrolUser  bool // users enrol it
	NoPIN      bool // no PIN rules exist for it
	Actions    []Defined
}

// Catalogue knows every action that a product's policies can have. It is never
// changed after it was made.
type Catalogue struct {
	product string
	scopes  map[Scope]map[string]Definition
	types   []string
}

// NewCatalogue collects the actions of a product ("privacyidea", "edumfa"):
// those of the server, those of the token types that are built, and those of
// types that are known but not built.
func NewCatalogue(product string, types []TypeActions) *Catalogue {
	cat := &Catalogue{product: product, scopes: map[Scope]map[string]Definition{}}
	for _, s := range Scopes(product) {
		cat.scopes[s] = map[string]Definition{}
	}
	built := map[string]bool{}
	for _, t := range types {
		built[t.ID] = true
		for _, a := range t.Actions {
			cat.add(a.Definition())
		}
		cat.addType(t, true)
	}
	for _, t := range laterTypes() {
		if built[t.ID] || t.only != "" && t.only != product {
			continue
		}
		for _, d := range laterDefinitions(t.ID) {
			cat.add(d)
		}
		cat.addType(t.TypeActions, !t.unlimited)
	}
	for _, list := range [][]Definition{rights(), both(), enrolment(), authentication(), authorization(), webui(),
		register(), containers(), tokens(), hardening()} {
		for _, d := range list {
			cat.add(d)
		}
	}
	sort.Strings(cat.types)
	cat.fill()
	return cat
}

// add declares an action, unless the product has it not, or has it already.
func (cat *Catalogue) add(d Definition) {
	in := cat.scopes[d.Scope]
	if in == nil || d.Only != "" && d.Only != cat.product {
		return
	}
	if _, ok := in[d.Name]; ok {
		return
	}
	if cat.product == EduMFA {
		d = asEduMFA(d)
	}
	in[d.Name] = d
}

// addType declares the actions that every type has.
func (cat *Catalogue) addType(t TypeActions, limited bool) {
	cat.types = append(cat.types, t.ID)
	right := Right{Name: "enroll" + strings.ToUpper(t.ID), Doc: "May enrol tokens of type " + t.ID + ".",
		Group: "enrollment", Menus: []string{"tokens"}}
	if t.EnrolAdmin {
		right.Scopes = append(right.Scopes, Admin)
	}
	if t.EnrolUser {
		right.Scopes = append(right.Scopes, User)
	}
	for _, d := range right.Definitions() {
		cat.add(d)
	}
	if t.ID == "spass" && !t.NoPIN {
		for _, d := range typePINs(t.ID) {
			cat.add(d)
		}
	}
	if !limited {
		return
	}
	for _, limit := range []struct{ name, doc string }{
		{"_max_token_per_user", "A user may have so many tokens of type " + t.ID + "."},
		{"_max_active_token_per_user", "A user may have so many active tokens of type " + t.ID + "."},
	} {
		cat.add(Int{Meta: Meta{Scope: Enrollment, Name: t.ID + limit.name, Doc: limit.doc, Group: "token"}}.Definition())
	}
}

// asEduMFA tells where eduMFA's editor shows the actions that both products have.
func asEduMFA(d Definition) Definition {
	switch {
	case strings.HasPrefix(d.Name, "edupush_") && d.Group != "token":
		d.Group = "PUSH"
	case strings.HasPrefix(d.Name, "push_") && d.Group != "token":
		d.Group = "Legacy PUSH"
	case strings.HasPrefix(d.Name, "webauthn_") && d.Scope == Authentication:
		d.Group = "WebAuthn"
	}
	switch d.Name {
	case LoginMode.Name:
		d.Values = []string{"userstore", "eduMFA", "disable"}
	case VerifyEnrollment.Name:
		d.Multiple, d.Values, d.From = false, nil, ""
	case EnrollViaMultichallenge.Name:
		d.Values = []string{"DAYPASSWORD", "EDUPUSH", "EMAIL", "HOTP", "PUSH", "SMS", "TOTP"}
	}
	return d
}

// fill puts the token types where they are offered as values.
func (cat *Catalogue) fill() {
	for _, in := range cat.scopes {
		for name, d := range in {
			switch d.From {
			case FromTypes:
				d.Values = slices.Clone(cat.types)
			case FromUpperTypes:
				d.Values = nil
				for _, t := range cat.types {
					d.Values = append(d.Values, strings.ToUpper(t))
				}
			default:
				continue
			}
			d.From = ""
			in[name] = d
		}
	}
}

// Product returns the product whose actions these are.
func (cat *Catalogue) Product() string { return cat.product }

// Types returns the IDs of all token types that are known, in order.
func (cat *Catalogue) Types() []string { return slices.Clone(cat.types) }

// Definitions returns the actions of a scope, ordered by name; nil for a scope
// that the product has not.
func (cat *Catalogue) Definitions(scope Scope) []Definition {
	in := cat.scopes[scope]
	out := make([]Definition, 0, len(in))
	for _, d := range in {
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b Definition) int { return strings.Compare(a.Name, b.Name) })
	if in == nil {
		return nil
	}
	return out
}

// Known reports whether the scope has the action.
func (cat *Catalogue) Known(scope Scope, name string) bool {
	_, ok := cat.scopes[scope][name]
	return ok
}

// definition returns the action's definition.
func (cat *Catalogue) definition(scope Scope, name string) (Definition, bool) {
	d, ok := cat.scopes[scope][name]
	return d, ok
}

// Menus returns the main menus that belong to rights as View.Rights returns
// them. in are the scopes they are of; without, admin and user.
func (cat *Catalogue) Menus(rights []string, in ...Scope) []string {
	if len(in) == 0 {
		in = []Scope{Admin, User}
	}
	set := map[string]bool{}
	for _, scope := range in {
		for _, r := range rights {
			for _, m := range cat.scopes[scope][r].Menus {
				set[m] = true
			}
		}
	}
	return ordered(set)
}

// Rights returns the names of the actions that matching policies of the scope
// give, and name=value beside those that have a value. "*" gives every right. All names when the scope has no active policy (policies.md 2.11).
func (v View) Rights(scope Scope, cat *Catalogue) ([]string, error) {
	set := map[string]bool{}
	if !v.snap.Defined(scope) {
		if v.snap != nil && v.snap.closed {
			return []string{}, nil
		}
		for n := range cat.scopes[scope] {
			set[n] = true
		}
		return ordered(set), nil
	}
	matched, err := v.match(scope, "")
	if err != nil {
		return nil, err
	}
	for _, c := range matched {
		for n, a := range c.actions {
			if c.excluded[n] {
				continue
			}
			set[n] = true
			if !a.Bare {
				set[n+"="+a.Value] = true
			}
		}
		if !c.all {
			continue
		}
		for n, d := range cat.scopes[scope] {
			if d.Right && !c.excluded[n] {
				set[n] = true
			}
		}
	}
	return ordered(set), nil
}

func ordered(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for s := range set {
		out = append(out, s)
	}
	sort.Strings(out)
	return out
}
