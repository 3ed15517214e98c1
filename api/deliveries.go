package api

import (
	"context"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// Delivery is goods or services in kind that were provided.
type Delivery struct {
	ID              ID          `json:"id" format:"uuid"`
	Contributor     string      `json:"contributor" example:"NLD"`
	Fund            string      `json:"fund" example:"CPCJF"`
	FundYear        int         `json:"fund_year" example:"2026"`
	Pledge          ID          `json:"pledge,omitempty" format:"uuid"`
	PledgeReference string      `json:"pledge_reference,omitempty"`
	Item            int         `json:"item,omitempty" doc:"Number of the pledge's item."`
	DeliveredOn     Date        `json:"delivered_on" doc:"The last day of the service, or the day the goods arrived."`
	PeriodFrom      Date        `json:"period_from,omitempty" doc:"The first day of the service."`
	PeriodTo        Date        `json:"period_to,omitempty" doc:"The last day of the service; absent when it is delivered_on."`
	Expert          string      `json:"expert,omitempty" doc:"Name or number of the person whose service it was."`
	CertifiedBy     string      `json:"certified_by,omitempty" doc:"Who confirmed that it was given."`
	Category        string      `json:"category" enum:"expert,consultant,staff_on_loan,goods,premises,travel"`
	Description     string      `json:"description"`
	Quantity        string      `json:"quantity" example:"45"`
	PledgedQuantity string      `json:"pledged_quantity" example:"45" doc:"The part of the quantity that keeps the pledge."`
	Unit            string      `json:"unit" example:"expert_day"`
	Value           Worth       `json:"value" doc:"What the fund assesses the whole quantity at, by the latest valuation; the books use it."`
	UnitValue       Money       `json:"unit_value" doc:"Of one unit; rounded where only the whole was valued."`
	DeclaredValue   *Money      `json:"declared_value,omitempty" doc:"What the contributor declares the whole to be worth; never in the books."`
	ValuationBasis  string      `json:"valuation_basis" enum:"donor_stated,pro_forma_cost,un_consultant_rate,market_price"`
	Valuations      []Valuation `json:"valuations" doc:"Every valuation, the first one first."`
	Recognised      bool        `json:"recognised" doc:"As revenue and expense; otherwise disclosed only."`
	Evidence        *Evidence   `json:"evidence,omitempty" doc:"The document that shows it."`
	Note            string      `json:"note,omitempty"`
	ReversedOn      Date        `json:"reversed_on,omitempty" doc:"Absent while the delivery stands."`
	Entries         []ID        `json:"entries"`
	RecordedAt      string      `json:"recorded_at" format:"date-time"`
}

func deliveryOf(d postgres.DeliveryRecord) Delivery {
	now := d.Current()
	return Delivery{ID: idOf(d.ID), Contributor: string(d.Contributor), Fund: string(d.Fund), FundYear: d.FundYear, Pledge: idOf(d.Pledge),
		PledgeReference: d.PledgeReference, Item: d.Item, DeliveredOn: dateOf(d.DeliveredOn), PeriodFrom: dateOf(d.PeriodFrom), Category: string(d.Category),
		Description: d.Description, Quantity: d.Quantity.String(), PledgedQuantity: d.Pledged.String(), Unit: d.Unit,
		PeriodTo: dateOf(d.PeriodTo), Expert: d.Expert, CertifiedBy: d.CertifiedBy, Value: worthOf(now.Value), UnitValue: moneyOf(now.PerUnit()),
		DeclaredValue: declaredOf(now.Declared), Valuations: valuationsOf(d.History()),
		ValuationBasis: string(now.Basis), Recognised: d.Recognised, Evidence: evidenceOf(d.Evidence), Note: d.Note, ReversedOn: dateOf(d.ReversedOn),
		Entries: idsOf(d.Entries), RecordedAt: instantOf(d.RecordedAt)}
}

// DeliveryBody is goods or services that were provided. With a pledge, what the pledge says may be left out.
type DeliveryBody struct {
	Pledge         ID        `json:"pledge,omitempty" format:"uuid" doc:"The pledge in kind that it keeps."`
	Item           int       `json:"item,omitempty" minimum:"1" maximum:"100" doc:"Number of the pledge's item; left out for its only one."`
	Contributor    string    `json:"contributor,omitempty" maxLength:"64" example:"NLD"`
	Fund           string    `json:"fund,omitempty" maxLength:"64" example:"CPCJF"`
	FundYear       int       `json:"fund_year,omitempty" minimum:"1945" maximum:"2199"`
	DeliveredOn    Date      `json:"delivered_on" doc:"The last day of the service, or the day the goods arrived."`
	PeriodFrom     Date      `json:"period_from,omitempty" doc:"The first day of the service."`
	PeriodTo       Date      `json:"period_to,omitempty" doc:"The last day of the service; left out when it is delivered_on."`
	Expert         string    `json:"expert,omitempty" maxLength:"200" example:"Expert 17" doc:"Name or number of the person whose service it was."`
	CertifiedBy    string    `json:"certified_by,omitempty" maxLength:"200" example:"Chief, Programme" doc:"Who confirmed that it was given."`
	Category       string    `json:"category,omitempty" enum:"expert,consultant,staff_on_loan,goods,premises,travel"`
	Description    string    `json:"description,omitempty" maxLength:"500" example:"Forensic experts"`
	Quantity       string    `json:"quantity" maxLength:"20" pattern:"^[0-9]{1,12}(\\.[0-9]{1,6})?$" patternDescription:"digits with at most six decimals" example:"45"`
	Unit           string    `json:"unit,omitempty" maxLength:"50" example:"expert_day"`
	Value          *Money    `json:"value,omitempty" format:"money-or-zero" doc:"What the fund assesses the whole quantity at; zero is a value. With a pledge, left out: the pledge's value by quantity."`
	UnitValue      *Money    `json:"unit_value,omitempty" format:"money-or-zero" doc:"What the fund assesses one unit at; with value, the two must fit."`
	DeclaredValue  *Money    `json:"declared_value,omitempty" format:"money-or-zero" doc:"What the contributor declares the whole to be worth. With a pledge, left out: the pledge's by quantity. Alone it is the assessed value, too, with the basis donor_stated."`
	USDAmount      *Money    `json:"usd_amount,omitempty" format:"money-or-zero" doc:"Stated value in USD; left out, the rate in force."`
	ValuationBasis string    `json:"valuation_basis,omitempty" enum:"donor_stated,pro_forma_cost,un_consultant_rate,market_price"`
	Surplus        bool      `json:"surplus,omitempty" doc:"More than the pledge promises is meant."`
	Valuer         string    `json:"valuer,omitempty" maxLength:"200"`
	ValuedOn       Date      `json:"valued_on,omitempty"`
	Evidence       *Evidence `json:"evidence,omitempty" doc:"The document that shows it."`
	Note           string    `json:"note,omitempty" maxLength:"1000"`
}

func (b DeliveryBody) input() (postgres.DeliveryInput, error) {
	var v ledger.Violations
	in := postgres.DeliveryInput{Pledge: b.Pledge.ledger(), Item: b.Item, Contributor: ledger.ContributorCode(b.Contributor), Fund: ledger.FundCode(b.Fund),
		FundYear: b.FundYear, DeliveredOn: b.DeliveredOn.Ledger(), PeriodFrom: b.PeriodFrom.Ledger(), Category: ledger.Category(b.Category),
		Description: b.Description, Quantity: quantityOf(&v, "/quantity", b.Quantity), Unit: b.Unit, USD: usdOf(&v, b.USDAmount),
		Basis: ledger.ValuationBasis(b.ValuationBasis), Surplus: b.Surplus, Evidence: b.Evidence.ledger(), Note: b.Note,
		PeriodTo: b.PeriodTo.Ledger(), Expert: b.Expert, CertifiedBy: b.CertifiedBy, Value: moneyIn(b.Value), UnitValue: moneyIn(b.UnitValue),
		Declared: moneyIn(b.DeclaredValue), Valuer: b.Valuer, ValuedOn: b.ValuedOn.Ledger()}
	switch {
	case in.PeriodTo.IsZero():
	case in.PeriodFrom.IsZero():
		v.Add("/period_from", ledger.RuleRequired, "A period that ends has a first day.")
	case in.PeriodTo.Before(in.PeriodFrom):
		v.Add("/period_to", ledger.RuleDateOrder, "The period ends before it begins, on %s.", in.PeriodFrom)
	case in.DeliveredOn.Before(in.PeriodTo):
		v.Add("/period_to", ledger.RuleDateOrder, "The period ends after the delivery, on %s.", in.DeliveredOn)
	}
	if in.DeliveredOn.Before(in.PeriodFrom) {
		v.Add("/period_from", ledger.RuleDateOrder, "The period begins after it ends, on %s.", in.DeliveredOn)
	}
	if in.Item != 0 && b.Pledge == "" {
		v.Add("/item", ledger.RuleRequired, "An item is one of a pledge; the pledge is missing.")
	}
	return in, v.Err()
}

// RecordDeliveryInput is the request to record a delivery.
type RecordDeliveryInput struct{ Body DeliveryBody }

// DeliveryInput names a delivery in the path.
type DeliveryInput struct {
	ID ID `path:"id" format:"uuid" doc:"Identifier of the delivery."`
}

// ReverseDeliveryInput is the request to reverse a delivery.
type ReverseDeliveryInput struct {
	DeliveryInput
	Body ReversalBody
}

// CertificationBody says who confirms that a delivery was given.
type CertificationBody struct {
	CertifiedBy string `json:"certified_by" maxLength:"200" example:"Chief, Programme" doc:"Who confirms that it was given."`
	Note        string `json:"note,omitempty" maxLength:"1000" example:"Time sheets seen"`
}

// CertifyDeliveryInput is the request to certify a delivery.
type CertifyDeliveryInput struct {
	DeliveryInput
	Body CertificationBody
}

// DeliveriesInput has the filters of the list of deliveries.
type DeliveriesInput struct {
	Paging
	Contributor string `query:"contributor" maxLength:"64" doc:"Code of the contributor."`
	Fund        string `query:"fund" maxLength:"64" doc:"Code of the fund."`
	Pledge      ID     `query:"pledge" format:"uuid" doc:"Identifier of the pledge."`
	From        Date   `query:"from" doc:"First date of delivery."`
	To          Date   `query:"to" doc:"Last date of delivery."`
	GivenFrom   Date   `query:"given_from" doc:"First day of a span: only what was being given on one of its days, from the first day of a service to the last."`
	GivenTo     Date   `query:"given_to" doc:"Last day of the span."`
	Certified   string `query:"certified" enum:"no" doc:"no: only what stands and nobody has confirmed."`
}

func deliveryCommand(r Request, status int) postgres.Command {
	return command(r, status, func(d *postgres.DeliveryRecord) (string, any) { return pathTo("deliveries", d.ID), deliveryOf(*d) })
}

func (s *Server) serveDeliveries(store *postgres.Store) {
	write[RecordDeliveryInput, Delivery](s, operation{ID: "record-delivery", Path: "/v1/deliveries", Tag: "deliveries", Summary: "Record goods or services in kind",
		Description: "Goods are recognised at fair value; services are disclosed, or recognised by the fund's policy. With a pledge, what the pledge says may be left out.",
		Problems: []ledger.Rule{ledger.RuleContributorUnknown, ledger.RuleFundUnknown, ledger.RulePledgeUnknown, ledger.RulePledgeForm, ledger.RulePledgeStage,
			ledger.RuleItemUnknown, ledger.RuleUnitUnknown, ledger.RuleValuation, ledger.RuleCurrencyMismatch, ledger.RuleQuantityExceedsPledge, ledger.RuleContributorMismatch, ledger.RuleFundMismatch, ledger.RuleRateMissing,
			ledger.RuleDateOrder, ledger.RuleDateInFuture, ledger.RulePeriodClosed}},
		func(ctx context.Context, r Request, in *RecordDeliveryInput) (Answer, error) {
			input, err := in.Body.input()
			if err != nil {
				return Answer{}, err
			}
			a, err := store.RecordDelivery(ctx, deliveryCommand(r, 201), input)
			return Answer(a), err
		})
	read(s, operation{ID: "get-delivery", Path: "/v1/deliveries/{id}", Tag: "deliveries", Summary: "Show a delivery", Problems: []ledger.Rule{ledger.RuleNotFound},
		Description: "With its valuations and the entries that it made. To a donor, another's delivery is not there (404)."},
		func(ctx context.Context, in *DeliveryInput) (Delivery, error) {
			d, err := store.Delivery(ctx, in.ID.ledger())
			if err != nil {
				return Delivery{}, err
			}
			return deliveryOf(d), nil
		})
	list(s, operation{ID: "list-deliveries", Path: "/v1/deliveries", Tag: "deliveries", Summary: "List deliveries by date",
		Description: "What was provided in kind, by the day of delivery. A donor is shown its own."},
		func(ctx context.Context, in *DeliveriesInput, w Window[dateKey]) ([]Delivery, *dateKey, error) {
			after, err := first(w).date()
			if err != nil {
				return nil, nil, err
			}
			f := postgres.DeliveryFilter{Contributor: ledger.ContributorCode(in.Contributor), Fund: ledger.FundCode(in.Fund), Pledge: in.Pledge.ledger(),
				From: in.From.Ledger(), To: in.To.Ledger(),
				During: ledger.Period{From: in.GivenFrom.Ledger(), To: in.GivenTo.Ledger()}, Uncertified: in.Certified == "no"}
			records, err := store.Deliveries(ctx, f, postgres.DeliveryKey{DeliveredOn: after, ID: first(w).ID}, w.Limit+1)
			items, next := nextOf(records, w.Limit, deliveryOf, func(d postgres.DeliveryRecord) dateKey { return dateKey{d.DeliveredOn.String(), d.ID} })
			return items, next, err
		})
	write[CertifyDeliveryInput, Delivery](s, operation{ID: "certify-delivery", Path: "/v1/deliveries/{id}/certification", Tag: "deliveries", Status: 200,
		Summary:     "Certify a delivery that was recorded before",
		Description: "Who confirms that it was given, where that was not known as it was recorded. A delivery is certified once.",
		Problems:    []ledger.Rule{ledger.RuleNotFound, ledger.RuleAlreadyReversed, ledger.RuleDeliveryCertified}},
		func(ctx context.Context, r Request, in *CertifyDeliveryInput) (Answer, error) {
			a, err := store.CertifyDelivery(ctx, deliveryCommand(r, 200), in.ID.ledger(), in.Body.CertifiedBy, in.Body.Note)
			return Answer(a), err
		})
	write[ReverseDeliveryInput, Delivery](s, operation{ID: "reverse-delivery", Path: "/v1/deliveries/{id}/reversal", Tag: "deliveries", Status: 200, Guarded: true,
		Description: "Every entry of the delivery is reversed, its revaluations included, and the promise that it kept is outstanding again. A delivery is reversed once.",
		Summary:     "Reverse a delivery", Problems: reversalProblems},
		func(ctx context.Context, r Request, in *ReverseDeliveryInput) (Answer, error) {
			a, err := store.ReverseDelivery(ctx, deliveryCommand(r, 200), in.ID.ledger(), in.Body.input())
			return Answer(a), err
		})
}
