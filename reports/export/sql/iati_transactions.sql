-- The transactions of one fund's IATI activity: what it was promised, what was agreed, and what it received.
--
-- $1 fund's code; $2 the effective date, included; $3 the instant at which it was known.
--
-- type is of the IATI code list TransactionType: 13 incoming pledge, 11 incoming commitment, 1 incoming funds. amount is in the
-- currency; what takes something back is negative. Pledges are the announcements in the memorandum accounts 9100 and 9200;
-- that an agreement or cash took their place is no movement of them. Commitments are what agreements brought to 1200, and
-- where an agreement does not post (in kind, or recognised on receipt) its own amount or the value of the items that it
-- accepted. A change counts as the commitment's once there is one. Funds are cash as fundreport_receipts.sql counts it,
-- less refunds decided, and deliveries as the accounts have them. The application of an advance moves no cash and is left out.
-- kind is that of the entry, and of a reversal that of what it reverses. ref is the entry, or the leg of a pledge that has none.
--
-- Indexes: journal_line_balance, journal_entry_pkey, journal_entry_reverses_key, pledge_reference_key,
-- pledge_event_once_key, allocation_fund, refund_entry_id_key, delivery_pkey, pledge_item_pkey.
WITH line AS MATERIALIZED (
    SELECT l.entry_id, l.account, l.contributor, l.pledge_id, l.item_number, l.effective_date, l.recorded_at, l.currency,
        l.amount, coalesce(o.kind, e.kind) AS kind, o.id IS NOT NULL AS reversal,
        coalesce(o.effective_date, l.effective_date) AS done_on, coalesce(o.recorded_at, l.recorded_at) AS done_at,
        coalesce(e.delivery_id, o.delivery_id) AS delivery_id
    FROM journal_line l
    JOIN journal_entry e ON e.id = l.entry_id
    LEFT JOIN journal_entry o ON o.id = e.reverses
    WHERE l.fund = $1 AND l.account IN ('1200', '4110', '4120', '9100', '9200', '9300')
      AND l.effective_date <= $2 AND l.recorded_at <= $3 AND l.contributor IS NOT NULL
),
leg AS MATERIALIZED ( -- agreements that post no commitment
    SELECT v.id, v.pledge_id, v.effective_date, v.recorded_at, v.currency, v.amount, p.contributor, p.form,
        x.id AS reversal_id, x.effective_date AS reversed_on
    FROM pledge p
    JOIN pledge_event v ON v.pledge_id = p.id AND v.kind = 'agreed'
    LEFT JOIN journal_entry x ON x.reverses = v.entry_id AND x.effective_date <= $2 AND x.recorded_at <= $3
    WHERE p.fund = $1 AND (p.form = 'in_kind' OR p.recognition = 'on_receipt')
      AND v.effective_date <= $2 AND v.recorded_at <= $3
),
promise AS ( -- of pledges, in cash and in kind
    SELECT l.*, g.pledge_id IS NOT NULL AND l.kind <> 'pledge_announced' AS agreed
    FROM line l
    LEFT JOIN leg g ON g.pledge_id = l.pledge_id AND g.effective_date <= l.done_on AND g.recorded_at <= l.done_at
        AND (g.reversed_on IS NULL OR g.reversed_on > l.done_on)
    WHERE l.account IN ('9100', '9200')
      AND l.kind IN ('pledge_announced', 'pledge_adjusted', 'pledge_cancelled', 'pledge_written_off', 'in_kind_revalued', 'manual')
      -- the part of an announcement that was kept or agreed before is no movement of it
      AND NOT (l.account = '9100' AND l.kind = 'pledge_announced' AND (l.amount < 0) <> l.reversal)
),
accepted AS ( -- the value of the items of a pledge in kind when it was agreed
    SELECT g.id, g.reversal_id, g.pledge_id, g.contributor, g.effective_date, g.reversed_on, l.item_number, l.currency, sum(l.amount) AS amount
    FROM leg g
    JOIN line l ON l.pledge_id = g.pledge_id AND l.account = '9200'
    WHERE g.form = 'in_kind' AND CASE
        WHEN l.kind IN ('pledge_announced', 'pledge_agreed') THEN NOT l.reversal
        WHEN l.kind IN ('pledge_adjusted', 'pledge_cancelled', 'pledge_written_off', 'in_kind_revalued', 'manual')
            THEN NOT (g.effective_date <= l.done_on AND g.recorded_at <= l.done_at) END
    GROUP BY g.id, g.reversal_id, g.pledge_id, g.contributor, g.effective_date, g.reversed_on, l.item_number, l.currency
),
part AS ( -- cash that is credited to a contributor
    SELECT a.contributor, a.pledge_id, a.currency, a.amount, a.effective_date, a.entry_id, e.kind
    FROM allocation a JOIN journal_entry e ON e.id = a.entry_id
    WHERE a.fund = $1 AND a.effective_date <= $2 AND a.recorded_at <= $3
    UNION ALL
    SELECT l.contributor, NULL, l.currency, -l.amount, l.effective_date, l.entry_id, e.kind
    FROM journal_line l JOIN journal_entry e ON e.id = l.entry_id
    WHERE l.fund = $1 AND l.account = '2200' AND l.pledge_id IS NULL
      AND l.effective_date <= $2 AND l.recorded_at <= $3 AND e.kind IN ('receipt', 'identification', 'advance_applied')
),
cash AS (
    SELECT contributor, pledge_id, currency, amount, effective_date, entry_id, kind, false AS reversal FROM part
    UNION ALL
    SELECT p.contributor, p.pledge_id, p.currency, -p.amount, x.effective_date, x.id, p.kind, true
    FROM part p JOIN journal_entry x ON x.reverses = p.entry_id
    WHERE x.effective_date <= $2 AND x.recorded_at <= $3
    UNION ALL
    SELECT f.contributor, f.pledge_id, f.currency, -f.amount, e.effective_date, e.id, e.kind, false
    FROM refund f JOIN journal_entry e ON e.id = f.entry_id
    WHERE f.fund = $1 AND f.contributor IS NOT NULL AND e.effective_date <= $2 AND f.recorded_at <= $3
    UNION ALL
    SELECT f.contributor, f.pledge_id, f.currency, f.amount, x.effective_date, x.id, 'refund', true
    FROM refund f JOIN journal_entry x ON x.reverses = f.entry_id
    WHERE f.fund = $1 AND f.contributor IS NOT NULL AND x.effective_date <= $2 AND x.recorded_at <= $3
),
transaction AS (
    SELECT CASE WHEN agreed THEN 11 ELSE 13 END AS type, entry_id AS ref, effective_date, contributor, pledge_id, item_number,
        NULL::uuid AS delivery_id, currency, amount, kind, reversal
    FROM promise
    UNION ALL
    SELECT 11, entry_id, effective_date, contributor, pledge_id, NULL, NULL, currency, amount, kind, reversal
    FROM line
    WHERE account = '1200' AND kind IN ('pledge_agreed', 'pledge_adjusted', 'pledge_cancelled', 'pledge_written_off', 'manual')
    UNION ALL
    SELECT 11, id, effective_date, contributor, pledge_id, NULL, NULL, currency, amount, 'pledge_agreed', false
    FROM leg WHERE form = 'cash'
    UNION ALL
    SELECT 11, id, effective_date, contributor, pledge_id, item_number, NULL, currency, amount, 'pledge_agreed', false
    FROM accepted
    UNION ALL
    SELECT 11, reversal_id, reversed_on, contributor, pledge_id, item_number, NULL, currency, -amount, 'pledge_agreed', true
    FROM accepted WHERE reversal_id IS NOT NULL
    UNION ALL
    SELECT 1, entry_id, effective_date, contributor, pledge_id, NULL, NULL, currency, amount, kind, reversal
    FROM (SELECT cash.*, sum(amount) OVER (PARTITION BY entry_id, contributor, currency) AS moved FROM cash) c
    WHERE moved <> 0
    UNION ALL
    SELECT 1, entry_id, effective_date, contributor, pledge_id, item_number, delivery_id, currency,
        CASE account WHEN '9300' THEN amount ELSE -amount END, kind, reversal
    FROM line
    WHERE account IN ('4110', '4120', '9300') AND kind IN ('delivery', 'in_kind_revalued')
)
SELECT t.type, t.ref::text AS ref, t.effective_date, t.contributor, coalesce(p.reference, '') AS pledge,
    coalesce(d.category, i.category, '') AS category, coalesce(d.description, i.description, '') AS item,
    t.currency, sum(t.amount) AS amount, t.kind, t.reversal
FROM transaction t
LEFT JOIN pledge p ON p.id = t.pledge_id
LEFT JOIN pledge_item i ON i.pledge_id = t.pledge_id AND i.number = t.item_number
LEFT JOIN delivery d ON d.id = t.delivery_id
GROUP BY t.type, t.ref, t.effective_date, t.contributor, p.reference, d.category, i.category, d.description, i.description,
    t.item_number, t.currency, t.kind, t.reversal
-- a gift of no value is still one
HAVING sum(t.amount) <> 0 OR (t.kind = 'delivery' AND NOT t.reversal)
ORDER BY t.effective_date, t.ref, t.type DESC, t.contributor COLLATE "C", p.reference COLLATE "C", t.item_number, t.currency
