package privacyidea

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/token"
)

var hans = realm.User{Login: "hans", Realm: "realm1", Resolver: "reso1"}

// wireText is a fault as the specification gives its text: p of privacyIDEA, e
// of eduMFA where that differs.
type wireText struct {
	kind   fault.Kind
	args   []any
	status int
	code   int
	p, e   string
}

func a(args ...any) []any { return args }

func callTexts() []wireText {
	return []wireText{
		{fault.ParameterMissing, a("user"), 400, 905, "ERR905: Missing parameter: user", "ERR905: Missing parameter: 'user'"},
		{fault.ParameterEmpty, a("user"), 400, 905, "ERR905: Missing parameter: user", "ERR905: Parameter 'user' must not be empty"},
		{fault.ParameterMissingOneOf, a([]string{"a", "b"}), 400, 905, "ERR905: Missing one of the following parameters: ['a', 'b']", ""},
		{fault.WrongCredentials, nil, 401, 4031, "Authentication failure. Wrong credentials", ""},
		{fault.UsernameMissing, nil, 401, 4032, "Authentication failure. Missing Username", ""},
		{fault.LoginRealmUnknown, a("nosuch"), 401, 4031, "Authentication failure. Unknown realm: nosuch.", ""},
		{fault.HeaderMissing, nil, 401, 4033, "Authentication failure. Missing Authorization header.", ""},
		{fault.JWTUndecodable, a("Not enough segments"), 401, 4304, "Authentication failure. Error decoding the Authorization token: Not enough segments",
			"Authentication failure. Error during decoding your token: Not enough segments"},
		{fault.JWTExpired, nil, 401, 4305, "Authentication failure. Your token has expired: Signature has expired", ""},
		{fault.RoleMissing, a([]string{"admin"}), 401, 4306, "Authentication failure. You do not have the necessary role (['admin']) to access this resource!", ""},
		{fault.RoleMissing, a([]string{"user", "admin"}), 401, 4306, "Authentication failure. You do not have the necessary role (['user', 'admin']) to access this resource!", ""},
		{fault.TimeLimitExceeded, nil, 401, 403, "Authentication failure. The account has exceeded the authentication time limit!", ""},
		{fault.LoginDisabled, nil, 403, 303, "The login for this user is disabled.", ""},
		{fault.APIKeyMissing, nil, 403, 303, "No valid API key was passed.", ""},
		{fault.APIKeyWrong, nil, 403, 303, "A correct JWT was passed, but it was no API key.", ""},
		{fault.APIClientKeyMissing, nil, 401, 4033, "Authentication failure. A valid API key is required.", ""},
		{fault.ActionNotAllowed, a("admin", "enable"), 403, 303, "Admin actions are defined, but the action enable is not allowed!", ""},
		{fault.ActionNotAllowed, a("user", "enable"), 403, 303, "User actions are defined, but the action enable is not allowed!", ""},
		{fault.ActionNotAllowed, a("admin", "importtokens"), 403, 303, "Admin actions are defined, but you are not allowed to upload token files.", ""},
		{fault.ActionNotAllowed, a("user", "password_reset"), 403, 303, "User actions are defined, but this action is not allowed!", ""},
		{fault.ActionNotAllowedAny, a(policy.Admin, "delete"), 403, 303, "Admin actions are defined, but the action delete is not allowed for any of the serials provided!", ""},
		{fault.EnrolNotAllowed, a("admin"), 403, 303, "Admin actions are defined, but you are not allowed to enroll this token type!", ""},
		{fault.EnrolNotAllowed, a("user"), 403, 303, "User actions are defined, you are not allowed to enroll this token type!", ""},
		{fault.PoliciesConflict, a([]string{"one", "two"}), 403, 303, "There are policies with conflicting actions: ['one', 'two']", ""},
		{fault.ConditionInvalid, a("c", "token"), 403, 303, "Invalid comparison in the token conditions of policy 'c'", ""},
		{fault.ConditionObject, a("c", "container", "type", "container"), 403, 303,
			"Policy 'c' has a condition on the section 'container' with key 'type', but a container is unavailable!",
			"Policy 'c' has condition on container, but an according object is not available"},
		{fault.ConditionObject, a("c1", "token", "k", "token"), 403, 303, "Policy 'c1' has a condition on the section 'token' with key 'k', but a token is unavailable!",
			"Policy 'c1' has conditions on tokens, but a token object is not available"},
		{fault.ConditionKey, a("c", "userinfo", "shoesize"), 403, 303, "Unknown userinfo key 'shoesize' referenced in condition of policy 'c'!",
			"Unknown key in the userinfo conditions of policy 'c'"},
		{fault.ConditionKey, a("c", "HTTP Request header", "X-Site"), 403, 303, "Unknown HTTP Request header key 'X-Site' referenced in condition of policy 'c'!",
			"Unknown HTTP header key referenced in condition of policy 'c': 'X-Site'"},
		{fault.ConditionMalformed, a("Unknown section 'x' set in condition.", "c1"), 403, 303, "Unknown section 'x' set in condition.",
			"Policy 'c1' has condition with unknown section"},
		{fault.PINPolicy, a([]policy.PINFlaw{{Kind: policy.PINTooShort, Number: 4}}), 403, 303, "The minimum OTP PIN length is 4", ""},
		{fault.PINPolicy, a([]policy.PINFlaw{{Kind: policy.PINTooLong, Number: 6}}), 403, 303, "The maximum OTP PIN length is 6", ""},
		{fault.PINPolicy, a([]policy.PINFlaw{{Kind: policy.PINCharacter}, {Kind: policy.PINCharacterMissing, Characters: "0123456789"}}), 403, 303,
			"Not allowed character in PIN!,Missing character in PIN: 0123456789", ""},
		{fault.RandomPINPolicy, a("user"), 400, 301, "ERR301: You need to specify a policy 'otp_pin_set_random' in scope user.", ""},
		{fault.TooManyOfUserType, a("push"), 403, 303, "The number of tokens of type push for this user is limited!", ""},
	}
}

func tokenTexts() []wireText {
	return []wireText{
		{fault.InfoNotAllowed, a("color"), 403, 303, "Tokeninfo field color with contents does not match regular expression.", ""},
		{fault.NotAuthorized, nil, 400, 401, "ERR401: User is not authorized to authenticate under these conditions.", ""},
		{fault.SubjectMissing, nil, 400, 905, "ERR905: You need to specify a serial, user or credential_id.", "ERR905: You need to specify a serial or a user."},
		{fault.SerialInvalid, nil, 400, 905, `ERR905: Invalid serial number. Must comply to ^[0-9a-zA-Z\-_]+$.`, ""},
		{fault.TokenNotFound, nil, 404, 601, "The requested token could not be found.", ""},
		{fault.TokensNotFound, a([]string{"a", "b"}), 404, 601, "No token found for serials: a, b", "The requested token could not be found."},
		{fault.TokenAssigned, a(hans), 400, 1103, "ERR1103: Token already assigned to user User(login='hans', realm='realm1', resolver='reso1')", ""},
		{fault.NotYourToken, a(hans, "LT1"), 400, 301, "ERR301: The user User(login='hans', realm='realm1', resolver='reso1') does not own the token LT1", ""},
		{fault.TypeUnknown, a("hmac"), 400, 1610, "ERR1610: init token failed. Unknown token type: hmac", "ERR1610: init token failed: unknown token type 'hmac'"},
		{fault.TypeDiffers, a("EX1", "hotp", "totp"), 400, 301,
			"ERR301: init token failed: Token EX1 already exists with type hotp. Can not initialize token with new type totp",
			"ERR301: initToken failed: token 'EX1' already exist with type 'hotp'. Can not initialize token with new type 'totp'"},
		{fault.SeedAndGenkey, nil, 400, 344, "ERR344: [ParameterError] You may either specify genkey or otpkey, but not both!", ""},
		{fault.SeedFormat, a("octal"), 400, 905, "ERR905: Unknown OTP key format: 'octal'", ""},
	}
}

func definitionTexts() []wireText {
	return []wireText{
		{fault.UserUnknown, a("nobody@realm1"), 400, 904, "ERR904: User <nobody@realm1> does not exist.", ""},
		{fault.UserNotFound, nil, 400, 904, "ERR904: The user can not be found in any resolver in this realm!", ""},
		{fault.ResolverUnknown, a("nosuch"), 400, 904, "ERR904: The resolver 'nosuch' does not exist!", ""},
		{fault.ResolverInUse, a("file2", "two"), 400, 302, "ERR302: The resolver 'file2' is still contained in realm 'two'.", ""},
		{fault.RealmUnknown, a("norealm"), 404, 601, "Realm 'norealm' does not exist.", ""},
		{fault.RealmHasAttributes, a("sales", []string{"k"}), 400, 908,
			"ERR908: Realm 'sales' contains custom user attributes (k). Deleting the realm will also delete these custom user attributes.", ""},
		{fault.DefinitionNotFound, a("Realm"), 404, 601, "The requested Realm could not be found.", ""},
		{fault.PolicyNameReserved, a("check"), 400, 905, "ERR905: Invalid policy name: check", "ERR905: 'check' is an invalid policy name."},
		{fault.PolicyScopeInvalid, a("nosuch", "p"), 400, 905, "ERR905: Invalid scope 'nosuch' in policy 'p'!", ""},
		{fault.PolicyActionsUnknown, a([]string{"nosuch"}), 400, 905, "ERR905: Invalid actions ['nosuch']!", ""},
		{fault.PolicyUndefined, a("Admin realms", []string{"nope"}), 400, 905, "ERR905: Undefined Admin realms: ['nope']!", ""},
		{fault.PolicyUndefined, a("nodes", []string{"nope"}), 400, 905, "ERR905: Undefined Privacyidea nodes: ['nope']!", "ERR905: Undefined Edumfa nodes: ['nope']!"},
		{fault.PolicyClient, nil, 400, 302, "ERR302: Invalid client definition!", ""},
		{fault.PolicyTime, a("Mon-Fri"), 400, 905, "ERR905: Invalid time format 'Mon-Fri'!", ""},
		{fault.PolicyConditionSize, a("p", 2, []any{"userinfo", "email"}), 400, 905, "ERR905: Condition of policy 'p' has 2 values, but should have 5 or 6.",
			"ERR905: Conditions must be 5-tuples: ['userinfo', 'email']"},
		{fault.PolicyCondition, a("p", "Unknown comparator 'is'.", []any{"userinfo", "email", "is", "x", "yes"}), 400, 905,
			"ERR905: Invalid condition of policy 'p': ERR905: Unknown comparator 'is'.",
			"ERR905: Conditions must be 5-tuples of four strings and one boolean: ['userinfo', 'email', 'is', 'x', 'yes']"},
		{fault.PolicyNotFound, a("nosuch"), 404, 601, "The policy with name 'nosuch' does not exist", ""},
		{fault.RealmDropdown, a([]string{"nosuch"}), 400, 905, "ERR905: Invalid value for action 'realm_dropdown': The following realms do not exist: ['nosuch']!", ""},
		{fault.RealmDropdown, a([]string(nil)), 400, 905, "ERR905: Invalid value for action 'realm_dropdown': No realms specified!", ""},
		{fault.RealmDropdown, a(nil), 400, 905, "ERR905: Invalid value for action 'realm_dropdown': No realms specified!", ""},
		{fault.SetDefaultUsage, nil, 400, 77,
			"ERR77: Usage: parameters are: DefaultMaxFailCount, DefaultSyncWindow, DefaultCountWindow, DefaultOtpLen, DefaultResetFailCount", ""},
		{fault.KeyringReady, nil, 400, 707, "ERR707: HSM already set up.", ""},
		{fault.NotSupported, a("this"), 501, -501, "this is not supported", ""},
		{fault.TooLarge, a("request body"), 413, 905, "ERR905: Too large: request body", ""},
		{fault.Busy, nil, 503, 903, "ERR903: The server is busy. Please try again.", ""},
		{fault.SeveralMatch, nil, 400, 1200, "ERR1200: multiple tokens are matching this OTP value!", ""},
		{fault.NotNow, a("2stepinit"), 400, 905, "ERR905: 2stepinit is only to be used in the first initialization step.", ""},
	}
}

func TestWireTexts(t *testing.T) {
	t.Parallel()
	p, e := ProfilePrivacyIDEA(), ProfileEduMFA()
	for _, tt := range slices.Concat(callTexts(), tokenTexts(), definitionTexts()) {
		if tt.e == "" {
			tt.e = tt.p
		}
		for _, side := range []struct {
			profile *Profile
			want    string
		}{{p, tt.p}, {e, tt.e}} {
			got := side.profile.Refusal(fault.New(tt.kind, tt.args...))
			if got.Status != tt.status || got.Code != tt.code || got.Message != side.want {
				t.Errorf("%s, %s: got %+v\nwant %d %d %s", side.profile.Name, tt.kind, got, tt.status, tt.code, side.want)
			}
			// The trail says the same after its arguments have been through JSON.
			stored, err := json.Marshal(tt.args)
			if err != nil {
				t.Fatal(err)
			}
			var args []any
			if err := json.Unmarshal(stored, &args); err != nil {
				t.Fatal(err)
			}
			if again := side.profile.Refusal(fault.New(tt.kind, args...)); again.Message != side.want {
				t.Errorf("%s, %s from the trail: got %s\nwant %s", side.profile.Name, tt.kind, again.Message, side.want)
			}
		}
	}
}

func TestEveryFaultHasAText(t *testing.T) {
	t.Parallel()
	for _, p := range []*Profile{ProfilePrivacyIDEA(), ProfileEduMFA()} {
		for _, kind := range fault.Kinds() {
			w, ok := p.Faults[kind]
			if !ok || w.Status < 400 || w.Code == 0 || w.Text == "" {
				t.Errorf("%s says nothing for %s", p.Name, kind)
			}
			r := p.Refusal(fault.New(kind))
			said := kind == fault.PINPolicy || kind == fault.ConditionMalformed // by the arguments alone
			if strings.ContainsAny(r.Message, "{}") || r.Message == "" && !said {
				t.Errorf("%s, %s without arguments: %q", p.Name, kind, r.Message)
			}
			// The code stands in the text of 400 and of nothing that clients read bare.
			if prefixed := strings.HasPrefix(r.Message, "ERR"); prefixed != (r.Status == 400 || r.Status == 413 || r.Status == 503) {
				t.Errorf("%s, %s: %d %s", p.Name, kind, r.Status, r.Message)
			}
		}
		for _, texts := range []string{"uses exceeded", "matching-tokens"} {
			if p.Texts[texts] == "" {
				t.Errorf("%s has no text for %s", p.Name, texts)
			}
		}
		for _, u := range []token.Unusable{token.UsesExceeded, token.Disabled, token.FailuresFull, token.OutsideValidity, token.NotEnrolled, token.RevokedToken} {
			if p.Texts[string(u)] == "" {
				t.Errorf("%s has no text for %s", p.Name, u)
			}
		}
	}
}

func TestProfilesShareNothing(t *testing.T) {
	t.Parallel()
	a, b := ProfilePrivacyIDEA(), ProfileEduMFA()
	b.Faults[fault.Busy], b.Texts["x"] = Wire{}, "y"
	if a.Faults[fault.Busy].Status == 0 || a.Texts["x"] != "" || ProfileEduMFA().Texts["x"] != "" {
		t.Error("a change to one profile is seen in another")
	}
}

func TestReasonTexts(t *testing.T) {
	t.Parallel()
	p, e := ProfilePrivacyIDEA(), ProfileEduMFA()
	for _, tt := range []struct {
		text token.Text
		p, e string
	}{
		{token.Text{Key: "matching-tokens", Args: []any{1}}, "matching 1 tokens", "matching 1 tokens"},
		{token.Text{Key: "too-many-failures", Args: []any{2, 180}}, "Only 2 failed authentications per 0:03:00 allowed.", "Only 2 failed authentications per 0:03:00"},
		{token.Text{Key: "too-many-failures", Args: []any{2.0, 90000.0}}, "Only 2 failed authentications per 1 day, 1:00:00 allowed.", "Only 2 failed authentications per 1 day, 1:00:00"},
		{token.Text{Key: "passed-no-token", Args: []any{"p"}}, "user has no token, accepted due to 'p'", "user has no token, accepted due to 'p'"},
		{token.Text{Literal: "an {0} own text", Key: "resync"}, "an {0} own text", "an {0} own text"},
		{token.Text{Key: "nobody knows"}, "nobody knows", "nobody knows"},
		{token.Text{}, "", ""},
	} {
		if got := p.Text(tt.text); got != tt.p {
			t.Errorf("got %q, want %q", got, tt.p)
		}
		if got := e.Text(tt.text); got != tt.e {
			t.Errorf("got %q, want %q", got, tt.e)
		}
	}
}

func TestFill(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, want string }{
		{"{0} {1} {2}", "a ['b', \"it's\"] "}, {"{x} {", "{x} {"}, {"{0:repr}{0:title}", "'a'A"}, {"{-1}{0:nonsense}", "{-1}a"}, {"{1:join}", "b, it's"},
	} {
		if got := fill(tt.text, []any{"a", []string{"b", "it's"}}); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.text, got, tt.want)
		}
	}
	// An argument is not filled in again.
	if got := fill("{0}", []any{"{0}"}); got != "{0}" {
		t.Errorf("got %s", got)
	}
	for v, want := range map[any]string{"a'b": `"a'b"`, `a'"b`: `'a\'"b'`, "a\nb\\\x01\x7f": `'a\nb\\\x01\x7f'`, "é\u200b": `'é\u200b'`, true: "True", nil: "None", 5: "5", 1.5: "1.5"} {
		if got := literal(v); got != want {
			t.Errorf("%v: got %s, want %s", v, got, want)
		}
	}
	if got := span(49*time.Hour + 2*time.Second); got != "2 days, 1:00:02" {
		t.Errorf("got %s", got)
	}
}

// C8: the words of result.authentication.
func TestC8Authentication(t *testing.T) {
	t.Parallel()
	open := []any{map[string]any{}}
	for _, tt := range []struct {
		value  any
		detail map[string]any
		want   string
	}{
		{true, nil, "ACCEPT"}, {int64(2), nil, "ACCEPT"}, {map[string]any{"token": "x"}, nil, "ACCEPT"}, {false, nil, "REJECT"}, {0, nil, "REJECT"}, {nil, nil, "REJECT"},
		{false, map[string]any{"multi_challenge": open}, "CHALLENGE"}, {2, map[string]any{"multi_challenge": open}, "CHALLENGE"},
		{0, map[string]any{"multi_challenge": []any{}}, "REJECT"}, {false, map[string]any{"passkey": map[string]any{}}, "CHALLENGE"},
		{"CHALLENGE", nil, "CHALLENGE"}, {false, map[string]any{"challenge_status": "declined"}, "DECLINED"},
		{false, map[string]any{"challenge_status": "cancelled"}, "DECLINED"}, {false, map[string]any{"challenge_status": "pending"}, "REJECT"},
		{true, map[string]any{"challenge_status": "accept"}, "ACCEPT"}, {false, map[string]any{"multi_challenge": []map[string]any{{}}}, "CHALLENGE"},
	} {
		if got := Authentication(tt.value, tt.detail); got != tt.want {
			t.Errorf("%v, %v: got %s, want %s", tt.value, tt.detail, got, tt.want)
		}
	}
}
