-- The lines of a journal in the order of the books, each with its entry.
--
-- $1 fund's code, '' for all funds; $2 the effective date, included; $3 the instant at which it was known. A debit is
-- positive. Ids are text, '' for none: they are only written.
--
-- Indexes: journal_entry_effective_date, journal_line_pkey, pledge_pkey. PostgreSQL sorts on disk what is longer than its
-- memory.
SELECT e.id::text AS entry, e.effective_date, e.recorded_at, e.kind, e.description, e.reason,
    coalesce(e.reverses::text, '') AS reverses, coalesce(e.receipt_id::text, '') AS entry_receipt,
    coalesce(e.delivery_id::text, '') AS delivery,
    l.account, coalesce(l.bank_account, '') AS bank_account, l.fund, coalesce(l.contributor, '') AS contributor,
    coalesce(p.reference, '') AS pledge, coalesce(l.item_number, 0) AS item, coalesce(l.receipt_id::text, '') AS receipt,
    l.currency, l.amount, l.amount_usd
FROM journal_entry e
JOIN journal_line l ON l.entry_id = e.id
LEFT JOIN pledge p ON p.id = l.pledge_id
WHERE ($1 = '' OR l.fund = $1) AND e.effective_date <= $2 AND e.recorded_at <= $3
ORDER BY e.effective_date, e.recorded_at, e.id, l.number
