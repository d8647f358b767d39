package keyring

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"symbolon/internal/heavy"
	"symbolon/internal/secret"
	"symbolon/internal/token"
)

func withPIN(stored string) *token.Token { return &token.Token{ID: 1, PINHash: stored} }

func TestPINs(t *testing.T) {
	t.Parallel()
	r := open(t, cheap)
	long := strings.Repeat("x", 5000)
	for _, pin := range []string{"1", "geheim", "süß", "a\x00b", long} {
		stored, err := r.HashPIN(t.Context(), nil, secret.Text(pin))
		if err != nil {
			t.Fatal(err)
		}
		if len(stored) > 255 || !strings.HasPrefix(stored, "$symbolon$k=1$argon2id$v=19$m=8,t=1,p=1$") {
			t.Errorf("stored as %q", stored)
		}
		for _, c := range []struct {
			try string
			ok  bool
		}{{pin, true}, {pin, true}, {pin + "\x00", false}, {pin[:len(pin)-1], false}, {"", false}, {strings.ToUpper(pin) + "!", false}} {
			ok, better, err := r.CheckPIN(t.Context(), withPIN(stored), secret.Text(c.try))
			if ok != c.ok || better != "" || err != nil {
				t.Errorf("%.20q against %.20q: %t %q %v", c.try, pin, ok, better, err)
			}
		}
		again, err := r.HashPIN(t.Context(), nil, secret.Text(pin))
		if err != nil || again == stored {
			t.Error("two hashes of one PIN are the same")
		}
	}
	if stored, err := r.HashPIN(t.Context(), nil, secret.Bytes{}); stored != "" || err != nil {
		t.Errorf("the empty PIN is stored as %q, %v", stored, err)
	}
}

func TestKindsAndKeysAreApart(t *testing.T) {
	t.Parallel()
	r := open(t, cheap)
	pin := secret.Text("geheim")
	asPIN, err := r.HashPIN(t.Context(), nil, pin)
	if err != nil {
		t.Fatal(err)
	}
	asAdmin, err := r.HashAdmin(t.Context(), pin)
	if err != nil {
		t.Fatal(err)
	}
	if ok, _, _ := r.CheckPIN(t.Context(), withPIN(asPIN), pin); !ok {
		t.Fatal("the right PIN is wrong")
	}
	if ok, _, _ := r.CheckAdmin(t.Context(), asAdmin, pin); !ok {
		t.Fatal("the right password is wrong")
	}
	// Also after both were remembered.
	if ok, _, _ := r.CheckPIN(t.Context(), withPIN(asAdmin), pin); ok {
		t.Error("an administrator's hash is taken as a PIN's")
	}
	if ok, _, _ := r.CheckAdmin(t.Context(), asPIN, pin); ok {
		t.Error("a PIN's hash is taken as an administrator's")
	}
	if ok, _, err := open(t, cheap).CheckPIN(t.Context(), withPIN(asPIN), pin); ok || err != nil {
		t.Errorf("right without the pepper: %v", err)
	}
	if _, _, err := r.CheckPIN(t.Context(), withPIN(strings.Replace(asPIN, "k=1", "k=9", 1)), pin); !errors.Is(err, ErrForm) {
		t.Errorf("a pepper that is not there: %v", err)
	}
}

func TestBetterForm(t *testing.T) {
	t.Parallel()
	keys, err := draw(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	old, err := ring(keys, cheap)
	if err != nil {
		t.Fatal(err)
	}
	pin := secret.Text("p")
	stored, err := old.HashPIN(t.Context(), nil, pin)
	if err != nil {
		t.Fatal(err)
	}
	second := key{Use: usePIN, ID: 2, Key: make([]byte, keySize)}
	for name, now := range map[string]struct {
		keys []key
		cost Cost
	}{
		"cost": {keys, Cost{Memory: 16, Time: 1, Threads: 1}},
		"key":  {append(keys[:4:4], second), cheap.Cost},
	} {
		r, err := ring(now.keys, Options{Cost: now.cost})
		if err != nil {
			t.Fatal(err)
		}
		if ok, better, _ := r.CheckPIN(t.Context(), withPIN(stored), secret.Text("q")); ok || better != "" {
			t.Errorf("%s: a wrong PIN gets %t %q", name, ok, better)
		}
		for range 2 {
			ok, better, err := r.CheckPIN(t.Context(), withPIN(stored), pin)
			if !ok || better == "" || better == stored || err != nil {
				t.Fatalf("%s: %t %q %v", name, ok, better, err)
			}
			if ok, again, err := r.CheckPIN(t.Context(), withPIN(better), pin); !ok || again != "" || err != nil {
				t.Errorf("%s: the better form: %t %q %v", name, ok, again, err)
			}
		}
	}
}

// counting lets a test see how often r hashes.
func counting(r *Ring) *atomic.Int64 {
	n := new(atomic.Int64)
	derive := r.derive
	r.derive = func(f form, b []byte) []byte { n.Add(1); return derive(f, b) }
	return n
}

func TestWarmPINs(t *testing.T) {
	t.Parallel()
	r := open(t, Options{Cost: cheap.Cost, Warm: 2})
	stored := make([]string, 3)
	for i := range stored {
		var err error
		if stored[i], err = r.HashPIN(t.Context(), nil, secret.Text("p")); err != nil {
			t.Fatal(err)
		}
	}
	hashes := counting(r)
	try := func(form, pin string, ok bool, cost int64) {
		t.Helper()
		before := hashes.Load()
		if got, _, err := r.CheckPIN(t.Context(), withPIN(form), secret.Text(pin)); got != ok || err != nil {
			t.Errorf("got %t %v", got, err)
		}
		if n := hashes.Load() - before; n != cost {
			t.Errorf("%d hashes, want %d", n, cost)
		}
	}
	try(stored[0], "p", true, 1)
	try(stored[0], "p", true, 0)
	try(stored[0], "q", false, 1)
	try(stored[0], "q", false, 1) // wrong ones are not remembered
	try(stored[1], "p", true, 1)  // another stored form of the same PIN
	try(stored[0], "p", true, 0)
	try(stored[2], "p", true, 1) // pushes out the one that was not used for longest
	try(stored[0], "p", true, 0)
	try(stored[1], "p", true, 1)
	if n := len(r.warm.known); n != 2 || r.warm.order.Len() != 2 {
		t.Errorf("%d remembered, 2 allowed", n)
	}
}

func TestOnlySoManyHashesAtOnce(t *testing.T) {
	t.Parallel()
	r := open(t, Options{Cost: cheap.Cost, Pool: heavy.New(3)})
	stored, err := r.HashPIN(t.Context(), nil, secret.Text("p"))
	if err != nil {
		t.Fatal(err)
	}
	var running, most atomic.Int64
	real := r.derive
	r.derive = func(f form, b []byte) []byte {
		now := running.Add(1)
		defer running.Add(-1)
		for m := most.Load(); now > m && !most.CompareAndSwap(m, now); m = most.Load() {
		}
		return real(f, b)
	}
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() { r.CheckPIN(t.Context(), withPIN(stored), secret.Text("wrong")) })
		wg.Go(func() { r.HashPIN(t.Context(), nil, secret.Text("new")) })
		wg.Go(func() { r.CheckNobody(t.Context(), secret.Text("x")) })
	}
	wg.Wait()
	if m := most.Load(); m > 3 || m < 1 {
		t.Errorf("%d hashes at once, 3 allowed", m)
	}
}

func TestAHungryForeignHashTakesAllPlaces(t *testing.T) {
	t.Parallel()
	r := open(t, Options{Cost: cheap.Cost, Pool: heavy.New(2)})
	real := r.derive
	r.derive = func(f form, b []byte) []byte {
		if f.house {
			return real(f, b)
		}
		// A second one gets no place while this one runs.
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		if err := r.CheckNobody(ctx, secret.Text("x")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("hashed beside it: %v", err)
		}
		return make([]byte, len(f.sum))
	}
	stored := "$argon2id$v=19$m=65536,t=9,p=4$AAECAwQFBgcICQoLDA0ODw$zYuWcqCZyeI/g/5AreBSxB4dCCVVYARQTiYq9wiRs90"
	if ok, _, err := r.CheckPIN(t.Context(), withPIN(stored), secret.Text("test")); ok || err != nil {
		t.Errorf("%t %v", ok, err)
	}
}

func TestWaitingForAPlaceEnds(t *testing.T) {
	t.Parallel()
	r := open(t, Options{Cost: cheap.Cost, Pool: heavy.New(1)})
	stored, err := r.HashPIN(t.Context(), nil, secret.Text("p"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	err = r.pool.Do(t.Context(), 1, func() {
		if ok, _, err := r.CheckPIN(ctx, withPIN(stored), secret.Text("p")); ok || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %t %v", ok, err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestNobodyCostsAsMuchAsSomebody(t *testing.T) {
	t.Parallel()
	r := open(t, cheap)
	stored, err := r.HashAdmin(t.Context(), secret.Text("p"))
	if err != nil {
		t.Fatal(err)
	}
	var asked []form
	real := r.derive
	r.derive = func(f form, b []byte) []byte { asked = append(asked, f); return real(f, b) }
	if ok, _, err := r.CheckAdmin(t.Context(), stored, secret.Text("x")); ok || err != nil {
		t.Fatal(ok, err)
	}
	if err := r.CheckNobody(t.Context(), secret.Text("x")); err != nil {
		t.Fatal(err)
	}
	if len(asked) != 2 || asked[0].cost != asked[1].cost || len(asked[0].sum) != len(asked[1].sum) || len(asked[0].salt) != len(asked[1].salt) {
		t.Errorf("hashed %+v", asked)
	}
}

// The hashes are those of the vectors in otp.json, at_rest.password_hashes.
func TestForeignHashes(t *testing.T) {
	if testing.Short() {
		t.Skip("the other servers' hashes take a second")
	}
	t.Parallel()
	r := open(t, cheap)
	for _, c := range []struct{ stored, password string }{
		{"$argon2id$v=19$m=65536,t=9,p=4$AAECAwQFBgcICQoLDA0ODw$zYuWcqCZyeI/g/5AreBSxB4dCCVVYARQTiYq9wiRs90", "test"},
		{"$pbkdf2-sha512$25000$XEvJOcf437tXam1Nydm79w$6eDPlPjRgnJGGK0j8a3toSZoSUvwZzcvEj96t7Hg.X/SC822EFaO2iWoHFTUc1NMsX6sgQyQqbjWxGXgRWNzkw", "password"},
	} {
		ok, better, err := r.CheckPIN(t.Context(), withPIN(c.stored), secret.Text(c.password))
		if !ok || !strings.HasPrefix(better, mark) || err != nil {
			t.Errorf("%.30s: %t %q %v", c.stored, ok, better, err)
			continue
		}
		if ok, _, err := r.CheckPIN(t.Context(), withPIN(better), secret.Text(c.password)); !ok || err != nil {
			t.Errorf("%.30s: the better form: %t %v", c.stored, ok, err)
		}
	}
}

func TestWrongPINOfAForeignHash(t *testing.T) {
	t.Parallel()
	r := open(t, cheap)
	for _, stored := range []string{
		"$argon2i$v=19$m=64,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$A5/aGoG2twUifbHWLF6CW0lZO9Da6x+QSjM3XmxQGbM",
		"$argon2id$v=19$m=64,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$u9z/Qx7srsgz3i/6KflwqlGd2wPPANCA1lzFUNzGZlQ",
		"$pbkdf2-sha512$1000$MDEyMzQ1Njc4OWFiY2RlZg$Y/lXOWAO7q4o5S/wCVdV39K3yysvzDXUwTJlao0c6z3zEOg1XMWfxPJ3RQkwNRi.jo7.FNw2oN9HdKHg6j9ykQ",
	} {
		for pin, right := range map[string]bool{"tést€": true, "test": false, "": false} {
			ok, better, err := r.CheckPIN(t.Context(), withPIN(stored), secret.Text(pin))
			if ok != right || (better != "") != right || err != nil {
				t.Errorf("%.20s, %q: %t %q %v", stored, pin, ok, better, err)
			}
		}
	}
}

func TestForeignAdminsHaveTheForeignPepper(t *testing.T) {
	t.Parallel()
	r := open(t, cheap)
	f := form{algorithm: pbkdf2sha512, rounds: 1, salt: []byte("saltsalt"), sum: make([]byte, 64)}
	if err := r.pool.Do(t.Context(), 1, func() { f.sum = derive(f, []byte("missinggeheim")) }); err != nil {
		t.Fatal(err)
	}
	text, err := r.text(form{algorithm: pbkdf2sha512}, kindAdmin, secret.Text("geheim"))
	if err != nil || string(text) != "missinggeheim" {
		t.Errorf("hashes %q, %v", text, err)
	}
	text, err = r.text(form{algorithm: pbkdf2sha512}, kindPIN, secret.Text("geheim"))
	if err != nil || string(text) != "geheim" {
		t.Errorf("hashes %q, %v", text, err)
	}
}

func TestFormsThatAreRefused(t *testing.T) {
	t.Parallel()
	const tail = "$AAECAwQFBgcICQoLDA0ODw$zYuWcqCZyeI/g/5AreBSxB4dCCVVYARQTiYq9wiRs90"
	for name, s := range map[string]string{
		"empty":           "",
		"plain":           "geheim",
		"unknown":         "$2b$12$abcdefghijklmnopqrstuv",
		"argon2d":         "$argon2d$v=19$m=64,t=1,p=1" + tail,
		"version":         "$argon2id$v=16$m=64,t=1,p=1" + tail,
		"four gigabytes":  "$argon2id$v=19$m=4194304,t=1,p=1" + tail,
		"overflow":        "$argon2id$v=19$m=4294967296,t=1,p=1" + tail,
		"many passes":     "$argon2id$v=19$m=64,t=17,p=1" + tail,
		"no pass":         "$argon2id$v=19$m=64,t=0,p=1" + tail,
		"many threads":    "$argon2id$v=19$m=64000,t=1,p=255" + tail,
		"no thread":       "$argon2id$v=19$m=64,t=1,p=0" + tail,
		"too little":      "$argon2id$v=19$m=7,t=1,p=1" + tail,
		"leading zero":    "$argon2id$v=19$m=064,t=1,p=1" + tail,
		"sign":            "$argon2id$v=19$m=+64,t=1,p=1" + tail,
		"order":           "$argon2id$v=19$t=1,m=64,p=1" + tail,
		"short salt":      "$argon2id$v=19$m=64,t=1,p=1$AAEC$zYuWcqCZyeI/g/5AreBSxB4dCCVVYARQTiYq9wiRs90",
		"short sum":       "$argon2id$v=19$m=64,t=1,p=1$AAECAwQFBgcICQoLDA0ODw$AAEC",
		"no sum":          "$argon2id$v=19$m=64,t=1,p=1$AAECAwQFBgcICQoLDA0ODw$",
		"line break":      "$argon2id$v=19$m=64,t=1,p=1$AAECAwQFBgcICQoLDA0ODw$zYuWcqCZyeI/g/5AreBSxB4dCCVVYARQTiYq9wiRs9\n0",
		"house argon2i":   "$symbolon$k=1$argon2i$v=19$m=64,t=1,p=1" + tail,
		"house pbkdf2":    "$symbolon$k=1$pbkdf2-sha512$1$AAECAwQFBgcICQoLDA0ODw$zYuWcqCZyeI",
		"house key":       "$symbolon$k=65536$argon2id$v=19$m=64,t=1,p=1" + tail,
		"house no key":    "$symbolon$argon2id$v=19$m=64,t=1,p=1" + tail,
		"house twice":     "$symbolon$k=1$symbolon$k=1$argon2id$v=19$m=64,t=1,p=1" + tail,
		"too many rounds": "$pbkdf2-sha512$1000001$AAECAwQFBgcICQoLDA0ODw$zYuWcqCZyeI/g/5AreBSxA",
		"no rounds":       "$pbkdf2-sha512$0$AAECAwQFBgcICQoLDA0ODw$zYuWcqCZyeI/g/5AreBSxA",
		"long":            "$argon2id$v=19$m=64,t=1,p=1$" + strings.Repeat("A", 600) + "$zYuWcqCZyeI/g/5AreBSxA",
	} {
		f, err := parseForm(s)
		if !errors.Is(err, ErrForm) || f.salt != nil || f.sum != nil {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
		if s != "" && err != nil && strings.Contains(err.Error(), "AAEC") {
			t.Errorf("%s: the error tells the hash: %v", name, err)
		}
	}
}

func FuzzForm(f *testing.F) {
	f.Add("$symbolon$k=1$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$zYuWcqCZyeI/g/5AreBSxB4dCCVVYARQTiYq9wiRs90")
	f.Add("$argon2i$v=19$m=64,t=1,p=1$AAECAwQFBgcICQoLDA0ODw$zYuWcqCZyeI/g/5AreBSxA")
	f.Add("$pbkdf2-sha512$25000$XEvJOcf437tXam1Nydm79w$6eDPlPjRgnJGGK0j8a3toSZoSUvwZzcvEj96t7Hg.X/SC822EFaO2iWoHFTUc1NMsX6sgQyQqbjWxGXgRWNzkw")
	f.Fuzz(func(t *testing.T, s string) {
		g, err := parseForm(s)
		if err != nil {
			if !errors.Is(err, ErrForm) {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		if g.cost.Memory > maxMemory || g.cost.Time > maxTime || g.cost.Threads > maxThreads || g.rounds > maxRounds ||
			len(g.sum) < minSum || len(g.sum) > maxSum {
			t.Fatalf("%q: over the caps: %+v", s, g)
		}
		if g.algorithm != pbkdf2sha512 && (g.rounds != 0 || g.cost.check() != nil) || g.house && g.String() != s {
			t.Fatalf("%q: read as %+v", s, g)
		}
	})
}
