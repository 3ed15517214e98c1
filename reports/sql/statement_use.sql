-- What became of the cash of a contributor's pledges whose use is accounted for one by one: those that an expenditure or
-- interest was recorded against, in USD, by the kind of the entry.
--
-- $1 the codes of a contributor and of the records merged into it; $2 fund's code, '' for all funds; $3 and $4 the first and
-- the last day of the period; $5 the instant at which it was known. The cash accounts do not name pledges, so the sign is
-- that of the other side: a credit to the pledge is cash that came, and amount_usd is positive for it. A reversal comes with
-- the kind that it reverses. before: the sum is of the days before the period.
--
-- Indexes: journal_line_contributor, journal_entry_pkey, pledge_pkey.
WITH line AS (
    SELECT l.pledge_id, coalesce(r.kind, e.kind) AS kind, l.effective_date < $3 AS before, -l.amount_usd AS amount_usd,
        bool_or(l.account IN ('5010', '5020') OR coalesce(r.kind, e.kind) = 'interest') OVER (PARTITION BY l.pledge_id) AS used
    FROM journal_line l
    JOIN journal_entry e ON e.id = l.entry_id
    LEFT JOIN journal_entry r ON r.id = e.reverses
    WHERE l.contributor = ANY ($1) AND ($2 = '' OR l.fund = $2) AND l.pledge_id IS NOT NULL
      AND l.account < '9000' AND l.account <> '1010' AND l.effective_date <= $4 AND l.recorded_at <= $5
)
SELECT p.id, p.contributor, p.reference, p.fund, p.fund_year, line.kind, line.before, sum(line.amount_usd) AS amount_usd
FROM line JOIN pledge p ON p.id = line.pledge_id
WHERE line.used
GROUP BY p.id, line.kind, line.before
ORDER BY p.fund COLLATE "C", p.fund_year, p.reference COLLATE "C", p.id, line.kind, line.before
