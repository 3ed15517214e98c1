-- Books of the schema before migration 0085: what a bank sent and what officers said of it, in no leaf of the log.
INSERT INTO actor (name, role) VALUES ('before', 'officer');
INSERT INTO bank_account (code, name, currency) VALUES ('MAIN', 'Main', 'EUR');
INSERT INTO contributor (code, name, kind) VALUES ('XAA', 'Exampleland', 'state');
INSERT INTO bank_statement (id, bank_account, currency, sha256, part, file, format, identification, sequence, period_from, period_to, opening_date, opening, closing_date, closing,
    total, lines, repeated, problems, actor_id)
SELECT '00000000-0000-0000-0000-0000000000a1', 'MAIN', 'EUR', sha256('file'), 1, 'march.xml', 'camt.053', 'ST-3', '3', '2026-03-01', '2026-03-31', '2026-02-28', 0, '2026-03-31', 403.50,
    403.50, 2, 0, '[{"line": 7, "code": "repeated", "detail": "x"}]', id FROM actor WHERE name = 'before';
INSERT INTO bank_line (id, statement_id, number, booking, bank_account, booking_date, value_date, currency, amount, reversal, identity, ordinal, reference, end_to_end, code,
    payer, ultimate, payer_account, payer_bank, remittance, charges, instructed, instructed_currency, original, file_line) VALUES
    ('00000000-0000-0000-0000-0000000000b1', '00000000-0000-0000-0000-0000000000a1', 1, 1, 'MAIN', '2026-03-15', '2026-03-16', 'EUR', 500.00, false, sha256('1'), 1, 'REF-1', 'E2E', 'PMNT',
     'TREASURY', 'EXAMPLELAND', 'DE00', 'BIC', 'contribution 2026', 0.00, 550.00, 'USD', '<Ntry/>', 11),
    ('00000000-0000-0000-0000-0000000000b2', '00000000-0000-0000-0000-0000000000a1', 2, 2, 'MAIN', '2026-03-20', '2026-03-20', 'EUR', -96.50, true, sha256('2'), 1, 'REF-2', '', '',
     '', '', '', '', 'returned', 0, NULL, NULL, ':61:', 12);
INSERT INTO bank_decision (id, line_id, kind, automatic, score, reasons, note, actor_id)
SELECT '00000000-0000-0000-0000-0000000000c1', '00000000-0000-0000-0000-0000000000b1', 'other', false, 95, '{the name,the amount}', 'by letter', id FROM actor WHERE name = 'before';
INSERT INTO bank_decision (id, line_id, kind, note, undoes, actor_id)
SELECT '00000000-0000-0000-0000-0000000000c2', '00000000-0000-0000-0000-0000000000b1', 'undone', 'a mistake', '00000000-0000-0000-0000-0000000000c1', id FROM actor WHERE name = 'before';
INSERT INTO payer (decision_id, contributor, name_key, account) VALUES ('00000000-0000-0000-0000-0000000000c1', 'XAA', 'treasury', 'DE00');
INSERT INTO bank_rule (id, bank_account, payer, remittance, kind, contributor, note, actor_id)
SELECT '00000000-0000-0000-0000-0000000000d1', 'MAIN', 'treasury', '', 'contribution', 'XAA', 'as they said', id FROM actor WHERE name = 'before';
INSERT INTO bank_rule_end (rule_id, actor_id) SELECT '00000000-0000-0000-0000-0000000000d1', id FROM actor WHERE name = 'before';
INSERT INTO bank_explanation (id, bank_account, item, note, actor_id)
SELECT '00000000-0000-0000-0000-0000000000e1', 'MAIN', 'opening EUR', 'from the old books', id FROM actor WHERE name = 'before';
INSERT INTO bank_sign_off (id, bank_account, currency, on_date, bank, books, items, note, actor_id)
SELECT '00000000-0000-0000-0000-0000000000f1', 'MAIN', 'EUR', '2026-03-31', 403.50, 403.50, '[]', '', id FROM actor WHERE name = 'before';
