-- The use of the money: expenditures, what programme support and levies take of them, and interest.

-- +goose Up

INSERT INTO account (code, name, kind) VALUES ('4700', 'Interest', 'revenue');

CREATE TABLE fund_support (
    fund         text NOT NULL CONSTRAINT fund_support_fund_fkey REFERENCES fund,
    starts_on    date NOT NULL CONSTRAINT fund_support_starts_on_range CHECK (starts_on BETWEEN '1945-10-24' AND '2199-12-31'),
    rate         numeric NOT NULL CONSTRAINT fund_support_rate_range CHECK (rate BETWEEN 0 AND 100 AND rate = round(rate, 4)),
    support_fund text CONSTRAINT fund_support_support_fund_fkey REFERENCES fund
                 CONSTRAINT fund_support_support_fund_is_another CHECK (support_fund <> fund),
    levy_rate    numeric NOT NULL DEFAULT 0
                 CONSTRAINT fund_support_levy_rate_range CHECK (levy_rate BETWEEN 0 AND 100 AND levy_rate = round(levy_rate, 4)),
    levy_fund    text CONSTRAINT fund_support_levy_fund_fkey REFERENCES fund
                 CONSTRAINT fund_support_levy_fund_is_another CHECK (levy_fund <> fund),
    document     text NOT NULL DEFAULT '',
    actor_id     bigint NOT NULL CONSTRAINT fund_support_actor_id_fkey REFERENCES actor,
    recorded_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT fund_support_pkey PRIMARY KEY (fund, starts_on, recorded_at),
    CONSTRAINT fund_support_has_fund CHECK (rate = 0 OR support_fund IS NOT NULL),
    CONSTRAINT fund_support_levy_has_fund CHECK (levy_rate = 0 OR levy_fund IS NOT NULL)
);
COMMENT ON TABLE fund_support IS
    'what a fund pays on its expenditures, from a day on until the next row; of two rows of one day the later recorded holds';
COMMENT ON COLUMN fund_support.rate IS 'programme support, per cent of expenditure';
COMMENT ON COLUMN fund_support.levy_rate IS 'a second charge, per cent of expenditure, such as a coordination levy';

CREATE TABLE pledge_support (
    pledge_id   uuid NOT NULL CONSTRAINT pledge_support_pledge_id_fkey REFERENCES pledge,
    starts_on   date NOT NULL CONSTRAINT pledge_support_starts_on_range CHECK (starts_on BETWEEN '1945-10-24' AND '2199-12-31'),
    rate        numeric CONSTRAINT pledge_support_rate_range CHECK (rate BETWEEN 0 AND 100 AND rate = round(rate, 4)),
    levy_rate   numeric CONSTRAINT pledge_support_levy_rate_range CHECK (levy_rate BETWEEN 0 AND 100 AND levy_rate = round(levy_rate, 4)),
    document    text NOT NULL DEFAULT '',
    actor_id    bigint NOT NULL CONSTRAINT pledge_support_actor_id_fkey REFERENCES actor,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pledge_support_pkey PRIMARY KEY (pledge_id, starts_on, recorded_at)
);
COMMENT ON TABLE pledge_support IS 'rates that an agreement fixes for the expenditure earmarked for it; NULL is the fund''s rate';

CREATE TABLE expenditure (
    id               uuid CONSTRAINT expenditure_pkey PRIMARY KEY,
    fund             text NOT NULL CONSTRAINT expenditure_fund_fkey REFERENCES fund,
    effective_date   date NOT NULL,
    currency         text NOT NULL CONSTRAINT expenditure_currency_fkey REFERENCES currency,
    amount           numeric NOT NULL CONSTRAINT expenditure_amount_positive CHECK (amount > 0),
    amount_usd       numeric NOT NULL CONSTRAINT expenditure_amount_usd_scale CHECK (amount_usd >= 0 AND amount_usd = round(amount_usd, 2)),
    rate             numeric,
    rate_date        date,
    rate_source      text,
    description      text NOT NULL CONSTRAINT expenditure_description_present CHECK (description <> ''),
    project          text NOT NULL DEFAULT '',
    reference        text NOT NULL CONSTRAINT expenditure_reference_present CHECK (reference <> ''),
    bank_account     text NOT NULL CONSTRAINT expenditure_bank_account_fkey REFERENCES bank_account,
    overdraft_reason text NOT NULL DEFAULT '',
    replaces         uuid CONSTRAINT expenditure_replaces_key UNIQUE CONSTRAINT expenditure_replaces_fkey REFERENCES expenditure,
    actor_id         bigint NOT NULL CONSTRAINT expenditure_actor_id_fkey REFERENCES actor,
    recorded_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT expenditure_fund_key UNIQUE (id, fund),
    CONSTRAINT expenditure_rate_present CHECK (currency = 'USD' OR amount_usd = 0
        OR (rate > 0 AND rate_date IS NOT NULL AND rate_source IS NOT NULL)),
    CONSTRAINT expenditure_usd_is_itself CHECK (currency <> 'USD' OR amount = amount_usd)
);
CREATE UNIQUE INDEX expenditure_reference_key ON expenditure (fund, reference) WHERE replaces IS NULL;
CREATE INDEX expenditure_reference ON expenditure (fund, reference);
CREATE INDEX expenditure_effective_date ON expenditure (effective_date, id);
COMMENT ON TABLE expenditure IS 'what a fund paid for its programme; programme support and levies are entries beside it';
COMMENT ON COLUMN expenditure.reference IS 'the voucher''s number: a second import finds the first by it';
COMMENT ON COLUMN expenditure.overdraft_reason IS 'why it may be more than the fund had in cash; empty when it may not';
COMMENT ON COLUMN expenditure.replaces IS 'the reversed expenditure that this one records anew, with the same reference';

CREATE TABLE expenditure_share (
    expenditure_id uuid NOT NULL,
    number         smallint NOT NULL CONSTRAINT expenditure_share_number_positive CHECK (number > 0),
    fund           text NOT NULL,
    contributor    text,
    pledge_id      uuid,
    weight         numeric NOT NULL CONSTRAINT expenditure_share_weight_positive CHECK (weight > 0),
    currency       text NOT NULL CONSTRAINT expenditure_share_currency_fkey REFERENCES currency,
    amount         numeric NOT NULL CONSTRAINT expenditure_share_amount_positive CHECK (amount > 0),
    amount_usd     numeric NOT NULL CONSTRAINT expenditure_share_amount_usd_scale
                   CHECK (amount_usd >= 0 AND amount_usd = round(amount_usd, 2)),
    recorded_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT expenditure_share_pkey PRIMARY KEY (expenditure_id, number),
    CONSTRAINT expenditure_share_expenditure_fkey FOREIGN KEY (expenditure_id, fund) REFERENCES expenditure (id, fund),
    CONSTRAINT expenditure_share_pledge_fkey FOREIGN KEY (pledge_id, contributor, fund) REFERENCES pledge (id, contributor, fund),
    CONSTRAINT expenditure_share_pledge_has_contributor CHECK ((pledge_id IS NULL) = (contributor IS NULL))
);
CREATE INDEX expenditure_share_pledge_id ON expenditure_share (pledge_id) WHERE pledge_id IS NOT NULL;
COMMENT ON TABLE expenditure_share IS 'whose money an expenditure used: the parts of pledges, and a part without a pledge; none when nothing is earmarked';

-- +goose StatementBegin
CREATE FUNCTION check_expenditure_shares() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    PERFORM FROM expenditure e JOIN expenditure_share s ON s.expenditure_id = e.id
    WHERE e.id = NEW.expenditure_id
    GROUP BY e.id
    HAVING sum(s.amount) <> e.amount OR sum(s.amount_usd) <> e.amount_usd OR bool_or(s.currency <> e.currency);
    IF FOUND THEN
        RAISE EXCEPTION 'the shares of expenditure % do not sum to it', NEW.expenditure_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'expenditure_share_sum', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER expenditure_share_sum AFTER INSERT ON expenditure_share
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_expenditure_shares();

ALTER TABLE journal_entry ADD COLUMN expenditure_id uuid CONSTRAINT journal_entry_expenditure_id_fkey REFERENCES expenditure;
CREATE INDEX journal_entry_expenditure_id ON journal_entry (expenditure_id) WHERE expenditure_id IS NOT NULL;

CREATE TABLE interest (
    id             uuid CONSTRAINT interest_pkey PRIMARY KEY,
    bank_account   text NOT NULL CONSTRAINT interest_bank_account_fkey REFERENCES bank_account,
    bank_reference text NOT NULL CONSTRAINT interest_bank_reference_present CHECK (bank_reference <> ''),
    value_date     date NOT NULL,
    period_from    date NOT NULL,
    period_to      date NOT NULL,
    currency       text NOT NULL CONSTRAINT interest_currency_fkey REFERENCES currency,
    amount         numeric NOT NULL CONSTRAINT interest_amount_positive CHECK (amount > 0),
    amount_usd     numeric NOT NULL CONSTRAINT interest_amount_usd_scale CHECK (amount_usd >= 0 AND amount_usd = round(amount_usd, 2)),
    entry_id       uuid NOT NULL CONSTRAINT interest_entry_id_key UNIQUE CONSTRAINT interest_entry_id_fkey REFERENCES journal_entry,
    actor_id       bigint NOT NULL CONSTRAINT interest_actor_id_fkey REFERENCES actor,
    recorded_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT interest_period_in_order CHECK (period_from <= period_to AND period_to <= value_date),
    CONSTRAINT interest_usd_is_itself CHECK (currency <> 'USD' OR amount = amount_usd)
);
CREATE INDEX interest_bank_reference ON interest (bank_account, bank_reference);
COMMENT ON TABLE interest IS 'interest that a bank credited, apportioned by the balances of a period; it falls with the reversal of its entry';

-- +goose StatementBegin
CREATE FUNCTION check_interest() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    -- One writer of a bank account's interest at a time; the service holds this lock already.
    PERFORM pg_advisory_xact_lock(7, hashtext('interest ' || NEW.bank_account) & 1023);
    PERFORM FROM interest i LEFT JOIN journal_entry x ON x.reverses = i.entry_id
    WHERE i.bank_account = NEW.bank_account AND i.bank_reference = NEW.bank_reference AND x.id IS NULL
    HAVING count(*) > 1;
    IF FOUND THEN
        RAISE EXCEPTION 'interest % of % is recorded already', NEW.bank_reference, NEW.bank_account
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'interest_once', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER interest_once AFTER INSERT ON interest FOR EACH ROW EXECUTE FUNCTION check_interest();

CREATE TRIGGER fund_support_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fund_support EXECUTE FUNCTION refuse_change();
CREATE TRIGGER pledge_support_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pledge_support EXECUTE FUNCTION refuse_change();
CREATE TRIGGER expenditure_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON expenditure EXECUTE FUNCTION refuse_change();
CREATE TRIGGER expenditure_share_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON expenditure_share EXECUTE FUNCTION refuse_change();
CREATE TRIGGER interest_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON interest EXECUTE FUNCTION refuse_change();
CREATE TRIGGER fund_support_recorded_at BEFORE INSERT ON fund_support FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
CREATE TRIGGER pledge_support_recorded_at BEFORE INSERT ON pledge_support FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
CREATE TRIGGER expenditure_recorded_at BEFORE INSERT ON expenditure FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
CREATE TRIGGER expenditure_share_recorded_at BEFORE INSERT ON expenditure_share FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
CREATE TRIGGER interest_recorded_at BEFORE INSERT ON interest FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
CREATE TRIGGER expenditure_scale BEFORE INSERT ON expenditure FOR EACH ROW EXECUTE FUNCTION check_scale();
CREATE TRIGGER expenditure_share_scale BEFORE INSERT ON expenditure_share FOR EACH ROW EXECUTE FUNCTION check_scale();
CREATE TRIGGER interest_scale BEFORE INSERT ON interest FOR EACH ROW EXECUTE FUNCTION check_scale();

GRANT SELECT, INSERT ON fund_support, pledge_support, expenditure, expenditure_share, interest TO vcledger_service;
