-- A pledge that grows or shrinks: two more legs, and the kind of entry that they make.

-- +goose Up

ALTER TABLE pledge_event DROP CONSTRAINT pledge_event_kind_known;
ALTER TABLE pledge_event ADD CONSTRAINT pledge_event_kind_known
    CHECK (kind IN ('announced', 'agreed', 'increased', 'reduced', 'cancelled', 'written_off')) NOT VALID;
ALTER TABLE pledge_event VALIDATE CONSTRAINT pledge_event_kind_known;

ALTER TABLE journal_entry DROP CONSTRAINT journal_entry_kind_known;
ALTER TABLE journal_entry ADD CONSTRAINT journal_entry_kind_known CHECK (kind IN
    ('pledge_announced', 'pledge_agreed', 'pledge_adjusted', 'pledge_cancelled', 'pledge_written_off', 'receipt',
     'identification', 'advance_applied', 'delivery', 'revaluation', 'reversal')) NOT VALID;
ALTER TABLE journal_entry VALIDATE CONSTRAINT journal_entry_kind_known;
