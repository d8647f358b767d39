package store

import (
	"context"
	"time"

	"symbolon/internal/token"
)

const (
	insertToken = `INSERT INTO token (id, born, serial, type, description, description_fold, owner_id, owner_resolver,
		owner_resolver_fold, owner_realm, pin_hash, sealed, digits, window, sync_window, created, assigned)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`

	insertState = `INSERT INTO token_state (token_id, counter, failures, max_failures, failed_at, active, revoked, locked,
		state, valid_from, valid_from_zone, valid_until, valid_until_zone, uses, successes, max_uses, max_successes,
		last_use, last_use_zone, version)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

	updateToken = `UPDATE token SET description = ?, description_fold = ?, owner_id = ?, owner_resolver = ?,
		owner_resolver_fold = ?, owner_realm = ?, pin_hash = ?, sealed = ?, digits = ?, window = ?, sync_window = ?,
		created = ?, assigned = ? WHERE id = ?`

	// Both are decided by one statement, the rest of a Replace follows from it.
	replaceState = `UPDATE token_state SET version = version + 1,
		counter = CASE WHEN ? THEN 0 ELSE counter END,
		failures = CASE WHEN ? THEN 0 ELSE failures END,
		failed_at = CASE WHEN ? THEN NULL ELSE failed_at END,
		state = CASE WHEN ? THEN ? ELSE state END,
		active = CASE WHEN ? THEN ? ELSE active END
		WHERE token_id = ? AND version = ? AND ` + open

	insertRealm  = `INSERT INTO token_realm (token_id, realm) VALUES (?, ?) ON CONFLICT DO NOTHING`
	insertGroup  = `INSERT INTO token_group (token_id, name) VALUES (?, ?) ON CONFLICT DO NOTHING`
	deleteRealms = `DELETE FROM token_realm WHERE token_id = ?`
	deleteGroups = `DELETE FROM token_group WHERE token_id = ?`

	// A field is written when the argument before its value says so.
	setLimitsText = `UPDATE token_state SET version = version + 1,
		max_failures = CASE WHEN ? THEN ? ELSE max_failures END,
		failures = CASE WHEN ? THEN ? ELSE failures END,
		failed_at = CASE WHEN ? THEN ? ELSE failed_at END,
		valid_from = CASE WHEN ? THEN ? ELSE valid_from END,
		valid_from_zone = CASE WHEN ? THEN ? ELSE valid_from_zone END,
		valid_until = CASE WHEN ? THEN ? ELSE valid_until END,
		valid_until_zone = CASE WHEN ? THEN ? ELSE valid_until_zone END,
		uses = CASE WHEN ? THEN ? ELSE uses END,
		successes = CASE WHEN ? THEN ? ELSE successes END,
		max_uses = CASE WHEN ? THEN ? ELSE max_uses END,
		max_successes = CASE WHEN ? THEN ? ELSE max_successes END,
		last_use = CASE WHEN ? THEN ? ELSE last_use END,
		last_use_zone = CASE WHEN ? THEN ? ELSE last_use_zone END,
		counter = CASE WHEN ? THEN ? ELSE counter END
		WHERE token_id = ? AND version = ? AND ` + open
)

func (w *writer) create(ctx context.Context, c token.Create) (bool, error) {
	t, id := &c.Token, int64(c.Token.ID)
	held, err := w.run1(ctx, statement{text: insertToken, args: []any{id, w.instant(), t.Serial, t.Type, t.Description,
		fold(t.Description), t.Owner.UserID, t.Owner.Resolver, fold(t.Owner.Resolver), t.Owner.Realm, t.PINHash,
		blob(t.Sealed), t.Digits, t.Window, t.SyncWindow, micros(t.Created), micros(t.Assigned)}})
	if !held || err != nil {
		return false, err
	}
	if _, err := w.exec(ctx, insertState, id, t.Counter, t.Failures, t.MaxFailures, micros(t.FailedAt), t.Active,
		t.Revoked, t.Locked, string(t.State), micros(t.ValidFrom), zone(t.ValidFrom), micros(t.ValidUntil),
		zone(t.ValidUntil), t.Uses, t.Successes, t.MaxUses, t.MaxSuccesses, micros(t.LastUse), zone(t.LastUse),
		t.Version); err != nil {
		return false, err
	}
	for key, e := range t.Info {
		if _, err := w.exec(ctx, addInfo, key, e.Text, e.Type, id); err != nil {
			return false, err
		}
	}
	return true, w.members(ctx, t)
}

func (w *writer) replace(ctx context.Context, c token.Replace) (bool, error) {
	t, id := &c.Token, int64(c.Token.ID)
	held, err := w.run1(ctx, statement{text: replaceState, args: []any{c.Reseeded, c.Reseeded, c.Reseeded,
		c.Reopened, string(t.State), c.Reopened, t.Active, id, t.Version}})
	if !held || err != nil {
		return false, err
	}
	if _, err := w.exec(ctx, updateToken, t.Description, fold(t.Description), t.Owner.UserID, t.Owner.Resolver,
		fold(t.Owner.Resolver), t.Owner.Realm, t.PINHash, blob(t.Sealed), t.Digits, t.Window, t.SyncWindow,
		micros(t.Created), micros(t.Assigned), id); err != nil {
		return false, err
	}
	if _, err := w.exec(ctx, deleteRealms, id); err != nil {
		return false, err
	}
	if _, err := w.exec(ctx, deleteGroups, id); err != nil {
		return false, err
	}
	return true, w.members(ctx, t)
}

// members writes the realms and groups of a token that has none.
func (w *writer) members(ctx context.Context, t *token.Token) error {
	for _, r := range t.Realms {
		if _, err := w.exec(ctx, insertRealm, int64(t.ID), r); err != nil {
			return err
		}
	}
	for _, g := range t.Groups {
		if _, err := w.exec(ctx, insertGroup, int64(t.ID), g); err != nil {
			return err
		}
	}
	return nil
}

func setLimits(c token.SetLimits) statement {
	var args []any
	l := &c.Limits
	args = append(args, optional(l.MaxFailures)...)
	args = append(args, optional(l.Failures)...)
	args = append(args, optionalTime(l.FailedAt)[:2]...)
	args = append(args, optionalTime(l.ValidFrom)...)
	args = append(args, optionalTime(l.ValidUntil)...)
	args = append(args, optional(l.Uses)...)
	args = append(args, optional(l.Successes)...)
	args = append(args, optional(l.MaxUses)...)
	args = append(args, optional(l.MaxSuccesses)...)
	args = append(args, optionalTime(l.LastUse)...)
	args = append(args, optional(l.Counter)...)
	return statement{text: setLimitsText, args: append(args, int64(c.Token), c.Version)}
}

// optional returns whether there is a value, and the value.
func optional[T any](v *T) []any {
	if v == nil {
		return []any{false, nil}
	}
	return []any{true, *v}
}

// optionalTime is optional for an instant and then for its zone.
func optionalTime(t *time.Time) []any {
	if t == nil {
		return []any{false, nil, false, nil}
	}
	return []any{true, micros(*t), true, zone(*t)}
}

// atMost counts what fits after everything else of the commit was applied.
func (w *writer) atMost(ctx context.Context, c token.AtMost) (bool, error) {
	where, args := selection(c.Filter)
	var n int
	err := w.conn.QueryRowContext(ctx, countTokens+where, args...).Scan(&n)
	return n <= c.Max, err
}
