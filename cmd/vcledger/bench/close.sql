-- Closes the years of the ledger of fill.sql but the last, fund by fund, as the service closes them: what the year earned goes
-- to the fund balance, and what it carries forward is kept. It is a transaction of its own, as a closed year takes no entry.

CREATE TEMP TABLE closed_year ON COMMIT DROP AS
    SELECT f.code AS fund, make_date(y, 1, 1) AS starts_on, make_date(y, 12, 31) AS ends_on,
        format('%s-0000-7010-8000-%s', lpad(to_hex(make_date(y, 12, 31) - date '1970-01-01'), 8, '0'), lpad(to_hex(row_number() OVER (ORDER BY y, f.code)), 12, '0'))::uuid AS entry,
        format('%s-0000-7011-8000-%s', lpad(to_hex(make_date(y, 12, 31) - date '1970-01-01'), 8, '0'), lpad(to_hex(row_number() OVER (ORDER BY y, f.code)), 12, '0'))::uuid AS event
    FROM generate_series(2000, 2024) y CROSS JOIN fund f;
CREATE TEMP TABLE earned ON COMMIT DROP AS
    SELECT y.fund, y.entry, y.ends_on, l.account, l.currency, -sum(l.amount) AS amount, -sum(l.amount_usd) AS amount_usd
    FROM closed_year y JOIN journal_line l ON l.fund = y.fund AND l.effective_date BETWEEN y.starts_on AND y.ends_on
    WHERE l.account BETWEEN '4000' AND '5999'
    GROUP BY y.fund, y.entry, y.ends_on, l.account, l.currency
    HAVING sum(l.amount_usd) <> 0;
INSERT INTO earned SELECT fund, entry, ends_on, '3000', 'USD', -sum(amount_usd), -sum(amount_usd) FROM earned GROUP BY fund, entry, ends_on HAVING sum(amount_usd) <> 0;

INSERT INTO idempotency_key (actor_id, key, request_hash, status, location, body) VALUES (1, 'large, closed', '', 201, '', '');
INSERT INTO journal_entry (id, kind, effective_date, actor_id, idempotency_key, description)
    SELECT DISTINCT entry, 'year_end', ends_on, 1, 'large, closed', 'Closing of ' || fund FROM earned ORDER BY entry;
INSERT INTO journal_line (entry_id, number, effective_date, account, fund, currency, amount, amount_usd, rate, rate_date, rate_source)
    SELECT entry, row_number() OVER (PARTITION BY entry ORDER BY account, currency), ends_on, account, fund, currency, amount, amount_usd,
        round(amount / amount_usd, 12), ends_on, 'carrying'
    FROM earned ORDER BY 1, 2;
INSERT INTO period (fund, starts_on, ends_on, closed) SELECT fund, starts_on, ends_on, true FROM closed_year;
INSERT INTO period_event (id, fund, starts_on, ends_on, action, reason, entry_id, actor_id)
    SELECT event, fund, starts_on, ends_on, 'closed', '', e.id, 1 FROM closed_year y LEFT JOIN journal_entry e ON e.id = y.entry ORDER BY event;

-- What a year carries forward is what the year before it did, and its own lines.
DO $$
DECLARE
    year_end date;
BEGIN
    FOR year_end IN SELECT DISTINCT ends_on FROM closed_year ORDER BY ends_on LOOP
        INSERT INTO opening_balance (event_id, account, contributor, bank_account, pledge_id, item_number, receipt_id, currency, amount, amount_usd)
        SELECT y.event, l.account, l.contributor, l.bank_account, l.pledge_id, l.item_number, l.receipt_id, l.currency, sum(l.amount), sum(l.amount_usd)
        FROM closed_year y
        CROSS JOIN LATERAL (
            SELECT account, contributor, bank_account, pledge_id, item_number, receipt_id, currency, amount, amount_usd FROM journal_line
            WHERE fund = y.fund AND effective_date BETWEEN y.starts_on AND y.ends_on AND (account < '4000' OR account >= '6000')
            UNION ALL
            SELECT o.account, o.contributor, o.bank_account, o.pledge_id, o.item_number, o.receipt_id, o.currency, o.amount, o.amount_usd
            FROM closed_year b JOIN opening_balance o ON o.event_id = b.event
            WHERE b.fund = y.fund AND b.ends_on = y.starts_on - 1) l
        WHERE y.ends_on = year_end
        GROUP BY y.event, l.account, l.contributor, l.bank_account, l.pledge_id, l.item_number, l.receipt_id, l.currency
        HAVING sum(l.amount) <> 0 OR sum(l.amount_usd) <> 0;
    END LOOP;
END $$;

INSERT INTO year_movement (event_id, account, currency, kind, released, recognition, amount, amount_usd)
    SELECT y.event, m.* FROM closed_year y CROSS JOIN LATERAL movement(y.fund, y.starts_on, y.ends_on, now()) m;
