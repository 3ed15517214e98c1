-- The parts of receipts that count as a contributor's, or cease to, in a period.
--
-- $1 the codes of a contributor and of the records merged into it;
-- $2 fund's code, '' for all funds; $3 and $4 the first and the last day of the period; $5 the
-- instant at which it was known; $6 the effective date up to which a reversal is told.
--
-- A part is an allocation, or a line of what is held for the contributor beyond the allocations (2200 without a pledge,
-- turned so that held is positive): applying what is held later adds an allocation and takes the same off, so the parts of
-- a receipt always add up to what the contributor is credited with. whole: the receipt is this contributor's alone, as
-- recorded or as identified since; otherwise its amount and its charges are others' too and are not told. settled_usd: by
-- how much the entry reduced the pledge, at the value at which it stood in the books; exchange_usd: how much more the cash
-- was worth. An entry that applies cash to two instalments of a pledge has both once.
--
-- Only the period's entries are read, and those that an entry of the period undid: what a statement costs does not grow with the
-- years before it.
--
-- Indexes: allocation_contributor, allocation_entry_id, allocation_receipt_id, journal_line_contributor, journal_line_pkey,
-- journal_entry_pkey, journal_entry_reverses_key, receipt_pkey, pledge_parties_key.
WITH undone AS MATERIALIZED (
    SELECT DISTINCT x.reverses AS entry_id
    FROM journal_line l JOIN journal_entry x ON x.id = l.entry_id
    WHERE l.contributor = ANY ($1) AND l.effective_date BETWEEN $3 AND $4 AND l.recorded_at <= $5 AND x.reverses IS NOT NULL
),
applied AS (
    SELECT a.* FROM allocation a WHERE a.contributor = ANY ($1) AND a.effective_date BETWEEN $3 AND $4
    UNION ALL
    SELECT a.* FROM undone u JOIN allocation a ON a.entry_id = u.entry_id WHERE a.contributor = ANY ($1) AND a.effective_date < $3
),
kept AS (
    SELECT l.* FROM journal_line l WHERE l.contributor = ANY ($1) AND l.effective_date BETWEEN $3 AND $4 AND l.account = '2200'
    UNION ALL
    SELECT l.* FROM undone u JOIN journal_line l ON l.entry_id = u.entry_id
    WHERE l.contributor = ANY ($1) AND l.effective_date < $3 AND l.account = '2200'
),
part AS (
    SELECT a.id, a.contributor, a.receipt_id, a.fund, a.fund_year, a.pledge_id, a.effective_date, a.amount, a.amount_usd, a.entry_id,
        row_number() OVER (PARTITION BY a.entry_id, a.pledge_id ORDER BY a.id) AS share
    FROM applied a
    WHERE ($2 = '' OR a.fund = $2) AND a.recorded_at <= $5
    UNION ALL
    SELECT NULL, l.contributor, l.receipt_id, l.fund, NULL, NULL, l.effective_date, -l.amount, -l.amount_usd, l.entry_id, 1
    FROM kept l JOIN journal_entry e ON e.id = l.entry_id
    WHERE ($2 = '' OR l.fund = $2) AND l.recorded_at <= $5
      AND l.pledge_id IS NULL AND e.kind IN ('receipt', 'identification', 'advance_applied')
)
SELECT r.id, coalesce(part.contributor, '') AS contributor, part.entry_id, settled.usd AS settled_usd,
    CASE WHEN settled.usd IS NOT NULL THEN settled.exchange_usd END AS exchange_usd,
    r.bank_account, coalesce(r.bank_reference, '') AS bank_reference, r.value_date, r.payer, r.fund, r.fund_year,
    r.currency, r.amount, r.charges, r.rate, r.rate_date, coalesce(r.rate_source, '') AS rate_source,
    coalesce(r.contributor = ANY ($1), false) OR r.contributor IS NULL AND r.credited IS NOT DISTINCT FROM (
        SELECT sum(a.amount)
        FROM allocation a LEFT JOIN journal_entry v ON v.reverses = a.entry_id AND v.effective_date <= $4 AND v.recorded_at <= $5
        WHERE a.receipt_id = r.id AND a.contributor = ANY ($1) AND a.effective_date <= $4 AND a.recorded_at <= $5 AND v.id IS NULL
    ) AS whole,
    part.id AS allocation_id, part.fund AS part_fund, part.fund_year AS part_year, part.pledge_id,
    coalesce(p.reference, '') AS pledge_reference, part.effective_date, part.amount AS part_amount,
    part.amount_usd AS part_usd, x.effective_date AS reversed_on
FROM part
JOIN receipt r ON r.id = part.receipt_id
LEFT JOIN pledge p ON p.id = part.pledge_id
LEFT JOIN journal_entry x ON x.reverses = part.entry_id AND x.effective_date <= $6 AND x.recorded_at <= $5
LEFT JOIN LATERAL (
    SELECT -sum(l.amount_usd) FILTER (WHERE l.account IN ('1200', '9100')) AS usd,
        -coalesce(sum(l.amount_usd) FILTER (WHERE l.account IN ('4010', '4910', '5910')), 0)
            + coalesce(sum(l.amount_usd) FILTER (WHERE l.account = '9100'), 0) AS exchange_usd
    FROM journal_line l WHERE l.entry_id = part.entry_id AND l.pledge_id = part.pledge_id
) settled ON part.share = 1 AND part.pledge_id IS NOT NULL
WHERE part.effective_date >= $3 OR x.effective_date BETWEEN $3 AND $4
ORDER BY r.fund COLLATE "C", r.fund_year, r.value_date, r.id, part.effective_date, part.fund COLLATE "C", part.fund_year,
    p.reference COLLATE "C", part.id
