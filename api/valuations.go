package api

import (
	"context"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// Evidence is a document that shows a value or a delivery.
type Evidence struct {
	Reference string `json:"reference" maxLength:"300" example:"Time sheets April 2026" doc:"What the correspondence calls the document."`
	SHA256    string `json:"sha256,omitempty" maxLength:"64" pattern:"^[0-9a-f]{64}$" patternDescription:"64 hexadecimal digits in small letters" doc:"SHA-256 of the document's bytes, so that another document cannot take its place."`
}

func (e *Evidence) ledger() ledger.Evidence {
	if e == nil {
		return ledger.Evidence{}
	}
	return ledger.Evidence{Reference: e.Reference, SHA256: e.SHA256}
}

func evidenceOf(e ledger.Evidence) *Evidence {
	if e.Reference == "" {
		return nil
	}
	return &Evidence{Reference: e.Reference, SHA256: e.SHA256}
}

// Valuation is what something in kind was held to be worth from a date on.
type Valuation struct {
	EffectiveDate  Date      `json:"effective_date,omitempty" doc:"Absent on the first, which counts from the beginning."`
	Quantity       string    `json:"quantity" example:"55" doc:"What the value is of: of an item what was still promised, of a delivery the whole."`
	Value          Worth     `json:"value" doc:"What the fund assesses; the books use it."`
	UnitValue      Money     `json:"unit_value" doc:"Of one unit; rounded where only the whole was valued."`
	DeclaredValue  *Money    `json:"declared_value,omitempty" doc:"What the contributor declares; absent when it declared nothing."`
	ValuationBasis string    `json:"valuation_basis" enum:"donor_stated,pro_forma_cost,un_consultant_rate,market_price"`
	Valuer         string    `json:"valuer,omitempty"`
	ValuedOn       Date      `json:"valued_on,omitempty"`
	Evidence       *Evidence `json:"evidence,omitempty"`
	Reason         string    `json:"reason,omitempty" doc:"Why it differs from the one before."`
	Entry          ID        `json:"entry,omitempty" format:"uuid" doc:"The entry of the difference; absent when the value stayed."`
	RecordedAt     string    `json:"recorded_at,omitempty" format:"date-time"`
}

func valuationOf(w ledger.Valuation) Valuation {
	out := Valuation{EffectiveDate: dateOf(w.On), Quantity: w.Quantity.String(), Value: worthOf(w.Value), UnitValue: moneyOf(w.PerUnit()),
		DeclaredValue: declaredOf(w.Declared), ValuationBasis: string(w.Basis), Valuer: w.Valuer, ValuedOn: dateOf(w.ValuedOn),
		Evidence: evidenceOf(w.Evidence), Reason: w.Reason, Entry: idOf(w.Entry)}
	if !w.RecordedAt.IsZero() {
		out.RecordedAt = instantOf(w.RecordedAt)
	}
	return out
}

func valuationsOf(history []ledger.Valuation) []Valuation {
	list := make([]Valuation, len(history))
	for i, w := range history {
		list[i] = valuationOf(w)
	}
	return list
}

func declaredOf(m ledger.Money) *Money {
	if m.Currency == "" {
		return nil
	}
	return new(moneyOf(m))
}

// moneyIn returns the money of a request; nil when it was left out.
func moneyIn(m *Money) *ledger.Money {
	if m == nil {
		return nil
	}
	return new(m.Ledger())
}

// ValuationBody values something in kind anew.
type ValuationBody struct {
	EffectiveDate  Date      `json:"effective_date" doc:"When it counts in the books."`
	Value          *Money    `json:"value,omitempty" format:"money-or-zero" doc:"What the fund assesses, of the whole: of an item what is still promised. Left out: the quantity times unit_value, or declared_value."`
	UnitValue      *Money    `json:"unit_value,omitempty" format:"money-or-zero" doc:"What the fund assesses, of one unit."`
	DeclaredValue  *Money    `json:"declared_value,omitempty" format:"money-or-zero" doc:"What the contributor declares, of the whole. Left out: as before, by quantity."`
	ValuationBasis string    `json:"valuation_basis,omitempty" enum:"donor_stated,pro_forma_cost,un_consultant_rate,market_price" doc:"May be left out when only declared_value is there."`
	Valuer         string    `json:"valuer,omitempty" maxLength:"200" example:"Chief, Finance Section"`
	ValuedOn       Date      `json:"valued_on,omitempty"`
	Evidence       *Evidence `json:"evidence,omitempty"`
	Reason         string    `json:"reason" maxLength:"500" example:"The consultants' rate was raised"`
}

func (b ValuationBody) input() postgres.ValuationInput {
	return postgres.ValuationInput{Date: b.EffectiveDate.Ledger(), Value: moneyIn(b.Value), UnitValue: moneyIn(b.UnitValue), Declared: moneyIn(b.DeclaredValue),
		Basis: ledger.ValuationBasis(b.ValuationBasis), Valuer: b.Valuer, ValuedOn: b.ValuedOn.Ledger(), Evidence: b.Evidence.ledger(), Reason: b.Reason}
}

// RevalueItemInput is the request to value what an item still promises.
type RevalueItemInput struct {
	PledgeInput
	Number int `path:"number" minimum:"1" maximum:"100" doc:"Number of the pledge's item."`
	Body   ValuationBody
}

// RevalueDeliveryInput is the request to value a delivery anew.
type RevalueDeliveryInput struct {
	DeliveryInput
	Body ValuationBody
}

// serveValuations registers the revaluation of what is in kind.
func (s *Server) serveValuations(store *postgres.Store) {
	problems := []ledger.Rule{ledger.RuleNotFound, ledger.RuleValuation, ledger.RuleCurrencyMismatch, ledger.RuleRateMissing, ledger.RuleDateInFuture,
		ledger.RuleDateOrder, ledger.RulePeriodClosed}
	write[RevalueItemInput, Pledge](s, operation{ID: "revalue-item", Path: "/v1/pledges/{id}/items/{number}/valuation", Tag: "pledges", Status: 200, Guarded: true,
		Summary: "Value anew what an item of a pledge in kind still promises",
		Description: "The difference is an entry of its own, dated in an open period, with its reason; the valuations before stay. What was delivered keeps its value: " +
			"value its deliveries.",
		Problems: append(problems, ledger.RulePledgeForm, ledger.RuleItemUnknown, ledger.RuleNothingOutstanding)},
		func(ctx context.Context, r Request, in *RevalueItemInput) (Answer, error) {
			a, err := store.RevalueItem(ctx, pledgeCommand(r, 200), in.ID.ledger(), in.Number, in.Body.input())
			return Answer(a), err
		})
	write[RevalueDeliveryInput, Delivery](s, operation{ID: "revalue-delivery", Path: "/v1/deliveries/{id}/valuation", Tag: "deliveries", Status: 200, Guarded: true,
		Summary:     "Value a delivery in kind anew",
		Description: "The difference stands on the accounts of the delivery, as an entry of its own with its reason; a reversal of the delivery takes it back, too.",
		Problems:    append(problems, ledger.RuleAlreadyReversed)},
		func(ctx context.Context, r Request, in *RevalueDeliveryInput) (Answer, error) {
			a, err := store.RevalueDelivery(ctx, deliveryCommand(r, 200), in.ID.ledger(), in.Body.input())
			return Answer(a), err
		})
}
