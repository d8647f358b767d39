package policy

import "strconv"

// The actions below are in scope admin for administrators and in scope user for
// users, so they are made for one of the two.

// OTPPINMinLength is the least length of a PIN that is set, in characters.
func OTPPINMinLength(scope Scope) Int {
	return Int{Meta: Meta{Scope: scope, Name: "otp_pin_minlength", Group: "pin", Values: upTo(0, 31),
		Doc: "A PIN must have so many characters."}}
}

// OTPPINMaxLength is the greatest length of a PIN that is set, in characters.
func OTPPINMaxLength(scope Scope) Int {
	return Int{Meta: Meta{Scope: scope, Name: "otp_pin_maxlength", Group: "pin", Values: upTo(0, 31),
		Doc: "A PIN may have so many characters."}}
}

// OTPPINContents is the rule for the characters of PINs; see ParsePINContents.
func OTPPINContents(scope Scope) Text {
	return Text{Meta: Meta{Scope: scope, Name: "otp_pin_contents", Group: "pin",
		Doc: "Characters of a PIN: c letters, n digits, s special ones; +cn one of them, -s without them, or [abc] exactly these."}}
}

// OTPPINSetRandom is the length of the PIN that setrandompin sets.
func OTPPINSetRandom(scope Scope) Int {
	return Int{Meta: Meta{Scope: scope, Name: "otp_pin_set_random", Group: "pin", Values: upTo(1, 31),
		Doc: "A random PIN has this length."}}
}

// OfType returns the same action for one token type: its name begins with the
// type. Rules for PINs ask it first.
func (a Int) OfType(id string) Int {
	a.Name = id + "_" + a.Name
	return a
}

// OfType returns the same action for one token type.
func (a Text) OfType(id string) Text {
	a.Name = id + "_" + a.Name
	return a
}

// AuditLogAge limits how old the records of the audit log are that are shown.
func AuditLogAge(scope Scope) Span {
	return Span{Meta{Scope: scope, Name: "auditlog_age", Group: onlyAdmin(scope, "system"), Menus: []string{"audit"},
		Doc: "Only records are shown that are younger, such as 10d."}}
}

// HideAuditColumns are columns of the audit log that are not shown.
func HideAuditColumns(scope Scope) Words {
	return Words{Meta: Meta{Scope: scope, Name: "hide_audit_columns", Group: "system", Menus: []string{"audit"},
		Doc: "Columns of the audit log that are not shown."}}
}

// SetUserAttributes are lists by key of attributes and the values they may get;
// see ParseKeyLists. Each policy gives one.
func SetUserAttributes(scope Scope) Words {
	return Words{Whole: true, Meta: Meta{Scope: scope, Name: "set_custom_user_attributes", Group: "user",
		Menus: []string{}, Doc: "Attributes of users that may be set, and to what: :key: v1 v2 :key2: *"}}
}

// DeleteUserAttributes are the attributes of users that may be deleted; * is all.
func DeleteUserAttributes(scope Scope) Words {
	return Words{Meta: Meta{Scope: scope, Name: "delete_custom_user_attributes", Group: "user", Menus: []string{},
		Doc: "Attributes of users that may be deleted; * is all."}}
}

// HideTokeninfo are entries of the information of tokens that lists do not show.
func HideTokeninfo(scope Scope) Words {
	return Words{Meta: Meta{Scope: scope, Name: "hide_tokeninfo", Group: "token",
		Doc: "Entries of the information of tokens that are not shown."}}
}

// HideContainerInfo are entries of the information of containers that lists do not show.
func HideContainerInfo(scope Scope) Words {
	return Words{Meta: Meta{Scope: scope, Name: "hide_container_info", Group: "container", Only: PrivacyIDEA,
		Doc: "Entries of the information of containers that are not shown."}}
}

func onlyAdmin(scope Scope, group string) string {
	if scope == Admin {
		return group
	}
	return ""
}

func both() []Definition {
	var out []Definition
	for _, s := range []Scope{Admin, User} {
		out = append(out, definitions(OTPPINMinLength(s), OTPPINMaxLength(s), OTPPINContents(s), OTPPINSetRandom(s),
			AuditLogAge(s), HideAuditColumns(s), SetUserAttributes(s), DeleteUserAttributes(s), HideTokeninfo(s),
			HideContainerInfo(s))...)
	}
	return out
}

// typePINs are the rules for the PINs of one token type.
func typePINs(id string) []Definition {
	var out []Definition
	for _, s := range []Scope{Admin, User} {
		out = append(out, definitions(OTPPINMinLength(s).OfType(id), OTPPINMaxLength(s).OfType(id),
			OTPPINContents(s).OfType(id))...)
	}
	return out
}

// upTo lists numbers as the values that a user interface offers.
func upTo(from, to int) []string {
	var out []string
	for n := from; n <= to; n++ {
		out = append(out, strconv.Itoa(n))
	}
	return out
}
