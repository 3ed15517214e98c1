-- Questions that donors put to the fund about a line of their account, and the fund's answers.

-- +goose Up

CREATE TABLE question (
    id          uuid CONSTRAINT question_pkey PRIMARY KEY,
    contributor text NOT NULL CONSTRAINT question_contributor_fkey REFERENCES contributor,
    pledge_id   uuid CONSTRAINT question_pledge_id_fkey REFERENCES pledge,
    receipt_id  uuid CONSTRAINT question_receipt_id_fkey REFERENCES receipt,
    delivery_id uuid CONSTRAINT question_delivery_id_fkey REFERENCES delivery,
    statement   text, -- question_own holds that it is there
    text        text NOT NULL CONSTRAINT question_text_present CHECK (text <> ''),
    actor_id    bigint NOT NULL CONSTRAINT question_actor_id_fkey REFERENCES actor,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT question_about_one CHECK (num_nonnulls(pledge_id, receipt_id, delivery_id, statement) <= 1),
    CONSTRAINT question_id_contributor_key UNIQUE (id, contributor)
);
CREATE INDEX question_contributor ON question (contributor, id);
COMMENT ON TABLE question IS 'what a donor asks the fund, about one line of its account or in general';

CREATE TABLE answer (
    id          uuid CONSTRAINT answer_pkey PRIMARY KEY,
    question_id uuid NOT NULL,
    contributor text NOT NULL,
    text        text NOT NULL CONSTRAINT answer_text_present CHECK (text <> ''),
    actor_id    bigint NOT NULL CONSTRAINT answer_actor_id_fkey REFERENCES actor,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT answer_question_fkey FOREIGN KEY (question_id, contributor) REFERENCES question (id, contributor)
);
CREATE INDEX answer_question ON answer (question_id, id);
COMMENT ON TABLE answer IS 'what the fund answers to a question; a later answer adds to an earlier one';
COMMENT ON COLUMN answer.contributor IS 'of the question: whoever may see the one may see the other';

-- A question is put by a donor of the contributor, about what that donor may see: its rows are read as they are shown to it.
-- +goose StatementBegin
CREATE FUNCTION check_question() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before text := coalesce(current_setting('vcledger.contributor', true), '');
    mine   text[];
    own    boolean;
BEGIN
    PERFORM set_config('vcledger.contributor', NEW.contributor, true);
    mine := donor_contributors();
    PERFORM set_config('vcledger.contributor', before, true);
    own := EXISTS (SELECT FROM actor a WHERE a.id = NEW.actor_id AND a.role = 'donor' AND a.contributor = NEW.contributor)
        AND (NEW.pledge_id IS NULL OR EXISTS (SELECT FROM pledge p WHERE p.id = NEW.pledge_id AND p.contributor = ANY (mine)))
        AND (NEW.delivery_id IS NULL OR EXISTS (SELECT FROM delivery d WHERE d.id = NEW.delivery_id AND d.contributor = ANY (mine)))
        AND (NEW.statement IS NULL OR EXISTS (SELECT FROM statement s WHERE s.number = NEW.statement AND s.contributor = ANY (mine)))
        AND (NEW.receipt_id IS NULL OR EXISTS (SELECT FROM receipt r WHERE r.id = NEW.receipt_id AND r.contributor = ANY (mine))
            OR EXISTS (SELECT FROM allocation a WHERE a.receipt_id = NEW.receipt_id AND a.contributor = ANY (mine)));
    IF NOT own THEN
        RAISE EXCEPTION 'the question is not about what % may see', NEW.contributor
            USING ERRCODE = 'check_violation', CONSTRAINT = 'question_own', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER question_own BEFORE INSERT ON question FOR EACH ROW EXECUTE FUNCTION check_question();

-- +goose StatementBegin
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['question', 'answer'] LOOP
        EXECUTE format('CREATE TRIGGER %1$s_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %1$I EXECUTE FUNCTION refuse_change()', t);
        EXECUTE format('CREATE TRIGGER %1$s_recorded_at BEFORE INSERT ON %1$I FOR EACH ROW EXECUTE FUNCTION set_recorded_at()', t);
        EXECUTE format($f$
            CREATE FUNCTION queue_%1$s() RETURNS trigger LANGUAGE plpgsql AS $b$
            BEGIN
                INSERT INTO log_queue (kind, id) VALUES (%1$L, NEW.id);
                RETURN NULL;
            END $b$ $f$, t);
        EXECUTE format('CREATE TRIGGER %1$s_log AFTER INSERT ON %1$I FOR EACH ROW EXECUTE FUNCTION queue_%1$s()', t);
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY service ON %I TO vcledger_service USING (true) WITH CHECK (true)', t);
        EXECUTE format('CREATE POLICY donor ON %I FOR SELECT TO vcledger_donor USING (contributor = ANY ((SELECT donor_contributors())::text[]))', t);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO vcledger_service', t);
        EXECUTE format('GRANT SELECT ON %I TO vcledger_donor', t);
    END LOOP;
END $$;
-- +goose StatementEnd
