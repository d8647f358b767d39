package conformance

import (
	"crypto/pbkdf2"
	"crypto/sha1"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// twoStepKey is twostepkey SERVERHEX CLIENTHEX ROUNDS BYTES: the key that both
// sides derive in a two-step enrolment, in hex.
func twoStepKey(a []string) (string, error) {
	if len(a) != 4 {
		return "", fmt.Errorf("want SERVERHEX CLIENTHEX ROUNDS BYTES")
	}
	salt, err := hex.DecodeString(a[1])
	if err != nil {
		return "", err
	}
	rounds, err := strconv.Atoi(a[2])
	if err != nil {
		return "", err
	}
	size, err := strconv.Atoi(a[3])
	if err != nil {
		return "", err
	}
	key, err := pbkdf2.Key(sha1.New, strings.ToLower(a[0]), salt, rounds, size)
	return hex.EncodeToString(key), err
}

// base32Check is base32check HEX: the base32 of four bytes of the checksum and
// the bytes, unpadded, as an app shows its part of the key.
func base32Check(a []string) (string, error) {
	if len(a) != 1 {
		return "", fmt.Errorf("want HEX")
	}
	raw, err := hex.DecodeString(a[0])
	if err != nil {
		return "", err
	}
	sum := sha1.Sum(raw)
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(append(sum[:4], raw...)), nil
}
