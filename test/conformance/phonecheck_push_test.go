package conformance

import (
	"encoding/json"
	"strings"
	"testing"
)

type pushVectors struct {
	Keys struct {
		Server struct {
			ResponseKey string `json:"enrollment_response_public_key"`
		}
		Phone struct {
			Param     string `json:"pubkey_param_standard_base64"`
			URLSafe   string `json:"pubkey_param_urlsafe_base64"`
			Multiline string `json:"pubkey_param_urlsafe_multiline"`
			Spaces    string `json:"pubkey_param_plus_arrived_as_space"`
		}
	}
	Challenges []struct {
		Name             string
		CapabilitiesText string `json:"capabilities_sign_input"`
		Data             map[string]string
	} `json:"server_challenges"`
	Answers []struct {
		Name, Signature string
		SignString      string `json:"sign_string"`
	} `json:"phone_answers"`
	Negative []struct {
		Name, Signature string
		SignString      string `json:"sign_string"`
	} `json:"phone_answers_negative"`
	Poll []struct {
		Name   string
		Params map[string]string
	}
	Update []struct {
		Name string
		Form map[string]string
	} `json:"firebase_token_update"`
}

func TestPushAgainstVectors(t *testing.T) {
	v := vectors[pushVectors](t, "push.json")
	if got := evaluated(t, "pushpubkey", nil); got != v.Keys.Phone.Param {
		t.Errorf("pushpubkey = %s", got)
	}
	for form, want := range map[string]string{"urlsafe": v.Keys.Phone.URLSafe, "multiline": v.Keys.Phone.Multiline, "spaces": v.Keys.Phone.Spaces} {
		if got := evaluated(t, "pushpubkey phone "+form, nil); strings.TrimSpace(got) != strings.TrimSpace(want) {
			t.Errorf("pushpubkey %s = %q, want %q", form, got, want)
		}
	}
	vars := map[string]string{}
	sign := func(expr string, pairs ...string) string {
		t.Helper()
		for i := 0; i < len(pairs); i += 2 {
			vars[pairs[i]] = pairs[i+1]
		}
		return evaluated(t, expr, vars)
	}
	for _, a := range append(v.Answers, v.Negative...) {
		parts := strings.Split(a.SignString, "|")
		expr := "pushsign"
		if a.Name == "wrong_key" {
			expr = "pushsignas other"
		}
		if got := sign(expr + " " + strings.Join(parts, " ")); got != a.Signature {
			t.Errorf("%s: another signature over %s", a.Name, a.SignString)
		}
	}
	for _, p := range v.Poll {
		got := sign("pushsign serial timestamp", "serial", p.Params["serial"], "timestamp", p.Params["timestamp"])
		if got != p.Params["signature"] {
			t.Errorf("poll %s: another signature", p.Name)
		}
	}
	for _, u := range v.Update {
		got := sign("pushsign new serial timestamp", "new", u.Form["new_fb_token"], "serial", u.Form["serial"], "timestamp", u.Form["timestamp"])
		if got != u.Form["signature"] {
			t.Errorf("update %s: another signature", u.Name)
		}
	}
	vars["key"] = v.Keys.Server.ResponseKey
	for _, c := range v.Challenges {
		for k, x := range c.Data {
			vars[k] = x
		}
		expr := "pushverify key signature nonce url serial question title sslverify"
		if c.Data["require_presence"] != "" {
			expr += " require_presence"
		}
		if got := evaluated(t, expr, vars); got != "ok" {
			t.Errorf("%s: %s", c.Name, got)
		}
		if got := evaluated(t, expr+" more", vars); got == "ok" {
			t.Errorf("%s: a longer text verifies too", c.Name)
		}
		data, _ := json.Marshal(c.Data)
		vars["challenge"] = string(data)
		if got := evaluated(t, "pushcheck key challenge", vars); got != "ok" {
			t.Errorf("%s: pushcheck: %s", c.Name, got)
		}
		vars["challenge"] = strings.Replace(string(data), c.Data["title"], "x", 1)
		if got := evaluated(t, "pushcheck key challenge", vars); got == "ok" {
			t.Errorf("%s: a changed challenge passes", c.Name)
		}
		if c.CapabilitiesText == "" {
			continue
		}
		if got := evaluated(t, "pushcapverify key capabilities_signature nonce capabilities", vars); got != "ok" {
			t.Errorf("%s capabilities: %s", c.Name, got)
		}
		if text, _ := capabilitiesText(c.Data["nonce"], c.Data["capabilities"]); text != c.CapabilitiesText {
			t.Errorf("%s capabilities: %s", c.Name, text)
		}
	}
}
