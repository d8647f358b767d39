package main

import (
	"context"

	"symbolon/internal/app"
)

type serveCommand struct{}

// Run serves until the program is told to stop.
func (serveCommand) Run(ctx context.Context, s *session) error {
	cfg, err := s.config()
	if err != nil {
		return err
	}
	return (&app.Serving{Config: cfg, Out: s.stderr, Log: s.log(cfg)}).Run(ctx)
}
