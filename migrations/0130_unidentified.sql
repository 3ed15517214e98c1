-- What is held for nobody known is little beside the journal, and is asked for all day: which receipts wait for a name.

-- +goose Up

CREATE INDEX journal_line_unidentified ON journal_line (receipt_id) INCLUDE (currency, amount) WHERE account = '2100';
