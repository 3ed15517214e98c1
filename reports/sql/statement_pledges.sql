-- A contributor's pledges, each with the sums of its journal lines by what moved them.
--
-- $1 the codes of a contributor and of the records merged into it;
-- $2 fund's code, '' for all funds; $3 and $4 the first and the last day of the period; $5 the
-- instant at which it was known; $6 and $7 the fund's last closing of a year before the period and the last day of that year: what
-- is outstanding before the period is told by what it carries forward and by the lines since. Null where there is none, and for
-- all funds.
--
-- One row for each pledge, item, account, currency and kind of entry before the period, and for each entry in it: 9100 and
-- 1200 are what is promised in cash, 9200 in kind, and 4010 says only whether something was kept. A debit is positive. The kind of a
-- reversal is the kind of what it reverses. released: the part of an announcement that had been kept or agreed before it
-- was announced. kept: the sum has a receipt or a delivery that was not reversed by the last day.
--
-- A pledge that nothing moved in the period and of which nothing was outstanding before it has no row.
--
-- Indexes: journal_line_contributor (all columns that are read are in it), opening_balance_event_id, journal_line_pledge_id,
-- pledge_pkey, pledge_event_pledge_id, journal_entry_pkey, journal_entry_reverses_key.
WITH told AS MATERIALIZED (
    SELECT DISTINCT s.pledge_id
    FROM (SELECT b.pledge_id
          FROM (SELECT o.pledge_id, o.account, o.item_number, o.currency, '-infinity'::date AS effective_date, o.amount, o.amount_usd
                FROM opening_balance o
                WHERE o.event_id = $6 AND o.contributor = ANY ($1) AND o.account IN ('1200', '9100', '9200')
                UNION ALL
                SELECT l.pledge_id, l.account, l.item_number, l.currency, l.effective_date, l.amount, l.amount_usd
                FROM journal_line l
                WHERE l.contributor = ANY ($1) AND ($2 = '' OR l.fund = $2) AND l.effective_date > coalesce($7::date, '-infinity') AND l.effective_date <= $4 AND l.recorded_at <= $5
                  AND l.account IN ('1200', '9100', '9200')) b
          WHERE b.pledge_id IS NOT NULL
          GROUP BY b.pledge_id, b.account, b.item_number, b.currency
          HAVING max(b.effective_date) >= $3 OR sum(b.amount) <> 0 OR sum(b.amount_usd) <> 0) s
),
promise AS MATERIALIZED ( -- its legs are looked up once a pledge, not once a sum
    SELECT p.id, p.contributor, p.reference, p.form, p.fund, p.fund_year, p.recognition, legs.*
    FROM told JOIN pledge p ON p.id = told.pledge_id
    CROSS JOIN LATERAL (
        SELECT max(v.effective_date) FILTER (WHERE v.kind = 'announced') AS announced_on,
            max(v.effective_date) FILTER (WHERE v.kind = 'agreed') AS agreed_on,
            max(v.effective_date) FILTER (WHERE v.kind = 'cancelled') AS cancelled_on,
            max(v.effective_date) FILTER (WHERE v.kind = 'written_off') AS written_off_on
        FROM pledge_event v
        LEFT JOIN journal_entry x ON x.reverses = v.entry_id AND x.effective_date <= $4 AND x.recorded_at <= $5
        WHERE v.pledge_id = p.id AND v.effective_date <= $4 AND v.recorded_at <= $5 AND x.id IS NULL
    ) legs
    WHERE p.contributor = ANY ($1) AND ($2 = '' OR p.fund = $2)
)
SELECT p.id, p.contributor, p.reference, p.form, p.fund, p.fund_year, p.recognition, p.announced_on, p.agreed_on,
    p.cancelled_on, p.written_off_on, m.account, m.item_number, m.currency, m.kind, m.before, m.released, m.entry_id,
    m.effective_date, m.reversal, m.kept, m.amount, m.amount_usd
FROM promise p
CROSS JOIN LATERAL ( -- a pledge has few lines, and the planner cannot know how many pledges are told
    SELECT l.account, l.item_number, l.currency, l.kind, l.before, l.released, l.entry_id, l.effective_date, l.reversal,
        bool_or(l.kept) AS kept, sum(l.amount) AS amount, sum(l.amount_usd) AS amount_usd
    FROM (
        SELECT l.account, coalesce(l.item_number, 0) AS item_number, l.currency, l.amount, l.amount_usd,
            coalesce(o.kind, e.kind) AS kind,
            l.effective_date < $3 AS before,
            CASE WHEN l.effective_date >= $3 THEN e.id END AS entry_id,
            CASE WHEN l.effective_date >= $3 THEN l.effective_date END AS effective_date,
            e.reverses IS NOT NULL AND l.effective_date >= $3 AS reversal,
            l.account = '9100' AND coalesce(o.kind, e.kind) = 'pledge_announced'
                AND (l.amount < 0) = (e.reverses IS NULL) AS released,
            e.kind IN ('receipt', 'identification', 'advance_applied', 'delivery') AND r.id IS NULL AS kept
        FROM journal_line l
        JOIN journal_entry e ON e.id = l.entry_id
        LEFT JOIN journal_entry o ON o.id = e.reverses
        LEFT JOIN journal_entry r ON r.reverses = e.id AND r.effective_date <= $4 AND r.recorded_at <= $5
        WHERE l.pledge_id = p.id AND l.contributor = p.contributor AND l.fund = p.fund
          AND l.account IN ('1200', '4010', '9100', '9200') AND l.effective_date <= $4 AND l.recorded_at <= $5
    ) l
    GROUP BY l.account, l.item_number, l.currency, l.kind, l.before, l.released, l.entry_id, l.effective_date, l.reversal
) m
ORDER BY p.fund COLLATE "C", p.fund_year, p.reference COLLATE "C", p.id, m.item_number, m.currency,
    m.effective_date NULLS FIRST, m.entry_id
