package passwd

import (
	"strconv"
	"strings"
)

// condition is one entry of a search.
type condition func(*user) bool

func nobody(*user) bool { return false }

// conditionOn returns the condition for a key and its pattern
// (users-audit-events.md 2.2). The other servers compare email with the whole
// gecos field; here it is the address.
func conditionOn(key, pattern string) condition {
	switch key {
	case "username":
		fits := textCondition(pattern)
		return func(u *user) bool { return fits(u.lowerLogin) }
	case "description":
		fits := textCondition(pattern)
		return func(u *user) bool { return fits(u.lowerGecos) }
	case "email":
		fits := textCondition(pattern)
		return func(u *user) bool { return fits(u.lowMail) }
	case "userid":
		return idCondition(pattern)
	}
	return nobody
}

// textCondition compares without regard to case; * stands for anything at the
// start and at the end, and for itself elsewhere. The text it is given is in
// lower case.
func textCondition(pattern string) func(string) bool {
	p, start := strings.CutPrefix(strings.ToLower(pattern), "*")
	p, end := strings.CutSuffix(p, "*")
	switch {
	case start && end:
		return func(s string) bool { return strings.Contains(s, p) }
	case start:
		return func(s string) bool { return strings.HasSuffix(s, p) }
	case end:
		return func(s string) bool { return strings.HasPrefix(s, p) }
	}
	return func(s string) bool { return s == p }
}

// idCondition compares uids as numbers: =N >=N <=N >N <N, or "between a,b" with
// both ends. Anything else, a plain number too, matches nobody: the other
// servers fail there and show nobody.
func idCondition(pattern string) condition {
	op, rest := "", ""
	for _, o := range []string{">=", "<=", ">", "<", "=", "between"} {
		if r, ok := strings.CutPrefix(strings.TrimSpace(pattern), o); ok {
			op, rest = o, r
			break
		}
	}
	low, high, pair := strings.Cut(rest, ",")
	a, err := strconv.ParseInt(strings.TrimSpace(low), 10, 64)
	if op == "" || err != nil || pair != (op == "between") {
		return nobody
	}
	b := a
	if pair {
		if b, err = strconv.ParseInt(strings.TrimSpace(high), 10, 64); err != nil {
			return nobody
		}
	}
	return func(u *user) bool {
		n, err := strconv.ParseInt(u.id, 10, 64)
		if err != nil {
			return false
		}
		switch op {
		case ">=":
			return n >= a
		case "<=":
			return n <= a
		case ">":
			return n > a
		case "<":
			return n < a
		}
		return n >= a && n <= b
	}
}
