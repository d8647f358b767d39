package policy

import (
	"reflect"
	"strings"
	"testing"

	"symbolon/internal/fault"
)

func around(product string) World {
	return World{Realms: []string{"realm1", "sales"}, Resolvers: []string{"reso1"}, Nodes: []string{"localnode"},
		AdminRealms: []string{"super"}, Catalogue: NewCatalogue(product, builtTypes())}
}

// wrong are policies with one mistake each, in the order in which they are looked for.
func wrong() []struct {
	change func(*Policy)
	want   *fault.Fault
	edumfa bool // refused there, too
} {
	cond := func(c Condition) func(*Policy) {
		return func(p *Policy) { p.Conditions = []Condition{c} }
	}
	return []struct {
		change func(*Policy)
		want   *fault.Fault
		edumfa bool
	}{
		{func(p *Policy) { p.Name = "Check" }, fault.New(fault.PolicyNameReserved, "Check"), true},
		{func(p *Policy) { p.Name = "PI-update-policy-x" }, fault.New(fault.PolicyNameReserved, "PI-update-policy-x"), true},
		{func(p *Policy) { p.Name = "p$" }, fault.New(fault.PolicyNameInvalid), true},
		{func(p *Policy) { p.Scope = "" }, fault.New(fault.ParameterMissing, "scope"), true},
		{func(p *Policy) { p.Actions, p.Scope = nil, Admin }, fault.New(fault.ParameterMissing, "action"), true},
		{func(p *Policy) { p.AdminRealms = []string{"super", "-nope"} }, fault.New(fault.PolicyUndefined, "Admin realms", []string{"nope"}), false},
		{func(p *Policy) { p.Name = "p q" }, fault.New(fault.PolicyNameBlank), false},
		{func(p *Policy) { p.Scope = "nosuch" }, fault.New(fault.PolicyScopeInvalid, "nosuch", "p"), false},
		{func(p *Policy) { p.Priority = 0 }, fault.New(fault.PolicyPriority), true},
		{func(p *Policy) { p.Realms = []string{"*", "-realm1", "", "nope", "real m1"} }, fault.New(fault.PolicyUndefined, "User-realms", []string{"nope"}), false},
		{func(p *Policy) { p.Resolvers = []string{"!nope", "nope2"} }, fault.New(fault.PolicyUndefined, "Resolvers", []string{"nope", "nope2"}), false},
		{func(p *Policy) { p.Nodes = []string{"elsewhere"} }, fault.New(fault.PolicyUndefined, "nodes", []string{"elsewhere"}), false},
		{func(p *Policy) { p.Time = "foo" }, fault.New(fault.PolicyTime, "foo"), false},
		{func(p *Policy) { p.Clients = []string{"10.0.0.300"} }, fault.New(fault.PolicyClient), true},
		{cond(Condition{Section: "nosuch", Key: "k", Comparator: "equals", Value: "v", Active: true}),
			fault.New(fault.PolicyCondition, "p", "Unknown section 'nosuch' set in condition.", []any{"nosuch", "k", "equals", "v", true}), false},
		{func(p *Policy) { p.Actions = ParseActions("*, -disable, enable, nosuch, -none") },
			fault.New(fault.PolicyActionsUnknown, []string{"nosuch", "none"}), false},
		{func(p *Policy) { p.Scope, p.Actions = WebUI, ParseActions("realm_dropdown=- realm1 nosuch") }, fault.New(fault.RealmDropdown, []string{"nosuch"}), false},
		{func(p *Policy) { p.Scope, p.Actions = WebUI, ParseActions("realm_dropdown") }, fault.New(fault.RealmDropdown, []string(nil)), false},
		{func(p *Policy) { p.Users = []string{"ok", "h(ans"} }, fault.New(fault.PolicyRegex, "user", "h(ans"), true},
		{func(p *Policy) { p.AdminUsers = []string{"(?=a)"} }, fault.New(fault.PolicyRegex, "adminuser", "(?=a)"), true},
		{cond(Condition{Section: SectionUser, Key: "k", Comparator: "!matches", Value: "(", Active: true}), fault.New(fault.PolicyRegex, "conditions", "("), true},
		{func(p *Policy) { p.Actions = ParseActions("otp_pin_minlength=many") }, fault.New(fault.PolicyActionValue, "otp_pin_minlength", "not a number"), true},
		{func(p *Policy) { p.Actions = ParseActions("auditlog_age=soon") }, fault.New(fault.PolicyActionValue, "auditlog_age", "not a span"), true},
		{func(p *Policy) { p.Scope, p.Actions = Authorization, ParseActions("auth_max_fail=2") }, fault.New(fault.PolicyActionValue, "auth_max_fail", "not a rate"), true},
	}
}

func TestValidateRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range wrong() {
		for _, product := range []string{PrivacyIDEA, EduMFA} {
			p := made(Policy{Scope: User, Actions: ParseActions("enable")})
			c.change(&p)
			err := Validate(&p, around(product))
			if refused := product == PrivacyIDEA || c.edumfa; !refused {
				if err != nil {
					t.Errorf("%s refuses %+v: %v", product, p, err)
				}
			} else if !reflect.DeepEqual(err, error(c.want)) {
				t.Errorf("%s: got %v, want %v", product, err, c.want)
			}
		}
	}
}

// Of two mistakes the one of the earlier row is reported.
func TestValidateKeepsItsOrder(t *testing.T) {
	t.Parallel()
	rows := wrong()
	for i, first := range rows {
		for _, second := range rows[i+1:] {
			p := made(Policy{Scope: User, Actions: ParseActions("enable")})
			second.change(&p)
			before := p
			first.change(&p)
			if reflect.DeepEqual(before, p) || overwrites(before, p) {
				continue
			}
			if err := Validate(&p, around(PrivacyIDEA)); !reflect.DeepEqual(err, error(first.want)) {
				t.Errorf("%v after %v: got %v", first.want, second.want, err)
			}
		}
	}
}

// overwrites reports whether the later change undid the earlier one: they are
// about the same field, or about a scope and its actions.
func overwrites(before, after Policy) bool {
	plain := made(Policy{Scope: User, Actions: ParseActions("enable")})
	changed := func(p Policy) map[string]bool {
		out := map[string]bool{}
		a, b := reflect.ValueOf(plain), reflect.ValueOf(p)
		for i := range a.NumField() {
			if !reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
				out[a.Type().Field(i).Name] = true
			}
		}
		return out
	}
	was, is := changed(before), changed(after)
	for f := range was {
		if !reflect.DeepEqual(reflect.ValueOf(before).FieldByName(f).Interface(), reflect.ValueOf(after).FieldByName(f).Interface()) {
			return true
		}
	}
	return is["Scope"] && is["Actions"]
}

func TestValidateAccepts(t *testing.T) {
	t.Parallel()
	for _, p := range []Policy{
		{Scope: User, Actions: Actions{}},
		{Scope: WebUI, Actions: ParseActions("realm_dropdown=- realm1, logout_time=notanumber")},
		{Scope: User, Actions: ParseActions("*, -disable"), Realms: []string{"*", "-sales"}, Users: []string{"h.*", "-hans"}},
		{Scope: Authentication, Actions: ParseActions("otppin=anything, push_wait=20, webauthn_timeout=9")},
		{Scope: Admin, Actions: ParseActions("enrollTIQR, hotp_otplen=8, spass_otp_pin_minlength=3"), AdminRealms: []string{"super"}},
		{Scope: Container, Actions: ParseActions("container_registration_ttl=3"), Time: "Mon:8-9", Clients: []string{"-10.0.0.1", "10.0.0.0/8"}},
		{Name: strings.Repeat("n", 64), Scope: User, Actions: ParseActions("enable")},
	} {
		p = made(p)
		if err := Validate(&p, around(PrivacyIDEA)); err != nil {
			t.Errorf("%v: %v", p.Actions, err)
		}
	}
	if err := ValidateName("a b", PrivacyIDEA); !fault.Is(err, fault.PolicyNameBlank) {
		t.Errorf("a blank in a new name: %v", err)
	}
	if err := ValidateName("a b", EduMFA); err != nil {
		t.Errorf("eduMFA: %v", err)
	}
	if err := ValidateName(strings.Repeat("n", 65), PrivacyIDEA); !fault.Is(err, fault.PolicyNameInvalid) {
		t.Errorf("a long name: %v", err)
	}
}

func TestParseConditions(t *testing.T) {
	t.Parallel()
	ok := []any{"userinfo", "k", "equals", "v", true}
	with := func(i int, v any) []any {
		out := append([]any{}, ok...)
		if i == 5 {
			return append(out, v)
		}
		out[i] = v
		return out
	}
	for _, c := range []struct {
		raw     []any
		product string
		kind    fault.Kind
		text    string
	}{
		{ok, PrivacyIDEA, 0, ""},
		{with(5, nil), PrivacyIDEA, 0, ""},
		{with(5, MissingIsTrue), PrivacyIDEA, 0, ""},
		{ok, EduMFA, 0, ""},
		{ok[:1], PrivacyIDEA, fault.PolicyConditionSize, ""},
		{with(5, nil), EduMFA, fault.PolicyConditionSize, ""},
		{with(4, "yes"), EduMFA, fault.PolicyCondition, ""},
		{with(3, 5.0), PrivacyIDEA, fault.PolicyCondition, "Value must be a non-empty string. Got '5' of type '<class 'int'>' instead."},
		{with(3, 5.5), PrivacyIDEA, fault.PolicyCondition, "Value must be a non-empty string. Got '5.5' of type '<class 'float'>' instead."},
		{with(1, nil), PrivacyIDEA, fault.PolicyCondition, "Key must be a non-empty string. Got 'None' of type '<class 'NoneType'>' instead."},
		{with(4, "true"), PrivacyIDEA, fault.PolicyCondition, "Active must be a boolean. Got 'true' of type '<class 'str'>' instead."},
		{with(2, true), PrivacyIDEA, fault.PolicyCondition, "Unknown comparator 'True'."},
		{with(0, 1.0), PrivacyIDEA, fault.PolicyCondition, "Unknown section '1' set in condition."},
		{with(5, 1.0), PrivacyIDEA, fault.PolicyCondition, "Unknown handle missing data value '1'!"},
		{[]any{"x", 1.0, "equals", "v", true}, PrivacyIDEA, fault.PolicyCondition, "Unknown section 'x' set in condition."},
	} {
		cs, err := ParseConditions("p", [][]any{c.raw}, c.product)
		if c.kind == 0 {
			if err != nil || len(cs) != 1 {
				t.Errorf("%v: %v", c.raw, err)
			}
			continue
		}
		if !fault.Is(err, c.kind) || c.text != "" && fault.Of(err).Args[1] != c.text {
			t.Errorf("%s %v: %v", c.product, c.raw, err)
		}
	}
}

func TestBadConditionsAreReportedInTheirTurn(t *testing.T) {
	t.Parallel()
	w := around(PrivacyIDEA)
	_, w.Conditions = ParseConditions("p", [][]any{{"userinfo"}}, PrivacyIDEA)
	p := made(Policy{Scope: User, Actions: ParseActions("nosuch")})
	if err := Validate(&p, w); !fault.Is(err, fault.PolicyConditionSize) {
		t.Errorf("before actions: %v", err)
	}
	p.Priority = 0
	if err := Validate(&p, w); !fault.Is(err, fault.PolicyPriority) {
		t.Errorf("after the priority: %v", err)
	}
}
