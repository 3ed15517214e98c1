-- A ledger of 5,000 entries for the benchmark: 40 contributors with 42 pledges each, announced, agreed and received, in a
-- currency of their own.

INSERT INTO idempotency_key (actor_id, key, request_hash, status, location, body) VALUES (1, 'register', '', 201, '', '');
INSERT INTO bank_account (code, name) VALUES ('BANK', 'The bank');
INSERT INTO fund (code, name, kind, recognition, services, charges, rate_source, bank_account)
    VALUES ('GEN', 'General Purpose Fund', 'general_purpose', 'on_agreement', 'disclosed', 'gross', 'un', 'BANK');
INSERT INTO contributor (code, name, kind) SELECT 'C' || c, 'Contributor ' || c, 'state' FROM generate_series(1, 40) c;

CREATE TEMP TABLE promise AS
    SELECT gen_random_uuid() AS pledge, gen_random_uuid() AS receipt, gen_random_uuid() AS announced, gen_random_uuid() AS agreed,
        gen_random_uuid() AS received, 'C' || c AS contributor, 'C' || c || '-' || p AS reference, date '2006-01-01' + p * 160 AS on_date
    FROM generate_series(1, 40) c, generate_series(1, 42) p;
INSERT INTO pledge (id, reference, form, contributor, fund, fund_year, recognition, actor_id)
    SELECT pledge, reference, 'cash', contributor, 'GEN', extract(year FROM on_date), 'on_agreement', 1 FROM promise;
INSERT INTO receipt (id, bank_account, bank_reference, value_date, contributor, fund, fund_year, currency, amount, amount_usd, charges, credited,
        rate, rate_date, rate_source, actor_id)
    SELECT receipt, 'BANK', reference, on_date + 90, contributor, 'GEN', extract(year FROM on_date), 'EUR', 1000, 1250, 0, 1000, 0.8, on_date + 90, 'un', 1
    FROM promise;
INSERT INTO journal_entry (id, kind, effective_date, actor_id, idempotency_key, description, pledge_id, receipt_id)
    SELECT announced, 'pledge_announced', on_date, 1, 'register', '', pledge, NULL::uuid FROM promise
    UNION ALL SELECT agreed, 'pledge_agreed', on_date + 30, 1, 'register', '', pledge, NULL::uuid FROM promise
    UNION ALL SELECT received, 'receipt', on_date + 90, 1, 'register', '', NULL, receipt FROM promise;
INSERT INTO pledge_event (id, pledge_id, kind, effective_date, currency, amount, amount_usd, entry_id, actor_id)
    SELECT gen_random_uuid(), pledge, 'announced', on_date, 'EUR', 1000, 1200, announced, 1 FROM promise
    UNION ALL SELECT gen_random_uuid(), pledge, 'agreed', on_date + 30, 'EUR', 1000, 1220, agreed, 1 FROM promise;
INSERT INTO journal_line (entry_id, number, effective_date, account, fund, contributor, bank_account, pledge_id, currency, amount, amount_usd, rate,
        rate_date, rate_source)
    SELECT e.id, l.number, e.effective_date, l.account, 'GEN', CASE WHEN l.account <> '1010' THEN p.contributor END,
        CASE WHEN l.account = '1010' THEN 'BANK' END, CASE WHEN l.account <> '1010' THEN p.pledge END, l.currency, l.amount, l.usd,
        CASE WHEN l.currency = 'EUR' THEN 0.8 END, CASE WHEN l.currency = 'EUR' THEN e.effective_date END, CASE WHEN l.currency = 'EUR' THEN 'un' END
    FROM promise p
    JOIN journal_entry e ON e.id IN (p.announced, p.agreed, p.received)
    JOIN (VALUES
        ('pledge_announced', 1, '9100', 'EUR', 1000, 1200), ('pledge_announced', 2, '9190', 'EUR', -1000, -1200),
        ('pledge_agreed', 1, '1200', 'EUR', 1000, 1220), ('pledge_agreed', 2, '4010', 'EUR', -1000, -1220),
        ('pledge_agreed', 3, '9100', 'EUR', -1000, -1200), ('pledge_agreed', 4, '9190', 'EUR', 1000, 1200),
        ('receipt', 1, '1010', 'EUR', 1000, 1250), ('receipt', 2, '1200', 'EUR', -1000, -1220), ('receipt', 3, '4910', 'USD', -30, -30)
    ) l (kind, number, account, currency, amount, usd) ON l.kind = e.kind;
INSERT INTO allocation (id, receipt_id, contributor, fund, fund_year, pledge_id, effective_date, currency, amount, amount_usd, entry_id, actor_id)
    SELECT gen_random_uuid(), receipt, contributor, 'GEN', extract(year FROM on_date), pledge, on_date + 90, 'EUR', 1000, 1250, received, 1 FROM promise;
