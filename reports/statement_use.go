package reports

import (
	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// UseLine is what became of the cash of one pledge in the period. Before is what was left of it before the first day.
type UseLine struct {
	Fund        ledger.FundCode        `json:"fund"`
	FundYear    int                    `json:"fund_year"`
	Contributor ledger.ContributorCode `json:"contributor,omitempty"` // a body under the statement's contributor, when it is one's
	PledgeID    uuid.UUID              `json:"pledge_id"`
	Pledge      string                 `json:"pledge"` // its reference
	Before      Money                  `json:"before"`
	PledgeCash                         // of the period; Left is at its end, with Before
}

// readUse reads what became of the cash of earmarked contributions.
func (b *statementBuild) readUse() error {
	rows, err := read[struct {
		ID          uuid.UUID
		Contributor ledger.ContributorCode
		Reference   string
		Fund        ledger.FundCode
		FundYear    int `db:"fund_year"`
		Kind        ledger.EntryKind
		Before      bool
		AmountUSD   decimal.Decimal `db:"amount_usd"`
	}](b.ctx, b.snap, "use of the contributions", statementUse, pq.Array(b.codes), b.request.Fund, b.request.Period.From, b.end, knownAt(b.snap))
	for _, r := range rows {
		if n := len(b.Use); n == 0 || b.Use[n-1].PledgeID != r.ID {
			b.Use = append(b.Use, UseLine{Fund: r.Fund, FundYear: r.FundYear, Contributor: b.other(r.Contributor), PledgeID: r.ID, Pledge: r.Reference,
				Before: dollars(decimal.Zero), PledgeCash: pledgeCashOf(nil)})
		}
		line := &b.Use[len(b.Use)-1]
		if r.Before {
			line.Before, line.Left = line.Before.plus(dollars(r.AmountUSD)), line.Left.plus(dollars(r.AmountUSD))
		} else {
			line.add(useRow{r.Kind, r.AmountUSD})
		}
	}
	return err
}

// readInstalments lists what is due, overdue and to come at the end of the period.
func (b *statementBuild) readInstalments() (err error) {
	if len(b.Funds) == 0 {
		return nil
	}
	funds := make([]string, len(b.Funds))
	for i, f := range b.Funds {
		funds[i] = string(f.Code)
	}
	b.Instalments, err = readDueItems(b.ctx, b.snap, b.merges, funds, b.codes, b.end)
	return err
}
