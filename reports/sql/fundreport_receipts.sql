-- The cash that a fund received in a year, by contributor and currency.
--
-- $1 fund's code; $2 and $3 the first and the last day; $4 the instant at which it was known.
--
-- From the allocations and from what is held for contributors beyond them (2200 without a pledge), as in
-- statement_receipts.sql; what was reversed in the year is taken off. A receipt counts on its value date, one that was
-- unidentified on the day of its identification.
--
-- kept is the currency in which the bank account keeps the cash: that of the receipt, or USD where the bank converts what it
-- is sent.
--
-- Indexes: allocation_fund, allocation_entry_id, journal_line_balance, journal_entry_effective_date, journal_entry_pkey,
-- journal_line_pkey, receipt_pkey.
WITH reversal AS MATERIALIZED (
    SELECT x.reverses FROM journal_entry x
    WHERE x.reverses IS NOT NULL AND x.effective_date BETWEEN $2 AND $3 AND x.recorded_at <= $4
),
counted AS (
    SELECT a.receipt_id, a.contributor, a.currency, a.amount, a.amount_usd
    FROM allocation a
    WHERE a.fund = $1 AND a.effective_date BETWEEN $2 AND $3 AND a.recorded_at <= $4
    UNION ALL
    SELECT l.receipt_id, l.contributor, l.currency, -l.amount, -l.amount_usd
    FROM journal_line l JOIN journal_entry e ON e.id = l.entry_id
    WHERE l.fund = $1 AND l.account = '2200' AND l.pledge_id IS NULL AND l.effective_date BETWEEN $2 AND $3
      AND l.recorded_at <= $4 AND e.kind IN ('receipt', 'identification', 'advance_applied')
    UNION ALL
    SELECT a.receipt_id, a.contributor, a.currency, -a.amount, -a.amount_usd
    FROM reversal x JOIN allocation a ON a.entry_id = x.reverses
    WHERE a.fund = $1 AND a.effective_date <= $3 AND a.recorded_at <= $4
    UNION ALL
    SELECT l.receipt_id, l.contributor, l.currency, l.amount, l.amount_usd
    FROM reversal x JOIN journal_line l ON l.entry_id = x.reverses JOIN journal_entry e ON e.id = l.entry_id
    WHERE l.fund = $1 AND l.account = '2200' AND l.pledge_id IS NULL AND l.effective_date <= $3
      AND l.recorded_at <= $4 AND e.kind IN ('receipt', 'identification', 'advance_applied')
)
SELECT c.contributor, c.currency, coalesce(b.currency, c.currency) AS kept, sum(c.amount) AS amount, sum(c.amount_usd) AS amount_usd
FROM counted c
JOIN receipt r ON r.id = c.receipt_id
JOIN bank_account b ON b.code = r.bank_account
GROUP BY c.contributor, c.currency, kept
HAVING sum(c.amount) <> 0 OR sum(c.amount_usd) <> 0
