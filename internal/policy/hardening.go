package policy

// What is told to those who are not logged in.
var (
	HideVersion = Bool{Meta: Meta{Scope: Hardening, Name: "hide_version", Group: "system", Silent: true,
		Doc: "Answers to callers without login do not tell the version."}}
	HideAuthErrorStatus = Bool{Meta: Meta{Scope: Hardening, Name: "hide_auth_error_status", Group: "system", Silent: true,
		Doc: "Failed logins always have status 401."}}
)

func hardening() []Definition {
	return definitions(
		HideVersion, HideAuthErrorStatus,
	)
}
