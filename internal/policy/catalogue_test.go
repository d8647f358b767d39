package policy

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// builtTypes stands for the token types that bring their own actions.
func builtTypes() []TypeActions {
	str := func(scope Scope, name string) Defined { return Text{Meta: Meta{Scope: scope, Name: name}} }
	num := func(scope Scope, name string) Defined { return Int{Meta: Meta{Scope: scope, Name: name}} }
	on := func(scope Scope, name, only string) Defined {
		return Bool{Meta: Meta{Scope: scope, Name: name, Only: only}}
	}
	var hotp, totp []Defined
	for _, s := range []Scope{Admin, User} {
		hotp = append(hotp, str(s, "hotp_hashlib"), num(s, "hotp_otplen"), str(s, "hotp_2step"))
		totp = append(totp, str(s, "totp_hashlib"), num(s, "totp_otplen"), str(s, "totp_2step"), num(s, "totp_timestep"),
			Text{Meta: Meta{Scope: s, Name: "totp_timeshift", Only: EduMFA}})
	}
	hotp = append(hotp, on(Admin, "hotp_force_server_generate", PrivacyIDEA), on(User, "hotp_force_server_generate", ""))
	totp = append(totp, on(Admin, "totp_force_server_generate", PrivacyIDEA), on(User, "totp_force_server_generate", ""))
	for _, part := range []string{"clientsize", "serversize", "difficulty"} {
		hotp = append(hotp, num(Enrollment, "hotp_2step_"+part))
		totp = append(totp, num(Enrollment, "totp_2step_"+part))
	}
	hotp = append(hotp, on(Enrollment, "hotp_force_app_pin", ""),
		Text{Meta: Meta{Scope: Enrollment, Name: "hotp_app_force_unlock", Only: PrivacyIDEA}})
	totp = append(totp, on(Enrollment, "totp_force_app_pin", ""),
		Text{Meta: Meta{Scope: Enrollment, Name: "totp_app_force_unlock", Only: PrivacyIDEA}})
	return []TypeActions{
		{ID: "hotp", EnrolAdmin: true, EnrolUser: true, Actions: hotp},
		{ID: "totp", EnrolAdmin: true, EnrolUser: true, Actions: totp},
		{ID: "spass", EnrolAdmin: true, EnrolUser: true},
	}
}

func lines(t *testing.T, file string) []string {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for l := range strings.SplitSeq(strings.TrimRight(string(raw), "\n"), "\n") {
		if !strings.HasPrefix(l, "#") {
			out = append(out, l)
		}
	}
	return out
}

func shown(d Definition) string {
	menus := "-"
	if d.Menus != nil {
		menus = strings.Join(d.Menus, " ")
	}
	multiple, required := "", ""
	if d.Multiple {
		multiple = "multiple"
	}
	if d.Required {
		required = "required"
	}
	return strings.Join([]string{d.Type, d.Group, menus, d.Default, multiple, required}, "\t")
}

// The definitions of both products, as their editors get them, are complete and
// hold nothing else.
func TestDefinitionsAreThoseOfTheProducts(t *testing.T) {
	t.Parallel()
	want := map[string]string{}
	asked := map[string]bool{}
	for _, l := range lines(t, "definitions.tsv") {
		f := strings.SplitN(l, "\t", 4)
		want[f[0]+" "+f[1]+" "+f[2]] = f[3]
		asked[f[0]+" "+f[1]] = true
	}
	got := map[string]string{}
	for _, product := range []string{PrivacyIDEA, EduMFA} {
		cat := NewCatalogue(product, builtTypes())
		for _, scope := range Scopes(product) {
			for _, d := range cat.Definitions(scope) {
				key := product + " " + string(scope)
				if asked[key] {
					got[key+" "+d.Name] = shown(d)
				}
				if d.Doc == "" && !strings.HasPrefix(d.Name, "hotp_") && !strings.HasPrefix(d.Name, "totp_") {
					t.Errorf("%s %s has no description", scope, d.Name)
				}
			}
		}
	}
	for k, w := range want {
		if g, ok := got[k]; !ok {
			t.Errorf("%s is missing", k)
		} else if g != w {
			t.Errorf("%s: got %q, want %q", k, g, w)
		}
	}
	for k := range got {
		if _, ok := want[k]; !ok {
			t.Errorf("%s is not one of the product's", k)
		}
	}
}

func TestAFreshAdministratorHoldsAllRights(t *testing.T) {
	t.Parallel()
	cat := NewCatalogue(PrivacyIDEA, builtTypes())
	got, err := (*Snapshot)(nil).At(t.Context(), Situation{}, nil).Rights(Admin, cat)
	if err != nil {
		t.Fatal(err)
	}
	want := lines(t, "admin_rights.txt")
	for _, n := range want {
		if !slices.Contains(got, n) {
			t.Errorf("%s is missing", n)
		}
	}
	for _, n := range got {
		if !slices.Contains(want, n) {
			t.Errorf("%s is too much", n)
		}
	}
	menus := cat.Menus(got, Admin)
	if w := []string{"audit", "components", "config", "machines", "tokens", "users"}; !slices.Equal(menus, w) {
		t.Errorf("menus %v", menus)
	}
}

// What a built type declares counts, and the rows kept for it before do not.
func TestABuiltTypeBringsItsActions(t *testing.T) {
	t.Parallel()
	own := OTPPINMinLength(Admin).OfType("spass")
	own.Doc = "of the type"
	cat := NewCatalogue(PrivacyIDEA, []TypeActions{
		{ID: "spass", EnrolUser: true, Actions: []Defined{own}},
		{ID: "sms", Actions: []Defined{Bool{Meta{Scope: Authentication, Name: "smsautosend"}}}},
	})
	if d, _ := cat.definition(Admin, "spass_otp_pin_minlength"); d.Doc != "of the type" {
		t.Errorf("%+v", d)
	}
	for name, want := range map[string]bool{"smsautosend": true, "smstext": false, "emailtext": true} {
		if got := cat.Known(Authentication, name); got != want {
			t.Errorf("%s is known: %v", name, got)
		}
	}
	if cat.Known(Admin, "enrollSPASS") || !cat.Known(User, "enrollSPASS") || cat.Known(Admin, "enrollSMS") {
		t.Error("who enrols")
	}
	if cat.Known(Authentication, "nosuch") || cat.Known("nosuch", "smsautosend") || cat.Definitions("nosuch") != nil {
		t.Error("what nobody declared is known")
	}
}

func TestValuesThatEditorsOffer(t *testing.T) {
	t.Parallel()
	cat := NewCatalogue(PrivacyIDEA, builtTypes())
	for name, want := range map[string]string{
		"otppin":                    "tokenpin userstore none",
		"enroll_via_multichallenge": "DAYPASSWORD EMAIL HOTP PASSKEY PUSH SMARTPHONE SMS TOTP",
		"push_presence_num_options": "2 3 4 5 6 7 8 9 10",
		"disabled_token_types": "4eyes applspec certificate daplug daypassword deprecated email hotp indexedsecret motp ocra paper passkey " +
			"push pw question radius registration remote sms spass sshkey tan tiqr totp vasco webauthn yubico yubikey",
		"challenge_text": "",
	} {
		d, ok := cat.definition(Authentication, name)
		if got := strings.Join(d.Values, " "); !ok || got != want || d.From != "" {
			t.Errorf("%s: %q %q", name, got, d.From)
		}
	}
	if d, _ := cat.definition(Authentication, "set_realm"); d.From != FromRealms || d.Values != nil {
		t.Errorf("%+v", d)
	}
	edu := NewCatalogue(EduMFA, nil)
	if d, _ := edu.definition(WebUI, "login_mode"); !slices.Contains(d.Values, "eduMFA") {
		t.Errorf("%+v", d)
	}
}
