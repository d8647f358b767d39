package privacyidea

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"symbolon/internal/api/envelope"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
)

// fill puts arguments into a text. {0} is the first one as text, a list as a
// literal ['a', 'b']; {0:join} a list joined by a comma and a blank; {0:repr} a
// literal; {0:title} with a capital letter; {0:span} seconds as 1:02:03; {0:pin}
// what is wrong with a PIN. An argument that is not there is an empty text.
func fill(text string, args []any) string {
	if !strings.Contains(text, "{") {
		return text
	}
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		inside, after, closed := strings.Cut(rest, "}")
		number, form, _ := strings.Cut(inside, ":")
		n, err := strconv.Atoi(number)
		if !closed || err != nil || n < 0 {
			b.WriteByte('{')
			text = rest
			continue
		}
		if n < len(args) {
			b.WriteString(word(args[n], form))
		}
		text = after
	}
}

func word(v any, form string) string {
	switch form {
	case "join":
		if list, ok := texts(v); ok {
			return strings.Join(list, ", ")
		}
	case "repr":
		return literal(v)
	case "title":
		s := plain(v)
		if s == "" {
			return s
		}
		return strings.ToUpper(s[:1]) + s[1:]
	case "span":
		if n, err := strconv.ParseFloat(plain(v), 64); err == nil {
			return span(time.Duration(n * float64(time.Second)))
		}
	case "pin":
		switch v := v.(type) {
		case []policy.PINFlaw:
			return pinFlaws(v)
		case []any:
			return pinFlaws(storedFlaws(v))
		}
	}
	return plain(v)
}

// plain is a value as text.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case realm.User:
		return fmt.Sprintf("User(login=%s, realm=%s, resolver=%s)", literal(v.Login), literal(v.Realm), literal(v.Resolver))
	case map[string]any:
		// A user out of the trail.
		if login, ok := v["Login"]; ok {
			return plain(realm.User{Login: plain(login), Realm: plain(v["Realm"]), Resolver: plain(v["Resolver"])})
		}
		return literal(v)
	case int, int64, []string, []any:
		return literal(v)
	case float64:
		// Numbers of the trail have been through JSON.
		if v == float64(int64(v)) {
			return strconv.FormatInt(int64(v), 10)
		}
		return literal(v)
	}
	return fmt.Sprint(v)
}

// literal writes a value as the source code of the original servers would:
// 'text', ['list'], True, None. Clients have come to know such messages.
func literal(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case string:
		return quoted(v)
	case bool, int64, float64, json.Number:
		s, _ := envelope.ScalarText(v)
		return s
	case int:
		return strconv.Itoa(v)
	case map[string]any:
		b, err := envelope.AppendJSON(nil, v, envelope.Spaced)
		if err != nil {
			return "{}"
		}
		return string(b)
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = literal(e)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	if list, ok := texts(v); ok {
		parts := make([]string, len(list))
		for i, e := range list {
			parts[i] = quoted(e)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return quoted(fmt.Sprint(v))
}

func quoted(s string) string {
	q := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		q = '"'
	}
	b := []byte{q}
	for _, r := range s {
		switch {
		case r == rune(q) || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r < 0x20 || r == 0x7f:
			b = fmt.Appendf(b, `\x%02x`, r)
		case r > 0x7f && !unicode.IsPrint(r) && r <= 0xff:
			b = fmt.Appendf(b, `\x%02x`, r)
		case r > 0x7f && !unicode.IsPrint(r) && r <= 0xffff:
			b = fmt.Appendf(b, `\u%04x`, r)
		case r > 0x7f && !unicode.IsPrint(r):
			b = fmt.Appendf(b, `\U%08x`, r)
		default:
			b = append(b, string(r)...)
		}
	}
	return string(append(b, q))
}

// texts returns the entries of a list of texts; one from the trail has been
// through JSON.
func texts(v any) ([]string, bool) {
	switch v := v.(type) {
	case []string:
		return v, true
	case []any:
		out := make([]string, len(v))
		for i, e := range v {
			out[i] = plain(e)
		}
		return out, true
	}
	return nil, false
}

// span writes a duration as 0:02:00 or 1 day, 0:00:00.
func span(d time.Duration) string {
	s := int64(d / time.Second)
	days, s := s/86400, s%86400
	clock := fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	switch days {
	case 0:
		return clock
	case 1:
		return "1 day, " + clock
	}
	return fmt.Sprintf("%d days, %s", days, clock)
}

// pinFlaws words what is wrong with a PIN; several are joined by a comma alone
// (policies.md 4.4).
func pinFlaws(flaws []policy.PINFlaw) string {
	parts := make([]string, len(flaws))
	for i, f := range flaws {
		switch f.Kind {
		case policy.PINTooShort:
			parts[i] = fmt.Sprintf("The minimum OTP PIN length is %d", f.Number)
		case policy.PINTooLong:
			parts[i] = fmt.Sprintf("The maximum OTP PIN length is %d", f.Number)
		case policy.PINCharacter:
			parts[i] = "Not allowed character in PIN!"
		case policy.PINCharacterMissing:
			parts[i] = "Missing character in PIN: " + f.Characters
		}
	}
	return strings.Join(parts, ",")
}

// storedFlaws are flaws out of the trail.
func storedFlaws(list []any) []policy.PINFlaw {
	flaws := make([]policy.PINFlaw, 0, len(list))
	for _, e := range list {
		m, _ := e.(map[string]any)
		kind, _ := m["Kind"].(float64)
		number, _ := m["Number"].(float64)
		flaws = append(flaws, policy.PINFlaw{Kind: policy.PINFlawKind(kind), Number: int(number), Characters: plain(m["Characters"])})
	}
	return flaws
}
