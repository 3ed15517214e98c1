-- The floors of the bench. schema floor has the tables that a receipt is kept in, with the same columns and the same indexes, and
-- without a rule: no foreign key, no check, no trigger. schema least has the least that a double entry is made of: a transaction
-- under a unique key, and its lines, with two indexes.
CREATE SCHEMA floor;
CREATE TABLE floor.idempotency_key (LIKE public.idempotency_key INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING IDENTITY);
CREATE TABLE floor.audit (LIKE public.audit INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING IDENTITY);
CREATE TABLE floor.receipt (LIKE public.receipt INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING IDENTITY);
CREATE TABLE floor.journal_entry (LIKE public.journal_entry INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING IDENTITY);
CREATE TABLE floor.journal_line (LIKE public.journal_line INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING IDENTITY);
CREATE TABLE floor.allocation (LIKE public.allocation INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING IDENTITY);
CREATE TABLE floor.event_queue (LIKE public.event_queue INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING IDENTITY);

CREATE SCHEMA least;
CREATE TABLE least.transaction (
    id uuid PRIMARY KEY,
    key text NOT NULL UNIQUE,
    effective_date date NOT NULL,
    reference text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE least.line (
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
CREATE INDEX line_account ON least.line (account, effective_date);
