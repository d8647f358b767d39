package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/alecthomas/kong"

	"symbolon/internal/app"
)

// examples are what help begins with: two a command.
func examples(command string) []string {
	return map[string][]string{
		"symbolon":             {"symbolon demo", "symbolon serve"},
		"symbolon serve":       {"symbolon serve", "symbolon serve --url https://mfa.example.com --tls files --tls-cert mfa.crt --tls-key mfa.key"},
		"symbolon demo":        {"symbolon demo", "symbolon demo --listen localhost:9443"},
		"symbolon admin":       {"symbolon admin add anna", "symbolon admin add anna --secret-file - < password.txt"},
		"symbolon admin add":   {"symbolon admin add anna", "symbolon admin add anna --secret-file - < password.txt"},
		"symbolon token":       {"symbolon token list --user hans", "symbolon token enrol --user hans --type totp"},
		"symbolon token enrol": {"symbolon token enrol --user hans --type totp", "symbolon token enrol --type hotp --serial HOTP0001 --print-secret -o json"},
		"symbolon token list":  {"symbolon token list --user hans", "symbolon token list --type totp --all -o csv > totp.csv"},
		"symbolon token show":  {"symbolon token show TOTP0001A2B3", "symbolon token show TOTP0001A2B3 -o yaml"},
		"symbolon token test":  {"symbolon token test --user hans", "symbolon token test --serial TOTP0001A2B3 --secret-file - < password.txt"},
		"symbolon status":      {"symbolon status", "symbolon status -o json"},
		"symbolon healthcheck": {"symbolon healthcheck", "symbolon healthcheck --data /data"},
		"symbolon version":     {"symbolon version", "symbolon version -o json"},
	}[command]
}

// printHelp writes the help of a command: two examples, the usage, what there
// is to say below it. It fits a terminal of 24 lines.
func printHelp(out io.Writer, node *kong.Node) {
	for _, e := range examples(node.FullPath()) {
		fmt.Fprintln(out, "   ", e)
	}
	fmt.Fprintf(out, "\nusage: %s\n", usage(node))
	if node.Help != "" {
		fmt.Fprintln(out, node.Help)
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	defer table.Flush()
	for _, child := range node.Children {
		fmt.Fprintf(table, "  %s\t%s\n", child.Name, child.Help)
	}
	for _, f := range node.Flags {
		if !f.Hidden {
			fmt.Fprintf(table, "  %s\t%s\n", flagName(f), f.Help)
		}
	}
	switch node.FullPath() {
	case "symbolon serve", "symbolon demo":
		for _, s := range app.Settings() {
			fmt.Fprintf(table, "  --%s\t%s%s\n", s.Flag(), s.Doc, inParentheses(s.Default))
		}
		fmt.Fprintf(table, "each also as %sNAME in the environment or in the file that %sCONFIG names\n", app.Prefix, app.Prefix)
	case "symbolon":
		fmt.Fprintln(table, "exit codes: 0 done, 1 failed, 2 usage, 3 not found, 4 not allowed, 7 no server, 8 no")
	}
}

func usage(node *kong.Node) string {
	words := []string{node.FullPath()}
	for _, p := range node.Positional {
		words = append(words, strings.ToUpper(p.Name))
	}
	if len(node.Children) > 0 {
		words = append(words, "COMMAND")
	}
	return strings.Join(append(words, "[--FLAGS]"), " ")
}

func flagName(f *kong.Flag) string {
	name := "--" + f.Name
	if f.Short != 0 {
		name = fmt.Sprintf("-%c, %s", f.Short, name)
	}
	if !f.IsBool() {
		name += " " + strings.ToUpper(f.Name)
	}
	return name
}

func inParentheses(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}
