package policy

import (
	"slices"
	"strconv"
	"strings"
)

// This file stands in for the real matching until that is merged, and goes away
// with it: it matches by scope, name and realm only.

// Catalogue is a stand-in.
type Catalogue struct{}

// Warning is a stand-in.
type Warning struct{}

// Compile is a stand-in.
func Compile(ps []Policy, _ *Catalogue) (*Snapshot, []Warning) { return &Snapshot{ps}, nil }

// TokenLabel, TokenIssuer and AppImageURL are stand-ins.
var (
	TokenLabel  = Text{Meta: Meta{Scope: Enrollment, Name: "tokenlabel"}, Spaces: true}
	TokenIssuer = Text{Meta: Meta{Scope: Enrollment, Name: "tokenissuer"}, Spaces: true}
	AppImageURL = Text{Meta: Meta{Scope: Enrollment, Name: "appimageurl"}}
)

func (m Meta) find(v View) Found {
	if v.snap == nil {
		return Found{}
	}
	for _, p := range v.snap.stub {
		if !p.Active || p.Scope != m.Scope || len(p.Realms) > 0 && (v.at.Realm == nil || !slices.Contains(p.Realms, *v.at.Realm)) {
			continue
		}
		if p.Scope == Admin && v.at.Admin == nil {
			continue
		}
		for _, a := range p.Actions {
			if a.Name == m.Name {
				return Found{Set: true, Bare: a.Bare, Value: strings.Trim(a.Value, "'"), Policies: []string{p.Name}}
			}
		}
	}
	return Found{}
}

// Find is a stand-in.
func (a Text) Find(v View) (Found, error) { return a.find(v), nil }

// In is a stand-in.
func (a Text) In(v View) (string, error) {
	if f := a.find(v); f.Set {
		return f.Value, nil
	}
	return a.Default, nil
}

// In is a stand-in.
func (a Int) In(v View) (int, bool, error) {
	f := a.find(v)
	n, err := strconv.Atoi(f.Value)
	return n, f.Set && err == nil, nil
}

// In is a stand-in.
func (a Bool) In(v View) (bool, error) { return a.find(v).Set, nil }

func (m Meta) define(kind string) Definition {
	return Definition{Scope: m.Scope, Name: m.Name, Type: kind, Doc: m.Doc, Group: m.Group, Menus: m.Menus, Values: m.Values, Only: m.Only}
}

// Definition is a stand-in.
func (a Text) Definition() Definition { return a.define("str") }

// Definition is a stand-in.
func (a Int) Definition() Definition { return a.define("int") }

// Definition is a stand-in.
func (a Bool) Definition() Definition { return a.define("bool") }
