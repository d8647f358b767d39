package tokentype

import (
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/token"
)

// byActor is an action that is set apart for administrators and for users.
type byActor[A any] struct{ admin, user A }

// of returns the one for whoever calls; ok is false for callers that are
// neither, whom none of the two concerns.
func (b byActor[A]) of(c *token.Case) (a A, ok bool) {
	switch c.Origin.Actor.Role {
	case realm.Admin:
		return b.admin, true
	case realm.Owner:
		return b.user, true
	}
	return a, false
}

func actorText(m policy.Meta) byActor[policy.Text] {
	return byActor[policy.Text]{policy.Text{Meta: in(policy.Admin, m)}, policy.Text{Meta: in(policy.User, m)}}
}

func actorInt(m policy.Meta) byActor[policy.Int] {
	return byActor[policy.Int]{policy.Int{Meta: in(policy.Admin, m)}, policy.Int{Meta: in(policy.User, m)}}
}

func actorBool(m policy.Meta) byActor[policy.Bool] {
	return byActor[policy.Bool]{policy.Bool{Meta: in(policy.Admin, m)}, policy.Bool{Meta: in(policy.User, m)}}
}

func in(s policy.Scope, m policy.Meta) policy.Meta {
	m.Scope = s
	return m
}

// oathPolicies are the actions of one type that makes codes of a key. Their
// names begin with the type's.
type oathPolicies struct {
	hashlib       byActor[policy.Text] // hotp_hashlib, totp_hashlib: the hash, whatever is asked for
	otplen        byActor[policy.Int]  // hotp_otplen, totp_otplen
	twoStep       byActor[policy.Text] // hotp_2step, totp_2step: allow or force
	forceGenerate byActor[policy.Bool] // hotp_force_server_generate, totp_…: a sent key is not taken

	clientSize, serverSize, difficulty policy.Int  // hotp_2step_clientsize, _serversize, _difficulty, totp_…
	forceAppPIN                        policy.Bool // hotp_force_app_pin, totp_…
	appUnlock                          policy.Text // hotp_app_force_unlock, totp_…
}

func oathPoliciesOf(id, title string) oathPolicies {
	meta := func(name, doc string, values ...string) policy.Meta {
		return policy.Meta{Scope: policy.Enrollment, Name: id + name, Doc: doc, Values: values}
	}
	unlock := meta("_app_force_unlock", "How the app must be unlocked before it shows a code.", "any", "biometric", "pin")
	unlock.Only = "privacyidea"
	generate := actorBool(meta("_force_server_generate", "The server makes the keys of "+title+" tokens; one that is sent is not taken."))
	generate.admin.Only = "privacyidea"
	return oathPolicies{
		hashlib:       actorText(meta("_hashlib", "The hash of new "+title+" tokens, whatever is asked for.", "sha1", "sha256", "sha512")),
		otplen:        actorInt(meta("_otplen", "The number of digits of new "+title+" tokens, whatever is asked for.", "6", "8")),
		twoStep:       actorText(meta("_2step", "Whether "+title+" keys may or must be made of a part of the server and one of the phone.", "allow", "force")),
		forceGenerate: generate,
		clientSize:    policy.Int{Meta: meta("_2step_clientsize", "Bytes of the phone's part of the key (8).")},
		serverSize:    policy.Int{Meta: meta("_2step_serversize", "Bytes of the server's part of the key (as long as a key).")},
		difficulty:    policy.Int{Meta: meta("_2step_difficulty", "Rounds of the derivation of the key (10000).")},
		forceAppPIN:   policy.Bool{Meta: meta("_force_app_pin", "The app asks for its PIN before it shows a code.")},
		appUnlock:     policy.Text{Meta: unlock},
	}
}

func (o oathPolicies) defined() []policy.Defined {
	return []policy.Defined{o.hashlib.admin, o.hashlib.user, o.otplen.admin, o.otplen.user, o.twoStep.admin, o.twoStep.user,
		o.forceGenerate.admin, o.forceGenerate.user, o.clientSize, o.serverSize, o.difficulty, o.forceAppPIN, o.appUnlock}
}
