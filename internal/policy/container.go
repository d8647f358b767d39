package policy

// What phones may do with their containers.
var (
	ContainerServerURL = Text{Meta: Meta{Scope: Container, Name: "privacyIDEA_server_url", Group: "registration and synchronization",
		Doc: "The address of this server as phones reach it."}}
	ContainerRegistrationTTL = Int{Meta: Meta{Scope: Container, Name: "container_registration_ttl", Group: "registration and synchronization",
		Doc: "Minutes for which a registration can be finished."}}
	ContainerChallengeTTL = Int{Meta: Meta{Scope: Container, Name: "container_challenge_ttl", Group: "registration and synchronization",
		Doc: "Minutes for which a challenge can be answered."}}
	ContainerSSLVerify = Text{Meta: Meta{Scope: Container, Name: "container_ssl_verify", Group: "registration and synchronization", Values: []string{"True", "False"},
		Doc: "Whether the phone checks the server's certificate."}, Default: "True"}
	ContainerClientRollover = Bool{Meta: Meta{Scope: Container, Name: "container_client_rollover", Group: "smartphone",
		Doc: "The phone may roll the container over."}}
	ContainerInitialTokens = Bool{Meta: Meta{Scope: Container, Name: "initially_add_tokens_to_container", Group: "smartphone",
		Doc: "The first synchronisation adds tokens that the phone has already."}}
	ContainerKeepTokens = Bool{Meta: Meta{Scope: Container, Name: "disable_client_token_deletion", Group: "smartphone",
		Doc: "The phone may not delete tokens."}}
	ContainerKeepRegistered = Bool{Meta: Meta{Scope: Container, Name: "disable_client_container_unregister", Group: "smartphone",
		Doc: "The phone may not end its registration."}}
	ContainerHideError = Bool{Meta: Meta{Scope: Container, Name: "hide_specific_error_message",
		Doc: "Failed requests of phones do not say why."}}
)

func containers() []Definition {
	return definitions(
		ContainerServerURL, ContainerRegistrationTTL, ContainerChallengeTTL, ContainerSSLVerify,
		ContainerClientRollover, ContainerInitialTokens, ContainerKeepTokens, ContainerKeepRegistered,
		ContainerHideError,
	)
}
