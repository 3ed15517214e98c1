-- Who gives, through time: names, codes, parents and merges of contributors, each a dated row that stays; and what was
-- declared and decided of a pledge being new and additional.

-- +goose Up

CREATE TABLE contributor_name (
    id          bigint CONSTRAINT contributor_name_pkey PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    contributor text NOT NULL CONSTRAINT contributor_name_contributor_fkey REFERENCES contributor,
    name        text NOT NULL CONSTRAINT contributor_name_name_present CHECK (name <> ''),
    name_key    text NOT NULL,
    from_date   date NOT NULL,
    actor_id    bigint NOT NULL CONSTRAINT contributor_name_actor_id_fkey REFERENCES actor,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX contributor_name_contributor ON contributor_name (contributor, from_date);
CREATE INDEX contributor_name_renamed_key ON contributor_name (name_key);
COMMENT ON TABLE contributor_name IS 'a new name from a date; before the first, the contributor has the name that it was recorded with';

ALTER TABLE contributor_alias
    ADD COLUMN kind text NOT NULL DEFAULT 'alias' CONSTRAINT contributor_alias_kind_known
        CHECK (kind IN ('alias', 'former_name', 'acronym', 'translation')),
    ADD COLUMN valid_from date,
    ADD COLUMN valid_to date,
    ADD COLUMN actor_id bigint CONSTRAINT contributor_alias_actor_id_fkey REFERENCES actor,
    ADD CONSTRAINT contributor_alias_in_order CHECK (valid_from <= valid_to);
COMMENT ON COLUMN contributor_alias.valid_from IS 'first day; NULL when it has always been valid';
COMMENT ON COLUMN contributor_alias.valid_to IS 'last day; NULL while it is valid';
COMMENT ON COLUMN contributor_alias.actor_id IS 'who recorded it; NULL for what came with the contributor or a register';

CREATE TABLE contributor_code (
    id          bigint CONSTRAINT contributor_code_pkey PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    contributor text NOT NULL CONSTRAINT contributor_code_contributor_fkey REFERENCES contributor,
    scheme      text NOT NULL CONSTRAINT contributor_code_scheme_known
                CHECK (scheme IN ('iso3166_alpha2', 'iso3166_alpha3', 'm49', 'dac', 'iati', 'un_member', 'other')),
    value       text NOT NULL CONSTRAINT contributor_code_value_form CHECK (CASE scheme
                WHEN 'iso3166_alpha2' THEN value ~ '^[A-Z]{2}$'
                WHEN 'iso3166_alpha3' THEN value ~ '^[A-Z]{3}$'
                WHEN 'm49' THEN value ~ '^[0-9]{3}$'
                ELSE value <> '' END),
    valid_from  date,
    valid_to    date,
    actor_id    bigint NOT NULL CONSTRAINT contributor_code_actor_id_fkey REFERENCES actor,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT contributor_code_in_order CHECK (valid_from <= valid_to)
);
CREATE INDEX contributor_code_contributor ON contributor_code (contributor);
CREATE INDEX contributor_code_value ON contributor_code (value);

-- +goose StatementBegin
CREATE FUNCTION check_code_free() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(6, 2); -- two that take one code must see each other
    PERFORM FROM contributor_code c
    WHERE c.scheme = NEW.scheme AND c.value = NEW.value AND c.scheme <> 'other'
      AND daterange(c.valid_from, c.valid_to, '[]') && daterange(NEW.valid_from, NEW.valid_to, '[]');
    IF FOUND THEN
        RAISE EXCEPTION 'code % % is taken', NEW.scheme, NEW.value
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'contributor_code_unique', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION check_code_free IS
    'a published scheme gives one code to one body at a time, and may give it to another later (ISO 3166-3)';
CREATE TRIGGER contributor_code_unique BEFORE INSERT ON contributor_code FOR EACH ROW EXECUTE FUNCTION check_code_free();

DROP INDEX contributor_parent;
CREATE TABLE contributor_parent (
    id          bigint CONSTRAINT contributor_parent_pkey PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    contributor text NOT NULL CONSTRAINT contributor_parent_contributor_fkey REFERENCES contributor,
    parent      text CONSTRAINT contributor_parent_parent_fkey REFERENCES contributor
                CONSTRAINT contributor_parent_is_not_itself CHECK (parent <> contributor),
    from_date   date NOT NULL,
    actor_id    bigint CONSTRAINT contributor_parent_actor_id_fkey REFERENCES actor,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX contributor_parent_contributor ON contributor_parent (contributor, from_date);
CREATE INDEX contributor_parent_parent ON contributor_parent (parent);
COMMENT ON TABLE contributor_parent IS 'whose a contributor is from a date (a ministry, agency or region under its State); the last recorded of a date holds';
COMMENT ON COLUMN contributor_parent.parent IS 'NULL: nobody''s from that date';

INSERT INTO contributor_parent (contributor, parent, from_date, recorded_at)
    SELECT code, parent, '1945-10-24', recorded_at FROM contributor WHERE parent IS NOT NULL ORDER BY recorded_at, code;
ALTER TABLE contributor DROP COLUMN parent;

-- +goose StatementBegin
CREATE FUNCTION contributor_parent_on(code text, on_date date) RETURNS text LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT p.parent FROM contributor_parent p WHERE p.contributor = code AND p.from_date <= on_date
    ORDER BY p.from_date DESC, p.id DESC LIMIT 1;
END;
-- +goose StatementEnd
COMMENT ON FUNCTION contributor_parent_on IS 'the contributor that one belongs to on a date';

-- +goose StatementBegin
CREATE FUNCTION contributor_name_on(code text, on_date date, known_at timestamptz) RETURNS text LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce((SELECT n.name FROM contributor_name n
                     WHERE n.contributor = c.code AND n.from_date <= on_date AND n.recorded_at <= known_at
                     ORDER BY n.from_date DESC, n.id DESC LIMIT 1), c.name)
    FROM contributor c WHERE c.code = contributor_name_on.code;
END;
-- +goose StatementEnd
COMMENT ON FUNCTION contributor_name_on IS 'the name on a date as it was known at an instant, so that a past statement keeps the name it had';

-- +goose StatementBegin
CREATE FUNCTION check_parent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(6, 0); -- two rows that close a circle together must see each other
    PERFORM FROM (SELECT NEW.from_date AS day UNION SELECT from_date FROM contributor_parent WHERE from_date > NEW.from_date) d
    WHERE EXISTS (
        WITH RECURSIVE up AS (
            SELECT NEW.parent AS code
            UNION
            SELECT contributor_parent_on(up.code, d.day) FROM up WHERE up.code IS NOT NULL)
        SELECT FROM up WHERE code = NEW.contributor);
    IF FOUND THEN
        RAISE EXCEPTION '% already stands above %', NEW.contributor, NEW.parent
            USING ERRCODE = 'check_violation', CONSTRAINT = 'contributor_parent_no_cycle', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER contributor_parent_no_cycle BEFORE INSERT ON contributor_parent FOR EACH ROW EXECUTE FUNCTION check_parent();

CREATE TABLE contributor_merge (
    absorbed       text CONSTRAINT contributor_merge_pkey PRIMARY KEY
                   CONSTRAINT contributor_merge_absorbed_fkey REFERENCES contributor,
    survivor       text NOT NULL CONSTRAINT contributor_merge_survivor_fkey REFERENCES contributor
                   CONSTRAINT contributor_merge_of_two CHECK (survivor <> absorbed),
    effective_date date NOT NULL,
    reason         text NOT NULL CONSTRAINT contributor_merge_reason_present CHECK (reason <> ''),
    actor_id       bigint NOT NULL CONSTRAINT contributor_merge_actor_id_fkey REFERENCES actor,
    recorded_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX contributor_merge_survivor ON contributor_merge (survivor);
COMMENT ON TABLE contributor_merge IS
    'two records of one contributor: nothing posted is moved; from recorded_at on the survivor answers for both. '
    'For good: once both have postings under one name they cannot be told apart again';

-- +goose StatementBegin
CREATE FUNCTION contributor_survivor(code text, known_at timestamptz) RETURNS text LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH RECURSIVE chain AS (
        SELECT contributor_survivor.code AS code, 0 AS step
        UNION ALL
        SELECT m.survivor, chain.step + 1 FROM chain JOIN contributor_merge m ON m.absorbed = chain.code AND m.recorded_at <= known_at)
    SELECT chain.code FROM chain ORDER BY chain.step DESC LIMIT 1;
END;
-- +goose StatementEnd
COMMENT ON FUNCTION contributor_survivor IS 'the contributor that answers for a code, as known at an instant: itself unless it was merged';

-- +goose StatementBegin
CREATE FUNCTION check_merge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(6, 1); -- merges one at a time
    PERFORM pg_advisory_xact_lock(7, hashtext(NEW.absorbed) & 1023); -- and after what is being posted to the absorbed record
    PERFORM FROM contributor_merge WHERE absorbed = NEW.survivor;
    IF FOUND THEN
        RAISE EXCEPTION '% was itself merged into another', NEW.survivor
            USING ERRCODE = 'check_violation', CONSTRAINT = 'contributor_merge_survivor_stands', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION check_merge IS 'BEFORE INSERT: a merge goes to a record that stands, so merges never run in a circle';
CREATE TRIGGER contributor_merge_survivor_stands BEFORE INSERT ON contributor_merge FOR EACH ROW EXECUTE FUNCTION check_merge();

-- +goose StatementBegin
CREATE FUNCTION check_not_merged() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7, hashtext(NEW.contributor) & 1023);
    PERFORM FROM contributor_merge WHERE absorbed = NEW.contributor;
    IF FOUND THEN
        RAISE EXCEPTION '% was merged into another contributor', NEW.contributor
            USING ERRCODE = 'check_violation', CONSTRAINT = 'contributor_merged', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION check_not_merged IS
    'BEFORE INSERT: what is new goes to the survivor; an old pledge of the absorbed record is still paid and delivered';
CREATE TRIGGER pledge_contributor_merged BEFORE INSERT ON pledge FOR EACH ROW EXECUTE FUNCTION check_not_merged();
CREATE TRIGGER receipt_contributor_merged BEFORE INSERT ON receipt FOR EACH ROW
    WHEN (NEW.contributor IS NOT NULL) EXECUTE FUNCTION check_not_merged();
CREATE TRIGGER delivery_contributor_merged BEFORE INSERT ON delivery FOR EACH ROW
    WHEN (NEW.pledge_id IS NULL) EXECUTE FUNCTION check_not_merged();

CREATE TABLE pledge_newness (
    id             bigint CONSTRAINT pledge_newness_pkey PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    pledge_id      uuid NOT NULL CONSTRAINT pledge_newness_pledge_id_fkey REFERENCES pledge,
    kind           text NOT NULL CONSTRAINT pledge_newness_kind_known CHECK (kind IN ('declaration', 'decision')),
    is_new         boolean,
    is_additional  boolean,
    proposed_new   boolean,
    proposed_additional boolean,
    lookback_years smallint CONSTRAINT pledge_newness_lookback_positive CHECK (lookback_years > 0),
    currency       text CONSTRAINT pledge_newness_currency_fkey REFERENCES currency,
    amount         numeric CONSTRAINT pledge_newness_amount_not_negative CHECK (amount >= 0),
    baseline_from  smallint,
    baseline_to    smallint,
    declaration    text NOT NULL DEFAULT '',
    document       text NOT NULL DEFAULT '',
    note           text NOT NULL DEFAULT '',
    actor_id       bigint NOT NULL CONSTRAINT pledge_newness_actor_id_fkey REFERENCES actor,
    recorded_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pledge_newness_decision_whole CHECK (kind = 'declaration' OR is_new IS NOT NULL AND is_additional IS NOT NULL),
    CONSTRAINT pledge_newness_baseline_whole CHECK ((currency IS NULL) = (amount IS NULL)),
    CONSTRAINT pledge_newness_baseline_in_order CHECK (baseline_from <= baseline_to)
);
CREATE INDEX pledge_newness_pledge_id ON pledge_newness (pledge_id, id);
CREATE INDEX pledge_fund_year ON pledge (fund_year, fund);
COMMENT ON TABLE pledge_newness IS
    'whether a pledge is new and additional (ECOSOC resolution 2002/19, paragraph 9): what the donor declares, and what is decided; the last decision holds';
COMMENT ON COLUMN pledge_newness.proposed_new IS 'what the ledger proposed from its own history when this was decided';
COMMENT ON COLUMN pledge_newness.amount IS 'the baseline, above which a year''s pledges are additional';
COMMENT ON COLUMN pledge_newness.baseline_from IS 'first and last year that the baseline is taken from';

CREATE TRIGGER contributor_name_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON contributor_name EXECUTE FUNCTION refuse_change();
CREATE TRIGGER contributor_alias_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON contributor_alias EXECUTE FUNCTION refuse_change();
CREATE TRIGGER contributor_code_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON contributor_code EXECUTE FUNCTION refuse_change();
CREATE TRIGGER contributor_parent_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON contributor_parent EXECUTE FUNCTION refuse_change();
CREATE TRIGGER contributor_merge_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON contributor_merge EXECUTE FUNCTION refuse_change();
CREATE TRIGGER pledge_newness_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pledge_newness EXECUTE FUNCTION refuse_change();
CREATE TRIGGER contributor_name_recorded_at BEFORE INSERT ON contributor_name FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
CREATE TRIGGER contributor_alias_recorded_at BEFORE INSERT ON contributor_alias FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
CREATE TRIGGER contributor_code_recorded_at BEFORE INSERT ON contributor_code FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
CREATE TRIGGER contributor_parent_recorded_at BEFORE INSERT ON contributor_parent FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
CREATE TRIGGER contributor_merge_recorded_at BEFORE INSERT ON contributor_merge FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
CREATE TRIGGER pledge_newness_recorded_at BEFORE INSERT ON pledge_newness FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
CREATE TRIGGER pledge_newness_scale BEFORE INSERT ON pledge_newness FOR EACH ROW EXECUTE FUNCTION check_scale();

GRANT SELECT, INSERT ON contributor_name, contributor_code, contributor_parent, contributor_merge, pledge_newness TO vcledger_service;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO vcledger_service;
