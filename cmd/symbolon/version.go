package main

import (
	"runtime"

	"symbolon/internal/app"
)

type versionCommand struct{ output }

// Run shows the version.
func (c *versionCommand) Run(s *session) error {
	return c.write(s.stdout, rows{count: 1, single: true, columns: []column{
		{"version", func(int) any { return app.Version }},
		{"go", func(int) any { return runtime.Version() }},
		{"platform", func(int) any { return runtime.GOOS + "/" + runtime.GOARCH }},
	}})
}
