// Package render turns the documents of package reports into bytes, in each of [Formats]. It reads nothing but the document,
// so an issued one gives the same bytes for ever.
package render

import (
	"fmt"
	"io"
	"strings"

	"vcledger/reports"
	"vcledger/reports/language"
	"vcledger/reports/pdf"
)

// Format is a form that a document is written in.
type Format struct {
	Name      string
	MediaType string // of RFC 6838
	Extension string // of a file's name
	Told      bool   // in a language: what people read
	Write     func(w io.Writer, doc any, l language.Language) error
}

// Formats are the forms of every document. JSON and CSV are for machines and the same in every language.
var Formats = []Format{
	{"json", "application/json", "json", false, untold(JSON)},
	{"csv", "text/csv", "csv", false, untold(CSV)},
	{"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", true, XLSX},
	{"pdf", "application/pdf", "pdf", true, PDF},
	{"html", "text/html", "html", true, HTML},
	{"text", "text/plain", "txt", true, Text},
}

// ContentType is the media type as the header of an answer has it.
func (f Format) ContentType() string {
	if strings.HasPrefix(f.MediaType, "text/") {
		return f.MediaType + "; charset=utf-8"
	}
	return f.MediaType
}

func untold(write func(io.Writer, any) error) func(io.Writer, any, language.Language) error {
	return func(w io.Writer, doc any, _ language.Language) error { return write(w, doc) }
}

// JSON writes a document as canonical JSON, by [reports.WriteCanonical].
func JSON(w io.Writer, doc any) error { return reports.WriteCanonical(w, doc) }

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

// FileName is a name to keep a document by, without an extension.
func FileName(doc any) string {
	switch d := doc.(type) {
	case *reports.Statement:
		return fmt.Sprintf("statement-%s-%s-%s", d.Contributor.Code, d.Period.From, d.Period.To)
	case *reports.FundReport:
		return fmt.Sprintf("fund-report-%s-%d", d.Fund.Code, d.Year)
	case *reports.TrialBalance:
		return "trial-balance-" + d.AsOf.String()
	case *reports.DueList:
		return "due-" + d.AsOf.String()
	case *reports.HeldList:
		return "held-" + d.AsOf.String()
	case *reports.Available:
		return fmt.Sprintf("available-%s-%s", d.Fund.Code, d.Period.To)
	case *reports.PledgeUse:
		return fmt.Sprintf("use-%s-%s", d.PledgeID, d.AsOf)
	}
	return "document"
}

// PDF writes a document as tagged pages of A4.
func PDF(w io.Writer, doc any, l language.Language) error {
	page, err := Page(doc, l)
	if err != nil {
		return err
	}
	return pdf.Write(w, page)
}
