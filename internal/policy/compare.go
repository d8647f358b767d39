package policy

import (
	"errors"
	"math/big"
	"regexp"
	"strings"
	"time"
)

// comparison tells whether what was found is as the condition's value wants it.
// An error says that the two cannot be compared.
type comparison func(left any, now time.Time) (bool, error)

// comparing compiles the value of a condition.
type comparing func(right string) (comparison, error)

var errCompare = errors.New("cannot be compared")

// Comparators describes the comparators that the product's policies know
// (policies.md 3.2).
func Comparators(product string) []Described {
	all := []Described{
		{Name: "equals", Doc: "is exactly the value; a number or a truth value never is"},
		{Name: "!equals", Doc: "is not exactly the value"},
		{Name: "contains", Doc: "is a list that has the value"},
		{Name: "!contains", Doc: "is a list that has not the value"},
		{Name: "matches", Doc: "matches the regular expression as a whole"},
		{Name: "!matches", Doc: "does not match the regular expression as a whole"},
		{Name: "in", Doc: "is one of the comma separated values"},
		{Name: "!in", Doc: "is none of the comma separated values"},
		{Name: "<", Doc: "is a number below the value"},
		{Name: ">", Doc: "is a number above the value"},
	}
	if product == EduMFA {
		return all
	}
	return append(all,
		Described{Name: "date_before", Doc: "is a time before the value (both ISO 8601)"},
		Described{Name: "date_after", Doc: "is a time after the value (both ISO 8601)"},
		Described{Name: "date_within_last", Doc: "is a time not longer ago than the value, such as 7d"},
		Described{Name: "!date_within_last", Doc: "is a time longer ago than the value, such as 7d"},
		Described{Name: "string_contains", Doc: "has the value in it, in any case"},
		Described{Name: "!string_contains", Doc: "has not the value in it, in any case"},
	)
}

// comparisons returns how a comparator compiles its value, nil for an unknown one.
func comparisons(name string) comparing {
	if bare, ok := strings.CutPrefix(name, "!"); ok {
		c := comparisons(bare)
		if c == nil || bare[0] == '!' || bare[0] == '<' || bare[0] == '>' || bare == "date_before" || bare == "date_after" {
			return nil
		}
		return not(c)
	}
	switch name {
	case "equals":
		return equals
	case "contains":
		return contains
	case "matches":
		return matches
	case "in":
		return inList
	case "<":
		return numeric(-1)
	case ">":
		return numeric(1)
	case "date_before":
		return dated(-1)
	case "date_after":
		return dated(1)
	case "date_within_last":
		return withinLast
	case "string_contains":
		return hasText
	}
	return nil
}

func not(c comparing) comparing {
	return func(right string) (comparison, error) {
		holds, err := c(right)
		if err != nil {
			return nil, err
		}
		return func(left any, now time.Time) (bool, error) {
			ok, err := holds(left, now)
			return !ok, err
		}, nil
	}
}

func equals(right string) (comparison, error) {
	return func(left any, _ time.Time) (bool, error) {
		s, ok := left.(string)
		return ok && s == right, nil
	}, nil
}

func contains(right string) (comparison, error) {
	return func(left any, _ time.Time) (bool, error) {
		switch list := left.(type) {
		case []string:
			for _, s := range list {
				if s == right {
					return true, nil
				}
			}
		case []any:
			for _, s := range list {
				if s == right {
					return true, nil
				}
			}
		default:
			return false, errCompare
		}
		return false, nil
	}, nil
}

func matches(right string) (comparison, error) {
	re, err := compilePattern(right, false)
	if err != nil {
		return nil, err
	}
	return onText(re.MatchString), nil
}

func hasText(right string) (comparison, error) {
	right = strings.ToLower(right)
	return onText(func(s string) bool { return strings.Contains(strings.ToLower(s), right) }), nil
}

func onText(holds func(string) bool) comparison {
	return func(left any, _ time.Time) (bool, error) {
		s, ok := left.(string)
		if !ok {
			return false, errCompare
		}
		return holds(s), nil
	}
}

func inList(right string) (comparison, error) {
	list, err := parseRow(right)
	if err != nil {
		return nil, err
	}
	return func(left any, _ time.Time) (bool, error) {
		s, ok := left.(string)
		if !ok {
			return false, nil
		}
		for _, x := range list {
			if x == s {
				return true, nil
			}
		}
		return false, nil
	}, nil
}

// parseRow reads one row of comma separated values: blanks after a comma do not
// count, a value may be quoted by ", and \ takes the next character as it is.
func parseRow(text string) ([]string, error) {
	var out []string
	rest := text
	for {
		rest = strings.TrimLeft(rest, " ")
		field, after, err := parseField(rest)
		if err != nil {
			return nil, err
		}
		out = append(out, field)
		if after == "" {
			return out, nil
		}
		rest = after[1:] // the comma
	}
}

// parseField reads up to a comma outside of quotes, which it leaves in after.
func parseField(text string) (field, after string, err error) {
	var b strings.Builder
	quoted := strings.HasPrefix(text, `"`)
	i := 0
	if quoted {
		i = 1
	}
	for ; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			if i++; i == len(text) {
				return "", "", errCompare
			}
			b.WriteByte(text[i])
		case quoted && c == '"' && i+1 < len(text) && text[i+1] == '"':
			b.WriteByte(c)
			i++
		case quoted && c == '"':
			after = text[i+1:]
			if after != "" && after[0] != ',' {
				return "", "", errCompare
			}
			return b.String(), after, nil
		case !quoted && c == ',':
			return b.String(), text[i:], nil
		default:
			b.WriteByte(c)
		}
	}
	if quoted {
		return "", "", errCompare
	}
	return b.String(), "", nil
}

// numeric compares whole numbers of any size; sign is what the comparison of
// left with right must give.
func numeric(sign int) comparing {
	return func(right string) (comparison, error) {
		r, err := whole(right)
		if err != nil {
			return nil, err
		}
		return func(left any, _ time.Time) (bool, error) {
			l, err := whole(left)
			return err == nil && l.Cmp(r) == sign, err
		}, nil
	}
}

// whole converts to a whole number. An empty text counts as 0.
func whole(v any) (*big.Int, error) {
	switch v := v.(type) {
	case int64:
		return big.NewInt(v), nil
	case int:
		return big.NewInt(int64(v)), nil
	case bool:
		if v {
			return big.NewInt(1), nil
		}
		return new(big.Int), nil
	case string:
		return wholeText(v)
	}
	return nil, errCompare
}

func wholeText(s string) (*big.Int, error) {
	if s == "" {
		return new(big.Int), nil
	}
	s = strings.TrimSpace(s)
	if len(s) > 400 {
		return nil, errCompare
	}
	n, ok := new(big.Int).SetString(s, 10)
	if !ok {
		return nil, errCompare
	}
	return n, nil
}

// dated compares times; either both have a zone or neither.
func dated(sign int) comparing {
	return func(right string) (comparison, error) {
		r, rzone, err := parseDate(right)
		if err != nil {
			return nil, err
		}
		return func(left any, _ time.Time) (bool, error) {
			s, ok := left.(string)
			if !ok {
				return false, errCompare
			}
			l, lzone, err := parseDate(s)
			if err != nil || lzone != rzone {
				return false, errCompare
			}
			return l.Compare(r) == sign, nil
		}, nil
	}
}

func withinLast(right string) (comparison, error) {
	d, err := ParseSpan(right)
	if err != nil {
		return nil, err
	}
	return func(left any, now time.Time) (bool, error) {
		s, ok := left.(string)
		if !ok {
			return false, errCompare
		}
		l, _, err := parseDate(s)
		if err != nil {
			return false, err
		}
		return now.Sub(l) < d, nil
	}, nil
}

var zonePattern = regexp.MustCompile(`(?:Z|[+-]\d\d(?::?\d\d)?)$`)

// parseDate reads an ISO 8601 date, alone or with a time after T or a blank.
// Without a zone it is read as UTC.
func parseDate(s string) (t time.Time, zoned bool, err error) {
	if len(s) < 10 || len(s) > 64 {
		return t, false, errCompare
	}
	date, clock := s[:10], s[10:]
	if clock != "" {
		if clock[0] != 'T' && clock[0] != ' ' {
			return t, false, errCompare
		}
		clock = clock[1:]
	}
	zone := time.UTC
	if z := zonePattern.FindString(clock); z != "" {
		clock, zoned = strings.TrimSuffix(clock, z), true
		if zone, err = parseZone(z); err != nil {
			return t, false, err
		}
	}
	if clock == "" && (zoned || len(s) > 10) {
		return t, false, errCompare
	}
	layout := "2006-01-02"
	if clock != "" {
		layout += "T15:04:05"
		date += "T" + clock
		if len(clock) == 5 {
			date += ":00"
		}
	}
	if t, err = time.ParseInLocation(layout, date, zone); err != nil {
		return t, false, errCompare
	}
	return t, zoned, nil
}

func parseZone(z string) (*time.Location, error) {
	if z == "Z" {
		return time.UTC, nil
	}
	digits := strings.ReplaceAll(z[1:], ":", "")
	if len(digits) == 2 {
		digits += "00"
	}
	t, err := time.Parse("1504", digits)
	if err != nil {
		return nil, errCompare
	}
	offset := t.Hour()*3600 + t.Minute()*60
	if z[0] == '-' {
		offset = -offset
	}
	return time.FixedZone(z, offset), nil
}
