-- The balances of the bank accounts that a fund has cash in, as the books have them and as the bank states them.
--
-- $1 fund's code; $2 the last day, included; $3 the instant at which it was known. In the currency. own is the fund's part,
-- books that of all funds that share the account; stated is what the bank states for the end of the last day, by the last
-- record of it, and NULL when nothing was recorded.
--
-- An account is told of where the fund has a balance or had a movement in the year of $2; a currency of it where the books or
-- the bank have something to say.
--
-- Indexes: period_event_fund, opening_balance_event_id, journal_line_balance, journal_line_bank_account,
-- bank_reconciliation_bank_account.
WITH balance AS MATERIALIZED (
    SELECT l.bank_account, l.currency, coalesce(sum(l.amount) FILTER (WHERE f.code = $1), 0) AS own, sum(l.amount) AS books
    FROM fund f CROSS JOIN LATERAL balance_line(f.code, $2, $3) l
    WHERE l.account = '1010'
    GROUP BY l.bank_account, l.currency
),
told AS (
    SELECT bank_account FROM balance WHERE own <> 0
    UNION
    SELECT l.bank_account FROM journal_line l
    WHERE l.fund = $1 AND l.account = '1010' AND l.effective_date BETWEEN date_trunc('year', $2::date)::date AND $2 AND l.recorded_at <= $3
),
stated AS (
    SELECT DISTINCT ON (r.bank_account, r.currency) r.bank_account, r.currency, r.amount
    FROM bank_reconciliation r
    WHERE r.bank_account IN (SELECT bank_account FROM told) AND r.on_date = $2 AND r.recorded_at <= $3
    ORDER BY r.bank_account, r.currency, r.id DESC
)
SELECT bank_account, currency, coalesce(b.own, 0) AS own, coalesce(b.books, 0) AS books, s.amount AS stated
FROM (SELECT * FROM balance WHERE bank_account IN (SELECT bank_account FROM told)) b
FULL JOIN stated s USING (bank_account, currency)
WHERE b.own <> 0 OR b.books <> 0 OR s.amount IS NOT NULL
ORDER BY bank_account COLLATE "C", currency
