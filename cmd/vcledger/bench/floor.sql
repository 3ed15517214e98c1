-- The floor of the bench: the least that a double entry is made of, without a rule. The rows are those of a receipt with an
-- allocation and an exchange difference: one transaction under a unique key and three lines with two indexes.
CREATE SCHEMA floor;
CREATE TABLE floor.transaction (
    id uuid PRIMARY KEY,
    key text NOT NULL UNIQUE,
    effective_date date NOT NULL,
    reference text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE floor.line (
    transaction_id uuid NOT NULL,
    number smallint NOT NULL,
    account text NOT NULL,
    pledge_id uuid,
    effective_date date NOT NULL,
    currency text NOT NULL,
    amount numeric NOT NULL,
    amount_usd numeric NOT NULL,
    PRIMARY KEY (transaction_id, number)
);
CREATE INDEX line_account ON floor.line (account, effective_date);
