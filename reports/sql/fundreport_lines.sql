-- The sums of a fund's journal lines by year, account, contributor, currency and what moved them.
--
-- $1 fund's code; $2 the first year that is told apart; $3 and $4 the first and the last day of the report's year, the last not
-- after the day up to which anything counts; $5 the instant at which it was known.
--
-- year is 0 before $2: these sums have no kind. amount is in the currency, the rest in USD. debit and credit are the two
-- sides, both positive, of the report's year alone; balance is their difference, a debit positive. kind, released and
-- recognition are those of moved_line.
--
-- contributor is told of what the report's year promised, owed back or recognised, and '' on any other row. An entry has the date
-- of its lines, so that only those of the year are looked at. Few entries reverse another and few lines release an
-- announcement: what they need is looked up one by one. What an earlier year moved is read from its closing, and of a year that
-- is open from its lines.
--
-- kept is the currency in which the bank account keeps the cash of a receipt, on what its bank deducted and on what is
-- unidentified, and '' on any other row.
--
-- Indexes: journal_line_fund_year (all columns that are read are in it), journal_entry_effective_date, journal_entry_pkey,
-- pledge_pkey, receipt_pkey, period_event_fund, opening_balance_event_id, year_movement_pkey.
WITH line AS MATERIALIZED ( -- so that they are added up by a hash: they are many more than PostgreSQL expects, and sorting them takes longer than reading
    SELECT l.account,
        CASE WHEN l.account IN ('1200', '2500', '9100', '9200', '4010', '4110', '4120') THEN coalesce(l.contributor, '') ELSE '' END AS contributor,
        l.currency, l.kind, l.released, l.recognition,
        CASE WHEN l.account IN ('2100', '5800') AND l.receipt_id IS NOT NULL THEN coalesce((SELECT b.currency
            FROM receipt r JOIN bank_account b ON b.code = r.bank_account WHERE r.id = l.receipt_id), '') ELSE '' END AS kept,
        l.amount, l.amount_usd
    FROM moved_line($1, $3, $4, $5) l
),
summed AS (
    SELECT extract(year FROM $3::date)::int AS year, l.account, l.contributor, l.currency, l.kind, l.released, l.recognition, l.kept,
        sum(l.amount) AS amount,
        coalesce(sum(l.amount_usd) FILTER (WHERE l.amount_usd > 0), 0) + coalesce(sum(l.amount_usd) FILTER (WHERE l.amount_usd < 0), 0) AS balance,
        coalesce(sum(l.amount_usd) FILTER (WHERE l.amount_usd > 0), 0) AS debit,
        coalesce(-sum(l.amount_usd) FILTER (WHERE l.amount_usd < 0), 0) AS credit
    FROM line l
    GROUP BY 2, 3, 4, 5, 6, 7, 8
    UNION ALL
    SELECT y.year, m.account, '', m.currency, m.kind, m.released, m.recognition, '', m.amount, m.amount_usd, 0, 0
    FROM generate_series($2::int, extract(year FROM $3::date)::int - 1) y (year)
    LEFT JOIN LATERAL last_closing($1, least(make_date(y.year, 12, 31), $4), $5) c ON c.ends_on = make_date(y.year, 12, 31)
    CROSS JOIN LATERAL (
        SELECT account, currency, kind, released, recognition, amount, amount_usd FROM year_movement WHERE event_id = c.event_id
        UNION ALL
        SELECT * FROM movement($1, make_date(y.year, 1, 1), least(make_date(y.year, 12, 31), $4), $5) WHERE c.event_id IS NULL) m
    UNION ALL
    SELECT 0, o.account, '', o.currency, '', false, '', '', sum(o.amount), sum(o.amount_usd), 0, 0
    FROM balance_line($1, least(make_date($2, 1, 1) - 1, $4), $5) o
    GROUP BY o.account, o.currency
)
SELECT s.year, s.account, a.name, a.kind AS account_kind, s.contributor, s.currency, s.kind, s.released, s.recognition, s.kept, s.amount,
    s.balance, s.debit, s.credit
FROM summed s
JOIN account a ON a.code = s.account
