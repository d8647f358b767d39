package storetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"symbolon/internal/audit"
	"symbolon/internal/store"
	"symbolon/internal/token"
)

// records returns what fits q, and wants the total to be total.
func (d *desk) records(t testing.TB, q audit.Query, total int) []audit.Row {
	t.Helper()
	page, n, err := d.store.Records(context.Background(), q)
	if err != nil || n != total {
		t.Fatalf("%+v: %d records, %v; want %d", q.Filters, n, err, total)
	}
	return page
}

func cases(rows []audit.Row) (out []string) {
	for _, r := range rows {
		out = append(out, r.Case)
	}
	return out
}

func fullRecord() audit.Record {
	return audit.Record{Case: "C-1", Started: start, Ended: start.Add(time.Second), Action: "POST /validate/check", Success: true,
		Authentication: "ACCEPT", Serial: "A,B", TokenType: "hotp", User: "hans", Realm: "realm1", Resolver: "res", Administrator: "root",
		Detail: "detail", Reason: "accepted", Args: []any{3, "three", -2.5, []string{"a", "b"}}, Text: "Guten Tag, 'Welt'",
		Policies: []string{"p1", "p,2"}, Client: "10.0.0.1", Agent: "agent", AgentVersion: "1.2", Conflicts: 2,
		Trace: []audit.Step{{What: "token", Object: "A", Outcome: "found", Reason: "why", Numbers: []int64{1, math.MinInt64}}, {What: "x"}}}
}

func recordsWithChanges(t *testing.T, d *desk) {
	ctx := context.Background()
	tok := d.draft(nil)
	rec := fullRecord()
	if err := d.store.Commit(ctx, token.Commit{Changes: []token.Change{token.Create{Token: tok}}, Record: &rec}); err != nil {
		t.Fatal(err)
	}
	got, ok, err := d.store.RecordOf(ctx, rec.Case)
	if err != nil || !ok {
		t.Fatalf("record: %t, %v", ok, err)
	}
	same(t, "record", got, audit.Row{Record: rec, Number: 1, Node: "node1", Intact: true, Linked: true})
	again := rec
	again.Case = "C-2"
	err = d.store.Commit(ctx, token.Commit{Changes: []token.Change{token.Create{Token: tok}}, Record: &again})
	if !errors.Is(err, token.ErrConflict) {
		t.Fatal(err)
	}
	if err := d.store.Commit(ctx, token.Commit{Changes: []token.Change{token.Delete{Token: tok.ID}}}); err != nil {
		t.Fatal(err)
	}
	d.records(t, audit.Query{}, 1)
	for _, number := range []string{"C-2", "", "*", "C-*"} {
		if _, ok, err := d.store.RecordOf(ctx, number); ok || err != nil {
			t.Errorf("record of case %q: %t, %v", number, ok, err)
		}
	}
}

func recordsAlone(t *testing.T, d *desk) {
	ctx := context.Background()
	bare := audit.Record{Case: "bare"}
	if err := d.store.Commit(ctx, token.Commit{Record: &bare}); err != nil {
		t.Fatal(err)
	}
	for i := range 300 {
		d.store.Append(audit.Record{Case: fmt.Sprint("alone", i), Args: []any{math.Inf(1), func() {}}})
	}
	// It is answered after all that was queued before it.
	if err := d.store.Commit(ctx, token.Commit{}); err != nil {
		t.Fatal(err)
	}
	rows := d.records(t, audit.Query{Ascending: true}, 301)
	same(t, "bare record", rows[0].Record, bare)
	for i, r := range rows {
		if r.Number != int64(i+1) || !r.Intact || !r.Linked {
			t.Fatalf("row %d: %+v", i, r)
		}
	}
	if text, ok := rows[1].Args[0].(string); !ok || text != "+Inf" {
		t.Errorf("what is no JSON is stored as %v", rows[1].Args)
	}
}

// chain wants the records of each node to be numbered without a gap, whatever
// was in conflict in between, and to go on when the database is opened again.
func chain(t *testing.T, d *desk) {
	tok := d.token(t, nil)
	together(20, func(i int) {
		for range 10 {
			_, err := d.commit(token.MoveCounter{Token: tok.ID, From: int64(i % 2), To: int64((i + 1) % 2)})
			if err != nil && !errors.Is(err, token.ErrConflict) {
				t.Error(err)
			}
			d.store.Append(audit.Record{Case: "alone"})
		}
	})
	other := d.open(t, store.Options{Node: "node2", NoSync: true, Now: func() time.Time { return start.Add(time.Hour) }})
	for range 3 {
		if err := other.Commit(context.Background(), token.Commit{Record: &audit.Record{Case: "second node"}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	other = d.open(t, store.Options{Node: "node2", NoSync: true, Now: func() time.Time { return start }})
	defer func() {
		if err := other.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := other.Commit(context.Background(), token.Commit{Record: &audit.Record{Case: "second node again"}}); err != nil {
		t.Fatal(err)
	}
	for node, atLeast := range map[string]int{"node1": 201, "node2": 4} {
		rows, n, err := d.plain.Records(context.Background(), audit.Query{Ascending: true,
			Filters: []audit.Filter{{Column: "node", Value: node}}})
		if err != nil || n < atLeast || len(rows) != n {
			t.Fatalf("%s: %d records, %v", node, n, err)
		}
		for i, r := range rows {
			if r.Number != int64(i+1) || r.Node != node || !r.Intact || !r.Linked {
				t.Fatalf("row %d of %s: %+v", i, node, r)
			}
		}
	}
}

// recordFilters wants each column to be compared as a whole, with * alone as
// wildcard, and Not to turn it round.
func recordFilters(t *testing.T, d *desk) {
	a := fullRecord()
	b := audit.Record{Case: "D-2", Started: start.AddDate(0, 1, 0), Ended: start.AddDate(0, 1, 1), Action: "GET /token/", Authentication: "REJECT",
		Serial: "B%_[", TokenType: "totp", User: "Hans", Realm: "realm2", Resolver: "res2", Administrator: "Root", Detail: "Detail",
		Policies: []string{"p3"}, Client: "10.0.0.2", Agent: "Agent", AgentVersion: "2", Text: "b"}
	for _, r := range []audit.Record{a, b} {
		if err := d.store.Commit(context.Background(), token.Commit{Record: &r}); err != nil {
			t.Fatal(err)
		}
	}
	local := func(at time.Time) string { return at.In(time.Local).Format("2006-01-02 15:04:05") }
	const onlyA, onlyB, both, none = "a", "b", "ab", ""
	for _, c := range []struct{ column, value, want string }{
		{"serial", "A,B", onlyA}, {"serial", "*B*", both}, {"serial", "B%_[", onlyB}, {"serial", "B*[", onlyB}, {"serial", "%", none},
		{"serial", "A_B", none}, {"serial", "a*", none}, {"serial", "?*", none}, {"serial", "A", none}, {"serial", "*,*", onlyA},
		{"action", "POST *", onlyA}, {"action", "GET /token/", onlyB}, {"success", "1", onlyA}, {"success", "true", onlyA},
		{"success", "0", onlyB}, {"success", "no", onlyB}, {"authentication", "ACCEPT", onlyA}, {"token_type", "t*", onlyB},
		{"user", "hans", onlyA}, {"user", "*ans", both}, {"realm", "realm2", onlyB}, {"resolver", "res", onlyA},
		{"administrator", "R*", onlyB}, {"action_detail", "detail", onlyA}, {"client", "10.0.0.*", both}, {"user_agent", "A*", onlyB},
		{"user_agent_version", "1.2", onlyA}, {"policies", "p3", onlyB}, {"policies", "p1,p,2", onlyA}, {"policies", "p1", none},
		{"policies", "*p*", both}, {"node", "node1", both}, {"node", "node2", none}, {"number", "1", onlyA}, {"number", "2*", onlyB},
		{"number", "x", none}, {"case", "C-1", onlyA}, {"case", "*2", onlyB}, {"info", "info of C-1", onlyA}, {"info", "*D*", onlyB},
		{"startdate", local(a.Started), onlyA}, {"startdate", local(a.Started)[:10], none}, {"startdate", local(a.Started)[:10] + "*", onlyA},
		{"startdate", local(b.Started)[:7] + "*", onlyB}, {"startdate", "*" + local(a.Started)[5:], onlyA}, {"startdate", "2026*", both},
		{"date", local(b.Ended), onlyB}, {"date", local(b.Ended)[:15] + "*", onlyB}, {"date", "2026-03*0*", onlyA}, {"date", "2026-0*-0*", both},
		{"date", "1999*", none}, {"date", "9999-99*", none}, {"date", "no date*", none},
		{"serial", "", both}, {"serial", "**", both}, {"date", "*", both}, {"unknown", "x", both}, {"hash", "x", both},
	} {
		for _, not := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s=%s %t", c.column, c.value, not), func(t *testing.T) {
				want := c.want
				ignored := c.value == "" || c.value == "**" || c.value == "*" || c.column == "unknown" || c.column == "hash"
				if not && !ignored {
					want = map[string]string{onlyA: onlyB, onlyB: onlyA, both: none, none: both}[want]
				}
				rows := d.records(t, audit.Query{Ascending: true, Filters: []audit.Filter{{Column: c.column, Value: c.value, Not: not}},
					Info: func(r *audit.Record) string { return "info of " + r.Case }}, len(want))
				same(t, "cases", cases(rows), map[string][]string{onlyA: {"C-1"}, onlyB: {"D-2"}, both: {"C-1", "D-2"}}[want])
			})
		}
	}
	d.records(t, audit.Query{Filters: []audit.Filter{{Column: "user", Value: "*ans"}, {Column: "serial", Value: "A*"}}}, 1)
	d.records(t, audit.Query{Filters: []audit.Filter{{Column: "info", Value: "nobody words it"}}}, 2)
}

// recordRestriction covers who may see what, since when, and pages.
func recordRestriction(t *testing.T, d *desk) {
	for i := range 10 {
		rec := audit.Record{Case: fmt.Sprint(i), Ended: start.Add(time.Duration(i) * time.Minute), Realm: "even"}
		if i%2 == 1 {
			rec.Realm = "odd"
		}
		if i == 3 {
			rec.Administrator = "root"
		}
		d.store.Append(rec)
	}
	if err := d.store.Commit(context.Background(), token.Commit{}); err != nil {
		t.Fatal(err)
	}
	odd := []audit.Filter{{Column: "info", Value: "odd*"}}
	words := func(r *audit.Record) string { return r.Realm + "!" }
	for _, c := range []struct {
		name  string
		query audit.Query
		total int
		want  []string
	}{
		{"newest first", audit.Query{Limit: 3}, 10, []string{"9", "8", "7"}},
		{"oldest first", audit.Query{Ascending: true, Limit: 3}, 10, []string{"0", "1", "2"}},
		{"second page", audit.Query{Ascending: true, Limit: 3, Offset: 3}, 10, []string{"3", "4", "5"}},
		{"last page", audit.Query{Limit: 3, Offset: 9}, 10, []string{"0"}},
		{"beyond", audit.Query{Limit: 3, Offset: 12}, 10, nil},
		{"offset alone", audit.Query{Offset: 8}, 10, []string{"1", "0"}},
		{"since", audit.Query{Since: start.Add(8 * time.Minute)}, 2, []string{"9", "8"}},
		{"realms", audit.Query{Realms: []string{"odd", "none"}, Limit: 2}, 5, []string{"9", "7"}},
		{"realms and own", audit.Query{Realms: []string{"even"}, Admin: "root", Limit: 4, Offset: 2}, 6, []string{"4", "3", "2", "0"}},
		{"own only", audit.Query{Realms: []string{}, Admin: "root"}, 1, []string{"3"}},
		{"no realm", audit.Query{Realms: []string{}}, 0, nil},
		{"no administrator", audit.Query{Realms: []string{}, Admin: ""}, 0, nil},
		{"administrator without realms", audit.Query{Admin: "root", Limit: 1}, 10, []string{"9"}},
		{"looked at one by one", audit.Query{Filters: odd, Info: words, Limit: 2, Offset: 1}, 5, []string{"7", "5"}},
		{"one by one, all", audit.Query{Filters: odd, Info: words, Ascending: true}, 5, []string{"1", "3", "5", "7", "9"}},
		{"one by one, beyond", audit.Query{Filters: odd, Info: words, Offset: 7}, 5, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := cases(d.records(t, c.query, c.total))
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}
