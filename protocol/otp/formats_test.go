package otp

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestBase32CheckVectors(t *testing.T) {
	t.Parallel()
	v := load(t)
	for _, r := range v.Base32Check.Rows {
		want := unhex(t, r.Payload)
		if got := EncodeBase32Check(want); got != r.Unpadded {
			t.Errorf("%s: %s", r.Payload, got)
		}
		for _, in := range []string{r.Padded, r.Unpadded, strings.ToLower(r.Unpadded)} {
			if got, err := DecodeBase32Check(in); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: %x %v", in, got, err)
			}
		}
	}
	texts := map[string]error{"Incorrect checksum": ErrChecksum, "Invalid base32": ErrBase32, "Too short": ErrTooShort}
	for _, r := range v.Base32Check.Bad {
		want := texts[strings.TrimPrefix(r.Error, "Malformed base32check data: ")]
		if got, err := DecodeBase32Check(r.Input); want == nil || !errors.Is(err, want) || got != nil {
			t.Errorf("%s: %v, want %v", r.Input, err, want)
		}
	}
}

func TestBase32CheckRefusals(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]error{"": ErrTooShort, "AAAA": ErrTooShort, "!!!!": ErrBase32, "GEZD1890": ErrBase32,
		"AAAAAAAAAAAAAAAA": ErrChecksum, "AAAAAAAAAAAAAAAAAAA": ErrBase32, "RZQMZN2W\nKJMVGRKDKJKA": ErrBase32, "=": ErrBase32} {
		if got, err := DecodeBase32Check(in); !errors.Is(err, want) || got != nil {
			t.Errorf("%q: %x %v, want %v", in, got, err, want)
		}
	}
}

func TestTwoStepVectors(t *testing.T) {
	t.Parallel()
	v := load(t)
	for _, r := range v.TwoStep.Rows {
		client, err := DecodeBase32Check(r.Check)
		if err != nil || hex.EncodeToString(client) != r.Client {
			t.Fatalf("%s: %x %v", r.Check, client, err)
		}
		key, err := DeriveKey(unhex(t, r.Server), client, r.Rounds, r.Size)
		if err != nil || hex.EncodeToString(key) != r.Key {
			t.Fatalf("%s: %x %v", r.Server, key, err)
		}
		g := generator(t, key, Hash(r.Hash), 6)
		if g.Code(0) != r.Code0 || g.Code(1) != r.Code1 {
			t.Errorf("%s: %s %s", r.Server, g.Code(0), g.Code(1))
		}
	}
	key, err := MergeKey(unhex(t, v.Generic.Server), unhex(t, v.Generic.Client))
	if err != nil || hex.EncodeToString(key) != v.Generic.Result {
		t.Errorf("%x %v", key, err)
	}
	if key, err := MergeKey([]byte{1, 2}, []byte{3, 4}); !errors.Is(err, ErrServerPart) || key != nil {
		t.Errorf("%x %v", key, err)
	}
}

// extra reads the parameters of a vector in the order they are written.
func extra(t *testing.T, raw json.RawMessage) (out []Extra) {
	t.Helper()
	if len(raw) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	for d.More() {
		name, _ := d.Token()
		value, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		switch x := value.(type) {
		case string:
			text = x
		case json.Number:
			text = x.String()
		case bool:
			text = map[bool]string{true: "True", false: "False"}[x]
		}
		out = append(out, Extra{name.(string), text})
	}
	return out
}

func TestURLVectors(t *testing.T) {
	t.Parallel()
	v := load(t)
	for _, r := range v.URLs.Rows {
		u := URL{Type: "hotp", Label: r.In.Label, Counter: 1, Hash: Hash(r.In.Alg), Period: r.In.Period, Digits: 6,
			Creator: "privacyidea", Issuer: "privacyIDEA", Serial: r.In.Serial, Extra: extra(t, r.In.Extra)}
		if len(r.In.Key)%2 == 0 {
			u.Key = unhex(t, r.In.Key)
		}
		if r.In.TT != "" {
			u.Type = r.In.TT
		}
		if r.In.Digits != 0 {
			u.Digits = r.In.Digits
		}
		if r.In.Issuer != "" {
			u.Issuer = r.In.Issuer
		}
		if r.In.EduMFA {
			u.Creator, u.Serial = "", ""
		}
		if got := u.OTPAuth(); got != r.URL {
			t.Errorf("got  %s\nwant %s", got, r.URL)
		}
		back, err := ParseURL(r.URL)
		if u.Hash == "" {
			u.Hash = SHA1
		}
		if u.Type != "hotp" {
			u.Counter = 0
		}
		if err != nil || !reflect.DeepEqual(back, u) {
			t.Errorf("read back: %+v %v", back, err)
		}
	}
	for _, r := range v.URLs.OATHToken {
		if got := (OATHToken{Label: r.Label, KeyHex: r.Key, TimeBased: r.Type == "totp"}).URL(); got != r.URL {
			t.Errorf("got  %s\nwant %s", got, r.URL)
		}
	}
}

func TestLabelIsCutInCharactersBeforeQuoting(t *testing.T) {
	t.Parallel()
	key := make([]byte, 20)
	fixed := len("otpauth://totp/?secret=" + Base32(key) + "&counter=1")
	label := strings.Repeat("ü", 300)
	u, err := ParseURL(URL{Type: "totp", Label: label, Key: key}.OTPAuth())
	if err != nil || u.Label != strings.Repeat("ü", 180-fixed) {
		t.Errorf("%d characters of label, want %d (%v)", len(u.Label)/2, 180-fixed, err)
	}
	// A key that leaves no room for a label cuts all of it.
	if u, err = ParseURL(URL{Type: "totp", Label: "x", Key: make([]byte, 200)}.OTPAuth()); err != nil || u.Label != "" {
		t.Errorf("%q %v", u.Label, err)
	}
	if got := (OATHToken{Label: label}).URL(); !strings.Contains(got, strings.Repeat("%C3%BC", 300)) {
		t.Error("the label of an oathtoken URL is cut")
	}
}

func TestParseURLRefusals(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"", "https://totp/x?secret=AA", "otpauth://totp?secret=AA", "otpauth:///x?secret=AA", "otpauth://TOTP/x?secret=AA",
		"otpauth://totp/x", "otpauth://totp/x?secret=", "otpauth://totp/x?secret=A1", "otpauth://totp/x?secret=AA&secret=AB",
		"otpauth://totp/x?secret=AA&digits=3", "otpauth://totp/x?secret=AA&digits=11", "otpauth://totp/x?secret=AA&digits=six",
		"otpauth://totp/x?secret=AA&period=0", "otpauth://totp/x?secret=AA&period=-30", "otpauth://totp/x?secret=AA&algorithm=md9",
		"otpauth://hotp/x?secret=AA&counter=-1", "otpauth://totp/%zz?secret=AA", "otpauth://totp/%ff?secret=AA",
		"otpauth://totp/x?secret=AA&issuer=%f", "otpauth://totp/x?secret=AA&issuer=%ff",
		"otpauth://totp/x?secret=AA&x=" + strings.Repeat("a", maxText),
	} {
		if u, err := ParseURL(in); !errors.Is(err, ErrURL) || !reflect.DeepEqual(u, URL{}) {
			t.Errorf("%.60q: %+v %v", in, u, err)
		}
	}
}

func TestParseURLOfOtherServers(t *testing.T) {
	t.Parallel()
	u, err := ParseURL("otpauth://totp/ACME%20%26%20Co:max%40realm%201?secret=gezdgnbvgy3tqojq&digits=8&algorithm=SHA256&period=60&issuer=ACME+Co")
	want := URL{Type: "totp", Label: "ACME & Co:max@realm 1", Key: []byte("1234567890"), Hash: SHA256, Period: 60, Digits: 8, Issuer: "ACME Co"}
	if err != nil || !reflect.DeepEqual(u, want) {
		t.Errorf("%+v %v", u, err)
	}
}

// What was read can be written, and is then read as the same but for a label
// that was too long.
func FuzzParseURL(f *testing.F) {
	v := load(f)
	for _, r := range v.URLs.Rows {
		f.Add(r.URL)
	}
	f.Add("otpauth://totp/x?secret=AA&&=&a&a%3D=%26")
	f.Fuzz(func(t *testing.T, text string) {
		u, err := ParseURL(text)
		if err != nil {
			if !reflect.DeepEqual(u, URL{}) {
				t.Fatalf("%+v beside an error", u)
			}
			return
		}
		written := u.OTPAuth()
		again, err := ParseURL(written)
		if err != nil {
			if len(written) > maxText {
				return // quoting may lengthen a text
			}
			t.Fatalf("%q: %v", written, err)
		}
		if len(again.Label) > len(u.Label) || !strings.HasPrefix(u.Label, again.Label) {
			t.Fatalf("label %q became %q", u.Label, again.Label)
		}
		again.Label = u.Label
		if !reflect.DeepEqual(u, again) {
			t.Fatalf("%+v became %+v", u, again)
		}
	})
}

// What was decoded encodes to the same text, but for case and padding, and
// unused bits of the last letter.
func FuzzDecodeBase32Check(f *testing.F) {
	v := load(f)
	for _, r := range v.Base32Check.Rows {
		f.Add(r.Padded)
	}
	for _, r := range v.Base32Check.Bad {
		f.Add(r.Input)
	}
	f.Fuzz(func(t *testing.T, text string) {
		key, err := DecodeBase32Check(text)
		if err != nil {
			if key != nil {
				t.Fatalf("%x beside an error", key)
			}
			return
		}
		again, err := DecodeBase32Check(EncodeBase32Check(key))
		if err != nil || !bytes.Equal(again, key) {
			t.Fatalf("%x became %x, %v", key, again, err)
		}
	})
}
