-- What a contributor's last statement does not have of the days that it covers, and of those before: late items, corrections
-- and revaluations that were recorded later, or that are booked after its last day.
--
-- $1 the codes of the contributor, of the records merged into it and of the bodies that the statement has; $2 fund's code,
-- '' for all funds; $3 the last day of the period of the last statement; $4 the instant at which that was known; $5 the
-- last day that counts now; $6 the instant at which it is known now.
--
-- original_date is the item's own date, or that of the entry that is reversed. The reversal of a revaluation on the next
-- day, which changes nothing of the statement's days, and the closing of a year are left out. A debit is positive; the
-- counter-accounts of the memorandum mirror the others and are left out.
--
-- Indexes: journal_line_contributor, journal_entry_pkey.
SELECT e.id AS entry_id,
    CASE WHEN coalesce(o.kind, e.kind) IN ('revaluation', 'in_kind_revalued') AND e.reverses IS NULL THEN 'revaluation'
         WHEN e.reverses IS NOT NULL THEN 'correction' ELSE 'late_item' END AS change,
    coalesce(o.kind, e.kind) AS kind, e.description, e.reason, e.recorded_at, l.fund, l.contributor,
    least(e.effective_date, e.original_date, o.original_date, o.effective_date) AS original_date, e.effective_date,
    l.account, a.name, l.currency, sum(l.amount) AS amount, sum(l.amount_usd) AS amount_usd
FROM journal_line l
JOIN journal_entry e ON e.id = l.entry_id
JOIN account a ON a.code = l.account
LEFT JOIN journal_entry o ON o.id = e.reverses
WHERE l.contributor = ANY ($1) AND ($2 = '' OR l.fund = $2)
  AND (l.recorded_at > $4 OR l.effective_date > $3) AND l.recorded_at <= $6 AND l.effective_date <= $5
  AND least(e.effective_date, e.original_date, o.original_date, o.effective_date) <= $3
  AND coalesce(o.kind, e.kind) <> 'year_end' AND NOT (o.kind IS NOT DISTINCT FROM 'revaluation' AND e.effective_date > $3)
  AND l.account NOT IN ('9190', '9290', '9390')
GROUP BY e.id, o.kind, o.original_date, o.effective_date, l.fund, l.contributor, l.account, a.name, l.currency
HAVING sum(l.amount) <> 0 OR sum(l.amount_usd) <> 0
ORDER BY e.recorded_at, e.id, l.fund COLLATE "C", l.account, l.contributor COLLATE "C", l.currency
