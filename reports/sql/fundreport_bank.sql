-- The balances of the bank accounts that a fund has cash in, as the books have them and as the bank states them.
--
-- $1 fund's code; $2 the last day, included; $3 the instant at which it was known. In the currency. own is the fund's part,
-- books that of all funds that share the account; stated is what the bank states for the end of the last day, by the last
-- record of it, and NULL when nothing was recorded.
--
-- Indexes: journal_line_balance, journal_line_bank_account, bank_reconciliation_bank_account.
SELECT b.bank_account, b.currency, b.own, b.books, s.amount AS stated
FROM (SELECT l.bank_account, l.currency, coalesce(sum(l.amount) FILTER (WHERE l.fund = $1), 0) AS own, sum(l.amount) AS books
      FROM journal_line l
      WHERE l.bank_account IN (SELECT o.bank_account FROM journal_line o
                               WHERE o.fund = $1 AND o.account = '1010' AND o.effective_date <= $2 AND o.recorded_at <= $3)
        AND l.effective_date <= $2 AND l.recorded_at <= $3
      GROUP BY l.bank_account, l.currency) b
LEFT JOIN LATERAL (
    SELECT r.amount FROM bank_reconciliation r
    WHERE r.bank_account = b.bank_account AND r.currency = b.currency AND r.on_date = $2 AND r.recorded_at <= $3
    ORDER BY r.id DESC LIMIT 1) s ON true
ORDER BY b.bank_account COLLATE "C", b.currency
