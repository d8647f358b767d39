package envelope

import (
	"regexp"
	"testing"
)

func TestParseAgent(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]Agent{
		"":                                  {},
		"privacyidea-cp/3.7.0 Windows/10.0": {"privacyidea-cp", "3.7.0", "Windows/10.0"},
		"ownCloud Plugin":                   {"ownCloud", "", "Plugin"},
		"FreeRADIUS":                        {"FreeRADIUS", "", ""},
		"PAM/1.1.0":                         {"PAM", "1.1.0", ""},
		"pam-passkey/1.0.0 ComputerName/x":  {"pam-passkey", "1.0.0", "ComputerName/x"},
		"a/b":                               {"a", "", ""},
		"a/1x y":                            {"a", "1", ""},
		"a/":                                {"a", "", ""},
		"Mozilla/5.0 (X11; Linux)":          {"Mozilla", "5.0", "(X11; Linux)"},
		"(x) a":                             {},
		" a":                                {},
		"größe":                             {"gr", "", ""},
	} {
		if got := ParseAgent(header); got != want {
			t.Errorf("%q: got %+v, want %+v", header, got, want)
		}
	}
}

// C1: who encodes twice.
func TestC1Decoding(t *testing.T) {
	t.Parallel()
	p := Decoding{FoldCase: true, Once: []string{"privacyidea-cp", "privacyidea-ldap-proxy", "simplesamlphp"}}
	e := Decoding{OnceUnreadable: true, Once: []string{"eduMFA-LDAP-Proxy", "simpleSAMLphp", "eduMFA-cp"}}
	for _, tt := range []struct {
		header string
		p, e   bool
	}{
		{"", true, true}, {"(odd)", true, false}, {"privacyidea-cp/3.7", false, true}, {"privacyIDEA-LDAP-Proxy", false, true},
		{"simpleSAMLphp", false, false}, {"SIMPLESAMLPHP", false, true}, {"eduMFA-cp/1.0 x", true, false}, {"edumfa-cp", true, true},
		{"privacyidea-cp-x", true, true}, {"privacyidea-cp", false, true}, {"PAM/2.15.0", true, true},
	} {
		if p.Twice(tt.header) != tt.p || e.Twice(tt.header) != tt.e {
			t.Errorf("%q: got %v, %v", tt.header, p.Twice(tt.header), e.Twice(tt.header))
		}
	}
}

func FuzzParseAgent(f *testing.F) {
	f.Add("privacyidea-cp/3.7.0 Windows/10.0")
	f.Add("a/1.")
	f.Add("ownCloud Plugin")
	f.Add("a\xff/1")
	re := regexp.MustCompile(`^([a-zA-Z0-9_-]+)(?:/([0-9]+[0-9.]*))?(?:[ \t\r\n\f\v]((?s).*))?`)
	f.Fuzz(func(t *testing.T, header string) {
		var want Agent
		if m := re.FindStringSubmatch(header); m != nil {
			want = Agent{m[1], m[2], m[3]}
		}
		if got := ParseAgent(header); got != want {
			t.Errorf("%q: got %+q, want %+q", header, got, want)
		}
	})
}
