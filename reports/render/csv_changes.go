package render

import (
	"vcledger/reports"
)

// issuedSections are those that only an issued statement has: its number, and what changed since the one before.
func issuedSections(s *reports.Statement) []section {
	if s.Issued == nil {
		return nil
	}
	issued := section{name: "issued", columns: []string{"number", "supersedes", "reason", "since", "since_from", "since_to", "since_known_at"}}
	changes := section{name: "changes", columns: []string{"change", "fund", "contributor", "original_date", "date", "recorded_at", "entry", "kind", "description", "reason",
		"account", "name", "currency", "amount", "amount_usd"}}
	since := []string{"", "", "", ""}
	if c := s.Changes; c != nil {
		since = []string{string(c.Since.Number), c.Since.Period.From.String(), c.Since.Period.To.String(), instant(c.Since.KnownAt)}
		for _, l := range c.Lines {
			changes.add(join([]string{string(l.Change), string(l.Fund), string(l.Contributor), l.OriginalDate.String(), l.Date.String(), instant(l.RecordedAt), l.Entry.String(),
				string(l.Kind), l.Description, l.Reason, string(l.Account), l.Name, string(l.Amount.Money.Currency)}, valueCells(l.Amount))...)
		}
	}
	issued.add(join([]string{string(s.Issued.Number), string(s.Issued.Supersedes), s.Issued.Reason}, since)...)
	return []section{issued, changes}
}
