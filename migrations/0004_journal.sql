-- The journal: entries and lines that are never changed, the keys under which they were asked for, and the records that
-- tie them to pledges and receipts.

-- +goose Up

CREATE TABLE idempotency_key (
    actor_id     bigint NOT NULL CONSTRAINT idempotency_key_actor_id_fkey REFERENCES actor,
    key          text NOT NULL CONSTRAINT idempotency_key_length CHECK (length(key) BETWEEN 1 AND 255),
    request_hash bytea NOT NULL,
    status       smallint NOT NULL,
    location     text NOT NULL,
    body         text NOT NULL,
    recorded_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT idempotency_key_pkey PRIMARY KEY (actor_id, key),
    CONSTRAINT idempotency_key_recorded_key UNIQUE (actor_id, key, recorded_at)
);
COMMENT ON TABLE idempotency_key IS 'the first answer to each key, kept for good in the transaction that it answers for';

CREATE TABLE journal_entry (
    id              uuid CONSTRAINT journal_entry_pkey PRIMARY KEY,
    kind            text NOT NULL CONSTRAINT journal_entry_kind_known CHECK (kind IN
                    ('pledge_announced', 'pledge_agreed', 'pledge_cancelled', 'pledge_written_off', 'receipt',
                     'identification', 'advance_applied', 'delivery', 'reversal')),
    effective_date  date NOT NULL CONSTRAINT journal_entry_effective_date_range
                    CHECK (effective_date BETWEEN '1945-10-24' AND '2199-12-31'),
    recorded_at     timestamptz NOT NULL DEFAULT now(),
    actor_id        bigint NOT NULL CONSTRAINT journal_entry_actor_id_fkey REFERENCES actor,
    idempotency_key text NOT NULL,
    description     text NOT NULL,
    reason          text NOT NULL DEFAULT '',
    reverses        uuid CONSTRAINT journal_entry_reverses_key UNIQUE
                    CONSTRAINT journal_entry_reverses_fkey REFERENCES journal_entry,
    pledge_id       uuid CONSTRAINT journal_entry_pledge_id_fkey REFERENCES pledge,
    receipt_id      uuid CONSTRAINT journal_entry_receipt_id_fkey REFERENCES receipt,
    delivery_id     uuid CONSTRAINT journal_entry_delivery_id_fkey REFERENCES delivery,
    CONSTRAINT journal_entry_times_key UNIQUE (id, effective_date, recorded_at),
    CONSTRAINT journal_entry_reversal_of_one CHECK ((kind = 'reversal') = (reverses IS NOT NULL)),
    -- An entry is recorded in the transaction that claimed its key, so no later one can post under the same key.
    CONSTRAINT journal_entry_idempotency_key_fkey FOREIGN KEY (actor_id, idempotency_key, recorded_at)
        REFERENCES idempotency_key (actor_id, key, recorded_at)
);
CREATE INDEX journal_entry_effective_date ON journal_entry (effective_date, id);
CREATE INDEX journal_entry_pledge_id ON journal_entry (pledge_id) WHERE pledge_id IS NOT NULL;
CREATE INDEX journal_entry_receipt_id ON journal_entry (receipt_id) WHERE receipt_id IS NOT NULL;
CREATE INDEX journal_entry_delivery_id ON journal_entry (delivery_id) WHERE delivery_id IS NOT NULL;

CREATE TABLE journal_line (
    entry_id        uuid NOT NULL,
    number          smallint NOT NULL CONSTRAINT journal_line_number_positive CHECK (number > 0),
    effective_date  date NOT NULL,
    recorded_at     timestamptz NOT NULL DEFAULT now(),
    account         text NOT NULL CONSTRAINT journal_line_account_fkey REFERENCES account,
    fund            text NOT NULL CONSTRAINT journal_line_fund_fkey REFERENCES fund,
    contributor     text CONSTRAINT journal_line_contributor_fkey REFERENCES contributor,
    bank_account    text CONSTRAINT journal_line_bank_account_fkey REFERENCES bank_account,
    pledge_id       uuid,
    item_number     smallint,
    receipt_id      uuid CONSTRAINT journal_line_receipt_id_fkey REFERENCES receipt,
    currency        text NOT NULL CONSTRAINT journal_line_currency_fkey REFERENCES currency,
    amount          numeric NOT NULL,
    amount_usd      numeric NOT NULL CONSTRAINT journal_line_amount_usd_scale CHECK (amount_usd = round(amount_usd, 2)),
    rate            numeric,
    rate_date       date,
    rate_source     text,
    CONSTRAINT journal_line_pkey PRIMARY KEY (entry_id, number),
    -- The two times are copied onto the line so that a balance is read from one index. A line's recorded_at is the
    -- clock of its own transaction (trigger below), so this key also refuses a line added to an older entry.
    CONSTRAINT journal_line_entry_fkey FOREIGN KEY (entry_id, effective_date, recorded_at)
        REFERENCES journal_entry (id, effective_date, recorded_at),
    CONSTRAINT journal_line_pledge_fkey FOREIGN KEY (pledge_id, contributor, fund)
        REFERENCES pledge (id, contributor, fund),
    CONSTRAINT journal_line_item_fkey FOREIGN KEY (pledge_id, item_number) REFERENCES pledge_item (pledge_id, number),
    CONSTRAINT journal_line_pledge_has_contributor CHECK (pledge_id IS NULL OR contributor IS NOT NULL),
    CONSTRAINT journal_line_cash_has_bank_account CHECK ((account = '1010') = (bank_account IS NOT NULL)),
    CONSTRAINT journal_line_receivable_has_pledge CHECK (account NOT IN ('1200', '9100') OR pledge_id IS NOT NULL),
    CONSTRAINT journal_line_promised_has_item CHECK (account <> '9200' OR item_number IS NOT NULL),
    CONSTRAINT journal_line_held_has_receipt CHECK (account NOT IN ('2100', '2200') OR receipt_id IS NOT NULL),
    CONSTRAINT journal_line_same_side CHECK (sign(amount) * sign(amount_usd) >= 0),
    CONSTRAINT journal_line_usd_is_itself CHECK (currency <> 'USD' OR amount = amount_usd),
    CONSTRAINT journal_line_rate_present CHECK (currency = 'USD' OR amount_usd = 0
        OR (rate > 0 AND rate_date IS NOT NULL AND rate_source IS NOT NULL))
);
CREATE INDEX journal_line_pledge_id ON journal_line (pledge_id, account) INCLUDE (currency, amount, amount_usd)
    WHERE pledge_id IS NOT NULL;
CREATE INDEX journal_line_receipt_id ON journal_line (receipt_id, account) WHERE receipt_id IS NOT NULL;
CREATE INDEX journal_line_contributor ON journal_line (contributor, effective_date) WHERE contributor IS NOT NULL;
CREATE INDEX journal_line_balance ON journal_line (fund, account, effective_date)
    INCLUDE (recorded_at, currency, amount, amount_usd);

COMMENT ON COLUMN journal_line.amount IS 'in the line''s currency; a debit is positive, a credit negative';
COMMENT ON COLUMN journal_line.amount_usd IS 'the same in USD by the line''s rate (units per USD), which it keeps with its date and source';

-- +goose StatementBegin
CREATE FUNCTION check_entry() RETURNS trigger LANGUAGE plpgsql
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
        WHERE l.entry_id = NEW.id AND p.closed AND NEW.effective_date BETWEEN p.starts_on AND p.ends_on;
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
COMMENT ON FUNCTION check_entry IS
    'at commit: two lines or more, each fund and its memorandum block sum to zero in USD, currency scales, open period, and a reversal mirrors what it reverses';

CREATE CONSTRAINT TRIGGER journal_entry_check AFTER INSERT ON journal_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_entry();

CREATE TABLE pledge_event (
    id             uuid CONSTRAINT pledge_event_pkey PRIMARY KEY,
    pledge_id      uuid NOT NULL CONSTRAINT pledge_event_pledge_id_fkey REFERENCES pledge,
    kind           text NOT NULL CONSTRAINT pledge_event_kind_known
                   CHECK (kind IN ('announced', 'agreed', 'cancelled', 'written_off')),
    effective_date date NOT NULL,
    currency       text CONSTRAINT pledge_event_currency_fkey REFERENCES currency,
    amount         numeric CONSTRAINT pledge_event_amount_not_negative CHECK (amount >= 0),
    amount_usd     numeric NOT NULL CONSTRAINT pledge_event_amount_usd_scale
                   CHECK (amount_usd >= 0 AND amount_usd = round(amount_usd, 2)),
    rate           numeric,
    rate_date      date,
    rate_source    text,
    document       text NOT NULL DEFAULT '',
    instrument     text NOT NULL DEFAULT '',
    reason         text NOT NULL DEFAULT '',
    entry_id       uuid CONSTRAINT pledge_event_entry_id_fkey REFERENCES journal_entry,
    actor_id       bigint NOT NULL CONSTRAINT pledge_event_actor_id_fkey REFERENCES actor,
    recorded_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pledge_event_amount_has_currency CHECK ((currency IS NULL) = (amount IS NULL))
);
-- A pledge is announced once and agreed once; what changes later is an event of another kind.
CREATE UNIQUE INDEX pledge_event_once_key ON pledge_event (pledge_id, kind) WHERE kind IN ('announced', 'agreed', 'cancelled');
CREATE INDEX pledge_event_pledge_id ON pledge_event (pledge_id, effective_date);
COMMENT ON TABLE pledge_event IS 'the legs of a pledge, each with its own date, currency, amount, rate and USD; in kind the amount is NULL and the items say what';
COMMENT ON COLUMN pledge_event.entry_id IS 'NULL when the leg changes no balance, as an agreement for a pledge recognised on receipt';

CREATE TABLE pledge_event_item (
    event_id    uuid NOT NULL CONSTRAINT pledge_event_item_event_id_fkey REFERENCES pledge_event,
    pledge_id   uuid NOT NULL,
    item_number smallint NOT NULL,
    quantity    numeric NOT NULL CONSTRAINT pledge_event_item_quantity_not_negative CHECK (quantity >= 0),
    CONSTRAINT pledge_event_item_pkey PRIMARY KEY (event_id, item_number),
    CONSTRAINT pledge_event_item_item_fkey FOREIGN KEY (pledge_id, item_number) REFERENCES pledge_item (pledge_id, number)
);
COMMENT ON TABLE pledge_event_item IS 'how much of each item an agreement accepted';

CREATE TABLE allocation (
    id             uuid CONSTRAINT allocation_pkey PRIMARY KEY,
    receipt_id     uuid NOT NULL CONSTRAINT allocation_receipt_id_fkey REFERENCES receipt,
    contributor    text NOT NULL CONSTRAINT allocation_contributor_fkey REFERENCES contributor,
    fund           text NOT NULL CONSTRAINT allocation_fund_fkey REFERENCES fund,
    fund_year      smallint NOT NULL CONSTRAINT allocation_fund_year_range CHECK (fund_year BETWEEN 1945 AND 2199),
    pledge_id      uuid,
    effective_date date NOT NULL,
    currency       text NOT NULL CONSTRAINT allocation_currency_fkey REFERENCES currency,
    amount         numeric NOT NULL CONSTRAINT allocation_amount_positive CHECK (amount > 0),
    amount_usd     numeric NOT NULL CONSTRAINT allocation_amount_usd_scale CHECK (amount_usd >= 0 AND amount_usd = round(amount_usd, 2)),
    entry_id       uuid NOT NULL CONSTRAINT allocation_entry_id_fkey REFERENCES journal_entry,
    actor_id       bigint NOT NULL CONSTRAINT allocation_actor_id_fkey REFERENCES actor,
    recorded_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT allocation_pledge_fkey FOREIGN KEY (pledge_id, contributor, fund) REFERENCES pledge (id, contributor, fund)
);
CREATE INDEX allocation_receipt_id ON allocation (receipt_id);
CREATE INDEX allocation_pledge_id ON allocation (pledge_id) WHERE pledge_id IS NOT NULL;
CREATE INDEX allocation_contributor ON allocation (contributor, effective_date);
CREATE INDEX allocation_fund ON allocation (fund, effective_date);
COMMENT ON TABLE allocation IS 'the part of a receipt applied to a pledge, or straight to a fund, in the receipt''s currency';

-- +goose StatementBegin
CREATE FUNCTION check_allocation() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
    -- One writer of a receipt at a time; the sum below then sees what the one before has committed. Nobody else sees a
    -- receipt of this very transaction, so it needs no lock: an import would run out of them.
    PERFORM pg_advisory_xact_lock(2, hashtext(NEW.receipt_id::text) & 1023)
    FROM receipt WHERE id = NEW.receipt_id AND recorded_at <> now();
    PERFORM FROM receipt r JOIN allocation a ON a.receipt_id = r.id
    WHERE r.id = NEW.receipt_id
    GROUP BY r.id
    HAVING sum(a.amount) > r.credited OR bool_or(a.currency <> r.currency);
    IF FOUND THEN
        RAISE EXCEPTION 'allocations of receipt % exceed it', NEW.receipt_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'allocation_within_receipt', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER allocation_within_receipt AFTER INSERT ON allocation FOR EACH ROW EXECUTE FUNCTION check_allocation();

CREATE TRIGGER idempotency_key_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON idempotency_key EXECUTE FUNCTION refuse_change();
CREATE TRIGGER journal_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_entry EXECUTE FUNCTION refuse_change();
CREATE TRIGGER journal_line_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_line EXECUTE FUNCTION refuse_change();
CREATE TRIGGER pledge_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pledge_event EXECUTE FUNCTION refuse_change();
CREATE TRIGGER pledge_event_item_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pledge_event_item EXECUTE FUNCTION refuse_change();
CREATE TRIGGER allocation_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON allocation EXECUTE FUNCTION refuse_change();
CREATE TRIGGER idempotency_key_recorded_at BEFORE INSERT ON idempotency_key FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
CREATE TRIGGER journal_entry_recorded_at BEFORE INSERT ON journal_entry FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
CREATE TRIGGER journal_line_recorded_at BEFORE INSERT ON journal_line FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
CREATE TRIGGER pledge_event_recorded_at BEFORE INSERT ON pledge_event FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
CREATE TRIGGER allocation_recorded_at BEFORE INSERT ON allocation FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
CREATE TRIGGER pledge_event_scale BEFORE INSERT ON pledge_event FOR EACH ROW
    WHEN (NEW.currency IS NOT NULL) EXECUTE FUNCTION check_scale();
CREATE TRIGGER allocation_scale BEFORE INSERT ON allocation FOR EACH ROW EXECUTE FUNCTION check_scale();
