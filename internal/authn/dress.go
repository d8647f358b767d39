package authn

import (
	"context"
	"slices"
	"strings"

	"symbolon/internal/policy"
	"symbolon/internal/token"
)

// defaultModes is the order of client modes where no policy gives one.
const defaultModes = "interactive webauthn poll u2f"

// dress finds out how policies want the answer to look. It changes no outcome.
func (l *attempt) dress(ctx context.Context) (bool, error) {
	view, err := l.view(ctx, nil)
	if err != nil {
		return true, err
	}
	l.a.Who = l.who
	for _, d := range []func(context.Context, policy.View) error{l.details, l.withoutDetail, l.modes, l.frame} {
		if err := d(ctx, view); err != nil {
			return true, err
		}
	}
	return false, nil
}

// details shows who the user is, after a success of one who was named: the owner
// of a token that was named by its serial is not told.
func (l *attempt) details(ctx context.Context, view policy.View) error {
	if l.a.Outcome != Accept || !l.who.Known() || !l.q.User.Named() {
		return nil
	}
	show, err := policy.AddUserInResponse.Find(view)
	if err != nil {
		return err
	}
	if show.Set {
		l.c.Used(show.Policies...)
		if l.a.User, _, err = l.c.Users.Info(ctx, l.who); err != nil {
			return err
		}
	}
	where, err := policy.AddResolverInResponse.Find(view)
	if where.Set {
		l.c.Used(where.Policies...)
	}
	l.a.ShowResolver = where.Set
	return err
}

// withoutDetail drops the detail. An offered challenge keeps it: nobody could
// answer otherwise.
func (l *attempt) withoutDetail(_ context.Context, view policy.View) error {
	which := policy.NoDetailOnFail
	switch l.a.Outcome {
	case Accept:
		which = policy.NoDetailOnSuccess
	case Challenge:
		return nil
	}
	f, err := which.Find(view)
	if err != nil {
		return err
	}
	if l.a.NoDetail = f.Set; f.Set {
		l.c.Used(f.Policies...)
	}
	if l.a.Outcome == Reject && l.e.Rules.Hiding {
		l.a.HideReason, err = policy.HideSpecificErrorMessage.In(view)
	}
	return err
}

// modes picks the mode that the client should offer first.
func (l *attempt) modes(_ context.Context, view policy.View) error {
	if len(l.d.opened) == 0 {
		return nil
	}
	f, err := policy.PreferredClientMode.Find(view)
	if err != nil {
		return err
	}
	order := strings.Fields(defaultModes)
	if f.Set && strings.TrimSpace(f.Value) != "" {
		order = strings.Fields(f.Value)
	}
	l.a.PreferredMode = token.Interactive
	for _, m := range order {
		if slices.ContainsFunc(l.d.opened, func(o opened) bool { return string(o.opening.Mode) == m }) {
			l.a.PreferredMode = token.Mode(m)
			break
		}
	}
	return nil
}

// frame puts a header and a footer around the texts of challenges. A footer
// needs a header.
func (l *attempt) frame(ctx context.Context, view policy.View) error {
	if len(l.d.opened) == 0 {
		return nil
	}
	header, err := policy.ChallengeTextHeader.Find(view)
	if err != nil || !header.Set {
		return err
	}
	footer, err := policy.ChallengeTextFooter.Find(view)
	if err != nil {
		return err
	}
	last := l.d.opened[len(l.d.opened)-1].token
	for _, x := range []struct {
		text string
		to   **string
	}{{header.Value, &l.a.Header}, {footer.Value, &l.a.Footer}} {
		text := x.text
		if l.e.Rules.ChallengeTags {
			if text, err = l.tags(ctx, last, strings.ReplaceAll(text, `\,`, ",")); err != nil {
				return err
			}
		}
		*x.to = &text
	}
	return nil
}

// tags replaces the tags of a challenge text; unknown ones become empty
// (token-engine.md 3.6).
func (l *attempt) tags(ctx context.Context, t *token.Token, text string) (string, error) {
	if !strings.Contains(text, "{") {
		return text, nil
	}
	who := l.who
	if !who.Named() {
		var err error
		if who, err = l.c.Owner(ctx, t); err != nil {
			return "", err
		}
	}
	info, _, err := l.c.Users.Info(ctx, who)
	if err != nil {
		return "", err
	}
	phone, email := t.Info["phone"].Text, t.Info["email"].Text
	now := l.c.Now.Local()
	values := map[string]string{"serial": t.Serial, "user": info["givenname"], "givenname": info["givenname"],
		"surname": info["surname"], "username": who.Login, "userrealm": who.Realm, "tokentype": t.Type,
		"time": now.Format("15:04:05"), "date": now.Format("2006-01-02"), "client_ip": l.c.Origin.Client,
		"phone": phone, "phone_redacted": redactPhone(phone), "email": email, "email_redacted": redactMail(email)}
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "{")
		b.WriteString(before)
		if !ok {
			return b.String(), nil
		}
		name, after, ok := strings.Cut(rest, "}")
		if !ok {
			b.WriteString("{" + rest)
			return b.String(), nil
		}
		b.WriteString(values[name])
		text = after
	}
}

func redactPhone(s string) string {
	if len(s) < 2 {
		return ""
	}
	return "****-******" + s[len(s)-2:]
}

func redactMail(s string) string {
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return ""
	}
	return s[:min(2, at)] + "********" + s[at:]
}
