-- What contributors promise and give: pledges, receipts, deliveries. What each posts stands in the journal (0004).

-- +goose Up

CREATE SEQUENCE pledge_reference;

CREATE TABLE pledge (
    id             uuid CONSTRAINT pledge_pkey PRIMARY KEY,
    reference      text NOT NULL CONSTRAINT pledge_reference_present CHECK (reference <> ''),
    form           text NOT NULL CONSTRAINT pledge_form_known CHECK (form IN ('cash', 'in_kind')),
    contributor    text NOT NULL CONSTRAINT pledge_contributor_fkey REFERENCES contributor,
    fund           text NOT NULL CONSTRAINT pledge_fund_fkey REFERENCES fund,
    fund_year      smallint NOT NULL CONSTRAINT pledge_fund_year_range CHECK (fund_year BETWEEN 1945 AND 2199),
    recognition    text NOT NULL CONSTRAINT pledge_recognition_known CHECK (recognition IN ('on_agreement', 'on_receipt')),
    note           text NOT NULL DEFAULT '',
    actor_id       bigint NOT NULL CONSTRAINT pledge_actor_id_fkey REFERENCES actor,
    recorded_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pledge_reference_key UNIQUE (fund, reference, form),
    CONSTRAINT pledge_parties_key UNIQUE (id, contributor, fund)
);
CREATE INDEX pledge_contributor ON pledge (contributor, id);
COMMENT ON TABLE pledge IS 'a promise to a fund for a fund year, in cash or in kind; its stage follows from its legs and its balances';

CREATE TABLE pledge_item (
    pledge_id       uuid NOT NULL CONSTRAINT pledge_item_pledge_id_fkey REFERENCES pledge,
    number          smallint NOT NULL CONSTRAINT pledge_item_number_positive CHECK (number > 0),
    category        text NOT NULL CONSTRAINT pledge_item_category_known
                    CHECK (category IN ('expert', 'consultant', 'staff_on_loan', 'goods', 'premises', 'travel')),
    description     text NOT NULL,
    quantity        numeric NOT NULL CONSTRAINT pledge_item_quantity_positive CHECK (quantity > 0),
    unit            text NOT NULL CONSTRAINT pledge_item_unit_present CHECK (unit <> ''),
    currency        text NOT NULL CONSTRAINT pledge_item_currency_fkey REFERENCES currency,
    amount          numeric NOT NULL CONSTRAINT pledge_item_amount_not_negative CHECK (amount >= 0),
    amount_usd      numeric NOT NULL CONSTRAINT pledge_item_amount_usd_scale CHECK (amount_usd >= 0 AND amount_usd = round(amount_usd, 2)),
    rate            numeric,
    rate_date       date,
    rate_source     text,
    valuation_basis text NOT NULL CONSTRAINT pledge_item_valuation_basis_known
                    CHECK (valuation_basis IN ('donor_stated', 'pro_forma_cost', 'un_consultant_rate', 'market_price')),
    recorded_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pledge_item_pkey PRIMARY KEY (pledge_id, number),
    CONSTRAINT pledge_item_rate_present CHECK (currency = 'USD' OR amount_usd = 0 OR (rate > 0 AND rate_date IS NOT NULL AND rate_source IS NOT NULL)),
    CONSTRAINT pledge_item_usd_is_itself CHECK (currency <> 'USD' OR amount = amount_usd)
);
COMMENT ON COLUMN pledge_item.amount IS 'value of the whole quantity; zero is a value';

CREATE TABLE receipt (
    id              uuid CONSTRAINT receipt_pkey PRIMARY KEY,
    bank_account    text NOT NULL CONSTRAINT receipt_bank_account_fkey REFERENCES bank_account,
    bank_reference  text CONSTRAINT receipt_bank_reference_present CHECK (bank_reference <> ''),
    value_date      date NOT NULL,
    contributor     text CONSTRAINT receipt_contributor_fkey REFERENCES contributor,
    fund            text NOT NULL CONSTRAINT receipt_fund_fkey REFERENCES fund,
    fund_year       smallint NOT NULL CONSTRAINT receipt_fund_year_range CHECK (fund_year BETWEEN 1945 AND 2199),
    currency        text NOT NULL CONSTRAINT receipt_currency_fkey REFERENCES currency,
    amount          numeric NOT NULL CONSTRAINT receipt_amount_positive CHECK (amount > 0),
    amount_usd      numeric NOT NULL CONSTRAINT receipt_amount_usd_scale CHECK (amount_usd >= 0 AND amount_usd = round(amount_usd, 2)),
    charges         numeric NOT NULL CONSTRAINT receipt_charges_not_negative CHECK (charges >= 0),
    credited        numeric NOT NULL CONSTRAINT receipt_credited_whole CHECK (credited = amount OR credited = amount + charges),
    rate            numeric,
    rate_date       date,
    rate_source     text,
    payer           text NOT NULL DEFAULT '',
    instrument      text NOT NULL DEFAULT '',
    note            text NOT NULL DEFAULT '',
    replaces        uuid CONSTRAINT receipt_replaces_key UNIQUE CONSTRAINT receipt_replaces_fkey REFERENCES receipt,
    actor_id        bigint NOT NULL CONSTRAINT receipt_actor_id_fkey REFERENCES actor,
    recorded_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT receipt_rate_present CHECK (currency = 'USD' OR amount_usd = 0 OR (rate > 0 AND rate_date IS NOT NULL AND rate_source IS NOT NULL)),
    CONSTRAINT receipt_usd_is_itself CHECK (currency <> 'USD' OR amount = amount_usd)
);
CREATE UNIQUE INDEX receipt_bank_reference_key ON receipt (bank_account, bank_reference) WHERE replaces IS NULL;
CREATE INDEX receipt_contributor ON receipt (contributor, value_date, id);
CREATE INDEX receipt_value_date ON receipt (value_date, id);
COMMENT ON COLUMN receipt.fund IS 'the fund that holds what is not allocated';
COMMENT ON COLUMN receipt.amount IS 'what arrived in the bank account';
COMMENT ON COLUMN receipt.credited IS 'what the contributor is credited with: the amount, and by the fund''s policy the charges that banks deducted';
COMMENT ON COLUMN receipt.replaces IS 'the reversed receipt that this one records anew, with the same bank reference';

CREATE TABLE delivery (
    id              uuid CONSTRAINT delivery_pkey PRIMARY KEY,
    contributor     text NOT NULL CONSTRAINT delivery_contributor_fkey REFERENCES contributor,
    fund            text NOT NULL CONSTRAINT delivery_fund_fkey REFERENCES fund,
    fund_year       smallint NOT NULL CONSTRAINT delivery_fund_year_range CHECK (fund_year BETWEEN 1945 AND 2199),
    pledge_id       uuid,
    item_number     smallint,
    delivered_on    date NOT NULL,
    period_from     date,
    category        text NOT NULL CONSTRAINT delivery_category_known
                    CHECK (category IN ('expert', 'consultant', 'staff_on_loan', 'goods', 'premises', 'travel')),
    description     text NOT NULL,
    quantity        numeric NOT NULL CONSTRAINT delivery_quantity_positive CHECK (quantity > 0),
    pledged_quantity numeric NOT NULL CONSTRAINT delivery_pledged_quantity_part CHECK (pledged_quantity BETWEEN 0 AND quantity),
    unit            text NOT NULL CONSTRAINT delivery_unit_present CHECK (unit <> ''),
    currency        text NOT NULL CONSTRAINT delivery_currency_fkey REFERENCES currency,
    amount          numeric NOT NULL CONSTRAINT delivery_amount_not_negative CHECK (amount >= 0),
    amount_usd      numeric NOT NULL CONSTRAINT delivery_amount_usd_scale CHECK (amount_usd >= 0 AND amount_usd = round(amount_usd, 2)),
    rate            numeric,
    rate_date       date,
    rate_source     text,
    valuation_basis text NOT NULL CONSTRAINT delivery_valuation_basis_known
                    CHECK (valuation_basis IN ('donor_stated', 'pro_forma_cost', 'un_consultant_rate', 'market_price')),
    evidence        text NOT NULL DEFAULT '',
    note            text NOT NULL DEFAULT '',
    actor_id        bigint NOT NULL CONSTRAINT delivery_actor_id_fkey REFERENCES actor,
    recorded_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT delivery_pledge_fkey FOREIGN KEY (pledge_id, contributor, fund) REFERENCES pledge (id, contributor, fund),
    CONSTRAINT delivery_item_fkey FOREIGN KEY (pledge_id, item_number) REFERENCES pledge_item (pledge_id, number),
    CONSTRAINT delivery_item_of_pledge CHECK ((pledge_id IS NULL) = (item_number IS NULL)),
    CONSTRAINT delivery_period_in_order CHECK (period_from <= delivered_on),
    CONSTRAINT delivery_rate_present CHECK (currency = 'USD' OR amount_usd = 0 OR (rate > 0 AND rate_date IS NOT NULL AND rate_source IS NOT NULL)),
    CONSTRAINT delivery_usd_is_itself CHECK (currency <> 'USD' OR amount = amount_usd)
);
CREATE INDEX delivery_contributor ON delivery (contributor, delivered_on, id);
CREATE INDEX delivery_pledge_id ON delivery (pledge_id, item_number);
CREATE INDEX delivery_delivered_on ON delivery (delivered_on, id);
COMMENT ON COLUMN delivery.pledged_quantity IS 'the part of the quantity that keeps the pledge; the rest was given beyond it';

CREATE TRIGGER pledge_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pledge EXECUTE FUNCTION refuse_change();
CREATE TRIGGER pledge_item_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pledge_item EXECUTE FUNCTION refuse_change();
CREATE TRIGGER receipt_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON receipt EXECUTE FUNCTION refuse_change();
CREATE TRIGGER delivery_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON delivery EXECUTE FUNCTION refuse_change();
CREATE TRIGGER pledge_recorded_at BEFORE INSERT ON pledge FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
CREATE TRIGGER pledge_item_recorded_at BEFORE INSERT ON pledge_item FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
CREATE TRIGGER receipt_recorded_at BEFORE INSERT ON receipt FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
CREATE TRIGGER delivery_recorded_at BEFORE INSERT ON delivery FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
CREATE TRIGGER pledge_item_scale BEFORE INSERT ON pledge_item FOR EACH ROW EXECUTE FUNCTION check_scale();
CREATE TRIGGER receipt_scale BEFORE INSERT ON receipt FOR EACH ROW EXECUTE FUNCTION check_scale();
CREATE TRIGGER delivery_scale BEFORE INSERT ON delivery FOR EACH ROW EXECUTE FUNCTION check_scale();
