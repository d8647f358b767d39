package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"go.yaml.in/yaml/v3"
)

// schema numbers the names in JSON and YAML. It grows when one changes its
// meaning or goes away, not when one is added.
const schema = 1

// output is how a command shows its result. It is embedded in commands.
type output struct {
	Output   string `short:"o" enum:"table,json,jsonl,csv,yaml" default:"table" help:"table, json, jsonl, csv, yaml"`
	Quiet    bool   `help:"say nothing on stderr but errors"`
	NoHeader bool   `help:"no first line in table and csv"`
}

// column is one column of a result.
type column struct {
	name  string // in JSON, CSV and YAML; upper case in tables
	value func(row int) any
}

// rows is a result: a list, or one thing when single.
type rows struct {
	columns []column
	count   int
	single  bool
}

// write shows the rows. Times are local in a table and RFC 3339 in UTC elsewhere.
func (o output) write(out io.Writer, r rows) error {
	switch o.Output {
	case "json":
		return writeJSON(out, r.document())
	case "jsonl":
		for i := range r.count {
			if err := json.NewEncoder(out).Encode(r.object(i)); err != nil {
				return err
			}
		}
		return nil
	case "yaml":
		enc := yaml.NewEncoder(out)
		enc.SetIndent(2)
		if err := enc.Encode(r.document()); err != nil {
			return err
		}
		return enc.Close()
	case "csv":
		return o.writeCSV(out, r)
	}
	return o.writeTable(out, r)
}

func writeJSON(out io.Writer, v any) error {
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

func (o output) writeCSV(out io.Writer, r rows) error {
	w := csv.NewWriter(out)
	var names []string
	for _, c := range r.columns {
		names = append(names, c.name)
	}
	if !o.NoHeader {
		w.Write(names) // Flush keeps the error
	}
	for i := range r.count {
		var cells []string
		for _, c := range r.columns {
			cells = append(cells, cell(stable(c.value(i))))
		}
		w.Write(cells)
	}
	w.Flush()
	return w.Error()
}

func (o output) writeTable(out io.Writer, r rows) error {
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	if r.single {
		for _, c := range r.columns {
			name, value := strings.ReplaceAll(c.name, "_", " "), local(c.value(0))
			list, ok := value.([]string)
			if !ok || len(list) == 0 {
				fmt.Fprintf(w, "%s\t%s\n", name, cell(value))
				continue
			}
			for _, entry := range list { // one a line: they may be sentences
				fmt.Fprintf(w, "%s\t%s\n", name, cell(entry))
				name = ""
			}
		}
		w.Flush() // a Builder takes everything
		return writeTrimmed(out, table.String())
	}
	line := func(text func(column) string) {
		var cells []string
		for _, c := range r.columns {
			cells = append(cells, text(c))
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	if !o.NoHeader {
		line(func(c column) string { return strings.ToUpper(strings.ReplaceAll(c.name, "_", " ")) })
	}
	for i := range r.count {
		line(func(c column) string { return cell(local(c.value(i))) })
	}
	w.Flush()
	return writeTrimmed(out, table.String())
}

// writeTrimmed writes what a tabwriter made without the blanks behind the last
// cells.
func writeTrimmed(out io.Writer, table string) error {
	var b strings.Builder
	for line := range strings.Lines(table) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// document is what JSON and YAML show: the thing itself, or a list of items.
func (r rows) document() map[string]any {
	if r.single {
		out := r.object(0)
		out["schema"] = schema
		return out
	}
	items := make([]map[string]any, r.count)
	for i := range items {
		items[i] = r.object(i)
	}
	return map[string]any{"schema": schema, "items": items}
}

func (r rows) object(i int) map[string]any {
	out := map[string]any{}
	for _, c := range r.columns {
		out[c.name] = stable(c.value(i))
	}
	return out
}

// stable is a value as programs read it.
func stable(v any) any {
	if t, ok := v.(time.Time); ok {
		if t.IsZero() {
			return nil
		}
		return t.UTC().Format(time.RFC3339)
	}
	return v
}

// local is a value as a person at this machine reads it.
func local(v any) any {
	if t, ok := v.(time.Time); ok {
		if t.IsZero() {
			return ""
		}
		return t.Local().Format("2006-01-02 15:04")
	}
	return v
}

// cell is a value in a table. What a token's description holds cannot steer
// the terminal.
func cell(v any) string {
	text := fmt.Sprint(v)
	switch v := v.(type) {
	case nil:
		return ""
	case []string:
		text = strings.Join(v, ", ")
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, text)
}
