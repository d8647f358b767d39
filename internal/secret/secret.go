// Package secret holds values that must never be printed, logged or compared
// in a way that tells their content.
package secret

import "crypto/subtle"

// Bytes is a seed, a key, a PIN or a password. Formatting or marshalling it
// gives a placeholder. The zero Bytes is empty.
type Bytes struct{ b []byte }

// New takes b over: the caller does not use it any more.
func New(b []byte) Bytes { return Bytes{b} }

// Text returns the bytes of s as a secret.
func Text(s string) Bytes { return Bytes{[]byte(s)} }

// Reveal returns the content itself, not a copy. The name is meant to be
// searched for in reviews.
func (s Bytes) Reveal() []byte { return s.b }

// RevealText returns the content as text, for interfaces that want a string.
func (s Bytes) RevealText() string { return string(s.b) }

// Len returns the number of bytes.
func (s Bytes) Len() int { return len(s.b) }

// Equal compares in a time that depends on the lengths only.
func (s Bytes) Equal(o Bytes) bool { return subtle.ConstantTimeCompare(s.b, o.b) == 1 }

// Clear overwrites the content.
func (s Bytes) Clear() { clear(s.b) }

const hidden = "[secret]"

// String implements fmt.Stringer.
func (Bytes) String() string { return hidden }

// GoString implements fmt.GoStringer.
func (Bytes) GoString() string { return hidden }

// MarshalText implements encoding.TextMarshaler, and with it JSON and slog.
func (Bytes) MarshalText() ([]byte, error) { return []byte(hidden), nil }
