-- The items of a contributor's pledges in kind, with the quantities offered, accepted and delivered.
--
-- $1 the codes of a contributor and of the records merged into it;
-- $2 fund's code, '' for all funds; $3 the last day of the period; $4 the instant at which it was
-- known.
--
-- accepted is NULL until an agreement accepts the offer. delivered is what kept the promise by the last day; what was
-- reversed by then does not count. Quantities are in the item's unit.
--
-- Indexes: pledge_contributor, pledge_item_pkey, pledge_event_pledge_id, pledge_event_item_pkey, delivery_pledge_id,
-- journal_entry_delivery_id, journal_entry_reverses_key.
SELECT i.pledge_id, i.number, i.category, i.description, i.unit, i.valuation_basis, i.currency, i.quantity AS offered,
    (SELECT q.quantity
     FROM pledge_event v JOIN pledge_event_item q ON q.event_id = v.id
     LEFT JOIN journal_entry x ON x.reverses = v.entry_id AND x.effective_date <= $3 AND x.recorded_at <= $4
     WHERE v.pledge_id = i.pledge_id AND v.kind = 'agreed' AND q.item_number = i.number
       AND v.effective_date <= $3 AND v.recorded_at <= $4 AND x.id IS NULL) AS accepted,
    (SELECT coalesce(sum(d.pledged_quantity), 0)
     FROM delivery d
     WHERE d.pledge_id = i.pledge_id AND d.item_number = i.number AND d.delivered_on <= $3 AND d.recorded_at <= $4
       AND NOT EXISTS (SELECT FROM journal_entry e JOIN journal_entry x ON x.reverses = e.id
                       WHERE e.delivery_id = d.id AND e.kind = 'delivery'
                         AND x.effective_date <= $3 AND x.recorded_at <= $4)) AS delivered
FROM pledge p JOIN pledge_item i ON i.pledge_id = p.id
WHERE p.contributor = ANY ($1) AND p.form = 'in_kind' AND ($2 = '' OR p.fund = $2)
ORDER BY i.pledge_id, i.number
