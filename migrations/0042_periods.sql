-- Months and years that are closed and, with a reason, opened again: what was looked at, and what the year opened with.

-- +goose Up

ALTER TABLE period ADD CONSTRAINT period_month_or_year CHECK (
    starts_on = date_trunc('month', starts_on) AND ends_on = starts_on + interval '1 month' - interval '1 day'
    OR starts_on = date_trunc('year', starts_on) AND ends_on = starts_on + interval '1 year' - interval '1 day') NOT VALID;
ALTER TABLE period VALIDATE CONSTRAINT period_month_or_year;

CREATE TABLE period_event (
    id          uuid CONSTRAINT period_event_pkey PRIMARY KEY,
    fund        text NOT NULL,
    starts_on   date NOT NULL,
    ends_on     date NOT NULL,
    action      text NOT NULL CONSTRAINT period_event_action_known CHECK (action IN ('closed', 'reopened')),
    reason      text NOT NULL CONSTRAINT period_event_reopened_with_reason CHECK (action = 'closed' OR reason <> ''),
    checklist   jsonb NOT NULL DEFAULT '[]',
    entry_id    uuid CONSTRAINT period_event_entry_id_fkey REFERENCES journal_entry DEFERRABLE INITIALLY DEFERRED,
    actor_id    bigint NOT NULL CONSTRAINT period_event_actor_id_fkey REFERENCES actor,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT period_event_period_fkey FOREIGN KEY (fund, starts_on, ends_on) REFERENCES period
);
CREATE INDEX period_event_fund ON period_event (fund, ends_on, id);
COMMENT ON TABLE period_event IS 'the closing of a period, with what was checked, and its reopening';
COMMENT ON COLUMN period_event.entry_id IS 'the closing entry of a year, or its reversal';

CREATE TABLE opening_balance (
    event_id     uuid NOT NULL CONSTRAINT opening_balance_event_id_fkey REFERENCES period_event,
    account      text NOT NULL CONSTRAINT opening_balance_account_fkey REFERENCES account,
    contributor  text,
    bank_account text,
    pledge_id    uuid,
    item_number  smallint,
    receipt_id   uuid,
    currency     text NOT NULL CONSTRAINT opening_balance_currency_fkey REFERENCES currency,
    amount       numeric NOT NULL,
    amount_usd   numeric NOT NULL,
    recorded_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX opening_balance_event_id ON opening_balance (event_id, account);
COMMENT ON TABLE opening_balance IS 'what a closed year carries forward, as it was closed; the lines stay the truth, and a test holds the two equal';

CREATE TABLE bank_reconciliation (
    id           uuid CONSTRAINT bank_reconciliation_pkey PRIMARY KEY,
    bank_account text NOT NULL CONSTRAINT bank_reconciliation_bank_account_fkey REFERENCES bank_account,
    currency     text NOT NULL CONSTRAINT bank_reconciliation_currency_fkey REFERENCES currency,
    on_date      date NOT NULL,
    amount       numeric NOT NULL,
    document     text NOT NULL CONSTRAINT bank_reconciliation_document_present CHECK (document <> ''),
    note         text NOT NULL DEFAULT '',
    actor_id     bigint NOT NULL CONSTRAINT bank_reconciliation_actor_id_fkey REFERENCES actor,
    recorded_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX bank_reconciliation_bank_account ON bank_reconciliation (bank_account, on_date, id);
COMMENT ON TABLE bank_reconciliation IS 'the balance that a bank states for the end of a day; the last one recorded counts';

CREATE TABLE receipt_note (
    id          uuid CONSTRAINT receipt_note_pkey PRIMARY KEY,
    receipt_id  uuid NOT NULL CONSTRAINT receipt_note_receipt_id_fkey REFERENCES receipt,
    note        text NOT NULL CONSTRAINT receipt_note_present CHECK (note <> ''),
    actor_id    bigint NOT NULL CONSTRAINT receipt_note_actor_id_fkey REFERENCES actor,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX receipt_note_receipt_id ON receipt_note (receipt_id, id);
COMMENT ON TABLE receipt_note IS 'why a receipt is still unidentified, and what is being done about it';

ALTER TABLE journal_entry ADD COLUMN original_date date
    CONSTRAINT journal_entry_original_date_earlier CHECK (original_date < effective_date);
CREATE INDEX journal_entry_late ON journal_entry (effective_date, id) WHERE original_date IS NOT NULL;
COMMENT ON COLUMN journal_entry.original_date IS 'of a late item: its own date, in a period that was closed when it was recorded';

-- A closed period closes all before it, and the entry that closes or reopens a year is of its last day.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION check_entry() RETURNS trigger LANGUAGE plpgsql
-- A plan made while the tables were nearly empty would read them whole for ever after; the keys are always right here.
SET enable_seqscan = off AS $$
DECLARE
    lines    bigint;
    balanced boolean;
    scaled   boolean;
    broken   text;
BEGIN
    SELECT sum(g.lines), bool_and(g.balance = 0), bool_and(g.scaled) INTO lines, balanced, scaled
    FROM (SELECT count(*) AS lines, sum(l.amount_usd) AS balance, bool_and(l.amount = round(l.amount, c.minor_units)) AS scaled
          FROM journal_line l JOIN currency c ON c.code = l.currency
          WHERE l.entry_id = NEW.id
          GROUP BY l.fund, l.account >= '9000') g;
    IF lines IS NULL OR lines < 2 THEN
        broken := 'journal_entry_two_lines';
    ELSIF NOT balanced THEN
        broken := 'journal_entry_balances';
    ELSIF NOT scaled THEN
        broken := 'amount_scale';
    ELSE
        -- Whoever closes a period holds these locks exclusively, so an entry is posted either before or after.
        PERFORM pg_advisory_xact_lock_shared(1, hashtext(f.fund))
        FROM (SELECT DISTINCT fund FROM journal_line WHERE entry_id = NEW.id ORDER BY fund) f;
        PERFORM FROM journal_line l JOIN period p ON p.fund = l.fund
        WHERE l.entry_id = NEW.id AND p.closed AND NEW.effective_date <= p.ends_on
          AND NOT (NEW.kind IN ('year_end', 'reversal') AND EXISTS (
              SELECT FROM period_event v
              WHERE v.fund = l.fund AND v.ends_on = NEW.effective_date AND v.entry_id = NEW.id AND v.recorded_at = NEW.recorded_at));
        IF FOUND THEN
            broken := 'journal_entry_period_open';
        END IF;
    END IF;
    IF broken IS NULL AND NEW.reverses IS NOT NULL THEN
        PERFORM FROM journal_line
        WHERE entry_id IN (NEW.id, NEW.reverses)
        GROUP BY account, fund, contributor, bank_account, pledge_id, item_number, receipt_id, currency
        HAVING sum(amount) <> 0 OR sum(amount_usd) <> 0;
        IF FOUND THEN
            broken := 'journal_entry_reversal_mirrors';
        END IF;
    END IF;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'journal entry % of % is refused: %', NEW.id, NEW.effective_date, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION check_valuation_period() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    of_fund text;
BEGIN
    -- The entry of a difference is checked at commit; this is for a valuation that makes none, but changes what a statement
    -- of a closed period says. Whoever closes a period holds the lock exclusively.
    SELECT fund INTO of_fund FROM pledge WHERE id = NEW.pledge_id UNION ALL SELECT fund FROM delivery WHERE id = NEW.delivery_id;
    PERFORM pg_advisory_xact_lock_shared(1, hashtext(of_fund));
    PERFORM FROM period p WHERE p.fund = of_fund AND p.closed AND NEW.effective_date <= p.ends_on;
    IF FOUND THEN
        RAISE EXCEPTION 'a valuation of % is refused: the period is closed', NEW.effective_date
            USING ERRCODE = 'check_violation', CONSTRAINT = 'valuation_period_open', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd

CREATE TRIGGER period_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON period_event EXECUTE FUNCTION refuse_change();
CREATE TRIGGER period_event_recorded_at BEFORE INSERT ON period_event FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
CREATE TRIGGER opening_balance_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON opening_balance EXECUTE FUNCTION refuse_change();
CREATE TRIGGER opening_balance_recorded_at BEFORE INSERT ON opening_balance FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
CREATE TRIGGER bank_reconciliation_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON bank_reconciliation EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bank_reconciliation_recorded_at BEFORE INSERT ON bank_reconciliation FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
CREATE TRIGGER bank_reconciliation_scale BEFORE INSERT ON bank_reconciliation FOR EACH ROW EXECUTE FUNCTION check_scale();
CREATE TRIGGER receipt_note_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON receipt_note EXECUTE FUNCTION refuse_change();
CREATE TRIGGER receipt_note_recorded_at BEFORE INSERT ON receipt_note FOR EACH ROW EXECUTE FUNCTION set_recorded_at();

GRANT SELECT, INSERT ON period_event, opening_balance, bank_reconciliation, receipt_note TO vcledger_service;
