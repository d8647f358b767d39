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

	"pgregory.net/rapid"

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

func totpToken(t testing.TB, w *tokentest.World, counter int64, more ...string) token.ID {
	m := info("hashlib", "sha1", "timeStep", "30", "timeWindow", "180", "timeShift", "0")
	for i := 0; i < len(more); i += 2 {
		m[more[i]] = token.Entry{Text: more[i+1]}
	}
	return w.Add(token.Token{Serial: "T1", Type: "totp", Sealed: unhex(t, rfcKey), Info: m, Standing: token.Standing{Counter: counter}}).ID
}

// The recorded shift after a login is the start of the matching step less now,
// which is up to a step too small; ours is the difference in whole steps.
func TestTOTPWindowVectors(t *testing.T) {
	t.Parallel()
	v := load(t).TimeWindow
	for _, r := range v.Rows {
		w := tokentest.New(t)
		w.Now = time.Unix(r.Now, 0)
		shift := strconv.FormatFloat(r.TimeShift, 'f', -1, 64)
		id := w.Add(token.Token{Serial: "T1", Type: "totp", Sealed: unhex(t, v.Key), Digits: v.Digits,
			Info:     info("timeStep", strconv.FormatInt(v.Step, 10), "timeWindow", strconv.FormatInt(v.TimeWindow, 10), "timeShift", shift),
			Standing: token.Standing{Counter: r.Count}}).ID
		m := check(t, w, TOTP{}, id, r.OTP)
		if r.Match >= 0 {
			shift = strconv.FormatInt((r.Match-r.Now/v.Step)*v.Step, 10)
		}
		tok := w.Get(id)
		if m.OK != (r.Match >= 0) || tok.Counter != r.CountAfter || tok.Info["timeShift"].Text != shift {
			t.Errorf("%s: ok %t, counter %d, shift %s; want %d, %s", r.Case, m.OK, tok.Counter, tok.Info["timeShift"].Text, r.CountAfter, shift)
		}
		if m.Replay != (r.OTPCounter == r.Count) {
			t.Errorf("%s: replay %t", r.Case, m.Replay)
		}
	}
}

func TestTOTPCodesOfVectors(t *testing.T) {
	t.Parallel()
	v := load(t)
	for _, r := range v.Six.Rows {
		w := tokentest.New(t)
		w.Now = time.Unix(r.Time, 0)
		id := w.Add(token.Token{Serial: "T1", Type: "totp", Sealed: unhex(t, v.Six.Key)}).ID
		if m := check(t, w, TOTP{}, id, r.OTP6); !m.OK || w.Get(id).Counter != r.Counter {
			t.Errorf("%d: %+v", r.Time, m)
		}
	}
	for _, r := range v.Short {
		w := tokentest.New(t)
		w.Now = time.Unix(r.Time, 0)
		id := w.Add(token.Token{Serial: "T1", Type: "totp", Digits: 8, Sealed: unhex(t, r.Key), Info: info("hashlib", r.Algorithm)}).ID
		if m := check(t, w, TOTP{}, id, r.OTP8); !m.OK {
			t.Errorf("%s: %+v", r.Algorithm, m)
		}
	}
}

// An exact clock keeps an exact shift, wherever in its step a code arrives, and
// late codes do not make the window walk.
func TestTOTPShiftIsInWholeSteps(t *testing.T) {
	t.Parallel()
	w := tokentest.New(t)
	id := totpToken(t, w, 0)
	for range 20 {
		w.Now = w.Now.Add(97 * time.Second)
		if m := check(t, w, TOTP{}, id, code(t, otp.Step(w.Now.Unix(), 30))); !m.OK || w.Get(id).Info["timeShift"].Text != "0" {
			t.Fatalf("%+v, shift %s", m, w.Get(id).Info["timeShift"].Text)
		}
	}
}

func TestTOTPShiftFormat(t *testing.T) {
	t.Parallel()
	for _, r := range []struct {
		decimal bool
		want    string
	}{{true, "-60.0"}, {false, "-60"}} {
		w := tokentest.New(t)
		w.Rules.DecimalShift = r.decimal
		id := totpToken(t, w, 0)
		check(t, w, TOTP{}, id, code(t, otp.Step(w.Now.Unix(), 30)-2))
		if got := w.Get(id).Info["timeShift"].Text; got != r.want {
			t.Errorf("%s, want %s", got, r.want)
		}
	}
}

// A shift that other servers have stored, or an administrator has set, is not of
// whole steps: it is used as it is.
func TestTOTPForeignShift(t *testing.T) {
	t.Parallel()
	w := tokentest.New(t)
	now := otp.Step(w.Now.Unix(), 30)
	for _, r := range []struct {
		shift string
		ahead int64 // steps, at 12 seconds into one
	}{{"17.5", 0}, {"18.0", 1}, {"-12.5", -1}, {"3600.0", 120}, {"x", 0}, {"NaN", 0}, {"1e300", 0}} {
		w := tokentest.New(t)
		id := totpToken(t, w, 0, "timeShift", r.shift, "timeWindow", "30")
		if m := check(t, w, TOTP{}, id, code(t, now+r.ahead)); !m.OK {
			t.Errorf("shift %s: %d steps ahead is wrong", r.shift, r.ahead)
		}
	}
}

func TestTOTPUseTimeShift(t *testing.T) {
	t.Parallel()
	for _, r := range []struct {
		setting, entry string
		follows        bool
	}{{"", "", true}, {"False", "", false}, {"False", "true", true}, {"", "false", false}, {"", "False", false}} {
		w := tokentest.New(t)
		w.Set("AutoResync", "True")
		if r.setting != "" {
			w.Set("totp.useTimeShift", r.setting)
		}
		more := []string{"timeShift", "600"}
		if r.entry != "" {
			more = append(more, "useTimeShift", r.entry)
		}
		id := totpToken(t, w, 0, more...)
		now := otp.Step(w.Now.Unix(), 30)
		m := check(t, w, TOTP{}, id, code(t, now+20))
		if m.OK != r.follows || (len(m.Kept) > 0) {
			t.Errorf("%+v: the shifted code: %+v", r, m)
		}
		id = w.Add(token.Token{Serial: "T2", Type: "totp", Sealed: unhex(t, rfcKey), Info: w.Get(id).Info}).ID
		check(t, w, TOTP{}, id, code(t, now+21))
		check(t, w, TOTP{}, id, code(t, now-1))
		if shift := w.Get(id).Info["timeShift"].Text; !r.follows && shift != "600" {
			t.Errorf("%+v: the shift became %s", r, shift)
		}
		if ok, _, err := (TOTP{}).Resync(ctx, w.Case(), w.Get(id), code(t, now+200), code(t, now+201)); ok != r.follows || err != nil {
			t.Errorf("%+v: resync %t %v", r, ok, err)
		}
	}
}

func TestTOTPAutoResync(t *testing.T) {
	t.Parallel()
	w := tokentest.New(t)
	w.Set("AutoResync", "True")
	id := totpToken(t, w, 0)
	far := otp.Step(w.Now.Unix(), 30) + 120
	for _, r := range []struct {
		counter int64
		ok      bool
		replay  bool
	}{{far, false, false}, {far + 1, true, false}, {far + 1, false, true}, {far + 2, true, false}} {
		if m := check(t, w, TOTP{}, id, code(t, r.counter)); m.OK != r.ok || m.Replay != r.replay {
			t.Errorf("%d: %+v", r.counter-far, m)
		}
	}
	if tok := w.Get(id); tok.Info["timeShift"].Text != "3660" || tok.Info["otp1c"] != (token.Entry{}) {
		t.Errorf("%v", tok.Info)
	}
}

// Others remember the first code of a TOTP token for ever.
func TestTOTPAutoResyncExpires(t *testing.T) {
	t.Parallel()
	w := tokentest.New(t)
	w.Set("AutoResync", "True")
	w.Set("AutoResyncTimeout", "60")
	id := totpToken(t, w, 0)
	far := otp.Step(w.Now.Unix(), 30) + 120
	check(t, w, TOTP{}, id, code(t, far))
	w.Now = w.Now.Add(61 * time.Second)
	if m := check(t, w, TOTP{}, id, code(t, far+1)); m.OK {
		t.Error("accepted a minute late")
	}
}

func TestTOTPResync(t *testing.T) {
	t.Parallel()
	base := otp.Step(tokentest.Start().Unix(), 30)
	for _, r := range []struct {
		name   string
		count  int64
		first  int64
		second int64
		ok     bool
	}{
		{"an hour slow", 0, -120, -119, true},
		{"an hour fast", 0, 120, 121, true},
		{"not in a row", 0, -120, -118, false},
		{"turned around", 0, -119, -120, false},
		{"last of the window", 0, 998, 999, true},
		{"behind the window", 0, 999, 1000, false},
		{"first of the window", 0, -1001, -1000, true},
		{"before the window", 0, -1002, -1001, false},
		{"below the counter", base - 100, -101, -100, false},
		{"from the counter", base - 100, -100, -99, true},
	} {
		w := tokentest.New(t)
		id := totpToken(t, w, r.count)
		ok, changes, err := TOTP{}.Resync(ctx, w.Case(), w.Get(id), code(t, base+r.first), code(t, base+r.second))
		if err != nil || ok != r.ok {
			t.Errorf("%s: %t %v", r.name, ok, err)
			continue
		}
		if !ok {
			continue
		}
		if err := w.Apply(changes...); err != nil {
			t.Fatal(err)
		}
		tok := w.Get(id)
		if want := strconv.FormatInt(r.second*30, 10); tok.Counter != base+r.second+1 || tok.Info["timeShift"].Text != want {
			t.Errorf("%s: counter %d, shift %s", r.name, tok.Counter-base, tok.Info["timeShift"].Text)
		}
		// The step after the second code is spent too; the next one is not.
		if m := check(t, w, TOTP{}, id, code(t, base+r.second+1)); m.OK || !m.Replay {
			t.Errorf("%s: the code after: %+v", r.name, m)
		}
		if m := check(t, w, TOTP{}, id, code(t, base+r.second+2)); !m.OK {
			t.Errorf("%s: the code after that: %+v", r.name, m)
		}
	}
}

// A spent code is not taken for one far ahead that happens to be the same.
func TestTOTPSpentCodeIsNotRemembered(t *testing.T) {
	t.Parallel()
	w := tokentest.New(t)
	w.Set("AutoResync", "True")
	g, err := otp.NewGenerator(unhex(t, rfcKey), otp.SHA1, 4)
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for hour := range 200 {
		w.Now = tokentest.Start().Add(time.Duration(hour) * time.Hour)
		now := otp.Step(w.Now.Unix(), 30)
		typed := g.Code(now - 2)
		if _, again := g.Search(typed, now+6, now+1000); !again {
			continue
		}
		tried++
		id := w.Add(token.Token{Serial: "T" + strconv.Itoa(hour), Type: "totp", Digits: 4, Sealed: unhex(t, rfcKey),
			Standing: token.Standing{Counter: now}}).ID
		if m := check(t, w, TOTP{}, id, typed); m.OK || len(m.Kept) > 0 {
			t.Errorf("hour %d: %+v", hour, m)
		}
	}
	if tried == 0 {
		t.Fatal("no code occurs again: the test shows nothing")
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

// histories plays random logins against a token: codes around the counter, old
// ones, pairs far off, time passing. Each request may be overtaken by another
// one with the same code between its decision and its commit. No counter is
// accepted twice, and every accepted one is within the window, or follows a
// code that was remembered.
func histories(t *testing.T, ty token.Verifier, add func(*tokentest.World) token.ID, base func(*tokentest.World, *token.Token) int64,
	inside func(w *tokentest.World, before *token.Token, at int64) bool) {
	rapid.Check(t, func(r *rapid.T) {
		w := tokentest.New(t)
		if rapid.Bool().Draw(r, "resync") {
			w.Set("AutoResync", "True")
		}
		id := add(w)
		accepted := map[int64]bool{}
		for range rapid.IntRange(1, 25).Draw(r, "steps") {
			w.Now = w.Now.Add(time.Duration(rapid.IntRange(0, 200).Draw(r, "wait")) * time.Second)
			before := w.Get(id)
			offset := rapid.OneOf(rapid.Int64Range(-12, 12), rapid.Int64Range(-40, 40), rapid.Just(int64(0))).Draw(r, "offset")
			from := base(w, before)
			if first, ok := before.Info["otp1c"]; ok && rapid.Bool().Draw(r, "follow") {
				from, _ = strconv.ParseInt(first.Text, 10, 64)
				offset = 1
			}
			at := max(0, from+offset)
			typed := code(t, at)
			m, err := ty.Verify(ctx, w.Case(), before, typed)
			if err != nil {
				r.Fatal(err)
			}
			// Somebody else may be faster with the same code.
			if rapid.Bool().Draw(r, "overtaken") {
				other, err := ty.Verify(ctx, w.Case(), before, typed)
				if err != nil {
					r.Fatal(err)
				}
				if w.Judge(before, other) == nil && other.OK {
					count(r, w, before, accepted, inside)
				}
			}
			middle := w.Get(id)
			if err := w.Judge(before, m); err == nil && m.OK {
				count(r, w, middle, accepted, inside)
			}
			if w.Get(id).Counter < before.Counter {
				r.Fatalf("the counter went back: %d, then %d", before.Counter, w.Get(id).Counter)
			}
			w.Apply(token.ResetFailures{Token: id})
		}
	})
}

// count notes the counter that was accepted between before and now.
func count(r *rapid.T, w *tokentest.World, before *token.Token, accepted map[int64]bool,
	inside func(*tokentest.World, *token.Token, int64) bool) {
	at := w.Get(before.ID).Counter
	if before.Type == "hotp" {
		at--
	}
	if accepted[at] {
		r.Fatalf("counter %d was accepted twice", at)
	}
	accepted[at] = true
	for n := range accepted {
		if n > at {
			r.Fatalf("counter %d was accepted after %d", at, n)
		}
	}
	if first, ok := before.Info["otp1c"]; !inside(w, before, at) && (!ok || first.Text != strconv.FormatInt(at-1, 10)) {
		r.Fatalf("counter %d is outside of the window, counter before %d", at, before.Counter)
	}
}

func TestHOTPHistories(t *testing.T) {
	t.Parallel()
	histories(t, HOTP{}, func(w *tokentest.World) token.ID { return hotpToken(t, w, 0) },
		func(_ *tokentest.World, tok *token.Token) int64 { return tok.Counter },
		func(_ *tokentest.World, before *token.Token, at int64) bool {
			return at >= before.Counter && at < before.Counter+before.Window
		})
}

func TestTOTPHistories(t *testing.T) {
	t.Parallel()
	histories(t, TOTP{}, func(w *tokentest.World) token.ID { return totpToken(t, w, 0) },
		func(w *tokentest.World, _ *token.Token) int64 { return otp.Step(w.Now.Unix(), 30) },
		func(w *tokentest.World, before *token.Token, at int64) bool {
			shift, _ := strconv.ParseInt(before.Info["timeShift"].Text, 10, 64)
			device := otp.Step(w.Now.Unix()+shift, 30)
			return at > before.Counter && at >= device-6 && at <= device+5
		})
}
