-- The check of balances reads only the lines of the pledges and receipts that an entry names, however the planner sees the
-- table: a register of thousands of entries in one transaction is checked at its end, with statistics of an empty table.

-- +goose Up

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION check_balances() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    below text;
BEGIN
    SELECT b.account INTO below
    FROM (SELECT DISTINCT n.pledge_id FROM journal_line n WHERE n.entry_id = NEW.id AND n.pledge_id IS NOT NULL) n
    CROSS JOIN LATERAL (
        SELECT l.account FROM journal_line l
        WHERE l.pledge_id = n.pledge_id AND l.account IN ('1200', '2200', '2400', '9100', '9200')
        GROUP BY l.account, l.item_number, l.receipt_id, l.currency
        HAVING CASE WHEN l.account IN ('2200', '2400') THEN -sum(l.amount) ELSE sum(l.amount) END < 0
        LIMIT 1) b
    LIMIT 1;
    IF below IS NULL THEN
        SELECT b.account INTO below
        FROM (SELECT DISTINCT n.receipt_id FROM journal_line n WHERE n.entry_id = NEW.id AND n.receipt_id IS NOT NULL) n
        CROSS JOIN LATERAL (
            SELECT l.account FROM journal_line l
            WHERE l.receipt_id = n.receipt_id AND l.account IN ('2100', '2200', '2500')
            GROUP BY l.account, l.contributor, l.pledge_id, l.currency
            HAVING sum(l.amount) > 0
            LIMIT 1) b
        LIMIT 1;
    END IF;
    IF below IS NOT NULL THEN
        RAISE EXCEPTION 'journal entry % leaves less than nothing on account %', NEW.id, below
            USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_entry_balance_negative', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
