package otp

import (
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// URL is a key URL as authenticator apps scan it: otpauth://TYPE/LABEL?…. It
// holds the key, so it is neither logged nor stored.
type URL struct {
	Type    string // hotp, totp, daypassword
	Label   string // what the app calls the entry, tags replaced
	Key     []byte
	Counter int64  // stated for type hotp only: the app's first counter
	Hash    Hash   // stated unless SHA1; "" is SHA1
	Period  int64  // seconds; 0: not stated
	Digits  int    // 0: not stated
	Creator string // "": not stated; likewise Serial
	Issuer  string
	Serial  string
	Extra   []Extra // appended in this order
}

// Extra is a further parameter of a key URL.
type Extra struct{ Name, Value string }

// maxURL is the length that label, key and fixed parts together stay below.
const maxURL = 180

var base32Plain = base32.StdEncoding.WithPadding(base32.NoPadding)

// Base32 is the form of a key in URLs: upper case, no padding.
func Base32(key []byte) string { return base32Plain.EncodeToString(key) }

// OTPAuth writes the URL. The parameters come in a fixed order (token-types.md
// B.1), since clients were seen to depend on it. Label is cut, in characters
// and before it is quoted, so that the URL fits into a QR code.
func (u URL) OTPAuth() string {
	secret := Base32(u.Key)
	room := maxURL - len("otpauth:///?secret=&counter=1") - len(u.Type) - len(secret)
	var b strings.Builder
	fmt.Fprintf(&b, "otpauth://%s/%s?secret=%s", u.Type, Quote(cut(u.Label, room)), secret)
	if u.Type == "hotp" {
		fmt.Fprintf(&b, "&counter=%d", u.Counter)
	}
	if u.Hash != "" && u.Hash != SHA1 {
		b.WriteString("&algorithm=" + strings.ToUpper(string(u.Hash)))
	}
	if u.Period != 0 {
		fmt.Fprintf(&b, "&period=%d", u.Period)
	}
	if u.Digits != 0 {
		fmt.Fprintf(&b, "&digits=%d", u.Digits)
	}
	if u.Creator != "" {
		b.WriteString("&creator=" + Quote(u.Creator))
	}
	b.WriteString("&issuer=" + Quote(u.Issuer))
	if u.Serial != "" {
		b.WriteString("&serial=" + Quote(u.Serial))
	}
	writeExtra(&b, u.Extra)
	return b.String()
}

// OATHToken is the key URL of the older app "OATH Token". Its label is not cut.
type OATHToken struct {
	Label     string
	KeyHex    string // as it is shown
	TimeBased bool
	Extra     []Extra
}

// URL writes the URL.
func (o OATHToken) URL() string {
	var b strings.Builder
	fmt.Fprintf(&b, "oathtoken:///addToken?name=%s&lockdown=true&key=%s", Quote(o.Label), o.KeyHex)
	if o.TimeBased {
		b.WriteString("&timeBased=true")
	}
	writeExtra(&b, o.Extra)
	return b.String()
}

func writeExtra(b *strings.Builder, extra []Extra) {
	for _, e := range extra {
		b.WriteString("&" + Quote(e.Name) + "=" + Quote(e.Value))
	}
}

func cut(s string, room int) string {
	if room < 0 {
		room = 0
	}
	if utf8.RuneCountInString(s) <= room {
		return s
	}
	for i := range s {
		if room == 0 {
			return s[:i]
		}
		room--
	}
	return s
}

// Quote percent-encodes what is neither a letter, a digit, one of _.-~ nor a
// slash, byte by byte.
func Quote(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("_.-~/", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// ErrURL is returned, wrapped with what is wrong, for a text that is no key URL.
// The text itself is not in the error: it may hold a key.
var ErrURL = errors.New("otp: not a key URL")

// Limits of what ParseURL reads.
const (
	maxText  = 4096 // bytes of the whole URL
	maxExtra = 32
)

// ParseURL reads an otpauth URL as a phone does. Counter is 0, Hash SHA1 and
// Digits and Period 0 where the URL does not state them. Parameters that are
// not in URL are kept in Extra, in their order. On an error the URL is zero.
func ParseURL(text string) (URL, error) {
	u, err := parseURL(text)
	if err != nil {
		return URL{}, err
	}
	return u, nil
}

func parseURL(text string) (u URL, err error) {
	bad := func(what string) (URL, error) { return URL{}, fmt.Errorf("%w: %s", ErrURL, what) }
	if len(text) > maxText || !utf8.ValidString(text) {
		return bad("too long, or not UTF-8")
	}
	rest, ok := strings.CutPrefix(text, "otpauth://")
	path, query, _ := strings.Cut(rest, "?")
	kind, label, ok2 := strings.Cut(path, "/")
	if !ok || !ok2 || kind == "" || strings.Trim(kind, "abcdefghijklmnopqrstuvwxyz") != "" {
		return bad("scheme or type")
	}
	if label, err = url.PathUnescape(label); err != nil || !utf8.ValidString(label) {
		return bad("label")
	}
	u = URL{Type: kind, Label: label, Hash: SHA1}
	seen := map[string]bool{}
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, err1 := url.QueryUnescape(name)
		value, err2 := url.QueryUnescape(value)
		if err1 != nil || err2 != nil || !utf8.ValidString(name) || !utf8.ValidString(value) {
			return bad("quoting")
		}
		if seen[name] {
			return bad("a parameter twice")
		}
		seen[name] = true
		if !u.set(name, value) {
			return bad("a parameter's value")
		}
	}
	if len(u.Key) == 0 {
		return bad("no secret")
	}
	return u, nil
}

// set stores one parameter and reports whether it can be.
func (u *URL) set(name, value string) bool {
	number := func(low, high int64) (int64, bool) {
		n, err := strconv.ParseInt(value, 10, 64)
		return n, err == nil && n >= low && n <= high
	}
	var ok bool
	switch name {
	case "secret":
		b, err := base32Plain.DecodeString(strings.ToUpper(strings.TrimRight(value, "=")))
		u.Key = b
		return err == nil && len(b) > 0 && !strings.ContainsAny(value, "\r\n")
	case "counter":
		if u.Type == "hotp" {
			u.Counter, ok = number(0, math.MaxInt64)
			return ok
		}
	case "algorithm":
		h, err := ParseHash(value)
		u.Hash = h
		return err == nil
	case "period":
		u.Period, ok = number(1, math.MaxInt32)
		return ok
	case "digits":
		var n int64
		n, ok = number(MinDigits, MaxDigits)
		u.Digits = int(n)
		return ok
	case "creator":
		u.Creator = value
		return true
	case "issuer":
		u.Issuer = value
		return true
	case "serial":
		u.Serial = value
		return true
	}
	u.Extra = append(u.Extra, Extra{name, value})
	return len(u.Extra) <= maxExtra
}

// ParseHex reads a key in hex, upper or lower case. It is here beside the other
// forms of a key; the error does not repeat the text.
func ParseHex(text string) ([]byte, error) {
	b, err := hex.DecodeString(text)
	if err != nil {
		return nil, ErrHex
	}
	return b, nil
}

// ErrHex is returned by ParseHex.
var ErrHex = errors.New("otp: not hex")
