package tokentype

import (
	"context"
	"encoding/hex"
	"strings"
	"testing"

	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/token"
	"symbolon/internal/token/tokentest"
	"symbolon/protocol/otp"
)

func TestTwoSteps(t *testing.T) {
	t.Parallel()
	for _, r := range []struct {
		name   string
		ty     token.Type
		p      token.Params
		format string
		sizes  []policy.Action
		server int
		client int
		output int
		rounds string
	}{
		{"hotp", HOTP{}, token.Params{}, "hex", nil, 20, 8, 20, "10000"},
		{"totp sha256", TOTP{}, token.Params{"hashlib": "sha256", "timeStep": "60"}, "base32check", nil, 32, 8, 32, "10000"},
		{"sizes of policies", HOTP{}, token.Params{}, "hex", []policy.Action{action("hotp_2step_clientsize", "11"),
			action("hotp_2step_serversize", "19"), action("hotp_2step_difficulty", "1000")}, 19, 11, 20, "1000"},
	} {
		w := world(t)
		id := r.ty.Info().ID
		w.Policy(policy.Admin, action(id+"_2step", "allow"))
		w.Policy(policy.Enrollment, r.sizes...)
		p := token.Params{"2stepinit": "1", "genkey": "1"}
		for k, v := range r.p {
			p[k] = v
		}
		tok, e, err := w.EnrollDraft(r.ty, token.Draft{Token: token.Token{Serial: "TS1"}, Holder: hans}, p)
		must(t, err)
		server := tok.Sealed
		got := shown(e)
		if len(server) != r.server || tok.Active || tok.State != token.ClientWait || got["rollout_state"] != "clientwait" ||
			tok.Info["2step_difficulty"].Text != r.rounds || got["2step_difficulty"] != r.rounds {
			t.Errorf("%s: first step: %+v, %v", r.name, tok, got)
		}
		params := "&2step_salt=" + got["2step_salt"] + "&2step_output=" + got["2step_output"] + "&2step_difficulty=" + r.rounds
		if !strings.HasSuffix(got["googleurl"], params) || !strings.HasSuffix(got["oathurl"], params) {
			t.Errorf("%s: %s %s", r.name, got["googleurl"], got["oathurl"])
		}
		client := []byte("phone part of the key")[:r.client]
		typed := hex.EncodeToString(client)
		if r.format == "base32check" {
			typed = otp.EncodeBase32Check(client)
		}
		_, _, err = w.Enroll(r.ty, "TS1", token.Params{"2stepinit": "1", "genkey": "1"})
		if !fault.Is(err, fault.NotNow) {
			t.Errorf("%s: first step again: %v", r.name, err)
		}
		_, _, err = w.Enroll(r.ty, "TS1", token.Params{"otpkey": "0011223344"})
		if f := fault.Of(err); f == nil || f.Kind != fault.ClientPartSize || f.Args[0] != r.client || f.Args[1] != 5 {
			t.Errorf("%s: wrong size: %v", r.name, err)
		}
		// Another hash than the phone was told in the first step is not taken.
		tok, e, err = w.Enroll(r.ty, "TS1", token.Params{"otpkey": typed, "otpkeyformat": r.format, "hashlib": "sha512", "otplen": "8"})
		must(t, err)
		want, err := otp.DeriveKey(server, client, stored(tok, infoDifficulty, 0, maxDifficulty), r.output)
		must(t, err)
		if string(tok.Sealed) != string(want) || !tok.Active || tok.State != token.Enrolled || tok.Digits != 6 {
			t.Errorf("%s: second step: %+v", r.name, tok)
		}
		got = shown(e)
		if got["otpkey"] != "seed://"+hex.EncodeToString(want) || got["2step_salt"] != "" || strings.Contains(got["googleurl"], "2step") ||
			strings.Contains(got["googleurl"], "algorithm") != (id == "totp") || strings.Contains(got["googleurl"], "&period=60&") != (id == "totp") {
			t.Errorf("%s: second step shows %v", r.name, got)
		}
	}
}

// In the second step nothing is asked for again: the URL states what the phone
// was told in the first, also where it states what was asked for.
func TestSecondStepOfURLAsAsked(t *testing.T) {
	t.Parallel()
	w := world(t)
	w.Rules = edumfa()
	w.Policy(policy.Admin, action("totp_2step", "force"))
	_, _, err := w.Enroll(TOTP{}, "S", token.Params{"genkey": "1", "hashlib": "sha256", "otplen": "8", "timeStep": "60"})
	must(t, err)
	_, e, err := w.Enroll(TOTP{}, "S", token.Params{"otpkey": "0011223344556677"})
	must(t, err)
	if got := shown(e)["googleurl"]; !strings.HasSuffix(got, "&algorithm=SHA256&period=60&digits=8&issuer=eduMFA") {
		t.Error(got)
	}
}

func TestTwoStepPolicy(t *testing.T) {
	t.Parallel()
	for _, r := range []struct {
		name    string
		mode    string
		role    realm.Role
		rules   token.TypeRules
		p       token.Params
		again   bool // the token exists
		rolling bool
		waits   bool
		kind    fault.Kind
	}{
		{"nobody allows it", "", realm.Admin, privacyidea(), token.Params{"2stepinit": "1", "otpkey": rfcKey}, false, false, false, 0},
		{"allowed and asked", "allow", realm.Admin, privacyidea(), token.Params{"2stepinit": "1"}, false, false, true, 0},
		{"allowed, not asked", "allow", realm.Admin, privacyidea(), token.Params{}, false, false, false, 0},
		{"forced", "force", realm.Admin, edumfa(), token.Params{"genkey": "1"}, false, false, true, 0},
		{"forced, with a key", "force", realm.Admin, edumfa(), token.Params{"otpkey": rfcKey}, false, false, false, fault.SeedAndGenkey},
		{"forced, token exists", "force", realm.Admin, privacyidea(), token.Params{"otpkey": rfcKey}, true, false, false, 0},
		{"forced at rollover", "force", realm.Admin, privacyidea(), token.Params{}, true, true, true, 0},
		{"not forced at rollover", "force", realm.Admin, edumfa(), token.Params{"otpkey": rfcKey}, true, true, false, 0},
		{"another word", "maybe", realm.Admin, privacyidea(), token.Params{}, false, false, false, fault.TwoStepPolicy},
		{"policy of administrators, user calls", "force", realm.Owner, privacyidea(), token.Params{}, false, false, false, 0},
		{"nobody calls", "force", realm.Anonymous, privacyidea(), token.Params{}, false, false, false, 0},
	} {
		w := world(t)
		w.Rules = r.rules
		if r.again {
			if _, _, err := w.Enroll(HOTP{}, "S", token.Params{"otpkey": rfcKey}); err != nil {
				t.Fatal(err)
			}
		}
		w.Origin.Actor.Role = r.role
		if r.mode != "" {
			w.Policy(policy.Admin, action("hotp_2step", r.mode))
		}
		tok, _, err := w.EnrollDraft(HOTP{}, token.Draft{Token: token.Token{Serial: "S"}, Rolling: r.rolling}, r.p)
		if r.kind != 0 {
			if !fault.Is(err, r.kind) {
				t.Errorf("%s: %v, want %d", r.name, err, r.kind)
			}
			continue
		}
		if err != nil || (tok.State == token.ClientWait) != r.waits {
			t.Errorf("%s: %v, %v", r.name, tok, err)
		}
	}
}

// A rollover begins a half-done enrolment anew where two steps are asked for,
// and completes it otherwise: clients send rollover with both steps.
func TestTwoStepsWithRollover(t *testing.T) {
	t.Parallel()
	w := world(t)
	w.Policy(policy.Admin, action("hotp_2step", "force"))
	first, _, err := w.Enroll(HOTP{}, "S", nil)
	must(t, err)
	rolling := token.Draft{Token: token.Token{Serial: "S"}, Rolling: true}
	again, _, err := w.EnrollDraft(HOTP{}, rolling, token.Params{"2stepinit": "1"})
	must(t, err)
	if string(again.Sealed) == string(first.Sealed) || again.State != token.ClientWait {
		t.Errorf("%+v", again)
	}
	done, _, err := w.EnrollDraft(HOTP{}, rolling, token.Params{"otpkey": "0011223344556677"})
	must(t, err)
	if done.State != token.Enrolled || !done.Active {
		t.Errorf("%+v", done)
	}
}

func TestTwoStepSizesOutOfBounds(t *testing.T) {
	t.Parallel()
	for _, a := range []policy.Action{action("hotp_2step_clientsize", "0"), action("hotp_2step_serversize", "129"),
		action("hotp_2step_serversize", "4"), action("hotp_2step_difficulty", "1000001")} {
		w := world(t)
		w.Policy(policy.Admin, action("hotp_2step", "force"))
		w.Policy(policy.Enrollment, a)
		if _, _, err := w.Enroll(HOTP{}, "S", nil); !fault.Is(err, fault.PolicyActionValue) {
			t.Errorf("%s=%s: %v", a.Name, a.Value, err)
		}
	}
}

func TestSPass(t *testing.T) {
	t.Parallel()
	w := world(t)
	tok, e, err := w.Enroll(SPass{}, "SP1", token.Params{"spass.note": "x"})
	must(t, err)
	if got := shown(e); len(got) != 1 || got["otpkey"] != "seed://"+hex.EncodeToString(tok.Sealed) || len(tok.Sealed) != 20 {
		t.Errorf("%v", got)
	}
	equalMaps(t, "spass", texts(tok), map[string]string{"tokenkind": "software", "spass.note": "x"})

	authenticate := func(w *tokentest.World, stored, password string) token.Match {
		id := w.Add(token.Token{Serial: stored + password, Type: "spass", PINHash: stored}).ID
		m, err := SPass{}.Authenticate(ctx, w.Case(), w.Get(id), password)
		must(t, err)
		if m.OK {
			must(t, w.Accept(w.Get(id), m.Changes...))
			if got := w.Get(id).PINHash; strings.HasPrefix(got, "old:") {
				t.Errorf("the stored form is still %s", got)
			}
		}
		return m
	}
	for _, r := range []struct {
		stored, password string
		ok               bool
	}{{"plain:secretpin", "secretpin", true}, {"old:secretpin", "secretpin", true}, {"plain:secretpin", "secretpin1", false},
		{"plain:secretpin", "", false}, {"", "", true}, {"", "x", false}} {
		if m := authenticate(w, r.stored, r.password); m.OK != r.ok || m.PIN != r.ok {
			t.Errorf("%q %q: %+v", r.stored, r.password, m)
		}
	}
	// The policies may want another PIN.
	w.PINs = pinRule("userpw")
	if m := authenticate(w, "plain:p", "userpw"); !m.OK {
		t.Error("the PIN that the policies want is refused")
	}
	if m := authenticate(w, "plain:q", "q"); m.OK {
		t.Error("the token's own PIN is accepted, though the policies want another")
	}
}

// A check of the code alone is refused, and no challenge is opened: the type has
// neither ability. Others accept any code there.
func TestSPassHasNoCode(t *testing.T) {
	t.Parallel()
	var ty token.Type = SPass{}
	if _, ok := ty.(token.Verifier); ok {
		t.Error("spass verifies codes")
	}
	if _, ok := ty.(token.Challenger); ok {
		t.Error("spass opens challenges")
	}
}

// pinRule wants one text as the PIN of every token.
type pinRule string

// CheckPIN implements token.PINRule.
func (p pinRule) CheckPIN(_ context.Context, _ *token.Case, _ *token.Token, pin string) (bool, []token.Change, error) {
	return pin == string(p), nil, nil
}
