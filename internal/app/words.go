package app

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"symbolon/internal/audit"
	"symbolon/internal/authn"
	"symbolon/internal/fault"
	"symbolon/internal/token"
)

// problem words an error for a person at the command line: what failed, why, and
// what to do. The why is the API's own text, so that both say the same.
func (s *server) problem(what string, err error) error {
	var p *Problem
	if err == nil || errors.As(err, &p) {
		return err
	}
	f := fault.Of(err)
	if f == nil {
		return &Problem{Failed, fmt.Sprintf("%s: %v. The server's log may say more", what, err)}
	}
	why := strings.TrimSpace(s.profile.Refusal(f).Message)
	if _, after, coded := strings.Cut(why, ": "); coded && strings.HasPrefix(why, "ERR") {
		why = after // the code is for programs, which read the API
	}
	text := what + ": " + why
	if todo := s.advice(f); todo != "" {
		text = strings.TrimRight(text, ".!") + ". " + todo
	}
	return &Problem{exitOf(f.Kind), text}
}

// advice is what to do about a fault; "" where the text says it all.
func (s *server) advice(f *fault.Fault) string {
	switch f.Kind {
	case fault.NameInvalid:
		return `A name has neither blanks nor @ nor \, and up to 120 characters`
	case fault.AdminTaken:
		return "Choose another name"
	case fault.SerialTaken:
		return "Enrolling it again would end the old secret: choose another serial"
	case fault.TypeUnknown:
		return "Types of this version: " + strings.Join(slices.Sorted(maps.Keys(s.types)), ", ")
	case fault.TokenNotFound, fault.TokensNotFound:
		return "See: symbolon token list"
	case fault.SerialInvalid, fault.SerialWildcard:
		return "Choose another serial, or leave it to the server"
	case fault.Busy:
		return "Nothing was done; try again"
	case fault.PINPolicy, fault.TooManyOfUser, fault.TooManyOfUserType, fault.TooManyActive, fault.TooManyActiveType, fault.TooManyInRealm,
		fault.ActionNotAllowed, fault.ActionNotAllowedAny, fault.EnrolNotAllowed, fault.DescriptionRequired:
		return "A policy wants it so; GET /policy/ lists them"
	case fault.ResolverFailed:
		return "Look whether the user store is there, and at the server's log"
	case fault.AllRevoked:
		return "Revoked tokens never come back; enrol another: symbolon token enrol"
	}
	return ""
}

// explained words the trace of a decision, a sentence a step. The engine and the
// type both note how a code was judged; the type's step says more.
func (s *server) explained(steps []audit.Step) (out []string) {
	judged := map[string]bool{}
	for _, step := range steps {
		if step.What == "code" && len(step.Numbers) == 3 {
			judged[step.Object] = true
		}
	}
	for _, step := range steps {
		if step.What == "code" && len(step.Numbers) < 3 && judged[step.Object] {
			continue
		}
		out = append(out, s.sentence(step))
	}
	return out
}

func (s *server) sentence(step audit.Step) string {
	n := append(append([]int64(nil), step.Numbers...), 0, 0, 0)
	switch step.What + " " + step.Outcome {
	case "user found":
		return fmt.Sprintf("user %s is known in realm %s", step.Object, step.Reason)
	case "user unknown":
		return fmt.Sprintf("user %s is not known in realm %s", step.Object, step.Reason)
	case "user moved":
		return fmt.Sprintf("a policy looks for user %s in realm %s", step.Object, step.Reason)
	case "token skipped":
		why := s.profile.Text(token.Text{Key: step.Reason})
		if step.Reason == string(token.FailuresFull) {
			why += fmt.Sprintf(" (%d of %d)", n[0], n[1])
		}
		return fmt.Sprintf("token %s is not used: %s", step.Object, why)
	case "token none":
		return "there is no token to ask"
	case "pin wrong":
		return fmt.Sprintf("token %s: the PIN is wrong, so no code was looked at", step.Object)
	case "pin right":
		return fmt.Sprintf("token %s: the PIN is right", step.Object)
	case "code right", "code wrong":
		if len(step.Numbers) < 3 {
			return fmt.Sprintf("token %s: the code is %s", step.Object, step.Outcome)
		}
		return fmt.Sprintf("token %s: the code is %s; it was compared with the %d from counter %d on", step.Object, step.Outcome, n[2], n[1])
	case "failure counted":
		return fmt.Sprintf("token %s: this failure was counted, %d of %d", step.Object, n[0]+1, n[1])
	case "challenge opened":
		return fmt.Sprintf("token %s: a challenge was opened for %d s", step.Object, n[0])
	case "resync remembered":
		return fmt.Sprintf("token %s: the code is far ahead and was remembered; the next one will resynchronise it", step.Object)
	}
	if step.What == "policy" {
		return fmt.Sprintf("policy %s (%s) set %s", step.Object, step.Outcome, step.Reason)
	}
	return strings.TrimSpace(strings.Join(strings.Fields(fmt.Sprintf("%s %s %s %s", step.What, step.Object, step.Outcome, step.Reason)), " "))
}

// remedy is what to do about a refusal; "" where nobody here knows.
func remedy(a authn.Answer) string {
	switch a.Reason {
	case authn.WrongPIN:
		return "Give the PIN and then the code, in one word. A token without a PIN takes the code alone"
	case authn.WrongCode, authn.CodeOnlyWrong:
		return "Try the next code; if that is refused too, the device's clock or counter is off (POST /token/resync), or the token is another one"
	case authn.WrongCodeReplay:
		return "Each code is accepted once: wait for the next one"
	case authn.NoTokens:
		return "Enrol one: symbolon token enrol --user NAME"
	case authn.TooManyFailures, authn.TooManySuccesses, authn.LastUseTooOld:
		return "A policy in scope authorization wants it so"
	}
	for _, why := range a.Unfit {
		switch why {
		case token.FailuresFull:
			return "Set the fail counter back: POST /token/reset"
		case token.Disabled:
			return "Enable it: POST /token/enable"
		case token.NotEnrolled:
			return "Finish its enrolment, or enrol it again"
		case token.OutsideValidity:
			return "Change its validity: POST /token/set"
		case token.UsesExceeded:
			return "Raise its number of uses: POST /token/set"
		}
	}
	return ""
}
