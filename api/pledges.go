package api

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// Leg is one step of a pledge's life with its own date, amount and rate.
type Leg struct {
	Kind              string       `json:"kind" enum:"announced,agreed,increased,reduced,cancelled,written_off"`
	EffectiveDate     Date         `json:"effective_date"`
	Amount            *Money       `json:"amount,omitempty" doc:"Absent in kind."`
	USDAmount         Money        `json:"usd_amount"`
	Rate              *Rate        `json:"rate,omitempty"`
	Accepted          []string     `json:"accepted,omitempty" doc:"In kind, on an agreement: the quantity accepted of each item."`
	AcceptedBy        string       `json:"accepted_by,omitempty" doc:"In kind, on an agreement: who accepted."`
	CostToFund        *CostToFund  `json:"cost_to_fund,omitempty" doc:"In kind, on an agreement: absent when nobody looked."`
	Instalments       []Instalment `json:"instalments,omitempty" doc:"On an agreement of cash: when it is due; absent when it is due at once."`
	DocumentReference string       `json:"document_reference,omitempty" doc:"The letter, note verbale or agreement."`
	Instrument        string       `json:"instrument,omitempty"`
	Reason            string       `json:"reason,omitempty"`
	Entry             ID           `json:"entry,omitempty" format:"uuid" doc:"The journal entry; absent when the leg changes no balance."`
	ReversedOn        Date         `json:"reversed_on,omitempty" doc:"Absent while the leg stands."`
	RecordedAt        string       `json:"recorded_at" format:"date-time"`
}

// CostToFund is what an offer in kind is expected to cost the fund.
type CostToFund struct {
	Amount      Money  `json:"amount" format:"money-or-zero" doc:"Zero when somebody looked and expects no cost. It is an estimate and makes no entry."`
	Description string `json:"description,omitempty" maxLength:"500" example:"Local travel, insurance, office space"`
	LookedOn    Date   `json:"looked_on,omitempty" doc:"Left out: the day of the acceptance."`
}

// Instalment is a due date and an amount.
type Instalment struct {
	DueOn  Date  `json:"due_on"`
	Amount Money `json:"amount"`
}

// Item is one line of a pledge in kind, with what became of it.
type Item struct {
	Number         int         `json:"number"`
	Category       string      `json:"category" enum:"expert,consultant,staff_on_loan,goods,premises,travel"`
	Description    string      `json:"description"`
	Unit           string      `json:"unit" example:"expert_day"`
	ValuationBasis string      `json:"valuation_basis" enum:"donor_stated,pro_forma_cost,un_consultant_rate,market_price"`
	Offered        string      `json:"offered" example:"120" doc:"Quantity that was offered."`
	Accepted       string      `json:"accepted" example:"100" doc:"Quantity that was accepted; what was offered, until an agreement says otherwise."`
	Delivered      string      `json:"delivered" example:"45" doc:"Quantity that was delivered and keeps the pledge."`
	Value          Worth       `json:"value" doc:"What the fund assessed the offer at."`
	UnitValue      Money       `json:"unit_value" doc:"Of one unit, by the latest valuation; rounded where only the whole was valued."`
	DeclaredValue  *Money      `json:"declared_value,omitempty" doc:"What the contributor declared the offer to be worth; never in the books."`
	Outstanding    Worth       `json:"outstanding" doc:"Assessed value of what is still promised."`
	Valuer         string      `json:"valuer,omitempty"`
	ValuedOn       Date        `json:"valued_on,omitempty"`
	Evidence       *Evidence   `json:"evidence,omitempty"`
	Valuations     []Valuation `json:"valuations" doc:"Every valuation, the offer's first."`
}

// PledgeBalances are what the books say of a cash pledge, added up from the journal.
type PledgeBalances struct {
	Announced   *Worth  `json:"announced,omitempty" doc:"Promised and not yet binding (account 9100)."`
	Receivable  *Worth  `json:"receivable,omitempty" doc:"Agreed and not yet paid (account 1200)."`
	Deferred    *Worth  `json:"deferred,omitempty" doc:"Agreed, and not revenue before a condition is met (account 2400)."`
	InAdvance   []Worth `json:"in_advance" doc:"Paid before it was due (account 2200)."`
	Recognised  []Worth `json:"recognised" doc:"Revenue of this pledge (account 4010), by currency."`
	Outstanding []Worth `json:"outstanding" doc:"What the pledge still promises: announced and receivable, by currency."`
}

// Pledge is what a contributor promises to a fund for a fund year.
type Pledge struct {
	ID          ID              `json:"id" format:"uuid"`
	Reference   string          `json:"reference" example:"P-000001"`
	Form        string          `json:"form" enum:"cash,in_kind"`
	Contributor string          `json:"contributor" example:"NLD"`
	Fund        string          `json:"fund" example:"CPCJF"`
	FundYear    int             `json:"fund_year" example:"2026"`
	Recognition string          `json:"recognition" enum:"on_agreement,on_conditions,on_receipt"`
	Stage       string          `json:"stage" enum:"announced,agreed,partly_fulfilled,fulfilled,cancelled,written_off"`
	Note        string          `json:"note,omitempty"`
	Legs        []Leg           `json:"legs"`
	Conditions  []Condition     `json:"conditions,omitempty" doc:"Of an agreement that has any."`
	Balances    *PledgeBalances `json:"balances,omitempty" doc:"Of a cash pledge."`
	Items       []Item          `json:"items,omitempty" doc:"Of a pledge in kind."`
	Newness     *Newness        `json:"newness,omitempty" doc:"Whether it is new and additional; shown with one pledge and left out of lists."`
	RecordedAt  string          `json:"recorded_at" format:"date-time"`
}

func pledgeOf(p postgres.PledgeRecord) Pledge {
	out := Pledge{ID: idOf(p.ID), Reference: p.Reference, Form: string(p.Form), Contributor: string(p.Contributor), Fund: string(p.Fund), FundYear: p.FundYear,
		Recognition: string(p.Recognition), Stage: string(p.State.Stage()), Note: p.Note, Legs: make([]Leg, len(p.Legs)), RecordedAt: instantOf(p.RecordedAt)}
	for i, l := range p.Legs {
		out.Legs[i] = legOf(l)
	}
	if p.Form == ledger.Cash {
		out.Conditions, out.Balances = conditionsOf(p.State.Conditions), balancesOf(p.State)
		return out
	}
	for i, item := range p.Items {
		state := p.State.Items[i]
		state.Left.Currency = item.Value.Currency
		out.Items = append(out.Items, Item{Number: item.Number, Category: string(item.Category), Description: item.Description, Unit: item.Unit,
			ValuationBasis: string(item.Basis), Offered: item.Quantity.String(), Accepted: state.Accepted.String(), Delivered: state.Delivered.String(),
			Value: worthOf(item.Value), UnitValue: moneyOf(item.Current().PerUnit()), DeclaredValue: declaredOf(item.Declared), Outstanding: worthOf(state.Left),
			Valuer: item.Valuer, ValuedOn: dateOf(item.ValuedOn), Evidence: evidenceOf(item.Evidence), Valuations: valuationsOf(item.History())})
	}
	return out
}

func legOf(l ledger.Leg) Leg {
	out := Leg{Kind: string(l.Kind), EffectiveDate: dateOf(l.Date), USDAmount: moneyOf(ledger.Dollars(l.USD)), DocumentReference: l.Document,
		Instrument: l.Instrument, Reason: l.Reason, Entry: idOf(l.Entry), ReversedOn: dateOf(l.ReversedOn), RecordedAt: instantOf(l.RecordedAt)}
	if l.Currency != "" {
		out.Amount, out.Rate = new(moneyOf(l.Money)), rateOf(l.Converted)
	}
	for _, i := range l.Instalments {
		out.Instalments = append(out.Instalments, Instalment{DueOn: dateOf(i.DueOn), Amount: moneyOf(i.Money)})
	}
	out.AcceptedBy = l.Acceptance.By
	if cost := l.Acceptance.Cost; cost != nil {
		out.CostToFund = &CostToFund{Amount: moneyOf(*cost), Description: l.Acceptance.Description, LookedOn: dateOf(l.Acceptance.LookedOn)}
	}
	for _, q := range l.Accepted {
		out.Accepted = append(out.Accepted, q.String())
	}
	return out
}

func balancesOf(s ledger.PledgeState) *PledgeBalances {
	b := &PledgeBalances{InAdvance: []Worth{}, Recognised: []Worth{}, Outstanding: []Worth{}}
	if s.Announced.Amount.IsPositive() {
		b.Announced = new(balanceOf(s.Announced))
		b.Outstanding = append(b.Outstanding, *b.Announced)
	}
	if s.Receivable.Amount.IsPositive() {
		b.Receivable = new(balanceOf(s.Receivable))
		if b.Announced != nil && s.Announced.Currency == s.Receivable.Currency {
			both := s.Receivable
			both.Amount, both.USD = both.Amount.Add(s.Announced.Amount), both.USD.Add(s.Announced.USD)
			b.Outstanding[0] = balanceOf(both)
		} else {
			b.Outstanding = append(b.Outstanding, *b.Receivable)
		}
	}
	if s.Deferred.Amount.IsPositive() {
		b.Deferred = new(balanceOf(s.Deferred))
	}
	for _, a := range s.Advances {
		if a.Amount.IsPositive() {
			b.InAdvance = append(b.InAdvance, balanceOf(a.Converted))
		}
	}
	for _, r := range s.Recognised {
		if !r.Amount.IsZero() || !r.USD.IsZero() {
			b.Recognised = append(b.Recognised, balanceOf(r))
		}
	}
	return b
}

// balanceOf shows a balance, which has no rate of its own: it is a sum of lines at their rates.
func balanceOf(c ledger.Converted) Worth {
	c.Rate = ledger.Rate{}
	return worthOf(c)
}

// ItemBody is one line of a pledge in kind as it is offered.
type ItemBody struct {
	Category       string    `json:"category" enum:"expert,consultant,staff_on_loan,goods,premises,travel"`
	Description    string    `json:"description" maxLength:"500" example:"Forensic experts"`
	Quantity       string    `json:"quantity" maxLength:"20" pattern:"^[0-9]{1,12}(\\.[0-9]{1,6})?$" patternDescription:"digits with at most six decimals" example:"120"`
	Unit           string    `json:"unit" maxLength:"50" example:"expert_day"`
	Value          *Money    `json:"value,omitempty" format:"money-or-zero" doc:"What the fund assesses the whole quantity at; zero is a value. Left out: the quantity times unit_value, or declared_value."`
	UnitValue      *Money    `json:"unit_value,omitempty" format:"money-or-zero" doc:"What the fund assesses one unit at; with value, the two must fit."`
	DeclaredValue  *Money    `json:"declared_value,omitempty" format:"money-or-zero" doc:"What the contributor declares the whole to be worth. Alone it is the assessed value, too, with the basis donor_stated."`
	USDAmount      *Money    `json:"usd_amount,omitempty" format:"money-or-zero" doc:"Stated value in USD of the whole quantity; left out, the rate in force."`
	ValuationBasis string    `json:"valuation_basis,omitempty" enum:"donor_stated,pro_forma_cost,un_consultant_rate,market_price" doc:"May be left out when only declared_value is there."`
	Valuer         string    `json:"valuer,omitempty" maxLength:"200" example:"Chief, Finance Section"`
	ValuedOn       Date      `json:"valued_on,omitempty"`
	Evidence       *Evidence `json:"evidence,omitempty" doc:"The document that shows the value."`
}

// PledgeBody is a pledge as it is announced.
type PledgeBody struct {
	Reference         string           `json:"reference,omitempty" maxLength:"100" doc:"Unique in its fund and form; left out, the ledger numbers it."`
	Contributor       string           `json:"contributor" maxLength:"64" example:"NLD"`
	Fund              string           `json:"fund" maxLength:"64" example:"CPCJF"`
	FundYear          int              `json:"fund_year,omitempty" minimum:"1945" maximum:"2199" example:"2026" doc:"Left out: the year of the effective date."`
	Form              string           `json:"form,omitempty" enum:"cash,in_kind" doc:"Left out: in_kind when there are items, otherwise cash."`
	EffectiveDate     Date             `json:"effective_date"`
	Amount            *Money           `json:"amount,omitempty" doc:"Of a cash pledge."`
	USDAmount         *Money           `json:"usd_amount,omitempty" doc:"Stated amount in USD; left out, the rate in force."`
	Items             []ItemBody       `json:"items,omitempty" maxItems:"100" doc:"Of a pledge in kind."`
	Recognition       string           `json:"recognition,omitempty" enum:"on_agreement,on_conditions,on_receipt" doc:"Left out: the fund's policy."`
	DocumentReference string           `json:"document_reference,omitempty" maxLength:"200"`
	Instrument        string           `json:"instrument,omitempty" maxLength:"100" example:"Pledge letter"`
	Note              string           `json:"note,omitempty" maxLength:"1000"`
	Declaration       *DeclarationBody `json:"declaration,omitempty" doc:"What the donor says of its being new and additional."`
}

func (b PledgeBody) input() (postgres.PledgeInput, error) {
	var v ledger.Violations
	in := postgres.PledgeInput{Reference: b.Reference, Contributor: ledger.ContributorCode(b.Contributor), Fund: ledger.FundCode(b.Fund), FundYear: b.FundYear,
		Form: ledger.Form(b.Form), USD: usdOf(&v, b.USDAmount), Date: b.EffectiveDate.Ledger(), Recognition: ledger.Recognition(b.Recognition),
		Document: b.DocumentReference, Instrument: b.Instrument, Note: b.Note}
	if in.Form == "" {
		in.Form = ledger.Cash
		if len(b.Items) > 0 {
			in.Form = ledger.InKind
		}
	}
	if in.FundYear == 0 {
		in.FundYear = in.Date.Year()
	}
	switch {
	case in.Form == ledger.Cash && b.Amount == nil:
		v.Add("/amount", ledger.RuleRequired, "A cash pledge has an amount.")
	case in.Form == ledger.InKind && len(b.Items) == 0:
		v.Add("/items", ledger.RuleRequired, "A pledge in kind has items.")
	case in.Form == ledger.Cash && len(b.Items) > 0:
		v.Add("/items", ledger.RulePledgeForm, "A cash pledge has no items.")
	case in.Form == ledger.InKind && (b.Amount != nil || b.USDAmount != nil):
		v.Add("/amount", ledger.RulePledgeForm, "A pledge in kind has no amount of its own; its items have values.")
	}
	if b.Amount != nil {
		in.Amount = b.Amount.Ledger()
	}
	if b.Declaration != nil {
		in.Declaration = b.Declaration.declaration()
	}
	for i, item := range b.Items {
		in.Items = append(in.Items, item.item(&v, fmt.Sprintf("/items/%d", i)))
	}
	return in, v.Err()
}

func (b ItemBody) item(v *ledger.Violations, at string) ledger.Item {
	item := ledger.Item{Category: ledger.Category(b.Category), Description: b.Description, Quantity: quantityOf(v, at+"/quantity", b.Quantity), Unit: b.Unit,
		Basis: ledger.ValuationBasis(b.ValuationBasis), Valuer: b.Valuer, ValuedOn: b.ValuedOn.Ledger(), Evidence: b.Evidence.ledger()}
	if b.Value != nil {
		item.Value.Money = b.Value.Ledger()
	}
	if b.UnitValue != nil {
		item.UnitValue = b.UnitValue.Ledger()
	}
	if b.DeclaredValue != nil {
		item.Declared = b.DeclaredValue.Ledger()
	}
	if b.Value == nil && b.UnitValue == nil && b.DeclaredValue == nil {
		v.Add(at+"/value", ledger.RuleRequired, "An item has a value, a unit_value or a declared_value; zero is a value.")
	}
	if b.ValuationBasis == "" && (b.Value != nil || b.UnitValue != nil) {
		v.Add(at+"/valuation_basis", ledger.RuleRequired, "A value says how it was found.")
	}
	if b.USDAmount != nil {
		item.Value.USD = b.USDAmount.Ledger().Amount
		if b.USDAmount.Currency != string(ledger.USD) {
			v.Add(at+"/usd_amount/currency", ledger.RuleCurrencyMismatch, "This is the amount in USD.")
		}
	}
	return item
}

// RecordPledgeInput is the request to record a pledge.
type RecordPledgeInput struct{ Body PledgeBody }

// AcceptedBody is how much of an item is accepted.
type AcceptedBody struct {
	Item     int    `json:"item" minimum:"1" maximum:"100" example:"1" doc:"Number of the item."`
	Quantity string `json:"quantity" maxLength:"20" pattern:"^[0-9]{1,12}(\\.[0-9]{1,6})?$" patternDescription:"digits with at most six decimals" example:"100"`
}

// AgreementBody is an agreement signed for a pledge, or the acceptance of an offer in kind.
type AgreementBody struct {
	EffectiveDate     Date            `json:"effective_date"`
	Amount            *Money          `json:"amount,omitempty" doc:"Left out: the amount announced."`
	USDAmount         *Money          `json:"usd_amount,omitempty" doc:"Stated amount in USD; left out, the rate in force."`
	Instalments       []Instalment    `json:"instalments,omitempty" maxItems:"200" doc:"When the cash is due, in the order of the dates; the amounts sum to the agreement's. Left out: due at once."`
	Conditions        []ConditionBody `json:"conditions,omitempty" maxItems:"100" doc:"What has to be met before the cash is revenue; the amounts sum to the agreement's. Left out: it binds without any."`
	Accepted          []AcceptedBody  `json:"accepted,omitempty" maxItems:"100" doc:"In kind: how much of each item is accepted; an item that is left out is accepted whole."`
	AcceptedBy        string          `json:"accepted_by,omitempty" maxLength:"200" example:"Chief, Finance Section" doc:"In kind: name or role of who accepts."`
	CostToFund        *CostToFund     `json:"cost_to_fund,omitempty" doc:"In kind: what it is expected to cost the fund (UN Financial Regulation 3.12); needs accepted_by."`
	DocumentReference string          `json:"document_reference,omitempty" maxLength:"200" example:"Agreement 2026/7"`
	Instrument        string          `json:"instrument,omitempty" maxLength:"100"`
}

// PledgeInput names a pledge in the path.
type PledgeInput struct {
	ID ID `path:"id" format:"uuid" doc:"Identifier of the pledge."`
}

// AgreePledgeInput is the request to record an agreement.
type AgreePledgeInput struct {
	PledgeInput
	Body AgreementBody
}

func (b AgreementBody) input(items int) (postgres.AgreementInput, error) {
	var v ledger.Violations
	in := postgres.AgreementInput{Date: b.EffectiveDate.Ledger(), USD: usdOf(&v, b.USDAmount), Document: b.DocumentReference, Instrument: b.Instrument}
	if b.Amount != nil {
		in.Amount = b.Amount.Ledger()
	}
	in.Acceptance.By = b.AcceptedBy
	if c := b.CostToFund; c != nil {
		in.Acceptance.Cost, in.Acceptance.Description, in.Acceptance.LookedOn = moneyIn(&c.Amount), c.Description, c.LookedOn.Ledger()
	}
	for i, s := range b.Instalments {
		in.Instalments = append(in.Instalments, ledger.Instalment{Number: i + 1, DueOn: s.DueOn.Ledger(), Money: s.Amount.Ledger()})
	}
	for i, c := range b.Conditions {
		in.Conditions = append(in.Conditions, ledger.Condition{Number: i + 1, Description: c.Description, Money: c.Amount.Ledger()})
	}
	if len(b.Accepted) > 0 {
		in.Accepted = make(map[int]decimal.Decimal, items)
	}
	for i, a := range b.Accepted {
		quantity, err := decimal.NewFromString(a.Quantity)
		if _, twice := in.Accepted[a.Item]; err != nil || twice {
			v.Add(fmt.Sprintf("/accepted/%d/item", i), ledger.RuleNotOneOf, "Item %d is named twice.", a.Item)
		}
		in.Accepted[a.Item] = quantity
	}
	return in, v.Err()
}

// EndingBody is a cancellation or a write-off.
type EndingBody struct {
	EffectiveDate     Date   `json:"effective_date"`
	Amount            *Money `json:"amount,omitempty" doc:"Left out: all that is outstanding."`
	Reason            string `json:"reason" maxLength:"500"`
	DocumentReference string `json:"document_reference,omitempty" maxLength:"200"`
}

// CancellationBody is a cancellation, which ends all that is outstanding.
type CancellationBody struct {
	EffectiveDate     Date   `json:"effective_date"`
	Reason            string `json:"reason" maxLength:"500"`
	DocumentReference string `json:"document_reference,omitempty" maxLength:"200"`
}

// AdjustmentBody raises or reduces a cash pledge.
type AdjustmentBody struct {
	Kind              string `json:"kind" enum:"increase,reduction"`
	EffectiveDate     Date   `json:"effective_date"`
	Amount            Money  `json:"amount" doc:"By how much, in the currency in which the pledge stands."`
	USDAmount         *Money `json:"usd_amount,omitempty" doc:"Of an increase: stated amount in USD; left out, the rate in force."`
	Condition         string `json:"condition,omitempty" maxLength:"1000" doc:"Of an increase: what has to be met before it is revenue. Left out: it binds without."`
	Reason            string `json:"reason" maxLength:"500"`
	DocumentReference string `json:"document_reference,omitempty" maxLength:"200"`
}

// AdjustPledgeInput is the request to adjust a pledge.
type AdjustPledgeInput struct {
	PledgeInput
	Body AdjustmentBody
}

// CancelPledgeInput is the request to cancel a pledge.
type CancelPledgeInput struct {
	PledgeInput
	Body CancellationBody
}

// WriteOffPledgeInput is the request to write a pledge off.
type WriteOffPledgeInput struct {
	PledgeInput
	Body EndingBody
}

// PledgesInput has the filters of the list of pledges.
type PledgesInput struct {
	Paging
	Contributor string `query:"contributor" maxLength:"64" doc:"Code of the contributor."`
	Fund        string `query:"fund" maxLength:"64" doc:"Code of the fund."`
	FundYear    int    `query:"fund_year" minimum:"1945" maximum:"2199" doc:"The year that the contribution is for."`
	Form        string `query:"form" enum:"cash,in_kind" doc:"In cash or in kind."`
	Reference   string `query:"reference" maxLength:"100" doc:"As it was recorded, letter by letter."`
}

func pledgeCommand(r Request, status int) postgres.Command {
	return command(r, status, func(p *postgres.PledgeRecord) (string, any) { return pathTo("pledges", p.ID), pledgeOf(*p) })
}

func (s *Server) servePledges(store *postgres.Store) {
	write[RecordPledgeInput, Pledge](s, operation{ID: "record-pledge", Path: "/v1/pledges", Tag: "pledges", Summary: "Record a pledge, in cash or in kind",
		Description: "What was announced is on the memorandum accounts until it is agreed; nothing is revenue yet. A pledge is in cash, in one currency, or in kind, in items with their values.",
		Problems: []ledger.Rule{ledger.RuleContributorUnknown, ledger.RuleFundUnknown, ledger.RulePledgeReferenceTaken, ledger.RulePledgeForm,
			ledger.RuleUnitUnknown, ledger.RuleValuation, ledger.RuleCurrencyMismatch, ledger.RuleRateMissing, ledger.RuleDateInFuture, ledger.RulePeriodClosed}},
		func(ctx context.Context, r Request, in *RecordPledgeInput) (Answer, error) {
			input, err := in.Body.input()
			if err != nil {
				return Answer{}, err
			}
			a, err := store.RecordPledge(ctx, pledgeCommand(r, 201), input)
			return Answer(a), err
		})
	read(s, operation{ID: "get-pledge", Path: "/v1/pledges/{id}", Tag: "pledges", Summary: "Show a pledge with its legs and balances",
		Description: "What was announced, agreed, paid, delivered and ended, leg by leg, and what is outstanding. To a donor, another's pledge is not there (404).",
		Problems:    []ledger.Rule{ledger.RuleNotFound}},
		func(ctx context.Context, in *PledgeInput) (Pledge, error) {
			p, err := store.Pledge(ctx, in.ID.ledger())
			if err != nil {
				return Pledge{}, err
			}
			out := pledgeOf(p)
			out.Newness, err = showNewness(ctx, store, p.ID)
			return out, err
		})
	list(s, operation{ID: "list-pledges", Path: "/v1/pledges", Tag: "pledges", Summary: "List pledges in the order in which they were recorded",
		Description: "Each with its legs and balances. A donor is shown its own."},
		func(ctx context.Context, in *PledgesInput, w Window[uuid.UUID]) ([]Pledge, *uuid.UUID, error) {
			f := postgres.PledgeFilter{Contributor: ledger.ContributorCode(in.Contributor), Fund: ledger.FundCode(in.Fund), FundYear: in.FundYear,
				Form: ledger.Form(in.Form), Reference: in.Reference}
			records, err := store.Pledges(ctx, f, first(w), w.Limit+1)
			items, next := nextOf(records, w.Limit, pledgeOf, func(p postgres.PledgeRecord) uuid.UUID { return p.ID })
			return items, next, err
		})
	s.serveLegs(store)
	s.serveConditions(store)
	s.serveNewness(store)
}

// serveLegs registers what happens to a pledge after it was announced.
func (s *Server) serveLegs(store *postgres.Store) {
	problems := []ledger.Rule{ledger.RuleNotFound, ledger.RulePledgeStage, ledger.RuleDateInFuture, ledger.RuleDateOrder, ledger.RulePeriodClosed}
	write[AgreePledgeInput, Pledge](s, operation{ID: "agree-pledge", Path: "/v1/pledges/{id}/agreement", Tag: "pledges", Status: 200,
		Summary:     "Record the agreement for a pledge, or the acceptance of an offer in kind",
		Description: "The receivable and its revenue are recognised, and advances that were paid before are applied.",
		Problems:    append(problems, ledger.RuleRateMissing, ledger.RuleScheduleSum, ledger.RuleConditionSum, ledger.RuleRecognitionMismatch, ledger.RuleItemUnknown, ledger.RuleQuantityExceedsPledge, ledger.RulePledgeForm)},
		func(ctx context.Context, r Request, in *AgreePledgeInput) (Answer, error) {
			input, err := in.Body.input(len(in.Body.Accepted))
			if err != nil {
				return Answer{}, err
			}
			a, err := store.AgreePledge(ctx, pledgeCommand(r, 200), in.ID.ledger(), input)
			return Answer(a), err
		})
	write[AdjustPledgeInput, Pledge](s, operation{ID: "adjust-pledge", Path: "/v1/pledges/{id}/adjustments", Tag: "pledges", Status: 200,
		Summary:     "Raise or reduce a cash pledge",
		Description: "Each adjustment is a leg of its own with its date and reason. A reduction takes the receivable at its carrying amount, then what is only announced.",
		Problems:    append(problems, ledger.RuleRateMissing, ledger.RulePledgeForm, ledger.RuleRecognitionMismatch, ledger.RuleCurrencyMismatch, ledger.RuleNothingOutstanding, ledger.RuleExceedsOutstanding)},
		func(ctx context.Context, r Request, in *AdjustPledgeInput) (Answer, error) {
			var v ledger.Violations
			input := postgres.EndingInput{Date: in.Body.EffectiveDate.Ledger(), Amount: in.Body.Amount.Ledger(), USD: usdOf(&v, in.Body.USDAmount), Reason: in.Body.Reason,
				Document: in.Body.DocumentReference, Condition: in.Body.Condition}
			if in.Body.Kind == "reduction" {
				if in.Body.Condition != "" {
					v.Add("/condition", ledger.RuleRecognitionMismatch, "A reduction hangs on no condition.")
				}
				if in.Body.USDAmount != nil {
					v.Add("/usd_amount", ledger.RuleUSDMismatch, "A reduction is at the value at which the pledge stands in the books.")
				}
				if err := v.Err(); err != nil {
					return Answer{}, err
				}
				a, err := store.EndPledge(ctx, pledgeCommand(r, 200), in.ID.ledger(), ledger.LegReduced, input)
				return Answer(a), err
			}
			if err := v.Err(); err != nil {
				return Answer{}, err
			}
			a, err := store.IncreasePledge(ctx, pledgeCommand(r, 200), in.ID.ledger(), input)
			return Answer(a), err
		})
	write[CancelPledgeInput, Pledge](s, operation{ID: "cancel-pledge", Path: "/v1/pledges/{id}/cancellation", Tag: "pledges", Status: 200,
		Description: "For a promise that is taken back. In the year of the agreement it reduces the revenue, later it is an expense; what was only announced was neither. A pledge that has nothing outstanding is refused.",
		Summary:     "Cancel what a pledge still promises", Problems: append(problems, ledger.RuleNothingOutstanding)},
		func(ctx context.Context, r Request, in *CancelPledgeInput) (Answer, error) {
			a, err := store.EndPledge(ctx, pledgeCommand(r, 200), in.ID.ledger(), ledger.LegCancelled, postgres.EndingInput{Date: in.Body.EffectiveDate.Ledger(),
				Reason: in.Body.Reason, Document: in.Body.DocumentReference})
			return Answer(a), err
		})
	write[WriteOffPledgeInput, Pledge](s, operation{ID: "write-off-pledge", Path: "/v1/pledges/{id}/write-off", Tag: "pledges", Status: 200, Guarded: true,
		Description: "For a promise that will not be kept. The receivable becomes an expense at its carrying amount. More than is outstanding is refused.",
		Summary:     "Write off what a pledge still promises, whole or in part", Problems: append(problems, ledger.RuleNothingOutstanding, ledger.RuleExceedsOutstanding, ledger.RuleCurrencyMismatch)},
		func(ctx context.Context, r Request, in *WriteOffPledgeInput) (Answer, error) {
			input := postgres.EndingInput{Date: in.Body.EffectiveDate.Ledger(), Reason: in.Body.Reason, Document: in.Body.DocumentReference}
			if in.Body.Amount != nil {
				input.Amount = in.Body.Amount.Ledger()
			}
			a, err := store.WriteOffPledge(ctx, pledgeCommand(r, 200), in.ID.ledger(), input)
			return Answer(a), err
		})
}
