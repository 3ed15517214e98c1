-- What a fund report adds up needs: the funds under a fund, found by their parent.

-- +goose Up

CREATE INDEX fund_parent ON fund (parent) WHERE parent IS NOT NULL;
