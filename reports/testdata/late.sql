-- What the ledger learned after book.sql, in a transaction of its own: a receipt and a delivery of the same year, and the
-- reversal of another receipt.

INSERT INTO idempotency_key (actor_id, key, request_hash, status, location, body) VALUES (1, 'book-2', '', 201, '', '');
SELECT pg_temp.receipt('R13', '2024-12-31', 'XAA', 'GEN', 'USD', 111, 111);
SELECT pg_temp.post('E45', 'receipt', '2024-12-31', 'R13', '
    1010 GEN - BANK - - - USD 111.00 111.00;
    4010 GEN XAA - - - - USD -111.00 -111.00');
SELECT pg_temp.allocate('A13', 'R13', '2024-12-31', 'XAA', 'GEN', 2024, '-', 'USD', 111, 111, 'E45');
SELECT pg_temp.deliver('D7', 'XAA', 'GEN', 'P9', 1, NULL, '2024-12-30', 'consultant', 'Statistician', 1, 'consultant_day', 'USD', 800, 800, 'REPORT-2');
SELECT pg_temp.post('E46', 'delivery', '2024-12-30', 'D7', '
    9300 GEN XAA - P9 1 - USD 800.00 800.00;
    9390 GEN XAA - P9 1 - USD -800.00 -800.00;
    9200 GEN XAA - P9 1 - USD -800.00 -800.00;
    9290 GEN XAA - P9 1 - USD 800.00 800.00');
SELECT pg_temp.reverse('E47', '2024-12-31', 'E6');
