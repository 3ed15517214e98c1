-- Beside the book of package reports and the tricky entries: contributors with identifiers and with a name that would break out
-- of its element, a promise of each life that an IATI activity tells, cash that goes back, and a pledge of the far future.

INSERT INTO contributor (code, name, kind) VALUES
    ('XPP', E'=A & B <"Sons">\x01 ]]> \u202e\ufffe', 'private'), ('XEU', 'European Union', 'igo'), ('XMM', 'Ministry of Exampleland', 'other'),
    ('XOO', 'Observers', 'observer');
INSERT INTO contributor_parent (contributor, parent, from_date) VALUES ('XMM', 'XAA', '2000-01-01');
INSERT INTO contributor_code (contributor, scheme, value, valid_to, actor_id) VALUES
    ('XAA', 'dac', '7', NULL, 1), ('XBB', 'iati', 'XM-DAC-46004', NULL, 1), ('XBB', 'dac', '915', NULL, 1), ('XCC', 'iati', 'not an identifier', NULL, 1),
    ('XEU', 'dac', '918', NULL, 1), ('XMM', 'dac', '8', '2010-12-31', 1);
INSERT INTO bank_account (code, name) VALUES ('OPEN', 'Open bank');

-- P100: recognised on receipt, agreed for more than announced, raised, and cancelled in part.
SELECT pg_temp.pledge('P100', 'cash', 'XPP', 'SPF', 2024);
SELECT pg_temp.post('E2001', 'pledge_announced', '2024-01-01', 'P100', '
    9100 SPF XPP - P100 - - USD 1000.00 1000.00;
    9190 SPF XPP - P100 - - USD -1000.00 -1000.00');
SELECT pg_temp.leg('P100', 'announced', '2024-01-01', 'USD', 1000, 1000, 'E2001');
SELECT pg_temp.leg('P100', 'agreed', '2024-02-01', 'USD', 1200, 1200, '-');
SELECT pg_temp.post('E2002', 'pledge_adjusted', '2024-03-01', 'P100', '
    9100 SPF XPP - P100 - - USD 300.00 300.00;
    9190 SPF XPP - P100 - - USD -300.00 -300.00');
SELECT pg_temp.post('E2003', 'pledge_cancelled', '2024-06-01', 'P100', '
    9100 SPF XPP - P100 - - USD -500.00 -500.00;
    9190 SPF XPP - P100 - - USD 500.00 500.00');

-- P101: reduced before its agreement, raised after it; a write-off is taken back.
SELECT pg_temp.pledge('P101', 'cash', 'XCC', 'GEN', 2023);
SELECT pg_temp.post('E2004', 'pledge_announced', '2023-01-01', 'P101', '
    9100 GEN XCC - P101 - - CHF 500.00 550.00;
    9190 GEN XCC - P101 - - CHF -500.00 -550.00');
SELECT pg_temp.leg('P101', 'announced', '2023-01-01', 'CHF', 500, 550, 'E2004');
SELECT pg_temp.post('E2005', 'pledge_adjusted', '2023-02-01', 'P101', '
    9100 GEN XCC - P101 - - CHF -100.00 -110.00;
    9190 GEN XCC - P101 - - CHF 100.00 110.00');
SELECT pg_temp.post('E2006', 'pledge_agreed', '2023-03-01', 'P101', '
    1200 GEN XCC - P101 - - CHF 400.00 440.00;
    4010 GEN XCC - P101 - - CHF -400.00 -440.00;
    9100 GEN XCC - P101 - - CHF -400.00 -440.00;
    9190 GEN XCC - P101 - - CHF 400.00 440.00');
SELECT pg_temp.leg('P101', 'agreed', '2023-03-01', 'CHF', 400, 440, 'E2006');
SELECT pg_temp.post('E2007', 'pledge_adjusted', '2023-04-01', 'P101', '
    1200 GEN XCC - P101 - - CHF 50.00 55.00;
    4010 GEN XCC - P101 - - CHF -50.00 -55.00');
SELECT pg_temp.post('E2008', 'pledge_written_off', '2024-12-05', 'P101', '
    5700 GEN XCC - P101 - - CHF 20.00 22.00;
    1200 GEN XCC - P101 - - CHF -20.00 -22.00');
SELECT pg_temp.reverse('E2009', '2025-01-05', 'E2008');

-- A refund of R12, the cash of XBB, and one that is taken back.
SELECT pg_temp.post('E2010', 'refund', '2024-08-01', 'R12', '
    4010 GEN XBB - - - - USD 1000.00 1000.00;
    2500 GEN XBB - - - R12 USD -1000.00 -1000.00');
SELECT pg_temp.post('E2011', 'refund', '2024-08-02', 'R12', '
    4010 GEN XBB - - - - USD 70.00 70.00;
    2500 GEN XBB - - - R12 USD -70.00 -70.00');
INSERT INTO refund (id, receipt_id, source, contributor, fund, effective_date, currency, amount, amount_usd, reason, entry_id, actor_id)
SELECT gen_random_uuid(), pg_temp.id('R12'), 'revenue', 'XBB', 'GEN', on_date, 'USD', usd, usd, 'Paid twice', pg_temp.id(entry), 1
FROM (VALUES ('E2010', DATE '2024-08-01', 1000), ('E2011', '2024-08-02', 70)) v (entry, on_date, usd);
SELECT pg_temp.reverse('E2012', '2024-08-03', 'E2011');

-- P102: of the far future.
SELECT pg_temp.pledge('P102', 'cash', 'XAA', 'GEN', 2190);
SELECT pg_temp.post('E2013', 'pledge_announced', '2190-05-01', 'P102', '
    9100 GEN XAA - P102 - - USD 99.00 99.00;
    9190 GEN XAA - P102 - - USD -99.00 -99.00');
SELECT pg_temp.leg('P102', 'announced', '2190-05-01', 'USD', 99, 99, 'E2013');

-- Revenue of nobody's, of a project's fund, and of those whose type is not that of their kind alone.
INSERT INTO fund (code, name, kind, parent, recognition, services, charges, rate_source, bank_account) VALUES
    ('NIL', 'Nothing yet', 'general_purpose', NULL, 'on_agreement', 'disclosed', 'gross', 'un', 'BANK'),
    ('SUB', 'A project', 'special_purpose', 'SPF', 'on_receipt', 'recognised', 'gross', 'un', 'BANK');
SELECT pg_temp.post('E2014', 'interest', '2024-07-01', '-', '
    1010 GEN - OPEN - - - USD 12.34 12.34;
    4700 GEN - - - - - USD -12.34 -12.34');
SELECT pg_temp.post('E2015', 'manual', '2024-07-02', '-', '
    1010 SUB - OPEN - - - USD 100.00 100.00;
    4010 SUB XEU - - - - USD -40.00 -40.00;
    4010 SUB XMM - - - - USD -30.00 -30.00;
    4010 SUB XOO - - - - USD -20.00 -20.00;
    4010 SUB XPP - - - - USD -10.00 -10.00');
SELECT pg_temp.post('E2016', 'year_end', '2024-12-31', '-', '
    4010 SUB XEU - - - - USD 40.00 40.00;
    3000 SUB XEU - - - - USD -40.00 -40.00');
