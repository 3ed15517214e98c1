-- Statements as they were issued: numbered without a gap, frozen, superseded and never changed.

-- +goose Up

CREATE TABLE statement (
    number      text COLLATE "C" CONSTRAINT statement_pkey PRIMARY KEY
                CONSTRAINT statement_number_form CHECK (number ~ '^[0-9]{4}/[0-9]{6}$'),
    contributor text NOT NULL CONSTRAINT statement_contributor_fkey REFERENCES contributor,
    period_from date NOT NULL,
    period_to   date NOT NULL,
    fund        text CONSTRAINT statement_fund_fkey REFERENCES fund,
    bodies      text NOT NULL CONSTRAINT statement_bodies_known CHECK (bodies IN ('without', 'together', 'apart')),
    as_of       date NOT NULL,
    known_at    timestamptz NOT NULL,
    previous    text COLLATE "C" CONSTRAINT statement_previous_fkey REFERENCES statement,
    supersedes  text COLLATE "C" CONSTRAINT statement_supersedes_key UNIQUE CONSTRAINT statement_supersedes_fkey REFERENCES statement,
    reason      text NOT NULL DEFAULT '' CONSTRAINT statement_reason_when_superseding CHECK ((reason <> '') = (supersedes IS NOT NULL)),
    document    bytea NOT NULL,
    sha256      bytea NOT NULL CONSTRAINT statement_sha256_of_document CHECK (sha256 = sha256(document)),
    actor_id    bigint NOT NULL CONSTRAINT statement_actor_id_fkey REFERENCES actor,
    issued_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT statement_period_in_order CHECK (period_from <= period_to AND period_to <= as_of),
    CONSTRAINT statement_known_before_issued CHECK (known_at <= issued_at),
    CONSTRAINT statement_says_number CHECK (
        convert_from(document, 'UTF8')::jsonb #>> '{issued,number}' IS NOT DISTINCT FROM number
        AND convert_from(document, 'UTF8')::jsonb #>> '{contributor,code}' IS NOT DISTINCT FROM contributor)
);
COMMENT ON TABLE statement IS 'what was issued to a contributor: other formats are made from the document, and none from the books';
COMMENT ON COLUMN statement.number IS 'the year of issue and a number that has no gap in the year';
COMMENT ON COLUMN statement.fund IS 'NULL: all funds';
COMMENT ON COLUMN statement.known_at IS 'a settled instant: whatever was recorded up to it had been committed when the books were read';
COMMENT ON COLUMN statement.previous IS 'the contributor''s last statement of the same funds and bodies, since which the document lists the changes';
COMMENT ON COLUMN statement.supersedes IS 'the statement of the same contributor, period, fund and bodies that this one takes the place of';
COMMENT ON COLUMN statement.document IS 'canonical JSON in UTF-8, byte for byte';

CREATE INDEX statement_contributor ON statement (contributor, number DESC);
-- One chain of statements for each contributor, period, fund and bodies: the first is issued once, and the others supersede.
CREATE UNIQUE INDEX statement_once ON statement (contributor, period_from, period_to, coalesce(fund, ''), bodies) WHERE supersedes IS NULL;

-- +goose StatementBegin
CREATE FUNCTION check_statement() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    issued_in text := to_char(now() AT TIME ZONE 'UTC', 'YYYY');
    last_one  text;
    broken    text;
BEGIN
    NEW.issued_at := now();
    -- One at a time; the service holds this lock already. Each statement below sees what the last holder committed.
    PERFORM pg_advisory_xact_lock(9, hashtext('number') & 1023);
    SELECT max(number) INTO last_one FROM statement WHERE number BETWEEN issued_in || '/' AND issued_in || '/~';
    IF NEW.number <> issued_in || '/' || lpad((coalesce(right(last_one, 6), '0')::int + 1)::text, 6, '0') THEN
        broken := 'statement_number_next';
    ELSIF NEW.supersedes IS NOT NULL THEN
        PERFORM FROM statement s
        WHERE s.number = NEW.supersedes AND s.contributor = NEW.contributor AND s.period_from = NEW.period_from AND s.period_to = NEW.period_to
          AND s.fund IS NOT DISTINCT FROM NEW.fund AND s.bodies = NEW.bodies;
        IF NOT FOUND THEN
            broken := 'statement_supersedes_same';
        END IF;
    END IF;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'statement % is refused: %', NEW.number, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER statement_number BEFORE INSERT ON statement FOR EACH ROW EXECUTE FUNCTION check_statement();
CREATE TRIGGER statement_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON statement EXECUTE FUNCTION refuse_change();

-- What is recorded bears the instant at which its transaction began, and is seen when that commits. Of what was recorded up
-- to a settled instant everything is committed, so that a document read now as it was known then stays the same for ever.
-- A transaction that has begun shows itself a moment later, for which the function waits.
-- +goose StatementBegin
CREATE FUNCTION settled_instant() RETURNS timestamptz LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    asked timestamptz := clock_timestamp();
BEGIN
    PERFORM pg_sleep(0.002);
    RETURN (SELECT least(asked, min(a.xact_start)) - interval '1 microsecond'
            FROM pg_stat_activity a
            WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend');
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION settled_instant IS 'the latest instant before which no transaction under way began: it has to be read in a transaction of its own, before the books';
REVOKE ALL ON FUNCTION settled_instant() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION settled_instant() TO vcledger_service;

GRANT SELECT, INSERT ON statement TO vcledger_service;
GRANT SELECT ON statement TO vcledger_donor;
ALTER TABLE statement ENABLE ROW LEVEL SECURITY;
CREATE POLICY service ON statement TO vcledger_service USING (true) WITH CHECK (true);
CREATE POLICY donor ON statement FOR SELECT TO vcledger_donor USING (contributor = ANY ((SELECT donor_contributors())::text[]));
