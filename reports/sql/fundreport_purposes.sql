-- What a fund and the funds under it received and spent in a year, by fund, in USD.
--
-- $1 fund's code; $2 and $3 the first and the last day; $4 the instant at which it was known.
--
-- received is the cash that contributors were credited with, spent is expenditure with programme support and levies; a
-- reversal counts under the kind that it reverses.
--
-- Indexes: fund_pkey, fund_parent, journal_line_balance, journal_entry_pkey.
WITH RECURSIVE family AS (
    SELECT code, kind FROM fund WHERE code = $1
    UNION
    SELECT f.code, f.kind FROM family p JOIN fund f ON f.parent = p.code
)
SELECT f.code AS fund, f.kind AS purpose,
    coalesce(sum(l.amount_usd) FILTER (WHERE l.account IN ('1010', '2100', '5800')
        AND coalesce(o.kind, e.kind) IN ('receipt', 'identification', 'advance_applied')), 0) AS received,
    coalesce(-sum(l.amount_usd) FILTER (WHERE l.account IN ('4110', '4120')), 0) AS recognised,
    coalesce(sum(l.amount_usd) FILTER (WHERE l.account = '9300'), 0) AS disclosed,
    coalesce(sum(l.amount_usd) FILTER (WHERE l.account IN ('5010', '5020')), 0) AS spent
FROM family f
LEFT JOIN (journal_line l JOIN journal_entry e ON e.id = l.entry_id LEFT JOIN journal_entry o ON o.id = e.reverses)
    ON l.fund = f.code AND l.account IN ('1010', '2100', '4110', '4120', '5010', '5020', '5800', '9300')
    AND l.effective_date BETWEEN $2 AND $3 AND l.recorded_at <= $4 AND coalesce(o.kind, e.kind) <> 'year_end'
GROUP BY f.code, f.kind
ORDER BY f.code COLLATE "C"
