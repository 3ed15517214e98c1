-- What a reversed entry recorded is void: its leg, its instalments and its allocations make room for others.

-- +goose Up

DROP INDEX pledge_event_once_key;
CREATE INDEX pledge_event_entry_id ON pledge_event (entry_id) WHERE entry_id IS NOT NULL;

-- +goose StatementBegin
CREATE FUNCTION check_leg() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    -- One writer of a pledge at a time; the service holds this lock already, and nobody else sees a new pledge.
    PERFORM pg_advisory_xact_lock(3, hashtext(NEW.pledge_id::text) & 1023)
    FROM pledge WHERE id = NEW.pledge_id AND recorded_at <> now();
    PERFORM FROM pledge_event v LEFT JOIN journal_entry x ON x.reverses = v.entry_id
    WHERE v.pledge_id = NEW.pledge_id AND v.kind = NEW.kind AND x.id IS NULL
    HAVING count(*) > 1;
    IF FOUND THEN
        RAISE EXCEPTION 'pledge % is % already', NEW.pledge_id, NEW.kind
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'pledge_event_once', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION check_leg IS 'a pledge is announced once, agreed once and cancelled once, unless the entry of the first was reversed';
CREATE TRIGGER pledge_event_once AFTER INSERT ON pledge_event FOR EACH ROW
    WHEN (NEW.kind IN ('announced', 'agreed', 'cancelled')) EXECUTE FUNCTION check_leg();

ALTER TABLE instalment DROP CONSTRAINT instalment_pkey;
DROP INDEX instalment_event_id;
ALTER TABLE instalment ADD CONSTRAINT instalment_pkey PRIMARY KEY (event_id, number);

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION check_allocation() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
    -- One writer of a receipt at a time; the sum below then sees what the one before has committed. Nobody else sees a
    -- receipt of this very transaction, so it needs no lock: an import would run out of them.
    PERFORM pg_advisory_xact_lock(2, hashtext(NEW.receipt_id::text) & 1023)
    FROM receipt WHERE id = NEW.receipt_id AND recorded_at <> now();
    PERFORM FROM receipt r JOIN allocation a ON a.receipt_id = r.id LEFT JOIN journal_entry x ON x.reverses = a.entry_id
    WHERE r.id = NEW.receipt_id AND x.id IS NULL
    GROUP BY r.id
    HAVING sum(a.amount) > r.credited OR bool_or(a.currency <> r.currency);
    IF FOUND THEN
        RAISE EXCEPTION 'allocations of receipt % exceed it', NEW.receipt_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'allocation_within_receipt', TABLE = TG_TABLE_NAME;
    END IF;
    PERFORM FROM pledge_event v JOIN instalment i ON i.event_id = v.id LEFT JOIN journal_entry x ON x.reverses = v.entry_id
    WHERE v.pledge_id = NEW.pledge_id AND v.kind = 'agreed' AND x.id IS NULL AND i.number = NEW.instalment AND i.currency = NEW.currency;
    IF NEW.instalment IS NOT NULL AND NOT FOUND THEN
        RAISE EXCEPTION 'pledge % has no instalment % in %', NEW.pledge_id, NEW.instalment, NEW.currency
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'allocation_instalment', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd

ALTER TABLE journal_entry ADD COLUMN document text NOT NULL DEFAULT '';
COMMENT ON COLUMN journal_entry.document IS 'reference of the voucher or minute that a manual entry rests on';
