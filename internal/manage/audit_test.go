package manage_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"symbolon/internal/audit"
	"symbolon/internal/authn"
	"symbolon/internal/fault"
	"symbolon/internal/manage"
	"symbolon/internal/token"
)

// trail writes records whose detail is a letter each.
func (o *office) trail() {
	o.t.Helper()
	for _, r := range []audit.Record{
		{Detail: "a", User: "hans", Realm: "realm1", Success: true, Ended: o.now.Add(-48 * time.Hour)},
		{Detail: "b", User: "cornelius", Realm: "realm1", Ended: o.now.Add(-2 * time.Hour)},
		{Detail: "c", User: "hans", Realm: "sales", Ended: o.now.Add(-time.Hour)},
		{Detail: "d", Administrator: "hans", Realm: "work", Success: true, Ended: o.now.Add(-time.Hour)},
		{Detail: "e", User: "*", Realm: "realm1", Reason: "wrong-pin", Ended: o.now},
	} {
		r.Action, r.Started = "TRAIL", r.Ended
		o.must(o.store.Commit(o.t.Context(), token.Commit{Record: &r}))
	}
}

// found shows the details of the records of a search, in their order.
func (o *office) found(s *authn.Session, rules manage.Rules, in manage.AuditSearch) string {
	o.t.Helper()
	if in.Columns == nil {
		in.Columns = map[string]string{}
	}
	in.Columns["action"] = "TRAIL"
	p, err := manage.Audit(o.t.Context(), s, rules, o.store, in)
	o.must(err)
	var b strings.Builder
	for _, r := range p.Rows {
		b.WriteString(r.Detail)
	}
	return b.String()
}

func columns(pairs ...string) manage.AuditSearch {
	in := manage.AuditSearch{Columns: map[string]string{}, Ascending: true}
	for i := 0; i < len(pairs); i += 2 {
		in.Columns[pairs[i]] = pairs[i+1]
	}
	return in
}

func TestSearchTheTrail(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.trail()
	pi, edu := manage.Rules{Negation: true}, manage.Rules{PercentWild: true}
	info := columns("info", "wrong*")
	info.Info = func(r *audit.Record) string { return r.Reason }
	ago := columns()
	ago.Since = text("90m")
	for _, x := range []struct {
		rules manage.Rules
		in    manage.AuditSearch
		want  string
	}{
		{pi, manage.AuditSearch{}, "edcba"},
		{pi, columns("user", "hans"), "ac"},
		{pi, columns("user", "!hans"), "bde"},
		{edu, columns("user", "!hans"), ""},
		{pi, columns("user", "h%"), ""},
		{edu, columns("user", "h%"), "ac"},
		{pi, columns("user", "", "realm", "*", "nosuch", "x"), "abcde"},
		{pi, columns("success", "True"), "ad"},
		{pi, columns("success", "no"), "bce"},
		{pi, columns("success", "!1"), "bce"},
		{pi, info, "e"},
		{pi, ago, "cde"},
	} {
		if got := o.found(o.admin(), x.rules, x.in); got != x.want {
			t.Errorf("%+v: got %q, want %q", x.in.Columns, got, x.want)
		}
	}
	bad := columns()
	bad.Since = text("soon")
	_, err := manage.Audit(t.Context(), o.admin(), pi, o.store, bad)
	isFault(t, err, fault.ParameterInvalid, "timelimit")
}

func TestPagesOfTheTrail(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.trail()
	for _, x := range []struct {
		page, size *string
		want       string
	}{{nil, nil, "1 15 5"}, {text("2"), text("2"), "2 2 2"}, {text("3"), text("2"), "3 2 1"}, {text("-1"), text("0"), "1 15 5"},
		{text("1"), text("100000"), "1 1000 5"}, {text(""), text(" 4 "), "1 4 4"}} {
		in := columns("action", "TRAIL")
		in.Page, in.Size = x.page, x.size
		p, err := manage.Audit(t.Context(), o.admin(), manage.Rules{}, o.store, in)
		o.must(err)
		if got := fmt.Sprint(p.Page, p.Size, len(p.Rows)); got != x.want || p.Total != 5 {
			t.Errorf("got %s of %d, want %s", got, p.Total, x.want)
		}
	}
	in := columns()
	in.Size = text("many")
	_, err := manage.Audit(t.Context(), o.admin(), manage.Rules{}, o.store, in)
	isFault(t, err, fault.NotANumber, "page_size")
}

func TestWhoSeesWhichRecords(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.realm("sales", "reso1")
	o.trail()
	for user, want := range map[string]string{"hans": "a", "*": "e", "nobody": ""} {
		for _, in := range []manage.AuditSearch{{}, columns("user", "*"), columns("user", user)} {
			if got := o.found(o.user(user, "1"), manage.Rules{OwnRows: true}, in); got != want {
				t.Errorf("user %s sees %q, want %q", user, got, want)
			}
		}
	}
	if got := o.found(o.user("hans", "1002"), manage.Rules{}, columns("user", "cornelius")); got != "" {
		t.Errorf("hans sees %q of cornelius", got)
	}
	o.policy("super", "admin", "*", func(p *manage.PolicyText) { p.AdminUser = text("admin") })
	o.policy("help", "admin", "auditlog", func(p *manage.PolicyText) { p.AdminRealm, p.Realm = text("helpdesk"), text("sales") })
	if got := o.found(o.helper(), manage.Rules{OwnRows: true}, columns()); got != "cd" {
		t.Errorf("the helper sees %q", got)
	}
	if got := o.found(o.helper(), manage.Rules{}, columns()); got != "c" {
		t.Errorf("without his own actions the helper sees %q", got)
	}
	if got := o.found(o.admin(), manage.Rules{}, columns()); got != "abcde" {
		t.Errorf("the administrator sees %q", got)
	}
	if got := o.found(o.console(), manage.Rules{}, columns()); got != "abcde" {
		t.Errorf("who sits at the machine sees %q", got)
	}
}

func TestPoliciesOfTheTrail(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.trail()
	o.policy("hide", "user", "auditlog, hide_audit_columns=serial client, auditlog_age=1h", nil)
	o.policy("hide2", "user", "hide_audit_columns=thread_id", nil)
	p, err := manage.Audit(t.Context(), o.user("hans", "1002"), manage.Rules{}, o.store, manage.AuditSearch{})
	o.must(err)
	slices.Sort(p.Hidden)
	if !slices.Equal(p.Hidden, []string{"client", "serial", "thread_id"}) || len(p.Rows) != 0 {
		t.Errorf("hidden %v, %d rows", p.Hidden, len(p.Rows))
	}
	o.policy("all", "admin", "*", nil)
	o.policy("age", "admin", "auditlog_age=90m", nil)
	since := func(span string) manage.AuditSearch { in := columns(); in.Since = &span; return in }
	for in, want := range map[string]string{"": "cde", "9d": "cde", "30m": "e"} {
		if got := o.found(o.admin(), manage.Rules{}, since(in)); got != want {
			t.Errorf("within %q the administrator sees %q, want %q", in, got, want)
		}
	}
}

func TestDownloadTheTrail(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.trail()
	for range 2100 {
		o.store.Append(audit.Record{Action: "MANY", Ended: o.now})
	}
	o.must(o.store.Commit(t.Context(), token.Commit{Record: &audit.Record{Action: "LAST", Ended: o.now}}))
	o.policy("hide", "admin", "*", nil)
	o.policy("hide2", "admin", "hide_audit_columns=client", nil)
	rows, hidden, err := manage.DownloadAudit(t.Context(), o.admin(), manage.Rules{}, o.store, columns("action", "MANY"))
	o.must(err)
	if !slices.Equal(hidden, []string{"client"}) {
		t.Errorf("hidden is %v", hidden)
	}
	n, before := 0, int64(0)
	for r, err := range rows {
		o.must(err)
		if r.Number <= before {
			t.Fatalf("row %d comes after %d", r.Number, before)
		}
		n, before = n+1, r.Number
	}
	if n != 2100 {
		t.Errorf("%d rows", n)
	}
	for range rows {
		break // whoever takes the rows may stop
	}
}
