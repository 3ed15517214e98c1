-- The expenditures that used a pledge's cash, each with what was charged on it, and the reversals of them.
--
-- $1 the pledge's id; $2 the effective date, included; $3 the instant at which it was known. Amounts are the pledge's share;
-- a reversal's are negative.
--
-- Indexes: journal_line_pledge_id, journal_entry_pkey, expenditure_pkey.
SELECT e.effective_date, e.reverses IS NOT NULL AS reversal, x.reference, x.project, x.description, x.currency,
    coalesce(sum(l.amount) FILTER (WHERE l.account = '5010'), 0) AS amount,
    coalesce(sum(l.amount_usd) FILTER (WHERE l.account = '5010'), 0) AS amount_usd,
    coalesce(sum(l.amount_usd) FILTER (WHERE coalesce(r.kind, e.kind) = 'programme_support'), 0) AS support_usd,
    coalesce(sum(l.amount_usd) FILTER (WHERE coalesce(r.kind, e.kind) = 'levy'), 0) AS levy_usd
FROM journal_line l
JOIN journal_entry e ON e.id = l.entry_id
JOIN expenditure x ON x.id = e.expenditure_id
LEFT JOIN journal_entry r ON r.id = e.reverses
WHERE l.pledge_id = $1 AND l.account IN ('5010', '5020') AND l.effective_date <= $2 AND l.recorded_at <= $3
GROUP BY x.id, e.effective_date, e.reverses IS NOT NULL
ORDER BY e.effective_date, x.reference COLLATE "C", x.id, e.reverses IS NOT NULL
