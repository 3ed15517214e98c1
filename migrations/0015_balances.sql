-- What is outstanding, deferred or held is never less than nothing.

-- +goose Up

-- +goose StatementBegin
CREATE FUNCTION check_balances() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    below text;
BEGIN
    SELECT l.account INTO below FROM journal_line l
    WHERE l.pledge_id IN (SELECT n.pledge_id FROM journal_line n WHERE n.entry_id = NEW.id AND n.pledge_id IS NOT NULL)
      AND l.account IN ('1200', '2200', '2400', '9100', '9200')
    GROUP BY l.pledge_id, l.account, l.item_number, l.receipt_id, l.currency
    HAVING CASE WHEN l.account IN ('2200', '2400') THEN -sum(l.amount) ELSE sum(l.amount) END < 0
    LIMIT 1;
    IF below IS NULL THEN
        SELECT l.account INTO below FROM journal_line l
        WHERE l.receipt_id IN (SELECT n.receipt_id FROM journal_line n WHERE n.entry_id = NEW.id AND n.receipt_id IS NOT NULL)
          AND l.account IN ('2100', '2200', '2500')
        GROUP BY l.receipt_id, l.account, l.contributor, l.pledge_id, l.currency
        HAVING sum(l.amount) > 0
        LIMIT 1;
    END IF;
    IF below IS NOT NULL THEN
        RAISE EXCEPTION 'journal entry % leaves less than nothing on account %', NEW.id, below
            USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_entry_balance_negative', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION check_balances IS
    'at commit: no pledge has less than nothing outstanding or deferred, and no receipt holds or owes less than nothing, in any currency';

CREATE CONSTRAINT TRIGGER journal_entry_balances AFTER INSERT ON journal_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_balances();
