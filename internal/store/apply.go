package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"symbolon/internal/token"
)

// statement is what a change comes to in SQL: it holds when one row was
// changed, or always.
type statement struct {
	text   string
	args   []any
	always bool
}

// change applies c and reports whether its condition held. What internal/token
// says of each change is the specification of its statement here.
func (w *writer) change(ctx context.Context, c token.Change) (bool, error) {
	switch c := c.(type) {
	case token.Create:
		return w.create(ctx, c)
	case token.Replace:
		return w.replace(ctx, c)
	case token.SetPIN:
		return w.setPIN(ctx, c)
	case token.Guard:
		return w.exists(ctx, guard, append([]any{int64(c.Token)}, usableArgs(c.At, c.ClearAfter, c.Version)...)...)
	case token.AtMost:
		return w.atMost(ctx, c)
	case token.OpenChallenge:
		return w.run1(ctx, openChallenge(c, w.instant()))
	case token.CountAttempt:
		return w.countAttempt(ctx, c)
	case token.ForgetAttributes:
		if !c.Any {
			return w.exists(ctx, noAttributes, c.Realm)
		}
		_, err := w.exec(ctx, forgetAttributes, c.Realm)
		return err == nil, err
	case token.FewerAttempts:
		return w.exists(ctx, fewerAttempts, c.Who.Login, c.Who.Realm, c.Success, c.Since.UnixMicro(), c.Max)
	}
	s, ok := statementOf(c)
	if !ok {
		return false, fmt.Errorf("a change the store does not know: %T", c)
	}
	return w.run1(ctx, s)
}

func (w *writer) run1(ctx context.Context, s statement) (bool, error) {
	n, err := w.exec(ctx, s.text, s.args...)
	return s.always || n == 1, err
}

// statementOf returns the statement of the changes that are one.
func statementOf(c token.Change) (statement, bool) {
	switch c := c.(type) {
	case token.MoveCounter:
		return statement{text: moveCounter, args: []any{c.To, int64(c.Token), c.From}}, true
	case token.Succeed:
		return succeed(c), true
	case token.CountFailure:
		return countFailure(c), true
	case token.ResetFailures:
		return statement{text: resetFailures, args: []any{int64(c.Token)}}, true
	case token.Stamp:
		return statement{text: stamp, args: []any{micros(c.At), zone(c.At), int64(c.Token)}, always: true}, true
	case token.SetInfo:
		return setInfo(c), true
	case token.SetAttribute:
		return setAttribute(c), true
	case token.SetState:
		return statement{text: setState, args: []any{string(c.To), int64(c.Token), string(c.From)}}, true
	case token.SetLimits:
		return setLimits(c), true
	case token.SetActive:
		return statement{text: setActive, args: []any{c.To, int64(c.Token), c.To}}, true
	case token.Revoke:
		return statement{text: revoke, args: []any{int64(c.Token)}}, true
	case token.Delete:
		return statement{text: deleteToken, args: []any{int64(c.Token)}}, true
	case token.Settle:
		at := micros(c.At)
		return statement{text: settle, args: []any{string(c.To), micros(c.Expires), micros(c.Expires), int64(c.Challenge), at, at}}, true
	case token.Consume:
		at := micros(c.At)
		return statement{text: consume, args: []any{int64(c.Challenge), string(c.Was), at, at}}, true
	case token.CountTry:
		return statement{text: countTry, args: []any{int64(c.Challenge)}, always: true}, true
	case token.CloseTransaction:
		return statement{text: closeTransaction, args: []any{c.Transaction}, always: true}, true
	case token.SweepChallenges:
		return statement{text: sweepChallenges, args: []any{rowOf(c.Token), micros(c.At)}, always: true}, true
	case token.Define:
		d := c.Definition
		return statement{text: define, args: []any{string(d.Kind), d.Name, d.ID, blob(d.Body)}}, true
	case token.Undefine:
		return statement{text: undefine, args: []any{string(c.Kind), c.Name}}, true
	case token.AtVersion:
		return statement{text: atVersion, args: []any{c.Version}}, true
	}
	return statement{}, false
}

// rowOf is a token's id as a reference: NULL for none.
func rowOf(id token.ID) sql.NullInt64 { return sql.NullInt64{Int64: int64(id), Valid: id != 0} }

// blob is b as it is stored: never NULL.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// usable is Standing.Usable as a condition, at a version; usableArgs are its arguments.
const usable = `revoked = 0 AND locked = 0 AND active = 1
	AND (max_successes IS NULL OR max_successes = 0 OR successes < max_successes)
	AND (max_uses IS NULL OR max_uses = 0 OR uses < max_uses)
	AND (failures < max_failures OR failed_at + ? < ?)
	AND (valid_from IS NULL OR valid_from <= ?) AND (valid_until IS NULL OR valid_until >= ?)
	AND state NOT IN ('clientwait', 'verify')
	AND version = coalesce(?, version)`

func usableArgs(at time.Time, clearAfter time.Duration, version *int64) []any {
	now := micros(at)
	return []any{patience(clearAfter), now, now, now, version}
}

const open = `revoked = 0 AND locked = 0`

const (
	moveCounter = `UPDATE token_state SET counter = ? WHERE token_id = ? AND counter = ?`

	guard = `SELECT 1 FROM token_state WHERE token_id = ? AND ` + usable

	succeedQuietly = `UPDATE token_state SET failures = 0, failed_at = NULL, uses = uses + ?, successes = successes + ?
		WHERE token_id = ? AND ` + usable
	succeedStamped = `UPDATE token_state SET failures = 0, failed_at = NULL, uses = uses + ?, successes = successes + ?,
		last_use = ?, last_use_zone = ? WHERE token_id = ? AND ` + usable

	resetFailures = `UPDATE token_state SET failures = 0, failed_at = NULL WHERE token_id = ? AND ` + open

	stamp = `UPDATE token_state SET last_use = ?, last_use_zone = ? WHERE token_id = ?`

	setState = `UPDATE token_state SET state = ?, version = version + 1 WHERE token_id = ? AND state = ?`

	// Replace writes the state and the PIN too: whoever wants to replace what he
	// read before they changed has to read again.
	raiseVersion = `UPDATE token_state SET version = version + 1 WHERE token_id = ?`

	setPIN = `UPDATE token SET pin_hash = ? WHERE id = ? AND pin_hash = ?`

	setActive = `UPDATE token_state SET active = ?, version = version + 1 WHERE token_id = ? AND active <> ? AND ` + open

	revoke = `UPDATE token_state SET revoked = 1, locked = 1, active = 0, version = version + 1 WHERE token_id = ? AND locked = 0`

	// All that refers to the token goes with it.
	deleteToken = `DELETE FROM token WHERE id = ?`
)

func (w *writer) setPIN(ctx context.Context, c token.SetPIN) (bool, error) {
	held, err := w.run1(ctx, statement{text: setPIN, args: []any{c.To, int64(c.Token), c.From}})
	if !held || err != nil {
		return false, err
	}
	return w.run1(ctx, statement{text: raiseVersion, args: []any{int64(c.Token)}})
}

func succeed(c token.Succeed) statement {
	n, at := 0, micros(c.At)
	if c.CountUse {
		n = 1
	}
	args := append([]any{int64(c.Token)}, usableArgs(c.At, c.ClearAfter, c.Version)...)
	if c.Stamp {
		return statement{text: succeedStamped, args: append([]any{n, n, at, zone(c.At)}, args...)}
	}
	return statement{text: succeedQuietly, args: append([]any{n, n}, args...)}
}

// failed_at comes first: databases differ on whether an assignment sees the
// ones before it.
const countFailureText = `UPDATE token_state SET
	failed_at = CASE
		WHEN failures >= max_failures AND failed_at + ? < ? AND max_failures > 0 THEN CASE max_failures WHEN 1 THEN ? END
		WHEN failures + 1 = max_failures THEN ?
		ELSE failed_at END,
	failures = CASE
		WHEN failures >= max_failures AND failed_at + ? < ? AND max_failures > 0 THEN 1
		WHEN failures < max_failures THEN failures + 1
		ELSE failures END,
	uses = uses + ?
	WHERE token_id = ?`

func countFailure(c token.CountFailure) statement {
	n, at, clearAfter := 0, micros(c.At), patience(c.ClearAfter)
	if c.CountUse {
		n = 1
	}
	return statement{text: countFailureText, args: []any{clearAfter, at, at, at, clearAfter, at, n, int64(c.Token)}, always: true}
}

const (
	addInfo = `INSERT INTO token_info (token_id, key, value, type) SELECT id, ?, ?, ? FROM token WHERE id = ?
		ON CONFLICT DO NOTHING`
	changeInfo = `UPDATE token_info SET value = ?, type = ? WHERE token_id = ? AND key = ? AND value = ? AND type = ?`
	removeInfo = `DELETE FROM token_info WHERE token_id = ? AND key = ? AND value = ? AND type = ?`
	noInfo     = `UPDATE token SET id = id WHERE id = ? AND NOT EXISTS (SELECT 1 FROM token_info WHERE token_id = token.id AND key = ?)`
)

func setInfo(c token.SetInfo) statement {
	id := int64(c.Token)
	switch {
	case c.From == nil && c.To == nil:
		return statement{text: noInfo, args: []any{id, c.Key}}
	case c.From == nil:
		return statement{text: addInfo, args: []any{c.Key, c.To.Text, c.To.Type, id}}
	case c.To == nil:
		return statement{text: removeInfo, args: []any{id, c.Key, c.From.Text, c.From.Type}}
	}
	return statement{text: changeInfo, args: []any{c.To.Text, c.To.Type, id, c.Key, c.From.Text, c.From.Type}}
}
