-- The deliveries in kind that count as a contributor's, or cease to, in a period.
--
-- $1 the codes of a contributor and of the records merged into it;
-- $2 fund's code, '' for all funds; $3 and $4 the first and the last day of the period; $5 the
-- instant at which it was known; $6 the effective date up to which a reversal is told.
--
-- account is where the delivery was credited or disclosed: 4110, 4120 or 9300.
--
-- Indexes: delivery_contributor, journal_entry_delivery_id, journal_entry_reverses_key, journal_line_pkey, pledge_pkey.
SELECT d.id, d.fund, d.fund_year, d.delivered_on, d.period_from, d.category, d.description, d.quantity, d.unit, d.currency,
    d.amount, d.amount_usd, d.rate, d.rate_date, coalesce(d.rate_source, '') AS rate_source, d.valuation_basis, d.evidence,
    d.pledge_id, coalesce(p.reference, '') AS pledge_reference, coalesce(d.item_number, 0) AS item_number, l.account,
    x.effective_date AS reversed_on
FROM delivery d
JOIN journal_entry e ON e.delivery_id = d.id AND e.kind = 'delivery'
JOIN journal_line l ON l.entry_id = e.id AND l.account IN ('4110', '4120', '9300')
LEFT JOIN pledge p ON p.id = d.pledge_id
LEFT JOIN journal_entry x ON x.reverses = e.id AND x.effective_date <= $6 AND x.recorded_at <= $5
WHERE d.contributor = ANY ($1) AND ($2 = '' OR d.fund = $2) AND d.delivered_on <= $4 AND d.recorded_at <= $5
  AND (d.delivered_on >= $3 OR x.effective_date BETWEEN $3 AND $4)
ORDER BY d.fund COLLATE "C", d.fund_year, d.delivered_on, d.id
