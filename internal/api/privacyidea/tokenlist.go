package privacyidea

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"

	"symbolon/internal/manage"
	"symbolon/internal/token"
)

// maxPage bounds a page: others have no limit.
const maxPage = 1000

// page reads page and pagesize; values below one are the defaults.
func (r *Request) page(name string, size int64) (page, pageSize int, err error) {
	p, err := r.Int("page", 1)
	if err != nil {
		return 0, 0, err
	}
	n, err := r.Int(name, size)
	if err != nil {
		return 0, 0, err
	}
	if p < 1 || p > 1<<40 {
		p = 1
	}
	if n < 1 {
		n = size
	}
	return int(p), int(min(n, maxPage)), nil
}

// tokenList is GET /token/.
func (s *Server) tokenList(ctx context.Context, r *Request) (Answer, error) {
	l, err := s.listing(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	p, err := manage.List(ctx, r.Session, l)
	if err != nil {
		return Answer{}, err
	}
	views := []any{}
	for _, t := range p.Tokens {
		views = append(views, s.Profile.tokenView(t, p.Hidden))
	}
	if form, _ := r.TextOr("outform", ""); form == "csv" {
		return s.tokenCSV(views), nil
	}
	v := pages(l.Page, l.Size, p.Total)
	if s.Profile.Product != EduMFA {
		delete(v, "current")
	}
	v["tokens"] = views
	return Answer{Value: v}, nil
}

// pages says where in a list a page is.
func pages(page, size, total int) map[string]any {
	v := map[string]any{"count": total, "current": page, "prev": nil, "next": nil}
	if page > 1 {
		v["prev"] = page - 1
	}
	if page*size < total {
		v["next"] = page + 1
	}
	return v
}

// listing reads the filters of a token list (rest-api.md 7.2).
func (s *Server) listing(ctx context.Context, r *Request) (l manage.Listing, err error) {
	f := &l.Filter
	texts := map[string]string{}
	for _, name := range []string{"serial", "type", "type_list", "tokenrealm", "realm", "resolver", "userid", "description",
		"rollout_state", "infokey", "infovalue", "assigned", "active", "sortby", "sortdir"} {
		text, _, err := r.Scalar(name)
		if err != nil {
			return l, err
		}
		texts[name] = text
	}
	if l.User, err = r.User(ctx); err != nil {
		return l, err
	}
	if !l.User.Named() {
		l.Realm = texts["realm"]
	}
	l.RealmNeedsUser = s.Profile.Product == EduMFA
	if serial := texts["serial"]; serial != "" {
		f.Serials = []string{serial}
		if s.Profile.Bulk {
			f.Serials = words(serial)
		}
	}
	f.Type, f.OwnerResolver, f.OwnerID, f.Description = strings.ToLower(texts["type"]), texts["resolver"], texts["userid"], texts["description"]
	if s.Profile.Bulk {
		f.Types = words(strings.ToLower(texts["type_list"]))
	}
	f.TokenRealms = words(strings.ToLower(texts["tokenrealm"]))
	f.Assigned, f.Active = truth(texts["assigned"]), truth(texts["active"])
	if state := texts["rollout_state"]; state != "" {
		if state == s.Profile.EnrolledState {
			state = string(token.Enrolled)
		}
		f.State = &state
	}
	if texts["infokey"] != "" && texts["infovalue"] != "" {
		f.InfoKey, f.InfoValue = texts["infokey"], texts["infovalue"]
	}
	f.SortBy, f.Descending = texts["sortby"], texts["sortdir"] == "desc"
	l.Page, l.Size, err = r.page("pagesize", 15)
	return l, err
}

// words splits a comma list.
func words(s string) []string {
	var out []string
	for _, w := range strings.Split(s, ",") {
		if w = strings.TrimSpace(w); w != "" {
			out = append(out, w)
		}
	}
	return out
}

// truth is the rule of the list's own flags: true, or anything else is false.
func truth(s string) *bool {
	if s == "" {
		return nil
	}
	b := strings.EqualFold(s, "true")
	return &b
}

// tokenCSV is the page as a table for spreadsheets.
func (s *Server) tokenCSV(views []any) Answer {
	var b bytes.Buffer
	columns := tokenColumns[:]
	if !s.Profile.Containers {
		columns = columns[:len(columns)-1]
	}
	b.WriteString(strings.Join(columns, ",") + "\r\n")
	for _, v := range views {
		row := v.(map[string]any)
		for i, name := range columns {
			if i > 0 {
				b.WriteByte(',')
			}
			cell := ""
			if x, ok := row[name]; ok {
				cell = plain(x)
			}
			b.WriteString(csvCell(cell))
		}
		b.WriteString("\r\n")
	}
	name := strings.Replace(s.Profile.Name, "privacyIDEA", "privacyidea", 1)
	return Answer{Raw: &Raw{Type: "text/csv", Body: b.Bytes()}, Header: http.Header{
		"Content-Disposition": {fmt.Sprintf("attachment; filename=%s-tokendata.csv", name)}}}
}
