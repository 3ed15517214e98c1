// Package render turns the documents of package reports into bytes: canonical JSON, CSV and text for a terminal. It reads
// nothing but the document, so an issued one gives the same bytes for ever.
package render

import (
	"encoding/json"
	"fmt"
	"io"

	"vcledger/reports"
)

// JSON writes a document as canonical JSON: fields in the order of its schema, no indent, no escaped HTML, one line.
func JSON(w io.Writer, doc any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if err := e.Encode(doc); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}

// CSV writes a [reports.Statement], [reports.FundReport], [reports.TrialBalance], [reports.DueList], [reports.HeldList],
// [reports.Available] or [reports.PledgeUse] as CSV (RFC 4180): a table for each section with the section's name in the first
// column, and an empty line between two tables. Amounts are plain numbers
// at their currency's scale. A text that a spreadsheet would take for a formula gets a leading apostrophe.
func CSV(w io.Writer, doc any) error {
	switch d := doc.(type) {
	case *reports.Statement:
		return writeSections(w, statementSections(d))
	case *reports.FundReport:
		return writeSections(w, fundReportSections(d))
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

// Text writes a [reports.Statement], [reports.FundReport] or [reports.TrialBalance] for a terminal of about 110 columns.
func Text(w io.Writer, doc any) error {
	var p page
	switch d := doc.(type) {
	case *reports.Statement:
		p.statement(d)
	case *reports.FundReport:
		p.fundReport(d)
	case *reports.TrialBalance:
		p.trialBalance(d)
	default:
		return fmt.Errorf("write text: no form for a %T", doc)
	}
	if _, err := w.Write(p.Bytes()); err != nil {
		return fmt.Errorf("write text: %w", err)
	}
	return nil
}
