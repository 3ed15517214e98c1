-- The refunds that were decided for a contributor, or reversed, in a period.
--
-- $1 the codes of a contributor and of the records merged into it;
-- $2 fund's code, '' for all funds; $3 and $4 the first and the last day of the period; $5 the
-- instant at which it was known; $6 the effective date up to which a payment and a reversal are told.
--
-- Indexes: refund_contributor, journal_entry_pkey, journal_entry_reverses_key, refund_payment_refund_id, receipt_pkey.
SELECT f.id, f.contributor, f.entry_id, f.fund, f.receipt_id, r.value_date, coalesce(r.bank_reference, '') AS bank_reference, f.source, f.pledge_id,
    coalesce(g.reference, '') AS pledge_reference, e.effective_date, f.reason, f.document, f.currency, f.amount, f.amount_usd,
    p.paid_on, x.effective_date AS reversed_on
FROM refund f
JOIN journal_entry e ON e.id = f.entry_id
JOIN receipt r ON r.id = f.receipt_id
LEFT JOIN pledge g ON g.id = f.pledge_id
LEFT JOIN journal_entry x ON x.reverses = f.entry_id AND x.effective_date <= $6 AND x.recorded_at <= $5
LEFT JOIN LATERAL (
    SELECT q.effective_date AS paid_on
    FROM refund_payment m
    JOIN journal_entry q ON q.id = m.entry_id
    LEFT JOIN journal_entry y ON y.reverses = m.entry_id AND y.effective_date <= $6 AND y.recorded_at <= $5
    WHERE m.refund_id = f.id AND q.effective_date <= $6 AND q.recorded_at <= $5 AND y.id IS NULL LIMIT 1) p ON true
WHERE f.contributor = ANY ($1) AND ($2 = '' OR f.fund = $2) AND e.effective_date <= $4 AND f.recorded_at <= $5
  AND (e.effective_date >= $3 OR x.effective_date BETWEEN $3 AND $4)
ORDER BY f.fund COLLATE "C", e.effective_date, f.id
