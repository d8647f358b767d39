package token

import (
	"context"
	"time"

	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/secret"
)

// Type is a kind of token. What a kind can do beyond being described is said
// by the optional interfaces below; the engine asks for them as io.Copy asks
// for io.WriterTo. A type has no fields that change and may be used from many
// goroutines. It never stores the Case and never modifies a Token.
type Type interface{ Info() Info }

// Info describes a type to the engine, the APIs and the pages.
type Info struct {
	ID     string // stored with each token, lower case
	Prefix string // of generated serials
	Title  string // one line: what it is
	// Modes say how it can be used at login: see the constants.
	Standalone  bool // a password alone can log in (mode authenticate)
	OutOfBand   bool // answered on another channel: an early collection counts no failure
	FreeTrigger bool // the PIN alone opens a challenge without policy challenge_response
	NoPIN       bool // no PIN policy and no random PIN apply
	LastInTurn  bool // looked at after all other types
	Provable    bool // verify_enrollment can ask for a first code
	EnrolBy     []realm.Role
	Actions     []policy.Defined // the policy actions of this type alone
	Settings    []string         // names of system settings of this type
	// EnrollParams are the parameters Enroll reads; others do not reach it.
	// "x.*" stands for all that begin with "x.".
	EnrollParams   []string
	EndpointParams []string // parameters Serve reads
	AnswerParams   []string // parameters Respond and Identify read, beside pass
}

// Enroller makes a draft usable. It is called once per enrolment step; the
// draft's state tells which. The engine stores the draft.
type Enroller interface {
	Enroll(ctx context.Context, c *Case, d *Draft, p Params) (Enrolment, error)
}

// Verifier checks a code that stands on its own. It must not say yes without a
// change that makes the same code fail next time, unless the type is static.
// It does not ask whether the token is usable.
type Verifier interface {
	Verify(ctx context.Context, c *Case, t *Token, code string) (Match, error)
}

// Authenticator checks the whole password, for types that have no separate
// code. The engine does not split it and checks no PIN; the type asks PINs
// through Case.PIN.
type Authenticator interface {
	Authenticate(ctx context.Context, c *Case, t *Token, password string) (Match, error)
}

// Challenger asks a question. The engine stores it, then sends Opening.Send.
type Challenger interface {
	Challenge(ctx context.Context, c *Case, t *Token) (*Opening, error)
}

// Responder judges an answer to one challenge. Types without it are asked to Verify.
type Responder interface {
	Respond(ctx context.Context, c *Case, t *Token, ch *Challenge, a Params) (Response, error)
}

// Notified learns how the message of its challenge fared, after the challenge
// was committed. It may withdraw the challenge or amend what is shown.
type Notified interface {
	Sent(ctx context.Context, c *Case, t *Token, ch *Challenge, o *Opening, err error) []Change
}

// Endpoint answers requests of the phone: /ttype/<type>, /validate/pair, ...
type Endpoint interface {
	Serve(ctx context.Context, c *Case, p Params) (Reply, error)
}

// LoginEnroller can be rolled out to a user who has just logged in.
type LoginEnroller interface {
	EnrollAtLogin(ctx context.Context, c *Case, d *Draft) (*Opening, error)
}

// Discoverer finds the token of somebody who has not said who they are.
type Discoverer interface {
	Offer(ctx context.Context, c *Case) (*Opening, error)
	Identify(ctx context.Context, c *Case, answer Params) (*Token, error) // a Fault when there is none
}

// Resyncer finds a token's counter again from two codes in a row. ok says that
// it was found; changes hold then.
type Resyncer interface {
	Resync(ctx context.Context, c *Case, t *Token, first, second string) (ok bool, changes []Change, err error)
}

// Finder looks for a code over a wider window, for "which token made this code".
type Finder interface {
	Exists(ctx context.Context, c *Case, t *Token, code string, window int64) (Match, error)
}

// Prover checks the first code of a token in state Verify and says what to ask.
type Prover interface {
	Prove(ctx context.Context, c *Case, t *Token, code string) (Match, error)
}

// Draft is a token in the making. The engine has filled Token with the defaults
// or with what is stored; Secret, PIN and Info are what shall be stored.
type Draft struct {
	Token   Token
	New     bool
	Secret  *secret.Bytes     // nil: the stored one stays
	Info    map[string]*Entry // nil entries are deleted
	Holder  realm.User        // whose token it will be; nobody: zero
	Rolling bool              // an existing token gets a new seed on purpose
}

// SetInfo notes an entry of the token's information.
func (d *Draft) SetInfo(key, text string) {
	if d.Info == nil {
		d.Info = map[string]*Entry{}
	}
	d.Info[key] = &Entry{Text: text}
}

// DropInfo notes that an entry of the token's information goes away.
func (d *Draft) DropInfo(key string) {
	if _, ok := d.Token.Info[key]; !ok {
		delete(d.Info, key)
		return
	}
	if d.Info == nil {
		d.Info = map[string]*Entry{}
	}
	d.Info[key] = nil
}

// InfoText returns an entry as it will be; "" for none.
func (d *Draft) InfoText(key string) string {
	if e, ok := d.Info[key]; ok {
		if e == nil {
			return ""
		}
		return e.Text
	}
	return d.Token.Info[key].Text
}

// Params are the request parameters a type has declared, and no others.
type Params map[string]string

// Need returns the parameter or the fault that it is missing.
func (p Params) Need(name string) (string, error) {
	if p[name] == "" {
		return "", fault.New(fault.ParameterMissing, name)
	}
	return p[name], nil
}

// Enrolment is the result of one step: what is shown, a question the next step
// answers, and what the step changes beside the draft.
type Enrolment struct {
	Shown   []Shown
	Open    *Opening
	Changes []Change
}

// Shown is one part of what an enrolment shows once.
type Shown struct {
	// Name is the wire name: otpkey, googleurl, oathurl, or that of a plain value.
	// rollout_state is the state at the end of the step, which the engine may
	// have changed since: it is shown where the type names it.
	Name string
	// URL is shown with a QR code, under Title; Extra are further values beside
	// it. Secrets among them are secret.Bytes, shown as text.
	URL   secret.Bytes
	Title string
	Extra map[string]any
	// Value is a plain value, when URL is empty.
	Value any
}

// Match is the judgement of a code.
type Match struct {
	OK      bool
	PIN     bool // set by an Authenticator: the PIN part was right
	Changes []Change
	// Kept are changes made although the code is wrong (the memory of an
	// automatic resynchronisation).
	Kept   []Change
	Replay bool     // the code is the one used last
	Next   *Opening // right so far, but another round is needed
}

// Matched is a token whose code was right, with what accepting it changes.
type Matched struct {
	Token   *Token
	Changes []Change
}

// Mode tells the client how an answer comes.
type Mode string

// The client modes.
const (
	Interactive Mode = "interactive"
	Poll        Mode = "poll"
	WebAuthn    Mode = "webauthn"
)

// Opening is a question about to be asked.
type Opening struct {
	Nonce   string // shown in challenge lists
	Data    []byte // the type's own; sealed before it is stored
	Prompt  Text
	Mode    Mode
	Show    map[string]any // attributes for the client; nil: none
	Image   string         // data URI or URL to show
	Life    time.Duration  // 0: the configured validity
	Send    Message        // nil: nothing leaves the server
	Changes []Change       // committed with the challenge
	Hold    time.Duration  // > 0: do not show the challenge, wait for its answer
	Hidden  bool           // set after a failed delivery: mention the prompt, show no challenge
}

// Message is something the notifier can deliver.
type Message interface{ Gateway() string }

// Verdict is the outcome of an answer.
type Verdict int

// The verdicts.
const (
	Wrong   Verdict = iota
	Right           // spend what Changes say
	Refused         // the user declined
	Pending         // not answered yet; nobody is to blame
)

// Response is the judgement of an answer to a challenge.
type Response struct {
	Verdict Verdict
	Changes []Change
	Kept    []Change // made also when the verdict is Wrong
	Next    *Opening // a further round, when Right is not enough
}

// Reply is an endpoint's answer, free of any dialect.
type Reply struct {
	OK      bool
	Value   any // nil: OK
	Text    string
	Detail  map[string]any
	Changes []Change
}

// Text is a message that a dialect words. Literal is text an administrator wrote.
type Text struct {
	Key     string
	Args    []any
	Literal string
}

// Registry holds the types of a server by ID.
type Registry map[string]Type

// Register adds types. It panics on a second type with the same ID: that is a
// programmer's mistake.
func (r Registry) Register(types ...Type) {
	for _, t := range types {
		id := t.Info().ID
		if _, ok := r[id]; ok {
			panic("token type " + id + " registered twice")
		}
		r[id] = t
	}
}

// Info describes a type; of a type this build does not know only the ID is known.
func (r Registry) Info(id string) Info {
	if t, ok := r[id]; ok {
		return t.Info()
	}
	return Info{ID: id}
}
