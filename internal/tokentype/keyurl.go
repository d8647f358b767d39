package tokentype

import (
	"context"
	"strconv"
	"strings"

	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/secret"
	"symbolon/internal/token"
	"symbolon/protocol/otp"
)

// keyURL is what the key URLs of one enrolment state.
type keyURL struct {
	holder  realm.User
	view    policy.View // scope enrollment
	seed    seed
	hash    otp.Hash
	period  int64 // 0: not stated
	digits  int
	twoStep *twoStep // set in the first of two steps
	policy  oathPolicies
}

// holderOf is the future owner of the draft, or the present one.
func holderOf(ctx context.Context, c *token.Case, d *token.Draft) (realm.User, error) {
	if d.Holder.Named() || d.New {
		return d.Holder, nil
	}
	return c.Owner(ctx, &d.Token)
}

// before is the token as it was, for conditions of policies; a new one was not.
func before(d *token.Draft) *token.Token {
	if d.New {
		return nil
	}
	return &d.Token
}

// labels fills the templates of policies with what belongs to the holder and
// the token. old fills only the older tags <u>, <r> and <s>.
func labels(ctx context.Context, c *token.Case, d *token.Draft, holder realm.User, templates ...string) (all, old *strings.Replacer, err error) {
	tags := []string{"<s>", d.Token.Serial, "<u>", holder.Login, "<r>", holder.Realm}
	old = strings.NewReplacer(tags...)
	tags = append(tags, "{serial}", d.Token.Serial, "{user}", holder.Login, "{realm}", holder.Realm)
	var info realm.Info
	if joined := strings.Join(templates, ""); holder.Known() &&
		(strings.Contains(joined, "{givenname}") || strings.Contains(joined, "{surname}")) {
		if info, _, err = c.Users.Info(ctx, holder); err != nil {
			return nil, nil, err
		}
	}
	tags = append(tags, "{givenname}", info["givenname"], "{surname}", info["surname"])
	return strings.NewReplacer(tags...), old, nil
}

// shown returns the two key URLs of an enrolment (token-types.md B.1).
func (k keyURL) shown(ctx context.Context, c *token.Case, d *token.Draft) ([]token.Shown, error) {
	if c.Rules.URLNeedsUser && d.New && !k.holder.Named() && len(d.Token.Realms) > 0 {
		return nil, nil
	}
	label, err := policy.TokenLabel.In(k.view)
	if err != nil {
		return nil, err
	}
	if label == "" {
		label = "<s>"
	}
	issuer, err := policy.TokenIssuer.In(k.view)
	if err != nil {
		return nil, err
	}
	if issuer == "" {
		issuer = c.Rules.URLIssuer
	}
	extra, err := k.extra(c)
	if err != nil {
		return nil, err
	}
	all, old, err := labels(ctx, c, d, k.holder, label, issuer)
	if err != nil {
		return nil, err
	}
	u := otp.URL{Type: d.Token.Type, Label: all.Replace(label), Key: k.seed.key.Reveal(), Counter: 1, Hash: k.hash,
		Period: k.period, Digits: k.digits, Creator: c.Rules.URLCreator, Issuer: all.Replace(issuer), Extra: extra}
	if c.Rules.URLSerial {
		u.Serial = d.Token.Serial
	}
	o := otp.OATHToken{Label: old.Replace(label), KeyHex: k.seed.hex.RevealText(), TimeBased: k.period != 0, Extra: extra}
	return []token.Shown{
		{Name: "googleurl", Title: "URL for google Authenticator", URL: secret.Text(u.OTPAuth())},
		{Name: "oathurl", Title: "URL for OATH token", URL: secret.Text(o.URL())},
	}, nil
}

// extra are the parameters behind the usual ones, in the order apps have seen.
func (k keyURL) extra(c *token.Case) (out []otp.Extra, err error) {
	if k.twoStep != nil {
		for _, v := range k.twoStep.values() {
			out = append(out, otp.Extra{Name: v.name, Value: strconv.Itoa(v.value)})
		}
	}
	image, err := policy.AppImageURL.In(k.view)
	if err != nil {
		return nil, err
	}
	if image != "" {
		out = append(out, otp.Extra{Name: "image", Value: image})
	}
	pin, err := k.policy.forceAppPIN.In(k.view)
	if err != nil {
		return nil, err
	}
	unlock, err := k.policy.appUnlock.In(k.view)
	if err != nil {
		return nil, err
	}
	if pin {
		out = append(out, otp.Extra{Name: "pin", Value: "True"})
		unlock = "pin"
	}
	if unlock != "" && c.Rules.AppUnlock {
		out = append(out, otp.Extra{Name: "app_force_unlock", Value: unlock})
	}
	return out, nil
}
