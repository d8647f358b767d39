package privacyidea

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"symbolon/internal/manage"
	"symbolon/internal/token"
)

const (
	minuteDate  = "2006-01-02T15:04-0700"
	secondsDate = "2006-01-02T15:04:05-07:00"
	microDate   = "2006-01-02 15:04:05.000000-07:00"
)

// tokenView is a token as lists show it (token-engine.md 1.2, rest-api.md 7.2).
func (p *Profile) tokenView(l manage.Listed, hidden []string) map[string]any {
	t := l.Token
	realms, groups := anys(t.Realms), anys(t.Groups)
	v := map[string]any{
		"id": int64(t.ID), "description": t.Description, "serial": t.Serial, "tokentype": t.Type,
		"info": p.infoView(t, hidden), "resolver": t.Owner.Resolver, "user_id": t.Owner.UserID, "otplen": t.Digits,
		"maxfail": t.MaxFailures, "active": t.Active, "revoked": t.Revoked, "locked": t.Locked, "failcount": t.Failures,
		"count": t.Counter, "count_window": t.Window, "sync_window": t.SyncWindow, "rollout_state": p.state(t.State),
		"realms": realms, "tokengroup": groups, "username": "", "user_realm": "",
	}
	if p.Containers {
		v["container_serial"] = ""
	}
	if t.Owner != (token.Owner{}) {
		v["username"], v["user_realm"], v["user_editable"] = l.Owner.Login, t.Owner.Realm, l.Editable
		if l.OwnerFailed {
			v["username"], v["user_realm"], v["user_editable"] = "**resolver error**", "", ""
		}
	}
	return v
}

// state is the rollout state: privacyIDEA names that of a usable token.
func (p *Profile) state(s token.State) string {
	if s == token.Enrolled {
		return p.EnrolledState
	}
	return string(s)
}

// infoView is a token's information, with what is kept in its standing among it.
func (p *Profile) infoView(t *token.Token, hidden []string) map[string]any {
	v := map[string]any{}
	for k, e := range t.Info {
		if manage.Hidden(k) {
			continue
		}
		v[k] = e.Text
		if e.Type != "" {
			v[k+".type"] = e.Type
		}
	}
	for k, s := range p.standingInfo(t) {
		v[k] = s
	}
	for _, k := range hidden {
		delete(v, k)
	}
	return v
}

// minutes is the layout of a limit: one that was given without a zone has none.
func minutes(t time.Time) string {
	if t.Location() == time.Local {
		return "2006-01-02T15:04"
	}
	return minuteDate
}

func (p *Profile) standingInfo(t *token.Token) map[string]string {
	v := map[string]string{}
	date := func(key string, at time.Time, layout string) {
		if !at.IsZero() {
			v[key] = at.Format(layout)
		}
	}
	date("failcounter_exceeded", t.FailedAt.Local(), minuteDate)
	date("validity_period_start", t.ValidFrom, minutes(t.ValidFrom))
	date("validity_period_end", t.ValidUntil, minutes(t.ValidUntil))
	date("last_auth", t.LastUse, p.Rules.LastAuthText)
	if p.Creation == "created_at" {
		date(p.Creation, t.Created.Local(), microDate)
	} else {
		date(p.Creation, t.Created.UTC(), secondsDate)
		date("assignment_date", t.Assigned.UTC(), secondsDate)
	}
	for key, n := range map[string]int64{"count_auth": t.Uses, "count_auth_success": t.Successes} {
		if n > 0 {
			v[key] = strconv.FormatInt(n, 10)
		}
	}
	for key, n := range map[string]*int64{"count_auth_max": t.MaxUses, "count_auth_success_max": t.MaxSuccesses} {
		if n != nil {
			v[key] = strconv.FormatInt(*n, 10)
		}
	}
	if t.FailedAt.IsZero() {
		delete(v, "failcounter_exceeded")
	}
	return v
}

// tokenColumns is the order of the CSV's columns.
var tokenColumns = [...]string{"id", "description", "serial", "tokentype", "info", "resolver", "user_id", "otplen", "maxfail",
	"active", "revoked", "locked", "failcount", "count", "count_window", "sync_window", "rollout_state", "realms",
	"tokengroup", "username", "user_realm", "user_editable", "container_serial"}

// csvCell quotes a cell (RFC 4180) and takes the force of what a spreadsheet
// would run.
func csvCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		s = "'" + s
	}
	if strings.ContainsAny(s, ",\"\r\n") {
		return `"` + strings.ReplaceAll(strings.NewReplacer("\r", " ", "\n", " ").Replace(s), `"`, `""`) + `"`
	}
	return s
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
