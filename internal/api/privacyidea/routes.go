package privacyidea

import (
	"context"
	"strings"
)

// Access says who may call a route.
type Access int

// Who may call.
const (
	Anonymous   Access = iota
	UserOrAdmin        // JWT of role user or admin
	AdminOnly          // JWT of role admin
	APIKey             // an identified API client
)

// Handler serves a route. The first argument makes methods of Server fit.
type Handler func(s *Server, ctx context.Context, req *Request) (Answer, error)

// Route is one row of the route table.
type Route struct {
	Method  string
	Path    string // <name> stands for one segment
	Access  Access
	Right   string  // the policy action asked for; "": none
	Event   string  // what event handlers know it by; "": none
	Only    Product // Both, or the one product that has it
	Serve   Handler
	Upload  bool // carries files: a larger body is taken
	Quiet   bool // not in the trail, unsigned, without version
	Claimed bool // the parameter client may name the caller's address
	Login   string
}

// Blueprint is what is asked of callers before a request is read, by the first
// segment of the path: errors there look different (rest-api.md 2.1).
func (r *Route) Blueprint() Access {
	switch head(r.Path) {
	case "token", "audit", "system", "info", "user":
		return UserOrAdmin
	case "auth", "validate", "ttype", "register", "recover", "healthz", "config":
		return Anonymous
	}
	return AdminOnly
}

func head(path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return first
}

// loginField is the parameter that names the user.
func (r *Route) loginField() string {
	if r.Login != "" {
		return r.Login
	}
	return "user"
}

// Routes returns the route table (rest-api.md appendix A).
func Routes() []Route {
	var all []Route
	for _, family := range [][]Route{authRoutes(), validateRoutes(), tokenRoutes(), challengeRoutes(), realmRoutes(),
		policyRoutes(), systemRoutes(), userRoutes(), auditRoutes(), healthRoutes()} {
		all = append(all, family...)
	}
	return all
}

func authRoutes() []Route {
	return []Route{
		{Method: "POST", Path: "/auth", Event: "auth", Serve: (*Server).auth, Claimed: true, Login: "username"},
		{Method: "GET", Path: "/auth/rights", Access: UserOrAdmin, Serve: (*Server).authRights, Claimed: true},
	}
}

func validateRoutes() []Route {
	check := Route{Event: "validate_check", Claimed: true}
	var all []Route
	add := func(method, path string, r Route) {
		r.Method, r.Path, r.Claimed = method, path, true
		all = append(all, r)
	}
	for _, method := range []string{"GET", "POST"} {
		r := check
		r.Serve = (*Server).validateCheck
		add(method, "/validate/check", r)
		r.Serve = (*Server).validateRADIUSCheck
		add(method, "/validate/radiuscheck", r)
		r.Serve, r.Only = (*Server).validateSAMLCheck, EduMFA
		add(method, "/validate/samlcheck", r)
		add(method, "/validate/triggerchallenge", Route{Access: AdminOnly, Right: "triggerchallenge",
			Event: "validate_triggerchallenge", Serve: (*Server).validateTrigger})
		add(method, "/validate/initialize", Route{Only: PrivacyIDEA, Serve: (*Server).validateInitialize})
		add(method, "/ttype/<ttype>", Route{Event: "ttype", Serve: (*Server).ttype})
	}
	poll := Route{Event: "validate_poll_transaction", Serve: (*Server).validatePoll}
	add("GET", "/validate/polltransaction", poll)
	add("GET", "/validate/polltransaction/<transaction_id>", poll)
	add("POST", "/validate/offlinerefill", Route{Event: "validate_offlinerefill", Serve: (*Server).validateOfflineRefill})
	add("GET", "/validate/capabilities", Route{Access: APIKey, Only: PrivacyIDEA, Serve: (*Server).validateCapabilities})
	add("POST", "/validate/remember_device", Route{Access: APIKey, Only: PrivacyIDEA, Serve: (*Server).validateRememberDevice})
	return all
}

func tokenRoutes() []Route {
	all := []Route{
		{Method: "POST", Path: "/token/init", Access: UserOrAdmin, Right: "enroll<TYPE>", Event: "token_init", Serve: (*Server).tokenInit},
		{Method: "GET", Path: "/token/", Access: UserOrAdmin, Right: "tokenlist", Event: "token_list", Serve: (*Server).tokenList},
		{Method: "POST", Path: "/token/assign", Access: UserOrAdmin, Right: "assign", Event: "token_assign", Serve: (*Server).tokenAssign},
		{Method: "POST", Path: "/token/unassign", Access: UserOrAdmin, Right: "unassign", Event: "token_unassign", Serve: (*Server).tokenUnassign},
		{Method: "DELETE", Path: "/token/", Access: UserOrAdmin, Right: "delete", Event: "token_delete", Only: PrivacyIDEA, Serve: (*Server).tokenDelete},
		{Method: "DELETE", Path: "/token/<serial>", Access: UserOrAdmin, Right: "delete", Event: "token_delete", Serve: (*Server).tokenDelete},
		{Method: "POST", Path: "/token/realm/<serial>", Access: AdminOnly, Right: "tokenrealms", Event: "token_realm", Serve: (*Server).tokenRealm},
		{Method: "POST", Path: "/token/load/<filename>", Access: AdminOnly, Right: "importtokens", Event: "token_load", Upload: true, Serve: (*Server).tokenLoad},
		{Method: "POST", Path: "/token/copypin", Access: AdminOnly, Right: "copytokenpin", Event: "token_copypin", Serve: (*Server).tokenCopyPIN},
		{Method: "POST", Path: "/token/copyuser", Access: AdminOnly, Right: "copytokenuser", Event: "token_copyuser", Serve: (*Server).tokenCopyUser},
		{Method: "POST", Path: "/token/lost/<serial>", Access: UserOrAdmin, Right: "losttoken", Event: "token_lost", Serve: (*Server).tokenLost},
		{Method: "GET", Path: "/token/getserial/<otp>", Access: AdminOnly, Right: "getserial", Event: "token_getserial", Serve: (*Server).tokenGetSerial},
		{Method: "POST", Path: "/token/info/<serial>/<key>", Access: AdminOnly, Right: "settokeninfo", Event: "token_info", Serve: (*Server).tokenSetInfo},
		{Method: "DELETE", Path: "/token/info/<serial>/<key>", Access: AdminOnly, Right: "settokeninfo", Event: "token_info", Serve: (*Server).tokenDeleteInfo},
		{Method: "POST", Path: "/token/info/<serial>", Access: AdminOnly, Right: "settokeninfo", Event: "token_info", Only: EduMFA, Serve: (*Server).tokenSetInfos},
		{Method: "POST", Path: "/token/group/<serial>/<groupname>", Access: AdminOnly, Right: "tokengroups", Event: "token_assign_group", Serve: (*Server).tokenAddGroup},
		{Method: "POST", Path: "/token/group/<serial>", Access: AdminOnly, Right: "tokengroups", Event: "token_assign_group", Serve: (*Server).tokenSetGroups},
		{Method: "DELETE", Path: "/token/group/<serial>/<groupname>", Access: AdminOnly, Right: "tokengroups", Event: "token_unassign_group", Serve: (*Server).tokenRemoveGroup},
	}
	for _, r := range []Route{
		{Path: "/token/revoke", Access: UserOrAdmin, Right: "revoke", Event: "token_revoke", Serve: (*Server).tokenRevoke},
		{Path: "/token/enable", Access: UserOrAdmin, Right: "enable", Event: "token_enable", Serve: (*Server).tokenEnable},
		{Path: "/token/disable", Access: UserOrAdmin, Right: "disable", Event: "token_disable", Serve: (*Server).tokenDisable},
		{Path: "/token/reset", Access: UserOrAdmin, Right: "reset", Event: "token_reset", Serve: (*Server).tokenReset},
		{Path: "/token/resync", Access: UserOrAdmin, Right: "resync", Event: "token_resync", Serve: (*Server).tokenResync},
		{Path: "/token/setpin", Access: UserOrAdmin, Right: "setpin", Event: "token_setpin", Serve: (*Server).tokenSetPIN},
		{Path: "/token/setrandompin", Access: UserOrAdmin, Right: "setrandompin", Event: "token_setrandompin", Serve: (*Server).tokenSetRandomPIN},
		{Path: "/token/description", Access: UserOrAdmin, Right: "setdescription", Event: "token_set", Serve: (*Server).tokenDescription},
		{Path: "/token/set", Access: AdminOnly, Right: "set", Event: "token_set", Serve: (*Server).tokenSet},
	} {
		r.Method = "POST"
		all = append(all, r)
		r.Path += "/<serial>"
		all = append(all, r)
	}
	return all
}

func challengeRoutes() []Route {
	list := Route{Method: "GET", Access: AdminOnly, Right: "getchallenges", Event: "token_getchallenges", Serve: (*Server).challengeList}
	all, one := list, list
	all.Path, one.Path = "/token/challenges/", "/token/challenges/<serial>"
	return []Route{all, one,
		{Method: "DELETE", Path: "/token/challenges/transaction/<transaction_id>", Access: AdminOnly, Right: "cancelchallenge",
			Event: "token_cancelchallenge", Only: PrivacyIDEA, Serve: (*Server).challengeCancel},
		// The original asks no right here (rest-api.md 25, row 10).
		{Method: "DELETE", Path: "/token/challenges/expired", Access: AdminOnly, Right: "cancelchallenge",
			Only: PrivacyIDEA, Serve: (*Server).challengeSweep},
	}
}

func realmRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "/realm/", Access: AdminOnly, Serve: (*Server).realmList},
		{Method: "GET", Path: "/realm/superuser", Access: AdminOnly, Right: "policyread", Serve: (*Server).realmSuperuser},
		{Method: "POST", Path: "/realm/<realm>", Access: AdminOnly, Right: "resolverwrite", Serve: (*Server).realmSet},
		{Method: "DELETE", Path: "/realm/<realm>", Access: AdminOnly, Right: "resolverdelete", Serve: (*Server).realmDelete},
		{Method: "POST", Path: "/realm/<string:realm>/node/<string:nodeid>", Access: AdminOnly, Right: "resolverwrite",
			Only: PrivacyIDEA, Serve: (*Server).realmSetNode},
		{Method: "GET", Path: "/defaultrealm", Access: AdminOnly, Serve: (*Server).defaultRealm},
		{Method: "POST", Path: "/defaultrealm/<realm>", Access: AdminOnly, Right: "resolverwrite", Serve: (*Server).defaultRealmSet},
		{Method: "DELETE", Path: "/defaultrealm", Access: AdminOnly, Right: "resolverdelete", Serve: (*Server).defaultRealmDelete},

		{Method: "GET", Path: "/resolver/", Access: AdminOnly, Right: "resolverread", Serve: (*Server).resolverList},
		{Method: "GET", Path: "/resolver/<resolver>", Access: AdminOnly, Right: "resolverread", Serve: (*Server).resolverList},
		{Method: "POST", Path: "/resolver/<resolver>", Access: AdminOnly, Right: "resolverwrite", Serve: (*Server).resolverSet},
		{Method: "DELETE", Path: "/resolver/<resolver>", Access: AdminOnly, Right: "resolverdelete", Serve: (*Server).resolverDelete},
		{Method: "POST", Path: "/resolver/test", Access: AdminOnly, Right: "resolverwrite", Serve: (*Server).resolverTest},
		{Method: "GET", Path: "/resolver/<resolvertype>/default", Access: AdminOnly, Only: PrivacyIDEA, Serve: (*Server).resolverDefault},
	}
}

func policyRoutes() []Route {
	return []Route{
		{Method: "POST", Path: "/policy/enable/<name>", Access: AdminOnly, Right: "policywrite", Serve: (*Server).policyEnable},
		{Method: "POST", Path: "/policy/disable/<name>", Access: AdminOnly, Right: "policywrite", Serve: (*Server).policyDisable},
		{Method: "PATCH", Path: "/policy/<old_name>", Access: AdminOnly, Right: "policywrite", Only: PrivacyIDEA, Serve: (*Server).policyRename},
		{Method: "POST", Path: "/policy/<name>", Access: AdminOnly, Right: "policywrite", Serve: (*Server).policySet},
		{Method: "GET", Path: "/policy/", Access: AdminOnly, Right: "policyread", Serve: (*Server).policyList},
		{Method: "GET", Path: "/policy/<name>", Access: AdminOnly, Right: "policyread", Serve: (*Server).policyList},
		{Method: "GET", Path: "/policy/export/<export>", Access: AdminOnly, Right: "policyread", Serve: (*Server).policyExport},
		{Method: "DELETE", Path: "/policy/<name>", Access: AdminOnly, Right: "policydelete", Serve: (*Server).policyDelete},
		{Method: "POST", Path: "/policy/import/<filename>", Access: AdminOnly, Right: "policywrite", Upload: true, Serve: (*Server).policyImport},
		{Method: "GET", Path: "/policy/check", Access: AdminOnly, Right: "policyread", Serve: (*Server).policyCheck},
		{Method: "GET", Path: "/policy/defs", Access: AdminOnly, Right: "policyread", Serve: (*Server).policyDefinitions},
		{Method: "GET", Path: "/policy/defs/<scope>", Access: AdminOnly, Right: "policyread", Serve: (*Server).policyDefinitions},
	}
}

func systemRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "/system/documentation", Access: AdminOnly, Right: "system_documentation", Serve: (*Server).systemDocumentation},
		{Method: "GET", Path: "/system/gpgkeys", Access: UserOrAdmin, Right: "configread", Serve: (*Server).systemGPGKeys},
		{Method: "GET", Path: "/system/<key>", Access: UserOrAdmin, Right: "configread", Serve: (*Server).systemGet},
		{Method: "GET", Path: "/system/", Access: UserOrAdmin, Right: "configread", Serve: (*Server).systemGet},
		{Method: "POST", Path: "/system/setConfig", Access: AdminOnly, Right: "configwrite", Serve: (*Server).systemSet},
		{Method: "POST", Path: "/system/setDefault", Access: AdminOnly, Right: "configwrite", Serve: (*Server).systemSetDefault},
		{Method: "DELETE", Path: "/system/<key>", Access: AdminOnly, Right: "configdelete", Serve: (*Server).systemDelete},
		{Method: "POST", Path: "/system/hsm", Access: AdminOnly, Right: "set_hsm_password", Serve: (*Server).systemSetHSM},
		{Method: "GET", Path: "/system/hsm", Access: AdminOnly, Serve: (*Server).systemHSM},
		{Method: "GET", Path: "/system/random", Access: AdminOnly, Right: "getrandom", Serve: (*Server).systemRandom},
		{Method: "POST", Path: "/system/test/<tokentype>", Access: AdminOnly, Right: "configwrite", Serve: (*Server).systemTest},
		{Method: "GET", Path: "/system/names/radius", Access: UserOrAdmin, Right: "enrollRADIUS", Serve: (*Server).systemNamesRADIUS},
		{Method: "GET", Path: "/system/names/caconnector", Access: UserOrAdmin, Right: "enrollCERTIFICATE", Serve: (*Server).systemNamesCA},
		{Method: "GET", Path: "/system/nodes", Access: AdminOnly, Right: "configread", Only: PrivacyIDEA, Serve: (*Server).systemNodes},
		{Method: "GET", Path: "/system/health/certificates", Access: AdminOnly, Right: "configread", Only: PrivacyIDEA, Serve: (*Server).systemCertificates},
		{Method: "GET", Path: "/system/health/resolver_timing", Access: AdminOnly, Right: "configread", Only: PrivacyIDEA, Serve: (*Server).systemResolverTiming},
		{Method: "GET", Path: "/system/health/notification_delivery", Access: AdminOnly, Right: "configread", Only: PrivacyIDEA, Serve: (*Server).systemDelivery},
		{Method: "DELETE", Path: "/system/user-cache", Access: AdminOnly, Right: "configwrite", Only: PrivacyIDEA, Serve: (*Server).systemUserCache},
		{Method: "POST", Path: "/system/metricscleanup", Access: AdminOnly, Right: "configwrite", Only: PrivacyIDEA, Serve: (*Server).systemMetricsCleanup},
	}
}

func userRoutes() []Route {
	all := []Route{
		{Method: "GET", Path: "/user/", Access: UserOrAdmin, Right: "userlist", Event: "user_list", Serve: (*Server).userList},
		{Method: "GET", Path: "/user/settings", Access: UserOrAdmin, Event: "user_settings_get", Only: PrivacyIDEA, Serve: (*Server).userSettings},
		{Method: "POST", Path: "/user/settings", Access: UserOrAdmin, Event: "user_settings_set", Only: PrivacyIDEA, Serve: (*Server).userSettingsSet},
		{Method: "DELETE", Path: "/user/settings", Access: UserOrAdmin, Event: "user_settings_delete", Only: PrivacyIDEA, Serve: (*Server).userSettingsDelete},
		{Method: "DELETE", Path: "/user/settings/<key>", Access: UserOrAdmin, Event: "user_settings_delete", Only: PrivacyIDEA, Serve: (*Server).userSettingsDelete},
		{Method: "POST", Path: "/user/attribute", Access: UserOrAdmin, Right: "set_custom_user_attributes", Event: "set_custom_user_attribute", Serve: (*Server).userAttributeSet},
		{Method: "GET", Path: "/user/attribute", Access: UserOrAdmin, Right: "userlist", Event: "get_user_attribute", Serve: (*Server).userAttribute},
		{Method: "GET", Path: "/user/internal_attribute", Access: AdminOnly, Right: "get_user_internal_attributes", Event: "get_user_internal_attribute", Only: PrivacyIDEA, Serve: (*Server).userInternalAttribute},
		{Method: "GET", Path: "/user/editable_attributes/", Access: UserOrAdmin, Event: "get_editable_attributes", Serve: (*Server).userEditableAttributes},
		{Method: "DELETE", Path: "/user/attribute/<attrkey>/<username>/<realm>", Access: UserOrAdmin, Right: "delete_custom_user_attributes", Event: "delete_custom_user_attribute", Login: "username", Serve: (*Server).userAttributeDelete},
		{Method: "DELETE", Path: "/user/<resolvername>/<username>", Access: AdminOnly, Right: "deleteuser", Event: "user_delete", Serve: (*Server).userDelete},
	}
	for _, path := range []string{"/user", "/user/"} {
		all = append(all,
			Route{Method: "POST", Path: path, Access: AdminOnly, Right: "adduser", Event: "user_add", Serve: (*Server).userAdd},
			Route{Method: "PUT", Path: path, Access: UserOrAdmin, Right: "updateuser", Event: "user_update", Serve: (*Server).userUpdate})
	}
	return all
}

func auditRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "/audit/", Access: UserOrAdmin, Right: "auditlog", Serve: (*Server).auditList},
		{Method: "GET", Path: "/audit/<csvfile>", Access: AdminOnly, Right: "auditlog_download", Serve: (*Server).auditDownload},
	}
}

func healthRoutes() []Route {
	all := []Route{
		{Path: "/healthz/", Serve: (*Server).health},
		{Path: "/healthz/startupz", Serve: (*Server).healthStarted},
		{Path: "/healthz/livez", Serve: (*Server).healthLive},
		{Path: "/healthz/readyz", Serve: (*Server).healthReady},
		{Path: "/healthz/resolversz", Serve: (*Server).healthResolvers},
		{Path: "/config", Serve: (*Server).config},
	}
	for i := range all {
		all[i].Method, all[i].Only, all[i].Quiet = "GET", PrivacyIDEA, true
	}
	return all
}
