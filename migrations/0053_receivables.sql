-- What a fund report adds up needs: the funds under a fund, found by their parent, and the balances of bank accounts that funds
-- share.

-- +goose Up

CREATE INDEX fund_parent ON fund (parent) WHERE parent IS NOT NULL;
CREATE INDEX journal_line_bank_account ON journal_line (bank_account, effective_date) INCLUDE (fund, recorded_at, currency, amount)
    WHERE bank_account IS NOT NULL;
