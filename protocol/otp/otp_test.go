package otp

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"testing"
)

// vectors are the recorded vectors of testdata.
type vectors struct {
	RFC4226 struct {
		Key  string
		Rows []struct {
			Counter int64
			OTP6    string
		}
	}
	RFC6238 struct {
		Step int64
		Rows []struct {
			Algorithm, Key string
			Time, Counter  int64
			OTP8           string
		}
	}
	Short []struct {
		Algorithm, Key string
		Time           int64
		OTP8           string
	} `json:"totp_short_keys"`
	Six struct {
		Key  string
		Rows []struct {
			Counter, Time int64
			OTP6          string
		}
	} `json:"totp_counters_6digits"`
	Base32Check struct {
		Rows []struct{ Payload, Padded, Unpadded string }
		Bad  []struct{ Input, Error string }
	}
	TwoStep struct {
		Rows []struct {
			Server string `json:"server_component"`
			Client string `json:"client_component"`
			Check  string `json:"client_base32check"`
			Hash   string `json:"token_hashlib"`
			Rounds int
			Size   int    `json:"output_bytes"`
			Key    string `json:"otpkey"`
			Code0  string `json:"hotp_counter_0"`
			Code1  string `json:"hotp_counter_1"`
		}
	} `json:"two_step_pbkdf2"`
	Generic struct{ Server, Client, Result string } `json:"two_step_generic"`
	URLs    struct {
		Rows []struct {
			In  urlIn
			URL string
		}
		OATHToken []struct{ Key, Type, Label, URL string }
	} `json:"otpauth_urls"`
}

type urlIn struct {
	Key, Label, Serial, TT, Alg, Issuer string
	Period                              int64
	Digits                              int
	EduMFA                              bool
	Extra                               json.RawMessage
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

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func generator(t testing.TB, key []byte, h Hash, digits int) *Generator {
	t.Helper()
	g, err := NewGenerator(key, h, digits)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// code checks one code, both ways.
func code(t *testing.T, key, algorithm string, counter int64, want string) {
	t.Helper()
	h, err := ParseHash(algorithm)
	if err != nil {
		t.Fatal(err)
	}
	g := generator(t, unhex(t, key), h, len(want))
	if got := g.Code(counter); got != want {
		t.Errorf("%s %d: %s, want %s", algorithm, counter, got, want)
	}
	if c, ok := g.Search(want, counter-2, counter+1); !ok || c != counter {
		t.Errorf("%s %d: found %d %t", algorithm, counter, c, ok)
	}
}

func TestRecordedCodes(t *testing.T) {
	t.Parallel()
	v := load(t)
	for _, r := range v.RFC4226.Rows {
		code(t, v.RFC4226.Key, "sha1", r.Counter, r.OTP6)
	}
	for _, r := range v.RFC6238.Rows {
		if got := Step(r.Time, v.RFC6238.Step); got != r.Counter {
			t.Errorf("step at %d: %d, want %d", r.Time, got, r.Counter)
		}
		code(t, r.Key, r.Algorithm, r.Counter, r.OTP8)
	}
	for _, r := range v.Short {
		code(t, r.Key, r.Algorithm, Step(r.Time, 30), r.OTP8)
	}
	for _, r := range v.Six.Rows {
		code(t, v.Six.Key, "SHA1", r.Counter, r.OTP6)
	}
}

// The table of RFC 4226, appendix D, as printed there.
func TestRFC4226AppendixD(t *testing.T) {
	t.Parallel()
	g := generator(t, []byte("12345678901234567890"), SHA1, 6)
	for c, want := range []string{"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"} {
		if got := g.Code(int64(c)); got != want {
			t.Errorf("%d: %s, want %s", c, got, want)
		}
	}
}

// The table of RFC 6238, appendix B, as printed there.
func TestRFC6238AppendixB(t *testing.T) {
	t.Parallel()
	long := "1234567890123456789012345678901234567890123456789012345678901234"
	rows := []struct {
		time                 int64
		sha1, sha256, sha512 string
	}{
		{59, "94287082", "46119246", "90693936"},
		{1111111109, "07081804", "68084774", "25091201"},
		{1111111111, "14050471", "67062674", "99943326"},
		{1234567890, "89005924", "91819424", "93441116"},
		{2000000000, "69279037", "90698825", "38618901"},
		{20000000000, "65353130", "77737706", "47863826"},
	}
	for _, r := range rows {
		for h, want := range map[Hash]string{SHA1: r.sha1, SHA256: r.sha256, SHA512: r.sha512} {
			if got := generator(t, []byte(long[:h.Size()]), h, 8).Code(Step(r.time, 30)); got != want {
				t.Errorf("%s at %d: %s, want %s", h, r.time, got, want)
			}
		}
	}
}

func TestStep(t *testing.T) {
	t.Parallel()
	for _, r := range []struct{ unix, step, want int64 }{{0, 30, 0}, {29, 30, 0}, {30, 30, 1}, {-1, 30, -1}, {-30, 30, -1}, {-31, 30, -2}} {
		if got := Step(r.unix, r.step); got != r.want {
			t.Errorf("Step(%d, %d) = %d, want %d", r.unix, r.step, got, r.want)
		}
	}
}

func TestSearchBounds(t *testing.T) {
	t.Parallel()
	g := generator(t, []byte("12345678901234567890"), SHA1, 6)
	rows := []struct {
		code     string
		from, to int64
		want     int64
		ok       bool
	}{
		{"520489", 0, 10, 9, true},
		{"520489", 0, 9, 0, false},
		{"755224", 1, 100, 0, false},
		{"755224", 0, 1, 0, true},
		{"755224", 0, 0, 0, false},
		{"755224", 5, 0, 0, false},
		{"75522", 0, 10, 0, false},
		{"7552240", 0, 10, 0, false},
		{"", 0, 10, 0, false},
		{"75522４", 0, 10, 0, false},
		{"7 5224", 0, 10, 0, false},
		{"-55224", 0, 10, 0, false},
	}
	for _, r := range rows {
		if c, ok := g.Search(r.code, r.from, r.to); c != r.want || ok != r.ok {
			t.Errorf("%q in %d..%d: %d %t, want %d %t", r.code, r.from, r.to, c, ok, r.want, r.ok)
		}
	}
}

// A code is a text of digits, not a number: leading zeros belong to it.
func TestLeadingZerosAreNeeded(t *testing.T) {
	t.Parallel()
	g := generator(t, []byte("12345678901234567890"), SHA1, 4)
	seen := 0
	for c := range int64(200) {
		if code := g.Code(c); code[0] == '0' {
			seen++
			for _, typed := range []string{code[1:], "0" + code} {
				if _, ok := g.Search(typed, c, c+1); ok {
					t.Errorf("%s is found as %s", code, typed)
				}
			}
		}
	}
	if seen == 0 {
		t.Fatal("no code begins with 0: the test shows nothing")
	}
}

// With codes of four digits a wide range holds many counters with one code: the
// first is returned, and a pair is found behind a false first hit.
func TestSearchTakesTheFirstOfSeveral(t *testing.T) {
	t.Parallel()
	g := generator(t, []byte("12345678901234567890"), SHA1, 4)
	byCode := map[string][]int64{}
	for c := range int64(3000) {
		byCode[g.Code(c)] = append(byCode[g.Code(c)], c)
	}
	several := 0
	for code, at := range byCode {
		if len(at) < 2 {
			continue
		}
		several++
		if c, ok := g.Search(code, 0, 3000); !ok || c != at[0] {
			t.Errorf("%s: %d %t, want %d", code, c, ok, at[0])
		}
		last := at[len(at)-1]
		if c, ok := g.SearchPair(code, g.Code(last+1), 0, 3000); !ok || (c != last && g.Code(c+1) != g.Code(last+1)) {
			t.Errorf("pair %s: %d %t, want %d", code, c, ok, last)
		}
	}
	if several == 0 {
		t.Fatal("no code occurs twice: the test shows nothing")
	}
}

func TestSearchPair(t *testing.T) {
	t.Parallel()
	g := generator(t, []byte("12345678901234567890"), SHA1, 6)
	rows := []struct {
		first, second string
		from, to      int64
		want          int64
		ok            bool
	}{
		{"755224", "287082", 0, 1, 0, true},
		{"399871", "520489", 0, 9, 8, true},
		{"399871", "520489", 0, 8, 0, false},
		{"520489", "399871", 0, 10, 0, false},
		{"755224", "359152", 0, 10, 0, false},
		{"755224", "28708", 0, 10, 0, false},
		{"755224", "287082", 0, 0, 0, false},
	}
	for _, r := range rows {
		if c, ok := g.SearchPair(r.first, r.second, r.from, r.to); c != r.want || ok != r.ok {
			t.Errorf("%s %s in %d..%d: %d %t, want %d %t", r.first, r.second, r.from, r.to, c, ok, r.want, r.ok)
		}
	}
}

func TestEveryHashAndLength(t *testing.T) {
	t.Parallel()
	for _, h := range []Hash{SHA1, SHA224, SHA256, SHA384, SHA512, MD5} {
		long := generator(t, []byte("12345678901234567890"), h, MaxDigits)
		for digits := MinDigits; digits <= MaxDigits; digits++ {
			g := generator(t, []byte("12345678901234567890"), h, digits)
			for c := range int64(200) {
				code := g.Code(c)
				if len(code) != digits || code != long.Code(c)[MaxDigits-digits:] {
					t.Fatalf("%s %d digits, counter %d: %s, long %s", h, digits, c, code, long.Code(c))
				}
				if at, ok := g.Search(code, c, c+1); !ok || at != c {
					t.Fatalf("%s %d digits, counter %d: not found again", h, digits, c)
				}
			}
		}
	}
	if !MD5.Weak() || SHA1.Weak() || MD5.Size() != 16 || SHA384.Size() != 48 || Hash("x").Size() != 0 {
		t.Error("the facts of a hash are wrong")
	}
}

func TestGeneratorErrors(t *testing.T) {
	t.Parallel()
	for _, r := range []struct {
		h      Hash
		digits int
		want   error
	}{{"md9", 6, ErrHash}, {"", 6, ErrHash}, {SHA1, 3, ErrDigits}, {SHA1, 11, ErrDigits}, {SHA1, -1, ErrDigits}} {
		if g, err := NewGenerator(nil, r.h, r.digits); !errors.Is(err, r.want) || g != nil {
			t.Errorf("%q %d: %v", r.h, r.digits, err)
		}
	}
	if _, err := ParseHash("sha3"); !errors.Is(err, ErrHash) {
		t.Error(err)
	}
}

// Codes of a counter in the middle of the range of int64 must not depend on the
// platform's int.
func TestNegativeAndLargeCounters(t *testing.T) {
	t.Parallel()
	g := generator(t, []byte("12345678901234567890"), SHA1, 6)
	for _, c := range []int64{-3, 1 << 40, 1<<62 + 5} {
		if at, ok := g.Search(g.Code(c), c-1, c+2); !ok || at != c {
			t.Errorf("%d: %d %t", c, at, ok)
		}
	}
}

func TestSearchDoesNotAllocate(t *testing.T) {
	g := generator(t, []byte("12345678901234567890"), SHA1, 6)
	if n := testing.AllocsPerRun(50, func() { g.Search("755224", 1, 14) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkWindow(b *testing.B) {
	for _, w := range []int64{13, 1000} {
		b.Run(fmt.Sprint(w), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				g, err := NewGenerator([]byte("12345678901234567890"), SHA1, 6)
				if err != nil {
					b.Fatal(err)
				}
				g.Search("000000", 1, 1+w)
			}
		})
	}
}
