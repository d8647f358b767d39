package envelope

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
)

// Signing says how an answer is signed. Without a key it is not.
type Signing struct {
	Key      *rsa.PrivateKey
	Rand     io.Reader
	Nonce    any  // the request's parameter nonce; nil or "": none
	Trailing bool // nonce and signature come after the other keys, not among them
}

// ContentType is that of all JSON answers.
const ContentType = "application/json"

// Write returns body as it goes over the wire: unsigned compact with a newline,
// signed with blanks and without (rest-api.md 3.3, 3.5).
func Write(body map[string]any, s Signing) ([]byte, error) {
	if s.Key == nil {
		b, err := AppendJSON(make([]byte, 0, 512), body, Compact)
		if err != nil {
			return nil, err
		}
		return append(b, '\n'), nil
	}
	// Each value is written once and used twice: signed and sent.
	members := make(map[string][]byte, len(body)+2)
	for k, v := range body {
		b, err := AppendJSON(nil, v, Spaced)
		if err != nil {
			return nil, err
		}
		members[k] = b
	}
	last := []string{}
	if s.Nonce != nil && s.Nonce != "" {
		b, err := AppendJSON(nil, s.Nonce, Spaced)
		if err != nil {
			return nil, err
		}
		members["nonce"] = b
		last = append(last, "nonce")
	}
	signature, err := Sign(s.Key, s.Rand, assemble(members, nil))
	if err != nil {
		return nil, err
	}
	members["signature"] = appendString(nil, signature)
	if !s.Trailing {
		return assemble(members, nil), nil
	}
	return assemble(members, append(last, "signature")), nil
}

// assemble joins written members in the order of their keys, those named last
// at the end.
func assemble(members map[string][]byte, last []string) []byte {
	keys := slices.DeleteFunc(slices.Sorted(maps.Keys(members)), func(k string) bool { return slices.Contains(last, k) })
	keys = append(keys, last...)
	var b bytes.Buffer
	b.WriteByte('{')
	for i, k := range keys {
		if i > 0 {
			b.WriteString(", ")
		}
		b.Write(appendString(nil, k))
		b.WriteString(": ")
		b.Write(members[k])
	}
	b.WriteByte('}')
	return b.Bytes()
}

// Sign returns the signature of a text in the form of the wire: RSASSA-PSS with
// SHA-256 and the longest possible salt, in hex after its name.
func Sign(key *rsa.PrivateKey, random io.Reader, text []byte) (string, error) {
	sum := sha256.Sum256(text)
	sig, err := rsa.SignPSS(random, key, crypto.SHA256, sum[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthAuto})
	if err != nil {
		return "", fmt.Errorf("sign the answer: %w", err)
	}
	return "rsa_sha256_pss:" + hex.EncodeToString(sig), nil
}
