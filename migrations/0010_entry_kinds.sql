-- The kinds of entry as data, as the chart of accounts is: a kind more is a row more.

-- +goose Up

CREATE TABLE entry_kind (
    code text CONSTRAINT entry_kind_pkey PRIMARY KEY
);
COMMENT ON TABLE entry_kind IS 'which event an entry records';
INSERT INTO entry_kind (code) VALUES
    ('pledge_announced'), ('pledge_agreed'), ('pledge_adjusted'), ('pledge_cancelled'), ('pledge_written_off'),
    ('receipt'), ('identification'), ('advance_applied'), ('delivery'), ('revaluation'), ('condition_met'),
    ('refund'), ('refund_paid'), ('allowance'), ('expenditure'), ('programme_support'), ('levy'), ('interest'),
    ('in_kind_revalued'), ('manual'), ('year_end'), ('reversal');

ALTER TABLE journal_entry DROP CONSTRAINT journal_entry_kind_known;
ALTER TABLE journal_entry ADD CONSTRAINT journal_entry_kind_known FOREIGN KEY (kind) REFERENCES entry_kind NOT VALID;
ALTER TABLE journal_entry VALIDATE CONSTRAINT journal_entry_kind_known;

GRANT SELECT ON entry_kind TO vcledger_service;
