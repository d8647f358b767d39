package otp

import (
	"bytes"
	"crypto/pbkdf2"
	"crypto/sha1"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"strings"
)

// The errors of DecodeBase32Check.
var (
	ErrBase32   = errors.New("otp: base32check: not base32")
	ErrTooShort = errors.New("otp: base32check: no room for the checksum")
	ErrChecksum = errors.New("otp: base32check: wrong checksum")
)

const checksumSize = 4

// EncodeBase32Check writes a key for people to copy: base32, upper case and
// without padding, of the first four bytes of the key's SHA-1 and the key. The
// checksum finds typing mistakes, it protects nothing.
func EncodeBase32Check(key []byte) string {
	sum := sha1.Sum(key)
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(append(sum[:checksumSize:checksumSize], key...))
}

// DecodeBase32Check reads what EncodeBase32Check wrote, in upper or lower case,
// with or without padding. It returns ErrBase32, ErrTooShort or ErrChecksum.
func DecodeBase32Check(text string) (key []byte, err error) {
	text = strings.ToUpper(text)
	if n := len(text) % 8; n != 0 {
		text += strings.Repeat("=", 8-n)
	}
	// The decoder of the library skips line breaks; nobody types them here.
	if strings.ContainsAny(text, "\r\n") {
		return nil, ErrBase32
	}
	b, err := base32.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, ErrBase32
	}
	if len(b) < checksumSize {
		return nil, ErrTooShort
	}
	sum := sha1.Sum(b[checksumSize:])
	if !bytes.Equal(sum[:checksumSize], b[:checksumSize]) {
		return nil, ErrChecksum
	}
	return b[checksumSize:], nil
}

// DeriveKey makes the key of a two-step enrolment from the part the server made
// and the part the phone made: PBKDF2 with HMAC-SHA1, whatever hash the codes
// use, over the lower-case hex text of the server's part with the phone's part
// as salt. rounds and size are above zero.
func DeriveKey(server, client []byte, rounds, size int) ([]byte, error) {
	return pbkdf2.Key(sha1.New, hex.EncodeToString(server), client, rounds, size)
}

// ErrServerPart is returned by MergeKey.
var ErrServerPart = errors.New("otp: the server component must be longer than the client component")

// MergeKey is the derivation of token types without one of their own: the
// phone's part overwrites the end of the server's part, which must be longer.
func MergeKey(server, client []byte) ([]byte, error) {
	if len(server) <= len(client) {
		return nil, ErrServerPart
	}
	key := bytes.Clone(server)
	copy(key[len(key)-len(client):], client)
	return key, nil
}
