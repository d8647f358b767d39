package authn

import (
	"encoding/binary"
	"fmt"
	"time"

	"symbolon/internal/setting"
	"symbolon/internal/token"
)

// Rules are the points in which the products judge differently. A dialect
// chooses them; nothing in the engine knows which product is asked.
type Rules struct {
	// UsableFirst: a token that cannot be used is not looked at (privacyIDEA
	// from 3.13). Without it, it is sorted like the others and its right code
	// is spent (eduMFA).
	UsableFirst bool
	// TypeByPolicy: a request may restrict the token types only where the policy
	// application_tokentype allows it.
	TypeByPolicy bool
	// RealmByPolicy: the policy set_realm moves the user to another realm before
	// the look-up.
	RealmByPolicy bool
	// DisabledTypes, ForceChallenge: these policies exist.
	DisabledTypes, ForceChallenge bool
	// Hiding: policies hide reasons, statuses and the version.
	Hiding bool
	// ChallengeTags: challenge texts have tags, and "\," stands for a comma.
	ChallengeTags bool
	// DistinctTexts: equal challenge texts are said once.
	DistinctTexts bool
	// LastAuthText: the layout of a token's last use where it is shown.
	LastAuthText string
	// Types are the points that token types decide differently.
	Types token.TypeRules
	// TransactionID makes an id of eight random bytes.
	TransactionID func(random [8]byte) string
}

// twentyDigits is the transaction id of privacyIDEA and eduMFA: the bytes as a
// decimal number, padded to 20 digits (token-engine.md 1.5).
func twentyDigits(b [8]byte) string { return fmt.Sprintf("%020d", binary.BigEndian.Uint64(b[:])) }

// PrivacyIDEA judges as privacyIDEA 3.14 does.
func PrivacyIDEA() Rules {
	return Rules{UsableFirst: true, TypeByPolicy: true, RealmByPolicy: true, DisabledTypes: true, ForceChallenge: true,
		Hiding: true, ChallengeTags: true, DistinctTexts: true, LastAuthText: "2006-01-02 15:04:05.000000-0700",
		Types: token.TypeRules{KeyImplied: true, TwoStepOnRollover: true, URLCreator: "privacyidea",
			URLIssuer: "privacyIDEA", URLSerial: true, AppUnlock: true, DecimalShift: true},
		TransactionID: twentyDigits}
}

// EduMFA judges as eduMFA 2.10 does.
func EduMFA() Rules {
	return Rules{LastAuthText: "2006-01-02 15:04:05.000000-07:00", TransactionID: twentyDigits,
		Types: token.TypeRules{URLAsAsked: true, URLNeedsUser: true, URLIssuer: "eduMFA"}}
}

// clearOnUse is the time after which a full fail counter opens again when the
// token is tried; clearOnFailure the same for a wrong code.
func (r Rules) clearOnUse(s setting.Settings) time.Duration { return setting.ClearFailuresAfter(s) }

func (r Rules) clearOnFailure(s setting.Settings) time.Duration {
	if r.UsableFirst || setting.ResetFailuresOnPIN.In(s) {
		return setting.ClearFailuresAfter(s)
	}
	return 0
}
