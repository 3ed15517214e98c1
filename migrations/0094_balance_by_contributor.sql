-- What is due and what stood open at the start of a year are added up from an index alone, whatever a fund's age.

-- +goose Up

DROP INDEX journal_line_balance;
CREATE INDEX journal_line_balance ON journal_line (fund, account, effective_date)
    INCLUDE (recorded_at, currency, amount, amount_usd, contributor, pledge_id);

-- What was valued again in a year is found without reading what was in others.
CREATE INDEX valuation_effective_date ON valuation (effective_date) WHERE delivery_id IS NOT NULL;
