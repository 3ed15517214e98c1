package render

import (
	"vcledger/reports"
)

// checkSections has the tie-out of a fund's year by itself.
func checkSections(c *reports.Check) []section {
	head := section{name: "check", columns: []string{"schema", "fund", "year", "as_of", "known_at", "illustrative"}}
	head.add(c.Schema, string(c.Fund.Code), year(c.Year), c.AsOf.String(), instant(c.KnownAt), illustrative(c.Fund.Illustrative))
	return []section{head, tieOutSection(c.TieOut), bankSection(c.TieOut.Bank)}
}

// tieOutSection has each figure by currency; total marks what is the worth in USD of all currencies.
func tieOutSection(t reports.TieOut) section {
	s := section{name: "tie_out", columns: []string{"figure", "currency", "total", "statements", "report", "accounts", "statements_less_report", "report_less_accounts"}}
	for _, l := range t.Lines {
		s.add(l.Figure, string(l.Currency), yes(l.Total), fixed(l.Statements), l.Report.Fixed(), fixed(l.Accounts), fixed(l.StatementsLessReport), fixed(l.ReportLessAccounts))
	}
	return s
}

func bankSection(lines []reports.BankTieOut) section {
	s := section{name: "tie_out_bank", columns: []string{"bank_account", "currency", "fund", "all_funds", "stated", "difference"}}
	for _, l := range lines {
		s.add(string(l.BankAccount), string(l.Books.Currency), l.Own.Fixed(), l.Books.Fixed(), fixed(l.Stated), fixed(l.Difference))
	}
	return s
}

// fixed writes money that may not be there.
func fixed(m *reports.Money) string {
	if m == nil {
		return ""
	}
	return m.Fixed()
}
