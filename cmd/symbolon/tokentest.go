package main

import (
	"context"

	"symbolon/internal/app"
)

type tokenTestCommand struct {
	output
	Serial     string `help:"try this token" xor:"whose" required:""`
	User       string `help:"try this user's tokens" xor:"whose" required:""`
	Realm      string `help:"the user's realm, default realm without it"`
	SecretFile string `help:"file with PIN and code, - for stdin; without it you are asked"`
}

// Run tries a login. An accepted code is spent and a wrong one counts, as in
// any login: a test that did otherwise would prove less.
func (c *tokenTestCommand) Run(ctx context.Context, s *session) error {
	password, err := s.secretFrom(c.SecretFile, "PIN and code")
	if err != nil {
		return err
	}
	client, err := s.connect(ctx, c.Quiet, false)
	if err != nil {
		return err
	}
	defer client.Close()
	var got app.Tested
	question := app.TestToken{Serial: c.Serial, User: c.User, Realm: c.Realm, Password: password.RevealText()}
	if err := client.Call(ctx, app.TokenTest, question, &got); err != nil {
		return err
	}
	err = c.write(s.stdout, rows{count: 1, single: true, columns: []column{
		{"accepted", func(int) any { return got.Accepted }},
		{"outcome", func(int) any { return got.Outcome }},
		{"serial", func(int) any { return got.Serial }},
		{"reason", func(int) any { return got.Reason }},
		{"remedy", func(int) any { return got.Remedy }},
		{"trace", func(int) any { return got.Trace }},
	}})
	switch {
	case err != nil || got.Accepted:
		return err
	case got.Outcome == "challenge":
		return &app.Problem{Exit: app.No, Text: "not accepted yet: the token asks a question, which only a login over the API can answer"}
	}
	return &app.Problem{Exit: app.No, Text: "refused: " + got.Reason}
}
