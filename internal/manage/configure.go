package manage

import (
	"context"
	"regexp"

	"symbolon/internal/audit"
	"symbolon/internal/authn"
	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// Rules are the points in which the products administer differently. A dialect
// chooses them; nothing here knows which product is asked.
type Rules struct {
	// FreeReading: reading settings, testing policies and reading what actions
	// there are needs no right.
	FreeReading bool
	// NeedsRealm: a policy is written only with the parameter realm, and with an
	// action in every scope.
	NeedsRealm bool
	// SwitchResets: switching a policy on or off forgets check_all_resolvers.
	SwitchResets bool
	// UsedRealms: a realm can be deleted though its users have tokens.
	UsedRealms bool
	// FirstRealm: who may list the users of several realms and names none, lists
	// those of the first.
	FirstRealm bool
	// OwnRows: who may see the trail of some realms sees his own actions, too.
	OwnRows bool
	// Negation: a search of the trail knows "!".
	Negation bool
	// PercentWild: % in a search of the trail is a wildcard like *.
	PercentWild bool
	// SAMLShown: ReturnSamlAttributes is shown as if it had been set.
	SAMLShown bool
}

// PrivacyIDEA administers as privacyIDEA 3.14 does.
func PrivacyIDEA() Rules { return Rules{OwnRows: true, Negation: true} }

// EduMFA administers as eduMFA 2.10 does.
func EduMFA() Rules {
	return Rules{FreeReading: true, NeedsRealm: true, SwitchResets: true, UsedRealms: true, FirstRealm: true,
		PercentWild: true, SAMLShown: true}
}

// draft is a change to what is configured, as it is decided.
type draft struct {
	*token.Case
	site    *site.Site
	record  audit.Record
	changes []token.Change
	last    map[token.Kind]int64 // the highest id of each kind; nil: not looked at yet
}

// configure decides and commits a change to what is configured. The right to it
// is asked first, so that nobody learns from a refusal what is configured.
func configure(ctx context.Context, s *authn.Session, r policy.Right, at Place, decide func(d *draft) error) error {
	return change(ctx, s, func(c *token.Case) error { return mayConfigure(ctx, c, r, at) }, decide)
}

func change(ctx context.Context, s *authn.Session, permit func(c *token.Case) error, decide func(d *draft) error) error {
	_, err := s.Run(ctx, func(c *token.Case, st *site.Site) (authn.Decision, error) {
		if err := permit(c); err != nil {
			return authn.Decision{}, err
		}
		d := draft{Case: c, site: st, record: audit.Record{Success: true}}
		if err := decide(&d); err != nil {
			return authn.Decision{}, err
		}
		out := authn.Decision{Record: d.record}
		if len(d.changes) > 0 {
			out.Define(st, d.changes...)
		}
		return out, nil
	})
	return err
}

// look reads what is configured.
func look(ctx context.Context, s *authn.Session, r policy.Right, at Place, read func(c *token.Case, st *site.Site) error) error {
	return s.Look(func(c *token.Case, st *site.Site) error {
		if err := mayConfigure(ctx, c, r, at); err != nil {
			return err
		}
		return read(c, st)
	})
}

// define adds a definition, as internal/site writes it.
func (d *draft) define(def token.Definition, err error) error {
	if err == nil {
		d.changes = append(d.changes, token.Define{Definition: def})
	}
	return err
}

// id returns the id of a definition: the one it has, or the next one of its
// kind. Ids of definitions are small, as clients know them: all definitions
// change under one version, so two nodes never give the same one.
func (d *draft) id(old int64, kind token.Kind) int64 {
	if old != 0 {
		return old
	}
	if d.last == nil {
		d.last = map[token.Kind]int64{}
		for _, p := range d.site.Defined {
			d.last[token.PolicyKind] = max(d.last[token.PolicyKind], p.ID)
		}
		for _, r := range d.site.Realms {
			d.last[token.RealmKind] = max(d.last[token.RealmKind], r.ID)
		}
		for _, r := range d.site.Resolvers {
			d.last[token.ResolverKind] = max(d.last[token.ResolverKind], r.ID)
		}
		for _, a := range d.site.Admins {
			d.last[token.AdminKind] = max(d.last[token.AdminKind], a.ID)
		}
	}
	d.last[kind]++
	return d.last[kind]
}

func (d *draft) undefine(kind token.Kind, name string) {
	d.changes = append(d.changes, token.Undefine{Kind: kind, Name: name})
}

// mayConfigure asks for a right that only administrators have.
func mayConfigure(ctx context.Context, c *token.Case, r policy.Right, at Place) error {
	if err := asAdmin(c); err != nil || console(c) {
		return err
	}
	return may(ctx, c, r, at)
}

// asAdmin refuses everybody but administrators: a right that scope user does not
// know would count as granted to users where that scope has no policy.
func asAdmin(c *token.Case) error {
	if c.Origin.Actor.Role != realm.Admin {
		return fault.New(fault.RoleMissing, []string{string(realm.Admin)})
	}
	return nil
}

// console reports whether the caller sits at the machine itself: an
// administrator without a name whose request did not come over HTTP. Policies
// bind him to nothing, since he could change the database as well.
func console(c *token.Case) bool {
	return c.Origin.Actor == realm.Actor{Role: realm.Admin} && c.Origin.Request == nil
}

// nameForm is what names of realms and resolvers look like.
var nameForm = regexp.MustCompile(`^[A-Za-z0-9_.\-]{1,255}$`)
