-- The balances of the accounts of some funds, by currency.
--
-- $1 the funds' codes; $2 the effective date, included; $3 the instant at which it was known. A debit is positive.
-- What adds up to nothing is not told, whether its year is closed or not.
--
-- Indexes: period_event_fund, opening_balance_event_id, journal_line_fund_year (all columns that are read are in it), account_pkey.
WITH b AS MATERIALIZED ( -- added up before it is named and sorted: there are few sums of many lines
    SELECT l.account, l.currency, sum(l.amount) AS amount, sum(l.amount_usd) AS amount_usd
    FROM unnest($1::text[]) f CROSS JOIN LATERAL balance_line(f, $2, $3) l
    GROUP BY l.account, l.currency
    HAVING sum(l.amount) <> 0 OR sum(l.amount_usd) <> 0
)
SELECT b.account, a.name, a.kind, b.currency, b.amount, b.amount_usd
FROM b JOIN account a ON a.code = b.account
ORDER BY b.account, b.currency
