package conformance

import (
	"encoding/json"
	"fmt"
	"regexp"
	"sort"
	"strings"
)

// volatile names the parts of every answer that no two requests share.
// (A nonce is echoed on the top level by servers that sign their responses;
// LinOTP says its version twice.)
var volatile = []string{"time", "version", "versionnumber", "versionNumber", "signature", "nonce", "id", "detail.threadid",
	// secrets that no token list should show, see the DEFECTS files
	"result.value.tokens.*.info.enrollment_credential", "result.value.tokens.*.info.private_key_server", "result.value.tokens.*.info.session"}

// matchers are the classes that stand for a recorded text when it differed
// from run to run.
var matchers = []struct {
	name    string
	pattern *regexp.Regexp
}{
	{"<digits>", regexp.MustCompile(`^[0-9]+$`)},
	{"<jwt>", regexp.MustCompile(`^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$`)},
	{"<png>", regexp.MustCompile(`^data:image/png;base64,`)},
	{"<svg>", regexp.MustCompile(`^data:image/svg\+xml`)},
	{"<hex>", regexp.MustCompile(`^[0-9a-fA-F]+$`)},
	{"<timestamp>", regexp.MustCompile(`^\d{4}-\d\d-\d\d[T ]\d\d:\d\d`)},
	{"<otpauth>", regexp.MustCompile(`^otpauth://`)},
	{"<url>", regexp.MustCompile(`^[a-z]+://`)},
	{"<serial>", regexp.MustCompile(`^[A-Za-z]{2,10}[0-9A-F]{8}$`)},
	{"<img>", picture},
	{"<text>", regexp.MustCompile(`(?s).*`)},
}

// difference lists where got departs from want; want may hold matchers.
func difference(path string, want, got any) []string {
	if s, ok := want.(string); ok && strings.HasPrefix(s, "<") && strings.HasSuffix(s, ">") {
		return matchOne(path, s, got)
	}
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s: want an object, got %s", path, show(got))}
		}
		keys := map[string]bool{}
		for k := range w {
			keys[k] = true
		}
		for k := range g {
			keys[k] = true
		}
		names := make([]string, 0, len(keys))
		for k := range keys {
			names = append(names, k)
		}
		sort.Strings(names)
		var out []string
		for _, k := range names {
			wv, wok := w[k]
			gv, gok := g[k]
			at := strings.TrimPrefix(path+"."+k, ".")
			switch {
			case !wok:
				out = append(out, fmt.Sprintf("%s: unexpected, got %s", at, show(gv)))
			case !gok:
				out = append(out, fmt.Sprintf("%s: missing, want %s", at, show(wv)))
			default:
				out = append(out, difference(at, wv, gv)...)
			}
		}
		return out
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return []string{fmt.Sprintf("%s: want %s, got %s", path, show(want), show(got))}
		}
		var out []string
		for i := range w {
			out = append(out, difference(fmt.Sprintf("%s.%d", path, i), w[i], g[i])...)
		}
		return out
	}
	if fmt.Sprintf("%T %v", normal(want), normal(want)) != fmt.Sprintf("%T %v", normal(got), normal(got)) {
		return []string{fmt.Sprintf("%s: want %s, got %s", path, show(want), show(got))}
	}
	return nil
}

func matchOne(path, name string, got any) []string {
	if got == name { // blurred
		return nil
	}
	ok := false
	switch name {
	case "<any>":
		ok = true
	case "<number>":
		switch got.(type) {
		case float64, int:
			ok = true
		}
	case "<list>":
		_, ok = got.([]any)
	default:
		s, isString := got.(string)
		for _, m := range matchers {
			if m.name == name {
				ok = isString && m.pattern.MatchString(s)
			}
		}
	}
	if ok {
		return nil
	}
	return []string{fmt.Sprintf("%s: want %s, got %s", path, name, show(got))}
}

// normal makes the numbers of YAML and of JSON comparable.
func normal(v any) any {
	switch n := v.(type) {
	case int:
		return float64(n)
	case int64:
		return float64(n)
	case uint64:
		return float64(n)
	}
	return v
}

func show(v any) string {
	s := fmt.Sprintf("%#v", v)
	if str, ok := v.(string); ok {
		s = fmt.Sprintf("%q", str)
	}
	if len(s) > 200 {
		s = s[:200] + "…"
	}
	return s
}

// prune removes the parts of body that path names.
func prune(body any, path string) {
	key, rest, deeper := strings.Cut(path, ".")
	switch b := body.(type) {
	case map[string]any:
		if _, ok := b[path]; ok { // a key with dots in it
			delete(b, path)
			return
		}
		for k := range b {
			if key != "*" && k != key {
				continue
			}
			if deeper {
				prune(b[k], rest)
			} else {
				delete(b, k)
			}
		}
	case []any:
		for i := range b {
			if key == "*" || key == fmt.Sprint(i) {
				if deeper {
					prune(b[i], rest)
				}
			}
		}
	}
}

// lookup returns the value at a dotted path.
func lookup(body any, path string) (any, bool) {
	keys := strings.Split(path, ".")
	for i, key := range keys {
		switch b := body.(type) {
		case map[string]any:
			if v, ok := b[strings.Join(keys[i:], ".")]; ok { // a key with dots in it
				return v, true
			}
			v, ok := b[key]
			if !ok {
				return nil, false
			}
			body = v
		case []any:
			i := -1
			fmt.Sscanf(key, "%d", &i)
			if i < 0 || i >= len(b) {
				return nil, false
			}
			body = b[i]
		default:
			return nil, false
		}
	}
	return body, true
}

func deepCopy(v any) any {
	data, _ := json.Marshal(v)
	var out any
	json.Unmarshal(data, &out)
	return out
}

func asList(v any) []any {
	l, _ := v.([]any)
	return l
}
