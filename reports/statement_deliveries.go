package reports

import (
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

type deliveryRow struct {
	ID                uuid.UUID
	Contributor       ledger.ContributorCode
	EntryID           uuid.UUID `db:"entry_id"`
	Fund              ledger.FundCode
	FundYear          int         `db:"fund_year"`
	DeliveredOn       ledger.Date `db:"delivered_on"`
	PeriodFrom        ledger.Date `db:"period_from"`
	Category          ledger.Category
	Description       string
	Quantity          decimal.Decimal
	Unit              string
	Currency          ledger.Currency
	Amount            decimal.Decimal
	AmountUSD         decimal.Decimal `db:"amount_usd"`
	Rate              decimal.NullDecimal
	RateDate          ledger.Date           `db:"rate_date"`
	RateSource        ledger.RateSource     `db:"rate_source"`
	ValuationBasis    ledger.ValuationBasis `db:"valuation_basis"`
	PeriodTo          ledger.Date           `db:"period_to"`
	Expert            string
	CertifiedBy       string `db:"certified_by"`
	Valuer            string
	ValuedOn          ledger.Date         `db:"valued_on"`
	DeclaredCurrency  ledger.Currency     `db:"declared_currency"`
	DeclaredAmount    decimal.NullDecimal `db:"declared_amount"`
	RevaluedBefore    decimal.Decimal     `db:"revalued_before"`
	RevaluedBeforeUSD decimal.Decimal     `db:"revalued_before_usd"`
	Revalued          decimal.Decimal
	RevaluedUSD       decimal.Decimal `db:"revalued_usd"`
	Evidence          string
	EvidenceSHA256    string     `db:"evidence_sha256"`
	PledgeID          *uuid.UUID `db:"pledge_id"`
	PledgeReference   string     `db:"pledge_reference"`
	ItemNumber        int        `db:"item_number"`
	Account           ledger.AccountCode
	CountsOn          ledger.Date `db:"counts_on"`
	ReversedOn        ledger.Date `db:"reversed_on"`
}

// treatment says how the books treat a delivery that stands on an account.
func treatment(a ledger.AccountCode) Treatment {
	if a.Memorandum() {
		return Disclosed
	}
	return Recognised
}

func (b *statementBuild) readDeliveries() error {
	rows, err := read[deliveryRow](b.ctx, b.snap, "deliveries", statementDeliveries, b.turnedOf()...)
	for _, r := range rows {
		revalued := value(r.Revalued, r.Currency, r.RevaluedUSD)
		t := turnoverOf(value(r.Amount, r.Currency, r.AmountUSD), r.CountsOn, r.ReversedOn, b.request.Period.From, b.end)
		if !r.ReversedOn.IsZero() && !r.ReversedOn.Before(b.request.Period.From) && !r.ReversedOn.After(b.end) {
			t.reversed = t.reversed.plus(value(r.RevaluedBefore, r.Currency, r.RevaluedBeforeUSD)).plus(revalued)
		}
		line := DeliveryLine{ID: r.ID, Contributor: b.other(r.Contributor), Entry: r.EntryID, Fund: r.Fund, FundYear: r.FundYear, Date: Date{r.DeliveredOn}, PeriodFrom: Date{r.PeriodFrom},
			Category: r.Category, Description: r.Description, Quantity: r.Quantity, Unit: r.Unit, Basis: r.ValuationBasis,
			PeriodTo: Date{r.PeriodTo}, Expert: r.Expert, CertifiedBy: r.CertifiedBy, Declared: optionalMoney(r.DeclaredAmount, r.DeclaredCurrency),
			Valuer: r.Valuer, ValuedOn: Date{r.ValuedOn}, Evidence: r.Evidence, SHA256: r.EvidenceSHA256, Revalued: revalued,
			PledgeID: r.PledgeID, Pledge: r.PledgeReference, Item: r.ItemNumber, Treatment: treatment(r.Account),
			Account: r.Account, Rate: rate(r.Rate, r.RateDate, r.RateSource), Delivered: t.brought, Reversed: t.reversed,
			Net: t.brought.plus(revalued).minus(t.reversed), ReversedOn: Date{r.ReversedOn}}
		b.InKind.Deliveries = append(b.InKind.Deliveries, line)
		b.sums.delivered(line.Fund, line.Treatment, line.Net.USD.Amount)
	}
	return err
}
