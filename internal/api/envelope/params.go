package envelope

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"symbolon/internal/fault"
)

// Params are the merged parameters of a request. Values of forms, queries and
// paths are texts; those of JSON are string, bool, int64, float64, json.Number
// (a whole number beyond 64 bits), nil, []any or map[string]any.
type Params map[string]any

// Has reports whether the parameter was given and is not null.
func (p Params) Has(name string) bool { return p[name] != nil }

// Text returns a parameter that is text. ok is false when it is absent or null;
// an empty text counts as given. Another JSON type is the fault ParameterInvalid.
func (p Params) Text(name string) (text string, ok bool, err error) {
	switch v := p[name].(type) {
	case nil:
		return "", false, nil
	case string:
		return v, true, nil
	}
	return "", false, fault.New(fault.ParameterInvalid, name)
}

// TextOr returns a text, or def when it is absent.
func (p Params) TextOr(name, def string) (string, error) {
	v, ok, err := p.Text(name)
	if !ok {
		v = def
	}
	return v, err
}

// Scalar returns a text, number or truth value as the text that is stored for
// it: whole numbers in digits, truth as True and False.
func (p Params) Scalar(name string) (text string, ok bool, err error) {
	if p[name] == nil {
		return "", false, nil
	}
	if text, ok = ScalarText(p[name]); !ok {
		return "", false, fault.New(fault.ParameterInvalid, name)
	}
	return text, true, nil
}

// ScalarText is the text of a single value, as Scalar writes it.
func ScalarText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case bool:
		if v {
			return "True", true
		}
		return "False", true
	case int64:
		return strconv.FormatInt(v, 10), true
	case json.Number:
		return v.String(), true
	case float64:
		return string(appendFloat(nil, v)), true
	}
	return "", false
}

// Required returns a text that must be there but may be empty: else the fault
// ParameterMissing.
func (p Params) Required(name string) (string, error) {
	v, ok, err := p.Text(name)
	if err == nil && !ok {
		err = fault.New(fault.ParameterMissing, name)
	}
	return v, err
}

// NonEmpty returns a text that must be there and not be empty: else the fault
// ParameterMissing or ParameterEmpty.
func (p Params) NonEmpty(name string) (string, error) {
	v, err := p.Required(name)
	if err == nil && v == "" {
		err = fault.New(fault.ParameterEmpty, name)
	}
	return v, err
}

// OneOf returns the first of the parameters that is given and not empty: else
// the fault ParameterMissingOneOf.
func (p Params) OneOf(names ...string) (name, text string, err error) {
	for _, n := range names {
		v, _, err := p.Text(n)
		if err != nil {
			return "", "", err
		}
		if v != "" {
			return n, v, nil
		}
	}
	return "", "", fault.New(fault.ParameterMissingOneOf, names)
}

// Choice returns one of the allowed texts, and def for anything else.
func (p Params) Choice(name, def string, allowed ...string) string {
	v, _ := p[name].(string)
	for _, a := range allowed {
		if v == a {
			return v
		}
	}
	return def
}

// True reports whether a parameter is true by the rule of the API: 1, "1",
// true, "True", "true", "TRUE". Everything else is false, also what is absent.
func (p Params) True(name string) bool { return IsTrue(p[name]) }

// IsTrue is the rule of Params.True for one value.
func IsTrue(v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case string:
		return v == "1" || v == "True" || v == "true" || v == "TRUE"
	case int64:
		return v == 1
	case float64:
		return v == 1
	}
	return false
}

// Int returns a whole number, or def when it is absent or null. Anything that
// is no whole number of 64 bits is the fault NotANumber.
func (p Params) Int(name string, def int64) (int64, error) {
	switch v := p[name].(type) {
	case nil:
		return def, nil
	case int64:
		return v, nil
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return int64(v), nil
		}
	case string:
		if n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64); err == nil {
			return n, nil
		}
	}
	return 0, fault.New(fault.NotANumber, name)
}

// List returns a list: a JSON list of single values, or text with commas.
// Entries are trimmed, empty ones left out. ok is false when it is absent.
func (p Params) List(name string) (list []string, ok bool, err error) {
	switch v := p[name].(type) {
	case nil:
		return nil, false, nil
	case string:
		list = []string{}
		for s := range strings.SplitSeq(v, ",") {
			if s = strings.TrimSpace(s); s != "" {
				list = append(list, s)
			}
		}
		return list, true, nil
	case []any:
		list = []string{}
		for _, e := range v {
			s, ok := ScalarText(e)
			if !ok {
				return nil, false, fault.New(fault.ParameterInvalid, name)
			}
			if s = strings.TrimSpace(s); s != "" {
				list = append(list, s)
			}
		}
		return list, true, nil
	}
	return nil, false, fault.New(fault.ParameterInvalid, name)
}

// Object returns an object: a JSON one, or text that is the JSON of one. ok is
// false when it is absent; anything else is the fault ParameterInvalid.
func (p Params) Object(name string) (object map[string]any, ok bool, err error) {
	switch v := p[name].(type) {
	case nil:
		return nil, false, nil
	case map[string]any:
		return v, true, nil
	case string:
		if strings.HasPrefix(strings.TrimLeft(v, " \t\r\n"), "{") {
			parsed, err := parseJSON([]byte(v), DefaultLimits())
			if object, ok = parsed.(map[string]any); err == nil && ok {
				return object, true, nil
			}
		}
	}
	return nil, false, fault.New(fault.ParameterInvalid, name)
}

// Without returns the parameters but those named.
func (p Params) Without(names ...string) Params {
	out := make(Params, len(p))
	for k, v := range p {
		out[k] = v
	}
	for _, n := range names {
		delete(out, n)
	}
	return out
}

// LowerKeys returns the parameters with keys in lower case, for the few
// endpoints that read them so. The key session is dropped there.
func (p Params) LowerKeys() Params {
	out := make(Params, len(p))
	for k, v := range p {
		low := strings.ToLower(k)
		// A key that is written in lower case wins over other spellings, so that
		// the result does not depend on the order of a map.
		if _, exact := p[low]; exact && low != k {
			continue
		}
		out[low] = v
	}
	delete(out, "session")
	return out
}
