package main

import (
	"context"

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
		{"node", func(int) any { return got.Node }},
		{"process", func(int) any { return got.Process }},
		{"since", func(int) any { return got.Since }},
		{"listeners", func(int) any { return got.Listeners }},
		{"database", func(int) any { return got.Database }},
		{"admins", func(int) any { return got.Admins }},
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
