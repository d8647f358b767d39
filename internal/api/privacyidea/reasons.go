package privacyidea

// reasonTexts word the outcomes of logins (token-engine.md 4.6) and why a token
// could not be used, by the keys that the engine and package token give them.
func reasonTexts() map[string]string {
	return map[string]string{
		"matching-tokens":     "matching {0} tokens",
		"matching-answer":     "Found matching challenge",
		"wrong-pin":           "wrong otp pin",
		"wrong-code":          "wrong otp value",
		"wrong-code-replay":   "wrong otp value. previous otp used again",
		"wrong-answer":        "Response did not match the challenge.",
		"wrong-answers":       "Response did not match for {0} tokens.",
		"code-only-wrong":     "OTP verification failed.",
		"no-tokens":           "The user has no tokens assigned",
		"no-suitable-token":   "No suitable token found for authentication.",
		"no-active-challenge": "No active challenge response token found",
		"resync":              "To resync your token, please enter the next OTP value",
		"passed-no-token":     "user has no token, accepted due to {0:repr}",
		"passed-no-user":      "user does not exist, accepted due to {0:repr}",
		"passed-userstore":    "against userstore due to {0:repr}",
		"too-many-failures":   "Only {0} failed authentications per {1:span} allowed.",
		"too-many-successes":  "Only {0} successful authentications per {1:span} allowed.",
		"last-use-too-old":    "The last successful authentication was {0}. It is too long ago.",
		"authentication-fail": "Authentication failed.",

		"uses exceeded": "Authentication counter exceeded",
		"disabled":      "Token is disabled",
		"failures":      "Failcounter exceeded",
		"validity":      "Outside validity period",
		"not enrolled":  "Token is not yet enrolled",
		"revoked":       "Token is revoked",

		// Only in the trail: the answers show something else, or nothing.
		"triggered":      "triggered {0} challenges",
		"polled":         "{0}",
		"wrong-password": "wrong password",
		"logged-in":      "",
		"internal":       "internal error",
	}
}

// promptTexts word what token types ask.
func promptTexts() map[string]string {
	return map[string]string{
		"enter-otp":            "please enter otp: ",
		"scan-qr":              "Please scan the QR Code",
		"confirm-on-phone":     "Please confirm the authentication on your mobile device!",
		"enrol.scan-and-enter": "Please scan the QR code and enter the OTP value!",
		"enrol.scan":           "Please scan the QR code!",
		"enrol.verify":         "Please enter a valid OTP value of the new token.",
	}
}
