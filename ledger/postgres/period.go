package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"vcledger/ledger"
)

// lockPeriod is the class of the locks that a posting holds shared until it commits (check_entries), by fund.
const lockPeriod = 1

// CloseInput asks for a fund's month or year to be closed.
type CloseInput struct {
	Fund             ledger.FundCode
	Period           ledger.Period
	UnidentifiedDays int // for how long a receipt may be unidentified without a note
}

// ClosePeriod closes a month, or a year after its checklist: it posts the closing entry and stores what the year carries
// forward.
// Errors: [ledger.RuleFundUnknown], [ledger.RulePeriodState], [ledger.RulePeriodChecklist].
func (s *Store) ClosePeriod(ctx context.Context, c Command, in CloseInput) (Answer, error) {
	return s.write(ctx, c, nil, func(ctx context.Context, t *tx) (any, error) { return t.closePeriod(ctx, in) })
}

// inTurn refuses a period that has not ended, that is closed, or that another one is closed before.
func (t *tx) inTurn(ctx context.Context, in CloseInput, now time.Time) error {
	through, err := t.closedThrough(ctx, in.Fund)
	if err != nil {
		return err
	}
	switch {
	case !ledger.DateOf(now).After(in.Period.To):
		return ledger.Fail(ledger.RulePeriodState, "%s has not ended.", in.Period)
	case !through.IsZero() && !through.Before(in.Period.To) && !t.monthsOf(ctx, in, through):
		return ledger.Fail(ledger.RulePeriodState, "The books are closed through %s.", through)
	case !through.IsZero() && in.Period.From.After(through.AddDays(1)):
		return ledger.Fail(ledger.RulePeriodState, "The books are closed through %s; the period after that is closed first.", through)
	}
	return nil
}

// signed refuses a month whose bank accounts were not signed off.
func (t *tx) signed(ctx context.Context, in CloseInput) error {
	found, err := t.unsigned(ctx, in)
	if err == nil && len(found) > 0 {
		err = failed([]ledger.PeriodCheck{{Name: "bank_reconciled", Found: found}})
	}
	return err
}

// PeriodState is what can be done with a period now.
type PeriodState struct {
	Checks    []ledger.PeriodCheck // of the year that it is, or is in
	WhyOpen   string               // why it cannot be closed; empty when it can
	MayReopen bool                 // it is the last one that is closed
}

// state tells what can be done with a period, by what the doing of it asks.
func (t *tx) state(ctx context.Context, in CloseInput, now time.Time) (PeriodState, error) {
	var out PeriodState
	var err error
	if out.Checks, err = t.checklist(ctx, in); err != nil {
		return out, err
	}
	refused := t.inTurn(ctx, in, now)
	switch {
	case refused != nil:
	case in.Period.IsYear():
		refused = failed(out.Checks)
	default:
		refused = t.signed(ctx, in)
	}
	var rule *ledger.Error
	if errors.As(refused, &rule) {
		out.WhyOpen = rule.Detail
	} else if refused != nil {
		return out, refused
	}
	last, _, err := t.lastClosed(ctx, in.Fund)
	out.MayReopen = err == nil && last == in.Period
	return out, err
}

// lastClosed returns the last closed period of a fund and the closing entry that stands for it; the zero period when none is closed.
func (t *tx) lastClosed(ctx context.Context, fund ledger.FundCode) (ledger.Period, uuid.NullUUID, error) {
	var last struct {
		StartsOn ledger.Date `db:"starts_on"`
		EndsOn   ledger.Date `db:"ends_on"`
		EntryID  uuid.NullUUID
	}
	err := t.get(ctx, &last, `
		SELECT p.starts_on, p.ends_on,
		       (SELECT v.entry_id FROM period_event v LEFT JOIN journal_entry x ON x.reverses = v.entry_id
		        WHERE v.fund = p.fund AND v.starts_on = p.starts_on AND v.ends_on = p.ends_on AND v.action = 'closed' AND x.id IS NULL
		        ORDER BY v.id DESC LIMIT 1) AS entryid
		FROM period p WHERE p.fund = $1 AND p.closed ORDER BY p.ends_on DESC, p.starts_on LIMIT 1`, fund)
	if noRows(err) {
		return ledger.Period{}, uuid.NullUUID{}, nil
	}
	return ledger.Period{From: last.StartsOn, To: last.EndsOn}, last.EntryID, err
}

func (t *tx) closePeriod(ctx context.Context, in CloseInput) (*ledger.PeriodEvent, error) {
	if err := t.lockPeriods(ctx, in.Fund); err != nil {
		return nil, err
	}
	if err := t.inTurn(ctx, in, t.now); err != nil {
		return nil, err
	}
	event := &ledger.PeriodEvent{Fund: in.Fund, Period: in.Period, Action: ledger.PeriodClosed, Checklist: []ledger.PeriodCheck{}}
	var draft ledger.Draft
	var err error
	if !in.Period.IsYear() {
		if err := t.signed(ctx, in); err != nil {
			return nil, err
		}
	}
	if in.Period.IsYear() {
		if event.Checklist, err = t.checklist(ctx, in); err != nil {
			return nil, err
		}
		if err := failed(event.Checklist); err != nil {
			return nil, err
		}
		if draft, err = t.yearEnd(ctx, in); err != nil {
			return nil, err
		}
	}
	return event, t.recordPeriod(ctx, event, draft)
}

// monthsOf reports whether the year to be closed is one whose months are closed, and it is not.
func (t *tx) monthsOf(ctx context.Context, in CloseInput, through ledger.Date) bool {
	if !in.Period.IsYear() || !through.Equal(in.Period.To) {
		return false
	}
	var open bool
	err := t.get(ctx, &open, `SELECT NOT EXISTS (SELECT FROM period WHERE fund = $1 AND starts_on = $2 AND ends_on = $3 AND closed)`, in.Fund, in.Period.From, in.Period.To)
	return err == nil && open
}

// lockPeriods waits until every posting to the fund that is under way has committed, and keeps others from it.
// Errors: [ledger.RuleFundUnknown].
func (t *tx) lockPeriods(ctx context.Context, fund ledger.FundCode) error {
	if err := t.exec(ctx, `SELECT pg_advisory_xact_lock($1, hashtext($2))`, lockPeriod, fund); err != nil {
		return err
	}
	var v ledger.Violations
	if _, err := t.resolve(ctx, &v, named{fund: fund}); err != nil {
		return err
	}
	return v.Err()
}

// closedThrough returns the last day of a fund's last closed period, zero when none is.
func (t *tx) closedThrough(ctx context.Context, fund ledger.FundCode) (ledger.Date, error) {
	var through ledger.Date
	return through, t.get(ctx, &through, `SELECT max(ends_on) FROM period WHERE fund = $1 AND closed`, fund)
}

// yearEnd reads what the year's revenue and expense come to.
func (t *tx) yearEnd(ctx context.Context, in CloseInput) (ledger.Draft, error) {
	var rows []revaluedRow
	err := t.selectRows(ctx, &rows, `
		SELECT account, currency, sum(amount) AS amount, sum(amount_usd) AS amount_usd FROM journal_line
		WHERE fund = $1 AND account >= '4000' AND account < '6000' AND effective_date <= $2
		GROUP BY account, currency ORDER BY account, currency`, in.Fund, in.Period.To)
	lines := make([]ledger.Line, len(rows))
	for i, r := range rows {
		lines[i] = ledger.Line{Account: r.Account, Converted: ledger.Converted{Money: ledger.Money{Amount: r.Amount, Currency: r.Currency}, USD: r.AmountUSD}}
	}
	return ledger.CloseYear(in.Fund, lines, in.Period), err
}

// recordPeriod closes or opens the period, posts the draft when it has lines, and keeps what happened.
func (t *tx) recordPeriod(ctx context.Context, event *ledger.PeriodEvent, draft ledger.Draft) error {
	id, err := newID()
	if err != nil {
		return err
	}
	event.ID, event.RecordedBy, event.RecordedAt = id, t.actor.Name, t.now
	if len(draft.Lines) > 0 {
		ids, err := t.post(draft)
		if err != nil {
			return err
		}
		event.Entry = ids[0]
	}
	checklist, err := json.Marshal(event.Checklist)
	if err != nil {
		return fmt.Errorf("encode the checklist: %w", err)
	}
	if err := t.exec(ctx, `
		INSERT INTO period (fund, starts_on, ends_on, closed) VALUES ($1, $2, $3, $4)
		ON CONFLICT (fund, starts_on, ends_on) DO UPDATE SET closed = excluded.closed`,
		event.Fund, event.Period.From, event.Period.To, event.Action == ledger.PeriodClosed); err != nil {
		return err
	}
	if err := t.exec(ctx, `
		INSERT INTO period_event (id, fund, starts_on, ends_on, action, reason, checklist, entry_id, actor_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		id, event.Fund, event.Period.From, event.Period.To, event.Action, event.Reason, string(checklist), nullUUID(event.Entry), t.actor.ID); err != nil {
		return err
	}
	if event.Action == ledger.PeriodReopened || !event.Period.IsYear() {
		return nil
	}
	return t.carryForward(ctx, event, draft.Lines)
}

// carryForward keeps what a closed year carries forward, and what it moved: its lines and those of the closing entry, added up. Revenue and
// expense are closed whoever gave them, so they are told of nobody: what is left of them is a worth that a rate left in another
// currency than its amount (see [ledger.CloseYear]).
func (t *tx) carryForward(ctx context.Context, event *ledger.PeriodEvent, closing []ledger.Line) error {
	var accounts, currencies, amounts, worths []string
	for _, l := range closing {
		accounts, currencies = append(accounts, string(l.Account)), append(currencies, string(l.Currency))
		amounts, worths = append(amounts, l.Money.Fixed()), append(worths, ledger.Dollars(l.USD).Fixed())
	}
	if err := t.exec(ctx, `
		INSERT INTO opening_balance (event_id, account, contributor, bank_account, pledge_id, item_number, receipt_id, currency, amount, amount_usd)
		SELECT $1, account, contributor, bank_account, pledge_id, item_number, receipt_id, currency, sum(amount), sum(amount_usd)
		FROM (SELECT account, contributor, bank_account, pledge_id, item_number, receipt_id, currency, amount, amount_usd FROM journal_line
		      WHERE fund = $2 AND effective_date <= $3 AND (account < '4000' OR account >= '6000')
		      UNION ALL SELECT account, NULL, NULL, NULL, NULL, NULL, currency, amount, amount_usd FROM journal_line
		      WHERE fund = $2 AND effective_date <= $3 AND account >= '4000' AND account < '6000'
		      UNION ALL SELECT account, NULL, NULL, NULL, NULL, NULL, currency, amount, amount_usd
		      FROM unnest($4::text[], $5::text[], $6::numeric[], $7::numeric[]) c (account, currency, amount, amount_usd)) l
		GROUP BY account, contributor, bank_account, pledge_id, item_number, receipt_id, currency
		HAVING sum(amount) <> 0 OR sum(amount_usd) <> 0`, event.ID, event.Fund, event.Period.To,
		pq.Array(accounts), pq.Array(currencies), pq.Array(amounts), pq.Array(worths)); err != nil {
		return err
	}
	return t.exec(ctx, `
		INSERT INTO year_movement (event_id, account, currency, kind, released, recognition, amount, amount_usd)
		SELECT $1, account, currency, kind, released, recognition, sum(amount), sum(amount_usd)
		FROM (SELECT account, currency, kind, released, recognition, amount, amount_usd FROM movement($2, $3, $4, now())
		      UNION ALL SELECT account, currency, $5, false, '', amount, amount_usd
		      FROM unnest($6::text[], $7::text[], $8::numeric[], $9::numeric[]) c (account, currency, amount, amount_usd)) m
		GROUP BY account, currency, kind, released, recognition
		HAVING sum(amount) <> 0 OR sum(amount_usd) <> 0`, event.ID, event.Fund, event.Period.From, event.Period.To, ledger.EntryYearEnd,
		pq.Array(accounts), pq.Array(currencies), pq.Array(amounts), pq.Array(worths))
}

// reopening opens the last closed period again: the guarded write of it.
type reopening struct {
	Fund   ledger.FundCode
	Period ledger.Period
	Reason string
}

func (r *reopening) kind() ledger.ApprovalKind                       { return ledger.ApproveReopening }
func (r *reopening) subject() string                                 { return fmt.Sprintf("%s of %s", r.Period, r.Fund) }
func (r *reopening) why() string                                     { return r.Reason }
func (r *reopening) inFund() ledger.FundCode                         { return r.Fund }
func (r *reopening) locks(context.Context, *Store) ([]lockID, error) { return nil, nil }

// ReopenPeriod opens the last closed period of a fund again, with a reason; the closing entry of a year is reversed.
// Errors: [ledger.RuleFundUnknown], [ledger.RulePeriodState].
func (s *Store) ReopenPeriod(ctx context.Context, c Command, fund ledger.FundCode, period ledger.Period, reason string) (Answer, error) {
	return s.submit(ctx, c, &reopening{fund, period, reason})
}

func (r *reopening) perform(ctx context.Context, t *tx) (any, error) {
	if err := t.lockPeriods(ctx, r.Fund); err != nil {
		return nil, err
	}
	last, closing, err := t.lastClosed(ctx, r.Fund)
	switch {
	case err != nil:
		return nil, err
	case last == (ledger.Period{}):
		return nil, ledger.Fail(ledger.RulePeriodState, "No period of %s is closed.", r.Fund)
	case last != r.Period:
		return nil, ledger.Fail(ledger.RulePeriodState, "The last closed period of %s is %s; it is opened first.", r.Fund, last)
	}
	event := &ledger.PeriodEvent{Fund: r.Fund, Period: r.Period, Action: ledger.PeriodReopened, Reason: r.Reason, Checklist: []ledger.PeriodCheck{}}
	var draft ledger.Draft
	if closing.Valid {
		entries, err := readEntries(func(dest any, query string, args ...any) error { return t.selectRows(ctx, dest, query, args...) }, []uuid.UUID{closing.UUID})
		if err != nil {
			return nil, err
		}
		if draft, err = ledger.Reverse(entries[0], r.Period.To, r.Reason); err != nil {
			return nil, err
		}
	}
	return event, t.recordPeriod(ctx, event, draft)
}

// PeriodEvents lists what happened to the periods of a fund, the first first; an empty fund lists all.
func (s *Store) PeriodEvents(ctx context.Context, fund ledger.FundCode, after uuid.UUID, limit int) ([]ledger.PeriodEvent, error) {
	var rows []struct {
		ID         uuid.UUID
		Fund       ledger.FundCode
		StartsOn   ledger.Date `db:"starts_on"`
		EndsOn     ledger.Date `db:"ends_on"`
		Action     ledger.PeriodAction
		Reason     string
		Checklist  []byte
		EntryID    uuid.NullUUID `db:"entry_id"`
		RecordedBy string        `db:"recorded_by"`
		RecordedAt time.Time     `db:"recorded_at"`
	}
	err := s.selectRows(ctx, &rows, `
		SELECT v.id, v.fund, v.starts_on, v.ends_on, v.action, v.reason, v.checklist, v.entry_id, a.name AS recorded_by, v.recorded_at
		FROM period_event v JOIN actor a ON a.id = v.actor_id
		WHERE v.id > $1 AND ($2 = '' OR v.fund = $2) ORDER BY v.id LIMIT $3`, after, fund, limit)
	if err != nil {
		return nil, err
	}
	list := make([]ledger.PeriodEvent, len(rows))
	for i, r := range rows {
		list[i] = ledger.PeriodEvent{ID: r.ID, Fund: r.Fund, Period: ledger.Period{From: r.StartsOn, To: r.EndsOn}, Action: r.Action, Reason: r.Reason,
			Entry: r.EntryID.UUID, RecordedBy: r.RecordedBy, RecordedAt: r.RecordedAt.UTC()}
		if err := json.Unmarshal(r.Checklist, &list[i].Checklist); err != nil {
			return nil, fmt.Errorf("read the checklist of %s: %w", r.ID, err)
		}
	}
	return list, nil
}

// firstOpen returns the day after the last closed one of any of some funds, zero when nothing is closed.
func firstOpen(ctx context.Context, get func(ctx context.Context, dest any, query string, args ...any) error, funds []string) (ledger.Date, error) {
	var through ledger.Date
	err := get(ctx, &through, `SELECT max(ends_on) FROM period WHERE fund = ANY ($1) AND closed`, pq.Array(funds))
	if err != nil || through.IsZero() {
		return ledger.Date{}, err
	}
	return through.AddDays(1), nil
}
