-- Who asked for what: keys that end, an audit trail that nothing leaves out, and the order in which entries became known.

-- +goose Up

ALTER TABLE api_key
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN last_used_at timestamptz;
COMMENT ON COLUMN api_key.expires_at IS 'NULL: it does not end by itself';
COMMENT ON COLUMN api_key.last_used_at IS 'to the minute, so that a key in use is not a row that every request writes';
GRANT UPDATE (last_used_at) ON api_key TO vcledger_service;

CREATE TABLE audit (
    id          bigint CONSTRAINT audit_pkey PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    request_id  uuid,
    actor_id    bigint CONSTRAINT audit_actor_id_fkey REFERENCES actor,
    key_id      uuid CONSTRAINT audit_key_id_fkey REFERENCES api_key,
    address     text NOT NULL DEFAULT '',
    operation   text NOT NULL CONSTRAINT audit_operation_present CHECK (operation <> ''),
    outcome     text NOT NULL CONSTRAINT audit_outcome_known CHECK (outcome IN ('done', 'refused')),
    record      text NOT NULL DEFAULT '',
    rule        text NOT NULL DEFAULT '' CONSTRAINT audit_rule_when_refused CHECK ((rule <> '') = (outcome = 'refused')),
    change      jsonb,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX audit_actor_id ON audit (actor_id, id);
CREATE INDEX audit_recorded_at ON audit (recorded_at, id);
CREATE INDEX audit_record ON audit (record, id) WHERE record <> '';
COMMENT ON TABLE audit IS 'who did what, when, from where, with which key, to which record: written in the transaction of the change; and what was refused';
COMMENT ON COLUMN audit.actor_id IS 'NULL when nobody could be made out';
COMMENT ON COLUMN audit.record IS 'path of the record in the API; empty when it has none';
COMMENT ON COLUMN audit.change IS 'of an edit: what was there before and after';
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_recorded_at BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
GRANT SELECT, INSERT ON audit TO vcledger_service;

-- Entries get their identifiers before they commit, so the order of identifiers is not the order in which others come to
-- see them. Whoever follows the ledger needs that order: an entry waits in event_queue, in the transaction that posts it,
-- and one at a time the committed ones get their positions.
CREATE TABLE event_queue (entry_id uuid CONSTRAINT event_queue_pkey PRIMARY KEY);
CREATE TABLE event (
    position    bigint CONSTRAINT event_pkey PRIMARY KEY CONSTRAINT event_position_positive CHECK (position > 0),
    entry_id    uuid NOT NULL CONSTRAINT event_entry_id_key UNIQUE CONSTRAINT event_entry_id_fkey REFERENCES journal_entry,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE event IS 'the entries in the order in which they became known, without a gap: the change stream';
COMMENT ON TABLE event_queue IS 'posted entries that have no position yet';

-- +goose StatementBegin
CREATE FUNCTION queue_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO event_queue SELECT id FROM posted;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER journal_entry_event AFTER INSERT ON journal_entry REFERENCING NEW TABLE AS posted FOR EACH STATEMENT EXECUTE FUNCTION queue_event();
INSERT INTO event_queue SELECT id FROM journal_entry;

CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_recorded_at BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
GRANT SELECT, INSERT ON event TO vcledger_service;
GRANT SELECT, INSERT, DELETE ON event_queue TO vcledger_service;

-- What can be edited is what no document of the past shows.
ALTER TABLE contributor
    ADD COLUMN contact text NOT NULL DEFAULT '',
    ADD COLUMN email text NOT NULL DEFAULT '';
COMMENT ON COLUMN contributor.contact IS 'the office that statements go to';
GRANT UPDATE (contact, email) ON contributor TO vcledger_service;
GRANT UPDATE (charges, rate_source) ON fund TO vcledger_service;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO vcledger_service;
