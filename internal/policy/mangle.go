package policy

import (
	"regexp"
	"strings"
)

// Mangling is one value of the action mangle: what matches in a part of the
// request is replaced.
type Mangling struct {
	Key  string // user, pass or realm
	find *regexp.Regexp
	with string
}

// ParseMangle reads key/search/replace/. In the replacement \1 and \g<name>
// stand for groups. ok is false for what cannot be read: it changes nothing.
func ParseMangle(value string) (m Mangling, ok bool) {
	parts := strings.SplitN(value, "/", 4)
	if len(parts) != 4 {
		return Mangling{}, false
	}
	switch parts[0] {
	case "user", "pass", "realm":
	default:
		return Mangling{}, false
	}
	re, err := regexp.Compile(parts[1])
	if err != nil {
		return Mangling{}, false
	}
	return Mangling{Key: parts[0], find: re, with: template(parts[2])}, true
}

var reference = regexp.MustCompile(`\\(?:([0-9]{1,2})|g<(\w+)>|(.))`)

// template turns references as Python writes them into those of regexp.Expand.
func template(replace string) string {
	replace = strings.ReplaceAll(replace, "$", "$$")
	return reference.ReplaceAllStringFunc(replace, func(s string) string {
		g := reference.FindStringSubmatch(s)
		switch {
		case g[1] != "":
			return "${" + g[1] + "}"
		case g[2] != "":
			return "${" + g[2] + "}"
		}
		return g[3]
	})
}

// Replace applies the rule to every match in text.
func (m Mangling) Replace(text string) string {
	if m.find == nil {
		return text
	}
	return m.find.ReplaceAllString(text, m.with)
}
