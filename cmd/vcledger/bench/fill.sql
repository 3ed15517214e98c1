-- A ledger of 26 years for the benchmarks, posted in the order of its days. bench.contributors (a setting) says how many
-- contributors: each has some 500 lines, the first ten times as many. It pledges twice a year, to the general fund and to one
-- of twenty others, in a currency of its own, and pays most of it at another rate; every second one sends an expert a year, and
-- every third gives something that nobody pledged. bench.open (another, without which there are none) says how many more pledges
-- of the last year are agreed and not paid at all.

INSERT INTO idempotency_key (actor_id, key, request_hash, status, location, body) VALUES (1, 'large', '', 201, '', '');
INSERT INTO bank_account (code, name) VALUES ('BANK', 'The bank');
INSERT INTO fund (code, name, kind, recognition, services, charges, rate_source, bank_account)
    SELECT code, 'Fund ' || code, CASE code WHEN 'GEN' THEN 'general_purpose' ELSE 'special_purpose' END, 'on_agreement', 'disclosed', 'gross', 'un', 'BANK'
    FROM (SELECT 'GEN' AS code UNION ALL SELECT 'F' || f FROM generate_series(1, 20) f) f;
INSERT INTO contributor (code, name, kind)
    SELECT 'C' || c, 'Contributor ' || c, CASE WHEN c % 4 = 0 THEN 'private' ELSE 'state' END FROM generate_series(1, current_setting('bench.contributors')::int) c;

-- Ids sort by time, as those that the service gives.
CREATE FUNCTION pg_temp.id(on_date date, kind int, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex(on_date - date '1970-01-01'), 8, '0') || '-0000-7' || lpad(to_hex(kind), 3, '0') || '-8000-' || lpad(to_hex(n), 12, '0'))::uuid $$;

CREATE TEMP TABLE promise AS
    SELECT n, contributor, fund, contributor || '/' || n AS reference, on_date, currency, rate, reference % 10 <> 0 AS paid,
        1000 * rate AS amount, 1000 AS announced_usd, CASE currency WHEN 'USD' THEN 1000 ELSE 1020 END AS agreed_usd,
        CASE currency WHEN 'USD' THEN 1000 ELSE 1050 END AS received_usd,
        pg_temp.id(on_date, 1, n) AS pledge, pg_temp.id(on_date, 2, n) AS announced, pg_temp.id(on_date + 30, 3, n) AS agreed,
        pg_temp.id(on_date + 90, 4, n) AS received, pg_temp.id(on_date + 90, 5, n) AS receipt
    FROM (SELECT row_number() OVER (ORDER BY y, c, k) AS n, 'C' || c AS contributor, CASE WHEN k % 2 = 0 THEN 'GEN' ELSE 'F' || (c + k / 2) % 20 + 1 END AS fund,
              make_date(y, 1, 10) + (c * 7 + k * 13) % 180 AS on_date, c + y + k AS reference,
              (ARRAY['USD', 'EUR', 'GBP', 'JPY'])[c % 4 + 1] AS currency, (ARRAY[1, 0.8, 0.75, 110])[c % 4 + 1] AS rate
          FROM generate_series(2000, 2025) y, generate_series(1, current_setting('bench.contributors')::int) c,
              generate_series(1, CASE c WHEN 1 THEN 20 ELSE 2 END) k
          UNION ALL
          SELECT 1000000000 + o, 'C' || o % current_setting('bench.contributors')::int + 1, CASE WHEN o % 2 = 0 THEN 'GEN' ELSE 'F' || o % 20 + 1 END,
              date '2025-01-10' + o % 180, 0, CASE WHEN o % 3 = 0 THEN 'GBP' ELSE 'EUR' END, CASE WHEN o % 3 = 0 THEN 0.75 ELSE 0.8 END
          FROM generate_series(1, coalesce(nullif(current_setting('bench.open', true), ''), '0')::int) o) p;
CREATE TEMP TABLE gift AS -- an expert, or cash that nobody pledged
    SELECT n, 'C' || c AS contributor, on_date, expert, pg_temp.id(on_date, 6, n) AS id, pg_temp.id(on_date, 7, n) AS entry
    FROM (SELECT row_number() OVER (ORDER BY y, c, expert) AS n, c, expert, make_date(y, 6, 1) + c % 150 AS on_date
          FROM generate_series(2000, 2025) y, generate_series(1, current_setting('bench.contributors')::int) c, unnest(ARRAY[true, false]) expert
          WHERE CASE WHEN expert THEN c % 2 = 0 ELSE c % 3 = 0 END) g;

INSERT INTO pledge (id, reference, form, contributor, fund, fund_year, recognition, actor_id)
    SELECT pledge, reference, 'cash', contributor, fund, extract(year FROM on_date), 'on_agreement', 1 FROM promise ORDER BY pledge;
INSERT INTO receipt (id, bank_account, bank_reference, value_date, contributor, fund, fund_year, currency, amount, amount_usd, charges, credited, rate,
        rate_date, rate_source, actor_id)
    SELECT receipt, 'BANK', 'P' || n, on_date + 90, contributor, fund, extract(year FROM on_date), currency, amount, received_usd, 0, amount,
        round(amount / received_usd, 12), on_date + 90, 'un', 1
    FROM promise WHERE paid
    UNION ALL SELECT id, 'BANK', 'G' || n, on_date, contributor, 'GEN', extract(year FROM on_date), 'USD', 70, 70, 0, 70, 1, on_date, 'un', 1
    FROM gift WHERE NOT expert ORDER BY 1;
INSERT INTO delivery (id, contributor, fund, fund_year, delivered_on, category, description, quantity, pledged_quantity, unit, currency, amount, amount_usd,
        valuation_basis, actor_id)
    SELECT id, contributor, 'GEN', extract(year FROM on_date), on_date, 'expert', 'An expert', 10, 0, 'expert_day', 'USD', 5000, 5000, 'donor_stated', 1
    FROM gift WHERE expert ORDER BY 1;
INSERT INTO journal_entry (id, kind, effective_date, actor_id, idempotency_key, description, pledge_id, receipt_id, delivery_id)
    SELECT announced, 'pledge_announced', on_date, 1, 'large', '', pledge, NULL::uuid, NULL::uuid FROM promise
    UNION ALL SELECT agreed, 'pledge_agreed', on_date + 30, 1, 'large', '', pledge, NULL, NULL FROM promise
    UNION ALL SELECT received, 'receipt', on_date + 90, 1, 'large', '', NULL, receipt, NULL FROM promise WHERE paid
    UNION ALL SELECT entry, CASE WHEN expert THEN 'delivery' ELSE 'receipt' END, on_date, 1, 'large', '', NULL, CASE WHEN NOT expert THEN id END,
        CASE WHEN expert THEN id END FROM gift
    ORDER BY 1;
INSERT INTO pledge_event (id, pledge_id, kind, effective_date, currency, amount, amount_usd, entry_id, actor_id)
    SELECT announced, pledge, 'announced', on_date, currency, amount, announced_usd, announced, 1 FROM promise
    UNION ALL SELECT agreed, pledge, 'agreed', on_date + 30, currency, amount, agreed_usd, agreed, 1 FROM promise
    ORDER BY 1;
INSERT INTO journal_line (entry_id, number, effective_date, account, fund, contributor, bank_account, pledge_id, currency, amount, amount_usd, rate,
        rate_date, rate_source)
    SELECT l.entry, l.number, l.on_date, l.account, p.fund, CASE WHEN l.account <> '1010' THEN p.contributor END,
        CASE WHEN l.account = '1010' THEN 'BANK' END, CASE WHEN l.account <> '1010' THEN p.pledge END, l.currency, l.amount, l.usd,
        round(l.amount / l.usd, 12), l.on_date, 'un'
    FROM promise p
    CROSS JOIN LATERAL (VALUES
        (announced, 1, on_date, '9100', currency, amount, announced_usd), (announced, 2, on_date, '9190', currency, -amount, -announced_usd),
        (agreed, 1, on_date + 30, '1200', currency, amount, agreed_usd), (agreed, 2, on_date + 30, '4010', currency, -amount, -agreed_usd),
        (agreed, 3, on_date + 30, '9100', currency, -amount, -announced_usd), (agreed, 4, on_date + 30, '9190', currency, amount, announced_usd),
        (received, 1, on_date + 90, '1010', currency, amount, received_usd), (received, 2, on_date + 90, '1200', currency, -amount, -agreed_usd),
        (received, 3, on_date + 90, '4910', 'USD', agreed_usd - received_usd, agreed_usd - received_usd)
    ) l (entry, number, on_date, account, currency, amount, usd)
    WHERE (paid OR l.entry <> received) AND l.usd <> 0
    UNION ALL
    SELECT entry, l.number, on_date, l.account, 'GEN', CASE WHEN l.account <> '1010' THEN contributor END, CASE WHEN l.account = '1010' THEN 'BANK' END,
        NULL, 'USD', l.amount, l.amount, 1, on_date, 'un'
    FROM gift JOIN (VALUES (true, 1, '9300', 5000), (true, 2, '9390', -5000), (false, 1, '1010', 70), (false, 2, '4010', -70)) l (expert, number, account, amount)
        USING (expert)
    ORDER BY 1, 2;
INSERT INTO allocation (id, receipt_id, contributor, fund, fund_year, pledge_id, effective_date, currency, amount, amount_usd, entry_id, actor_id)
    SELECT pg_temp.id(on_date + 90, 8, n), receipt, contributor, fund, extract(year FROM on_date), pledge, on_date + 90, currency, amount, received_usd, received, 1
    FROM promise WHERE paid
    UNION ALL SELECT pg_temp.id(on_date, 9, n), id, contributor, 'GEN', extract(year FROM on_date), NULL, on_date, 'USD', 70, 70, entry, 1
    FROM gift WHERE NOT expert
    ORDER BY 1;
