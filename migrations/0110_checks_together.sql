-- What is checked when a posting commits is checked once for all that one statement posted. A batch of a thousand receipts to one
-- pledge would otherwise add up the pledge a thousand times, and each time all of it. The queries of the checks are planned
-- once for a connection: planning them takes many times longer than carrying them out, and they ask by keys only.

-- +goose Up

-- Entries wait together in the queue, as they were posted together.
DROP TRIGGER journal_entry_event ON journal_entry;
ALTER TABLE event_queue RENAME TO event_queue_single;
ALTER TABLE event_queue_single RENAME CONSTRAINT event_queue_pkey TO event_queue_single_pkey;
CREATE TABLE event_queue (
    number  bigint CONSTRAINT event_queue_pkey PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    entries uuid[] NOT NULL
);
COMMENT ON TABLE event_queue IS 'posted entries that have no position yet, those of one statement together';
INSERT INTO event_queue (entries) SELECT array_agg(entry_id ORDER BY entry_id) FROM event_queue_single HAVING count(*) > 0;
DROP FUNCTION log_waits();
DROP TABLE event_queue_single;
GRANT SELECT, INSERT, DELETE ON event_queue TO vcledger_service;

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

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION queue_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO event_queue (entries) SELECT array_agg(id) FROM posted HAVING count(*) > 0;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER journal_entry_event AFTER INSERT ON journal_entry REFERENCING NEW TABLE AS posted FOR EACH STATEMENT EXECUTE FUNCTION queue_event();

DROP TRIGGER journal_entry_check ON journal_entry;
DROP TRIGGER journal_entry_balances ON journal_entry;
DROP FUNCTION check_entry();
DROP FUNCTION check_balances();

-- +goose StatementBegin
CREATE FUNCTION check_entries() RETURNS trigger LANGUAGE plpgsql
-- A plan made while the tables were nearly empty would read them whole for ever after; the keys are always right here.
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    broken text;
    entry  uuid;
BEGIN
    SELECT CASE WHEN coalesce(e.lines, 0) < 2 THEN 'journal_entry_two_lines' WHEN NOT e.balanced THEN 'journal_entry_balances' ELSE 'amount_scale' END, e.id
    INTO broken, entry
    FROM (SELECT q.id, sum(g.lines) AS lines, bool_and(g.balance = 0) AS balanced, bool_and(g.scaled) AS scaled
          FROM unnest(NEW.entries) AS q (id)
          LEFT JOIN LATERAL (
              SELECT count(*) AS lines, sum(l.amount_usd) AS balance, bool_and(l.amount = round(l.amount, c.minor_units)) AS scaled
              FROM journal_line l JOIN currency c ON c.code = l.currency
              WHERE l.entry_id = q.id
              GROUP BY l.fund, l.account >= '9000') g ON true
          GROUP BY q.id) e
    WHERE (e.lines >= 2 AND e.balanced AND e.scaled) IS NOT TRUE
    LIMIT 1;
    IF broken IS NULL THEN
        -- Whoever closes a period holds these locks exclusively, so an entry is posted either before or after.
        PERFORM pg_advisory_xact_lock_shared(1, hashtext(f.fund))
        FROM (SELECT DISTINCT l.fund FROM unnest(NEW.entries) AS q (id) JOIN journal_line l ON l.entry_id = q.id ORDER BY l.fund) f;
        -- A closed period closes all before it, and the entry that closes or reopens a year is of its last day.
        WITH touched AS MATERIALIZED (
            SELECT DISTINCT e.id, e.kind, e.effective_date, e.recorded_at, l.fund
            FROM unnest(NEW.entries) AS q (id) JOIN journal_entry e ON e.id = q.id JOIN journal_line l ON l.entry_id = e.id
        ), closed AS MATERIALIZED (
            SELECT f.fund, (SELECT max(p.ends_on) FROM period p WHERE p.fund = f.fund AND p.closed) AS through
            FROM (SELECT DISTINCT fund FROM touched) f
        )
        SELECT 'journal_entry_period_open', t.id INTO broken, entry
        FROM touched t JOIN closed c ON c.fund = t.fund
        WHERE t.effective_date <= c.through
          AND NOT (t.kind IN ('year_end', 'reversal') AND EXISTS (
              SELECT FROM period_event v
              WHERE v.fund = t.fund AND v.ends_on = t.effective_date AND v.entry_id = t.id AND v.recorded_at = t.recorded_at))
        LIMIT 1;
    END IF;
    IF broken IS NULL THEN
        SELECT 'journal_entry_reversal_mirrors', e.id INTO broken, entry
        FROM unnest(NEW.entries) AS q (id)
        JOIN journal_entry e ON e.id = q.id AND e.reverses IS NOT NULL
        CROSS JOIN LATERAL (
            SELECT l.account FROM journal_line l
            WHERE l.entry_id IN (e.id, e.reverses)
            GROUP BY l.account, l.fund, l.contributor, l.bank_account, l.pledge_id, l.item_number, l.receipt_id, l.currency
            HAVING sum(l.amount) <> 0 OR sum(l.amount_usd) <> 0
            LIMIT 1) x
        LIMIT 1;
    END IF;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'journal entry % is refused: %', entry, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken, TABLE = 'journal_entry';
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION check_entries IS
    'at commit: two lines or more, each fund and its memorandum block sum to zero in USD, currency scales, open period, and a reversal mirrors what it reverses';

-- +goose StatementBegin
CREATE FUNCTION check_balances() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    below text;
BEGIN
    SELECT b.account INTO below
    FROM (SELECT DISTINCT n.pledge_id FROM unnest(NEW.entries) AS q (id) JOIN journal_line n ON n.entry_id = q.id WHERE n.pledge_id IS NOT NULL) n
    CROSS JOIN LATERAL (
        SELECT l.account FROM journal_line l
        WHERE l.pledge_id = n.pledge_id AND l.account IN ('1200', '2200', '2400', '9100', '9200')
        GROUP BY l.account, l.item_number, l.receipt_id, l.currency
        HAVING CASE WHEN l.account IN ('2200', '2400') THEN -sum(l.amount) ELSE sum(l.amount) END < 0
        LIMIT 1) b
    LIMIT 1;
    IF below IS NULL THEN
        SELECT b.account INTO below
        FROM (SELECT DISTINCT n.receipt_id FROM unnest(NEW.entries) AS q (id) JOIN journal_line n ON n.entry_id = q.id WHERE n.receipt_id IS NOT NULL) n
        CROSS JOIN LATERAL (
            SELECT l.account FROM journal_line l
            WHERE l.receipt_id = n.receipt_id AND l.account IN ('2100', '2200', '2500')
            GROUP BY l.account, l.contributor, l.pledge_id, l.currency
            HAVING sum(l.amount) > 0
            LIMIT 1) b
        LIMIT 1;
    END IF;
    IF below IS NOT NULL THEN
        RAISE EXCEPTION 'entries leave less than nothing on account %', below
            USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_entry_balance_negative', TABLE = 'journal_entry';
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION check_balances IS
    'at commit: no pledge has less than nothing outstanding or deferred, and no receipt holds or owes less than nothing, in any currency';

-- No statement inserts entries without a row of the queue, and the row need not be there any more when the transaction commits.
CREATE CONSTRAINT TRIGGER journal_entry_check AFTER INSERT ON event_queue
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_entries();
CREATE CONSTRAINT TRIGGER journal_entry_balances AFTER INSERT ON event_queue
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_balances();

DROP TRIGGER allocation_within_receipt ON allocation;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION check_allocation() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    of_receipt uuid;
BEGIN
    -- One writer of a receipt at a time; the sum below then sees what the one before has committed. Nobody else sees a
    -- receipt of this very transaction, so it needs no lock: an import would run out of them.
    PERFORM pg_advisory_xact_lock(2, r.hash)
    FROM (SELECT DISTINCT hashtext(f.receipt_id::text) & 1023 AS hash FROM fresh f JOIN receipt r ON r.id = f.receipt_id WHERE r.recorded_at <> now() ORDER BY 1) r;
    SELECT f.receipt_id INTO of_receipt
    FROM (SELECT DISTINCT receipt_id FROM fresh) f
    CROSS JOIN LATERAL (
        SELECT r.id FROM receipt r JOIN allocation a ON a.receipt_id = r.id LEFT JOIN journal_entry x ON x.reverses = a.entry_id
        WHERE r.id = f.receipt_id AND x.id IS NULL
        GROUP BY r.id
        HAVING sum(a.amount) > r.credited OR bool_or(a.currency <> r.currency)) o
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'allocations of receipt % exceed it', of_receipt
            USING ERRCODE = 'check_violation', CONSTRAINT = 'allocation_within_receipt', TABLE = TG_TABLE_NAME;
    END IF;
    PERFORM FROM fresh f
    WHERE f.instalment IS NOT NULL AND NOT EXISTS (
        SELECT FROM pledge_event v JOIN instalment i ON i.event_id = v.id LEFT JOIN journal_entry x ON x.reverses = v.entry_id
        WHERE v.pledge_id = f.pledge_id AND v.kind = 'agreed' AND x.id IS NULL AND i.number = f.instalment AND i.currency = f.currency);
    IF FOUND THEN
        RAISE EXCEPTION 'an allocation names an instalment that its pledge does not have'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'allocation_instalment', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER allocation_within_receipt AFTER INSERT ON allocation REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION check_allocation();
