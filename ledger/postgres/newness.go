package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// newnessRow is a declaration or a decision as the posting carries it; a nil or empty value is NULL.
type newnessRow struct {
	PledgeID           uuid.UUID `json:"pledge_id"`
	Kind               string    `json:"kind"`
	IsNew              *bool     `json:"is_new"`
	IsAdditional       *bool     `json:"is_additional"`
	ProposedNew        *bool     `json:"proposed_new"`
	ProposedAdditional *bool     `json:"proposed_additional"`
	LookbackYears      string    `json:"lookback_years"`
	Currency           string    `json:"currency"`
	Amount             string    `json:"amount"`
	BaselineFrom       string    `json:"baseline_from"`
	BaselineTo         string    `json:"baseline_to"`
	Declaration        string    `json:"declaration"`
	Document           string    `json:"document"`
	Note               string    `json:"note"`
	ActorID            int64     `json:"actor_id"`
}

func (p *posting) addNewness(pledge uuid.UUID, actor int64, d ledger.NewnessDecision) {
	row := newnessRow{PledgeID: pledge, Kind: "decision", IsNew: d.New, IsAdditional: d.Additional, ProposedNew: d.ProposedNew,
		ProposedAdditional: d.ProposedAdditional, LookbackYears: number(d.Lookback), Declaration: d.Text, Document: d.Document, Note: d.Note, ActorID: actor}
	if d.Declared {
		row.Kind = "declaration"
	}
	if d.Baseline != nil {
		row.Currency, row.Amount = string(d.Baseline.Currency), d.Baseline.Fixed()
		row.BaselineFrom, row.BaselineTo = number(d.Baseline.From), number(d.Baseline.To)
	}
	p.Newness = append(p.Newness, row)
}

// PledgeNewness is what is known of a pledge being new and additional. The last decision of the history holds.
type PledgeNewness struct {
	Pledge      uuid.UUID
	Contributor ledger.ContributorCode
	Lookback    int
	ProposedNew bool
	Against     []int                    // fund years that speak against its being new
	History     []ledger.NewnessDecision // declarations and decisions in the order of recording
}

// historyQuery reads what a contributor gave to a pledge's fund: $1 the pledge. What was reversed does not count; a pledge
// that was cancelled does, since it had been made. Indexes: pledge_contributor, allocation_contributor,
// delivery_contributor, pledge_event_pledge_id, contributor_merge_survivor.
const historyQuery = `
WITH own AS (SELECT p.*, contributor_survivor(p.contributor, now()) AS survivor FROM pledge p WHERE p.id = $1),
family AS (SELECT survivor AS code FROM own
           UNION SELECT m.absorbed FROM contributor_merge m, own WHERE contributor_survivor(m.absorbed, now()) = own.survivor),
year_pledge AS (
    SELECT coalesce(v.currency, 'USD') AS currency, v.sign * coalesce(v.amount, v.amount_usd) AS amount, v.sign * v.amount_usd AS amount_usd
    FROM own JOIN pledge q ON q.contributor IN (SELECT code FROM family) AND q.fund = own.fund AND q.fund_year = own.fund_year AND q.form = own.form
    CROSS JOIN LATERAL (
        SELECT e.currency, e.amount, e.amount_usd, CASE WHEN e.kind IN ('reduced', 'cancelled') THEN -1 ELSE 1 END AS sign
        FROM pledge_event e
        WHERE e.pledge_id = q.id AND e.kind IN ('announced', 'agreed', 'increased', 'reduced', 'cancelled')
          AND NOT (e.kind = 'announced' AND EXISTS (SELECT FROM pledge_event a WHERE a.pledge_id = q.id AND a.kind = 'agreed'))) v)
SELECT own.contributor, own.fund_year,
    ARRAY(SELECT q.fund_year FROM pledge q WHERE q.contributor IN (SELECT code FROM family) AND q.fund = own.fund AND q.id <> own.id
          UNION
          SELECT a.fund_year FROM allocation a
          WHERE a.contributor IN (SELECT code FROM family) AND a.fund = own.fund AND a.pledge_id IS DISTINCT FROM own.id
            AND NOT EXISTS (SELECT FROM journal_entry x WHERE x.reverses = a.entry_id)
          UNION
          SELECT d.fund_year FROM delivery d
          WHERE d.contributor IN (SELECT code FROM family) AND d.fund = own.fund AND d.pledge_id IS DISTINCT FROM own.id
            AND NOT EXISTS (SELECT FROM journal_entry e JOIN journal_entry x ON x.reverses = e.id WHERE e.delivery_id = d.id))::bigint[] AS given,
    (SELECT coalesce(json_agg(y), '[]') FROM (SELECT currency, sum(amount)::text AS amount, sum(amount_usd)::text AS amount_usd
                                              FROM year_pledge GROUP BY currency) y) AS pledged,
    (SELECT coalesce(json_agg(n ORDER BY n.id), '[]')
     FROM (SELECT n.id, n.kind, n.is_new, n.is_additional, n.proposed_new, n.proposed_additional, n.lookback_years, n.currency, n.amount::text,
                  n.baseline_from, n.baseline_to, n.declaration, n.document, n.note, a.name AS actor, n.recorded_at
           FROM pledge_newness n JOIN actor a ON a.id = n.actor_id WHERE n.pledge_id = own.id) n) AS history
FROM own`

type newnessHistoryRow struct {
	Contributor ledger.ContributorCode
	FundYear    int `db:"fund_year"`
	Given       pq.Int64Array
	Pledged     []byte
	History     []byte
}

type newnessDecisionRow struct {
	Kind               string
	IsNew              *bool `json:"is_new"`
	IsAdditional       *bool `json:"is_additional"`
	ProposedNew        *bool `json:"proposed_new"`
	ProposedAdditional *bool `json:"proposed_additional"`
	LookbackYears      int   `json:"lookback_years"`
	Currency           *ledger.Currency
	Amount             decimal.Decimal
	BaselineFrom       int `json:"baseline_from"`
	BaselineTo         int `json:"baseline_to"`
	Declaration        string
	Document           string
	Note               string
	Actor              string
	RecordedAt         time.Time `json:"recorded_at"`
}

func (r newnessDecisionRow) decision() ledger.NewnessDecision {
	d := ledger.NewnessDecision{Declared: r.Kind == "declaration", New: r.IsNew, Additional: r.IsAdditional, ProposedNew: r.ProposedNew,
		ProposedAdditional: r.ProposedAdditional, Lookback: r.LookbackYears, Text: r.Declaration, Document: r.Document, Note: r.Note,
		Actor: r.Actor, RecordedAt: r.RecordedAt.UTC()}
	if r.Currency != nil {
		d.Baseline = &ledger.Baseline{Money: ledger.Money{Amount: r.Amount, Currency: *r.Currency}, From: r.BaselineFrom, To: r.BaselineTo}
	}
	return d
}

// newness reads a pledge's history and proposes whether it is new.
func newness(ctx context.Context, from reader, id uuid.UUID, lookback int) (PledgeNewness, ledger.GivingHistory, error) {
	var row newnessHistoryRow
	err := from.get(ctx, &row, historyQuery, id)
	if noRows(err) {
		return PledgeNewness{}, ledger.GivingHistory{}, ledger.Fail(ledger.RuleNotFound, "There is no such pledge.")
	}
	if err != nil {
		return PledgeNewness{}, ledger.GivingHistory{}, err
	}
	h := ledger.GivingHistory{FundYear: row.FundYear, Pledged: map[ledger.Currency]decimal.Decimal{}}
	for _, y := range row.Given {
		h.Given = append(h.Given, int(y))
	}
	var pledged []amounts
	var decisions []newnessDecisionRow
	for data, into := range map[*[]byte]any{&row.Pledged: &pledged, &row.History: &decisions} {
		if err := json.Unmarshal(*data, into); err != nil {
			return PledgeNewness{}, h, fmt.Errorf("read the history of pledge %s: %w", id, err)
		}
	}
	for _, a := range pledged {
		h.Pledged[a.Currency], h.PledgedUSD = a.Amount, h.PledgedUSD.Add(a.AmountUSD)
	}
	out := PledgeNewness{Pledge: id, Contributor: row.Contributor, Lookback: lookback, History: transform(decisions, newnessDecisionRow.decision)}
	out.ProposedNew, out.Against = ledger.ProposeNew(h, lookback)
	return out, h, nil
}

// PledgeNewness returns what is known of a pledge being new and additional, looking back on some fund years.
// Errors: [ledger.RuleNotFound].
func (s *Store) PledgeNewness(ctx context.Context, id uuid.UUID, lookback int) (PledgeNewness, error) {
	n, _, err := newness(ctx, s, id, lookback)
	return n, err
}

// DecideNewness records a decision, or a later declaration of the donor, beside what the ledger proposes at the time. What
// was decided before stays.
// Errors: [ledger.RuleNotFound].
func (s *Store) DecideNewness(ctx context.Context, c Command, id uuid.UUID, d ledger.NewnessDecision) (Answer, error) {
	return s.write(ctx, c, pledgeLocks(id), func(ctx context.Context, t *tx) (any, error) {
		n, history, err := newness(ctx, t, id, d.Lookback)
		if err != nil {
			return nil, err
		}
		d.ProposedNew = &n.ProposedNew
		if d.Baseline != nil {
			if additional, known := ledger.ProposeAdditional(history, *d.Baseline); known {
				d.ProposedAdditional = &additional
			}
		}
		d.Actor, d.RecordedAt = t.actor.Name, t.now
		t.addNewness(id, t.actor.ID, d)
		n.History = append(n.History, d)
		return n, nil
	})
}
