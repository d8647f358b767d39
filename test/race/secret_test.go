package race

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"symbolon/internal/api/privacyidea"
	"symbolon/internal/app"
	"symbolon/protocol/otp"
)

// The secrets that are planted. Nothing contains another one, and none occurs
// by chance.
const (
	plantedAdmin = "PLANTEDadminPassword1"
	plantedUser  = "PLANTEDuserpassword" // the passwd file below has its hash
	plantedPIN   = "PLANTEDtokenPin"
	plantedPIN2  = "PLANTEDotherPin"
	plantedKey   = "PLANTEDseed=20bytes!"
	plantedValue = "PLANTEDsettingValue"
	plantedHead  = "PLANTEDheaderValue"
	plantedAny   = "PLANTEDfieldValue"
	plantedUsers = "hans:$6$planted1$QweCoEJ1GZhckNKus1UWqixJPBEOM/f7RmFqd4P/XeOag4jstqhnfjpsVPgICG7ob7Eye3JXCTpGMSoLtbVCJ.:1002:1002:Hans,,,,h@example.com:/home/h:/bin/sh\n"
)

// secretFields are the parameters that hold secrets, whatever route they are
// sent to.
var secretFields = []string{"pass", "password", "pin", "otppin", "userpin", "sopin", "otp", "otp1", "otp2", "verify", "otpkey", "secret",
	"motppin", "recoverycode", "newpassword", "refilltoken", "transaction_secret", "privateKey", "sshkey", "BINDPW", "Password",
	"radius.secret", "ldap.password", "auth_token", "registrationcode", "totp_secret", "response", "signature", "sessionkey"}

// lockedBuffer takes the log of many goroutines.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// planting is a server whose requests carry secrets, and where they must not be.
type planting struct {
	*testing.T
	http    http.Handler
	data    string
	log     *lockedBuffer
	admin   string // JWTs
	user    string
	secrets map[string]string // by what they are
	codes   []string
	answers []told
	shown   map[string]bool // what the answer under way may show
}

// told is an answer, and what it was an answer to.
type told struct {
	request, text string
	shown         map[string]bool
}

func newPlanting(t *testing.T, profile string) *planting {
	p := &planting{T: t, log: &lockedBuffer{}, secrets: map[string]string{"admin's password": plantedAdmin, "user's password": plantedUser,
		"PIN": plantedPIN, "other PIN": plantedPIN2, "setting": plantedValue, "header": plantedHead, "field": plantedAny, "seed": plantedKey,
		"seed, base64": base64.StdEncoding.EncodeToString([]byte(plantedKey))}}
	p.secrets["seed, hex"] = hex.EncodeToString([]byte(plantedKey))
	p.secrets["seed, base32"] = strings.TrimRight(base32.StdEncoding.EncodeToString([]byte(plantedKey)), "=")
	built, data := parts(t, profile, slog.New(slog.NewTextHandler(p.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	p.http, p.data = built.HTTP, data
	admin := app.AddAdmin{Name: "root", Secret: plantedAdmin}
	if err := app.Within(built).Call(t.Context(), app.AdminAdd, admin, &app.Added{}); err != nil {
		t.Fatal(err)
	}
	users := filepath.Join(t.TempDir(), "passwd")
	if err := os.WriteFile(users, []byte(plantedUsers), 0o600); err != nil {
		t.Fatal(err)
	}
	p.admin = p.signIn("root", plantedAdmin)
	p.must("POST", "/resolver/reso1", p.admin, url.Values{"type": {"passwdresolver"}, "fileName": {users}})
	p.must("POST", "/realm/realm1", p.admin, url.Values{"resolvers": {"reso1"}})
	p.must("POST", "/defaultrealm/realm1", p.admin, nil)
	p.user = p.signIn("hans", plantedUser)
	for name, jwt := range map[string]string{"admin's token": p.admin, "user's token": p.user} {
		p.secrets[name] = jwt[strings.LastIndex(jwt, ".")+1:]
	}
	return p
}

// send sends a request with marked headers.
func (p *planting) send(method, path, jwt, kind, body string) answer {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if jwt != "" {
		r.Header.Set("Authorization", jwt)
	}
	for _, name := range []string{"X-Api-Key", "Cookie", "X-Password", "Proxy-Authorization", "X-Forwarded-User"} {
		r.Header.Set(name, plantedHead)
	}
	a := httptest.NewRecorder()
	p.http.ServeHTTP(a, r)
	out := answer{status: a.Code, text: a.Body.String()}
	p.answers = append(p.answers, told{method + " " + r.URL.Path, out.text, p.shown})
	if err := json.Unmarshal(a.Body.Bytes(), &out.body); err != nil && out.status == http.StatusOK && a.Header().Get("Content-Type") == "application/json" {
		p.Errorf("%s %s: %v", method, path, err)
	}
	return out
}

func (p *planting) form(method, path, jwt string, form url.Values) answer {
	if method == http.MethodGet || method == http.MethodDelete {
		return p.send(method, path+"?"+form.Encode(), jwt, "", "")
	}
	return p.send(method, path, jwt, "application/x-www-form-urlencoded", form.Encode())
}

func (p *planting) must(method, path, jwt string, form url.Values) answer {
	p.Helper()
	a := p.form(method, path, jwt, form)
	if a.status != http.StatusOK || !a.body.Result.Status {
		p.Errorf("%s %s: %v", method, path, a)
	}
	return a
}

// showing names the secrets that the answers of f are meant to show.
func (p *planting) showing(names []string, f func()) {
	p.shown = map[string]bool{}
	for _, n := range names {
		p.shown[n] = true
	}
	f()
	p.shown = nil
}

func (p *planting) signIn(name, password string) (jwt string) {
	p.Helper()
	p.showing([]string{"admin's token", "user's token"}, func() {
		a := p.must("POST", "/auth", "", url.Values{"username": {name}, "password": {password}})
		jwt, _ = a.value("token").(string)
	})
	if strings.Count(jwt, ".") != 2 {
		p.Fatalf("no token for %s", name)
	}
	return jwt
}

// code is one of the planted seed; from now on it must be nowhere.
func (p *planting) code(n int64) string {
	g, err := otp.NewGenerator([]byte(plantedKey), otp.SHA1, 8)
	if err != nil {
		p.Fatal(err)
	}
	code := g.Code(n)
	p.codes = append(p.codes, code)
	return code
}

// TestNoSecretWhereNoneBelongs sends secrets in all fields to all routes, right
// and wrong ones, and looks for them in the log at its finest, in answers that are
// not meant to show them, in the database's files and in the trail.
func TestNoSecretWhereNoneBelongs(t *testing.T) {
	t.Parallel()
	for _, profile := range []string{"privacyidea", "edumfa"} {
		t.Run(profile, func(t *testing.T) {
			t.Parallel()
			p := newPlanting(t, profile)
			p.enrolments()
			p.logins()
			p.administration()
			p.everywhere()
			p.look()
		})
	}
}

func (p *planting) enrolments() {
	seed := []string{"seed, base32", "seed, hex", "seed"}
	for _, typ := range []string{"hotp", "totp"} {
		form := url.Values{"type": {typ}, "serial": {typ + "1"}, "user": {"hans"}, "otpkey": {hex.EncodeToString([]byte(plantedKey))},
			"pin": {plantedPIN}, "otplen": {"8"}}
		p.showing(seed, func() { p.must("POST", "/token/init", p.admin, form) })
		form.Set("serial", typ+"2")
		form.Del("user")
		form.Del("pin")
		p.showing(seed, func() { p.must("POST", "/token/init", p.user, form) })
		// A refused one shows nothing.
		form.Set("serial", "bad serial")
		p.form("POST", "/token/init", p.admin, form)
	}
	p.must("POST", "/token/init", p.admin, url.Values{"type": {"spass"}, "serial": {"spass1"}, "user": {"hans"}, "pin": {plantedPIN2}})
	for _, bad := range []string{plantedKey, hex.EncodeToString([]byte(plantedKey)) + "zz", "0x" + plantedAny} {
		p.form("POST", "/token/init", p.admin, url.Values{"type": {"hotp"}, "otpkey": {bad}, "pin": {plantedPIN}, "genkey": {"0"}})
	}
}

func (p *planting) logins() {
	check := func(form url.Values) answer { return p.form("POST", "/validate/check", "", form) }
	right := url.Values{"user": {"hans"}, "pass": {plantedPIN + p.code(0)}}
	if a := check(right); !a.accepted() {
		p.Errorf("the right login: %v", a)
	}
	check(right)
	for _, pass := range []string{plantedPIN2 + p.code(1), plantedPIN + "00000000", plantedAny, plantedUser, plantedPIN, p.code(2), plantedPIN2} {
		for _, form := range []url.Values{{"user": {"hans"}, "pass": {pass}}, {"serial": {"hotp1"}, "pass": {pass}}, {"serial": {"hotp1"}, "otponly": {"1"}, "pass": {pass}},
			{"user": {"nobody"}, "pass": {pass}}, {"serial": {"none"}, "pass": {pass}}, {"pass": {pass}}} {
			check(form)
			p.form("GET", "/validate/check", "", form)
			p.form("POST", "/validate/samlcheck", "", form)
			p.form("POST", "/validate/radiuscheck", "", form)
		}
		p.form("POST", "/auth", "", url.Values{"username": {"hans"}, "password": {pass}})
		p.form("POST", "/auth", "", url.Values{"username": {"root"}, "password": {pass}})
	}
	p.must("POST", "/policy/cr", p.admin, url.Values{"scope": {"authentication"}, "realm": {"realm1"}, "action": {"challenge_response=hotp totp"}, "active": {"true"}})
	p.must("POST", "/token/reset", p.admin, url.Values{"user": {"hans"}})
	a := check(url.Values{"serial": {"hotp1"}, "pass": {plantedPIN}})
	id, _ := a.body.Detail["transaction_id"].(string)
	if id == "" {
		p.Errorf("no challenge: %v", a)
	}
	for _, pass := range []string{plantedAny, p.code(100), p.code(3)} {
		check(url.Values{"serial": {"hotp1"}, "pass": {pass}, "transaction_id": {id}})
	}
	p.form("POST", "/token/resync", p.admin, url.Values{"serial": {"hotp1"}, "otp1": {p.code(20)}, "otp2": {p.code(21)}})
	p.form("POST", "/token/resync", p.admin, url.Values{"serial": {"hotp1"}, "otp1": {p.code(40)}, "otp2": {plantedAny}})
	p.must("POST", "/policy/db", p.admin, url.Values{"scope": {"authentication"}, "realm": {"realm1"}, "action": {"otppin=userstore"}, "active": {"true"}})
	check(url.Values{"user": {"hans"}, "pass": {plantedUser + p.code(25)}})
	check(url.Values{"user": {"hans"}, "pass": {plantedUser + plantedAny}})
	p.must("DELETE", "/policy/db", p.admin, nil)
}

func (p *planting) administration() {
	for _, jwt := range []string{p.admin, p.user} {
		p.form("POST", "/token/setpin", jwt, url.Values{"serial": {"totp2"}, "otppin": {plantedPIN2}, "userpin": {plantedPIN}, "sopin": {plantedAny}})
	}
	p.must("POST", "/policy/pin", p.admin, url.Values{"scope": {"admin"}, "realm": {"realm1"}, "action": {"*, otp_pin_minlength=100, otp_pin_contents=+n"}, "active": {"true"}})
	p.form("POST", "/token/setpin", p.admin, url.Values{"serial": {"totp2"}, "otppin": {plantedPIN2}})
	p.form("POST", "/token/init", p.admin, url.Values{"type": {"hotp"}, "genkey": {"1"}, "pin": {plantedPIN2}})
	p.must("DELETE", "/policy/pin", p.admin, nil)
	p.form("POST", "/token/assign", p.admin, url.Values{"serial": {"hotp2"}, "user": {"hans"}, "pin": {plantedPIN}})
	p.form("POST", "/token/copypin", p.admin, url.Values{"from": {"hotp1"}, "to": {"totp2"}})
	p.form("POST", "/system/setConfig", p.admin, url.Values{"sms.key": {plantedValue}, "sms.key.type": {"password"}})
	p.form("GET", "/system/", p.admin, nil)
	p.form("GET", "/system/sms.key", p.admin, nil)
	p.form("GET", "/token/", p.admin, url.Values{"serial": {"*"}})
	p.form("GET", "/token/", p.admin, url.Values{"serial": {"*"}, "outform": {"csv"}})
	p.form("GET", "/resolver/", p.admin, nil)
	p.form("GET", "/user/", p.admin, nil)
	p.form("GET", "/policy/export/all", p.admin, nil)
}

// everywhere sends a marked value in every secret field to every route, as form,
// query and JSON, as everybody.
func (p *planting) everywhere() {
	form, object := url.Values{}, map[string]any{}
	for _, name := range secretFields {
		form.Set(name, plantedAny)
		object[name] = plantedAny
	}
	for name, v := range map[string]string{"user": "hans", "username": "hans", "realm": "realm1", "serial": "hotp2", "type": "hotp", "scope": "admin"} {
		form.Set(name, v)
		object[name] = v
	}
	list := map[string]any{}
	for name := range object {
		list[name] = []any{plantedAny, map[string]any{"a": plantedAny}}
	}
	text, _ := json.Marshal(object)
	wrong, _ := json.Marshal(list)
	for _, r := range privacyidea.Routes() {
		switch r.Path {
		case "/system/setConfig", "/system/setDefault": // stores any name in the open, unless its type says otherwise
			continue
		}
		path := regexp.MustCompile(`<[^>]+>`).ReplaceAllString(r.Path, "hotp2")
		if r.Path == "/token/getserial/<otp>" {
			path = "/token/getserial/" + p.code(30)
		}
		callers := []string{"", plantedHead}
		if r.Access != privacyidea.Anonymous {
			callers = append(callers, p.admin, p.user, p.admin[:len(p.admin)-4]+"XXXX")
		}
		for _, jwt := range callers {
			p.form(r.Method, path, jwt, form)
			p.send(r.Method, path, jwt, "application/json", string(text))
			p.send(r.Method, path, jwt, "application/json", string(wrong))
			p.send(r.Method, path, jwt, "application/json", string(text[:len(text)-1]))
			p.send(r.Method, path, jwt, "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"pass\"\r\n\r\n"+plantedAny+"\r\n--x\r\n"+plantedAny)
		}
	}
}

// look searches all the places.
func (p *planting) look() {
	trail := p.form("GET", "/audit/", p.admin, url.Values{"page_size": {"1000"}})
	csv := p.send("GET", "/audit/all.csv", p.admin, "", "")
	if len(trail.text) < 10_000 || len(csv.text) < 10_000 {
		p.Fatalf("the trail has %d and %d bytes: nothing was looked at", len(trail.text), len(csv.text))
	}
	p.search("the log", p.log.String(), nil)
	if len(p.log.String()) < 10_000 {
		p.Error("the log is all but empty")
	}
	for _, a := range p.answers {
		p.search("the answer to "+a.request, a.text, a.shown)
	}
	for _, name := range []string{"symbolon.db", "symbolon.db-wal"} {
		b, err := os.ReadFile(filepath.Join(p.data, name))
		if err != nil {
			p.Fatal(err)
		}
		p.search(name, string(b), nil)
	}
}

func (p *planting) search(where, text string, shown map[string]bool) {
	p.Helper()
	lower := strings.ToLower(text)
	for what, secret := range p.secrets {
		if i := strings.Index(lower, strings.ToLower(secret)); i >= 0 && !shown[what] {
			p.Errorf("%s has the %s: %q", where, what, text[max(0, i-80):min(len(text), i+80)])
		}
	}
	for n, code := range p.codes {
		if i := alone(text, code); i >= 0 {
			p.Errorf("%s has a code (%d): %q", where, n, text[max(0, i-80):min(len(text), i+80)])
		}
	}
}

// alone is where the digits stand in text and are not a part of longer ones; -1:
// nowhere.
func alone(text, digits string) int {
	digit := func(i int) bool { return i >= 0 && i < len(text) && '0' <= text[i] && text[i] <= '9' }
	for from := 0; ; {
		i := strings.Index(text[from:], digits)
		if i < 0 {
			return -1
		}
		if i += from; !digit(i-1) && !digit(i+len(digits)) {
			return i
		}
		from = i + 1
	}
}
