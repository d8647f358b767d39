package main

import (
	"context"
	"time"

	"symbolon/internal/app"
)

type statusCommand struct{ output }

// Run shows the health of the running server and exits with 8 when it is bad.
func (c *statusCommand) Run(ctx context.Context, s *session) error {
	got, err := s.status(ctx)
	if err != nil {
		return err
	}
	err = c.write(s.stdout, rows{count: 1, single: true, columns: []column{
		{"version", func(int) any { return got.Version }},
		{"profile", func(int) any { return got.Profile }},
		{"node", func(int) any { return got.Node }},
		{"process", func(int) any { return got.Process }},
		{"since", func(int) any { return got.Since }},
		{"up_seconds", func(int) any { return int(time.Since(got.Since).Seconds()) }},
		{"listeners", func(int) any { return got.Listeners }},
		{"url", func(int) any { return got.URL }},
		{"certificate_ends", func(int) any { return got.CertEnds }},
		{"database", func(int) any { return got.Database }},
		{"database_bytes", func(int) any { return got.Size }},
		{"database_ms", func(int) any { return got.Latency }},
		{"admins", func(int) any { return got.Admins }},
		{"realms", func(int) any { return got.Realms }},
		{"resolvers", func(int) any { return got.Resolvers }},
		{"policies", func(int) any { return got.Policies }},
		{"tokens", func(int) any { return got.Tokens }},
		{"healthy", func(int) any { return got.Healthy }},
		{"findings", func(int) any { return got.Findings }},
	}})
	if err == nil && !got.Healthy {
		return &app.Problem{Exit: app.No, Text: "the server is not healthy"}
	}
	return err
}

// status asks the running server.
func (s *session) status(ctx context.Context) (app.Status, error) {
	cfg, err := s.config()
	if err != nil {
		return app.Status{}, err
	}
	client, err := app.Running(ctx, cfg)
	if err != nil {
		return app.Status{}, err
	}
	defer client.Close()
	var got app.Status
	return got, client.Call(ctx, app.ServerInfo, app.Nothing{}, &got)
}
