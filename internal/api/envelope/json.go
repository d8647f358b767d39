package envelope

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// Style is how JSON is laid out. Keys are sorted in both.
type Style int

// The styles.
const (
	Compact Style = iota // {"a":1,"b":2}
	Spaced               // {"a": 1, "b": 2}: the form that is signed
)

func (s Style) comma() string {
	if s == Spaced {
		return ", "
	}
	return ","
}

func (s Style) colon() string {
	if s == Spaced {
		return ": "
	}
	return ":"
}

// errDepth guards against values that contain themselves.
var errDepth = errors.New("value nested too deep for JSON")

const maxDepth = 100

// AppendJSON appends v to dst as the servers' clients expect it: keys sorted,
// everything but printable ASCII escaped, numbers in their shortest form with
// whole floats as 1.0, times in the form of HTTP (rest-api.md 3.3, 3.5). NaN
// and infinities are written as null.
func AppendJSON(dst []byte, v any, s Style) ([]byte, error) { return appendValue(dst, v, s, 0) }

func appendValue(dst []byte, v any, s Style, depth int) ([]byte, error) {
	if depth > maxDepth {
		return nil, errDepth
	}
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case string:
		return appendString(dst, v), nil
	case int:
		return strconv.AppendInt(dst, int64(v), 10), nil
	case int64:
		return strconv.AppendInt(dst, v, 10), nil
	case float64:
		return appendFloat(dst, v), nil
	case json.Number:
		return appendNumber(dst, v)
	case time.Time:
		return appendString(dst, v.UTC().Format(http.TimeFormat)), nil
	case *time.Time:
		if v == nil {
			return append(dst, "null"...), nil
		}
		return appendValue(dst, *v, s, depth+1)
	case map[string]any:
		return appendObject(dst, v, s, depth)
	case map[string]string:
		return appendObject(dst, v, s, depth)
	case []any:
		return appendList(dst, v, s, depth)
	case []string:
		return appendList(dst, v, s, depth)
	case []map[string]any:
		return appendList(dst, v, s, depth)
	}
	return appendOther(dst, v, s, depth)
}

func appendObject[V any](dst []byte, m map[string]V, s Style, depth int) ([]byte, error) {
	if m == nil {
		return append(dst, "null"...), nil
	}
	var room [16]string
	keys := slices.AppendSeq(room[:0], maps.Keys(m))
	slices.Sort(keys)
	var err error
	dst = append(dst, '{')
	for i, k := range keys {
		if i > 0 {
			dst = append(dst, s.comma()...)
		}
		dst = append(appendString(dst, k), s.colon()...)
		if dst, err = appendValue(dst, m[k], s, depth+1); err != nil {
			return nil, err
		}
	}
	return append(dst, '}'), nil
}

func appendList[V any](dst []byte, list []V, s Style, depth int) ([]byte, error) {
	if list == nil {
		return append(dst, "null"...), nil
	}
	var err error
	dst = append(dst, '[')
	for i, e := range list {
		if i > 0 {
			dst = append(dst, s.comma()...)
		}
		if dst, err = appendValue(dst, e, s, depth+1); err != nil {
			return nil, err
		}
	}
	return append(dst, ']'), nil
}

// appendOther writes what is not written every day: named types, other widths
// of numbers, pointers, texts by their own method, and structs by their tags.
func appendOther(dst []byte, v any, s Style, depth int) ([]byte, error) {
	r := reflect.ValueOf(v)
	if r.Kind() == reflect.Pointer || r.Kind() == reflect.Interface {
		if r.IsNil() {
			return append(dst, "null"...), nil
		}
	}
	switch v := v.(type) {
	case json.Marshaler:
		return appendMarshalled(dst, v, s, depth)
	case encoding.TextMarshaler:
		text, err := v.MarshalText()
		if err != nil {
			return nil, fmt.Errorf("write JSON: %w", err)
		}
		return appendString(dst, string(text)), nil
	}
	switch r.Kind() {
	case reflect.Pointer:
		return appendValue(dst, r.Elem().Interface(), s, depth+1)
	case reflect.String:
		return appendString(dst, r.String()), nil
	case reflect.Bool:
		return strconv.AppendBool(dst, r.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(dst, r.Int(), 10), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.AppendUint(dst, r.Uint(), 10), nil
	case reflect.Float32, reflect.Float64:
		return appendFloat(dst, r.Float()), nil
	case reflect.Slice, reflect.Array:
		if r.Kind() == reflect.Slice && (r.IsNil() || r.Type().Elem().Kind() == reflect.Uint8) {
			return appendMarshalled(dst, v, s, depth)
		}
		list := make([]any, r.Len())
		for i := range list {
			list[i] = r.Index(i).Interface()
		}
		return appendList(dst, list, s, depth)
	}
	return appendMarshalled(dst, v, s, depth)
}

func appendMarshalled(dst []byte, v any, s Style, depth int) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	parsed, err := parseJSON(b, Limits{Depth: maxDepth, Values: math.MaxInt})
	if err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	return appendValue(dst, parsed, s, depth+1)
}

func appendNumber(dst []byte, n json.Number) ([]byte, error) {
	v, err := number(n)
	if err != nil {
		return nil, err
	}
	if _, big := v.(json.Number); big {
		return append(dst, n...), nil
	}
	return appendValue(dst, v, Compact, 0)
}

// appendFloat writes the shortest digits that give the same number again, with
// an exponent below 1e-4 and from 1e16 on.
func appendFloat(dst []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(dst, "null"...)
	}
	if size := math.Abs(f); size != 0 && (size < 1e-4 || size >= 1e16) {
		return strconv.AppendFloat(dst, f, 'e', -1, 64)
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
	if !slices.Contains(dst[start:], '.') {
		dst = append(dst, ".0"...)
	}
	return dst
}

const digits = "0123456789abcdef"

func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c < 0x7f && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = append(dst, s[start:i]...)
		r, size := utf8.DecodeRuneInString(s[i:])
		dst = appendEscape(dst, r)
		i += size
		start = i
	}
	return append(append(dst, s[start:]...), '"')
}

func appendEscape(dst []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(dst, '\\', byte(r))
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	}
	if r > 0xffff {
		r -= 0x10000
		return appendUnit(appendUnit(dst, 0xd800+r>>10), 0xdc00+r&0x3ff)
	}
	return appendUnit(dst, r)
}

func appendUnit(dst []byte, u rune) []byte {
	return append(dst, '\\', 'u', digits[u>>12&15], digits[u>>8&15], digits[u>>4&15], digits[u&15])
}
