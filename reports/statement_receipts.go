package reports

import (
	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// partRow is a part of a receipt with its receipt.
type partRow struct {
	ID              uuid.UUID
	Contributor     ledger.ContributorCode
	EntryID         uuid.UUID              `db:"entry_id"`
	SettledUSD      decimal.NullDecimal    `db:"settled_usd"`
	ExchangeUSD     decimal.NullDecimal    `db:"exchange_usd"`
	BankAccount     ledger.BankAccountCode `db:"bank_account"`
	BankReference   string                 `db:"bank_reference"`
	ValueDate       ledger.Date            `db:"value_date"`
	Payer           string
	Fund            ledger.FundCode
	FundYear        int `db:"fund_year"`
	Currency        ledger.Currency
	Amount          decimal.Decimal
	Charges         decimal.Decimal
	Rate            decimal.NullDecimal
	RateDate        ledger.Date       `db:"rate_date"`
	RateSource      ledger.RateSource `db:"rate_source"`
	Whole           bool
	AllocationID    *uuid.UUID      `db:"allocation_id"`
	PartFund        ledger.FundCode `db:"part_fund"`
	PartYear        *int            `db:"part_year"`
	PledgeID        *uuid.UUID      `db:"pledge_id"`
	PledgeReference string          `db:"pledge_reference"`
	EffectiveDate   ledger.Date     `db:"effective_date"`
	PartAmount      decimal.Decimal `db:"part_amount"`
	PartUSD         decimal.Decimal `db:"part_usd"`
	ReversedOn      ledger.Date     `db:"reversed_on"`
}

func (r partRow) receipt() Receipt {
	zero := value(decimal.Zero, r.Currency, decimal.Zero)
	receipt := Receipt{ID: r.ID, Fund: r.Fund, FundYear: r.FundYear, ValueDate: Date{r.ValueDate}, BankAccount: r.BankAccount,
		BankReference: r.BankReference, Payer: r.Payer, Shared: !r.Whole, Rate: rate(r.Rate, r.RateDate, r.RateSource),
		Credited: zero, Reversed: zero, Net: zero, Allocations: []Allocation{}, parts: map[ledger.FundCode]Value{}}
	if r.Whole {
		arrived, charges := money(r.Amount, r.Currency), money(r.Charges, r.Currency)
		receipt.Arrived, receipt.Charges = &arrived, &charges
	}
	return receipt
}

func rate(units decimal.NullDecimal, on ledger.Date, source ledger.RateSource) *Rate {
	if !units.Valid {
		return nil
	}
	return &Rate{UnitsPerUSD: units.Decimal, Date: Date{on}, Source: source}
}

// turnover is what a record counts for in a period: what it brought, and what its reversal took away.
type turnover struct{ brought, reversed Value }

// turnoverOf counts an amount of one day, reversed on another (zero: it stands), in the days from first to last.
func turnoverOf(v Value, on, reversedOn, first, last ledger.Date) turnover {
	zero := value(decimal.Zero, v.Money.Currency, decimal.Zero)
	t := turnover{zero, zero}
	if !on.Before(first) {
		t.brought = v
	}
	if !reversedOn.IsZero() && !reversedOn.Before(first) && !reversedOn.After(last) {
		t.reversed = v
	}
	return t
}

// add counts one part of the receipt.
func (r *Receipt) add(p partRow, first, last ledger.Date) {
	v := value(p.PartAmount, p.Currency, p.PartUSD)
	t := turnoverOf(v, p.EffectiveDate, p.ReversedOn, first, last)
	net := t.brought.minus(t.reversed)
	r.Credited, r.Reversed, r.Net = r.Credited.plus(t.brought), r.Reversed.plus(t.reversed), r.Net.plus(net)
	if sum, ok := r.parts[p.PartFund]; ok {
		net = sum.plus(net)
	}
	r.parts[p.PartFund] = net
	r.ReversedOn.Date = ledger.Later(r.ReversedOn.Date, p.ReversedOn)
	if p.AllocationID != nil {
		r.Allocations = append(r.Allocations, Allocation{Date: Date{p.EffectiveDate}, Fund: p.PartFund, FundYear: *p.PartYear,
			PledgeID: p.PledgeID, Pledge: p.PledgeReference, Amount: v, Settled: optionalMoney(p.SettledUSD, ledger.USD),
			Exchange: optionalMoney(p.ExchangeUSD, ledger.USD), Entry: p.EntryID, ReversedOn: Date{p.ReversedOn}})
	}
}

// turnedOf returns what the queries of receipts, refunds and deliveries ask for.
func (b *statementBuild) turnedOf() []any {
	return []any{pq.Array(b.codes), b.request.Fund, b.request.Period.From, b.end, knownAt(b.snap), b.snap.AsOf}
}

// heldOf returns what statementHeld asks for.
func (b *statementBuild) heldOf() []any {
	return []any{pq.Array(b.codes), b.request.Fund, b.end, knownAt(b.snap)}
}

func (b *statementBuild) readReceipts() error {
	rows, err := read[partRow](b.ctx, b.snap, "receipts", statementReceipts, b.turnedOf()...)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if n := len(b.Receipts); n == 0 || b.Receipts[n-1].ID != r.ID {
			b.Receipts = append(b.Receipts, r.receipt())
			b.Receipts[len(b.Receipts)-1].Contributor = b.other(r.Contributor)
		}
		b.Receipts[len(b.Receipts)-1].add(r, b.request.Period.From, b.end)
	}
	for _, r := range b.Receipts {
		for fund, net := range r.parts {
			b.sums.received(fund, net)
		}
	}
	return nil
}

type heldRow struct {
	Contributor     ledger.ContributorCode
	Fund            ledger.FundCode
	ReceiptID       uuid.UUID   `db:"receipt_id"`
	ValueDate       ledger.Date `db:"value_date"`
	BankReference   string      `db:"bank_reference"`
	PledgeID        *uuid.UUID  `db:"pledge_id"`
	PledgeReference string      `db:"pledge_reference"`
	Currency        ledger.Currency
	Amount          decimal.Decimal
	AmountUSD       decimal.Decimal `db:"amount_usd"`
}

func (b *statementBuild) readHeld() error {
	rows, err := read[heldRow](b.ctx, b.snap, "advances", statementHeld, b.heldOf()...)
	for _, r := range rows {
		line := HeldLine{Fund: r.Fund, Contributor: b.other(r.Contributor), ReceiptID: r.ReceiptID, ValueDate: Date{r.ValueDate}, BankReference: r.BankReference,
			PledgeID: r.PledgeID, Pledge: r.PledgeReference, Amount: value(r.Amount, r.Currency, r.AmountUSD)}
		b.Held = append(b.Held, line)
		b.sums.held(line.Fund, line.Amount)
	}
	return err
}
