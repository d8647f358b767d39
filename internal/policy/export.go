package policy

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"symbolon/internal/fault"
)

// Export writes policies as the text file of GET /policy/export: a section a
// policy, a line a field, lists and actions as Python writes them
// (policies.md 8). With edumfa it has the fields that eduMFA knows, and loses
// the others. Import reads it back.
func Export(ps []Policy, edumfa bool) string {
	var b strings.Builder
	for i := range ps {
		fmt.Fprintf(&b, "[%s]\n", ps[i].Name)
		for _, l := range exported(&ps[i], edumfa) {
			fmt.Fprintf(&b, "%s = %s\n", l.key, l.value)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

type line struct{ key, value string }

func exported(p *Policy, edumfa bool) []line {
	fold := line{"user_case_insensitive", literalBool(p.UserCaseInsensitive)}
	active := line{"active", literalBool(p.Active)}
	who := []line{
		{"scope", plain(string(p.Scope))},
		{"realm", literalList(p.Realms)},
		{"adminrealm", literalList(p.AdminRealms)},
		{"adminuser", literalList(p.AdminUsers)},
		{"resolver", literalList(p.Resolvers)},
	}
	where := []line{
		{"check_all_resolvers", literalBool(p.CheckAllResolvers)},
		{"user", literalList(p.Users)},
		{"client", literalList(p.Clients)},
		{"time", plain(p.Time)},
		{"conditions", literalConditions(p.Conditions, edumfa)},
		{"priority", strconv.Itoa(p.Priority)},
	}
	action := line{"action", literalActions(p.Actions)}
	out := []line{{"name", plain(p.Name)}}
	if edumfa {
		out = append(append(out, active), who...)
		out = append(append(out, line{"edumfanode", literalList(p.Nodes)}), where...)
		return append(out, action)
	}
	out = append(append(out, fold, active), who...)
	out = append(append(out, line{"pinode", literalList(p.Nodes)}), where...)
	description := "None"
	if p.Description != nil {
		description = plain(*p.Description)
	}
	return append(out, line{"description", description}, line{"user_agents", literalList(p.UserAgents)}, action)
}

// plain writes a text as it is, unless it would be read back as another one.
func plain(s string) string {
	ambiguous := s != strings.TrimSpace(s) || s == "None" || !utf8.ValidString(s) ||
		s != "" && (s[0] == '\'' || s[0] == '"') || strings.ContainsFunc(s, unicode.IsControl)
	if ambiguous {
		return quoted(s)
	}
	return s
}

func literalList(list []string) string {
	parts := make([]string, len(list))
	for i, s := range list {
		parts[i] = quoted(s)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func literalConditions(cs []Condition, edumfa bool) string {
	parts := make([]string, len(cs))
	for i, c := range cs {
		values := []string{quoted(c.Section), quoted(c.Key), quoted(c.Comparator), quoted(c.Value), literalBool(c.Active)}
		if !edumfa {
			missing := c.Missing
			if missing == "" {
				missing = MissingRaises
			}
			values = append(values, quoted(missing))
		}
		parts[i] = "(" + strings.Join(values, ", ") + ")"
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func literalActions(as Actions) string {
	parts := make([]string, len(as))
	for i, a := range as {
		parts[i] = quoted(a.Name) + ": True"
		if !a.Bare {
			parts[i] = quoted(a.Name) + ": " + quoted(a.Value)
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// What Import reads at most.
const (
	maxImport   = 8 << 20
	maxPolicies = 10000
)

// Import reads policies as Export writes them, and as older servers did: lists
// and actions may also be plain comma lists. Unknown fields are passed over.
// The faults are PolicyFileEmpty, PolicyFileBinary, TooLarge, and Malformed
// with the line at fault. Nothing is validated.
func Import(text string) ([]Policy, error) {
	switch {
	case strings.TrimSpace(text) == "":
		return nil, fault.New(fault.PolicyFileEmpty)
	case len(text) > maxImport:
		return nil, fault.New(fault.TooLarge, "file")
	case !utf8.ValidString(text):
		return nil, fault.New(fault.PolicyFileBinary)
	}
	in := importing{names: map[string]bool{}}
	n := 0
	for l := range strings.SplitSeq(strings.TrimPrefix(text, "\ufeff"), "\n") {
		n++
		if err := in.line(strings.TrimSpace(l)); err != nil {
			return nil, fault.New(fault.Malformed, fmt.Sprintf("line %d of the policy file: %v", n, err))
		}
		if len(in.out) > maxPolicies {
			return nil, fault.New(fault.TooLarge, "file")
		}
	}
	return in.out, nil
}
