// Package privacyidea speaks the HTTP API of privacyIDEA 3.14 and, with another
// profile, of eduMFA 2.10 (README.md says which part of it). It turns a request
// into a call of the engine, and the answer into the JSON, texts and status
// codes of the product. It decides nothing about tokens, users or policies.
//
// A request passes through dispatch.go in one order; routes.go is the table of
// what can be called; texts.go and edumfa.go are what is said.
package privacyidea

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"symbolon/internal/authn"
	"symbolon/internal/manage"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// Server answers one product's API. Its fields are set before Handler is
// called and not changed afterwards. Those that may be left out say so.
type Server struct {
	Profile *Profile
	// Site is what is configured at this moment.
	Site func() *site.Site
	// Verify judges a JWT. It returns the faults JWTUndecodable and JWTExpired;
	// an actor of neither role is somebody who holds another kind of token.
	Verify func(ctx context.Context, jwt string) (realm.Actor, error)
	// Client identifies an API client by its key; nil: nobody is.
	Client func(ctx context.Context, key string) (id string, ok bool)
	// Begin opens the engine's session of a request.
	Begin func(o token.Origin) *authn.Session
	// Issue makes the token of somebody who has signed in; seconds 0 is the
	// default life.
	Issue func(a realm.Actor, seconds int, rights []string) (string, error)
	// APIKey judges a token of role validate; nil: there are none.
	APIKey      func(ctx context.Context, jwt string) authn.APIKey
	Catalogue   *policy.Catalogue // the product's policy actions
	AdminRealms []string          // realms whose users are administrators
	Trail       manage.Trail
	Challenges  manage.Challenges
	Attributes  manage.Attributes
	Node        string
	// Base is scheme and host as the caller sees them; nil: taken from the
	// connection and the Host header.
	Base func(r *http.Request) string
	// Pages serves unknown paths to browsers; nil: they are sent to /.
	Pages http.Handler

	SigningKey *rsa.PrivateKey // nil: answers are not signed
	Log        *slog.Logger    // nil: the default one
	Rand       io.Reader       // nil: the system's
	Now        func() time.Time
	Timeout    time.Duration // of one request; 0: a minute
	MaxBody    int64         // bytes; 0: 10 MiB
	MaxUpload  int64         // bytes of requests that carry files; 0: 64 MiB
	Routes     []Route       // nil: Routes()
}

// Handler returns the server as an HTTP handler. It fails on a route table
// that contradicts itself and on missing fields: both are mistakes in the
// program.
func (s *Server) Handler() (http.Handler, error) {
	if s.Profile == nil || s.Site == nil || s.Verify == nil || s.Begin == nil {
		return nil, fmt.Errorf("server of the API: profile, site, verify and begin have to be set")
	}
	own := *s
	if own.Log == nil {
		own.Log = slog.Default()
	}
	if own.Rand == nil {
		own.Rand = rand.Reader
	}
	if own.Now == nil {
		own.Now = time.Now
	}
	own.Timeout = orDefault(own.Timeout, time.Minute)
	own.MaxBody = orDefault(own.MaxBody, 10<<20)
	own.MaxUpload = orDefault(own.MaxUpload, 64<<20)
	if own.Routes == nil {
		own.Routes = Routes()
	}
	x, err := newIndex(own.Routes, own.Profile.Product)
	if err != nil {
		return nil, err
	}
	thread, err := own.thread()
	if err != nil {
		return nil, err
	}
	return &dispatcher{Server: &own, index: x, threadID: thread}, nil
}

func orDefault[T int64 | time.Duration](v, def T) T {
	if v == 0 {
		return def
	}
	return v
}

// thread makes the threadid of all answers: clients want to see one, and it
// shall tell nothing.
func (s *Server) thread() (int64, error) {
	var b [8]byte
	if _, err := io.ReadFull(s.Rand, b[:]); err != nil {
		return 0, fmt.Errorf("draw a number: %w", err)
	}
	return 1<<46 | int64(binary.BigEndian.Uint64(b[:])>>18), nil
}

// caseAlphabet has no characters that are mistaken for each other.
const caseAlphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

// caseNumber draws what a caller can read out over the telephone.
func (s *Server) caseNumber() string {
	var b [8]byte
	// A request without a case number is better than none.
	if _, err := io.ReadFull(s.Rand, b[:]); err != nil {
		return ""
	}
	for i := range b {
		b[i] = caseAlphabet[b[i]&31]
	}
	return string(b[:4]) + "-" + string(b[4:])
}
