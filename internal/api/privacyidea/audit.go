package privacyidea

import (
	"strings"
	"time"

	"symbolon/internal/api/envelope"
	"symbolon/internal/audit"
	"symbolon/internal/fault"
	"symbolon/internal/token"
)

// AuditForm is how a profile shows and searches the trail (users-audit-events.md
// 5.1, 5.3).
type AuditForm struct {
	Columns []string // of GET /audit/, in order
	CSV     []string // of the download, in order
	Node    string   // the name of the column node
	// NullEmpty shows empty texts as null.
	NullEmpty bool
	// Negation: a leading ! in a filter negates it. Without it, % is a wildcard
	// like *.
	Negation bool
}

func auditPrivacyIDEA() AuditForm {
	return AuditForm{
		Columns: strings.Fields("number action success authentication serial date startdate duration token_type user realm " +
			"administrator action_detail info privacyidea_server client user_agent user_agent_version log_level policies " +
			"clearance_level sig_check missing_line resolver thread_id container_serial container_type"),
		CSV: strings.Fields("number date sig_check missing_line action authentication success serial token_type container_serial " +
			"container_type user realm resolver administrator action_detail info privacyidea_server policies client user_agent " +
			"user_agent_version log_level clearance_level startdate duration thread_id"),
		Node: "privacyidea_server", Negation: true,
	}
}

func auditEduMFA() AuditForm {
	return AuditForm{
		Columns: strings.Fields("number action success serial date startdate duration token_type user realm administrator " +
			"action_detail info edumfa_server client log_level policies clearance_level sig_check missing_line resolver thread_id"),
		CSV: strings.Fields("number date sig_check missing_line action success serial token_type user realm resolver administrator " +
			"action_detail info edumfa_server policies client log_level clearance_level startdate duration thread_id"),
		Node: "edumfa_server", NullEmpty: true,
	}
}

// AuditRow returns a row of the trail with all columns the profile has.
func (p *Profile) AuditRow(r *audit.Row) map[string]any {
	all := map[string]any{
		"number": r.Number, "action": r.Action, "success": 0, "authentication": r.Authentication, "serial": r.Serial,
		"date": isoLocal(r.Ended), "startdate": isoLocal(r.Started), "duration": r.Ended.Sub(r.Started).Seconds(),
		"token_type": r.TokenType, "user": r.User, "realm": r.Realm, "administrator": r.Administrator,
		"action_detail": r.Detail, "info": p.Info(&r.Record), p.Audit.Node: r.Node, "client": r.Client,
		"user_agent": r.Agent, "user_agent_version": r.AgentVersion, "log_level": "default",
		"policies": strings.Join(r.Policies, ","), "clearance_level": "default", "sig_check": okOrFail(r.Intact),
		"missing_line": okOrFail(r.Linked), "resolver": r.Resolver, "thread_id": "0", "container_serial": "",
		"container_type": "",
	}
	if r.Success {
		all["success"] = 1
	}
	row := make(map[string]any, len(p.Audit.Columns))
	for _, c := range p.Audit.Columns {
		row[c] = all[c]
		if p.Audit.NullEmpty && (all[c] == "" && c != "action_detail" && c != "info" || c == "log_level" || c == "clearance_level") {
			row[c] = nil
		}
	}
	return row
}

func okOrFail(ok bool) string {
	if ok {
		return "OK"
	}
	return "FAIL"
}

// isoLocal is a time in the server's zone without naming it, with microseconds
// unless they are zero. The zero time is an empty text.
func isoLocal(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.Local().Truncate(time.Microsecond)
	if t.Nanosecond() == 0 {
		return t.Format("2006-01-02T15:04:05")
	}
	return t.Format("2006-01-02T15:04:05.000000")
}

// Info words what is known about the outcome of a record.
func (p *Profile) Info(r *audit.Record) string {
	var parts []string
	if kind, ok := fault.KindOf(r.Reason); ok {
		parts = append(parts, p.Refusal(fault.New(kind, r.Args...)).Message)
	} else if r.Reason != "" {
		if s := p.Text(token.Text{Key: r.Reason, Args: r.Args}); s != "" {
			parts = append(parts, s)
		}
	}
	if r.Text != "" {
		parts = append(parts, r.Text)
	}
	return strings.Join(parts, "; ")
}

// AuditFilter translates one search parameter. ok is false for parameters that
// filter nothing: unknown columns, an empty value, * alone.
func (p *Profile) AuditFilter(column, value string) (f audit.Filter, ok bool) {
	f = audit.Filter{Column: column, Value: value}
	if column == p.Audit.Node {
		f.Column = "node"
	}
	switch f.Column {
	case "serial", "action", "authentication", "token_type", "user", "realm", "resolver", "administrator", "action_detail",
		"info", "client", "user_agent", "user_agent_version", "policies", "date", "startdate", "number", "success":
	case "node":
		if column == "node" {
			return f, false
		}
	default:
		return f, false
	}
	if p.Audit.Negation {
		f.Value, f.Not = strings.CutPrefix(f.Value, "!")
	} else {
		f.Value = strings.ReplaceAll(f.Value, "%", "*")
	}
	if strings.Trim(f.Value, "*") == "" {
		return f, false
	}
	if f.Column == "success" {
		if truth := envelope.IsTrue(f.Value); truth {
			f.Value = "1"
		} else {
			f.Value = "0"
		}
	}
	return f, true
}
