// Package conformance plays recorded scenarios: requests, and the answers that
// the real servers gave to them (README.md has the format). It leaves every
// rule to the server under test; what it knows of the protocols is the phone's
// side of them, written from the specification alone, so that a mistake of the
// server is not repeated here.
//
// It is made of tests only. TestScenarios plays every scenario against a fresh
// server in this process; with -binary the same scenarios go through the real
// program, one after the other against one server, as a stranger would play
// them.
package conformance
