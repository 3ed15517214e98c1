-- The log: every entry with what was recorded with it, and every record that has no entry, is a leaf of a Merkle tree
-- (RFC 6962), in one order without a gap. Leaves get their places behind the postings, one sealer at a time.

-- +goose Up

CREATE TABLE log_queue (
    number bigint CONSTRAINT log_queue_pkey PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    kind   text NOT NULL,
    id     uuid,
    key    text NOT NULL DEFAULT ''
);
COMMENT ON TABLE log_queue IS 'records without an entry that are not in the log yet; entries wait in event_queue';

CREATE TABLE log_leaf (
    position bigint CONSTRAINT log_leaf_pkey PRIMARY KEY CONSTRAINT log_leaf_position_not_negative CHECK (position >= 0),
    kind     text COLLATE "C" NOT NULL,
    id       uuid,
    key      text COLLATE "C" NOT NULL DEFAULT '',
    CONSTRAINT log_leaf_names_record CHECK ((id IS NULL) = (key <> ''))
);
CREATE UNIQUE INDEX log_leaf_id ON log_leaf (id) WHERE id IS NOT NULL;
CREATE UNIQUE INDEX log_leaf_key ON log_leaf (kind, key) WHERE id IS NULL;
COMMENT ON TABLE log_leaf IS 'which record each leaf of the log is of; its bytes are made from the record and what belongs to it';
COMMENT ON COLUMN log_leaf.kind IS 'the table of the record';

CREATE TABLE log_hash (
    index bigint CONSTRAINT log_hash_pkey PRIMARY KEY CONSTRAINT log_hash_index_not_negative CHECK (index >= 0),
    hash  bytea NOT NULL CONSTRAINT log_hash_size CHECK (length(hash) = 32)
);
COMMENT ON TABLE log_hash IS 'the hashes of the tree that never change, numbered as golang.org/x/mod/sumdb/tlog numbers them';

CREATE TABLE log_batch (
    size        bigint CONSTRAINT log_batch_pkey PRIMARY KEY CONSTRAINT log_batch_size_positive CHECK (size > 0),
    events      bigint NOT NULL CONSTRAINT log_batch_events_range CHECK (events BETWEEN 0 AND size),
    root        bytea NOT NULL CONSTRAINT log_batch_root_size CHECK (length(root) = 32),
    recorded_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE log_batch IS 'how far the log went each time that it was sealed';
COMMENT ON COLUMN log_batch.events IS 'the position in event up to which entries are in the log';

CREATE TABLE log_checkpoint (
    size        bigint NOT NULL CONSTRAINT log_checkpoint_size_fkey REFERENCES log_batch,
    key         text NOT NULL,
    note        text NOT NULL CONSTRAINT log_checkpoint_note_present CHECK (note <> ''),
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT log_checkpoint_pkey PRIMARY KEY (size, key)
);
COMMENT ON TABLE log_checkpoint IS 'the signed notes (C2SP tlog-checkpoint) of the log as it was sealed';
COMMENT ON COLUMN log_checkpoint.key IS 'the public key that it was signed with';

CREATE TABLE log_voucher (
    key         text CONSTRAINT log_voucher_pkey PRIMARY KEY,
    note        text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE log_voucher IS 'the signed notes by which an old key of the log vouches for a new one';

CREATE TABLE log_seed (
    one  boolean CONSTRAINT log_seed_pkey PRIMARY KEY DEFAULT true CONSTRAINT log_seed_one CHECK (one),
    seed bytea NOT NULL CONSTRAINT log_seed_size CHECK (length(seed) = 32)
);
COMMENT ON TABLE log_seed IS 'what the nonces of records are made from: who is shown a leaf cannot guess the records in it that are not shown';
INSERT INTO log_seed (seed) VALUES (decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));

ALTER TABLE statement ADD COLUMN proof bytea;
COMMENT ON COLUMN statement.proof IS 'the proof that was issued with the document, in JSON; NULL when the log had no key';

-- +goose StatementBegin
CREATE FUNCTION log_waits() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public
BEGIN ATOMIC
    SELECT EXISTS (SELECT FROM event_queue) OR EXISTS (SELECT FROM log_queue)
        OR coalesce((SELECT max(position) FROM event), 0) > coalesce((SELECT events FROM log_batch ORDER BY size DESC LIMIT 1), 0);
END;
-- +goose StatementEnd
COMMENT ON FUNCTION log_waits IS 'whether the reader sees a record that is not in the log yet';
REVOKE ALL ON FUNCTION log_waits() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log_waits() TO vcledger_service, vcledger_donor;

-- Which tables have leaves of their own, how their rows are named, and which of the rows: what has an entry is in the leaf of
-- the entry. What is there already waits for the first sealing.
-- +goose StatementBegin
DO $$
DECLARE
    t record;
BEGIN
    FOR t IN SELECT * FROM (VALUES
        ('currency',            '$.code',                                              NULL),
        ('account',             '$.code',                                              NULL),
        ('unit',                '$.code',                                              NULL),
        ('actor',               '$.id::text',                                          NULL),
        ('contributor',         '$.code',                                              NULL),
        ('contributor_alias',   '$.contributor || ''/'' || $.name',                    NULL),
        ('contributor_name',    '$.id::text',                                          NULL),
        ('contributor_code',    '$.id::text',                                          NULL),
        ('contributor_parent',  '$.id::text',                                          NULL),
        ('contributor_merge',   '$.absorbed',                                          NULL),
        ('bank_account',        '$.code',                                              NULL),
        ('fund',                '$.code',                                              NULL),
        ('fund_support',        '$.fund || ''/'' || ($.starts_on - date ''epoch'')::text || ''/'' || extract(epoch FROM $.recorded_at)::text', NULL),
        ('rate',                '$.source || ''/'' || $.currency || ''/'' || ($.effective_date - date ''epoch'')::text', NULL),
        ('pledge_support',      '$.pledge_id::text || ''/'' || ($.starts_on - date ''epoch'')::text || ''/'' || extract(epoch FROM $.recorded_at)::text', NULL),
        ('pledge_newness',      '$.id::text',                                          NULL),
        ('approval_policy',     '$.id::text',                                          NULL),
        ('approval',            'id',                                                  NULL),
        ('approval_decision',   '$.approval_id::text',                                 NULL),
        ('bank_reconciliation', 'id',                                                  NULL),
        ('receipt_note',        'id',                                                  NULL),
        ('statement',           '$.number',                                            NULL),
        ('pledge_event',        'id',                                                  '$.entry_id IS NULL'),
        ('period_event',        'id',                                                  '$.entry_id IS NULL'),
        ('fulfilment',          'id',                                                  '$.entry_id IS NULL'),
        ('valuation',           'id',                                                  '$.entry_id IS NULL')
    ) AS v (name, key, apart) LOOP
        EXECUTE format($f$
            CREATE FUNCTION queue_%1$s() RETURNS trigger LANGUAGE plpgsql AS $b$
            BEGIN
                INSERT INTO log_queue (kind, %2$s) VALUES (%3$L, %4$s);
                RETURN NULL;
            END $b$ $f$, t.name, CASE WHEN t.key = 'id' THEN 'id' ELSE 'key' END, t.name,
            CASE WHEN t.key = 'id' THEN 'NEW.id' ELSE replace(t.key, '$', 'NEW') END);
        EXECUTE format('CREATE TRIGGER %1$s_log AFTER INSERT ON %1$s FOR EACH ROW %2$s EXECUTE FUNCTION queue_%1$s()', t.name,
            CASE WHEN t.apart IS NULL THEN '' ELSE 'WHEN (' || replace(t.apart, '$', 'NEW') || ')' END);
        EXECUTE format('INSERT INTO log_queue (kind, %s) SELECT %L, %s FROM %I x WHERE %s ORDER BY 2', CASE WHEN t.key = 'id' THEN 'id' ELSE 'key' END, t.name,
            CASE WHEN t.key = 'id' THEN 'x.id' ELSE replace(t.key, '$', 'x') END, t.name, coalesce(replace(t.apart, '$', 'x'), 'true'));
    END LOOP;
    FOR t IN SELECT unnest(ARRAY['log_leaf', 'log_hash', 'log_batch', 'log_checkpoint', 'log_voucher', 'log_seed']) AS name LOOP
        EXECUTE format('CREATE TRIGGER %1$s_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %1$I EXECUTE FUNCTION refuse_change()', t.name);
    END LOOP;
    FOR t IN SELECT unnest(ARRAY['log_batch', 'log_checkpoint', 'log_voucher']) AS name LOOP
        EXECUTE format('CREATE TRIGGER %1$s_recorded_at BEFORE INSERT ON %1$I FOR EACH ROW EXECUTE FUNCTION set_recorded_at()', t.name);
    END LOOP;
END $$;
-- +goose StatementEnd

GRANT SELECT, INSERT, DELETE ON log_queue TO vcledger_service;
GRANT SELECT, INSERT ON log_leaf, log_hash, log_batch, log_checkpoint, log_voucher TO vcledger_service;
GRANT SELECT ON log_seed TO vcledger_service;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO vcledger_service;
