-- Whether the constraints hold is asked for some tables at a time, so that vcledger verify asks on several connections, and each
-- table is read once for all its constraints.

-- +goose Up

DROP FUNCTION broken_constraints();

-- +goose StatementBegin
CREATE FUNCTION broken_constraints(children regclass[]) RETURNS TABLE (guard text, rows bigint) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public SET join_collapse_limit = 1 AS $$
DECLARE
    t record;
BEGIN
    FOR t IN
        WITH reference AS (
            -- What a row refers to is joined under names that no column has, for the conditions name their columns alone. The key
            -- that is referred to is unique, so no row is counted twice.
            SELECT c.conrelid AS child, c.conname AS name,
                   format('count(*) FILTER (WHERE %s AND %I IS NULL)', string_agg(format('c.%I IS NOT NULL', ca.attname), ' AND ' ORDER BY k.n), 'parent/' || c.oid || '/1') AS counted,
                   format('LEFT JOIN (SELECT %s FROM %s) %I ON %s', string_agg(format('%I AS %I', pa.attname, 'parent/' || c.oid || '/' || k.n), ', ' ORDER BY k.n), c.confrelid::regclass,
                          'parent/' || c.oid, string_agg(format('%I = c.%I', 'parent/' || c.oid || '/' || k.n, ca.attname), ' AND ' ORDER BY k.n)) AS joined
            FROM pg_constraint c
            CROSS JOIN LATERAL unnest(c.conkey, c.confkey) WITH ORDINALITY AS k (child, parent, n)
            JOIN pg_attribute ca ON ca.attrelid = c.conrelid AND ca.attnum = k.child
            JOIN pg_attribute pa ON pa.attrelid = c.confrelid AND pa.attnum = k.parent
            WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace AND c.conrelid = ANY (children)
            GROUP BY c.oid, c.conname, c.conrelid, c.confrelid
        ), condition AS (
            SELECT c.conrelid AS child, c.conname AS name, format('count(*) FILTER (WHERE NOT (%s))', pg_get_expr(c.conbin, c.conrelid)) AS counted, '' AS joined
            FROM pg_constraint c WHERE c.contype = 'c' AND c.connamespace = 'public'::regnamespace AND c.conrelid = ANY (children)
        )
        SELECT x.child::regclass, array_agg(x.name::text ORDER BY x.name) AS names, string_agg(x.counted, ', ' ORDER BY x.name) AS counts, string_agg(x.joined, ' ' ORDER BY x.name) AS joins
        FROM (TABLE reference UNION ALL TABLE condition) x GROUP BY x.child ORDER BY x.child::regclass::text
    LOOP
        FOR guard, rows IN EXECUTE format('SELECT u.* FROM (SELECT ARRAY[%s] AS counts FROM %s c %s) x, unnest($1, x.counts) u', t.counts, t.child, t.joins) USING t.names LOOP
            IF rows > 0 THEN
                RETURN NEXT;
            END IF;
        END LOOP;
    END LOOP;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION broken_constraints IS 'the references and conditions of some tables that some rows break, with how many: what was put there while nothing watched';
REVOKE ALL ON FUNCTION broken_constraints(regclass[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION broken_constraints(regclass[]) TO vcledger_service;
