package app

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"symbolon/internal/enroll"
	"symbolon/internal/manage"
	"symbolon/internal/qr"
	"symbolon/internal/token"
	"symbolon/protocol/otp"
)

// demoUsers is the users' file of a demonstration. Nobody's password is in it:
// the users log in with their tokens.
const demoUsers = `anna:*:1000:1000:Anna Nabokova,Room 1,+49 561 1,+49 151 1,anna@example.com:/home/anna:/bin/sh
bert:*:1001:1001:Bert Brecht,Room 2,+49 561 2,+49 151 2,bert@example.com:/home/bert:/bin/sh
clara:*:1002:1002:Clara Schumann,Room 3,+49 561 3,+49 151 3,clara@example.com:/home/clara:/bin/sh
dora:*:1003:1003:Dora Maar,Room 4,+49 561 4,+49 151 4,dora@example.com:/home/dora:/bin/sh
emil:*:1004:1004:Emil Nolde,Room 5,+49 561 5,+49 151 5,emil@example.com:/home/emil:/bin/sh
`

const demoPIN = "1234"

// demoTokens are the tokens of a demonstration. The code of the second one is
// printed, and its use does not depend on when it is typed: it counts.
func demoTokens() []demoToken {
	return []demoToken{{"anna", "totp", "DEMO1"}, {"bert", "hotp", "DEMO2"}, {"clara", "totp", "DEMO3"}, {"clara", "hotp", "DEMO4"},
		{"dora", "spass", "DEMO5"}, {"emil", "totp", "DEMO6"}}
}

type demoToken struct{ user, kind, serial string }

// fillDemo makes an administrator with a new password, a realm with five users,
// and tokens for them, and says what to try first.
func (s *server) fillDemo(ctx context.Context, who Caller, _ Nothing) (out Demo, err error) {
	var b [12]byte
	if _, err := rand.Read(b[:]); err != nil {
		return out, err
	}
	out.Admin, out.Secret = "admin", base64.RawURLEncoding.EncodeToString(b[:])
	if _, err := s.addAdmin(ctx, who, AddAdmin{Name: out.Admin, Secret: out.Secret}); err != nil {
		return out, err
	}
	if err := s.demoRealm(ctx, who); err != nil {
		return out, err
	}
	var first, scan string
	for _, t := range demoTokens() {
		key, url, err := s.enrolDemo(ctx, who, t)
		if err != nil {
			return out, err
		}
		switch t.serial {
		case "DEMO1":
			scan = url
		case "DEMO2":
			g, err := otp.NewGenerator(key, otp.SHA1, 6)
			if err != nil {
				return out, err
			}
			first = g.Code(1)
		}
	}
	drawn, err := qr.Terminal(scan)
	if err != nil {
		return out, err
	}
	flags := ""
	if s.cfg.Scheme() == "https" {
		flags = "-k " // the certificate is the server's own
	}
	check := "  curl " + flags + "ADDRESS/validate/check -d user=%s -d pass=%s%s"
	out.Notes = []string{
		"demonstration: everything is lost when you stop it (Ctrl-C)", "",
		"administrator  " + out.Admin + ", password " + out.Secret,
		"users          anna, bert, clara, dora, emil, all with the PIN " + demoPIN,
		"command line   symbolon token list --data " + s.cfg.Data, "",
		"log in as bert, with his PIN and a code of his token (send it twice: a code is accepted once):",
		fmt.Sprintf(check, "bert", demoPIN, first), "",
		"scan this with an authenticator app, and log in as anna with her PIN and the code it shows:", drawn,
		fmt.Sprintf(check, "anna", demoPIN, "CODE"),
	}
	return out, nil
}

func (s *server) demoRealm(ctx context.Context, who Caller) error {
	path := filepath.Join(s.cfg.Data, "demo-users")
	if err := os.WriteFile(path, []byte(demoUsers), 0o600); err != nil {
		return err
	}
	kind := "passwdresolver"
	session := s.begin(DemoFill, who)
	_, err := manage.SetResolver(ctx, session, manage.ResolverInput{Name: "demo-users", Type: &kind, Params: map[string]string{"fileName": path}})
	session.End(ctx, err)
	if err != nil {
		return err
	}
	session = s.begin(DemoFill, who)
	_, err = manage.SetRealm(ctx, session, manage.RealmInput{Name: "demo", Resolvers: []string{"demo-users"}})
	session.End(ctx, err)
	return err
}

// enrolDemo makes a token with a key of its own, and returns that and the URL
// for apps.
func (s *server) enrolDemo(ctx context.Context, who Caller, t demoToken) (key []byte, url string, err error) {
	u, err := s.user(ctx, t.user, "demo")
	if err != nil {
		return nil, "", err
	}
	key = make([]byte, 20)
	if _, err := rand.Read(key); err != nil {
		return nil, "", err
	}
	pin := demoPIN
	session := s.begin(DemoFill, who)
	r, err := manage.Enrol(ctx, session, enroll.Input{Rules: s.profile.Enrol, Type: t.kind, Serial: t.serial, User: u, PIN: &pin,
		Description: "demonstration", Described: true, Params: token.Params{"otpkey": hex.EncodeToString(key)}})
	session.End(ctx, err)
	if err != nil {
		return nil, "", err
	}
	return key, keyURL(r), nil
}
