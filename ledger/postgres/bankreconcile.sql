-- What makes the bank's balance another than the books': every item, with its note or what explains it by itself.
--
-- $1 bank account, $2 currency, $3 last day, $4 first day of the bank's statements, $5 first day of the month. An amount is
-- what the item adds to the bank's balance over the books'. Indexes: bank_line_booking_date, bank_decision_line_id,
-- bank_decision_entry_id, journal_line_bank_account, bank_explanation_item.
WITH moved AS (
    SELECT l.entry_id, l.effective_date, sum(l.amount) AS amount
    FROM journal_line l
    WHERE l.bank_account = $1 AND l.currency = $2 AND l.effective_date BETWEEN $4 AND $3
    GROUP BY l.entry_id, l.effective_date HAVING sum(l.amount) <> 0),
lines AS (
    SELECT l.id, l.booking_date, l.amount, l.reference, l.payer, d.kind, d.note, d.cash_entry_id, j.effective_date AS booked_on, m.amount AS cash
    FROM bank_line l
    LEFT JOIN bank_decision_standing d ON d.line_id = l.id
    LEFT JOIN journal_entry j ON j.id = d.cash_entry_id
    LEFT JOIN moved m ON m.entry_id = d.cash_entry_id
    WHERE l.bank_account = $1 AND l.currency = $2 AND l.booking_date BETWEEN $4 AND $3),
items AS (
    SELECT 'line ' || id AS item, 'not_booked' AS kind, booking_date AS on_date, amount,
           concat_ws(' ', reference, nullif(payer, '')) AS description,
           CASE WHEN kind IN ('transfer', 'other') THEN note
                WHEN booked_on > $3 THEN 'Booked on ' || booked_on || '.' ELSE '' END AS note
    FROM lines WHERE cash IS NULL
    UNION ALL
    SELECT 'line ' || id, 'amount_differs', booking_date, amount - cash, reference, ''
    FROM lines WHERE cash <> amount
    UNION ALL
    SELECT 'entry ' || m.entry_id, 'not_on_statement', m.effective_date, -m.amount, e.description,
           coalesce((SELECT 'On the bank''s statement on ' || l.booking_date || '.'
                     FROM bank_decision_standing d JOIN bank_line l ON l.id = d.line_id
                     WHERE d.cash_entry_id = m.entry_id AND l.booking_date > $3), '')
    FROM moved m JOIN journal_entry e ON e.id = m.entry_id
    WHERE NOT EXISTS (SELECT FROM lines l WHERE l.cash_entry_id = m.entry_id)
      AND NOT EXISTS (SELECT FROM journal_entry x JOIN moved r ON r.entry_id = x.id WHERE x.reverses = e.id)
      AND NOT EXISTS (SELECT FROM moved r WHERE r.entry_id = e.reverses)
    UNION ALL
    SELECT 'statement ' || s.id, 'flagged', coalesce(s.closing_date, s.period_to, $3), 0,
           concat_ws(' ', s.identification, (SELECT string_agg(p ->> 'detail', ' ') FROM jsonb_array_elements(s.problems) p)), ''
    FROM bank_statement s
    WHERE s.bank_account = $1 AND s.currency = $2 AND jsonb_array_length(s.problems) > 0
      AND coalesce(s.closing_date, s.period_to, $3) BETWEEN $5 AND $3)
SELECT i.item, i.kind, i.on_date, i.amount, i.description,
       coalesce((SELECT x.note FROM bank_explanation x WHERE x.bank_account = $1 AND x.item = i.item ORDER BY x.id DESC LIMIT 1), i.note) AS note
FROM items i
ORDER BY i.on_date, i.kind, i.item
