package race

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"testing"
)

// entry is what the trail says of a commit. The trail's order is the order of
// the commits.
type entry struct {
	number          float64
	action          string
	success, accept bool
}

// trail is what was recorded of a token, oldest first.
func (c *client) trail(serial string) []entry {
	c.t.Helper()
	a := c.must("GET", "/audit/", url.Values{"serial": {serial}, "page_size": {"500"}, "sortorder": {"asc"}})
	rows, _ := a.value("auditdata").([]any)
	var list []entry
	for _, row := range rows {
		m, _ := row.(map[string]any)
		number, _ := m["number"].(float64)
		action, _ := m["action"].(string)
		list = append(list, entry{number, action, m["success"] == true || m["success"] == 1.0, m["authentication"] == "ACCEPT"})
	}
	slices.SortFunc(list, func(a, b entry) int { return cmp.Compare(a.number, b.number) })
	return list
}

// withdrawal is one way to stop a token from being accepted.
type withdrawal struct {
	name, method, path, action string
	form                       url.Values
}

func withdrawals() []withdrawal {
	none := url.Values{}
	return []withdrawal{
		{"disable", "POST", "/token/disable/%s", "POST /token/disable/<serial>", none},
		{"revoke", "POST", "/token/revoke/%s", "POST /token/revoke/<serial>", none},
		{"delete", "DELETE", "/token/%s", "DELETE /token/<serial>", none},
		{"no failures allowed", "POST", "/token/set/%s", "POST /token/set/<serial>", url.Values{"max_failcount": {"0"}}},
		{"no use allowed", "POST", "/token/set/%s", "POST /token/set/<serial>", url.Values{"count_auth_max": {"1"}}},
		{"expired", "POST", "/token/set/%s", "POST /token/set/<serial>", url.Values{"validity_period_end": {"2020-01-01T00:00+0000"}}},
	}
}

// While codes are accepted one after the other, an administrator withdraws the
// token. Nothing is accepted that stands behind the withdrawal in the trail,
// and nothing that was sent after it was acknowledged.
func TestNothingIsAcceptedAfterItsWithdrawal(t *testing.T) {
	t.Parallel()
	c := newServer(t, "privacyidea")
	before := 0
	for i := range rounds(40) {
		for k, w := range withdrawals() {
			d := c.enrol("hotp", fmt.Sprintf("W%d-%d", i, k), "")
			c.must("POST", "/token/set", url.Values{"serial": {d.serial}, "max_failcount": {"1000"}})
			c.check(url.Values{"serial": {d.serial}, "pass": {d.at(5000)}}) // the one use that is allowed in one case
			together(9, func(j int) answer {
				if j == 8 {
					for c.t.Context().Err() == nil && i%4 > 0 { // let some logins in first
						if tok := c.stored(d.serial); tok["count"] != 0.0 {
							break
						}
					}
					return c.must(w.method, fmt.Sprintf(w.path, d.serial), w.form)
				}
				for n := range 6 {
					c.do("POST", "/validate/check", url.Values{"serial": {d.serial}, "pass": {d.at(int64(n))}})
				}
				return answer{}
			})
			late := c.do("POST", "/validate/check", url.Values{"serial": {d.serial}, "pass": {d.at(8)}})
			if late.accepted() {
				t.Errorf("%s: accepted afterwards: %v", w.name, late)
			}
			withdrawn, accepts := false, 0
			for _, e := range c.trail(d.serial) {
				switch {
				case e.action == w.action && e.success && e.number > 0:
					// The first set only raised the maximum; it has another route.
					withdrawn = true
				case e.accept && e.success:
					accepts++
					if withdrawn {
						t.Errorf("%s %s: a login was committed after it", w.name, d.serial)
					}
				}
			}
			if !withdrawn {
				t.Fatalf("%s %s: no record of it: %v", w.name, d.serial, c.trail(d.serial))
			}
			before += accepts
		}
	}
	if before == 0 {
		t.Error("no login was ever accepted before: nothing was tested")
	}
	t.Logf("%d logins accepted before", before)
}

// A full fail counter is emptied while codes are tried: nothing is accepted
// before the reset was committed, and no code twice after it.
func TestNothingIsAcceptedBeforeTheReset(t *testing.T) {
	t.Parallel()
	c := newServer(t, "privacyidea")
	for i := range rounds(40) {
		d := c.enrol("hotp", fmt.Sprintf("R%d", i), "")
		for range 10 {
			c.check(url.Values{"serial": {d.serial}, "pass": {d.at(5000)}})
		}
		c.wantStanding(d.serial, map[string]any{"failcount": 10})
		together(9, func(j int) answer {
			if j == 8 {
				return c.must("POST", "/token/reset/"+d.serial, nil)
			}
			for n := range 4 {
				c.check(url.Values{"serial": {d.serial}, "pass": {d.at(int64(n))}})
			}
			return answer{}
		})
		reset, accepts := false, 0
		for _, e := range c.trail(d.serial) {
			switch {
			case e.action == "POST /token/reset/<serial>":
				reset = true
			case e.accept && e.success:
				accepts++
				if !reset {
					t.Errorf("%s: accepted while it was locked", d.serial)
				}
			}
		}
		c.wantStanding(d.serial, map[string]any{"info.count_auth_success": map[bool]any{true: nil, false: accepts}[accepts == 0]})
		if accepts > 4 {
			t.Errorf("%s: four codes were accepted %d times", d.serial, accepts)
		}
	}
}

// A user gets as many tokens as he may have, never more, however many enrolments
// are under way.
func TestEnrolmentsAtOnceKeepTheLimit(t *testing.T) {
	t.Parallel()
	c := newServer(t, "privacyidea")
	for _, p := range []struct{ action, realmField string }{
		{"max_token_per_user=3", "user"}, {"hotp_max_token_per_user=3", "user"}, {"max_active_token_per_user=3", "user"}, {"max_token_per_realm=3", "realm"}} {
		c.must("POST", "/policy/limit", url.Values{"scope": {"enrollment"}, "action": {p.action}, "active": {"true"}})
		for range rounds(10) {
			answers := together(32, func(int) answer {
				form := url.Values{"type": {"hotp"}, "genkey": {"1"}, "realm": {"realm1"}}
				if p.realmField == "user" {
					form.Set("user", "hans")
				}
				return c.do("POST", "/token/init", form)
			})
			a := c.must("GET", "/token/", url.Values{"tokenrealm": {"realm1"}, "pagesize": {"100"}})
			enrolled := count(answers, func(a answer) bool { return a.status == 200 && a.body.Result.Status })
			if n := fmt.Sprint(a.value("count")); n != "3" || enrolled != 3 {
				t.Errorf("%s: %s tokens, %d enrolments acknowledged", p.action, n, enrolled)
			}
			for _, a := range answers {
				if a.status != 200 && a.status != 403 && !a.busy() {
					t.Errorf("%s: %v", p.action, a)
				}
			}
			list, _ := a.value("tokens").([]any)
			for _, x := range list {
				m, _ := x.(map[string]any)
				c.must("DELETE", fmt.Sprint("/token/", m["serial"]), nil)
			}
		}
	}
}

// Disabled tokens that are enabled at once keep the limit on active ones.
func TestEnablingAtOnceKeepsTheLimit(t *testing.T) {
	t.Parallel()
	c := newServer(t, "privacyidea")
	var serials []string
	for i := range 16 {
		d := c.enrol("hotp", fmt.Sprintf("E%d", i), "hans")
		serials = append(serials, d.serial)
	}
	c.must("POST", "/policy/limit", url.Values{"scope": {"enrollment"}, "action": {"max_active_token_per_user=3"}, "active": {"true"}})
	for range rounds(20) {
		for _, s := range serials {
			c.must("POST", "/token/disable/"+s, nil)
		}
		together(len(serials), func(i int) answer { return c.do("POST", "/token/enable/"+serials[i], nil) })
		a := c.must("GET", "/token/", url.Values{"user": {"hans"}, "active": {"true"}})
		if n := fmt.Sprint(a.value("count")); n != "3" {
			t.Errorf("%s tokens are active", n)
		}
	}
}

// What several administrators write at once stands, or its writer is told.
func TestPoliciesWrittenAtOnce(t *testing.T) {
	t.Parallel()
	c := newServer(t, "privacyidea")
	told := 0
	for i := range rounds(40) {
		name := func(j int) string { return fmt.Sprintf("p%d-%d", i, j) }
		writers := 2 + i%7
		answers := together(writers, func(j int) answer {
			return c.do("POST", "/policy/"+name(j), url.Values{"scope": {"authentication"}, "action": {"otppin=none"}, "active": {"true"},
				"user": {fmt.Sprint("u", j)}})
		})
		a := c.must("GET", "/policy/", nil)
		there := map[string]bool{}
		list, _ := a.body.Result.Value.([]any)
		for _, p := range list {
			m, _ := p.(map[string]any)
			there[fmt.Sprint(m["name"])] = true
		}
		for j, a := range answers {
			ok := a.status == 200 && a.body.Result.Status
			if !ok {
				told++
			}
			if ok != there[name(j)] || !ok && !a.busy() {
				t.Errorf("%s stands: %t, its writer heard %v", name(j), there[name(j)], a)
			}
		}
		for j, a := range answers {
			if a.status == 200 {
				c.must("DELETE", "/policy/"+name(j), nil)
			}
		}
	}
	t.Logf("%d were told that the server was busy", told)
}

// A resolver does not vanish from under the realm that is made of it meanwhile.
func TestRealmAndItsResolverAtOnce(t *testing.T) {
	t.Parallel()
	c := newServer(t, "privacyidea")
	path := c.must("GET", "/resolver/reso1", nil)
	reso, _ := path.value("reso1").(map[string]any)
	data, _ := reso["data"].(map[string]any)
	file := fmt.Sprint(data["fileName"])
	for range rounds(40) {
		c.must("POST", "/resolver/reso2", url.Values{"type": {"passwdresolver"}, "fileName": {file}})
		answers := together(2, func(j int) answer {
			if j == 0 {
				return c.do("POST", "/realm/realm2", url.Values{"resolvers": {"reso2"}})
			}
			return c.do("DELETE", "/resolver/reso2", nil)
		})
		ok := func(a answer) bool { return a.status == 200 && a.body.Result.Status }
		made, realm := c.must("GET", "/realm/", nil).value("realm2").(map[string]any)
		members, _ := made["resolver"].([]any)
		_, resolver := c.must("GET", "/resolver/", nil).value("reso2").(map[string]any)
		if len(members) > 0 && !resolver {
			t.Errorf("realm2 is made of a resolver that is gone: %v", answers)
		}
		if ok(answers[1]) == resolver {
			t.Errorf("resolver there: %t, its deleter heard %v", resolver, answers[1])
		}
		if realm {
			c.must("DELETE", "/realm/realm2", nil)
		}
		if resolver {
			c.must("DELETE", "/resolver/reso2", nil)
		}
	}
}
