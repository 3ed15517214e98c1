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

// PledgeRecord is a pledge with its legs and what the books say of it.
type PledgeRecord struct {
	ledger.Pledge
	Legs  []ledger.Leg
	State ledger.PledgeState
}

// pledgeQuery reads whole pledges, each with its items, legs and balances as JSON, in one round trip: $1 ids. What a
// reversed entry kept does not count as kept. Served by the primary keys, pledge_event_pledge_id, delivery_pledge_id and
// journal_line_pledge_id.
//
//go:embed pledge.sql
var pledgeQuery string

type pledgeRecordRow struct {
	ID          uuid.UUID
	Reference   string
	Form        string
	Contributor string
	Fund        string
	FundYear    int `db:"fund_year"`
	Recognition string
	Note        string
	RecordedAt  time.Time `db:"recorded_at"`
	Items       []byte
	Legs        []byte
	Conditions  []byte
	Balances    []byte
	Kept        bool
}

// amounts are the columns of a converted amount as row_to_json gives them.
type amounts struct {
	Currency   ledger.Currency
	Amount     decimal.Decimal
	AmountUSD  decimal.Decimal `json:"amount_usd"`
	Rate       decimal.Decimal
	RateDate   string `json:"rate_date"`
	RateSource string `json:"rate_source"`
}

func (a amounts) converted() (ledger.Converted, error) {
	c := ledger.Converted{Money: ledger.Money{Amount: a.Amount, Currency: a.Currency}, USD: a.AmountUSD}
	if a.RateDate == "" {
		return c, nil
	}
	on, err := ledger.ParseDate(a.RateDate)
	c.Rate = ledger.Rate{Currency: a.Currency, Date: on, UnitsPerUSD: a.Rate, Source: ledger.RateSource(a.RateSource)}
	return c, err
}

// record puts a pledge together from its row.
func (r pledgeRecordRow) record() (PledgeRecord, error) {
	p := PledgeRecord{Pledge: ledger.Pledge{ID: r.ID, Reference: r.Reference, Form: ledger.Form(r.Form), Contributor: ledger.ContributorCode(r.Contributor),
		Fund: ledger.FundCode(r.Fund), FundYear: r.FundYear, Recognition: ledger.Recognition(r.Recognition), Note: r.Note, RecordedAt: r.RecordedAt.UTC()}}
	p.State.Kept = r.Kept
	for _, read := range []func() error{
		func() error { return p.readItems(r.Items) },
		func() error { return p.readLegs(r.Legs) },
		func() error { return p.readConditions(r.Conditions) },
		func() error { return p.readBalances(r.Balances) },
	} {
		if err := read(); err != nil {
			return PledgeRecord{}, fmt.Errorf("read pledge %s: %w", r.ID, err)
		}
	}
	return p, nil
}

func (p *PledgeRecord) readItems(data []byte) error {
	var rows []struct {
		valuationJSON
		Number       int
		Category     ledger.Category
		Description  string
		Unit         string
		Delivered    decimal.Decimal
		Revaluations []valuationJSON
	}
	if err := json.Unmarshal(data, &rows); err != nil {
		return err
	}
	for _, r := range rows {
		first, err := r.valuation()
		if err != nil {
			return err
		}
		item := ledger.Item{Number: r.Number, Category: r.Category, Description: r.Description, Quantity: r.Quantity, Unit: r.Unit, Value: first.Value,
			UnitValue: first.UnitValue, Declared: first.Declared, Basis: first.Basis, Valuer: first.Valuer, ValuedOn: first.ValuedOn, Evidence: first.Evidence}
		if item.Revaluations, err = valuationsOf(r.Revaluations); err != nil {
			return err
		}
		p.Items = append(p.Items, item)
		p.State.Items = append(p.State.Items, ledger.ItemState{Accepted: r.Quantity, Delivered: r.Delivered,
			Left: ledger.Converted{Money: ledger.Money{Currency: first.Value.Currency}}})
	}
	return nil
}

func (p *PledgeRecord) readLegs(data []byte) error {
	var rows []struct {
		amounts
		ID            uuid.UUID
		Kind          ledger.LegKind
		EffectiveDate string `json:"effective_date"`
		Document      string
		Instrument    string
		Reason        string
		EntryID       *uuid.UUID `json:"entry_id"`
		RecordedAt    time.Time  `json:"recorded_at"`
		ReversedOn    string     `json:"reversed_on"`
		Accepted      []decimal.Decimal
		Acceptance    acceptanceJSON
		Instalments   []struct {
			Number int
			DueOn  string `json:"due_on"`
			Amount decimal.Decimal
		}
	}
	if err := json.Unmarshal(data, &rows); err != nil {
		return err
	}
	for _, r := range rows {
		on, err := ledger.ParseDate(r.EffectiveDate)
		if err != nil {
			return err
		}
		worth, err := r.converted()
		if err != nil {
			return err
		}
		leg := ledger.Leg{ID: r.ID, Kind: r.Kind, Date: on, Converted: worth, Document: r.Document, Instrument: r.Instrument,
			Reason: r.Reason, Accepted: r.Accepted, RecordedAt: r.RecordedAt.UTC()}
		if leg.Acceptance, err = r.Acceptance.acceptance(); err != nil {
			return err
		}
		if r.EntryID != nil {
			leg.Entry = *r.EntryID
		}
		for _, i := range r.Instalments {
			due, err := ledger.ParseDate(i.DueOn)
			if err != nil {
				return err
			}
			leg.Instalments = append(leg.Instalments, ledger.Instalment{Number: i.Number, DueOn: due, Money: ledger.Money{Amount: i.Amount, Currency: leg.Currency}})
		}
		if r.ReversedOn != "" {
			if leg.ReversedOn, err = ledger.ParseDate(r.ReversedOn); err != nil {
				return err
			}
		}
		p.addLeg(leg)
	}
	return nil
}

// readConditions reads the conditions, each with what met it.
func (p *PledgeRecord) readConditions(data []byte) error {
	var rows []struct {
		amounts
		EventID     uuid.UUID `json:"event_id"`
		Number      int
		Description string
		MetOn       string `json:"met_on"`
		MetBy       string `json:"met_by"`
		Evidence    string
		SHA256      string
		EntryID     uuid.NullUUID `json:"entry_id"`
	}
	if err := json.Unmarshal(data, &rows); err != nil {
		return err
	}
	for _, r := range rows {
		c := ledger.ConditionState{Leg: r.EventID, Condition: ledger.Condition{Number: r.Number, Description: r.Description, Money: ledger.Money{Amount: r.Amount, Currency: r.Currency}}}
		if r.MetOn != "" {
			on, err := ledger.ParseDate(r.MetOn)
			if err != nil {
				return err
			}
			c.Met = ledger.Fulfilment{On: on, By: r.MetBy, Evidence: ledger.Evidence{Reference: r.Evidence, SHA256: r.SHA256}, Entry: r.EntryID.UUID}
		}
		p.State.Conditions = append(p.State.Conditions, c)
	}
	return nil
}

// addLeg adds a leg and, while it stands, what it says of the pledge's dates.
func (p *PledgeRecord) addLeg(leg ledger.Leg) {
	p.Legs = append(p.Legs, leg)
	if !leg.ReversedOn.IsZero() {
		if leg.Kind == ledger.LegAnnounced {
			p.State.CancelledOn = leg.ReversedOn // recorded by mistake: there is no such promise
		}
		return
	}
	switch leg.Kind {
	case ledger.LegAnnounced:
		p.State.AnnouncedOn, p.State.CancelledOn = leg.Date, ledger.Date{}
	case ledger.LegAgreed:
		p.State.AgreedOn = leg.Date
		for i, quantity := range leg.Accepted {
			p.State.Items[i].Accepted = quantity
		}
	case ledger.LegCancelled:
		p.State.CancelledOn = leg.Date
	case ledger.LegWrittenOff:
		p.State.LastWriteOff = leg.Date
	}
}

func (p *PledgeRecord) readBalances(data []byte) error {
	var rows []struct {
		amounts
		Account    ledger.AccountCode
		ItemNumber int        `json:"item_number"`
		ReceiptID  *uuid.UUID `json:"receipt_id"`
		ValueDate  string     `json:"value_date"`
	}
	if err := json.Unmarshal(data, &rows); err != nil {
		return err
	}
	for _, r := range rows {
		balance := ledger.Converted{Money: ledger.Money{Amount: r.Amount, Currency: r.Currency}, USD: r.AmountUSD}
		switch r.Account {
		case ledger.PledgesAnnounced:
			p.State.Announced = balance
		case ledger.Receivable:
			p.State.Receivable = balance
		case ledger.Deferred:
			p.State.Deferred = balance.Neg()
		case ledger.RevenueCash:
			p.State.Recognised = append(p.State.Recognised, balance.Neg())
		case ledger.InKindOutstanding:
			p.State.Items[r.ItemNumber-1].Left = balance
		case ledger.InAdvance:
			on, err := ledger.ParseDate(r.ValueDate)
			if err != nil {
				return err
			}
			p.State.Advances = append(p.State.Advances, ledger.Advance{Receipt: *r.ReceiptID, On: on, Converted: balance.Neg()})
		}
	}
	return nil
}

// pledges reads pledges by id within a write, after their locks were taken; ids that do not exist are left out.
func (t *tx) pledges(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*PledgeRecord, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []pledgeRecordRow
	if err := t.selectRows(ctx, &rows, pledgeQuery, pq.Array(ids)); err != nil {
		return nil, err
	}
	found := make(map[uuid.UUID]*PledgeRecord, len(rows))
	for _, row := range rows {
		record, err := row.record()
		if err != nil {
			return nil, err
		}
		found[record.ID] = &record
	}
	return found, nil
}

func (t *tx) pledge(ctx context.Context, id uuid.UUID) (*PledgeRecord, error) {
	found, err := t.pledges(ctx, []uuid.UUID{id})
	if err != nil {
		return nil, err
	}
	if p := found[id]; p != nil {
		return p, nil
	}
	return nil, ledger.Fail(ledger.RuleNotFound, "There is no such pledge.")
}

// Pledge returns a pledge by its id.
// Errors: [ledger.RuleNotFound].
func (s *Store) Pledge(ctx context.Context, id uuid.UUID) (PledgeRecord, error) {
	var row pledgeRecordRow
	err := s.get(ctx, &row, pledgeQuery, pq.Array([]uuid.UUID{id}))
	if noRows(err) {
		return PledgeRecord{}, ledger.Fail(ledger.RuleNotFound, "There is no such pledge.")
	}
	if err != nil {
		return PledgeRecord{}, err
	}
	return row.record()
}

// PledgeFilter narrows a list of pledges; empty fields do not.
type PledgeFilter struct {
	Contributor ledger.ContributorCode
	Fund        ledger.FundCode
	FundYear    int
	Form        ledger.Form
	Reference   string
}

// Pledges lists pledges in the order in which they were recorded, after the given id.
func (s *Store) Pledges(ctx context.Context, f PledgeFilter, after uuid.UUID, limit int) ([]PledgeRecord, error) {
	var ids []uuid.UUID
	err := s.selectRows(ctx, &ids, `
		SELECT id FROM pledge
		WHERE id > $1 AND ($2 = '' OR contributor = $2) AND ($3 = '' OR fund = $3) AND ($4 = 0 OR fund_year = $4)
		  AND ($5 = '' OR form = $5) AND ($6 = '' OR reference = $6)
		ORDER BY id LIMIT $7`, after, f.Contributor, f.Fund, f.FundYear, f.Form, f.Reference, limit)
	if err != nil {
		return nil, err
	}
	var rows []pledgeRecordRow
	if err := s.selectRows(ctx, &rows, pledgeQuery, pq.Array(ids)); err != nil {
		return nil, err
	}
	list := make([]PledgeRecord, len(rows))
	for i, row := range rows {
		if list[i], err = row.record(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// PledgeInput is a pledge as it is announced.
type PledgeInput struct {
	Reference   string // empty for one that the ledger numbers
	Contributor ledger.ContributorCode
	Fund        ledger.FundCode
	FundYear    int
	Form        ledger.Form
	Amount      ledger.Money    // cash
	USD         decimal.Decimal // stated; zero for the rate in force
	Items       []ledger.Item   // in kind; the values without USD
	Date        ledger.Date
	Recognition ledger.Recognition // empty for the fund's policy
	Document    string
	Instrument  string
	Note        string
	Declaration ledger.Declaration // the donor's, of its being new and additional
}

// RecordPledge records a pledge announced, in cash or in kind.
// Errors: [ledger.RuleContributorUnknown], [ledger.RuleFundUnknown], [ledger.RulePledgeReferenceTaken],
// [ledger.RuleRateMissing], [ledger.RulePeriodClosed].
func (s *Store) RecordPledge(ctx context.Context, c Command, in PledgeInput) (Answer, error) {
	return s.write(ctx, c, nil, func(ctx context.Context, t *tx) (any, error) { return t.recordPledge(ctx, in) })
}

func (t *tx) recordPledge(ctx context.Context, in PledgeInput) (*PledgeRecord, error) {
	var v ledger.Violations
	t.notInFuture(&v, "/effective_date", in.Date)
	ref, err := t.resolve(ctx, &v, named{contributor: in.Contributor, fund: in.Fund, currency: in.Amount.Currency, on: in.Date})
	if err != nil {
		return nil, err
	}
	id, err := newID()
	if err != nil {
		return nil, err
	}
	if in.Reference == "" {
		if err := t.get(ctx, &in.Reference, `SELECT 'P-' || lpad(nextval('pledge_reference')::text, 6, '0')`); err != nil {
			return nil, err
		}
	}
	if in.Recognition == "" {
		in.Recognition = ref.policies.Recognition
	}
	p := &PledgeRecord{Pledge: ledger.Pledge{ID: id, Reference: in.Reference, Form: in.Form, Contributor: in.Contributor, Fund: in.Fund,
		FundYear: in.FundYear, Recognition: in.Recognition, Note: in.Note, Items: in.Items, RecordedAt: t.now}}
	var draft ledger.Draft
	leg := ledger.Leg{Kind: ledger.LegAnnounced, Date: in.Date, Document: in.Document, Instrument: in.Instrument}
	if in.Form == ledger.InKind {
		if err := t.checkItems(ctx, &v, p.Items); err != nil {
			return nil, err
		}
		for i, item := range p.Items {
			value, err := t.convert(ctx, &v, fmt.Sprintf("/items/%d/value", i), item.Value.Money, item.Value.USD, in.Date, ref.policies.RateSource)
			if err != nil {
				return nil, err
			}
			p.Items[i].Number, p.Items[i].Value = i+1, value
			p.State.Items = append(p.State.Items, ledger.ItemState{Accepted: item.Quantity})
			leg.USD = leg.USD.Add(value.USD)
		}
		draft = ledger.OfferInKind(p.Pledge, in.Date)
	} else {
		leg.Converted = ref.convert(&v, "/amount", in.Amount, in.USD)
		draft = ledger.Announce(p.Pledge, p.State, leg.Converted, in.Date)
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	t.addPledge(p.Pledge, t.actor.ID)
	if d := in.Declaration; d.Said() {
		t.addNewness(id, t.actor.ID, ledger.NewnessDecision{Declared: true, New: d.New, Additional: d.Additional, Text: d.Text, Document: d.Document})
	}
	return p, t.postLeg(p, leg, draft)
}

// postLeg posts the drafts of a leg, the first being its own, and records the leg with its entry.
func (t *tx) postLeg(p *PledgeRecord, leg ledger.Leg, drafts ...ledger.Draft) error {
	var posted []ledger.Draft
	for _, d := range drafts {
		if len(d.Lines) > 0 {
			posted = append(posted, d)
		}
	}
	ids, err := t.post(posted...)
	if err != nil {
		return err
	}
	if leg.ID, err = newID(); err != nil {
		return err
	}
	if len(ids) > 0 {
		leg.Entry = ids[0]
	}
	for i := len(p.State.Conditions) - len(leg.Conditions); i < len(p.State.Conditions); i++ {
		p.State.Conditions[i].Leg = leg.ID
	}
	leg.RecordedAt = t.now
	if leg.Kind == ledger.LegAnnounced {
		p.State.Apply(p.ID, posted[0])
	}
	p.addLeg(leg)
	t.posting.addLeg(p.ID, t.actor.ID, leg)
	return nil
}
