-- The accounts, bank accounts and currencies that a journal uses, each combination once.
--
-- $1 fund's code, '' for all funds; $2 the effective date, included; $3 the instant at which it was known.
--
-- Indexes: journal_line_balance for one fund; all funds are read in one pass over journal_line. account_pkey.
SELECT u.account, a.name, a.kind, u.bank_account, u.currency
FROM (SELECT DISTINCT account, coalesce(bank_account, '') AS bank_account, currency
      FROM journal_line
      WHERE ($1 = '' OR fund = $1) AND effective_date <= $2 AND recorded_at <= $3) u
JOIN account a ON a.code = u.account
ORDER BY u.account, u.bank_account COLLATE "C", u.currency
