-- The balances of the accounts of some funds, by currency.
--
-- $1 the funds' codes; $2 the effective date, included; $3 the instant at which it was known. A debit is positive.
--
-- Indexes: journal_line_balance (all columns but the filters' are in it), account_pkey.
SELECT a.code AS account, a.name, a.kind, l.currency, sum(l.amount) AS amount, sum(l.amount_usd) AS amount_usd
FROM journal_line l JOIN account a ON a.code = l.account
WHERE l.fund = ANY ($1) AND l.effective_date <= $2 AND l.recorded_at <= $3
GROUP BY a.code, l.currency
ORDER BY a.code, l.currency
