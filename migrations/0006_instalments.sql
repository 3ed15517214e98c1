-- When an agreed cash pledge is to be paid.

-- +goose Up

CREATE TABLE instalment (
    pledge_id   uuid NOT NULL CONSTRAINT instalment_pledge_id_fkey REFERENCES pledge,
    number      smallint NOT NULL CONSTRAINT instalment_number_positive CHECK (number > 0),
    event_id    uuid NOT NULL CONSTRAINT instalment_event_id_fkey REFERENCES pledge_event,
    due_on      date NOT NULL,
    currency    text NOT NULL CONSTRAINT instalment_currency_fkey REFERENCES currency,
    amount      numeric NOT NULL CONSTRAINT instalment_amount_positive CHECK (amount > 0),
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT instalment_pkey PRIMARY KEY (pledge_id, number)
);
CREATE INDEX instalment_event_id ON instalment (event_id);
COMMENT ON TABLE instalment IS 'the schedule of an agreement; a pledge without one is due on the day of its agreement';

-- +goose StatementBegin
CREATE FUNCTION check_schedule() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    PERFORM FROM pledge_event v JOIN instalment i ON i.event_id = v.id
    WHERE v.id = NEW.event_id
    GROUP BY v.id
    HAVING sum(i.amount) <> v.amount OR bool_or(i.currency <> v.currency OR i.pledge_id <> v.pledge_id) OR v.kind <> 'agreed';
    IF FOUND THEN
        RAISE EXCEPTION 'the instalments of agreement % do not sum to it', NEW.event_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'instalment_sum', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER instalment_sum AFTER INSERT ON instalment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_schedule();
CREATE TRIGGER instalment_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON instalment EXECUTE FUNCTION refuse_change();
CREATE TRIGGER instalment_recorded_at BEFORE INSERT ON instalment FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
CREATE TRIGGER instalment_scale BEFORE INSERT ON instalment FOR EACH ROW EXECUTE FUNCTION check_scale();

GRANT SELECT, INSERT ON instalment TO vcledger_service;
