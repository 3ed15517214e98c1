-- What a fund decided in a year to give back, by contributor, in USD; what was reversed in the year is taken off.
--
-- $1 fund's code; $2 and $3 the first and the last day; $4 the instant at which it was known.
--
-- From the records of the refunds. Cash that goes back before anybody was credited with it is nobody's.
--
-- Indexes: journal_line_balance, refund_entry_id_key, journal_entry_pkey, journal_entry_reverses_key.
SELECT f.contributor, sum(CASE WHEN e.effective_date >= $2 THEN f.amount_usd ELSE 0 END
    - CASE WHEN x.effective_date >= $2 THEN f.amount_usd ELSE 0 END) AS amount_usd
FROM refund f
JOIN journal_entry e ON e.id = f.entry_id
LEFT JOIN journal_entry x ON x.reverses = f.entry_id AND x.effective_date <= $3 AND x.recorded_at <= $4
WHERE f.fund = $1 AND f.contributor IS NOT NULL AND e.effective_date <= $3 AND f.recorded_at <= $4
GROUP BY f.contributor
