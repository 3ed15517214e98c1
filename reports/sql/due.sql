-- The agreed cash pledges of some funds that have a receivable, with their schedules.
--
-- $1 the funds' codes; $2 the codes of a contributor and of the records
-- merged into it, none for all; $3 the effective date, included; $4 the instant at which it was
-- known. One row for each pledge; a debit is positive. schedule is the agreement's, in the order of the due dates, and null
-- when it has none: the pledge is then due on agreed_on. chosen: what officers applied to an instalment, by its number, null for
-- nothing.
--
-- Indexes: period_event_fund, opening_balance_event_id, journal_line_balance, pledge_pkey, pledge_event_pledge_id, journal_entry_reverses_key, instalment_pkey,
-- allocation_instalment.
WITH o AS MATERIALIZED ( -- added up once, whatever PostgreSQL expects of what follows
    SELECT l.pledge_id, l.currency, sum(l.amount) AS amount, sum(l.amount_usd) AS amount_usd
    FROM unnest($1::text[]) f CROSS JOIN LATERAL balance_line(f, $3, $4) l
    WHERE l.account = '1200' AND (cardinality($2::text[]) = 0 OR l.contributor = ANY ($2))
    GROUP BY l.pledge_id, l.currency
    HAVING sum(l.amount) > 0
)
SELECT p.id, p.reference, p.contributor, p.fund, p.fund_year, o.currency, o.amount, o.amount_usd, v.effective_date AS agreed_on,
    (SELECT json_agg(json_build_object('number', i.number, 'due_on', i.due_on, 'amount', i.amount::text) ORDER BY i.number)
     FROM instalment i WHERE i.event_id = v.id) AS schedule,
    (SELECT json_object_agg(c.instalment, c.amount)
     FROM (SELECT a.instalment, sum(a.amount)::text AS amount
           FROM allocation a
           WHERE a.pledge_id = p.id AND a.instalment IS NOT NULL AND a.currency = o.currency AND a.effective_date <= $3
             AND a.recorded_at <= $4
             AND NOT EXISTS (SELECT FROM journal_entry x WHERE x.reverses = a.entry_id AND x.effective_date <= $3 AND x.recorded_at <= $4)
           GROUP BY a.instalment) c) AS chosen
FROM o
JOIN pledge p ON p.id = o.pledge_id
JOIN pledge_event v ON v.pledge_id = p.id AND v.kind = 'agreed' AND v.effective_date <= $3 AND v.recorded_at <= $4
WHERE NOT EXISTS (SELECT FROM journal_entry x WHERE x.reverses = v.entry_id AND x.effective_date <= $3 AND x.recorded_at <= $4)
ORDER BY p.fund COLLATE "C", p.contributor COLLATE "C", p.fund_year, p.reference COLLATE "C", p.id
