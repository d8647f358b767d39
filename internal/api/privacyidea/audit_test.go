package privacyidea

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"symbolon/internal/audit"
)

func TestAuditRow(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 21, 19, 11, 55, 730924000, time.Local)
	row := &audit.Row{Record: audit.Record{Started: start, Ended: start.Add(172550 * time.Microsecond), Action: "POST /token/init", Success: true,
		Serial: "H1", TokenType: "hotp", User: "cornelius", Realm: "realm1", Resolver: "reso1", Administrator: "testadmin", Client: "127.0.0.1",
		Agent: "PAM", AgentVersion: "1.0", Policies: []string{"a", "b"}, Reason: "SubjectMissing", Text: "more"}, Number: 4, Node: "Node1", Intact: true}
	p := ProfilePrivacyIDEA().AuditRow(row)
	want := map[string]any{"number": int64(4), "action": "POST /token/init", "success": 1, "authentication": "", "serial": "H1",
		"date": "2026-11-21T19:11:55.903474", "startdate": "2026-11-21T19:11:55.730924", "duration": 0.17255, "token_type": "hotp", "user": "cornelius",
		"realm": "realm1", "administrator": "testadmin", "action_detail": "", "info": "ERR905: You need to specify a serial, user or credential_id.; more",
		"privacyidea_server": "Node1", "client": "127.0.0.1", "user_agent": "PAM", "user_agent_version": "1.0", "log_level": "default", "policies": "a,b",
		"clearance_level": "default", "sig_check": "OK", "missing_line": "FAIL", "resolver": "reso1", "thread_id": "0", "container_serial": "", "container_type": ""}
	if !reflect.DeepEqual(p, want) {
		t.Errorf("got %v\nwant %v", p, want)
	}
	e := ProfileEduMFA().AuditRow(row)
	if len(e) != 22 || e["edumfa_server"] != "Node1" || e["action_detail"] != "" || e["log_level"] != nil || e["info"] != "ERR905: You need to specify a serial or a user.; more" {
		t.Errorf("got %v", e)
	}
	for _, f := range []AuditForm{ProfilePrivacyIDEA().Audit, ProfileEduMFA().Audit} {
		columns := map[string]bool{}
		for _, c := range f.Columns {
			columns[c] = true
		}
		for _, c := range f.CSV {
			if !columns[c] {
				t.Errorf("%s is in the download only", c)
			}
		}
		if len(columns) != len(f.Columns) || len(f.CSV) != len(f.Columns) {
			t.Error("columns of list and download differ")
		}
	}
}

func TestAuditFilter(t *testing.T) {
	t.Parallel()
	p, e := ProfilePrivacyIDEA(), ProfileEduMFA()
	for _, tt := range []struct {
		p             *Profile
		column, value string
		want          audit.Filter
		ok            bool
	}{
		{p, "serial", "X*", audit.Filter{Column: "serial", Value: "X*"}, true},
		{p, "serial", "!X*", audit.Filter{Column: "serial", Value: "X*", Not: true}, true},
		{p, "serial", "*", audit.Filter{}, false}, {p, "serial", "", audit.Filter{}, false}, {p, "serial", "!", audit.Filter{}, false},
		{p, "page", "1", audit.Filter{}, false}, {p, "node", "n", audit.Filter{}, false}, {p, "edumfa_server", "n", audit.Filter{}, false},
		{p, "privacyidea_server", "n", audit.Filter{Column: "node", Value: "n"}, true},
		{e, "edumfa_server", "n%", audit.Filter{Column: "node", Value: "n*"}, true},
		{e, "user", "!x", audit.Filter{Column: "user", Value: "!x"}, true},
		{p, "success", "True", audit.Filter{Column: "success", Value: "1"}, true}, {p, "success", "no", audit.Filter{Column: "success", Value: "0"}, true},
		{p, "date", "2026-05*", audit.Filter{Column: "date", Value: "2026-05*"}, true},
	} {
		if got, ok := tt.p.AuditFilter(tt.column, tt.value); ok != tt.ok || ok && got != tt.want {
			t.Errorf("%s=%s: got %+v, %v", tt.column, tt.value, got, ok)
		}
	}
}

func TestAuditInfo(t *testing.T) {
	t.Parallel()
	p := ProfilePrivacyIDEA()
	for _, tt := range []struct {
		r    audit.Record
		want string
	}{
		{audit.Record{}, ""}, {audit.Record{Text: "x"}, "x"}, {audit.Record{Reason: "wrong-pin"}, "wrong otp pin"},
		{audit.Record{Reason: "matching-tokens", Args: []any{2.0}}, "matching 2 tokens"},
		{audit.Record{Reason: "ParameterMissing", Args: []any{"user"}}, "ERR905: Missing parameter: user"},
		{audit.Record{Reason: "somebody-else's"}, "somebody-else's"},
	} {
		if got := p.Info(&tt.r); got != tt.want {
			t.Errorf("%+v: got %q", tt.r, got)
		}
	}
	if strings.Contains(isoLocal(time.Unix(5, 0)), ".") || isoLocal(time.Time{}) != "" {
		t.Error("times without fraction have none")
	}
}
