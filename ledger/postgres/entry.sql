-- Whole journal entries with their lines, in the order in which they were recorded.
--
-- $1: ids. A debit is positive, a credit negative; numerics leave as strings. Indexes: journal_entry_pkey,
-- journal_line_pkey, journal_entry_reverses_key.
SELECT e.id, e.kind, e.effective_date, e.recorded_at, a.name AS recorded_by, e.description, e.reason, e.document, e.original_date,
    e.approval_id, coalesce(q.name, '') AS requester, e.reverses,
    (SELECT r.id FROM journal_entry r WHERE r.reverses = e.id) AS reversed_by, e.pledge_id, e.receipt_id, e.delivery_id, e.expenditure_id,
    (SELECT json_agg(l ORDER BY l.number)
     FROM (SELECT l.number, l.account, l.fund, coalesce(l.contributor, '') AS contributor, coalesce(l.bank_account, '') AS bank_account,
                  l.pledge_id, coalesce(l.item_number, 0) AS item_number, l.receipt_id, l.currency, l.amount::text,
                  l.amount_usd::text, l.rate::text, l.rate_date, l.rate_source
           FROM journal_line l WHERE l.entry_id = e.id) l) AS lines
FROM journal_entry e JOIN actor a ON a.id = e.actor_id
LEFT JOIN approval v ON v.id = e.approval_id LEFT JOIN actor q ON q.id = v.actor_id
WHERE e.id = ANY ($1)
ORDER BY e.id
