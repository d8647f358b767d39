package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"symbolon/internal/app"
)

type demoCommand struct{}

// Run serves from a folder that is deleted at the end.
func (demoCommand) Run(ctx context.Context, s *session) error {
	folder, err := os.MkdirTemp("", "symbolon-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	s.flags["DATA"] = folder
	cfg, err := s.config()
	if err != nil {
		return err
	}
	serving := &app.Serving{Config: cfg, Out: s.stderr, Log: s.log(cfg), Passing: true, Ready: s.fillDemo}
	return serving.Run(ctx)
}

// fillDemo makes the example users and tokens and says how to use them. The
// password is generated for this run and shown once.
func (s *session) fillDemo(ctx context.Context, c app.Client, addresses []string) error {
	var d app.Demo
	if err := c.Call(ctx, app.DemoFill, app.Nothing{}, &d); err != nil {
		return err
	}
	fmt.Fprintln(s.stderr)
	for _, note := range d.Notes {
		fmt.Fprintln(s.stderr, strings.ReplaceAll(note, "ADDRESS", addresses[0]))
	}
	return nil
}
