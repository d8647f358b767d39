package main

import (
	"context"
	"fmt"

	"symbolon/internal/app"
)

type tokenListCommand struct {
	output
	User  string `help:"of this user"`
	Realm string `help:"of this realm"`
	Type  string `help:"of this type"`
	Limit int    `default:"50" help:"show so many (50)"`
	All   bool   `help:"show all"`
}

// Run lists tokens in the order of their serials.
func (c *tokenListCommand) Run(ctx context.Context, s *session) error {
	if c.Limit < 1 {
		return &app.Problem{Exit: app.Usage, Text: "--limit is 1 or more; --all shows all"}
	}
	client, err := s.connect(ctx, true, false)
	if err != nil {
		return err
	}
	defer client.Close()
	question := app.ListTokens{User: c.User, Realm: c.Realm, Type: c.Type, Limit: c.Limit}
	if c.All {
		question.Limit = 0
	}
	var page app.TokenPage
	if err := client.Call(ctx, app.TokenList, question, &page); err != nil {
		return err
	}
	if n := len(page.Tokens); n < page.Total && !c.Quiet {
		fmt.Fprintf(s.stderr, "%d of %d tokens; --all shows the rest\n", n, page.Total)
	}
	return c.write(s.stdout, rows{columns: tokenColumns(page.Tokens), count: len(page.Tokens)})
}
