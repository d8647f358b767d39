package main

import (
	"context"
	"fmt"

	"symbolon/internal/app"
	"symbolon/internal/qr"
)

type tokenEnrolCommand struct {
	output
	changing
	Type        string `default:"totp" help:"kind of token: totp, hotp, spass (totp)"`
	User        string `help:"for this user"`
	Realm       string `help:"of this realm, default realm without it"`
	Serial      string `help:"serial; generated without it"`
	Description string `help:"what people call it"`
	PINFile     string `name:"pin-file" help:"file with the PIN, - for stdin"`
	PrintSecret bool   `help:"show the secret even when stdout is no terminal"`
}

// Run makes the token and shows its secret, once.
func (c *tokenEnrolCommand) Run(ctx context.Context, s *session) error {
	question := app.EnrolToken{Type: c.Type, User: c.User, Realm: c.Realm, Serial: c.Serial, Description: c.Description, DryRun: c.DryRun,
		Unseen: !c.PrintSecret && !terminal(s.stdout)}
	if c.PINFile != "" {
		pin, err := s.secretFrom(c.PINFile, "")
		if err != nil {
			return err
		}
		question.PIN = pin.RevealText()
	}
	client, err := s.connect(ctx, c.Quiet, true)
	if err != nil {
		return err
	}
	defer client.Close()
	var made app.Enrolled
	if err := client.Call(ctx, app.TokenEnrol, question, &made); err != nil {
		return err
	}
	c.say(s, "token", made.Serial, c.DryRun)
	columns := []column{
		{"serial", func(int) any { return made.Serial }},
		{"type", func(int) any { return made.Type }},
		{"user", func(int) any { return made.User }},
		{"realm", func(int) any { return made.Realm }},
	}
	if made.URL != "" {
		columns = append(columns, column{"url", func(int) any { return made.URL }})
	}
	if made.URL != "" && c.Output == "table" && terminal(s.stdout) {
		drawn, err := qr.Terminal(made.URL)
		if err != nil {
			return err
		}
		fmt.Fprintln(s.stdout, drawn)
	}
	return c.write(s.stdout, rows{columns: columns, count: 1, single: true})
}

// say tells what was made.
func (o output) say(s *session, what, name string, dry bool) {
	switch {
	case o.Quiet:
	case dry:
		fmt.Fprintf(s.stderr, "would make %s %s; nothing was done\n", what, name)
	default:
		fmt.Fprintf(s.stderr, "made %s %s\n", what, name)
	}
}
