-- The revenue that was recognised in each calendar year, by fund, account and contributor.
--
-- $1 fund's code, '' for all funds; $2 the effective date, included; $3 the instant at which it was known; $4 the year, 0 for
-- every year.
--
-- In USD, a revenue positive. The closing of a year is left out: it moves what it closes. code is the contributor that answers
-- for the lines' by then, '' for revenue of nobody's: interest, programme support and exchange gains, also where a
-- contributor's pledge brought them. under: the fund belongs to another fund.
--
-- Indexes: journal_line_balance for one fund; all funds are read in one pass over journal_line. journal_entry_pkey.
WITH revenue AS (
    SELECT extract(year FROM l.effective_date)::int AS year, l.fund, l.account,
        CASE WHEN l.account NOT IN ('4700', '4800', '4910') THEN l.contributor END AS contributor, sum(-l.amount_usd) AS amount_usd
    FROM journal_line l
    JOIN account a ON a.code = l.account AND a.kind = 'revenue'
    JOIN journal_entry e ON e.id = l.entry_id
    LEFT JOIN journal_entry o ON o.id = e.reverses
    WHERE ($1 = '' OR l.fund = $1) AND l.effective_date <= $2 AND l.recorded_at <= $3
      AND ($4::int = 0 OR l.effective_date BETWEEN make_date(nullif($4::int, 0), 1, 1) AND make_date(nullif($4::int, 0), 12, 31))
      AND coalesce(o.kind, e.kind) <> 'year_end'
    GROUP BY 1, 2, 3, 4
),
survivor AS (
    SELECT contributor, contributor_survivor(contributor, $3) AS code
    FROM (SELECT DISTINCT contributor FROM revenue WHERE contributor IS NOT NULL) r
)
SELECT r.year, coalesce(s.code, '') AS code, f.kind AS fund_kind, f.parent IS NOT NULL AS under, r.account, sum(r.amount_usd) AS amount_usd
FROM revenue r
JOIN fund f ON f.code = r.fund
LEFT JOIN survivor s ON s.contributor = r.contributor
GROUP BY r.year, coalesce(s.code, ''), f.kind, f.parent IS NOT NULL, r.account
ORDER BY r.year, coalesce(s.code, '') COLLATE "C", r.account
