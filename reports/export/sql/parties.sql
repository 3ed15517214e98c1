-- The contributors that a journal names, with what the open formats say of each.
--
-- $1 fund's code, '' for all funds; $2 the effective date, included; $3 the instant at which it was known.
--
-- A row for each contributor of a line; code is the one that answers for it by then, whose name, kind and codes the row has.
-- iati and dac are its codes in those schemes on $2, '' for none; parent_kind is that of the contributor it belongs to.
--
-- Indexes: journal_line_balance for one fund; all funds are read in one pass over journal_line. contributor_pkey,
-- contributor_code_contributor, contributor_parent_contributor.
SELECT u.contributor, s.code, s.name, s.kind, s.country,
    coalesce(p.kind, '') AS parent_kind, coalesce(k.iati, '') AS iati, coalesce(k.dac, '') AS dac
FROM (SELECT DISTINCT contributor
      FROM journal_line
      WHERE ($1 = '' OR fund = $1) AND effective_date <= $2 AND recorded_at <= $3 AND contributor IS NOT NULL) u
JOIN contributor_on($2, $3) s ON s.code = contributor_survivor(u.contributor, $3)
LEFT JOIN contributor p ON p.code = contributor_parent_on(s.code, $2)
LEFT JOIN LATERAL (
    SELECT min(c.value) FILTER (WHERE c.scheme = 'iati') AS iati, min(c.value) FILTER (WHERE c.scheme = 'dac') AS dac
    FROM contributor_code c
    WHERE c.contributor = s.code AND c.recorded_at <= $3 AND daterange(c.valid_from, c.valid_to, '[]') @> $2::date) k ON true
ORDER BY s.code COLLATE "C", u.contributor COLLATE "C"
