package reports

import (
	"context"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// PriorPeriodLine is what an entry of the period did to an account for an event of an earlier one: a late item of a closed
// period, or the reversal of an earlier entry.
type PriorPeriodLine struct {
	Entry        uuid.UUID              `json:"entry"`
	Kind         ledger.EntryKind       `json:"kind"`     // of a reversal, what it reverses
	Reversal     bool                   `json:"reversal"` // otherwise a late item
	Fund         ledger.FundCode        `json:"fund"`
	Contributor  ledger.ContributorCode `json:"contributor,omitempty"`
	OriginalDate Date                   `json:"original_date"`
	Date         Date                   `json:"date"` // on which it counts
	Description  string                 `json:"description"`
	Reason       string                 `json:"reason,omitempty"`
	Account      ledger.AccountCode     `json:"account"`
	Name         string                 `json:"name"`
	Amount       Value                  `json:"amount"` // a debit is positive
}

// readAdjustments reads the prior-period adjustments of contributors, none for all, and of a fund, empty for all.
func readAdjustments(ctx context.Context, snap *postgres.Snapshot, codes []string, fund ledger.FundCode, from, end ledger.Date) ([]PriorPeriodLine, error) {
	rows, err := read[struct {
		EntryID       uuid.UUID `db:"entry_id"`
		Kind          ledger.EntryKind
		Reversal      bool
		Description   string
		Reason        string
		Fund          ledger.FundCode
		Contributor   ledger.ContributorCode
		OriginalDate  ledger.Date `db:"original_date"`
		EffectiveDate ledger.Date `db:"effective_date"`
		Account       ledger.AccountCode
		Name          string
		Currency      ledger.Currency
		Amount        decimal.Decimal
		AmountUSD     decimal.Decimal `db:"amount_usd"`
	}](ctx, snap, "prior-period adjustments", adjustments, pq.Array(codes), fund, from, end, knownAt(snap))
	lines := make([]PriorPeriodLine, len(rows))
	for i, r := range rows {
		lines[i] = PriorPeriodLine{Entry: r.EntryID, Kind: r.Kind, Reversal: r.Reversal, Fund: r.Fund, Contributor: r.Contributor, OriginalDate: Date{r.OriginalDate},
			Date: Date{r.EffectiveDate}, Description: r.Description, Reason: r.Reason, Account: r.Account, Name: r.Name,
			Amount: value(r.Amount, r.Currency, r.AmountUSD)}
	}
	return lines, err
}
