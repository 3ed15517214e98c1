-- The funds of a journal.
--
-- $1 fund's code, '' for all funds; $2 the effective date, included; $3 the instant at which it was known.
--
-- Indexes: journal_line_balance.
SELECT f.code, f.name, f.illustrative
FROM fund f
WHERE ($1 = '' OR f.code = $1)
  AND EXISTS (SELECT FROM journal_line l WHERE l.fund = f.code AND l.effective_date <= $2 AND l.recorded_at <= $3)
ORDER BY f.code COLLATE "C"
