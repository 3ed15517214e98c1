-- The deliveries in kind that count as a contributor's, or cease to, in a period.
--
-- $1 the codes of a contributor and of the records merged into it;
-- $2 fund's code, '' for all funds; $3 and $4 the first and the last day of the period; $5 the
-- instant at which it was known; $6 the effective date up to which a reversal is told.
--
-- A delivery counts on the date of its entry: of a late one, that is the first day that was open.
--
-- account is where the delivery was credited or disclosed: 4110, 4120 or 9300.
--
-- amount is what was assessed at first; revalued is what valuations changed in the period, revalued_before earlier. The
-- basis, the valuer and the declared value are of the latest valuation.
--
-- Only deliveries that an entry or a valuation of the period is of are read, so that what a statement costs does not grow with the
-- years before it.
--
-- Indexes: journal_line_contributor, valuation_delivery_id, delivery_contributor, delivery_pkey, journal_entry_delivery_id,
-- journal_entry_reverses_key, journal_line_pkey, pledge_pkey.
WITH told AS MATERIALIZED (
    SELECT e.delivery_id AS id
    FROM journal_line l JOIN journal_entry e ON e.id = l.entry_id
    WHERE l.contributor = ANY ($1) AND l.effective_date BETWEEN $3 AND $4 AND l.recorded_at <= $5
      AND l.account IN ('4110', '4120', '9300') AND e.delivery_id IS NOT NULL
    UNION
    SELECT v.delivery_id
    FROM delivery d JOIN valuation v ON v.delivery_id = d.id
    WHERE d.contributor = ANY ($1) AND v.effective_date BETWEEN $3 AND $4 AND v.recorded_at <= $5
)
SELECT d.id, d.contributor, e.id AS entry_id, d.fund, d.fund_year, d.delivered_on, d.period_from, d.category, d.description, d.quantity, d.unit, d.currency,
    d.amount, d.amount_usd, d.rate, d.rate_date, coalesce(d.rate_source, '') AS rate_source, d.period_to, d.expert, d.certified_by,
    coalesce(w.valuation_basis, d.valuation_basis) AS valuation_basis, coalesce(w.valuer, d.valuer) AS valuer,
    coalesce(w.valued_on, d.valued_on) AS valued_on, coalesce(w.declared_currency, d.declared_currency, '') AS declared_currency,
    coalesce(w.declared_amount, d.declared_amount) AS declared_amount, d.evidence, d.evidence_sha256,
    coalesce(r.before, 0) AS revalued_before, coalesce(r.before_usd, 0) AS revalued_before_usd,
    coalesce(r.within, 0) AS revalued, coalesce(r.within_usd, 0) AS revalued_usd,
    d.pledge_id, coalesce(p.reference, '') AS pledge_reference, coalesce(d.item_number, 0) AS item_number, l.account,
    e.effective_date AS counts_on, x.effective_date AS reversed_on
FROM told
JOIN delivery d ON d.id = told.id
JOIN journal_entry e ON e.delivery_id = d.id AND e.kind = 'delivery'
JOIN journal_line l ON l.entry_id = e.id AND l.account IN ('4110', '4120', '9300')
LEFT JOIN pledge p ON p.id = d.pledge_id
LEFT JOIN journal_entry x ON x.reverses = e.id AND x.effective_date <= $6 AND x.recorded_at <= $5
LEFT JOIN LATERAL (
    SELECT sum(s.change) FILTER (WHERE s.effective_date < $3) AS before, sum(s.change_usd) FILTER (WHERE s.effective_date < $3) AS before_usd,
        sum(s.change) FILTER (WHERE s.effective_date >= $3) AS within, sum(s.change_usd) FILTER (WHERE s.effective_date >= $3) AS within_usd,
        max(s.effective_date) AS last
    FROM (SELECT v.effective_date, v.amount - lag(v.amount, 1, d.amount) OVER (ORDER BY v.id) AS change,
              v.amount_usd - lag(v.amount_usd, 1, d.amount_usd) OVER (ORDER BY v.id) AS change_usd
          FROM valuation v WHERE v.delivery_id = d.id AND v.effective_date <= $4 AND v.recorded_at <= $5) s) r ON true
LEFT JOIN LATERAL (
    SELECT v.valuation_basis, v.valuer, v.valued_on, v.declared_currency, v.declared_amount FROM valuation v
    WHERE v.delivery_id = d.id AND v.effective_date <= $4 AND v.recorded_at <= $5 ORDER BY v.id DESC LIMIT 1) w ON true
WHERE d.contributor = ANY ($1) AND ($2 = '' OR d.fund = $2) AND e.effective_date <= $4 AND d.recorded_at <= $5
  AND (e.effective_date >= $3 OR x.effective_date BETWEEN $3 AND $4 OR r.last >= $3)
ORDER BY d.fund COLLATE "C", d.fund_year, d.delivered_on, d.id
