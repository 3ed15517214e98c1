-- The cash that a fund received in a year, by contributor and currency.
--
-- $1 fund's code; $2 and $3 the first and the last day; $4 the instant at which it was known.
--
-- From the allocations and from what is held for contributors beyond them (2200 without a pledge), as in
-- statement_receipts.sql; what was reversed in the year is taken off. A receipt counts on its value date, one that was
-- unidentified on the day of its identification.
--
-- Indexes: journal_line_balance, journal_entry_pkey, journal_entry_reverses_key; the allocations are read through.
WITH part AS (
    SELECT a.contributor, a.currency, a.effective_date, a.amount, a.amount_usd, a.entry_id
    FROM allocation a
    WHERE a.fund = $1 AND a.effective_date <= $3 AND a.recorded_at <= $4
    UNION ALL
    SELECT l.contributor, l.currency, l.effective_date, -l.amount, -l.amount_usd, l.entry_id
    FROM journal_line l JOIN journal_entry e ON e.id = l.entry_id
    WHERE l.fund = $1 AND l.account = '2200' AND l.pledge_id IS NULL
      AND l.effective_date <= $3 AND l.recorded_at <= $4 AND e.kind IN ('receipt', 'identification', 'advance_applied')
),
counted AS (
    SELECT part.contributor, part.currency, part.amount, part.amount_usd
    FROM part
    WHERE part.effective_date >= $2
    UNION ALL
    SELECT part.contributor, part.currency, -part.amount, -part.amount_usd
    FROM part JOIN journal_entry x ON x.reverses = part.entry_id
    WHERE x.effective_date BETWEEN $2 AND $3 AND x.recorded_at <= $4
)
SELECT contributor, currency, sum(amount) AS amount, sum(amount_usd) AS amount_usd
FROM counted
GROUP BY contributor, currency
HAVING sum(amount) <> 0 OR sum(amount_usd) <> 0
