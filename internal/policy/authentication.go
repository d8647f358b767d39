package policy

// What is done when a user logs in.
var (
	OTPPIN = Text{Meta: Meta{Scope: Authentication, Name: "otppin", Values: []string{"tokenpin", "userstore", "none"},
		Doc: "What stands before the code: the token's PIN, the password of the user store, or nothing."}, Default: "tokenpin"}
	ChallengeResponse = Words{Meta: Meta{Scope: Authentication, Name: "challenge_response", Values: challengeable(), Multiple: true, Silent: true,
		Doc: "Token types for which the PIN alone triggers a challenge."}}
	ChallengeText = Text{Meta: Meta{Scope: Authentication, Name: "challenge_text",
		Doc: "The prompt of a challenge; tags such as {serial}. A comma is written \\,"}, Spaces: true}
	ChallengeTextHeader = Text{Meta: Meta{Scope: Authentication, Name: "challenge_text_header",
		Doc: "Stands before the prompts of several challenges. After <ol> or <ul> each prompt becomes an item."}, Spaces: true}
	ChallengeTextFooter = Text{Meta: Meta{Scope: Authentication, Name: "challenge_text_footer",
		Doc: "Stands after the prompts; needs a header."}, Spaces: true}
	ChangePINViaValidate = Bool{Meta: Meta{Scope: Authentication, Name: "change_pin_via_validate", Silent: true,
		Doc: "A PIN that must be changed is changed in the login, by challenges."}}
	DisabledTokenTypes = Words{Meta: Meta{Scope: Authentication, Name: "disabled_token_types", From: FromTypes, Multiple: true, Only: PrivacyIDEA,
		Doc: "Token types that cannot log in."}}
	ResyncViaMultichallenge = Bool{Meta: Meta{Scope: Authentication, Name: "resync_via_multichallenge", Silent: true,
		Doc: "A code outside of the window is answered by a challenge for the next code."}}
	EnrollViaMultichallenge = Text{Meta: Meta{Scope: Authentication, Name: "enroll_via_multichallenge", Values: []string{"DAYPASSWORD", "EMAIL", "HOTP", "PASSKEY", "PUSH", "SMARTPHONE", "SMS", "TOTP"}, Silent: true,
		Doc: "The type of token that is enrolled right after a login."}}
	EnrollViaMultichallengeText = Text{Meta: Meta{Scope: Authentication, Name: "enroll_via_multichallenge_text", Only: PrivacyIDEA, Silent: true,
		Doc: "The prompt of that enrolment."}, Spaces: true}
	EnrollViaMultichallengeTemplate = Text{Meta: Meta{Scope: Authentication, Name: "enroll_via_multichallenge_template", From: FromTemplates, Only: PrivacyIDEA, Silent: true,
		Doc: "The container template of that enrolment."}, Spaces: true}
	EnrollViaMultichallengeOptional = Bool{Meta: Meta{Scope: Authentication, Name: "enroll_via_multichallenge_optional", Only: PrivacyIDEA, Silent: true,
		Doc: "The user may cancel that enrolment."}}
	EnrollViaMultichallengeOffline = Bool{Meta: Meta{Scope: Authentication, Name: "enroll_via_multichallenge_passkey_offline", Only: PrivacyIDEA, Silent: true,
		Doc: "A passkey enrolled so is marked for offline use."}}
	Passthru = Text{Meta: Meta{Scope: Authentication, Name: "passthru", Values: []string{"userstore"}, From: FromRADIUS, Silent: true,
		Doc: "A user without token logs in by the password of the user store, or at the RADIUS server named."}, Spaces: true, Bare: true}
	PassthruIgnore = Words{Meta: Meta{Scope: Authentication, Name: "passthru_ignore_rollout_state", Values: []string{"clientwait", "pending", "verify", "enrolled", "broken", "failed", "denied"}, Multiple: true, Only: PrivacyIDEA, Silent: true,
		Doc: "Tokens in these rollout states do not count for passthru."}}
	PassthruAssign = Text{Meta: Meta{Scope: Authentication, Name: "passthru_assign", Silent: true,
		Doc: "The free token that fits is assigned after passthru: 8:pin or pin:6, then :window."}}
	PassOnNoToken = Bool{Meta: Meta{Scope: Authentication, Name: "passOnNoToken", Silent: true,
		Doc: "A user without token logs in with anything."}}
	PassOnNoTokenIgnore = Words{Meta: Meta{Scope: Authentication, Name: "passonnotoken_ignore_rollout_state", Values: []string{"clientwait", "pending", "verify", "enrolled", "broken", "failed", "denied"}, Multiple: true, Only: PrivacyIDEA, Silent: true,
		Doc: "Tokens in these rollout states do not count for passOnNoToken."}}
	PassOnNoUser = Bool{Meta: Meta{Scope: Authentication, Name: "passOnNoUser", Silent: true,
		Doc: "An unknown user logs in with anything."}}
	Mangle = Words{Meta: Meta{Scope: Authentication, Name: "mangle", Silent: true,
		Doc: "Rewrites user, pass or realm by an expression: key/search/replace/."}}
	SetRealm = Text{Meta: Meta{Scope: Authentication, Name: "set_realm", From: FromRealms, Only: PrivacyIDEA,
		Doc: "The realm in which users are looked for, whatever the request says."}}
	ResetAllUserTokens = Bool{Meta: Meta{Scope: Authentication, Name: "reset_all_user_tokens", Silent: true,
		Doc: "A login resets the fail counters of all tokens of the user."}}
	IncreaseFailcounterOnChallenge = Bool{Meta: Meta{Scope: Authentication, Name: "increase_failcounter_on_challenge", Silent: true,
		Doc: "Triggering a challenge counts as a failure until it is answered."}}
	AuthCache = Text{Meta: Meta{Scope: Authentication, Name: "auth_cache", Silent: true,
		Doc: "The same password is accepted again: for 4h; 4h/5m, when used in the last 5 minutes; 4h/2, at most twice."}}
	PreferredClientMode = Text{Meta: Meta{Scope: Authentication, Name: "preferred_client_mode",
		Doc: "The order in which a client should offer the ways to answer."}, Spaces: true}
	ClientModePerUser = Bool{Meta: Meta{Scope: Authentication, Name: "client_mode_per_user", Only: PrivacyIDEA,
		Doc: "The way a user has answered last comes first."}}
	ForceChallengeResponse = Bool{Meta: Meta{Scope: Authentication, Name: "force_challenge_response", Only: PrivacyIDEA,
		Doc: "A password is a PIN or an answer, never both in one."}}
	HideSpecificErrorMessage = Bool{Meta: Meta{Scope: Authentication, Name: "hide_specific_error_message", Only: PrivacyIDEA,
		Doc: "A failed login does not say why."}}
	RememberDevice = Bool{Meta: Meta{Scope: Authentication, Name: "remember_device", Only: PrivacyIDEA,
		Doc: "API clients may have browsers remembered."}}
	RememberDeviceDays = Int{Meta: Meta{Scope: Authentication, Name: "remember_device_validity", Only: PrivacyIDEA,
		Doc: "Days for which a browser is remembered."}}
	RememberDeviceMax = Int{Meta: Meta{Scope: Authentication, Name: "remember_device_max_devices", Only: PrivacyIDEA,
		Doc: "So many browsers of a user are remembered; 0 is any number."}}
)

func authentication() []Definition {
	return definitions(
		OTPPIN, ChallengeResponse, ChallengeText, ChallengeTextHeader,
		ChallengeTextFooter, ChangePINViaValidate, DisabledTokenTypes, ResyncViaMultichallenge,
		EnrollViaMultichallenge, EnrollViaMultichallengeText, EnrollViaMultichallengeTemplate, EnrollViaMultichallengeOptional,
		EnrollViaMultichallengeOffline, Passthru, PassthruIgnore, PassthruAssign,
		PassOnNoToken, PassOnNoTokenIgnore, PassOnNoUser, Mangle,
		SetRealm, ResetAllUserTokens, IncreaseFailcounterOnChallenge, AuthCache,
		PreferredClientMode, ClientModePerUser, ForceChallengeResponse, HideSpecificErrorMessage,
		RememberDevice, RememberDeviceDays, RememberDeviceMax,
	)
}

// challengeable are the types for which challenge_response means something;
// others always ask, or never.
func challengeable() []string {
	return []string{"4eyes", "applspec", "certificate", "daplug", "daypassword", "hotp", "motp", "ocra", "paper",
		"push", "pw", "question", "radius", "registration", "remote", "tan", "tiqr", "totp", "vasco", "webauthn",
		"yubico", "yubikey"}
}
