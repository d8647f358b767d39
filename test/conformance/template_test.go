package conformance

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var expression = regexp.MustCompile(`\$\{([^{}]*)\}`)

// expand replaces every ${...} in s: a variable's name, or a function with
// its arguments, each of which may itself be a variable's name.
func expand(s string, vars map[string]string) (string, error) {
	var failure error
	out := expression.ReplaceAllStringFunc(s, func(m string) string {
		v, err := evaluate(m[2:len(m)-1], vars)
		if err != nil && failure == nil {
			failure = fmt.Errorf("%s: %w", m, err)
		}
		return v
	})
	return out, failure
}

// expander expands many templates and keeps the first failure.
type expander struct {
	vars map[string]string
	err  error
}

func (x *expander) text(s string) string {
	out, err := expand(s, x.vars)
	if err != nil && x.err == nil {
		x.err = err
	}
	return out
}

func (x *expander) texts(m map[string]string) map[string]string {
	if m == nil {
		return nil
	}
	out := map[string]string{}
	for k, v := range m {
		out[k] = x.text(v)
	}
	return out
}

// value expands the texts and keys of a decoded JSON or YAML value.
func (x *expander) value(v any) any {
	switch v := v.(type) {
	case string:
		return x.text(v)
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			out[x.text(k)] = x.value(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = x.value(e)
		}
		return out
	}
	return v
}

func evaluate(expr string, vars map[string]string) (string, error) {
	words := strings.Fields(expr)
	if len(words) == 0 {
		return "", fmt.Errorf("empty expression")
	}
	if len(words) == 1 {
		if v, ok := vars[words[0]]; ok {
			return v, nil
		}
	}
	args := make([]string, len(words)-1)
	for i, w := range words[1:] {
		args[i] = w
		if v, ok := vars[w]; ok {
			args[i] = v
		}
	}
	if f, ok := codeFunctions[words[0]]; ok {
		return f(args)
	}
	if f, ok := timeFunctions[words[0]]; ok {
		return f(clock(vars), unquoted(args))
	}
	if f, ok := phoneFunctions[words[0]]; ok {
		return f(unquoted(args))
	}
	return "", fmt.Errorf("unknown name or function %q", words[0])
}

// ahead is the variable that says how many nanoseconds the server's clock is
// ahead of the machine's: the sleeps that were not slept, see playFresh.
const ahead = "ahead of time"

// clock is what the server takes for now.
func clock(vars map[string]string) time.Time {
	d, err := strconv.ParseInt(vars[ahead], 10, 64)
	if err != nil {
		d = 0
	}
	return time.Now().Add(time.Duration(d))
}

// timeFunctions are the template functions that need the time.
var timeFunctions = map[string]func(now time.Time, args []string) (string, error){
	"totp": func(now time.Time, a []string) (string, error) { // totp KEYHEX [OFFSET_SECONDS] [STEP] [DIGITS] [ALGORITHM]
		offset, err := number(a, 1, 0)
		if err != nil {
			return "", err
		}
		step, err := number(a, 2, 30)
		if err != nil {
			return "", err
		}
		return hotp(word(a, 0, ""), (now.Unix()+offset)/step, word(a, 3, "6"), word(a, 4, "sha1"))
	},
	"motp": func(now time.Time, a []string) (string, error) { // motp SECRET PIN [OFFSET_SECONDS]
		offset, err := number(a, 2, 0)
		sum := md5.Sum(fmt.Appendf(nil, "%d%s%s", (now.Unix()+offset)/10, word(a, 0, ""), word(a, 1, "")))
		return hex.EncodeToString(sum[:])[:6], err
	},
	"now": func(now time.Time, a []string) (string, error) { // now [OFFSET] as Unix seconds
		offset, err := number(a, 0, 0)
		return strconv.FormatInt(now.Unix()+offset, 10), err
	},
	"time": func(now time.Time, a []string) (string, error) { // time OFFSET_SECONDS [LAYOUT]: UTC, default ISO 8601 with offset
		offset, err := number(a, 0, 0)
		layout := "2006-01-02T15:04-0700"
		if len(a) > 1 {
			layout = strings.Join(a[1:], " ")
		}
		return now.UTC().Add(time.Duration(offset) * time.Second).Format(layout), err
	},
	"pushtime": pushTime,
}

// codeFunctions are the template functions for codes and encodings.
var codeFunctions = map[string]func(args []string) (string, error){
	"hotp": func(a []string) (string, error) { // hotp KEYHEX COUNTER [DIGITS] [ALGORITHM]
		counter, err := number(a, 1, 0)
		if err != nil {
			return "", err
		}
		return hotp(word(a, 0, ""), counter, word(a, 2, "6"), word(a, 3, "sha1"))
	},
	"base32": func(a []string) (string, error) { // base32 HEX, unpadded
		raw, err := hex.DecodeString(word(a, 0, ""))
		return strings.TrimRight(base32.StdEncoding.EncodeToString(raw), "="), err
	},
	"base64": func(a []string) (string, error) { // base64 TEXT
		return base64.StdEncoding.EncodeToString([]byte(word(a, 0, ""))), nil
	},
	"unbase32hex": func(a []string) (string, error) { // unbase32hex BASE32 -> hex
		s := strings.TrimRight(strings.ToUpper(word(a, 0, "")), "=")
		raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(s)
		return hex.EncodeToString(raw), err
	},
}

// word is argument i, or fallback where there are fewer.
func word(args []string, i int, fallback string) string {
	if i < len(args) {
		return args[i]
	}
	return fallback
}

func number(args []string, i int, fallback int64) (int64, error) {
	return strconv.ParseInt(word(args, i, strconv.FormatInt(fallback, 10)), 10, 64)
}

func hotp(keyHex string, counter int64, digits, algorithm string) (string, error) {
	key, err := hex.DecodeString(keyHex)
	if err != nil {
		return "", err
	}
	n, err := strconv.Atoi(digits)
	if err != nil {
		return "", err
	}
	hashes := map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New, "sha512": sha512.New}
	h, ok := hashes[algorithm]
	if !ok {
		return "", fmt.Errorf("unknown algorithm %q", algorithm)
	}
	mac := hmac.New(h, key)
	binary.Write(mac, binary.BigEndian, counter)
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 15
	code := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", n, int64(code)%int64(math.Pow10(n))), nil
}
