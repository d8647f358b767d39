package arch

import (
	"fmt"
	"go/ast"
	"maps"
	"slices"
	"strings"
	"testing"
)

// The limits. A test function is a list of cases more often than a thought, and
// may be longer.
const (
	maxFile     = 600
	maxFunction = 70
	maxTest     = 120
	maxParams   = 5
	maxMethods  = 7
)

// exceptions are the places that break a limit, each with its reason. The key
// is what the finding begins with: the path, or path and name.
func exceptions() map[string]string {
	return map[string]string{}
}

// findings collects breaches and drops those that are excepted.
type findings struct {
	t        *testing.T
	excepted map[string]string
	used     map[string]bool
}

func (f *findings) add(key, format string, args ...any) {
	if f.excepted[key] != "" {
		f.used[key] = true
		return
	}
	f.t.Errorf("%s: %s", key, fmt.Sprintf(format, args...))
}

// TestLimits checks lengths, parameters, interfaces and init functions.
func TestLimits(t *testing.T) {
	f := &findings{t, exceptions(), map[string]bool{}}
	for _, s := range sources(t) {
		if ast.IsGenerated(s.tree) {
			continue
		}
		if s.lines > maxFile {
			f.add(s.path, "%d lines; %d are the limit", s.lines, maxFile)
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				f.function(s, n)
			case *ast.TypeSpec:
				if i, ok := n.Type.(*ast.InterfaceType); ok && len(i.Methods.List) > maxMethods {
					f.add(s.path+" "+n.Name.Name, "interface of %d methods; %d are the limit", len(i.Methods.List), maxMethods)
				}
			}
			return true
		})
	}
	for _, key := range slices.Sorted(maps.Keys(f.excepted)) {
		if !f.used[key] {
			t.Errorf("the exception for %s is not needed any more", key)
		}
	}
}

func (f *findings) function(s *source, d *ast.FuncDecl) {
	key := s.path + " " + d.Name.Name
	limit := maxFunction
	for _, prefix := range []string{"Test", "Fuzz", "Benchmark", "Example"} {
		if s.test && strings.HasPrefix(d.Name.Name, prefix) {
			limit = maxTest
		}
	}
	if n := s.files.Position(d.End()).Line - s.spot(d).Line + 1; n > limit {
		f.add(key, "%d lines; %d are the limit", n, limit)
	}
	n := 0
	for _, p := range d.Type.Params.List {
		n += max(1, len(p.Names))
	}
	if n > maxParams {
		f.add(key, "%d parameters; %d are the limit", n, maxParams)
	}
	if d.Recv == nil && d.Name.Name == "init" {
		f.add(key, "init runs where nobody looks for it; let the caller say what it wants")
	}
}

// TestEverythingExportedIsExplained wants a comment on every exported name and
// a package comment in every package.
func TestEverythingExportedIsExplained(t *testing.T) {
	explained := map[string]bool{}
	first := map[string]string{}
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		explained[s.pkg] = explained[s.pkg] || s.tree.Doc != nil
		if first[s.pkg] == "" {
			first[s.pkg] = s.path
		}
		for _, d := range s.tree.Decls {
			for _, name := range unexplained(d) {
				t.Errorf("%s: %s has no comment", s.spot(d), name)
			}
		}
	}
	for pkg, ok := range explained {
		if !ok {
			t.Errorf("%s: package %s has no comment", first[pkg], pkg)
		}
	}
}

// unexplained are the exported names of a declaration that have no comment. In
// a group one comment above it is enough for all. String says of itself what
// it does.
func unexplained(d ast.Decl) (names []string) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		own := d.Recv == nil || ast.IsExported(receiver(d))
		if own && d.Name.IsExported() && d.Doc == nil && d.Name.Name != "String" {
			names = append(names, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				if spec.Name.IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
					names = append(names, spec.Name.Name)
				}
			case *ast.ValueSpec:
				for _, n := range spec.Names {
					if n.IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
						names = append(names, n.Name)
					}
				}
			}
		}
	}
	return names
}

// receiver is the name of a method's type.
func receiver(d *ast.FuncDecl) string {
	e := d.Recv.List[0].Type
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}
