package reports

import (
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// RefundLine is cash that was decided to go back to the contributor, or whose refund was reversed, in the period. Net is
// Decided less Reversed: it is what the totals count.
type RefundLine struct {
	ID            uuid.UUID              `json:"id"`
	Contributor   ledger.ContributorCode `json:"contributor,omitempty"` // a body under the statement's contributor, when it is one's
	Entry         uuid.UUID              `json:"entry"`
	Fund          ledger.FundCode        `json:"fund"`
	ReceiptID     uuid.UUID              `json:"receipt_id"`
	ValueDate     Date                   `json:"value_date"` // of the receipt
	BankReference string                 `json:"bank_reference"`
	Source        ledger.RefundSource    `json:"source"`
	PledgeID      *uuid.UUID             `json:"pledge_id,omitempty"`
	Pledge        string                 `json:"pledge,omitempty"`
	Date          Date                   `json:"date"` // on which it was decided
	Reason        string                 `json:"reason"`
	Document      string                 `json:"document"`
	Decided       Value                  `json:"decided"`
	Reversed      Value                  `json:"reversed"`
	Net           Value                  `json:"net"`
	PaidOn        Date                   `json:"paid_on"` // null while it is owed
	ReversedOn    Date                   `json:"reversed_on"`
}

func (b *statementBuild) readRefunds() error {
	rows, err := read[struct {
		ID              uuid.UUID
		Contributor     ledger.ContributorCode
		EntryID         uuid.UUID `db:"entry_id"`
		Fund            ledger.FundCode
		ReceiptID       uuid.UUID   `db:"receipt_id"`
		ValueDate       ledger.Date `db:"value_date"`
		BankReference   string      `db:"bank_reference"`
		Source          ledger.RefundSource
		PledgeID        *uuid.UUID  `db:"pledge_id"`
		PledgeReference string      `db:"pledge_reference"`
		EffectiveDate   ledger.Date `db:"effective_date"`
		Reason          string
		Document        string
		Currency        ledger.Currency
		Amount          decimal.Decimal
		AmountUSD       decimal.Decimal `db:"amount_usd"`
		PaidOn          ledger.Date     `db:"paid_on"`
		ReversedOn      ledger.Date     `db:"reversed_on"`
	}](b.ctx, b.snap, "refunds", statementRefunds, b.turnedOf()...)
	for _, r := range rows {
		t := turnoverOf(value(r.Amount, r.Currency, r.AmountUSD), r.EffectiveDate, r.ReversedOn, b.request.Period.From, b.end)
		line := RefundLine{ID: r.ID, Contributor: b.other(r.Contributor), Entry: r.EntryID, Fund: r.Fund, ReceiptID: r.ReceiptID, ValueDate: Date{r.ValueDate}, BankReference: r.BankReference, Source: r.Source,
			PledgeID: r.PledgeID, Pledge: r.PledgeReference, Date: Date{r.EffectiveDate}, Reason: r.Reason, Document: r.Document, Decided: t.brought,
			Reversed: t.reversed, Net: t.brought.minus(t.reversed), PaidOn: Date{r.PaidOn}, ReversedOn: Date{r.ReversedOn}}
		b.Refunds = append(b.Refunds, line)
		b.sums.refunded(line.Fund, line.Net)
	}
	return err
}
