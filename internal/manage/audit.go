package manage

import (
	"context"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"symbolon/internal/audit"
	"symbolon/internal/authn"
	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/setting"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// Trail is the audit trail, to be read.
type Trail interface {
	// Records returns the records that fit q, and how many there are on all pages.
	Records(ctx context.Context, q audit.Query) (rows []audit.Row, total int, err error)
}

// AuditSearch asks for records of the trail.
type AuditSearch struct {
	// Columns are what is searched by, as text, under the names of audit.Filter.
	// A leading "!" negates, * is a wildcard; what is empty or nothing but * does
	// not restrict.
	Columns    map[string]string
	Ascending  bool
	Page, Size *string // nil: 1 and 15
	// Since is how far the search goes back, such as 1d; nil: not limited.
	Since *string
	// Info words a record for a search in the column info.
	Info func(*audit.Record) string
}

// AuditPage is a page of the trail.
type AuditPage struct {
	Rows       []audit.Row
	Total      int
	Page, Size int
	Hidden     []string // columns that a policy hides, by their wire names
}

// Audit returns a page of the records the caller may see: a user his own, an
// administrator those of his realms.
func Audit(ctx context.Context, s *authn.Session, rules Rules, trail Trail, in AuditSearch) (p AuditPage, err error) {
	err = s.Look(func(c *token.Case, st *site.Site) error {
		q, hidden, err := in.query(ctx, c, st, auditAsk{policy.RightAuditLog, rules})
		if err != nil {
			return err
		}
		if p.Page, p.Size, err = pageOf(in.Page, "page", in.Size, "page_size", 15); err != nil {
			return err
		}
		q.Offset, q.Limit, p.Hidden = (p.Page-1)*p.Size, p.Size, hidden
		p.Rows, p.Total, err = trail.Records(ctx, q)
		return err
	})
	return p, err
}

// auditChunk is how many records a download reads at once.
const auditChunk = 1000

// DownloadAudit returns all records an administrator may see, the oldest first,
// and the columns that a policy hides. Reading goes on while they are taken.
func DownloadAudit(ctx context.Context, s *authn.Session, rules Rules, trail Trail, in AuditSearch) (rows iter.Seq2[audit.Row, error], hidden []string, err error) {
	var q audit.Query
	err = s.Look(func(c *token.Case, st *site.Site) (err error) {
		if err := asAdmin(c); err != nil {
			return err
		}
		q, hidden, err = in.query(ctx, c, st, auditAsk{policy.RightAuditLogDownload, rules})
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	q.Ascending, q.Limit = true, auditChunk
	return func(yield func(audit.Row, error) bool) {
		for q := q; ; q.Offset += auditChunk {
			list, _, err := trail.Records(ctx, q)
			if err != nil {
				yield(audit.Row{}, err)
				return
			}
			for _, row := range list {
				if !yield(row, nil) {
					return
				}
			}
			if len(list) < auditChunk {
				return
			}
		}
	}, hidden, nil
}

// auditAsk is the right to the trail that is asked for.
type auditAsk struct {
	right policy.Right
	rules Rules
}

// query is a search narrowed to what the caller may see.
func (in AuditSearch) query(ctx context.Context, c *token.Case, st *site.Site, ask auditAsk) (q audit.Query, hidden []string, err error) {
	own := c.Origin.Actor.Role == realm.Owner
	if !own {
		if err := mayConfigure(ctx, c, ask.right, Place{}); err != nil {
			return q, nil, err
		}
	} else if err := may(ctx, c, ask.right, Place{}); err != nil {
		return q, nil, err
	}
	view := viewAt(ctx, c, Place{})
	q = audit.Query{Filters: in.filters(ask.rules), Ascending: in.Ascending, Info: in.Info}
	if q.Since, err = in.since(c, view); err != nil {
		return q, nil, err
	}
	if hidden, err = policy.HideAuditColumns(scopeOf(c)).In(view); err != nil {
		return q, nil, err
	}
	if own {
		u := c.Origin.Actor.User
		q.About = &audit.Person{Login: u.Login, Realm: u.Realm}
		return q, hidden, nil
	}
	if console(c) {
		return q, hidden, nil
	}
	within, all, err := view.Within(policy.Admin, ask.right.Name, slices.Sorted(maps.Keys(st.Realms)))
	if err != nil || all {
		return q, hidden, err
	}
	q.Realms = append([]string{}, within...)
	if ask.rules.OwnRows {
		q.Admin = c.Origin.Actor.Login
	}
	return q, hidden, nil
}

// filters reads the columns that are searched by.
func (in AuditSearch) filters(rules Rules) (list []audit.Filter) {
	for _, column := range slices.Sorted(maps.Keys(in.Columns)) {
		f := audit.Filter{Column: column, Value: in.Columns[column]}
		if rules.Negation && strings.HasPrefix(f.Value, "!") {
			f.Value, f.Not = f.Value[1:], true
		}
		if rules.PercentWild {
			f.Value = strings.ReplaceAll(f.Value, "%", "*")
		}
		if strings.Trim(f.Value, "*") == "" {
			continue
		}
		if column == "success" {
			f.Value = map[bool]string{true: "1", false: "0"}[setting.IsTrue(f.Value)]
		}
		list = append(list, f)
	}
	return list
}

// since is the earliest time that is shown: as the caller wants it, but not
// before what a policy allows.
func (in AuditSearch) since(c *token.Case, view policy.View) (t time.Time, err error) {
	if in.Since != nil && *in.Since != "" {
		span, err := policy.ParseSpan(*in.Since)
		if err != nil {
			return t, fault.New(fault.ParameterInvalid, "timelimit")
		}
		t = c.Now.Add(-span.Abs())
	}
	span, f, err := policy.AuditLogAge(scopeOf(c)).In(view)
	if err != nil || !f.Set {
		return t, err
	}
	if limit := c.Now.Add(-span.Abs()); limit.After(t) {
		t = limit
	}
	return t, nil
}
