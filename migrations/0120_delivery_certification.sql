-- Who confirmed, after a delivery was recorded, that it was given. What was certified when it was recorded stays with the delivery.

-- +goose Up

CREATE TABLE certification (
    delivery_id  uuid CONSTRAINT certification_pkey PRIMARY KEY,
    certified_by text NOT NULL CONSTRAINT certification_by_present CHECK (certified_by <> ''),
    note         text NOT NULL DEFAULT '',
    actor_id     bigint NOT NULL CONSTRAINT certification_actor_id_fkey REFERENCES actor,
    recorded_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT certification_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES delivery
);
COMMENT ON TABLE certification IS 'who confirmed that a delivery was given, when that was not known as it was recorded';

-- The deliveries that wait for it are few, whatever was ever delivered.
CREATE INDEX delivery_uncertified ON delivery (delivered_on, id) WHERE certified_by = '';

-- A delivery is certified once: as it was recorded, or later. What was reversed was not given.
-- +goose StatementBegin
CREATE FUNCTION check_certification() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM delivery d WHERE d.id = NEW.delivery_id AND d.certified_by <> '') THEN
        RAISE EXCEPTION 'delivery % was certified as it was recorded', NEW.delivery_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'certification_once', TABLE = TG_TABLE_NAME;
    END IF;
    IF EXISTS (SELECT FROM journal_entry e JOIN journal_entry x ON x.reverses = e.id WHERE e.delivery_id = NEW.delivery_id AND e.kind = 'delivery') THEN
        RAISE EXCEPTION 'delivery % is reversed', NEW.delivery_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'certification_of_what_stands', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER certification_checked BEFORE INSERT ON certification FOR EACH ROW EXECUTE FUNCTION check_certification();

CREATE TRIGGER certification_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON certification EXECUTE FUNCTION refuse_change();
CREATE TRIGGER certification_recorded_at BEFORE INSERT ON certification FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
-- +goose StatementBegin
CREATE FUNCTION queue_certification() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO log_queue (kind, key) VALUES ('certification', NEW.delivery_id::text);
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER certification_log AFTER INSERT ON certification FOR EACH ROW EXECUTE FUNCTION queue_certification();

ALTER TABLE certification ENABLE ROW LEVEL SECURITY;
CREATE POLICY service ON certification TO vcledger_service USING (true) WITH CHECK (true);
CREATE POLICY donor ON certification FOR SELECT TO vcledger_donor USING (EXISTS (SELECT FROM delivery d WHERE d.id = delivery_id));
GRANT SELECT, INSERT ON certification TO vcledger_service;
GRANT SELECT ON certification TO vcledger_donor;
