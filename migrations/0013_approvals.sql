-- Four eyes: what waits for a second person, and what that person decided.

-- +goose Up

CREATE TABLE approval_policy (
    id          bigint CONSTRAINT approval_policy_pkey PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    kind        text NOT NULL CONSTRAINT approval_policy_kind_known CHECK (kind IN
                ('receipt_reversal', 'delivery_reversal', 'entry_reversal', 'write_off', 'refund', 'period_reopening',
                 'manual_entry', 'in_kind_revaluation')),
    fund        text CONSTRAINT approval_policy_fund_fkey REFERENCES fund,
    required    boolean NOT NULL,
    above_usd   numeric NOT NULL CONSTRAINT approval_policy_above_usd_scale CHECK (above_usd >= 0 AND above_usd = round(above_usd, 2)),
    actor_id    bigint NOT NULL CONSTRAINT approval_policy_actor_id_fkey REFERENCES actor,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX approval_policy_kind ON approval_policy (kind, fund, id);
COMMENT ON TABLE approval_policy IS 'the last row of a kind and fund is in force; a fund without a row of its own follows the one without a fund';

INSERT INTO approval_policy (kind, required, above_usd, actor_id)
SELECT p.kind, true, p.above_usd, a.id
FROM actor a, (VALUES ('receipt_reversal', 100000), ('delivery_reversal', 100000), ('entry_reversal', 100000),
                      ('write_off', 100000), ('in_kind_revaluation', 100000), ('refund', 0), ('period_reopening', 0), ('manual_entry', 0)) p (kind, above_usd)
WHERE a.name = 'vcledger';

CREATE TABLE approval (
    id          uuid CONSTRAINT approval_pkey PRIMARY KEY,
    kind        text NOT NULL CONSTRAINT approval_kind_known CHECK (kind IN
                ('receipt_reversal', 'delivery_reversal', 'entry_reversal', 'write_off', 'refund', 'period_reopening',
                 'manual_entry', 'in_kind_revaluation')),
    subject     text NOT NULL CONSTRAINT approval_subject_present CHECK (subject <> ''),
    funds       text[] NOT NULL,
    request     jsonb NOT NULL,
    drafts      jsonb NOT NULL,
    amount_usd  numeric NOT NULL CONSTRAINT approval_amount_usd_scale CHECK (amount_usd >= 0 AND amount_usd = round(amount_usd, 2)),
    reason      text NOT NULL CONSTRAINT approval_reason_present CHECK (reason <> ''),
    actor_id    bigint NOT NULL CONSTRAINT approval_actor_id_fkey REFERENCES actor,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX approval_subject ON approval (kind, subject);
COMMENT ON TABLE approval IS 'a write that waits: what was asked for, and the entries that it will post';

CREATE TABLE approval_decision (
    approval_id uuid CONSTRAINT approval_decision_pkey PRIMARY KEY CONSTRAINT approval_decision_approval_id_fkey REFERENCES approval,
    decision    text NOT NULL CONSTRAINT approval_decision_known CHECK (decision IN ('approved', 'rejected', 'withdrawn')),
    reason      text NOT NULL,
    actor_id    bigint NOT NULL CONSTRAINT approval_decision_actor_id_fkey REFERENCES actor,
    recorded_at timestamptz NOT NULL DEFAULT now()
);

-- +goose StatementBegin
CREATE FUNCTION check_approval() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(6, hashtext(NEW.kind || ' ' || NEW.subject) & 1023);
    PERFORM FROM approval a LEFT JOIN approval_decision d ON d.approval_id = a.id
    WHERE a.kind = NEW.kind AND a.subject = NEW.subject AND d.approval_id IS NULL
    HAVING count(*) > 1;
    IF FOUND THEN
        RAISE EXCEPTION '% of % waits already', NEW.kind, NEW.subject
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'approval_pending_once', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER approval_pending_once AFTER INSERT ON approval FOR EACH ROW EXECUTE FUNCTION check_approval();

-- +goose StatementBegin
CREATE FUNCTION check_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM approval a WHERE a.id = NEW.approval_id AND (a.actor_id = NEW.actor_id) <> (NEW.decision = 'withdrawn');
    IF FOUND THEN
        RAISE EXCEPTION 'approval % is decided by another person than who asked for it', NEW.approval_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'approval_decision_four_eyes', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER approval_decision_four_eyes AFTER INSERT ON approval_decision FOR EACH ROW EXECUTE FUNCTION check_decision();

ALTER TABLE journal_entry ADD COLUMN approval_id uuid CONSTRAINT journal_entry_approval_id_fkey REFERENCES approval;
CREATE INDEX journal_entry_approval_id ON journal_entry (approval_id) WHERE approval_id IS NOT NULL;
COMMENT ON COLUMN journal_entry.approval_id IS 'the approval that posted it: who asked is there, who approved is the entry''s actor';

-- +goose StatementBegin
CREATE FUNCTION check_entry_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM approval_decision d
    WHERE d.approval_id = NEW.approval_id AND d.decision = 'approved' AND d.actor_id = NEW.actor_id AND d.recorded_at = NEW.recorded_at;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'entry % names an approval that was not given with it', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_entry_approved', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER journal_entry_approved AFTER INSERT ON journal_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.approval_id IS NOT NULL) EXECUTE FUNCTION check_entry_approved();

CREATE TRIGGER approval_policy_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON approval_policy EXECUTE FUNCTION refuse_change();
CREATE TRIGGER approval_policy_recorded_at BEFORE INSERT ON approval_policy FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
CREATE TRIGGER approval_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON approval EXECUTE FUNCTION refuse_change();
CREATE TRIGGER approval_recorded_at BEFORE INSERT ON approval FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
CREATE TRIGGER approval_decision_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON approval_decision EXECUTE FUNCTION refuse_change();
CREATE TRIGGER approval_decision_recorded_at BEFORE INSERT ON approval_decision FOR EACH ROW EXECUTE FUNCTION set_recorded_at();

GRANT SELECT, INSERT ON approval_policy, approval, approval_decision TO vcledger_service;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO vcledger_service;
