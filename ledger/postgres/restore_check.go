package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"slices"
	"strings"
)

// sums are what the ledger's triggers hold at every posting and no constraint holds afterwards: each query names what breaks it.
var sums = []struct{ what, query string }{
	{"entries that do not balance", `
		SELECT entry_id::text FROM journal_line GROUP BY entry_id, fund, account >= '9000' HAVING sum(amount_usd) <> 0`},
	{"entries with fewer than two lines", `
		SELECT e.id::text FROM journal_entry e LEFT JOIN journal_line l ON l.entry_id = e.id GROUP BY e.id HAVING count(l.entry_id) < 2`},
	{"receipts applied beyond their amount", `
		SELECT r.id::text FROM receipt r JOIN allocation a ON a.receipt_id = r.id GROUP BY r.id HAVING sum(a.amount) > r.credited`},
	{"pledges with less than nothing outstanding or deferred", `
		SELECT pledge_id::text FROM journal_line WHERE pledge_id IS NOT NULL AND account IN ('1200', '2200', '2400', '9100', '9200')
		GROUP BY pledge_id, account, item_number, receipt_id, currency
		HAVING CASE WHEN account IN ('2200', '2400') THEN -sum(amount) ELSE sum(amount) END < 0`},
	{"receipts that hold less than nothing", `
		SELECT receipt_id::text FROM journal_line WHERE receipt_id IS NOT NULL AND account IN ('2100', '2200', '2500')
		GROUP BY receipt_id, account, contributor, pledge_id, currency HAVING sum(amount) > 0`},
	{"entries without a place in the change stream", `
		SELECT id::text FROM journal_entry e
		WHERE NOT EXISTS (SELECT FROM event v WHERE v.entry_id = e.id) AND NOT EXISTS (SELECT FROM (SELECT unnest(entries) AS entry_id FROM event_queue) q WHERE q.entry_id = e.id)`},
	{"gaps in the change stream", `SELECT max(position)::text FROM event HAVING max(position) <> count(*)`},
}

// check reads a restored database back before it is committed: every table gives the rows whose hash the archive has, and
// the books balance.
func check(ctx context.Context, tx *sql.Tx, a *Archive, o RestoreOptions) error {
	for i, t := range a.Tables {
		o.Progress("verify", int64(i), int64(len(a.Tables)))
		end, err := readTable(ctx, tx, t, newHashed(io.Discard))
		if err != nil {
			return err
		}
		if end != a.ends[i] {
			return fmt.Errorf("table %s was loaded with %d rows and is not what the archive has (%d rows)", t.Name, end.Rows, a.ends[i].Rows)
		}
	}
	return balanced(ctx, tx)
}

// balanced returns an error that names what in the books does not hold together.
func balanced(ctx context.Context, tx *sql.Tx) error {
	var broken []string
	for _, s := range sums {
		rows, err := tx.QueryContext(ctx, s.query+` LIMIT 5`)
		if err != nil {
			return fmt.Errorf("look for %s: %w", s.what, err)
		}
		var found []string
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				return fmt.Errorf("look for %s: %w", s.what, err)
			}
			found = append(found, id)
		}
		if err := rows.Err(); err != nil {
			return fmt.Errorf("look for %s: %w", s.what, err)
		}
		if len(found) > 0 {
			broken = append(broken, s.what+": "+strings.Join(slices.Compact(found), ", "))
		}
	}
	if len(broken) > 0 {
		return fmt.Errorf("the books do not hold together: %s", strings.Join(broken, "; "))
	}
	return nil
}
