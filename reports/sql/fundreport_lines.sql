-- The sums of a fund's journal lines by year, account, contributor, currency and what moved them.
--
-- $1 fund's code; $2 the first day of the first year that is told apart, and $3 the last day; $4 the instant at which it was
-- known.
--
-- year is 0 before $2: these sums have no kind. amount is in the currency, the rest in USD. debit and credit are the two
-- sides, both positive; balance is their difference, a debit positive. The kind of a reversal is the kind of what it
-- reverses. released: the part of an announcement that had been kept or agreed before it was announced; recognition is that
-- of its pledge and '' on any other row.
--
-- An entry has the date of its lines, so that only those of the years are looked at. Few entries reverse another and few lines
-- release an announcement: what they need is looked up one by one.
--
-- Indexes: journal_line_fund_year (all columns that are read are in it), journal_entry_effective_date, journal_entry_pkey,
-- pledge_pkey.
WITH entry AS MATERIALIZED (
    SELECT e.id, e.reverses,
        CASE WHEN e.reverses IS NULL THEN e.kind ELSE (SELECT o.kind FROM journal_entry o WHERE o.id = e.reverses) END AS kind
    FROM journal_entry e
    WHERE e.effective_date BETWEEN $2 AND $3
),
line AS (
    SELECT l.account, coalesce(l.contributor, '') AS contributor, l.currency, l.pledge_id, l.amount, l.amount_usd,
        e.kind, extract(year FROM l.effective_date)::int AS year,
        l.account = '9100' AND e.kind = 'pledge_announced' AND (l.amount < 0) = (e.reverses IS NULL) AS released
    FROM journal_line l
    JOIN entry e ON e.id = l.entry_id
    WHERE l.fund = $1 AND l.effective_date BETWEEN $2 AND $3 AND l.recorded_at <= $4
),
summed AS (
    SELECT l.year, l.account, l.contributor, l.currency, l.kind, l.released, coalesce(l.recognition, '') AS recognition,
        sum(l.amount) AS amount, sum(l.amount_usd) AS balance,
        coalesce(sum(l.amount_usd) FILTER (WHERE l.amount_usd > 0), 0) AS debit,
        coalesce(-sum(l.amount_usd) FILTER (WHERE l.amount_usd < 0), 0) AS credit
    FROM (SELECT line.*, CASE WHEN released THEN (SELECT p.recognition FROM pledge p WHERE p.id = line.pledge_id) END AS recognition FROM line) l
    GROUP BY l.year, l.account, l.contributor, l.currency, l.kind, l.released, l.recognition
    UNION ALL
    SELECT 0, l.account, coalesce(l.contributor, ''), l.currency, '', false, '', sum(l.amount), sum(l.amount_usd), 0, 0
    FROM journal_line l
    WHERE l.fund = $1 AND l.effective_date < $2 AND l.recorded_at <= $4
    GROUP BY l.account, l.contributor, l.currency
)
SELECT s.year, s.account, a.name, a.kind AS account_kind, s.contributor, s.currency, s.kind, s.released, s.recognition, s.amount,
    s.balance, s.debit, s.credit
FROM summed s
JOIN account a ON a.code = s.account
