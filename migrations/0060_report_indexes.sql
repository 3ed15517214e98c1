-- What a statement and a fund's year read of the journal stands in one index each, so that they read a few pages beside each
-- other and not a page of the table for each line.

-- +goose Up

DROP INDEX journal_line_contributor;
CREATE INDEX journal_line_contributor ON journal_line (contributor, effective_date)
    INCLUDE (recorded_at, fund, account, pledge_id, item_number, currency, amount, amount_usd, entry_id) WHERE contributor IS NOT NULL;
CREATE INDEX journal_line_fund_year ON journal_line (fund, effective_date)
    INCLUDE (recorded_at, account, contributor, currency, amount, amount_usd, pledge_id, entry_id);
CREATE INDEX allocation_entry_id ON allocation (entry_id);
