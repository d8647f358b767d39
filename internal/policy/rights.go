package policy

import "slices"

// rights are the definitions of all rights but those to enrol a type, which the
// catalogue makes.
func rights() []Definition {
	var out []Definition
	for _, r := range slices.Concat(tokenRights(), systemRights(), containerRights()) {
		out = append(out, r.Definitions()...)
	}
	return out
}

// What may be done to tokens, challenges, users and machines.
var (
	RightEnable = Right{Name: "enable", Scopes: []Scope{Admin, User}, Group: "token", Menus: []string{"tokens"},
		Doc: "May enable tokens."}
	RightDisable = Right{Name: "disable", Scopes: []Scope{Admin, User}, Group: "token", Menus: []string{"tokens"},
		Doc: "May disable tokens."}
	RightSet = Right{Name: "set", Scopes: []Scope{Admin}, Group: "token", Menus: []string{"tokens"},
		Doc: "May set properties of tokens: windows, limits, validity. The description needs setdescription, too."}
	RightSetDescription = Right{Name: "setdescription", Scopes: []Scope{Admin, User}, Group: "token", Menus: []string{"tokens"},
		Doc: "May change the description of tokens."}
	RightSetPIN = Right{Name: "setpin", Scopes: []Scope{Admin, User}, Group: "token", Menus: []string{"tokens"}, User: &Shelf{Group: "pin", Menus: []string{"tokens"}},
		Doc: "May set the PIN of tokens."}
	RightSetRandomPIN = Right{Name: "setrandompin", Scopes: []Scope{Admin, User}, Group: "token", Menus: []string{"tokens"}, User: &Shelf{Group: "pin", Menus: []string{"tokens"}},
		Doc: "May have a random PIN set; its length is otp_pin_set_random."}
	RightSetTokenInfo = Right{Name: "settokeninfo", Scopes: []Scope{Admin}, Group: "token", Menus: []string{"tokens"},
		Doc: "May write and delete entries of the additional information of tokens."}
	RightEnrollPIN = Right{Name: "enrollpin", Scopes: []Scope{Admin, User}, Group: "enrollment", Menus: []string{"tokens"}, User: &Shelf{Group: "pin"},
		Doc: "May choose the PIN when enrolling."}
	RightResync = Right{Name: "resync", Scopes: []Scope{Admin, User}, Group: "token", Menus: []string{"tokens"},
		Doc: "May resynchronise tokens."}
	RightReset = Right{Name: "reset", Scopes: []Scope{Admin, User}, Group: "token", Menus: []string{"tokens"},
		Doc: "May reset the fail counter of tokens."}
	RightRevoke = Right{Name: "revoke", Scopes: []Scope{Admin, User}, Group: "token", Menus: []string{"tokens"},
		Doc: "May revoke tokens."}
	RightAssign = Right{Name: "assign", Scopes: []Scope{Admin, User}, Group: "token", Menus: []string{"tokens", "users"}, User: &Shelf{Group: "token", Menus: []string{"tokens"}},
		Doc: "May assign tokens to users."}
	RightUnassign = Right{Name: "unassign", Scopes: []Scope{Admin, User}, Group: "token", Menus: []string{"tokens"},
		Doc: "May take tokens from their users."}
	RightImportTokens = Right{Name: "importtokens", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"tokens"},
		Doc: "May import files of tokens."}
	RightDelete = Right{Name: "delete", Scopes: []Scope{Admin, User}, Group: "token", Menus: []string{"tokens"},
		Doc: "May delete tokens."}
	RightTokenRealms = Right{Name: "tokenrealms", Scopes: []Scope{Admin}, Group: "token", Menus: []string{"tokens"},
		Doc: "May set the realms of tokens."}
	RightTokenList = Right{Name: "tokenlist", Scopes: []Scope{Admin}, Group: "token", Menus: []string{"tokens"},
		Doc: "May see the tokens of these realms."}
	RightTokenGroups = Right{Name: "tokengroups", Scopes: []Scope{Admin}, Group: "token",
		Doc: "May put tokens into groups."}
	RightGetSerial = Right{Name: "getserial", Scopes: []Scope{Admin}, Group: "tools", Menus: []string{"tokens"},
		Doc: "May find a token by a code it made."}
	RightGetRandom = Right{Name: "getrandom", Scopes: []Scope{Admin}, Group: "tools",
		Doc: "May fetch random bytes."}
	RightCopyTokenPIN = Right{Name: "copytokenpin", Scopes: []Scope{Admin}, Group: "tools",
		Doc: "May copy the PIN of one token to another."}
	RightCopyTokenUser = Right{Name: "copytokenuser", Scopes: []Scope{Admin}, Group: "tools",
		Doc: "May copy the owner of one token to another."}
	RightLostToken = Right{Name: "losttoken", Scopes: []Scope{Admin}, Group: "tools", Menus: []string{"tokens"},
		Doc: "May replace a lost token."}
	RightGetChallenges = Right{Name: "getchallenges", Scopes: []Scope{Admin}, Group: "general", Menus: []string{"tokens"},
		Doc: "May list challenges."}
	RightCancelChallenge = Right{Name: "cancelchallenge", Scopes: []Scope{Admin}, Group: "general", Menus: []string{"tokens"}, Only: PrivacyIDEA,
		Doc: "May cancel the challenges of a login."}
	RightTriggerChallenge = Right{Name: "triggerchallenge", Scopes: []Scope{Admin}, Group: "general", Menus: []string{},
		Doc: "May trigger challenges for users."}
	RightFetchAuthenticationItems = Right{Name: "fetch_authentication_items", Scopes: []Scope{Admin}, Group: "general",
		Doc: "May fetch what machines need for authentication."}
	RightUserList = Right{Name: "userlist", Scopes: []Scope{Admin, User}, Group: "general", Menus: []string{"users"}, User: &Shelf{Menus: []string{"users"}},
		Doc: "May list users; a user, his own record."}
	RightUserInternalAttributes = Right{Name: "get_user_internal_attributes", Scopes: []Scope{Admin}, Group: "user", Menus: []string{"users"}, Only: PrivacyIDEA,
		Doc: "May read what the server keeps with users."}
	RightAddUser = Right{Name: "adduser", Scopes: []Scope{Admin}, Group: "user", Menus: []string{"users"},
		Doc: "May add users to an editable resolver."}
	RightUpdateUser = Right{Name: "updateuser", Scopes: []Scope{Admin, User}, Group: "user", Menus: []string{"users"}, User: &Shelf{Menus: []string{"users"}},
		Doc: "May change users in an editable resolver."}
	RightDeleteUser = Right{Name: "deleteuser", Scopes: []Scope{Admin}, Group: "user", Menus: []string{"users"},
		Doc: "May delete users from an editable resolver."}
	RightPasswordReset = Right{Name: "password_reset", Scopes: []Scope{User}, Menus: []string{},
		Doc: "May have a new password set by mail."}
	RightMachineList = Right{Name: "machinelist", Scopes: []Scope{Admin}, Group: "machine", Menus: []string{"machines"},
		Doc: "May list machines."}
	RightMachineTokens = Right{Name: "manage_machine_tokens", Scopes: []Scope{Admin}, Group: "machine", Menus: []string{"tokens", "machines"},
		Doc: "May attach tokens to machines."}
)

func tokenRights() []Right {
	return []Right{
		RightEnable, RightDisable, RightSet, RightSetDescription, RightSetPIN,
		RightSetRandomPIN, RightSetTokenInfo, RightEnrollPIN, RightResync, RightReset,
		RightRevoke, RightAssign, RightUnassign, RightImportTokens, RightDelete,
		RightTokenRealms, RightTokenList, RightTokenGroups, RightGetSerial, RightGetRandom,
		RightCopyTokenPIN, RightCopyTokenUser, RightLostToken, RightGetChallenges, RightCancelChallenge,
		RightTriggerChallenge, RightFetchAuthenticationItems, RightUserList, RightUserInternalAttributes, RightAddUser,
		RightUpdateUser, RightDeleteUser, RightPasswordReset, RightMachineList, RightMachineTokens,
	}
}
