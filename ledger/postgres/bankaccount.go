package postgres

import (
	"context"
	"time"

	"vcledger/ledger"
	"vcledger/ledger/bankfile"
)

const bankAccountColumns = `code, name, coalesce(currency, '') AS currency, coalesce(iban, '') AS iban, coalesce(number, '') AS number, bank, mapping, recorded_at`

type bankAccountRow struct {
	Code       string
	Name       string
	Currency   string
	IBAN       string
	Number     string
	Bank       string
	Mapping    []byte
	RecordedAt time.Time `db:"recorded_at"`
}

func (r bankAccountRow) bankAccount() ledger.BankAccount {
	return ledger.BankAccount{Code: ledger.BankAccountCode(r.Code), Name: r.Name, Currency: ledger.Currency(r.Currency), IBAN: r.IBAN, Number: r.Number, Bank: r.Bank,
		Mapping: r.Mapping, RecordedAt: r.RecordedAt.UTC()}
}

// RecordBankAccount records a bank account.
// Errors: [ledger.RuleCodeTaken], also for an IBAN or a number that another account has.
func (s *Store) RecordBankAccount(ctx context.Context, c Command, in ledger.BankAccount) (Answer, error) {
	return s.write(ctx, c, nil, func(ctx context.Context, t *tx) (any, error) {
		known, err := t.known(ctx, "bank_account", string(in.Code))
		if err != nil {
			return nil, err
		}
		if known[string(in.Code)] {
			var v ledger.Violations
			v.Add("/code", ledger.RuleCodeTaken, "Bank account %s is recorded already.", in.Code)
			return nil, v.Err()
		}
		in.RecordedAt = t.now
		return in, t.insertBankAccount(ctx, in)
	})
}

func (t *tx) insertBankAccount(ctx context.Context, in ledger.BankAccount) error {
	return t.exec(ctx, `
		INSERT INTO bank_account (code, name, currency, iban, number, bank, mapping)
		VALUES ($1, $2, nullif($3, ''), nullif($4, ''), nullif($5, ''), $6, $7)`, in.Code, in.Name, in.Currency, in.IBAN, in.Number, in.Bank, nullJSON(in.Mapping))
}

// nullJSON returns JSON as a column takes it: an untyped nil is NULL.
func nullJSON(data []byte) any {
	if data == nil {
		return nil
	}
	return string(data)
}

// BankAccount returns a bank account by its code.
// Errors: [ledger.RuleNotFound].
func (s *Store) BankAccount(ctx context.Context, code ledger.BankAccountCode) (ledger.BankAccount, error) {
	var row bankAccountRow
	err := s.get(ctx, &row, `SELECT `+bankAccountColumns+` FROM bank_account WHERE code = $1`, code)
	if noRows(err) {
		return ledger.BankAccount{}, ledger.Fail(ledger.RuleNotFound, "There is no such bank account.")
	}
	return row.bankAccount(), err
}

// BankAccounts lists bank accounts by code, after the given one.
func (s *Store) BankAccounts(ctx context.Context, after string, limit int) ([]ledger.BankAccount, error) {
	var rows []bankAccountRow
	err := s.selectRows(ctx, &rows, `SELECT `+bankAccountColumns+` FROM bank_account WHERE code > $1 ORDER BY code LIMIT $2`, after, limit)
	return transform(rows, bankAccountRow.bankAccount), err
}

// BankAccountEdit changes how the bank's statements are known to be of an account; nil leaves a value as it is.
type BankAccountEdit struct {
	IBAN    *string
	Number  *string
	Bank    *string
	Mapping []byte
}

// EditBankAccount changes the details of a bank account. check says whether the record is the one that the caller has read.
// Errors: [ledger.RuleNotFound], [ledger.RuleEditStale], [ledger.RuleCodeTaken], and those of check.
func (s *Store) EditBankAccount(ctx context.Context, c Command, code ledger.BankAccountCode, in BankAccountEdit, check func(ledger.BankAccount) error) (Answer, error) {
	return s.write(ctx, c, nil, func(ctx context.Context, t *tx) (any, error) {
		before, err := s.BankAccount(ctx, code)
		if err == nil {
			err = check(before)
		}
		if err != nil {
			return nil, err
		}
		after := before
		set(&after.IBAN, in.IBAN)
		set(&after.Number, in.Number)
		set(&after.Bank, in.Bank)
		if in.Mapping != nil {
			after.Mapping = in.Mapping
		}
		type details struct{ IBAN, Number, Bank, Mapping string }
		if err := t.edited(details{before.IBAN, before.Number, before.Bank, string(before.Mapping)}, details{after.IBAN, after.Number, after.Bank, string(after.Mapping)}); err != nil {
			return nil, err
		}
		return after, t.once(ctx, `
			UPDATE bank_account SET iban = nullif($2, ''), number = nullif($3, ''), bank = $4, mapping = $5
			WHERE code = $1 AND coalesce(iban, '') = $6 AND coalesce(number, '') = $7 AND bank = $8 AND mapping IS NOT DISTINCT FROM $9::jsonb RETURNING code`,
			code, after.IBAN, after.Number, after.Bank, nullJSON(after.Mapping), before.IBAN, before.Number, before.Bank, nullJSON(before.Mapping))
	})
}

// accountOf finds the bank account that a statement is of: the one that the caller names, otherwise the one that was
// registered with the statement's IBAN, or with its number.
// Errors: [ledger.RuleBankAccountUnknown], [ledger.RuleCurrencyMismatch].
func (t *tx) accountOf(ctx context.Context, named ledger.BankAccountCode, a bankfile.Account) (ledger.BankAccount, error) {
	var rows []bankAccountRow
	err := t.selectRows(ctx, &rows, `
		SELECT `+bankAccountColumns+` FROM bank_account
		WHERE CASE WHEN $1 <> '' THEN code = $1
		           ELSE ($2 <> '' AND (iban = $2 OR number = $2)
		                 OR $3 <> '' AND (ltrim(number, '0') = ltrim($3, '0') OR iban = $3) AND (bank = '' OR $4 !~ '^[A-Z]{6}' OR left(bank, 8) = left($4, 8)) -- a country's code of the bank is no BIC
		                 OR $3 <> '' AND $4 <> '' AND replace(number, ' ', '') = $4 || '/' || $3) -- as MT940 writes both
		                AND (currency IS NULL OR $5 = '' OR currency = $5) END
		ORDER BY code`, named, a.IBAN, a.Number, a.Bank, a.Currency)
	if err != nil {
		return ledger.BankAccount{}, err
	}
	shown := a.IBAN
	if shown == "" {
		shown = a.Number
		if a.Bank != "" {
			shown = a.Bank + "/" + a.Number
		}
	}
	switch {
	case len(rows) == 0 && named != "":
		return ledger.BankAccount{}, ledger.Fail(ledger.RuleBankAccountUnknown, "No bank account has the code %s.", named)
	case len(rows) == 0:
		return ledger.BankAccount{}, ledger.Fail(ledger.RuleBankAccountUnknown, "No bank account is registered with %q in %s. Register it, or name the account.", shown, a.Currency)
	case len(rows) > 1:
		return ledger.BankAccount{}, ledger.Fail(ledger.RuleBankAccountUnknown, "Several bank accounts are registered with %q. Name the account.", shown)
	}
	found := rows[0].bankAccount()
	switch {
	case found.Currency != "" && a.Currency != "" && found.Currency != a.Currency:
		return found, ledger.Fail(ledger.RuleCurrencyMismatch, "Bank account %s is in %s; the statement is in %s.", found.Code, found.Currency, a.Currency)
	case found.IBAN != "" && a.IBAN != "" && found.IBAN != a.IBAN:
		return found, ledger.Fail(ledger.RuleBankAccountUnknown, "Bank account %s has the IBAN %s; the statement is of %s.", found.Code, found.IBAN, a.IBAN)
	}
	return found, nil
}
