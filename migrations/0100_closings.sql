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
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public ROWS 1 AS $$
    SELECT v.id, v.ends_on
    FROM period_event v
    WHERE v.fund = of_fund AND v.action = 'closed' AND v.ends_on - v.starts_on > 31
      AND v.ends_on <= through AND v.recorded_at <= known_at
      AND NOT EXISTS (SELECT FROM period_event x
                      WHERE x.fund = v.fund AND x.starts_on = v.starts_on AND x.ends_on = v.ends_on AND x.action = 'reopened'
                        AND x.recorded_at > v.recorded_at)
    ORDER BY v.ends_on DESC
    LIMIT 1
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION last_closing IS 'a fund''s last closed year up to a day, as known at an instant; a closing that was ever undone never counts, as lines came after it';

-- Donors read balances as everybody else does: of what is carried forward, the rows of their own contributor and of those under it.
-- When a year was closed is told to whoever adds up balances; why, and what was looked at, stays in the table.
REVOKE ALL ON FUNCTION last_closing(text, date, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION last_closing(text, date, timestamptz) TO vcledger_service, vcledger_donor;
ALTER TABLE opening_balance ENABLE ROW LEVEL SECURITY;
CREATE POLICY service ON opening_balance TO vcledger_service USING (true) WITH CHECK (true);
CREATE POLICY donor ON opening_balance FOR SELECT TO vcledger_donor USING (contributor = ANY ((SELECT donor_contributors())::text[]));
GRANT SELECT ON opening_balance TO vcledger_donor;

-- Plain SQL, so that PostgreSQL puts it into the query that calls it, and reads only what that asks for.
-- +goose StatementBegin
CREATE FUNCTION balance_line(of_fund text, through date, known_at timestamptz)
RETURNS TABLE (account text, contributor text, bank_account text, pledge_id uuid, currency text, amount numeric, amount_usd numeric)
LANGUAGE sql STABLE AS $$
    SELECT o.account, o.contributor, o.bank_account, o.pledge_id, o.currency, o.amount, o.amount_usd
    FROM last_closing(of_fund, through, known_at) c
    JOIN opening_balance o ON o.event_id = c.event_id
    UNION ALL
    SELECT l.account, l.contributor, l.bank_account, l.pledge_id, l.currency, l.amount, l.amount_usd
    FROM (SELECT coalesce(max(c.ends_on), '-infinity') AS ends_on FROM last_closing(of_fund, through, known_at) c) since
    JOIN journal_line l ON l.fund = of_fund AND l.effective_date > since.ends_on AND l.effective_date <= through AND l.recorded_at <= known_at
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION balance_line IS 'what a fund''s balances up to a day add up, as known at an instant: what the last closed year carries forward, and the lines since';

-- What a year moved, told apart by what moved it, is kept at its closing as well: a report compares five years and reads the lines
-- of one.
CREATE TABLE year_movement (
    event_id    uuid NOT NULL CONSTRAINT year_movement_event_id_fkey REFERENCES period_event,
    account     text NOT NULL CONSTRAINT year_movement_account_fkey REFERENCES account,
    currency    text NOT NULL CONSTRAINT year_movement_currency_fkey REFERENCES currency,
    kind        text NOT NULL CONSTRAINT year_movement_kind_fkey REFERENCES entry_kind,
    released    boolean NOT NULL,
    recognition text NOT NULL,
    amount      numeric NOT NULL,
    amount_usd  numeric NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT year_movement_pkey PRIMARY KEY (event_id, account, currency, kind, released, recognition)
);
COMMENT ON TABLE year_movement IS 'what a closed year moved, as it was closed; the lines stay the truth, and vcledger verify holds the two equal';

-- +goose StatementBegin
CREATE FUNCTION moved_line(of_fund text, since date, through date, known_at timestamptz)
RETURNS TABLE (account text, contributor text, currency text, receipt_id uuid, amount numeric, amount_usd numeric, kind text, released boolean, recognition text)
LANGUAGE sql STABLE AS $$
    SELECT n.account, n.contributor, n.currency, n.receipt_id, n.amount, n.amount_usd, n.kind, n.released,
        coalesce(CASE WHEN n.released THEN (SELECT p.recognition FROM pledge p WHERE p.id = n.pledge_id) END, '')
    FROM (SELECT k.*, k.account = '9100' AND k.kind = 'pledge_announced' AND (k.amount < 0) = (k.reverses IS NULL) AS released
          FROM (SELECT l.account, l.contributor, l.currency, l.pledge_id, l.amount, l.amount_usd, e.reverses, e.receipt_id,
                    CASE WHEN e.reverses IS NULL THEN e.kind ELSE (SELECT o.kind FROM journal_entry o WHERE o.id = e.reverses) END AS kind
                FROM journal_line l
                JOIN journal_entry e ON e.id = l.entry_id AND e.effective_date BETWEEN since AND through
                WHERE l.fund = of_fund AND l.effective_date BETWEEN since AND through AND l.recorded_at <= known_at) k) n
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION moved_line IS 'a fund''s lines of some days, as known at an instant, with what moved them: the kind of a reversal is that of what it reverses; released is the part of an announcement that had been kept or agreed before it was announced, and recognition that of its pledge';

-- +goose StatementBegin
CREATE FUNCTION movement(of_fund text, since date, through date, known_at timestamptz)
RETURNS TABLE (account text, currency text, kind text, released boolean, recognition text, amount numeric, amount_usd numeric)
LANGUAGE sql STABLE AS $$
    SELECT l.account, l.currency, l.kind, l.released, l.recognition, sum(l.amount), sum(l.amount_usd)
    FROM moved_line(of_fund, since, through, known_at) l
    GROUP BY 1, 2, 3, 4, 5
    HAVING sum(l.amount) <> 0 OR sum(l.amount_usd) <> 0
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION movement IS 'what the lines of some days moved, by what moved them, as known at an instant';

INSERT INTO year_movement (event_id, account, currency, kind, released, recognition, amount, amount_usd, recorded_at)
    SELECT v.id, m.*, v.recorded_at
    FROM period_event v CROSS JOIN LATERAL movement(v.fund, v.starts_on, v.ends_on, v.recorded_at) m
    WHERE v.action = 'closed' AND v.ends_on - v.starts_on > 31;

CREATE TRIGGER year_movement_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON year_movement EXECUTE FUNCTION refuse_change();
CREATE TRIGGER year_movement_recorded_at BEFORE INSERT ON year_movement FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
GRANT SELECT, INSERT ON year_movement TO vcledger_service;
