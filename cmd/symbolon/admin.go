package main

import (
	"context"

	"symbolon/internal/app"
	"symbolon/internal/secret"
)

type adminCommands struct {
	Add adminAddCommand `cmd:"" help:"make a local administrator"`
}

type adminAddCommand struct {
	output
	changing
	Name       string `arg:"" help:"name to log in with"`
	Email      string `help:"mail address"`
	SecretFile string `help:"file with the password, - for stdin; without it you are asked"`
}

// changing are the flags of commands that change something. Adding overwrites
// nothing, so it asks no question that --yes would answer.
type changing struct {
	DryRun bool `help:"say what would be done and do nothing"`
	Yes    bool `help:"do not ask"`
}

// Run adds the administrator. It works before the first start and beside a
// running server.
func (c *adminAddCommand) Run(ctx context.Context, s *session) error {
	password, err := s.newSecret(c.SecretFile, "password of "+c.Name)
	if err != nil {
		return err
	}
	client, err := s.connect(ctx, c.Quiet, true)
	if err != nil {
		return err
	}
	defer client.Close()
	var added app.Added
	question := app.AddAdmin{Name: c.Name, Secret: password.RevealText(), Email: c.Email, DryRun: c.DryRun}
	if err := client.Call(ctx, app.AdminAdd, question, &added); err != nil {
		return err
	}
	c.say(s, "administrator", added.Name, c.DryRun)
	return c.write(s.stdout, rows{single: true, count: 1, columns: []column{{"name", func(int) any { return added.Name }}}})
}

// newSecret reads a secret; from a terminal twice, since nobody sees a slip.
func (s *session) newSecret(file, question string) (secret.Bytes, error) {
	first, err := s.secretFrom(file, question)
	if err != nil || file != "" {
		return first, err
	}
	again, err := s.ask("once more")
	if err == nil && !first.Equal(again) {
		err = &app.Problem{Exit: app.Usage, Text: "the two differ; nothing was done"}
	}
	return first, err
}
