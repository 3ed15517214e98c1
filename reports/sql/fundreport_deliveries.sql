-- What a fund was given in kind in a year, by contributor and by the account that shows it.
--
-- $1 fund's code; $2 and $3 the first and the last day; $4 the instant at which it was known.
--
-- In USD, from the records of the deliveries and of their later valuations; what was reversed in the year is taken off.
-- account is 4110 or 4120 where the delivery was recognised and 9300 where it was disclosed.
--
-- Indexes: journal_line_balance, journal_entry_pkey, journal_entry_delivery_id, journal_line_pkey,
-- journal_entry_reverses_key, delivery_pkey, valuation_delivery_id, valuation_effective_date.
WITH touched AS MATERIALIZED ( -- the deliveries that something of the year is about
    SELECT coalesce(o.delivery_id, e.delivery_id) AS id
    FROM journal_line l
    JOIN journal_entry e ON e.id = l.entry_id
    LEFT JOIN journal_entry o ON o.id = e.reverses
    WHERE l.fund = $1 AND l.account IN ('4110', '4120', '9300') AND l.effective_date BETWEEN $2 AND $3 AND l.recorded_at <= $4
    UNION
    SELECT v.delivery_id FROM valuation v WHERE v.delivery_id IS NOT NULL AND v.effective_date BETWEEN $2 AND $3 AND v.recorded_at <= $4
),
given AS (
    SELECT d.id, d.contributor, l.account, d.amount_usd, e.effective_date AS counts_on, x.effective_date AS reversed_on
    FROM touched t
    JOIN journal_entry e ON e.delivery_id = t.id AND e.kind = 'delivery'
    JOIN journal_line l ON l.entry_id = e.id
    JOIN delivery d ON d.id = e.delivery_id
    LEFT JOIN journal_entry x ON x.reverses = e.id AND x.effective_date <= $3 AND x.recorded_at <= $4
    WHERE l.fund = $1 AND l.account IN ('4110', '4120', '9300') AND l.effective_date <= $3 AND l.recorded_at <= $4
),
step AS (
    SELECT contributor, account, counts_on, amount_usd, reversed_on FROM given
    UNION ALL
    SELECT g.contributor, g.account, v.effective_date,
        v.amount_usd - lag(v.amount_usd, 1, g.amount_usd) OVER (PARTITION BY v.delivery_id ORDER BY v.id), g.reversed_on
    FROM given g JOIN valuation v ON v.delivery_id = g.id
    WHERE v.effective_date <= $3 AND v.recorded_at <= $4
)
SELECT contributor, account,
    sum(CASE WHEN counts_on >= $2 THEN amount_usd ELSE 0 END
      - CASE WHEN reversed_on >= $2 THEN amount_usd ELSE 0 END) AS amount_usd
FROM step
WHERE counts_on >= $2 OR reversed_on >= $2
GROUP BY contributor, account
