package postgres

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// entryReversal reverses an entry that no record of its own reverses.
type entryReversal struct {
	Entry uuid.UUID
	ReversalInput
}

func (r *entryReversal) kind() ledger.ApprovalKind { return ledger.ApproveEntryReversal }
func (r *entryReversal) subject() string           { return "entry " + r.Entry.String() }
func (r *entryReversal) why() string               { return r.Reason }

func (r *entryReversal) locks(ctx context.Context, s *Store) ([]lockID, error) {
	e, err := s.Entry(ctx, r.Entry)
	return locksOf(e.Lines), err
}

// locksOf returns the locks of the pledges and receipts that lines belong to.
func locksOf(lines []ledger.Line) []lockID {
	var locks []lockID
	for _, l := range lines {
		if l.Pledge != uuid.Nil {
			locks = append(locks, lockID{lockPledge, l.Pledge.String()})
		}
		if l.Receipt != uuid.Nil {
			locks = append(locks, lockID{lockReceipt, l.Receipt.String()})
		}
	}
	return locks
}

// reverseElsewhere says which operation reverses the kinds of entry that belong to a record.
var reverseElsewhere = map[ledger.EntryKind]string{
	ledger.EntryReceipt:        "POST /v1/receipts/{id}/reversal",
	ledger.EntryDelivery:       "POST /v1/deliveries/{id}/reversal",
	ledger.EntryYearEnd:        "POST /v1/periods/reopen",
	ledger.EntryInKindRevalued: "POST /v1/pledges/{id}/items/{number}/valuation or /v1/deliveries/{id}/valuation with the value before",
	ledger.EntryRevaluation:    "POST /v1/revaluations for the same day: each is reversed on the next",
}

// ReverseEntry reverses a journal entry, with what the same request posted beside it for the same record on another date.
// Errors: [ledger.RuleNotFound], [ledger.RuleReverseRecord], [ledger.RuleReversalOrder] and those of [ledger.Reverse].
func (s *Store) ReverseEntry(ctx context.Context, c Command, id uuid.UUID, in ReversalInput) (Answer, error) {
	return s.submit(ctx, c, &entryReversal{id, in})
}

func (r *entryReversal) perform(ctx context.Context, t *tx) (any, error) {
	var v ledger.Violations
	t.notInFuture(&v, "/effective_date", r.Date)
	if err := v.Err(); err != nil {
		return nil, err
	}
	entries, err := t.entryWithSiblings(ctx, r.Entry)
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		return nil, ledger.Fail(ledger.RuleNotFound, "There is no such entry.")
	}
	if where, ok := reverseElsewhere[entries[0].Kind]; ok {
		return nil, ledger.Fail(ledger.RuleReverseRecord, "An entry of the kind %s is reversed by %s.", entries[0].Kind, where)
	}
	var drafts []ledger.Draft
	for _, e := range slices.Backward(entries) {
		d, err := ledger.Reverse(e, r.Date, r.Reason)
		if err != nil {
			return nil, err
		}
		drafts = append(drafts, d)
	}
	if err := t.standsWith(ctx, ledger.RuleReversalOrder, drafts); err != nil {
		return nil, err
	}
	ids, err := t.post(drafts...)
	if err != nil {
		return nil, err
	}
	reversal := ledger.Entry{ID: ids[len(ids)-1], RecordedAt: t.now, RecordedBy: t.actor.Name, Draft: drafts[len(drafts)-1]}
	reversal.Lines = reversal.Arranged()
	return &reversal, nil
}

// entryWithSiblings reads an entry, and after it those that the same request posted for the same record and event: the
// other date of an agreement, say.
func (t *tx) entryWithSiblings(ctx context.Context, id uuid.UUID) ([]ledger.Entry, error) {
	var ids []uuid.UUID
	err := t.selectRows(ctx, &ids, `
		SELECT id FROM journal_entry WHERE id = $1
		UNION
		SELECT s.id FROM journal_entry e
		JOIN journal_entry s ON s.pledge_id = e.pledge_id
		WHERE e.id = $1 AND s.kind = e.kind AND s.actor_id = e.actor_id AND s.idempotency_key = e.idempotency_key AND s.reverses IS NULL
		  AND s.receipt_id IS NOT DISTINCT FROM e.receipt_id AND s.delivery_id IS NOT DISTINCT FROM e.delivery_id`, id)
	if err != nil {
		return nil, err
	}
	entries, err := readEntries(func(dest any, query string, args ...any) error { return t.selectRows(ctx, dest, query, args...) }, ids)
	slices.SortStableFunc(entries, func(a, b ledger.Entry) int {
		if a.ID == id {
			return -1
		}
		return 0
	})
	return entries, err
}

// standsWith refuses drafts that would leave a pledge or a receipt with less than nothing. PostgreSQL refuses the same.
func (t *tx) standsWith(ctx context.Context, rule ledger.Rule, drafts []ledger.Draft) error {
	var ids, receipts []uuid.UUID
	for _, d := range drafts {
		for _, l := range d.Lines {
			if l.Pledge != uuid.Nil {
				ids = append(ids, l.Pledge)
			}
			if l.Receipt != uuid.Nil {
				receipts = append(receipts, l.Receipt)
			}
		}
	}
	balances, err := t.balances(ctx, ids, receipts)
	if err != nil {
		return err
	}
	for _, d := range drafts {
		for _, l := range d.Lines {
			balances.add(l)
		}
	}
	return balances.check(rule)
}

// balanceKey names a balance that is never less than nothing.
type balanceKey struct {
	Account     ledger.AccountCode
	Contributor ledger.ContributorCode
	Pledge      uuid.UUID
	Item        int
	Receipt     uuid.UUID
	Currency    ledger.Currency
}

// balances are the balances of some pledges and receipts, turned so that less than nothing is negative.
type balances map[balanceKey]ledger.Money

// credited reports whether the account is one of what the fund owes, where less than nothing is a debit.
var credited = map[ledger.AccountCode]bool{ledger.Unidentified: true, ledger.InAdvance: true, ledger.Deferred: true, ledger.RefundsPayable: true}

// outstanding are the accounts of what is owed to the fund and promised to it.
var outstanding = map[ledger.AccountCode]bool{ledger.Receivable: true, ledger.PledgesAnnounced: true, ledger.InKindOutstanding: true}

func (b balances) add(l ledger.Line) {
	if !credited[l.Account] && !outstanding[l.Account] {
		return
	}
	k := balanceKey{l.Account, l.Contributor, l.Pledge, l.Item, l.Receipt, l.Currency}
	amount := l.Amount
	if credited[l.Account] {
		amount = amount.Neg()
	}
	b[k] = ledger.Money{Amount: b[k].Amount.Add(amount), Currency: l.Currency}
}

func (b balances) check(rule ledger.Rule) error {
	for k, m := range b {
		if m.Amount.IsNegative() {
			return ledger.Fail(rule, "The balance of account %s would be %s.", k.Account, m)
		}
	}
	return nil
}

// balances reads the balances of pledges and receipts that are never less than nothing.
func (t *tx) balances(ctx context.Context, pledges, receipts []uuid.UUID) (balances, error) {
	found := balances{}
	if len(pledges)+len(receipts) == 0 {
		return found, nil
	}
	var rows []struct {
		Account     ledger.AccountCode
		Contributor ledger.ContributorCode
		PledgeID    uuid.NullUUID `db:"pledge_id"`
		ItemNumber  int           `db:"item_number"`
		ReceiptID   uuid.NullUUID `db:"receipt_id"`
		Currency    ledger.Currency
		Amount      decimal.Decimal
	}
	err := t.selectRows(ctx, &rows, `
		SELECT account, coalesce(contributor, '') AS contributor, pledge_id, coalesce(item_number, 0) AS item_number, receipt_id, currency, sum(amount) AS amount
		FROM (SELECT l.* FROM journal_line l WHERE l.pledge_id = ANY ($1) AND l.account IN ('1200', '2200', '2400', '9100', '9200')
		      UNION ALL
		      SELECT l.* FROM journal_line l WHERE l.receipt_id = ANY ($2) AND l.account IN ('2100', '2200', '2500')
		        AND (l.pledge_id IS NULL OR NOT l.pledge_id = ANY ($1))) l
		GROUP BY account, contributor, pledge_id, item_number, receipt_id, currency`, pq.Array(pledges), pq.Array(receipts))
	for _, r := range rows {
		found.add(ledger.Line{Account: r.Account, Converted: ledger.Converted{Money: ledger.Money{Amount: r.Amount, Currency: r.Currency}},
			Dimensions: ledger.Dimensions{Contributor: r.Contributor, Pledge: r.PledgeID.UUID, Item: r.ItemNumber, Receipt: r.ReceiptID.UUID}})
	}
	return found, err
}
