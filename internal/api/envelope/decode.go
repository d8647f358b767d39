package envelope

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"symbolon/internal/fault"
)

// PercentDecode decodes %41 to A. Sequences that are none stay as they are, a
// plus stays a plus, and bytes that are no UTF-8 become replacement characters
// (clients.md C2).
func PercentDecode(s string) string { return valid(unescape(s, false)) }

func unescape(s string, plus bool) string {
	if strings.IndexByte(s, '%') < 0 && !(plus && strings.IndexByte(s, '+') >= 0) {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+' && plus:
			out = append(out, ' ')
		case s[i] == '%' && i+2 < len(s) && nibble(s[i+1]) >= 0 && nibble(s[i+2]) >= 0:
			out = append(out, byte(nibble(s[i+1])<<4|nibble(s[i+2])))
			i += 2
		default:
			out = append(out, s[i])
		}
	}
	return string(out)
}

func nibble(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// parseJSON reads one JSON value within the limits. All errors are faults.
func parseJSON(b []byte, l Limits) (any, error) {
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(b) {
		return nil, fault.New(fault.Malformed, "the JSON is not UTF-8")
	}
	if err := measure(b, l); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fault.New(fault.Malformed, "the JSON is broken")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fault.New(fault.Malformed, "the JSON is followed by something else")
	}
	return typed(v)
}

// measure counts nesting and values before anything is built, since a body of a
// few megabytes can ask for a hundred times its size.
func measure(b []byte, l Limits) error {
	depth, values, quoted := 0, 1, false
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			depth++
			values++
		case c == ']' || c == '}':
			depth--
		case c == ',':
			values++
		}
		if depth > l.Depth {
			return fault.New(fault.Malformed, "the JSON is nested too deep")
		}
		if values > l.Values {
			return fault.New(fault.TooLarge, "number of JSON values")
		}
	}
	return nil
}

func typed(v any) (any, error) {
	var err error
	switch v := v.(type) {
	case json.Number:
		return number(v)
	case []any:
		for i := range v {
			if v[i], err = typed(v[i]); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for k := range v {
			if v[k], err = typed(v[k]); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

func number(n json.Number) (any, error) {
	if strings.ContainsAny(n.String(), ".eE") {
		f, err := strconv.ParseFloat(n.String(), 64)
		if err != nil || math.IsInf(f, 0) {
			return nil, fault.New(fault.Malformed, "a number is out of range")
		}
		return f, nil
	}
	if i, err := strconv.ParseInt(n.String(), 10, 64); err == nil {
		return i, nil
	}
	// Digits beyond any use only cost time when they are converted.
	if len(n) > 400 {
		return nil, fault.New(fault.Malformed, "a number is out of range")
	}
	return n, nil
}
