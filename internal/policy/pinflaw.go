package policy

// PINFlawKind says what is wrong with a PIN.
type PINFlawKind int

// What can be wrong.
const (
	PINTooShort         PINFlawKind = iota + 1 // Number: the minimum
	PINTooLong                                 // Number: the maximum
	PINCharacter                               // a character that is not allowed
	PINCharacterMissing                        // Characters: one of these has to be there
)

// PINFlaw is one thing that a PIN policy finds wrong with a PIN (policies.md 4.4).
type PINFlaw struct {
	Kind       PINFlawKind
	Number     int
	Characters string
}
