package policy

// How users register themselves.
var (
	RegisterResolver = Text{Meta: Meta{Scope: Register, Name: "resolver", From: FromResolvers,
		Doc: "The resolver in which the user is created."}}
	RegisterRealm = Text{Meta: Meta{Scope: Register, Name: "realm", From: FromRealms,
		Doc: "The realm of the user."}}
	RegisterSMTP = Text{Meta: Meta{Scope: Register, Name: "smtpconfig", From: FromSMTPServers,
		Doc: "The mail server that sends the registration code."}}
	RegisterEmail = Text{Meta: Meta{Scope: Register, Name: "requiredemail",
		Doc: "An expression that the address must match."}, Spaces: true}
	RegisterBody = Text{Meta: Meta{Scope: Register, Name: "registration_body",
		Doc: "The mail, with {regkey}."}, Spaces: true, Long: true, Default: "\nYour registration token is {regkey}.\n"}
	RegisterHideError = Bool{Meta: Meta{Scope: Register, Name: "hide_specific_error_message", Only: PrivacyIDEA,
		Doc: "A failed registration does not say why."}}
)

func register() []Definition {
	return definitions(
		RegisterResolver, RegisterRealm, RegisterSMTP, RegisterEmail,
		RegisterBody, RegisterHideError,
	)
}
