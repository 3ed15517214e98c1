// Package web holds the pages: templates, style sheet, and one view model for each page. It has no handlers, so a page can
// be drawn, and looked at, without a server.
package web

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"regexp"
	"strings"
)

//go:embed templates assets
var files embed.FS

// words are what the templates do to texts.
var words = template.FuncMap{"whole": whole}

// written is a date or a number of a record, as nobody reads it in two pieces: 2026-03-05, NV-2025/009, 06-DC-AND-001.
var written = regexp.MustCompile(`\b[0-9A-Z]+(?:[-/][0-9A-Z]+)+\b`)

// longestWritten is up to how many characters such a number stands on one line.
const longestWritten = 24

// whole is a text whose dates and numbers of records stand on one line, in their own direction among the words of any script.
func whole(text string) template.HTML {
	var out strings.Builder
	from := 0
	for _, at := range written.FindAllStringIndex(text, -1) {
		if one := text[at[0]:at[1]]; len(one) <= longestWritten && strings.ContainsAny(one, "0123456789") {
			out.WriteString(template.HTMLEscapeString(text[from:at[0]]) + `<bdi class="whole" dir="ltr">` + one + `</bdi>`)
			from = at[1]
		}
	}
	return template.HTML(out.String() + template.HTMLEscapeString(text[from:])) //nolint:gosec // escaped here
}

// pages has each page's template inside its layout: that of a visitor, or the frame of who is signed in.
var pages = func() map[string]*template.Template {
	m := map[string]*template.Template{}
	of := func(names ...string) *template.Template {
		set := template.New("").Funcs(words)
		for _, name := range append([]string{"head"}, names...) {
			set = template.Must(set.ParseFS(files, "templates/"+name+".html"))
		}
		return set
	}
	parse := func(layout string, names ...string) {
		for _, name := range names {
			m[name] = of(layout, name)
		}
	}
	parse("layout", "docs", "problem", "problems", "home", "login", "arrived", "nothing")
	m["keptform"] = of("keptform")
	parse("frame", "today", "list", "record", "receipt", "reports", "refused", "answers", "bank", "queue", "periods", "secret", "offer")
	// The portal has the tables and fields of the frame, in a layout that speaks the donor's language.
	for _, name := range []string{"portal", "holdings", "check", "questions", "donor-refused"} {
		m[name] = of("frame", "donor", name)
	}
	return m
}()

// Render writes a page.
func Render(w io.Writer, page string, data any) error {
	t, ok := pages[page]
	if !ok {
		return fmt.Errorf("there is no page %s", page)
	}
	if err := t.ExecuteTemplate(w, "layout", data); err != nil {
		return fmt.Errorf("draw %s: %w", page, err)
	}
	return nil
}

// Assets lists the names of the style sheets and images.
func Assets() []string {
	entries, err := fs.ReadDir(files, "assets")
	if err != nil {
		panic("api/web: " + err.Error()) // embedded: a broken build
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names
}

// Asset returns the bytes of one of [Assets].
func Asset(name string) []byte {
	b, err := files.ReadFile("assets/" + name)
	if err != nil {
		panic("api/web: " + err.Error()) // embedded: a broken build
	}
	return b
}

// Docs is the page of the API's documentation.
type Docs struct {
	Title       string
	Version     string
	Description []string // paragraphs
	Groups      []Group
	Roles       []string // the columns of Access
	Access      []Access
}

// Access is one row of the table of who may do what.
type Access struct {
	Operation string // its identifier
	Summary   string
	May       []bool // for each role
}

// Group is the operations of one kind of record.
type Group struct {
	Name       string
	Operations []Operation
}

// Operation is one method of one path.
type Operation struct {
	ID          string
	Method      string
	Path        string
	Summary     string
	Description []string
	Parameters  []Field
	Body        []Field
	BodyExample string
	Curl        string
	Answers     []Answer
	Problems    []Refusal
}

// Field is a parameter, a header, or a field of a body.
type Field struct {
	Name        string
	In          string // path, query or header; empty in a body
	Type        string
	Required    bool
	Description string
	Limits      []string
}

// Answer is what an operation answers with when it succeeds.
type Answer struct {
	Status  string
	Text    string
	Fields  []Field // headers first
	Example string
}

// Refusal is a problem that an operation may answer with.
type Refusal struct {
	Status string
	Path   string
	Name   string
	Title  string
}

// Problem is the page of one rule, and its JSON.
type Problem struct {
	Version    string `json:"-"`
	Type       string `json:"type"`
	Rule       string `json:"rule"`
	Title      string `json:"title"`
	Status     int    `json:"status"`
	StatusText string `json:"-"`
	Means      string `json:"means"`
}

// Problems is the list of all rules, and its JSON.
type Problems struct {
	Version  string    `json:"-"`
	Problems []Problem `json:"problems"`
}

// Table is what the template of a table needs.
type Table struct {
	Label  string
	Fields []Field
}

// Table returns a table of the operation, labelled for screen readers.
func (o Operation) Table(label string, fields []Field) Table {
	return Table{Label: label + ": " + o.Summary, Fields: fields}
}

// Login is the page by which a browser signs in.
type Login struct {
	Version  string
	Provider bool   // an identity provider can sign people in
	Fault    string // why it did not work; empty at first
}

// Nothing is the page of an address that no page has.
type Nothing struct{ Version string }

// Home is the first page of who is not signed in, and the one by which a provider's sign-in ends.
type Home struct {
	Version string
	Name    string // empty when nobody is signed in
	Role    string
}
