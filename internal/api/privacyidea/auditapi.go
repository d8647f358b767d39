package privacyidea

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"symbolon/internal/audit"
	"symbolon/internal/manage"
)

// auditSearch reads the columns that the trail is searched by.
func (s *Server) auditSearch(r *Request) (in manage.AuditSearch, err error) {
	in.Columns = map[string]string{}
	in.Info = s.Profile.Info
	for name := range r.Without(append(envelopeParams[:], "page", "page_size", "sortorder", "timelimit")...) {
		text, ok, err := r.Scalar(name)
		if err != nil {
			return in, err
		}
		if name == s.Profile.Audit.Node {
			name = "node"
		}
		if ok {
			in.Columns[name] = text
		}
	}
	if r.own() { // these say who calls, not what is looked for
		for _, name := range []string{"user", "realm", "resolver"} {
			delete(in.Columns, name)
		}
	}
	if in.Page, err = r.optional("page"); err != nil {
		return in, err
	}
	if in.Size, err = r.optional("page_size"); err != nil {
		return in, err
	}
	if in.Since, err = r.optional("timelimit"); err != nil {
		return in, err
	}
	order, err := r.TextOr("sortorder", "desc")
	in.Ascending = order == "asc"
	return in, err
}

// auditList is GET /audit/.
func (s *Server) auditList(ctx context.Context, r *Request) (Answer, error) {
	in, err := s.auditSearch(r)
	if err != nil {
		return Answer{}, err
	}
	p, err := manage.Audit(ctx, r.Session, s.Profile.Manage, s.Trail, in)
	if err != nil {
		return Answer{}, err
	}
	rows := []any{}
	for i := range p.Rows {
		row := s.Profile.AuditRow(&p.Rows[i])
		for _, h := range p.Hidden {
			delete(row, h)
		}
		rows = append(rows, row)
	}
	columns := []string{}
	for _, c := range s.Profile.Audit.Columns {
		if !slices.Contains(p.Hidden, c) {
			columns = append(columns, c)
		}
	}
	v := pages(p.Page, p.Size, p.Total)
	v["auditdata"], v["auditcolumns"] = rows, anys(columns)
	return Answer{Value: v}, nil
}

// auditDownload is GET /audit/<file>: all records that fit, the oldest first, as
// rows of quoted cells.
func (s *Server) auditDownload(ctx context.Context, r *Request) (Answer, error) {
	in, err := s.auditSearch(r)
	if err != nil {
		return Answer{}, err
	}
	delete(in.Columns, "csvfile")
	rows, hidden, err := manage.DownloadAudit(ctx, r.Session, s.Profile.Manage, s.Trail, in)
	if err != nil {
		return Answer{}, err
	}
	a := attachment("text/csv", r.Path["csvfile"], nil)
	a.Raw.Stream = func(w io.Writer) error {
		b := bufio.NewWriter(w)
		for row, err := range rows {
			if err != nil {
				return err
			}
			if err := s.auditLine(b, &row, hidden); err != nil {
				return err
			}
		}
		return b.Flush()
	}
	return a, nil
}

func (s *Server) auditLine(w io.Writer, row *audit.Row, hidden []string) error {
	view := s.Profile.AuditRow(row)
	cells := make([]string, 0, len(s.Profile.Audit.CSV))
	for _, c := range s.Profile.Audit.CSV {
		if slices.Contains(hidden, c) {
			continue
		}
		text := ""
		if v := view[c]; v != nil {
			text = plain(v)
		}
		cells = append(cells, "'"+strings.ReplaceAll(text, "'", "''")+"'")
	}
	_, err := fmt.Fprintf(w, "%s\n", strings.Join(cells, ","))
	return err
}
