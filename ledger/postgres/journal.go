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
	err := s.selectRows(ctx, &ids, `
		SELECT e.id FROM journal_entry e
		WHERE e.id > $1 AND ($2 = '' OR e.kind = $2)
		  AND e.effective_date BETWEEN coalesce($3::date, '-infinity') AND coalesce($4::date, 'infinity')
		  AND ($5::uuid IS NULL OR e.receipt_id = $5) AND ($6::uuid IS NULL OR e.delivery_id = $6)
		  AND ($7 = '' AND $8 = '' AND $9 = '' AND $10::uuid IS NULL AND $11 = '' OR EXISTS (
		      SELECT FROM journal_line l
		      WHERE l.entry_id = e.id AND ($7 = '' OR l.fund = $7) AND ($8 = '' OR l.account = $8) AND ($9 = '' OR l.contributor = $9)
		        AND ($10::uuid IS NULL OR l.pledge_id = $10) AND ($11 = '' OR l.bank_account = $11)))
		ORDER BY e.id LIMIT $12`, after, f.Kind, f.From, f.To, nullUUID(f.Receipt), nullUUID(f.Delivery),
		f.Fund, f.Account, f.Contributor, nullUUID(f.Pledge), f.BankAccount, limit)
	if err != nil {
		return nil, err
	}
	return s.entries(ctx, ids)
}

func nullUUID(id uuid.UUID) uuid.NullUUID { return uuid.NullUUID{UUID: id, Valid: id != uuid.Nil} }
