package policy

// What is asked and told where tokens are changed or used without a login.
var (
	RequireDescriptionOnEdit = Words{Meta: Meta{Scope: TokenScope, Name: "require_description_on_edit", Group: "token", From: FromTypes, Multiple: true,
		Doc: "Token types that need a description when it is changed."}}
	HideErrorForType = Bool{Meta: Meta{Scope: TokenScope, Name: "hide_specific_error_message_for_ttype",
		Doc: "Failed requests of apps do not say why."}}
	HideErrorForRefill = Bool{Meta: Meta{Scope: TokenScope, Name: "hide_specific_error_message_for_offline_refill",
		Doc: "Failed refills of offline codes do not say why."}}
)

func tokens() []Definition {
	return definitions(
		RequireDescriptionOnEdit, HideErrorForType, HideErrorForRefill,
	)
}
