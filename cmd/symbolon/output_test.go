package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"symbolon/internal/app"
)

func TestOutput(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 24, 10, 30, 0, 0, time.FixedZone("", 3600))
	tokens := []app.TokenRow{
		{Serial: "HOTP1", Type: "hotp", User: "hans", LastUse: at, Description: "a\x1b[2J,b"},
		{Serial: "TOTP2", Type: "totp", MaxFailures: 10},
	}
	list := rows{columns: tokenColumns(tokens), count: 2}
	for _, c := range []struct {
		o    output
		r    rows
		want []string
		not  []string
	}{
		{output{Output: "table"}, list, []string{"SERIAL  TYPE", "HOTP1   hotp  hans", "a [2J,b"}, []string{"\x1b"}},
		{output{Output: "table", NoHeader: true}, list, []string{"HOTP1"}, []string{"SERIAL"}},
		{output{Output: "json"}, list, []string{`"schema": 1`, `"items": [`, `"last_use": "2026-11-24T09:30:00Z"`, `"last_use": null`}, nil},
		{output{Output: "jsonl"}, list, []string{`{"description":"a\u001b[2J,b"`, "\n{"}, []string{"schema"}},
		{output{Output: "csv"}, list, []string{"serial,type,user", "2026-11-24T09:30:00Z", "\"a [2J,b\""}, nil},
		{output{Output: "yaml"}, list, []string{"schema: 1", "- description:"}, nil},
		{output{Output: "json"}, rows{columns: tokenColumns(tokens[1:]), count: 1, single: true}, []string{`"schema": 1`, `"serial": "TOTP2"`}, []string{"items"}},
	} {
		var out bytes.Buffer
		if err := c.o.write(&out, c.r); err != nil {
			t.Error(err)
		}
		for _, w := range c.want {
			if !strings.Contains(out.String(), w) {
				t.Errorf("%+v: no %q in\n%s", c.o, w, out.String())
			}
		}
		for _, w := range c.not {
			if strings.Contains(out.String(), w) {
				t.Errorf("%+v: %q in\n%s", c.o, w, out.String())
			}
		}
	}
}

// Every command's help begins with two examples and fits a terminal.
func TestHelpFits(t *testing.T) {
	t.Parallel()
	flags, _ := settingFlags()
	parser, err := kong.New(&commands{Plugins: kong.Plugins{flags}}, kong.Name("symbolon"), kong.NoDefaultHelp())
	if err != nil {
		t.Fatal(err)
	}
	var visit func(n *kong.Node)
	visit = func(n *kong.Node) {
		var out bytes.Buffer
		printHelp(&out, n)
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		if len(lines) > 24 || !strings.HasPrefix(lines[0], "    symbolon") || !strings.HasPrefix(lines[1], "    symbolon") {
			t.Errorf("%s: %d lines:\n%s", n.FullPath(), len(lines), out.String())
		}
		for _, child := range n.Children {
			visit(child)
		}
	}
	visit(parser.Model.Node)
}
