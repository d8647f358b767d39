package conformance

import (
	"encoding/hex"
	"fmt"
	"testing"
)

func TestOCRAAgainstVectors(t *testing.T) {
	v := vectors[struct {
		Vectors []struct {
			ID             int
			Suite          string
			Key            string `json:"key_hex"`
			Question       string
			Role           string
			Counter        *uint64
			Pin            string
			PinHash        string `json:"pin_hash_hex"`
			Session        string `json:"session_hex"`
			Timestep       string `json:"timestep_hex"`
			QuestionBytes  string `json:"question_bytes_hex"`
			DataInput      string `json:"data_input_hex"`
			Expected, Note string
		}
		Valid   []struct{ Suite string } `json:"suite_valid"`
		Invalid []struct{ Suite string } `json:"suite_invalid"`
		URLs    []struct {
			User      string `json:"user_identifier"`
			Service   string `json:"service_identifier"`
			Session   string `json:"transaction_id"`
			Challenge string
			Name      string `json:"service_displayname"`
			URL       string
		} `json:"tiqrauth_urls"`
	}](t, "ocra.json")
	for _, x := range v.Vectors {
		expr := "ocra suite key question"
		vars := map[string]string{"suite": x.Suite, "key": x.Key, "question": x.Question}
		in := ocraInput{pin: x.Pin, pinHash: x.PinHash, session: x.Session, timestep: x.Timestep}
		if x.Counter != nil {
			in.counter, in.hasCounter = fmt.Sprint(*x.Counter), true
			expr += " counter=" + in.counter
		}
		for name, value := range map[string]string{"pin": x.Pin, "pinhash": x.PinHash, "session": x.Session, "timestep": x.Timestep} {
			if value != "" {
				expr += " " + name + "=" + value
			}
		}
		got, err := expand("${"+expr+"}", vars)
		if err != nil || got != x.Expected {
			t.Errorf("%d %s: %q, want %q (%v)", x.ID, x.Suite, got, x.Expected, err)
			continue
		}
		suite, _ := parseOCRA(x.Suite)
		if b, _ := suite.question(x.Question); hex.EncodeToString(b) != x.QuestionBytes {
			t.Errorf("%d question %x", x.ID, b)
		}
		if m, _ := suite.input(x.Question, in); x.DataInput != "" && hex.EncodeToString(m) != x.DataInput {
			t.Errorf("%d input %x", x.ID, m)
		}
	}
	for _, s := range v.Valid {
		if _, err := parseOCRA(s.Suite); err != nil {
			t.Errorf("%s: %v", s.Suite, err)
		}
	}
	for _, s := range v.Invalid {
		if _, err := parseOCRA(s.Suite); err == nil {
			t.Errorf("%s must be refused", s.Suite)
		}
	}
	for _, u := range v.URLs {
		vars := map[string]string{"url": u.URL}
		got := [...]string{evaluated(t, "tiqrpart url user", vars), evaluated(t, "tiqrpart url service", vars), evaluated(t, "tiqrpart url session", vars),
			evaluated(t, "tiqrpart url challenge", vars), evaluated(t, "tiqrpart url name", vars)}
		if want := [...]string{u.User, u.Service, u.Session, u.Challenge, u.Name}; got != want {
			t.Errorf("%s: %q", u.URL, got)
		}
	}
}
