package policy

import (
	"errors"
	"io"
	"slices"
	"strings"

	"symbolon/internal/fault"
)

// The classes of characters of PIN rules (policies.md 4.4).
const (
	letters  = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits   = "0123456789"
	specials = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
)

// PINRule says which characters a PIN may have, and which it must have.
type PINRule struct {
	allowed  string
	required []string // one character out of each
}

// maxGenerated bounds how long a generated PIN can be.
const maxGenerated = 1024

// ParsePINContents reads a rule: "cn" asks for one of each class that is listed
// and allows c, n and s; "+cn" asks for one of their union; "-sn" allows the
// classes not listed; "[abc]" allows exactly these. Anything else is the fault
// PINPolicySpecifier.
func ParsePINContents(spec string) (PINRule, error) {
	if inner, ok := strings.CutPrefix(spec, "["); ok && strings.HasSuffix(inner, "]") {
		return PINRule{allowed: distinct(strings.TrimSuffix(inner, "]"))}, nil
	}
	listed := strings.TrimLeft(spec, "+-")
	if listed == "" || strings.Trim(listed, "cns") != "" {
		return PINRule{}, fault.New(fault.PINPolicySpecifier)
	}
	var in, out []string
	for _, class := range []struct{ name, characters string }{{"c", letters}, {"n", digits}, {"s", specials}} {
		if strings.Contains(listed, class.name) {
			in = append(in, class.characters)
		} else {
			out = append(out, class.characters)
		}
	}
	r := PINRule{allowed: letters + digits + specials}
	switch spec[0] {
	case '-':
		r.allowed = strings.Join(out, "")
	case '+':
		r.required = []string{strings.Join(in, "")}
	default:
		r.required = in
	}
	return r, nil
}

// PINLettersAndDigits is the rule for random PINs where no policy gives one.
func PINLettersAndDigits() PINRule { return PINRule{allowed: letters + digits} }

// distinct drops repeated characters, so that each is drawn as often.
func distinct(s string) string {
	var out []rune
	for _, r := range s {
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return string(out)
}

// Check returns what is wrong with a PIN, nothing if it keeps the rule. It says
// once that characters are not allowed.
func (r PINRule) Check(pin string) []PINFlaw {
	var flaws []PINFlaw
	if strings.ContainsFunc(pin, func(c rune) bool { return !strings.ContainsRune(r.allowed, c) }) {
		flaws = append(flaws, PINFlaw{Kind: PINCharacter})
	}
	for _, class := range r.required {
		if !strings.ContainsAny(pin, class) {
			flaws = append(flaws, PINFlaw{Kind: PINCharacterMissing, Characters: class})
		}
	}
	return flaws
}

// Generate draws a PIN that keeps the rule: of length characters, more if the
// rule asks for more. It fails when the rule allows nothing, or length is
// beyond 1024.
func (r PINRule) Generate(rand io.Reader, length int) (string, error) {
	allowed := drawn(r.allowed)
	if len(allowed) == 0 || length > maxGenerated {
		return "", errors.New("no PIN of this length can be made by the rule")
	}
	pin := make([]rune, 0, max(length, len(r.required)))
	for _, class := range r.required {
		c, err := pick(rand, drawn(class))
		if err != nil {
			return "", err
		}
		pin = append(pin, c)
	}
	for len(pin) < length {
		c, err := pick(rand, allowed)
		if err != nil {
			return "", err
		}
		pin = append(pin, c)
	}
	for i := len(pin) - 1; i > 0; i-- {
		j, err := below(rand, i+1)
		if err != nil {
			return "", err
		}
		pin[i], pin[j] = pin[j], pin[i]
	}
	return string(pin), nil
}

// drawn are the characters that PINs are made of: without a percent sign, unless
// there is no other one. Parameters of the API are decoded twice for most clients
// (rest-api.md 2.2), so what follows a percent sign may not arrive as it was sent.
func drawn(set string) []rune {
	if rest := strings.ReplaceAll(set, "%", ""); rest != "" {
		set = rest
	}
	return []rune(set)
}

func pick(rand io.Reader, from []rune) (rune, error) {
	i, err := below(rand, len(from))
	if err != nil {
		return 0, err
	}
	return from[i], nil
}

// below draws a number of 0 … n-1, each as likely; n is at most 65536.
func below(rand io.Reader, n int) (int, error) {
	limit := 1 << 16 / n * n
	for {
		var b [2]byte
		if _, err := io.ReadFull(rand, b[:]); err != nil {
			return 0, err
		}
		if x := int(b[0])<<8 | int(b[1]); x < limit {
			return x % n, nil
		}
	}
}
