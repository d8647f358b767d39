// Package keyring keeps the server's own keys and does everything that needs
// them: it seals secrets for the database, binds each to its place there, and
// hashes PINs and administrators' passwords.
//
// The keys come from a file of random keys; a passphrase over them, hardware
// and rotation have their place in the formats, but do not exist yet. Which
// PIN belongs to whom, when it is checked and what follows is left to the
// callers, and so is storing what is sealed.
package keyring

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"io"

	"symbolon/internal/heavy"
	"symbolon/internal/secret"
	"symbolon/internal/token"
)

// Options are what a Ring needs besides its keys. The zero Options are those of
// a server; tests take a cheap Cost.
type Options struct {
	Rand io.Reader   // nil: the system's
	Cost Cost        // zero: HouseCost
	Pool *heavy.Pool // nil: a pool of its own, with as many places as there are processors
	Warm int         // how many right PINs are remembered; 0: 65,536
}

// Ring is an open set of keys. It is safe for use by many goroutines and prints
// nothing of itself.
type Ring struct {
	rand    io.Reader
	cost    Cost
	pool    *heavy.Pool
	warm    *warm
	derive  func(form, []byte) []byte
	ciphers map[uint16]cipher.AEAD
	sealID  uint16 // the key that seals
	peppers map[uint16]secret.Bytes
	pinID   uint16 // the pepper of new hashes
	jwt     secret.Bytes
	audit   secret.Bytes
}

var _ token.Vault = (*Ring)(nil)

// New returns a Ring of fresh keys that are stored nowhere, for tests and for
// servers that keep nothing.
func New(o Options) (*Ring, error) {
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	keys, err := draw(o.Rand)
	if err != nil {
		return nil, err
	}
	return ring(keys, o)
}

// ring makes a Ring from the keys of a file.
func ring(keys []key, o Options) (*Ring, error) {
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Cost == (Cost{}) {
		o.Cost = HouseCost()
	}
	if o.Pool == nil {
		o.Pool = heavy.New(0)
	}
	if o.Warm == 0 {
		o.Warm = 1 << 16
	}
	if err := o.Cost.check(); err != nil {
		return nil, err
	}
	r := &Ring{rand: o.Rand, cost: o.Cost, pool: o.Pool, derive: derive,
		ciphers: map[uint16]cipher.AEAD{}, peppers: map[uint16]secret.Bytes{}}
	var err error
	if r.warm, err = newWarm(o.Rand, o.Warm); err != nil {
		return nil, err
	}
	for _, k := range keys {
		if err := r.add(k); err != nil {
			return nil, err
		}
	}
	if len(r.ciphers) == 0 || len(r.peppers) == 0 || r.jwt.Len() == 0 || r.audit.Len() == 0 {
		return nil, errors.New("a key is missing: data, pin, jwt and audit are needed")
	}
	return r, nil
}

// add takes one key; of several with one use the last is used for what is new.
func (r *Ring) add(k key) error {
	if len(k.Key) != keySize {
		return fmt.Errorf("key %q %d has %d bytes, it needs %d", k.Use, k.ID, len(k.Key), keySize)
	}
	switch k.Use {
	case useData:
		if _, twice := r.ciphers[k.ID]; twice {
			return fmt.Errorf("key %q %d is there twice", k.Use, k.ID)
		}
		block, err := aes.NewCipher(k.Key)
		if err != nil {
			return err
		}
		if r.ciphers[k.ID], err = cipher.NewGCM(block); err != nil {
			return err
		}
		r.sealID = k.ID
	case usePIN:
		if _, twice := r.peppers[k.ID]; twice {
			return fmt.Errorf("key %q %d is there twice", k.Use, k.ID)
		}
		r.peppers[k.ID] = secret.New(k.Key)
		r.pinID = k.ID
	case useJWT:
		r.jwt = secret.New(k.Key)
	case useAudit:
		r.audit = secret.New(k.Key)
	default:
		// A newer server's keys cannot be kept apart from a damaged file.
		return fmt.Errorf("key %q is for nothing that this server knows", k.Use)
	}
	return nil
}

// SigningKey returns the key of the tokens that /auth issues (HMAC-SHA-256).
func (r *Ring) SigningKey() secret.Bytes { return r.jwt }

// AuditSeed returns the 32 bytes that the key of the audit trail's signatures
// (Ed25519) is made from.
func (r *Ring) AuditSeed() secret.Bytes { return r.audit }

// Format implements fmt.Formatter: the ciphers' state is the key, and would be
// printed otherwise.
func (*Ring) Format(f fmt.State, _ rune) { io.WriteString(f, "[keyring]") }
