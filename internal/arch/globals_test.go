package arch

import (
	"go/ast"
	"go/token"
	"testing"
)

// TestNoPackageVariableChanges looks for package variables that are assigned
// to, or into, in a function of their package, and for those that are made to
// change: locks, pools, atomics. It goes by names, not by types: a local
// variable of the same name hides the global one for the whole function.
func TestNoPackageVariableChanges(t *testing.T) {
	globals := map[string]map[string]bool{} // by package
	all := sources(t)
	for _, s := range all {
		if s.test {
			continue
		}
		if globals[s.pkg] == nil {
			globals[s.pkg] = map[string]bool{}
		}
		for _, d := range s.tree.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR {
				for _, spec := range g.Specs {
					v := spec.(*ast.ValueSpec)
					if made(v.Type) {
						t.Errorf("%s: the package variable %s is made to change", s.spot(v), v.Names[0].Name)
					}
					for _, n := range v.Names {
						globals[s.pkg][n.Name] = n.Name != "_"
					}
				}
			}
		}
	}
	for _, s := range all {
		for _, d := range s.tree.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && !s.test && f.Body != nil {
				for _, at := range changed(f, globals[s.pkg]) {
					t.Errorf("%s: the package variable %s is changed here", s.spot(at), at.Name)
				}
			}
		}
	}
}

// made tells types of sync and sync/atomic.
func made(e ast.Expr) bool {
	if i, ok := e.(*ast.IndexExpr); ok {
		e = i.X
	}
	x, ok := e.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	pkg, ok := x.X.(*ast.Ident)
	return ok && (pkg.Name == "sync" || pkg.Name == "atomic")
}

// changed are the places in f where a global is assigned, counted up or down,
// deleted from, or cleared.
func changed(f *ast.FuncDecl, globals map[string]bool) (at []*ast.Ident) {
	own := locals(f)
	note := func(e ast.Expr) {
		if id := base(e); id != nil && globals[id.Name] && !own[id.Name] {
			at = append(at, id)
		}
	}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, e := range n.Lhs {
					note(e)
				}
			}
		case *ast.IncDecStmt:
			note(n.X)
		case *ast.CallExpr:
			if id, ok := n.Fun.(*ast.Ident); ok && (id.Name == "delete" || id.Name == "clear") && len(n.Args) > 0 {
				note(n.Args[0])
			}
		}
		return true
	})
	return at
}

// base is the variable that x.f, x[i] and *x are parts of.
func base(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}

// locals are the names a function declares anywhere in itself.
func locals(f *ast.FuncDecl) map[string]bool {
	own := map[string]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			for _, id := range n.Names {
				own[id.Name] = true
			}
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, e := range n.Lhs {
					if id, ok := e.(*ast.Ident); ok {
						own[id.Name] = true
					}
				}
			}
		case *ast.ValueSpec:
			for _, id := range n.Names {
				own[id.Name] = true
			}
		case *ast.RangeStmt:
			for _, e := range []ast.Expr{n.Key, n.Value} {
				if id, ok := e.(*ast.Ident); ok && n.Tok == token.DEFINE {
					own[id.Name] = true
				}
			}
		}
		return true
	})
	return own
}
