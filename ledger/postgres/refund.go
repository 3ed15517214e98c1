package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// RefundStage says where a refund stands.
type RefundStage string

// The stages of a refund.
const (
	RefundOwed     RefundStage = "owed"
	RefundPaid     RefundStage = "paid"
	RefundReversed RefundStage = "reversed"
)

// RefundRecord is a refund with its payment.
type RefundRecord struct {
	ledger.Refund
	PledgeReference string
	Stage           RefundStage
	ReversedOn      ledger.Date // zero while it stands
	PaidOn          ledger.Date // zero until it is paid
	BankAccount     ledger.BankAccountCode
	BankReference   string
	PaymentEntry    uuid.UUID
}

// refundQuery reads refunds with the payment that stands.
const refundQuery = `
SELECT f.id, f.receipt_id, f.source, coalesce(f.contributor, '') AS contributor, f.fund, f.pledge_id, coalesce(g.reference, '') AS pledge_reference,
       f.effective_date, f.currency, f.amount, f.amount_usd, f.reason, f.document, f.entry_id, f.recorded_at, x.effective_date AS reversed_on,
       p.value_date AS paid_on, coalesce(p.bank_account, '') AS bank_account, coalesce(p.bank_reference, '') AS bank_reference, p.entry_id AS payment_entry
FROM refund f
LEFT JOIN pledge g ON g.id = f.pledge_id
LEFT JOIN journal_entry x ON x.reverses = f.entry_id
LEFT JOIN LATERAL (SELECT p.* FROM refund_payment p LEFT JOIN journal_entry y ON y.reverses = p.entry_id
                   WHERE p.refund_id = f.id AND y.id IS NULL) p ON true `

type refundRecordRow struct {
	ID              uuid.UUID
	ReceiptID       uuid.UUID `db:"receipt_id"`
	Source          ledger.RefundSource
	Contributor     ledger.ContributorCode
	Fund            ledger.FundCode
	PledgeID        uuid.NullUUID `db:"pledge_id"`
	PledgeReference string        `db:"pledge_reference"`
	EffectiveDate   ledger.Date   `db:"effective_date"`
	Currency        ledger.Currency
	Amount          decimal.Decimal
	AmountUSD       decimal.Decimal `db:"amount_usd"`
	Reason          string
	Document        string
	EntryID         uuid.UUID              `db:"entry_id"`
	RecordedAt      time.Time              `db:"recorded_at"`
	ReversedOn      ledger.Date            `db:"reversed_on"`
	PaidOn          ledger.Date            `db:"paid_on"`
	BankAccount     ledger.BankAccountCode `db:"bank_account"`
	BankReference   string                 `db:"bank_reference"`
	PaymentEntry    uuid.NullUUID          `db:"payment_entry"`
}

func (r refundRecordRow) record() RefundRecord {
	rec := RefundRecord{Refund: ledger.Refund{ID: r.ID, Receipt: r.ReceiptID, Source: r.Source, Contributor: r.Contributor, Fund: r.Fund, Pledge: r.PledgeID.UUID,
		Date: r.EffectiveDate, Converted: ledger.StateUSD(ledger.Money{Amount: r.Amount, Currency: r.Currency}, r.AmountUSD, r.EffectiveDate, ledger.SourceCarrying),
		Reason: r.Reason, Document: r.Document, Entry: r.EntryID, RecordedAt: r.RecordedAt.UTC()}, PledgeReference: r.PledgeReference, Stage: RefundOwed,
		ReversedOn: r.ReversedOn, PaidOn: r.PaidOn, BankAccount: r.BankAccount, BankReference: r.BankReference, PaymentEntry: r.PaymentEntry.UUID}
	switch {
	case !r.ReversedOn.IsZero():
		rec.Stage = RefundReversed
	case !r.PaidOn.IsZero():
		rec.Stage = RefundPaid
	}
	return rec
}

// Refund returns a refund by its id.
// Errors: [ledger.RuleNotFound].
func (s *Store) Refund(ctx context.Context, id uuid.UUID) (RefundRecord, error) {
	var row refundRecordRow
	err := s.get(ctx, &row, refundQuery+`WHERE f.id = $1`, id)
	if noRows(err) {
		return RefundRecord{}, ledger.Fail(ledger.RuleNotFound, "There is no such refund.")
	}
	return row.record(), err
}

// RefundFilter narrows a list of refunds; empty fields do not.
type RefundFilter struct {
	Contributor ledger.ContributorCode
	Fund        ledger.FundCode
	Receipt     uuid.UUID
}

// Refunds lists refunds in the order in which they were recorded, after the given id.
func (s *Store) Refunds(ctx context.Context, f RefundFilter, after uuid.UUID, limit int) ([]RefundRecord, error) {
	var rows []refundRecordRow
	err := s.selectRows(ctx, &rows, refundQuery+`
		WHERE f.id > $1 AND ($2 = '' OR f.contributor = $2) AND ($3 = '' OR f.fund = $3) AND ($4::uuid IS NULL OR f.receipt_id = $4)
		ORDER BY f.id LIMIT $5`, after, f.Contributor, f.Fund, nullUUID(f.Receipt), limit)
	return transform(rows, refundRecordRow.record), err
}

// RefundInput asks for a part of a receipt to go back.
type RefundInput struct {
	Receipt     uuid.UUID
	Source      ledger.RefundSource
	Contributor ledger.ContributorCode // empty for the receipt's, or the pledge's
	Fund        ledger.FundCode        // of revenue without a pledge; empty for the receipt's
	Pledge      uuid.UUID              // whose cash goes back
	Amount      ledger.Money           // in the receipt's currency
	Date        ledger.Date
	Reason      string
	Document    string
}

// refundRequest is the guarded write of a refund.
type refundRequest struct{ RefundInput }

func (r *refundRequest) kind() ledger.ApprovalKind { return ledger.ApproveRefund }
func (r *refundRequest) subject() string           { return "receipt " + r.Receipt.String() }
func (r *refundRequest) why() string               { return r.Reason }

func (r *refundRequest) locks(context.Context, *Store) ([]lockID, error) {
	locks := []lockID{{lockReceipt, r.Receipt.String()}}
	if r.Pledge != uuid.Nil {
		locks = append(locks, pledgeLocks(r.Pledge)...)
	}
	return locks, nil
}

// RecordRefund records that a part of a receipt is owed back.
// Errors: [ledger.RuleReceiptUnknown], [ledger.RulePledgeUnknown], [ledger.RuleAlreadyReversed], [ledger.RuleContributorMismatch],
// [ledger.RuleCurrencyMismatch], [ledger.RuleExceedsRefundable], [ledger.RuleDateOrder].
func (s *Store) RecordRefund(ctx context.Context, c Command, in RefundInput) (Answer, error) {
	return s.submit(ctx, c, &refundRequest{in})
}

func (r *refundRequest) perform(ctx context.Context, t *tx) (any, error) {
	in := r.RefundInput
	var v ledger.Violations
	t.notInFuture(&v, "/effective_date", in.Date)
	receipt, err := t.receiptNamed(ctx, in.Receipt)
	if err != nil {
		return nil, err
	}
	rec := &RefundRecord{Stage: RefundOwed}
	pledge, err := in.complete(ctx, t, &v, receipt)
	if err != nil {
		return nil, err
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	held, err := t.refundable(ctx, in, receipt, pledge)
	if err != nil {
		return nil, err
	}
	if rec.ID, err = newID(); err != nil {
		return nil, err
	}
	rec.Refund = ledger.Refund{ID: rec.ID, Receipt: in.Receipt, Source: in.Source, Contributor: in.Contributor, Fund: in.Fund, Pledge: in.Pledge, Date: in.Date,
		Converted: ledger.Converted{Money: in.Amount}, Reason: in.Reason, Document: in.Document, RecordedAt: t.now}
	if pledge != nil {
		rec.PledgeReference = pledge.Reference
	}
	draft, err := ledger.Owe(&rec.Refund, held)
	if err != nil {
		return nil, err
	}
	ids, err := t.post(draft)
	if err != nil {
		return nil, err
	}
	rec.Entry = ids[0]
	t.addRefund(rec.Refund, t.actor.ID)
	return rec, nil
}

// receiptNamed reads a receipt that a request names in its body.
func (t *tx) receiptNamed(ctx context.Context, id uuid.UUID) (*ReceiptRecord, error) {
	receipt, err := t.receipt(ctx, id)
	if isRule(err, ledger.RuleNotFound) {
		v := ledger.Violations{}
		v.Add("/receipt", ledger.RuleReceiptUnknown, "There is no receipt %s.", id)
		return nil, v.Err()
	}
	if err != nil {
		return nil, err
	}
	if !receipt.ReversedOn.IsZero() {
		return nil, ledger.Fail(ledger.RuleAlreadyReversed, "Receipt %s was reversed on %s.", id, receipt.ReversedOn)
	}
	return receipt, nil
}

// complete takes from the receipt and the pledge what the request left out, and refuses what contradicts them.
func (in *RefundInput) complete(ctx context.Context, t *tx, v *ledger.Violations, receipt *ReceiptRecord) (*PledgeRecord, error) {
	if in.Amount.Currency != receipt.Amount.Currency {
		v.Add("/amount/currency", ledger.RuleCurrencyMismatch, "The receipt is in %s.", receipt.Amount.Currency)
	}
	if in.Date.Before(receipt.ValueDate) {
		v.Add("/effective_date", ledger.RuleDateOrder, "%s is before the receipt's value date, %s.", in.Date, receipt.ValueDate)
	}
	var pledge *PledgeRecord
	if in.Pledge != uuid.Nil {
		found, err := t.pledges(ctx, []uuid.UUID{in.Pledge})
		if err != nil {
			return nil, err
		}
		if pledge = found[in.Pledge]; pledge == nil {
			v.Add("/pledge", ledger.RulePledgeUnknown, "There is no pledge %s.", in.Pledge)
			return nil, nil
		}
		if in.Contributor != "" && in.Contributor != pledge.Contributor {
			v.Add("/contributor", ledger.RuleContributorMismatch, "Pledge %s is %s's.", pledge.Reference, pledge.Contributor)
		}
		if in.Fund != "" && in.Fund != pledge.Fund {
			v.Add("/fund", ledger.RuleFundMismatch, "Pledge %s is to %s.", pledge.Reference, pledge.Fund)
		}
		in.Contributor, in.Fund = pledge.Contributor, pledge.Fund
	}
	if in.Contributor == "" {
		in.Contributor = receipt.Contributor
	}
	if in.Fund == "" {
		in.Fund = receipt.Fund
	}
	switch {
	case in.Source == ledger.RefundUnidentified && in.Pledge != uuid.Nil:
		v.Add("/pledge", ledger.RuleLineDimension, "What is unidentified belongs to no pledge.")
	case in.Source == ledger.RefundUnidentified:
		in.Contributor, in.Fund = "", receipt.Fund
	case in.Source == ledger.RefundDeferred && in.Pledge == uuid.Nil:
		v.Add("/pledge", ledger.RuleRequired, "What is deferred belongs to a pledge.")
	case in.Contributor == "":
		v.Add("/contributor", ledger.RuleRequired, "The receipt is shared; say whose part goes back.")
	}
	if in.Source == ledger.RefundAdvance && in.Pledge == uuid.Nil {
		in.Fund = receipt.Fund // which holds the surplus
	}
	return pledge, nil
}

// refundable returns what is left to go back, in the receipt's currency with its carrying amount.
func (t *tx) refundable(ctx context.Context, in RefundInput, receipt *ReceiptRecord, pledge *PledgeRecord) (ledger.Converted, error) {
	none := ledger.Converted{Money: ledger.Money{Currency: in.Amount.Currency}}
	switch in.Source {
	case ledger.RefundUnidentified:
		return receipt.Held.Unidentified, nil
	case ledger.RefundAdvance:
		if pledge == nil {
			if held, ok := receipt.Held.InAdvance[in.Contributor]; ok {
				return held, nil
			}
			return none, nil
		}
		for _, a := range pledge.State.Advances {
			if a.Receipt == in.Receipt {
				return a.Converted, nil
			}
		}
		return none, nil
	}
	var row struct {
		Amount    decimal.Decimal
		AmountUSD decimal.Decimal `db:"amount_usd"`
	}
	err := t.get(ctx, &row, `
		SELECT coalesce(sum(amount), 0) AS amount, coalesce(sum(amount_usd), 0) AS amount_usd
		FROM (SELECT a.amount, a.amount_usd FROM allocation a LEFT JOIN journal_entry x ON x.reverses = a.entry_id
		      WHERE a.receipt_id = $1 AND a.contributor = $2 AND a.fund = $3 AND a.pledge_id IS NOT DISTINCT FROM $4::uuid AND x.id IS NULL
		      UNION ALL
		      SELECT -f.amount, -f.amount_usd FROM refund f LEFT JOIN journal_entry x ON x.reverses = f.entry_id
		      WHERE f.receipt_id = $1 AND f.contributor = $2 AND f.fund = $3 AND f.pledge_id IS NOT DISTINCT FROM $4::uuid AND x.id IS NULL) l`,
		in.Receipt, in.Contributor, in.Fund, nullUUID(in.Pledge))
	if err != nil {
		return none, err
	}
	left := ledger.Converted{Money: ledger.Money{Amount: row.Amount, Currency: in.Amount.Currency}, USD: row.AmountUSD}
	if pledge == nil {
		return left, nil
	}
	return pledge.refundable(in.Source, left), nil
}

// refundable bounds what a pledge's cash can give back by what is deferred, or recognised, of it. An advance that waits for
// the pledge is neither.
func (p *PledgeRecord) refundable(source ledger.RefundSource, left ledger.Converted) ledger.Converted {
	if source == ledger.RefundRevenue {
		for _, r := range p.State.Recognised {
			if r.Currency == left.Currency && r.Amount.LessThan(left.Amount) {
				left, _ = left.Split(decimal.Max(r.Amount, decimal.Zero))
			}
		}
		return left
	}
	deferred := p.State.Deferred
	if deferred.Currency != left.Currency {
		return ledger.Converted{Money: ledger.Money{Currency: left.Currency}}
	}
	if deferred.Amount.GreaterThan(left.Amount) {
		deferred, _ = deferred.Split(left.Amount)
	}
	return deferred
}

// RefundPaymentInput says that the cash of a refund left the bank.
type RefundPaymentInput struct {
	ValueDate     ledger.Date
	BankAccount   ledger.BankAccountCode // empty for the fund's own
	BankReference string
	USD           decimal.Decimal // what the bank debited; zero for the rate in force
}

// PayRefund records that the cash of a refund left the bank.
// Errors: [ledger.RuleNotFound], [ledger.RuleRefundStage], [ledger.RuleRateMissing] and those of [ledger.PayRefund].
func (s *Store) PayRefund(ctx context.Context, c Command, id uuid.UUID, in RefundPaymentInput) (Answer, error) {
	f, err := s.Refund(ctx, id)
	if err != nil {
		return Answer{}, err
	}
	return s.write(ctx, c, []lockID{{lockReceipt, f.Receipt.String()}}, func(ctx context.Context, t *tx) (any, error) {
		var row refundRecordRow
		if err := t.get(ctx, &row, refundQuery+`WHERE f.id = $1`, id); err != nil {
			return nil, err
		}
		rec := row.record()
		return &rec, t.payRefund(ctx, &rec, in)
	})
}

func (t *tx) payRefund(ctx context.Context, rec *RefundRecord, in RefundPaymentInput) error {
	if rec.Stage != RefundOwed {
		return ledger.Fail(ledger.RuleRefundStage, "The refund is %s.", rec.Stage)
	}
	var v ledger.Violations
	t.notInFuture(&v, "/value_date", in.ValueDate)
	ref, err := t.resolve(ctx, &v, named{fund: rec.Fund, bankAccount: in.BankAccount, currency: rec.Currency, on: in.ValueDate})
	if err != nil {
		return err
	}
	cash := ref.convert(&v, "/usd_amount", rec.Money, in.USD)
	if err := v.Err(); err != nil {
		return err
	}
	draft, err := ledger.PayRefund(rec.Refund, ref.account, cash, in.ValueDate)
	if err != nil {
		return err
	}
	ids, err := t.post(draft)
	if err != nil {
		return err
	}
	id, err := newID()
	if err != nil {
		return err
	}
	rec.Stage, rec.PaidOn, rec.BankAccount, rec.BankReference, rec.PaymentEntry = RefundPaid, in.ValueDate, ref.account.Code, in.BankReference, ids[0]
	t.Payments = append(t.Payments, paymentRow{ID: id, RefundID: rec.ID, BankAccount: string(ref.account.Code), BankReference: in.BankReference,
		ValueDate: in.ValueDate.String(), EntryID: ids[0], ActorID: t.actor.ID})
	return nil
}

// refundsOf returns the refunds of a receipt that stand.
func (t *tx) refundsOf(ctx context.Context, receipt uuid.UUID) (int, error) {
	var ids []string
	err := t.selectRows(ctx, &ids, `
		SELECT f.id::text FROM refund f LEFT JOIN journal_entry x ON x.reverses = f.entry_id WHERE f.receipt_id = $1 AND x.id IS NULL`, receipt)
	return len(ids), err
}
