package render_test

import (
	"encoding/csv"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"vcledger/reports/language"
)

// TestCatalogue looks for every message that a document can show in the catalogue: in six languages, with the same places for
// arguments, and with none that nothing says. Messages are found in the sources, so a new one fails until it has its row.
func TestCatalogue(t *testing.T) {
	t.Parallel()
	rows := catalogue(t)
	said := findMessages(t)
	for m, where := range said {
		row, found := rows[m]
		if !found {
			t.Errorf("%s: %q is not in reports/language/messages.csv: add a row with its translations, at its place in the order of the keys", where, m)
			continue
		}
		for i, told := range row {
			l := columns[i+1]
			switch {
			case told == "" && l != "en":
				t.Errorf("messages.csv: %q has no words in the column %s", m, l)
			case told != strings.TrimSpace(told):
				t.Errorf("messages.csv: %q: %q has spaces around it", m, told)
			case told != "" && !slices.Equal(places(m), places(told)):
				t.Errorf("messages.csv: %q: %q has other places for arguments", m, told)
			}
		}
	}
	for m := range rows {
		if said[m] == "" {
			t.Errorf("messages.csv: nothing says %q: remove its row", m)
		}
	}
}

// columns are those of the catalogue.
var columns = []string{"message", "en", "ar", "es", "fr", "ru", "zh"}

// catalogue reads the file of messages, which is in the order of its keys: English, when it is another, and the five
// translations of each.
func catalogue(t *testing.T) map[string][]string {
	t.Helper()
	f, err := os.Open("../language/messages.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	list, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(list[0], columns) {
		t.Fatalf("messages.csv has the columns %q, not %q", list[0], columns)
	}
	rows := map[string][]string{}
	for i, row := range list[1:] {
		if before := list[i][0]; i > 0 && before >= row[0] {
			t.Errorf("messages.csv: %q stands after %q; the rows are in the order of their keys, and each is there once", row[0], before)
		}
		rows[row[0]] = row[1:]
	}
	return rows
}

var place = regexp.MustCompile(`%(?:\[(\d)\])?([sd])`)

// places are the arguments that a message has places for, by their number, in the order of the numbers.
func places(m string) []string {
	var list []string
	for i, p := range place.FindAllStringSubmatch(m, -1) {
		number := p[1]
		if number == "" {
			number = strconv.Itoa(i + 1)
		}
		list = append(list, number+p[2])
	}
	slices.Sort(list)
	return list
}

// prose are the sources in which every sentence is a message.
var prose = []string{"page*.go", "../chart/*.go"}

// proofs are the sources that say what a file proves, and why it cannot be looked at.
var proofs = []string{"../proved*.go", "../evidence.go", "../sums.go", "attached.go", "../pdf/attach.go", "../../ledger/proof/checkpoint.go", "../../ledger/proof/file.go"}

// signing are the functions there that make keys and signatures: whoever looks at a file never meets their errors.
var signing = []string{"NewKey", "NewSigner", "Sign", "Vouch"}

// sentence is what a message looks like there: it begins with a capital letter, or is of several words. The short ones that
// begin small are found by the calls of T and F.
var sentence = regexp.MustCompile(`^[A-Z][a-z]|^[A-Z]+:|[a-z%]s?[:,]? [a-z%]`)

// terms are the types whose codes stand in documents.
var terms = map[string][]string{
	"../../ledger/*.go": {"ContributorKind", "EntryKind", "Bucket", "RateSource", "NewnessClass", "Stage", "Category", "ValuationBasis"},
	"../*.go":           {"Treatment"},
}

// items are the lists of codes without a type that stand in documents.
var items = []string{"revenueItems", "expenseItems", "adjustmentItems", "tieOutFigures"}

// itemTypes are the types that have such a code in front, and itemCalls the functions.
var itemTypes, itemCalls = []string{"Change"}, []string{"totalOf"}

// units are those that contributions in kind are usually measured in; a fund may have others, which are shown as they are.
var units = []string{"expert_day", "expert_month", "consultant_day", "staff_month", "month", "item", "square_metre_month", "journey"}

// findMessages returns every message, with where it stands.
func findMessages(t *testing.T) map[string]string {
	t.Helper()
	said := messages{}
	for _, pattern := range prose {
		inspect(t, pattern, func(where string, n ast.Node) bool {
			l, ok := literal(n)
			if ok && sentence.MatchString(l) {
				said.add(l, where)
			}
			return !ok && !isError(n)
		})
	}
	for _, pattern := range append(prose, "../pdf/*.go", "*.go", "../../api/portal*.go") {
		inspect(t, pattern, func(where string, n ast.Node) bool {
			if name, args := call(n); name == "T" || name == "F" {
				said.add(firstString(args), where)
			}
			return true
		})
	}
	for _, pattern := range proofs {
		inspect(t, pattern, func(where string, n ast.Node) bool {
			if f, ok := n.(*ast.FuncDecl); ok && slices.Contains(signing, f.Name.Name) {
				return false
			}
			name, args := call(n)
			switch name {
			case "New":
				said.add(firstString(args), where)
			case "proven", "unproven", "wrong", "tell":
				said.add(firstString(args), where)
				whole(t, where, args)
			case "Tell":
				said.add(firstString(args[1:]), where)
				whole(t, where, args[1:])
			case "Errorf":
				t.Errorf("%s: an error with places for arguments is in English for every reader: return tell", where)
			}
			return true
		})
	}
	inspect(t, "../*.go", said.notes)
	inspect(t, "../*.go", said.items)
	for pattern, types := range terms {
		inspect(t, pattern, func(where string, n ast.Node) bool {
			s, ok := n.(*ast.ValueSpec)
			if !ok || len(s.Values) != 1 {
				return true
			}
			if of, ok := s.Type.(*ast.Ident); ok && slices.Contains(types, of.Name) {
				if code, ok := literal(s.Values[0]); ok {
					said[of.Name+"."+code] = where
				}
			}
			return true
		})
	}
	for _, u := range units {
		said.code(u, "the units")
	}
	said.accounts(t)
	return said
}

// whole fails on an argument of a sentence that has words of English: such a part is a message itself.
func whole(t *testing.T, where string, args []ast.Expr) {
	t.Helper()
	for i, a := range args {
		l, ok := literal(a)
		if name, _ := call(a); i > 0 && (name == "Error" || ok && strings.ContainsFunc(l, unicode.IsLetter)) {
			t.Errorf("%s: the argument %d of %q is in English for every reader: pass tell or Why", where, i, firstString(args))
		}
	}
}

// messages are what was found, with where.
type messages map[string]string

// add adds a message that has words beside its places for arguments.
func (said messages) add(m, where string) {
	if strings.ContainsFunc(place.ReplaceAllString(m, ""), func(r rune) bool { return r != ' ' && !strings.ContainsRune(".,:;()", r) }) {
		said[m] = where
	}
}

// code adds a code that is told by its own words.
func (said messages) code(code, where string) { said.add(strings.ReplaceAll(code, "_", " "), where) }

// notes adds the sentences on policies: the values of constants that are named so, and what notePolicies has.
func (said messages) notes(where string, n ast.Node) bool {
	add := func(v ast.Node) {
		if m, ok := literal(v); ok && strings.HasSuffix(m, ".") && strings.Contains(m, " ") {
			said.add(m, where)
		}
	}
	switch n := n.(type) {
	case *ast.ValueSpec:
		for i, name := range n.Names {
			if strings.HasPrefix(name.Name, "note") && i < len(n.Values) {
				add(n.Values[i])
			}
		}
	case *ast.FuncDecl:
		if strings.HasPrefix(n.Name.Name, "note") {
			ast.Inspect(n, func(n ast.Node) bool {
				if n != nil {
					add(n)
				}
				return true
			})
		}
	}
	return true
}

// items adds the codes that have no type.
func (said messages) items(where string, n ast.Node) bool {
	switch n := n.(type) {
	case *ast.ValueSpec:
		for i, name := range n.Names {
			if i < len(n.Values) && slices.Contains(items, name.Name) {
				ast.Inspect(n.Values[i], func(n ast.Node) bool {
					if code, ok := literal(n); ok {
						said.code(code, where)
					}
					return true
				})
			}
		}
	case *ast.CompositeLit:
		if of, ok := n.Type.(*ast.Ident); ok && slices.Contains(itemTypes, of.Name) {
			said.code(firstString(n.Elts), where)
		}
	case *ast.CallExpr:
		if name, args := call(n); slices.Contains(itemCalls, name) {
			said.code(firstString(args), where)
		}
	}
	return true
}

var account = regexp.MustCompile(`\('(\d{4})', '([^']+)', '[a-z_]+'\)`)

// accounts adds the names of the accounts.
func (said messages) accounts(t *testing.T) {
	t.Helper()
	files, err := filepath.Glob("../../migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range account.FindAllStringSubmatch(string(b), -1) {
			said[m[2]] = path
		}
	}
}

// literal returns a string of the source; one that is broken over lines is put together.
func literal(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.BasicLit:
		if n.Kind != token.STRING {
			return "", false
		}
		s, err := strconv.Unquote(n.Value)
		return s, err == nil
	case *ast.BinaryExpr:
		x, ok := literal(n.X)
		y, too := literal(n.Y)
		return x + y, ok && too && n.Op == token.ADD
	}
	return "", false
}

// call returns the name of what is called, without its package or receiver, and the arguments.
func call(n ast.Node) (string, []ast.Expr) {
	c, ok := n.(*ast.CallExpr)
	if !ok {
		return "", nil
	}
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name, c.Args
	case *ast.SelectorExpr:
		return f.Sel.Name, c.Args
	}
	return "", c.Args
}

// firstString is the first of some expressions, when it is a string.
func firstString(list []ast.Expr) string {
	if len(list) == 0 {
		return ""
	}
	s, _ := literal(list[0])
	return s
}

// isError reports whether a call makes an error or a panic, whose words no document shows.
func isError(n ast.Node) bool {
	name, _ := call(n)
	return name == "Errorf" || name == "panic"
}

// inspect calls fn with each node of the sources that match a pattern; below one for which fn returns false it does not look.
func inspect(t *testing.T, pattern string, fn func(where string, n ast.Node) bool) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no sources, %v", pattern, err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool { return n == nil || fn(set.Position(n.Pos()).String(), n) })
	}
}

// TestPlaces numbers the places for arguments as package fmt does.
func TestPlaces(t *testing.T) {
	t.Parallel()
	if got := language.Chinese.F("Since statement %s of %s to %s, as known at %s (a credit in parentheses)", "A", "B", "C", "D"); strings.Contains(got, "%") ||
		strings.Index(got, "B") > strings.Index(got, "A") {
		t.Errorf("%s", got)
	}
	if a, b := places("%s of %s"), places("%[2]s: %[1]s"); !slices.Equal(a, b) {
		t.Errorf("%q and %q", a, b)
	}
	if a, b := places("%s of %s"), places("%s"); slices.Equal(a, b) {
		t.Errorf("%q and %q", a, b)
	}
}
