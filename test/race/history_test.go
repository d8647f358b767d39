package race

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// request is what one client asked; code is the counter of the code it sent.
type request struct {
	what string // login, disable, enable, revoke
	code int
}

// tokenState is what one token is, to its clients.
type tokenState struct {
	next            int
	active, revoked bool
}

// window is how many codes ahead are looked for.
const window = 10

// oneToken says how a token answers when nothing else happens meanwhile. The
// fail counter is not part of it: it is kept far from its maximum.
func oneToken() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return tokenState{active: true} },
		Step: func(state, in, out any) (bool, any) {
			s, r, yes := state.(tokenState), in.(request), out.(bool)
			switch r.what {
			case "login":
				right := s.active && !s.revoked && s.next <= r.code && r.code < s.next+window
				if yes {
					s.next = r.code + 1
				}
				return yes == right, s
			case "disable":
				right := !s.revoked && s.active
				if yes {
					s.active = false
				}
				return yes == right, s
			case "enable":
				right := !s.revoked && !s.active
				if yes {
					s.active = true
				}
				return yes == right, s
			}
			s.revoked, s.active = true, false
			return yes, s
		},
		DescribeOperation: func(in, out any) string { return fmt.Sprint(in, " -> ", out) },
	}
}

// ask sends one request. happened is false when the server was too busy for it.
func (c *client) ask(d device, r request) (yes, happened bool) {
	if r.what == "login" {
		a := c.check(url.Values{"serial": {d.serial}, "pass": {d.at(int64(r.code))}})
		return a.accepted(), !a.busy()
	}
	a := c.do("POST", "/token/"+r.what+"/"+d.serial, nil)
	return a.status == 200 && a.body.Result.Value == 1.0, !a.busy()
}

// TestHistoriesAreLinearizable records what clients saw who logged in, disabled,
// enabled and revoked at once, and asks whether some order of their requests, one
// after the other, explains it.
func TestHistoriesAreLinearizable(t *testing.T) {
	t.Parallel()
	c := newServer(t, "privacyidea")
	seed := uint64(time.Now().UnixNano())
	for i := range rounds(30) {
		d := c.enrol("hotp", fmt.Sprintf("H%d", i), "")
		c.must("POST", "/token/set", url.Values{"serial": {d.serial}, "max_failcount": {"10000"}})
		var mu sync.Mutex
		var ops []porcupine.Operation
		start := time.Now()
		together(6, func(id int) bool {
			random := rand.New(rand.NewPCG(seed, uint64(i*100+id)))
			for n := range 25 {
				r := request{"login", n/2 + random.IntN(4)}
				switch random.IntN(20) {
				case 0:
					r = request{what: "disable"}
				case 1, 2:
					r = request{what: "enable"}
				case 3:
					if n > 20 {
						r = request{what: "revoke"}
					}
				}
				op := porcupine.Operation{ClientId: id, Input: r, Call: int64(time.Since(start))}
				yes, happened := c.ask(d, r)
				op.Output, op.Return = yes, int64(time.Since(start))
				if happened {
					mu.Lock()
					ops = append(ops, op)
					mu.Unlock()
				}
			}
			return true
		})
		if r := porcupine.CheckOperationsTimeout(oneToken(), ops, 20*time.Second); r != porcupine.Ok {
			t.Fatalf("seed %d, round %d: %s", seed, i, r)
		}
	}
}
