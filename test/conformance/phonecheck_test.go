package conformance

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// vectors reads a file of test vectors.
func vectors[T any](t *testing.T, name string) T {
	t.Helper()
	data, err := os.ReadFile("testdata/vectors/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func evaluated(t *testing.T, expr string, vars map[string]string) string {
	t.Helper()
	s, err := expand("${"+expr+"}", vars)
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	return s
}

func TestURLFunctions(t *testing.T) {
	vars := map[string]string{
		"push": "otpauth://pipush/PIPU0006EF85?url=https%3A//pi.example.com/ttype/push&ttl=10&issuer=a%20b&v=1",
		"pia":  "pia://container/SMPH1?time=2024-12-06T11%3A14%3A26.885409%2B00%3A00&passphrase=",
		"meta": "https://mfa.example.com/ttype/tiqr?action=enrollment&session=8aef&serial=TiQR1",
		"text": `{"tokens":{"add":["otpauth://hotp/a?serial=A","otpauth://hotp/b?serial=B"],"n":0}}`,
	}
	for expr, want := range map[string]string{
		"urlparam push url":          "https://pi.example.com/ttype/push",
		"urlparam push issuer":       "a b",
		"urlparam pia time":          "2024-12-06T11:14:26.885409+00:00",
		"urlparam pia passphrase":    "",
		"urlpart push scheme":        "otpauth",
		"urlpart push label":         "PIPU0006EF85",
		"urlpart meta target":        "/ttype/tiqr?action=enrollment&session=8aef&serial=TiQR1",
		"jsonpath text tokens.n":     "0",
		"jsonpath text tokens.add.#": "2",
		"jsonpath text tokens.add.1": "otpauth://hotp/b?serial=B",
		"containertokenurl text B":   "otpauth://hotp/b?serial=B",
		"containertokenurl text C":   "none",
	} {
		if got := evaluated(t, expr, vars); got != want {
			t.Errorf("%s = %q, want %q", expr, got, want)
		}
	}
}

func TestSetComputesInOrderOfNeed(t *testing.T) {
	vars := map[string]string{"a": "old"}
	s := &step{Set: map[string]string{"a": "${urlencode c}", "b": "x", "c": "${urlencode b} y"}}
	if err := s.setVars(vars); err != nil {
		t.Fatal(err)
	}
	if vars["a"] != "x+y" {
		t.Errorf("a = %q", vars["a"])
	}
	if err := (&step{Set: map[string]string{"a": "${now b}", "b": "${now a}"}}).setVars(map[string]string{}); err == nil {
		t.Error("a circle of set entries must be refused")
	}
}

func TestCheck(t *testing.T) {
	vars := map[string]string{"u": "pia://container/X?nonce=ab"}
	ok := &step{Check: map[string]string{"urlparam u nonce": "ab", "urlparam u none": ""}}
	if err := ok.checkVars(vars); err != nil {
		t.Error(err)
	}
	bad := &step{Check: map[string]string{"urlparam u nonce": "ac"}}
	if err := bad.checkVars(vars); err == nil || !strings.Contains(err.Error(), "ab") {
		t.Errorf("got %v", err)
	}
}
