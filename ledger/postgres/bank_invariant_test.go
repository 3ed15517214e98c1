package postgres_test

import (
	"database/sql"
	"testing"

	"github.com/pressly/goose/v3"

	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
	"vcledger/migrations"
)

// banked is a statement of MAIN with two lines, the first of which is decided to be the receipt b1 of books, and a decision
// that was undone.
const banked = `
INSERT INTO bank_statement (id, bank_account, currency, sha256, part, file, format, identification, sequence, total, lines, repeated, problems, actor_id)
VALUES ('00000000-0000-0000-0000-000000000b01', 'MAIN', 'EUR', decode(repeat('ab', 32), 'hex'), 1, 'a.xml', 'camt.053', 'S1', '', 100, 2, 0, '[]', 1);
INSERT INTO bank_line (id, statement_id, number, booking, bank_account, booking_date, value_date, currency, amount, reversal, identity, ordinal, reference, end_to_end, code, payer, ultimate,
    payer_account, payer_bank, remittance, charges, original, file_line)
SELECT ('00000000-0000-0000-0000-000000000b1' || n)::uuid, '00000000-0000-0000-0000-000000000b01', n, n, 'MAIN', '2026-03-01', '2026-03-01', 'EUR', 100, false, decode(repeat('0' || n, 32), 'hex'), 1,
    'REF' || n, '', '', 'NETHERLANDS', '', '', '', '', 0, '', 1 FROM generate_series(1, 2) n;
INSERT INTO bank_decision (id, line_id, kind, receipt_id, actor_id)
VALUES ('00000000-0000-0000-0000-000000000bd1', '00000000-0000-0000-0000-000000000b11', 'linked', '00000000-0000-0000-0000-0000000000b1', 1);
INSERT INTO bank_decision (id, line_id, kind, note, actor_id) VALUES ('00000000-0000-0000-0000-000000000bd2', '00000000-0000-0000-0000-000000000b12', 'other', 'x', 1);
INSERT INTO bank_decision (id, line_id, kind, undoes, actor_id) VALUES ('00000000-0000-0000-0000-000000000bd3', '00000000-0000-0000-0000-000000000b12', 'undone', '00000000-0000-0000-0000-000000000bd2', 1);
INSERT INTO payer (decision_id, contributor, name_key, account) VALUES ('00000000-0000-0000-0000-000000000bd1', 'NLD', 'NETHERLANDS', '');
INSERT INTO bank_rule (id, payer, remittance, kind, fund, note, actor_id) VALUES ('00000000-0000-0000-0000-000000000be1', 'BANK', '', 'charge', 'F1', 'x', 1);
INSERT INTO bank_rule_end (rule_id, actor_id) VALUES ('00000000-0000-0000-0000-000000000be1', 1);
INSERT INTO bank_explanation (id, bank_account, item, note, actor_id) VALUES (gen_random_uuid(), 'MAIN', 'opening EUR', 'x', 1);
INSERT INTO bank_sign_off (id, bank_account, currency, on_date, bank, books, items, note, actor_id) VALUES (gen_random_uuid(), 'MAIN', 'EUR', '2026-03-31', 100, 100, '[]', '', 1);
`

// bankLineSQL is a third line with the values that are given.
func bankLineSQL(account, currency, amount, identity, ordinal, reference string) string {
	return `INSERT INTO bank_line (statement_id, number, booking, bank_account, booking_date, value_date, currency, amount, reversal, identity, ordinal, reference, end_to_end, code, payer, ultimate,
		payer_account, payer_bank, remittance, charges, original, file_line)
		VALUES ('00000000-0000-0000-0000-000000000b01', 3, 3, '` + account + `', '2026-03-01', '2026-03-01', '` + currency + `', ` + amount + `, false, decode(repeat('` + identity + `', 32), 'hex'), ` + ordinal + `,
		'` + reference + `', '', '', '', '', '', '', '', 0, '', 1)`
}

func bankDecisionSQL(line, kind, receipt, entry, note string) string {
	return `INSERT INTO bank_decision (id, line_id, kind, receipt_id, entry_id, note, actor_id)
		VALUES (gen_random_uuid(), '00000000-0000-0000-0000-000000000b` + line + `', '` + kind + `', ` + receipt + `, ` + entry + `, '` + note + `', 1)`
}

// TestPostgreSQLRefusesBank tries by plain SQL, as the service's own role and as the owner, what must never be in the tables of
// the bank.
func TestPostgreSQLRefusesBank(t *testing.T) {
	b1, e1 := "'00000000-0000-0000-0000-0000000000b1'", "'00000000-0000-0000-0000-0000000000e1'"
	tests := []struct{ name, sql, constraint string }{
		{"an amount changed", `UPDATE bank_line SET amount = 1`, "bank_line_append_only"},
		{"a line deleted", `DELETE FROM bank_line`, "bank_line_append_only"},
		{"the lines emptied", `TRUNCATE bank_line CASCADE`, "bank_line_append_only"},
		{"a balance changed", `UPDATE bank_statement SET closing = 1`, "bank_statement_append_only"},
		{"a problem hidden", `UPDATE bank_statement SET problems = '[]'`, "bank_statement_append_only"},
		{"a statement deleted", `DELETE FROM bank_statement`, "bank_statement_append_only"},
		{"the statements emptied", `TRUNCATE bank_statement CASCADE`, "bank_statement_append_only"},
		{"a decision changed", `UPDATE bank_decision SET note = 'y'`, "bank_decision_append_only"},
		{"a decision deleted", `DELETE FROM bank_decision`, "bank_decision_append_only"},
		{"a payer changed", `UPDATE payer SET contributor = 'DEU'`, "payer_append_only"},
		{"a payer deleted", `DELETE FROM payer`, "payer_append_only"},
		{"a rule changed", `UPDATE bank_rule SET payer = 'y'`, "bank_rule_append_only"},
		{"a rule's end deleted", `DELETE FROM bank_rule_end`, "bank_rule_end_append_only"},
		{"an explanation changed", `UPDATE bank_explanation SET note = 'y'`, "bank_explanation_append_only"},
		{"a sign-off deleted", `DELETE FROM bank_sign_off`, "bank_sign_off_append_only"},
		{"the sign-offs emptied", `TRUNCATE bank_sign_off`, "bank_sign_off_append_only"},
		{"a tenth of a cent", bankLineSQL("MAIN", "EUR", "1.001", "09", "1", "REF9"), "amount_scale"},
		{"an amount without end", bankLineSQL("MAIN", "EUR", "'infinity'", "09", "1", "REF9"), "bank_line_amount_finite"},
		{"a line of a foreign account", bankLineSQL("ELSEWHERE", "EUR", "1", "09", "1", "REF9"), "bank_line_bank_account_fkey"},
		{"a currency that does not exist", bankLineSQL("MAIN", "XYZ", "1", "09", "1", "REF9"), "bank_line_currency_fkey"},
		{"a payment twice", bankLineSQL("MAIN", "EUR", "100", "01", "1", "REF9"), "bank_line_identity_key"},
		{"a reference twice", bankLineSQL("MAIN", "EUR", "1", "09", "1", "REF1"), "bank_line_reference_key"},
		{"no reference", bankLineSQL("MAIN", "EUR", "1", "09", "1", ""), "bank_line_reference_present"},
		{"counted from nothing", bankLineSQL("MAIN", "EUR", "1", "09", "0", "REF9"), "bank_line_ordinal_positive"},
		{"a file twice", `INSERT INTO bank_statement (id, bank_account, currency, sha256, part, file, format, identification, sequence, total, lines, repeated, problems, actor_id)
			VALUES (gen_random_uuid(), 'MAIN', 'EUR', decode(repeat('ab', 32), 'hex'), 1, '', '', '', '', 0, 0, 0, '[]', 1)`, "bank_statement_sha256_key"},
		{"a balance without a date", `INSERT INTO bank_statement (id, bank_account, currency, sha256, part, file, format, identification, sequence, opening, total, lines, repeated, problems, actor_id)
			VALUES (gen_random_uuid(), 'MAIN', 'EUR', decode(repeat('ac', 32), 'hex'), 1, '', '', '', '', 5, 0, 0, 0, '[]', 1)`, "bank_statement_opening_dated"},
		{"a line decided on twice", bankDecisionSQL("11", "other", "NULL", "NULL", "x"), "bank_decision_once"},
		{"two decisions at once", bankDecisionSQL("12", "other", "NULL", "NULL", "x") + ";" + bankDecisionSQL("12", "transfer", "NULL", "NULL", "x"), "bank_decision_once"},
		{"one receipt for two lines", bankDecisionSQL("12", "linked", b1, "NULL", ""), "bank_decision_one_line"},
		{"one receipt for two lines, by its entry", bankDecisionSQL("12", "linked", "NULL", e1, ""), "bank_decision_one_line"},
		{"a receipt without a receipt", bankDecisionSQL("12", "receipt", "NULL", "NULL", ""), "bank_decision_books"},
		{"a mark that books something", bankDecisionSQL("12", "other", b1, "NULL", "x"), "bank_decision_books"},
		{"a mark without a word", bankDecisionSQL("12", "transfer", "NULL", "NULL", ""), "bank_decision_marked_with_note"},
		{"a kind of its own", bankDecisionSQL("12", "gift", "NULL", "NULL", ""), "bank_decision_kind_known"},
		{"undone twice", `INSERT INTO bank_decision (id, line_id, kind, undoes, actor_id)
			VALUES (gen_random_uuid(), '00000000-0000-0000-0000-000000000b12', 'undone', '00000000-0000-0000-0000-000000000bd2', 1)`, "bank_decision_undoes_key"},
		{"a rule of nothing", `INSERT INTO bank_rule (id, payer, remittance, kind, note, actor_id) VALUES (gen_random_uuid(), '', '', 'other', 'x', 1)`, "bank_rule_pattern_present"},
		{"a contribution of nobody", `INSERT INTO bank_rule (id, payer, remittance, kind, note, actor_id) VALUES (gen_random_uuid(), 'X', '', 'contribution', 'x', 1)`, "bank_rule_says_something"},
		{"an item of no kind", `INSERT INTO bank_explanation (id, bank_account, item, note, actor_id) VALUES (gen_random_uuid(), 'MAIN', 'something', 'x', 1)`, "bank_explanation_item_form"},
		{"signed off in the middle of a month", `INSERT INTO bank_sign_off (id, bank_account, currency, on_date, bank, books, items, note, actor_id)
			VALUES (gen_random_uuid(), 'MAIN', 'EUR', '2026-03-30', 1, 1, '[]', '', 1)`, "bank_sign_off_month_end"},
		{"two accounts of one IBAN", `UPDATE bank_account SET iban = 'DE89370400440532013000'; INSERT INTO bank_account (code, name, iban) VALUES ('TWIN', 'x', 'DE89370400440532013000')`, "bank_account_iban_key"},
		{"a threshold of nothing", `UPDATE fund SET match_threshold = 0`, "fund_match_threshold_range"},
	}
	for _, role := range []string{"vcledger_service", ""} {
		name := role
		if name == "" {
			name = "owner"
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := ledgertest.Database(t)
			owner := ledgertest.Connect(t, url, "")
			owner.MustExec(books)
			owner.MustExec(banked)
			db := ledgertest.Connect(t, url, role)
			for _, tt := range tests {
				t.Run(tt.name, func(t *testing.T) { wantRefused(t, db, tt.sql, tt.constraint, role) })
			}
			// What was undone makes room for another decision.
			db.MustExec(bankDecisionSQL("12", "transfer", "NULL", "NULL", "x"))
		})
	}
}

// TestBankOnFullBooks brings a database of the schema before the bank up to date that has accounts and receipts, and one that
// has decisions on lines to the checks of very many of them: what is recorded stays, and a line is decided on once.
func TestBankOnFullBooks(t *testing.T) {
	t.Parallel()
	url := ledgertest.Empty(t)
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // the database itself is dropped
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations.FS)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), 69); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), books); err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), 70); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), banked); err != nil {
		t.Fatal(err)
	}
	if _, err := postgres.Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	owner := ledgertest.Connect(t, url, "")
	wantRefused(t, owner, bankDecisionSQL("12", "linked", "'00000000-0000-0000-0000-0000000000b1'", "NULL", ""), "bank_decision_one_line", "")
	owner.MustExec(bankDecisionSQL("12", "other", "NULL", "NULL", "x"))
	store := ledgertest.Open(t, url)
	list, err := store.BankStatements(t.Context(), "", [16]byte{}, 10)
	if err != nil || len(list) != 1 || list[0].Waiting != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	r, err := store.Receipt(t.Context(), [16]byte{15: 0xb1})
	if err != nil || r.BankReference != "REF1" || !r.ReversedOn.IsZero() {
		t.Errorf("%+v, %v", r, err)
	}
	threshold := 0
	if err := owner.Get(&threshold, `SELECT match_threshold FROM fund WHERE code = 'F1'`); err != nil || threshold != 90 {
		t.Errorf("the threshold is %d, %v", threshold, err)
	}
}
