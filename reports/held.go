package reports

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// HeldSchema is the version of the form of the list of what is held.
const HeldSchema = "vcledger.held.v1"

// HeldList is the cash that is applied to nothing yet, or owed back, as of a date, with its age.
type HeldList struct {
	Schema       string      `json:"schema"`
	AsOf         Date        `json:"as_of"`
	KnownAt      time.Time   `json:"known_at"`
	Illustrative bool        `json:"illustrative"`
	Funds        []Fund      `json:"funds"`
	Items        []HeldItem  `json:"items"`  // by account, then the oldest first
	Totals       []HeldTotal `json:"totals"` // by account, bucket and currency
}

// HeldItem is what one receipt holds for one purpose.
type HeldItem struct {
	Account       ledger.AccountCode     `json:"account"` // 2100 unidentified, 2200 in advance, 2500 owed back
	Fund          ledger.FundCode        `json:"fund"`
	Contributor   ledger.ContributorCode `json:"contributor,omitempty"` // empty while it is not known
	ReceiptID     uuid.UUID              `json:"receipt_id"`
	ValueDate     Date                   `json:"value_date"`
	BankReference string                 `json:"bank_reference,omitempty"`
	Payer         string                 `json:"payer,omitempty"`
	PledgeID      *uuid.UUID             `json:"pledge_id,omitempty"` // that an advance waits for
	Pledge        string                 `json:"pledge,omitempty"`
	Since         Date                   `json:"since"` // the value date or, of a refund, the day on which it was decided
	Days          int                    `json:"days"`
	Bucket        ledger.Bucket          `json:"bucket"`
	Amount        Value                  `json:"amount"`
}

// HeldTotal is what one account holds in one bucket and currency.
type HeldTotal struct {
	Account ledger.AccountCode `json:"account"`
	Bucket  ledger.Bucket      `json:"bucket"`
	Amount  Value              `json:"amount"`
}

// HeldRequest narrows the list; empty fields do not.
type HeldRequest struct {
	Contributor ledger.ContributorCode
	Fund        ledger.FundCode
}

type heldItemRow struct {
	Account         ledger.AccountCode
	Fund            ledger.FundCode
	Contributor     ledger.ContributorCode
	ReceiptID       uuid.UUID   `db:"receipt_id"`
	ValueDate       ledger.Date `db:"value_date"`
	BankReference   string      `db:"bank_reference"`
	Payer           string
	PledgeID        *uuid.UUID `db:"pledge_id"`
	PledgeReference string     `db:"pledge_reference"`
	Currency        ledger.Currency
	Amount          decimal.Decimal
	AmountUSD       decimal.Decimal `db:"amount_usd"`
	Since           ledger.Date
}

// BuildHeldList returns what receipts hold as of the snapshot's date, and what is owed back, in three queries.
// Errors: [ledger.RuleNotFound] for a fund that does not exist.
func BuildHeldList(ctx context.Context, snap *postgres.Snapshot, r HeldRequest) (*HeldList, error) {
	funds, codes, illustrative, err := selectFunds(ctx, snap, r.Fund)
	if err != nil {
		return nil, err
	}
	list := &HeldList{Schema: HeldSchema, AsOf: Date{snap.AsOf}, KnownAt: snap.KnownAt.UTC(), Illustrative: illustrative, Funds: funds,
		Items: []HeldItem{}, Totals: []HeldTotal{}}
	merges, err := readMerges(ctx, snap)
	if err != nil {
		return nil, err
	}
	family := []string{}
	if r.Contributor != "" {
		family = textCodes(merges.Family(r.Contributor))
	}
	rows, err := read[heldItemRow](ctx, snap, "cash that is held", held, pq.Array(codes), pq.Array(family), snap.AsOf, knownAt(snap))
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		days, bucket := ledger.Age(row.Since, snap.AsOf)
		list.Items = append(list.Items, HeldItem{Account: row.Account, Fund: row.Fund, Contributor: row.Contributor, ReceiptID: row.ReceiptID,
			ValueDate: Date{row.ValueDate}, BankReference: row.BankReference, Payer: row.Payer, PledgeID: row.PledgeID, Pledge: row.PledgeReference,
			Since: Date{row.Since}, Days: days, Bucket: bucket, Amount: value(row.Amount, row.Currency, row.AmountUSD)})
	}
	list.total()
	return list, nil
}

// total adds the items up by account, bucket and currency.
func (l *HeldList) total() {
	for _, account := range []ledger.AccountCode{ledger.Unidentified, ledger.InAdvance, ledger.RefundsPayable} {
		for _, bucket := range ledger.Buckets {
			sums := map[ledger.Currency]Value{}
			for _, i := range l.Items {
				if i.Account == account && i.Bucket == bucket {
					addValue(sums, i.Amount)
				}
			}
			for _, c := range sortedCurrencies(sums) {
				l.Totals = append(l.Totals, HeldTotal{account, bucket, sums[c]})
			}
		}
	}
}

// addValue adds a value to the sum of its currency.
func addValue(sums map[ledger.Currency]Value, v Value) {
	c := v.Money.Currency
	sum, met := sums[c]
	if !met {
		sum = value(decimal.Zero, c, decimal.Zero)
	}
	sums[c] = sum.plus(v)
}

// selectFunds returns a fund, or all of them, with their codes and whether any is illustrative.
// Errors: [ledger.RuleNotFound].
func selectFunds(ctx context.Context, snap *postgres.Snapshot, code ledger.FundCode) (funds []Fund, codes []string, illustrative bool, err error) {
	rows, err := read[fundRow](ctx, snap, "funds", `
		SELECT code, name, kind, recognition, services, illustrative FROM fund WHERE $1 = '' OR code = $1 ORDER BY code`, code)
	if err == nil && len(rows) == 0 && code != "" {
		err = ledger.Fail(ledger.RuleNotFound, "There is no fund %s.", code)
	}
	funds = []Fund{}
	for _, f := range rows {
		funds, codes = append(funds, f.fund()), append(codes, f.Code)
		illustrative = illustrative || f.Illustrative
	}
	return funds, codes, illustrative, err
}
