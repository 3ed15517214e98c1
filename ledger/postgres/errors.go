package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/lib/pq"

	"vcledger/ledger"
)

// retryable reports whether the same write may succeed when it is tried again: the transaction lost a race and left
// nothing. Two requests with one key can both find it free when the first commits between the other's snapshot and its
// lock; the second try then finds the answer.
func retryable(err error) bool {
	var pe *pq.Error
	if !errors.As(err, &pe) {
		return false
	}
	return pe.Code == "40001" || pe.Code == "40P01" || pe.Constraint == "idempotency_key_pkey"
}

// rules names the rule of each constraint that a request can run into although Go checks first, because another request
// came between. A test holds the list against the schema.
var rules = map[string]ledger.Rule{
	"contributor_pkey":                  ledger.RuleCodeTaken,
	"bank_account_pkey":                 ledger.RuleCodeTaken,
	"fund_pkey":                         ledger.RuleCodeTaken,
	"actor_name_key":                    ledger.RuleCodeTaken,
	"rate_pkey":                         ledger.RuleRateExists,
	"pledge_reference_key":              ledger.RulePledgeReferenceTaken,
	"pledge_event_once":                 ledger.RulePledgeStage,
	"condition_sum":                     ledger.RuleConditionSum,
	"fulfilment_once":                   ledger.RuleConditionMet,
	"allocation_instalment":             ledger.RuleInstalmentUnknown,
	"receipt_bank_reference_key":        ledger.RuleReceiptDuplicate,
	"receipt_replaces_key":              ledger.RuleReceiptDuplicate,
	"refund_payment_once":               ledger.RuleRefundStage,
	"approval_pending_once":             ledger.RuleApprovalPending,
	"approval_decision_pkey":            ledger.RuleApprovalDecided,
	"approval_decision_four_eyes":       ledger.RuleFourEyes,
	"allocation_within_receipt":         ledger.RuleAllocationExceedsReceipt,
	"instalment_sum":                    ledger.RuleScheduleSum,
	"amount_scale":                      ledger.RuleAmountScale,
	"journal_entry_balances":            ledger.RuleEntryUnbalanced,
	"journal_entry_balance_negative":    ledger.RuleBalanceNegative,
	"journal_entry_two_lines":           ledger.RuleEntryUnbalanced,
	"journal_entry_period_open":         ledger.RulePeriodClosed,
	"journal_entry_reverses_key":        ledger.RuleAlreadyReversed,
	"journal_line_pledge_fkey":          ledger.RuleContributorMismatch,
	"journal_line_account_fkey":         ledger.RuleAccountUnknown,
	"journal_line_fund_fkey":            ledger.RuleFundUnknown,
	"journal_line_contributor_fkey":     ledger.RuleContributorUnknown,
	"journal_line_currency_fkey":        ledger.RuleCurrencyUnknown,
	"item_quantity_in_order":            ledger.RuleQuantityExceedsPledge,
	"unit_value_sum":                    ledger.RuleValuation,
	"valuation_period_open":             ledger.RulePeriodClosed,
	"contributor_alias_pkey":            ledger.RuleNameTaken,
	"contributor_code_unique":           ledger.RuleCodeTaken,
	"contributor_code_value_form":       ledger.RuleText,
	"contributor_parent_no_cycle":       ledger.RuleContributorCircle,
	"contributor_merge_pkey":            ledger.RuleContributorMerged,
	"contributor_merge_survivor_stands": ledger.RuleContributorMerged,
	"contributor_merged":                ledger.RuleContributorMerged,
	"expenditure_reference_key":         ledger.RuleExpenditureDuplicate,
	"expenditure_replaces_key":          ledger.RuleExpenditureDuplicate,
	"interest_once":                     ledger.RuleInterestDuplicate,
	"bank_account_iban_key":             ledger.RuleCodeTaken,
	"bank_account_number_key":           ledger.RuleCodeTaken,
	"bank_statement_sha256_key":         ledger.RuleBankFileKnown,
	"bank_decision_once":                ledger.RuleBankLineDecided,
	"bank_decision_one_line":            ledger.RuleBankDecision,
	"bank_rule_end_pkey":                ledger.RuleNotFound,
	"certification_pkey":                ledger.RuleDeliveryCertified,
	"certification_once":                ledger.RuleDeliveryCertified,
	"certification_of_what_stands":      ledger.RuleAlreadyReversed,
	"question_own":                      ledger.RuleNotFound,
	"clock_goes_forward":                ledger.RuleUnavailable,
	"statement_once":                    ledger.RuleStatementIssued,
	"statement_supersedes_key":          ledger.RuleStatementSuperseded,
}

// TimedOut reports whether an error says that nobody waits any longer for what was asked: the time of the request ran out, or its
// caller went away. PostgreSQL says so of a query that it broke off for that (SQLSTATE 57014, query_canceled).
func TimedOut(err error) bool {
	var pe *pq.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || errors.As(err, &pe) && pe.Code == "57014"
}

// Unreachable reports whether an error says that PostgreSQL does not answer now: it is down or starting, takes no more
// connections, or the connection broke. Of a commit that was under way nobody knows whether it was carried out.
func Unreachable(err error) bool {
	var (
		pe  *pq.Error
		net net.Error
	)
	if TimedOut(err) {
		return false
	}
	if errors.As(err, &pe) {
		switch pe.Code.Class() {
		case "08", "53", "57": // connection lost, out of resources, server shutting down or starting
			return true
		}
		return pe.Code == "55000" // the database takes no connections, or is being dropped
	}
	return errors.As(err, &net) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// translate turns a refusal of PostgreSQL into the rule that was broken. What is not a request's fault stays as it is,
// and nothing of the database reaches a caller.
func translate(err error) error {
	if Unreachable(err) {
		return ledger.Fail(ledger.RuleUnavailable, "The database does not answer now.")
	}
	var pe *pq.Error
	if !errors.As(err, &pe) {
		return err
	}
	if pe.Constraint == "clock_goes_forward" {
		return ledger.Fail(ledger.RuleUnavailable, "The clock of the database was set back: nothing is recorded until it has caught up with what is recorded already.")
	}
	if rule, ok := rules[pe.Constraint]; ok {
		return ledger.Fail(rule, "%s", rule.Doc().Means)
	}
	if strings.HasSuffix(pe.Constraint, "_append_only") {
		return ledger.Fail(ledger.RuleAppendOnly, "Posted records are not changed.")
	}
	return err
}
