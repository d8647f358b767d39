package tokentype

import (
	"strconv"
	"testing"
	"time"

	"symbolon/internal/token"
	"symbolon/internal/token/tokentest"
	"symbolon/protocol/otp"
)

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
