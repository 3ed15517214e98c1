package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// ExpenditureRecord is an expenditure as it stands in the books.
type ExpenditureRecord struct {
	ledger.Expenditure
	Support    ledger.Converted // programme support charged on it
	Levy       ledger.Converted
	Entries    []uuid.UUID
	ReversedOn ledger.Date // zero while the expenditure stands
}

// expenditureQuery reads expenditures: $1 ids. Served by expenditure_pkey, expenditure_share_pkey,
// journal_entry_expenditure_id and journal_line_pkey.
const expenditureQuery = `
SELECT x.id, x.fund, x.effective_date, x.currency, x.amount, x.amount_usd, x.rate, x.rate_date, coalesce(x.rate_source, '') AS rate_source,
       x.description, x.project, x.reference, x.bank_account, x.overdraft_reason, x.replaces, x.recorded_at,
       (SELECT json_agg(s ORDER BY s.number)
        FROM (SELECT number, pledge_id, coalesce(contributor, '') AS contributor, weight::text, amount::text, amount_usd::text
              FROM expenditure_share WHERE expenditure_id = x.id) s) AS shares,
       (SELECT json_agg(c) FROM (SELECT e.kind, sum(l.amount)::text AS amount, sum(l.amount_usd)::text AS amount_usd
              FROM journal_entry e JOIN journal_line l ON l.entry_id = e.id
              WHERE e.expenditure_id = x.id AND e.kind <> 'reversal' AND l.account = '5020' GROUP BY e.kind) c) AS charges,
       (SELECT r.effective_date FROM journal_entry e JOIN journal_entry r ON r.reverses = e.id
        WHERE e.expenditure_id = x.id AND e.kind = 'expenditure' LIMIT 1) AS reversed_on,
       ARRAY(SELECT e.id::text FROM journal_entry e WHERE e.expenditure_id = x.id ORDER BY e.id) AS entries
FROM expenditure x
WHERE x.id = ANY ($1)
ORDER BY x.effective_date, x.id`

type expenditureRecordRow struct {
	ID              uuid.UUID
	Fund            string
	EffectiveDate   ledger.Date `db:"effective_date"`
	Currency        string
	Amount          decimal.Decimal
	AmountUSD       decimal.Decimal `db:"amount_usd"`
	Rate            decimal.NullDecimal
	RateDate        ledger.Date `db:"rate_date"`
	RateSource      string      `db:"rate_source"`
	Description     string
	Project         string
	Reference       string
	BankAccount     string `db:"bank_account"`
	OverdraftReason string `db:"overdraft_reason"`
	Replaces        uuid.NullUUID
	RecordedAt      time.Time `db:"recorded_at"`
	Shares          []byte
	Charges         []byte
	ReversedOn      ledger.Date `db:"reversed_on"`
	Entries         pq.StringArray
}

func (r expenditureRecordRow) record() (*ExpenditureRecord, error) {
	amount := ledger.Converted{Money: ledger.Money{Amount: r.Amount, Currency: ledger.Currency(r.Currency)}, USD: r.AmountUSD}
	if r.Rate.Valid {
		amount.Rate = ledger.Rate{Currency: amount.Currency, Date: r.RateDate, UnitsPerUSD: r.Rate.Decimal, Source: ledger.RateSource(r.RateSource)}
	}
	rec := &ExpenditureRecord{Expenditure: ledger.Expenditure{ID: r.ID, Fund: ledger.FundCode(r.Fund), Date: r.EffectiveDate, Amount: amount,
		Description: r.Description, Project: r.Project, Reference: r.Reference, BankAccount: ledger.BankAccountCode(r.BankAccount),
		Overdraft: r.OverdraftReason, Replaces: r.Replaces.UUID, RecordedAt: r.RecordedAt.UTC()}, ReversedOn: r.ReversedOn}
	rec.noCharges()
	for _, e := range r.Entries {
		rec.Entries = append(rec.Entries, uuid.MustParse(e)) // written by PostgreSQL from its uuid type
	}
	if err := rec.readShares(r.Shares); err != nil {
		return nil, err
	}
	return rec, rec.readCharges(r.Charges)
}

func (r *ExpenditureRecord) noCharges() {
	r.Support = ledger.Converted{Money: ledger.Money{Currency: r.Amount.Currency}, Rate: r.Amount.Rate}
	r.Levy = r.Support
}

func (r *ExpenditureRecord) readShares(data []byte) error {
	var rows []struct {
		PledgeID    uuid.NullUUID `json:"pledge_id"`
		Contributor ledger.ContributorCode
		Weight      decimal.Decimal
		Amount      decimal.Decimal
		AmountUSD   decimal.Decimal `json:"amount_usd"`
	}
	if data == nil {
		return nil
	}
	if err := json.Unmarshal(data, &rows); err != nil {
		return fmt.Errorf("read the shares of expenditure %s: %w", r.ID, err)
	}
	for _, s := range rows {
		worth := r.Amount
		worth.Amount, worth.USD = s.Amount, s.AmountUSD
		r.Shares = append(r.Shares, ledger.Share{Pledge: s.PledgeID.UUID, Contributor: s.Contributor, Weight: s.Weight, Converted: worth})
	}
	return nil
}

func (r *ExpenditureRecord) readCharges(data []byte) error {
	var rows []struct {
		Kind      ledger.EntryKind
		Amount    decimal.Decimal
		AmountUSD decimal.Decimal `json:"amount_usd"`
	}
	if data == nil {
		return nil
	}
	if err := json.Unmarshal(data, &rows); err != nil {
		return fmt.Errorf("read the charges on expenditure %s: %w", r.ID, err)
	}
	for _, c := range rows {
		r.charge(c.Kind, c.Amount, c.AmountUSD)
	}
	return nil
}

// charge adds to what was charged on the expenditure.
func (r *ExpenditureRecord) charge(kind ledger.EntryKind, amount, usd decimal.Decimal) {
	to := &r.Support
	if kind == ledger.EntryLevy {
		to = &r.Levy
	}
	to.Amount, to.USD = to.Amount.Add(amount), to.USD.Add(usd)
}

func expenditureRecords(rows []expenditureRecordRow) ([]*ExpenditureRecord, error) {
	list := make([]*ExpenditureRecord, len(rows))
	for i, row := range rows {
		var err error
		if list[i], err = row.record(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Expenditure returns an expenditure by its id.
// Errors: [ledger.RuleNotFound].
func (s *Store) Expenditure(ctx context.Context, id uuid.UUID) (*ExpenditureRecord, error) {
	var row expenditureRecordRow
	err := s.get(ctx, &row, expenditureQuery, pq.Array([]uuid.UUID{id}))
	if noRows(err) {
		return nil, ledger.Fail(ledger.RuleNotFound, "There is no such expenditure.")
	}
	if err != nil {
		return nil, err
	}
	return row.record()
}

// ExpenditureFilter narrows a list of expenditures; empty fields do not.
type ExpenditureFilter struct {
	Fund      ledger.FundCode
	Project   string
	Reference string
	Pledge    uuid.UUID
	From, To  ledger.Date // effective date, both included
}

// ExpenditureKey is where a list of expenditures goes on: after the expenditure with this date and id.
type ExpenditureKey struct {
	Date ledger.Date
	ID   uuid.UUID
}

// Expenditures lists expenditures by date, after the given one.
func (s *Store) Expenditures(ctx context.Context, f ExpenditureFilter, after ExpenditureKey, limit int) ([]*ExpenditureRecord, error) {
	var ids []uuid.UUID
	err := s.selectRows(ctx, &ids, `
		SELECT x.id FROM expenditure x
		WHERE (x.effective_date, x.id) > (coalesce($1::date, '-infinity'), $2) AND ($3 = '' OR x.fund = $3) AND ($4 = '' OR x.project = $4)
		  AND ($5 = '' OR x.reference = $5)
		  AND ($6::uuid IS NULL OR EXISTS (SELECT FROM expenditure_share s WHERE s.expenditure_id = x.id AND s.pledge_id = $6))
		  AND x.effective_date BETWEEN coalesce($7::date, '-infinity') AND coalesce($8::date, 'infinity')
		ORDER BY x.effective_date, x.id LIMIT $9`,
		after.Date, after.ID, f.Fund, f.Project, f.Reference, nullUUID(f.Pledge), f.From, f.To, limit)
	if err != nil {
		return nil, err
	}
	var rows []expenditureRecordRow
	if err := s.selectRows(ctx, &rows, expenditureQuery, pq.Array(ids)); err != nil {
		return nil, err
	}
	return expenditureRecords(rows)
}

// ShareInput is the part of an expenditure that used the money of a pledge, in proportion to the other parts.
type ShareInput struct {
	Pledge uuid.UUID // zero for a part that is not earmarked
	Weight decimal.Decimal
}

// ExpenditureInput is what a fund paid for its programme.
type ExpenditureInput struct {
	Fund        ledger.FundCode
	Date        ledger.Date
	Amount      ledger.Money
	USD         decimal.Decimal // stated; zero takes the rate in force
	Description string
	Project     string
	Reference   string
	BankAccount ledger.BankAccountCode // empty for the fund's own
	Shares      []ShareInput
	Overdraft   string // why it may be more than is available; empty when it may not
}

// RecordExpenditure records an expenditure of a fund, with the programme support and the levy on it.
// Errors: [ledger.RuleFundUnknown], [ledger.RuleSupportMissing], [ledger.RulePledgeUnknown], [ledger.RuleBankAccountUnknown],
// [ledger.RuleExpenditureDuplicate], [ledger.RuleExceedsAvailableCash], [ledger.RuleRateMissing], [ledger.RulePeriodClosed].
func (s *Store) RecordExpenditure(ctx context.Context, c Command, in ExpenditureInput) (Answer, error) {
	return s.write(ctx, c, []lockID{fundCash(in.Fund)}, func(ctx context.Context, t *tx) (any, error) {
		var v ledger.Violations
		sp, err := t.spending(ctx, &v, in.Fund, []ExpenditureInput{in})
		if err != nil {
			return nil, err
		}
		if err := v.Err(); err != nil {
			return nil, err
		}
		previous := sp.recorded[in.Reference]
		if previous != nil && previous.ReversedOn.IsZero() {
			v.Add("/reference", ledger.RuleExpenditureDuplicate, "Expenditure %s has the reference %s already.", previous.ID, in.Reference)
		}
		spent, err := sp.spend(ctx, &v, in, previous)
		if err != nil {
			return nil, err
		}
		if err := v.Err(); err != nil {
			return nil, err
		}
		run, err := t.availableCash(ctx, in.Fund, in.Date)
		if err != nil {
			return nil, err
		}
		if spent.cover(&v, run); len(v) > 0 {
			return nil, v.Err()
		}
		return t.postExpenditure(spent)
	})
}

// ReverseExpenditure reverses the entries of an expenditure: its own and those of the charges on it.
// Errors: [ledger.RuleNotFound], [ledger.RuleAlreadyReversed], [ledger.RuleDateOrder], [ledger.RulePeriodClosed].
func (s *Store) ReverseExpenditure(ctx context.Context, c Command, id uuid.UUID, in ReversalInput) (Answer, error) {
	x, err := s.Expenditure(ctx, id)
	if err != nil {
		return Answer{}, err
	}
	return s.write(ctx, c, []lockID{fundCash(x.Fund)}, func(ctx context.Context, t *tx) (any, error) {
		var row expenditureRecordRow
		if err := t.get(ctx, &row, expenditureQuery, pq.Array([]uuid.UUID{id})); err != nil {
			return nil, err
		}
		rec, err := row.record()
		if err != nil {
			return nil, err
		}
		if !rec.ReversedOn.IsZero() {
			return nil, ledger.Fail(ledger.RuleAlreadyReversed, "Expenditure %s was reversed on %s.", id, rec.ReversedOn)
		}
		ids, err := t.reverseAll(ctx, `SELECT id FROM journal_entry WHERE expenditure_id = $1`, id, in)
		if err != nil {
			return nil, err
		}
		rec.ReversedOn, rec.Entries = in.Date, append(rec.Entries, ids...)
		return rec, nil
	})
}
