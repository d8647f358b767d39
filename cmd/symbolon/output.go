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
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if r.single {
		for _, c := range r.columns {
			fmt.Fprintf(w, "%s\t%s\n", strings.ReplaceAll(c.name, "_", " "), cell(local(c.value(0))))
		}
		return w.Flush()
	}
	line := func(text func(column) string) {
		var cells []string
		for _, c := range r.columns {
			cells = append(cells, text(c))
		}
		fmt.Fprintln(w, strings.TrimRight(strings.Join(cells, "\t"), "\t"))
	}
	if !o.NoHeader {
		line(func(c column) string { return strings.ToUpper(strings.ReplaceAll(c.name, "_", " ")) })
	}
	for i := range r.count {
		line(func(c column) string { return cell(local(c.value(i))) })
	}
	return w.Flush()
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
