package conformance

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/smtp"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// selfcheck is a scenario for a little server of this test: with everything a
// step can have but phones.
const selfcheck = `
title: the runner itself
vars: {key: "3132333435363738393031323334353637383930"}
steps:
- name: login and code
  send: POST /echo?x=${now}
  as: admin
  form: {pass: "pin${hotp key 0}", who: nobody}
  save: {said: result.value.pass, number: result.value.number}
  check: {said: pin755224, number: "42"}
  expect: {status: 200, type: application/json, body: {result: {status: true, value: {pass: pin755224, number: "<number>", auth: token-of-admin, who: "<text>"}}, version: other}}
- name: what was saved, later
  sleep: 3s
  send: POST /echo
  json: {pass: "${said}", deep: ["${number}"]}
  ignore: [result.value.auth]
  expect: {status: 200, body: {result: {status: true, value: {pass: pin755224, deep: ["42"], number: 42}}}}
- name: a request that waits
  start: held
  send: GET /hold
- name: lets it go
  send: GET /release
  expect: {status: 200, type: text/plain, text: released}
- name: its answer
  await: held
  expect: {status: 200, text: held}
- name: a mail
  send: POST /mail?port=${smtpport}
- name: the mail
  send: MAIL /
  expect: {status: 200, body: {from: a@b, to: [c@d], subject: Söße, type: text/plain, text: "go to http://x/y/123\n", words: [go, to, "http://x/y/123"], linkends: ["123"]}}
- name: an SMS
  send: POST /sms?to=${sinkurl}/status/503/x
- name: the SMS
  send: SINK /status/503/x
  expect: {status: 200, body: {method: POST, path: /status/503/x, query: {}, type: application/x-www-form-urlencoded, authorization: "", form: {to: "1"}}}
`

func TestRunner(t *testing.T) {
	t.Parallel()
	sc := parsed(t, selfcheck)
	server := httptest.NewServer(littleServer(t))
	t.Cleanup(server.Close)
	r, err := newRunner(server.URL, privacyidea, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.close)
	var slept time.Duration
	r.pause = func(d time.Duration, _ map[string]string) { slept += d }
	for _, p := range r.verify(sc) {
		t.Error(p)
	}
	if slept != 3*time.Second || sc.slept() != slept {
		t.Errorf("slept %s", slept)
	}

	// It finds what departs.
	wrong := strings.NewReplacer("status: 200, type: text/plain, text: released", "status: 201, type: text/html, text: relaxed",
		`deep: ["42"]`, `deep: ["43"], more: 1`).Replace(selfcheck)
	got := strings.Join(r.verify(parsed(t, wrong)), "\n")
	for _, want := range []string{"want status 201, got 200", "want text/html, got text/plain", `want "relaxed", got "released"`,
		`result.value.deep.0: want "43", got "42"`, "result.value.more: missing"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func parsed(t *testing.T, text string) *scenario {
	t.Helper()
	path := filepath.Join(t.TempDir(), "selfcheck.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	sc, err := loadScenario(path)
	if err != nil {
		t.Fatal(err)
	}
	return sc
}

// littleServer echoes parameters, holds requests and sends mails.
func littleServer(t *testing.T) http.Handler {
	release := make(chan bool)
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, value string) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"result":{"status":true,"value":%s},"time":%d}`, value, time.Now().UnixNano())
	}
	mux.HandleFunc("POST /auth", func(w http.ResponseWriter, r *http.Request) {
		answer(w, fmt.Sprintf(`{"token":"token-of-%s"}`, r.FormValue("username")))
	})
	mux.HandleFunc("POST /echo", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Content-Type") == "application/json" {
			body, _ := io.ReadAll(r.Body)
			answer(w, strings.TrimSuffix(string(body), "}")+`,"number":42,"auth":"`+r.Header.Get("Authorization")+`"}`)
			return
		}
		answer(w, fmt.Sprintf(`{"pass":%q,"who":%q,"number":42,"auth":%q}`, r.FormValue("pass"), r.FormValue("who"), r.Header.Get("Authorization")))
	})
	mux.HandleFunc("GET /hold", func(w http.ResponseWriter, r *http.Request) { <-release; io.WriteString(w, "held") })
	mux.HandleFunc("GET /release", func(w http.ResponseWriter, r *http.Request) {
		release <- true
		w.Header().Set("Content-Type", "text/plain")
		io.WriteString(w, "released")
	})
	mux.HandleFunc("POST /mail", func(w http.ResponseWriter, r *http.Request) {
		text := "Subject: =?utf-8?q?S=C3=B6=C3=9Fe?=\r\nContent-Type: text/plain\r\n\r\ngo to http://x/y/123\r\n"
		if err := smtp.SendMail(net.JoinHostPort("127.0.0.1", r.FormValue("port")), nil, "a@b", []string{"c@d"}, []byte(text)); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("POST /sms", func(w http.ResponseWriter, r *http.Request) {
		resp, err := http.PostForm(r.FormValue("to"), map[string][]string{"to": {"1"}})
		if err != nil || resp.StatusCode != 503 {
			t.Errorf("the gateway: %v %v", resp, err)
			return
		}
		resp.Body.Close()
	})
	return mux
}
