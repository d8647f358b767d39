package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"symbolon/internal/token"
)

const (
	// A challenge without a token is one whose answer tells the token.
	openChallengeText = `INSERT INTO challenge (id, born, transaction_id, token_id, serial, purpose, nonce, data, status, tries,
		created, expires) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE ? OR EXISTS (SELECT 1 FROM token WHERE id = ?)
		ON CONFLICT DO NOTHING`

	valid = `created <= ? AND expires > ?`

	settle = `UPDATE challenge SET status = ?, expires = CASE WHEN ? > expires THEN ? ELSE expires END
		WHERE id = ? AND status = 'open' AND ` + valid

	consume = `DELETE FROM challenge WHERE id = ? AND status = ? AND ` + valid

	countTry = `UPDATE challenge SET tries = tries + 1 WHERE id = ?`

	closeTransaction = `DELETE FROM challenge WHERE transaction_id = ?`

	sweepChallenges = `DELETE FROM challenge WHERE token_id IS ? AND expires <= ?`

	insertAttempt = `INSERT INTO attempt (login, realm, success, at) VALUES (?, ?, ?, ?)`
	forgetAttempt = `DELETE FROM attempt WHERE login = ? AND realm = ? AND at < ?`
)

func openChallenge(c token.OpenChallenge, born int64) statement {
	ch := &c.Challenge
	return statement{text: openChallengeText, args: []any{int64(ch.ID), born, ch.Transaction, rowOf(ch.Token), ch.Serial,
		string(ch.Purpose), ch.Nonce, blob(ch.Data), string(ch.Status), ch.Tries, ch.Created.UnixMicro(),
		ch.Expires.UnixMicro(), ch.Token == 0, int64(ch.Token)}}
}

func (w *writer) countAttempt(ctx context.Context, c token.CountAttempt) (bool, error) {
	if _, err := w.exec(ctx, forgetAttempt, c.Who.Login, c.Who.Realm, c.At.Add(-c.Keep).UnixMicro()); err != nil {
		return false, err
	}
	n, err := w.exec(ctx, insertAttempt, c.Who.Login, c.Who.Realm, c.Success, c.At.UnixMicro())
	return n == 1, err
}

const (
	everyChallenge = `SELECT id, transaction_id, coalesce(token_id, 0), serial, purpose, nonce, data, status, tries, created, expires
		FROM challenge `
	challengeColumns        = everyChallenge + `WHERE `
	challengesOfTransaction = challengeColumns + `transaction_id = ? ORDER BY born`
	challengesOfToken       = challengeColumns + `token_id = ? ORDER BY born`
	attemptsSince           = `SELECT count(*) FROM attempt WHERE login = ? AND realm = ? AND success = ? AND at >= ?`
	fewerAttempts           = `SELECT 1 WHERE (` + attemptsSince + `) < ?`
)

// Transaction returns the challenges of a transaction in the order they were
// opened, expired ones too; none when there is no such transaction.
func (s *Store) Transaction(ctx context.Context, id string) ([]*token.Challenge, error) {
	return s.challenges(ctx, challengesOfTransaction, id)
}

// ChallengesOf returns the challenges of a token in the order they were opened,
// expired ones too.
func (s *Store) ChallengesOf(ctx context.Context, t token.ID) ([]*token.Challenge, error) {
	return s.challenges(ctx, challengesOfToken, int64(t))
}

func (s *Store) challenges(ctx context.Context, text string, arg any) ([]*token.Challenge, error) {
	rows, err := s.reads[text].QueryContext(ctx, arg)
	if err != nil {
		return nil, err
	}
	return scanChallenges(rows)
}

func scanChallenges(rows *sql.Rows) (list []*token.Challenge, err error) {
	err = each(rows, func(rows *sql.Rows) error {
		var ch token.Challenge
		var created, expires int64
		if err := rows.Scan(&ch.ID, &ch.Transaction, &ch.Token, &ch.Serial, &ch.Purpose, &ch.Nonce, &ch.Data, &ch.Status,
			&ch.Tries, &created, &expires); err != nil {
			return err
		}
		ch.Data = content(ch.Data)
		ch.Created, ch.Expires = time.UnixMicro(created).UTC(), time.UnixMicro(expires).UTC()
		list = append(list, &ch)
		return nil
	})
	return list, err
}

// challengeColumn is the column a list of challenges is sorted by, by its wire
// name. Unknown names mean the time of opening.
func challengeColumn(name string) string {
	switch name {
	case "serial", "transaction_id":
		return name
	case "expiration":
		return "expires"
	case "challenge":
		return "nonce"
	case "received_count", "otp_received":
		return "tries"
	case "otp_valid":
		return "status"
	}
	return "born"
}

// Challenges returns the challenges that fit f, and how many there are on all
// pages. One that has expired is among them until the next one is opened.
func (s *Store) Challenges(ctx context.Context, f token.ChallengeFilter) (page []*token.Challenge, total int, err error) {
	var c conditions
	if f.ExpiredAt.IsZero() {
		c.add("expires > (SELECT max(created) FROM challenge)")
	} else {
		c.add("expires <= ?", f.ExpiredAt.UnixMicro())
	}
	c.fits("serial", f.Serial)
	c.fits("transaction_id", f.Transaction)
	if f.Tokens != nil {
		b, err := json.Marshal(f.Tokens)
		if err != nil {
			return nil, 0, err
		}
		c.add("token_id IN (SELECT value FROM json_each(?))", string(b))
	}
	if f.WithinRealms != nil {
		text, args := withinRealms(f.WithinRealms)
		c.add("token_id IN (SELECT t.id FROM token t WHERE "+text+")", args...)
	}
	where, args := c.where()
	order := " ORDER BY " + challengeColumn(f.SortBy)
	if f.Descending {
		order += " DESC"
	}
	limit := f.Limit
	if limit == 0 {
		limit = -1
	}
	err = s.snapshot(ctx, func(tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM challenge "+where, args...).Scan(&total); err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, everyChallenge+where+order+", born LIMIT ? OFFSET ?", append(args, limit, f.Offset)...)
		if err != nil {
			return err
		}
		page, err = scanChallenges(rows)
		return err
	})
	return page, total, err
}

// content is the reverse of blob.
func content(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return b
}

// Attempts counts the attempts of who from since on.
func (s *Store) Attempts(ctx context.Context, who token.Attempter, success bool, since time.Time) (int, error) {
	var n int
	err := s.reads[attemptsSince].QueryRowContext(ctx, who.Login, who.Realm, success, since.UnixMicro()).Scan(&n)
	return n, err
}
