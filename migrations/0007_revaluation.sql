-- Foreign receivables and cash at the closing rate of a day: one more kind of entry.

-- +goose Up

ALTER TABLE journal_entry DROP CONSTRAINT journal_entry_kind_known;
ALTER TABLE journal_entry ADD CONSTRAINT journal_entry_kind_known CHECK (kind IN
    ('pledge_announced', 'pledge_agreed', 'pledge_cancelled', 'pledge_written_off', 'receipt',
     'identification', 'advance_applied', 'delivery', 'revaluation', 'reversal')) NOT VALID;
ALTER TABLE journal_entry VALIDATE CONSTRAINT journal_entry_kind_known;
