-- Added to book.sql: rows in every table that the log seals and that the book leaves empty, all of a later year.

INSERT INTO idempotency_key (actor_id, key, request_hash, status, location, body) VALUES (1, 'book-7', '', 201, '', '');
INSERT INTO contributor (code, name, kind, country) VALUES ('XDD', 'Example Agency', 'other', NULL), ('XEE', 'Exampleland, twice', 'other', NULL);
INSERT INTO contributor_alias (contributor, name, name_key, kind, actor_id) VALUES ('XDD', 'EA', 'ea', 'former_name', 1);
INSERT INTO contributor_name (contributor, name, name_key, from_date, actor_id) VALUES ('XDD', 'Example Office', 'example office', '2026-01-01', 1);
INSERT INTO contributor_code (contributor, scheme, value, valid_from, actor_id) VALUES ('XDD', 'other', 'EA-1', '2026-01-01', 1);
INSERT INTO contributor_parent (contributor, parent, from_date, actor_id) VALUES ('XDD', 'XAA', '2026-01-01', 1);
INSERT INTO contributor_merge (absorbed, survivor, effective_date, reason, actor_id) VALUES ('XEE', 'XDD', '2026-01-01', 'recorded twice', 1);
INSERT INTO fund_support (fund, starts_on, rate, support_fund, levy_rate, document, actor_id) VALUES ('SPF', '2026-01-01', 13, 'GEN', 0, 'a decision', 1);
INSERT INTO rate (source, currency, effective_date, units_per_usd) VALUES ('un', 'EUR', '2026-01-01', 0.9);

-- A pledge with instalments, a condition and support at a rate of its own.
SELECT pg_temp.pledge('P70', 'cash', 'XBB', 'SPF', 2026);
SELECT pg_temp.post('E70', 'pledge_announced', '2026-01-10', 'P70', '
    9100 SPF XBB - P70 - - USD 1000.00 1000.00;
    9190 SPF XBB - P70 - - USD -1000.00 -1000.00');
SELECT pg_temp.leg('P70', 'announced', '2026-01-10', 'USD', 1000, 1000, 'E70');
INSERT INTO pledge_event (id, pledge_id, kind, effective_date, currency, amount, amount_usd, actor_id)
    VALUES (pg_temp.id('L70'), pg_temp.id('P70'), 'agreed', '2026-02-10', 'USD', 1000, 1000, 1); -- on receipt: without an entry
INSERT INTO acceptance (event_id, accepted_by, currency, amount, description, looked_on) VALUES (pg_temp.id('L70'), 'A director', 'USD', 1000, 'in whole', '2026-02-10');
INSERT INTO instalment (pledge_id, number, event_id, due_on, currency, amount) VALUES (pg_temp.id('P70'), 1, pg_temp.id('L70'), '2026-06-01', 'USD', 1000);
INSERT INTO condition (event_id, number, pledge_id, description, currency, amount) VALUES (pg_temp.id('L70'), 1, pg_temp.id('P70'), 'a report', 'USD', 1000);
INSERT INTO fulfilment (id, event_id, number, effective_date, met_by, evidence, sha256, actor_id)
    VALUES (pg_temp.id('F70'), pg_temp.id('L70'), 1, '2026-03-01', 'the report', 'a letter', repeat('a', 64), 1);
INSERT INTO pledge_support (pledge_id, starts_on, rate, levy_rate, document, actor_id) VALUES (pg_temp.id('P70'), '2026-02-10', 7, 1, 'the agreement', 1);
INSERT INTO pledge_newness (pledge_id, kind, is_new, is_additional, lookback_years, currency, amount, baseline_from, baseline_to, declaration, actor_id)
    VALUES (pg_temp.id('P70'), 'decision', true, false, 3, 'USD', 0, 2023, 2025, 'ours', 1);

-- Cash: refunded and paid back; interest; an expenditure for the pledge.
SELECT pg_temp.receipt('R70', '2026-03-15', 'XBB', 'GEN', 'USD', 500, 500);
SELECT pg_temp.post('E71', 'receipt', '2026-03-15', 'R70', '
    1010 GEN - BANK - - - USD 500.00 500.00;
    4010 GEN XBB - - - - USD -500.00 -500.00');
SELECT pg_temp.allocate('A70', 'R70', '2026-03-15', 'XBB', 'GEN', 2026, '-', 'USD', 500, 500, 'E71');
INSERT INTO receipt_note (id, receipt_id, note, actor_id) VALUES (pg_temp.id('N70'), pg_temp.id('R70'), 'a letter came', 1);
SELECT pg_temp.post('E72', 'refund', '2026-03-20', 'R70', '
    4010 GEN XBB - - - - USD 100.00 100.00;
    2500 GEN XBB - - - R70 USD -100.00 -100.00');
INSERT INTO refund (id, receipt_id, source, contributor, fund, effective_date, currency, amount, amount_usd, reason, document, entry_id, actor_id)
    VALUES (pg_temp.id('B70'), pg_temp.id('R70'), 'revenue', 'XBB', 'GEN', '2026-03-20', 'USD', 100, 100, 'asked for', 'a letter', pg_temp.id('E72'), 1);
SELECT pg_temp.post('E73', 'refund_paid', '2026-03-25', 'R70', '
    2500 GEN XBB - - - R70 USD 100.00 100.00;
    1010 GEN - BANK - - - USD -100.00 -100.00');
INSERT INTO refund_payment (id, refund_id, bank_account, bank_reference, value_date, entry_id, actor_id)
    VALUES (pg_temp.id('B71'), pg_temp.id('B70'), 'BANK', 'OUT-1', '2026-03-25', pg_temp.id('E73'), 1);
SELECT pg_temp.post('E74', 'interest', '2026-03-31', '-', '
    1010 GEN - BANK - - - USD 3.00 3.00;
    4910 GEN - - - - - USD -3.00 -3.00');
INSERT INTO interest (id, bank_account, bank_reference, value_date, period_from, period_to, currency, amount, amount_usd, entry_id, actor_id)
    VALUES (pg_temp.id('I70'), 'BANK', 'INT-1', '2026-03-31', '2026-01-01', '2026-03-31', 'USD', 3, 3, pg_temp.id('E74'), 1);
INSERT INTO expenditure (id, fund, effective_date, currency, amount, amount_usd, description, project, reference, bank_account, actor_id)
    VALUES (pg_temp.id('X70'), 'SPF', '2026-04-01', 'USD', 50, 50, 'A course', 'P-1', 'EXP-1', 'BANK', 1);
INSERT INTO expenditure_share (expenditure_id, number, fund, contributor, pledge_id, weight, currency, amount, amount_usd)
    VALUES (pg_temp.id('X70'), 1, 'SPF', 'XBB', pg_temp.id('P70'), 1, 'USD', 50, 50);
INSERT INTO journal_entry (id, kind, effective_date, actor_id, idempotency_key, description, expenditure_id)
    VALUES (pg_temp.id('E75'), 'expenditure', '2026-04-01', 1, 'book-7', 'A course', pg_temp.id('X70'));
INSERT INTO journal_line (entry_id, number, effective_date, account, fund, contributor, bank_account, pledge_id, currency, amount, amount_usd) VALUES
    (pg_temp.id('E75'), 1, '2026-04-01', '5010', 'SPF', 'XBB', NULL, pg_temp.id('P70'), 'USD', 50, 50),
    (pg_temp.id('E75'), 2, '2026-04-01', '1010', 'SPF', NULL, 'BANK', NULL, 'USD', -50, -50);
INSERT INTO valuation (id, delivery_id, effective_date, quantity, currency, amount, amount_usd, unit_amount, valuation_basis, valuer, valued_on, evidence, evidence_sha256, reason, actor_id)
    SELECT pg_temp.id('V70'), d.id, '2026-04-01', 1, 'USD', 10, 10, 10, 'market_price', 'A valuer', '2026-04-01', 'a list', repeat('b', 64), 'a better source', 1 FROM delivery d ORDER BY d.id LIMIT 1;

-- A closed year, and what waited for an approver.
INSERT INTO journal_entry (id, kind, effective_date, actor_id, idempotency_key, description) VALUES (pg_temp.id('E79'), 'manual', '2019-06-01', 1, 'book-7', 'An older balance');
INSERT INTO journal_line (entry_id, number, effective_date, account, fund, contributor, bank_account, currency, amount, amount_usd) VALUES
    (pg_temp.id('E79'), 1, '2019-06-01', '1010', 'SPF', NULL, 'BANK', 'USD', 5, 5), (pg_temp.id('E79'), 2, '2019-06-01', '3000', 'SPF', NULL, NULL, 'USD', -5, -5);
SET CONSTRAINTS ALL IMMEDIATE; -- while the year is open
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO period (fund, starts_on, ends_on, closed) VALUES ('SPF', '2019-01-01', '2019-12-31', true);
INSERT INTO period_event (id, fund, starts_on, ends_on, action, reason, checklist, actor_id) VALUES (pg_temp.id('Y70'), 'SPF', '2019-01-01', '2019-12-31', 'closed', '', '[{"item": "x"}]', 1);
INSERT INTO opening_balance (event_id, account, bank_account, currency, amount, amount_usd) VALUES
    (pg_temp.id('Y70'), '1010', 'BANK', 'USD', 5, 5), (pg_temp.id('Y70'), '3000', NULL, 'USD', -5, -5);
INSERT INTO year_movement (event_id, account, currency, kind, released, recognition, amount, amount_usd)
    SELECT pg_temp.id('Y70'), m.* FROM movement('SPF', '2019-01-01', '2019-12-31', now()) m;
INSERT INTO approval (id, kind, subject, funds, request, drafts, amount_usd, reason, actor_id)
    VALUES (pg_temp.id('Q70'), 'write_off', 'pledge', '{SPF}', '{"a": 1}', '[]', 10, 'too old', 1);
INSERT INTO approval_decision (approval_id, decision, reason, actor_id) VALUES (pg_temp.id('Q70'), 'withdrawn', 'not yet', 1);

-- The bank's side: a statement of two lines, one decided on and one taken back, and a month signed off.
INSERT INTO bank_reconciliation (id, bank_account, currency, on_date, amount, document, actor_id) VALUES (pg_temp.id('K70'), 'BANK', 'USD', '2026-03-31', 403, 'the statement', 1);
INSERT INTO bank_statement (id, bank_account, currency, sha256, part, file, format, identification, sequence, period_from, period_to, opening_date, opening, closing_date, closing,
        total, lines, repeated, problems, actor_id)
    VALUES (pg_temp.id('S70'), 'BANK', 'USD', sha256('file'), 1, 'march.xml', 'camt.053', 'ST-3', '3', '2026-03-01', '2026-03-31', '2026-02-28', 0, '2026-03-31', 403, 403, 2, 0, '[{"line": 1}]', 1);
INSERT INTO bank_line (id, statement_id, number, booking, bank_account, booking_date, value_date, currency, amount, reversal, identity, ordinal, reference, end_to_end, code, payer, ultimate,
        payer_account, payer_bank, remittance, charges, instructed, instructed_currency, original, file_line)
    SELECT pg_temp.id('J7' || n), pg_temp.id('S70'), n, n, 'BANK', '2026-03-15', '2026-03-15', 'USD', amount, false, sha256(n::text::bytea), 1, 'REF-' || n, 'E2E', 'PMNT', 'BANK OF XBB', 'XBB',
        'DE00', 'BIC', 'contribution', 0, amount, 'USD', '<Ntry/>', 10 + n
    FROM (VALUES (1, 500), (2, -97)) v (n, amount);
INSERT INTO bank_decision (id, line_id, kind, receipt_id, automatic, score, reasons, note, actor_id) VALUES
    (pg_temp.id('C70'), pg_temp.id('J71'), 'linked', pg_temp.id('R70'), false, 95, '{the name,the amount}', '', 1),
    (pg_temp.id('C71'), pg_temp.id('J72'), 'other', NULL, false, NULL, '{}', 'a mistake of the bank', 1);
INSERT INTO bank_decision (id, line_id, kind, note, undoes, actor_id) VALUES (pg_temp.id('C72'), pg_temp.id('J72'), 'undone', 'it was ours', pg_temp.id('C71'), 1);
INSERT INTO payer (decision_id, contributor, name_key, account) VALUES (pg_temp.id('C70'), 'XBB', 'bank of xbb', 'DE00');
INSERT INTO bank_rule (id, bank_account, payer, remittance, kind, contributor, fund, note, actor_id)
    VALUES (pg_temp.id('M70'), 'BANK', 'bank of xbb', 'contribution', 'contribution', 'XBB', 'GEN', 'as they said', 1);
INSERT INTO bank_rule_end (rule_id, actor_id) VALUES (pg_temp.id('M70'), 1);
INSERT INTO bank_explanation (id, bank_account, item, note, actor_id) VALUES (pg_temp.id('O70'), 'BANK', 'line ' || pg_temp.id('J72'), 'corrected in April', 1);
INSERT INTO bank_sign_off (id, bank_account, currency, on_date, bank, books, items, note, actor_id) VALUES (pg_temp.id('G70'), 'BANK', 'USD', '2026-03-31', 403, 403, '[{"item": "x"}]', 'seen', 1);
-- A delivery that somebody confirmed later.
INSERT INTO certification (delivery_id, certified_by, note, actor_id) SELECT d.id, 'Chief, Programme', 'seen', 1 FROM delivery d WHERE d.certified_by = '' ORDER BY d.id LIMIT 1;
-- A question, and its answer.
INSERT INTO actor (name, role, contributor) VALUES ('Mission of XBB', 'donor', 'XBB');
INSERT INTO question (id, contributor, text, actor_id) SELECT pg_temp.id('Y9770'), 'XBB', 'What is due?', id FROM actor WHERE name = 'Mission of XBB';
INSERT INTO answer (id, question_id, contributor, text, actor_id) VALUES (pg_temp.id('Y9771'), pg_temp.id('Y9770'), 'XBB', 'Nothing.', 1);
