-- What a fund got from other funds and gave them, by the other fund.
--
-- $1 fund's code; $2 the first day, and $3 the last; $4 the instant at which it was known.
--
-- amount_usd is in USD, positive for what the fund got. other and name are '' for entries that do not name one other fund on the
-- account of transfers. The closing of the year is left out.
--
-- Indexes: journal_line_balance, journal_line_pkey, journal_entry_pkey.
WITH transfer AS (
    SELECT l.entry_id, sum(l.amount_usd) AS amount_usd
    FROM journal_line l
    JOIN journal_entry e ON e.id = l.entry_id
    LEFT JOIN journal_entry o ON o.id = e.reverses
    WHERE l.fund = $1 AND l.account = '4020' AND l.effective_date BETWEEN $2 AND $3 AND l.recorded_at <= $4
        AND coalesce(o.kind, e.kind) <> 'year_end'
    GROUP BY l.entry_id
)
SELECT coalesce(f.code, '') AS other, coalesce(f.name, '') AS name, -sum(t.amount_usd) AS amount_usd
FROM transfer t
LEFT JOIN LATERAL (
    SELECT min(l.fund) AS code
    FROM journal_line l
    WHERE l.entry_id = t.entry_id AND l.account = '4020' AND l.fund <> $1
    HAVING count(DISTINCT l.fund) = 1
) other ON true
LEFT JOIN fund f ON f.code = other.code
GROUP BY f.code, f.name
ORDER BY f.code COLLATE "C"
