package postgres

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// AllocationRecord is an allocation as it stands in the books.
type AllocationRecord struct {
	ledger.Allocation
	PledgeReference string
	ReversedOn      ledger.Date // of its entry; zero while it stands
}

// ReceiptRecord is a receipt with what it was applied to and what it holds.
type ReceiptRecord struct {
	ledger.Receipt
	Allocations []AllocationRecord
	Held        ledger.Held
	Entries     []uuid.UUID // in the order in which they were recorded
	ReversedOn  ledger.Date // zero while the receipt stands
	Notes       []ReceiptNote
}

// ReceiptNote says why a receipt is still unidentified, and what is being done about it.
type ReceiptNote struct {
	Note       string    `json:"note"`
	RecordedBy string    `json:"recorded_by"`
	RecordedAt time.Time `json:"recorded_at"`
}

// receiptQuery reads whole receipts: $1 ids.
//
//go:embed receipt.sql
var receiptQuery string

type receiptRecordRow struct {
	ID            uuid.UUID
	BankAccount   string      `db:"bank_account"`
	BankCurrency  string      `db:"bank_currency"`
	BankReference string      `db:"bank_reference"`
	ValueDate     ledger.Date `db:"value_date"`
	Contributor   string
	Fund          string
	FundYear      int `db:"fund_year"`
	Currency      string
	Amount        decimal.Decimal
	AmountUSD     decimal.Decimal `db:"amount_usd"`
	Charges       decimal.Decimal
	Credited      decimal.Decimal
	Rate          decimal.NullDecimal
	RateDate      ledger.Date `db:"rate_date"`
	RateSource    string      `db:"rate_source"`
	Payer         string
	Instrument    string
	Note          string
	Replaces      uuid.NullUUID
	RecordedAt    time.Time   `db:"recorded_at"`
	ReversedOn    ledger.Date `db:"reversed_on"`
	Entries       pq.StringArray
	Allocations   []byte
	Held          []byte
	Notes         []byte
}

func (r receiptRecordRow) record() (ReceiptRecord, error) {
	currency := ledger.Currency(r.Currency)
	amount := ledger.Converted{Money: ledger.Money{Amount: r.Amount, Currency: currency}, USD: r.AmountUSD}
	if r.Rate.Valid {
		amount.Rate = ledger.Rate{Currency: currency, Date: r.RateDate, UnitsPerUSD: r.Rate.Decimal, Source: ledger.RateSource(r.RateSource)}
	}
	rec := ReceiptRecord{Receipt: ledger.Receipt{ID: r.ID, BankAccount: ledger.BankAccountCode(r.BankAccount), BankCurrency: ledger.Currency(r.BankCurrency),
		BankReference: r.BankReference, ValueDate: r.ValueDate, Contributor: ledger.ContributorCode(r.Contributor), Fund: ledger.FundCode(r.Fund),
		FundYear: r.FundYear, Amount: amount, Payer: r.Payer, Instrument: r.Instrument, Note: r.Note, Replaces: r.Replaces.UUID, RecordedAt: r.RecordedAt.UTC()},
		ReversedOn: r.ReversedOn}
	rec.Charges, rec.Credited = credit(amount, r.Charges, r.Credited.Equal(r.Amount))
	for _, e := range r.Entries {
		id, err := uuid.Parse(e)
		if err != nil {
			return ReceiptRecord{}, fmt.Errorf("read receipt %s: %w", r.ID, err)
		}
		rec.Entries = append(rec.Entries, id)
	}
	if err := rec.readAllocations(r.Allocations); err != nil {
		return ReceiptRecord{}, fmt.Errorf("read receipt %s: %w", r.ID, err)
	}
	if r.Notes != nil {
		if err := json.Unmarshal(r.Notes, &rec.Notes); err != nil {
			return ReceiptRecord{}, fmt.Errorf("read the notes of receipt %s: %w", r.ID, err)
		}
	}
	return rec, rec.readHeld(r.Held)
}

// credit returns the charges with their USD at the receipt's own rate, and what the contributor is credited with.
func credit(amount ledger.Converted, charges decimal.Decimal, net bool) (charge, credited ledger.Converted) {
	charge = amount
	charge.Amount = charges
	charge.USD = ledger.USD.Round(amount.USD.Mul(charges).Div(amount.Amount))
	credited = amount
	if !net {
		credited.Amount = amount.Amount.Add(charge.Amount)
		credited.USD = amount.USD.Add(charge.USD)
	}
	return charge, credited
}

func (r *ReceiptRecord) readAllocations(data []byte) error {
	var rows []struct {
		amounts
		ID              uuid.UUID
		Contributor     ledger.ContributorCode
		Fund            ledger.FundCode
		FundYear        int        `json:"fund_year"`
		PledgeID        *uuid.UUID `json:"pledge_id"`
		PledgeReference string     `json:"pledge_reference"`
		Instalment      int
		EffectiveDate   string    `json:"effective_date"`
		ReversedOn      string    `json:"reversed_on"`
		EntryID         uuid.UUID `json:"entry_id"`
		RecordedAt      time.Time `json:"recorded_at"`
	}
	if err := json.Unmarshal(data, &rows); err != nil {
		return err
	}
	for _, a := range rows {
		on, err := ledger.ParseDate(a.EffectiveDate)
		if err != nil {
			return err
		}
		worth, err := a.converted()
		if err != nil {
			return err
		}
		al := AllocationRecord{Allocation: ledger.Allocation{ID: a.ID, Receipt: r.ID, Contributor: a.Contributor, Fund: a.Fund, FundYear: a.FundYear,
			Instalment: a.Instalment, EffectiveDate: on, Converted: worth, Entry: a.EntryID, RecordedAt: a.RecordedAt.UTC()}, PledgeReference: a.PledgeReference}
		if a.PledgeID != nil {
			al.Pledge = *a.PledgeID
		}
		if a.ReversedOn != "" {
			if al.ReversedOn, err = ledger.ParseDate(a.ReversedOn); err != nil {
				return err
			}
		}
		r.Allocations = append(r.Allocations, al)
	}
	return nil
}

func (r *ReceiptRecord) readHeld(data []byte) error {
	r.holdNothing()
	var rows []struct {
		amounts
		Account     ledger.AccountCode
		Contributor ledger.ContributorCode
	}
	if err := json.Unmarshal(data, &rows); err != nil {
		return fmt.Errorf("read receipt %s: %w", r.ID, err)
	}
	for _, h := range rows {
		held := ledger.Converted{Money: ledger.Money{Amount: h.Amount, Currency: h.Currency}, USD: h.AmountUSD}.Neg()
		if h.Account == ledger.Unidentified {
			r.Held.Unidentified = held
		} else {
			r.Held.InAdvance[h.Contributor] = held
		}
	}
	return nil
}

func (r *ReceiptRecord) holdNothing() {
	r.Held = ledger.Held{Unidentified: ledger.Converted{Money: ledger.Money{Currency: r.Amount.Currency}},
		InAdvance: map[ledger.ContributorCode]ledger.Converted{}}
}

// Receipt returns a receipt by its id.
// Errors: [ledger.RuleNotFound].
func (s *Store) Receipt(ctx context.Context, id uuid.UUID) (ReceiptRecord, error) {
	var row receiptRecordRow
	err := s.get(ctx, &row, receiptQuery, pq.Array([]uuid.UUID{id}))
	if noRows(err) {
		return ReceiptRecord{}, ledger.Fail(ledger.RuleNotFound, "There is no such receipt.")
	}
	if err != nil {
		return ReceiptRecord{}, err
	}
	return row.record()
}

func (t *tx) receipt(ctx context.Context, id uuid.UUID) (*ReceiptRecord, error) {
	var row receiptRecordRow
	err := t.get(ctx, &row, receiptQuery, pq.Array([]uuid.UUID{id}))
	if noRows(err) {
		return nil, ledger.Fail(ledger.RuleNotFound, "There is no such receipt.")
	}
	if err != nil {
		return nil, err
	}
	r, err := row.record()
	return &r, err
}

// ReceiptFilter narrows a list of receipts; empty fields do not.
type ReceiptFilter struct {
	Contributor  ledger.ContributorCode // of the receipt or of one of its allocations
	Fund         ledger.FundCode
	From, To     ledger.Date // value date, both included
	Unidentified bool        // only those that hold something nobody knows the contributor of
}

// ReceiptKey is where a list of receipts goes on: after the receipt with this value date and id.
type ReceiptKey struct {
	ValueDate ledger.Date
	ID        uuid.UUID
}

// The parts of the query that lists receipts: $1 and $2 value date and id of the receipt to go on after, $3 fund or ” for all, $4 and
// $5 the first and the last value date or NULL, $6 how many, $7 contributor. Those of a contributor, and those of which something is
// unidentified, are few beside all, so they are looked for by that. Indexes: receipt_value_date; receipt_contributor,
// allocation_contributor; journal_line_unidentified.
const (
	receiptsFrom = `
		SELECT r.id FROM receipt r
		WHERE (r.value_date, r.id) > (coalesce($1::date, '-infinity'), $2)
		  AND ($3 = '' OR r.fund = $3 OR EXISTS (SELECT FROM allocation a WHERE a.receipt_id = r.id AND a.fund = $3))
		  AND r.value_date BETWEEN coalesce($4::date, '-infinity') AND coalesce($5::date, 'infinity')`
	receiptsUnidentified = `
		  AND r.id IN (SELECT receipt_id FROM journal_line WHERE account = '2100' GROUP BY receipt_id HAVING sum(amount) <> 0)`
	receiptsOf = `
		  AND r.id IN (SELECT id FROM receipt WHERE contributor = $7 UNION ALL SELECT receipt_id FROM allocation WHERE contributor = $7)`
	receiptsOrder = `
		ORDER BY r.value_date, r.id LIMIT $6`
)

// Receipts lists receipts by value date, after the given one.
func (s *Store) Receipts(ctx context.Context, f ReceiptFilter, after ReceiptKey, limit int) ([]ReceiptRecord, error) {
	query, parameters := receiptsFrom, []any{after.ValueDate, after.ID, f.Fund, f.From, f.To, limit}
	if f.Unidentified {
		query += receiptsUnidentified
	}
	if f.Contributor != "" {
		query, parameters = query+receiptsOf, append(parameters, f.Contributor)
	}
	var ids []uuid.UUID
	err := s.selectRows(ctx, &ids, query+receiptsOrder, parameters...)
	if err != nil {
		return nil, err
	}
	var rows []receiptRecordRow
	if err := s.selectRows(ctx, &rows, receiptQuery, pq.Array(ids)); err != nil {
		return nil, err
	}
	list := make([]ReceiptRecord, len(rows))
	for i, row := range rows {
		if list[i], err = row.record(); err != nil {
			return nil, err
		}
	}
	return list, nil
}
