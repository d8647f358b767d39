package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// sample is one login.
type sample struct {
	took time.Duration
	err  error
}

// measure enrols the tokens, keeps the connections busy and returns what it saw
// after the warm-up.
func measure(c config) (*Result, error) {
	transport := &http.Transport{MaxIdleConnsPerHost: c.conns + 1}
	api := &client{http: &http.Client{Transport: transport, Timeout: 60 * time.Second}, base: strings.TrimRight(c.base, "/")}
	keys, err := c.setUp(api)
	if err != nil {
		return nil, err
	}
	start := time.Now().Add(c.warmup)
	samples := make([][]sample, c.conns)
	var wg sync.WaitGroup
	for w := range c.conns {
		wg.Go(func() {
			b := busy{c: c, api: &client{http: api.http, base: api.base}, keys: keys, counters: make([]int64, len(keys))}
			samples[w] = b.until(w, start, start.Add(c.duration))
		})
	}
	wg.Wait()
	return c.summary(samples), nil
}

// busy is one connection: users w, w+conns, w+2·conns … in turn.
type busy struct {
	c        config
	api      *client
	keys     [][]byte
	counters []int64
}

func (b *busy) until(w int, start, end time.Time) (samples []sample) {
	for {
		for i := w; i < len(b.keys); i += b.c.conns {
			now := time.Now()
			if now.After(end) {
				return samples
			}
			err := b.login(i)
			if now.After(start) {
				samples = append(samples, sample{time.Since(now), err})
			}
		}
		if w >= len(b.keys) { // more connections than users
			return samples
		}
	}
}

// login sends one request and checks its answer.
func (b *busy) login(i int) error {
	pass, want := b.c.pin, true
	switch b.c.mode {
	case "hotp", "nopin":
		pass += hotp(b.keys[i], b.counters[i])
		b.counters[i]++
	case "wrong":
		pass += "000000"
		want = false
	case "trigger":
		want = false
	}
	got, err := b.api.call("POST", "/validate/check", url.Values{"user": {fmt.Sprintf("load%d", i)}, "realm": {"loadgen"}, "pass": {pass}})
	switch {
	case err != nil:
		return err
	case got.value != want:
		return fmt.Errorf("want %v, got %v: %v", want, got.value, got.detail["message"])
	case b.c.mode == "trigger" && got.detail["transaction_id"] == nil:
		return fmt.Errorf("no transaction_id: %v", got.detail["message"])
	}
	return nil
}
