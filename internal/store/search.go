package store

import (
	"bytes"
	"context"
	"database/sql"
	"strconv"
	"strings"
	"time"

	"symbolon/internal/audit"
	"symbolon/internal/setting"
	"symbolon/internal/token"
)

// The neighbours of a row and the end of its chain tell whether rows are missing.
const (
	rowTables = ` FROM audit a
	LEFT JOIN audit b ON b.node = a.node AND b.number = a.number - 1
	LEFT JOIN audit n ON n.node = a.node AND n.number = a.number + 1
	LEFT JOIN audit_head h ON h.node = a.node `
	rowNeighbours = `, a.hash, b.hash, n.previous, h.hash`

	countRows = `SELECT count(*) FROM audit a `
)

// selectRows is the beginning of a query of audit rows.
func selectRows() string {
	return "SELECT a." + strings.Join(strings.Fields(rowColumns), " a.") + rowNeighbours + rowTables
}

// scanRow reads a row and judges whether the chain is whole around it.
func scanRow(rows *sql.Rows) (audit.Row, error) {
	var r row
	var before, after, end []byte
	if err := rows.Scan(append(r.places(), &r.hash, &before, &after, &end)...); err != nil {
		return audit.Row{}, err
	}
	rec, err := r.record()
	out := audit.Row{Record: rec, Number: r.number, Node: r.node}
	out.Intact = err == nil && bytes.Equal(r.hash, r.digest())
	joined := before != nil && bytes.Equal(before, r.previous) || before == nil && r.number == 1 && len(r.previous) == 0
	if after != nil {
		out.Linked = joined && bytes.Equal(after, r.hash)
	} else {
		out.Linked = joined && bytes.Equal(end, r.hash)
	}
	return out, nil
}

// Records returns the records that fit q, from Offset on and at most Limit, in
// the order they were written or the reverse, and how many fit in all. What was
// appended before the call is among them.
func (s *Store) Records(ctx context.Context, q audit.Query) (page []audit.Row, total int, err error) {
	if err := s.Commit(ctx, token.Commit{}); err != nil { // the queue has been written up to here
		return nil, 0, err
	}
	search := newSearch(q)
	where, args := search.where()
	order := " ORDER BY a.written DESC"
	if q.Ascending {
		order = " ORDER BY a.written"
	}
	text := selectRows() + where + order
	err = s.snapshot(ctx, func(tx *sql.Tx) error {
		if len(search.checks) > 0 {
			page, total, err = search.sift(ctx, tx, text, args)
			return err
		}
		if err := tx.QueryRowContext(ctx, countRows+where, args...).Scan(&total); err != nil {
			return err
		}
		limit := q.Limit
		if limit <= 0 {
			limit = -1
		}
		rows, err := tx.QueryContext(ctx, text+" LIMIT ? OFFSET ?", append(args, limit, q.Offset)...)
		if err != nil {
			return err
		}
		return each(rows, func(rows *sql.Rows) error {
			r, err := scanRow(rows)
			page = append(page, r)
			return err
		})
	})
	return page, total, err
}

// RecordOf returns the first record with this case number; ok is false when
// there is none.
func (s *Store) RecordOf(ctx context.Context, caseNumber string) (r audit.Row, ok bool, err error) {
	if caseNumber == "" {
		return r, false, nil
	}
	rows, err := s.readers.QueryContext(ctx, selectRows()+"WHERE a.case_number = ? ORDER BY a.written LIMIT 1", caseNumber)
	if err != nil {
		return r, false, err
	}
	err = each(rows, func(rows *sql.Rows) error {
		r, err = scanRow(rows)
		ok = err == nil
		return err
	})
	return r, ok, err
}

// search is a query taken apart: what the database answers and what is looked
// at row by row, since it is not stored as it is searched.
type search struct {
	conditions
	checks []check
	query  audit.Query
}

// check is a filter on a text made of a record.
type check struct {
	text    func(*audit.Record) string
	pattern string
	not     bool
}

func newSearch(q audit.Query) *search {
	s := &search{query: q}
	if !q.Since.IsZero() {
		s.add("a.ended >= ?", micros(q.Since))
	}
	if q.Realms != nil {
		if q.Admin == "" {
			s.add("a.realm"+listed, jsonList(q.Realms))
		} else {
			s.add("(a.realm"+listed+" OR a.administrator = ?)", jsonList(q.Realms), q.Admin)
		}
	}
	if q.About != nil {
		s.add("a.login = ? AND a.realm = ?", q.About.Login, q.About.Realm)
	}
	for _, f := range q.Filters {
		if f.Value == "" || onlyStars(f.Value) {
			continue
		}
		s.filter(f)
	}
	return s
}

func (s *search) filter(f audit.Filter) {
	switch f.Column {
	case "info":
		if s.query.Info != nil {
			s.checks = append(s.checks, check{s.query.Info, f.Value, f.Not})
		}
	case "date":
		s.moment("a.ended", f, func(r *audit.Record) string { return localText(r.Ended) })
	case "startdate":
		s.moment("a.started", f, func(r *audit.Record) string { return localText(r.Started) })
	case "success":
		s.condition("a.success = ?", setting.IsTrue(f.Value), f.Not)
	case "number":
		s.number(f)
	default:
		if column := textColumn(f.Column); column != "" {
			text, arg := like(column, f.Value)
			s.condition(text, arg, f.Not)
		}
	}
}

func (s *search) condition(text string, arg any, not bool) {
	if not {
		text = "NOT (" + text + ")"
	}
	s.add(text, arg)
}

func (s *search) number(f audit.Filter) {
	if n, err := strconv.ParseInt(f.Value, 10, 64); err == nil {
		s.condition("a.number = ?", n, f.Not)
		return
	}
	text, arg := like("CAST(a.number AS TEXT)", f.Value)
	s.condition(text, arg, f.Not)
}

// textColumn is the column of a filter that compares a stored text.
func textColumn(name string) string {
	switch name {
	case "serial", "action", "authentication", "token_type", "realm", "resolver", "administrator", "client", "node":
		return "a." + name
	case "user":
		return "a.login"
	case "action_detail":
		return "a.detail"
	case "user_agent":
		return "a.agent"
	case "user_agent_version":
		return "a.agent_version"
	case "case":
		return "a.case_number"
	case "policies":
		return policyNames
	}
	return ""
}

// moment filters a time by its text in the process's zone. The database takes
// away most of the other rows, by the time its literal beginning stands for.
func (s *search) moment(column string, f audit.Filter, text func(*audit.Record) string) {
	s.checks = append(s.checks, check{text, f.Value, f.Not})
	if from, to, ok := span(f.Value); ok && !f.Not {
		s.add(column+" BETWEEN ? AND ?", micros(from), micros(to))
	}
}

const momentForm = "2006-01-02 15:04:05"

func localText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(time.Local).Format(momentForm)
}

// span returns two instants between which all are whose text fits pattern, with
// a day to spare at both ends.
func span(pattern string) (from, to time.Time, ok bool) {
	start, _, _ := strings.Cut(pattern, "*")
	if len(start) < len("2006") || len(start) > len(momentForm) {
		return from, to, false
	}
	from, ok = parts(start + "0000-00-00 00:00:00"[len(start):])
	if !ok {
		return from, to, false
	}
	to, ok = parts(start + "9999-19-39 29:59:59"[len(start):])
	return from.AddDate(0, 0, -1), to.AddDate(0, 0, 1), ok
}

// parts reads a text in momentForm whose month, day or hour may be out of range:
// then it stands for an instant beyond, as time.Date takes it.
func parts(text string) (time.Time, bool) {
	var n [6]int
	for i, at := range [][2]int{{0, 4}, {5, 7}, {8, 10}, {11, 13}, {14, 16}, {17, 19}} {
		v, err := strconv.ParseUint(text[at[0]:at[1]], 10, 16)
		if err != nil {
			return time.Time{}, false
		}
		n[i] = int(v)
	}
	return time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], 0, time.Local), true
}

// sift goes through the rows the database found and keeps one page of those
// that pass the checks.
func (s *search) sift(ctx context.Context, tx *sql.Tx, text string, args []any) (page []audit.Row, total int, err error) {
	rows, err := tx.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, 0, err
	}
	err = each(rows, func(rows *sql.Rows) error {
		r, err := scanRow(rows)
		if err != nil || !s.passes(&r.Record) {
			return err
		}
		if total >= s.query.Offset && (s.query.Limit <= 0 || len(page) < s.query.Limit) {
			page = append(page, r)
		}
		total++
		return nil
	})
	return page, total, err
}

func (s *search) passes(r *audit.Record) bool {
	for _, c := range s.checks {
		if fits(c.pattern, c.text(r)) == c.not {
			return false
		}
	}
	return true
}
