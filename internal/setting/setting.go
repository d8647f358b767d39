// Package setting holds the product settings that administrators change while
// the server runs (the system configuration of rest-api.md 15). A setting the
// server obeys is declared here once, typed, and can be read only through its
// variable; others are kept and shown as they are. Start settings are not
// here but in internal/app.
package setting

import (
	"strconv"
	"strings"
	"time"
)

// Entry is one stored setting.
type Entry struct {
	Value       string
	Type        string // "", public, password
	Description string
}

// Settings are all stored settings by name. They are never changed after they
// were compiled into a site.
type Settings map[string]Entry

// Bool is a setting that is on or off.
type Bool struct {
	Name    string
	Default bool
}

// In reports whether the setting is on: 1, true, True, TRUE are; a missing one
// has its default.
func (b Bool) In(s Settings) bool {
	e, ok := s[b.Name]
	if !ok {
		return b.Default
	}
	return IsTrue(e.Value)
}

// IsTrue is the rule of the API for truth (rest-api.md 2.3).
func IsTrue(s string) bool { return s == "1" || s == "True" || s == "true" || s == "TRUE" }

// Int is a setting with a whole number; values that are none, or below Min, count as missing.
type Int struct {
	Name    string
	Default int64
	Min     int64
}

// In returns the setting.
func (i Int) In(s Settings) int64 {
	e, ok := s[i.Name]
	if !ok {
		return i.Default
	}
	n, err := strconv.ParseInt(strings.TrimSpace(e.Value), 10, 64)
	if err != nil || n < i.Min {
		return i.Default
	}
	return n
}

// Text is a setting with a free text.
type Text struct {
	Name    string
	Default string
}

// In returns the setting.
func (t Text) In(s Settings) string {
	if e, ok := s[t.Name]; ok {
		return e.Value
	}
	return t.Default
}

// The settings that belong to no token type.
var (
	PrependPIN             = Bool{Name: "PrependPin", Default: true}
	SplitAtSign            = Bool{Name: "splitAtSign", Default: true}
	CountFalsePIN          = Bool{Name: "IncFailCountOnFalsePin", Default: true}
	ReturnSAMLAttributes   = Bool{Name: "ReturnSamlAttributes", Default: true}
	ReturnSAMLOnFail       = Bool{Name: "ReturnSamlAttributesOnFail"}
	NoAuthCounter          = Bool{Name: "no_auth_counter"}
	ResetFailuresOnCounter = Bool{Name: "DefaultResetFailCount"}
	ResetFailuresOnPIN     = Bool{Name: "ResetFailcounterOnPIN"}
	AutoResync             = Bool{Name: "AutoResync"}
	AutoResyncTimeout      = Int{Name: "AutoResyncTimeout", Default: 300, Min: 1}
	DefaultDigits          = Int{Name: "DefaultOtpLen", Default: 6, Min: 1}
	DefaultWindow          = Int{Name: "DefaultCountWindow", Default: 10, Min: 1}
	DefaultSyncWindow      = Int{Name: "DefaultSyncWindow", Default: 1000, Min: 1}
	DefaultMaxFailures     = Int{Name: "DefaultMaxFailCount", Default: 10, Min: 1}
	DefaultChallengeLife   = Int{Name: "DefaultChallengeValidityTime", Default: 120, Min: 1}
	ClearFailuresMinutes   = Int{Name: "failcounter_clear_timeout", Default: 0, Min: 0}
	OverrideClient         = Text{Name: "OverrideAuthorizationClient"}
)

// ClearFailuresAfter is the time after which a full fail counter opens again; 0: never.
func ClearFailuresAfter(s Settings) time.Duration {
	return time.Duration(ClearFailuresMinutes.In(s)) * time.Minute
}

// Defaults are the settings a new server shows although nobody has set them
// (rest-api.md 15). ReturnSAMLAttributes is shown by eduMFA only.
func Defaults() []Bool { return []Bool{CountFalsePIN, PrependPIN, SplitAtSign} }
