// Package render turns the documents of package reports into bytes, in each of [Formats]. It reads nothing but the document,
// so an issued one gives the same bytes for ever.
package render

import (
	"encoding/json"
	"fmt"
	"io"

	"vcledger/reports"
	"vcledger/reports/language"
)

// Format is a form that a document is written in.
type Format struct {
	Name      string
	MediaType string // of RFC 6838
	Write     func(w io.Writer, doc any, l language.Language) error
}

// Formats are the forms of a statement, a fund report and a trial balance. JSON and CSV are for machines and the same in every
// language.
var Formats = []Format{
	{"json", "application/json", untold(JSON)},
	{"csv", "text/csv", untold(CSV)},
	{"text", "text/plain; charset=utf-8", Text},
}

func untold(write func(io.Writer, any) error) func(io.Writer, any, language.Language) error {
	return func(w io.Writer, doc any, _ language.Language) error { return write(w, doc) }
}

// JSON writes a document as canonical JSON: fields in the order of its schema, no indent, no escaped HTML, one line.
func JSON(w io.Writer, doc any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if err := e.Encode(doc); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}

// CSV writes a [reports.Statement], [reports.FundReport], [reports.Check], [reports.TrialBalance], [reports.DueList], [reports.HeldList],
// [reports.Available] or [reports.PledgeUse] as CSV (RFC 4180): a table for each section with the section's name in the first
// column, and an empty line between two tables. Amounts are plain numbers
// at their currency's scale. A text that a spreadsheet would take for a formula gets a leading apostrophe.
func CSV(w io.Writer, doc any) error {
	switch d := doc.(type) {
	case *reports.Statement:
		return writeSections(w, statementSections(d))
	case *reports.FundReport:
		return writeSections(w, fundReportSections(d))
	case *reports.Check:
		return writeSections(w, checkSections(d))
	case *reports.TrialBalance:
		return writeSections(w, trialBalanceSections(d))
	case *reports.DueList:
		return writeSections(w, dueSections(d))
	case *reports.HeldList:
		return writeSections(w, heldSections(d))
	case *reports.Available:
		return writeSections(w, availableSections(d))
	case *reports.PledgeUse:
		return writeSections(w, useSections(d))
	}
	return fmt.Errorf("write CSV: no form for a %T", doc)
}
