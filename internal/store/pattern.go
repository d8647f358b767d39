package store

import "strings"

// onlyStars reports whether pattern restricts nothing.
func onlyStars(pattern string) bool { return strings.Trim(pattern, "*") == "" && pattern != "" }

// fold gives the form in which texts are compared where case does not matter.
func fold(s string) string { return strings.ToLower(s) }

// fits reports whether s is what pattern says. Only * is special.
func fits(pattern, s string) bool {
	first, rest, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == s
	}
	if !strings.HasPrefix(s, first) {
		return false
	}
	s = s[len(first):]
	parts := strings.Split(rest, "*")
	last := parts[len(parts)-1]
	for _, p := range parts[:len(parts)-1] {
		i := strings.Index(s, p)
		if i < 0 {
			return false
		}
		s = s[i+len(p):]
	}
	return strings.HasSuffix(s, last)
}
