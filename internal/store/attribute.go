package store

import (
	"context"
	"database/sql"

	"symbolon/internal/token"
)

const (
	insertAttribute = `INSERT INTO user_attribute (id, realm, resolver, user_id, key, value, type) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`
	// The id of an attribute stays what it was.
	updateAttribute = `UPDATE user_attribute SET value = ?, type = ?
		WHERE realm = ? AND resolver = ? AND user_id = ? AND key = ? AND value = ? AND type = ?`
	deleteAttribute = `DELETE FROM user_attribute
		WHERE realm = ? AND resolver = ? AND user_id = ? AND key = ? AND value = ? AND type = ?`
	forgetAttributes = `DELETE FROM user_attribute WHERE realm = ?`
	noAttributes     = `SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM user_attribute WHERE realm = ?)`

	attributeKeys = `SELECT DISTINCT key FROM user_attribute WHERE realm = ? ORDER BY key`
	attributesOf  = `SELECT id, user_id, key, value, type FROM user_attribute
		WHERE realm = ? AND resolver = ? AND (user_id = ? OR ? = '') ORDER BY user_id, key`
)

func setAttribute(c token.SetAttribute) statement {
	o := c.Owner
	switch {
	case c.From == nil && c.To == nil:
		return statement{text: "DELETE FROM user_attribute WHERE 0", always: true}
	case c.From == nil:
		return statement{text: insertAttribute, args: []any{int64(c.ID), o.Realm, o.Resolver, o.UserID, c.Key, c.To.Text, c.To.Type}}
	case c.To == nil:
		return statement{text: deleteAttribute, args: []any{o.Realm, o.Resolver, o.UserID, c.Key, c.From.Text, c.From.Type}}
	}
	return statement{text: updateAttribute, args: []any{c.To.Text, c.To.Type, o.Realm, o.Resolver, o.UserID, c.Key, c.From.Text, c.From.Type}}
}

// Attributes returns what is noted of a user of a realm and resolver, ordered by
// key; of all of their users when the owner has no UserID.
func (s *Store) Attributes(ctx context.Context, o token.Owner) (list []token.Attribute, err error) {
	rows, err := s.readers.QueryContext(ctx, attributesOf, o.Realm, o.Resolver, o.UserID, o.UserID)
	if err != nil {
		return nil, err
	}
	err = each(rows, func(rows *sql.Rows) error {
		a := token.Attribute{Owner: o}
		if err := rows.Scan(&a.ID, &a.Owner.UserID, &a.Key, &a.Text, &a.Type); err != nil {
			return err
		}
		list = append(list, a)
		return nil
	})
	return list, err
}

// AttributeKeys returns the keys of all that is noted of users of a realm, sorted.
func (s *Store) AttributeKeys(ctx context.Context, realm string) (keys []string, err error) {
	rows, err := s.readers.QueryContext(ctx, attributeKeys, realm)
	if err != nil {
		return nil, err
	}
	err = each(rows, func(rows *sql.Rows) error {
		var key string
		if err := rows.Scan(&key); err != nil {
			return err
		}
		keys = append(keys, key)
		return nil
	})
	return keys, err
}
