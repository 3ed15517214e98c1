package reports

import (
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// PurposeLine is a year of one fund, in USD, under its purpose: what is earmarked stands beside what is for the general
// purpose.
type PurposeLine struct {
	Purpose    ledger.FundKind `json:"purpose"`
	Fund       ledger.FundCode `json:"fund"`
	Received   Money           `json:"received"` // cash
	Recognised Money           `json:"in_kind_recognised"`
	Disclosed  Money           `json:"in_kind_disclosed"`
	Spent      Money           `json:"spent"` // with programme support and levies
}

// readPurposes reads the year of the fund and of the funds under it.
func (b *fundReportBuild) readPurposes() error {
	rows, err := read[struct {
		Fund                                   ledger.FundCode
		Purpose                                ledger.FundKind
		Received, Recognised, Disclosed, Spent decimal.Decimal
	}](b.ctx, b.snap, "purposes", fundReportPurposes, b.Fund.Code, b.from, b.end, knownAt(b.snap))
	b.Purposes = make([]PurposeLine, len(rows))
	for i, r := range rows {
		b.Purposes[i] = PurposeLine{Purpose: r.Purpose, Fund: r.Fund, Received: dollars(r.Received), Recognised: dollars(r.Recognised),
			Disclosed: dollars(r.Disclosed), Spent: dollars(r.Spent)}
	}
	return err
}
