package postgres

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"vcledger/ledger"
)

// inOpenPeriod moves the entries of a late write whose period is closed to the first open day of their funds. Each keeps its
// original date, and its rates, which are those of that date.
func (t *tx) inOpenPeriod(ctx context.Context, record any) error {
	if !t.late || len(t.Entries) == 0 {
		return nil
	}
	through, err := t.closedOfDrafts(ctx)
	if err != nil {
		return err
	}
	for i := range t.Entries {
		if err := t.moveLate(&t.Entries[i], through, record); err != nil {
			return err
		}
	}
	return nil
}

// closedOfDrafts returns the last closed day of each fund of the drafts, zero for one that has none. Of a fund that a receipt
// named it is known since then.
func (t *tx) closedOfDrafts(ctx context.Context) (map[string]ledger.Date, error) {
	unread := slices.DeleteFunc(t.fundsOfDrafts(), func(fund string) bool { _, read := t.through[fund]; return read })
	if len(unread) == 0 {
		return t.through, nil
	}
	var rows []struct {
		Fund    string
		Through ledger.Date
	}
	err := t.selectRows(ctx, &rows, `SELECT fund, max(ends_on) AS through FROM period WHERE fund = ANY ($1) AND closed GROUP BY fund`, pq.Array(unread))
	for _, r := range rows {
		t.closed(r.Fund, r.Through)
	}
	return t.through, err
}

// closed keeps the last closed day of a fund, zero for one that has none.
func (t *tx) closed(fund string, through ledger.Date) {
	if t.through == nil {
		t.through = map[string]ledger.Date{}
	}
	t.through[fund] = through
}

// moveLate moves one entry with its lines and allocations, when the books of its date are closed.
func (t *tx) moveLate(e *entryRow, through map[string]ledger.Date, record any) error {
	on, err := ledger.ParseDate(e.EffectiveDate)
	if err != nil {
		return err
	}
	first := on
	for _, l := range t.Lines {
		if last := through[l.Fund]; l.EntryID == e.ID && !last.IsZero() {
			first = ledger.Later(first, last.AddDays(1))
		}
	}
	if first.Equal(on) {
		return nil
	}
	e.OriginalDate, e.EffectiveDate = e.EffectiveDate, first.String()
	for i := range t.Lines {
		if t.Lines[i].EntryID == e.ID {
			t.Lines[i].EffectiveDate = e.EffectiveDate
		}
	}
	for i := range t.Allocations {
		if t.Allocations[i].EntryID == e.ID {
			t.Allocations[i].EffectiveDate = e.EffectiveDate
		}
	}
	for i := range t.Valuations {
		if t.Valuations[i].EntryID == e.ID.String() {
			t.Valuations[i].EffectiveDate = e.EffectiveDate
		}
	}
	tellLate(record, e.ID, first)
	return nil
}

// tellLate says in the record that is answered on which day an entry counts.
func tellLate(record any, entry uuid.UUID, on ledger.Date) {
	switch r := record.(type) {
	case *ReceiptRecord:
		for i := range r.Allocations {
			if r.Allocations[i].Entry == entry {
				r.Allocations[i].EffectiveDate = on
			}
		}
	case *receiptBatch:
		for _, fresh := range r.fresh {
			tellLate(fresh.record, entry, on)
		}
	case *ledger.Entry:
		if r.ID == entry {
			r.OriginalDate, r.EffectiveDate = r.EffectiveDate, on
		}
	}
}

func (t *tx) fundsOfDrafts() []string {
	var codes []string
	for _, d := range t.drafts {
		for _, l := range d.Lines {
			codes = append(codes, string(l.Fund))
		}
	}
	return sortedUnique(codes)
}

// closedBefore tells the first open day.
const closedBefore = "The books are closed before %s, the first open day. Date it there, or send it with ?late=true: it then goes to that day and keeps its own date."

// explainClosed names the first open day in the refusal of an entry whose period is closed.
func (t *tx) explainClosed(ctx context.Context, err error) error {
	if !isRule(translate(err), ledger.RulePeriodClosed) {
		return err
	}
	first, failed := firstOpen(ctx, t.store.get, t.fundsOfDrafts())
	if failed != nil || first.IsZero() {
		return err
	}
	return ledger.Fail(ledger.RulePeriodClosed, closedBefore, first)
}
