-- Cash that goes back: what the fund owes a contributor, and when it was paid.

-- +goose Up

CREATE TABLE refund (
    id             uuid CONSTRAINT refund_pkey PRIMARY KEY,
    receipt_id     uuid NOT NULL CONSTRAINT refund_receipt_id_fkey REFERENCES receipt,
    source         text NOT NULL CONSTRAINT refund_source_known CHECK (source IN ('unidentified', 'advance', 'deferred', 'revenue')),
    contributor    text CONSTRAINT refund_contributor_fkey REFERENCES contributor,
    fund           text NOT NULL CONSTRAINT refund_fund_fkey REFERENCES fund,
    pledge_id      uuid,
    effective_date date NOT NULL,
    currency       text NOT NULL CONSTRAINT refund_currency_fkey REFERENCES currency,
    amount         numeric NOT NULL CONSTRAINT refund_amount_positive CHECK (amount > 0),
    amount_usd     numeric NOT NULL CONSTRAINT refund_amount_usd_scale CHECK (amount_usd >= 0 AND amount_usd = round(amount_usd, 2)),
    reason         text NOT NULL CONSTRAINT refund_reason_present CHECK (reason <> ''),
    document       text NOT NULL DEFAULT '',
    entry_id       uuid NOT NULL CONSTRAINT refund_entry_id_key UNIQUE CONSTRAINT refund_entry_id_fkey REFERENCES journal_entry,
    actor_id       bigint NOT NULL CONSTRAINT refund_actor_id_fkey REFERENCES actor,
    recorded_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT refund_pledge_fkey FOREIGN KEY (pledge_id, contributor, fund) REFERENCES pledge (id, contributor, fund),
    CONSTRAINT refund_has_contributor CHECK ((source = 'unidentified') = (contributor IS NULL)),
    CONSTRAINT refund_deferred_has_pledge CHECK (source <> 'deferred' OR pledge_id IS NOT NULL)
);
CREATE INDEX refund_receipt_id ON refund (receipt_id);
CREATE INDEX refund_effective_date ON refund (effective_date, id);
CREATE INDEX refund_contributor ON refund (contributor, effective_date);
COMMENT ON TABLE refund IS 'a part of a receipt that the fund owes back; it falls with the reversal of its entry';

CREATE TABLE refund_payment (
    id             uuid CONSTRAINT refund_payment_pkey PRIMARY KEY,
    refund_id      uuid NOT NULL CONSTRAINT refund_payment_refund_id_fkey REFERENCES refund,
    bank_account   text NOT NULL CONSTRAINT refund_payment_bank_account_fkey REFERENCES bank_account,
    bank_reference text NOT NULL DEFAULT '',
    value_date     date NOT NULL,
    entry_id       uuid NOT NULL CONSTRAINT refund_payment_entry_id_key UNIQUE CONSTRAINT refund_payment_entry_id_fkey REFERENCES journal_entry,
    actor_id       bigint NOT NULL CONSTRAINT refund_payment_actor_id_fkey REFERENCES actor,
    recorded_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX refund_payment_refund_id ON refund_payment (refund_id);
COMMENT ON TABLE refund_payment IS 'the cash of a refund, which leaves the bank whole; it falls with the reversal of its entry';

-- +goose StatementBegin
CREATE FUNCTION check_refund_payment() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    -- One writer of a receipt at a time; the service holds this lock already.
    PERFORM pg_advisory_xact_lock(2, hashtext(r.receipt_id::text) & 1023) FROM refund r WHERE r.id = NEW.refund_id;
    PERFORM FROM refund_payment p LEFT JOIN journal_entry x ON x.reverses = p.entry_id
    WHERE p.refund_id = NEW.refund_id AND x.id IS NULL
    HAVING count(*) > 1;
    IF FOUND THEN
        RAISE EXCEPTION 'refund % is paid already', NEW.refund_id
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'refund_payment_once', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER refund_payment_once AFTER INSERT ON refund_payment FOR EACH ROW EXECUTE FUNCTION check_refund_payment();

CREATE TRIGGER refund_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON refund EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refund_recorded_at BEFORE INSERT ON refund FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
CREATE TRIGGER refund_scale BEFORE INSERT ON refund FOR EACH ROW EXECUTE FUNCTION check_scale();
CREATE TRIGGER refund_payment_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON refund_payment EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refund_payment_recorded_at BEFORE INSERT ON refund_payment FOR EACH ROW EXECUTE FUNCTION set_recorded_at();

-- What is owed back is kept by the receipt that it came with.
ALTER TABLE journal_line DROP CONSTRAINT journal_line_held_has_receipt;
ALTER TABLE journal_line ADD CONSTRAINT journal_line_held_has_receipt
    CHECK (account NOT IN ('2100', '2200', '2500') OR receipt_id IS NOT NULL) NOT VALID;
ALTER TABLE journal_line VALIDATE CONSTRAINT journal_line_held_has_receipt;

GRANT SELECT, INSERT ON refund, refund_payment TO vcledger_service;
