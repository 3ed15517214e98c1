package reports_test

import (
	"testing"

	"github.com/shopspring/decimal"

	"vcledger/reports"
	"vcledger/reports/language"
	"vcledger/reports/layout"
	"vcledger/reports/render"
)

// TestYears draws a statement of several years: the columns of each series add up to the summary's figure.
func TestYears(t *testing.T) {
	t.Parallel()
	b := openBook(t)
	s := statement(t, b.Store, always, reports.StatementRequest{Contributor: "XAA", Period: days(t, "2022-01-01", "2025-12-31")})
	charts := chartsOf(t, s)
	cash, kind := s.Summary.CashTotal, s.Summary.InKindTotal
	promised := cash.Pledges.Announced.Amount.Add(cash.Pledges.Agreed.Amount).Add(cash.Pledges.Adjusted.Amount)
	for name, series := range map[string]map[string]decimal.Decimal{
		"contributions_by_year": {"Cash received": cash.Received.Amount, "In kind, recognised": kind.Recognised.Amount, "In kind, disclosed": kind.Disclosed.Amount},
		"pledged_and_received":  {"Pledged": promised, "Cash received": cash.Received.Amount},
	} {
		c := charts[name]
		if c == nil || len(c.Categories) != 4 || len(c.Series) != len(series) {
			t.Errorf("%s is %+v, want four years of %v", name, c, series)
			continue
		}
		for _, s := range c.Series {
			if sum := decimal.Sum(decimal.Zero, s.Values...); !sum.Equal(series[s.Name]) || sum.IsZero() {
				t.Errorf("%s: %s adds up to %s, the summary says %s", name, s.Name, sum, series[s.Name])
			}
		}
	}
	if charts = chartsOf(t, statement(t, b.Store, always, reports.StatementRequest{Contributor: "XAA", Period: days(t, "2024-01-01", "2024-12-31")})); charts["contributions_by_year"] != nil {
		t.Error("a statement of one year compares years")
	}
}

func chartsOf(t *testing.T, doc any) map[string]*layout.Chart {
	t.Helper()
	page, err := render.Page(doc, language.English)
	if err != nil {
		t.Fatal(err)
	}
	charts := map[string]*layout.Chart{}
	for _, s := range page.Sections {
		if s.Chart != nil {
			charts[s.Name] = s.Chart
		}
	}
	return charts
}
