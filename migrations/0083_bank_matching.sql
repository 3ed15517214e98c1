-- Very many lines and decisions at once: whether two lines have one record is asked of the keys, and not of every decision that
-- stands, and the planner learns of them.

-- +goose Up

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION check_bank_decision() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    cash       uuid := NEW.entry_id; -- the entry that has the decision's cash
    of_receipt uuid := NEW.receipt_id;
BEGIN
    -- One writer of a line's decision at a time; the service holds this lock already.
    PERFORM pg_advisory_xact_lock(10, hashtext(NEW.line_id::text) & 1023);
    -- The view joins much, so it is asked only about lines and records that have been decided on before.
    PERFORM FROM bank_decision WHERE line_id = NEW.line_id AND id <> NEW.id;
    IF FOUND THEN
        PERFORM FROM bank_decision_standing WHERE line_id = NEW.line_id HAVING count(*) > 1;
        IF FOUND THEN
            RAISE EXCEPTION 'line % has a decision that stands', NEW.line_id
                USING ERRCODE = 'unique_violation', CONSTRAINT = 'bank_decision_once', TABLE = TG_TABLE_NAME;
        END IF;
    END IF;
    IF cash IS NULL AND of_receipt IS NULL THEN
        RETURN NULL;
    ELSIF cash IS NULL THEN
        SELECT id INTO cash FROM journal_entry WHERE receipt_id = of_receipt AND kind = 'receipt';
    ELSE
        SELECT receipt_id INTO of_receipt FROM journal_entry WHERE id = cash AND kind = 'receipt';
    END IF;
    PERFORM FROM bank_decision WHERE entry_id = cash AND line_id <> NEW.line_id;
    IF NOT FOUND THEN
        PERFORM FROM bank_decision WHERE receipt_id = of_receipt AND line_id <> NEW.line_id;
    END IF;
    IF FOUND THEN
        PERFORM FROM bank_decision_standing s WHERE s.line_id <> NEW.line_id AND s.cash_entry_id = (
            SELECT m.cash_entry_id FROM bank_decision_standing m WHERE m.id = NEW.id);
        IF FOUND THEN
            RAISE EXCEPTION 'what line % is linked with belongs to another line', NEW.line_id
                USING ERRCODE = 'unique_violation', CONSTRAINT = 'bank_decision_one_line', TABLE = TG_TABLE_NAME;
        END IF;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION refresh_bank_statistics() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    ANALYZE bank_line, bank_decision, receipt, allocation, journal_entry, journal_line;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION refresh_bank_statistics IS 'for the service, which does not own the tables that a bank''s file fills';
REVOKE ALL ON FUNCTION refresh_bank_statistics FROM public;
GRANT EXECUTE ON FUNCTION refresh_bank_statistics TO vcledger_service;

-- The receipt with a bank's reference is looked for before every receipt, and for every line; the unique index leaves out those
-- that were recorded anew.
CREATE INDEX receipt_bank_reference ON receipt (bank_account, bank_reference) WHERE bank_reference IS NOT NULL;
