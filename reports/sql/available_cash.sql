-- How the cash of a fund moved: what there was before a day, and since then by the kind of the entry that moved it.
--
-- $1 the fund's code; $2 the effective date, included; $3 the instant at which it was known; $4 the first day of the period.
-- A debit is positive, so cash that comes is. kind is '' for what there was before $4. A reversal comes with the kind that
-- it reverses, and charged says whether the entry that it reverses, or it itself, took cash away.
--
-- Indexes: period_event_fund, opening_balance_event_id, journal_line_balance, journal_entry_pkey.
SELECT '' AS kind, false AS charged, coalesce(sum(l.amount_usd), 0) AS amount_usd
FROM balance_line($1, least($2::date, $4::date - 1), $3) l
WHERE l.account = '1010'
UNION ALL
SELECT coalesce(r.kind, e.kind), (l.amount_usd < 0) <> (r.id IS NOT NULL), sum(l.amount_usd)
FROM journal_line l
JOIN journal_entry e ON e.id = l.entry_id
LEFT JOIN journal_entry r ON r.id = e.reverses
WHERE l.fund = $1 AND l.account = '1010' AND l.effective_date BETWEEN $4 AND $2 AND l.recorded_at <= $3
GROUP BY 1, 2
