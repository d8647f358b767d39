package policy

import "slices"

// laterType is a token type that is known, but not built.
type laterType struct {
	TypeActions
	only      string
	unlimited bool // no limits per user exist for it
}

// laterTypes are the types whose actions administrators may have written into
// policies, and see in the editor, before the type itself exists here. A type
// that is built brings its actions itself, and its rows here go.
func laterTypes() []laterType {
	return []laterType{
		{TypeActions: TypeActions{ID: "4eyes", EnrolAdmin: true}},
		{TypeActions: TypeActions{ID: "applspec", EnrolAdmin: true, EnrolUser: true}},
		{TypeActions: TypeActions{ID: "certificate", EnrolAdmin: true, EnrolUser: true}},
		{TypeActions: TypeActions{ID: "daplug", EnrolAdmin: true}},
		{TypeActions: TypeActions{ID: "daypassword", EnrolAdmin: true, EnrolUser: true}},
		{TypeActions: TypeActions{ID: "deprecated", EnrolAdmin: true}, only: PrivacyIDEA, unlimited: true},
		{TypeActions: TypeActions{ID: "edupush", EnrolAdmin: true, EnrolUser: true}, only: EduMFA},
		{TypeActions: TypeActions{ID: "email", EnrolAdmin: true, EnrolUser: true}},
		{TypeActions: TypeActions{ID: "indexedsecret", EnrolAdmin: true, EnrolUser: true}},
		{TypeActions: TypeActions{ID: "motp", EnrolAdmin: true, EnrolUser: true}},
		{TypeActions: TypeActions{ID: "ocra", EnrolAdmin: true}},
		{TypeActions: TypeActions{ID: "paper", EnrolAdmin: true, EnrolUser: true}},
		{TypeActions: TypeActions{ID: "passkey", EnrolAdmin: true, EnrolUser: true}, only: PrivacyIDEA},
		{TypeActions: TypeActions{ID: "push", EnrolAdmin: true, EnrolUser: true}},
		{TypeActions: TypeActions{ID: "pw", EnrolAdmin: true}},
		{TypeActions: TypeActions{ID: "question", EnrolAdmin: true, EnrolUser: true}},
		{TypeActions: TypeActions{ID: "radius", EnrolAdmin: true, EnrolUser: true}},
		{TypeActions: TypeActions{ID: "registration", EnrolAdmin: true}},
		{TypeActions: TypeActions{ID: "remote", EnrolAdmin: true}},
		{TypeActions: TypeActions{ID: "sms", EnrolAdmin: true, EnrolUser: true}},
		{TypeActions: TypeActions{ID: "sshkey", EnrolAdmin: true, EnrolUser: true}},
		{TypeActions: TypeActions{ID: "tan", EnrolAdmin: true, EnrolUser: true}},
		{TypeActions: TypeActions{ID: "tiqr", EnrolAdmin: true, EnrolUser: true}},
		{TypeActions: TypeActions{ID: "u2f", EnrolAdmin: true, EnrolUser: true}, only: EduMFA},
		{TypeActions: TypeActions{ID: "vasco", EnrolAdmin: true}},
		{TypeActions: TypeActions{ID: "webauthn", EnrolAdmin: true, EnrolUser: true}},
		{TypeActions: TypeActions{ID: "yubico", EnrolAdmin: true, EnrolUser: true}},
		{TypeActions: TypeActions{ID: "yubikey", EnrolAdmin: true, EnrolUser: true}},
	}
}

// laterAction is an action of such a type.
type laterAction struct {
	of       string // the type's ID
	scopes   []Scope
	kind     string
	name     string
	doc      string
	group    string
	only     string
	values   []string
	from     Source
	shown    string
	multiple bool
	required bool
}

// laterDefinitions returns the actions of one type.
func laterDefinitions(id string) []Definition {
	var out []Definition
	for _, a := range laterActions() {
		if a.of != id {
			continue
		}
		m := Meta{Name: a.name, Doc: a.doc, Group: a.group, Values: a.values, From: a.from, Multiple: a.multiple,
			Shown: a.shown, Required: a.required, Only: a.only}
		syntax := FreeForm
		if a.kind == "int" {
			syntax = NumberForm
		}
		for _, m.Scope = range a.scopes {
			out = append(out, m.define(a.kind, syntax))
		}
	}
	return out
}

func laterActions() []laterAction {
	own, enrol, login := []Scope{Admin, User}, []Scope{Enrollment}, []Scope{Authentication}
	pages := []Scope{WebUI}
	rows := []laterAction{
		{of: "applspec", scopes: own, kind: "bool", name: "applspec_force_server_generate", only: PrivacyIDEA,
			doc: "The server makes the password; one that is sent is refused."},
		{of: "certificate", scopes: own, kind: "str", name: "certificate_trusted_Attestation_CA_path", group: "token",
			doc: "The folder with the CAs whose attestation is trusted."},
		{of: "certificate", scopes: enrol, kind: "str", name: "certificate_require_attestation", group: "token", values: []string{"ignore", "verify", "require_and_verify"},
			doc: "Whether the key of a certificate must be attested."},
		{of: "certificate", scopes: enrol, kind: "str", name: "certificate_ca_connector", group: "token", from: FromCAConnectors,
			doc: "The CA connector that signs."},
		{of: "certificate", scopes: enrol, kind: "str", name: "certificate_template", group: "token",
			doc: "The template of the certificate."},
		{of: "certificate", scopes: enrol, kind: "str", name: "certificate_request_subject_component", group: "token", values: []string{"email", "realm"},
			doc: "What the subject of the certificate contains: email, realm."},
		{of: "daypassword", scopes: own, kind: "str", name: "daypassword_timestep",
			doc: "How long a password is valid, such as 24h."},
		{of: "daypassword", scopes: own, kind: "str", name: "daypassword_hashlib", values: []string{"sha1", "sha256", "sha512"},
			doc: "The hash function."},
		{of: "daypassword", scopes: own, kind: "int", name: "daypassword_otplen", values: []string{"6", "8"},
			doc: "The number of digits."},
		{of: "daypassword", scopes: own, kind: "bool", name: "daypassword_force_server_generate",
			doc: "The server makes the seed; one that is sent is refused."},
		{of: "daypassword", scopes: enrol, kind: "bool", name: "daypassword_force_app_pin",
			doc: "The app must ask for its own PIN."},
		{of: "daypassword", scopes: enrol, kind: "str", name: "daypassword_app_force_unlock", only: PrivacyIDEA, values: []string{"any", "biometric", "pin"},
			doc: "How the app must be unlocked."},
		{of: "email", scopes: enrol, kind: "str", name: "email_validation", only: PrivacyIDEA,
			doc: "The built-in check of the address."},
		{of: "email", scopes: login, kind: "str", name: "emailtext",
			doc: "The mail; tags such as <otp>."},
		{of: "email", scopes: login, kind: "str", name: "emailsubject",
			doc: "The subject of the mail."},
		{of: "email", scopes: login, kind: "bool", name: "emailautosend",
			doc: "The next code is sent after each login."},
		{of: "email", scopes: login, kind: "str", name: "email_challenge_text",
			doc: "The prompt of the challenge."},
		{of: "indexedsecret", scopes: own, kind: "str", name: "indexedsecret_force_attribute", group: "enrollment",
			doc: "The attribute of the user that is the secret."},
		{of: "indexedsecret", scopes: login, kind: "str", name: "indexedsecret_challenge_text", group: "Indexed Secret Token",
			doc: "The prompt; {0} stands for the positions."},
		{of: "indexedsecret", scopes: login, kind: "int", name: "indexedsecret_count", group: "Indexed Secret Token",
			doc: "So many positions are asked."},
		{of: "indexedsecret", scopes: pages, kind: "str", name: "indexedsecret_preset_attribute", group: "token",
			doc: "The attribute that the enrolment page begins with."},
		{of: "motp", scopes: own, kind: "bool", name: "motp_force_server_generate", only: PrivacyIDEA,
			doc: "The server makes the secret; one that is sent is refused."},
		{of: "paper", scopes: enrol, kind: "int", name: "papertoken_count",
			doc: "So many codes are printed."},
	}
	return slices.Concat(rows, laterCodes(), laterPhones(), laterKeys())
}

// laterCodes are the actions of types whose codes are given out or answered.
func laterCodes() []laterAction {
	own, enrol, login := []Scope{Admin, User}, []Scope{Enrollment}, []Scope{Authentication}
	return []laterAction{
		{of: "pw", scopes: enrol, kind: "int", name: "pw.length", group: "token", values: upTo(1, 31),
			doc: "The length of a generated password."},
		{of: "pw", scopes: enrol, kind: "str", name: "pw.contents", group: "token",
			doc: "The characters of a generated password, as in otp_pin_contents."},
		{of: "question", scopes: login, kind: "int", name: "question_number", group: "token", values: upTo(1, 30),
			doc: "So many questions have to be answered."},
		{of: "registration", scopes: enrol, kind: "int", name: "registration.length", group: "token", values: upTo(1, 31),
			doc: "The length of the code."},
		{of: "registration", scopes: enrol, kind: "str", name: "registration.contents", group: "token",
			doc: "The characters of the code, as in otp_pin_contents."},
		{of: "sms", scopes: own, kind: "str", name: "sms_gateways", from: FromSMSGateways,
			doc: "The gateways that may be chosen when enrolling."},
		{of: "sms", scopes: login, kind: "str", name: "smstext",
			doc: "The message; tags such as <otp>."},
		{of: "sms", scopes: login, kind: "bool", name: "smsautosend",
			doc: "The next code is sent after each login."},
		{of: "sms", scopes: login, kind: "str", name: "sms_challenge_text",
			doc: "The prompt of the challenge."},
		{of: "sms", scopes: login, kind: "str", name: "smspostchecktext", only: EduMFA,
			doc: "The text for the gateway after a login."},
		{of: "tan", scopes: enrol, kind: "int", name: "tantoken_count",
			doc: "So many TANs are made."},
		{of: "yubikey", scopes: enrol, kind: "str", name: "yubikey_access_code",
			doc: "The access code that the enrolment tool sets."},
	}
}
