-- The items of pledges in kind, with the quantities offered, accepted and delivered.
--
-- $1 the pledges' ids; $2 the last day of the period; $3 the instant at which it was known.
--
-- accepted is NULL until an agreement accepts the offer. delivered is what kept the promise by the last day; what was
-- reversed by then does not count. Quantities are in the item's unit.
--
-- assessed and declared are the values of the offer; unit_amount, the basis and the valuer are of the latest valuation. The
-- cost to the fund is an estimate and stands on no account. promised: what was announced and agreed up to the last day, in the
-- item's currency and in USD.
--
-- Indexes: valuation_pledge_id, acceptance_pkey, pledge_item_pkey, pledge_event_pledge_id, pledge_event_item_pkey, delivery_pledge_id,
-- journal_entry_delivery_id, journal_entry_reverses_key, journal_line_pledge_id, journal_entry_pkey.
SELECT i.pledge_id, i.number, i.category, i.description, i.unit, coalesce(w.valuation_basis, i.valuation_basis) AS valuation_basis,
    i.currency, i.quantity AS offered, i.amount AS assessed, i.amount_usd AS assessed_usd, coalesce(i.declared_currency, '') AS declared_currency,
    i.declared_amount, coalesce(w.unit_amount, w.amount / w.quantity, i.unit_amount, i.amount / i.quantity) AS unit_amount,
    coalesce(w.valuer, i.valuer) AS valuer, coalesce(w.valued_on, i.valued_on) AS valued_on,
    coalesce(a.accepted_by, '') AS accepted_by, coalesce(a.currency, '') AS cost_currency, a.amount AS cost_amount,
    (SELECT q.quantity
     FROM pledge_event v JOIN pledge_event_item q ON q.event_id = v.id
     LEFT JOIN journal_entry x ON x.reverses = v.entry_id AND x.effective_date <= $2 AND x.recorded_at <= $3
     WHERE v.pledge_id = i.pledge_id AND v.kind = 'agreed' AND q.item_number = i.number
       AND v.effective_date <= $2 AND v.recorded_at <= $3 AND x.id IS NULL) AS accepted,
    (SELECT coalesce(sum(d.pledged_quantity), 0)
     FROM delivery d
     WHERE d.pledge_id = i.pledge_id AND d.item_number = i.number AND d.recorded_at <= $3
       AND EXISTS (SELECT FROM journal_entry e
                   LEFT JOIN journal_entry x ON x.reverses = e.id AND x.effective_date <= $2 AND x.recorded_at <= $3
                   WHERE e.delivery_id = d.id AND e.kind = 'delivery' AND e.effective_date <= $2 AND x.id IS NULL)) AS delivered,
    coalesce(m.amount, 0) AS promised, coalesce(m.amount_usd, 0) AS promised_usd
FROM pledge_item i
LEFT JOIN LATERAL (
    SELECT v.valuation_basis, v.unit_amount, v.amount, v.quantity, v.valuer, v.valued_on FROM valuation v
    WHERE v.pledge_id = i.pledge_id AND v.item_number = i.number AND v.effective_date <= $2 AND v.recorded_at <= $3
    ORDER BY v.id DESC LIMIT 1) w ON true
LEFT JOIN LATERAL (
    SELECT c.accepted_by, c.currency, c.amount FROM pledge_event v JOIN acceptance c ON c.event_id = v.id
    WHERE v.pledge_id = i.pledge_id AND v.kind = 'agreed' AND v.effective_date <= $2 AND v.recorded_at <= $3
      AND NOT EXISTS (SELECT FROM journal_entry x WHERE x.reverses = v.entry_id AND x.effective_date <= $2 AND x.recorded_at <= $3)) a ON true
LEFT JOIN LATERAL (
    SELECT sum(l.amount) AS amount, sum(l.amount_usd) AS amount_usd
    FROM journal_line l JOIN journal_entry e ON e.id = l.entry_id LEFT JOIN journal_entry o ON o.id = e.reverses
    WHERE l.pledge_id = i.pledge_id AND l.account = '9200' AND l.item_number = i.number AND l.currency = i.currency
      AND l.effective_date <= $2 AND l.recorded_at <= $3 AND coalesce(o.kind, e.kind) IN ('pledge_announced', 'pledge_agreed')) m ON true
WHERE i.pledge_id = ANY ($1)
ORDER BY i.pledge_id, i.number
