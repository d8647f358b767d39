package login

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/golang-jwt/jwt/v5"

	"symbolon/internal/realm"
	"symbolon/internal/site"
)

// maxToken is the size of a token; proxies limit a header to 8 KiB (clients.md C21).
const maxToken = 8<<10 - 256 // bytes

// claims is the payload in the order of the other servers. Epoch is ours: the
// account's own clock, in microseconds, since when the password is what it was
// at the login. Comparing it with the account's needs no agreement of the
// nodes' clocks, as comparing IssuedAt would.
type claims struct {
	Username string   `json:"username"`
	Realm    string   `json:"realm"`
	Nonce    string   `json:"nonce"`
	Role     string   `json:"role"`
	AuthType string   `json:"authtype"`
	Expires  int64    `json:"exp"`
	IssuedAt int64    `json:"iat"`
	Epoch    int64    `json:"epoch,omitempty"`
	Rights   []string `json:"rights,omitempty"`
}

// header is {"alg":"HS256","typ":"JWT"}.
const header = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"

// Issue makes a token. A local administrator must be one of s.
func (g *Gate) Issue(s *site.Site, t Ticket, now time.Time) (string, error) {
	if t.Life == 0 {
		t.Life = Life
	}
	nonce := make([]byte, 20)
	if _, err := io.ReadFull(g.Rand, nonce); err != nil {
		return "", err
	}
	c := claims{Username: t.Login, Realm: t.Realm, Nonce: hex.EncodeToString(nonce), Role: string(t.Role), AuthType: t.AuthType,
		Expires: now.Add(t.Life).Unix(), IssuedAt: now.Unix(), Rights: t.Rights}
	if t.Role == realm.Admin && t.Realm == "" {
		a, ok := s.Admins[t.Login]
		if !ok {
			return "", errors.New("a token for an administrator who does not exist")
		}
		c.Epoch = a.Since.UnixMicro()
	}
	token, err := g.sign(c)
	if err == nil && len(token) > maxToken {
		c.Rights = nil
		token, err = g.sign(c)
	}
	if err == nil && len(token) > maxToken {
		return "", errors.New("a token for a name that is too long")
	}
	return token, err
}

func (g *Gate) sign(c claims) (string, error) {
	payload, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	text := header + "." + base64.RawURLEncoding.EncodeToString(escaped(payload))
	sum, err := jwt.SigningMethodHS256.Sign(text, g.Key.Reveal())
	if err != nil {
		return "", fmt.Errorf("signing a token: %w", err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(sum), nil
}

// escaped writes JSON so that its base64 never has the two letters in which the
// alphabets differ: the java client reads the payload with the wrong one, and
// drops what it cannot read (clients.md 3.3). Six set bits, or five and a clear
// one, come from non-ASCII bytes and from > ? ~ DEL alone, and these stand in
// texts only, where they may be written as \uXXXX.
func escaped(j []byte) []byte {
	var out strings.Builder
	for _, r := range string(j) {
		switch {
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&out, `\u%04x\u%04x`, high, low)
		case r == '>' || r == '?' || r >= '~':
			fmt.Fprintf(&out, `\u%04x`, r)
		default:
			out.WriteRune(r)
		}
	}
	return []byte(out.String())
}
