package tokentype

import (
	"encoding/hex"
	"fmt"
	"math"
	"strings"
	"testing"

	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/secret"
	"symbolon/internal/token"
	"symbolon/internal/token/tokentest"
	"symbolon/protocol/otp"
)

// The rules of the two products whose enrolments were recorded.
func privacyidea() token.TypeRules {
	return token.TypeRules{KeyImplied: true, TwoStepOnRollover: true, URLCreator: "privacyidea", URLIssuer: "privacyIDEA",
		URLSerial: true, AppUnlock: true, DecimalShift: true}
}

func edumfa() token.TypeRules {
	return token.TypeRules{URLAsAsked: true, URLNeedsUser: true, URLIssuer: "eduMFA"}
}

// world is a world of privacyIDEA's rules with two users.
func world(t testing.TB) *tokentest.World {
	w := tokentest.New(t)
	w.Rules = privacyidea()
	w.Users = tokentest.Directory{
		{User: hans, Info: realm.Info{"givenname": "Hans", "surname": "Meier"}},
		{User: realm.User{Login: "nönäscii", Realm: "realm1", Resolver: "reso1", ID: "1003"}, Info: realm.Info{"givenname": "Nön", "surname": "Äscii"}},
	}
	return w
}

var hans = realm.User{Login: "hans", Realm: "realm1", Resolver: "reso1", ID: "1002"}

func action(name, value string) policy.Action {
	return policy.Action{Name: name, Value: value, Bare: value == ""}
}

// look returns what an enrolment shows, by name: the URL, or the value as text.
func shown(e token.Enrolment) map[string]string {
	m := map[string]string{}
	for _, s := range e.Shown {
		if s.URL.Len() > 0 {
			m[s.Name] = s.URL.RevealText()
		} else {
			m[s.Name] = fmt.Sprint(s.Value)
		}
		for k, v := range s.Extra {
			m[k] = v.(secret.Bytes).RevealText()
		}
	}
	return m
}

func texts(t *token.Token) map[string]string {
	m := map[string]string{}
	for k, e := range t.Info {
		m[k] = e.Text
	}
	return m
}

func equalMaps(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	for k, v := range want {
		if got[k] != v {
			t.Errorf("%s: %s is %q, want %q", what, k, got[k], v)
		}
	}
	for k, v := range got {
		if _, ok := want[k]; !ok {
			t.Errorf("%s: %s is there: %q", what, k, v)
		}
	}
}

func TestEnrolWithAKey(t *testing.T) {
	t.Parallel()
	const b32, b32x = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "UGZMHVHF6YDRQKJ2JNOG27UPSAAREIZU"
	for _, r := range []struct {
		name     string
		rules    token.TypeRules
		ty       token.Type
		serial   string
		p        token.Params
		b32, url string
		info     map[string]string
		digits   int
	}{
		{"hotp", privacyidea(), HOTP{}, "H1", token.Params{"otpkey": rfcKey}, b32,
			"otpauth://hotp/H1?secret=" + b32 + "&counter=1&digits=6&creator=privacyidea&issuer=privacyIDEA&serial=H1",
			map[string]string{"hashlib": "sha1", "tokenkind": "software"}, 6},
		{"eduMFA", edumfa(), HOTP{}, "OATH0001", token.Params{"otpkey": rfcKey}, b32,
			"otpauth://hotp/OATH0001?secret=" + b32 + "&counter=1&digits=6&issuer=eduMFA",
			map[string]string{"hashlib": "sha1", "tokenkind": "software"}, 6},
		{"hash and length", privacyidea(), HOTP{}, "H8", token.Params{"otpkey": rfcKey, "hashlib": "SHA256", "otplen": "8"}, b32,
			"otpauth://hotp/H8?secret=" + b32 + "&counter=1&algorithm=SHA256&digits=8&creator=privacyidea&issuer=privacyIDEA&serial=H8",
			map[string]string{"hashlib": "sha256", "tokenkind": "software"}, 8},
		{"md5 and upper case", edumfa(), HOTP{}, "UB1", token.Params{"otpkey": "A1B2C3D4E5F60718293A4B5C6D7E8F9001122334", "hashlib": "md5", "otplen": "7"}, b32x,
			"otpauth://hotp/UB1?secret=" + b32x + "&counter=1&algorithm=MD5&digits=7&issuer=eduMFA",
			map[string]string{"hashlib": "md5", "tokenkind": "hardware"}, 7},
		{"totp", privacyidea(), TOTP{}, "T1", token.Params{"otpkey": rfcKey}, b32,
			"otpauth://totp/T1?secret=" + b32 + "&period=30&digits=6&creator=privacyidea&issuer=privacyIDEA&serial=T1",
			map[string]string{"hashlib": "sha1", "tokenkind": "software", "timeStep": "30", "timeWindow": "180", "timeShift": "0.0"}, 6},
		{"totp with everything", edumfa(), TOTP{}, "T2", token.Params{"otpkey": rfcKey, "hashlib": "sha512", "otplen": "8", "timeStep": "60",
			"timeWindow": "600", "timeShift": "3600", "useTimeShift": "False", "totp.shop": "7", "totp.shop.type": "password"}, b32,
			"otpauth://totp/T2?secret=" + b32 + "&algorithm=SHA512&period=60&digits=8&issuer=eduMFA",
			map[string]string{"hashlib": "sha512", "tokenkind": "software", "timeStep": "60", "timeWindow": "600", "timeShift": "3600",
				"useTimeShift": "false", "totp.shop": "7"}, 8},
	} {
		w := world(t)
		w.Rules = r.rules
		tok, e, err := w.Enroll(r.ty, r.serial, r.p)
		if err != nil {
			t.Errorf("%s: %v", r.name, err)
			continue
		}
		oath := "oathtoken:///addToken?name=" + r.serial + "&lockdown=true&key=" + r.p["otpkey"]
		if _, timed := r.ty.(TOTP); timed {
			oath += "&timeBased=true"
		}
		equalMaps(t, r.name, shown(e), map[string]string{"otpkey": "seed://" + r.p["otpkey"], "value_b32": r.b32, "googleurl": r.url,
			"oathurl": oath, "rollout_state": ""})
		equalMaps(t, r.name, texts(tok), r.info)
		if key, _ := hex.DecodeString(r.p["otpkey"]); string(tok.Sealed) != string(key) || tok.Digits != r.digits {
			t.Errorf("%s: key %x, %d digits", r.name, tok.Sealed, tok.Digits)
		}
	}
}

func TestURLVectorsByEnrolment(t *testing.T) {
	t.Parallel()
	v := load(t).URLs
	for _, r := range v.Rows {
		if len(r.In.Key) < 32 || r.In.Extra["2step_salt"] != nil || r.In.Extra["pin"] != nil {
			continue // shorter keys, and the extras, have tests of their own
		}
		w := world(t)
		p := token.Params{"otpkey": r.In.Key, "hashlib": r.In.Alg}
		if r.In.Digits != 0 {
			p["otplen"] = fmt.Sprint(r.In.Digits)
		}
		ty := token.Type(HOTP{})
		if r.In.TT == "totp" {
			ty, p["timeStep"] = TOTP{}, fmt.Sprint(r.In.Period)
		}
		if r.In.EduMFA {
			w.Rules = edumfa()
		}
		w.Policy(policy.Enrollment, action("tokenlabel", r.In.Label))
		if r.In.Issuer != "" {
			w.Policy(policy.Enrollment, action("tokenissuer", r.In.Issuer))
		}
		_, e, err := w.Enroll(ty, r.In.Serial, p)
		if err != nil || shown(e)["googleurl"] != r.URL {
			t.Errorf("got  %s %v\nwant %s", shown(e)["googleurl"], err, r.URL)
		}
	}
	for _, r := range v.OATHToken {
		w := world(t)
		s := seed{secret.New(unhex(t, r.Key)), secret.Text(r.Key)}
		k := keyURL{seed: s}
		if r.Type == "totp" {
			k.period = 30
		}
		got, err := k.shown(ctx, w.Case(), &token.Draft{Token: token.Token{Serial: r.Label, Type: r.Type}})
		if err != nil || got[1].URL.RevealText() != r.URL {
			t.Errorf("%v %v, want %s", got, err, r.URL)
		}
	}
}

func TestLabelAndIssuer(t *testing.T) {
	t.Parallel()
	for _, r := range []struct {
		label, issuer string
		holder        realm.User
		url, oath     string
	}{
		{"{user}@{realm}/{serial}", "ACME {realm}", hans, "hans%40realm1/LA1?", "%7Buser%7D%40%7Brealm%7D/%7Bserial%7D&"},
		{"<u>/<r>/<s>", "{givenname} {surname}", hans, "hans/realm1/LA1?", "hans/realm1/LA1&"},
		{"<u>/<r>/<s>", "{givenname} {surname}", realm.User{}, "//LA1?", "//LA1&"},
		{"<u> <s> <r>: {givenname} {surname}", "x", hans, "hans%20LA1%20realm1%3A%20Hans%20Meier?", "hans%20LA1%20realm1%3A%20%7Bgivenname%7D%20%7Bsurname%7D&"},
		{"{nosuch}", "x", hans, "%7Bnosuch%7D?", "%7Bnosuch%7D&"},
		{"<u>", "x", realm.User{Login: "{serial}<s>", Realm: "r"}, "%7Bserial%7D%3Cs%3E?", "%7Bserial%7D%3Cs%3E&"},
		{"", "", hans, "LA1?", "LA1&"},
	} {
		w := world(t)
		w.Policy(policy.Enrollment, action("tokenlabel", r.label), action("tokenissuer", r.issuer))
		_, e, err := w.EnrollDraft(HOTP{}, token.Draft{Token: token.Token{Serial: "LA1"}, Holder: r.holder}, token.Params{"otpkey": rfcKey})
		got := shown(e)
		if err != nil || !strings.HasPrefix(got["googleurl"], "otpauth://hotp/"+r.url) || !strings.Contains(got["oathurl"], "name="+r.oath) {
			t.Errorf("%s: %s %s %v", r.label, got["googleurl"], got["oathurl"], err)
		}
	}
	w := world(t)
	w.Policy(policy.Enrollment, action("tokenissuer", "My Company ({realm})"))
	_, e, err := w.EnrollDraft(HOTP{}, token.Draft{Token: token.Token{Serial: "TL1"}, Holder: hans}, token.Params{"otpkey": rfcKey})
	if err != nil || !strings.Contains(shown(e)["googleurl"], "&issuer=My%20Company%20%28realm1%29&") {
		t.Errorf("%s %v", shown(e)["googleurl"], err)
	}
}

// Policies of scope enrollment are those of the future owner; of a token that
// exists already, those of its owner.
func TestEnrolmentPoliciesAreTheHolders(t *testing.T) {
	t.Parallel()
	w := world(t)
	w.Policies = []policy.Policy{{Name: "r", Active: true, Scope: policy.Enrollment, Realms: []string{"realm1"}, Priority: 1,
		Actions: policy.Actions{action("tokenissuer", "R")}}}
	for _, holder := range []realm.User{hans, {}} {
		_, e, err := w.EnrollDraft(HOTP{}, token.Draft{Token: token.Token{Serial: "S" + holder.ID}, Holder: holder}, token.Params{"otpkey": rfcKey})
		want := map[bool]string{true: "&issuer=R&", false: "&issuer=privacyIDEA&"}[holder.Known()]
		if err != nil || !strings.Contains(shown(e)["googleurl"], want) {
			t.Errorf("%s: %s %v", holder.Login, shown(e)["googleurl"], err)
		}
	}
	_, e, err := w.Enroll(HOTP{}, "S1002", token.Params{"otpkey": rfcKey})
	if err != nil || !strings.Contains(shown(e)["googleurl"], "&issuer=R&") {
		t.Errorf("again: %s %v", shown(e)["googleurl"], err)
	}
}

func TestAppExtras(t *testing.T) {
	t.Parallel()
	for _, r := range []struct {
		rules   token.TypeRules
		actions []policy.Action
		want    string
	}{
		{privacyidea(), []policy.Action{action("appimageurl", "https://example.com/i.png"), action("hotp_force_app_pin", "")},
			"&image=https%3A//example.com/i.png&pin=True&app_force_unlock=pin"},
		{privacyidea(), []policy.Action{action("hotp_app_force_unlock", "biometric")}, "&app_force_unlock=biometric"},
		{edumfa(), []policy.Action{action("hotp_force_app_pin", "")}, "&pin=True"},
		{privacyidea(), []policy.Action{action("totp_force_app_pin", "")}, ""},
	} {
		w := world(t)
		w.Rules = r.rules
		w.Policy(policy.Enrollment, r.actions...)
		_, e, err := w.Enroll(HOTP{}, "S", token.Params{"otpkey": rfcKey})
		got := shown(e)
		if err != nil || !strings.HasSuffix(got["oathurl"], "&key="+rfcKey+r.want) {
			t.Errorf("%v: %s %v", r.actions, got["oathurl"], err)
		}
		end := r.want
		if r.rules.URLSerial {
			end = "&serial=S" + end
		}
		if !strings.HasSuffix(got["googleurl"], end) {
			t.Errorf("%v: %s", r.actions, got["googleurl"])
		}
	}
}

// A token enrolled into a realm, for nobody, has a seed and no key URLs in eduMFA.
func TestKeyURLsOfARealm(t *testing.T) {
	t.Parallel()
	for _, r := range []struct {
		rules  token.TypeRules
		realms []string
		holder realm.User
		want   bool
	}{{privacyidea(), []string{"realm1"}, realm.User{}, true}, {edumfa(), []string{"realm1"}, realm.User{}, false},
		{edumfa(), nil, realm.User{}, true}, {edumfa(), []string{"realm1"}, hans, true}} {
		w := world(t)
		w.Rules = r.rules
		d := token.Draft{New: true, Holder: r.holder, Token: token.Token{Serial: "S", Type: "hotp", Digits: 6, Realms: r.realms}}
		e, err := HOTP{}.Enroll(t.Context(), w.Case(), &d, token.Params{"otpkey": rfcKey})
		if err != nil {
			t.Fatal(err)
		}
		if got := shown(e); (got["googleurl"] != "") != r.want || (got["oathurl"] != "") != r.want || got["otpkey"] == "" {
			t.Errorf("%v %v: %v", r.realms, r.holder, got)
		}
	}
}

// Weakness: others write the lengths that were asked for, or six digits, into
// the URL, whatever the token has. Ours states the token's, but where the
// recorded product is asked for.
func TestURLStatesTheTokensValues(t *testing.T) {
	t.Parallel()
	for _, r := range []struct {
		rules token.TypeRules
		want  string
	}{{privacyidea(), "&algorithm=SHA512&period=60&digits=8&"}, {edumfa(), "&period=30&digits=6&"}} {
		w := world(t)
		w.Rules = r.rules
		for name, value := range map[string]string{"DefaultOtpLen": "8", "totp.hashlib": "sha512", "totp.timeStep": "60", "totp.timeWindow": "240"} {
			w.Set(name, value)
		}
		tok, e, err := w.Enroll(TOTP{}, "T1", token.Params{"otpkey": rfcKey})
		if err != nil || !strings.Contains(shown(e)["googleurl"], "OJQ"+r.want) {
			t.Errorf("%s %v, want %s", shown(e)["googleurl"], err, r.want)
		}
		if err == nil && (tok.Digits != 8 || tok.Info["hashlib"].Text != "sha512" || tok.Info["timeStep"].Text != "60" || tok.Info["timeWindow"].Text != "240") {
			t.Errorf("%d digits, %v", tok.Digits, texts(tok))
		}
		// Parameters come before settings.
		tok, _, err = w.Enroll(TOTP{}, "T2", token.Params{"otpkey": rfcKey, "hashlib": "sha1", "otplen": "6", "timeStep": "30"})
		if err != nil || tok.Digits != 6 || tok.Info["hashlib"].Text != "sha1" || tok.Info["timeStep"].Text != "30" || tok.Info["timeWindow"].Text != "240" {
			t.Errorf("%v %v", tok, err)
		}
	}
}

// What a policy sets counts whatever is asked for, and is in the URL of both products.
func TestForcedValues(t *testing.T) {
	t.Parallel()
	for _, rules := range []token.TypeRules{privacyidea(), edumfa()} {
		for scope, role := range map[policy.Scope]realm.Role{policy.Admin: realm.Admin, policy.User: realm.Owner} {
			w := world(t)
			w.Rules = rules
			w.Origin.Actor = realm.Actor{Role: role, Login: "hans", Realm: "realm1", User: hans}
			other := map[policy.Scope]policy.Scope{policy.Admin: policy.User, policy.User: policy.Admin}[scope]
			w.Policy(other, action("totp_otplen", "10"))
			w.Policy(scope, action("totp_hashlib", "sha512"), action("totp_otplen", "8"), action("totp_timestep", "60"),
				action("totp_timeshift", "False"), action("totp_force_server_generate", ""))
			tok, e, err := w.EnrollDraft(TOTP{}, token.Draft{Token: token.Token{Serial: "T1"}, Holder: hans},
				token.Params{"otpkey": rfcKey, "hashlib": "sha1", "otplen": "6", "timeStep": "30", "useTimeShift": "true"})
			if err != nil {
				t.Fatal(err)
			}
			got := texts(tok)
			if got["hashlib"] != "sha512" || got["timeStep"] != "60" || got["useTimeShift"] != "false" || tok.Digits != 8 {
				t.Errorf("%s: %d digits, %v", scope, tok.Digits, got)
			}
			if len(tok.Sealed) != 64 || !strings.Contains(shown(e)["googleurl"], "&algorithm=SHA512&period=60&digits=8&") {
				t.Errorf("%s: %d bytes, %s", scope, len(tok.Sealed), shown(e)["googleurl"])
			}
		}
	}
}

func TestGeneratedKeys(t *testing.T) {
	t.Parallel()
	for _, r := range []struct {
		rules token.TypeRules
		p     token.Params
		size  int
		kind  fault.Kind
	}{
		{privacyidea(), nil, 20, 0},
		{privacyidea(), token.Params{"genkey": "0"}, 20, 0},
		{privacyidea(), token.Params{"genkey": "1", "keysize": "32"}, 32, 0},
		{privacyidea(), token.Params{"genkey": "1", "hashlib": "sha256"}, 32, 0},
		{privacyidea(), token.Params{"genkey": "1", "hashlib": "sha512"}, 64, 0},
		{edumfa(), token.Params{"genkey": "True", "otpkey": rfcKey}, 20, 0},
		{edumfa(), nil, 0, fault.ParameterMissing},
		{edumfa(), token.Params{"genkey": "0"}, 0, fault.ParameterMissing},
		{privacyidea(), token.Params{"genkey": "1", "keysize": "1"}, 0, fault.SeedTooShort},
		{privacyidea(), token.Params{"genkey": "1", "keysize": "129"}, 0, fault.ParameterInvalid},
		{privacyidea(), token.Params{"genkey": "1", "keysize": "x"}, 0, fault.NotANumber},
	} {
		w := world(t)
		w.Rules = r.rules
		tok, e, err := w.Enroll(HOTP{}, "G1", r.p)
		if r.kind != 0 {
			if !fault.Is(err, r.kind) {
				t.Errorf("%v: %v, want %d", r.p, err, r.kind)
			}
			continue
		}
		if err != nil || len(tok.Sealed) != r.size || string(tok.Sealed) == "12345678901234567890" {
			t.Errorf("%v: %x %v", r.p, tok.Sealed, err)
			continue
		}
		if got := shown(e); got["otpkey"] != "seed://"+hex.EncodeToString(tok.Sealed) || got["value_b32"] != otp.Base32(tok.Sealed) {
			t.Errorf("%v: another key is shown", r.p)
		}
	}
}

func TestEnrolmentRefusals(t *testing.T) {
	t.Parallel()
	for _, r := range []struct {
		name string
		ty   token.Type
		p    token.Params
		kind fault.Kind
	}{
		{"not hex", HOTP{}, token.Params{"otpkey": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}, fault.SeedNotHex},
		{"odd hex", HOTP{}, token.Params{"otpkey": rfcKey + "0"}, fault.SeedNotHex},
		{"short", HOTP{}, token.Params{"otpkey": rfcKey[:30]}, fault.SeedTooShort},
		{"long", HOTP{}, token.Params{"otpkey": strings.Repeat("00", 129)}, fault.ParameterInvalid},
		{"format", HOTP{}, token.Params{"otpkey": "00", "otpkeyformat": "base64"}, fault.SeedFormat},
		{"base32", HOTP{}, token.Params{"otpkey": "!!!!", "otpkeyformat": "base32check"}, fault.SeedBase32},
		{"base32 short", HOTP{}, token.Params{"otpkey": "AAAA", "otpkeyformat": "base32check"}, fault.SeedTooShort32},
		{"base32 sum", HOTP{}, token.Params{"otpkey": "AAAAAAAAAAAAAAAA", "otpkeyformat": "base32check"}, fault.SeedChecksum},
		{"hash", HOTP{}, token.Params{"hashlib": "md9"}, fault.HashUnknown},
		{"digits", HOTP{}, token.Params{"otplen": "3"}, fault.DigitsInvalid},
		{"digits", HOTP{}, token.Params{"otplen": "11"}, fault.DigitsInvalid},
		{"digits", HOTP{}, token.Params{"otplen": "x"}, fault.NotANumber},
		{"step", TOTP{}, token.Params{"timeStep": "x"}, fault.NotANumber},
		{"step", TOTP{}, token.Params{"timeStep": "0"}, fault.ParameterInvalid},
		{"step", TOTP{}, token.Params{"timeStep": "-30"}, fault.ParameterInvalid},
		{"step", TOTP{}, token.Params{"timeStep": "86401"}, fault.ParameterInvalid},
		{"window", TOTP{}, token.Params{"timeWindow": "0"}, fault.ParameterInvalid},
		{"window", TOTP{}, token.Params{"timeWindow": "9999999999"}, fault.ParameterInvalid},
		{"window", TOTP{}, token.Params{"timeWindow": "x"}, fault.NotANumber},
		{"shift", TOTP{}, token.Params{"timeShift": "x"}, fault.NotANumber},
		{"shift", TOTP{}, token.Params{"timeShift": "NaN"}, fault.ParameterInvalid},
		{"shift", TOTP{}, token.Params{"timeShift": "-1e10"}, fault.ParameterInvalid},
		{"use of shift", TOTP{}, token.Params{"useTimeShift": "perhaps"}, fault.ParameterInvalid},
	} {
		w := world(t)
		if _, _, err := w.Enroll(r.ty, "E1", r.p); !fault.Is(err, r.kind) {
			t.Errorf("%s %v: %v, want %d", r.name, r.p, err, r.kind)
		}
	}
}

func TestBase32CheckKey(t *testing.T) {
	t.Parallel()
	w := world(t)
	tok, e, err := w.Enroll(HOTP{}, "B32", token.Params{"otpkey": "pyfbeqrrgiztinjwg44dsmbrgiztinjwg44dsma", "otpkeyformat": "base32check"})
	if err != nil || hex.EncodeToString(tok.Sealed) != rfcKey || shown(e)["otpkey"] != "seed://"+rfcKey {
		t.Errorf("%v %v", tok, err)
	}
}

// A key of its own replaces what the old one had learnt.
func TestEnrolAgain(t *testing.T) {
	t.Parallel()
	w := world(t)
	w.Set("AutoResync", "True")
	if _, _, err := w.Enroll(TOTP{}, "T1", token.Params{"otpkey": rfcKey, "hashlib": "sha256", "timeStep": "60", "useTimeShift": "false"}); err != nil {
		t.Fatal(err)
	}
	id := w.Get(firstID(t, w)).ID
	must(t, w.Apply(token.SetInfo{Token: id, Key: "otp1c", To: &token.Entry{Text: "5"}}, token.SetInfo{Token: id, Key: "dueDate", To: &token.Entry{Text: "9"}}))
	tok, _, err := w.Enroll(TOTP{}, "T1", token.Params{"genkey": "1", "useTimeShift": "default"})
	if err != nil {
		t.Fatal(err)
	}
	// Hash and step stay, since nothing else was asked for.
	equalMaps(t, "again", texts(tok), map[string]string{"hashlib": "sha256", "tokenkind": "software", "timeStep": "60", "timeWindow": "180", "timeShift": "0.0"})
	if len(tok.Sealed) != 32 {
		t.Errorf("%d bytes", len(tok.Sealed))
	}
}

func firstID(t *testing.T, w *tokentest.World) token.ID {
	t.Helper()
	page, _, err := w.Case().Tokens(ctx, token.Filter{})
	if err != nil || len(page) == 0 {
		t.Fatal("no token", err)
	}
	return page[0].ID
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestNothingSecretIsPrinted(t *testing.T) {
	t.Parallel()
	w := world(t)
	_, e, err := w.Enroll(HOTP{}, "S1", token.Params{"otpkey": rfcKey})
	must(t, err)
	for _, text := range []string{fmt.Sprintf("%v %+v %#v", e, e, e), fmt.Sprintf("%+v", w.Trace())} {
		if strings.Contains(text, rfcKey) || strings.Contains(text, otp.Base32(unhex(t, rfcKey))) {
			t.Errorf("a key is in %s", text)
		}
	}
}

func TestInfosAreComplete(t *testing.T) {
	t.Parallel()
	r := token.Registry{}
	r.Register(All()...)
	seen := map[string]bool{}
	for _, ty := range All() {
		i := ty.Info()
		if i.ID == "" || i.Prefix == "" || i.Title == "" || len(i.EnrolBy) == 0 {
			t.Errorf("%+v", i)
		}
		for _, a := range i.Actions {
			d := a.Definition()
			key := string(d.Scope) + " " + d.Name
			if !strings.HasPrefix(d.Name, i.ID+"_") || d.Doc == "" || d.Scope == "" || seen[key] {
				t.Errorf("%s: action %+v", i.ID, d)
			}
			seen[key] = true
		}
	}
	if n := len(seen); n != 13+17+6 {
		t.Errorf("%d actions", n)
	}
	if bounded(math.MaxInt64) != maxSearch || bounded(-1) != 0 {
		t.Error("a window is not bounded")
	}
}
