package authn

import (
	"context"
	"strings"
	"time"

	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/token"
)

// restrictType forgets the type a request asks for, unless a policy lets
// requests restrict it.
func (l *attempt) restrictType(ctx context.Context) (bool, error) {
	if l.q.Type == "" || !l.e.Rules.TypeByPolicy {
		return false, nil
	}
	ok, err := policy.ApplicationTokentype.In(l.c.Policies(ctx, token.About{User: &l.who}))
	if !ok {
		l.q.Type = ""
	}
	return false, err
}

// moveRealm lets policies replace the realm and parts of the request: set_realm
// before the look-up, then setrealm, then mangle (policies.md 6.3).
func (l *attempt) moveRealm(ctx context.Context) (bool, error) {
	moved := false
	if l.e.Rules.RealmByPolicy && l.who.Named() {
		to, err := policy.SetRealm.Find(l.c.Policies(ctx, token.About{User: &l.who}))
		if err != nil {
			return true, err
		}
		if moved = to.Set && l.knownRealm(to.Value); moved {
			if err := l.look(ctx, l.who.Login, to.Value); err != nil {
				return true, err
			}
		}
	}
	if !moved && l.who.Named() {
		words, err := policy.SetRealmLate.Find(l.c.Policies(ctx, token.About{User: &l.who}))
		switch {
		case err != nil:
			return true, err
		case len(words) > 1:
			return true, fault.New(fault.SetRealmConflict)
		}
		for to, by := range words {
			l.c.Used(by...)
			if err := l.look(ctx, l.who.Login, to); err != nil {
				return true, err
			}
		}
	}
	return false, l.mangle(ctx)
}

func (l *attempt) knownRealm(name string) bool { return l.c.ResolversOf(name) != nil }

// look finds a login in a realm and makes it whom the request is about.
func (l *attempt) look(ctx context.Context, login, realmName string) error {
	u, err := l.c.Users.Find(ctx, login, strings.ToLower(realmName), "")
	if err != nil {
		return err
	}
	l.who = u
	l.note("user", u.Login, "moved", Reason(u.Realm))
	return nil
}

// mangle rewrites user, password or realm by the policies' expressions.
func (l *attempt) mangle(ctx context.Context) error {
	found, err := policy.Mangle.Find(l.c.Policies(ctx, token.About{User: &l.who}))
	if err != nil {
		return err
	}
	for value := range found {
		m, ok := policy.ParseMangle(value)
		if !ok {
			continue
		}
		switch m.Key {
		case "pass":
			l.q.Password = m.Replace(l.q.Password)
		case "user":
			err = l.look(ctx, m.Replace(l.who.Login), l.who.Realm)
		case "realm":
			err = l.look(ctx, l.who.Login, m.Replace(l.who.Realm))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// subject tests that the request says whom it is about.
func (l *attempt) subject(context.Context) (bool, error) {
	switch {
	case !l.who.Named() && l.q.Serial == "":
		return true, fault.New(fault.SubjectMissing)
	case strings.Contains(l.q.Serial, "*"):
		return true, fault.New(fault.SerialWildcard)
	case strings.Contains(l.who.Login, "%"):
		return true, fault.New(fault.UserPercent)
	}
	return false, nil
}

// apiKey asks for the sender's key where a policy wants one.
func (l *attempt) apiKey(ctx context.Context) (bool, error) {
	if !l.q.NeedsKey {
		return false, nil
	}
	return false, needKey(ctx, l.c, l.who, l.q.APIKey)
}

// needKey refuses a request without the key that the policy api_key_required asks for.
func needKey(ctx context.Context, c *token.Case, who realm.User, key APIKey) error {
	needed, err := policy.APIKeyRequired.In(c.Policies(ctx, token.About{User: &who}))
	switch {
	case err != nil || !needed || key == ValidAPIKey:
		return err
	case key == OtherJWT:
		return fault.New(fault.APIKeyWrong)
	}
	return fault.New(fault.APIKeyMissing)
}

// bySerial loads the one token. It must be the user's, when one was named.
func (l *attempt) bySerial(ctx context.Context) (bool, error) {
	t, err := l.c.TokenBySerial(ctx, l.q.Serial)
	if err != nil {
		return true, err
	}
	if l.who.Named() && (!l.who.Known() || t.Owner != token.OwnerOf(l.who)) {
		return true, fault.New(fault.SerialNotOfUser)
	}
	if !l.who.Named() {
		// The owner is whom the request is about: a policy for him must not be
		// escaped by naming his token instead (policies.md W17).
		if l.who, err = l.c.Owner(ctx, t); err != nil {
			return true, err
		}
	}
	l.tokens, l.all = []*token.Token{t}, []*token.Token{t}
	return false, nil
}

// unknownUser refuses a user nobody knows, unless a policy lets such users pass.
func (l *attempt) unknownUser(ctx context.Context) (bool, error) {
	if l.who.Known() {
		l.note("user", l.who.Login, "found", Reason(l.who.Realm))
		return false, nil
	}
	f, err := policy.PassOnNoUser.Find(l.c.Policies(ctx, token.About{User: &l.who}))
	if err != nil {
		return true, err
	}
	if f.Set {
		l.c.Used(f.Policies[0])
		l.a = Answer{Outcome: Accept, Reason: PassedNoUser, Args: []any{f.Policies[0]}}
		return true, nil
	}
	l.note("user", l.who.Login, "unknown", Reason(l.who.Realm))
	return true, fault.New(fault.UserUnknown, nameOf(l.who))
}

// nameOf is how a text names a user: login.resolver@realm, the resolver only
// where one is known.
func nameOf(u realm.User) string {
	if u.Resolver != "" {
		return u.Login + "." + u.Resolver + "@" + u.Realm
	}
	return u.Login + "@" + u.Realm
}

// tokensOfUser loads the user's tokens, of one type where that was asked for.
func (l *attempt) tokensOfUser(ctx context.Context) (bool, error) {
	all, err := l.c.TokensOf(ctx, token.OwnerOf(l.who))
	if err != nil {
		return true, err
	}
	l.all = all
	for _, t := range all {
		if l.q.Type == "" || strings.EqualFold(l.q.Type, t.Type) {
			l.tokens = append(l.tokens, t)
		}
	}
	return false, nil
}

// counted are the user's tokens without those in the rollout states that a
// policy wants ignored.
func (l *attempt) counted(ctx context.Context, ignore policy.Words) (int, error) {
	states, err := ignore.In(l.c.Policies(ctx, token.About{User: &l.who}))
	if err != nil {
		return 0, err
	}
	n := 0
next:
	for _, t := range l.all {
		for _, s := range states {
			if s == string(t.State) || s == "enrolled" && t.State == token.Enrolled {
				continue next
			}
		}
		n++
	}
	return n, nil
}

// withoutToken lets a user without tokens pass where a policy says so.
func (l *attempt) withoutToken(ctx context.Context) (bool, error) {
	n, err := l.counted(ctx, policy.PassOnNoTokenIgnore)
	if err != nil || n > 0 {
		return err != nil, err
	}
	f, err := policy.PassOnNoToken.Find(l.c.Policies(ctx, token.About{User: &l.who}))
	if err != nil || !f.Set {
		return err != nil, err
	}
	l.c.Used(f.Policies[0])
	l.a = Answer{Outcome: Accept, Reason: PassedNoToken, Args: []any{f.Policies[0]}}
	return true, nil
}

// withinLimits refuses before the password is looked at when the user has tried
// too often in a time.
func (l *attempt) withinLimits(ctx context.Context) (bool, error) {
	view := l.c.Policies(ctx, token.About{User: &l.who})
	for _, x := range []struct {
		rate    policy.Rate
		success bool
		reason  Reason
	}{{policy.AuthMaxFail, false, TooManyFailures}, {policy.AuthMaxSuccess, true, TooManySuccesses}} {
		limit, f, err := x.rate.In(view)
		if err != nil {
			return true, err
		}
		if !f.Set || limit.Count <= 0 {
			continue
		}
		since := l.c.Now.Add(-limit.In)
		n, err := l.c.Attempts(ctx, l.attempter(), x.success, since)
		if err != nil {
			return true, err
		}
		if n >= limit.Count {
			l.c.Used(f.Policies...)
			l.reject(x.reason, limit.Count, int64(limit.In/time.Second))
			l.note("limit", l.who.Login, "reached", x.reason, int64(n), int64(limit.Count))
			return true, nil
		}
		// Others are under way, too: the limit must still hold when this is committed.
		l.d.Changes = append(l.d.Changes, token.FewerAttempts{Who: l.attempter(), Success: x.success, Since: since, Max: limit.Count})
	}
	return false, nil
}

// ownerWithinLimits are the limits of a token's owner: they must not be escaped by
// naming the token instead of him.
func (l *attempt) ownerWithinLimits(ctx context.Context) (bool, error) {
	if !l.who.Known() {
		return false, nil
	}
	return l.withinLimits(ctx)
}

func (l *attempt) attempter() token.Attempter {
	return token.Attempter{Login: l.who.Login, Realm: l.who.Realm}
}

// passthru asks the user's password of one who has no token.
func (l *attempt) passthru(ctx context.Context) (bool, error) {
	n, err := l.counted(ctx, policy.PassthruIgnore)
	if err != nil || n > 0 {
		return err != nil, err
	}
	f, err := policy.Passthru.Find(l.c.Policies(ctx, token.About{User: &l.who}))
	if err != nil {
		if fault.Is(err, fault.PoliciesConflict) {
			err = fault.New(fault.PassthruConflict)
		}
		return true, err
	}
	if !f.Set || !f.Bare && f.Value != "userstore" {
		return false, nil
	}
	ok, err := l.c.UserPassword(ctx, l.who, l.q.Password)
	if err != nil || !ok {
		return err != nil, err
	}
	l.c.Used(f.Policies[0])
	l.a = Answer{Outcome: Accept, Reason: PassedUserstore, Args: []any{f.Policies[0]}}
	return true, nil
}

func (l *attempt) noToken(context.Context) (bool, error) {
	if len(l.tokens) > 0 {
		return false, nil
	}
	l.reject(NoTokens)
	l.note("token", "", "none", "")
	return true, nil
}

func (l *attempt) forceChallenge(ctx context.Context) (bool, error) {
	if !l.e.Rules.ForceChallenge {
		return false, nil
	}
	ok, err := policy.ForceChallengeResponse.In(l.c.Policies(ctx, token.About{User: &l.who}))
	l.force = ok
	return false, err
}

// triggered are the tokens that a trigger without PIN asks: usable ones of types
// that can be challenged. With a policy to that effect only of the wanted type.
func (l *attempt) triggered(ctx context.Context) error {
	if l.q.Serial != "" {
		if _, err := l.bySerial(ctx); err != nil {
			if fault.Is(err, fault.TokenNotFound) {
				return nil // an empty answer, as for a user without such a token
			}
			return err
		}
	} else {
		if !l.who.Known() {
			return fault.New(fault.UserNotFound)
		}
		if _, err := l.tokensOfUser(ctx); err != nil {
			return err
		}
	}
	var asked []*token.Token
	for _, t := range l.tokens {
		if _, ok := l.e.Types[t.Type].(token.Challenger); ok && t.Active && !t.Revoked && !t.Locked {
			asked = append(asked, t)
		}
	}
	l.tokens = asked
	return nil
}
