package postgres

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"vcledger/ledger"
)

// entryQuery reads whole entries: $1 ids.
//
//go:embed entry.sql
var entryQuery string

type entryRecordRow struct {
	ID            uuid.UUID
	Kind          string
	EffectiveDate ledger.Date `db:"effective_date"`
	RecordedAt    time.Time   `db:"recorded_at"`
	RecordedBy    string      `db:"recorded_by"`
	Description   string
	Reason        string
	Document      string
	OriginalDate  ledger.Date   `db:"original_date"`
	ApprovalID    uuid.NullUUID `db:"approval_id"`
	Requester     string
	Reverses      uuid.NullUUID
	ReversedBy    uuid.NullUUID `db:"reversed_by"`
	PledgeID      uuid.NullUUID `db:"pledge_id"`
	ReceiptID     uuid.NullUUID `db:"receipt_id"`
	DeliveryID    uuid.NullUUID `db:"delivery_id"`
	ExpenditureID uuid.NullUUID `db:"expenditure_id"`
	Lines         []byte
}

func (r entryRecordRow) entry() (ledger.Entry, error) {
	e := ledger.Entry{ID: r.ID, RecordedAt: r.RecordedAt.UTC(), RecordedBy: r.RecordedBy, ReversedBy: r.ReversedBy.UUID, Approval: r.ApprovalID.UUID, Requester: r.Requester,
		Draft: ledger.Draft{Kind: ledger.EntryKind(r.Kind), EffectiveDate: r.EffectiveDate, Description: r.Description, Reason: r.Reason, Document: r.Document, OriginalDate: r.OriginalDate,
			Reverses: r.Reverses.UUID, Subject: ledger.Subject{Pledge: r.PledgeID.UUID, Receipt: r.ReceiptID.UUID, Delivery: r.DeliveryID.UUID,
				Expenditure: r.ExpenditureID.UUID}}}
	var rows []struct {
		amounts
		Account     ledger.AccountCode
		Fund        ledger.FundCode
		Contributor ledger.ContributorCode
		BankAccount ledger.BankAccountCode `json:"bank_account"`
		PledgeID    uuid.NullUUID          `json:"pledge_id"`
		ItemNumber  int                    `json:"item_number"`
		ReceiptID   uuid.NullUUID          `json:"receipt_id"`
	}
	if err := json.Unmarshal(r.Lines, &rows); err != nil {
		return ledger.Entry{}, fmt.Errorf("read entry %s: %w", r.ID, err)
	}
	for _, l := range rows {
		worth, err := l.converted()
		if err != nil {
			return ledger.Entry{}, fmt.Errorf("read entry %s: %w", r.ID, err)
		}
		e.Lines = append(e.Lines, ledger.Line{Account: l.Account, Converted: worth, Dimensions: ledger.Dimensions{Fund: l.Fund, Contributor: l.Contributor,
			BankAccount: l.BankAccount, Pledge: l.PledgeID.UUID, Item: l.ItemNumber, Receipt: l.ReceiptID.UUID}})
	}
	return e, nil
}

// readEntries reads whole entries in the order in which they were recorded.
func readEntries(selectRows func(dest any, query string, args ...any) error, ids []uuid.UUID) ([]ledger.Entry, error) {
	var rows []entryRecordRow
	if err := selectRows(&rows, entryQuery, pq.Array(ids)); err != nil {
		return nil, err
	}
	list := make([]ledger.Entry, len(rows))
	for i, row := range rows {
		var err error
		if list[i], err = row.entry(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Entry returns a journal entry by its id.
// Errors: [ledger.RuleNotFound].
func (s *Store) Entry(ctx context.Context, id uuid.UUID) (ledger.Entry, error) {
	list, err := s.entries(ctx, []uuid.UUID{id})
	if err != nil {
		return ledger.Entry{}, err
	}
	if len(list) == 0 {
		return ledger.Entry{}, ledger.Fail(ledger.RuleNotFound, "There is no such entry.")
	}
	return list[0], nil
}

func (s *Store) entries(ctx context.Context, ids []uuid.UUID) ([]ledger.Entry, error) {
	return readEntries(func(dest any, query string, args ...any) error { return s.selectRows(ctx, dest, query, args...) }, ids)
}

// EntryFilter narrows the journal; empty fields do not.
type EntryFilter struct {
	Kind        ledger.EntryKind
	Fund        ledger.FundCode
	Account     ledger.AccountCode
	Contributor ledger.ContributorCode
	BankAccount ledger.BankAccountCode
	Pledge      uuid.UUID
	Receipt     uuid.UUID
	Delivery    uuid.UUID
	From, To    ledger.Date // effective date, both included
}

// Entries lists journal entries in the order in which they were recorded, after the given id.
func (s *Store) Entries(ctx context.Context, f EntryFilter, after uuid.UUID, limit int) ([]ledger.Entry, error) {
	var ids []uuid.UUID
	query, parameters := f.query(after, limit)
	if err := s.selectRows(ctx, &ids, query, parameters...); err != nil {
		return nil, err
	}
	return s.entries(ctx, ids)
}

// query returns the query of the entries that the filter leaves, with its parameters: the id to go on after, how many, and what is
// asked for. It says nothing of what is not, so that PostgreSQL knows how many entries it can expect. The lines of a contributor or a
// pledge are few, so it begins with them: PostgreSQL would go through the entries in their order until it has enough. Indexes:
// journal_entry_pkey, journal_entry_receipt_id, journal_entry_delivery_id, journal_line_contributor, journal_line_pledge_id,
// journal_line_bank_account, journal_line_pkey.
func (f EntryFilter) query(after uuid.UUID, limit int) (query string, parameters []any) {
	parameters = []any{after, limit}
	type condition struct {
		text  string // up to the parameter
		asked bool
		value any
	}
	conditions := func(list ...condition) (text string) {
		for _, c := range list {
			if c.asked {
				parameters = append(parameters, c.value)
				text += fmt.Sprintf(" AND %s $%d", c.text, len(parameters))
			}
		}
		return text
	}
	entries := conditions(condition{"e.kind =", f.Kind != "", f.Kind}, condition{"e.effective_date >=", !f.From.IsZero(), f.From},
		condition{"e.effective_date <=", !f.To.IsZero(), f.To}, condition{"e.receipt_id =", f.Receipt != uuid.Nil, f.Receipt},
		condition{"e.delivery_id =", f.Delivery != uuid.Nil, f.Delivery})
	lines := conditions(condition{"l.fund =", f.Fund != "", f.Fund}, condition{"l.account =", f.Account != "", f.Account},
		condition{"l.contributor =", f.Contributor != "", f.Contributor}, condition{"l.pledge_id =", f.Pledge != uuid.Nil, f.Pledge},
		condition{"l.bank_account =", f.BankAccount != "", f.BankAccount})
	switch {
	case lines == "":
		query = `SELECT e.id FROM journal_entry e WHERE e.id > $1`
	case f.Contributor != "" || f.Pledge != uuid.Nil:
		query = `
			WITH meant AS MATERIALIZED (SELECT DISTINCT l.entry_id FROM journal_line l WHERE l.entry_id > $1` + lines + `)
			SELECT e.id FROM meant JOIN journal_entry e ON e.id = meant.entry_id WHERE true`
	default:
		query = `SELECT e.id FROM journal_entry e WHERE e.id > $1 AND EXISTS (SELECT FROM journal_line l WHERE l.entry_id = e.id` + lines + `)`
	}
	return query + entries + ` ORDER BY e.id LIMIT $2`, parameters
}

func nullUUID(id uuid.UUID) uuid.NullUUID { return uuid.NullUUID{UUID: id, Valid: id != uuid.Nil} }
