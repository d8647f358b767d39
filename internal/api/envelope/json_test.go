package envelope

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"symbolon/internal/secret"
)

type named string

func TestAppendJSON(t *testing.T) {
	t.Parallel()
	three, when := 3, time.Date(2026, 11, 21, 20, 15, 39, 5, time.FixedZone("", 3600))
	tests := []struct {
		v               any
		compact, spaced string
	}{
		{nil, "null", "null"}, {true, "true", "true"}, {int64(-5), "-5", "-5"}, {uint8(5), "5", "5"},
		{"a\"\\\n\r\t\b\f\x00\x1f\x7f<>&/é€\U0001F511\xff", `"a\"\\\n\r\t\b\f\u0000\u001f\u007f<>&/\u00e9\u20ac\ud83d\udd11\ufffd"`, ""},
		{map[string]any{"b": 1, "a": []any{1, "x"}, "ä": nil, "B": map[string]any{}}, `{"B":{},"a":[1,"x"],"b":1,"\u00e4":null}`,
			`{"B": {}, "a": [1, "x"], "b": 1, "\u00e4": null}`},
		{map[string]string{"b": "1", "a": "2"}, `{"a":"2","b":"1"}`, `{"a": "2", "b": "1"}`},
		{[]string(nil), "null", ""}, {[]string{}, "[]", ""}, {[]map[string]any{{"a": 1}}, `[{"a":1}]`, `[{"a": 1}]`},
		{(*int)(nil), "null", ""}, {&three, "3", ""}, {named("x"), `"x"`, ""}, {[]named{"x", "y"}, `["x","y"]`, `["x", "y"]`},
		{when, `"Sat, 21 Nov 2026 19:15:39 GMT"`, ""}, {&when, `"Sat, 21 Nov 2026 19:15:39 GMT"`, ""}, {(*time.Time)(nil), "null", ""},
		{secret.Text("hush"), `"[secret]"`, ""}, {json.Number("12345678901234567890123"), "12345678901234567890123", ""},
		{struct {
			B int    `json:"b"`
			A string `json:"a"`
		}{1, "<"}, `{"a":"<","b":1}`, `{"a": "<", "b": 1}`},
		{[]byte("hi"), `"aGk="`, ""}, {json.RawMessage(`{"z":1,"a":2.0}`), `{"a":2.0,"z":1}`, ""},
	}
	for _, tt := range tests {
		got, err := AppendJSON([]byte("x"), tt.v, Compact)
		if err != nil || string(got) != "x"+tt.compact {
			t.Errorf("got %s, %v\nwant %s", got[1:], err, tt.compact)
		}
		if tt.spaced == "" {
			continue
		}
		if got, err := AppendJSON(nil, tt.v, Spaced); err != nil || string(got) != tt.spaced {
			t.Errorf("got %s, %v\nwant %s", got, err, tt.spaced)
		}
	}
	loop := map[string]any{}
	loop["a"] = loop
	if _, err := AppendJSON(nil, loop, Compact); err == nil {
		t.Error("an endless value must be an error")
	}
	if _, err := AppendJSON(nil, make(chan int), Compact); err == nil {
		t.Error("what has no JSON must be an error")
	}
}

func TestFloats(t *testing.T) {
	t.Parallel()
	for f, want := range map[float64]string{
		0: "0.0", 1: "1.0", -2: "-2.0", 0.1: "0.1", 1795288448.2378907: "1795288448.2378907", 1785750000.5: "1785750000.5",
		1e15: "1000000000000000.0", 1e16: "1e+16", 1.5e300: "1.5e+300", 1e-4: "0.0001", 1e-5: "1e-05", 1.25e-7: "1.25e-07",
		123456789012345680: "1.2345678901234568e+17", math.Inf(1): "null", 9999999999999998: "9999999999999998.0",
	} {
		if got := string(appendFloat(nil, f)); got != want {
			t.Errorf("%g: got %s, want %s", f, got, want)
		}
	}
	if got := string(appendFloat(nil, math.Copysign(0, -1))); got != "-0.0" {
		t.Errorf("got %s", got)
	}
}

func FuzzAppendJSON(f *testing.F) {
	f.Add(`{"b": 1, "a": [1.5, "x\ud83d\udd11", null, true, {"": 1e20}]}`)
	f.Add(`"\u007f\ud800"`)
	f.Add(`12345678901234567890`)
	f.Fuzz(func(t *testing.T, text string) {
		v, err := parseJSON([]byte(text), Limits{Depth: 50, Values: 10000})
		if err != nil {
			return
		}
		for _, style := range []Style{Compact, Spaced} {
			out, err := AppendJSON(nil, v, style)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range out {
				if c < 0x20 || c > 0x7e {
					t.Fatalf("not printable ASCII: %q", out)
				}
			}
			var plain, again any
			if err := json.Unmarshal([]byte(strings.TrimPrefix(text, "\xef\xbb\xbf")), &plain); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(out, &again); err != nil {
				t.Fatalf("%s: %v", out, err)
			}
			if !reflect.DeepEqual(plain, again) {
				t.Fatalf("got %s, of %s", out, text)
			}
			second, err := parseJSON(out, Limits{Depth: 50, Values: 10000})
			if err != nil || !reflect.DeepEqual(v, second) {
				t.Fatalf("types differ: %#v, %#v, %v", v, second, err)
			}
		}
	})
}

func testKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	b, err := os.ReadFile("testdata/test-only-key.pem")
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(b)
	k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return k.(*rsa.PrivateKey)
}

// The vector response_signature_input: what is signed.
func TestSignedText(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("testdata/response_signature_input.json")
	if err != nil {
		t.Fatal(err)
	}
	var vector struct {
		Object     json.RawMessage
		SignedText string `json:"signed_text"`
		SHA256     string
	}
	if err := json.Unmarshal(b, &vector); err != nil {
		t.Fatal(err)
	}
	object, err := parseJSON(vector.Object, DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	text, err := AppendJSON(nil, object, Spaced)
	if err != nil || string(text) != vector.SignedText {
		t.Errorf("got %s, %v\nwant %s", text, err, vector.SignedText)
	}
	if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != vector.SHA256 {
		t.Errorf("got %x", sum)
	}
	key := testKey(t)
	m := object.(map[string]any)
	delete(m, "nonce")
	out, err := Write(m, Signing{Key: key, Rand: rand.Reader, Nonce: "abc"})
	if err != nil {
		t.Fatal(err)
	}
	verify(t, key, out, vector.SignedText)
	trailing, err := Write(m, Signing{Key: key, Rand: rand.Reader, Nonce: "abc", Trailing: true})
	if err != nil {
		t.Fatal(err)
	}
	verify(t, key, trailing, vector.SignedText)
	if !strings.Contains(string(trailing), `"versionnumber": "3.14", "nonce": "abc", "signature": "rsa_sha256_pss:`) {
		t.Errorf("got %s", trailing)
	}
}

// verify does what a client does: take the signature off, write the rest again.
func verify(t *testing.T, key *rsa.PrivateKey, out []byte, text string) {
	t.Helper()
	v, err := parseJSON(out, DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	m := v.(map[string]any)
	signature := m["signature"].(string)
	delete(m, "signature")
	rest, err := AppendJSON(nil, m, Spaced)
	if err != nil || string(rest) != text {
		t.Fatalf("got %s, %v", rest, err)
	}
	sig, err := hex.DecodeString(strings.TrimPrefix(signature, "rsa_sha256_pss:"))
	if err != nil || len(signature) != 15+512 {
		t.Fatalf("got %s, %v", signature, err)
	}
	sum := sha256.Sum256(rest)
	if err := rsa.VerifyPSS(&key.PublicKey, crypto.SHA256, sum[:], sig, &rsa.PSSOptions{SaltLength: 222}); err != nil {
		t.Error(err)
	}
}

func TestWriteUnsigned(t *testing.T) {
	t.Parallel()
	at := time.UnixMicro(1795288448237890)
	success := Success{ID: 2, Value: true, Authentication: "ACCEPT", Detail: map[string]any{"message": "ö"}, At: at,
		Version: "privacyIDEA 3.14", VersionNumber: "3.14", Thread: 7, Root: map[string]any{"auth_items": map[string]any{}}}
	failure := Failure{Code: 905, Message: "ERR905: Missing parameter: user", At: at, Version: "privacyIDEA 3.14"}
	for _, tt := range []struct {
		body map[string]any
		want string
	}{
		{success.Body(), `{"auth_items":{},"detail":{"message":"\u00f6","threadid":7},"id":2,"jsonrpc":"2.0","result":{"authentication":"ACCEPT",` +
			`"status":true,"value":true},"time":1795288448.23789,"version":"privacyIDEA 3.14","versionnumber":"3.14"}` + "\n"},
		{Success{Value: []any{}, At: at}.Body(), `{"id":1,"jsonrpc":"2.0","result":{"status":true,"value":[]},"time":1795288448.23789}` + "\n"},
		{failure.Body(), `{"detail":null,"id":1,"jsonrpc":"2.0","result":{"error":{"code":905,"message":"ERR905: Missing parameter: user"},` +
			`"status":false},"time":1795288448.23789,"version":"privacyIDEA 3.14"}` + "\n"},
		{Failure{Detail: map[string]any{}, At: at}.Body(), `{"detail":{},"id":1,"jsonrpc":"2.0","result":{"error":{"code":0,"message":""},` +
			`"status":false},"time":1795288448.23789}` + "\n"},
	} {
		if got, err := Write(tt.body, Signing{Nonce: "only in signed answers"}); err != nil || string(got) != tt.want {
			t.Errorf("got %s, %v\nwant %s", got, err, tt.want)
		}
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	list := make([]any, 1000)
	for i := range list {
		list[i] = map[string]any{"serial": "OATH0001", "active": true, "count": int64(i), "description": "größer", "info": map[string]any{"a": "b"},
			"realms": []string{"realm1"}, "user_id": "1000"}
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := AppendJSON(make([]byte, 0, 1<<18), list, Compact); err != nil {
			b.Fatal(err)
		}
	}
}
