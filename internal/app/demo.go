package app

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
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

// fillDemo makes an administrator with a new password, a realm with five users,
// and tokens for them. The first one is shown.
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
	for _, t := range []struct{ user, typ, serial string }{{"bert", "hotp", "DEMO2"}, {"bert", "totp", "DEMO3"}, {"clara", "hotp", "DEMO4"},
		{"dora", "spass", "DEMO5"}, {"emil", "totp", "DEMO6"}} {
		if _, err := s.enrolToken(ctx, who, EnrolToken{Type: t.typ, User: t.user, Serial: t.serial, PIN: demoPIN, Description: "demonstration"}); err != nil {
			return out, err
		}
	}
	key, url, err := s.demoToken(ctx, who)
	if err != nil {
		return out, err
	}
	drawn, err := qr.Terminal(url)
	if err != nil {
		return out, err
	}
	g, err := otp.NewGenerator(key, otp.SHA1, 6)
	if err != nil {
		return out, err
	}
	out.Notes = append(out.Notes, "", "a token of user anna, to scan with your authenticator app (PIN "+demoPIN+"):", drawn,
		"log in with it: the PIN, then the code your app shows. With the code of this minute:",
		fmt.Sprintf("  curl -k %s/validate/check -d user=anna -d pass=%s%s", "ADDRESS", demoPIN, g.Code(otp.Step(s.now().Unix(), 30))),
		"(a code is accepted once: the second time it is refused)")
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

// demoToken enrols the token that is shown. It returns its key, for the code in
// the example.
func (s *server) demoToken(ctx context.Context, who Caller) (key []byte, url string, err error) {
	u, err := s.user(ctx, "anna", "demo")
	if err != nil {
		return nil, "", err
	}
	key = make([]byte, 20)
	if _, err := rand.Read(key); err != nil {
		return nil, "", err
	}
	pin := demoPIN
	session := s.begin(DemoFill, who)
	r, err := manage.Enrol(ctx, session, enroll.Input{Rules: s.profile.Enrol, Type: "totp", Serial: "DEMO1", User: u, PIN: &pin,
		Params: token.Params{"otpkey": fmt.Sprintf("%x", key)}})
	session.End(ctx, err)
	if err != nil {
		return nil, "", err
	}
	for _, part := range r.Shown {
		if part.Name == "googleurl" {
			return key, part.URL.RevealText(), nil
		}
	}
	return nil, "", errors.New("the token has no key URL")
}
