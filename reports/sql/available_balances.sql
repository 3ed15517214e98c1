-- What a fund has and owes: the balances of its accounts by bank account and currency, off the memorandum accounts.
--
-- $1 the fund's code; $2 the effective date, included; $3 the instant at which it was known. A debit is positive.
--
-- Indexes: period_event_fund, opening_balance_event_id, journal_line_balance, account_pkey.
SELECT a.code AS account, a.kind, coalesce(l.bank_account, '') AS bank_account, l.currency, sum(l.amount) AS amount, sum(l.amount_usd) AS amount_usd
FROM balance_line($1, $2, $3) l JOIN account a ON a.code = l.account
WHERE l.account < '9000'
GROUP BY a.code, l.bank_account, l.currency
ORDER BY a.code, l.bank_account COLLATE "C", l.currency
