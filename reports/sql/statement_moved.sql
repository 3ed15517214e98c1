-- What a contributor's pledges had outstanding before a period, and what moved them in it, by pledge.
--
-- $1 the codes of a contributor and of the records merged into it;
-- $2 fund's code, '' for all funds; $3 and $4 the first and the last day of the period; $5 the
-- instant at which it was known; $6 and $7 the fund's last closing of a year before the period and the last day of that year: what
-- is outstanding before the period is what that carries forward and the lines since. Null where there is none, and for all funds.
--
-- One row for what each pledge, item and account had outstanding in a currency before the period, and one for each entry in the
-- period: 9100 and 1200 are what is promised in cash, 9200 in kind. A debit is positive. The kind of a reversal is the kind of what
-- it reverses. released: the part of an announcement that had been kept or agreed before it was announced; the recognition is told
-- with it.
--
-- Indexes: journal_line_contributor (all columns that are read are in it), opening_balance_event_id, journal_entry_pkey, pledge_pkey.
WITH line AS MATERIALIZED (
    SELECT o.pledge_id, o.account, o.item_number, o.currency, '-infinity'::date AS effective_date, o.amount, o.amount_usd, NULL::uuid AS entry_id
    FROM opening_balance o
    WHERE o.event_id = $6 AND o.contributor = ANY ($1) AND o.pledge_id IS NOT NULL AND o.account IN ('1200', '9100', '9200')
    UNION ALL
    SELECT l.pledge_id, l.account, l.item_number, l.currency, l.effective_date, l.amount, l.amount_usd, l.entry_id
    FROM journal_line l
    WHERE l.contributor = ANY ($1) AND ($2 = '' OR l.fund = $2) AND l.effective_date > coalesce($7::date, '-infinity') AND l.effective_date <= $4
      AND l.recorded_at <= $5 AND l.pledge_id IS NOT NULL AND l.account IN ('1200', '9100', '9200')
),
moved AS (
    SELECT pledge_id, account, item_number, currency, '' AS kind, true AS before, false AS released, NULL::uuid AS entry_id,
        NULL::date AS effective_date, false AS reversal, sum(amount) AS amount, sum(amount_usd) AS amount_usd
    FROM line
    WHERE effective_date < $3
    GROUP BY pledge_id, account, item_number, currency
    HAVING sum(amount) <> 0 OR sum(amount_usd) <> 0
    UNION ALL
    SELECT k.pledge_id, k.account, k.item_number, k.currency, k.kind, false, k.account = '9100' AND k.kind = 'pledge_announced' AND (k.amount < 0) <> k.reversal,
        k.entry_id, k.effective_date, k.reversal, sum(k.amount), sum(k.amount_usd)
    FROM (SELECT l.*, e.reverses IS NOT NULL AS reversal,
              CASE WHEN e.reverses IS NULL THEN e.kind ELSE (SELECT o.kind FROM journal_entry o WHERE o.id = e.reverses) END AS kind
          FROM line l JOIN journal_entry e ON e.id = l.entry_id
          WHERE l.effective_date >= $3) k
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
)
SELECT m.pledge_id AS id, coalesce(m.item_number, 0) AS item_number, m.account, m.currency, m.kind, m.before, m.released,
    CASE WHEN m.released THEN (SELECT p.recognition FROM pledge p WHERE p.id = m.pledge_id) ELSE '' END AS recognition,
    m.entry_id, m.effective_date, m.reversal, m.amount, m.amount_usd
FROM moved m
ORDER BY m.pledge_id, m.item_number NULLS FIRST, m.currency, m.effective_date NULLS FIRST, m.entry_id
