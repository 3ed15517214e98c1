package postgres

import (
	"fmt"
	"strings"

	"github.com/lib/pq"
)

// apart are the rows of each table that are in no leaf: what was put there while the triggers were off.
var apart = func() []string {
	var queries []string
	inEntry := func(table string) {
		queries = append(queries, `SELECT '`+table+`' AS kind, x.entry_id::text AS name FROM `+table+` x WHERE x.entry_id IS NOT NULL AND NOT EXISTS (SELECT FROM log_leaf l WHERE l.id = x.entry_id AND l.kind = 'journal_entry')`)
	}
	for _, table := range []string{"journal_line", "allocation", "refund", "refund_payment", "interest"} {
		inEntry(table)
	}
	// Those whose leaf is their entry's, or their own when they have none.
	for _, table := range []string{"pledge_event", "period_event", "fulfilment", "valuation"} {
		inEntry(table)
		queries = append(queries, `SELECT '`+table+`' AS kind, x.id::text AS name FROM `+table+` x WHERE x.entry_id IS NULL AND NOT EXISTS (SELECT FROM log_leaf l WHERE l.id = x.id AND l.kind = '`+table+`')`)
	}
	queries = append(queries,
		`SELECT 'journal_entry' AS kind, x.id::text AS name FROM journal_entry x WHERE NOT EXISTS (SELECT FROM log_leaf l WHERE l.id = x.id AND l.kind = 'journal_entry')`,
		`SELECT 'event' AS kind, x.entry_id::text AS name FROM event x WHERE NOT EXISTS (SELECT FROM log_leaf l WHERE l.id = x.entry_id AND l.kind = 'journal_entry')`)
	// What is in the leaf of the entry that it was recorded with.
	for _, p := range []struct{ table, key, entry string }{
		{"pledge", "id", "pledge_id"}, {"pledge_item", "pledge_id", "pledge_id"}, {"receipt", "id", "receipt_id"}, {"delivery", "id", "delivery_id"},
		{"expenditure", "id", "expenditure_id"}, {"expenditure_share", "expenditure_id", "expenditure_id"},
	} {
		q := `SELECT '` + p.table + `' AS kind, x.` + p.key + `::text AS name FROM ` + p.table + ` x WHERE NOT EXISTS (SELECT FROM journal_entry e WHERE e.` + p.entry + ` = x.` + p.key + ` AND e.recorded_at = x.recorded_at)`
		if p.entry == "pledge_id" {
			q += ` AND NOT EXISTS (SELECT FROM pledge_event v WHERE v.pledge_id = x.` + p.key + ` AND v.recorded_at = x.recorded_at AND v.entry_id IS NULL)`
		}
		queries = append(queries, q)
	}
	for _, table := range []string{"pledge_event_item", "instalment", "condition", "acceptance"} {
		queries = append(queries, `SELECT '`+table+`' AS kind, x.event_id::text AS name FROM `+table+` x WHERE NOT EXISTS (SELECT FROM pledge_event v WHERE v.id = x.event_id)`)
	}
	queries = append(queries, `SELECT 'opening_balance' AS kind, x.event_id::text AS name FROM opening_balance x WHERE NOT EXISTS (SELECT FROM period_event v WHERE v.id = x.event_id)`)
	for _, table := range []string{"bank_statement", "bank_decision"} {
		queries = append(queries, `SELECT '`+table+`' AS kind, x.id::text AS name FROM `+table+` x WHERE NOT EXISTS (SELECT FROM log_leaf l WHERE l.id = x.id AND l.kind = '`+table+`')`)
	}
	queries = append(queries,
		`SELECT 'bank_line' AS kind, x.id::text AS name FROM bank_line x WHERE NOT EXISTS (SELECT FROM bank_statement b WHERE b.id = x.statement_id)`,
		`SELECT 'payer' AS kind, x.decision_id::text AS name FROM payer x WHERE NOT EXISTS (SELECT FROM bank_decision d WHERE d.id = x.decision_id)`)
	for _, kind := range leafKinds {
		if parts := leafParts[kind]; len(parts) == 1 && kind != "fulfilment" && kind != "valuation" {
			on := strings.SplitN(parts[0].from, " ON ", 2)[1]
			queries = append(queries, `SELECT '`+kind+`' AS kind, x::text AS name FROM `+kind+` x WHERE NOT EXISTS (SELECT FROM log_leaf l WHERE l.kind = '`+kind+`' AND `+on+`)`)
		}
	}
	return queries
}()

// apartRow is a record that is in no leaf.
type apartRow struct{ Kind, Name string }

func (v *verifier) askUnsealed() []*answer[[]apartRow] {
	return transform(apart, func(query string) *answer[[]apartRow] { return askRows[apartRow](v.readers, query) })
}

// unsealed looks for records that are in no leaf.
func (v *verifier) unsealed(asked []*answer[[]apartRow]) error {
	for i, a := range asked {
		rows, err := a.wait()
		if err != nil {
			return fmt.Errorf("look for records that are not in the log: %w", err)
		}
		for _, r := range rows {
			v.found("The %s %s is not in the log: it was not recorded by the service.", strings.ReplaceAll(r.Kind, "_", " "), r.Name)
		}
		v.Progress("unsealed records", int64(i+1), int64(len(asked)))
	}
	return nil
}

// derived are the questions to the books whose answer has to be empty. The tables were held against the leaves before, so
// what is computed from them is computed from the leaves.
var derived = []struct{ query, says string }{
	{`SELECT l.entry_id::text FROM journal_line l GROUP BY l.entry_id, l.fund, l.account >= '9000' HAVING sum(l.amount_usd) <> 0`,
		"The lines of the journal entry %s do not sum to zero in a fund."},
	{`SELECT e.id::text FROM journal_entry e LEFT JOIN journal_line l ON l.entry_id = e.id GROUP BY e.id HAVING count(l.number) < 2`,
		"The journal entry %s has fewer than two lines."},
	{`SELECT l.pledge_id::text FROM journal_line l WHERE l.pledge_id IS NOT NULL AND l.account IN ('1200', '2200', '2400', '9100', '9200')
	  GROUP BY l.pledge_id, l.account, l.item_number, l.receipt_id, l.currency HAVING CASE WHEN l.account IN ('2200', '2400') THEN -sum(l.amount) ELSE sum(l.amount) END < 0`,
		"The pledge %s has less than nothing outstanding or deferred."},
	{`SELECT r.id::text FROM receipt r JOIN allocation a ON a.receipt_id = r.id LEFT JOIN journal_entry x ON x.reverses = a.entry_id
	  WHERE x.id IS NULL GROUP BY r.id HAVING sum(a.amount) > r.credited OR bool_or(a.currency <> r.currency)`,
		"The receipt %s is allocated beyond its amount."},
	{`SELECT p.fund || ' ' || p.starts_on || ' to ' || p.ends_on FROM period p
	  LEFT JOIN LATERAL (SELECT v.action FROM period_event v WHERE v.fund = p.fund AND v.starts_on = p.starts_on AND v.ends_on = p.ends_on ORDER BY v.recorded_at DESC, v.id DESC LIMIT 1) v ON true
	  WHERE p.closed <> coalesce(v.action = 'closed', false)`,
		"The period %s is open where its history says closed, or the other way round."},
	{`SELECT v.fund || ' ' || v.starts_on || ' to ' || v.ends_on FROM period_event v WHERE NOT EXISTS (SELECT FROM period p WHERE p.fund = v.fund AND p.starts_on = v.starts_on AND p.ends_on = v.ends_on)`,
		"The period %s has a history and is not there."},
	{`WITH standing AS (
	      SELECT v.id, v.fund, v.ends_on, v.recorded_at, b.event_id AS before, coalesce(b.ends_on, '-infinity') AS since
	      FROM period_event v
	      JOIN LATERAL last_closing(v.fund, v.ends_on, v.recorded_at) c ON c.event_id = v.id
	      LEFT JOIN LATERAL last_closing(v.fund, v.ends_on - 1, v.recorded_at) b ON true
	  )
	  SELECT s.fund || ' through ' || s.ends_on
	  FROM standing s
	  CROSS JOIN LATERAL (
	      SELECT FROM (
	          SELECT account, contributor, bank_account, pledge_id, item_number, receipt_id, currency, amount, amount_usd FROM opening_balance WHERE event_id = s.before
	          UNION ALL
	          SELECT account, contributor, bank_account, pledge_id, item_number, receipt_id, currency, -amount, -amount_usd FROM opening_balance WHERE event_id = s.id
	          UNION ALL
	          SELECT account, CASE WHEN named THEN contributor END, bank_account, CASE WHEN named THEN pledge_id END, CASE WHEN named THEN item_number END,
	              CASE WHEN named THEN receipt_id END, currency, amount, amount_usd
	          FROM (SELECT l.*, account < '4000' OR account >= '6000' AS named FROM journal_line l) l
	          WHERE fund = s.fund AND effective_date > s.since AND effective_date <= s.ends_on AND recorded_at <= s.recorded_at) b
	      GROUP BY account, contributor, bank_account, pledge_id, item_number, receipt_id, currency
	      HAVING sum(amount) <> 0 OR sum(amount_usd) <> 0
	      LIMIT 1) differs`,
		"What the books of %s carry forward is not what their lines add up to."},
	{`SELECT v.fund || ' through ' || v.ends_on
	  FROM period_event v
	  CROSS JOIN LATERAL (
	      SELECT FROM (
	          SELECT account, currency, kind, released, recognition, amount, amount_usd, 1 AS kept FROM year_movement WHERE event_id = v.id
	          UNION ALL
	          SELECT account, currency, kind, released, recognition, -amount, -amount_usd, -1 FROM movement(v.fund, v.starts_on, v.ends_on, v.recorded_at)) m
	      GROUP BY account, currency, kind, released, recognition
	      HAVING sum(amount) <> 0 OR sum(amount_usd) <> 0 OR sum(kept) <> 0
	      LIMIT 1) differs
	  WHERE v.action = 'closed' AND v.ends_on - v.starts_on > 31`,
		"What the books of %s moved in the year is not what their lines add up to."},
	{`SELECT s.line_id::text FROM bank_decision_standing s GROUP BY s.line_id HAVING count(*) > 1`,
		"The bank line %s has more than one decision that stands."},
	{`SELECT b.id::text FROM bank_statement b LEFT JOIN bank_line l ON l.statement_id = b.id GROUP BY b.id HAVING count(l.id) <> b.lines`,
		"The bank statement %s has not as many lines as were counted when it came."},
	{`SELECT s.number FROM statement s WHERE s.sha256 <> sha256(s.document)`,
		"The document of the statement %s is not the one whose hash was sealed."},
	{`SELECT number FROM (SELECT number, right(number, 6)::int AS n, row_number() OVER (PARTITION BY left(number, 4) ORDER BY number) AS place FROM statement) s WHERE n <> place`,
		"Before the statement %s a number is missing."},
}

// askedBooks are the questions to the books and the constraints.
type askedBooks struct {
	derived []*answer[[]string]
	broken  []*answer[[]brokenGuard]
}

// brokenGuard is a constraint that some rows break.
type brokenGuard struct {
	Guard string
	Rows  int64
}

// constrainedTables are the tables that have constraints: each that is large by itself, the largest first, and the others together.
const constrainedTables = `
	SELECT array_agg(c.oid::regclass::text ORDER BY c.relname)
	FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND EXISTS (SELECT FROM pg_constraint x WHERE x.conrelid = c.oid AND x.contype IN ('c', 'f'))
	GROUP BY CASE WHEN c.relpages > 500 THEN c.oid END ORDER BY sum(c.relpages) DESC`

func (v *verifier) askBooks() (askedBooks, error) {
	tables, err := askRows[pq.StringArray](v.readers, constrainedTables).wait()
	if err != nil {
		return askedBooks{}, fmt.Errorf("read which tables have constraints: %w", err)
	}
	// The largest table takes as long as most others together: it is asked for first.
	var asked askedBooks
	for _, some := range tables {
		asked.broken = append(asked.broken, askRows[brokenGuard](v.readers, `SELECT guard, rows FROM broken_constraints($1::text[]::regclass[])`, some))
	}
	for _, d := range derived {
		asked.derived = append(asked.derived, askRows[string](v.readers, d.query))
	}
	return asked, nil
}

// books looks at what follows from the records: balances, states and constraints.
func (v *verifier) books(asked askedBooks) error {
	steps := int64(len(asked.derived) + len(asked.broken))
	for i, d := range derived {
		rows, err := asked.derived[i].wait()
		if err != nil {
			return fmt.Errorf("look at the books: %w", err)
		}
		for _, name := range rows {
			v.found(d.says, name)
		}
		v.Progress("balances and constraints", int64(i+1), steps)
	}
	for i, a := range asked.broken {
		rows, err := a.wait()
		if err != nil {
			return fmt.Errorf("try the constraints: %w", err)
		}
		for _, r := range rows {
			v.found("%d rows break the constraint %s.", r.Rows, r.Guard)
		}
		v.Progress("balances and constraints", int64(len(derived)+i+1), steps)
	}
	return nil
}
