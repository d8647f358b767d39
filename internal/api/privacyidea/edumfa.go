package privacyidea

import (
	"symbolon/internal/api/envelope"
	"symbolon/internal/authn"
	"symbolon/internal/enroll"
	"symbolon/internal/fault"
	"symbolon/internal/manage"
)

// ProfileEduMFA is eduMFA 2.10: privacyIDEA's profile but for what stands here.
func ProfileEduMFA() *Profile {
	p := ProfilePrivacyIDEA().with(eduMFATexts(), eduMFAFaults())
	p.Name, p.Version, p.Product = "eduMFA", "2.10.0", EduMFA
	p.JWTHeaders = []string{"Authorization"}
	p.Decoding = envelope.Decoding{OnceUnreadable: true,
		Once: []string{"eduMFA-LDAP-Proxy", "simpleSAMLphp", "eduMFA-cp"}}
	p.EmptyIsGiven, p.KeepUserID, p.SignatureLast = true, true, true
	p.LateDetail, p.NotFoundJSON, p.LoginID = false, false, 1
	p.Containers, p.Bulk, p.ResyncLocked, p.EnrolledState, p.Creation = false, false, false, "", "created_at"
	p.Rules, p.Enrol = authn.EduMFA(), enroll.Rules{DropPIN: true, Proved: "enrolled", ProveAgain: true}
	p.Manage = manage.EduMFA()
	p.Audit = auditEduMFA()
	return &p
}

func eduMFATexts() map[string]string {
	return map[string]string{
		"too-many-failures":    "Only {0} failed authentications per {1:span}",
		"too-many-successes":   "Only {0} successful authentications per {1:span}",
		"last-use-too-old":     "The last successful authentication was {0}. It is to long ago.",
		"enrol.scan-and-enter": "Please scan the QR code!",
	}
}

// eduMFAFaults keep status and code of the original where they give none.
func eduMFAFaults() map[fault.Kind]Wire {
	return map[fault.Kind]Wire{
		fault.ParameterMissing:    {Text: "Missing parameter: {0:repr}"},
		fault.ParameterEmpty:      {Text: "Parameter {0:repr} must not be empty"},
		fault.TransactionMissing:  {Text: "Missing parameter: 'transaction_id'"},
		fault.JWTUndecodable:      {Text: "Authentication failure. Error during decoding your token: {0}"},
		fault.SubjectMissing:      {Text: "You need to specify a serial or a user."},
		fault.SerialsMissing:      {Text: "You either need to provide user or serial"},
		fault.TokensNotFound:      {Text: "The requested token could not be found."},
		fault.GroupNotOfToken:     {Text: "The tokengroup does not exist."},
		fault.TypeUnknown:         {Text: "init token failed: unknown token type {0:repr}"},
		fault.TypeDiffers:         {Text: "initToken failed: token {0:repr} already exist with type {1:repr}. Can not initialize token with new type {2:repr}"},
		fault.PolicyNameReserved:  {Text: "{0:repr} is an invalid policy name."},
		fault.PolicyConditionSize: {Text: "Conditions must be 5-tuples: {2}"},
		fault.PolicyCondition:     {Text: "Conditions must be 5-tuples of four strings and one boolean: {2}"},
		fault.PolicyUndefined: {Text: "Undefined {0}: {1}!", Cases: map[string]string{
			"nodes": "Undefined Edumfa nodes: {1}!",
		}},
		fault.ConditionMalformed: {Text: "Policy {1:repr} has condition with unknown section"},
		fault.ConditionObject: {Text: "Policy {0:repr} has condition on {1}, but an according object is not available", Pick: 1,
			Cases: map[string]string{
				"token":               "Policy {0:repr} has conditions on tokens, but a token object is not available",
				"HTTP Request header": "Policy {0:repr} has conditions on headers {2:repr}, but HTTP headers are not available",
				"HTTP header":         "Policy {0:repr} has conditions on headers {2:repr}, but HTTP headers are not available",
				"HTTP Environment":    "Policy {0:repr} has conditions on environment {2:repr}, but HTTP environment are not available",
				"HTTP environment":    "Policy {0:repr} has conditions on environment {2:repr}, but HTTP environment are not available",
			}},
		fault.ConditionKey: {Text: "Unknown key in the {1} conditions of policy {0:repr}", Pick: 1, Cases: map[string]string{
			"HTTP Request header": "Unknown HTTP header key referenced in condition of policy {0:repr}: {2:repr}",
			"HTTP header":         "Unknown HTTP header key referenced in condition of policy {0:repr}: {2:repr}",
			"HTTP Environment":    "Unknown HTTP environment key referenced in condition of policy {0:repr}: {2:repr}",
			"HTTP environment":    "Unknown HTTP environment key referenced in condition of policy {0:repr}: {2:repr}",
		}},
	}
}
