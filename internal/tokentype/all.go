// Package tokentype holds the token types, one file a type: what each reads at
// its enrolment, which codes it accepts, and which policies of its own it
// obeys (token-types.md).
//
// It leaves to others: PINs and fail counters and the order of checks
// (internal/authn), limits, rights and serials at enrolment (internal/enroll),
// storing (internal/store), wording (internal/api/...), and the arithmetic of
// the codes (protocol/...). A type changes nothing; it says what shall change.
package tokentype

import "symbolon/internal/token"

// All returns every type of this build.
func All() []token.Type {
	return []token.Type{HOTP{}, TOTP{}, SPass{}}
}
