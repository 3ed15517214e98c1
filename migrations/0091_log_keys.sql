-- The log itself says which keys sign it and from where on, so that a checkpoint that was taken away is missed, the first one too.

-- +goose Up

CREATE TABLE log_key (
    key         text CONSTRAINT log_key_pkey PRIMARY KEY CONSTRAINT log_key_present CHECK (key <> ''),
    size        bigint NOT NULL CONSTRAINT log_key_size_not_negative CHECK (size >= 0),
    recorded_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE log_key IS 'the public keys that sign the log; each is a leaf of the log';
COMMENT ON COLUMN log_key.size IS 'how many records the log had when the key began: every later sealing is signed';

CREATE TRIGGER log_key_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log_key EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_key_recorded_at BEFORE INSERT ON log_key FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
-- +goose StatementBegin
CREATE FUNCTION queue_log_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO log_queue (kind, key) VALUES ('log_key', NEW.key);
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER log_key_log AFTER INSERT ON log_key FOR EACH ROW EXECUTE FUNCTION queue_log_key();

GRANT SELECT, INSERT ON log_key TO vcledger_service;

-- The keys that signed already.
INSERT INTO log_key (key, size) SELECT key, min(size) - 1 FROM log_checkpoint GROUP BY key ORDER BY min(size);
