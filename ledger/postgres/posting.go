package postgres

import (
	"encoding/json"
	"reflect"
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// posting is what one write inserts, as the document that insert_posting.sql reads: a list of rows for each table. An
// empty string is NULL where the column allows it; amounts are strings, so that no float comes near them.
type posting struct {
	Keys        []keyRow        `json:"keys,omitempty"`
	Audit       []auditRow      `json:"audit,omitempty"`
	Pledges     []pledgeRow     `json:"pledges,omitempty"`
	Items       []itemRow       `json:"items,omitempty"`
	Receipts    []receiptRow    `json:"receipts,omitempty"`
	Deliveries  []deliveryRow   `json:"deliveries,omitempty"`
	Entries     []entryRow      `json:"entries,omitempty"`
	Lines       []lineRow       `json:"lines,omitempty"`
	Legs        []legRow        `json:"legs,omitempty"`
	LegItems    []legItemRow    `json:"leg_items,omitempty"`
	Instalments []instalmentRow `json:"instalments,omitempty"`
	Conditions  []conditionRow  `json:"conditions,omitempty"`
	Fulfilments []fulfilmentRow `json:"fulfilments,omitempty"`
	Allocations []allocationRow `json:"allocations,omitempty"`
	Refunds     []refundRow     `json:"refunds,omitempty"`
	Payments    []paymentRow    `json:"payments,omitempty"`
	Approvals   []approvalRow   `json:"approvals,omitempty"`
	Decisions   []decisionRow   `json:"decisions,omitempty"`
	Acceptances []acceptanceRow `json:"acceptances,omitempty"`
	Valuations  []valuationRow  `json:"valuations,omitempty"`
	Newness     []newnessRow    `json:"newness,omitempty"`

	Expenditures []expenditureRow `json:"expenditures,omitempty"`
	Shares       []shareRow       `json:"shares,omitempty"`
	Interest     []interestRow    `json:"interest,omitempty"`
}

// lists returns the names of the lists that are not empty, as the document has them.
func (p posting) lists() map[string]bool {
	has := map[string]bool{}
	v := reflect.ValueOf(p)
	for i := range v.NumField() {
		if v.Field(i).Len() > 0 {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			has[name] = true
		}
	}
	return has
}

type keyRow struct {
	ActorID     int64  `json:"actor_id"`
	Key         string `json:"key"`
	RequestHash string `json:"request_hash"` // hexadecimal
	Status      int    `json:"status"`
	Location    string `json:"location"`
	Body        string `json:"body"`
}

type pledgeRow struct {
	ID          uuid.UUID `json:"id"`
	Reference   string    `json:"reference"`
	Form        string    `json:"form"`
	Contributor string    `json:"contributor"`
	Fund        string    `json:"fund"`
	FundYear    int       `json:"fund_year"`
	Recognition string    `json:"recognition"`
	Note        string    `json:"note"`
	ActorID     int64     `json:"actor_id"`
}

// worth is a converted amount as the tables keep it.
type worth struct {
	Currency   string `json:"currency"`
	Amount     string `json:"amount"`
	AmountUSD  string `json:"amount_usd"`
	Rate       string `json:"rate"`
	RateDate   string `json:"rate_date"`
	RateSource string `json:"rate_source"`
}

func worthOf(c ledger.Converted) worth {
	w := worth{Currency: string(c.Currency), Amount: c.Fixed(), AmountUSD: ledger.Dollars(c.USD).Fixed()}
	if c.Currency != ledger.USD && c.Rate.UnitsPerUSD.IsPositive() {
		w.Rate, w.RateDate, w.RateSource = c.Rate.UnitsPerUSD.String(), c.Rate.Date.String(), string(c.Rate.Source)
	}
	return w
}

type itemRow struct {
	PledgeID    uuid.UUID `json:"pledge_id"`
	Number      int       `json:"number"`
	Category    string    `json:"category"`
	Description string    `json:"description"`
	Quantity    string    `json:"quantity"`
	Unit        string    `json:"unit"`
	valued
	worth
}

type receiptRow struct {
	ID            uuid.UUID `json:"id"`
	BankAccount   string    `json:"bank_account"`
	BankReference string    `json:"bank_reference"`
	ValueDate     string    `json:"value_date"`
	Contributor   string    `json:"contributor"`
	Fund          string    `json:"fund"`
	FundYear      int       `json:"fund_year"`
	Charges       string    `json:"charges"`
	Credited      string    `json:"credited"`
	Payer         string    `json:"payer"`
	Instrument    string    `json:"instrument"`
	Note          string    `json:"note"`
	Replaces      string    `json:"replaces"`
	ActorID       int64     `json:"actor_id"`
	worth
}

type deliveryRow struct {
	ID          uuid.UUID `json:"id"`
	Contributor string    `json:"contributor"`
	Fund        string    `json:"fund"`
	FundYear    int       `json:"fund_year"`
	PledgeID    string    `json:"pledge_id"`
	ItemNumber  string    `json:"item_number"`
	DeliveredOn string    `json:"delivered_on"`
	PeriodFrom  string    `json:"period_from"`
	Category    string    `json:"category"`
	Description string    `json:"description"`
	Quantity    string    `json:"quantity"`
	Pledged     string    `json:"pledged_quantity"`
	PeriodTo    string    `json:"period_to"`
	Expert      string    `json:"expert"`
	CertifiedBy string    `json:"certified_by"`
	Unit        string    `json:"unit"`
	Note        string    `json:"note"`
	ActorID     int64     `json:"actor_id"`
	valued
	worth
}

type entryRow struct {
	ID             uuid.UUID `json:"id"`
	Kind           string    `json:"kind"`
	EffectiveDate  string    `json:"effective_date"`
	ActorID        int64     `json:"actor_id"`
	IdempotencyKey string    `json:"idempotency_key"`
	Description    string    `json:"description"`
	Reason         string    `json:"reason"`
	Reverses       string    `json:"reverses"`
	PledgeID       string    `json:"pledge_id"`
	ReceiptID      string    `json:"receipt_id"`
	DeliveryID     string    `json:"delivery_id"`
	Document       string    `json:"document"`
	OriginalDate   string    `json:"original_date"`
	ApprovalID     string    `json:"approval_id"`
	ExpenditureID  string    `json:"expenditure_id"`
}

type lineRow struct {
	EntryID       uuid.UUID `json:"entry_id"`
	Number        int       `json:"number"`
	EffectiveDate string    `json:"effective_date"`
	Account       string    `json:"account"`
	Fund          string    `json:"fund"`
	Contributor   string    `json:"contributor"`
	BankAccount   string    `json:"bank_account"`
	PledgeID      string    `json:"pledge_id"`
	ItemNumber    string    `json:"item_number"`
	ReceiptID     string    `json:"receipt_id"`
	worth
}

type legRow struct {
	ID            uuid.UUID `json:"id"`
	PledgeID      uuid.UUID `json:"pledge_id"`
	Kind          string    `json:"kind"`
	EffectiveDate string    `json:"effective_date"`
	Document      string    `json:"document"`
	Instrument    string    `json:"instrument"`
	Reason        string    `json:"reason"`
	EntryID       string    `json:"entry_id"`
	ActorID       int64     `json:"actor_id"`
	worth
}

type legItemRow struct {
	EventID    uuid.UUID `json:"event_id"`
	PledgeID   uuid.UUID `json:"pledge_id"`
	ItemNumber int       `json:"item_number"`
	Quantity   string    `json:"quantity"`
}

type instalmentRow struct {
	PledgeID uuid.UUID `json:"pledge_id"`
	Number   int       `json:"number"`
	EventID  uuid.UUID `json:"event_id"`
	DueOn    string    `json:"due_on"`
	Currency string    `json:"currency"`
	Amount   string    `json:"amount"`
}

type conditionRow struct {
	EventID     uuid.UUID `json:"event_id"`
	Number      int       `json:"number"`
	PledgeID    uuid.UUID `json:"pledge_id"`
	Description string    `json:"description"`
	Currency    string    `json:"currency"`
	Amount      string    `json:"amount"`
}

type fulfilmentRow struct {
	ID            uuid.UUID `json:"id"`
	EventID       uuid.UUID `json:"event_id"`
	Number        int       `json:"number"`
	EffectiveDate string    `json:"effective_date"`
	MetBy         string    `json:"met_by"`
	Evidence      string    `json:"evidence"`
	SHA256        string    `json:"sha256"`
	EntryID       string    `json:"entry_id"`
	ActorID       int64     `json:"actor_id"`
}

type allocationRow struct {
	ID            uuid.UUID `json:"id"`
	ReceiptID     uuid.UUID `json:"receipt_id"`
	Contributor   string    `json:"contributor"`
	Fund          string    `json:"fund"`
	FundYear      int       `json:"fund_year"`
	PledgeID      string    `json:"pledge_id"`
	Instalment    string    `json:"instalment"`
	EffectiveDate string    `json:"effective_date"`
	Currency      string    `json:"currency"`
	Amount        string    `json:"amount"`
	AmountUSD     string    `json:"amount_usd"`
	EntryID       uuid.UUID `json:"entry_id"`
	ActorID       int64     `json:"actor_id"`
}

type refundRow struct {
	ID            uuid.UUID `json:"id"`
	ReceiptID     uuid.UUID `json:"receipt_id"`
	Source        string    `json:"source"`
	Contributor   string    `json:"contributor"`
	Fund          string    `json:"fund"`
	PledgeID      string    `json:"pledge_id"`
	EffectiveDate string    `json:"effective_date"`
	Currency      string    `json:"currency"`
	Amount        string    `json:"amount"`
	AmountUSD     string    `json:"amount_usd"`
	Reason        string    `json:"reason"`
	Document      string    `json:"document"`
	EntryID       uuid.UUID `json:"entry_id"`
	ActorID       int64     `json:"actor_id"`
}

type paymentRow struct {
	ID            uuid.UUID `json:"id"`
	RefundID      uuid.UUID `json:"refund_id"`
	BankAccount   string    `json:"bank_account"`
	BankReference string    `json:"bank_reference"`
	ValueDate     string    `json:"value_date"`
	EntryID       uuid.UUID `json:"entry_id"`
	ActorID       int64     `json:"actor_id"`
}

type approvalRow struct {
	ID        uuid.UUID       `json:"id"`
	Kind      string          `json:"kind"`
	Subject   string          `json:"subject"`
	Funds     []string        `json:"funds"`
	Request   json.RawMessage `json:"request"`
	Drafts    json.RawMessage `json:"drafts"`
	AmountUSD string          `json:"amount_usd"`
	Reason    string          `json:"reason"`
	ActorID   int64           `json:"actor_id"`
}

type decisionRow struct {
	ApprovalID uuid.UUID `json:"approval_id"`
	Decision   string    `json:"decision"`
	Reason     string    `json:"reason"`
	ActorID    int64     `json:"actor_id"`
}

// optional returns an identifier as a column that may be NULL takes it.
func optional(id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	return id.String()
}

// number returns the number of an item or an instalment as a column that may be NULL takes it.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return decimal.NewFromInt(int64(n)).String()
}

func (p *posting) addEntry(id uuid.UUID, actor int64, key string, d ledger.Draft) {
	p.Entries = append(p.Entries, entryRow{ID: id, Kind: string(d.Kind), EffectiveDate: d.EffectiveDate.String(), ActorID: actor,
		IdempotencyKey: key, Description: d.Description, Reason: d.Reason, Document: d.Document, Reverses: optional(d.Reverses),
		PledgeID: optional(d.Subject.Pledge), ReceiptID: optional(d.Subject.Receipt), DeliveryID: optional(d.Subject.Delivery),
		ExpenditureID: optional(d.Subject.Expenditure)})
	for i, l := range d.Lines {
		p.Lines = append(p.Lines, lineRow{EntryID: id, Number: i + 1, EffectiveDate: d.EffectiveDate.String(), Account: string(l.Account),
			Fund: string(l.Fund), Contributor: string(l.Contributor), BankAccount: string(l.BankAccount), PledgeID: optional(l.Pledge),
			ItemNumber: number(l.Item), ReceiptID: optional(l.Receipt), worth: worthOf(l.Converted)})
	}
}

func (p *posting) addPledge(pl ledger.Pledge, actor int64) {
	p.Pledges = append(p.Pledges, pledgeRow{ID: pl.ID, Reference: pl.Reference, Form: string(pl.Form), Contributor: string(pl.Contributor),
		Fund: string(pl.Fund), FundYear: pl.FundYear, Recognition: string(pl.Recognition), Note: pl.Note, ActorID: actor})
	for _, i := range pl.Items {
		p.Items = append(p.Items, itemRow{PledgeID: pl.ID, Number: i.Number, Category: string(i.Category), Description: i.Description,
			Quantity: i.Quantity.String(), Unit: i.Unit, valued: valuedOf(i.History()[0]), worth: worthOf(i.Value)})
	}
}

// addLeg adds a leg; one in kind has no amount of its own, only the USD that its items add up to.
func (p *posting) addLeg(pledge uuid.UUID, actor int64, l ledger.Leg) {
	row := legRow{ID: l.ID, PledgeID: pledge, Kind: string(l.Kind), EffectiveDate: l.Date.String(), Document: l.Document,
		Instrument: l.Instrument, Reason: l.Reason, EntryID: optional(l.Entry), ActorID: actor, worth: worthOf(l.Converted)}
	if l.Currency == "" {
		row.Amount = ""
	}
	p.Legs = append(p.Legs, row)
	for _, i := range l.Instalments {
		p.Instalments = append(p.Instalments, instalmentRow{PledgeID: pledge, Number: i.Number, EventID: l.ID, DueOn: i.DueOn.String(), Currency: string(i.Currency),
			Amount: i.Fixed()})
	}
	for _, c := range l.Conditions {
		p.Conditions = append(p.Conditions, conditionRow{EventID: l.ID, Number: c.Number, PledgeID: pledge, Description: c.Description,
			Currency: string(c.Currency), Amount: c.Fixed()})
	}
	if l.Acceptance.By != "" {
		p.addAcceptance(l.ID, l.Acceptance)
	}
	for i, q := range l.Accepted {
		p.LegItems = append(p.LegItems, legItemRow{EventID: l.ID, PledgeID: pledge, ItemNumber: i + 1, Quantity: q.String()})
	}
}

func (p *posting) addReceipt(r ledger.Receipt, actor int64) {
	p.Receipts = append(p.Receipts, receiptRow{ID: r.ID, BankAccount: string(r.BankAccount), BankReference: r.BankReference,
		ValueDate: r.ValueDate.String(), Contributor: string(r.Contributor), Fund: string(r.Fund), FundYear: r.FundYear,
		Charges: ledger.Money{Amount: r.Charges.Amount, Currency: r.Amount.Currency}.Fixed(), Credited: r.Credited.Fixed(), Payer: r.Payer,
		Instrument: r.Instrument, Note: r.Note, Replaces: optional(r.Replaces), ActorID: actor, worth: worthOf(r.Amount)})
}

func (p *posting) addAllocation(a ledger.Allocation, actor int64) {
	p.Allocations = append(p.Allocations, allocationRow{ID: a.ID, ReceiptID: a.Receipt, Contributor: string(a.Contributor), Fund: string(a.Fund),
		FundYear: a.FundYear, PledgeID: optional(a.Pledge), Instalment: number(a.Instalment), EffectiveDate: a.EffectiveDate.String(), Currency: string(a.Currency),
		Amount: a.Fixed(), AmountUSD: ledger.Dollars(a.USD).Fixed(), EntryID: a.Entry, ActorID: actor})
}

func (p *posting) addRefund(f ledger.Refund, actor int64) {
	p.Refunds = append(p.Refunds, refundRow{ID: f.ID, ReceiptID: f.Receipt, Source: string(f.Source), Contributor: string(f.Contributor), Fund: string(f.Fund),
		PledgeID: optional(f.Pledge), EffectiveDate: f.Date.String(), Currency: string(f.Currency), Amount: f.Fixed(),
		AmountUSD: ledger.Dollars(f.USD).Fixed(), Reason: f.Reason, Document: f.Document, EntryID: f.Entry, ActorID: actor})
}

func (p *posting) addDelivery(d ledger.Delivery, actor int64) {
	p.Deliveries = append(p.Deliveries, deliveryRow{ID: d.ID, Contributor: string(d.Contributor), Fund: string(d.Fund), FundYear: d.FundYear,
		PledgeID: optional(d.Pledge), ItemNumber: number(d.Item), DeliveredOn: d.DeliveredOn.String(), PeriodFrom: d.PeriodFrom.String(),
		PeriodTo: d.PeriodTo.String(), Expert: d.Expert, CertifiedBy: d.CertifiedBy, Category: string(d.Category), Description: d.Description,
		Quantity: d.Quantity.String(), Pledged: d.Pledged.String(), Unit: d.Unit, Note: d.Note, ActorID: actor,
		valued: valuedOf(d.History()[0]), worth: worthOf(d.Value)})
}
