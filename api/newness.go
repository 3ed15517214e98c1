package api

import (
	"context"

	"github.com/google/uuid"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// DeclarationBody is what the donor says of a pledge.
type DeclarationBody struct {
	New               *bool  `json:"new,omitempty" doc:"The donor calls it new."`
	Additional        *bool  `json:"additional,omitempty" doc:"The donor calls it additional."`
	Text              string `json:"text,omitempty" maxLength:"2000" doc:"The donor's own words."`
	DocumentReference string `json:"document_reference,omitempty" maxLength:"200"`
}

func (b DeclarationBody) declaration() ledger.Declaration {
	return ledger.Declaration{New: b.New, Additional: b.Additional, Text: b.Text, Document: b.DocumentReference}
}

// Baseline is what a contributor would have given anyway, as it states it.
type Baseline struct {
	Amount   Money `json:"amount" format:"money-or-zero"`
	FromYear int   `json:"from_year" minimum:"1945" maximum:"2199" example:"2023" doc:"First year that it is taken from."`
	ToYear   int   `json:"to_year" minimum:"1945" maximum:"2199" example:"2025"`
}

// NewnessProposal is what the ledger proposes from its own history; the decision stands apart.
type NewnessProposal struct {
	New           bool  `json:"new" doc:"Nothing was pledged or given to the fund in the years looked back on, by the contributor or the records merged into it."`
	LookbackYears int   `json:"lookback_years"`
	Against       []int `json:"against" doc:"Fund years in which something was."`
}

// NewnessStep is a declaration of the donor or a decision.
type NewnessStep struct {
	Kind               string    `json:"kind" enum:"declaration,decision"`
	New                *bool     `json:"new,omitempty"`
	Additional         *bool     `json:"additional,omitempty"`
	ProposedNew        *bool     `json:"proposed_new,omitempty" doc:"What the ledger proposed when this was decided."`
	ProposedAdditional *bool     `json:"proposed_additional,omitempty" doc:"The same, against the baseline; absent when it could not be held against the pledges."`
	LookbackYears      int       `json:"lookback_years,omitempty"`
	Baseline           *Baseline `json:"baseline,omitempty"`
	Declaration        string    `json:"declaration,omitempty"`
	DocumentReference  string    `json:"document_reference,omitempty"`
	Note               string    `json:"note,omitempty" doc:"The reviewer's; not shown to donors."`
	RecordedBy         string    `json:"recorded_by,omitempty"`
	RecordedAt         string    `json:"recorded_at" format:"date-time"`
}

// Newness says whether a pledge is new and additional.
type Newness struct {
	Proposal NewnessProposal `json:"proposal"`
	Decision *NewnessStep    `json:"decision,omitempty" doc:"The last decision, which holds; absent while it is undecided."`
	History  []NewnessStep   `json:"history" doc:"Declarations and decisions in the order of recording."`
}

func newnessOf(n postgres.PledgeNewness) Newness {
	out := Newness{Proposal: NewnessProposal{New: n.ProposedNew, LookbackYears: n.Lookback, Against: append([]int{}, n.Against...)}, History: []NewnessStep{}}
	for _, d := range n.History {
		step := NewnessStep{Kind: "decision", New: d.New, Additional: d.Additional, ProposedNew: d.ProposedNew, ProposedAdditional: d.ProposedAdditional,
			LookbackYears: d.Lookback, Declaration: d.Text, DocumentReference: d.Document, Note: d.Note, RecordedBy: d.Actor, RecordedAt: instantOf(d.RecordedAt)}
		if d.Baseline != nil {
			step.Baseline = &Baseline{Amount: moneyOf(d.Baseline.Money), FromYear: d.Baseline.From, ToYear: d.Baseline.To}
		}
		if d.Declared {
			step.Kind = "declaration"
		} else {
			out.Decision = new(step)
		}
		out.History = append(out.History, step)
	}
	return out
}

// showNewness reads a pledge's newness; a donor is not shown who reviewed it and what was noted.
func showNewness(ctx context.Context, store *postgres.Store, id uuid.UUID) (*Newness, error) {
	n, err := store.PledgeNewness(ctx, id, ledger.DefaultLookback)
	if err != nil {
		return nil, err
	}
	if actorFrom(ctx).Role == ledger.RoleDonor {
		for i := range n.History {
			n.History[i].Note, n.History[i].Actor = "", ""
		}
	}
	return new(newnessOf(n)), nil
}

// NewnessBody is a decision on a pledge.
type NewnessBody struct {
	New           bool             `json:"new"`
	Additional    bool             `json:"additional"`
	LookbackYears int              `json:"lookback_years,omitempty" minimum:"1" maximum:"50" doc:"Fund years that the proposal looks back on. Left out: 3."`
	Baseline      *Baseline        `json:"baseline,omitempty" doc:"What the donor states that it gives anyway in a year."`
	Declaration   *NewnessDocument `json:"declaration,omitempty" doc:"The donor's words that the decision goes by."`
	Note          string           `json:"note" maxLength:"2000" doc:"The reviewer's grounds."`
}

// NewnessDocument is the donor's declaration on which a decision rests.
type NewnessDocument struct {
	Text              string `json:"text,omitempty" maxLength:"2000"`
	DocumentReference string `json:"document_reference,omitempty" maxLength:"200"`
}

// DecideNewnessInput is the request to decide whether a pledge is new and additional.
type DecideNewnessInput struct {
	PledgeInput
	Body NewnessBody
}

func (b NewnessBody) decision() (ledger.NewnessDecision, error) {
	var v ledger.Violations
	d := ledger.NewnessDecision{New: &b.New, Additional: &b.Additional, Lookback: b.LookbackYears, Note: b.Note}
	if d.Lookback == 0 {
		d.Lookback = ledger.DefaultLookback
	}
	if b.Declaration != nil {
		d.Text, d.Document = b.Declaration.Text, b.Declaration.DocumentReference
	}
	if b.Baseline != nil {
		d.Baseline = &ledger.Baseline{Money: b.Baseline.Amount.Ledger(), From: b.Baseline.FromYear, To: b.Baseline.ToYear}
		if d.Baseline.To < d.Baseline.From {
			v.Add("/baseline/to_year", ledger.RuleDateOrder, "The last year is before the first, %d.", d.Baseline.From)
		}
	}
	return d, v.Err()
}

func (s *Server) serveNewness(store *postgres.Store) {
	write[DecideNewnessInput, Newness](s, operation{ID: "decide-newness", Path: "/v1/pledges/{id}/newness", Tag: "pledges", Summary: "Decide whether a pledge is new and additional",
		Description: "The ledger proposes from its own history, the officer decides; the proposal is kept beside the decision, and earlier decisions stay. " +
			"A pledge is new when nothing was pledged or given to the fund in the years before, and additional when the year's pledges exceed the stated baseline.",
		Problems: []ledger.Rule{ledger.RuleNotFound, ledger.RuleDateOrder}},
		func(ctx context.Context, r Request, in *DecideNewnessInput) (Answer, error) {
			d, err := in.Body.decision()
			if err != nil {
				return Answer{}, err
			}
			a, err := store.DecideNewness(ctx, command(r, 201, func(n postgres.PledgeNewness) (string, any) {
				return pathTo("pledges", n.Pledge), newnessOf(n)
			}), in.ID.ledger(), d)
			return Answer(a), err
		})
}
