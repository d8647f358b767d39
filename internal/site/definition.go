package site

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"symbolon/internal/policy"
	"symbolon/internal/setting"
	"symbolon/internal/token"
)

// Definition returns r as it is stored.
func (r Realm) Definition() (token.Definition, error) {
	if r.Resolvers == nil {
		r.Resolvers = []Link{}
	}
	return define(token.RealmKind, strings.ToLower(r.Name), r.ID, r)
}

// Definition returns r as it is stored.
func (r Resolver) Definition() (token.Definition, error) {
	if r.Params == nil {
		r.Params = map[string]string{}
	}
	return define(token.ResolverKind, r.Name, r.ID, r)
}

// Definition returns a as it is stored.
func (a Admin) Definition() (token.Definition, error) {
	return define(token.AdminKind, a.Name, a.ID, a)
}

// Definition returns g as it is stored.
func (g Group) Definition() (token.Definition, error) {
	return define(token.GroupKind, g.Name, g.ID, g)
}

// PolicyDefinition returns p as it is stored.
func PolicyDefinition(p policy.Policy) (token.Definition, error) {
	return define(token.PolicyKind, p.Name, p.ID, p)
}

// SettingDefinition returns a setting as it is stored.
func SettingDefinition(id int64, name string, e setting.Entry) (token.Definition, error) {
	return define(token.SettingKind, name, id, entry(e))
}

// entry is how a setting is written.
type entry struct {
	Value       string `json:"value"`
	Type        string `json:"type,omitempty"`
	Description string `json:"description,omitempty"`
}

func define(k token.Kind, name string, id int64, body any) (token.Definition, error) {
	if name == "" {
		return token.Definition{}, fmt.Errorf("a %s without a name", k)
	}
	b, err := json.Marshal(body)
	return token.Definition{Kind: k, Name: name, ID: id, Body: b}, err
}

// RealmOf reads a stored realm.
func RealmOf(d token.Definition) (r Realm, err error) {
	err = undefine(d, token.RealmKind, &r)
	r.ID, r.Name = d.ID, strings.ToLower(d.Name)
	return r, err
}

// ResolverOf reads a stored resolver.
func ResolverOf(d token.Definition) (r Resolver, err error) {
	err = undefine(d, token.ResolverKind, &r)
	r.ID, r.Name = d.ID, d.Name
	return r, err
}

// AdminOf reads a stored administrator.
func AdminOf(d token.Definition) (a Admin, err error) {
	err = undefine(d, token.AdminKind, &a)
	a.ID, a.Name = d.ID, d.Name
	return a, err
}

// GroupOf reads a stored token group.
func GroupOf(d token.Definition) (g Group, err error) {
	err = undefine(d, token.GroupKind, &g)
	g.ID, g.Name = d.ID, d.Name
	return g, err
}

// PolicyOf reads a stored policy.
func PolicyOf(d token.Definition) (p policy.Policy, err error) {
	err = undefine(d, token.PolicyKind, &p)
	p.ID, p.Name = d.ID, d.Name
	return p, err
}

// SettingOf reads a stored setting.
func SettingOf(d token.Definition) (setting.Entry, error) {
	var e entry
	err := undefine(d, token.SettingKind, &e)
	return setting.Entry(e), err
}

// undefine reads a body strictly: a member that this server does not know may
// be what a newer one restricts the definition by, so to ignore it could open
// more than was meant.
func undefine(d token.Definition, k token.Kind, body any) error {
	if d.Kind != k {
		return fmt.Errorf("a %s where a %s was expected", d.Kind, k)
	}
	if d.Name == "" {
		return fmt.Errorf("a %s without a name", k)
	}
	j := json.NewDecoder(bytes.NewReader(d.Body))
	j.DisallowUnknownFields()
	if err := j.Decode(body); err != nil {
		return err
	}
	if _, err := j.Token(); err != io.EOF {
		return fmt.Errorf("something follows after its end")
	}
	return nil
}
