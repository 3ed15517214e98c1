package postgres_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"vcledger/ledger/ledgertest"
)

// books is what the invariants are tried on, by plain SQL: a fund, two contributors, a pledge, a receipt of 100 EUR with
// its entry, and its reversal.
var books = `
INSERT INTO contributor (code, name, kind) VALUES ('NLD', 'Netherlands', 'state'), ('DEU', 'Germany', 'state');
INSERT INTO bank_account (code, name) VALUES ('MAIN', 'Main');
INSERT INTO fund (code, name, kind, recognition, services, charges, rate_source, bank_account)
    VALUES ('F1', 'Fund', 'general_purpose', 'on_agreement', 'disclosed', 'gross', 'un', 'MAIN'),
           ('F2', 'Other fund', 'general_purpose', 'on_agreement', 'disclosed', 'gross', 'un', 'MAIN');
INSERT INTO pledge (id, reference, form, contributor, fund, fund_year, recognition, actor_id)
    VALUES ('00000000-0000-0000-0000-0000000000a1', 'P1', 'cash', 'NLD', 'F1', 2026, 'on_agreement', 1);
INSERT INTO receipt (id, bank_account, bank_reference, value_date, contributor, fund, fund_year, currency, amount, amount_usd, charges, credited,
                     rate, rate_date, rate_source, actor_id)
    VALUES ('00000000-0000-0000-0000-0000000000b1', 'MAIN', 'REF1', '2026-03-01', 'NLD', 'F1', 2026, 'EUR', 100, 110, 0, 100, 0.909090909091, '2026-03-01', 'stated', 1);
INSERT INTO delivery (id, contributor, fund, fund_year, delivered_on, category, description, quantity, pledged_quantity, unit, currency, amount, amount_usd,
                      valuation_basis, actor_id)
    VALUES ('00000000-0000-0000-0000-0000000000d1', 'NLD', 'F1', 2026, '2026-03-01', 'goods', 'a gift', 1, 0, 'item', 'USD', 5, 5, 'market_price', 1);
INSERT INTO idempotency_key (actor_id, key, request_hash, status, location, body) VALUES (1, 'k1', '', 201, '', '');
INSERT INTO journal_entry (id, kind, effective_date, actor_id, idempotency_key, description, receipt_id)
    VALUES ('00000000-0000-0000-0000-0000000000e1', 'receipt', '2026-03-01', 1, 'k1', 'Receipt', '00000000-0000-0000-0000-0000000000b1');
INSERT INTO journal_line (entry_id, number, effective_date, account, fund, contributor, bank_account, currency, amount, amount_usd, rate, rate_date, rate_source)
    VALUES ('00000000-0000-0000-0000-0000000000e1', 1, '2026-03-01', '1010', 'F1', NULL, 'MAIN', 'EUR', 100, 110, 0.909090909091, '2026-03-01', 'stated'),
           ('00000000-0000-0000-0000-0000000000e1', 2, '2026-03-01', '4010', 'F1', 'NLD', NULL, 'EUR', -100, -110, 0.909090909091, '2026-03-01', 'stated');
INSERT INTO allocation (id, receipt_id, contributor, fund, fund_year, effective_date, currency, amount, amount_usd, entry_id, actor_id)
    VALUES ('00000000-0000-0000-0000-0000000000c1', '00000000-0000-0000-0000-0000000000b1', 'NLD', 'F1', 2026, '2026-03-01', 'EUR', 90, 99,
            '00000000-0000-0000-0000-0000000000e1', 1);
INSERT INTO pledge_event (id, pledge_id, kind, effective_date, currency, amount, amount_usd, actor_id)
    VALUES ('00000000-0000-0000-0000-0000000000f1', '00000000-0000-0000-0000-0000000000a1', 'announced', '2026-01-01', 'USD', 10, 10, 1),
           ('00000000-0000-0000-0000-0000000000f2', '00000000-0000-0000-0000-0000000000a1', 'agreed', '2026-01-02', 'USD', 10, 10, 1);
INSERT INTO actor (name, role) VALUES ('Approver', 'approver');
INSERT INTO approval (id, kind, subject, funds, request, drafts, amount_usd, reason, actor_id)
    VALUES ('00000000-0000-0000-0000-0000000000aa', 'write_off', 'pledge 1', '{F1}', '{}', '[]', 1, 'x', 1);
INSERT INTO refund (id, receipt_id, source, contributor, fund, effective_date, currency, amount, amount_usd, reason, entry_id, actor_id)
    VALUES ('00000000-0000-0000-0000-000000000091', '00000000-0000-0000-0000-0000000000b1', 'revenue', 'NLD', 'F1', '2026-03-01', 'EUR', 1, 1, 'x',
            '00000000-0000-0000-0000-0000000000e1', 1);
INSERT INTO rate (source, currency, effective_date, units_per_usd) VALUES ('un', 'EUR', '2026-01-01', 0.9);
` + firstStatement + `;
INSERT INTO period (fund, starts_on, ends_on, closed) VALUES ('F1', '2025-01-01', '2025-12-31', true);`

// asked is a question of NLD about the pledge a1 of books, and an answer.
var asked = `INSERT INTO actor (name, role, contributor) VALUES ('Donor', 'donor', 'NLD');
` + questionSQL("d1", "NULL, '00000000-0000-0000-0000-0000000000a1', NULL, NULL", "'NLD'", "Donor") + `;
INSERT INTO answer (id, question_id, contributor, text, actor_id) VALUES ('00000000-0000-0000-0000-0000000000da', '00000000-0000-0000-0000-0000000000d1', 'NLD', 'x', 1);`

// questionSQL puts a question: the last digits of its id, the statement, pledge, receipt and delivery that it is about, whose it is and who asks.
func questionSQL(id, about, contributor, actor string) string {
	return `INSERT INTO question (id, statement, pledge_id, receipt_id, delivery_id, contributor, text, actor_id)
    SELECT '00000000-0000-0000-0000-0000000000` + id + `', ` + about + `, ` + contributor + `, 'x', id FROM actor WHERE name = '` + actor + `'`
}

// certificationSQL certifies the delivery d1 of books by somebody.
func certificationSQL(by string) string {
	return `INSERT INTO certification (delivery_id, certified_by, actor_id) VALUES ('00000000-0000-0000-0000-0000000000d1', ` + by + `, 1)`
}

// statementSQL issues a statement of NLD: the last digits of its number in this year, those in its document, the last day of
// its period, the hash of which bytes it has, and what it supersedes with which reason.
func statementSQL(number, told, to, hashed, supersedes, reason string) string {
	return `INSERT INTO statement (number, contributor, period_from, period_to, bodies, as_of, known_at, document, sha256, supersedes, reason, actor_id)
    SELECT y || '` + number + `', 'NLD', '2026-01-01', '` + to + `', 'without', '` + to + `', now(), d, sha256(` + hashed + `), ` + supersedes + `, '` + reason + `', 1
    FROM to_char(now() AT TIME ZONE 'UTC', 'YYYY/') AS y,
         convert_to(json_build_object('issued', json_build_object('number', y || '` + told + `'), 'contributor', json_build_object('code', 'NLD'))::text, 'UTF8') AS d`
}

var firstStatement = statementSQL("000001", "000001", "2026-03-31", "d", "NULL", "")

// merged merges DEU into NLD.
const merged = `INSERT INTO contributor_merge (absorbed, survivor, effective_date, reason, actor_id) VALUES ('DEU', 'NLD', '2026-01-01', 'x', 1);
`

// entry is an entry under a key of its own, whose lines follow; it stands in one transaction with them.
func entry(key, date, reverses, lines string) string {
	kind := "receipt"
	if reverses != "NULL" {
		kind = "reversal"
	}
	return `INSERT INTO idempotency_key (actor_id, key, request_hash, status, location, body) VALUES (1, '` + key + `', '', 201, '', '');
INSERT INTO journal_entry (id, kind, effective_date, actor_id, idempotency_key, description, reverses)
    VALUES ('00000000-0000-0000-0000-0000000000e2', '` + kind + `', '` + date + `', 1, '` + key + `', 'x', ` + reverses + `);
` + lines
}

// lines are lines of entry e2: "account fund currency amount usd" each, with a bank account where the account needs one.
func lines(date string, list ...string) string {
	var b strings.Builder
	for i, l := range list {
		f := strings.Fields(l)
		bank := "NULL"
		if f[0] == "1010" {
			bank = "'MAIN'"
		}
		rate := "NULL, NULL, NULL"
		if f[2] != "USD" {
			rate = "0.9, '2026-01-01', 'un'"
		}
		contributor := "NULL"
		if f[0] == "4010" {
			contributor = "'NLD'"
		}
		b.WriteString(`INSERT INTO journal_line (entry_id, number, effective_date, account, fund, contributor, bank_account, currency, amount, amount_usd, rate, rate_date, rate_source)
    VALUES ('00000000-0000-0000-0000-0000000000e2', ` + string(rune('1'+i)) + `, '` + date + `', '` + f[0] + `', '` + f[1] + `', ` + contributor + `, ` + bank + `, '` + f[2] + `', ` + f[3] + `, ` + f[4] + `, ` + rate + `);
`)
	}
	return b.String()
}

// TestPostgreSQLRefuses tries by plain SQL, as the service's own role and as the owner, what must never be in the books.
func TestPostgreSQLRefuses(t *testing.T) {
	const day = "2026-04-01"
	e1 := "'00000000-0000-0000-0000-0000000000e1'"
	tests := []struct{ name, sql, constraint string }{
		// 1. an entry that does not balance per fund, or has fewer than two lines
		{"lines that do not sum to zero", entry("k2", day, "NULL", lines(day, "1010 F1 USD 10 10", "4010 F1 USD -9 -9")), "journal_entry_balances"},
		{"balanced over two funds, in neither", entry("k2", day, "NULL", lines(day, "1010 F1 USD 10 10", "4010 F2 USD -10 -10")), "journal_entry_balances"},
		{"memorandum against the balance sheet", entry("k2", day, "NULL", lines(day, "1010 F1 USD 10 10", "9190 F1 USD -10 -10")), "journal_entry_balances"},
		{"one line", entry("k2", day, "NULL", lines(day, "1010 F1 USD 0 0")), "journal_entry_two_lines"},
		{"no line", entry("k2", day, "NULL", ""), "journal_entry_two_lines"},
		{"a line added to a posted entry", `INSERT INTO journal_line (entry_id, number, effective_date, account, fund, currency, amount, amount_usd)
			VALUES (` + e1 + `, 3, '2026-03-01', '5010', 'F1', 'USD', 0, 0)`, "journal_line_entry_fkey"},
		{"a line added with the entry's own clock", `INSERT INTO journal_line (entry_id, number, effective_date, recorded_at, account, fund, currency, amount, amount_usd)
			SELECT id, 3, effective_date, recorded_at, '5010', 'F1', 'USD', 0, 0 FROM journal_entry WHERE id = ` + e1, "journal_line_entry_fkey"},
		// 2. a change of what is posted
		{"update of an entry", `UPDATE journal_entry SET description = 'y'`, "journal_entry_append_only"},
		{"delete of an entry", `DELETE FROM journal_entry`, "journal_entry_append_only"},
		{"update of a line", `UPDATE journal_line SET amount = amount`, "journal_line_append_only"},
		{"delete of a line", `DELETE FROM journal_line WHERE number = 2`, "journal_line_append_only"},
		{"truncate of lines", `TRUNCATE journal_line`, "journal_line_append_only"},
		{"update of a receipt", `UPDATE receipt SET note = 'y'`, "receipt_append_only"},
		{"delete of a receipt", `DELETE FROM receipt`, "receipt_append_only"},
		{"truncate of receipts", `TRUNCATE receipt CASCADE`, "receipt_append_only"},
		{"update of a delivery", `UPDATE delivery SET note = 'y'`, "delivery_append_only"},
		{"delete of a delivery", `DELETE FROM delivery`, "delivery_append_only"},
		{"truncate of deliveries", `TRUNCATE delivery CASCADE`, "delivery_append_only"},
		{"update of a pledge", `UPDATE pledge SET note = 'y'`, "pledge_append_only"},
		{"delete of a leg", `DELETE FROM pledge_event`, "pledge_event_append_only"},
		{"update of an allocation", `UPDATE allocation SET amount = 1`, "allocation_append_only"},
		{"delete of an instalment", `DELETE FROM instalment`, "instalment_append_only"},
		{"update of a condition", `UPDATE condition SET number = 2`, "condition_append_only"},
		{"delete of a fulfilment", `DELETE FROM fulfilment`, "fulfilment_append_only"},
		{"update of an approval", `UPDATE approval SET reason = 'y'`, "approval_append_only"},
		{"delete of a decision", `DELETE FROM approval_decision`, "approval_decision_append_only"},
		{"update of a policy", `UPDATE approval_policy SET required = false`, "approval_policy_append_only"},
		{"delete of a refund", `DELETE FROM refund`, "refund_append_only"},
		{"delete of a payment", `DELETE FROM refund_payment`, "refund_payment_append_only"},
		{"update of an expenditure", `UPDATE expenditure SET project = 'y'`, "expenditure_append_only"},
		{"delete of a share", `DELETE FROM expenditure_share`, "expenditure_share_append_only"},
		{"delete of interest", `DELETE FROM interest`, "interest_append_only"},
		{"update of a fund's support", `UPDATE fund_support SET rate = 0`, "fund_support_append_only"},
		{"update of a closing", `UPDATE period_event SET reason = 'y'`, "period_event_append_only"},
		{"delete of an opening balance", `DELETE FROM opening_balance`, "opening_balance_append_only"},
		{"update of what a bank stated", `UPDATE bank_reconciliation SET amount = 0`, "bank_reconciliation_append_only"},
		{"delete of a note", `DELETE FROM receipt_note`, "receipt_note_append_only"},
		{"update of the audit trail", `UPDATE audit SET rule = ''`, "audit_append_only"},
		{"delete of the audit trail", `DELETE FROM audit`, "audit_append_only"},
		{"delete of an event", `DELETE FROM event`, "event_append_only"},
		{"update of a statement", `UPDATE statement SET reason = 'y'`, "statement_append_only"},
		{"delete of a statement", `DELETE FROM statement`, "statement_append_only"},
		{"update of a question", `UPDATE question SET text = 'y'`, "question_append_only"},
		{"delete of a question", `DELETE FROM question`, "question_append_only"},
		{"update of the fund's answer", `UPDATE answer SET text = 'y'`, "answer_append_only"},
		{"delete of the fund's answer", `DELETE FROM answer`, "answer_append_only"},
		{"a question about another's pledge", `INSERT INTO actor (name, role, contributor) VALUES ('Other', 'donor', 'DEU');` +
			questionSQL("d2", "NULL, '00000000-0000-0000-0000-0000000000a1', NULL, NULL", "'DEU'", "Other"), "question_own"},
		{"a question in another's name", questionSQL("d2", "NULL, NULL, NULL, NULL", "'DEU'", "Donor"), "question_own"},
		{"a question of an officer", questionSQL("d2", "NULL, NULL, NULL, NULL", "'NLD'", "Approver"), "question_own"},
		{"a question about no statement", questionSQL("d2", "'1999/000001', NULL, NULL, NULL", "'NLD'", "Donor"), "question_own"},
		{"a question about two records", questionSQL("d2", "NULL, '00000000-0000-0000-0000-0000000000a1', '00000000-0000-0000-0000-0000000000b1', NULL", "'NLD'", "Donor"), "question_about_one"},
		{"an answer to another's question", `INSERT INTO answer (id, question_id, contributor, text, actor_id) VALUES ('00000000-0000-0000-0000-0000000000db', '00000000-0000-0000-0000-0000000000d1', 'DEU', 'x', 1)`,
			"answer_question_fkey"},
		{"update of a certification", certificationSQL("'x'") + `; UPDATE certification SET certified_by = 'y'`, "certification_append_only"},
		{"delete of a certification", certificationSQL("'x'") + `; DELETE FROM certification`, "certification_append_only"},
		{"a certification by nobody", certificationSQL("''"), "certification_by_present"},
		{"a second certification", certificationSQL("'x'") + `; ` + certificationSQL("'y'"), "certification_pkey"},
		{"a certification of a certified delivery", `INSERT INTO delivery SELECT (d).* FROM (SELECT jsonb_populate_record(d, '{"id":"00000000-0000-0000-0000-0000000000d3","certified_by":"z"}') AS d FROM delivery d) x;
			INSERT INTO certification (delivery_id, certified_by, actor_id) VALUES ('00000000-0000-0000-0000-0000000000d3', 'x', 1)`, "certification_once"},
		{"a certification of a reversed delivery", `INSERT INTO journal_entry (id, kind, effective_date, actor_id, idempotency_key, description, delivery_id) VALUES ('00000000-0000-0000-0000-0000000000e8', 'delivery', '2026-03-01', 1, 'k1', 'x', '00000000-0000-0000-0000-0000000000d1');
			INSERT INTO journal_entry (id, kind, effective_date, actor_id, idempotency_key, description, reason, reverses) VALUES ('00000000-0000-0000-0000-0000000000e9', 'reversal', '2026-03-01', 1, 'k1', 'x', 'x', '00000000-0000-0000-0000-0000000000e8');
			` + certificationSQL("'x'"), "certification_of_what_stands"},
		{"truncate of statements", `TRUNCATE statement`, "statement_append_only"},
		{"update of a rate", `UPDATE rate SET units_per_usd = 1`, "rate_append_only"},
		{"update of an answer", `UPDATE idempotency_key SET body = 'y'`, "idempotency_key_append_only"},
		// 3. scales, and codes that do not exist
		{"cents of yen", entry("k2", day, "NULL", lines(day, "1010 F1 JPY 10.5 1", "4010 F1 JPY -10.5 -1")), "amount_scale"},
		{"a tenth of a cent", entry("k2", day, "NULL", lines(day, "1010 F1 USD 1.001 1.001", "4010 F1 USD -1.001 -1.001")), "journal_line_amount_usd_scale"},
		{"a receipt with too many decimals", receiptSQL("EUR", "1.001", "MAIN", "REF9"), "amount_scale"},
		{"a currency that does not exist", entry("k2", day, "NULL", lines(day, "1010 F1 XYZ 10 10", "4010 F1 XYZ -10 -10")), "journal_line_currency_fkey"},
		{"an account that does not exist", entry("k2", day, "NULL", lines(day, "1010 F1 USD 10 10", "4999 F1 USD -10 -10")), "journal_line_account_fkey"},
		{"a fund that does not exist", entry("k2", day, "NULL", lines(day, "1010 F9 USD 10 10", "4010 F9 USD -10 -10")), "journal_line_fund_fkey"},
		{"a contributor that does not exist", `INSERT INTO pledge (id, reference, form, contributor, fund, fund_year, recognition, actor_id)
			VALUES ('00000000-0000-0000-0000-0000000000a2', 'P2', 'cash', 'XXX', 'F1', 2026, 'on_agreement', 1)`, "pledge_contributor_fkey"},
		// 4. a closed period
		{"an entry in a closed period", entry("k2", "2025-06-30", "NULL", lines("2025-06-30", "1010 F1 USD 10 10", "4010 F1 USD -10 -10")), "journal_entry_period_open"},
		{"an entry before a closed period", entry("k2", "2024-06-30", "NULL", lines("2024-06-30", "1010 F1 USD 10 10", "4010 F1 USD -10 -10")), "journal_entry_period_open"},
		{"a period that is no month and no year", `INSERT INTO period (fund, starts_on, ends_on, closed) VALUES ('F1', '2026-01-01', '2026-01-30', true)`, "period_month_or_year"},
		{"a period opened again without a reason", `INSERT INTO period_event (id, fund, starts_on, ends_on, action, reason, actor_id)
			VALUES (gen_random_uuid(), 'F1', '2025-01-01', '2025-12-31', 'reopened', '', 1)`, "period_event_reopened_with_reason"},
		{"shares that do not sum to the expenditure", `INSERT INTO expenditure (id, fund, effective_date, currency, amount, amount_usd, description, reference, bank_account, actor_id)
			VALUES ('00000000-0000-0000-0000-000000000081', 'F1', '2026-04-01', 'USD', 10, 10, 'x', 'V1', 'MAIN', 1);
			INSERT INTO expenditure_share (expenditure_id, number, fund, weight, currency, amount, amount_usd) VALUES ('00000000-0000-0000-0000-000000000081', 1, 'F1', 1, 'USD', 9, 9)`, "expenditure_share_sum"},
		{"two expenditures of one voucher", `INSERT INTO expenditure (id, fund, effective_date, currency, amount, amount_usd, description, reference, bank_account, actor_id)
			SELECT gen_random_uuid(), 'F1', '2026-04-01', 'USD', 10, 10, 'x', 'V1', 'MAIN', 1 FROM generate_series(1, 2)`, "expenditure_reference_key"},
		// 5. a second time
		{"a second entry under a key", `INSERT INTO journal_entry (id, kind, effective_date, actor_id, idempotency_key, description)
			VALUES ('00000000-0000-0000-0000-0000000000e2', 'receipt', '2026-04-01', 1, 'k1', 'x')`, "journal_entry_idempotency_key_fkey"},
		{"a key claimed again", `INSERT INTO idempotency_key (actor_id, key, request_hash, status, location, body) VALUES (1, 'k1', '', 201, '', '')`, "idempotency_key_pkey"},
		{"a second receipt with a bank reference", receiptSQL("EUR", "1", "MAIN", "REF1"), "receipt_bank_reference_key"},
		{"a second statement of a period", statementSQL("000002", "000002", "2026-03-31", "d", "NULL", ""), "statement_once"},
		{"a number used twice", statementSQL("000001", "000001", "2026-06-30", "d", "NULL", ""), "statement_number_next"},
		{"a gap in the numbers", statementSQL("000003", "000003", "2026-06-30", "d", "NULL", ""), "statement_number_next"},
		{"a document of another number", statementSQL("000002", "000003", "2026-06-30", "d", "NULL", ""), "statement_says_number"},
		{"a hash of other bytes", statementSQL("000002", "000002", "2026-06-30", "'x'", "NULL", ""), "statement_sha256_of_document"},
		{"superseding a statement of another period", statementSQL("000002", "000002", "2026-06-30", "d", "y || '000001'", "x"), "statement_supersedes_same"},
		{"superseding without a reason", statementSQL("000002", "000002", "2026-03-31", "d", "y || '000001'", ""), "statement_reason_when_superseding"},
		{"superseding twice", statementSQL("000002", "000002", "2026-03-31", "d", "y || '000001'", "x") + ";" + statementSQL("000003", "000003", "2026-03-31", "d", "y || '000001'", "x"),
			"statement_supersedes_key"},
		{"a statement as known in the future", strings.Replace(statementSQL("000002", "000002", "2026-06-30", "d", "NULL", ""), "now(), d", "now() + interval '1 s', d", 1),
			"statement_known_before_issued"},
		// 6. more than there is, and twice
		{"a receipt allocated beyond its amount", `INSERT INTO allocation (id, receipt_id, contributor, fund, fund_year, effective_date, currency, amount, amount_usd, entry_id, actor_id)
			VALUES ('00000000-0000-0000-0000-0000000000c2', '00000000-0000-0000-0000-0000000000b1', 'NLD', 'F1', 2026, '2026-03-01', 'EUR', 10.01, 11, ` + e1 + `, 1)`, "allocation_within_receipt"},
		{"instalments that do not sum to the agreement", `INSERT INTO instalment (pledge_id, number, event_id, due_on, currency, amount)
			VALUES ('00000000-0000-0000-0000-0000000000a1', 1, '00000000-0000-0000-0000-0000000000f2', '2026-05-01', 'USD', 9)`, "instalment_sum"},
		{"a reversal that is no mirror", entry("k2", day, e1, lines(day, "1010 F1 USD -10 -10", "4010 F1 USD 10 10")), "journal_entry_reversal_mirrors"},
		{"conditions that do not sum to the agreement", `INSERT INTO condition (event_id, number, pledge_id, description, currency, amount)
			VALUES ('00000000-0000-0000-0000-0000000000f2', 1, '00000000-0000-0000-0000-0000000000a1', 'x', 'USD', 9)`, "condition_sum"},
		{"a condition met twice", `INSERT INTO condition (event_id, number, pledge_id, description, currency, amount)
			VALUES ('00000000-0000-0000-0000-0000000000f2', 1, '00000000-0000-0000-0000-0000000000a1', 'x', 'USD', 10);
			INSERT INTO fulfilment (id, event_id, number, effective_date, met_by, evidence, actor_id)
			SELECT gen_random_uuid(), '00000000-0000-0000-0000-0000000000f2', 1, '2026-04-01', 'x', 'y', 1 FROM generate_series(1, 2)`, "fulfilment_once"},
		{"a pledge agreed twice", `INSERT INTO pledge_event (id, pledge_id, kind, effective_date, currency, amount, amount_usd, actor_id)
			VALUES (gen_random_uuid(), '00000000-0000-0000-0000-0000000000a1', 'agreed', '2026-01-03', 'USD', 10, 10, 1)`, "pledge_event_once"},
		{"an instalment that the agreement has not", `INSERT INTO allocation (id, receipt_id, contributor, fund, fund_year, pledge_id, instalment, effective_date, currency, amount, amount_usd, entry_id, actor_id)
			VALUES (gen_random_uuid(), '00000000-0000-0000-0000-0000000000b1', 'NLD', 'F1', 2026, '00000000-0000-0000-0000-0000000000a1', 7, '2026-03-01', 'EUR', 1, 1, ` + e1 + `, 1)`, "allocation_instalment"},
		{"less than nothing receivable", entry("k2", day, "NULL", `INSERT INTO journal_line (entry_id, number, effective_date, account, fund, contributor, pledge_id, currency, amount, amount_usd)
			VALUES ('00000000-0000-0000-0000-0000000000e2', 1, '2026-04-01', '1200', 'F1', 'NLD', '00000000-0000-0000-0000-0000000000a1', 'USD', -10, -10),
			       ('00000000-0000-0000-0000-0000000000e2', 2, '2026-04-01', '4010', 'F1', 'NLD', NULL, 'USD', 10, 10)`), "journal_entry_balance_negative"},
		{"less than nothing held", entry("k2", day, "NULL", `INSERT INTO journal_line (entry_id, number, effective_date, account, fund, receipt_id, currency, amount, amount_usd)
			VALUES ('00000000-0000-0000-0000-0000000000e2', 1, '2026-04-01', '2100', 'F1', '00000000-0000-0000-0000-0000000000b1', 'USD', 10, 10),
			       ('00000000-0000-0000-0000-0000000000e2', 2, '2026-04-01', '4010', 'F1', NULL, 'USD', -10, -10)`), "journal_entry_balance_negative"},
		{"a refund paid twice", `INSERT INTO refund_payment (id, refund_id, bank_account, value_date, entry_id, actor_id)
			VALUES (gen_random_uuid(), '00000000-0000-0000-0000-000000000091', 'MAIN', '2026-04-01', ` + e1 + `, 1);
			INSERT INTO refund_payment (id, refund_id, bank_account, value_date, entry_id, actor_id)
			VALUES (gen_random_uuid(), '00000000-0000-0000-0000-000000000091', 'MAIN', '2026-04-01', ` + e1 + `, 1)`, "refund_payment_entry_id_key"},
		// four eyes
		{"a second request for the same", `INSERT INTO approval (id, kind, subject, funds, request, drafts, amount_usd, reason, actor_id)
			VALUES (gen_random_uuid(), 'write_off', 'pledge 1', '{F1}', '{}', '[]', 1, 'x', 1)`, "approval_pending_once"},
		{"approved by who asked for it", `INSERT INTO approval_decision (approval_id, decision, reason, actor_id)
			VALUES ('00000000-0000-0000-0000-0000000000aa', 'approved', '', 1)`, "approval_decision_four_eyes"},
		{"withdrawn by another", `INSERT INTO approval_decision (approval_id, decision, reason, actor_id)
			VALUES ('00000000-0000-0000-0000-0000000000aa', 'withdrawn', '', (SELECT id FROM actor WHERE role = 'approver'))`, "approval_decision_four_eyes"},
		{"an entry of an approval that was not given", `INSERT INTO idempotency_key (actor_id, key, request_hash, status, location, body) VALUES (1, 'k2', '', 201, '', '');
			INSERT INTO journal_entry (id, kind, effective_date, actor_id, idempotency_key, description, approval_id)
			VALUES ('00000000-0000-0000-0000-0000000000e2', 'receipt', '2026-04-01', 1, 'k2', 'x', '00000000-0000-0000-0000-0000000000aa');
			` + lines(day, "1010 F1 USD 10 10", "4010 F1 USD -10 -10"), "journal_entry_approved"},
		{"a pledge's line under another contributor", entry("k2", day, "NULL", `INSERT INTO journal_line (entry_id, number, effective_date, account, fund, contributor, pledge_id, currency, amount, amount_usd)
			VALUES ('00000000-0000-0000-0000-0000000000e2', 1, '2026-04-01', '1200', 'F1', 'DEU', '00000000-0000-0000-0000-0000000000a1', 'USD', 10, 10),
			       ('00000000-0000-0000-0000-0000000000e2', 2, '2026-04-01', '4010', 'F1', 'DEU', '00000000-0000-0000-0000-0000000000a1', 'USD', -10, -10)`), "journal_line_pledge_fkey"},
		// 8. contributors that contradict each other
		{"parents in a circle", `INSERT INTO contributor_parent (contributor, parent, from_date) VALUES ('DEU', 'NLD', '2020-01-01'), ('NLD', 'DEU', '2019-01-01')`,
			"contributor_parent_no_cycle"},
		{"a merge into what was merged", merged + `INSERT INTO contributor_merge (absorbed, survivor, effective_date, reason, actor_id) VALUES ('NLD', 'DEU', '2026-01-01', 'x', 1)`,
			"contributor_merge_survivor_stands"},
		{"a merge into itself", `INSERT INTO contributor_merge (absorbed, survivor, effective_date, reason, actor_id) VALUES ('NLD', 'NLD', '2026-01-01', 'x', 1)`,
			"contributor_merge_of_two"},
		{"a second merge of one record", merged + merged, "contributor_merge_pkey"},
		{"a pledge of a merged record", merged + `INSERT INTO pledge (id, reference, form, contributor, fund, fund_year, recognition, actor_id)
			VALUES ('00000000-0000-0000-0000-0000000000a9', 'P9', 'cash', 'DEU', 'F1', 2026, 'on_agreement', 1)`, "contributor_merged"},
		{"a merge undone", merged + `DELETE FROM contributor_merge`, "contributor_merge_append_only"},
		{"a published code of two at once", `INSERT INTO contributor_code (contributor, scheme, value, valid_to, actor_id) VALUES ('DEU', 'dac', '5', '2020-01-01', 1);
			INSERT INTO contributor_code (contributor, scheme, value, valid_from, actor_id) VALUES ('NLD', 'dac', '5', '2020-01-01', 1)`, "contributor_code_unique"},
	}
	for _, role := range []string{"vcledger_service", ""} {
		name := role
		if name == "" {
			name = "owner"
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := ledgertest.Database(t)
			ledgertest.Connect(t, url, "").MustExec(books + asked)
			db := ledgertest.Connect(t, url, role)
			for _, tt := range tests {
				t.Run(tt.name, func(t *testing.T) { wantRefused(t, db, tt.sql, tt.constraint, role) })
			}
			t.Run("a reversal of an entry already reversed", func(t *testing.T) {
				mirror := lines(day, "1010 F1 EUR -100 -110", "4010 F1 EUR 100 110")
				db.MustExec(entry("k2", day, e1, mirror))
				again := strings.ReplaceAll(entry("k3", day, e1, mirror), "00000000e2", "00000000e3")
				wantRefused(t, db, again, "journal_entry_reverses_key", role)
			})
		})
	}
}

func receiptSQL(currency, amount, account, reference string) string {
	return `INSERT INTO receipt (id, bank_account, bank_reference, value_date, fund, fund_year, currency, amount, amount_usd, charges, credited, rate, rate_date, rate_source, actor_id)
		VALUES ('00000000-0000-0000-0000-0000000000b2', '` + account + `', '` + reference + `', '2026-03-01', 'F1', 2026, '` + currency + `', ` + amount + `, 1, 0, ` + amount + `, 1, '2026-03-01', 'un', 1)`
}

// wantRefused runs SQL in a transaction that must fail on the constraint. The service may be refused before, for want of
// the right.
func wantRefused(t *testing.T, db *sqlx.DB, sql, constraint, role string) {
	t.Helper()
	_, err := db.Exec("BEGIN; " + sql + "; COMMIT")
	if _, rollback := db.Exec("ROLLBACK"); rollback != nil {
		t.Fatal(rollback)
	}
	var pe *pq.Error
	if !errors.As(err, &pe) {
		t.Fatalf("not refused: %v", err)
	}
	if pe.Constraint == constraint {
		return
	}
	if role != "" && pe.Code == "42501" && strings.HasSuffix(constraint, "_append_only") {
		return
	}
	t.Errorf("refused by %q (%s), want %s", pe.Constraint, pe.Message, constraint)
}

// TestEveryConstraintHasAName holds the schema to the house rule that a constraint's name can be looked up.
func TestEveryConstraintHasAName(t *testing.T) {
	t.Parallel()
	db := ledgertest.Connect(t, ledgertest.Database(t), "")
	var unnamed []string
	err := db.Select(&unnamed, `
		SELECT conname FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
		WHERE r.relnamespace = 'public'::regnamespace AND r.relname <> 'goose_db_version'
		  AND (conname ~ '_check[0-9]*$' OR NOT starts_with(conname, r.relname))
		  AND contype <> 't'`)
	if err != nil {
		t.Fatal(err)
	}
	if len(unnamed) > 0 {
		t.Errorf("constraints named by PostgreSQL or after another table: %v", unnamed)
	}
}
