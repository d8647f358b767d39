// Command loadgen measures how many logins a second a server with privacyIDEA's
// API sustains, and how long they take. It knows nothing of this server but its
// wire protocol, so that it can measure others too.
//
// It enrols one token a user in a realm of its own, then keeps -conns
// connections busy, each with its own users, so that every HOTP value is sent
// once and in order. An answer that is not the expected one counts as an error
// and makes the exit status 1. The result is one line of JSON.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sort"
	"time"
)

type config struct {
	base, admin, mode, pin, label string
	users, conns                  int
	warmup, duration              time.Duration
}

// Result is what one run measured. Latencies are in milliseconds.
type Result struct {
	Label      string  `json:"label"`
	Mode       string  `json:"mode"`
	Conns      int     `json:"conns"`
	Users      int     `json:"users"`
	Seconds    float64 `json:"seconds"`
	Requests   int     `json:"requests"`
	Errors     int     `json:"errors"`
	FirstError string  `json:"first_error,omitempty"`
	PerSecond  float64 `json:"per_second"`
	P50        float64 `json:"p50_ms"`
	P95        float64 `json:"p95_ms"`
	P99        float64 `json:"p99_ms"`
	Max        float64 `json:"max_ms"`
}

func main() {
	var c config
	flag.StringVar(&c.base, "base", "http://127.0.0.1:5000", "base `URL` of the server")
	flag.StringVar(&c.admin, "admin", "admin:test", "administrator as `USER:PASSWORD`")
	flag.StringVar(&c.mode, "mode", "hotp", "hotp: right PIN and OTP; wrong: right PIN, wrong OTP; spass: static PIN; trigger: PIN alone starts a challenge; nopin: OTP of a token without PIN")
	flag.StringVar(&c.pin, "pin", "test", "token PIN")
	flag.StringVar(&c.label, "label", "", "name of the server in the result")
	flag.IntVar(&c.users, "users", 64, "number of users, one token each")
	flag.IntVar(&c.conns, "conns", 8, "connections kept busy")
	flag.DurationVar(&c.warmup, "warmup", 2*time.Second, "time before counting")
	flag.DurationVar(&c.duration, "duration", 10*time.Second, "time counted")
	flag.Parse()
	if c.mode == "nopin" {
		c.pin = ""
	}
	result, err := measure(c)
	if err != nil {
		fmt.Fprintln(os.Stderr, "loadgen:", err)
		os.Exit(2)
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		fmt.Fprintln(os.Stderr, "loadgen:", err)
		os.Exit(2)
	}
	if result.Errors > 0 {
		os.Exit(1)
	}
}

// summary puts the samples of all connections together.
func (c config) summary(samples [][]sample) *Result {
	r := &Result{Label: c.label, Mode: c.mode, Conns: c.conns, Users: c.users, Seconds: c.duration.Seconds()}
	var took []float64
	for _, s := range samples {
		for _, x := range s {
			r.Requests++
			if x.err == nil {
				took = append(took, float64(x.took)/float64(time.Millisecond))
				continue
			}
			r.Errors++
			if r.FirstError == "" {
				r.FirstError = x.err.Error()
			}
		}
	}
	sort.Float64s(took)
	at := func(q float64) float64 {
		if len(took) == 0 {
			return 0
		}
		return took[min(len(took)-1, int(q*float64(len(took))))]
	}
	r.PerSecond = float64(len(took)) / c.duration.Seconds()
	r.P50, r.P95, r.P99, r.Max = at(.5), at(.95), at(.99), at(1)
	return r
}
