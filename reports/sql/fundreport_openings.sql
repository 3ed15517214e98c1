-- What each contributor had promised to a fund and not given when a year began, in USD, by account.
--
-- $1 fund's code; $2 the first day of the year; $3 the last day on which anything counts; $4 the instant at which it was known. A
-- debit is positive.
--
-- Indexes: period_event_fund, opening_balance_event_id, journal_line_balance (all columns that are read are in it).
SELECT l.account, coalesce(l.contributor, '') AS contributor, sum(l.amount_usd) AS balance
FROM balance_line($1, least($2::date - 1, $3), $4) l
WHERE l.account IN ('1200', '9100', '9200')
GROUP BY l.account, l.contributor
HAVING sum(l.amount_usd) <> 0
