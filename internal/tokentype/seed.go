package tokentype

import (
	"encoding/hex"
	"errors"
	"io"
	"strconv"
	"strings"

	"symbolon/internal/fault"
	"symbolon/internal/secret"
	"symbolon/internal/token"
	"symbolon/protocol/otp"
)

// Bounds of keys, in bytes. Shorter ones can be found by trying; longer ones
// than the block of SHA-512 are hashed down by HMAC and fit no QR code.
const (
	minKey = 16
	maxKey = 128
)

// seed is a key with the hex form it is shown in: letters as they were sent.
type seed struct {
	key secret.Bytes
	hex secret.Bytes
}

func seedOf(key []byte) seed {
	text := make([]byte, hex.EncodedLen(len(key)))
	hex.Encode(text, key)
	return seed{secret.New(key), secret.New(text)}
}

// generateSeed draws a key of so many bytes.
func generateSeed(c *token.Case, size int) (seed, error) {
	key := make([]byte, size)
	if _, err := io.ReadFull(c.Rand, key); err != nil {
		return seed{}, err
	}
	return seedOf(key), nil
}

// readSeed reads the parameter otpkey in the format otpkeyformat: hex (default)
// or base32check. Any length is right; see checkSize.
func readSeed(p token.Params) (seed, error) {
	text, err := p.Need("otpkey")
	if err != nil {
		return seed{}, err
	}
	switch format := p["otpkeyformat"]; format {
	case "", "hex":
		key, err := otp.ParseHex(text)
		if err != nil {
			return seed{}, fault.New(fault.SeedNotHex)
		}
		return seed{secret.New(key), secret.Text(text)}, nil
	case "base32check":
		key, err := otp.DecodeBase32Check(text)
		switch {
		case errors.Is(err, otp.ErrTooShort):
			return seed{}, fault.New(fault.SeedTooShort32)
		case errors.Is(err, otp.ErrChecksum):
			return seed{}, fault.New(fault.SeedChecksum)
		case err != nil:
			return seed{}, fault.New(fault.SeedBase32)
		}
		return seedOf(key), nil
	default:
		return seed{}, fault.New(fault.SeedFormat, format)
	}
}

// checkSize refuses keys that could be guessed, and those that nothing can show.
func (s seed) checkSize() error {
	switch n := s.key.Len(); {
	case n < minKey:
		return fault.New(fault.SeedTooShort)
	case n > maxKey:
		return fault.New(fault.ParameterInvalid, "otpkey")
	}
	return nil
}

// shown is the key as an enrolment shows it.
func (s seed) shown() token.Shown {
	return token.Shown{Name: "otpkey", Title: "OTP seed", URL: secret.New(append([]byte("seed://"), s.hex.Reveal()...))}
}

// keySize is the size of a key to generate: parameter keysize, or the usual one.
func keySize(p token.Params, usual int) (int, error) {
	text := p["keysize"]
	if text == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(text)
	switch {
	case err != nil:
		return 0, fault.New(fault.NotANumber, "keysize")
	case n < minKey:
		return 0, fault.New(fault.SeedTooShort)
	case n > maxKey:
		return 0, fault.New(fault.ParameterInvalid, "keysize")
	}
	return n, nil
}

// digits is the length of the codes: parameter otplen, or what the token has.
func digits(d *token.Draft, p token.Params) (int, error) {
	text := p["otplen"]
	if text == "" {
		if d.Token.Digits == 0 {
			return usualDigits, nil
		}
		return d.Token.Digits, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fault.New(fault.NotANumber, "otplen")
	}
	return n, checkDigits(n)
}

const usualDigits = 6

func checkDigits(n int) error {
	if n < otp.MinDigits || n > otp.MaxDigits {
		return fault.New(fault.DigitsInvalid)
	}
	return nil
}

// copyOwn keeps the parameters that begin with the type's name and a dot as
// information of the token, word by word.
func copyOwn(d *token.Draft, p token.Params, id string) {
	for name, value := range p {
		// A key that ends in .type tells the form of another one.
		if strings.HasPrefix(name, id+".") && !strings.HasSuffix(name, ".type") {
			d.SetInfo(name, value)
		}
	}
}
