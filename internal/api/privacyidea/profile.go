package privacyidea

import (
	"fmt"
	"maps"
	"net/http"
	"slices"

	"symbolon/internal/api/envelope"
	"symbolon/internal/authn"
	"symbolon/internal/enroll"
	"symbolon/internal/fault"
	"symbolon/internal/manage"
	"symbolon/internal/token"
)

// Profile is the product a client takes this server for. It is data: what the
// two products say and where they differ in form. It is not changed after it
// was made.
type Profile struct {
	Name    string // privacyIDEA, eduMFA
	Version string // "3.14": clients read it, see clients.md 3.2
	Product Product
	Faults  map[fault.Kind]Wire
	Texts   map[string]string // by reason, prompt and other keys

	// JWTHeaders are looked at in this order; an empty one is passed over but
	// the last.
	JWTHeaders []string
	Decoding   envelope.Decoding
	// EmptyIsGiven: a required parameter may be empty where a route does not say
	// otherwise.
	EmptyIsGiven bool
	// LateDetail: errors of credentials have an empty detail, not null, when they
	// are found after the request was merged.
	LateDetail bool
	// NotFoundJSON: unknown paths are answered in JSON.
	NotFoundJSON bool
	// KeepUserID: a user's own parameter userid is not dropped.
	KeepUserID bool
	// SignatureLast: nonce and signature follow the other keys of an answer.
	SignatureLast bool
	// LoginID is the id of the answers of POST /auth.
	LoginID int
	// Containers: tokens say which container they are in.
	Containers bool
	// Bulk: several serials in one request, and an object as answer.
	Bulk bool
	// ResyncLocked: resynchronising a locked token says false, not that it is locked.
	ResyncLocked bool
	// EnrolledState is the rollout state of a usable token.
	EnrolledState string
	// Creation is the entry of a token's information with its time of creation.
	Creation string

	// How the product judges, enrols and administers.
	Rules  authn.Rules
	Enrol  enroll.Rules
	Manage manage.Rules

	Audit AuditForm
}

// Product names a profile where routes and policies belong to one alone.
type Product string

// The products.
const (
	Both        Product = ""
	PrivacyIDEA Product = "privacyidea"
	EduMFA      Product = "edumfa"
)

// Wire is a fault on the wire. The text is completed by fill; where the
// argument number Pick has an entry in Cases, that text stands instead.
type Wire struct {
	Status, Code int
	Text         string
	Pick         int
	Cases        map[string]string
}

// Title is the version as answers show it.
func (p *Profile) Title() string { return p.Name + " " + p.Version }

// Refusal is an error as it is about to be written.
type Refusal struct {
	Status  int
	Code    int
	Message string
	Detail  map[string]any // nil: null
}

// Refusal words a fault. Errors of status 400 carry their code in the text as
// well (rest-api.md 4.2).
func (p *Profile) Refusal(f *fault.Fault) Refusal {
	w, ok := p.Faults[f.Kind]
	if !ok {
		return internalError()
	}
	text := w.message(f.Args)
	switch w.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusNotImplemented:
	default:
		text = fmt.Sprintf("ERR%d: %s", w.Code, text)
	}
	return Refusal{Status: w.Status, Code: w.Code, Message: text}
}

func (w Wire) message(args []any) string {
	if w.Cases != nil && w.Pick < len(args) {
		if text, ok := w.Cases[plain(args[w.Pick])]; ok {
			return fill(text, args)
		}
	}
	return fill(w.Text, args)
}

// internalError is what a caller learns of an error that is the server's own.
func internalError() Refusal {
	return Refusal{Status: http.StatusInternalServerError, Code: -500, Message: "500 Internal Server Error: The server " +
		"encountered an internal error and was unable to complete your request. Either the server is overloaded or " +
		"there is an error in the application."}
}

// Text words a message of the engine or of a token type. One without a text is
// shown by its key.
func (p *Profile) Text(t token.Text) string {
	if t.Literal != "" || t.Key == "" {
		return t.Literal
	}
	if text, ok := p.Texts[t.Key]; ok {
		return fill(text, t.Args)
	}
	return t.Key
}

// Authentication derives result.authentication from an answer (rest-api.md 3.4).
// eduMFA calls open challenges ACCEPT in places; here both profiles follow the
// rule of privacyIDEA.
func Authentication(value any, detail map[string]any) string {
	challenges := hasEntries(detail["multi_challenge"])
	switch {
	case value == "CHALLENGE":
		return "CHALLENGE"
	case truthy(value) && !challenges:
		return "ACCEPT"
	case challenges || detail["passkey"] != nil:
		return "CHALLENGE"
	case !truthy(value) && (detail["challenge_status"] == "declined" || detail["challenge_status"] == "cancelled"):
		return "DECLINED"
	}
	return "REJECT"
}

func truthy(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case int:
		return v != 0
	case int64:
		return v != 0
	case float64:
		return v != 0
	case string:
		return v != ""
	case map[string]any:
		return len(v) > 0
	}
	return hasEntries(v)
}

func hasEntries(v any) bool {
	switch v := v.(type) {
	case []any:
		return len(v) > 0
	case []map[string]any:
		return len(v) > 0
	case []string:
		return len(v) > 0
	}
	return false
}

// with returns a profile that differs in some texts and faults. A text of its
// own drops the cases of the original.
func (p Profile) with(texts map[string]string, faults map[fault.Kind]Wire) Profile {
	p.Texts, p.Faults = maps.Clone(p.Texts), maps.Clone(p.Faults)
	maps.Copy(p.Texts, texts)
	for kind, w := range faults {
		if w.Status == 0 {
			w.Status, w.Code = p.Faults[kind].Status, p.Faults[kind].Code
		}
		p.Faults[kind] = w
	}
	p.JWTHeaders = slices.Clone(p.JWTHeaders)
	return p
}
