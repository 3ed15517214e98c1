-- What the ledger learned after late.sql about the days of a statement that was issued: the revaluation at the end of the
-- year, with its reversal on the next day, which is no change; and a reversal of the next year, which is beyond its last day.

INSERT INTO idempotency_key (actor_id, key, request_hash, status, location, body) VALUES (1, 'book-3', '', 201, '', '');
INSERT INTO journal_entry (id, kind, effective_date, actor_id, idempotency_key, description, pledge_id)
    VALUES (pg_temp.id('E48'), 'revaluation', '2024-12-31', 1, 'book-3', 'revaluation', pg_temp.id('P1'));
INSERT INTO journal_line (entry_id, number, effective_date, account, fund, contributor, pledge_id, currency, amount, amount_usd, rate, rate_date, rate_source) VALUES
    (pg_temp.id('E48'), 1, '2024-12-31', '1200', 'GEN', 'XAA', pg_temp.id('P1'), 'EUR', 0, 125.50, 0.92, '2024-12-31', 'un'),
    (pg_temp.id('E48'), 2, '2024-12-31', '4910', 'GEN', 'XAA', NULL, 'EUR', 0, -125.50, 0.92, '2024-12-31', 'un');
SELECT pg_temp.reverse('E49', '2025-01-01', 'E48');
SELECT pg_temp.reverse('E50', '2025-02-03', 'E41');
