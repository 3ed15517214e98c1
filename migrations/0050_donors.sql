-- What a donor may see, held by PostgreSQL: a donor's request runs under the role vcledger_donor with the setting
-- vcledger.contributor, and row-level security shows it the rows of its own contributor, of those under it and of the
-- records merged into them. The service's role sees all.

-- +goose Up

-- +goose StatementBegin
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'vcledger_donor') THEN
        CREATE ROLE vcledger_donor NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
DO $$
BEGIN
    -- Who may take the service's role may take the donors'.
    IF NOT pg_has_role('vcledger_service', 'vcledger_donor', 'MEMBER') THEN
        GRANT vcledger_donor TO vcledger_service;
    END IF;
EXCEPTION WHEN unique_violation OR internal_error THEN
    NULL; -- another database of the server grants it at this moment; "tuple concurrently updated" is an internal error
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION donor_contributors() RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public
BEGIN ATOMIC
    WITH RECURSIVE family AS (
        SELECT current_setting('vcledger.contributor', true) AS code
        UNION
        SELECT c.code
        FROM family f
        CROSS JOIN LATERAL (
            SELECT m.absorbed AS code FROM contributor_merge m WHERE m.survivor = f.code
            UNION ALL
            SELECT p.contributor FROM contributor_parent p
            WHERE p.parent = f.code AND contributor_parent_on(p.contributor, current_date) = f.code) c)
    SELECT coalesce(array_agg(code) FILTER (WHERE code <> ''), '{}') FROM family;
END;
-- +goose StatementEnd
COMMENT ON FUNCTION donor_contributors IS
    'the codes that the donor of this transaction answers for: its own, today''s bodies under it, and records merged into these';
REVOKE ALL ON FUNCTION donor_contributors() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION donor_contributors() TO vcledger_service, vcledger_donor;

-- What everybody may know.
GRANT SELECT ON currency, account, unit, entry_kind, fund, rate TO vcledger_donor;
GRANT SELECT (code, name, currency) ON bank_account TO vcledger_donor;

-- Each table that a donor can reach, and which of its rows. What is asked for through another table is asked for as the
-- donor too, so it shows no more than that table does.
-- +goose StatementBegin
DO $$
DECLARE
    mine CONSTANT text := 'ANY ((SELECT donor_contributors())::text[])';
    t record;
BEGIN
    FOR t IN SELECT * FROM (VALUES
        ('contributor',         'code = ' || mine),
        ('contributor_name',    'contributor = ' || mine),
        ('contributor_alias',   'contributor = ' || mine),
        ('contributor_code',    'contributor = ' || mine),
        ('contributor_parent',  'contributor = ' || mine),
        ('contributor_merge',   'absorbed = ' || mine || ' OR survivor = ' || mine),
        ('actor',               'role <> ''donor'' OR contributor = ' || mine),
        ('pledge',              'contributor = ' || mine),
        ('pledge_item',         'EXISTS (SELECT FROM pledge p WHERE p.id = pledge_id)'),
        ('pledge_event',        'EXISTS (SELECT FROM pledge p WHERE p.id = pledge_id)'),
        ('pledge_event_item',   'EXISTS (SELECT FROM pledge_event v WHERE v.id = event_id)'),
        ('pledge_newness',      'EXISTS (SELECT FROM pledge p WHERE p.id = pledge_id)'),
        ('pledge_support',      'EXISTS (SELECT FROM pledge p WHERE p.id = pledge_id)'),
        ('acceptance',          'EXISTS (SELECT FROM pledge_event v WHERE v.id = event_id)'),
        ('instalment',          'EXISTS (SELECT FROM pledge p WHERE p.id = pledge_id)'),
        ('condition',           'EXISTS (SELECT FROM pledge p WHERE p.id = pledge_id)'),
        ('fulfilment',          'EXISTS (SELECT FROM pledge_event v WHERE v.id = event_id)'),
        ('receipt',             'contributor = ' || mine || ' OR EXISTS (SELECT FROM allocation a WHERE a.receipt_id = receipt.id)'
                                ' OR EXISTS (SELECT FROM journal_line l WHERE l.receipt_id = receipt.id)'),
        ('allocation',          'contributor = ' || mine),
        ('delivery',            'contributor = ' || mine),
        ('valuation',           'EXISTS (SELECT FROM pledge p WHERE p.id = pledge_id) OR EXISTS (SELECT FROM delivery d WHERE d.id = delivery_id)'),
        ('journal_line',        'contributor = ' || mine),
        ('journal_entry',       'EXISTS (SELECT FROM journal_line l WHERE l.entry_id = journal_entry.id)'),
        ('refund',              'contributor = ' || mine),
        ('refund_payment',      'EXISTS (SELECT FROM refund f WHERE f.id = refund_id)'),
        ('expenditure',         'EXISTS (SELECT FROM expenditure_share s WHERE s.expenditure_id = expenditure.id)'),
        ('expenditure_share',   'contributor = ' || mine)
    ) AS v (name, visible) LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t.name);
        EXECUTE format('CREATE POLICY service ON %I TO vcledger_service USING (true) WITH CHECK (true)', t.name);
        EXECUTE format('CREATE POLICY donor ON %I FOR SELECT TO vcledger_donor USING (%s)', t.name, t.visible);
        IF t.name = 'actor' THEN
            EXECUTE 'GRANT SELECT (id, name, role, contributor) ON actor TO vcledger_donor';
        ELSE
            EXECUTE format('GRANT SELECT ON %I TO vcledger_donor', t.name);
        END IF;
    END LOOP;
END $$;
-- +goose StatementEnd
