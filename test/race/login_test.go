package race

import (
	"fmt"
	"net/url"
	"testing"
)

// once wants exactly one success among answers to one code, and no answer that
// is neither success nor refusal.
func once(t *testing.T, serial string, answers []answer) {
	t.Helper()
	if n := count(answers, answer.accepted); n != 1 {
		t.Errorf("%s: accepted %d times: %v", serial, n, answers[0])
	}
	if a, is := odd(answers); is {
		t.Errorf("%s: %v", serial, a)
	}
}

// The losers of a race use a code that is spent: each counts a failure, until
// the counter is full and nothing is looked at any more. The success came first
// and emptied the counter.
var afterRace = map[string]any{"failcount": 10, "info.count_auth_success": 1}

func TestOneCodeAtOnce(t *testing.T) {
	t.Parallel()
	c := newServer(t, "privacyidea")
	e := newServer(t, "edumfa")
	for i := range rounds(1000) {
		for _, typ := range []string{"hotp", "totp"} {
			c := c
			if i%10 == 9 {
				c = e
			}
			form := url.Values{}
			d := device{}
			if i%2 == 0 {
				d = c.enrol(typ, fmt.Sprintf("%s%d", typ, i), "")
				form.Set("serial", d.serial)
			} else {
				d = c.enrol(typ, fmt.Sprintf("%s%d", typ, i), "hans")
				form.Set("user", "hans")
			}
			code := d.at(0)
			if typ == "totp" {
				code = d.now()
			}
			form.Set("pass", code)
			once(t, d.serial, together(callers, func(int) answer { return c.check(form) }))
			c.wantStanding(d.serial, afterRace)
			if typ == "hotp" {
				c.wantStanding(d.serial, map[string]any{"count": 1})
			}
			c.must("DELETE", "/token/"+d.serial, nil)
			if t.Failed() {
				t.FailNow()
			}
		}
	}
}

func TestOneChallengeAnsweredAtOnce(t *testing.T) {
	t.Parallel()
	c := newServer(t, "privacyidea")
	for i := range rounds(100) {
		for _, typ := range []string{"hotp", "totp"} {
			d := c.enrol(typ, fmt.Sprintf("%s%d", typ, i), "hans")
			opened := c.must("POST", "/validate/triggerchallenge", url.Values{"user": {"hans"}})
			id, _ := opened.body.Detail["transaction_id"].(string)
			if id == "" {
				t.Fatalf("no challenge: %v", opened)
			}
			// Half of them answer with a code of their own: whoever is first has
			// ended the transaction for all others.
			answers := together(callers, func(j int) answer {
				code := d.at(int64(j % 2))
				if typ == "totp" {
					code = d.now()
				}
				return c.check(url.Values{"user": {"hans"}, "pass": {code}, "transaction_id": {id}})
			})
			once(t, d.serial, answers)
			c.wantStanding(d.serial, map[string]any{"info.count_auth_success": 1})
			if late := c.check(url.Values{"user": {"hans"}, "pass": {d.at(2)}, "transaction_id": {id}}); late.accepted() {
				t.Errorf("%s: the transaction goes on: %v", d.serial, late)
			}
			c.must("DELETE", "/token/"+d.serial, nil)
			if t.Failed() {
				t.FailNow()
			}
		}
	}
}

// Two codes that are both right may both be accepted, the lower one first; or
// the higher one was first, and the lower one is spent with it.
func TestTwoCodesAtOnce(t *testing.T) {
	t.Parallel()
	c := newServer(t, "privacyidea")
	both := 0
	for i := range rounds(100) {
		d := c.enrol("hotp", fmt.Sprintf("T%d", i), "")
		c.must("POST", "/token/set", url.Values{"serial": {d.serial}, "max_failcount": {"100"}})
		answers := together(16, func(j int) answer {
			return c.check(url.Values{"serial": {d.serial}, "pass": {d.at(int64(j % 2))}})
		})
		n := count(answers, answer.accepted)
		low := 0
		for j, a := range answers {
			if j%2 == 0 && a.accepted() {
				low++
			}
		}
		if n < 1 || n > 2 || low > 1 || n-low != 1 {
			t.Errorf("%s: %d accepted, %d of them the lower code: %v", d.serial, n, low, answers[0])
		}
		if n == 2 {
			both++
		}
		c.wantStanding(d.serial, map[string]any{"count": 2, "info.count_auth": 16, "info.count_auth_success": n})
		if a, is := odd(answers); is {
			t.Errorf("%s: %v", d.serial, a)
		}
	}
	t.Logf("both accepted in %d rounds", both)
}

// Failures that are counted at once are all counted, and never beyond the maximum.
func TestFailuresAtOnce(t *testing.T) {
	t.Parallel()
	c := newServer(t, "privacyidea")
	for i := range rounds(40) {
		d := c.enrol("hotp", fmt.Sprintf("F%d", i), "")
		most := 5 + 40*(i%2)
		c.must("POST", "/token/set", url.Values{"serial": {d.serial}, "max_failcount": {fmt.Sprint(most)}})
		answers := together(callers/2, func(int) answer {
			return c.check(url.Values{"serial": {d.serial}, "pass": {d.at(5000)}})
		})
		if n := count(answers, answer.accepted); n != 0 {
			t.Errorf("a wrong code was accepted %d times", n)
		}
		c.wantStanding(d.serial, map[string]any{"failcount": min(most, callers/2), "count": 0})
	}
}

// A user who may log in three times an hour does so three times, with whatever
// tokens and however many requests at once.
func TestLimitedSuccessesAtOnce(t *testing.T) {
	t.Parallel()
	c := newServer(t, "privacyidea")
	c.must("POST", "/policy/max", url.Values{"scope": {"authorization"}, "action": {"auth_max_success=3/1h"}, "active": {"true"}})
	devices := make([]device, 8)
	for i := range devices {
		devices[i] = c.enrol("hotp", fmt.Sprintf("L%d", i), "hans")
	}
	answers := together(callers, func(j int) answer {
		d := devices[j%len(devices)]
		return c.check(url.Values{"user": {"hans"}, "pass": {d.at(int64(j / len(devices)))}})
	})
	if n := count(answers, answer.accepted); n != 3 {
		t.Errorf("%d were accepted", n)
	}
}
