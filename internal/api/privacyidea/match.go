package privacyidea

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// index finds routes by the segments of a path (rest-api.md 1).
type index struct {
	byHead map[string][]pattern // by the first segment; the most specific first
}

type pattern struct {
	route    *Route
	segments []string // "" at the end stands for a slash there
	names    []string // of variables, at their place; "" elsewhere
}

func newIndex(routes []Route, product Product) (*index, error) {
	x := &index{byHead: map[string][]pattern{}}
	seen := map[string]bool{}
	for i := range routes {
		r := &routes[i]
		if r.Only != Both && r.Only != product {
			continue
		}
		if r.Serve == nil || !strings.HasPrefix(r.Path, "/") {
			return nil, fmt.Errorf("route %s %s is incomplete", r.Method, r.Path)
		}
		p := pattern{route: r, segments: strings.Split(r.Path[1:], "/")}
		p.names = make([]string, len(p.segments))
		for j, s := range p.segments {
			if strings.HasPrefix(s, "<") {
				name := strings.Trim(s, "<>")
				p.names[j] = name[strings.IndexByte(name, ':')+1:]
				p.segments[j] = "<>"
			}
		}
		key := r.Method + " /" + strings.Join(p.segments, "/")
		if seen[key] {
			return nil, fmt.Errorf("route %s %s is there twice", r.Method, r.Path)
		}
		seen[key] = true
		x.byHead[p.segments[0]] = append(x.byHead[p.segments[0]], p)
	}
	for _, list := range x.byHead {
		slices.SortStableFunc(list, moreSpecific)
	}
	return x, nil
}

// moreSpecific puts static segments before variables, the first difference
// deciding.
func moreSpecific(a, b pattern) int {
	for i := range min(len(a.names), len(b.names)) {
		if va, vb := a.names[i] != "", b.names[i] != ""; va != vb {
			if va {
				return 1
			}
			return -1
		}
	}
	return 0
}

func (p *pattern) matches(segments []string) bool {
	if len(segments) != len(p.segments) {
		return false
	}
	for i, s := range segments {
		if p.names[i] != "" {
			if s == "" {
				return false
			}
		} else if s != p.segments[i] {
			return false
		}
	}
	return true
}

// found is what a path leads to: a route; or a redirect to the same with a
// slash; or the methods that would do; or nothing.
type found struct {
	route *Route
	path  map[string]string
	slash bool
	allow []string
}

// find looks a request up. HEAD is answered wherever GET is.
func (x *index) find(method, path string) found {
	if !strings.HasPrefix(path, "/") || !utf8.ValidString(path) {
		return found{}
	}
	segments := strings.Split(path[1:], "/")
	if method == http.MethodHead {
		method = http.MethodGet
	}
	list := x.byHead[segments[0]]
	var f found
	for i := range list {
		p := &list[i]
		if !p.matches(segments) {
			continue
		}
		if p.route.Method == method {
			return found{route: p.route, path: p.variables(segments)}
		}
		f.allow = append(f.allow, p.route.Method)
	}
	withSlash := append(segments, "")
	for i := range list {
		p := &list[i]
		if segments[len(segments)-1] != "" && p.matches(withSlash) && (p.route.Method == method ||
			method == http.MethodOptions && f.allow == nil) {
			return found{slash: true}
		}
	}
	if f.allow != nil {
		f.allow = allowed(f.allow)
	}
	return f
}

func (p *pattern) variables(segments []string) map[string]string {
	var vars map[string]string
	for i, name := range p.names {
		if name != "" {
			if vars == nil {
				vars = map[string]string{}
			}
			vars[name] = segments[i]
		}
	}
	return vars
}

// allowed is the content of the header Allow: OPTIONS first, then the others in
// order.
func allowed(methods []string) []string {
	if slices.Contains(methods, http.MethodGet) {
		methods = append(methods, http.MethodHead)
	}
	slices.Sort(methods)
	return append([]string{http.MethodOptions}, slices.Compact(methods)...)
}
