-- Beside the book of package reports, whose functions it uses: texts that would break out of their fields, a long one,
-- currencies of every scale and one withdrawn, amounts that are worth nothing, a revaluation, one entry of two funds, and
-- many amounts whose price of one unit is no decimal.

INSERT INTO bank_account (code, name) VALUES ('A.B_C', 'Second bank'), ('A-B', 'Third bank');
SELECT pg_temp.pledge('P90', 'cash', 'XBB', 'GEN', 2024);
INSERT INTO pledge (id, reference, form, contributor, fund, fund_year, recognition, actor_id)
    VALUES (pg_temp.id('P91'), E'A;1, [2024-99-99] |"q"\\ a:b\n\t@@ ١٢', 'cash', 'XCC', 'SPF', 2024, 'on_receipt', 1);

CREATE FUNCTION pg_temp.tell(entry text, on_date date, description text, reason text, lines text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO journal_entry (id, kind, effective_date, actor_id, idempotency_key, description, reason)
    VALUES (pg_temp.id(entry), 'receipt', on_date, 1, (SELECT max(key) FROM idempotency_key), description, reason);
    INSERT INTO journal_line (entry_id, number, effective_date, account, fund, contributor, bank_account, pledge_id, currency,
        amount, amount_usd, rate, rate_date, rate_source)
    SELECT pg_temp.id(entry), l.n, on_date, f[1], f[2], nullif(f[3], '-'), nullif(f[4], '-'), pg_temp.id(f[5]), f[6],
        f[7]::numeric, f[8]::numeric, CASE WHEN f[6] <> 'USD' THEN 1 END, on_date, 'stated'
    FROM string_to_table(lines, ';') WITH ORDINALITY l (line, n), regexp_split_to_array(trim(E' \n' FROM l.line), '\s+') f;
END $$;

SELECT pg_temp.tell('E901', '2024-03-01', E'* ! (no code) "q\\" | ; [2024-99-99]\n\n2024-01-01 * "x"\n  Assets:A  1 USD', E'a, date:2020-01-01, b: c; d\r\n    assets:x  1 USD [=2026-02-30]', '
    1010 GEN - A.B_C - USD 10.00 10.00;
    4010 SPF XCC - P91 USD -7.00 -7.00;
    1010 SPF - A-B - USD 7.00 7.00;
    4010 GEN XBB - P90 USD -10.00 -10.00');
SELECT pg_temp.tell('E902', '2024-03-01', '', repeat(E'весьма длинное\n', 1000), '
    1010 GEN - BANK - CLF 0.0001 0.01;
    4010 GEN XBB - - JPY -1 -0.01');
SELECT pg_temp.tell('E903', '1945-10-24', 'The first day', '', '
    1010 GEN - BANK - ITL 999999999999999 0.07;
    1010 GEN - BANK - KWD 3.333 9.93;
    4010 GEN XBB - - DEM -10.00 -10.00');
SELECT pg_temp.tell('E904', '2199-12-31', 'The last day', '', '
    1010 GEN - A-B - EUR 5.00 0.00;
    1010 GEN - A-B - JPY 0 0.00;
    4010 GEN XBB - - EUR -5.00 0.00;
    4010 GEN XBB - - USD 0.00 0.00');
SELECT pg_temp.tell('E905', '2024-12-31', 'Revaluation', '', '
    1010 GEN - BANK - EUR 0.00 -123.45;
    5910 GEN - - - USD 123.45 123.45');
SELECT setseed(0.25);
SELECT pg_temp.tell('E' || 1000 + n, DATE '2010-01-01' + n, 'Entry ' || n, '', format('
    1010 GEN - BANK - %s %s %s;
    4010 GEN XBB - - EUR -%s -%s;
    9300 SPF XAA - - CHF -%s -%s;
    9390 SPF XAA - - GBP %s %s', currency, round(a::numeric, scale), usd, b, usd, a, usd, b, usd))
FROM (SELECT n, (ARRAY['JPY', 'KWD', 'CLF', 'SEK', 'ROL'])[1 + n % 5] AS currency, (ARRAY[0, 3, 4, 2, 2])[1 + n % 5] AS scale,
          round((1 + random() * 10 ^ (n % 15))::numeric, 2) AS a, round((1 + random() * 10 ^ (n % 7))::numeric, 2) AS b,
          round((0.01 + random() * 10 ^ (n % 14))::numeric, 2) AS usd
      FROM generate_series(1, 300) n) x;
