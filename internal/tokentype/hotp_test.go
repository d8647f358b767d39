package tokentype

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"testing"
	"time"

	"symbolon/internal/token"
	"symbolon/internal/token/tokentest"
	"symbolon/protocol/otp"
)

// vectors are the recorded vectors of testdata.
type vectors struct {
	Window struct {
		Key    string
		Digits int
		Rows   []struct {
			Case       string
			Count      int64
			Window     int64 `json:"count_window"`
			OTP        string
			Match      int64
			CountAfter int64 `json:"count_after"`
		}
	} `json:"hotp_server_window"`
	AutoSync struct {
		Key        string
		Count      int64
		Window     int64 `json:"count_window"`
		SyncWindow int64 `json:"sync_window"`
		Rows       []struct {
			Case       string
			OTP        string
			Result     int64
			CountAfter int64  `json:"count_after"`
			FirstAfter *int64 `json:"otp1c_after"`
		}
	} `json:"hotp_autosync"`
	Resync struct {
		Key        string
		Count      int64
		SyncWindow int64 `json:"sync_window"`
		OK         struct {
			OTP1, OTP2 string
			CountAfter int64 `json:"count_after"`
		}
		NotConsecutive struct{ OTP1, OTP2 string } `json:"fail_not_consecutive"`
		Outside        struct{ OTP1, OTP2 string } `json:"fail_outside"`
	} `json:"hotp_resync"`
	TimeWindow struct {
		Key              string
		Step, TimeWindow int64
		Digits           int
		Rows             []struct {
			Case       string
			Now        int64
			TimeShift  float64
			Count      int64
			OTP        string
			OTPCounter int64 `json:"otp_counter"`
			Match      int64
			CountAfter int64 `json:"count_after"`
		}
	} `json:"totp_server_window"`
	Six struct {
		Key  string
		Step int64
		Rows []struct {
			Counter, Time int64
			OTP6          string
		}
	} `json:"totp_counters_6digits"`
	Short []struct {
		Algorithm, Key string
		Time           int64
		OTP8           string
	} `json:"totp_short_keys"`
	URLs struct {
		Rows []struct {
			In struct {
				Key, Label, Serial, TT, Alg, Issuer string
				Period                              int64
				Digits                              int
				EduMFA                              bool
				Extra                               map[string]any
			}
			URL string
		}
		OATHToken []struct{ Key, Type, Label, URL string }
	} `json:"otpauth_urls"`
}

func load(t testing.TB) (v vectors) {
	t.Helper()
	b, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

var ctx = context.Background()

const rfcKey = "3132333435363738393031323334353637383930"

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// code is the code of the RFC's key.
func code(t testing.TB, counter int64) string { return codeOf(t, rfcKey, otp.SHA1, 6, counter) }

func codeOf(t testing.TB, key string, h otp.Hash, digits int, counter int64) string {
	t.Helper()
	g, err := otp.NewGenerator(unhex(t, key), h, digits)
	if err != nil {
		t.Fatal(err)
	}
	return g.Code(counter)
}

func info(pairs ...string) map[string]token.Entry {
	m := map[string]token.Entry{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = token.Entry{Text: pairs[i+1]}
	}
	return m
}

// check is one login with a code: it judges, applies, and returns the judgement.
func check(t testing.TB, w *tokentest.World, ty token.Verifier, id token.ID, code string) token.Match {
	t.Helper()
	tok := w.Get(id)
	m, err := ty.Verify(ctx, w.Case(), tok, code)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Judge(tok, m); err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	return m
}

func hotpToken(t testing.TB, w *tokentest.World, counter int64) token.ID {
	return w.Add(token.Token{Serial: "H1", Type: "hotp", Sealed: unhex(t, rfcKey), Info: info("hashlib", "sha1"),
		Standing: token.Standing{Counter: counter}}).ID
}

func TestHOTPWindowVectors(t *testing.T) {
	t.Parallel()
	v := load(t).Window
	for _, r := range v.Rows {
		w := tokentest.New(t)
		id := w.Add(token.Token{Serial: "H1", Type: "hotp", Sealed: unhex(t, v.Key), Digits: v.Digits, Window: r.Window,
			Standing: token.Standing{Counter: r.Count}}).ID
		m := check(t, w, HOTP{}, id, r.OTP)
		if m.OK != (r.Match >= 0) || w.Get(id).Counter != r.CountAfter {
			t.Errorf("%s: ok %t, counter %d, want %d", r.Case, m.OK, w.Get(id).Counter, r.CountAfter)
		}
		if m.Replay != (r.Case == "replay") {
			t.Errorf("%s: replay %t", r.Case, m.Replay)
		}
	}
}

func TestHOTPAutoResyncVectors(t *testing.T) {
	t.Parallel()
	v := load(t).AutoSync
	w := tokentest.New(t)
	w.Set("AutoResync", "True")
	id := w.Add(token.Token{Serial: "H1", Type: "hotp", Sealed: unhex(t, v.Key), Window: v.Window, SyncWindow: v.SyncWindow,
		Standing: token.Standing{Counter: v.Count}}).ID
	for _, r := range v.Rows {
		m := check(t, w, HOTP{}, id, r.OTP)
		tok := w.Get(id)
		first, has := tok.Info["otp1c"]
		if m.OK != (r.Result >= 0) || tok.Counter != r.CountAfter || has != (r.FirstAfter != nil) {
			t.Errorf("%s: ok %t, counter %d, remembered %v", r.Case, m.OK, tok.Counter, first)
		}
		if has && first.Text != strconv.FormatInt(*r.FirstAfter, 10) {
			t.Errorf("%s: remembered %s", r.Case, first.Text)
		}
	}
}

func TestHOTPResyncVectors(t *testing.T) {
	t.Parallel()
	v := load(t).Resync
	for _, r := range []struct {
		first, second string
		ok            bool
		after         int64
	}{
		{v.OK.OTP1, v.OK.OTP2, true, v.OK.CountAfter},
		{v.NotConsecutive.OTP1, v.NotConsecutive.OTP2, false, v.Count},
		{v.Outside.OTP1, v.Outside.OTP2, false, v.Count},
		{v.OK.OTP2, v.OK.OTP1, false, v.Count},
		{v.OK.OTP1, "", false, v.Count},
	} {
		w := tokentest.New(t)
		id := w.Add(token.Token{Serial: "H1", Type: "hotp", Sealed: unhex(t, v.Key), SyncWindow: v.SyncWindow,
			Standing: token.Standing{Counter: v.Count}}).ID
		ok, changes, err := HOTP{}.Resync(ctx, w.Case(), w.Get(id), r.first, r.second)
		if err != nil || ok != r.ok || w.Apply(changes...) != nil || w.Get(id).Counter != r.after {
			t.Errorf("%s %s: %t %v, counter %d, want %d", r.first, r.second, ok, err, w.Get(id).Counter, r.after)
		}
	}
}

// The wider scenario: a second code that does not follow makes the server
// forget the first; the code after that is a first one again.
func TestHOTPAutoResyncForgets(t *testing.T) {
	t.Parallel()
	w := tokentest.New(t)
	w.Set("AutoResync", "1")
	id := hotpToken(t, w, 0)
	for _, r := range []struct {
		counter int64
		ok      bool
		first   string
	}{{300, false, "300"}, {302, false, ""}, {303, false, "303"}, {304, true, ""}} {
		if m := check(t, w, HOTP{}, id, code(t, r.counter)); m.OK != r.ok || w.Get(id).Info["otp1c"].Text != r.first {
			t.Errorf("%d: ok %t, remembered %q", r.counter, m.OK, w.Get(id).Info["otp1c"].Text)
		}
	}
	if tok := w.Get(id); tok.Counter != 305 || len(tok.Info) != 1 {
		t.Errorf("counter %d, information %v", tok.Counter, tok.Info)
	}
}

func TestAutoResyncNeedsTheSetting(t *testing.T) {
	t.Parallel()
	w := tokentest.New(t)
	id := hotpToken(t, w, 0)
	for _, n := range []int64{300, 301} {
		if m := check(t, w, HOTP{}, id, code(t, n)); m.OK || len(m.Kept) > 0 {
			t.Errorf("%d: %+v", n, m)
		}
	}
}

func TestAutoResyncExpires(t *testing.T) {
	t.Parallel()
	for _, r := range []struct {
		wait time.Duration
		ok   bool
	}{{299 * time.Second, true}, {300 * time.Second, false}} {
		w := tokentest.New(t)
		w.Set("AutoResync", "True")
		id := hotpToken(t, w, 0)
		check(t, w, HOTP{}, id, code(t, 300))
		w.Now = w.Now.Add(r.wait)
		if m := check(t, w, HOTP{}, id, code(t, 301)); m.OK != r.ok {
			t.Errorf("after %v: ok %t", r.wait, m.OK)
		}
		if _, still := w.Get(id).Info["dueDate"]; still {
			t.Errorf("after %v: still remembered", r.wait)
		}
	}
}

// Another request that remembers or forgets meanwhile makes the commit fail: the
// decision is taken again.
func TestAutoResyncIsConditional(t *testing.T) {
	t.Parallel()
	w := tokentest.New(t)
	w.Set("AutoResync", "True")
	id := hotpToken(t, w, 0)
	late := w.Get(id)
	m, err := HOTP{}.Verify(ctx, w.Case(), late, code(t, 300))
	if err != nil {
		t.Fatal(err)
	}
	check(t, w, HOTP{}, id, code(t, 400))
	if err := w.Judge(late, m); !errors.Is(err, token.ErrConflict) {
		t.Errorf("%v", err)
	}
	// Nor can one pair be used twice.
	late = w.Get(id)
	m, err = HOTP{}.Verify(ctx, w.Case(), late, code(t, 401))
	if err != nil || !m.OK {
		t.Fatalf("%+v %v", m, err)
	}
	check(t, w, HOTP{}, id, code(t, 401))
	if err := w.Judge(late, m); !errors.Is(err, token.ErrConflict) {
		t.Errorf("%v", err)
	}
}

// What could be stored long ago, or by hand, stops no login of other tokens.
func TestUnusableInformation(t *testing.T) {
	t.Parallel()
	w := tokentest.New(t)
	now := otp.Step(w.Now.Unix(), 30)
	for _, m := range []map[string]token.Entry{
		info("timeStep", "0"), info("timeStep", "-30"), info("timeStep", "x"), info("timeWindow", "x"), info("hashlib", "md9"),
		info("timeStep", "30", "timeWindow", "1"), info("timeWindow", "99999999999"), nil,
	} {
		w := tokentest.New(t)
		id := w.Add(token.Token{Serial: "T1", Type: "totp", Sealed: unhex(t, rfcKey), Info: m}).ID
		if got := check(t, w, TOTP{}, id, code(t, now)); !got.OK {
			t.Errorf("%v: the code of now is wrong", m)
		}
	}
	for _, n := range []int{3, 11, -1} {
		w := tokentest.New(t)
		id := w.Add(token.Token{Serial: "H1", Type: "hotp", Sealed: unhex(t, rfcKey), Digits: n}).ID
		if m := check(t, w, HOTP{}, id, "755224"); m.OK {
			t.Errorf("%d digits: accepted", n)
		}
	}
}

func TestExists(t *testing.T) {
	t.Parallel()
	w := tokentest.New(t)
	id := hotpToken(t, w, 5)
	for _, r := range []struct {
		counter, window int64
		ok              bool
	}{{14, 0, true}, {15, 0, false}, {34, 30, true}, {35, 30, false}, {4, 30, false}} {
		m, err := HOTP{}.Exists(ctx, w.Case(), w.Get(id), code(t, r.counter), r.window)
		if err != nil || m.OK != r.ok || m.OK && m.Changes[0] != (token.MoveCounter{Token: id, From: 5, To: r.counter + 1}) {
			t.Errorf("%d in %d: %+v %v", r.counter, r.window, m, err)
		}
	}
	now := otp.Step(w.Now.Unix(), 30)
	id = totpToken(t, w, now-50)
	for _, r := range []struct {
		ahead     int64
		ok, spent bool
	}{{-49, true, true}, {-50, false, false}, {5, true, true}, {6, true, false}, {999, true, false}, {1000, false, false}} {
		m, err := TOTP{}.Exists(ctx, w.Case(), w.Get(id), code(t, now+r.ahead), 1)
		if err != nil || m.OK != r.ok || (len(m.Changes) == 1) != r.spent {
			t.Errorf("%d ahead: %+v %v", r.ahead, m, err)
		}
	}
}

func TestProve(t *testing.T) {
	t.Parallel()
	w := tokentest.New(t)
	w.Set("AutoResync", "True")
	id := hotpToken(t, w, 0)
	m, err := HOTP{}.Prove(ctx, w.Case(), w.Get(id), code(t, 300))
	if err != nil || m.OK || len(m.Kept) > 0 {
		t.Errorf("a code far off: %+v %v", m, err)
	}
	m, err = HOTP{}.Prove(ctx, w.Case(), w.Get(id), code(t, 1))
	if err != nil || !m.OK || w.Accept(w.Get(id), m.Changes...) != nil || w.Get(id).Counter != 2 {
		t.Errorf("%+v %v", m, err)
	}
	id = totpToken(t, w, 0)
	m, err = TOTP{}.Prove(ctx, w.Case(), w.Get(id), code(t, otp.Step(w.Now.Unix(), 30)))
	if err != nil || !m.OK || w.Accept(w.Get(id), m.Changes...) != nil {
		t.Errorf("%+v %v", m, err)
	}
}

func TestChallenge(t *testing.T) {
	t.Parallel()
	w := tokentest.New(t)
	for name, ty := range map[string]token.Challenger{"Hotp": HOTP{}, "Totp": TOTP{}} {
		o, err := ty.Challenge(ctx, w.Case(), &token.Token{})
		if err != nil || o.Life != 0 || o.Mode != token.Interactive || o.Prompt.Key == "" {
			t.Errorf("%+v %v", o, err)
		}
		w.Set(name+"ChallengeValidityTime", "45")
		if o, err = ty.Challenge(ctx, w.Case(), &token.Token{}); err != nil || o.Life != 45*time.Second {
			t.Errorf("%+v %v", o, err)
		}
	}
}
