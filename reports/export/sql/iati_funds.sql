-- The funds that IATI activities are made of, with the dates of their journals.
--
-- $1 fund's code, '' for all funds; $2 the effective date, included; $3 the instant at which it was known.
--
-- begun reports whether the fund has an entry by then; started_on is the date of the first one, or that on which the fund was
-- recorded; updated_at is the instant of the last one.
--
-- Indexes: fund_pkey, journal_line_balance.
SELECT f.code, f.name, f.illustrative, l.first IS NOT NULL AS begun,
    coalesce(l.first, (f.recorded_at AT TIME ZONE 'UTC')::date) AS started_on, coalesce(l.last, f.recorded_at) AS updated_at
FROM fund f
CROSS JOIN LATERAL (
    SELECT min(effective_date) AS first, max(recorded_at) AS last
    FROM journal_line WHERE fund = f.code AND effective_date <= $2 AND recorded_at <= $3) l
WHERE ($1 = '' AND f.recorded_at <= $3) OR f.code = $1
ORDER BY f.code COLLATE "C"
