package postgres

import (
	"github.com/google/uuid"

	"vcledger/ledger"
)

// valued are the columns of a valuation beside the assessed value.
type valued struct {
	UnitAmount       string `json:"unit_amount"`
	DeclaredCurrency string `json:"declared_currency"`
	DeclaredAmount   string `json:"declared_amount"`
	Basis            string `json:"valuation_basis"`
	Valuer           string `json:"valuer"`
	ValuedOn         string `json:"valued_on"`
	Evidence         string `json:"evidence"`
	EvidenceSHA256   string `json:"evidence_sha256"`
}

func valuedOf(w ledger.Valuation) valued {
	v := valued{Basis: string(w.Basis), Valuer: w.Valuer, ValuedOn: w.ValuedOn.String(), Evidence: w.Evidence.Reference, EvidenceSHA256: w.Evidence.SHA256}
	if w.UnitValue.Currency != "" {
		v.UnitAmount = w.UnitValue.Fixed()
	}
	if w.Declared.Currency != "" {
		v.DeclaredCurrency, v.DeclaredAmount = string(w.Declared.Currency), w.Declared.Fixed()
	}
	return v
}

type acceptanceRow struct {
	EventID     uuid.UUID `json:"event_id"`
	AcceptedBy  string    `json:"accepted_by"`
	Currency    string    `json:"currency"`
	Amount      string    `json:"amount"`
	Description string    `json:"description"`
	LookedOn    string    `json:"looked_on"`
}

func (p *posting) addAcceptance(event uuid.UUID, a ledger.Acceptance) {
	row := acceptanceRow{EventID: event, AcceptedBy: a.By, Description: a.Description, LookedOn: a.LookedOn.String()}
	if a.Cost != nil {
		row.Currency, row.Amount = string(a.Cost.Currency), a.Cost.Fixed()
	}
	p.Acceptances = append(p.Acceptances, row)
}

type valuationRow struct {
	ID            uuid.UUID `json:"id"`
	PledgeID      string    `json:"pledge_id"`
	ItemNumber    string    `json:"item_number"`
	DeliveryID    string    `json:"delivery_id"`
	EffectiveDate string    `json:"effective_date"`
	Quantity      string    `json:"quantity"`
	Reason        string    `json:"reason"`
	EntryID       string    `json:"entry_id"`
	ActorID       int64     `json:"actor_id"`
	valued
	worth
}

// addValuation adds a later valuation of an item of a pledge, or of a delivery; the other identifier is zero.
func (p *posting) addValuation(pledge uuid.UUID, item int, delivery uuid.UUID, actor int64, w ledger.Valuation) {
	p.Valuations = append(p.Valuations, valuationRow{ID: w.ID, PledgeID: optional(pledge), ItemNumber: number(item), DeliveryID: optional(delivery),
		EffectiveDate: w.On.String(), Quantity: w.Quantity.String(), Reason: w.Reason, EntryID: optional(w.Entry), ActorID: actor,
		valued: valuedOf(w), worth: worthOf(w.Value)})
}
