package web

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Frame is what every page of who is signed in has around it.
type Frame struct {
	Version     string
	Title       string
	Name        string
	Role        string
	Contributor string // of a donor
	FormToken   string // of the forms of this session
	Nav         []Link
	Again       bool   // a form is shown again as it was typed, and was not sent
	Script      string // asset that makes the page quicker to use; the page does without, too
}

// Link is a text that leads somewhere.
type Link struct {
	Text string
	Href string
	Here bool   // it is the page that is shown, or the part of the site that it belongs to
	Lang string // of the text, where it is another than the page's
}

// Cell is one value of a table or a fact.
type Cell struct {
	Text   string
	Href   string // what the value is made of; empty for nothing
	Amount bool   // set in figures that stand below each other
	Mark   string // a word beside it, such as overdue; empty for none
	Name   string // of the row: a screen reader says it with every value
	Sign   string // seen in place of the text, which a screen reader says
}

// shortest is up to how many characters a value stands on one line: a date, a code or a reference, which nobody reads in pieces.
const shortest = 16

// Short reports whether the value is not broken at the end of a line. Before the word beside it there may be an end.
func (c Cell) Short() bool { return c.Mark == "" && utf8.RuneCountInString(c.Text) <= shortest }

// Head is the heading of a column.
type Head struct {
	Text   string
	Amount bool
}

// Sheet is a table of records.
type Sheet struct {
	Caption string
	Heads   []Head
	Rows    [][]Cell
	Foot    []Cell
	Empty   string // what to say, and to do, when there is no row
}

// Fact is one line of what a record is.
type Fact struct {
	Label string
	Cells []Cell
}

// Filters are the fields that say which records of a list a page shows.
type Filters []Input

// Told says in words what the records were chosen by, as a sheet of paper has no address bar.
func (f Filters) Told() string {
	var list []string
	for _, in := range f {
		if in.Type == "select" {
			for _, o := range in.Options {
				if o.Chosen && o.Value != "" {
					list = append(list, in.Label+": "+o.Text)
				}
			}
			continue
		}
		layout, written := time.DateOnly, "2 Jan 2006"
		if in.Type == "month" {
			layout, written = "2006-01", "January 2006"
		}
		day, err := time.Parse(layout, in.Value)
		switch {
		case in.Value == "":
		case (in.Type == "date" || in.Type == "month") && err == nil:
			list = append(list, in.Label+" "+day.Format(written))
		default:
			list = append(list, in.Label+": "+in.Value)
		}
	}
	if len(list) == 0 {
		return "All, without a filter."
	}
	return strings.Join(list, "; ") + "."
}

// Option is a value that a field can take.
type Option struct {
	Value  string
	Text   string
	Chosen bool
}

// Input is a field of a form, with what was typed and what is wrong with it.
type Input struct {
	Form     string // tells fields of one name apart on a page of several forms
	Name     string
	Label    string
	Type     string // text, date, or select for one of Options
	Value    string
	Hint     string
	Fault    string
	Required bool
	Options  []Option // of a select
	Find     string   // address that proposes values as one types; empty for none
}

// ID is unique on the page.
func (i Input) ID() string {
	if i.Form != "" {
		return i.Form + "-" + i.Name
	}
	return i.Name
}

// Describes names what a screen reader says after the label: the hint and the fault.
func (i Input) Describes() string {
	var ids []string
	if i.Hint != "" {
		ids = append(ids, i.ID()+"-hint")
	}
	if i.Find != "" {
		ids = append(ids, i.ID()+"-found")
	}
	if i.Fault != "" {
		ids = append(ids, i.ID()+"-fault")
	}
	return strings.Join(ids, " ")
}

// Count is a number of things that wait, and where they are.
type Count struct {
	Number int
	More   bool // there are more than were counted
	Text   string
	Href   string
}

// Today is the console's first page: what waits.
type Today struct {
	Frame
	Counts []Count
	Sheets []Sheet
}

// List is a page of records with its filters, which are those of the address bar.
type List struct {
	Frame
	Path    string
	Parent  *Link // the page that it is part of
	Action  *Link // what can be recorded here
	Filters Filters
	Faults  []string // of the filters as a whole
	Reset   string   // what the filters say when nothing is chosen; empty for all records
	Sheet   Sheet
	Next    string // address of the next page; empty on the last one
}

// Record is the page of one record.
type Record struct {
	Frame
	Parent Link // the list that it is of
	Faults []string
	Facts  []Fact
	Sheets []Sheet
	Forms  []Form
}

// Form is a form of a record's page.
type Form struct {
	Main    bool // what the page is for: its button is the one that is looked for
	Title   string
	Text    string
	Action  string
	Key     string // idempotency key
	Match   string // of an edit: what it was drawn from
	Inputs  []Input
	Buttons []Button
}

// Offer is the page by which a pledge in kind is recorded: a form, with a row of fields for each item.
type Offer struct {
	Frame
	Parent Link
	Faults []string
	Form   Form
	Items  [][]Input
	Most   int // items that a pledge may have
}

// Number is what people call the item of a row.
func (o Offer) Number(row int) int { return row + 1 }

// Button sends a form with a value of its own.
type Button struct {
	Name  string
	Value string
	Text  string
}

// Receipt is the page by which a receipt is recorded.
type Receipt struct {
	Frame
	Key       string // idempotency key: the form is posted once under it
	Faults    []string
	Notice    string
	Giver     []Input // who paid
	Cash      []Input // what arrived
	Bank      []Input // where, and how it is known there
	Pledges   []OpenPledge
	Contrib   string   // name of the contributor that was found
	Said      string   // of its pledges, and what is applied to them
	Aside     []Hidden // what was typed for pledges of another contributor
	Looked    bool     // a preview was asked for
	Posted    *Link    // what was posted by this form already; nothing more is
	Previewed string   // hash of what the preview shows; empty without one
	Preview   []Sheet
	Facts     []Fact
}

// Hidden is a field that a form keeps and nobody sees.
type Hidden struct {
	Name  string
	Value string
}

// KeptForm is the page that keeps a form which came from no session, or an earlier one.
type KeptForm struct {
	Version     string
	Language    string
	RightToLeft bool
	Provider    bool   // an identity provider can sign people in
	Fault       string // why signing in did not work
	Action      string // where the form goes
	Kept        []Hidden
	File        bool // it may have had a file, which cannot be kept
	Say         KeptWords
}

// KeptWords are the words of [KeptForm] in its language. Who names who is signed in, and is empty for nobody.
type KeptWords struct{ Title, Why, Kept, NoFile, Who, Then, Show, Key, SignIn, Elsewhere, Back string }

// OpenPledge is a pledge that the receipt may keep.
type OpenPledge struct {
	Reference   Cell
	Fund        string
	Year        string
	Due         []Cell
	Outstanding Cell
	Proposed    string
	Input       Input
}

// Reports is the page of a fund's charts, and of the documents.
type Reports struct {
	Frame
	Filters Filters // the fund and the year of the charts
	Faults  []string
	Charts  []ReportChart
	Empty   string // what to say when there is nothing to draw
	Forms   []Form
}

// ReportChart is a chart of the fund report, and the place of its figures.
type ReportChart struct {
	Title   string
	Drawing *Chart
	Href    string
}

// Refused is the page of what could not be done or shown.
type Refused struct {
	Frame
	Status   int
	Detail   string
	Faults   []string
	Instance string
	Rule     string
}

// Bank is the page of the banks' statements, and of the upload of one.
type Bank struct {
	Frame
	Upload bool   // the visitor may
	Key    string // idempotency key of the upload
	Faults []string
	Inputs []Input
	Sheet  Sheet
	Next   string
}

// Queue is a bank statement with its lines that wait.
type Queue struct {
	Frame
	Facts   []Fact
	Faults  []string // of the decision that was refused
	Waiting []Waiting
	More    bool // more lines wait than are shown
	Sheet   Sheet
}

// Waiting is a line of a bank that waits for a decision.
type Waiting struct {
	ID      string
	Action  string
	Key     string // idempotency key
	Title   string
	Facts   []Fact
	Choices []Choice
	Inputs  []Input
	Faults  []string
}

// Choice is what a line may be for.
type Choice struct {
	ID     string
	Value  string
	Text   string
	Hint   string
	Chosen bool
}

// Periods is the page of the closing list and of what was closed.
type Periods struct {
	Record
	Filters Filters
	Next    string
}

// Secret is the page of a key that was just made: the only one that shows it.
type Secret struct {
	Frame
	Secret string // empty for a form that was sent again
	Notice string
	Key    Link
	Facts  []Fact
}
