package main

import (
	"context"

	"symbolon/internal/app"
)

type tokenCommands struct {
	Enrol tokenEnrolCommand `cmd:"" help:"make a token"`
	List  tokenListCommand  `cmd:"" help:"list tokens"`
	Show  tokenShowCommand  `cmd:"" help:"show one token"`
	Test  tokenTestCommand  `cmd:"" help:"try a password as a login would; exit 8 when it is refused"`
}

// tokenColumns are what is shown of tokens.
func tokenColumns(tokens []app.TokenRow) []column {
	return []column{
		{"serial", func(i int) any { return tokens[i].Serial }},
		{"type", func(i int) any { return tokens[i].Type }},
		{"user", func(i int) any { return tokens[i].User }},
		{"realm", func(i int) any { return tokens[i].Realm }},
		{"state", func(i int) any { return tokens[i].State }},
		{"failures", func(i int) any { return tokens[i].Failures }},
		{"max_failures", func(i int) any { return tokens[i].MaxFailures }},
		{"last_use", func(i int) any { return tokens[i].LastUse }},
		{"description", func(i int) any { return tokens[i].Description }},
	}
}

type tokenShowCommand struct {
	output
	Serial string `arg:"" help:"serial of the token"`
}

// Run shows one token.
func (c *tokenShowCommand) Run(ctx context.Context, s *session) error {
	client, err := s.connect(ctx, true, false)
	if err != nil {
		return err
	}
	defer client.Close()
	var t app.TokenRow
	if err := client.Call(ctx, app.TokenShow, app.OneToken{Serial: c.Serial}, &t); err != nil {
		return err
	}
	return c.write(s.stdout, rows{columns: tokenColumns([]app.TokenRow{t}), count: 1, single: true})
}
