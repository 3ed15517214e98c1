package reports

import (
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// movedRow is what a pledge had outstanding before the period, or what an entry of it moved.
type movedRow struct {
	ID            uuid.UUID // of the pledge
	ItemNumber    int       `db:"item_number"`
	Account       ledger.AccountCode
	Currency      ledger.Currency
	Kind          ledger.EntryKind
	Before        bool
	Released      bool
	Recognition   ledger.Recognition
	EntryID       *uuid.UUID  `db:"entry_id"` // null before the period
	EffectiveDate ledger.Date `db:"effective_date"`
	Reversal      bool
	Amount        decimal.Decimal
	AmountUSD     decimal.Decimal `db:"amount_usd"`
}

// pledgeRow is a pledge as it stood on the last day.
type pledgeRow struct {
	ID           uuid.UUID
	Contributor  ledger.ContributorCode
	Reference    string
	Form         ledger.Form
	Fund         ledger.FundCode
	FundYear     int         `db:"fund_year"`
	AnnouncedOn  ledger.Date `db:"announced_on"`
	AgreedOn     ledger.Date `db:"agreed_on"`
	CancelledOn  ledger.Date `db:"cancelled_on"`
	WrittenOffOn ledger.Date `db:"written_off_on"`
	Kept         bool
}

// promise is a pledge as its lines tell of it.
type promise struct {
	pledgeRow
	state ledger.PledgeState
	parts []*promisePart
}

// promisePart is what a pledge promises in one currency or, in kind, of one item.
type promisePart struct {
	item        int
	currency    ledger.Currency
	amount, usd totals
	movements   []PledgeMovement
}

// stands reports whether the part has anything to tell of the period.
func (p *promisePart) stands() bool {
	return len(p.movements) > 0 || !p.amount[opening].IsZero() || !p.usd[opening].IsZero()
}

func (p *promise) part(item int, c ledger.Currency) *promisePart {
	for _, part := range p.parts {
		if part.item == item && part.currency == c {
			return part
		}
	}
	part := &promisePart{item: item, currency: c}
	p.parts = append(p.parts, part)
	return part
}

// add counts what was outstanding, or what an entry moved.
func (p *promise) add(r movedRow) {
	switch r.Account {
	case ledger.PledgesAnnounced:
		p.state.Announced.Amount = p.state.Announced.Amount.Add(r.Amount)
	case ledger.Receivable:
		p.state.Receivable.Amount = p.state.Receivable.Amount.Add(r.Amount)
	}
	part, did := p.part(r.ItemNumber, r.Currency), r.movement()
	part.amount.add(did, r.Amount)
	part.usd.add(did, r.AmountUSD)
	if r.EntryID != nil {
		part.move(r)
	}
}

func (r movedRow) movement() movement {
	return moved{r.Kind, r.Before, r.Released, r.Recognition}.movement()
}

// move adds what an entry of the period did; its lines on several accounts are one movement.
func (p *promisePart) move(r movedRow) {
	v := value(r.Amount, r.Currency, r.AmountUSD)
	if n := len(p.movements); n > 0 && p.movements[n-1].Entry == *r.EntryID {
		p.movements[n-1].Amount = p.movements[n-1].Amount.plus(v)
		return
	}
	p.movements = append(p.movements, PledgeMovement{Entry: *r.EntryID, Date: Date{r.EffectiveDate}, Kind: r.Kind, Reversal: r.Reversal, Amount: v})
}

// running returns the movements with the balance after each.
func (p *promisePart) running() []PledgeMovement {
	balance := value(p.amount[opening], p.currency, p.usd[opening])
	for i := range p.movements {
		balance = balance.plus(p.movements[i].Amount)
		p.movements[i].Balance = balance
	}
	if p.movements == nil {
		return []PledgeMovement{}
	}
	return p.movements
}

type itemRow struct {
	PledgeID         uuid.UUID `db:"pledge_id"`
	Number           int
	Category         ledger.Category
	Description      string
	Unit             string
	ValuationBasis   ledger.ValuationBasis `db:"valuation_basis"`
	Currency         ledger.Currency
	Assessed         decimal.Decimal
	AssessedUSD      decimal.Decimal     `db:"assessed_usd"`
	DeclaredCurrency ledger.Currency     `db:"declared_currency"`
	DeclaredAmount   decimal.NullDecimal `db:"declared_amount"`
	UnitAmount       decimal.Decimal     `db:"unit_amount"`
	Valuer           string
	ValuedOn         ledger.Date         `db:"valued_on"`
	AcceptedBy       string              `db:"accepted_by"`
	CostCurrency     ledger.Currency     `db:"cost_currency"`
	CostAmount       decimal.NullDecimal `db:"cost_amount"`
	Offered          decimal.Decimal
	Accepted         decimal.NullDecimal
	Delivered        decimal.Decimal
	Promised         decimal.Decimal // announced and agreed up to the last day
	PromisedUSD      decimal.Decimal `db:"promised_usd"`
}

// movedOf returns what statementMoved asks for.
func (b *statementBuild) movedOf() []any {
	return []any{pq.Array(b.codes), b.request.Fund, b.request.Period.From, b.end, knownAt(b.snap), b.closing.Event, b.closing.LastDay}
}

// readPledges reads the pledges of cash, and where there are any, of items in kind.
func (b *statementBuild) readPledges() error {
	rows, err := read[movedRow](b.ctx, b.snap, "movements of pledges", statementMoved, b.movedOf()...)
	if err != nil || len(rows) == 0 {
		return err
	}
	did := map[uuid.UUID][]movedRow{}
	for _, r := range rows {
		did[r.ID] = append(did[r.ID], r)
	}
	pledges, err := read[pledgeRow](b.ctx, b.snap, "pledges", statementPledges, pq.Array(slices.Collect(maps.Keys(did))), b.end, knownAt(b.snap))
	if err != nil {
		return err
	}
	items, err := b.readItems(pledges)
	if err != nil {
		return err
	}
	for _, r := range pledges {
		p := &promise{pledgeRow: r, state: ledger.PledgeState{AnnouncedOn: r.AnnouncedOn, AgreedOn: r.AgreedOn, CancelledOn: r.CancelledOn,
			LastWriteOff: r.WrittenOffOn, Kept: r.Kept}}
		for _, m := range did[r.ID] {
			p.add(m)
		}
		if p.Form == ledger.InKind {
			b.addItems(p, items[p.ID])
		} else {
			b.addPledge(p)
		}
	}
	return nil
}

// readItems reads the items of those of the pledges that are in kind, by pledge.
func (b *statementBuild) readItems(pledges []pledgeRow) (map[uuid.UUID][]itemRow, error) {
	var ids []uuid.UUID
	for _, p := range pledges {
		if p.Form == ledger.InKind {
			ids = append(ids, p.ID)
		}
	}
	if ids == nil {
		return nil, nil
	}
	rows, err := read[itemRow](b.ctx, b.snap, "items", statementItems, pq.Array(ids), b.end, knownAt(b.snap))
	items := map[uuid.UUID][]itemRow{}
	for _, r := range rows {
		items[r.PledgeID] = append(items[r.PledgeID], r)
	}
	return items, err
}

func (b *statementBuild) addPledge(p *promise) {
	for _, part := range p.parts {
		if !part.stands() {
			continue
		}
		b.Pledges = append(b.Pledges, PledgeLine{ID: p.ID, Contributor: b.other(p.Contributor), Reference: p.Reference, Fund: p.Fund, FundYear: p.FundYear, Stage: p.state.Stage(),
			AnnouncedOn: Date{p.AnnouncedOn}, AgreedOn: Date{p.AgreedOn}, Currency: part.currency,
			Amounts: part.amount.cash(part.currency), USD: part.usd.cash(ledger.USD), Movements: part.running()})
		b.sums.pledge(p.Fund, part)
	}
}

func (b *statementBuild) addItems(p *promise, items []itemRow) {
	for _, i := range items {
		accepted := i.Offered
		if i.Accepted.Valid {
			accepted = i.Accepted.Decimal
		}
		p.state.Items = append(p.state.Items, ledger.ItemState{Accepted: accepted, Delivered: i.Delivered})
	}
	for _, i := range items {
		part := p.part(i.Number, i.Currency)
		if !part.stands() {
			continue
		}
		line := ItemLine{PledgeID: p.ID, Contributor: b.other(p.Contributor), Pledge: p.Reference, Fund: p.Fund, FundYear: p.FundYear, Stage: p.state.Stage(),
			AnnouncedOn: Date{p.AnnouncedOn}, AgreedOn: Date{p.AgreedOn}, Number: i.Number, Category: i.Category, Description: i.Description,
			Unit: i.Unit, Basis: i.ValuationBasis, Offered: i.Offered, Delivered: i.Delivered, Promised: value(i.Promised, i.Currency, i.PromisedUSD), Currency: i.Currency,
			UnitValue: money(i.UnitAmount.Round(i.Currency.MinorUnits()), i.Currency), Assessed: value(i.Assessed, i.Currency, i.AssessedUSD),
			Declared: optionalMoney(i.DeclaredAmount, i.DeclaredCurrency), Valuer: i.Valuer, ValuedOn: Date{i.ValuedOn}, AcceptedBy: i.AcceptedBy,
			CostToFund: optionalMoney(i.CostAmount, i.CostCurrency),
			Amounts:    part.amount.kind(i.Currency), USD: part.usd.kind(ledger.USD), Movements: part.running()}
		if i.Accepted.Valid {
			line.Accepted = &i.Accepted.Decimal
		}
		b.InKind.Items = append(b.InKind.Items, line)
		b.sums.item(p.Fund, part)
	}
}
