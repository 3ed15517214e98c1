-- Who gives, to what, through which bank, and who records it.

-- +goose Up

CREATE TABLE contributor (
    code        text CONSTRAINT contributor_pkey PRIMARY KEY
                CONSTRAINT contributor_code_form CHECK (code ~ '^[A-Z0-9][A-Z0-9._-]{0,63}$'),
    name        text NOT NULL CONSTRAINT contributor_name_present CHECK (name <> ''),
    name_key    text NOT NULL DEFAULT '',
    kind        text NOT NULL CONSTRAINT contributor_kind_known CHECK (kind IN
                ('state', 'observer', 'local_authority', 'mfi', 'rdb', 'igo', 'un', 'private', 'other')),
    country     text CONSTRAINT contributor_country_form CHECK (country ~ '^[A-Z]{3}$'),
    parent      text CONSTRAINT contributor_parent_fkey REFERENCES contributor
                CONSTRAINT contributor_parent_is_another CHECK (parent <> code),
    recorded_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX contributor_parent ON contributor (parent);
CREATE INDEX contributor_name_key ON contributor (name_key);
COMMENT ON COLUMN contributor.country IS 'ISO 3166-1 alpha-3';
COMMENT ON COLUMN contributor.name_key IS 'the name without case (Unicode case folding by the program: a locale of the database may fold ASCII only)';
COMMENT ON COLUMN contributor.parent IS 'a ministry, agency or region under its State';

CREATE TABLE contributor_alias (
    contributor text NOT NULL CONSTRAINT contributor_alias_contributor_fkey REFERENCES contributor,
    name        text NOT NULL CONSTRAINT contributor_alias_name_present CHECK (name <> ''),
    name_key    text NOT NULL DEFAULT '',
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT contributor_alias_pkey PRIMARY KEY (contributor, name)
);
CREATE INDEX contributor_alias_name_key ON contributor_alias (name_key);
COMMENT ON TABLE contributor_alias IS 'other names under which a contributor has been recorded';

CREATE TABLE bank_account (
    code        text CONSTRAINT bank_account_pkey PRIMARY KEY
                CONSTRAINT bank_account_code_form CHECK (code ~ '^[A-Z0-9][A-Z0-9._-]{0,63}$'),
    name        text NOT NULL CONSTRAINT bank_account_name_present CHECK (name <> ''),
    currency    text CONSTRAINT bank_account_currency_fkey REFERENCES currency,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN bank_account.currency IS 'the account''s currency; NULL when it keeps each currency apart';

CREATE TABLE fund (
    code            text CONSTRAINT fund_pkey PRIMARY KEY
                    CONSTRAINT fund_code_form CHECK (code ~ '^[A-Z0-9][A-Z0-9._-]{0,63}$'),
    name            text NOT NULL CONSTRAINT fund_name_present CHECK (name <> ''),
    kind            text NOT NULL CONSTRAINT fund_kind_known CHECK (kind IN ('general_purpose', 'special_purpose')),
    parent          text CONSTRAINT fund_parent_fkey REFERENCES fund
                    CONSTRAINT fund_parent_is_another CHECK (parent <> code),
    recognition     text NOT NULL CONSTRAINT fund_recognition_known CHECK (recognition IN ('on_agreement', 'on_receipt')),
    services        text NOT NULL CONSTRAINT fund_services_known CHECK (services IN ('disclosed', 'recognised')),
    charges         text NOT NULL CONSTRAINT fund_charges_known CHECK (charges IN ('gross', 'net')),
    rate_source     text NOT NULL CONSTRAINT fund_rate_source_known CHECK (rate_source IN ('un', 'ecb')),
    bank_account    text NOT NULL CONSTRAINT fund_bank_account_fkey REFERENCES bank_account,
    illustrative    boolean NOT NULL DEFAULT false,
    recorded_at     timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN fund.bank_account IS 'the bank account that a receipt takes when it names none';
COMMENT ON COLUMN fund.illustrative IS 'made up, and labelled so wherever it is shown';

CREATE TABLE period (
    fund      text NOT NULL CONSTRAINT period_fund_fkey REFERENCES fund,
    starts_on date   NOT NULL,
    ends_on   date   NOT NULL,
    closed    boolean NOT NULL DEFAULT false,
    CONSTRAINT period_pkey PRIMARY KEY (fund, starts_on, ends_on),
    CONSTRAINT period_in_order CHECK (starts_on <= ends_on)
);
COMMENT ON TABLE period IS 'months and years of a fund; days without a row are open';

CREATE TABLE rate (
    source         text NOT NULL CONSTRAINT rate_source_known CHECK (source IN ('un', 'ecb')),
    currency       text NOT NULL CONSTRAINT rate_currency_fkey REFERENCES currency
                   CONSTRAINT rate_not_of_usd CHECK (currency <> 'USD'),
    effective_date date NOT NULL,
    units_per_usd  numeric NOT NULL CONSTRAINT rate_positive CHECK (units_per_usd > 0),
    recorded_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT rate_pkey PRIMARY KEY (source, currency, effective_date)
);
COMMENT ON TABLE rate IS 'units of a currency per USD, in force from the effective date until the next one';
CREATE TRIGGER rate_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON rate EXECUTE FUNCTION refuse_change();

CREATE TABLE actor (
    id          bigint CONSTRAINT actor_pkey PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    name        text NOT NULL CONSTRAINT actor_name_key UNIQUE CONSTRAINT actor_name_present CHECK (name <> ''),
    role        text NOT NULL CONSTRAINT actor_role_known
                CHECK (role IN ('officer', 'approver', 'auditor', 'admin', 'donor', 'system')),
    contributor text CONSTRAINT actor_contributor_fkey REFERENCES contributor,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT actor_donor_is_bound CHECK ((role = 'donor') = (contributor IS NOT NULL))
);
COMMENT ON TABLE actor IS 'who records and reads: the holder of a key, or the command itself';
INSERT INTO actor (name, role) VALUES ('vcledger', 'system');

CREATE TABLE api_key (
    id          uuid CONSTRAINT api_key_pkey PRIMARY KEY,
    actor_id    bigint NOT NULL CONSTRAINT api_key_actor_id_fkey REFERENCES actor,
    hash        bytea NOT NULL CONSTRAINT api_key_hash_key UNIQUE
                CONSTRAINT api_key_hash_length CHECK (octet_length(hash) = 32),
    recorded_at timestamptz NOT NULL DEFAULT now(),
    revoked_at  timestamptz
);
CREATE INDEX api_key_actor_id ON api_key (actor_id);
COMMENT ON COLUMN api_key.hash IS 'SHA-256 of the key, which has 256 random bits; the key itself is shown once and kept nowhere';
