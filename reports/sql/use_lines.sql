-- What became of a pledge's cash, in USD, by the kind of the entry.
--
-- $1 the pledge's id; $2 the effective date, included; $3 the instant at which it was known. The cash accounts do not name
-- pledges, so the sign is that of the other side: a credit to the pledge is cash that came, and amount_usd is positive for
-- it. A reversal comes with the kind that it reverses.
--
-- Indexes: journal_line_pledge_id, journal_entry_pkey.
SELECT coalesce(r.kind, e.kind) AS kind, -sum(l.amount_usd) AS amount_usd
FROM journal_line l
JOIN journal_entry e ON e.id = l.entry_id
LEFT JOIN journal_entry r ON r.id = e.reverses
WHERE l.pledge_id = $1 AND l.account < '9000' AND l.account <> '1010' AND l.effective_date <= $2 AND l.recorded_at <= $3
GROUP BY 1
