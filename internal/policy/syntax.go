package policy

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// ParseActions reads an action string such as "enable, otppin=none"
// (policies.md 1.2). Parts are split at commas that no backslash precedes; the
// backslash stays in the value. Of a repeated name the last entry counts, and
// stands where it was written last. Parts without a name are dropped.
func ParseActions(text string) Actions {
	var out Actions
	at := map[string]int{} // name → index, -1 of one that was replaced
	for _, part := range splitEscaped(text) {
		name, value, valued := strings.Cut(strings.TrimSpace(part), "=")
		if name == "" {
			continue
		}
		if i, ok := at[name]; ok {
			out[i].Name = ""
		}
		at[name] = len(out)
		out = append(out, Action{Name: name, Value: value, Bare: !valued})
	}
	kept := out[:0]
	for _, a := range out {
		if a.Name != "" {
			kept = append(kept, a)
		}
	}
	return kept
}

// splitEscaped splits at every comma that does not follow a backslash.
func splitEscaped(text string) (parts []string) {
	start := 0
	for i := range len(text) {
		if text[i] == ',' && (i == 0 || text[i-1] != '\\') {
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}

// String writes the actions as ParseActions reads them.
func (as Actions) String() string {
	var b strings.Builder
	for i, a := range as {
		if i > 0 {
			b.WriteString(", ")
		}
		part := a.Name
		if !a.Bare {
			part += "=" + a.Value
		}
		b.WriteString(part)
		if i < len(as)-1 && strings.HasSuffix(part, `\`) {
			b.WriteByte(' ') // the comma that follows ends the part
		}
	}
	return b.String()
}

// ParseList splits a comma list and trims its parts. An empty text is an empty
// list; an empty part stays, and matches only what is empty (policies.md 1.1).
func ParseList(text string) []string {
	if text == "" {
		return nil
	}
	parts := strings.Split(text, ",")
	for i, p := range parts {
		parts[i] = strings.TrimSpace(p)
	}
	return parts
}

// usable is a value as rules read it: an escaped comma is a comma.
func usable(value string) string { return strings.ReplaceAll(value, `\,`, ",") }

// words splits a value at blanks; one in single quotes is a single word.
func words(value string) []string {
	if v, ok := unquote(value); ok {
		return []string{v}
	}
	return strings.Fields(value)
}

func unquote(value string) (string, bool) {
	if len(value) >= 2 && value[0] == '\'' && value[len(value)-1] == '\'' {
		return value[1 : len(value)-1], true
	}
	return value, false
}

var (
	errSpan = errors.New("not a duration such as 12h or 30d")
	errRate = errors.New("not a rate such as 2/10m")
)

const (
	day  = 24 * time.Hour
	year = 365 * day
)

func unit(c byte) time.Duration {
	switch c {
	case 's':
		return time.Second
	case 'm':
		return time.Minute
	case 'h':
		return time.Hour
	case 'd':
		return day
	case 'y':
		return year
	}
	return 0
}

// ParseSpan reads a duration: a number and one of s, m (minutes), h, d, y (365
// days), optionally after a sign (policies.md 4.1). It refuses what exceeds
// some 292 years.
func ParseSpan(text string) (time.Duration, error) {
	s := strings.TrimSpace(text)
	sign := time.Duration(1)
	if s != "" && (s[0] == '+' || s[0] == '-') {
		if s[0] == '-' {
			sign = -1
		}
		s = strings.TrimSpace(s[1:])
	}
	if s == "" {
		return 0, errSpan
	}
	d, err := scaled(strings.TrimSpace(s[:len(s)-1]), unit(s[len(s)-1]))
	if err != nil {
		return 0, errSpan
	}
	return sign * d, nil
}

func scaled(digits string, u time.Duration) (time.Duration, error) {
	if u == 0 || digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, errSpan
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n > math.MaxInt64/int64(u) {
		return 0, errSpan
	}
	return time.Duration(n) * u, nil
}

// ParseRate reads how often in which time, such as 2/10m with a unit of s, m or
// h; blanks do not count (policies.md 4.2).
func ParseRate(text string) (Limit, error) {
	count, span, ok := strings.Cut(strings.Join(strings.Fields(text), ""), "/")
	if !ok || count == "" || span == "" || strings.Trim(count, "0123456789") != "" {
		return Limit{}, errRate
	}
	u := span[len(span)-1]
	if u != 's' && u != 'm' && u != 'h' {
		return Limit{}, errRate
	}
	n, err := strconv.ParseInt(count, 10, 32)
	if err != nil {
		return Limit{}, errRate
	}
	d, err := scaled(span[:len(span)-1], unit(u))
	if err != nil {
		return Limit{}, errRate
	}
	return Limit{Count: int(n), In: d}, nil
}

// ParseKeyLists reads lists by key, such as ":key1: a b :key2: c"
// (policies.md 4.3). What stands before the first colon is not looked at. Of a
// repeated key the last list counts.
func ParseKeyLists(text string) map[string][]string {
	out := map[string][]string{}
	parts := strings.Split(text, ":")
	for i := 1; i < len(parts); i += 2 {
		key := strings.TrimSpace(parts[i])
		if key == "" {
			continue
		}
		out[key] = nil
		if i+1 < len(parts) {
			out[key] = strings.Fields(parts[i+1])
		}
	}
	return out
}
