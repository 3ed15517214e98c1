-- The receipts of a fund that nobody has identified yet (2100).
--
-- $1 fund's code; $2 the last day; $3 the instant at which it was known. Amounts are turned: what is held is positive.
--
-- Indexes: journal_line_balance, receipt_pkey.
SELECT r.id AS receipt_id, r.value_date, r.bank_account, coalesce(r.bank_reference, '') AS bank_reference, r.payer,
    l.currency, -sum(l.amount) AS amount, -sum(l.amount_usd) AS amount_usd
FROM journal_line l JOIN receipt r ON r.id = l.receipt_id
WHERE l.fund = $1 AND l.account = '2100' AND l.effective_date <= $2 AND l.recorded_at <= $3
GROUP BY r.id, l.currency
HAVING sum(l.amount) <> 0 OR sum(l.amount_usd) <> 0
ORDER BY r.value_date, r.id, l.currency
