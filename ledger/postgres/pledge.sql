-- Whole pledges with their items, legs and balances.
--
-- $1: ids. Amounts are in their own currency and in USD; a debit is positive. Numerics leave as strings, so that no
-- reader makes floats of them. Indexes: pledge_pkey, pledge_item_pkey, delivery_pledge_id, valuation_pledge_id,
-- acceptance_pkey, pledge_event_pledge_id, condition_pledge_id, fulfilment_condition, journal_entry_reverses_key,
-- journal_line_pledge_id.
SELECT p.id, p.reference, p.form, p.contributor, p.fund, p.fund_year, p.recognition, p.note, p.recorded_at,
    (SELECT coalesce(json_agg(i ORDER BY i.number), '[]')
     FROM (SELECT i.number, i.category, i.description, i.quantity::text, i.unit, i.currency, i.amount::text,
                  i.amount_usd::text, i.rate::text, i.rate_date, i.rate_source,
                  i.unit_amount::text, i.declared_currency, i.declared_amount::text, i.valuation_basis, i.valuer, i.valued_on,
                  i.evidence, i.evidence_sha256,
                  (SELECT json_agg(w ORDER BY w.id)
                   FROM (SELECT v.id, v.effective_date, v.quantity::text, v.currency, v.amount::text, v.amount_usd::text,
                                v.rate::text, v.rate_date, v.rate_source, v.unit_amount::text, v.declared_currency,
                                v.declared_amount::text, v.valuation_basis, v.valuer, v.valued_on, v.evidence,
                                v.evidence_sha256, v.reason, v.entry_id, v.recorded_at
                         FROM valuation v WHERE v.pledge_id = p.id AND v.item_number = i.number) w) AS revaluations,
                  (SELECT coalesce(sum(d.pledged_quantity), 0)::text
                   FROM delivery d
                   WHERE d.pledge_id = p.id AND d.item_number = i.number
                     AND NOT EXISTS (SELECT FROM journal_entry e JOIN journal_entry r ON r.reverses = e.id
                                     WHERE e.delivery_id = d.id AND e.kind = 'delivery')) AS delivered
           FROM pledge_item i WHERE i.pledge_id = p.id) i) AS items,
    (SELECT coalesce(json_agg(l ORDER BY l.recorded_at, l.id), '[]')
     FROM (SELECT l.id, l.kind, l.effective_date, l.currency, l.amount::text, l.amount_usd::text, l.rate::text, l.rate_date,
                  l.rate_source, l.document, l.instrument, l.reason, l.entry_id, l.recorded_at, x.effective_date AS reversed_on,
                  (SELECT row_to_json(a) FROM (SELECT a.accepted_by, a.currency, a.amount::text, a.description, a.looked_on
                                               FROM acceptance a WHERE a.event_id = l.id) a) AS acceptance,
                  (SELECT json_agg(q.quantity::text ORDER BY q.item_number)
                   FROM pledge_event_item q WHERE q.event_id = l.id) AS accepted,
                  (SELECT json_agg(json_build_object('number', s.number, 'due_on', s.due_on, 'amount', s.amount::text) ORDER BY s.number)
                   FROM instalment s WHERE s.event_id = l.id) AS instalments
           FROM pledge_event l LEFT JOIN journal_entry x ON x.reverses = l.entry_id
           WHERE l.pledge_id = p.id) l) AS legs,
    (SELECT coalesce(json_agg(c ORDER BY c.number), '[]')
     FROM (SELECT c.event_id, c.number, c.description, c.currency, c.amount::text, f.*
           FROM condition c
           JOIN pledge_event v ON v.id = c.event_id
           LEFT JOIN journal_entry x ON x.reverses = v.entry_id
           LEFT JOIN LATERAL (SELECT f.effective_date AS met_on, f.met_by, f.evidence, f.sha256, f.entry_id
                              FROM fulfilment f LEFT JOIN journal_entry x ON x.reverses = f.entry_id
                              WHERE f.event_id = c.event_id AND f.number = c.number AND x.id IS NULL) f ON true
           WHERE c.pledge_id = p.id AND x.id IS NULL) c) AS conditions,
    (SELECT coalesce(json_agg(b ORDER BY b.account, b.value_date, b.receipt_id, b.currency, b.item_number), '[]')
     FROM (SELECT l.account, l.currency, coalesce(l.item_number, 0) AS item_number, r.id AS receipt_id, r.value_date,
                  sum(l.amount)::text AS amount, sum(l.amount_usd)::text AS amount_usd
           FROM journal_line l LEFT JOIN receipt r ON r.id = l.receipt_id AND l.account = '2200'
           WHERE l.pledge_id = p.id AND l.account IN ('1200', '2200', '2400', '4010', '9100', '9200')
           GROUP BY l.account, l.currency, l.item_number, r.id, r.value_date
           HAVING sum(l.amount) <> 0 OR sum(l.amount_usd) <> 0) b) AS balances,
    -- Asked of each pledge, and not once of all entries: a batch of pledges is small beside the journal.
    coalesce((SELECT true FROM journal_line l JOIN journal_entry e ON e.id = l.entry_id
              WHERE l.pledge_id = p.id AND l.account IN ('1200', '4010', '9100', '9200')
                AND e.kind IN ('receipt', 'identification', 'advance_applied', 'delivery')
                AND NOT EXISTS (SELECT FROM journal_entry r WHERE r.reverses = e.id) LIMIT 1), false) AS kept
FROM pledge p
WHERE p.id = ANY ($1)
ORDER BY p.id
