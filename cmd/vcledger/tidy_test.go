package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrows is the picture of the house: each package and what it may import of ours. A package that is not here, or an
// import that is not in its list, fails the test.
var arrows = map[string][]string{
	"migrations":             {},
	"ledger":                 {},
	"ledger/registerfile":    {"ledger"},
	"ledger/ratefile":        {"ledger"},
	"ledger/expenditurefile": {"ledger"},
	"ledger/bankfile":        {"ledger"},
	"ledger/localpg":         {},
	"ledger/proof":           {},
	"ledger/postgres":        {"ledger", "ledger/bankfile", "ledger/proof", "migrations"},
	"ledger/ledgertest":      {"ledger", "ledger/postgres", "ledger/localpg", "ledger/proof", "migrations"},
	"reports":                {"ledger", "ledger/postgres", "ledger/proof"},
	"reports/language":       {"ledger"},
	"reports/layout":         {"ledger", "reports/language"},
	"reports/chart":          {"ledger", "reports/language", "reports/layout"},
	"reports/pdf":            {"ledger", "reports/chart", "reports/language", "reports/layout"},
	"reports/render":         {"ledger", "ledger/proof", "reports", "reports/chart", "reports/language", "reports/layout", "reports/pdf"},
	"reports/export":         {"ledger", "ledger/postgres"},
	"reports/pagetest":       {},
	"api/web":                {},
	"api":                    {"ledger", "ledger/bankfile", "ledger/postgres", "ledger/proof", "ledger/registerfile", "reports", "reports/chart", "reports/language", "reports/layout", "reports/render", "reports/export", "api/web"},
	"cmd/vcledger":           {"api", "ledger", "ledger/postgres", "ledger/proof", "ledger/registerfile", "ledger/ratefile", "ledger/expenditurefile", "ledger/localpg", "reports", "reports/language", "reports/render", "reports/export"},
}

// sources calls fn with each Go file of the module: its package's path, its own, and whether it is a test.
func sources(t *testing.T, fn func(pkg, path string, test bool)) {
	t.Helper()
	root := filepath.Join("..", "..")
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != "." {
			return fs.SkipDir
		}
		if !d.IsDir() && strings.HasSuffix(path, ".go") {
			fn(filepath.ToSlash(filepath.Dir(path)), filepath.Join(root, path), strings.HasSuffix(path, "_test.go"))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestArrows(t *testing.T) {
	sources(t, func(pkg, path string, test bool) {
		allowed, drawn := arrows[pkg]
		if !drawn {
			t.Errorf("%s: package %s is not in the picture", path, pkg)
			return
		}
		if test {
			return // tests are external packages and may use ledgertest
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, imp := range f.Imports {
			name, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if own, ok := strings.CutPrefix(name, "vcledger/"); ok && !slices.Contains(allowed, own) {
				t.Errorf("%s imports %s, against the picture", path, own)
			}
			if slices.Contains([]string{"ledger", "ledger/registerfile", "ledger/ratefile", "ledger/expenditurefile", "ledger/bankfile"}, pkg) && strings.HasPrefix(name, "database/sql") && name != "database/sql/driver" {
				t.Errorf("%s imports %s: the package is pure", path, name)
			}
		}
	})
}

// floats are where a float is no amount: a weight of the Accept header, a bound of an integer in a JSON schema, and the
// seconds and rows a second of a summary line, requests a second,
// and the figures of Prometheus. The packages among them draw: a position on paper is no amount, nor is the width of a column
// or where an axis begins.
var floats = []string{"reports/chart", "reports/pdf", "api/metrics.go", "api/limit.go", "api/guard.go", "api/check.go", "api/documents.go", "cmd/vcledger/import.go", "reports/render/xlsx_sheet.go", "reports/render/xlsx_chart.go"}

func TestNoFloatNearMoney(t *testing.T) {
	sources(t, func(pkg, path string, test bool) {
		if test || slices.Contains(floats, pkg) || slices.Contains(floats, filepath.ToSlash(strings.TrimPrefix(path, filepath.Join("..", "..")+string(filepath.Separator)))) {
			return
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				if n.Name == "float64" || n.Name == "float32" {
					t.Errorf("%s: a %s", path, n.Name)
				}
			case *ast.SelectorExpr:
				if slices.Contains([]string{"InexactFloat64", "NewFromFloat", "Float64", "ParseFloat"}, n.Sel.Name) {
					t.Errorf("%s: %s", path, n.Sel.Name)
				}
			case *ast.BasicLit:
				if n.Kind == token.FLOAT {
					t.Errorf("%s: the float %s", path, n.Value)
				}
			}
			return true
		})
	})
}

// TestNames keeps out the packages that everything ends up in.
func TestNames(t *testing.T) {
	for pkg := range arrows {
		if slices.Contains([]string{"util", "utils", "common", "helpers", "models", "services"}, filepath.Base(pkg)) {
			t.Errorf("package %s says nothing of what is in it", pkg)
		}
	}
}

// TestTopLevel keeps the top level as the user fixed it.
func TestTopLevel(t *testing.T) {
	entries, err := os.ReadDir(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	allowed := []string{"cmd", "ledger", "api", "migrations", "reports", "go.mod", "go.sum", "README.md", "LICENSE", "CONTRIBUTING.md"}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !slices.Contains(allowed, e.Name()) {
			t.Errorf("%s stands at the top level", e.Name())
		}
	}
}
