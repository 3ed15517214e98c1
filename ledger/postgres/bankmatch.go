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
// what is only announced (9100). Served by journal_line_pledge_id.
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
WHERE p.form = 'cash'
ORDER BY p.id`

// newMatcher reads the books into a matcher.
func newMatcher(ctx context.Context, query selecting) (*ledger.Matcher, error) {
	pledges, err := openPledges(ctx, query)
	if err != nil {
		return nil, err
	}
	parties, err := readParties(ctx, query)
	if err != nil {
		return nil, err
	}
	return ledger.NewMatcher(pledges, parties), nil
}

func openPledges(ctx context.Context, query selecting) ([]ledger.OpenPledge, error) {
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
	if err := query(ctx, &rows, openPledgesQuery); err != nil {
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

// MatchResult is what a run over the lines that wait has done.
type MatchResult struct {
	Statement uuid.UUID
	Lines     int // that waited
	Linked    int // with what was in the books already
	Applied   int // alone
	Suggested int // that wait for an officer with a suggestion
	Unknown   int // that wait without one
	Refused   []MatchRefusal
}

// MatchRefusal is why a sure match could not be applied.
type MatchRefusal struct {
	Line   uuid.UUID
	Rule   ledger.Rule
	Detail string
}

// linkQueries link lines with what is in the books under the bank's reference and the same amount: $1 statement, $2 actor.
// Each row gets an identifier from PostgreSQL, since there may be very many.
var linkQueries = []string{
	`INSERT INTO bank_decision (id, line_id, kind, receipt_id, automatic, reasons, actor_id)
	SELECT DISTINCT ON (e.id) gen_random_uuid(), l.id, 'linked', r.id, true, ARRAY['The receipt has the bank''s reference ' || l.reference || '.'], $2
	FROM bank_line l JOIN receipt r ON r.bank_account = l.bank_account AND r.bank_reference = l.reference
	JOIN journal_entry e ON e.receipt_id = r.id AND e.kind = 'receipt'
	WHERE l.statement_id = $1 AND (r.currency = l.currency AND r.amount = l.amount OR l.currency = 'USD' AND r.amount_usd = l.amount)
	  AND NOT EXISTS (SELECT FROM journal_entry x WHERE x.reverses = e.id)
	  AND NOT EXISTS (SELECT FROM bank_decision_standing d WHERE d.line_id = l.id) AND NOT EXISTS (SELECT FROM bank_decision_standing d WHERE d.cash_entry_id = e.id)`,
	`INSERT INTO bank_decision (id, line_id, kind, entry_id, automatic, reasons, actor_id)
	SELECT DISTINCT ON (k.entry_id) gen_random_uuid(), l.id, 'linked', k.entry_id, true, ARRAY['The ' || k.what || ' has the bank''s reference ' || l.reference || '.'], $2
	FROM bank_line l
	JOIN (SELECT bank_account, bank_reference, entry_id, 'interest' AS what FROM interest
	      UNION ALL SELECT bank_account, bank_reference, entry_id, 'refund' FROM refund_payment WHERE bank_reference <> ''
	      UNION ALL SELECT x.bank_account, x.reference, e.id, 'expenditure' FROM expenditure x JOIN journal_entry e ON e.expenditure_id = x.id AND e.kind = 'expenditure') k
	     ON k.bank_account = l.bank_account AND k.bank_reference = l.reference
	WHERE l.statement_id = $1
	  AND l.amount = (SELECT sum(j.amount) FROM journal_line j WHERE j.entry_id = k.entry_id AND j.bank_account = l.bank_account AND j.currency = l.currency)
	  AND NOT EXISTS (SELECT FROM journal_entry x WHERE x.reverses = k.entry_id)
	  AND NOT EXISTS (SELECT FROM bank_decision_standing d WHERE d.line_id = l.id) AND NOT EXISTS (SELECT FROM bank_decision_standing d WHERE d.cash_entry_id = k.entry_id)`,
}

// MatchBankStatement links the lines of a statement that wait with what is in the books already, and applies alone what is
// sure by the threshold of its fund. reached is told how many lines were looked at; nil for nobody.
// Errors: [ledger.RuleNotFound].
func (s *Store) MatchBankStatement(ctx context.Context, c Command, statement uuid.UUID, reached func(done, of int)) (Answer, error) {
	locks := []lockID{{lockBank, "match " + statement.String()}}
	return s.write(ctx, c, locks, func(ctx context.Context, t *tx) (any, error) {
		rec, err := bankStatement(ctx, t.selectRows, statement)
		if err != nil {
			return nil, err
		}
		run := &matchRun{tx: t, result: &MatchResult{Statement: statement, Lines: rec.Waiting, Refused: []MatchRefusal{}}, reached: reached}
		return run.result, run.run(ctx)
	})
}

// matchRun is one run over the lines of a statement.
type matchRun struct {
	*tx
	matcher    *ledger.Matcher
	thresholds map[ledger.FundCode]int
	net        map[ledger.FundCode]bool // a contributor is credited without what banks kept
	result     *MatchResult
	reached    func(done, of int)
}

func (r *matchRun) run(ctx context.Context) error {
	for _, q := range linkQueries {
		res, err := r.db.ExecContext(ctx, q, r.result.Statement, r.actor.ID)
		if err != nil {
			return fmt.Errorf("link the lines: %w", err)
		}
		n, err := res.RowsAffected()
		if err != nil {
			return err
		}
		r.result.Linked += int(n)
	}
	var err error
	if r.matcher, err = newMatcher(ctx, r.selectRows); err != nil {
		return err
	}
	var funds []struct {
		Code      ledger.FundCode
		Threshold int `db:"match_threshold"`
		Net       bool
	}
	if err := r.selectRows(ctx, &funds, `SELECT code, match_threshold, charges = 'net' AS net FROM fund`); err != nil {
		return err
	}
	r.thresholds, r.net = map[ledger.FundCode]int{}, map[ledger.FundCode]bool{}
	for _, f := range funds {
		r.thresholds[f.Code], r.net[f.Code] = f.Threshold, f.Net
	}
	for after, done := 0, 0; ; {
		var rows []bankLineRow
		err := r.selectRows(ctx, &rows, `
			SELECT `+bankLineColumns+` FROM bank_line l
			WHERE l.statement_id = $1 AND l.number > $2 AND NOT EXISTS (SELECT FROM bank_decision_standing d WHERE d.line_id = l.id)
			ORDER BY l.number LIMIT $3`, r.result.Statement, after, linesAtOnce)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return nil
		}
		after = rows[len(rows)-1].Number
		list, err := bankLineRecords(rows)
		if err != nil {
			return err
		}
		for _, l := range list {
			if err := r.line(ctx, l); err != nil {
				return err
			}
		}
		if done += len(rows); r.reached != nil {
			r.reached(done, r.result.Lines)
		}
	}
}

// line looks at one line, and applies what is sure.
func (r *matchRun) line(ctx context.Context, l BankLineRecord) error {
	list := r.matcher.Match(l.BankLine)
	switch {
	case len(list) == 0:
		r.result.Unknown++
		return nil
	case !list[0].Sure || list[0].Kind == "" && (list[0].Pledge == uuid.Nil || list[0].Score < r.thresholds[list[0].Fund]):
		r.result.Suggested++
		return nil
	}
	of := list[0]
	credited := l.Amount
	if !r.net[of.Fund] {
		credited.Amount = credited.Amount.Add(l.Charges)
	}
	in := BankDecisionInput{Line: l.ID, Kind: ledger.BankDecisionKind(of.Kind), Fund: of.Fund, Note: of.Note, Automatic: true, Score: of.Score, Reasons: of.Reasons}
	if of.Kind == "" {
		in.Kind = ledger.BankReceipt
		in.Parts = []PartInput{{Pledge: of.Pledge, Amount: credited}}
	}
	err := r.attempt(ctx, func() error { _, err := r.decideLine(ctx, in, &l); return err })
	var refused *ledger.Error
	if asRefusal(err, &refused) {
		r.result.Refused = append(r.result.Refused, MatchRefusal{l.ID, refused.Rule, refused.Detail})
		r.result.Suggested++
		return nil
	}
	if err != nil {
		return err
	}
	r.result.Applied++
	if of.Kind == "" {
		r.matcher.Settle(of.Pledge, credited.Amount)
	}
	return nil
}

// checkNow checks what is otherwise checked at commit, but for the key, which is not there yet.
const checkNow = `SET CONSTRAINTS journal_entry_check, journal_entry_balances, journal_entry_approved, bank_decision_once IMMEDIATE;
SET CONSTRAINTS journal_entry_check, journal_entry_balances, journal_entry_approved, bank_decision_once DEFERRED`

// attempt does something that leaves nothing when it is refused.
func (t *tx) attempt(ctx context.Context, fn func() error) error {
	if _, err := t.db.ExecContext(ctx, "SAVEPOINT decision"); err != nil {
		return fmt.Errorf("set the savepoint: %w", err)
	}
	before := t.posting
	err := fn()
	if err == nil {
		_, err = t.db.ExecContext(ctx, checkNow)
	}
	if err != nil {
		t.posting = before
		if _, rollback := t.db.ExecContext(ctx, "ROLLBACK TO SAVEPOINT decision"); rollback != nil {
			return fmt.Errorf("undo what was refused: %w", rollback)
		}
		return translate(err)
	}
	if _, err := t.db.ExecContext(ctx, "RELEASE SAVEPOINT decision"); err != nil {
		return fmt.Errorf("keep the decision: %w", err)
	}
	return nil
}
