-- Pledges as they stood on a day, in the order of a statement.
--
-- $1 their ids; $2 the last day; $3 the instant at which it was known. The dates are of what was not reversed by then. kept:
-- a receipt or a delivery was applied to it and not reversed by then.
--
-- Indexes: pledge_pkey, pledge_event_pledge_id, journal_line_pledge_id, journal_entry_pkey, journal_entry_reverses_key.
SELECT p.id, p.contributor, p.reference, p.form, p.fund, p.fund_year, legs.*,
    EXISTS (SELECT FROM journal_line l JOIN journal_entry e ON e.id = l.entry_id
            WHERE l.pledge_id = p.id AND l.account IN ('1200', '4010', '9100', '9200') AND l.effective_date <= $2 AND l.recorded_at <= $3
              AND e.kind IN ('receipt', 'identification', 'advance_applied', 'delivery')
              AND NOT EXISTS (SELECT FROM journal_entry r WHERE r.reverses = e.id AND r.effective_date <= $2 AND r.recorded_at <= $3)) AS kept
FROM pledge p
CROSS JOIN LATERAL (
    SELECT max(v.effective_date) FILTER (WHERE v.kind = 'announced') AS announced_on,
        max(v.effective_date) FILTER (WHERE v.kind = 'agreed') AS agreed_on,
        max(v.effective_date) FILTER (WHERE v.kind = 'cancelled') AS cancelled_on,
        max(v.effective_date) FILTER (WHERE v.kind = 'written_off') AS written_off_on
    FROM pledge_event v
    LEFT JOIN journal_entry x ON x.reverses = v.entry_id AND x.effective_date <= $2 AND x.recorded_at <= $3
    WHERE v.pledge_id = p.id AND v.effective_date <= $2 AND v.recorded_at <= $3 AND x.id IS NULL
) legs
WHERE p.id = ANY ($1)
ORDER BY p.fund COLLATE "C", p.fund_year, p.reference COLLATE "C", p.id
