-- Donors read balances as everybody else does, from what the last closed year carries forward (migration 0100): of that, the rows of
-- their own contributor and of those under it.

-- +goose Up

ALTER TABLE opening_balance ENABLE ROW LEVEL SECURITY;
CREATE POLICY service ON opening_balance TO vcledger_service USING (true) WITH CHECK (true);
CREATE POLICY donor ON opening_balance FOR SELECT TO vcledger_donor USING (contributor = ANY ((SELECT donor_contributors())::text[]));
GRANT SELECT ON opening_balance TO vcledger_donor;

-- When a year was closed is told to whoever adds up balances; why, and what was looked at, stays in the table.
ALTER FUNCTION last_closing(text, date, timestamptz) SECURITY DEFINER SET search_path = public ROWS 1;
REVOKE ALL ON FUNCTION last_closing(text, date, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION last_closing(text, date, timestamptz) TO vcledger_service, vcledger_donor;
