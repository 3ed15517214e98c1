package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// openPledgesQuery reads the cash pledges, the paid ones too, with what is outstanding of each: what is receivable (1200) and
// what is only announced (9100). Served by journal_line_pledge_id. One of the two lines below ends it.
const openPledgesQuery = `
SELECT p.id, p.reference, contributor_survivor(p.contributor, now()) AS contributor, p.fund, p.fund_year, coalesce(o.currency, '') AS currency, coalesce(o.amount, 0) AS amount,
       ARRAY(SELECT DISTINCT v.document FROM pledge_event v WHERE v.pledge_id = p.id AND v.document <> '') AS documents,
       (SELECT json_agg(json_build_object('number', i.number, 'due_on', i.due_on, 'currency', i.currency, 'amount', i.amount::text) ORDER BY i.number)
        FROM instalment i JOIN pledge_event v ON v.id = i.event_id
        WHERE i.pledge_id = p.id AND NOT EXISTS (SELECT FROM journal_entry x WHERE x.reverses = v.entry_id)) AS schedule,
       (SELECT max(v.effective_date) FROM pledge_event v WHERE v.pledge_id = p.id AND v.kind IN ('announced', 'agreed')) AS due_on
FROM pledge p
LEFT JOIN LATERAL (SELECT l.currency, sum(l.amount) AS amount FROM journal_line l WHERE l.pledge_id = p.id AND l.account IN ('1200', '9100')
                   GROUP BY l.currency HAVING sum(l.amount) > 0 ORDER BY sum(l.amount) DESC LIMIT 1) o ON true
WHERE p.form = 'cash'`

const (
	nextPledges = `
AND p.id > $1
ORDER BY p.id LIMIT $2`
	theseAlone = `
AND p.id = ANY ($1)
ORDER BY p.id`
)

// pledgesAtOnce is how many pledges are read at once into a matcher: what was read on the way is not all in memory with it.
const pledgesAtOnce = 5000

// newMatcher reads the books into a matcher.
func newMatcher(ctx context.Context, query selecting) (*ledger.Matcher, error) {
	parties, err := readParties(ctx, query)
	if err != nil {
		return nil, err
	}
	m := ledger.NewMatcher(nil, parties)
	for after := uuid.Nil; ; {
		pledges, err := openPledges(ctx, query, nextPledges, after, pledgesAtOnce)
		if err != nil || len(pledges) == 0 {
			return m, err
		}
		m.Add(pledges)
		after = pledges[len(pledges)-1].ID
	}
}

func openPledges(ctx context.Context, query selecting, which string, args ...any) ([]ledger.OpenPledge, error) {
	var rows []struct {
		ID          uuid.UUID
		Reference   string
		Contributor ledger.ContributorCode
		Fund        ledger.FundCode
		FundYear    int `db:"fund_year"`
		Currency    ledger.Currency
		Amount      decimal.Decimal
		Documents   pq.StringArray
		Schedule    []byte
		DueOn       ledger.Date `db:"due_on"`
	}
	if err := query(ctx, &rows, openPledgesQuery+which, args...); err != nil {
		return nil, err
	}
	list := make([]ledger.OpenPledge, len(rows))
	for i, r := range rows {
		p := ledger.OpenPledge{ID: r.ID, Reference: r.Reference, Documents: r.Documents, Contributor: r.Contributor, Fund: r.Fund, FundYear: r.FundYear,
			Outstanding: ledger.Money{Amount: r.Amount, Currency: r.Currency}}
		var schedule []ledger.Instalment
		if r.Schedule != nil {
			var steps []struct {
				Number   int
				DueOn    string `json:"due_on"`
				Currency ledger.Currency
				Amount   decimal.Decimal
			}
			if err := json.Unmarshal(r.Schedule, &steps); err != nil {
				return nil, fmt.Errorf("read the instalments of pledge %s: %w", r.ID, err)
			}
			for _, s := range steps {
				on, err := ledger.ParseDate(s.DueOn)
				if err != nil {
					return nil, err
				}
				schedule = append(schedule, ledger.Instalment{Number: s.Number, DueOn: on, Money: ledger.Money{Amount: s.Amount, Currency: s.Currency}})
			}
		} else {
			schedule = []ledger.Instalment{{Number: 1, DueOn: r.DueOn, Money: p.Outstanding}}
		}
		for _, d := range ledger.DueOf(schedule, nil, ledger.Converted{Money: p.Outstanding, USD: p.Outstanding.Amount}) {
			p.Dues = append(p.Dues, ledger.Instalment{Number: d.Number, DueOn: d.DueOn, Money: d.Left.Money})
		}
		list[i] = p
	}
	return list, nil
}

// readParties reads who may pay: names of every kind, what officers confirmed, and their rules.
func readParties(ctx context.Context, query selecting) (ledger.Parties, error) {
	var parties ledger.Parties
	var contributors []struct {
		Code    string
		Name    string
		Kind    string
		Country string
		Parent  string
		Names   pq.StringArray
	}
	err := query(ctx, &contributors, `
		SELECT c.code, contributor_name_on(c.code, current_date, now()) AS name, c.kind, coalesce(c.country, '') AS country, coalesce(contributor_parent_on(c.code, current_date), '') AS parent,
		       ARRAY(SELECT c.name UNION SELECT a.name FROM contributor_alias a WHERE a.contributor = c.code
		             UNION SELECT n.name FROM contributor_name n WHERE n.contributor = c.code
		             UNION SELECT x.name FROM contributor_merge m JOIN contributor x ON x.code = m.absorbed WHERE m.survivor = c.code) AS names
		FROM contributor c WHERE NOT EXISTS (SELECT FROM contributor_merge m WHERE m.absorbed = c.code) ORDER BY c.code`)
	if err != nil {
		return parties, err
	}
	for _, c := range contributors {
		parties.Contributors = append(parties.Contributors, ledger.Contributor{Code: ledger.ContributorCode(c.Code), Name: c.Name, Kind: ledger.ContributorKind(c.Kind),
			Country: c.Country, Parent: ledger.ContributorCode(c.Parent), Aliases: c.Names})
	}
	var payers []struct {
		Contributor string
		NameKey     string `db:"name_key"`
		Account     string
	}
	err = query(ctx, &payers, `
		SELECT DISTINCT contributor_survivor(p.contributor, now()) AS contributor, p.name_key, p.account
		FROM payer p JOIN bank_decision_standing d ON d.id = p.decision_id ORDER BY 1, 2, 3`)
	if err != nil {
		return parties, err
	}
	for _, p := range payers {
		parties.Payers = append(parties.Payers, ledger.PayerKnown{Contributor: ledger.ContributorCode(p.Contributor), NameKey: p.NameKey, Account: p.Account})
	}
	rules, err := bankRules(ctx, query, uuid.Nil, 1<<20)
	for _, r := range rules {
		parties.Rules = append(parties.Rules, r.BankRule)
	}
	return parties, err
}
