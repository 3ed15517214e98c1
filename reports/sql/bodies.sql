-- The bodies under a contributor: its ministries, agencies and regions, and those under them.
--
-- $1 the contributor's code; $2 the date of which it is asked; $3 the instant at which it was known. Ordered by code.
--
-- Indexes: contributor_parent_parent, contributor_parent_contributor.
WITH RECURSIVE body AS (
    SELECT $1::text AS code
    UNION
    SELECT c.contributor
    FROM body JOIN contributor_parent c ON c.parent = body.code
    WHERE c.from_date <= $2 AND c.recorded_at <= $3
      AND NOT EXISTS (SELECT FROM contributor_parent n
                      WHERE n.contributor = c.contributor AND n.from_date <= $2 AND n.recorded_at <= $3
                        AND (n.from_date, n.id) > (c.from_date, c.id))
)
SELECT code FROM body WHERE code <> $1 ORDER BY code COLLATE "C"
