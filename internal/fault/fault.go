// Package fault names what a caller can do wrong. A fault carries a kind and
// the values that belong to it; how it reads and which code and status it gets
// is decided by the dialect that answers, in one table.
package fault

import (
	"errors"
	"fmt"
)

//go:generate go run golang.org/x/tools/cmd/stringer@v0.52.0 -type Kind -output kind_string.go

// Kind classifies a fault. The comment says which arguments belong to it.
type Kind int

// The kinds.
const (
	Malformed             Kind = iota + 1 // what about the request cannot be read: a short English text
	ParameterMissing                      // name
	ParameterMissingOneOf                 // names ([]string)
	ParameterEmpty                        // name
	ParameterInvalid                      // name
	NotANumber                            // name

	// Who calls.
	WrongCredentials    // none
	UsernameMissing     // none
	LoginRealmUnknown   // realm
	HeaderMissing       // none
	JWTUndecodable      // the reason, a short English text
	JWTExpired          // none
	RoleMissing         // the roles that may ([]string)
	TimeLimitExceeded   // none: auth_max_* at /auth
	LoginDisabled       // none
	APIKeyMissing       // none
	APIKeyWrong         // none
	APIClientKeyMissing // none

	// Rights and policies.
	ActionNotAllowed     // scope (admin, user), action
	ActionNotAllowedAny  // scope, action: for none of several serials
	EnrolNotAllowed      // scope
	PINAtEnrolment       // none
	PoliciesConflict     // names ([]string)
	PassthruConflict     // none
	SetRealmConflict     // none
	ConditionInvalid     // policy, section: the comparison cannot be made
	ConditionObject      // policy, section, key, object: the object is unavailable
	ConditionKey         // policy, section, key: the object has no such key
	ConditionMalformed   // text, policy: an invalid stored condition that is active
	PINPolicy            // what is wrong ([]policy.PINFlaw), in order
	PINPolicyMalformed   // none
	PINPolicySpecifier   // none: unknown character class
	RandomPINPolicy      // scope
	TwoStepPolicy        // value
	DescriptionRequired  // type
	TooManyOfUser        // none
	TooManyOfUserType    // type
	TooManyActive        // none
	TooManyActiveType    // type
	TooManyInRealm       // none
	SerialNotAllowed     // none
	TypeNotAllowed       // none
	InfoNotAllowed       // key
	NotAuthorized        // none: deny_access
	ChallengesNotAllowed // login@realm
	AttributeSet         // key: not allowed to set it
	AttributeDelete      // key: not allowed to delete it
	AttributeForeign     // none: a user deleting another's attribute

	// Tokens.
	SubjectMissing     // none: neither user nor serial
	SubjectOrSerial    // none: "provide user or serial"
	SerialsMissing     // none
	SerialTaken        // serial: a token that is to be new is there already
	SerialInvalid      // none: characters
	SerialWildcard     // none: * in serial
	UserPercent        // none: % in user
	SerialNotOfUser    // none
	TokenNotFound      // none
	TokensNotFound     // serials ([]string)
	TokenAmbiguous     // none: more than one
	TypeUnknown        // type
	TypeDiffers        // serial, old type, new type
	TokenLocked        // none
	AllRevoked         // none
	TokenAssigned      // the owner (realm.User)
	TokenAssignedOther // none: as a user sees it
	TokenForeign       // none: assigned to somebody else, at enrolment
	CopyFrom           // none
	CopyTo             // none
	NotYourToken       // owner (realm.User), serial
	NoOwner            // none: lost token without owner
	SeedNotHex         // none
	SeedTooShort       // none
	SeedFormat         // format
	SeedBase32         // none
	SeedTooShort32     // none: base32check without room for its checksum
	SeedChecksum       // none
	SeedAndGenkey      // none
	HashUnknown        // name
	ClientPartSize     // the size expected of the client's part in a two-step enrolment, the size sent
	DigitsInvalid      // none
	ValidityStart      // none: cannot be parsed
	ValidityEnd        // none
	InfoInvalid        // key: a value that cannot be stored under a reserved key
	NotNow             // parameter: only in the first step
	VerifyMissing      // none
	VerifyWrong        // none
	SeveralMatch       // none: several tokens match this code
	SerialAndUser      // none: a serial in the path and a user beside it
	NoEndpoint         // type
	TransactionMissing // none
	Busy               // none: lost every race; nothing has happened
	GroupUnknown       // none
	GroupNotOfToken    // name

	// Users, realms, resolvers.
	UserUnknown         // user as login@realm or login.resolver@realm
	UserNotFound        // none: "in any resolver in this realm"
	UserMissing         // none
	ResolverUnknown     // name
	ResolverTypeUnknown // type
	ResolverTypeDiffers // name
	ResolverInUse       // resolver, realm
	ResolverNotEditable // name
	ResolverFailed      // name: it could not be asked
	AdminTaken          // name of an administrator who is there already
	NameInvalid         // name: characters of a realm's or resolver's name
	RealmUnknown        // name
	RealmInUse          // none
	RealmHasAttributes  // realm, keys ([]string)
	SettingsNoObject    // none: personal settings that are no JSON object
	SettingsTooLarge    // bytes allowed
	SettingsOfNobody    // role, login: it is not known whose they would be
	NodeUnknown         // none
	NodeData            // none
	DefinitionNotFound  // wire name of the model: Realm, Policy, Resolver, ...

	// Policies as definitions.
	PolicyNameReserved   // name
	PolicyNameInvalid    // none
	PolicyNameBlank      // none
	PolicyScopeInvalid   // scope, name
	PolicyActionsUnknown // names ([]string)
	PolicyActionValue    // action, why: a short text
	PolicyUndefined      // what (User-realms, Resolvers, nodes, Admin realms), names ([]string)
	PolicyPriority       // none
	PolicyClient         // none
	PolicyTime           // text
	PolicyConditionSize  // name, number of values, the condition ([]any)
	PolicyCondition      // name, text of 3.4, the condition ([]any)
	PolicyRegex          // field, entry
	PolicyUnknown        // name: at rename
	PolicyExists         // name
	PolicyNotFound       // name: at enable and disable
	PolicyScopeRequired  // none
	PolicyFileEmpty      // none
	PolicyFileBinary     // none
	RealmDropdown        // realms ([]string), nil: none given
	PolicyLockout        // none: the change would take the author's own right to undo it

	// System.
	SetDefaultUsage // none
	KeyringReady    // none: the security module is set up already
	KeyringNotReady // none
	SettingInvalid  // name
	NotSupported    // what: a short English text
	TooLarge        // what

	end
)

// Kinds returns every kind, so that a dialect's table can be tested to be complete.
func Kinds() (all []Kind) {
	for k := Malformed; k < end; k++ {
		all = append(all, k)
	}
	return all
}

// KindOf returns the kind with the name that Kind.String gives: the trail keeps
// names, since numbers move when a kind is added.
func KindOf(name string) (Kind, bool) {
	for _, k := range Kinds() {
		if k.String() == name {
			return k, true
		}
	}
	return 0, false
}

// Fault is an error the caller made and may be told about.
type Fault struct {
	Kind Kind
	Args []any
}

// New returns a fault; args are those the kind's comment names.
func New(k Kind, args ...any) *Fault { return &Fault{k, args} }

// Error implements error, for logs; callers read the dialect's text.
func (f *Fault) Error() string { return fmt.Sprintf("fault %s %v", f.Kind, f.Args) }

// Is reports whether err is a fault of kind k.
func Is(err error, k Kind) bool {
	var f *Fault
	return errors.As(err, &f) && f.Kind == k
}

// Of returns the fault in err, or nil.
func Of(err error) *Fault {
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return nil
}
