-- What the books show in a period and what belongs to an earlier one: late items of closed periods, and reversals of
-- earlier entries.
--
-- $1 the codes of a contributor and of the records merged into it, none for everybody; $2 fund's code, '' for all funds;
-- $3 and $4 the first and the last day of the period; $5 the instant at which it was known.
--
-- original_date is the item's own date, or that of the entry that is reversed. The reversal of a revaluation on the next day
-- and the reopening of a year correct nothing and are left out. A debit is positive; the counter-accounts of the memorandum
-- mirror the others and are left out.
--
-- Indexes: journal_entry_late, journal_entry_reverses_key, journal_line_pkey; journal_line_contributor, journal_line_fund_year.
SELECT e.id AS entry_id, coalesce(o.kind, e.kind) AS kind, e.reverses IS NOT NULL AS reversal, e.description, e.reason, l.fund,
    coalesce(l.contributor, '') AS contributor, least(e.original_date, o.original_date, o.effective_date) AS original_date, e.effective_date,
    l.account, a.name, l.currency, sum(l.amount) AS amount, sum(l.amount_usd) AS amount_usd
FROM journal_line l
JOIN journal_entry e ON e.id = l.entry_id
JOIN account a ON a.code = l.account
LEFT JOIN journal_entry o ON o.id = e.reverses
WHERE (cardinality($1::text[]) = 0 OR l.contributor = ANY ($1)) AND ($2 = '' OR l.fund = $2)
  AND l.effective_date BETWEEN $3 AND $4 AND l.recorded_at <= $5
  AND (e.original_date IS NOT NULL OR e.reverses IS NOT NULL) -- no other can be of an earlier day, and these are few
  AND least(e.original_date, o.original_date, o.effective_date) < $3 AND coalesce(o.kind, e.kind) NOT IN ('revaluation', 'year_end')
  AND l.account NOT IN ('9190', '9290', '9390')
GROUP BY e.id, o.kind, o.original_date, o.effective_date, l.fund, l.contributor, l.account, a.name, l.currency
HAVING sum(l.amount) <> 0 OR sum(l.amount_usd) <> 0
ORDER BY e.effective_date, e.id, l.fund COLLATE "C", l.account, l.contributor COLLATE "C", l.currency
