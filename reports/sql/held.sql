-- What receipts hold that is applied to nothing, and what is owed back: unidentified (2100), in advance (2200), refunds
-- payable (2500).
--
-- $1 the funds' codes; $2 a contributor's codes, its own and those merged into it, none for all; $3 the effective date,
-- included; $4 the instant at which it was known. Amounts are turned: what is held is positive. since: the receipt's value
-- date or, of a refund, the day on which it was decided.
--
-- Indexes: journal_line_balance, receipt_pkey, pledge_pkey.
SELECT l.account, l.fund, coalesce(l.contributor, '') AS contributor, r.id AS receipt_id, r.value_date,
    coalesce(r.bank_reference, '') AS bank_reference, r.payer, l.pledge_id, coalesce(p.reference, '') AS pledge_reference,
    l.currency, -sum(l.amount) AS amount, -sum(l.amount_usd) AS amount_usd,
    CASE WHEN l.account = '2500' THEN max(l.effective_date) FILTER (WHERE l.amount < 0) ELSE r.value_date END AS since
FROM journal_line l
JOIN receipt r ON r.id = l.receipt_id
LEFT JOIN pledge p ON p.id = l.pledge_id
WHERE l.fund = ANY ($1) AND l.account IN ('2100', '2200', '2500') AND (cardinality($2::text[]) = 0 OR l.contributor = ANY ($2))
  AND l.effective_date <= $3 AND l.recorded_at <= $4
GROUP BY l.account, l.fund, l.contributor, r.id, l.pledge_id, p.reference, l.currency
HAVING sum(l.amount) <> 0 OR sum(l.amount_usd) <> 0
ORDER BY l.account, since, l.fund COLLATE "C", l.contributor COLLATE "C", r.id, p.reference COLLATE "C", l.pledge_id, l.currency
