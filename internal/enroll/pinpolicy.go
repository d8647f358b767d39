package enroll

import (
	"context"
	"unicode/utf8"

	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/token"
)

// pinAllowed decides which PIN the new token gets: whether one may be sent, a
// random one instead, and whether it keeps the rules.
func (s *step) pinAllowed(ctx context.Context) error {
	if s.info.NoPIN {
		s.in.PIN = nil
		return nil
	}
	view, scope := s.acting(ctx)
	if s.in.PIN != nil { // an empty one that is sent is set as well
		ok, err := policy.RightEnrollPIN.Granted(view, scope)
		switch {
		case err != nil:
			return err
		case !ok && s.in.Rules.DropPIN:
			s.in.PIN = nil
		case !ok:
			return fault.New(fault.PINAtEnrolment)
		}
	}
	if s.in.Rollover || s.in.Verify != nil {
		return nil
	}
	length, ok, err := policy.OTPPINRandom.In(s.enrolment(ctx))
	if err != nil {
		return err
	}
	if ok {
		pin, err := randomPIN(s.c, view, scope, s.info.ID, length)
		if err != nil {
			return err
		}
		s.in.PIN = &pin
	}
	pin := ""
	if s.in.PIN != nil {
		pin = *s.in.PIN
	}
	return CheckPIN(view, scope, s.info.ID, pin)
}

// pinAction is a PIN rule of a scope: the type's own, else the general one.
func pinAction(scope policy.Scope, typ, name string) (own, general policy.Meta) {
	return policy.Meta{Scope: scope, Name: typ + "_" + name}, policy.Meta{Scope: scope, Name: name}
}

func pinText(view policy.View, scope policy.Scope, typ, name string) (policy.Found, error) {
	own, general := pinAction(scope, typ, name)
	f, err := (policy.Text{Meta: own}).Find(view)
	if err != nil || f.Set {
		return f, err
	}
	return (policy.Text{Meta: general}).Find(view)
}

func pinNumber(view policy.View, scope policy.Scope, typ, name string) (int, bool, error) {
	own, general := pinAction(scope, typ, name)
	n, ok, err := (policy.Int{Meta: own}).In(view)
	if err != nil || ok {
		return n, ok, err
	}
	return (policy.Int{Meta: general}).In(view)
}

// CheckPIN tests a PIN by the rules that hold for the caller (policies.md 4.4).
// It returns the fault PINPolicy with the first flaw of length, or with those of
// its characters.
func CheckPIN(view policy.View, scope policy.Scope, typ, pin string) error {
	length := utf8.RuneCountInString(pin)
	least, ok, err := pinNumber(view, scope, typ, "otp_pin_minlength")
	if err != nil {
		return err
	}
	if ok && length < least {
		return fault.New(fault.PINPolicy, []policy.PINFlaw{{Kind: policy.PINTooShort, Number: least}})
	}
	most, ok, err := pinNumber(view, scope, typ, "otp_pin_maxlength")
	if err != nil {
		return err
	}
	if ok && length > most {
		return fault.New(fault.PINPolicy, []policy.PINFlaw{{Kind: policy.PINTooLong, Number: most}})
	}
	f, err := pinText(view, scope, typ, "otp_pin_contents")
	if err != nil || !f.Set {
		return err
	}
	rule, err := policy.ParsePINContents(f.Value)
	if err != nil {
		return err
	}
	if flaws := rule.Check(pin); len(flaws) > 0 {
		return fault.New(fault.PINPolicy, flaws)
	}
	return nil
}

// randomPIN draws a PIN that keeps the caller's rule of characters.
func randomPIN(c *token.Case, view policy.View, scope policy.Scope, typ string, length int) (string, error) {
	f, err := pinText(view, scope, typ, "otp_pin_contents")
	if err != nil {
		return "", err
	}
	rule := policy.PINLettersAndDigits()
	if f.Set {
		if rule, err = policy.ParsePINContents(f.Value); err != nil {
			return "", err
		}
	}
	return rule.Generate(c.Rand, length)
}

// RandomPIN draws the PIN of "set a random PIN": its length is a policy of the
// caller's scope, without which it is refused.
func RandomPIN(ctx context.Context, c *token.Case, who realm.User, typ string) (string, error) {
	view, scope := Acting(ctx, c, who, "")
	length, ok, err := (policy.Int{Meta: policy.Meta{Scope: scope, Name: "otp_pin_set_random"}}).In(view)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", fault.New(fault.RandomPINPolicy, string(scope))
	}
	return randomPIN(c, view, scope, typ, length)
}
