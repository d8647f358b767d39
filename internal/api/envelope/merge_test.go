package envelope

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"symbolon/internal/fault"
)

func request(method, target, kind, body string) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	return r
}

const form = "application/x-www-form-urlencoded"

func TestMerge(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, method, target, kind, body string
		path                             map[string]string
		once                             bool
		want                             Params
	}{
		{name: "form", method: "POST", target: "/", kind: form, body: "a=1&b=x+y", want: Params{"a": "1", "b": "x y"}},
		{name: "first of repeated keys", method: "POST", target: "/?q=1&q=2", kind: form, body: "a=1&a=2", want: Params{"a": "1", "q": "1"}},
		{name: "first counts even when it is empty", method: "GET", target: "/?q=&q=2", want: Params{"q": ""}},
		{name: "query beats form", method: "POST", target: "/?a=q", kind: form, body: "a=f&b=f", want: Params{"a": "q", "b": "f"}},
		{name: "JSON beats query", method: "POST", target: "/?a=q&b=q", kind: "application/json", body: `{"a": "j"}`, want: Params{"a": "j", "b": "q"}},
		{name: "path beats JSON", method: "POST", target: "/", kind: "application/json", body: `{"a": "j"}`, path: map[string]string{"a": "p%41"}, want: Params{"a": "pA"}},
		{name: "JSON keeps types", method: "POST", target: "/", kind: "application/json; charset=utf-8",
			body: `{"i": 3, "f": 3.5, "b": true, "n": null, "l": [1, "x"], "o": {"k": -1}, "z": -0}`,
			want: Params{"i": int64(3), "f": 3.5, "b": true, "n": nil, "l": []any{int64(1), "x"}, "o": map[string]any{"k": int64(-1)}, "z": int64(0)}},
		{name: "vendor JSON", method: "POST", target: "/", kind: "application/vnd.x+json", body: `{"a": 1}`, want: Params{"a": int64(1)}},
		{name: "JSON of a GET", method: "GET", target: "/", kind: "application/json", body: `{"a": 1}`, want: Params{"a": int64(1)}},
		{name: "JSON of a DELETE", method: "DELETE", target: "/", kind: "application/json", body: `{"a": 1}`, want: Params{"a": int64(1)}},
		{name: "text that is an object", method: "POST", target: "/", kind: "text/plain", body: `{"a": "%41"}`, want: Params{"a": "%41"}},
		{name: "no type, an object", method: "POST", target: "/", body: `{"a": 1}`, want: Params{"a": int64(1)}},
		{name: "text that is none", method: "POST", target: "/?q=1", kind: "text/plain", body: `{"a": `, want: Params{"q": "1"}},
		{name: "text that is a list", method: "POST", target: "/?q=1", kind: "text/plain", body: `[1]`, want: Params{"q": "1"}},
		{name: "C4 form of a GET", method: "GET", target: "/", kind: form, body: "transaction_id=1&realm=acme", want: Params{"transaction_id": "1", "realm": "acme"}},
		{name: "form of a DELETE is ignored", method: "DELETE", target: "/?b=1", kind: form, body: "a=1", want: Params{"b": "1"}},
		{name: "empty JSON", method: "POST", target: "/?q=1", kind: "application/json", body: "", want: Params{"q": "1"}},
		{name: "blank JSON of a GET", method: "GET", target: "/?q=1", kind: "application/json", body: " \r\n", want: Params{"q": "1"}},
		{name: "JSON with byte order mark", method: "POST", target: "/", kind: "application/json", body: "\xef\xbb\xbf{\"a\": 1}", want: Params{"a": int64(1)}},
		{name: "a form that is broken", method: "POST", target: "/", kind: form, body: "a=%&b=%4&c=%zz&d&=e&&f=1=2", want: Params{"a": "%", "b": "%4", "c": "%zz", "d": "", "": "e", "f": "1=2"}},
		{name: "C3 trailing ampersand", method: "GET", target: "/?transaction_id=12&", want: Params{"transaction_id": "12"}},
		{name: "C1 decoded twice", method: "POST", target: "/?q=%2541", kind: form, body: "a=%2541&b=%41", want: Params{"q": "A", "a": "A", "b": "A"}},
		{name: "C1 decoded once", method: "POST", target: "/?q=%2541", kind: form, body: "a=%2541", once: true, path: map[string]string{"p": "%41"}, want: Params{"q": "%41", "a": "%41", "p": "%41"}},
		{name: "C2 plus stays a plus", method: "POST", target: "/", kind: form, body: "a=x%2By&b=x%252By", want: Params{"a": "x+y", "b": "x+y"}},
		{name: "no UTF-8", method: "GET", target: "/?a=%ff%41&b=%25ff", want: Params{"a": "\ufffdA", "b": "\ufffd"}},
		{name: "keys are decoded once", method: "GET", target: "/?a%2541=1", want: Params{"a%41": "1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, err := Merge(request(tt.method, tt.target, tt.kind, tt.body), tt.path, !tt.once, DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(m.Params, tt.want) {
				t.Errorf("got %#v\nwant %#v", m.Params, tt.want)
			}
		})
	}
}

func TestMergeRefuses(t *testing.T) {
	t.Parallel()
	small := Limits{Body: 1000, Params: 5, Depth: 4, Values: 20}
	tests := []struct {
		name, kind, body string
		want             fault.Kind
	}{
		{"broken JSON", "application/json", `{bad`, fault.Malformed},
		{"two values", "application/json", `{} {}`, fault.Malformed},
		{"list", "application/json", `[1,2]`, fault.Malformed},
		{"text", "application/json", `"abc"`, fault.Malformed},
		{"null", "application/json", `null`, fault.Malformed},
		{"number out of range", "application/json", `{"a": 1e999}`, fault.Malformed},
		{"endless number", "application/json", `{"a": ` + strings.Repeat("9", 500) + `}`, fault.Malformed},
		{"no UTF-8", "application/json", "{\"a\": \"\xff\"}", fault.Malformed},
		{"NUL in JSON", "application/json", `{"a": [{"b": "x\u0000"}]}`, fault.Malformed},
		{"NUL in a key", "application/json", `{"\u0000": 1}`, fault.Malformed},
		{"NUL in a form", form, "a=%00", fault.Malformed},
		{"NUL encoded twice", form, "a=%2500", fault.Malformed},
		{"too deep", "application/json", `{"a": ` + strings.Repeat("[", 10) + strings.Repeat("]", 10) + `}`, fault.Malformed},
		{"too many values", "application/json", `{"a": [` + strings.Repeat("1,", 30) + `1]}`, fault.TooLarge},
		{"too large", "text/plain", strings.Repeat("x", 1001), fault.TooLarge},
		{"too many parameters", form, "a=&b=&c=&d=&e=&f=", fault.Malformed},
		{"the same one too often", form, "a=&a=&a=&a=&a=&a=", fault.Malformed},
		{"multipart without boundary", "multipart/form-data", "x", fault.Malformed},
		{"multipart of rubbish", "multipart/form-data; boundary=x", "rubbish", fault.Malformed},
		{"multipart cut off", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nabc", fault.Malformed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := request("POST", "/", tt.kind, tt.body)
			r.ContentLength = -1 // as a client that does not say beforehand
			if _, err := Merge(r, nil, true, small); !fault.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestMergeBrokenConnection(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest("POST", "/", io.MultiReader(strings.NewReader("a=1"), errReader{}))
	if _, err := Merge(r, nil, true, DefaultLimits()); err == nil || fault.Of(err) != nil {
		t.Errorf("got %v, want an error that is no fault", err)
	}
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestC3Multipart(t *testing.T) {
	t.Parallel()
	body := "--x\r\ncontent-disposition: form-data; name=\"user\"\r\n\r\nj\xc3\xb6rg\r\n" +
		"--x\r\nContent-Disposition: form-data; name=\"pass\"\r\nContent-Type: text/plain\r\n\r\na%41+\r\n" +
		"--x\r\nContent-Disposition: form-data; name=\"pass\"\r\n\r\nsecond\r\n" +
		"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"..\\a.csv\"\r\n\r\n\x00\xff\r\n" +
		"--x\r\nContent-Disposition: form-data; name=\"none\"; filename=\"\"\r\n\r\n\r\n" +
		"--x\r\nContent-Disposition: attachment\r\n\r\nignored\r\n--x--\r\n"
	m, err := Merge(request("POST", "/?user=ada", "multipart/form-data; boundary=x", body), nil, true, DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	if want := (Params{"user": "ada", "pass": "aA+"}); !reflect.DeepEqual(m.Params, want) {
		t.Errorf("got %#v, want %#v", m.Params, want)
	}
	if len(m.Files) != 2 {
		t.Fatalf("got %d files", len(m.Files))
	}
	f, ok := m.File("file")
	if !ok || f.Name != `..\a.csv` || !bytes.Equal(f.Content, []byte{0, 0xff}) {
		t.Errorf("got %+v", f)
	}
	if _, ok := m.File("user"); ok {
		t.Error("a parameter is no file")
	}
}

// The wire examples of clients.md 7.
func TestWireExamples(t *testing.T) {
	t.Parallel()
	privacyIDEA := Decoding{FoldCase: true, Once: []string{"privacyidea-cp", "privacyidea-ldap-proxy", "simplesamlphp"}}
	tests := []struct {
		name, method, agent, kind, body string
		want                            Params
	}{
		{"KC", "POST", "privacyIDEA-Keycloak/1.9.0 Keycloak/26.5.0", form,
			"user=jos%2B%25C3%25A9%2540acme&pass=s%25E2%2582%25ACcr%2525%25C3%25A9t", Params{"user": "jos+é@acme", "pass": "s€cr%ét"}},
		{"RAD", "POST", "FreeRADIUS", form, "user=alice%40acme&pass=p%2520w%26x&client=10.0.0.1&state=08364582038364747",
			Params{"user": "alice@acme", "pass": "p w&x", "client": "10.0.0.1", "state": "08364582038364747"}},
		{"CP", "POST", "privacyidea-cp/3.7.0 Windows/10.0", form, "user=alice%40acme&pass=100%25", Params{"user": "alice@acme", "pass": "100%"}},
		{"OC", "GET", "ownCloud Plugin", form, "transaction_id=08364582038364747&realm=acme",
			Params{"transaction_id": "08364582038364747", "realm": "acme"}},
		{"LDP", "POST", "privacyIDEA-LDAP-Proxy", form, "user=alice&realm=&pass=123456", Params{"user": "alice", "realm": "", "pass": "123456"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, err := Merge(request(tt.method, "/validate/check", tt.kind, tt.body), nil, privacyIDEA.Twice(tt.agent), DefaultLimits())
			if err != nil || !reflect.DeepEqual(m.Params, tt.want) {
				t.Errorf("got %#v, %v\nwant %#v", m.Params, err, tt.want)
			}
		})
	}
}

func FuzzMerge(f *testing.F) {
	f.Add("POST", "a=1&b=%41", form, "x=%2541&y=+")
	f.Add("GET", "", "application/json", `{"a": [1, {"b": null}]}`)
	f.Add("POST", "", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--x--\r\n")
	f.Add("POST", "%00", "text/plain", "{\"a\":\"\xff\"}")
	limits := Limits{Body: 1 << 16, Params: 50, Depth: 8, Values: 500}
	f.Fuzz(func(t *testing.T, method, query, kind, body string) {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Method, r.URL.RawQuery = method, query
		r.Header["Content-Type"] = []string{kind}
		m, err := Merge(r, map[string]string{"p": query}, true, limits)
		if err != nil {
			if fault.Of(err) == nil {
				t.Fatalf("error that is no fault: %v", err)
			}
			if m.Params != nil {
				t.Fatal("parameters beside an error")
			}
			return
		}
		for k, v := range m.Params {
			if s, ok := v.(string); ok && strings.ToValidUTF8(s, "") != s || strings.ToValidUTF8(k, "") != k {
				t.Fatalf("%q is no UTF-8", k)
			}
			if holdsNUL(v) {
				t.Fatalf("%q holds NUL", k)
			}
		}
		if _, err := AppendJSON(nil, map[string]any(m.Params), Compact); err != nil {
			t.Fatalf("what was merged cannot be written: %v", err)
		}
	})
}
