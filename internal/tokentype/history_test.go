package tokentype

import (
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"symbolon/internal/token"
	"symbolon/internal/token/tokentest"
	"symbolon/protocol/otp"
)

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
