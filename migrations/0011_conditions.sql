-- Conditions of an agreement, each met on a date, and cash applied to an instalment by choice.

-- +goose Up

ALTER TABLE fund DROP CONSTRAINT fund_recognition_known;
ALTER TABLE fund ADD CONSTRAINT fund_recognition_known CHECK (recognition IN ('on_agreement', 'on_conditions', 'on_receipt')) NOT VALID;
ALTER TABLE fund VALIDATE CONSTRAINT fund_recognition_known;
ALTER TABLE pledge DROP CONSTRAINT pledge_recognition_known;
ALTER TABLE pledge ADD CONSTRAINT pledge_recognition_known CHECK (recognition IN ('on_agreement', 'on_conditions', 'on_receipt')) NOT VALID;
ALTER TABLE pledge VALIDATE CONSTRAINT pledge_recognition_known;

CREATE TABLE condition (
    event_id    uuid NOT NULL CONSTRAINT condition_event_id_fkey REFERENCES pledge_event,
    number      smallint NOT NULL CONSTRAINT condition_number_positive CHECK (number > 0),
    pledge_id   uuid NOT NULL CONSTRAINT condition_pledge_id_fkey REFERENCES pledge,
    description text NOT NULL CONSTRAINT condition_description_present CHECK (description <> ''),
    currency    text NOT NULL CONSTRAINT condition_currency_fkey REFERENCES currency,
    amount      numeric NOT NULL CONSTRAINT condition_amount_positive CHECK (amount > 0),
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT condition_pkey PRIMARY KEY (event_id, number)
);
CREATE INDEX condition_pledge_id ON condition (pledge_id, number);
COMMENT ON TABLE condition IS 'what an agreement, or an increase, asks before a part of its amount is revenue; numbered through the pledge';

CREATE TABLE fulfilment (
    id             uuid CONSTRAINT fulfilment_pkey PRIMARY KEY,
    event_id       uuid NOT NULL,
    number         smallint NOT NULL,
    effective_date date NOT NULL,
    met_by         text NOT NULL CONSTRAINT fulfilment_met_by_present CHECK (met_by <> ''),
    evidence       text NOT NULL CONSTRAINT fulfilment_evidence_present CHECK (evidence <> ''),
    sha256         text CONSTRAINT fulfilment_sha256_form CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    entry_id       uuid CONSTRAINT fulfilment_entry_id_fkey REFERENCES journal_entry,
    actor_id       bigint NOT NULL CONSTRAINT fulfilment_actor_id_fkey REFERENCES actor,
    recorded_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT fulfilment_condition_fkey FOREIGN KEY (event_id, number) REFERENCES condition
);
CREATE INDEX fulfilment_condition ON fulfilment (event_id, number);
COMMENT ON TABLE fulfilment IS 'a condition met, on a date, as someone certified by a document; it falls with the reversal of its entry';
COMMENT ON COLUMN fulfilment.entry_id IS 'NULL when a reduction had left nothing that hung on the condition';

-- +goose StatementBegin
CREATE FUNCTION check_conditions() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    PERFORM FROM pledge_event v JOIN condition c ON c.event_id = v.id
    WHERE v.id = NEW.event_id
    GROUP BY v.id
    HAVING sum(c.amount) <> v.amount OR bool_or(c.currency <> v.currency OR c.pledge_id <> v.pledge_id)
        OR v.kind NOT IN ('agreed', 'increased');
    IF FOUND THEN
        RAISE EXCEPTION 'the conditions of leg % do not sum to it', NEW.event_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'condition_sum', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER condition_sum AFTER INSERT ON condition
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_conditions();

-- +goose StatementBegin
CREATE FUNCTION check_fulfilment() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    -- One writer of a pledge at a time; the service holds this lock already.
    PERFORM pg_advisory_xact_lock(3, hashtext(c.pledge_id::text) & 1023)
    FROM condition c WHERE c.event_id = NEW.event_id AND c.number = NEW.number;
    PERFORM FROM fulfilment f LEFT JOIN journal_entry x ON x.reverses = f.entry_id
    WHERE f.event_id = NEW.event_id AND f.number = NEW.number AND x.id IS NULL
    HAVING count(*) > 1;
    IF FOUND THEN
        RAISE EXCEPTION 'condition % of leg % is met already', NEW.number, NEW.event_id
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'fulfilment_once', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER fulfilment_once AFTER INSERT ON fulfilment FOR EACH ROW EXECUTE FUNCTION check_fulfilment();

CREATE TRIGGER condition_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON condition EXECUTE FUNCTION refuse_change();
CREATE TRIGGER condition_recorded_at BEFORE INSERT ON condition FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
CREATE TRIGGER condition_scale BEFORE INSERT ON condition FOR EACH ROW EXECUTE FUNCTION check_scale();
CREATE TRIGGER fulfilment_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fulfilment EXECUTE FUNCTION refuse_change();
CREATE TRIGGER fulfilment_recorded_at BEFORE INSERT ON fulfilment FOR EACH ROW EXECUTE FUNCTION set_recorded_at();

ALTER TABLE allocation ADD COLUMN instalment smallint;
COMMENT ON COLUMN allocation.instalment IS 'the instalment that an officer chose; NULL settles the oldest first';

GRANT SELECT, INSERT ON condition, fulfilment TO vcledger_service;
