package policy

// What is allowed and told after a login was right.
var (
	Authorized = Text{Meta: Meta{Scope: Authorization, Name: "authorized", Group: "modifying response", Values: []string{"grant_access", "deny_access"},
		Doc: "Refuses logins that are otherwise right."}, Default: "grant_access"}
	ApplicationTokentype = Bool{Meta: Meta{Scope: Authorization, Name: "application_tokentype",
		Doc: "The request may say which type of token counts."}}
	AuthMaxSuccess = Rate{Meta: Meta{Scope: Authorization, Name: "auth_max_success", Group: "conditions", Silent: true,
		Doc: "So many successful logins in a time, such as 2/10m."}}
	AuthMaxFail = Rate{Meta: Meta{Scope: Authorization, Name: "auth_max_fail", Group: "conditions", Silent: true,
		Doc: "So many failed logins in a time, such as 5/10m."}}
	LastAuth = Span{Meta: Meta{Scope: Authorization, Name: "last_auth", Group: "conditions", Silent: true,
		Doc: "The last login with the token must be younger, such as 30d."}}
	AllowedTokentype = Words{Meta: Meta{Scope: Authorization, Name: "tokentype", Group: "conditions",
		Doc: "Types of tokens that may log in."}}
	AllowedSerial = Words{Meta: Meta{Scope: Authorization, Name: "serial", Group: "conditions",
		Doc: "Expressions, one of which the serial must match."}}
	AllowedTokeninfo = Words{Meta: Meta{Scope: Authorization, Name: "tokeninfo", Group: "conditions",
		Doc: "An entry of the token's information that must match: key/expression/."}, Whole: true}
	SetRealmLate = Words{Meta: Meta{Scope: Authorization, Name: "setrealm", Group: "setting actions", From: FromRealms,
		Doc: "The realm that replaces the user's."}}
	NoDetailOnSuccess = Bool{Meta: Meta{Scope: Authorization, Name: "no_detail_on_success", Group: "setting actions", Silent: true,
		Doc: "The answer to a right login has no details."}}
	NoDetailOnFail = Bool{Meta: Meta{Scope: Authorization, Name: "no_detail_on_fail", Group: "setting actions", Silent: true,
		Doc: "The answer to a wrong login has no details."}}
	AddUserInResponse = Bool{Meta: Meta{Scope: Authorization, Name: "add_user_in_response", Group: "setting actions", Silent: true,
		Doc: "The answer to a right login tells about the user."}}
	AddResolverInResponse = Bool{Meta: Meta{Scope: Authorization, Name: "add_resolver_in_response", Group: "setting actions", Silent: true,
		Doc: "The answer to a right login tells realm and resolver."}}
	APIKeyRequired = Bool{Meta: Meta{Scope: Authorization, Name: "api_key_required", Group: "setting actions",
		Doc: "Requests for authentication need an API key."}}
	ResolverDetailsNeedAuth = Bool{Meta: Meta{Scope: Authorization, Name: "require_auth_for_resolver_details", Only: PrivacyIDEA,
		Doc: "Details of the resolvers' health need a login."}}
)

func authorization() []Definition {
	return definitions(
		Authorized, ApplicationTokentype, AuthMaxSuccess, AuthMaxFail,
		LastAuth, AllowedTokentype, AllowedSerial, AllowedTokeninfo,
		SetRealmLate, NoDetailOnSuccess, NoDetailOnFail, AddUserInResponse,
		AddResolverInResponse, APIKeyRequired, ResolverDetailsNeedAuth,
	)
}
