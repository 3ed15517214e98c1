-- What a fund's balances add up to is read from what its last closed year carries forward and from the lines since, so that a
-- report costs what its open years hold and not what the ledger does.

-- +goose Up

-- A closing or a reopening is recorded after all that it counts: at any instant at which it is known, so are the lines and the
-- events that it stands on. A transaction that began before another and got its turn after it is refused, and tried again with
-- a later clock.
-- +goose StatementBegin
CREATE FUNCTION check_period_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM period_event v
    WHERE v.fund = NEW.fund AND v.id <> NEW.id
      AND (v.recorded_at > NEW.recorded_at OR v.recorded_at = NEW.recorded_at AND (v.starts_on, v.ends_on) = (NEW.starts_on, NEW.ends_on));
    IF NOT FOUND AND NEW.action = 'closed' THEN
        PERFORM FROM journal_line l WHERE l.fund = NEW.fund AND l.effective_date <= NEW.ends_on AND l.recorded_at > NEW.recorded_at;
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION 'something that % to % of % counts was recorded after it', NEW.starts_on, NEW.ends_on, NEW.fund
            USING ERRCODE = 'serialization_failure', CONSTRAINT = 'period_event_in_order', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER period_event_in_order AFTER INSERT ON period_event FOR EACH ROW EXECUTE FUNCTION check_period_order();

-- +goose StatementBegin
CREATE FUNCTION last_closing(of_fund text, through date, known_at timestamptz) RETURNS TABLE (event_id uuid, ends_on date)
LANGUAGE sql STABLE AS $$
    SELECT v.id, v.ends_on
    FROM period_event v
    WHERE v.fund = of_fund AND v.action = 'closed' AND v.starts_on = date_trunc('year', v.ends_on) AND v.ends_on - v.starts_on > 31
      AND v.ends_on <= through AND v.recorded_at <= known_at
      AND NOT EXISTS (SELECT FROM period_event x
                      WHERE x.fund = v.fund AND x.starts_on = v.starts_on AND x.ends_on = v.ends_on AND x.action = 'reopened'
                        AND x.recorded_at > v.recorded_at)
    ORDER BY v.ends_on DESC
    LIMIT 1
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION last_closing IS 'a fund''s last closed year up to a day, as known at an instant; a closing that was ever undone never counts, as lines came after it';

-- Plain SQL, so that PostgreSQL puts it into the query that calls it, and reads only what that asks for.
-- +goose StatementBegin
CREATE FUNCTION balance_line(funds text[], through date, known_at timestamptz)
RETURNS TABLE (fund text, account text, contributor text, bank_account text, pledge_id uuid, currency text, amount numeric, amount_usd numeric)
LANGUAGE sql STABLE AS $$
    SELECT f.code, o.account, o.contributor, o.bank_account, o.pledge_id, o.currency, o.amount, o.amount_usd
    FROM fund f
    CROSS JOIN LATERAL last_closing(f.code, through, known_at) c
    JOIN opening_balance o ON o.event_id = c.event_id
    WHERE f.code = ANY (funds)
    UNION ALL
    SELECT f.code, l.account, l.contributor, l.bank_account, l.pledge_id, l.currency, l.amount, l.amount_usd
    FROM fund f
    LEFT JOIN LATERAL last_closing(f.code, through, known_at) c ON true
    JOIN journal_line l ON l.fund = f.code AND l.effective_date > coalesce(c.ends_on, '-infinity') AND l.effective_date <= through
        AND l.recorded_at <= known_at
    WHERE f.code = ANY (funds)
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION balance_line IS 'what some funds'' balances up to a day add up, as known at an instant: what the last closed year carries forward, and the lines since';
