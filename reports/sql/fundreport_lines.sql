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
-- Indexes: journal_line_balance, journal_entry_pkey, pledge_pkey.
WITH line AS (
    SELECT l.account, coalesce(l.contributor, '') AS contributor, l.currency, l.pledge_id, l.amount, l.amount_usd,
        coalesce(o.kind, e.kind) AS kind, extract(year FROM l.effective_date)::int AS year,
        l.account = '9100' AND coalesce(o.kind, e.kind) = 'pledge_announced'
            AND (l.amount < 0) = (e.reverses IS NULL) AS released
    FROM journal_line l
    JOIN journal_entry e ON e.id = l.entry_id
    LEFT JOIN journal_entry o ON o.id = e.reverses
    WHERE l.fund = $1 AND l.effective_date BETWEEN $2 AND $3 AND l.recorded_at <= $4
),
summed AS (
    SELECT l.year, l.account, l.contributor, l.currency, l.kind, l.released, coalesce(p.recognition, '') AS recognition,
        sum(l.amount) AS amount, sum(l.amount_usd) AS balance,
        coalesce(sum(l.amount_usd) FILTER (WHERE l.amount_usd > 0), 0) AS debit,
        coalesce(-sum(l.amount_usd) FILTER (WHERE l.amount_usd < 0), 0) AS credit
    FROM line l
    LEFT JOIN pledge p ON p.id = l.pledge_id AND l.released
    GROUP BY l.year, l.account, l.contributor, l.currency, l.kind, l.released, p.recognition
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
