-- In kind as an equal of cash: what the donor declared beside what the fund assessed, who valued and when, who accepted
-- after a look at the cost, who delivered and who certified, and every valuation that came later.

-- +goose Up

CREATE TABLE unit (
    code        text CONSTRAINT unit_pkey PRIMARY KEY CONSTRAINT unit_code_present CHECK (code <> ''),
    recorded_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE unit IS 'what contributions in kind are counted in; the register brings more, the API takes those that are here';
INSERT INTO unit (code) VALUES
    ('expert_day'), ('expert_month'), ('consultant_day'), ('consultant_month'), ('staff_day'), ('staff_month'), ('item'),
    ('lot'), ('square_metre_month'), ('room_month'), ('trip'), ('night');
-- Books that have other units keep them.
INSERT INTO unit (code) SELECT unit FROM pledge_item UNION SELECT unit FROM delivery ON CONFLICT DO NOTHING;
CREATE TRIGGER unit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON unit EXECUTE FUNCTION refuse_change();
CREATE TRIGGER unit_recorded_at BEFORE INSERT ON unit FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
GRANT SELECT, INSERT ON unit TO vcledger_service;

ALTER TABLE pledge_item
    ADD COLUMN unit_amount numeric CONSTRAINT pledge_item_unit_amount_not_negative CHECK (unit_amount >= 0),
    ADD COLUMN declared_currency text CONSTRAINT pledge_item_declared_currency_fkey REFERENCES currency,
    ADD COLUMN declared_amount numeric CONSTRAINT pledge_item_declared_amount_not_negative CHECK (declared_amount >= 0),
    ADD COLUMN valuer text NOT NULL DEFAULT '',
    ADD COLUMN valued_on date,
    ADD COLUMN evidence text NOT NULL DEFAULT '',
    ADD COLUMN evidence_sha256 text NOT NULL DEFAULT ''
        CONSTRAINT pledge_item_evidence_sha256_form CHECK (evidence_sha256 ~ '^([0-9a-f]{64})?$'),
    ADD CONSTRAINT pledge_item_declared_has_currency CHECK ((declared_currency IS NULL) = (declared_amount IS NULL)),
    ADD CONSTRAINT pledge_item_evidence_named CHECK (evidence_sha256 = '' OR evidence <> ''),
    ADD CONSTRAINT pledge_item_unit_fkey FOREIGN KEY (unit) REFERENCES unit;
COMMENT ON COLUMN pledge_item.amount IS 'what the fund assesses the whole quantity at; the books use it; zero is a value';
COMMENT ON COLUMN pledge_item.unit_amount IS 'value of one unit, where it was stated; amount is then quantity times unit_amount';
COMMENT ON COLUMN pledge_item.declared_amount IS 'what the contributor declares the whole quantity to be worth; NULL when it declared nothing';

ALTER TABLE delivery
    ADD COLUMN period_to date,
    ADD COLUMN expert text NOT NULL DEFAULT '',
    ADD COLUMN certified_by text NOT NULL DEFAULT '',
    ADD COLUMN unit_amount numeric CONSTRAINT delivery_unit_amount_not_negative CHECK (unit_amount >= 0),
    ADD COLUMN declared_currency text CONSTRAINT delivery_declared_currency_fkey REFERENCES currency,
    ADD COLUMN declared_amount numeric CONSTRAINT delivery_declared_amount_not_negative CHECK (declared_amount >= 0),
    ADD COLUMN valuer text NOT NULL DEFAULT '',
    ADD COLUMN valued_on date,
    ADD COLUMN evidence_sha256 text NOT NULL DEFAULT ''
        CONSTRAINT delivery_evidence_sha256_form CHECK (evidence_sha256 ~ '^([0-9a-f]{64})?$'),
    ADD CONSTRAINT delivery_declared_has_currency CHECK ((declared_currency IS NULL) = (declared_amount IS NULL)),
    ADD CONSTRAINT delivery_evidence_named CHECK (evidence_sha256 = '' OR evidence <> ''),
    ADD CONSTRAINT delivery_period_to_in_order CHECK (period_to IS NULL OR (period_from IS NOT NULL AND period_from <= period_to AND period_to <= delivered_on)),
    ADD CONSTRAINT delivery_unit_fkey FOREIGN KEY (unit) REFERENCES unit;
COMMENT ON COLUMN delivery.period_to IS 'the last day of the service; NULL when it is the day of delivery';
COMMENT ON COLUMN delivery.expert IS 'name or number of the person whose service it was';

CREATE TABLE acceptance (
    event_id    uuid CONSTRAINT acceptance_pkey PRIMARY KEY CONSTRAINT acceptance_event_id_fkey REFERENCES pledge_event,
    accepted_by text NOT NULL CONSTRAINT acceptance_accepted_by_present CHECK (accepted_by <> ''),
    currency    text CONSTRAINT acceptance_currency_fkey REFERENCES currency,
    amount      numeric CONSTRAINT acceptance_amount_not_negative CHECK (amount >= 0),
    description text NOT NULL DEFAULT '',
    looked_on   date,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT acceptance_cost_whole CHECK (num_nulls(currency, amount, looked_on) IN (0, 3))
);
COMMENT ON TABLE acceptance IS 'who accepted an offer in kind, and what he expects it to cost the fund: local travel, insurance, office space (UN Financial Regulation 3.12)';
COMMENT ON COLUMN acceptance.amount IS 'NULL when nobody looked; zero when somebody did and expects no cost';
CREATE TRIGGER acceptance_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON acceptance EXECUTE FUNCTION refuse_change();
CREATE TRIGGER acceptance_recorded_at BEFORE INSERT ON acceptance FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
CREATE TRIGGER acceptance_scale BEFORE INSERT ON acceptance FOR EACH ROW WHEN (NEW.currency IS NOT NULL) EXECUTE FUNCTION check_scale();
GRANT SELECT, INSERT ON acceptance TO vcledger_service;

CREATE TABLE valuation (
    id                uuid CONSTRAINT valuation_pkey PRIMARY KEY,
    pledge_id         uuid,
    item_number       smallint,
    delivery_id       uuid CONSTRAINT valuation_delivery_id_fkey REFERENCES delivery,
    effective_date    date NOT NULL,
    quantity          numeric NOT NULL CONSTRAINT valuation_quantity_positive CHECK (quantity > 0),
    currency          text NOT NULL CONSTRAINT valuation_currency_fkey REFERENCES currency,
    amount            numeric NOT NULL CONSTRAINT valuation_amount_not_negative CHECK (amount >= 0),
    amount_usd        numeric NOT NULL CONSTRAINT valuation_amount_usd_scale CHECK (amount_usd >= 0 AND amount_usd = round(amount_usd, 2)),
    rate              numeric,
    rate_date         date,
    rate_source       text,
    unit_amount       numeric CONSTRAINT valuation_unit_amount_not_negative CHECK (unit_amount >= 0),
    declared_currency text CONSTRAINT valuation_declared_currency_fkey REFERENCES currency,
    declared_amount   numeric CONSTRAINT valuation_declared_amount_not_negative CHECK (declared_amount >= 0),
    valuation_basis   text NOT NULL CONSTRAINT valuation_basis_known
                      CHECK (valuation_basis IN ('donor_stated', 'pro_forma_cost', 'un_consultant_rate', 'market_price')),
    valuer            text NOT NULL DEFAULT '',
    valued_on         date,
    evidence          text NOT NULL DEFAULT '',
    evidence_sha256   text NOT NULL DEFAULT '' CONSTRAINT valuation_evidence_sha256_form CHECK (evidence_sha256 ~ '^([0-9a-f]{64})?$'),
    reason            text NOT NULL CONSTRAINT valuation_reason_present CHECK (reason <> ''),
    entry_id          uuid CONSTRAINT valuation_entry_id_fkey REFERENCES journal_entry,
    actor_id          bigint NOT NULL CONSTRAINT valuation_actor_id_fkey REFERENCES actor,
    recorded_at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT valuation_of_one CHECK (num_nulls(pledge_id, delivery_id) = 1 AND (pledge_id IS NULL) = (item_number IS NULL)),
    CONSTRAINT valuation_item_fkey FOREIGN KEY (pledge_id, item_number) REFERENCES pledge_item (pledge_id, number),
    CONSTRAINT valuation_declared_has_currency CHECK ((declared_currency IS NULL) = (declared_amount IS NULL)),
    CONSTRAINT valuation_evidence_named CHECK (evidence_sha256 = '' OR evidence <> ''),
    CONSTRAINT valuation_usd_is_itself CHECK (currency <> 'USD' OR amount = amount_usd)
);
CREATE INDEX valuation_pledge_id ON valuation (pledge_id, item_number, id) WHERE pledge_id IS NOT NULL;
CREATE INDEX valuation_delivery_id ON valuation (delivery_id, id) WHERE delivery_id IS NOT NULL;
COMMENT ON TABLE valuation IS 'what an item still promised, or a delivery, was valued at after the first time; the first value stands with the item and the delivery';
COMMENT ON COLUMN valuation.quantity IS 'what the amount is the value of: of an item what was still promised, of a delivery the whole';
COMMENT ON COLUMN valuation.entry_id IS 'the entry of the difference; NULL when the value stayed and only its source changed';
CREATE TRIGGER valuation_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON valuation EXECUTE FUNCTION refuse_change();
CREATE TRIGGER valuation_recorded_at BEFORE INSERT ON valuation FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
CREATE TRIGGER valuation_scale BEFORE INSERT ON valuation FOR EACH ROW EXECUTE FUNCTION check_scale();
GRANT SELECT, INSERT ON valuation TO vcledger_service;

-- +goose StatementBegin
CREATE FUNCTION check_worth() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken text;
BEGIN
    PERFORM FROM currency WHERE code = NEW.declared_currency AND NEW.declared_amount <> round(NEW.declared_amount, minor_units);
    IF FOUND THEN
        broken := 'amount_scale';
    END IF;
    PERFORM FROM currency WHERE code = NEW.currency AND NEW.unit_amount <> round(NEW.unit_amount, minor_units);
    IF FOUND THEN
        broken := 'amount_scale';
    END IF;
    PERFORM FROM currency WHERE code = NEW.currency AND NEW.amount <> round(NEW.quantity * NEW.unit_amount, minor_units);
    IF FOUND THEN
        broken := 'unit_value_sum';
    END IF;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'a value in kind is refused: %', broken USING ERRCODE = 'check_violation', CONSTRAINT = broken, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION check_worth IS 'BEFORE INSERT: the scale of a declared and of a unit value, and value = quantity x unit value, rounded';
CREATE TRIGGER pledge_item_worth BEFORE INSERT ON pledge_item FOR EACH ROW EXECUTE FUNCTION check_worth();
CREATE TRIGGER delivery_worth BEFORE INSERT ON delivery FOR EACH ROW EXECUTE FUNCTION check_worth();
CREATE TRIGGER valuation_worth BEFORE INSERT ON valuation FOR EACH ROW EXECUTE FUNCTION check_worth();

-- +goose StatementBegin
CREATE FUNCTION check_item_quantity() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    offered   numeric;
    accepted  numeric;
    delivered numeric;
BEGIN
    -- One writer of a pledge at a time, so that the sum sees what the one before has committed. Nobody else sees a pledge
    -- of this very transaction, so it needs no lock: an import would run out of them.
    PERFORM pg_advisory_xact_lock(3, hashtext(NEW.pledge_id::text) & 1023) FROM pledge WHERE id = NEW.pledge_id AND recorded_at <> now();
    SELECT i.quantity, (SELECT q.quantity FROM pledge_event v JOIN pledge_event_item q ON q.event_id = v.id
                        WHERE v.pledge_id = i.pledge_id AND v.kind = 'agreed' AND q.item_number = i.number)
    INTO offered, accepted FROM pledge_item i WHERE i.pledge_id = NEW.pledge_id AND i.number = NEW.item_number;
    SELECT coalesce(sum(d.pledged_quantity), 0) INTO delivered
    FROM delivery d
    WHERE d.pledge_id = NEW.pledge_id AND d.item_number = NEW.item_number
      AND NOT EXISTS (SELECT FROM journal_entry e JOIN journal_entry x ON x.reverses = e.id WHERE e.delivery_id = d.id AND e.kind = 'delivery');
    IF accepted > offered OR delivered > coalesce(accepted, offered) THEN
        RAISE EXCEPTION 'item % of pledge %: % delivered, % accepted, % offered', NEW.item_number, NEW.pledge_id, delivered, accepted, offered
            USING ERRCODE = 'check_violation', CONSTRAINT = 'item_quantity_in_order', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION check_item_quantity IS 'after an insert: of an item no more is delivered than accepted, nor accepted than offered; a surplus is no part of the pledge';
CREATE TRIGGER delivery_item_quantity AFTER INSERT ON delivery FOR EACH ROW WHEN (NEW.pledged_quantity > 0 AND NEW.pledge_id IS NOT NULL)
    EXECUTE FUNCTION check_item_quantity();
CREATE TRIGGER pledge_event_item_quantity AFTER INSERT ON pledge_event_item FOR EACH ROW EXECUTE FUNCTION check_item_quantity();

-- +goose StatementBegin
CREATE FUNCTION check_valuation_period() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    of_fund text;
BEGIN
    -- The entry of a difference is checked at commit; this is for a valuation that makes none, but changes what a statement
    -- of a closed period says. Whoever closes a period holds the lock exclusively.
    SELECT fund INTO of_fund FROM pledge WHERE id = NEW.pledge_id UNION ALL SELECT fund FROM delivery WHERE id = NEW.delivery_id;
    PERFORM pg_advisory_xact_lock_shared(1, hashtext(of_fund));
    PERFORM FROM period p WHERE p.fund = of_fund AND p.closed AND NEW.effective_date BETWEEN p.starts_on AND p.ends_on;
    IF FOUND THEN
        RAISE EXCEPTION 'a valuation of % is refused: the period is closed', NEW.effective_date
            USING ERRCODE = 'check_violation', CONSTRAINT = 'valuation_period_open', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION check_valuation_period IS 'after an insert: a valuation is dated in an open period of its fund, as entries are';
CREATE TRIGGER valuation_period_open AFTER INSERT ON valuation FOR EACH ROW EXECUTE FUNCTION check_valuation_period();
