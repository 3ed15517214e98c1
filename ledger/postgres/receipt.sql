-- Whole receipts with their allocations, entries and what they hold.
--
-- $1: ids. held is the balance of 2100 and of 2200 without a pledge, credits negative as in the journal. Indexes:
-- receipt_pkey, allocation_receipt_id, journal_entry_receipt_id, journal_line_receipt_id, receipt_note_receipt_id.
SELECT r.id, r.bank_account, coalesce(b.currency, '') AS bank_currency, coalesce(r.bank_reference, '') AS bank_reference,
    r.value_date, coalesce(r.contributor, '') AS contributor, r.fund, r.fund_year, r.currency, r.amount, r.amount_usd,
    r.charges, r.credited, r.rate, r.rate_date, coalesce(r.rate_source, '') AS rate_source, r.payer, r.instrument, r.note,
    r.replaces, r.recorded_at,
    (SELECT x.effective_date FROM journal_entry e JOIN journal_entry x ON x.reverses = e.id
     WHERE e.receipt_id = r.id AND e.kind = 'receipt' LIMIT 1) AS reversed_on,
    ARRAY(SELECT e.id::text FROM journal_entry e WHERE e.receipt_id = r.id ORDER BY e.id) AS entries,
    (SELECT coalesce(json_agg(a ORDER BY a.recorded_at, a.id), '[]')
     FROM (SELECT a.id, a.contributor, a.fund, a.fund_year, a.pledge_id, coalesce(p.reference, '') AS pledge_reference,
                  coalesce(a.instalment, 0) AS instalment, a.effective_date, a.currency, a.amount::text, a.amount_usd::text, a.entry_id,
                  a.recorded_at, x.effective_date AS reversed_on
           FROM allocation a LEFT JOIN pledge p ON p.id = a.pledge_id LEFT JOIN journal_entry x ON x.reverses = a.entry_id
           WHERE a.receipt_id = r.id) a) AS allocations,
    (SELECT coalesce(json_agg(h), '[]')
     FROM (SELECT l.account, coalesce(l.contributor, '') AS contributor, l.currency, sum(l.amount)::text AS amount, sum(l.amount_usd)::text AS amount_usd
           FROM journal_line l
           WHERE l.receipt_id = r.id AND l.account IN ('2100', '2200') AND l.pledge_id IS NULL
           GROUP BY l.account, l.contributor, l.currency
           HAVING sum(l.amount) <> 0) h) AS held,
    (SELECT json_agg(n ORDER BY n.id)
     FROM (SELECT n.id, n.note, a.name AS recorded_by, n.recorded_at FROM receipt_note n JOIN actor a ON a.id = n.actor_id
           WHERE n.receipt_id = r.id) n) AS notes
FROM receipt r JOIN bank_account b ON b.code = r.bank_account
WHERE r.id = ANY ($1)
ORDER BY r.value_date, r.id
