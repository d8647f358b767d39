package login_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"symbolon/internal/fault"
	"symbolon/internal/keyring"
	"symbolon/internal/login"
	"symbolon/internal/realm"
	"symbolon/internal/secret"
	"symbolon/internal/site"
	"symbolon/internal/site/sitetest"
)

var (
	key   = strings.Repeat("k", 32)
	now   = time.Date(2026, 11, 24, 12, 0, 0, 500_000_000, time.UTC)
	since = now.Add(-time.Minute)
)

func gate() *login.Gate {
	return &login.Gate{Key: secret.Text(key), Rand: rand.Reader, SuperRealms: []string{"Super"}}
}

func configured(t *testing.T, options ...sitetest.Option) *site.Site {
	t.Helper()
	return sitetest.New(t, append([]sitetest.Option{
		sitetest.Admin(site.Admin{Name: "admin", Hash: "h", Since: since}),
		sitetest.Realm(site.Realm{Name: "super", Resolvers: []site.Link{{Resolver: "reso1"}}}),
		sitetest.Resolver("down", down{}),
		sitetest.Realm(site.Realm{Name: "broken", Resolvers: []site.Link{{Resolver: "down"}}}),
	}, options...)...)
}

// down is a resolver that cannot be asked.
type down struct{ realm.Resolver }

func (down) Find(context.Context, string) (string, string, bool, error) {
	return "", "", false, errors.New("down")
}

func TestTokensOfAllRoles(t *testing.T) {
	t.Parallel()
	s, g := configured(t), gate()
	hans := func(r string) realm.User {
		return realm.User{Login: "hans", Realm: r, Resolver: "reso1", ID: "1002"}
	}
	for name, c := range map[string]struct {
		ticket login.Ticket
		want   login.Caller
	}{
		"local administrator": {login.Ticket{Login: "admin", Role: realm.Admin, AuthType: login.ByPassword},
			login.Caller{Actor: realm.Actor{Role: realm.Admin, Login: "admin"}, AuthType: "password"}},
		"administrator of a realm": {login.Ticket{Login: "hans", Realm: "super", Role: realm.Admin, AuthType: login.ByToken},
			login.Caller{Actor: realm.Actor{Role: realm.Admin, Login: "hans", Realm: "super", User: hans("super")}, AuthType: "pi"}},
		"user": {login.Ticket{Login: "hans", Realm: "realm1", Role: realm.Owner, AuthType: login.ByPassword},
			login.Caller{Actor: realm.Actor{Role: realm.Owner, Login: "hans", Realm: "realm1", User: hans("realm1")}, AuthType: "password"}},
		"program": {login.Ticket{Login: "backup", Realm: login.APIRealm, Role: realm.Admin, AuthType: login.API},
			login.Caller{Actor: realm.Actor{Role: realm.Admin, Login: "backup", Realm: "API"}, AuthType: "API"}},
		"validate": {login.Ticket{Login: "radius", Realm: login.APIRealm, Role: login.Validate, AuthType: login.API, Life: login.APILife},
			login.Caller{Validate: true, AuthType: "API"}},
	} {
		token, err := g.Issue(s, c.ticket, now)
		if err != nil {
			t.Fatal(err)
		}
		c.want.Expires = now.Truncate(time.Second).Add(time.Hour)
		if c.ticket.Life != 0 {
			c.want.Expires = now.Truncate(time.Second).Add(c.ticket.Life)
		}
		for _, h := range []string{token, "Bearer " + token, "bearer  " + token + " ", " " + token} {
			got, err := g.Verify(t.Context(), s, &h, now)
			if err != nil || !got.Expires.Equal(c.want.Expires) {
				t.Errorf("%s: %+v, %v", name, got, err)
				continue
			}
			got.Expires = c.want.Expires
			if got != c.want {
				t.Errorf("%s: got %+v, want %+v", name, got, c.want)
			}
		}
	}
}

func TestPayload(t *testing.T) {
	t.Parallel()
	token, err := gate().Issue(configured(t), login.Ticket{Login: "admin", Role: realm.Admin, AuthType: "password", Rights: []string{"enable", "triggerchallenge"}}, now)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(token, ".")
	h, _ := base64.RawURLEncoding.DecodeString(parts[0])
	p, _ := base64.RawURLEncoding.DecodeString(parts[1])
	if string(h) != `{"alg":"HS256","typ":"JWT"}` {
		t.Errorf("header %s", h)
	}
	want := `^\{"username":"admin","realm":"","nonce":"[0-9a-f]{40}","role":"admin","authtype":"password","exp":1795525200,"iat":1795521600,` +
		`"epoch":1795521540500000,"rights":\["enable","triggerchallenge"\]\}$`
	if !regexp.MustCompile(want).Match(p) {
		t.Errorf("payload %s", p)
	}
	// Another implementation agrees on the signature.
	if _, err := jwt.Parse(token, func(*jwt.Token) (any, error) { return []byte(key), nil },
		jwt.WithTimeFunc(func() time.Time { return now })); err != nil {
		t.Error(err)
	}
}

// The java client decodes the payload with the standard alphabet.
func TestPayloadHasNoLetterOfTheURLAlphabet(t *testing.T) {
	t.Parallel()
	s, g := configured(t), gate()
	for _, odd := range []string{"ü", "?", "~", ">", "\x7f", "<", "&", "€", "🔑", "\u2028", "\x00", "\xff", "\"", `\`, "???", "~~~>>>???"} {
		for offset := range 3 {
			for _, inRealm := range []bool{false, true} {
				name := strings.Repeat("a", offset) + odd + "x"
				k := login.Ticket{Login: name, Realm: "r", Role: login.Validate, AuthType: login.API}
				if inRealm {
					k.Login, k.Realm = "u", name
				}
				token, err := g.Issue(s, k, now)
				if err != nil {
					t.Fatal(err)
				}
				middle := strings.Split(token, ".")[1]
				if strings.ContainsAny(middle, "-_=") {
					t.Errorf("%q at %d: %s", odd, offset, middle)
				}
				j, err := base64.RawStdEncoding.DecodeString(middle)
				var claims struct {
					Username, Realm string
					Exp             int64
				}
				if err != nil || json.Unmarshal(j, &claims) != nil || claims.Exp != now.Unix()+3600 {
					t.Fatalf("%q at %d: %s, %v", odd, offset, j, err)
				}
				if want := strings.ToValidUTF8(name, "\ufffd"); claims.Username != want && claims.Realm != want {
					t.Errorf("%q at %d: came out as %+v", odd, offset, claims)
				}
			}
		}
	}
}

func TestTokensStaySmall(t *testing.T) {
	t.Parallel()
	s, g := configured(t), gate()
	k := login.Ticket{Login: "admin", Role: realm.Admin, AuthType: "password"}
	for range 1000 {
		k.Rights = append(k.Rights, "some_right_of_some_length")
	}
	token, err := g.Issue(s, k, now)
	if err != nil || len(token) >= 8<<10 {
		t.Errorf("%d bytes, %v", len(token), err)
	}
	if _, err := g.Verify(t.Context(), s, &token, now); err != nil {
		t.Error(err)
	}
	k = login.Ticket{Login: strings.Repeat("x", 8<<10), Role: login.Validate}
	if token, err := g.Issue(s, k, now); err == nil {
		t.Errorf("%d bytes", len(token))
	}
}

// forge signs claims as the gate does.
func forge(t *testing.T, m jwt.SigningMethod, k any, claims jwt.MapClaims) string {
	t.Helper()
	token, err := jwt.NewWithClaims(m, claims).SignedString(k)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// twin is a letter of base64 that differs from c in the last bit, which the end
// of a signature does not use.
func twin(c byte) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return letters[strings.IndexByte(letters, c)^1:][:1]
}

func TestTokensThatAreRefused(t *testing.T) {
	t.Parallel()
	s, g := configured(t), gate()
	good, err := g.Issue(s, login.Ticket{Login: "admin", Role: realm.Admin, AuthType: "password"}, now)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(good, ".")
	exp := now.Add(time.Hour).Unix()
	claims := func(change jwt.MapClaims) jwt.MapClaims {
		c := jwt.MapClaims{"username": "admin", "realm": "", "role": "admin", "authtype": "password", "exp": exp, "epoch": since.UnixMicro()}
		for k, v := range change {
			if c[k] = v; v == nil {
				delete(c, k)
			}
		}
		return c
	}
	hs := func(change jwt.MapClaims) string {
		return forge(t, jwt.SigningMethodHS256, []byte(key), claims(change))
	}
	const signature, algorithm = "Signature verification failed", "The specified alg value is not allowed"
	for name, c := range map[string]struct{ token, why string }{
		"nothing":             {"", "Not enough segments"},
		"blank":               {"  ", "Not enough segments"},
		"bearer only":         {"Bearer ", "Not enough segments"},
		"garbage":             {"garbage", "Not enough segments"},
		"two segments":        {"a.b", "Not enough segments"},
		"dots":                {"a.b.c", "Invalid header padding"},
		"four segments":       {good + ".x", "Invalid payload padding"},
		"header not JSON":     {"YWJj." + parts[1] + "." + parts[2], "Invalid header string: must be a json object"},
		"payload not base64":  {parts[0] + ".a." + parts[2], "Invalid payload padding"},
		"longer":              {good + "x", signature},
		"shorter":             {good[:len(good)-1], signature},
		"no signature":        {parts[0] + "." + parts[1] + ".", signature},
		"other last bits":     {good[:len(good)-1] + twin(good[len(good)-1]), signature},
		"another payload":     {parts[0] + "." + parts[1][:len(parts[1])-4] + "AAAA." + parts[2], signature},
		"another key":         {forge(t, jwt.SigningMethodHS256, []byte("other"), claims(nil)), signature},
		"none":                {forge(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, claims(nil)), algorithm},
		"HS512":               {forge(t, jwt.SigningMethodHS512, []byte(key), claims(nil)), algorithm},
		"no expiry":           {hs(jwt.MapClaims{"exp": nil}), `Token is missing the "exp" claim`},
		"odd expiry":          {hs(jwt.MapClaims{"exp": "soon"}), "Invalid payload string: must be a json object"},
		"unknown role":        {hs(jwt.MapClaims{"role": "root"}), signature},
		"unknown admin":       {hs(jwt.MapClaims{"username": "root"}), signature},
		"old password":        {hs(jwt.MapClaims{"epoch": since.UnixMicro() - 1}), signature},
		"no epoch":            {hs(jwt.MapClaims{"epoch": nil}), signature},
		"unknown user":        {hs(jwt.MapClaims{"username": "nobody", "realm": "realm1", "role": "user"}), signature},
		"unknown realm":       {hs(jwt.MapClaims{"username": "hans", "realm": "gone", "role": "user"}), signature},
		"user without realm":  {hs(jwt.MapClaims{"username": "hans", "realm": nil, "role": "user"}), signature},
		"not a super realm":   {hs(jwt.MapClaims{"username": "hans", "realm": "realm1", "role": "admin"}), signature},
		"user in super realm": {hs(jwt.MapClaims{"username": "hans", "realm": "super", "role": "user"}), signature},
		"nameless program":    {hs(jwt.MapClaims{"username": "", "realm": "API", "authtype": "API"}), signature},
	} {
		got, err := g.Verify(t.Context(), s, &c.token, now)
		f := fault.Of(err)
		if got != (login.Caller{}) || f == nil || f.Kind != fault.JWTUndecodable || f.Args[0] != c.why {
			t.Errorf("%s: %+v, %v; want %q", name, got, err, c.why)
		}
	}
	ok := hs(nil)
	if _, err := g.Verify(t.Context(), s, &ok, now); err != nil {
		t.Errorf("what was changed in all of them was wrong from the start: %v", err)
	}
	if _, err := g.Verify(t.Context(), s, nil, now); !fault.Is(err, fault.HeaderMissing) {
		t.Errorf("without a header: %v", err)
	}
	broken := hs(jwt.MapClaims{"username": "hans", "realm": "broken", "role": "user"})
	if _, err := g.Verify(t.Context(), s, &broken, now); !fault.Is(err, fault.ResolverFailed) {
		t.Errorf("when nobody knows whether the user exists: %v", err)
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	s, g := configured(t), gate()
	token, err := g.Issue(s, login.Ticket{Login: "admin", Role: realm.Admin, Life: 12 * time.Second}, now)
	if err != nil {
		t.Fatal(err)
	}
	end := now.Truncate(time.Second).Add(12 * time.Second)
	for at, expired := range map[time.Time]bool{now: false, end.Add(-time.Nanosecond): false, end: true, end.Add(time.Hour): true} {
		if _, err := g.Verify(t.Context(), s, &token, at); fault.Is(err, fault.JWTExpired) != expired || (err != nil) != expired {
			t.Errorf("at %v: %v", at, err)
		}
	}
}

func TestANewPasswordEndsAllTokensAtOnce(t *testing.T) {
	t.Parallel()
	g := gate()
	before := configured(t)
	old, err := g.Issue(before, login.Ticket{Login: "admin", Role: realm.Admin}, now)
	if err != nil {
		t.Fatal(err)
	}
	// Within the same second, and on a node whose clock is late.
	after := sitetest.New(t, sitetest.Admin(site.Admin{Name: "admin", Since: since.Add(time.Microsecond)}))
	if _, err := g.Verify(t.Context(), after, &old, now); !fault.Is(err, fault.JWTUndecodable) {
		t.Errorf("the old token: %v", err)
	}
	fresh, err := g.Issue(after, login.Ticket{Login: "admin", Role: realm.Admin}, now.Add(-time.Hour/2))
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]*site.Site{"here": after, "where it is not known yet": before} {
		if _, err := g.Verify(t.Context(), s, &fresh, now); err != nil {
			t.Errorf("the new token %s: %v", name, err)
		}
	}
	if _, err := g.Issue(sitetest.New(t), login.Ticket{Login: "admin", Role: realm.Admin}, now); err == nil {
		t.Error("a token for an administrator who is gone")
	}
}

func TestAdminByPassword(t *testing.T) {
	t.Parallel()
	ring, err := keyring.New(keyring.Options{Cost: keyring.Cost{Memory: 8, Time: 1, Threads: 1}})
	if err != nil {
		t.Fatal(err)
	}
	hash, err := ring.HashAdmin(t.Context(), secret.Text("geheim"))
	if err != nil {
		t.Fatal(err)
	}
	dear, err := keyring.New(keyring.Options{Cost: keyring.Cost{Memory: 16, Time: 1, Threads: 1}})
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := dear.HashAdmin(t.Context(), secret.Text("geheim"))
	if err != nil {
		t.Fatal(err)
	}
	s := sitetest.New(t, sitetest.Admin(site.Admin{Name: "admin", Hash: hash, Since: since}),
		sitetest.Admin(site.Admin{Name: "otherkey", Hash: foreign}), sitetest.Admin(site.Admin{Name: "damaged", Hash: "x"}))
	g := gate()
	g.Passwords = ring
	for _, c := range []struct {
		name, password string
		ok, fails      bool
	}{
		{"admin", "geheim", true, false}, {"admin", "Geheim", false, false}, {"admin", "", false, false},
		{"Admin", "geheim", false, false}, {"nobody", "geheim", false, false}, {"", "", false, false},
		{"otherkey", "geheim", false, false}, {"damaged", "geheim", false, true},
	} {
		a, ok, better, err := g.AdminByPassword(t.Context(), s, c.name, secret.Text(c.password))
		if ok != c.ok || (err != nil) != c.fails || better != "" || (a.Name == c.name) != c.ok && c.name != "" {
			t.Errorf("%q, %q: %+v %t %q %v", c.name, c.password, a, ok, better, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, ok, _, err := g.AdminByPassword(ctx, s, "nobody", secret.Text("x")); ok || !errors.Is(err, context.Canceled) {
		t.Errorf("no hash is computed for a name that nobody has: %v", err)
	}
}

func FuzzVerify(f *testing.F) {
	g := gate()
	// The same in all processes that a fuzzing run is made of.
	g.Rand = bytes.NewReader(make([]byte, 20))
	s := &site.Site{Admins: map[string]site.Admin{"admin": {Name: "admin", Since: since}}}
	token, err := g.Issue(s, login.Ticket{Login: "admin", Role: realm.Admin}, now)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(token)
	f.Add("Bearer a.b.c")
	f.Fuzz(func(t *testing.T, header string) {
		c, err := g.Verify(context.Background(), s, &header, now)
		if err != nil && (c != login.Caller{} || fault.Of(err) == nil) {
			t.Fatalf("%q: %+v, %v", header, c, err)
		}
		if err == nil && !bytes.Contains([]byte(header), []byte(token)) {
			t.Fatalf("%q was accepted", header)
		}
	})
}
