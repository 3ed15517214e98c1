package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// valuationJSON is a valuation as PostgreSQL gives it; the first one of an item has no date, reason and entry of its own.
type valuationJSON struct {
	amounts
	ID               uuid.UUID
	EffectiveDate    string `json:"effective_date"`
	Quantity         decimal.Decimal
	UnitAmount       *decimal.Decimal      `json:"unit_amount"`
	DeclaredCurrency ledger.Currency       `json:"declared_currency"`
	DeclaredAmount   decimal.Decimal       `json:"declared_amount"`
	ValuationBasis   ledger.ValuationBasis `json:"valuation_basis"`
	Valuer           string
	ValuedOn         string `json:"valued_on"`
	Evidence         string
	EvidenceSHA256   string `json:"evidence_sha256"`
	Reason           string
	EntryID          uuid.UUID `json:"entry_id"`
	RecordedAt       time.Time `json:"recorded_at"`
}

func (r valuationJSON) valuation() (ledger.Valuation, error) {
	value, err := r.converted()
	if err != nil {
		return ledger.Valuation{}, err
	}
	w := ledger.Valuation{ID: r.ID, Quantity: r.Quantity, Value: value, Basis: r.ValuationBasis, Valuer: r.Valuer, Reason: r.Reason, Entry: r.EntryID,
		Evidence: ledger.Evidence{Reference: r.Evidence, SHA256: r.EvidenceSHA256}, RecordedAt: r.RecordedAt.UTC()}
	if r.UnitAmount != nil {
		w.UnitValue = ledger.Money{Amount: *r.UnitAmount, Currency: r.Currency}
	}
	if r.DeclaredCurrency != "" {
		w.Declared = ledger.Money{Amount: r.DeclaredAmount, Currency: r.DeclaredCurrency}
	}
	if w.On, err = optionalDate(r.EffectiveDate); err != nil {
		return ledger.Valuation{}, err
	}
	w.ValuedOn, err = optionalDate(r.ValuedOn)
	return w, err
}

func valuationsOf(rows []valuationJSON) ([]ledger.Valuation, error) {
	var list []ledger.Valuation
	for _, r := range rows {
		w, err := r.valuation()
		if err != nil {
			return nil, err
		}
		list = append(list, w)
	}
	return list, nil
}

// optionalDate reads a date as JSON has it; an empty one is no date.
func optionalDate(s string) (ledger.Date, error) {
	if s == "" {
		return ledger.Date{}, nil
	}
	return ledger.ParseDate(s)
}

type acceptanceJSON struct {
	AcceptedBy  string `json:"accepted_by"`
	Currency    ledger.Currency
	Amount      decimal.Decimal
	Description string
	LookedOn    string `json:"looked_on"`
}

func (r acceptanceJSON) acceptance() (ledger.Acceptance, error) {
	on, err := optionalDate(r.LookedOn)
	a := ledger.Acceptance{By: r.AcceptedBy, Description: r.Description, LookedOn: on}
	if r.Currency != "" {
		a.Cost = &ledger.Money{Amount: r.Amount, Currency: r.Currency}
	}
	return a, err
}

func (d *DeliveryRecord) readRevaluations(data []byte) error {
	if data == nil {
		return nil
	}
	var rows []valuationJSON
	if err := json.Unmarshal(data, &rows); err != nil {
		return fmt.Errorf("read the valuations of delivery %s: %w", d.ID, err)
	}
	list, err := valuationsOf(rows)
	d.Revaluations = list
	return err
}

// checkUnit adds a violation when the ledger does not know a unit; an empty one is for others to miss.
func (t *tx) checkUnit(ctx context.Context, v *ledger.Violations, pointer, unit string) error {
	if unit == "" {
		return nil
	}
	var known []string
	if err := t.selectRows(ctx, &known, `SELECT code FROM unit ORDER BY recorded_at, code LIMIT 100`); err != nil {
		return err
	}
	if !slices.Contains(known, unit) {
		var found bool
		if err := t.get(ctx, &found, `SELECT EXISTS (SELECT FROM unit WHERE code = $1)`, unit); err != nil || found {
			return err
		}
		v.Add(pointer, ledger.RuleUnitUnknown, "The ledger knows no unit %s; it has %s.", unit, strings.Join(known, ", "))
	}
	return nil
}

// checkItems adds what contradicts itself in the items of an offer, and fills in what follows from what was said.
func (t *tx) checkItems(ctx context.Context, v *ledger.Violations, items []ledger.Item) error {
	for i := range items {
		item, at := &items[i], fmt.Sprintf("/items/%d", i)
		if err := t.checkUnit(ctx, v, at+"/unit", item.Unit); err != nil {
			return err
		}
		t.notInFuture(v, at+"/valued_on", item.ValuedOn)
		w := item.History()[0]
		w.Settle(v, at)
		item.Value, item.UnitValue, item.Declared, item.Basis = w.Value, w.UnitValue, w.Declared, w.Basis
	}
	return nil
}

// checkAcceptance adds what is missing of an acceptance; the look at the cost is on the day of the acceptance unless it
// says otherwise.
func (t *tx) checkAcceptance(v *ledger.Violations, in *AgreementInput) {
	a := &in.Acceptance
	if a.Cost == nil {
		return
	}
	if a.By == "" {
		v.Add("/accepted_by", ledger.RuleRequired, "Somebody has looked at the cost to the fund: say who accepted.")
	}
	if a.LookedOn.IsZero() {
		a.LookedOn = in.Date
	}
	if a.LookedOn.After(in.Date) {
		v.Add("/cost_to_fund/looked_on", ledger.RuleDateOrder, "The cost was looked at on %s, after the acceptance of %s.", a.LookedOn, in.Date)
	}
}

// refuseInKind adds what an agreement of cash says and only an acceptance in kind can.
func (in AgreementInput) refuseInKind(v *ledger.Violations, reference string) {
	for _, field := range []struct {
		pointer string
		said    bool
	}{{"/accepted", len(in.Accepted) > 0}, {"/accepted_by", in.Acceptance.By != ""}, {"/cost_to_fund", in.Acceptance.Cost != nil}} {
		if field.said {
			v.Add(field.pointer, ledger.RulePledgeForm, "Pledge %s is of cash: it has no items to accept.", reference)
		}
	}
}

// settle puts the valuation of a delivery together: what the request says, and what it leaves out from the pledge's
// valuation by quantity.
func (in *DeliveryInput) settle(v *ledger.Violations, p *PledgeRecord) ledger.Valuation {
	w := ledger.Valuation{Quantity: in.Quantity, Basis: in.Basis}
	if in.Value != nil {
		w.Value.Money = *in.Value
	}
	if in.UnitValue != nil {
		w.UnitValue = *in.UnitValue
	}
	if in.Declared != nil {
		w.Declared = *in.Declared
	}
	if p == nil {
		w.Settle(v, "")
		return w
	}
	item := p.Items[in.Item-1].Current()
	part := func(m ledger.Money) ledger.Money {
		return ledger.Money{Amount: m.Currency.Round(m.Amount.Mul(in.Quantity).Div(item.Quantity)), Currency: m.Currency}
	}
	if w.Basis == "" {
		w.Basis = item.Basis
	}
	said := in.Value != nil || in.UnitValue != nil || in.Declared != nil && w.Basis == ledger.DonorStated
	if !said {
		if w.UnitValue = item.UnitValue; w.UnitValue.Currency == "" {
			w.Value.Money = part(item.Value.Money)
		}
		if in.USD.IsZero() && item.Value.Rate.Source == ledger.SourceStated {
			in.USD = ledger.USD.Round(item.Value.USD.Mul(in.Quantity).Div(item.Quantity))
		}
	}
	if in.Declared == nil && w.Basis != ledger.DonorStated && item.Declared.Currency != "" {
		w.Declared = part(item.Declared)
	}
	w.Settle(v, "")
	return w
}

// ValuationInput values anew what an item still promises, or a delivery.
type ValuationInput struct {
	Date      ledger.Date
	Value     *ledger.Money // assessed, of the whole; nil when the unit value says it, or only the donor's is there
	UnitValue *ledger.Money
	Declared  *ledger.Money // nil when the donor's declaration stands as it is, by quantity
	Basis     ledger.ValuationBasis
	Valuer    string
	ValuedOn  ledger.Date
	Evidence  ledger.Evidence
	Reason    string
}

// valuation settles the new valuation of a quantity, beside the one that counts until then.
func (in ValuationInput) valuation(v *ledger.Violations, quantity decimal.Decimal, now ledger.Valuation) ledger.Valuation {
	w := ledger.Valuation{On: in.Date, Quantity: quantity, Basis: in.Basis, Valuer: in.Valuer, ValuedOn: in.ValuedOn, Evidence: in.Evidence, Reason: in.Reason}
	for _, m := range []struct{ from, to *ledger.Money }{{in.Value, &w.Value.Money}, {in.UnitValue, &w.UnitValue}, {in.Declared, &w.Declared}} {
		if m.from != nil {
			*m.to = *m.from
		}
	}
	if in.Declared == nil && in.Basis != ledger.DonorStated && now.Declared.Currency != "" {
		amount := now.Declared.Currency.Round(now.Declared.Amount.Mul(quantity).Div(now.Quantity))
		w.Declared = ledger.Money{Amount: amount, Currency: now.Declared.Currency}
	}
	if in.Value == nil && in.UnitValue == nil && in.Declared == nil {
		v.Add("/value", ledger.RuleRequired, "A valuation says a value: value, unit_value or declared_value.")
		return w
	}
	if w.Settle(v, ""); w.Basis == "" {
		v.Add("/valuation_basis", ledger.RuleRequired, "A valuation says how the value was found.")
	}
	return w
}

// usd gives a new value the rate at which the old one stands, or the one in force on a date when that had none.
func (t *tx) usd(ctx context.Context, v *ledger.Violations, w *ledger.Valuation, now ledger.Valuation, on ledger.Date, fund ledger.FundCode) error {
	if w.Value.Currency != now.Value.Currency {
		return nil // the rule refuses it
	}
	if now.Value.Rate.UnitsPerUSD.IsPositive() {
		w.Value = ledger.Convert(w.Value.Money, now.Value.Rate)
		return nil
	}
	var source ledger.RateSource
	if err := t.get(ctx, &source, `SELECT rate_source FROM fund WHERE code = $1`, fund); err != nil {
		return err
	}
	value, err := t.convert(ctx, v, "/value", w.Value.Money, decimal.Zero, on, source)
	w.Value = value
	return err
}

// RevalueItem values anew what an item of a pledge in kind still promises.
// Errors: [ledger.RuleNotFound], [ledger.RuleItemUnknown] and those of [ledger.RevalueItem].
func (s *Store) RevalueItem(ctx context.Context, c Command, pledge uuid.UUID, item int, in ValuationInput) (Answer, error) {
	return s.submit(ctx, c, &inKindRevaluation{Pledge: pledge, Item: item, ValuationInput: in})
}

func (t *tx) revalueItem(ctx context.Context, id uuid.UUID, number int, in ValuationInput) (*PledgeRecord, error) {
	p, err := t.pledge(ctx, id)
	if err != nil {
		return nil, err
	}
	if p.Form == ledger.InKind && number > len(p.Items) {
		return nil, ledger.Fail(ledger.RuleItemUnknown, "Pledge %s has the items 1 to %d.", p.Reference, len(p.Items))
	}
	if p.Form != ledger.InKind {
		return nil, ledger.Fail(ledger.RulePledgeForm, "Pledge %s is of cash: it has no items to value.", p.Reference)
	}
	var v ledger.Violations
	t.notInFuture(&v, "/effective_date", in.Date)
	t.notInFuture(&v, "/valued_on", in.ValuedOn)
	now, state := p.Items[number-1].Current(), p.State.Items[number-1]
	w := in.valuation(&v, state.Accepted.Sub(state.Delivered), now)
	if err := t.usd(ctx, &v, &w, now, p.State.AnnouncedOn, p.Fund); err != nil {
		return nil, err
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	draft, err := ledger.RevalueItem(p.Pledge, &p.State, number, &w)
	if err != nil {
		return nil, err
	}
	list := p.Items[number-1].Revaluations
	if err := t.postValuation(&list[len(list)-1], draft); err != nil {
		return nil, err
	}
	t.addValuation(p.ID, number, uuid.Nil, t.actor.ID, list[len(list)-1])
	return p, nil
}

// postValuation posts the difference of a valuation, if there is one, and fills in what the ledger knows of it.
func (t *tx) postValuation(w *ledger.Valuation, draft ledger.Draft) error {
	id, err := newID()
	if err != nil {
		return err
	}
	w.ID, w.RecordedAt = id, t.now
	if len(draft.Lines) == 0 {
		return nil
	}
	ids, err := t.post(draft)
	if err != nil {
		return err
	}
	w.Entry = ids[0]
	return nil
}

// RevalueDelivery values a delivery anew; the difference stands on the accounts of the delivery.
// Errors: [ledger.RuleNotFound], [ledger.RuleAlreadyReversed] and those of [ledger.RevalueDelivery].
func (s *Store) RevalueDelivery(ctx context.Context, c Command, id uuid.UUID, in ValuationInput) (Answer, error) {
	return s.submit(ctx, c, &inKindRevaluation{Delivery: id, ValuationInput: in})
}

// deliveryLocks returns the locks of a delivery: its own, and that of the pledge that it keeps.
func (s *Store) deliveryLocks(ctx context.Context, id uuid.UUID) ([]lockID, error) {
	d, err := s.Delivery(ctx, id)
	if err != nil {
		return nil, err
	}
	locks := []lockID{{lockReceipt, id.String()}}
	if d.Pledge != uuid.Nil {
		locks = append(locks, pledgeLocks(d.Pledge)...)
	}
	return locks, nil
}

// delivery reads a delivery within a write, after its locks were taken, and refuses one that was reversed.
func (t *tx) delivery(ctx context.Context, id uuid.UUID) (*DeliveryRecord, error) {
	var row deliveryRecordRow
	err := t.get(ctx, &row, deliveryQuery, pq.Array([]uuid.UUID{id}))
	if noRows(err) {
		return nil, ledger.Fail(ledger.RuleNotFound, "There is no such delivery.")
	}
	if err != nil {
		return nil, err
	}
	rec, err := row.record()
	if err == nil && !rec.ReversedOn.IsZero() {
		err = ledger.Fail(ledger.RuleAlreadyReversed, "Delivery %s was reversed on %s.", id, rec.ReversedOn)
	}
	return &rec, err
}

func (t *tx) revalueDelivery(ctx context.Context, id uuid.UUID, in ValuationInput) (*DeliveryRecord, error) {
	rec, err := t.delivery(ctx, id)
	if err != nil {
		return nil, err
	}
	var v ledger.Violations
	t.notInFuture(&v, "/effective_date", in.Date)
	t.notInFuture(&v, "/valued_on", in.ValuedOn)
	now := rec.Current()
	w := in.valuation(&v, rec.Quantity, now)
	if err := t.usd(ctx, &v, &w, now, rec.DeliveredOn, rec.Fund); err != nil {
		return nil, err
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	draft, err := ledger.RevalueDelivery(rec.Delivery, rec.Recognised, &w)
	if err != nil {
		return nil, err
	}
	if err := t.postValuation(&w, draft); err != nil {
		return nil, err
	}
	t.addValuation(uuid.Nil, 0, id, t.actor.ID, w)
	rec.Revaluations = append(rec.Revaluations, w)
	if w.Entry != uuid.Nil {
		rec.Entries = append(rec.Entries, w.Entry)
	}
	return rec, nil
}

// restoreItem brings the item that a reversed delivery had kept back to the value of what is promised again. The pledge was
// read before the reversal, so what comes back is added here.
func (t *tx) restoreItem(ctx context.Context, d *DeliveryRecord, in ReversalInput) error {
	if d.Pledge == uuid.Nil || d.Pledged.IsZero() {
		return nil
	}
	p, err := t.pledge(ctx, d.Pledge)
	if err != nil {
		return err
	}
	for _, l := range t.posting.Lines {
		if l.Account != string(ledger.InKindOutstanding) || l.PledgeID != p.ID.String() {
			continue
		}
		state := &p.State.Items[d.Item-1]
		state.Left.Amount = state.Left.Amount.Add(decimal.RequireFromString(l.Amount)) // our own lines of this write
		state.Left.USD = state.Left.USD.Add(decimal.RequireFromString(l.AmountUSD))
	}
	p.State.Items[d.Item-1].Delivered = p.State.Items[d.Item-1].Delivered.Sub(d.Pledged)
	draft := ledger.Restore(p.Pledge, &p.State, d.Item, in.Date, in.Reason)
	if len(draft.Lines) == 0 {
		return nil
	}
	_, err = t.post(draft)
	return err
}
