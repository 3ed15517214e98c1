package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// DeliveryRecord is a delivery as it stands in the books.
type DeliveryRecord struct {
	ledger.Delivery
	PledgeReference string
	Recognised      bool // as revenue and expense; otherwise disclosed only
	Entries         []uuid.UUID
	ReversedOn      ledger.Date // zero while the delivery stands
}

// deliveryQuery reads deliveries: $1 ids. Served by delivery_pkey, certification_pkey, valuation_delivery_id and
// journal_entry_delivery_id.
const deliveryQuery = `
SELECT d.id, d.contributor, d.fund, d.fund_year, d.pledge_id, coalesce(p.reference, '') AS pledge_reference,
       coalesce(d.item_number, 0) AS item_number, d.delivered_on, d.period_from, d.category, d.description, d.quantity,
       d.pledged_quantity, d.unit, d.currency, d.amount, d.amount_usd, d.rate, d.rate_date, coalesce(d.rate_source, '') AS rate_source,
       d.period_to, d.expert, coalesce(nullif(d.certified_by, ''), k.certified_by, '') AS certified_by, d.unit_amount, coalesce(d.declared_currency, '') AS declared_currency, d.declared_amount,
       d.valuation_basis, d.valuer, d.valued_on, d.evidence, d.evidence_sha256, d.note, d.recorded_at,
       (SELECT json_agg(w ORDER BY w.id)
        FROM (SELECT v.id, v.effective_date, v.quantity::text, v.currency, v.amount::text, v.amount_usd::text, v.rate::text, v.rate_date,
                     v.rate_source, v.unit_amount::text, v.declared_currency, v.declared_amount::text, v.valuation_basis, v.valuer,
                     v.valued_on, v.evidence, v.evidence_sha256, v.reason, v.entry_id, v.recorded_at
              FROM valuation v WHERE v.delivery_id = d.id) w) AS revaluations,
       EXISTS (SELECT FROM journal_entry e JOIN journal_line l ON l.entry_id = e.id
               WHERE e.delivery_id = d.id AND l.account IN ('4110', '4120')) AS recognised,
       (SELECT x.effective_date FROM journal_entry e JOIN journal_entry x ON x.reverses = e.id
        WHERE e.delivery_id = d.id AND e.kind = 'delivery' LIMIT 1) AS reversed_on,
       ARRAY(SELECT e.id::text FROM journal_entry e WHERE e.delivery_id = d.id ORDER BY e.id) AS entries
FROM delivery d LEFT JOIN pledge p ON p.id = d.pledge_id LEFT JOIN certification k ON k.delivery_id = d.id
WHERE d.id = ANY ($1)
ORDER BY d.delivered_on, d.id`

type deliveryRecordRow struct {
	ID               uuid.UUID
	Contributor      string
	Fund             string
	FundYear         int           `db:"fund_year"`
	PledgeID         uuid.NullUUID `db:"pledge_id"`
	PledgeReference  string        `db:"pledge_reference"`
	ItemNumber       int           `db:"item_number"`
	DeliveredOn      ledger.Date   `db:"delivered_on"`
	PeriodFrom       ledger.Date   `db:"period_from"`
	Category         string
	Description      string
	Quantity         decimal.Decimal
	PledgedQuantity  decimal.Decimal `db:"pledged_quantity"`
	Unit             string
	Currency         string
	Amount           decimal.Decimal
	AmountUSD        decimal.Decimal `db:"amount_usd"`
	Rate             decimal.NullDecimal
	RateDate         ledger.Date `db:"rate_date"`
	RateSource       string      `db:"rate_source"`
	PeriodTo         ledger.Date `db:"period_to"`
	Expert           string
	CertifiedBy      string              `db:"certified_by"`
	UnitAmount       decimal.NullDecimal `db:"unit_amount"`
	DeclaredCurrency string              `db:"declared_currency"`
	DeclaredAmount   decimal.NullDecimal `db:"declared_amount"`
	ValuationBasis   string              `db:"valuation_basis"`
	Valuer           string
	ValuedOn         ledger.Date `db:"valued_on"`
	Evidence         string
	EvidenceSHA256   string `db:"evidence_sha256"`
	Note             string
	Revaluations     []byte
	RecordedAt       time.Time `db:"recorded_at"`
	Recognised       bool
	ReversedOn       ledger.Date `db:"reversed_on"`
	Entries          pq.StringArray
}

func (r deliveryRecordRow) record() (DeliveryRecord, error) {
	currency := ledger.Currency(r.Currency)
	value := ledger.Converted{Money: ledger.Money{Amount: r.Amount, Currency: currency}, USD: r.AmountUSD}
	if r.Rate.Valid {
		value.Rate = ledger.Rate{Currency: currency, Date: r.RateDate, UnitsPerUSD: r.Rate.Decimal, Source: ledger.RateSource(r.RateSource)}
	}
	rec := DeliveryRecord{Delivery: ledger.Delivery{ID: r.ID, Contributor: ledger.ContributorCode(r.Contributor), Fund: ledger.FundCode(r.Fund),
		FundYear: r.FundYear, Pledge: r.PledgeID.UUID, Item: r.ItemNumber, DeliveredOn: r.DeliveredOn, PeriodFrom: r.PeriodFrom,
		Category: ledger.Category(r.Category), Description: r.Description, Quantity: r.Quantity, Pledged: r.PledgedQuantity, Unit: r.Unit,
		PeriodTo: r.PeriodTo, Expert: r.Expert, CertifiedBy: r.CertifiedBy, Value: value, Basis: ledger.ValuationBasis(r.ValuationBasis), Valuer: r.Valuer,
		ValuedOn: r.ValuedOn, Evidence: ledger.Evidence{Reference: r.Evidence, SHA256: r.EvidenceSHA256}, Note: r.Note, RecordedAt: r.RecordedAt.UTC()},
		PledgeReference: r.PledgeReference, Recognised: r.Recognised, ReversedOn: r.ReversedOn}
	if r.UnitAmount.Valid {
		rec.UnitValue = ledger.Money{Amount: r.UnitAmount.Decimal, Currency: currency}
	}
	if r.DeclaredAmount.Valid {
		rec.Declared = ledger.Money{Amount: r.DeclaredAmount.Decimal, Currency: ledger.Currency(r.DeclaredCurrency)}
	}
	for _, e := range r.Entries {
		rec.Entries = append(rec.Entries, uuid.MustParse(e)) // written by PostgreSQL from its uuid type
	}
	return rec, rec.readRevaluations(r.Revaluations)
}

// Delivery returns a delivery by its id.
// Errors: [ledger.RuleNotFound].
func (s *Store) Delivery(ctx context.Context, id uuid.UUID) (DeliveryRecord, error) {
	var row deliveryRecordRow
	err := s.get(ctx, &row, deliveryQuery, pq.Array([]uuid.UUID{id}))
	if noRows(err) {
		return DeliveryRecord{}, ledger.Fail(ledger.RuleNotFound, "There is no such delivery.")
	}
	if err != nil {
		return DeliveryRecord{}, err
	}
	return row.record()
}

// DeliveryFilter narrows a list of deliveries; empty fields do not.
type DeliveryFilter struct {
	Contributor ledger.ContributorCode
	Fund        ledger.FundCode
	Pledge      uuid.UUID
	From, To    ledger.Date   // delivered on, both included
	During      ledger.Period // given on one of its days, from the first day of the service to the last
	Uncertified bool          // only what stands and nobody has confirmed
}

// DeliveryKey is where a list of deliveries goes on: after the delivery with this date and id.
type DeliveryKey struct {
	DeliveredOn ledger.Date
	ID          uuid.UUID
}

// Deliveries lists deliveries by date, after the given one.
func (s *Store) Deliveries(ctx context.Context, f DeliveryFilter, after DeliveryKey, limit int) ([]DeliveryRecord, error) {
	var ids []uuid.UUID
	err := s.selectRows(ctx, &ids, `
		SELECT id FROM delivery
		WHERE (delivered_on, id) > (coalesce($1::date, '-infinity'), $2) AND ($3 = '' OR contributor = $3) AND ($4 = '' OR fund = $4)
		  AND ($5 = '00000000-0000-0000-0000-000000000000'::uuid OR pledge_id = $5)
		  AND delivered_on BETWEEN coalesce($6::date, '-infinity') AND coalesce($7::date, 'infinity')
		  AND coalesce(period_from, delivered_on) <= coalesce($9::date, 'infinity') AND coalesce(period_to, delivered_on) >= coalesce($8::date, '-infinity')
		  AND (NOT $10 OR certified_by = '' AND NOT EXISTS (SELECT FROM certification k WHERE k.delivery_id = delivery.id)
		                  AND NOT EXISTS (SELECT FROM journal_entry e JOIN journal_entry x ON x.reverses = e.id WHERE e.delivery_id = delivery.id AND e.kind = 'delivery'))
		ORDER BY delivered_on, id LIMIT $11`, after.DeliveredOn, after.ID, f.Contributor, f.Fund, f.Pledge, f.From, f.To, f.During.From, f.During.To, f.Uncertified, limit)
	if err != nil {
		return nil, err
	}
	var rows []deliveryRecordRow
	if err := s.selectRows(ctx, &rows, deliveryQuery, pq.Array(ids)); err != nil {
		return nil, err
	}
	list := make([]DeliveryRecord, len(rows))
	for i, row := range rows {
		if list[i], err = row.record(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// DeliveryInput is goods or services that were provided. With a pledge, the contributor, the fund and the item's words
// may be left out: the pledge has them.
type DeliveryInput struct {
	Pledge      uuid.UUID
	Item        int // of the pledge; zero for its only item
	Contributor ledger.ContributorCode
	Fund        ledger.FundCode
	FundYear    int
	DeliveredOn ledger.Date
	PeriodFrom  ledger.Date
	PeriodTo    ledger.Date
	Expert      string
	CertifiedBy string
	Category    ledger.Category
	Description string
	Quantity    decimal.Decimal
	Unit        string
	Value       *ledger.Money   // assessed, of the whole quantity; nil for the pledge's value by quantity
	UnitValue   *ledger.Money   // assessed, of one unit
	Declared    *ledger.Money   // by the donor, of the whole quantity; nil for the pledge's by quantity
	USD         decimal.Decimal // stated; zero for the rate in force
	Basis       ledger.ValuationBasis
	Valuer      string
	ValuedOn    ledger.Date
	Surplus     bool // more than the pledge promises is meant
	Evidence    ledger.Evidence
	Note        string
}

// RecordDelivery records goods or services that were provided.
// Errors: [ledger.RuleContributorUnknown], [ledger.RuleFundUnknown], [ledger.RulePledgeUnknown],
// [ledger.RuleItemUnknown], [ledger.RuleRateMissing] and those of [ledger.Deliver].
func (s *Store) RecordDelivery(ctx context.Context, c Command, in DeliveryInput) (Answer, error) {
	var locks []lockID
	if in.Pledge != uuid.Nil {
		locks = pledgeLocks(in.Pledge)
	}
	return s.write(ctx, c, locks, func(ctx context.Context, t *tx) (any, error) { return t.recordDelivery(ctx, in) })
}

func (t *tx) recordDelivery(ctx context.Context, in DeliveryInput) (*DeliveryRecord, error) {
	var v ledger.Violations
	t.notInFuture(&v, "/delivered_on", in.DeliveredOn)
	var p *PledgeRecord
	if in.Pledge != uuid.Nil {
		found, err := t.pledges(ctx, []uuid.UUID{in.Pledge})
		if err != nil {
			return nil, err
		}
		if p = found[in.Pledge]; p == nil {
			v.Add("/pledge", ledger.RulePledgeUnknown, "There is no pledge %s.", in.Pledge)
			return nil, v.Err()
		}
		if in.Contributor != "" { // a survivor delivers what a record merged into it pledged
			same, err := t.sameGiver(ctx, in.Contributor, p.Contributor)
			if err != nil {
				return nil, err
			}
			if same {
				in.Contributor = ""
			}
		}
		in.takeFrom(p, &v)
		if err := v.Err(); err != nil {
			return nil, err
		}
	}
	w := in.settle(&v, p)
	in.require(&v, w)
	t.notInFuture(&v, "/valued_on", in.ValuedOn)
	if err := t.checkUnit(ctx, &v, "/unit", in.Unit); err != nil {
		return nil, err
	}
	n := named{fund: in.Fund, on: in.DeliveredOn, currency: w.Value.Currency}
	if p == nil {
		n.contributor = in.Contributor // a merged one may still keep its pledges
	}
	ref, err := t.resolve(ctx, &v, n)
	if err != nil {
		return nil, err
	}
	var value ledger.Converted
	if w.Value.Currency != "" {
		value = ref.convert(&v, "/value", w.Value.Money, in.USD)
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	id, err := newID()
	if err != nil {
		return nil, err
	}
	if in.FundYear == 0 {
		in.FundYear = in.DeliveredOn.Year()
	}
	d := ledger.Delivery{ID: id, Contributor: in.Contributor, Fund: in.Fund, FundYear: in.FundYear, Pledge: in.Pledge, Item: in.Item,
		DeliveredOn: in.DeliveredOn, PeriodFrom: in.PeriodFrom, Category: in.Category, Description: in.Description, Quantity: in.Quantity,
		Unit: in.Unit, PeriodTo: in.PeriodTo, Expert: in.Expert, CertifiedBy: in.CertifiedBy, Value: value, UnitValue: w.UnitValue, Declared: w.Declared,
		Basis: w.Basis, Valuer: in.Valuer, ValuedOn: in.ValuedOn, Evidence: in.Evidence, Note: in.Note, RecordedAt: t.now}
	return t.deliver(d, ref.policies.Services, p, in.Surplus)
}

// deliver posts a delivery and adds it to what is inserted.
func (t *tx) deliver(d ledger.Delivery, policy ledger.ServicesPolicy, p *PledgeRecord, surplus bool) (*DeliveryRecord, error) {
	rec := &DeliveryRecord{}
	var pledge *ledger.Pledge
	var state *ledger.PledgeState
	if p != nil {
		pledge, state, rec.PledgeReference = &p.Pledge, &p.State, p.Reference
	}
	drafts, kept, err := ledger.Deliver(d, policy, pledge, state, surplus)
	if err != nil {
		return nil, err
	}
	d.Pledged = kept
	if rec.Entries, err = t.post(drafts...); err != nil {
		return nil, err
	}
	rec.Delivery, rec.Recognised = d, !drafts[0].Lines[0].Account.Memorandum()
	t.addDelivery(d, t.actor.ID)
	return rec, nil
}

// takeFrom fills in from the pledge what the request left out, and refuses what contradicts it.
func (in *DeliveryInput) takeFrom(p *PledgeRecord, v *ledger.Violations) {
	if p.Form != ledger.InKind {
		v.Add("/pledge", ledger.RulePledgeForm, "Pledge %s is of cash: it is kept by receipts.", p.Reference)
		return
	}
	if in.Item == 0 && len(p.Items) == 1 {
		in.Item = 1
	}
	if in.Item < 1 || in.Item > len(p.Items) {
		v.Add("/item", ledger.RuleItemUnknown, "Pledge %s has the items 1 to %d.", p.Reference, len(p.Items))
		return
	}
	if in.Contributor != "" && in.Contributor != p.Contributor {
		v.Add("/contributor", ledger.RuleContributorMismatch, "Pledge %s is %s's.", p.Reference, p.Contributor)
	}
	if in.Fund != "" && in.Fund != p.Fund {
		v.Add("/fund", ledger.RuleFundMismatch, "Pledge %s is to %s.", p.Reference, p.Fund)
	}
	item := p.Items[in.Item-1]
	if in.Unit != "" && in.Unit != item.Unit {
		v.Add("/unit", ledger.RulePledgeForm, "The item is pledged by the %s.", item.Unit)
	}
	in.Contributor, in.Fund, in.Unit = p.Contributor, p.Fund, item.Unit
	if in.FundYear == 0 {
		in.FundYear = p.FundYear
	}
	if in.Category == "" {
		in.Category = item.Category
	}
	if in.Description == "" {
		in.Description = item.Description
	}
}

// require names what a delivery without a pledge must say itself.
func (in *DeliveryInput) require(v *ledger.Violations, w ledger.Valuation) {
	for pointer, value := range map[string]string{"/contributor": string(in.Contributor), "/fund": string(in.Fund), "/category": string(in.Category),
		"/description": in.Description, "/unit": in.Unit, "/valuation_basis": string(w.Basis)} {
		if value == "" {
			v.Add(pointer, ledger.RuleRequired, "A delivery without a pledge says this itself.")
		}
	}
	if w.Value.Currency == "" {
		v.Add("/value", ledger.RuleRequired, "A delivery without a pledge says its value; zero is a value.")
	}
}

// CertifyDelivery records who confirmed that a delivery was given, where that was not known as it was recorded.
// Errors: [ledger.RuleNotFound], [ledger.RuleAlreadyReversed], [ledger.RuleDeliveryCertified].
func (s *Store) CertifyDelivery(ctx context.Context, c Command, id uuid.UUID, by, note string) (Answer, error) {
	return s.write(ctx, c, []lockID{{lockReceipt, id.String()}}, func(ctx context.Context, t *tx) (any, error) {
		rec, err := t.delivery(ctx, id)
		if err != nil {
			return nil, err
		}
		if rec.CertifiedBy != "" {
			return nil, ledger.Fail(ledger.RuleDeliveryCertified, "%s certified the delivery.", rec.CertifiedBy)
		}
		rec.CertifiedBy = by
		return rec, t.exec(ctx, `INSERT INTO certification (delivery_id, certified_by, note, actor_id) VALUES ($1, $2, $3, $4)`, id, by, note, t.actor.ID)
	})
}

// ReverseDelivery reverses every entry of a delivery that stands, its revaluations included, and brings the promise that it
// kept back at the value at which the item stands by now.
// Errors: [ledger.RuleNotFound], [ledger.RuleAlreadyReversed], [ledger.RuleDateOrder], [ledger.RulePeriodClosed].
func (s *Store) ReverseDelivery(ctx context.Context, c Command, id uuid.UUID, in ReversalInput) (Answer, error) {
	return s.submit(ctx, c, &deliveryReversal{id, in})
}

func (t *tx) reverseDelivery(ctx context.Context, id uuid.UUID, in ReversalInput) (*DeliveryRecord, error) {
	rec, err := t.delivery(ctx, id)
	if err != nil {
		return nil, err
	}
	ids, err := t.reverseAll(ctx, `SELECT id FROM journal_entry WHERE delivery_id = $1`, id, in)
	if err != nil {
		return nil, err
	}
	rec.ReversedOn, rec.Entries = in.Date, append(rec.Entries, ids...)
	return rec, t.restoreItem(ctx, rec, in)
}
