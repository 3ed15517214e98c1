-- Books of the schema before migration 0040, with gifts in kind in units that no list had.
INSERT INTO actor (name, role) VALUES ('before', 'officer');
INSERT INTO bank_account (code, name) VALUES ('MAIN', 'Main');
INSERT INTO fund (code, name, kind, recognition, services, charges, rate_source, bank_account)
VALUES ('F1', 'F1', 'general_purpose', 'on_agreement', 'disclosed', 'gross', 'un', 'MAIN');
INSERT INTO contributor (code, name, kind) VALUES ('XAA', 'Exampleland', 'state');
INSERT INTO pledge (id, reference, form, contributor, fund, fund_year, recognition, actor_id)
SELECT '00000000-0000-0000-0000-0000000000a1', 'P1', 'in_kind', 'XAA', 'F1', 2026, 'on_agreement', id FROM actor WHERE name = 'before';
INSERT INTO pledge_item (pledge_id, number, category, description, quantity, unit, currency, amount, amount_usd, valuation_basis)
VALUES ('00000000-0000-0000-0000-0000000000a1', 1, 'goods', 'Laboratory kits', 3, 'shipload', 'USD', 100, 100, 'donor_stated');
INSERT INTO delivery (id, contributor, fund, fund_year, delivered_on, category, description, quantity, pledged_quantity, unit, currency, amount,
    amount_usd, valuation_basis, evidence, actor_id)
SELECT '00000000-0000-0000-0000-0000000000d1', 'XAA', 'F1', 2026, '2026-03-01', 'goods', 'Kits', 2, 0, 'crate', 'USD', 0, 0, 'market_price',
    'Bill of lading', id FROM actor WHERE name = 'before';
