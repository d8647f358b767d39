package authn

import (
	"symbolon/internal/realm"
	"symbolon/internal/token"
)

// Outcome is the verdict on a request.
type Outcome int

// The outcomes.
const (
	Reject Outcome = iota
	Accept
	Challenge
	Decline
)

// String is the word of the wire and of the trail.
func (o Outcome) String() string {
	return [...]string{"REJECT", "ACCEPT", "CHALLENGE", "DECLINED"}[o]
}

// Reason explains an outcome; dialects word it. The comment names its arguments.
type Reason string

// The reasons of login outcomes.
const (
	MatchingTokens    Reason = "matching-tokens"     // number
	MatchingAnswer    Reason = "matching-answer"     // none
	AnswerUnfit       Reason = "answer-unfit"        // none: right answer, token not usable; see Unfit
	WrongPIN          Reason = "wrong-pin"           // none
	WrongCode         Reason = "wrong-code"          // none
	WrongCodeReplay   Reason = "wrong-code-replay"   // none
	WrongAnswer       Reason = "wrong-answer"        // none
	WrongAnswers      Reason = "wrong-answers"       // number of tokens
	CodeOnlyRight     Reason = "code-only-right"     // none
	CodeOnlyWrong     Reason = "code-only-wrong"     // none
	NoTokens          Reason = "no-tokens"           // none
	NoSuitableToken   Reason = "no-suitable-token"   // none
	NoActiveChallenge Reason = "no-active-challenge" // none
	NotUsable         Reason = "not-usable"          // none: see Unfit
	ChallengeOffered  Reason = "challenge"           // none
	ResyncOffered     Reason = "resync"              // none
	PassedNoToken     Reason = "passed-no-token"     // policy
	PassedNoUser      Reason = "passed-no-user"      // policy
	PassedUserstore   Reason = "passed-userstore"    // policy
	TooManyFailures   Reason = "too-many-failures"   // number, seconds
	TooManySuccesses  Reason = "too-many-successes"  // number, seconds
	LastUseTooOld     Reason = "last-use-too-old"    // the last use, as text
	TriggeredSeveral  Reason = "triggered"           // number
	Polled            Reason = "polled"              // status
	WrongPassword     Reason = "wrong-password"      // none
	LoggedIn          Reason = "logged-in"           // none: an administrator's or user's password
	Internal          Reason = "internal"            // none: the server failed
)

// Offered is a challenge as the client may see it.
type Offered struct {
	Transaction, Serial, Type string
	Prompt                    token.Text
	Mode                      token.Mode
	Show                      map[string]any // nil: no attributes
	ShowNull                  bool           // attributes are shown as null
	Image                     string
}

// Answer is what the engine found; a dialect renders it and adds nothing.
type Answer struct {
	Outcome Outcome
	Reason  Reason
	Args    []any
	Unfit   []token.Unusable // why tokens could not be used, each once, first seen first
	Serial  string           // of the one token it is about
	Type    string           // of it, or of all; "undetermined" when they differ
	Digits  int              // of the one token
	// Challenges were opened; Prompts are their texts in order, with the reasons
	// of tokens that could not be asked among them.
	Challenges []Offered
	Prompts    []Prompt
	Triggered  int // how many challenges a trigger opened
	// What policies want of the answer.
	NoDetail       bool
	User           realm.Info // details of the user to be shown; nil: none
	ShowResolver   bool
	Who            realm.User
	PreferredMode  token.Mode
	Header, Footer *string
	HideReason     bool // say only that authentication failed
	ClientModes    []string
}

// Prompt is one line of the texts of a challenge: what a token asks, or why it cannot.
type Prompt struct {
	Text  token.Text
	Unfit token.Unusable
}

// Status is where a transaction stands for those who poll it.
type Status string

// The states of a polled transaction.
const (
	PollAccepted  Status = "accept"
	PollDeclined  Status = "declined"
	PollCancelled Status = "cancelled"
	PollPending   Status = "pending"
)

// maxTries bounds the wrong answers to one challenge; others let the fail
// counter alone do that, which does not count for phones (token-engine.md 2.6).
const maxTries = 10
