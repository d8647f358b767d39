package policy

import (
	"fmt"
	"regexp"
	"strings"
)

// matcher is a compiled list of names (policies.md 2.3): literal ones, "*",
// exclusions, and regular expressions where the field knows them.
type matcher struct {
	restricts bool // the list has entries
	all       bool // one of them is "*"
	fold      bool // compare in lower case
	names     map[string]bool
	excluded  map[string]bool
	patterns  []*regexp.Regexp
}

// patterned says which entries of a field are regular expressions, too.
type patterned func(entry string) bool

func never(string) bool { return false }

// special is the rule for users: anything that is not only plain characters.
func special(e string) bool { return regexp.QuoteMeta(e) != e }

// obvious is the rule for realms: a dot alone belongs to a domain's name.
func obvious(e string) bool { return strings.ContainsAny(e, `*+?[](){}|^$\`) }

// negated takes the sign of an exclusion off an entry.
func negated(entry string) (string, bool) {
	if entry != "" && (entry[0] == '!' || entry[0] == '-') {
		return entry[1:], true
	}
	return entry, false
}

// compileList never fails: an entry that is no valid expression is compared
// literally, and the last error of that kind is returned.
func compileList(list []string, fold bool, pattern patterned) (matcher, error) {
	m := matcher{restricts: len(list) > 0, fold: fold}
	var bad error
	for _, e := range list {
		if e == "*" {
			m.all = true
			continue
		}
		if rest, ok := negated(e); ok {
			add(&m.excluded, lowered(rest, fold))
			continue
		}
		add(&m.names, lowered(e, fold))
		if !pattern(e) {
			continue
		}
		re, err := compilePattern(e, fold)
		if err != nil {
			bad = fmt.Errorf("entry %q: %w", e, err)
			continue
		}
		m.patterns = append(m.patterns, re)
	}
	return m, bad
}

func lowered(s string, fold bool) string {
	if fold {
		return strings.ToLower(s)
	}
	return s
}

func add(set *map[string]bool, s string) {
	if *set == nil {
		*set = map[string]bool{}
	}
	(*set)[s] = true
}

// compilePattern compiles an expression that has to match a whole text. It is
// compiled alone first, since "a)|(b" would be valid inside the group.
func compilePattern(e string, fold bool) (*regexp.Regexp, error) {
	if _, err := regexp.Compile(e); err != nil {
		return nil, err
	}
	flags := ""
	if fold {
		flags = "i"
	}
	return regexp.Compile(`^(?` + flags + `:` + e + `)$`)
}

// one matches a single text. A list without entries matches everything, one
// with nothing but exclusions matches nothing.
func (m *matcher) one(s string) bool {
	if !m.restricts {
		return true
	}
	s = lowered(s, m.fold)
	if m.excluded[s] {
		return false
	}
	if m.all || m.names[s] {
		return true
	}
	for _, re := range m.patterns {
		if re.MatchString(s) {
			return true
		}
	}
	return false
}

// some matches several names of one thing, such as the realms of a token: one
// of them is listed and none is excluded. Expressions are not looked at.
func (m *matcher) some(list []string) bool {
	if !m.restricts {
		return true
	}
	found := m.all
	for _, s := range list {
		s = lowered(s, m.fold)
		if m.excluded[s] {
			return false
		}
		found = found || m.names[s]
	}
	return found
}
