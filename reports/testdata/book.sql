-- A small book for the tests of this package, posted by plain SQL: two funds, three contributors, and each untidy case
-- that a statement has to tell. A line reads: account fund contributor bank-account pledge item receipt currency amount
-- USD, with - for none. Ids are made of a kind of record and a number: P1 is pledge 1, R receipts, D deliveries, E entries.

CREATE FUNCTION pg_temp.id(name text) RETURNS uuid LANGUAGE sql AS $$
    SELECT CASE WHEN name <> '-' THEN
        ('00000000-0000-7000-8' || lpad(ascii(name)::text, 3, '0') || '-' || lpad(substr(name, 2), 12, '0'))::uuid END
$$;

CREATE FUNCTION pg_temp.post(entry text, kind text, on_date date, subject text, lines text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO journal_entry (id, kind, effective_date, actor_id, idempotency_key, description, pledge_id, receipt_id, delivery_id)
    VALUES (pg_temp.id(entry), kind, on_date, 1, (SELECT max(key) FROM idempotency_key), kind || ' ' || subject,
        pg_temp.id(coalesce(substring(subject FROM 'P\d+'), '-')), pg_temp.id(coalesce(substring(subject FROM 'R\d+'), '-')),
        pg_temp.id(coalesce(substring(subject FROM 'D\d+'), '-')));
    INSERT INTO journal_line (entry_id, number, effective_date, account, fund, contributor, bank_account, pledge_id, item_number,
        receipt_id, currency, amount, amount_usd, rate, rate_date, rate_source)
    SELECT pg_temp.id(entry), l.n, on_date, f[1], f[2], nullif(f[3], '-'), nullif(f[4], '-'), pg_temp.id(f[5]), nullif(f[6], '-')::smallint,
        pg_temp.id(f[7]), f[8], f[9]::numeric, f[10]::numeric,
        CASE WHEN f[8] <> 'USD' AND f[10]::numeric <> 0 THEN round(f[9]::numeric / f[10]::numeric, 12) END,
        CASE WHEN f[8] <> 'USD' THEN on_date END, CASE WHEN f[8] <> 'USD' THEN 'stated' END
    FROM string_to_table(lines, ';') WITH ORDINALITY l (line, n), regexp_split_to_array(trim(E' \n' FROM l.line), '\s+') f;
END $$;

CREATE FUNCTION pg_temp.reverse(entry text, on_date date, of_entry text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO journal_entry (id, kind, effective_date, actor_id, idempotency_key, description, reason, reverses, pledge_id, receipt_id, delivery_id)
    SELECT pg_temp.id(entry), 'reversal', on_date, 1, (SELECT max(key) FROM idempotency_key), 'reversal', 'recorded wrongly', id,
        pledge_id, receipt_id, delivery_id FROM journal_entry WHERE id = pg_temp.id(of_entry);
    INSERT INTO journal_line (entry_id, number, effective_date, account, fund, contributor, bank_account, pledge_id, item_number,
        receipt_id, currency, amount, amount_usd, rate, rate_date, rate_source)
    SELECT pg_temp.id(entry), number, on_date, account, fund, contributor, bank_account, pledge_id, item_number,
        receipt_id, currency, -amount, -amount_usd, rate, rate_date, rate_source FROM journal_line WHERE entry_id = pg_temp.id(of_entry);
$$;

CREATE FUNCTION pg_temp.pledge(p text, form text, contributor text, fund text, year int) RETURNS void LANGUAGE sql AS $$
    INSERT INTO pledge (id, reference, form, contributor, fund, fund_year, recognition, actor_id)
    SELECT pg_temp.id(p), contributor || '-' || p, form, contributor, f.code, year, f.recognition, 1 FROM fund f WHERE f.code = $4
$$;

CREATE FUNCTION pg_temp.leg(p text, kind text, on_date date, currency text, amount numeric, usd numeric, entry text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO pledge_event (id, pledge_id, kind, effective_date, currency, amount, amount_usd, entry_id, actor_id)
    VALUES (gen_random_uuid(), pg_temp.id(p), kind, on_date, nullif(currency, '-'), amount, usd, pg_temp.id(entry), 1)
$$;

CREATE FUNCTION pg_temp.receipt(r text, on_date date, contributor text, fund text, currency text, credited numeric, usd numeric,
    charges numeric DEFAULT 0, reference text DEFAULT NULL, payer text DEFAULT '', replaces text DEFAULT '-') RETURNS void LANGUAGE sql AS $$
    INSERT INTO receipt (id, bank_account, bank_reference, value_date, contributor, fund, fund_year, currency, amount, amount_usd, charges,
        credited, rate, rate_date, rate_source, payer, replaces, actor_id)
    VALUES (pg_temp.id(r), 'BANK', coalesce(reference, 'REF-' || r), on_date, nullif(contributor, '-'), fund, extract(year FROM on_date), currency,
        credited - charges, round(usd * (credited - charges) / credited, 2), charges, credited,
        CASE WHEN currency <> 'USD' THEN round(credited / usd, 12) END, CASE WHEN currency <> 'USD' THEN on_date END,
        CASE WHEN currency <> 'USD' THEN 'un' END, payer, pg_temp.id(replaces), 1)
$$;

CREATE FUNCTION pg_temp.allocate(a text, r text, on_date date, contributor text, fund text, year int, p text, currency text, amount numeric,
    usd numeric, entry text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO allocation (id, receipt_id, contributor, fund, fund_year, pledge_id, effective_date, currency, amount, amount_usd, entry_id, actor_id)
    VALUES (pg_temp.id(a), pg_temp.id(r), contributor, fund, year, pg_temp.id(p), on_date, currency, amount, usd, pg_temp.id(entry), 1)
$$;

CREATE FUNCTION pg_temp.deliver(d text, contributor text, fund text, p text, item int, period_from date, on_date date, category text,
    description text, quantity numeric, unit text, currency text, amount numeric, usd numeric, evidence text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO delivery (id, contributor, fund, fund_year, pledge_id, item_number, period_from, delivered_on, category, description, quantity,
        pledged_quantity, unit, currency, amount, amount_usd, rate, rate_date, rate_source, valuation_basis, evidence, actor_id)
    VALUES (pg_temp.id(d), contributor, fund, extract(year FROM on_date), pg_temp.id(p), item, period_from, on_date, category, description, quantity,
        CASE WHEN p = '-' THEN 0 ELSE quantity END, unit, currency, amount, usd, CASE WHEN currency <> 'USD' THEN round(amount / usd, 12) END,
        CASE WHEN currency <> 'USD' THEN on_date END, CASE WHEN currency <> 'USD' THEN 'un' END, 'donor_stated', evidence, 1)
$$;

INSERT INTO idempotency_key (actor_id, key, request_hash, status, location, body) VALUES (1, 'book-1', '', 201, '', '');
INSERT INTO bank_account (code, name) VALUES ('BANK', 'The bank');
INSERT INTO fund (code, name, kind, recognition, services, charges, rate_source, bank_account, illustrative) VALUES
    ('GEN', 'General Purpose Fund', 'general_purpose', 'on_agreement', 'disclosed', 'gross', 'un', 'BANK', false),
    ('SPF', 'Special Purpose Fund', 'special_purpose', 'on_receipt', 'recognised', 'gross', 'un', 'BANK', true);
INSERT INTO contributor (code, name, kind, country) VALUES
    ('XAA', 'Exampleland', 'state', 'XAA'),
    ('XBB', 'بنك التنمية الإقليمي', 'rdb', NULL),
    ('XCC', '示例市人民政府', 'local_authority', 'XCC');

-- P1: agreed at another rate than announced, paid in part with bank charges and an exchange gain.
SELECT pg_temp.pledge('P1', 'cash', 'XAA', 'GEN', 2024);
SELECT pg_temp.post('E1', 'pledge_announced', '2023-11-10', 'P1', '
    9100 GEN XAA - P1 - - EUR 100000.00 110000.00;
    9190 GEN XAA - P1 - - EUR -100000.00 -110000.00');
SELECT pg_temp.leg('P1', 'announced', '2023-11-10', 'EUR', 100000, 110000, 'E1');
SELECT pg_temp.post('E2', 'pledge_agreed', '2024-02-01', 'P1', '
    1200 GEN XAA - P1 - - EUR 100000.00 108000.00;
    4010 GEN XAA - P1 - - EUR -100000.00 -108000.00;
    9100 GEN XAA - P1 - - EUR -100000.00 -110000.00;
    9190 GEN XAA - P1 - - EUR 100000.00 110000.00');
SELECT pg_temp.leg('P1', 'agreed', '2024-02-01', 'EUR', 100000, 108000, 'E2');
SELECT pg_temp.receipt('R1', '2024-03-15', 'XAA', 'GEN', 'EUR', 60000, 65400, 25, NULL, 'Treasury of Exampleland');
SELECT pg_temp.post('E3', 'receipt', '2024-03-15', 'R1', '
    1010 GEN - BANK - - - EUR 59975.00 65372.75;
    5800 GEN - - - - - EUR 25.00 27.25;
    1200 GEN XAA - P1 - - EUR -60000.00 -64800.00;
    4910 GEN XAA - P1 - - USD -600.00 -600.00');
SELECT pg_temp.allocate('A1', 'R1', '2024-03-15', 'XAA', 'GEN', 2024, 'P1', 'EUR', 60000, 65400, 'E3');

-- P2: agreed for less than announced, paid above the agreement, the rest written off.
SELECT pg_temp.pledge('P2', 'cash', 'XAA', 'GEN', 2024);
SELECT pg_temp.post('E4', 'pledge_announced', '2024-04-01', 'P2', '
    9100 GEN XAA - P2 - - USD 50000.00 50000.00;
    9190 GEN XAA - P2 - - USD -50000.00 -50000.00');
SELECT pg_temp.leg('P2', 'announced', '2024-04-01', 'USD', 50000, 50000, 'E4');
SELECT pg_temp.post('E5', 'pledge_agreed', '2024-05-02', 'P2', '
    1200 GEN XAA - P2 - - USD 45000.00 45000.00;
    4010 GEN XAA - P2 - - USD -45000.00 -45000.00;
    9100 GEN XAA - P2 - - USD -45000.00 -45000.00;
    9190 GEN XAA - P2 - - USD 45000.00 45000.00');
SELECT pg_temp.leg('P2', 'agreed', '2024-05-02', 'USD', 45000, 45000, 'E5');
SELECT pg_temp.receipt('R2', '2024-06-10', 'XAA', 'GEN', 'USD', 48000, 48000);
SELECT pg_temp.post('E6', 'receipt', '2024-06-10', 'R2', '
    1010 GEN - BANK - - - USD 48000.00 48000.00;
    1200 GEN XAA - P2 - - USD -45000.00 -45000.00;
    4010 GEN XAA - P2 - - USD -3000.00 -3000.00;
    9100 GEN XAA - P2 - - USD -3000.00 -3000.00;
    9190 GEN XAA - P2 - - USD 3000.00 3000.00');
SELECT pg_temp.allocate('A2', 'R2', '2024-06-10', 'XAA', 'GEN', 2024, 'P2', 'USD', 48000, 48000, 'E6');
SELECT pg_temp.post('E7', 'pledge_written_off', '2024-12-01', 'P2', '
    9100 GEN XAA - P2 - - USD -2000.00 -2000.00;
    9190 GEN XAA - P2 - - USD 2000.00 2000.00');
SELECT pg_temp.leg('P2', 'written_off', '2024-12-01', 'USD', 2000, 2000, 'E7');

-- P3: announced in one currency, agreed in another, cancelled.
SELECT pg_temp.pledge('P3', 'cash', 'XAA', 'GEN', 2024);
SELECT pg_temp.post('E8', 'pledge_announced', '2024-01-10', 'P3', '
    9100 GEN XAA - P3 - - EUR 10000.00 11000.00;
    9190 GEN XAA - P3 - - EUR -10000.00 -11000.00');
SELECT pg_temp.leg('P3', 'announced', '2024-01-10', 'EUR', 10000, 11000, 'E8');
SELECT pg_temp.post('E9', 'pledge_agreed', '2024-06-01', 'P3', '
    1200 GEN XAA - P3 - - USD 12000.00 12000.00;
    4010 GEN XAA - P3 - - USD -12000.00 -12000.00;
    9100 GEN XAA - P3 - - EUR -10000.00 -11000.00;
    9190 GEN XAA - P3 - - EUR 10000.00 11000.00');
SELECT pg_temp.leg('P3', 'agreed', '2024-06-01', 'USD', 12000, 12000, 'E9');
SELECT pg_temp.post('E10', 'pledge_cancelled', '2024-09-01', 'P3', '
    4010 GEN XAA - P3 - - USD 12000.00 12000.00;
    1200 GEN XAA - P3 - - USD -12000.00 -12000.00');
SELECT pg_temp.leg('P3', 'cancelled', '2024-09-01', 'USD', 12000, 12000, 'E10');

-- P4: recognised on receipt, and the cash came before the announcement; three decimals.
SELECT pg_temp.pledge('P4', 'cash', 'XAA', 'SPF', 2024);
SELECT pg_temp.receipt('R3', '2024-02-20', 'XAA', 'SPF', 'KWD', 1000.500, 3300);
SELECT pg_temp.post('E11', 'receipt', '2024-02-20', 'R3', '
    1010 SPF - BANK - - - KWD 1000.500 3300.00;
    4010 SPF XAA - P4 - - KWD -1000.500 -3300.00');
SELECT pg_temp.allocate('A3', 'R3', '2024-02-20', 'XAA', 'SPF', 2024, 'P4', 'KWD', 1000.500, 3300, 'E11');
SELECT pg_temp.post('E12', 'pledge_announced', '2024-03-01', 'P4', '
    9100 SPF XAA - P4 - - KWD 3000.000 9900.00;
    9190 SPF XAA - P4 - - KWD -3000.000 -9900.00;
    9100 SPF XAA - P4 - - KWD -1000.500 -3301.65;
    9190 SPF XAA - P4 - - KWD 1000.500 3301.65');
SELECT pg_temp.leg('P4', 'announced', '2024-03-01', 'KWD', 3000, 9900, 'E12');

-- P5: settled two years before. P6: announced a year after.
SELECT pg_temp.pledge('P5', 'cash', 'XAA', 'GEN', 2022);
SELECT pg_temp.post('E13', 'pledge_agreed', '2022-02-02', 'P5', '
    1200 GEN XAA - P5 - - USD 1000.00 1000.00;
    4010 GEN XAA - P5 - - USD -1000.00 -1000.00');
SELECT pg_temp.leg('P5', 'agreed', '2022-02-02', 'USD', 1000, 1000, 'E13');
SELECT pg_temp.receipt('R20', '2022-03-03', 'XAA', 'GEN', 'USD', 1000, 1000);
SELECT pg_temp.post('E14', 'receipt', '2022-03-03', 'R20', '
    1010 GEN - BANK - - - USD 1000.00 1000.00;
    1200 GEN XAA - P5 - - USD -1000.00 -1000.00');
SELECT pg_temp.allocate('A20', 'R20', '2022-03-03', 'XAA', 'GEN', 2022, 'P5', 'USD', 1000, 1000, 'E14');
SELECT pg_temp.pledge('P6', 'cash', 'XAA', 'GEN', 2025);
SELECT pg_temp.post('E15', 'pledge_announced', '2025-02-01', 'P6', '
    9100 GEN XAA - P6 - - USD 7000.00 7000.00;
    9190 GEN XAA - P6 - - USD -7000.00 -7000.00');
SELECT pg_temp.leg('P6', 'announced', '2025-02-01', 'USD', 7000, 7000, 'E15');

-- R4: of the year before, reversed in this one. R5: reversed at once and recorded anew as R6, which is reversed a year later.
SELECT pg_temp.receipt('R4', '2023-10-05', 'XAA', 'GEN', 'USD', 2500, 2500);
SELECT pg_temp.post('E16', 'receipt', '2023-10-05', 'R4', '
    1010 GEN - BANK - - - USD 2500.00 2500.00;
    4010 GEN XAA - - - - USD -2500.00 -2500.00');
SELECT pg_temp.allocate('A4', 'R4', '2023-10-05', 'XAA', 'GEN', 2023, '-', 'USD', 2500, 2500, 'E16');
SELECT pg_temp.reverse('E17', '2024-01-20', 'E16');
SELECT pg_temp.receipt('R5', '2024-07-01', 'XAA', 'GEN', 'USD', 900, 900, reference => 'WIRE-7');
SELECT pg_temp.post('E18', 'receipt', '2024-07-01', 'R5', '
    1010 GEN - BANK - - - USD 900.00 900.00;
    4010 GEN XAA - - - - USD -900.00 -900.00');
SELECT pg_temp.allocate('A5', 'R5', '2024-07-01', 'XAA', 'GEN', 2024, '-', 'USD', 900, 900, 'E18');
SELECT pg_temp.reverse('E19', '2024-07-03', 'E18');
SELECT pg_temp.receipt('R6', '2024-07-01', 'XAA', 'GEN', 'USD', 990, 990, reference => 'WIRE-7', replaces => 'R5');
SELECT pg_temp.post('E20', 'receipt', '2024-07-01', 'R6', '
    1010 GEN - BANK - - - USD 990.00 990.00;
    4010 GEN XAA - - - - USD -990.00 -990.00');
SELECT pg_temp.allocate('A6', 'R6', '2024-07-01', 'XAA', 'GEN', 2024, '-', 'USD', 990, 990, 'E20');
SELECT pg_temp.reverse('E21', '2025-03-01', 'E20');

-- R7: unidentified, identified the year after. R8: shared by two contributors. R11: never identified.
SELECT pg_temp.receipt('R7', '2023-12-20', '-', 'GEN', 'USD', 5000, 5000, payer => 'NOT KNOWN');
SELECT pg_temp.post('E22', 'receipt', '2023-12-20', 'R7', '
    1010 GEN - BANK - - - USD 5000.00 5000.00;
    2100 GEN - - - - R7 USD -5000.00 -5000.00');
SELECT pg_temp.post('E23', 'identification', '2024-01-15', 'R7', '
    2100 GEN - - - - R7 USD 5000.00 5000.00;
    4010 GEN XAA - - - - USD -5000.00 -5000.00');
SELECT pg_temp.allocate('A7', 'R7', '2024-01-15', 'XAA', 'GEN', 2024, '-', 'USD', 5000, 5000, 'E23');
SELECT pg_temp.receipt('R8', '2024-08-08', '-', 'GEN', 'JPY', 1000000, 6800, payer => 'Pooled account');
SELECT pg_temp.post('E24', 'receipt', '2024-08-08', 'R8', '
    1010 GEN - BANK - - - JPY 1000000 6800.00;
    4010 GEN XAA - - - - JPY -400000 -2720.00;
    4010 GEN XCC - - - - JPY -600000 -4080.00');
SELECT pg_temp.allocate('A8', 'R8', '2024-08-08', 'XAA', 'GEN', 2024, '-', 'JPY', 400000, 2720, 'E24');
SELECT pg_temp.allocate('A9', 'R8', '2024-08-08', 'XCC', 'GEN', 2024, '-', 'JPY', 600000, 4080, 'E24');
SELECT pg_temp.receipt('R11', '2024-12-28', '-', 'SPF', 'USD', 77.70, 77.70, payer => 'J. DOE');
SELECT pg_temp.post('E25', 'receipt', '2024-12-28', 'R11', '
    1010 SPF - BANK - - - USD 77.70 77.70;
    2100 SPF - - - - R11 USD -77.70 -77.70');

-- P7: cash before the agreement, held until it is signed. R10: more than was due, with words that a spreadsheet would run;
-- a part of it is applied a year later.
SELECT pg_temp.pledge('P7', 'cash', 'XAA', 'GEN', 2025);
SELECT pg_temp.post('E26', 'pledge_announced', '2024-10-01', 'P7', '
    9100 GEN XAA - P7 - - EUR 20000.00 22000.00;
    9190 GEN XAA - P7 - - EUR -20000.00 -22000.00');
SELECT pg_temp.leg('P7', 'announced', '2024-10-01', 'EUR', 20000, 22000, 'E26');
SELECT pg_temp.receipt('R9', '2024-11-11', 'XAA', 'GEN', 'EUR', 20000, 21000);
SELECT pg_temp.post('E27', 'receipt', '2024-11-11', 'R9', '
    1010 GEN - BANK - - - EUR 20000.00 21000.00;
    2200 GEN XAA - P7 - R9 EUR -20000.00 -21000.00');
SELECT pg_temp.allocate('A10', 'R9', '2024-11-11', 'XAA', 'GEN', 2025, 'P7', 'EUR', 20000, 21000, 'E27');
SELECT pg_temp.post('E28', 'pledge_agreed', '2025-01-15', 'P7', '
    1200 GEN XAA - P7 - - EUR 20000.00 20600.00;
    4010 GEN XAA - P7 - - EUR -20000.00 -20600.00;
    9100 GEN XAA - P7 - - EUR -20000.00 -22000.00;
    9190 GEN XAA - P7 - - EUR 20000.00 22000.00');
SELECT pg_temp.leg('P7', 'agreed', '2025-01-15', 'EUR', 20000, 20600, 'E28');
SELECT pg_temp.post('E29', 'advance_applied', '2025-01-15', 'P7 R9', '
    2200 GEN XAA - P7 - R9 EUR 20000.00 21000.00;
    1200 GEN XAA - P7 - - EUR -20000.00 -20600.00;
    4910 GEN XAA - P7 - - USD -400.00 -400.00');
SELECT pg_temp.receipt('R10', '2024-12-20', 'XAA', 'GEN', 'USD', 1500, 1500, reference => '=HYPERLINK("http://x")', payer => '@SUM(A1)');
SELECT pg_temp.post('E30', 'receipt', '2024-12-20', 'R10', '
    1010 GEN - BANK - - - USD 1500.00 1500.00;
    2200 GEN XAA - - - R10 USD -1500.00 -1500.00');
SELECT pg_temp.post('E31', 'advance_applied', '2025-02-02', 'R10', '
    2200 GEN XAA - - - R10 USD 600.00 600.00;
    4010 GEN XAA - - - - USD -600.00 -600.00');
SELECT pg_temp.allocate('A11', 'R10', '2025-02-02', 'XAA', 'GEN', 2025, '-', 'USD', 600, 600, 'E31');

-- P8: in kind to a fund that recognises services; a part declined, a part delivered, a delivery reversed.
SELECT pg_temp.pledge('P8', 'in_kind', 'XAA', 'SPF', 2024);
INSERT INTO pledge_item (pledge_id, number, category, description, quantity, unit, currency, amount, amount_usd, rate, rate_date, rate_source, valuation_basis) VALUES
    (pg_temp.id('P8'), 1, 'expert', 'Adviser on prison reform, in the field', 30, 'expert_day', 'USD', 15000, 15000, NULL, NULL, NULL, 'donor_stated'),
    (pg_temp.id('P8'), 2, 'goods', 'Laboratory kits', 10, 'item', 'EUR', 5000, 5500, 0.909090909091, '2024-01-05', 'un', 'market_price');
SELECT pg_temp.post('E32', 'pledge_announced', '2024-01-05', 'P8', '
    9200 SPF XAA - P8 1 - USD 15000.00 15000.00;
    9290 SPF XAA - P8 1 - USD -15000.00 -15000.00;
    9200 SPF XAA - P8 2 - EUR 5000.00 5500.00;
    9290 SPF XAA - P8 2 - EUR -5000.00 -5500.00');
SELECT pg_temp.leg('P8', 'announced', '2024-01-05', '-', NULL, 20500, 'E32');
SELECT pg_temp.post('E33', 'pledge_agreed', '2024-02-10', 'P8', '
    9200 SPF XAA - P8 1 - USD -2500.00 -2500.00;
    9290 SPF XAA - P8 1 - USD 2500.00 2500.00');
SELECT pg_temp.leg('P8', 'agreed', '2024-02-10', '-', NULL, 18000, 'E33');
INSERT INTO pledge_event_item (event_id, pledge_id, item_number, quantity)
    SELECT id, pledge_id, i, CASE i WHEN 1 THEN 25 ELSE 10 END FROM pledge_event, generate_series(1, 2) i
    WHERE pledge_id = pg_temp.id('P8') AND kind = 'agreed';
SELECT pg_temp.deliver('D1', 'XAA', 'SPF', 'P8', 1, '2024-03-01', '2024-03-31', 'expert', 'Adviser on prison reform, in the field', 10, 'expert_day', 'USD', 5200, 5200, 'MISSION-1');
SELECT pg_temp.post('E34', 'delivery', '2024-03-31', 'D1', '
    5120 SPF XAA - P8 1 - USD 5200.00 5200.00;
    4120 SPF XAA - P8 1 - USD -5200.00 -5200.00;
    9200 SPF XAA - P8 1 - USD -5000.00 -5000.00;
    9290 SPF XAA - P8 1 - USD 5000.00 5000.00');
SELECT pg_temp.deliver('D2', 'XAA', 'SPF', 'P8', 2, NULL, '2024-04-30', 'goods', 'Laboratory kits', 4, 'item', 'EUR', 2100, 2310, 'WAYBILL-2');
SELECT pg_temp.post('E35', 'delivery', '2024-04-30', 'D2', '
    5110 SPF XAA - P8 2 - EUR 2100.00 2310.00;
    4110 SPF XAA - P8 2 - EUR -2100.00 -2310.00;
    9200 SPF XAA - P8 2 - EUR -2000.00 -2200.00;
    9290 SPF XAA - P8 2 - EUR 2000.00 2200.00');
SELECT pg_temp.deliver('D3', 'XAA', 'SPF', 'P8', 2, NULL, '2024-05-05', 'goods', 'Laboratory kits', 1, 'item', 'EUR', 500, 550, 'WAYBILL-3');
SELECT pg_temp.post('E36', 'delivery', '2024-05-05', 'D3', '
    5110 SPF XAA - P8 2 - EUR 500.00 550.00;
    4110 SPF XAA - P8 2 - EUR -500.00 -550.00;
    9200 SPF XAA - P8 2 - EUR -500.00 -550.00;
    9290 SPF XAA - P8 2 - EUR 500.00 550.00');
SELECT pg_temp.reverse('E37', '2024-05-09', 'E36');

-- P9: in kind to a fund that discloses services; a delivery of the year before is reversed. D5: given without a pledge, of
-- no value, and its description is no formula.
SELECT pg_temp.pledge('P9', 'in_kind', 'XAA', 'GEN', 2023);
INSERT INTO pledge_item (pledge_id, number, category, description, quantity, unit, currency, amount, amount_usd, valuation_basis) VALUES
    (pg_temp.id('P9'), 1, 'consultant', 'Statistician', 5, 'consultant_day', 'USD', 4000, 4000, 'un_consultant_rate');
SELECT pg_temp.post('E38', 'pledge_announced', '2023-06-01', 'P9', '
    9200 GEN XAA - P9 1 - USD 4000.00 4000.00;
    9290 GEN XAA - P9 1 - USD -4000.00 -4000.00');
SELECT pg_temp.leg('P9', 'announced', '2023-06-01', '-', NULL, 4000, 'E38');
SELECT pg_temp.deliver('D6', 'XAA', 'GEN', 'P9', 1, NULL, '2023-12-01', 'consultant', 'Statistician', 1, 'consultant_day', 'USD', 800, 800, 'REPORT-0');
SELECT pg_temp.post('E39', 'delivery', '2023-12-01', 'D6', '
    9300 GEN XAA - P9 1 - USD 800.00 800.00;
    9390 GEN XAA - P9 1 - USD -800.00 -800.00;
    9200 GEN XAA - P9 1 - USD -800.00 -800.00;
    9290 GEN XAA - P9 1 - USD 800.00 800.00');
SELECT pg_temp.reverse('E40', '2024-01-30', 'E39');
SELECT pg_temp.deliver('D4', 'XAA', 'GEN', 'P9', 1, '2024-09-08', '2024-09-09', 'consultant', 'Statistician', 2, 'consultant_day', 'USD', 1600, 1600, 'REPORT-1');
SELECT pg_temp.post('E41', 'delivery', '2024-09-09', 'D4', '
    9300 GEN XAA - P9 1 - USD 1600.00 1600.00;
    9390 GEN XAA - P9 1 - USD -1600.00 -1600.00;
    9200 GEN XAA - P9 1 - USD -1600.00 -1600.00;
    9290 GEN XAA - P9 1 - USD 1600.00 1600.00');
SELECT pg_temp.deliver('D5', 'XAA', 'GEN', '-', NULL, NULL, '2024-10-10', 'travel', '-2+3', 1, 'item', 'USD', 0, 0, '');
SELECT pg_temp.post('E42', 'delivery', '2024-10-10', 'D5', '
    9300 GEN XAA - - - - USD 0.00 0.00;
    9390 GEN XAA - - - - USD 0.00 0.00');

-- P10: another contributor, for the fund report.
SELECT pg_temp.pledge('P10', 'cash', 'XBB', 'GEN', 2024);
SELECT pg_temp.post('E43', 'pledge_agreed', '2024-01-02', 'P10', '
    1200 GEN XBB - P10 - - USD 1000000.00 1000000.00;
    4010 GEN XBB - P10 - - USD -1000000.00 -1000000.00');
SELECT pg_temp.leg('P10', 'agreed', '2024-01-02', 'USD', 1000000, 1000000, 'E43');
SELECT pg_temp.receipt('R12', '2024-04-04', 'XBB', 'GEN', 'USD', 600000, 600000);
SELECT pg_temp.post('E44', 'receipt', '2024-04-04', 'R12', '
    1010 GEN - BANK - - - USD 600000.00 600000.00;
    1200 GEN XBB - P10 - - USD -600000.00 -600000.00');
SELECT pg_temp.allocate('A12', 'R12', '2024-04-04', 'XBB', 'GEN', 2024, 'P10', 'USD', 600000, 600000, 'E44');
