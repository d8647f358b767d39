package conformance

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
)

// sortLists orders the lists that the dotted paths name, for answers whose
// order means nothing.
func sortLists(body any, paths []string) {
	for _, p := range paths {
		sortAt(body, strings.Split(p, "."))
	}
}

func sortAt(body any, keys []string) {
	if len(keys) == 0 {
		if l, ok := body.([]any); ok {
			text := func(v any) string { data, _ := json.Marshal(v); return string(data) }
			sort.SliceStable(l, func(i, j int) bool { return text(l[i]) < text(l[j]) })
		}
		return
	}
	switch b := body.(type) {
	case map[string]any:
		if v, ok := b[strings.Join(keys, ".")]; ok { // a key with dots in it
			sortAt(v, nil)
			return
		}
		for k, v := range b {
			if keys[0] == "*" || keys[0] == k {
				sortAt(v, keys[1:])
			}
		}
	case []any:
		for i, v := range b {
			if keys[0] == "*" || keys[0] == fmt.Sprint(i) {
				sortAt(v, keys[1:])
			}
		}
	}
}

// blur replaces the scalars that the dotted paths name by the matcher of their
// kind, so that only the kind is compared.
func blur(body any, paths []string) any {
	for _, p := range paths {
		body = blurAt(body, strings.Split(p, "."))
	}
	return body
}

func blurAt(v any, keys []string) any {
	if len(keys) == 0 {
		switch v.(type) {
		case string:
			return "<text>"
		case float64:
			return "<number>"
		case []any:
			return "<list>"
		}
		return v
	}
	switch b := v.(type) {
	case map[string]any:
		if dotted := strings.Join(keys, "."); b[dotted] != nil { // a key with dots in it
			b[dotted] = blurAt(b[dotted], nil)
			return v
		}
		for k, e := range b {
			if keys[0] == "*" || keys[0] == k {
				b[k] = blurAt(e, keys[1:])
			}
		}
	case []any:
		for i, e := range b {
			if keys[0] == "*" || keys[0] == fmt.Sprint(i) {
				b[i] = blurAt(e, keys[1:])
			}
		}
	}
	return v
}
