-- The sums of a fund's journal lines by account, contributor and what moved them, before and in a year.
--
-- $1 fund's code; $2 and $3 the first and the last day; $4 the instant at which it was known.
--
-- In USD. debit and credit are the two sides of the year, both positive; balance is their difference, a debit positive.
-- The kind of a reversal is the kind of what it reverses. released: the part of an announcement that had been kept or
-- agreed before it was announced; recognition is that of its pledge and '' on any other row.
--
-- The closing of the year itself is left out: the report shows what it closes.
--
-- Indexes: journal_line_balance, journal_entry_pkey, pledge_pkey.
WITH line AS (
    SELECT l.account, coalesce(l.contributor, '') AS contributor, l.pledge_id, l.amount_usd,
        coalesce(o.kind, e.kind) AS kind,
        l.effective_date < $2 AS before,
        l.account = '9100' AND coalesce(o.kind, e.kind) = 'pledge_announced'
            AND (l.amount < 0) = (e.reverses IS NULL) AS released
    FROM journal_line l
    JOIN journal_entry e ON e.id = l.entry_id
    LEFT JOIN journal_entry o ON o.id = e.reverses
    WHERE l.fund = $1 AND l.effective_date <= $3 AND l.recorded_at <= $4
      AND NOT (coalesce(o.kind, e.kind) = 'year_end' AND l.effective_date >= $2)
)
SELECT l.account, a.name, l.contributor, l.kind, l.before, l.released, coalesce(p.recognition, '') AS recognition,
    sum(l.amount_usd) AS balance,
    coalesce(sum(l.amount_usd) FILTER (WHERE l.amount_usd > 0), 0) AS debit,
    coalesce(-sum(l.amount_usd) FILTER (WHERE l.amount_usd < 0), 0) AS credit
FROM line l
JOIN account a ON a.code = l.account
LEFT JOIN pledge p ON p.id = l.pledge_id AND l.released
GROUP BY l.account, a.name, l.contributor, l.kind, l.before, l.released, p.recognition
