-- The bank: the statements that it sends, what each of their lines was for, and a month that is signed off against the books.

-- +goose Up

ALTER TABLE bank_account
    ADD COLUMN iban text CONSTRAINT bank_account_iban_key UNIQUE
        CONSTRAINT bank_account_iban_form CHECK (iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$'),
    ADD COLUMN number text CONSTRAINT bank_account_number_present CHECK (number <> ''),
    ADD COLUMN bank text NOT NULL DEFAULT '',
    ADD COLUMN mapping jsonb,
    ADD CONSTRAINT bank_account_number_key UNIQUE (bank, number, currency);
COMMENT ON COLUMN bank_account.iban IS 'ISO 13616, without spaces';
COMMENT ON COLUMN bank_account.number IS 'of an account without an IBAN, as its bank writes it';
COMMENT ON COLUMN bank_account.bank IS 'BIC (ISO 9362)';
COMMENT ON COLUMN bank_account.mapping IS 'which column of the bank''s CSV file is what';
GRANT UPDATE (iban, number, bank, mapping) ON bank_account TO vcledger_service;

ALTER TABLE fund ADD COLUMN match_threshold smallint NOT NULL DEFAULT 90
    CONSTRAINT fund_match_threshold_range CHECK (match_threshold BETWEEN 1 AND 101);
COMMENT ON COLUMN fund.match_threshold IS 'the score, of 100, from which an unambiguous match is applied alone; 101: none ever is';
GRANT UPDATE (match_threshold) ON fund TO vcledger_service;

INSERT INTO entry_kind (code) VALUES ('bank_charge');

-- A write that decides on many lines posts one after another before its answer is known; the key is there at its end.
ALTER TABLE journal_entry ALTER CONSTRAINT journal_entry_idempotency_key_fkey DEFERRABLE INITIALLY DEFERRED;

CREATE TABLE bank_statement (
    id             uuid CONSTRAINT bank_statement_pkey PRIMARY KEY,
    bank_account   text NOT NULL CONSTRAINT bank_statement_bank_account_fkey REFERENCES bank_account,
    currency       text NOT NULL CONSTRAINT bank_statement_currency_fkey REFERENCES currency,
    sha256         bytea NOT NULL CONSTRAINT bank_statement_sha256_length CHECK (octet_length(sha256) = 32),
    part           integer NOT NULL CONSTRAINT bank_statement_part_positive CHECK (part > 0),
    file           text NOT NULL,
    format         text NOT NULL,
    identification text NOT NULL,
    sequence       text NOT NULL,
    period_from    date,
    period_to      date,
    opening_date   date,
    opening        numeric,
    closing_date   date,
    closing        numeric,
    total          numeric NOT NULL,
    lines          integer NOT NULL,
    repeated       integer NOT NULL,
    problems       jsonb NOT NULL,
    actor_id       bigint NOT NULL CONSTRAINT bank_statement_actor_id_fkey REFERENCES actor,
    recorded_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT bank_statement_sha256_key UNIQUE (sha256, part),
    CONSTRAINT bank_statement_opening_dated CHECK ((opening IS NULL) = (opening_date IS NULL)),
    CONSTRAINT bank_statement_closing_dated CHECK ((closing IS NULL) = (closing_date IS NULL))
);
CREATE INDEX bank_statement_closing_date ON bank_statement (bank_account, currency, closing_date, id);
CREATE INDEX bank_statement_period_to ON bank_statement (bank_account, period_to, id);
COMMENT ON TABLE bank_statement IS 'a statement of an account as its bank sent it; a notification of credits has no balances';
COMMENT ON COLUMN bank_statement.sha256 IS 'of the whole file, which may have several statements';
COMMENT ON COLUMN bank_statement.lines IS 'those that were new; repeated are those that an earlier statement had already';
COMMENT ON COLUMN bank_statement.problems IS 'what does not add up, each with a line of the file, a code and a sentence';

CREATE TABLE bank_line (
    id                   uuid CONSTRAINT bank_line_pkey PRIMARY KEY DEFAULT gen_random_uuid(),
    statement_id         uuid NOT NULL CONSTRAINT bank_line_statement_id_fkey REFERENCES bank_statement,
    number               integer NOT NULL CONSTRAINT bank_line_number_positive CHECK (number > 0),
    booking              integer NOT NULL CONSTRAINT bank_line_booking_positive CHECK (booking > 0),
    bank_account         text NOT NULL CONSTRAINT bank_line_bank_account_fkey REFERENCES bank_account,
    booking_date         date NOT NULL,
    value_date           date NOT NULL,
    currency             text NOT NULL CONSTRAINT bank_line_currency_fkey REFERENCES currency,
    amount               numeric NOT NULL CONSTRAINT bank_line_amount_finite CHECK (amount < 'infinity' AND amount > '-infinity'),
    reversal             boolean NOT NULL,
    identity             bytea NOT NULL CONSTRAINT bank_line_identity_length CHECK (octet_length(identity) = 32),
    ordinal              integer NOT NULL CONSTRAINT bank_line_ordinal_positive CHECK (ordinal > 0),
    reference            text NOT NULL CONSTRAINT bank_line_reference_present CHECK (reference <> ''),
    end_to_end           text NOT NULL,
    code                 text NOT NULL,
    payer                text NOT NULL,
    ultimate             text NOT NULL,
    payer_account        text NOT NULL,
    payer_bank           text NOT NULL,
    remittance           text NOT NULL,
    charges              numeric NOT NULL CONSTRAINT bank_line_charges_not_negative CHECK (charges >= 0),
    instructed           numeric,
    instructed_currency  text CONSTRAINT bank_line_instructed_currency_fkey REFERENCES currency,
    original             text NOT NULL,
    file_line            integer NOT NULL,
    recorded_at          timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT bank_line_statement_number_key UNIQUE (statement_id, number),
    CONSTRAINT bank_line_reference_key UNIQUE (bank_account, reference),
    CONSTRAINT bank_line_identity_key UNIQUE (bank_account, identity, ordinal),
    CONSTRAINT bank_line_instructed_whole CHECK ((instructed IS NULL) = (instructed_currency IS NULL))
);
CREATE INDEX bank_line_booking_date ON bank_line (bank_account, currency, booking_date) INCLUDE (amount);
COMMENT ON TABLE bank_line IS 'one payment: a booking of a statement, or one of the several that the bank booked together';
COMMENT ON COLUMN bank_line.booking IS 'number of the booking in the statement; the lines of a batch share it';
COMMENT ON COLUMN bank_line.identity IS 'what makes it the same line in another statement; ordinal counts equal lines that are all real';
COMMENT ON COLUMN bank_line.reference IS 'the bank''s where it names one line only; else one made of it and the identity';
COMMENT ON COLUMN bank_line.charges IS 'what banks took off the amount, by the bank''s word';

CREATE TABLE bank_decision (
    id          uuid CONSTRAINT bank_decision_pkey PRIMARY KEY,
    line_id     uuid NOT NULL CONSTRAINT bank_decision_line_id_fkey REFERENCES bank_line,
    kind        text NOT NULL CONSTRAINT bank_decision_kind_known CHECK (kind IN
                ('receipt', 'unidentified', 'linked', 'interest', 'charge', 'transfer', 'other', 'undone')),
    receipt_id  uuid CONSTRAINT bank_decision_receipt_id_fkey REFERENCES receipt,
    entry_id    uuid CONSTRAINT bank_decision_entry_id_fkey REFERENCES journal_entry,
    automatic   boolean NOT NULL DEFAULT false,
    score       smallint,
    reasons     text[] NOT NULL DEFAULT '{}',
    note        text NOT NULL DEFAULT '',
    undoes      uuid CONSTRAINT bank_decision_undoes_key UNIQUE CONSTRAINT bank_decision_undoes_fkey REFERENCES bank_decision,
    actor_id    bigint NOT NULL CONSTRAINT bank_decision_actor_id_fkey REFERENCES actor,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT bank_decision_books CHECK (CASE kind
        WHEN 'receipt' THEN receipt_id IS NOT NULL AND entry_id IS NULL
        WHEN 'unidentified' THEN receipt_id IS NOT NULL AND entry_id IS NULL
        WHEN 'linked' THEN (receipt_id IS NULL) <> (entry_id IS NULL)
        WHEN 'interest' THEN entry_id IS NOT NULL AND receipt_id IS NULL
        WHEN 'charge' THEN entry_id IS NOT NULL AND receipt_id IS NULL
        ELSE receipt_id IS NULL AND entry_id IS NULL END),
    CONSTRAINT bank_decision_undone_names CHECK ((kind = 'undone') = (undoes IS NOT NULL)),
    CONSTRAINT bank_decision_marked_with_note CHECK (kind NOT IN ('transfer', 'other') OR note <> '')
);
CREATE INDEX bank_decision_line_id ON bank_decision (line_id);
CREATE INDEX bank_decision_receipt_id ON bank_decision (receipt_id) WHERE receipt_id IS NOT NULL;
CREATE INDEX bank_decision_entry_id ON bank_decision (entry_id) WHERE entry_id IS NOT NULL;
COMMENT ON TABLE bank_decision IS 'what a line was for; it falls with the reversal of what it booked, or by being undone';

-- Decisions that stand, each with the entry that has its cash.
CREATE VIEW bank_decision_standing WITH (security_invoker = true) AS
SELECT d.*, coalesce(d.entry_id, e.id) AS cash_entry_id
FROM bank_decision d
LEFT JOIN journal_entry e ON e.receipt_id = d.receipt_id AND e.kind = 'receipt'
WHERE d.kind <> 'undone' AND NOT EXISTS (SELECT FROM bank_decision u WHERE u.undoes = d.id)
  AND NOT EXISTS (SELECT FROM journal_entry x WHERE x.reverses = coalesce(d.entry_id, e.id));

-- +goose StatementBegin
CREATE FUNCTION check_bank_decision() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    -- One writer of a line's decision at a time; the service holds this lock already.
    PERFORM pg_advisory_xact_lock(10, hashtext(NEW.line_id::text) & 1023);
    PERFORM FROM bank_decision_standing WHERE line_id = NEW.line_id HAVING count(*) > 1;
    IF FOUND THEN
        RAISE EXCEPTION 'line % has a decision that stands', NEW.line_id
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'bank_decision_once', TABLE = TG_TABLE_NAME;
    END IF;
    PERFORM FROM bank_decision_standing s WHERE s.line_id <> NEW.line_id AND s.cash_entry_id = (
        SELECT m.cash_entry_id FROM bank_decision_standing m WHERE m.id = NEW.id);
    IF FOUND THEN
        RAISE EXCEPTION 'what line % is linked with belongs to another line', NEW.line_id
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'bank_decision_one_line', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER bank_decision_once AFTER INSERT ON bank_decision DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_bank_decision();

CREATE TABLE payer (
    decision_id uuid NOT NULL CONSTRAINT payer_decision_id_fkey REFERENCES bank_decision,
    contributor text NOT NULL CONSTRAINT payer_contributor_fkey REFERENCES contributor,
    name_key    text NOT NULL,
    account     text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT payer_pkey PRIMARY KEY (decision_id),
    CONSTRAINT payer_known_by CHECK (name_key <> '' OR account <> '')
);
COMMENT ON TABLE payer IS 'under which name and from which account a contributor pays, as an officer confirmed; it falls with the decision';

CREATE TABLE bank_rule (
    id           uuid CONSTRAINT bank_rule_pkey PRIMARY KEY,
    bank_account text CONSTRAINT bank_rule_bank_account_fkey REFERENCES bank_account,
    payer        text NOT NULL,
    remittance   text NOT NULL,
    kind         text NOT NULL CONSTRAINT bank_rule_kind_known CHECK (kind IN ('contribution', 'charge', 'transfer', 'other')),
    contributor  text CONSTRAINT bank_rule_contributor_fkey REFERENCES contributor,
    pledge_id    uuid CONSTRAINT bank_rule_pledge_id_fkey REFERENCES pledge,
    fund         text CONSTRAINT bank_rule_fund_fkey REFERENCES fund,
    note         text NOT NULL CONSTRAINT bank_rule_note_present CHECK (note <> ''),
    actor_id     bigint NOT NULL CONSTRAINT bank_rule_actor_id_fkey REFERENCES actor,
    recorded_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT bank_rule_pattern_present CHECK (payer <> '' OR remittance <> ''),
    CONSTRAINT bank_rule_says_something CHECK (kind <> 'contribution' OR contributor IS NOT NULL OR pledge_id IS NOT NULL),
    CONSTRAINT bank_rule_charge_has_fund CHECK (kind <> 'charge' OR fund IS NOT NULL)
);
COMMENT ON TABLE bank_rule IS 'what an officer says of lines whose payer and remittance have these words';

CREATE TABLE bank_rule_end (
    rule_id     uuid CONSTRAINT bank_rule_end_pkey PRIMARY KEY CONSTRAINT bank_rule_end_rule_id_fkey REFERENCES bank_rule,
    actor_id    bigint NOT NULL CONSTRAINT bank_rule_end_actor_id_fkey REFERENCES actor,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE bank_rule_end IS 'rules that are no longer used';

CREATE TABLE bank_explanation (
    id           uuid CONSTRAINT bank_explanation_pkey PRIMARY KEY,
    bank_account text NOT NULL CONSTRAINT bank_explanation_bank_account_fkey REFERENCES bank_account,
    item         text NOT NULL CONSTRAINT bank_explanation_item_form CHECK (item ~ '^(opening [A-Z]{3}|(line|entry|statement) [0-9a-f-]{36})$'),
    note         text NOT NULL CONSTRAINT bank_explanation_note_present CHECK (note <> ''),
    actor_id     bigint NOT NULL CONSTRAINT bank_explanation_actor_id_fkey REFERENCES actor,
    recorded_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX bank_explanation_item ON bank_explanation (bank_account, item, id);
COMMENT ON TABLE bank_explanation IS 'why an item makes the bank''s balance another than the books''; the last one recorded counts';

CREATE TABLE bank_sign_off (
    id           uuid CONSTRAINT bank_sign_off_pkey PRIMARY KEY,
    bank_account text NOT NULL CONSTRAINT bank_sign_off_bank_account_fkey REFERENCES bank_account,
    currency     text NOT NULL CONSTRAINT bank_sign_off_currency_fkey REFERENCES currency,
    on_date      date NOT NULL CONSTRAINT bank_sign_off_month_end CHECK (on_date = date_trunc('month', on_date) + interval '1 month' - interval '1 day'),
    bank         numeric NOT NULL,
    books        numeric NOT NULL,
    items        jsonb NOT NULL,
    note         text NOT NULL,
    actor_id     bigint NOT NULL CONSTRAINT bank_sign_off_actor_id_fkey REFERENCES actor,
    recorded_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX bank_sign_off_on_date ON bank_sign_off (bank_account, currency, on_date, id);
COMMENT ON TABLE bank_sign_off IS 'a month whose difference is explained, with the balances and the items as they were; it holds while the balances stay';

-- +goose StatementBegin
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['bank_statement', 'bank_line', 'bank_decision', 'payer', 'bank_rule', 'bank_rule_end', 'bank_explanation', 'bank_sign_off'] LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON %I EXECUTE FUNCTION refuse_change()', t || '_append_only', t);
        EXECUTE format('CREATE TRIGGER %I BEFORE INSERT ON %I FOR EACH ROW EXECUTE FUNCTION set_recorded_at()', t || '_recorded_at', t);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO vcledger_service', t);
    END LOOP;
END $$;
-- +goose StatementEnd
GRANT SELECT ON bank_decision_standing TO vcledger_service;
CREATE TRIGGER bank_line_scale BEFORE INSERT ON bank_line FOR EACH ROW EXECUTE FUNCTION check_scale();
