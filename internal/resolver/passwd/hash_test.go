package passwd

import (
	"context"
	"errors"
	"strings"
	"testing"

	"symbolon/internal/heavy"
	"symbolon/internal/secret"
)

// All are of the password tést€, made by libxcrypt or by Python's hashlib.
var ofTest = map[string]string{
	"yescrypt":      "$y$j9T$abcdefgh$Vk3aKa21ulHAF9EZq0mnkXDs1LU0wfZbUlGNSVHFqz6",
	"md5":           "$1$abcdefgh$3Ztfh2299seYw1LcsxMq70",
	"sha256":        "$5$abcdefgh$OJAcFcmRaOx1IDOC2ojv3KLEhXWB/Zw9fk3UezWaKdC",
	"sha256 rounds": "$5$rounds=1000$abcdefgh$tuKF4RzR.mmAEVSCniDu3LNQqIBEUjIaLATPTrtwaYD",
	"sha512":        "$6$rounds=1000$abcdefgh$llFJDq4BMyuKixZhzOaKyfG8qjLqNTO1zehBB9nock9dZuzgcfGRiuFi3uyP2AdVJoIE109lu/WJBB35dCXU6.",
	"bcrypt 2b":     "$2b$04$abcdefghijklmnopqrstuuHoaBDoUWq4WzQqSEGueB66Q/Jqj37VS",
	"bcrypt 2y":     "$2y$04$abcdefghijklmnopqrstuuHoaBDoUWq4WzQqSEGueB66Q/Jqj37VS",
	"bcrypt 2a":     "$2a$04$abcdefghijklmnopqrstuuHoaBDoUWq4WzQqSEGueB66Q/Jqj37VS",
	"bcrypt-sha256": "$bcrypt-sha256$v=2,t=2b,r=4$abcdefghijklmnopqrstuu$2m26idVnGGk/2rqmGOrktGrRv4e4Uz.",
	"sha1":          "$sha1$1000$abcdefgh$HMT4ZV7xO7kF0ntzTtCP/Y2XNQlT",
	"pbkdf2":        "$pbkdf2$1000$MDEyMzQ1Njc4OWFiY2RlZg$/OYxTJRGRNjhPBzI15R30NWdks0",
	"pbkdf2-sha256": "$pbkdf2-sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg$ZCPl1jhKyM.oRQW1xdWtTgleqvUlDbWDREdfBgngkO0",
	"pbkdf2-sha512": "$pbkdf2-sha512$1000$MDEyMzQ1Njc4OWFiY2RlZg$Y/lXOWAO7q4o5S/wCVdV39K3yysvzDXUwTJlao0c6z3zEOg1XMWfxPJ3RQkwNRi.jo7.FNw2oN9HdKHg6j9ykQ",
	"scrypt":        "$scrypt$ln=10,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$NGnoVemAdAM20FPa2yOlo9/B/Jh9b5fREjHS1S2P5ak",
	"argon2id":      "$argon2id$v=19$m=64,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$u9z/Qx7srsgz3i/6KflwqlGd2wPPANCA1lzFUNzGZlQ",
	"argon2i":       "$argon2i$v=19$m=64,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$A5/aGoG2twUifbHWLF6CW0lZO9Da6x+QSjM3XmxQGbM",
}

func TestHashesOfEveryKind(t *testing.T) {
	t.Parallel()
	pool := heavy.New(2)
	for name, stored := range ofTest {
		h, err := parseHash(stored)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, c := range []struct {
			password string
			right    bool
		}{{"tést€", true}, {"tést€ ", false}, {"test", false}, {"", false}, {"tést€" + strings.Repeat("x", maxPassword), false}} {
			if ok, err := h.matches(t.Context(), pool, secret.Text(c.password)); ok != c.right || err != nil {
				t.Errorf("%s, %.10q: %t %v", name, c.password, ok, err)
			}
		}
	}
	if ok, err := fallback().matches(t.Context(), pool, secret.Text("test")); !ok || err != nil {
		t.Errorf("the fallback is not computed: %v", err)
	}
}

func TestHashesThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ stored, reason string }{
		"none":         {"", "there is no hash"},
		"shadow":       {"x", "shadow"},
		"star":         {"*", "shadow"},
		"locked":       {"!$6$abcdefgh$x", "locked"},
		"des":          {"abXrtXGJBe2f.", "DES"},
		"bsdi":         {"_J9..abcd0Lwq74r8z2Y", "DES"},
		"plain":        {"geheim", "unknown kind"},
		"base64":       {"$base64$dGVzdA==", "unknown kind"},
		"plaintext":    {"$plaintext$test", "unknown kind"},
		"rounds":       {strings.Replace(ofTest["sha512"], "1000", "999999999", 1), "too much"},
		"sha1 rounds":  {strings.Replace(ofTest["sha1"], "1000", "4294967295", 1), "too much"},
		"bcrypt cost":  {strings.Replace(ofTest["bcrypt 2b"], "04", "31", 1), "too much"},
		"pbkdf2":       {strings.Replace(ofTest["pbkdf2"], "1000", "99999999", 1), "too much"},
		"scrypt":       {strings.Replace(ofTest["scrypt"], "ln=10", "ln=24", 1), "too much"},
		"yescrypt":     {strings.Replace(ofTest["yescrypt"], "j9T", "jZT", 1), "too much"},
		"argon memory": {strings.Replace(ofTest["argon2id"], "m=64", "m=4194304", 1), "too much"},
		"argon time":   {strings.Replace(ofTest["argon2id"], "t=1", "t=99", 1), "too much"},
		"bcrypt 2x":    {strings.Replace(ofTest["bcrypt 2b"], "2b", "2x", 1), "unknown kind"},
		"cut":          {ofTest["sha512"][:40], "damaged"},
	} {
		h, err := parseHash(c.stored)
		if err == nil || h.digest != nil || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: %v", name, err)
		}
		if len(c.stored) > 8 && err != nil && strings.Contains(err.Error(), c.stored[3:8]) {
			t.Errorf("%s: the error tells the hash: %v", name, err)
		}
	}
}

func TestHashesWaitForTheirPlace(t *testing.T) {
	t.Parallel()
	pool := heavy.New(2)
	small, _ := parseHash(ofTest["md5"])
	wide, _ := parseHash(ofTest["argon2id"])
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if ok, err := small.matches(ctx, pool, secret.Text("tést€")); ok || !errors.Is(err, context.Canceled) {
		t.Errorf("got %t %v", ok, err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	err := pool.Do(t.Context(), 1, func() {
		if ok, err := small.matches(ctx, pool, secret.Text("tést€")); !ok || err != nil {
			t.Errorf("beside another: %t %v", ok, err)
		}
		cancel()
		if ok, err := wide.matches(ctx, pool, secret.Text("tést€")); ok || !errors.Is(err, context.Canceled) {
			t.Errorf("a hash that takes much memory ran beside another: %t %v", ok, err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

func FuzzHash(f *testing.F) {
	for _, s := range ofTest {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		h, err := parseHash(s)
		if (err == nil) != (h.digest != nil) {
			t.Fatalf("%q: %v, %v", s, h, err)
		}
	})
}
