-- The log seals what the bank sent and what officers said of it. A statement is one leaf with its lines, and a decision one
-- with the payer that was learned from it; what is there already waits for the next sealing.

-- +goose Up

-- +goose StatementBegin
DO $$
DECLARE
    t record;
BEGIN
    FOR t IN SELECT * FROM (VALUES
        ('bank_statement', 'id', 'id'), ('bank_decision', 'id', 'id'), ('bank_rule', 'id', 'id'), ('bank_rule_end', 'key', 'rule_id::text'),
        ('bank_explanation', 'id', 'id'), ('bank_sign_off', 'id', 'id')
    ) AS v (name, named, key) LOOP
        -- Once a statement and not once a row: hundreds of lines are decided on together.
        EXECUTE format($f$
            CREATE FUNCTION queue_%1$s() RETURNS trigger LANGUAGE plpgsql AS $b$
            BEGIN
                INSERT INTO log_queue (kind, %2$s) SELECT %1$L, %3$s FROM fresh;
                RETURN NULL;
            END $b$ $f$, t.name, t.named, t.key);
        EXECUTE format('CREATE TRIGGER %1$s_log AFTER INSERT ON %1$s REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION queue_%1$s()', t.name);
        EXECUTE format('INSERT INTO log_queue (kind, %2$s) SELECT %1$L, %3$s FROM %1$I ORDER BY recorded_at, 2', t.name, t.named, t.key);
    END LOOP;
END $$;
-- +goose StatementEnd
