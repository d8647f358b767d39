package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"

	"symbolon/internal/fault"
	"symbolon/internal/token"
)

const (
	tokenColumns = `SELECT t.id, t.serial, t.type, t.description, t.owner_id, t.owner_resolver, t.owner_realm, t.pin_hash, t.sealed,
		t.digits, t.window, t.sync_window, t.created, t.assigned, s.counter, s.failures, s.max_failures, s.failed_at, s.active,
		s.revoked, s.locked, s.state, s.valid_from, s.valid_from_zone, s.valid_until, s.valid_until_zone, s.uses, s.successes,
		s.max_uses, s.max_successes, s.last_use, s.last_use_zone, s.version
		FROM token t JOIN token_state s ON s.token_id = t.id `

	countTokens = `SELECT count(*) FROM token t JOIN token_state s ON s.token_id = t.id `

	tokensOfOwner = tokenColumns + `WHERE t.owner_id = ? AND t.owner_resolver = ? AND t.owner_realm = ? ORDER BY t.born`
	tokenOfSerial = tokenColumns + `WHERE t.serial = ?`

	// What a token has several of; the second column says what it is.
	tokenDetails = `SELECT token_id, 0, key, value, type FROM token_info WHERE token_id` + listed + `
		UNION ALL SELECT token_id, 1, realm, '', '' FROM token_realm WHERE token_id` + listed + `
		UNION ALL SELECT token_id, 2, name, '', '' FROM token_group WHERE token_id` + listed
)

// TokensOf returns the tokens of o in the order they were created. Nobody has none.
func (s *Store) TokensOf(ctx context.Context, o token.Owner) ([]*token.Token, error) {
	if o == (token.Owner{}) {
		return nil, nil
	}
	if list, ok := s.cache.owned(o); ok {
		return list, nil
	}
	f := s.cache.begin()
	defer s.cache.end(f)
	list, err := s.tokens(ctx, tokensOfOwner, o.UserID, o.Resolver, o.Realm)
	if err != nil {
		return nil, err
	}
	s.cache.keepOwned(f, o, list)
	return list, nil
}

// TokenBySerial returns the token with exactly this serial, or the fault TokenNotFound.
func (s *Store) TokenBySerial(ctx context.Context, serial string) (*token.Token, error) {
	if t, ok := s.cache.withSerial(serial); ok {
		return t, nil
	}
	f := s.cache.begin()
	defer s.cache.end(f)
	list, err := s.tokens(ctx, tokenOfSerial, serial)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.New(fault.TokenNotFound)
	}
	s.cache.keep(f, list[0])
	return list[0], nil
}

// tokens loads the tokens a query selects, complete and from one snapshot.
func (s *Store) tokens(ctx context.Context, text string, args ...any) (list []*token.Token, err error) {
	err = s.snapshot(ctx, func(tx *sql.Tx) error {
		list, err = s.load(ctx, tx, text, args...)
		return err
	})
	return list, err
}

func (s *Store) load(ctx context.Context, tx *sql.Tx, text string, args ...any) ([]*token.Token, error) {
	rows, err := s.query(ctx, tx, text, args...)
	if err != nil {
		return nil, err
	}
	var list []*token.Token
	if err = each(rows, func(rows *sql.Rows) error {
		t, err := scanToken(rows)
		list = append(list, t)
		return err
	}); err != nil || len(list) == 0 {
		return nil, err
	}
	return list, s.details(ctx, tx, list)
}

func scanToken(rows *sql.Rows) (*token.Token, error) {
	var t token.Token
	var created, assigned, failedAt, from, until, last sql.NullInt64
	var fromZone, untilZone, lastZone int64
	err := rows.Scan(&t.ID, &t.Serial, &t.Type, &t.Description, &t.Owner.UserID, &t.Owner.Resolver, &t.Owner.Realm, &t.PINHash,
		&t.Sealed, &t.Digits, &t.Window, &t.SyncWindow, &created, &assigned, &t.Counter, &t.Failures, &t.MaxFailures, &failedAt,
		&t.Active, &t.Revoked, &t.Locked, &t.State, &from, &fromZone, &until, &untilZone, &t.Uses, &t.Successes, &t.MaxUses,
		&t.MaxSuccesses, &last, &lastZone, &t.Version)
	t.Sealed = content(t.Sealed)
	t.Created, t.Assigned, t.FailedAt = instant(created), instant(assigned), instant(failedAt)
	t.ValidFrom, t.ValidUntil, t.LastUse = zoned(from, fromZone), zoned(until, untilZone), zoned(last, lastZone)
	return &t, err
}

// details fills the info, realms and groups of the tokens.
func (s *Store) details(ctx context.Context, tx *sql.Tx, list []*token.Token) error {
	byID, ids := make(map[token.ID]*token.Token, len(list)), make([]token.ID, len(list))
	for i, t := range list {
		byID[t.ID], ids[i] = t, t.ID
	}
	text, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	rows, err := s.query(ctx, tx, tokenDetails, string(text), string(text), string(text))
	if err != nil {
		return err
	}
	err = each(rows, func(rows *sql.Rows) error {
		var id token.ID
		var what int
		var key string
		var e token.Entry
		if err := rows.Scan(&id, &what, &key, &e.Text, &e.Type); err != nil {
			return err
		}
		t := byID[id]
		switch what {
		case 0:
			if t.Info == nil {
				t.Info = map[string]token.Entry{}
			}
			t.Info[key] = e
		case 1:
			t.Realms = append(t.Realms, key)
		case 2:
			t.Groups = append(t.Groups, key)
		}
		return nil
	})
	for _, t := range list {
		slices.Sort(t.Realms)
		slices.Sort(t.Groups)
	}
	return err
}
