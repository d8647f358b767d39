package policy

// What is asked and done when tokens are enrolled, assigned and get PINs.
var (
	MaxTokenPerRealm = Int{Meta: Meta{Scope: Enrollment, Name: "max_token_per_realm", Group: "token", Silent: true,
		Doc: "A realm may have so many tokens."}, Highest: true}
	MaxTokenPerUser = Int{Meta: Meta{Scope: Enrollment, Name: "max_token_per_user", Group: "token", Silent: true,
		Doc: "A user may have so many tokens."}, Highest: true}
	MaxActiveTokenPerUser = Int{Meta: Meta{Scope: Enrollment, Name: "max_active_token_per_user", Group: "token", Silent: true,
		Doc: "A user may have so many active tokens."}, Highest: true}
	RequireDescription = Words{Meta: Meta{Scope: Enrollment, Name: "require_description", Group: "enrollment", From: FromTypes, Multiple: true,
		Doc: "Token types that need a description when enrolled."}}
	OTPPINRandom = Int{Meta: Meta{Scope: Enrollment, Name: "otp_pin_random", Group: "pin", Values: upTo(1, 31),
		Doc: "New tokens get a random PIN of this length."}}
	PINHandling = Words{Meta: Meta{Scope: Enrollment, Name: "pinhandling", Group: "pin",
		Doc: "What is done with a random PIN: names of built-in receivers."}}
	ChangePINOnFirstUse = Bool{Meta: Meta{Scope: Enrollment, Name: "change_pin_on_first_use", Group: "pin",
		Doc: "A PIN that an administrator has set must be changed when first used."}}
	ChangePINEvery = Span{Meta: Meta{Scope: Enrollment, Name: "change_pin_every", Group: "pin",
		Doc: "A PIN must be changed after this time, such as 180d."}}
	EncryptPIN = Bool{Meta: Meta{Scope: Enrollment, Name: "encrypt_pin", Group: "pin",
		Doc: "PINs are kept encrypted, so that they can be read again, and not as hashes."}}
	TokenLabel = Text{Meta: Meta{Scope: Enrollment, Name: "tokenlabel", Group: "token",
		Doc: "The label of the token in the app. Tags: {user} {realm} {serial} {givenname} {surname}, and the older <u> <r> <s>."}, Spaces: true, Default: "<s>"}
	TokenIssuer = Text{Meta: Meta{Scope: Enrollment, Name: "tokenissuer", Group: "token",
		Doc: "The issuer of the token in the app; tags as in tokenlabel."}, Spaces: true}
	AppImageURL = Text{Meta: Meta{Scope: Enrollment, Name: "appimageurl", Group: "token",
		Doc: "An image that the app shows with the token."}, Spaces: true}
	Autoassignment = Text{Meta: Meta{Scope: Enrollment, Name: "autoassignment", Group: "token", Values: []string{"any_pin", "userstore"}, Silent: true,
		Doc: "A user without token who sends the code of a free token gets it: with any PIN, or after the password of the user store."}}
	LostTokenLength = Int{Meta: Meta{Scope: Enrollment, Name: "losttoken_PW_length", Values: upTo(1, 31),
		Doc: "Length of the password that replaces a lost token."}}
	LostTokenContents = Text{Meta: Meta{Scope: Enrollment, Name: "losttoken_PW_contents",
		Doc: "Characters of that password: C and c letters, n digits, s special characters, 8 letters and digits that cannot be confused."}, Default: "8"}
	LostTokenDays = Int{Meta: Meta{Scope: Enrollment, Name: "losttoken_valid", Values: upTo(1, 60),
		Doc: "Days for which that password is valid."}}
	VerifyEnrollment = Words{Meta: Meta{Scope: Enrollment, Name: "verify_enrollment", Group: "token", From: FromUpperTypes, Multiple: true, Silent: true,
		Doc: "Token types that have to be proved by a first code."}}
)

func enrolment() []Definition {
	return definitions(
		MaxTokenPerRealm, MaxTokenPerUser, MaxActiveTokenPerUser, RequireDescription,
		OTPPINRandom, PINHandling, ChangePINOnFirstUse, ChangePINEvery,
		EncryptPIN, TokenLabel, TokenIssuer, AppImageURL,
		Autoassignment, LostTokenLength, LostTokenContents, LostTokenDays,
		VerifyEnrollment,
	)
}
