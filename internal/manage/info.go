package manage

import (
	"context"
	"encoding/base64"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"symbolon/internal/authn"
	"symbolon/internal/enroll"
	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/secret"
	"symbolon/internal/token"
)

// Properties are what an administrator sets of a token, as text; nil stays.
type Properties struct {
	Description, Window, SyncWindow, Hash, MaxFailures, MaxUses, MaxSuccesses, ValidFrom, ValidUntil *string
	Entries                                                                                          map[string]string // entries of the information to set
}

// Set sets properties of a token and returns how many were given.
func Set(ctx context.Context, s *authn.Session, tg Target, p Properties) (int, error) {
	if err := alone(tg); err != nil {
		return 0, err
	}
	return single(ctx, s, tg, policy.RightSet, func(ctx context.Context, c *token.Case, t *token.Token) ([]token.Change, int, error) {
		if p.Description != nil {
			if err := mayDescribe(ctx, c, t, *p.Description); err != nil {
				return nil, 0, err
			}
		}
		return p.changes(t)
	})
}

// changes are those of the given properties: of the token's row, of its limits,
// of its information.
func (p Properties) changes(t *token.Token) ([]token.Change, int, error) {
	next, row, n := *t, false, 0
	var limits token.Limits
	var changes []token.Change
	number := func(name string, text *string, least int64, to func(int64)) error {
		if text == nil {
			return nil
		}
		v, err := strconv.ParseInt(strings.TrimSpace(*text), 10, 32)
		if err != nil || v < least {
			return fault.New(fault.NotANumber, name)
		}
		to(v)
		n++
		return nil
	}
	ptr := func(v int64) **int64 { p := &v; return &p }
	for _, err := range []error{
		number("count_window", p.Window, 1, func(v int64) { next.Window, row = v, true }),
		number("sync_window", p.SyncWindow, 1, func(v int64) { next.SyncWindow, row = v, true }),
		number("max_failcount", p.MaxFailures, 0, func(v int64) { m := int(v); limits.MaxFailures = &m }),
		number("count_auth_max", p.MaxUses, 0, func(v int64) { limits.MaxUses = ptr(v) }),
		number("count_auth_success_max", p.MaxSuccesses, 0, func(v int64) { limits.MaxSuccesses = ptr(v) }),
	} {
		if err != nil {
			return nil, 0, err
		}
	}
	if p.Description != nil {
		next.Description, row = enroll.Cut(*p.Description, 80), true
		n++
	}
	for _, d := range []struct {
		text *string
		to   **time.Time
		kind fault.Kind
	}{{p.ValidFrom, &limits.ValidFrom, fault.ValidityStart}, {p.ValidUntil, &limits.ValidUntil, fault.ValidityEnd}} {
		if d.text == nil {
			continue
		}
		at, err := enroll.ParseDate(*d.text)
		if err != nil {
			return nil, 0, fault.New(d.kind)
		}
		*d.to = &at
		n++
	}
	if p.Hash != nil {
		changes = append(changes, enroll.SetEntry(t, "hashlib", &token.Entry{Text: strings.ToLower(*p.Hash)})...)
		n++
	}
	for key, text := range p.Entries {
		changes = append(changes, enroll.SetEntry(t, key, &token.Entry{Text: text})...)
	}
	if n > 0 && (t.Locked || t.Revoked) {
		return nil, 0, fault.New(fault.TokenLocked)
	}
	version := t.Version
	if row {
		changes = append(changes, token.Replace{Token: next})
		version++
	}
	if limits != (token.Limits{}) {
		changes = append(changes, token.SetLimits{Token: t.ID, Version: version, Limits: limits})
	}
	return changes, n, nil
}

// Describe sets the description of a token.
func Describe(ctx context.Context, s *authn.Session, tg Target, text *string) error {
	if err := alone(tg); err != nil {
		return err
	}
	_, err := single(ctx, s, tg, policy.RightSetDescription, func(ctx context.Context, c *token.Case, t *token.Token) ([]token.Change, int, error) {
		if text == nil {
			return nil, 0, fault.New(fault.ParameterMissing, "description")
		}
		if err := mustDescribe(ctx, c, t, *text); err != nil {
			return nil, 0, err
		}
		if t.Locked || t.Revoked {
			return nil, 0, fault.New(fault.TokenLocked)
		}
		next := *t
		next.Description = enroll.Cut(*text, 80)
		return []token.Change{token.Replace{Token: next}}, 1, nil
	})
	return err
}

// mayDescribe: setting properties does not get around the right to describe, or
// the rule that a description is needed (policies.md W10).
func mayDescribe(ctx context.Context, c *token.Case, t *token.Token, text string) error {
	if err := mayToken(ctx, c, policy.RightSetDescription, t); err != nil {
		return err
	}
	return mustDescribe(ctx, c, t, text)
}

// mustDescribe refuses to take away a description that a policy wants; the type
// is the token's, not the request's (policies.md W14).
func mustDescribe(ctx context.Context, c *token.Case, t *token.Token, text string) error {
	if text != "" {
		return nil
	}
	view, err := c.Policy(ctx, t)
	if err != nil {
		return err
	}
	types, err := policy.RequireDescriptionOnEdit.In(view)
	if err == nil && slices.Contains(types, t.Type) {
		err = fault.New(fault.DescriptionRequired, t.Type)
	}
	return err
}

// The keys of a token's information that are kept in its standing: others store
// them as information, so the API reads and writes them there.
const (
	keyFailedAt     = "failcounter_exceeded"
	keyUses         = "count_auth"
	keySuccesses    = "count_auth_success"
	keyMaxUses      = "count_auth_max"
	keyMaxSuccesses = "count_auth_success_max"
	keyValidFrom    = "validity_period_start"
	keyValidUntil   = "validity_period_end"
	keyLastUse      = "last_auth"
)

// hiddenKey is where a sealed value that no list shows is kept.
func hiddenKey(name string) string { return "." + name }

// Hidden reports whether an entry of a token's information is the server's own.
func Hidden(key string) bool { return strings.HasPrefix(key, ".") }

func sealEntry(c *token.Case, text string) (*token.Entry, error) {
	sealed, err := c.Vault.SealText("info", secret.Text(text))
	if err != nil {
		return nil, err
	}
	return &token.Entry{Text: base64.StdEncoding.EncodeToString(sealed), Type: "password"}, nil
}

// standing turns a write to a key of the standing into limits; ok is false for
// any other key. An empty text forgets the value.
func standing(key, text string) (l token.Limits, ok bool, err error) {
	bad := fault.New(fault.InfoInvalid, key)
	date := func() (*time.Time, error) {
		at, err := enroll.ParseDate(text)
		if err != nil {
			return nil, bad
		}
		return &at, nil
	}
	count := func() (*int64, error) {
		if text == "" {
			return nil, nil
		}
		v, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil || v < 0 {
			return nil, bad
		}
		return &v, nil
	}
	zero := int64(0)
	switch key {
	case keyFailedAt:
		l.FailedAt, err = date()
	case keyValidFrom:
		l.ValidFrom, err = date()
	case keyValidUntil:
		l.ValidUntil, err = date()
	case keyLastUse:
		l.LastUse, err = date()
	case keyUses, keySuccesses:
		var v *int64
		if v, err = count(); v == nil {
			v = &zero
		}
		if key == keyUses {
			l.Uses = v
		} else {
			l.Successes = v
		}
	case keyMaxUses, keyMaxSuccesses:
		var v *int64
		v, err = count()
		if key == keyMaxUses {
			l.MaxUses = &v
		} else {
			l.MaxSuccesses = &v
		}
	default:
		return l, false, nil
	}
	return l, true, err
}

// SetInfo sets entries of a token's information; nil deletes one. It reports
// whether that changed anything.
func SetInfo(ctx context.Context, s *authn.Session, tg Target, entries map[string]*string) (changed bool, err error) {
	if err := alone(tg); err != nil {
		return false, err
	}
	_, err = single(ctx, s, tg, policy.RightSetTokenInfo, func(_ context.Context, _ *token.Case, t *token.Token) (all []token.Change, n int, err error) {
		version := t.Version
		for _, key := range slices.Sorted(maps.Keys(entries)) {
			changes, err := setEntry(t, key, entries[key], &version)
			if err != nil {
				return nil, 0, err
			}
			all = append(all, changes...)
		}
		if t.Locked || t.Revoked {
			return nil, 0, fault.New(fault.TokenLocked)
		}
		changed = len(all) > 0
		return all, 1, nil
	})
	return changed, err
}

// setEntry is the change of one entry. Each that is kept in the standing takes a
// version of the token.
func setEntry(t *token.Token, key string, text *string, version *int64) ([]token.Change, error) {
	if Hidden(key) || strings.HasSuffix(key, ".type") || len(key) > 255 {
		return nil, fault.New(fault.InfoInvalid, key)
	}
	value := ""
	if text != nil {
		value = *text
	}
	l, ok, err := standing(key, value)
	if err != nil {
		return nil, err
	}
	if ok {
		*version++
		return []token.Change{token.SetLimits{Token: t.ID, Version: *version - 1, Limits: l}}, nil
	}
	var to *token.Entry
	if text != nil {
		to = &token.Entry{Text: value}
	}
	return enroll.SetEntry(t, key, to), nil
}
