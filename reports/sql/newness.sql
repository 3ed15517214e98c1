-- What was promised that is new, additional, both or neither, by fund, fund year and form.
--
-- $1 the codes of a contributor and of the records merged into it, none for all; $2 fund's code, '' for all funds; $3 the
-- effective date, included; $4 the instant at which it was known; $5 and $6 the first and the last fund year.
--
-- In USD, positive: what was agreed, or announced until then, with increases and less reductions and cancellations. A
-- pledge counts in one class, by the last decision that was known; undecided while there is none.
--
-- Indexes: pledge_fund_year, pledge_event_pledge_id, pledge_newness_pledge_id, journal_entry_reverses_key.
WITH promise AS (
    SELECT p.id, p.fund, p.fund_year, p.form,
        sum(CASE WHEN v.kind IN ('reduced', 'cancelled') THEN -v.amount_usd
                 WHEN v.kind = 'announced' AND v.agreed THEN 0
                 WHEN v.kind = 'written_off' THEN 0
                 ELSE v.amount_usd END) AS amount_usd
    FROM pledge p
    CROSS JOIN LATERAL (
        SELECT e.kind, e.amount_usd, bool_or(e.kind = 'agreed') OVER () AS agreed
        FROM pledge_event e
        WHERE e.pledge_id = p.id AND e.effective_date <= $3 AND e.recorded_at <= $4
          AND NOT EXISTS (SELECT FROM journal_entry x WHERE x.reverses = e.entry_id AND x.effective_date <= $3 AND x.recorded_at <= $4)
    ) v
    WHERE (cardinality($1::text[]) = 0 OR p.contributor = ANY ($1)) AND ($2 = '' OR p.fund = $2)
      AND p.fund_year BETWEEN $5 AND $6
    GROUP BY p.id
)
SELECT p.fund, p.fund_year, p.form,
    CASE WHEN n.id IS NULL THEN 'undecided' WHEN n.is_new AND n.is_additional THEN 'new_and_additional'
         WHEN n.is_new THEN 'new' WHEN n.is_additional THEN 'additional' ELSE 'neither' END AS class,
    count(*) AS pledges, sum(p.amount_usd) AS amount_usd
FROM promise p
LEFT JOIN LATERAL (
    SELECT d.id, d.is_new, d.is_additional FROM pledge_newness d
    WHERE d.pledge_id = p.id AND d.kind = 'decision' AND d.recorded_at <= $4
    ORDER BY d.id DESC LIMIT 1
) n ON true
GROUP BY 1, 2, 3, 4
