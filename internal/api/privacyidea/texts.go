package privacyidea

import (
	"net/http"

	"symbolon/internal/api/envelope"
	"symbolon/internal/authn"
	"symbolon/internal/enroll"
	"symbolon/internal/fault"
	"symbolon/internal/manage"
)

// ProfilePrivacyIDEA is privacyIDEA 3.14. It has an entry for every fault.
func ProfilePrivacyIDEA() *Profile {
	return &Profile{
		Name: "privacyIDEA", Version: "3.14", Product: PrivacyIDEA,
		Faults:     merged(callFaults(), rightFaults(), enrolFaults(), tokenFaults(), userFaults(), policyFaults(), systemFaults()),
		Texts:      merged(reasonTexts(), promptTexts()),
		JWTHeaders: []string{"PI-Authorization", "Authorization"},
		Decoding: envelope.Decoding{FoldCase: true,
			Once: []string{"privacyidea-cp", "privacyidea-ldap-proxy", "simplesamlphp"}},
		LateDetail: true, NotFoundJSON: true, LoginID: 2, Containers: true, Bulk: true, ResyncLocked: true,
		EnrolledState: "enrolled", Creation: "creation_date",
		Rules: authn.PrivacyIDEA(), Enrol: enroll.Rules{KeepRealms: true, VerifyAsked: true},
		Manage: manage.PrivacyIDEA(),
		Audit:  auditPrivacyIDEA(),
	}
}

func merged[K comparable, V any](maps ...map[K]V) map[K]V {
	out := map[K]V{}
	for _, m := range maps {
		for k, v := range m {
			out[k] = v
		}
	}
	return out
}

// The classes of errors (rest-api.md 4.1, 4.3).

func parameter(text string) Wire { return bad(905, text) }
func admin(text string) Wire     { return bad(301, text) }
func denied(text string) Wire    { return Wire{Status: http.StatusForbidden, Code: 303, Text: text} }
func missing(text string) Wire   { return Wire{Status: http.StatusNotFound, Code: 601, Text: text} }

func bad(code int, text string) Wire {
	return Wire{Status: http.StatusBadRequest, Code: code, Text: text}
}

func unauthenticated(code int, text string) Wire {
	return Wire{Status: http.StatusUnauthorized, Code: code, Text: "Authentication failure. " + text}
}

func callFaults() map[fault.Kind]Wire {
	return map[fault.Kind]Wire{
		fault.Malformed:             parameter("Malformed request: {0}"),
		fault.ParameterMissing:      parameter("Missing parameter: {0}"),
		fault.ParameterMissingOneOf: parameter("Missing one of the following parameters: {0}"),
		fault.ParameterEmpty:        parameter("Missing parameter: {0}"),
		fault.ParameterInvalid:      parameter("Invalid value of parameter: {0}"),
		fault.NotANumber:            parameter("Parameter {0} must be an integer"),

		fault.WrongCredentials:    unauthenticated(4031, "Wrong credentials"),
		fault.UsernameMissing:     unauthenticated(4032, "Missing Username"),
		fault.LoginRealmUnknown:   unauthenticated(4031, "Unknown realm: {0}."),
		fault.HeaderMissing:       unauthenticated(4033, "Missing Authorization header."),
		fault.JWTUndecodable:      unauthenticated(4304, "Error decoding the Authorization token: {0}"),
		fault.JWTExpired:          unauthenticated(4305, "Your token has expired: Signature has expired"),
		fault.RoleMissing:         unauthenticated(4306, "You do not have the necessary role ({0}) to access this resource!"),
		fault.TimeLimitExceeded:   unauthenticated(403, "The account has exceeded the authentication time limit!"),
		fault.LoginDisabled:       denied("The login for this user is disabled."),
		fault.APIKeyMissing:       denied("No valid API key was passed."),
		fault.APIKeyWrong:         denied("A correct JWT was passed, but it was no API key."),
		fault.APIClientKeyMissing: unauthenticated(4033, "A valid API key is required."),
	}
}

func rightFaults() map[fault.Kind]Wire {
	return map[fault.Kind]Wire{
		fault.ActionNotAllowed: {Status: http.StatusForbidden, Code: 303,
			Text: "{0:title} actions are defined, but the action {1} is not allowed!", Pick: 1, Cases: map[string]string{
				"importtokens":   "Admin actions are defined, but you are not allowed to upload token files.",
				"password_reset": "User actions are defined, but this action is not allowed!",
			}},
		fault.ActionNotAllowedAny: denied("{0:title} actions are defined, but the action {1} is not allowed for any of the serials provided!"),
		fault.EnrolNotAllowed: {Status: http.StatusForbidden, Code: 303,
			Text: "{0:title} actions are defined, but you are not allowed to enroll this token type!", Cases: map[string]string{
				"user": "User actions are defined, you are not allowed to enroll this token type!",
			}},
		fault.PINAtEnrolment:       denied("Setting a PIN is not allowed due to missing 'enrollpin' right."),
		fault.PoliciesConflict:     denied("There are policies with conflicting actions: {0}"),
		fault.PassthruConflict:     denied("Contradicting passthru policies."),
		fault.SetRealmConflict:     denied("I do not know, to which realm I should set the new realm. Conflicting policies exist."),
		fault.ConditionInvalid:     denied("Invalid comparison in the {1} conditions of policy {0:repr}"),
		fault.ConditionObject:      denied("Policy {0:repr} has a condition on the section {1:repr} with key {2:repr}, but a {3} is unavailable!"),
		fault.ConditionKey:         denied("Unknown {1} key {2:repr} referenced in condition of policy {0:repr}!"),
		fault.ConditionMalformed:   denied("{0}"),
		fault.PINPolicy:            denied("{0:pin}"),
		fault.PINPolicyMalformed:   denied("A malformed policy blocks this action. Please contact your administrator."),
		fault.PINPolicySpecifier:   denied("Unknown character specifier in PIN policy."),
		fault.RandomPINPolicy:      admin("You need to specify a policy 'otp_pin_set_random' in scope {0}."),
		fault.TwoStepPolicy:        denied("Unknown 2step policy setting: {0}"),
		fault.DescriptionRequired:  denied("Description required for {0} token."),
		fault.TooManyOfUser:        denied("The number of tokens for this user is limited!"),
		fault.TooManyOfUserType:    denied("The number of tokens of type {0} for this user is limited!"),
		fault.TooManyActive:        denied("The number of active tokens for this user is limited!"),
		fault.TooManyActiveType:    denied("The number of active tokens of type {0} for this user is limited!"),
		fault.TooManyInRealm:       denied("The number of tokens in this realm is limited!"),
		fault.SerialNotAllowed:     denied("Serial is not allowed for authentication!"),
		fault.TypeNotAllowed:       denied("Tokentype not allowed for authentication!"),
		fault.InfoNotAllowed:       denied("Tokeninfo field {0} with contents does not match regular expression."),
		fault.NotAuthorized:        bad(401, "User is not authorized to authenticate under these conditions."),
		fault.ChallengesNotAllowed: denied("You are not allowed to view challenges for user {0}."),
		fault.AttributeSet:         denied("You are not allowed to set the custom user attribute {0}!"),
		fault.AttributeDelete:      denied("You are not allowed to delete the custom user attribute {0}!"),
		fault.AttributeForeign:     denied("User is not allowed to delete attributes of other users."),
	}
}

func enrolFaults() map[fault.Kind]Wire {
	return map[fault.Kind]Wire{
		fault.TypeUnknown: bad(1610, "init token failed. Unknown token type: {0}"),
		fault.TypeDiffers: admin("init token failed: Token {0} already exists with type {1}. " +
			"Can not initialize token with new type {2}"),
		fault.SeedNotHex:     parameter("The otpkey must be a hexadecimal string."),
		fault.SeedTooShort:   parameter("The otpkey is too short."),
		fault.SeedFormat:     parameter("Unknown OTP key format: {0:repr}"),
		fault.SeedBase32:     parameter("Malformed base32check data: Invalid base32"),
		fault.SeedTooShort32: parameter("Malformed base32check data: Too short"),
		fault.SeedChecksum:   parameter("Malformed base32check data: Incorrect checksum"),
		fault.SeedAndGenkey:  bad(344, "[ParameterError] You may either specify genkey or otpkey, but not both!"),
		fault.HashUnknown:    parameter("Unknown hash algorithm: {0}"),
		fault.ClientPartSize: parameter("Client Secret Size is expected to be {0}, but is {1}"),
		fault.DigitsInvalid:  parameter("The OTP length is not supported."),
		fault.ValidityStart:  admin("Could not parse validity period start date!"),
		fault.ValidityEnd:    admin("Could not parse validity period end date!"),
		fault.InfoInvalid:    parameter("Invalid value for the tokeninfo {0:repr}"),
		fault.NotNow:         parameter("{0} is only to be used in the first initialization step."),
		fault.VerifyMissing:  parameter("Token is in verify_pending state but 'verify' parameter is missing."),
		fault.VerifyWrong:    parameter("Verification of the new token failed."),
		fault.TokenForeign:   admin("This token is already assigned to another user."),
	}
}

func tokenFaults() map[fault.Kind]Wire {
	return map[fault.Kind]Wire{
		fault.SubjectMissing:     parameter("You need to specify a serial, user or credential_id."),
		fault.SubjectOrSerial:    parameter("You either need to provide user or serial"),
		fault.SerialsMissing:     parameter("Missing parameter: 'serial' or 'serials'"),
		fault.SerialTaken:        parameter("The token {0} exists already."),
		fault.SerialInvalid:      parameter(`Invalid serial number. Must comply to ^[0-9a-zA-Z\-_]+$.`),
		fault.SerialWildcard:     parameter("Invalid serial number."),
		fault.UserPercent:        parameter("Invalid user."),
		fault.SerialNotOfUser:    parameter("Given serial does not belong to given user!"),
		fault.TokenNotFound:      missing("The requested token could not be found."),
		fault.TokensNotFound:     missing("No token found for serials: {0:join}"),
		fault.TokenAmbiguous:     parameter("More than one matching token was found."),
		fault.TokenLocked:        bad(1007, "This action is not possible, since the token is locked"),
		fault.AllRevoked:         bad(1007, "This action is not possible, since the token is locked"),
		fault.TokenAssigned:      bad(1103, "Token already assigned to user {0}"),
		fault.TokenAssignedOther: bad(1103, "Token already assigned to another user."),
		fault.CopyFrom:           bad(1016, "No unique token to copy from found"),
		fault.CopyTo:             bad(1017, "No unique token to copy to found"),
		fault.NotYourToken:       admin("The user {0} does not own the token {1}"),
		fault.NoOwner:            bad(2012, "You can only define a lost token for an assigned token."),
		fault.SeveralMatch:       bad(1200, "multiple tokens are matching this OTP value!"),
		fault.SerialAndUser:      parameter("Specify either a path serial or the 'user' query parameter, not both."),
		fault.NoEndpoint:         parameter("Invalid tokentype provided. ttype: {0}"),
		fault.TransactionMissing: parameter("Missing parameter: transaction_id"),
		fault.Busy:               {Status: http.StatusServiceUnavailable, Code: 903, Text: "The server is busy. Please try again."},
		fault.GroupUnknown:       missing("The tokengroup does not exist."),
		fault.GroupNotOfToken:    missing("Tokengroup {0} does not exist."),
	}
}

func userFaults() map[fault.Kind]Wire {
	return map[fault.Kind]Wire{
		fault.UserUnknown:         bad(904, "User <{0}> does not exist."),
		fault.UserNotFound:        bad(904, "The user can not be found in any resolver in this realm!"),
		fault.UserMissing:         parameter("Missing parameter: 'user'"),
		fault.ResolverUnknown:     bad(904, "The resolver {0:repr} does not exist!"),
		fault.ResolverTypeUnknown: bad(907, "Unknown resolver type {0:repr}!"),
		fault.ResolverTypeDiffers: bad(907, "The resolver {0:repr} already exists with another type!"),
		fault.ResolverInUse:       bad(302, "The resolver {0:repr} is still contained in realm {1:repr}."),
		fault.ResolverNotEditable: bad(907, "The resolver {0:repr} is not editable!"),
		fault.ResolverFailed:      bad(907, "The resolver {0:repr} can not be reached!"),
		fault.NameInvalid:         parameter("Invalid name: {0}"),
		fault.RealmUnknown:        missing("Realm {0:repr} does not exist."),
		fault.RealmInUse:          bad(904, "Realm can not be deleted, because a user of this realm is still assigned to a token."),
		fault.AdminTaken:          parameter("The administrator {0} exists already."),
		fault.SettingsNoObject:    parameter("The settings must be a JSON object."),
		fault.SettingsTooLarge:    parameter("The settings exceed the maximum size of {0} bytes."),
		fault.SettingsOfNobody:    bad(904, "Cannot store settings for an unidentified subject (subject_type={0:repr}, username={1:repr})."),
		fault.RealmHasAttributes: bad(908, "Realm {0:repr} contains custom user attributes ({1:join}). Deleting the realm will also "+
			"delete these custom user attributes."),
		fault.NodeUnknown:        parameter("The given node does not exist!"),
		fault.NodeData:           parameter("Could not verify data in request!"),
		fault.DefinitionNotFound: missing("The requested {0} could not be found."),
	}
}

func policyFaults() map[fault.Kind]Wire {
	return map[fault.Kind]Wire{
		fault.PolicyNameReserved:   parameter("Invalid policy name: {0}"),
		fault.PolicyNameInvalid:    parameter("The name of the policy may only contain the characters a-zA-Z0-9_. -"),
		fault.PolicyNameBlank:      parameter("Policy name must not contain white spaces!"),
		fault.PolicyScopeInvalid:   parameter("Invalid scope {0:repr} in policy {1:repr}!"),
		fault.PolicyActionsUnknown: parameter("Invalid actions {0}!"),
		fault.PolicyActionValue:    parameter("Invalid value for action {0:repr}: {1}"),
		fault.PolicyUndefined: {Status: http.StatusBadRequest, Code: 905, Text: "Undefined {0}: {1}!", Cases: map[string]string{
			"nodes": "Undefined Privacyidea nodes: {1}!",
		}},
		fault.PolicyPriority:      parameter("Priority must be at least 1"),
		fault.PolicyClient:        bad(302, "Invalid client definition!"),
		fault.PolicyTime:          parameter("Invalid time format {0:repr}!"),
		fault.PolicyConditionSize: parameter("Condition of policy {0:repr} has {1} values, but should have 5 or 6."),
		fault.PolicyCondition:     parameter("Invalid condition of policy {0:repr}: ERR905: {1}"),
		fault.PolicyRegex:         parameter("Invalid regular expression {1:repr} in {0}!"),
		fault.PolicyUnknown:       parameter("Policy does not exist: {0}"),
		fault.PolicyExists:        parameter("Policy already exists: {0}"),
		fault.PolicyNotFound:      missing("The policy with name {0:repr} does not exist"),
		fault.PolicyScopeRequired: parameter("Scope is required to set action values!"),
		fault.PolicyFileEmpty:     parameter("Error loading policy. File empty!"),
		fault.PolicyFileBinary:    parameter("Unable to convert file contents. Binary data is not supported"),
		fault.RealmDropdown: {Status: http.StatusBadRequest, Code: 905,
			Text: "Invalid value for action 'realm_dropdown': The following realms do not exist: {0}!", Cases: map[string]string{
				"[]": "Invalid value for action 'realm_dropdown': No realms specified!",
				"":   "Invalid value for action 'realm_dropdown': No realms specified!",
			}},
		fault.PolicyLockout: denied("This change would take away your own right to undo it."),
	}
}

func systemFaults() map[fault.Kind]Wire {
	return map[fault.Kind]Wire{
		fault.SetDefaultUsage: bad(77, "Usage: parameters are: DefaultMaxFailCount, DefaultSyncWindow, DefaultCountWindow, "+
			"DefaultOtpLen, DefaultResetFailCount"),
		fault.KeyringReady:    bad(707, "HSM already set up."),
		fault.KeyringNotReady: bad(707, "hsm error!"),
		fault.SettingInvalid:  parameter("Invalid value for the setting {0}"),
		fault.NotSupported:    {Status: http.StatusNotImplemented, Code: -501, Text: "{0} is not supported"},
		fault.TooLarge:        {Status: http.StatusRequestEntityTooLarge, Code: 905, Text: "Too large: {0}"},
	}
}
