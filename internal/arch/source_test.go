package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../.."

// source is one parsed Go file of the module.
type source struct {
	path  string // from the top of the repository
	pkg   string // import path, such as symbolon/internal/token
	test  bool   // a _test.go file
	files *token.FileSet
	tree  *ast.File
	lines int
}

// sources parses every Go file of the module; the tools' own module, test data
// and hidden folders are left out.
func sources(t *testing.T) (all []*source) {
	t.Helper()
	for _, path := range tree(t, ".go") {
		text, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		files := token.NewFileSet()
		parsed, err := parser.ParseFile(files, path, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, &source{
			path: path, pkg: "symbolon/" + filepath.ToSlash(filepath.Dir(path)), test: strings.HasSuffix(path, "_test.go"),
			files: files, tree: parsed, lines: strings.Count(string(text), "\n"),
		})
	}
	if len(all) < 20 {
		t.Fatalf("found %d files only", len(all))
	}
	return all
}

// tree lists the files with one of the endings, paths from the top.
func tree(t *testing.T, endings ...string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if strings.HasPrefix(name, ".") && name != "." && name != ".." && name != ".ci" || name == "testdata" || name == "scenarios" || name == "tools" || name == "bin" {
				return filepath.SkipDir
			}
			return nil
		}
		for _, e := range endings {
			if strings.HasSuffix(name, e) {
				rel, err := filepath.Rel(root, path)
				paths = append(paths, filepath.ToSlash(rel))
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// spot is where a node is.
func (s *source) spot(n ast.Node) token.Position { return s.files.Position(n.Pos()) }
