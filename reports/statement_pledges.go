package reports

import (
	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

type movedRow struct {
	ID            uuid.UUID
	Contributor   ledger.ContributorCode
	EntryID       *uuid.UUID  `db:"entry_id"` // null before the period
	EffectiveDate ledger.Date `db:"effective_date"`
	Reversal      bool
	Reference     string
	Form          ledger.Form
	Fund          ledger.FundCode
	FundYear      int `db:"fund_year"`
	Recognition   ledger.Recognition
	AnnouncedOn   ledger.Date `db:"announced_on"`
	AgreedOn      ledger.Date `db:"agreed_on"`
	CancelledOn   ledger.Date `db:"cancelled_on"`
	WrittenOffOn  ledger.Date `db:"written_off_on"`
	Account       ledger.AccountCode
	ItemNumber    int `db:"item_number"`
	Currency      ledger.Currency
	Kind          ledger.EntryKind
	Before        bool
	Released      bool
	Kept          bool
	Amount        decimal.Decimal
	AmountUSD     decimal.Decimal `db:"amount_usd"`
}

// promise is a pledge as its lines tell of it.
type promise struct {
	movedRow
	state ledger.PledgeState
	parts []*promisePart
}

// promisePart is what a pledge promises in one currency or, in kind, of one item.
type promisePart struct {
	item        int
	currency    ledger.Currency
	amount, usd totals
	promised    Value // announced and agreed up to the last day
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
	part := &promisePart{item: item, currency: c, promised: value(decimal.Zero, c, decimal.Zero)}
	p.parts = append(p.parts, part)
	return part
}

// add counts one sum of lines.
func (p *promise) add(r movedRow) {
	p.state.Kept = p.state.Kept || r.Kept
	switch r.Account {
	case ledger.RevenueCash:
		return // says only that something was kept
	case ledger.PledgesAnnounced:
		p.state.Announced.Amount = p.state.Announced.Amount.Add(r.Amount)
	case ledger.Receivable:
		p.state.Receivable.Amount = p.state.Receivable.Amount.Add(r.Amount)
	}
	part, did := p.part(r.ItemNumber, r.Currency), moved{r.Kind, r.Before, r.Released, r.Recognition}
	part.amount.add(did.movement(), r.Amount)
	part.usd.add(did.movement(), r.AmountUSD)
	if r.EntryID != nil {
		part.move(r)
	}
	did.Before = false
	if m := did.movement(); m == announced || m == agreed {
		part.promised = part.promised.plus(value(r.Amount, r.Currency, r.AmountUSD))
	}
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
}

// pledgesOf returns what statementPledges asks for.
func (b *statementBuild) pledgesOf() []any {
	return []any{pq.Array(b.codes), b.request.Fund, b.request.Period.From, b.end, knownAt(b.snap), b.closing.Event, b.closing.LastDay}
}

// readPledges reads the pledges of cash, and where there are any, of items in kind.
func (b *statementBuild) readPledges() error {
	rows, err := read[movedRow](b.ctx, b.snap, "pledges", statementPledges, b.pledgesOf()...)
	if err != nil {
		return err
	}
	var promises []*promise
	inKind := false
	for _, r := range rows {
		if n := len(promises); n == 0 || promises[n-1].ID != r.ID {
			promises = append(promises, &promise{movedRow: r, state: ledger.PledgeState{AnnouncedOn: r.AnnouncedOn,
				AgreedOn: r.AgreedOn, CancelledOn: r.CancelledOn, LastWriteOff: r.WrittenOffOn}})
		}
		promises[len(promises)-1].add(r)
		inKind = inKind || r.Form == ledger.InKind
	}
	items := map[uuid.UUID][]itemRow{}
	if inKind {
		rows, err := read[itemRow](b.ctx, b.snap, "items", statementItems, pq.Array(b.codes), b.request.Fund, b.end, knownAt(b.snap))
		if err != nil {
			return err
		}
		for _, r := range rows {
			items[r.PledgeID] = append(items[r.PledgeID], r)
		}
	}
	for _, p := range promises {
		if p.Form == ledger.InKind {
			b.addItems(p, items[p.ID])
		} else {
			b.addPledge(p)
		}
	}
	return nil
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
			Unit: i.Unit, Basis: i.ValuationBasis, Offered: i.Offered, Delivered: i.Delivered, Promised: part.promised, Currency: i.Currency,
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
