-- The quantities in kind of a fund's year: what was offered, accepted and delivered in it, and what it was worth.
--
-- $1 fund's code; $2 and $3 the first and the last day; $4 the instant at which it was known.
--
-- A row for each contributor, category, unit and currency in which the donor declares ('' where it declares nothing).
-- delivered counts what no pledge promised, too; what was reversed in the year is taken off, also of an earlier year.
-- declared is by the latest valuation; assessed_usd is what the accounts show: deliveries and revaluations of the year, less
-- reversals. experts are the persons named with what was delivered in the year and stands.
--
-- Indexes: pledge_reference_key, pledge_item_pkey, pledge_event_pledge_id, pledge_event_item_pkey, journal_line_balance,
-- journal_entry_pkey, journal_entry_delivery_id, journal_line_pkey,
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
moved AS (
    SELECT p.contributor, i.category, i.unit, coalesce(i.declared_currency, '') AS declared_currency,
        CASE WHEN v.kind = 'announced' THEN i.quantity ELSE 0 END AS offered,
        CASE WHEN v.kind = 'agreed' THEN q.quantity ELSE 0 END AS accepted,
        0::numeric AS delivered, 0::numeric AS declared, 0::numeric AS assessed_usd, NULL::text AS expert
    FROM pledge p
    JOIN pledge_item i ON i.pledge_id = p.id
    JOIN pledge_event v ON v.pledge_id = p.id AND v.kind IN ('announced', 'agreed')
    LEFT JOIN pledge_event_item q ON q.event_id = v.id AND q.item_number = i.number
    WHERE p.fund = $1 AND p.form = 'in_kind' AND v.effective_date BETWEEN $2 AND $3 AND v.recorded_at <= $4
    UNION ALL
    SELECT d.contributor, d.category, d.unit, coalesce(w.declared_currency, d.declared_currency, ''), 0, 0, d.quantity * c.counts,
        coalesce(w.declared_amount, d.declared_amount, 0) * c.counts,
        CASE WHEN e.effective_date >= $2 THEN d.amount_usd ELSE 0 END + coalesce(r.change_usd, 0)
          - CASE WHEN x.effective_date >= $2 THEN coalesce(w.amount_usd, d.amount_usd) ELSE 0 END,
        CASE WHEN e.effective_date >= $2 AND x.id IS NULL THEN nullif(d.expert, '') END
    FROM touched t
    JOIN journal_entry e ON e.delivery_id = t.id AND e.kind = 'delivery'
    JOIN journal_line l ON l.entry_id = e.id
    JOIN delivery d ON d.id = e.delivery_id
    LEFT JOIN journal_entry x ON x.reverses = e.id AND x.effective_date <= $3 AND x.recorded_at <= $4
    CROSS JOIN LATERAL (SELECT (e.effective_date >= $2)::int - coalesce((x.effective_date >= $2)::int, 0) AS counts) c
    LEFT JOIN LATERAL (
        SELECT v.declared_currency, v.declared_amount, v.amount_usd FROM valuation v
        WHERE v.delivery_id = d.id AND v.effective_date <= $3 AND v.recorded_at <= $4 ORDER BY v.id DESC LIMIT 1) w ON true
    LEFT JOIN LATERAL (
        SELECT sum(s.change_usd) AS change_usd
        FROM (SELECT v.effective_date, v.amount_usd - lag(v.amount_usd, 1, d.amount_usd) OVER (ORDER BY v.id) AS change_usd
              FROM valuation v WHERE v.delivery_id = d.id AND v.effective_date <= $3 AND v.recorded_at <= $4) s
        WHERE s.effective_date >= $2) r ON true
    WHERE l.fund = $1 AND l.account IN ('4110', '4120', '9300') AND l.effective_date <= $3 AND l.recorded_at <= $4
      AND (e.effective_date >= $2 OR x.effective_date >= $2 OR r.change_usd IS NOT NULL)
)
SELECT contributor, category, unit, declared_currency, sum(offered) AS offered, coalesce(sum(accepted), 0) AS accepted,
    sum(delivered) AS delivered, sum(declared) AS declared, sum(assessed_usd) AS assessed_usd, count(DISTINCT expert) AS experts
FROM moved
GROUP BY contributor, category, unit, declared_currency
ORDER BY contributor COLLATE "C", category, unit COLLATE "C", declared_currency
