package policy

// What the web pages and the clients that read their settings do.
var (
	LoginMode = Text{Meta: Meta{Scope: WebUI, Name: "login_mode", Values: []string{"userstore", "privacyIDEA", "disable"},
		Doc: "How users log in to the pages: by the password of the user store, by their tokens, or not at all."}, Default: "userstore"}
	RemoteUser = Text{Meta: Meta{Scope: WebUI, Name: "remote_user", Values: []string{"allowed", "disable", "force"}, Silent: true,
		Doc: "A user whom the web server has authenticated needs no password."}, Default: "disable"}
	JWTValidity = Int{Meta: Meta{Scope: WebUI, Name: "jwt_validity", Only: PrivacyIDEA,
		Doc: "Seconds for which a login to the pages lasts."}}
	LogoutTime = Int{Meta: Meta{Scope: WebUI, Name: "logout_time",
		Doc: "Seconds without activity before the page locks."}}
	TimeoutAction = Text{Meta: Meta{Scope: WebUI, Name: "timeout_action", Values: []string{"logout", "lockscreen"},
		Doc: "What the page does then."}, Default: "lockscreen"}
	LogoutRedirect = Text{Meta: Meta{Scope: WebUI, Name: "logout_redirect",
		Doc: "Where a user is sent after logging out."}, Spaces: true}
	AdminDashboard = Bool{Meta: Meta{Scope: WebUI, Name: "admin_dashboard",
		Doc: "Administrators begin at an overview."}}
	LoginText = Text{Meta: Meta{Scope: WebUI, Name: "login_text", Silent: true,
		Doc: "A text in the login dialogue."}, Spaces: true}
	CustomMenu = Text{Meta: Meta{Scope: WebUI, Name: "custom_menu", Silent: true,
		Doc: "A file with the menu of the pages."}}
	CustomBaseline = Text{Meta: Meta{Scope: WebUI, Name: "custom_baseline", Silent: true,
		Doc: "A file with the foot of the pages."}}
	PrivacyStatementLink = Text{Meta: Meta{Scope: WebUI, Name: "privacy_statement_link", Silent: true,
		Doc: "The address of a privacy statement."}}
	RealmDropdown = Words{Meta: Meta{Scope: WebUI, Name: "realm_dropdown", From: FromRealms, Silent: true,
		Doc: "Realms to choose from in the login dialogue; - is an empty entry."}}
	PasskeyLogin = Text{Meta: Meta{Scope: WebUI, Name: "passkey_login", Values: []string{"show", "hide"}, Only: PrivacyIDEA, Silent: true,
		Doc: "Whether the login dialogue offers passkeys."}, Default: "show"}
	SearchOnEnter = Bool{Meta: Meta{Scope: WebUI, Name: "search_on_enter",
		Doc: "Lists are filtered when Enter is pressed, not with each letter."}}
	TokenPageSize = Int{Meta: Meta{Scope: WebUI, Name: "token_page_size",
		Doc: "Tokens on a page."}}
	UserPageSize = Int{Meta: Meta{Scope: WebUI, Name: "user_page_size",
		Doc: "Users on a page."}}
	AuditPageSize = Int{Meta: Meta{Scope: WebUI, Name: "audit_page_size",
		Doc: "Records on a page."}}
	UserDetails = Bool{Meta: Meta{Scope: WebUI, Name: "user_details",
		Doc: "The user page shows all attributes."}}
	PolicyTemplateURL = Text{Meta: Meta{Scope: WebUI, Name: "policy_template_url",
		Doc: "Where templates of policies come from."}}
	TokenWizard = Bool{Meta: Meta{Scope: WebUI, Name: "tokenwizard",
		Doc: "Users without token are led through an enrolment."}}
	TokenWizard2nd = Bool{Meta: Meta{Scope: WebUI, Name: "tokenwizard_2nd_token",
		Doc: "The enrolment of a further token is led, too."}}
	TokenRollover = Words{Meta: Meta{Scope: WebUI, Name: "token_rollover", Group: "token", From: FromTypes,
		Doc: "Token types with a button to enrol them anew."}}
	DialogNoToken = Bool{Meta: Meta{Scope: WebUI, Name: "dialog_no_token",
		Doc: "Users without token are told so."}}
	DefaultTokentype = Text{Meta: Meta{Scope: WebUI, Name: "default_tokentype", From: FromTypes,
		Doc: "The type that the enrolment page begins with."}, Default: "hotp"}
	DefaultContainerType = Text{Meta: Meta{Scope: WebUI, Name: "default_container_type", Values: []string{"generic", "smartphone", "yubikey"}, Only: PrivacyIDEA,
		Doc: "The type that the container page begins with."}, Default: "generic"}
	HideWelcomeInfo = Bool{Meta: Meta{Scope: WebUI, Name: "hide_welcome_info",
		Doc: "No welcome text."}}
	HideButtons = Bool{Meta: Meta{Scope: WebUI, Name: "hide_buttons",
		Doc: "Buttons of forbidden actions are hidden."}}
	DeletionConfirmation = Bool{Meta: Meta{Scope: WebUI, Name: "deletion_confirmation",
		Doc: "Deleting has to be confirmed."}}
	ShowSeed = Bool{Meta: Meta{Scope: WebUI, Name: "show_seed",
		Doc: "The page shows the seed of a new token as text."}}
	ShowNode = Bool{Meta: Meta{Scope: WebUI, Name: "show_node",
		Doc: "The page shows the name of the node."}}
	ShowAndroidApp = Bool{Meta: Meta{Scope: WebUI, Name: "show_android_privacyidea_authenticator", Group: "QR Codes",
		Doc: "The page shows where to get the app for Android."}}
	ShowIOSApp = Bool{Meta: Meta{Scope: WebUI, Name: "show_ios_privacyidea_authenticator", Group: "QR Codes",
		Doc: "The page shows where to get the app for iOS."}}
	ShowCustomApp = Text{Meta: Meta{Scope: WebUI, Name: "show_custom_authenticator", Group: "QR Codes",
		Doc: "The page shows this address as a QR code."}, Spaces: true}
	RSSFeeds = Text{Meta: Meta{Scope: WebUI, Name: "rss_feeds", Only: PrivacyIDEA,
		Doc: "News: 'Title':'URL'-'Title':'URL'."}, Spaces: true}
	RSSAge = Int{Meta: Meta{Scope: WebUI, Name: "rss_age", Only: PrivacyIDEA,
		Doc: "Days for which news are shown."}}
	ContainerWizardType = Text{Meta: Meta{Scope: WebUI, Name: "container_wizard_type", Values: []string{"generic", "smartphone", "yubikey"}, Only: PrivacyIDEA,
		Doc: "Users without container are led through making one of this type."}}
	ContainerWizardTemplate = Text{Meta: Meta{Scope: WebUI, Name: "container_wizard_template", From: FromTemplates, Only: PrivacyIDEA,
		Doc: "The template of that container: name(type)."}, Spaces: true}
	ContainerWizardRegistration = Bool{Meta: Meta{Scope: WebUI, Name: "container_wizard_registration", Only: PrivacyIDEA,
		Doc: "That container is registered at once."}}
)

func webui() []Definition {
	return definitions(
		LoginMode, RemoteUser, JWTValidity, LogoutTime,
		TimeoutAction, LogoutRedirect, AdminDashboard, LoginText,
		CustomMenu, CustomBaseline, PrivacyStatementLink, RealmDropdown,
		PasskeyLogin, SearchOnEnter, TokenPageSize, UserPageSize,
		AuditPageSize, UserDetails, PolicyTemplateURL, TokenWizard,
		TokenWizard2nd, TokenRollover, DialogNoToken, DefaultTokentype,
		DefaultContainerType, HideWelcomeInfo, HideButtons, DeletionConfirmation,
		ShowSeed, ShowNode, ShowAndroidApp, ShowIOSApp,
		ShowCustomApp, RSSFeeds, RSSAge, ContainerWizardType,
		ContainerWizardTemplate, ContainerWizardRegistration,
	)
}
