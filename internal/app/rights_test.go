package app

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"symbolon/internal/api/privacyidea"
)

// TestRightsOfTheRouteTable calls every route as an administrator who has none of
// the rights: the route must be refused for the right its row names. So the
// table says what the packages behind it ask for.
func TestRightsOfTheRouteTable(t *testing.T) {
	t.Parallel()
	h := startHandler(t, "privacyidea")
	jwt := logIn(t, h, "admin", "test")
	call(h, jwt, "POST", "/token/init", url.Values{"type": {"spass"}, "serial": {"S1"}})
	call(h, jwt, "POST", "/policy/nothing", url.Values{"scope": {"admin"}, "action": {"fetch_authentication_items"}})
	asked := 0
	for _, r := range privacyidea.Routes() {
		if r.Right == "" || r.Only == privacyidea.EduMFA {
			continue
		}
		path := strings.NewReplacer("<serial>", "S1", "<scope>", "admin", "<key>", "k", "<realm>", "realm1", "<string:realm>", "realm1", "<string:nodeid>", "n").Replace(r.Path)
		status, message := call(h, jwt, r.Method, path, url.Values{"serial": {"S1"}, "type": {"spass"}, "otp1": {"1"},
			"otp2": {"2"}, "description": {"d"}, "realms": {"realm1"}, "value": {"v"}, "from": {"S1"}, "to": {"S1"}, "scope": {"user"},
			"action": {"enable"}, "realm": {"realm1"}, "name": {"n"}, "key": {"k"}, "password": {"p"}})
		switch {
		case status == http.StatusNotImplemented: // nobody has written it yet
			continue
		case r.Right == "tokenlist": // an administrator without it sees an empty list
			if status != http.StatusOK {
				t.Errorf("%s %s: %d %s", r.Method, r.Path, status, message)
			}
			continue
		}
		want := "the action " + r.Right + " is not allowed"
		if strings.HasPrefix(r.Right, "enroll<") {
			want = "not allowed to enroll this token type"
		}
		if strings.Contains(r.Right, "custom_user_attributes") {
			want = "You are not allowed to"
		}
		if status != http.StatusForbidden || !strings.Contains(message, want) {
			t.Errorf("%s %s asks for %s: got %d %s", r.Method, r.Path, r.Right, status, message)
		}
		asked++
	}
	if asked < 40 {
		t.Errorf("only %d routes were refused", asked)
	}
}

func startHandler(t *testing.T, profile string) http.Handler {
	t.Helper()
	cfg, err := Load(Sources{Environ: []string{"SYMBOLON_DATA=" + t.TempDir(), "SYMBOLON_TLS=proxy", "SYMBOLON_LISTEN=127.0.0.1:0",
		"SYMBOLON_CONFIG=/dev/null", "SYMBOLON_PROFILE=" + profile}})
	if err != nil {
		t.Fatal(err)
	}
	parts, err := New(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { parts.Close() })
	if err := Within(parts).Call(t.Context(), AdminAdd, AddAdmin{Name: "admin", Secret: "test"}, &Added{}); err != nil {
		t.Fatal(err)
	}
	return parts.HTTP
}

func logIn(t *testing.T, h http.Handler, name, password string) string {
	t.Helper()
	a := send(h, "", "POST", "/auth", url.Values{"username": {name}, "password": {password}})
	var body struct {
		Result struct{ Value struct{ Token string } }
	}
	if err := json.Unmarshal(a.Body.Bytes(), &body); err != nil || body.Result.Value.Token == "" {
		t.Fatalf("%d %s", a.Code, a.Body)
	}
	return body.Result.Value.Token
}

func send(h http.Handler, jwt, method, path string, form url.Values) *httptest.ResponseRecorder {
	body := strings.NewReader(form.Encode())
	if method == "GET" || method == "DELETE" {
		path, body = path+"?"+form.Encode(), strings.NewReader("")
	}
	r := httptest.NewRequest(method, path, body)
	if body.Len() > 0 {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if jwt != "" {
		r.Header.Set("Authorization", jwt)
	}
	a := httptest.NewRecorder()
	h.ServeHTTP(a, r)
	return a
}

func call(h http.Handler, jwt, method, path string, form url.Values) (int, string) {
	a := send(h, jwt, method, path, form)
	var body struct {
		Result struct{ Error struct{ Message string } }
	}
	json.Unmarshal(a.Body.Bytes(), &body) // an answer that is none has no message
	return a.Code, body.Result.Error.Message
}
