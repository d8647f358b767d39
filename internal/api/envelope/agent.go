package envelope

import "strings"

// Agent is who calls, by its User-Agent header.
type Agent struct {
	Name    string // plugin name; "": the header has none
	Version string
	Comment string
}

// ParseAgent reads a User-Agent header: letters, digits, _ and -, then perhaps
// a slash and a version, then perhaps a blank and a comment (rest-api.md 2.5).
// What follows and does not fit is ignored.
func ParseAgent(header string) (a Agent) {
	rest := header
	a.Name, rest = span(rest, func(c byte) bool {
		return c == '_' || c == '-' || isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z'
	})
	if a.Name == "" {
		return Agent{}
	}
	if len(rest) > 1 && rest[0] == '/' && isDigit(rest[1]) {
		a.Version, rest = span(rest[1:], func(c byte) bool { return c == '.' || isDigit(c) })
	}
	if rest != "" && strings.IndexByte(" \t\r\n\f\v", rest[0]) >= 0 {
		a.Comment = rest[1:]
	}
	return a
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func span(s string, in func(byte) bool) (head, tail string) {
	i := 0
	for i < len(s) && in(s[i]) {
		i++
	}
	return s[:i], s[i:]
}

// Decoding says which clients encode their values twice: all but those named.
type Decoding struct {
	Once           []string // plugin names that encode once
	FoldCase       bool     // letter case of the names does not matter
	OnceUnreadable bool     // a header without readable name means once; an empty one never does
}

// Twice reports whether the values of a client with this User-Agent header are
// to be decoded once more (clients.md C1).
func (d Decoding) Twice(header string) bool {
	name := ParseAgent(header).Name
	if name == "" {
		return header == "" || !d.OnceUnreadable
	}
	for _, once := range d.Once {
		if name == once || d.FoldCase && strings.EqualFold(name, once) {
			return false
		}
	}
	return true
}
