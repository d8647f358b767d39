package policy

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The literals of exported policies are Python's: None, True, False, whole
// numbers, strings, lists, tuples and dictionaries with strings as keys. They
// become nil, bool, int64, string, []any and []pair.

type pair struct {
	key   string
	value any
}

// quoted writes a string as Python does.
func quoted(s string) string {
	q := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		q = '"'
	}
	var b strings.Builder
	b.WriteByte(q)
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == rune(q) || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == ' ' || unicode.IsPrint(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		i += n
	}
	b.WriteByte(q)
	return b.String()
}

func literalBool(b bool) string {
	if b {
		return "True"
	}
	return "False"
}

// maxDepth bounds how deep literals nest; exports need three levels.
const maxDepth = 4

var errLiteral = errors.New("not a value as Python writes it")

// reader reads one literal.
type reader struct {
	text string
	at   int
}

// parseLiteral reads a text that is one literal and nothing else.
func parseLiteral(text string) (any, error) {
	r := &reader{text: text}
	v, err := r.value(0)
	if err != nil {
		return nil, err
	}
	r.blanks()
	if r.at != len(text) {
		return nil, errLiteral
	}
	return v, nil
}

func (r *reader) blanks() {
	for r.at < len(r.text) && (r.text[r.at] == ' ' || r.text[r.at] == '\t') {
		r.at++
	}
}

// next skips blanks and returns the next byte without taking it; 0 at the end.
func (r *reader) next() byte {
	r.blanks()
	if r.at == len(r.text) {
		return 0
	}
	return r.text[r.at]
}

func (r *reader) take(c byte) bool {
	if r.next() != c {
		return false
	}
	r.at++
	return true
}

func (r *reader) value(depth int) (any, error) {
	if depth > maxDepth {
		return nil, errLiteral
	}
	switch c := r.next(); c {
	case '\'', '"':
		return r.str()
	case '[':
		return r.list(']', depth)
	case '(':
		return r.list(')', depth)
	case '{':
		return r.dict(depth)
	}
	start := r.at
	for r.at < len(r.text) && strings.IndexByte(" \t,:]})", r.text[r.at]) < 0 {
		r.at++
	}
	switch word := r.text[start:r.at]; word {
	case "None":
		return nil, nil
	case "True":
		return true, nil
	case "False":
		return false, nil
	default:
		n, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			return nil, errLiteral
		}
		return n, nil
	}
}

func (r *reader) list(end byte, depth int) (any, error) {
	r.at++
	out := []any{}
	for !r.take(end) {
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
		if !r.take(',') {
			if !r.take(end) {
				return nil, errLiteral
			}
			break
		}
	}
	return out, nil
}

func (r *reader) dict(depth int) (any, error) {
	r.at++
	out := []pair{}
	for !r.take('}') {
		if c := r.next(); c != '\'' && c != '"' {
			return nil, errLiteral
		}
		key, err := r.str()
		if err != nil {
			return nil, err
		}
		if !r.take(':') {
			return nil, errLiteral
		}
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		out = append(out, pair{key, v})
		if !r.take(',') {
			if !r.take('}') {
				return nil, errLiteral
			}
			break
		}
	}
	return out, nil
}

func (r *reader) str() (string, error) {
	q := r.text[r.at]
	r.at++
	var b strings.Builder
	for r.at < len(r.text) {
		c := r.text[r.at]
		r.at++
		switch c {
		case q:
			return b.String(), nil
		case '\\':
			if err := r.escape(&b); err != nil {
				return "", err
			}
		default:
			b.WriteByte(c)
		}
	}
	return "", errLiteral
}

func (r *reader) escape(b *strings.Builder) error {
	if r.at == len(r.text) {
		return errLiteral
	}
	c := r.text[r.at]
	r.at++
	size := 0
	switch c {
	case '\\', '\'', '"':
		b.WriteByte(c)
	case 'n':
		b.WriteByte('\n')
	case 'r':
		b.WriteByte('\r')
	case 't':
		b.WriteByte('\t')
	case 'x':
		size = 2
	case 'u':
		size = 4
	case 'U':
		size = 8
	default:
		// An unknown escape stands for itself, as in Python.
		b.WriteByte('\\')
		b.WriteByte(c)
	}
	if size == 0 {
		return nil
	}
	if len(r.text)-r.at < size {
		return errLiteral
	}
	n, err := strconv.ParseUint(r.text[r.at:r.at+size], 16, 32)
	if err != nil || !utf8.ValidRune(rune(n)) {
		return errLiteral
	}
	r.at += size
	b.WriteRune(rune(n))
	return nil
}
