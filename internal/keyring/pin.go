package keyring

import (
	"context"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"io"

	"golang.org/x/crypto/argon2"

	"symbolon/internal/secret"
	"symbolon/internal/token"
)

// What is hashed. The kind is part of what goes into the hash, so a PIN's hash
// is worthless as an administrator's. The row is not: PINs are copied from one
// token to another.
const (
	kindPIN   = "pin"
	kindAdmin = "admin"
)

// foreignPepper is what privacyIDEA and eduMFA put before an administrator's
// password when nobody configured anything else (users-audit-events.md 4).
const foreignPepper = "missing"

// HashPIN implements token.Vault. The empty PIN has the empty form.
func (r *Ring) HashPIN(ctx context.Context, _ *token.Token, pin secret.Bytes) (string, error) {
	if pin.Len() == 0 {
		return "", nil
	}
	return r.hash(ctx, kindPIN, pin)
}

// CheckPIN implements token.Vault. It returns ErrForm for a stored form that
// it cannot check.
func (r *Ring) CheckPIN(ctx context.Context, t *token.Token, pin secret.Bytes) (ok bool, better string, err error) {
	return r.check(ctx, kindPIN, t.PINHash, pin)
}

// HashAdmin returns the form an administrator's password is stored in.
func (r *Ring) HashAdmin(ctx context.Context, password secret.Bytes) (string, error) {
	return r.hash(ctx, kindAdmin, password)
}

// CheckAdmin reports whether password is the one stored, and like CheckPIN the
// form it should be stored in from now on, or "".
func (r *Ring) CheckAdmin(ctx context.Context, stored string, password secret.Bytes) (ok bool, better string, err error) {
	return r.check(ctx, kindAdmin, stored, password)
}

// CheckNobody takes as long as a CheckAdmin that fails. It is for names that no
// administrator has.
func (r *Ring) CheckNobody(ctx context.Context, password secret.Bytes) error {
	f := form{house: true, key: r.pinID, algorithm: argon2id, cost: r.cost,
		salt: make([]byte, 16), sum: make([]byte, 32)}
	_, _, err := r.check(ctx, kindAdmin, f.String(), password)
	return err
}

func (r *Ring) hash(ctx context.Context, kind string, pin secret.Bytes) (string, error) {
	f := form{house: true, key: r.pinID, algorithm: argon2id, cost: r.cost,
		salt: make([]byte, 16), sum: make([]byte, 32)}
	if _, err := io.ReadFull(r.rand, f.salt); err != nil {
		return "", err
	}
	text, err := r.text(f, kind, pin)
	if err != nil {
		return "", err
	}
	sum, err := r.compute(ctx, f, text)
	if err != nil {
		return "", err
	}
	f.sum = sum
	return f.String(), nil
}

func (r *Ring) check(ctx context.Context, kind, stored string, pin secret.Bytes) (ok bool, better string, err error) {
	w := r.warm.tag(kind, stored, pin.Reveal())
	if r.warm.has(w) {
		return true, "", nil
	}
	f, err := parseForm(stored)
	if err != nil {
		return false, "", err
	}
	text, err := r.text(f, kind, pin)
	if err != nil {
		return false, "", err
	}
	sum, err := r.compute(ctx, f, text)
	if err != nil {
		return false, "", err
	}
	if subtle.ConstantTimeCompare(sum, f.sum) != 1 {
		return false, "", nil
	}
	if f.house && f.key == r.pinID && f.cost == r.cost {
		r.warm.add(w)
		return true, "", nil
	}
	better, err = r.hash(ctx, kind, pin)
	return err == nil, better, err
}

// text returns what f's function gets: for the house's own hashes the PIN
// under the pepper, for others what their server gave it.
func (r *Ring) text(f form, kind string, pin secret.Bytes) ([]byte, error) {
	switch {
	case !f.house && kind == kindAdmin:
		return append([]byte(foreignPepper), pin.Reveal()...), nil
	case !f.house:
		return pin.Reveal(), nil
	}
	pepper, ok := r.peppers[f.key]
	if !ok {
		return nil, fmt.Errorf("%w: its key %d is not in the key file", ErrForm, f.key)
	}
	h := hmac.New(sha256.New, pepper.Reveal())
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(kind)))
	h.Write(n[:])
	io.WriteString(h, kind)
	h.Write(pin.Reveal())
	return h.Sum(nil), nil
}

// compute waits for its place in the pool and derives as many bytes as f.sum has.
func (r *Ring) compute(ctx context.Context, f form, text []byte) (sum []byte, err error) {
	// A foreign hash that needs the memory of several takes the places of several.
	weight := int((f.cost.Memory + r.cost.Memory - 1) / r.cost.Memory)
	err = r.pool.Do(ctx, weight, func() { sum = r.derive(f, text) })
	return sum, err
}

func derive(f form, text []byte) []byte {
	n := len(f.sum)
	switch f.algorithm {
	case argon2id:
		return argon2.IDKey(text, f.salt, f.cost.Time, f.cost.Memory, f.cost.Threads, uint32(n))
	case argon2i:
		return argon2.Key(text, f.salt, f.cost.Time, f.cost.Memory, f.cost.Threads, uint32(n))
	}
	sum, err := pbkdf2.Key(sha512.New, string(text), f.salt, f.rounds, n)
	if err != nil {
		return nil
	}
	return sum
}
