package policy

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"symbolon/internal/fault"
)

const exportedTwo = `[ex1]
name = ex1
user_case_insensitive = False
active = True
scope = admin
realm = []
adminrealm = []
adminuser = ['admin']
resolver = []
pinode = []
check_all_resolvers = False
user = []
client = []
time = 
conditions = []
priority = 4
description = all
user_agents = []
action = {'*': True}

[ex2]
name = ex2
user_case_insensitive = False
active = True
scope = authentication
realm = ['realm1']
adminrealm = []
adminuser = []
resolver = []
pinode = []
check_all_resolvers = False
user = []
client = []
time = 
conditions = [('userinfo', 'email', 'matches', '.*@example.com', True, 'condition_is_false')]
priority = 1
description = None
user_agents = []
action = {'otppin': 'userstore', 'challenge_text': 'Enter\\, please'}

`

func two() []Policy {
	return []Policy{
		{Name: "ex1", Active: true, Scope: Admin, AdminUsers: []string{"admin"}, Priority: 4, Description: ptr("all"), Actions: ParseActions("*")},
		{Name: "ex2", Active: true, Scope: Authentication, Realms: []string{"realm1"}, Priority: 1,
			Conditions: []Condition{{"userinfo", "email", "matches", ".*@example.com", true, "condition_is_false"}},
			Actions:    ParseActions(`otppin=userstore, challenge_text=Enter\, please`)},
	}
}

func TestExport(t *testing.T) {
	t.Parallel()
	if got := Export(two(), false); got != exportedTwo {
		t.Errorf("got %s", got)
	}
	edu := Export(two()[1:], true)
	for _, absent := range []string{"user_case_insensitive", "description", "user_agents", "pinode", "condition_is_false"} {
		if strings.Contains(edu, absent) {
			t.Errorf("eduMFA knows no %s", absent)
		}
	}
	if !strings.Contains(edu, "edumfanode = []\n") || !strings.Contains(edu, "('userinfo', 'email', 'matches', '.*@example.com', True)]") {
		t.Errorf("got %s", edu)
	}
}

// Everything that is exported comes back: active or not, administrators,
// conditions, descriptions, lists of several entries.
func TestImportReadsWhatExportWrites(t *testing.T) {
	t.Parallel()
	got, err := Import(exportedTwo)
	if err != nil || !reflect.DeepEqual(got, two()) {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, description := range []string{"", "None", "'quoted'", " a\nb "} {
		p := Policy{Name: "p", Description: &description}
		if got, err := Import(Export([]Policy{p}, false)); err != nil || got[0].Description == nil || *got[0].Description != description {
			t.Errorf("%q: %v", description, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		var ps []Policy
		for i := range rapid.IntRange(1, 3).Draw(t, "n") {
			p := anyPolicy(t)
			p.Name += string(rune('a' + i))
			ps = append(ps, p)
		}
		text := Export(ps, false)
		got, err := Import(text)
		if err != nil || !reflect.DeepEqual(got, ps) {
			t.Fatalf("%+v\nbecame %+v\n%v\n%s", ps, got, err, text)
		}
	})
}

func anyPolicy(t *rapid.T) Policy {
	entries := rapid.SliceOfN(rapid.StringMatching(`[-!]?[a-z*.'"\\ é\x01]{1,5}[a-z]`), 0, 3)
	list := func(name string) []string {
		var out []string
		for _, e := range entries.Draw(t, name) {
			out = append(out, strings.TrimSpace(e))
		}
		return out
	}
	text := rapid.StringOf(rapid.SampledFrom([]rune("abZ '\"\\\n\r\t=[]#;,é\u00a0\u2028😀")))
	p := Policy{Name: rapid.StringMatching(`[a-zA-Z0-9_. -]{1,8}`).Draw(t, "name"), Active: rapid.Bool().Draw(t, "active"),
		Scope: Scope(text.Draw(t, "scope")), Realms: list("realms"), AdminRealms: list("adminrealms"), AdminUsers: list("adminusers"),
		Resolvers: list("resolvers"), Nodes: list("nodes"), Users: list("users"), Clients: list("clients"), UserAgents: list("agents"),
		UserCaseInsensitive: rapid.Bool().Draw(t, "fold"), CheckAllResolvers: rapid.Bool().Draw(t, "all"), Time: text.Draw(t, "time"),
		Priority: rapid.Int().Draw(t, "priority"), Actions: ParseActions(text.Draw(t, "actions"))}
	if len(p.Actions) == 0 {
		p.Actions = nil
	}
	if rapid.Bool().Draw(t, "described") {
		p.Description = ptr(text.Draw(t, "description"))
	}
	for range rapid.IntRange(0, 2).Draw(t, "conditions") {
		p.Conditions = append(p.Conditions, Condition{text.Draw(t, "section"), text.Draw(t, "key"), text.Draw(t, "comparator"),
			text.Draw(t, "value"), rapid.Bool().Draw(t, "on"), rapid.SampledFrom([]string{MissingRaises, MissingIsTrue, "x"}).Draw(t, "missing")})
	}
	return p
}

func TestImportReadsOlderFiles(t *testing.T) {
	t.Parallel()
	got, err := Import("\ufeff# comment\r\n[a b]\r\nname = other\r\naction = enable, otppin=none\r\nrealm = r1, r2\r\nuser=hans\r\n" +
		"scope = user\r\nfuture = {'x': 1}\r\nedumfanode = ['n']\r\nclient = None\r\nactive = False\r\nconditions = [['userinfo', 'k', 'equals', 'v', True]]\r\n")
	want := []Policy{{Name: "a b", Scope: User, Priority: 1, Actions: ParseActions("enable, otppin=none"), Realms: []string{"r1", "r2"},
		Users: []string{"hans"}, Nodes: []string{"n"}, Conditions: []Condition{{"userinfo", "k", "equals", "v", true, ""}}}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	got, err = Import("[p]\naction = {'otp_pin_minlength': 4, 'enable': True,}\ntime = Mon-Fri: 8-17\n")
	if err != nil || got[0].Actions.String() != "otp_pin_minlength=4, enable" || got[0].Time != "Mon-Fri: 8-17" || !got[0].Active {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestImportRefuses(t *testing.T) {
	t.Parallel()
	for text, kind := range map[string]fault.Kind{
		"":        fault.PolicyFileEmpty,
		" \r\n ":  fault.PolicyFileEmpty,
		"[a\xff]": fault.PolicyFileBinary,
		"[a]\ndescription = " + strings.Repeat("x", maxImport):   fault.TooLarge,
		strings.Repeat("[a]\n", 2):                               fault.Malformed,
		"[]\n":                                                   fault.Malformed,
		"realm = []\n":                                           fault.Malformed,
		"[a]\nnonsense\n":                                        fault.Malformed,
		"[a]\nuser = []\nuser = []\n":                            fault.Malformed,
		"[a]\nactive = maybe\n":                                  fault.Malformed,
		"[a]\npriority = first\n":                                fault.Malformed,
		"[a]\nuser = ['a'\n":                                     fault.Malformed,
		"[a]\nuser = ['a'] x\n":                                  fault.Malformed,
		"[a]\nuser = [1]\n":                                      fault.Malformed,
		"[a]\nuser = [[[[[['a']]]]]]\n":                          fault.Malformed,
		"[a]\naction = {'x': False}\n":                           fault.Malformed,
		"[a]\naction = {'x': []}\n":                              fault.Malformed,
		"[a]\naction = {x: True}\n":                              fault.Malformed,
		"[a]\nconditions = [('userinfo', 'k')]\n":                fault.Malformed,
		"[a]\nconditions = [('userinfo', 'k', 'is', 1, True)]\n": fault.Malformed,
		"[a]\nconditions = userinfo\n":                           fault.Malformed,
		"[a]\ntime = 'x\n":                                       fault.Malformed,
		`[a]` + "\n" + `description = "\ud800"` + "\n":           fault.Malformed,
		`[a]` + "\n" + `description = "\x4` + "\n":               fault.Malformed,
	} {
		if ps, err := Import(text); !fault.Is(err, kind) || ps != nil {
			t.Errorf("%.40q: %v, %v", text, ps, err)
		}
	}
}

func FuzzImport(f *testing.F) {
	f.Add(exportedTwo)
	f.Add("[a]\nuser = 'x', 'y'\naction = a=1, b\n")
	f.Fuzz(func(t *testing.T, text string) {
		ps, err := Import(text)
		if err != nil {
			if fault.Of(err) == nil || ps != nil {
				t.Fatalf("policies %v with %v", ps, err)
			}
			return
		}
		once, err := Import(Export(ps, false))
		if err != nil {
			if len(ps) == 0 {
				return // nothing but comments
			}
			t.Fatalf("%v", err)
		}
		twice, err := Import(Export(once, false))
		if err != nil || !reflect.DeepEqual(once, twice) {
			t.Fatalf("%+v\nbecame %+v\n%v", once, twice, err)
		}
	})
}

func TestLiteralStrings(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"a": `'a'`, "it's": `"it's"`, `it's "x"`: `'it\'s "x"'`, `a\,b`: `'a\\,b'`, "a\nb\t\r": `'a\nb\t\r'`, "é😀": `'é😀'`,
		"\x00\u00a0\u2028\U000e0001": `'\x00\xa0\u2028\U000e0001'`,
	} {
		if got := quoted(s); got != want {
			t.Errorf("%q is written %s", s, got)
		}
		if v, err := parseLiteral(want); v != s || err != nil {
			t.Errorf("%s is read %q, %v", want, v, err)
		}
	}
	if v, err := parseLiteral(`"\d\'"`); v != `\d'` || err != nil {
		t.Errorf("%q %v", v, err)
	}
	if v, _ := parseLiteral("(1, None, True,)"); !slices.Equal(v.([]any), []any{int64(1), nil, true}) {
		t.Errorf("%v", v)
	}
}
