package privacyidea

import (
	"symbolon/internal/authn"
	"symbolon/internal/token"
)

// loginTexts are the sentences about logins, by reason, by why a token cannot be
// used, and by what a challenge asks (token-engine.md 3.5, 4.6, 4.8).
func loginTexts() map[string]string {
	return map[string]string{
		string(authn.MatchingTokens):    "matching %d tokens",
		string(authn.MatchingAnswer):    "Found matching challenge",
		string(authn.AnswerUnfit):       "Challenge matches, but token is not fit for challenge. ",
		string(authn.WrongPIN):          "wrong otp pin",
		string(authn.WrongCode):         "wrong otp value",
		string(authn.WrongCodeReplay):   "wrong otp value. previous otp used again",
		string(authn.WrongAnswer):       "Response did not match the challenge.",
		string(authn.WrongAnswers):      "Response did not match for %d tokens.",
		string(authn.CodeOnlyWrong):     "OTP verification failed.",
		string(authn.CodeOnlyRight):     "",
		string(authn.NoTokens):          "The user has no tokens assigned",
		string(authn.NoSuitableToken):   "No suitable token found for authentication.",
		string(authn.NoActiveChallenge): "No active challenge response token found",
		string(authn.NotUsable):         "",
		string(authn.ChallengeOffered):  "",
		string(authn.ResyncOffered):     "",
		string(authn.PassedNoToken):     "user has no token, accepted due to '%s'",
		string(authn.PassedNoUser):      "user does not exist, accepted due to '%s'",
		string(authn.PassedUserstore):   "against userstore due to '%s'",
		string(authn.TooManyFailures):   "Only %d failed authentications per %s allowed.",
		string(authn.TooManySuccesses):  "Only %d successful authentications per %s allowed.",
		string(authn.LastUseTooOld):     "The last successful authentication was %s. It is too long ago.",
		string(authn.WrongPassword):     "",
		string(authn.LoggedIn):          "",
		string(authn.Internal):          "",
		string(token.UsesExceeded):      "Authentication counter exceeded",
		string(token.Disabled):          "Token is disabled",
		string(token.FailuresFull):      "Failcounter exceeded",
		string(token.OutsideValidity):   "Outside validity period",
		string(token.NotEnrolled):       "Token is not yet enrolled",
		string(token.RevokedToken):      "Token is revoked",
		"enter-otp":                     "please enter otp: ",
		"resync":                        "To resync your token, please enter the next OTP value",
		"authentication-failed":         "Authentication failed.",
		"verify-otp":                    "Please enter a valid OTP value of the new token.",
	}
}

// eduMFALoginTexts are those that eduMFA words differently.
func eduMFALoginTexts() map[string]string {
	return map[string]string{
		string(authn.TooManyFailures):  "Only %d failed authentications per %s",
		string(authn.TooManySuccesses): "Only %d successful authentications per %s",
		string(authn.LastUseTooOld):    "The last successful authentication was %s. It is to long ago.",
	}
}
