// Package otp computes and finds one-time codes, and reads and writes what is
// exchanged when such a code generator is enrolled: HOTP (RFC 4226), TOTP
// (RFC 6238), key URLs, base32check and the two-step derivation
// (token-types.md B.1, B.2; token-engine.md 5.6).
//
// Both ends of each format are here, for servers and for phones. It keeps no
// state, asks no clock and reads no randomness: which counters may be tried,
// and what is done with a hit, is the caller's rule.
//
// Units: counters are 64-bit and written big-endian; a TOTP counter is the
// number of whole time steps since the Unix epoch; lengths of codes are in
// decimal digits, of keys in bytes.
package otp

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"hash"
	"strings"
)

// Hash names the hash function of the HMAC.
type Hash string

// The hash functions. MD5 is in no RFC; see Weak.
const (
	SHA1   Hash = "sha1"
	SHA224 Hash = "sha224"
	SHA256 Hash = "sha256"
	SHA384 Hash = "sha384"
	SHA512 Hash = "sha512"
	MD5    Hash = "md5"
)

// Bounds of the length of a code. Ten digits hold every 31-bit number.
const (
	MinDigits = 4
	MaxDigits = 10
)

// The errors of NewGenerator and ParseHash.
var (
	ErrHash   = errors.New("otp: unknown hash")
	ErrDigits = errors.New("otp: a code has 4 to 10 digits")
)

// ParseHash returns the hash with this name, in any case, or ErrHash.
func ParseHash(name string) (Hash, error) {
	h := Hash(strings.ToLower(name))
	if h.function() == nil {
		return "", ErrHash
	}
	return h, nil
}

// Size is the length of the digest in bytes, which is also the usual length of
// a key; 0 for an unknown hash.
func (h Hash) Size() int {
	if f := h.function(); f != nil {
		return f().Size()
	}
	return 0
}

// Weak reports that the hash is accepted for the sake of old tokens only. Many
// apps refuse MD5, and RFC 4226 does not define its truncation; see Generator.
func (h Hash) Weak() bool { return h == MD5 }

func (h Hash) function() func() hash.Hash {
	switch h {
	case SHA1:
		return sha1.New
	case SHA224:
		return sha256.New224
	case SHA256:
		return sha256.New
	case SHA384:
		return sha512.New384
	case SHA512:
		return sha512.New
	case MD5:
		return md5.New
	}
	return nil
}

// Generator makes the codes of one key. It is not safe for use by several
// goroutines at once.
//
// MD5 gives 16 bytes, but the truncation may ask for a byte behind the last;
// it goes on at the first one then. Others have no code for such a counter.
type Generator struct {
	mac    hash.Hash
	digits int
	modulo uint64
	sum    [sha512.Size]byte
}

// NewGenerator prepares the HMAC of key. It returns ErrHash or ErrDigits.
func NewGenerator(key []byte, h Hash, digits int) (*Generator, error) {
	f := h.function()
	if f == nil {
		return nil, ErrHash
	}
	if digits < MinDigits || digits > MaxDigits {
		return nil, ErrDigits
	}
	g := &Generator{mac: hmac.New(f, key), digits: digits, modulo: 1}
	for range digits {
		g.modulo *= 10
	}
	return g, nil
}

// number is the code of a counter as a number.
func (g *Generator) number(counter int64) uint64 {
	binary.BigEndian.PutUint64(g.sum[:8], uint64(counter))
	g.mac.Reset()
	g.mac.Write(g.sum[:8])
	sum := g.mac.Sum(g.sum[:0])
	o := int(sum[len(sum)-1] & 15)
	var n uint32
	if o+4 <= len(sum) {
		n = binary.BigEndian.Uint32(sum[o:])
	} else {
		for i := range 4 {
			n = n<<8 | uint32(sum[(o+i)%len(sum)])
		}
	}
	return uint64(n&0x7fffffff) % g.modulo
}

// Code returns the code of a counter, padded with zeros on the left.
func (g *Generator) Code(counter int64) string {
	n := g.number(counter)
	var b [MaxDigits]byte
	for i := g.digits - 1; i >= 0; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
	return string(b[:g.digits])
}

// parse reads a typed code. ok is false unless it has exactly the right number
// of ASCII digits.
func (g *Generator) parse(code string) (n uint64, ok bool) {
	if len(code) != g.digits {
		return 0, false
	}
	for i := range len(code) {
		d := code[i] - '0'
		if d > 9 {
			return 0, false
		}
		n = n*10 + uint64(d)
	}
	return n, true
}

// equal is 1 when a and b are equal, else 0, without a branch.
func equal(a, b uint64) uint64 {
	d := a ^ b
	return 1 ^ (d|-d)>>63
}

// Search looks for code among the counters from ... to-1 and returns the first
// that has it. It computes every candidate whatever hits, and compares without
// branching on the outcome, so its time tells only how wide the range is. A
// code of another length, or with something else than ASCII digits, is not
// found. An empty range finds nothing.
func (g *Generator) Search(code string, from, to int64) (counter int64, ok bool) {
	want, ok := g.parse(code)
	if !ok {
		return 0, false
	}
	var found, at uint64
	for c := from; c < to; c++ {
		hit := equal(g.number(c), want) &^ found
		at |= -hit & uint64(c)
		found |= hit
	}
	return int64(at), found == 1
}

// SearchPair looks for two codes in a row: it returns the first counter among
// from ... to-1 whose code is first while the code of the next counter is
// second. As Search, it always computes the whole range.
func (g *Generator) SearchPair(first, second string, from, to int64) (counter int64, ok bool) {
	a, ok1 := g.parse(first)
	b, ok2 := g.parse(second)
	if !ok1 || !ok2 || from >= to {
		return 0, false
	}
	var found, at uint64
	this := g.number(from)
	for c := from; c < to; c++ {
		next := g.number(c + 1)
		hit := equal(this, a) & equal(next, b) &^ found
		at |= -hit & uint64(c)
		found |= hit
		this = next
	}
	return int64(at), found == 1
}

// Step is the TOTP counter at a time: the number of whole steps of so many
// seconds since the epoch, rounded down before it as well. step is above zero.
func Step(unix, step int64) int64 {
	n := unix / step
	if unix%step < 0 {
		n--
	}
	return n
}
