-- Who has anything to tell of a period: an event in it, or something promised, due, held or owed before it.
--
-- $1 and $2 the first and the last day of the period; $3 fund's code, '' for all funds; $4 the instant at which it was
-- known. The codes are those of the lines: of a record that was merged into another, its own.
--
-- Indexes: journal_line_contributor, which is read whole.
SELECT DISTINCT b.contributor
FROM (
    SELECT l.contributor FROM journal_line l
    WHERE l.contributor IS NOT NULL AND l.effective_date <= $2 AND ($3 = '' OR l.fund = $3) AND l.recorded_at <= $4
    GROUP BY l.contributor, l.fund, l.account, l.pledge_id, l.receipt_id, l.currency
    HAVING max(l.effective_date) >= $1
        OR l.account IN ('1200', '2200', '2400', '2500', '9100', '9200') AND (sum(l.amount) <> 0 OR sum(l.amount_usd) <> 0)) b
