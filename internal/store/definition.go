package store

import (
	"context"
	"database/sql"

	"symbolon/internal/token"
)

const (
	// The id of a definition stays what it was.
	define = `INSERT INTO definition (kind, name, id, body) VALUES (?, ?, ?, ?)
		ON CONFLICT (kind, name) DO UPDATE SET body = excluded.body`

	undefine = `DELETE FROM definition WHERE kind = ? AND name = ?`

	atVersion = `UPDATE definition_version SET version = version + 1 WHERE version = ?`
)

// Definitions returns all definitions, ordered by kind and name, and the
// version they have together.
func (s *Store) Definitions(ctx context.Context) (version int64, list []token.Definition, err error) {
	err = s.snapshot(ctx, func(tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, "SELECT version FROM definition_version").Scan(&version); err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, "SELECT kind, name, id, body FROM definition ORDER BY kind, name")
		if err != nil {
			return err
		}
		return each(rows, func(rows *sql.Rows) error {
			var d token.Definition
			if err := rows.Scan(&d.Kind, &d.Name, &d.ID, &d.Body); err != nil {
				return err
			}
			list = append(list, d)
			return nil
		})
	})
	return version, list, err
}
