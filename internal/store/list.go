package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"

	"symbolon/internal/token"
)

// sortColumns are the columns a list can be sorted by, by their wire names.
func sortColumn(name string) string {
	switch name {
	case "id":
		return "t.born"
	case "tokentype":
		return "t.type"
	case "description":
		return "t.description"
	case "user_id":
		return "t.owner_id"
	case "resolver":
		return "t.owner_resolver"
	case "user_realm":
		return "t.owner_realm"
	case "otplen":
		return "t.digits"
	case "count_window":
		return "t.window"
	case "sync_window":
		return "t.sync_window"
	case "count":
		return "s.counter"
	case "failcount":
		return "s.failures"
	case "maxfail":
		return "s.max_failures"
	case "active":
		return "s.active"
	case "revoked":
		return "s.revoked"
	case "locked":
		return "s.locked"
	case "rollout_state":
		return "s.state"
	}
	return "t.serial"
}

// Tokens returns the tokens that fit f, from Offset on and at most Limit, and
// how many fit in all.
func (s *Store) Tokens(ctx context.Context, f token.Filter) (page []*token.Token, total int, err error) {
	where, args := selection(f)
	order := " ORDER BY " + sortColumn(f.SortBy)
	if f.Descending {
		order += " DESC"
	}
	order += ", t.serial"
	text, pageArgs := tokenColumns+where+order, args
	if f.Limit > 0 || f.Offset > 0 {
		limit := f.Limit
		if limit == 0 {
			limit = -1
		}
		text, pageArgs = text+" LIMIT ? OFFSET ?", append(args[:len(args):len(args)], limit, f.Offset)
	}
	err = s.snapshot(ctx, func(tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, countTokens+where, args...).Scan(&total); err != nil {
			return err
		}
		page, err = s.load(ctx, tx, text, pageArgs...)
		return err
	})
	return page, total, err
}

// conditions collects what a WHERE says.
type conditions struct {
	texts []string
	args  []any
}

func (c *conditions) add(text string, args ...any) {
	c.texts, c.args = append(c.texts, text), append(c.args, args...)
}

// fits adds that column fits pattern, unless pattern is empty or fits all.
func (c *conditions) fits(column, pattern string) {
	if pattern != "" && !onlyStars(pattern) {
		text, arg := like(column, pattern)
		c.add(text, arg)
	}
}

// fitsAny adds that column fits one of the patterns; around may put the
// condition into another one, %s.
func (c *conditions) fitsAny(column, around string, patterns []string) {
	if len(patterns) == 0 {
		return
	}
	var texts []string
	var args []any
	for _, p := range patterns {
		if onlyStars(p) {
			return
		}
		text, arg := like(column, p)
		texts, args = append(texts, text), append(args, arg)
	}
	c.add(strings.Replace(around, "%s", "("+strings.Join(texts, " OR ")+")", 1), args...)
}

// where returns the clause, and its arguments.
func (c *conditions) where() (string, []any) {
	if len(c.texts) == 0 {
		return "", nil
	}
	return "WHERE " + strings.Join(c.texts, " AND "), c.args
}

// selection returns f as a WHERE clause over token t and token_state s.
func selection(f token.Filter) (string, []any) {
	var c conditions
	c.fitsAny("t.serial", "%s", f.Serials)
	if f.Serial != "" {
		c.add(contains("t.serial"), f.Serial)
	}
	if len(f.Types) > 0 {
		c.add("t.type"+listed, jsonList(f.Types))
	}
	c.fits("t.type", f.Type)
	if f.Owner != nil {
		c.add("t.owner_id = ? AND t.owner_resolver = ? AND t.owner_realm = ?", f.Owner.UserID, f.Owner.Resolver, f.Owner.Realm)
	}
	c.fits("t.owner_realm", f.OwnerRealm)
	c.fits("t.owner_resolver_fold", fold(f.OwnerResolver))
	c.fits("t.owner_id", f.OwnerID)
	c.fitsAny("r.realm", "EXISTS (SELECT 1 FROM token_realm r WHERE r.token_id = t.id AND %s)", f.TokenRealms)
	if f.WithinRealms != nil {
		text, args := withinRealms(f.WithinRealms)
		c.add(text, args...)
	}
	c.fits("t.description_fold", fold(f.Description))
	if f.Assigned != nil {
		c.add("(t.owner_id <> '') = ?", *f.Assigned)
	}
	if f.Active != nil {
		c.add("s.active = ?", *f.Active)
	}
	if f.State != nil && !onlyStars(*f.State) {
		text, arg := like("s.state", *f.State)
		c.add(text, arg)
	}
	if f.InfoKey != "" {
		c.add("t.id IN (SELECT token_id FROM token_info WHERE key = ? AND value = ?)", f.InfoKey, f.InfoValue)
	}
	return c.where()
}

// withinRealms is the condition that token t is in one of the realms, or its
// owner is.
func withinRealms(list []string) (string, []any) {
	realms := jsonList(list)
	return "(t.owner_realm" + listed + " OR EXISTS (SELECT 1 FROM token_realm r WHERE r.token_id = t.id AND r.realm" + listed + "))",
		[]any{realms, realms}
}

// jsonList is a list as listed wants it.
func jsonList(list []string) string {
	b, err := json.Marshal(list)
	if err != nil {
		return "[]" // texts always marshal
	}
	return string(b)
}
