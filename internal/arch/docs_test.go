package arch

import (
	"go/ast"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestWhere checks that the files docs/where.md and docs/tour.md point at
// exist, and that each name behind a file is declared in it, or, behind a
// folder, in one of its files.
func TestWhere(t *testing.T) {
	declared := map[string]map[string]bool{} // by file and by folder
	for _, s := range sources(t) {
		for _, key := range []string{s.path, path.Dir(s.path)} {
			if declared[key] == nil {
				declared[key] = map[string]bool{}
			}
			for _, d := range s.tree.Decls {
				for _, name := range namesOf(d) {
					declared[key][name] = true
				}
			}
		}
	}
	code := regexp.MustCompile("`([^`]+)`")
	for _, page := range []string{"docs/where.md", "docs/tour.md"} {
		n := 0
		for line := range strings.SplitSeq(read(t, page), "\n") {
			place := ""
			for _, m := range code.FindAllStringSubmatch(line, -1) {
				word := strings.TrimSuffix(m[1], "/")
				if strings.Contains(word, "/") || strings.HasSuffix(word, ".go") {
					place = word
					n++
					if _, err := os.Stat(filepath.Join(root, place)); err != nil {
						t.Errorf("%s: there is no %s", page, place)
					}
				} else if place != "" && declared[place] != nil && !declared[place][word] {
					t.Errorf("%s: %s does not declare %s", page, place, word)
				}
			}
		}
		if n == 0 {
			t.Errorf("%s points at no file", page)
		}
	}
}

// namesOf are the names a declaration makes: Name, and Type.Method.
func namesOf(d ast.Decl) (names []string) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv != nil {
			return []string{receiver(d) + "." + d.Name.Name}
		}
		return []string{d.Name.Name}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, spec.Name.Name)
				if i, ok := spec.Type.(*ast.InterfaceType); ok {
					for _, m := range i.Methods.List {
						for _, id := range m.Names {
							names = append(names, spec.Name.Name+"."+id.Name)
						}
					}
				}
			case *ast.ValueSpec:
				for _, id := range spec.Names {
					names = append(names, id.Name)
				}
			}
		}
	}
	return names
}

// TestLinks checks that links from one page to another lead somewhere.
func TestLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)
	for _, page := range tree(t, ".md") {
		for _, m := range link.FindAllStringSubmatch(read(t, page), -1) {
			if _, err := os.Stat(filepath.Join(root, path.Dir(page), m[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", page, m[1])
			}
		}
	}
}

// TestDependenciesAreExplained wants a line in docs/dependencies.md for every
// module that go.mod requires directly, at its version, and no other line.
func TestDependenciesAreExplained(t *testing.T) {
	required := regexp.MustCompile(`(?m)^\s*(?:require )?([a-z0-9.-]+\.[a-z]+/\S+|[a-z]+\.[a-z]+/\S+) (v\S+)$`)
	row := regexp.MustCompile("(?m)^\\| `([^` ]+) (v[^`]+)` \\|")
	listed := map[string]string{}
	for _, m := range row.FindAllStringSubmatch(read(t, "docs/dependencies.md"), -1) {
		listed[m[1]] = m[2]
	}
	for _, m := range required.FindAllStringSubmatch(read(t, "go.mod")+"\n"+read(t, "tools/go.mod"), -1) {
		if listed[m[1]] != m[2] {
			t.Errorf("docs/dependencies.md has no line for %s %s", m[1], m[2])
		}
		delete(listed, m[1])
	}
	for module := range listed {
		if !strings.Contains(read(t, "tools/go.mod"), module+" ") {
			t.Errorf("docs/dependencies.md lists %s, which nothing requires", module)
		}
	}
}

// TestWords keeps notes to oneself and places of one machine out of the project.
func TestWords(t *testing.T) {
	banned := map[string]string{
		"TO" + "DO":         "do it, or write it into an issue",
		"FIX" + "ME":        "do it, or write it into an issue",
		"/wo" + "rk/":       "a place of one machine",
		"../sha" + "red":    "a place outside of the project",
		"proxy.go" + "lang": "a registry's address",
		"sum.go" + "lang":   "a registry's address",
		"registry.np" + "m": "a registry's address",
		"py" + "pi.org":     "a registry's address",
		"docker.i" + "o":    "a registry's address",
	}
	pages := tree(t, ".go", ".md", ".mod", ".sql", ".html", ".css", ".js", ".txtar", ".txt", ".yaml", "Makefile", "run", ".sh", "NOTICE")
	for _, page := range pages {
		text := read(t, page)
		for word, why := range banned {
			if at := strings.Index(text, word); at >= 0 {
				t.Errorf("%s:%d: %q: %s", page, 1+strings.Count(text[:at], "\n"), word, why)
			}
		}
	}
}
