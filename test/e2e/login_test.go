package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const users = "hans:*:1000:1000:Hans Meier,,,,hans@example.com:/home/hans:/bin/sh\n" +
	"anna:*:1001:1001:Anna Maier,,,,anna@example.com:/home/anna:/bin/sh\n"

// pin is no number: it must not be found in the trail, which is full of them.
const pin = "tulip"

// TestFirstLogin is the whole way: an administrator, a realm, a phone, logins of
// all kinds, a server that is killed, and the trail that tells of it.
func TestFirstLogin(t *testing.T) {
	for _, profile := range []string{"privacyidea", "edumfa"} {
		t.Run(profile, func(t *testing.T) {
			t.Parallel()
			tools(t, "oathtool", "zbarimg")
			m := newMachine(t, "SYMBOLON_PROFILE="+profile)
			m.run("correct horse\n", "admin", "add", "admin", "--secret-file", "-")
			m.start("serve")
			m.signIn("admin", "correct horse")
			m.realm()
			counter := m.enrol("hotp", "anna")
			clock := m.enrol("totp", "hans")
			m.passwords(counter, clock)
			m.challenges(counter)
			m.trail()
			m.stop()
		})
	}
}

// realm makes a realm of two users out of a file.
func (m *machine) realm() {
	m.t.Helper()
	path := filepath.Join(m.t.TempDir(), "users")
	if err := os.WriteFile(path, []byte(users), 0o600); err != nil {
		m.t.Fatal(err)
	}
	m.done(http.MethodPost, "/resolver/people", "type", "passwdresolver", "fileName", path)
	m.done(http.MethodPost, "/realm/example", "resolvers", "people")
	m.done(http.MethodPost, "/defaultrealm/example")
	if list, _ := m.done(http.MethodGet, "/user/", "username", "anna").Result.Value.([]any); len(list) != 1 {
		m.t.Errorf("user anna is found %d times", len(list))
	}
}

// enrol makes a token and scans its QR code.
func (m *machine) enrol(kind, user string) phone {
	m.t.Helper()
	a := m.done(http.MethodPost, "/token/init", "type", kind, "user", user, "genkey", "1", "pin", pin)
	shown, _ := a.Detail["googleurl"].(map[string]any)
	read := scanned(m.t, shown["img"])
	if read != shown["value"] {
		m.t.Errorf("the picture says %q, the answer %q", read, shown["value"])
	}
	return newPhone(m.t, read)
}

// passwords logs in with PIN and code in one word. A killed server remembers
// what was spent.
func (m *machine) passwords(counter, clock phone) {
	m.t.Helper()
	m.expect("REJECT", m.logsIn("user", "anna", "pass", pin+"000000"))
	if counter.counter != "1" {
		m.t.Errorf("the app begins with counter %q", counter.counter)
	}
	first := pin + counter.code("1")
	m.expect("ACCEPT", m.logsIn("user", "anna", "pass", first))
	m.expect("REJECT", m.logsIn("user", "anna", "pass", first))
	m.expect("REJECT", m.logsIn("user", "hans", "pass", first))
	now := pin + clock.code("")
	m.expect("REJECT", m.logsIn("user", "hans", "pass", "x"+now[1:]))
	m.expect("ACCEPT", m.logsIn("user", "hans", "pass", now))
	m.kill()
	m.start("serve")
	m.expect("REJECT", m.logsIn("user", "hans", "pass", now))
	m.expect("REJECT", m.logsIn("user", "anna", "pass", first))
	m.expect("ACCEPT", m.logsIn("user", "hans", "pass", pin+clock.code("+31 seconds")))
}

// challenges logs in by two steps: the PIN or an administrator asks, a code
// answers.
func (m *machine) challenges(counter phone) {
	m.t.Helper()
	m.done(http.MethodPost, "/policy/questions", "scope", "authentication", "action", "challenge_response=hotp totp", "realm", "example", "active", "true")
	asked := m.logsIn("user", "anna", "pass", pin)
	m.expectChallenge(asked)
	id, _ := asked.Detail["transaction_id"].(string)
	m.poll(id, false)
	m.expect("REJECT", m.logsIn("user", "anna", "transaction_id", id, "pass", "000000"))
	answer := counter.code("2")
	m.expect("ACCEPT", m.logsIn("user", "anna", "transaction_id", id, "pass", answer))
	m.expect("REJECT", m.logsIn("user", "anna", "transaction_id", id, "pass", answer))

	triggered := m.done(http.MethodPost, "/validate/triggerchallenge", "user", "anna")
	if triggered.Result.Value != 1.0 {
		m.t.Errorf("triggered: %s", triggered.body)
	}
	id, _ = triggered.Detail["transaction_id"].(string)
	m.poll(id, false)
	m.expect("ACCEPT", m.logsIn("user", "anna", "transaction_id", id, "pass", counter.code("3")))
	m.poll(id, false)
}

func (m *machine) expectChallenge(a answer) {
	m.t.Helper()
	// eduMFA says so by the transaction alone.
	if a.Result.Value != false || a.Detail["transaction_id"] == nil || a.Result.Authentication == "REJECT" {
		m.t.Errorf("no challenge: %s", a.body)
	}
}

// poll asks for a transaction that is answered by a code: only phones settle one
// from outside, so it is never done.
func (m *machine) poll(id string, want bool) {
	m.t.Helper()
	if got := m.done(http.MethodGet, "/validate/polltransaction", "transaction_id", id).Result.Value; got != want {
		m.t.Errorf("polltransaction says %v", got)
	}
}

// trail reads what was written of all that.
func (m *machine) trail() {
	m.t.Helper()
	value, _ := m.done(http.MethodGet, "/audit/", "action", "*/validate/check", "page_size", "100").Result.Value.(map[string]any)
	rows, _ := value["auditdata"].([]any)
	accepted := map[string]int{}
	for _, row := range rows {
		r, _ := row.(map[string]any)
		if r["success"] == 1.0 || r["success"] == true {
			accepted[fmt.Sprint(r["user"])]++
		}
		if strings.Contains(fmt.Sprint(r), pin) {
			m.t.Errorf("a PIN is in the trail: %v", r)
		}
		if r["sig_check"] != "OK" || r["missing_line"] != "OK" {
			m.t.Errorf("the trail does not prove itself: %v", r)
		}
	}
	if len(rows) != 14 || accepted["anna"] < 3 || accepted["hans"] != 2 {
		m.t.Errorf("%d logins, accepted %v", len(rows), accepted)
	}
	if list := m.run("", "token", "list", "-o", "csv"); !strings.Contains(list, "totp,hans,example,usable,0,") {
		m.t.Errorf("token list:\n%s", list)
	}
}
