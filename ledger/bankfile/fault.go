package bankfile

import (
	"errors"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// Fault is why a file is refused whole. The readers return it as a *Fault; any other error is one of reading the bytes or of
// the [Sink].
type Fault struct {
	Line   int    // of the file, from 1
	Field  string // the element, tag or column, as the file names it; empty when it is the file's whole form
	Rule   ledger.Rule
	Detail string // one sentence for a person
}

// Error returns the line, the field, the rule and the sentence.
func (f *Fault) Error() string {
	if f.Field == "" {
		return fmt.Sprintf("line %d: %s: %s", f.Line, f.Rule, f.Detail)
	}
	return fmt.Sprintf("line %d: %s: %s: %s", f.Line, f.Field, f.Rule, f.Detail)
}

func fail(line int, field string, rule ledger.Rule, format string, args ...any) *Fault {
	return &Fault{Line: line, Field: field, Rule: rule, Detail: fmt.Sprintf(format, args...)}
}

// broken refuses a file whose form cannot be read.
func broken(line int, field, format string, args ...any) *Fault {
	return fail(line, field, ledger.RuleRegisterRow, format, args...)
}

// money reads an amount that stands without a sign, strictly: digits, at most one point, no more decimals than the currency has.
func money(line int, field, text string, c ledger.Currency) (ledger.Money, error) {
	if !c.Known() {
		return ledger.Money{}, fail(line, field, ledger.RuleCurrencyUnknown, "%q is not a currency of ISO 4217.", clip(string(c)))
	}
	number := strings.TrimPrefix(text, "+")
	if strings.HasPrefix(number, ".") {
		number = "0" + number
	}
	d, err := ledger.ParseAmount(strings.TrimSuffix(number, "."), c)
	if err == nil {
		return ledger.Money{Amount: d, Currency: c}, nil
	}
	rule := ledger.RuleAmount
	switch {
	case errors.Is(err, ledger.ErrAmountScale):
		rule = ledger.RuleAmountScale
	case errors.Is(err, ledger.ErrAmountSize):
		rule = ledger.RuleAmountTooLarge
	}
	return ledger.Money{}, fail(line, field, rule, "%q is not an amount of %s: %s.", clip(text), c, err)
}

// signed returns an amount as it stands on the account: a debit is negative.
func signed(m ledger.Money, debit bool) ledger.Money {
	if debit {
		m.Amount = m.Amount.Neg()
	}
	return m
}

// same reports whether two amounts are one, in one currency.
func same(a, b ledger.Money) bool { return a.Currency == b.Currency && a.Amount.Equal(b.Amount) }

// clip shortens a value of a file so that it can be quoted in a message.
func clip(s string) string {
	const limit = 40
	r := []rune(strings.ToValidUTF8(s, "\ufffd"))
	if len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return string(r)
}

// maxProblems bounds how many problems of a statement are told.
const maxProblems = 100

// tally adds up a statement while its entries pass, and holds it against what the file says of itself.
type tally struct {
	currency        ledger.Currency
	opening         *Balance
	entries         int
	credits, debits decimal.Decimal // both without sign
	creditN, debitN int
	mixed           bool // an entry is in another currency
	problems        []Problem
}

func (t *tally) problem(line int, code ProblemCode, format string, args ...any) {
	if len(t.problems) < maxProblems {
		t.problems = append(t.problems, Problem{Line: line, Code: code, Detail: fmt.Sprintf(format, args...)})
	}
}

func (t *tally) sum() ledger.Money {
	return ledger.Money{Amount: t.credits.Sub(t.debits), Currency: t.currency}
}

// add takes an entry in.
func (t *tally) add(e Entry) {
	if t.currency == "" {
		t.currency = e.Amount.Currency
	}
	t.entries++
	switch {
	case e.Amount.Currency != t.currency:
		t.mixed = true
		t.problem(e.Line, CurrencyMixed, "The entry is in %s; the account is in %s.", e.Amount.Currency, t.currency)
	case e.Amount.Amount.IsNegative():
		t.debits, t.debitN = t.debits.Sub(e.Amount.Amount), t.debitN+1
	default:
		t.credits, t.creditN = t.credits.Add(e.Amount.Amount), t.creditN+1
	}
}

// end makes the trailer. balanced says whether such a file has balances at all.
func (t *tally) end(line int, closing *Balance, balanced bool) Trailer {
	switch {
	case !balanced:
	case t.opening == nil && closing == nil:
		t.problem(line, BalanceMissing, "The statement has neither an opening nor a closing balance.")
	case t.opening == nil:
		t.problem(line, BalanceMissing, "The statement has no opening balance.")
	case closing == nil:
		t.problem(line, BalanceMissing, "The statement has no closing balance.")
	case t.opening.Amount.Currency != closing.Amount.Currency:
		t.problem(line, BalanceOff, "The opening balance is in %s and the closing balance in %s: they cannot be compared.",
			t.opening.Amount.Currency, closing.Amount.Currency)
	default:
		if want := t.opening.Amount.Amount.Add(t.credits).Sub(t.debits); !want.Equal(closing.Amount.Amount) {
			t.problem(line, BalanceOff, "Opening %s and the entries, %s, make %s; the closing balance is %s.", t.opening.Amount, t.sum(),
				ledger.Money{Amount: want, Currency: t.currency}, closing.Amount)
		}
	}
	return Trailer{Line: line, Opening: t.opening, Closing: closing, Entries: t.entries, Sum: t.sum(), Problems: t.problems}
}
