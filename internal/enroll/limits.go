package enroll

import (
	"context"
	"strings"

	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/token"
)

// limits tests how many tokens the user and the realm may have. What is counted
// now is counted again when the enrolment is committed.
func (s *step) limits(ctx context.Context) error {
	if s.in.Rollover || s.in.Verify != nil {
		return nil
	}
	name := s.in.Realm
	if s.who.Named() {
		name = s.who.Realm
	}
	guard, err := RealmLimit(ctx, s.c, s.who, name, s.in.Serial)
	if err != nil {
		return err
	}
	s.guard = guard
	guard, err = UserLimits(ctx, s.c, s.who, s.info.ID, s.in.Serial)
	s.guard = append(s.guard, guard...)
	return err
}

// limit is one policy that bounds a number of tokens.
type limit struct {
	action policy.Int
	filter token.Filter
	fault  *fault.Fault
}

// apply counts, and returns what guards the count until the commit. A token
// that is counted already (serial) is not in its own way.
func apply(ctx context.Context, c *token.Case, view policy.View, serial string, l limit) ([]token.Change, error) {
	most, ok, err := l.action.In(view)
	if err != nil || !ok {
		return nil, err
	}
	f := l.filter
	f.Limit = 1
	_, total, err := c.Tokens(ctx, f)
	if err != nil {
		return nil, err
	}
	if serial != "" {
		own := l.filter
		own.Serials, own.Limit = []string{serial}, 1
		if _, n, err := c.Tokens(ctx, own); err != nil || n > 0 {
			return nil, err
		}
	}
	if total >= most {
		_, found, err := l.action.Find(view)
		if err == nil {
			c.Used(found.Policies...)
		}
		return nil, l.fault
	}
	return []token.Change{token.AtMost{Filter: l.filter, Max: most}}, nil
}

// RealmLimit tests how many tokens a realm may have before one more gets into it.
func RealmLimit(ctx context.Context, c *token.Case, who realm.User, name, serial string) ([]token.Change, error) {
	if name == "" {
		return nil, nil
	}
	name = strings.ToLower(name)
	if !who.Named() {
		who.Realm = name
	}
	return apply(ctx, c, c.Policies(ctx, token.About{User: &who}), serial, limit{policy.MaxTokenPerRealm,
		token.Filter{TokenRealms: []string{name}}, fault.New(fault.TooManyInRealm)})
}

// ActiveLimits tests how many active tokens a user may have before one more of
// his is enabled.
func ActiveLimits(ctx context.Context, c *token.Case, who realm.User, typ string) ([]token.Change, error) {
	view := c.Policies(ctx, token.About{User: &who})
	if !who.Known() {
		return nil, nil
	}
	return applyAll(ctx, c, view, "", activeLimits(token.OwnerOf(who), typ))
}

// UserLimits tests how many tokens a user may have before one more of a type
// becomes his: of the type, in all, and likewise those that are active.
func UserLimits(ctx context.Context, c *token.Case, who realm.User, typ, serial string) ([]token.Change, error) {
	if !who.Known() {
		return nil, nil
	}
	owner := token.OwnerOf(who)
	all := []limit{
		{ofType(typ, "_max_token_per_user"), token.Filter{Owner: &owner, Type: typ}, fault.New(fault.TooManyOfUserType, typ)},
		{policy.MaxTokenPerUser, token.Filter{Owner: &owner}, fault.New(fault.TooManyOfUser)},
	}
	return applyAll(ctx, c, c.Policies(ctx, token.About{User: &who}), serial, append(all, activeLimits(owner, typ)...))
}

func ofType(typ, name string) policy.Int {
	return policy.Int{Meta: policy.Meta{Scope: policy.Enrollment, Name: typ + name, Silent: true}, Highest: true}
}

func activeLimits(owner token.Owner, typ string) []limit {
	active := true
	return []limit{
		{ofType(typ, "_max_active_token_per_user"), token.Filter{Owner: &owner, Type: typ, Active: &active}, fault.New(fault.TooManyActiveType, typ)},
		{policy.MaxActiveTokenPerUser, token.Filter{Owner: &owner, Active: &active}, fault.New(fault.TooManyActive)},
	}
}

func applyAll(ctx context.Context, c *token.Case, view policy.View, serial string, list []limit) (guard []token.Change, err error) {
	for _, l := range list {
		g, err := apply(ctx, c, view, serial, l)
		if err != nil {
			return nil, err
		}
		guard = append(guard, g...)
	}
	return guard, nil
}
