-- The clock only goes forward. What is recorded says when, and two reads of what was known at an instant are the same for ever:
-- a clock that is set back would bring records behind what was read. Nothing is recorded until it has caught up with the last
-- sealing, which is at most a second behind the last record.

-- +goose Up

-- +goose StatementBegin
CREATE FUNCTION check_clock() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sealed timestamptz := (SELECT recorded_at FROM log_batch ORDER BY size DESC LIMIT 1);
BEGIN
    -- Not now(): a transaction may have begun before the last sealing.
    IF clock_timestamp() < sealed THEN
        RAISE EXCEPTION 'the clock says %, and the log was sealed at %', clock_timestamp(), sealed
            USING ERRCODE = 'check_violation', CONSTRAINT = 'clock_goes_forward', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER clock_goes_forward AFTER INSERT ON idempotency_key FOR EACH STATEMENT EXECUTE FUNCTION check_clock();
COMMENT ON FUNCTION check_clock IS 'every write has a key, so every write passes here once';

-- A sealing keeps the latest instant that any sealing saw.
-- +goose StatementBegin
CREATE FUNCTION set_sealed_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.recorded_at := greatest(now(), (SELECT recorded_at FROM log_batch ORDER BY size DESC LIMIT 1));
    RETURN NEW;
END $$;
-- +goose StatementEnd
DROP TRIGGER log_batch_recorded_at ON log_batch;
CREATE TRIGGER log_batch_recorded_at BEFORE INSERT ON log_batch FOR EACH ROW EXECUTE FUNCTION set_sealed_at();
