package app

import (
	"errors"

	"symbolon/internal/fault"
)

// Exit is what a command ends with. Scripts rely on the numbers.
type Exit int

// The exit codes.
const (
	Done        Exit = 0
	Failed      Exit = 1
	Usage       Exit = 2
	NotFound    Exit = 3
	NotAllowed  Exit = 4
	Changed     Exit = 5 // somebody else was faster, nothing was done
	Partly      Exit = 6 // the items that failed are on stderr
	Unreachable Exit = 7 // no server, no database
	No          Exit = 8 // the check's answer
	Interrupted Exit = 130
)

// Problem is an error that a person at the command line is told, and the exit
// code that goes with it. Text says what failed, why, and what to do.
type Problem struct {
	Exit Exit   `json:"exit"`
	Text string `json:"text"`
}

// Error implements error.
func (p *Problem) Error() string { return p.Text }

// problemOf makes any error a Problem. A fault that nobody has worded keeps its
// kind and arguments, which hold no secret.
func problemOf(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	f := fault.Of(err)
	if f == nil {
		return &Problem{Failed, err.Error()}
	}
	return &Problem{exitOf(f.Kind), f.Error()}
}

// exitOf is what a command that met the fault ends with.
func exitOf(k fault.Kind) Exit {
	switch k {
	case fault.TokenNotFound, fault.TokensNotFound, fault.UserUnknown, fault.UserNotFound, fault.RealmUnknown, fault.ResolverUnknown,
		fault.DefinitionNotFound, fault.PolicyNotFound:
		return NotFound
	case fault.ActionNotAllowed, fault.ActionNotAllowedAny, fault.EnrolNotAllowed, fault.NotYourToken, fault.NotAuthorized:
		return NotAllowed
	case fault.TypeUnknown, fault.NameInvalid, fault.SerialInvalid, fault.SerialWildcard, fault.ParameterMissing, fault.ParameterEmpty,
		fault.ParameterInvalid, fault.NotANumber, fault.SeedTooShort:
		return Usage
	case fault.Busy:
		return Changed
	}
	return Failed
}
