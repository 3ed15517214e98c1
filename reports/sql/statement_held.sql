-- What is held in advance for a contributor (2200), by receipt and by the pledge that it waits for.
--
-- $1 the codes of a contributor and of the records merged into it;
-- $2 fund's code, '' for all funds; $3 the last day of the period; $4 the instant at which it was
-- known. Amounts are turned: what is held is positive.
--
-- Indexes: journal_line_contributor, receipt_pkey, pledge_pkey.
SELECT l.contributor, l.fund, r.id AS receipt_id, r.value_date, coalesce(r.bank_reference, '') AS bank_reference, l.pledge_id,
    coalesce(p.reference, '') AS pledge_reference, l.currency, -sum(l.amount) AS amount, -sum(l.amount_usd) AS amount_usd
FROM journal_line l
JOIN receipt r ON r.id = l.receipt_id
LEFT JOIN pledge p ON p.id = l.pledge_id
WHERE l.contributor = ANY ($1) AND ($2 = '' OR l.fund = $2) AND l.account = '2200'
  AND l.effective_date <= $3 AND l.recorded_at <= $4
GROUP BY l.contributor, l.fund, r.id, l.pledge_id, p.reference, l.currency
HAVING sum(l.amount) <> 0 OR sum(l.amount_usd) <> 0
ORDER BY l.fund COLLATE "C", r.value_date, r.id, p.reference COLLATE "C", l.pledge_id, l.contributor, l.currency
