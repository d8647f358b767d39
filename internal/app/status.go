package app

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"symbolon/internal/token"
)

// status looks at the store and at what is configured.
func (s *server) status(ctx context.Context, who Caller, _ Nothing) (out Status, err error) {
	session := s.begin(ServerInfo, who)
	defer func() { session.End(ctx, err) }()
	asked := time.Now()
	_, total, err := s.store.Tokens(ctx, token.Filter{Limit: 1})
	if err != nil {
		return out, s.problem("the database", err)
	}
	st := s.holder.Load()
	out = Status{Profile: s.profile.Title(), URL: s.cfg.URL, Node: s.cfg.Node, Database: "SQLite", Healthy: true,
		Latency: float64(time.Since(asked).Microseconds()) / 1000, Admins: len(st.Admins), Realms: slices.Sorted(maps.Keys(st.Realms)),
		Resolvers: slices.Sorted(maps.Keys(st.Resolvers)), Policies: len(st.Defined), Tokens: total}
	for _, name := range []string{databaseName, databaseName + "-wal"} {
		if info, err := os.Stat(filepath.Join(s.cfg.Data, name)); err == nil {
			out.Size += info.Size()
		}
	}
	if out.Admins == 0 {
		out.Findings = append(out.Findings, "There is no administrator. Make one with: symbolon admin add NAME")
	}
	if len(out.Realms) > 0 && st.Default == "" {
		out.Findings = append(out.Findings, "There is no default realm: whoever names no realm is nobody's user")
	}
	return out, nil
}

// certificateNotice is when the end of a certificate becomes a finding.
const certificateNotice = 14 * 24 * time.Hour

// withRun completes the status by what only this run knows.
func (s *Serving) withRun(c Control, web *listening) Control {
	inner, ok := c[ServerInfo]
	if !ok {
		return c
	}
	since := time.Now()
	out := maps.Clone(c)
	out[ServerInfo] = func(ctx context.Context, who Caller, question json.RawMessage) (any, error) {
		answer, err := inner(ctx, who, question)
		if st, ok := answer.(Status); ok {
			st.Version, st.Process, st.Since, st.Listeners = Version, os.Getpid(), since, []string{web.address}
			if web.certificates != nil {
				st.CertEnds = web.certificates.ends()
			}
			if left := time.Until(st.CertEnds); !st.CertEnds.IsZero() && left < certificateNotice {
				st.Findings = append(st.Findings, fmt.Sprintf("The certificate ends on %s. Renew it; it is read again when the files change",
					st.CertEnds.Format(time.DateOnly)))
				st.Healthy = st.Healthy && left > 0
			}
			answer = st
		}
		return answer, err
	}
	return out
}
