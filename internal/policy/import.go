package policy

import (
	"errors"
	"strconv"
	"strings"
)

// importing is the state of reading a policy file line by line.
type importing struct {
	out    []Policy
	names  map[string]bool
	fields map[string]bool // of the present section
}

func (in *importing) line(l string) error {
	switch {
	case l == "" || l[0] == '#' || l[0] == ';':
		return nil
	case l[0] == '[' && l[len(l)-1] == ']':
		return in.section(l[1 : len(l)-1])
	}
	key, value, ok := strings.Cut(l, "=")
	if !ok || len(in.out) == 0 {
		return errors.New("neither [name] nor field = value")
	}
	key = strings.TrimSpace(key)
	if in.fields[key] {
		return errors.New("a field is repeated")
	}
	in.fields[key] = true
	return in.out[len(in.out)-1].set(key, strings.TrimSpace(value))
}

func (in *importing) section(name string) error {
	if name == "" || in.names[name] {
		return errors.New("a policy without name, or a second one of this name")
	}
	in.names[name], in.fields = true, map[string]bool{}
	in.out = append(in.out, Policy{Name: name, Active: true, Priority: 1})
	return nil
}

// set reads one field. The section's name counts, not the field name.
func (p *Policy) set(key, value string) (err error) {
	switch key {
	case "scope":
		var s string
		s, err = plainText(value)
		p.Scope = Scope(s)
	case "time":
		p.Time, err = plainText(value)
	case "description":
		if value != "None" {
			var s string
			s, err = plainText(value)
			p.Description = &s
		}
	case "active":
		p.Active, err = plainBool(value)
	case "user_case_insensitive":
		p.UserCaseInsensitive, err = plainBool(value)
	case "check_all_resolvers":
		p.CheckAllResolvers, err = plainBool(value)
	case "priority":
		p.Priority, err = strconv.Atoi(value)
	case "conditions":
		p.Conditions, err = plainConditions(value)
	case "action":
		p.Actions, err = plainActions(value)
	default:
		if to := p.list(key); to != nil {
			*to, err = plainList(value)
		}
	}
	return err
}

func (p *Policy) list(key string) *[]string {
	switch key {
	case "realm":
		return &p.Realms
	case "adminrealm":
		return &p.AdminRealms
	case "adminuser":
		return &p.AdminUsers
	case "resolver":
		return &p.Resolvers
	case "pinode", "edumfanode":
		return &p.Nodes
	case "user":
		return &p.Users
	case "client":
		return &p.Clients
	case "user_agents":
		return &p.UserAgents
	}
	return nil
}

func plainText(value string) (string, error) {
	if value == "" || value[0] != '\'' && value[0] != '"' {
		return value, nil
	}
	v, err := parseLiteral(value)
	s, ok := v.(string)
	if err != nil || !ok {
		return "", errLiteral
	}
	return s, nil
}

func plainBool(value string) (bool, error) {
	switch strings.ToLower(value) {
	case "true", "1":
		return true, nil
	case "false", "0":
		return false, nil
	}
	return false, errors.New("neither True nor False")
}

func plainList(value string) ([]string, error) {
	if !strings.HasPrefix(value, "[") {
		s, err := plainText(value)
		if s == "None" {
			s = ""
		}
		return ParseList(s), err
	}
	v, err := parseLiteral(value)
	if err != nil {
		return nil, err
	}
	items, _ := v.([]any)
	var out []string
	for _, x := range items {
		s, ok := x.(string)
		if !ok {
			return nil, errLiteral
		}
		if s == "" {
			out = append(out, s)
		}
		out = append(out, ParseList(s)...)
	}
	return out, nil
}

// plainActions reads a dictionary, or an action string.
func plainActions(value string) (Actions, error) {
	if !strings.HasPrefix(value, "{") {
		s, err := plainText(value)
		return ParseActions(s), err
	}
	v, err := parseLiteral(value)
	if err != nil {
		return nil, err
	}
	pairs, _ := v.([]pair)
	var parts Actions
	for _, p := range pairs {
		a := Action{Name: p.key}
		switch x := p.value.(type) {
		case bool:
			if !x {
				return nil, errLiteral
			}
			a.Bare = true
		case string:
			a.Value = x
		case int64:
			a.Value = strconv.FormatInt(x, 10)
		default:
			return nil, errLiteral
		}
		parts = append(parts, a)
	}
	// Read again as an action string, so that what is stored can be written back.
	return ParseActions(parts.String()), nil
}

func plainConditions(value string) ([]Condition, error) {
	if value == "" || value == "None" {
		return nil, nil
	}
	v, err := parseLiteral(value)
	if err != nil {
		return nil, err
	}
	items, ok := v.([]any)
	if !ok {
		return nil, errLiteral
	}
	var out []Condition
	for _, x := range items {
		values, _ := x.([]any)
		c, err := conditionOf(values)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// conditionOf reads a condition of 5 or 6 values.
func conditionOf(values []any) (c Condition, err error) {
	if len(values) != 5 && len(values) != 6 {
		return c, errors.New("a condition has 5 or 6 values")
	}
	for i, to := range []*string{&c.Section, &c.Key, &c.Comparator, &c.Value} {
		s, ok := values[i].(string)
		if !ok {
			return c, errors.New("a condition has four texts and a truth value")
		}
		*to = s
	}
	var ok bool
	if c.Active, ok = values[4].(bool); !ok {
		return c, errors.New("a condition has four texts and a truth value")
	}
	if len(values) == 6 && values[5] != nil {
		if c.Missing, ok = values[5].(string); !ok {
			return c, errors.New("the last value of a condition is a text")
		}
	}
	return c, nil
}
