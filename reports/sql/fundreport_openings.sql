-- What each contributor had promised to a fund and not given when a year began, in USD, by account.
--
-- $1 fund's code; $2 the first day of the year; $3 the instant at which it was known. A debit is positive.
--
-- Indexes: journal_line_balance (all columns that are read are in it).
SELECT l.account, coalesce(l.contributor, '') AS contributor, sum(l.amount_usd) AS balance
FROM journal_line l
WHERE l.fund = $1 AND l.account IN ('1200', '9100', '9200') AND l.effective_date < $2 AND l.recorded_at <= $3
GROUP BY l.account, l.contributor
HAVING sum(l.amount_usd) <> 0
