package keyring

import (
	"encoding/binary"
	"errors"
	"io"
	"strconv"

	"symbolon/internal/secret"
	"symbolon/internal/token"
)

// ErrDoesNotOpen is returned for a sealed value that was changed, that belongs
// to another row or field, or whose key this server does not have.
var ErrDoesNotOpen = errors.New("the sealed value does not open")

// A sealed value is
//
//	format (1 byte) | key id (2 bytes) | nonce (12 bytes) | ciphertext and tag
//
// The first three bytes and the value's place are authenticated with it.
const (
	sealFormat = 1
	headSize   = 3
	nonceSize  = 12
)

// Seal implements token.Vault. The token's ID must be set: the result opens for
// that row alone.
func (r *Ring) Seal(t *token.Token, s secret.Bytes) ([]byte, error) {
	if t.ID == 0 {
		return nil, errors.New("sealing for a token without ID")
	}
	return r.seal(s, placeOf(t)...)
}

// Open implements token.Vault. A token without a sealed value does not open:
// an emptied column must not become an empty key.
func (r *Ring) Open(t *token.Token) (secret.Bytes, error) {
	return r.open(t.Sealed, placeOf(t)...)
}

func placeOf(t *token.Token) []string {
	return []string{"token", strconv.FormatInt(int64(t.ID), 10), "secret"}
}

// SealText implements token.Vault. Whoever writes the database can move a value
// between places of the same purpose.
func (r *Ring) SealText(purpose string, s secret.Bytes) ([]byte, error) {
	return r.seal(s, "text", purpose)
}

// OpenText implements token.Vault.
func (r *Ring) OpenText(purpose string, sealed []byte) (secret.Bytes, error) {
	return r.open(sealed, "text", purpose)
}

func (r *Ring) seal(s secret.Bytes, place ...string) ([]byte, error) {
	out := make([]byte, headSize+nonceSize, headSize+nonceSize+s.Len()+16)
	out[0] = sealFormat
	binary.BigEndian.PutUint16(out[1:], r.sealID)
	nonce := out[headSize:]
	if _, err := io.ReadFull(r.rand, nonce); err != nil {
		return nil, err
	}
	return r.ciphers[r.sealID].Seal(out, nonce, s.Reveal(), bound(out[:headSize], place)), nil
}

func (r *Ring) open(sealed []byte, place ...string) (secret.Bytes, error) {
	if len(sealed) < headSize+nonceSize || sealed[0] != sealFormat {
		return secret.Bytes{}, ErrDoesNotOpen
	}
	c, ok := r.ciphers[binary.BigEndian.Uint16(sealed[1:])]
	if !ok {
		return secret.Bytes{}, ErrDoesNotOpen
	}
	head, rest := sealed[:headSize], sealed[headSize:]
	plain, err := c.Open(nil, rest[:nonceSize], rest[nonceSize:], bound(head, place))
	if err != nil {
		return secret.Bytes{}, ErrDoesNotOpen
	}
	return secret.New(plain), nil
}

// bound is what is authenticated beside the value: its head and, each with its
// length before it, the parts of its place.
func bound(head []byte, place []string) []byte {
	out := append([]byte(nil), head...)
	for _, p := range place {
		out = binary.BigEndian.AppendUint64(out, uint64(len(p)))
		out = append(out, p...)
	}
	return out
}
