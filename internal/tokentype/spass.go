package tokentype

import (
	"context"

	"symbolon/internal/audit"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/token"
)

// SPass is the simple pass token: its PIN is all (token-types.md B.7). It has
// no code, so a check of a code alone is refused, and it asks no questions.
type SPass struct{}

var (
	_ token.Enroller      = SPass{}
	_ token.Authenticator = SPass{}
)

// The rules for PINs of this type come before the general ones. They are looked
// up where PINs are checked (policies.md 4.4); here they are declared.
var (
	spassPINMin      = actorInt(policy.Meta{Name: "spass_otp_pin_minlength", Doc: "PINs of simple pass tokens have so many characters at least.", Group: "pin"})
	spassPINMax      = actorInt(policy.Meta{Name: "spass_otp_pin_maxlength", Doc: "PINs of simple pass tokens have so many characters at most.", Group: "pin"})
	spassPINContents = actorText(policy.Meta{Name: "spass_otp_pin_contents", Doc: "The kinds of characters in PINs of simple pass tokens.", Group: "pin"})
)

// spassKey is the length of the key that is made and shown, though nothing uses it.
const spassKey = 20

// Info implements token.Type.
func (SPass) Info() token.Info {
	return token.Info{ID: "spass", Prefix: "PISP", Title: "Simple pass: the PIN is all", Standalone: true,
		EnrolBy: []realm.Role{realm.Admin, realm.Owner},
		Actions: []policy.Defined{spassPINMin.admin, spassPINMin.user, spassPINMax.admin, spassPINMax.user,
			spassPINContents.admin, spassPINContents.user},
		EnrollParams: []string{"otplen", "spass.*"}}
}

// Enroll implements token.Enroller. Clients expect a key in the answer.
func (SPass) Enroll(_ context.Context, c *token.Case, d *token.Draft, p token.Params) (token.Enrolment, error) {
	n, err := digits(d, p)
	if err != nil {
		return token.Enrolment{}, err
	}
	s, err := generateSeed(c, spassKey)
	if err != nil {
		return token.Enrolment{}, err
	}
	d.Token.Digits, d.Secret = n, &s.key
	d.SetInfo("tokenkind", "software")
	copyOwn(d, p, "spass")
	return token.Enrolment{Shown: []token.Shown{s.shown()}}, nil
}

// Authenticate implements token.Authenticator: the whole password is the PIN.
// Nothing is spent, since a PIN may be used again.
func (SPass) Authenticate(ctx context.Context, c *token.Case, t *token.Token, password string) (token.Match, error) {
	ok, changes, err := c.RightPIN(ctx, t, password)
	if err != nil {
		return token.Match{}, err
	}
	outcome := "wrong"
	if ok {
		outcome = "right"
	}
	c.Note(audit.Step{What: "pin", Object: t.Serial, Outcome: outcome})
	return token.Match{OK: ok, PIN: ok, Changes: changes}, nil
}
