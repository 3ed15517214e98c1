-- What vcledger verify asks the database about itself: whether each constraint holds for what is there, however it came
-- there, and what guards there are.

-- +goose Up

-- +goose StatementBegin
CREATE FUNCTION broken_constraints() RETURNS TABLE (guard text, rows bigint) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    t record;
BEGIN
    -- References, of the rows that have one whole.
    FOR t IN
        SELECT c.conname, c.conrelid::regclass AS child, c.confrelid::regclass AS parent,
               string_agg(format('p.%I = c.%I', pa.attname, ca.attname), ' AND ' ORDER BY k.n) AS joined,
               string_agg(format('c.%I IS NOT NULL', ca.attname), ' AND ' ORDER BY k.n) AS whole
        FROM pg_constraint c
        CROSS JOIN LATERAL unnest(c.conkey, c.confkey) WITH ORDINALITY AS k (child, parent, n)
        JOIN pg_attribute ca ON ca.attrelid = c.conrelid AND ca.attnum = k.child
        JOIN pg_attribute pa ON pa.attrelid = c.confrelid AND pa.attnum = k.parent
        WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace
        GROUP BY c.oid, c.conname, c.conrelid, c.confrelid
        ORDER BY c.conname
    LOOP
        guard := t.conname;
        EXECUTE format('SELECT count(*) FROM %s c WHERE %s AND NOT EXISTS (SELECT FROM %s p WHERE %s)', t.child, t.whole, t.parent, t.joined) INTO rows;
        IF rows > 0 THEN
            RETURN NEXT;
        END IF;
    END LOOP;
    -- Conditions, all those of a table in one reading of it.
    FOR t IN
        SELECT c.conrelid::regclass AS child, string_agg(format('%L, count(*) FILTER (WHERE NOT (%s))', c.conname, pg_get_expr(c.conbin, c.conrelid)), ', ' ORDER BY c.conname) AS counts
        FROM pg_constraint c WHERE c.contype = 'c' AND c.connamespace = 'public'::regnamespace AND c.conrelid <> 0
        GROUP BY c.conrelid ORDER BY 1
    LOOP
        FOR guard, rows IN EXECUTE format('SELECT key, value::bigint FROM (SELECT jsonb_build_object(%s) AS counts FROM %s) x, jsonb_each_text(x.counts)', t.counts, t.child) LOOP
            IF rows > 0 THEN
                RETURN NEXT;
            END IF;
        END LOOP;
    END LOOP;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION broken_constraints IS 'the references and conditions that some rows break, with how many: what was put there while nothing watched';
REVOKE ALL ON FUNCTION broken_constraints() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION broken_constraints() TO vcledger_service;

CREATE VIEW guard WITH (security_invoker = true) AS
    SELECT 'constraint ' || conrelid::regclass || ' ' || conname || CASE WHEN convalidated THEN '' ELSE ' NOT VALIDATED' END AS name,
           md5(pg_get_constraintdef(oid)) AS definition
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
    UNION ALL
    SELECT 'trigger ' || tgrelid::regclass || ' ' || tgname || CASE WHEN tgenabled = 'O' THEN '' ELSE ' DISABLED' END, md5(pg_get_triggerdef(t.oid))
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = 'public'::regnamespace AND NOT t.tgisinternal
    UNION ALL
    SELECT 'internal triggers DISABLED ' || tgrelid::regclass, ''
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = 'public'::regnamespace AND t.tgisinternal AND t.tgenabled <> 'O'
    UNION ALL
    SELECT 'index ' || indexrelid::regclass || CASE WHEN indisvalid THEN '' ELSE ' INVALID' END, md5(pg_get_indexdef(indexrelid))
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    WHERE c.relnamespace = 'public'::regnamespace AND i.indisunique
    UNION ALL
    SELECT 'function ' || oid::regprocedure, md5(pg_get_functiondef(oid))
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
    UNION ALL
    SELECT 'policy ' || polrelid::regclass || ' ' || polname, md5(coalesce(pg_get_expr(polqual, polrelid), '') || '/' || coalesce(pg_get_expr(polwithcheck, polrelid), ''))
    FROM pg_policy;
COMMENT ON VIEW guard IS 'everything that keeps the books as they are, each with a hash of its definition';
GRANT SELECT ON guard TO vcledger_service;
