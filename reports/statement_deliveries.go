package reports

import (
	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

type deliveryRow struct {
	ID              uuid.UUID
	Fund            ledger.FundCode
	FundYear        int         `db:"fund_year"`
	DeliveredOn     ledger.Date `db:"delivered_on"`
	PeriodFrom      ledger.Date `db:"period_from"`
	Category        ledger.Category
	Description     string
	Quantity        decimal.Decimal
	Unit            string
	Currency        ledger.Currency
	Amount          decimal.Decimal
	AmountUSD       decimal.Decimal `db:"amount_usd"`
	Rate            decimal.NullDecimal
	RateDate        ledger.Date           `db:"rate_date"`
	RateSource      ledger.RateSource     `db:"rate_source"`
	ValuationBasis  ledger.ValuationBasis `db:"valuation_basis"`
	Evidence        string
	PledgeID        *uuid.UUID `db:"pledge_id"`
	PledgeReference string     `db:"pledge_reference"`
	ItemNumber      int        `db:"item_number"`
	Account         ledger.AccountCode
	ReversedOn      ledger.Date `db:"reversed_on"`
}

// treatment says how the books treat a delivery that stands on an account.
func treatment(a ledger.AccountCode) Treatment {
	if a.Memorandum() {
		return Disclosed
	}
	return Recognised
}

func (b *statementBuild) readDeliveries() error {
	rows, err := read[deliveryRow](b.ctx, b.snap, "deliveries", statementDeliveries,
		pq.Array(b.codes), b.request.Fund, b.request.Period.From, b.end, knownAt(b.snap), b.snap.AsOf)
	for _, r := range rows {
		t := turnoverOf(value(r.Amount, r.Currency, r.AmountUSD), r.DeliveredOn, r.ReversedOn, b.request.Period.From, b.end)
		line := DeliveryLine{ID: r.ID, Fund: r.Fund, FundYear: r.FundYear, Date: Date{r.DeliveredOn}, PeriodFrom: Date{r.PeriodFrom},
			Category: r.Category, Description: r.Description, Quantity: r.Quantity, Unit: r.Unit, Basis: r.ValuationBasis,
			Evidence: r.Evidence, PledgeID: r.PledgeID, Pledge: r.PledgeReference, Item: r.ItemNumber, Treatment: treatment(r.Account),
			Account: r.Account, Rate: rate(r.Rate, r.RateDate, r.RateSource), Delivered: t.brought, Reversed: t.reversed,
			Net: t.brought.minus(t.reversed), ReversedOn: Date{r.ReversedOn}}
		b.InKind.Deliveries = append(b.InKind.Deliveries, line)
		b.sums.delivery(line)
	}
	return err
}
