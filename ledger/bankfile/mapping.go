package bankfile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"vcledger/ledger"
)

// Mapping says what stands where in a bank's CSV file. It is kept with the bank account as JSON. A column is named as the
// file's header names it, or by its number from 1.
type Mapping struct {
	Encoding    string `json:"encoding,omitempty"`     // a name of the IANA register; without one UTF-8, and Windows-1252 in lines that are not
	Separator   string `json:"separator,omitempty"`    // one character; a comma when empty
	LooseQuotes bool   `json:"loose_quotes,omitempty"` // quotes stand in texts as they are, and no text goes over a line's end
	HeaderRows  int    `json:"header_rows"`            // lines before the first entry, the last of which names the columns; 0 is a file of entries only
	FooterRows  int    `json:"footer_rows,omitempty"`  // lines after the last entry, of totals

	DateLayout   string          `json:"date_layout,omitempty"`   // YYYY or YY, MM, DD and what stands between; YYYY-MM-DD when empty
	DecimalComma bool            `json:"decimal_comma,omitempty"` // 1.234,56 and not 1,234.56
	Currency     ledger.Currency `json:"currency,omitempty"`      // of the account, where no column has it

	ValueDate      string   `json:"value_date,omitempty"` // one of the two dates is needed; it stands for the other
	BookingDate    string   `json:"booking_date,omitempty"`
	Amount         string   `json:"amount,omitempty"`         // signed, or without sign beside a Mark; else Debit and Credit
	DebitPositive  bool     `json:"debit_positive,omitempty"` // the sign of Amount is the payer's: a positive amount leaves the account
	Mark           string   `json:"mark,omitempty"`           // the column that says debit or credit
	DebitMarks     []string `json:"debit_marks,omitempty"`    // what stands there for a debit; anything else is a fault unless a credit's
	CreditMarks    []string `json:"credit_marks,omitempty"`
	Debit          string   `json:"debit,omitempty"`
	Credit         string   `json:"credit,omitempty"`
	Balance        string   `json:"balance,omitempty"` // after the entry; it is checked from line to line
	CurrencyColumn string   `json:"currency_column,omitempty"`
	Name           string   `json:"name,omitempty"`
	Account        string   `json:"account,omitempty"` // the other side's
	Bank           string   `json:"bank,omitempty"`
	Reference      string   `json:"reference,omitempty"`
	EndToEnd       string   `json:"end_to_end,omitempty"`
	Code           string   `json:"code,omitempty"`
	Remittance     []string `json:"remittance,omitempty"` // joined in this order
}

// The bounds of a mapping.
const (
	maxHeaderRows = 100
	maxColumnName = 200
)

// columns lists each column that the mapping names, under its JSON name.
func (m Mapping) columns() []struct{ pointer, column string } {
	list := []struct{ pointer, column string }{
		{"/value_date", m.ValueDate}, {"/booking_date", m.BookingDate}, {"/amount", m.Amount}, {"/mark", m.Mark}, {"/debit", m.Debit}, {"/credit", m.Credit},
		{"/balance", m.Balance}, {"/currency_column", m.CurrencyColumn}, {"/name", m.Name}, {"/account", m.Account}, {"/bank", m.Bank},
		{"/reference", m.Reference}, {"/end_to_end", m.EndToEnd}, {"/code", m.Code},
	}
	for i, column := range m.Remittance {
		list = append(list, struct{ pointer, column string }{fmt.Sprintf("/remittance/%d", i), column})
	}
	return list
}

// Check returns every fault of the mapping at once, as a *[ledger.Error] with pointers into its JSON.
func (m Mapping) Check() error {
	var v ledger.Violations
	if m.Encoding != "" {
		if _, err := named(m.Encoding); err != nil {
			v.Add("/encoding", ledger.RuleNotOneOf, "%q is not an encoding that can be read.", clip(m.Encoding))
		}
	}
	if _, ok := m.comma(); !ok {
		v.Add("/separator", ledger.RuleText, "The separator is one character, and no quote or end of a line.")
	}
	if m.HeaderRows < 0 || m.HeaderRows > maxHeaderRows {
		v.Add("/header_rows", ledger.RuleOutOfRange, "There are 0 to %d lines before the entries.", maxHeaderRows)
	}
	if m.FooterRows < 0 || m.FooterRows > maxHeaderRows {
		v.Add("/footer_rows", ledger.RuleOutOfRange, "There are 0 to %d lines after the entries.", maxHeaderRows)
	}
	if _, ok := layout(m.DateLayout); !ok {
		v.Add("/date_layout", ledger.RuleNotOneOf, "A layout has YYYY or YY, MM and DD once each, such as DD.MM.YYYY.")
	}
	switch {
	case m.Currency == "" && m.CurrencyColumn == "":
		v.Add("/currency", ledger.RuleRequired, "Give the account's currency, or the column that has it.")
	case m.Currency != "" && !m.Currency.Known():
		v.Add("/currency", ledger.RuleCurrencyUnknown, "%q is not a currency of ISO 4217.", clip(string(m.Currency)))
	}
	if m.ValueDate == "" && m.BookingDate == "" {
		v.Add("/value_date", ledger.RuleRequired, "Give the column of the value date or of the booking date.")
	}
	m.checkAmount(&v)
	for _, c := range m.columns() {
		number, isNumber := position(c.column)
		switch {
		case c.column == "" && strings.HasPrefix(c.pointer, "/remittance/"):
			v.Add(c.pointer, ledger.RuleRequired, "The column has no name.")
		case utf8.RuneCountInString(c.column) > maxColumnName:
			v.Add(c.pointer, ledger.RuleTooLong, "A column has a name of at most %d characters.", maxColumnName)
		case isNumber && (number < 1 || number > maxColumns):
			v.Add(c.pointer, ledger.RuleOutOfRange, "Columns are numbered from 1 to %d.", maxColumns)
		case c.column != "" && !isNumber && m.HeaderRows == 0:
			v.Add(c.pointer, ledger.RuleRegisterHeader, "A file without a header has no column %q: give its number.", clip(c.column))
		}
	}
	return v.Err()
}

// checkAmount holds that the mapping gives an entry one signed amount in one way.
func (m Mapping) checkAmount(v *ledger.Violations) {
	switch {
	case m.Amount == "" && m.Debit == "" && m.Credit == "":
		v.Add("/amount", ledger.RuleRequired, "Give the column of the amount, or those of debits and credits.")
	case m.Amount != "" && (m.Debit != "" || m.Credit != ""):
		v.Add("/amount", ledger.RuleDuplicateField, "The amount stands in one column, or in those of debits and credits: not in both.")
	case m.Amount == "" && (m.Debit == "" || m.Credit == ""):
		v.Add("/debit", ledger.RuleRequired, "Give both the column of debits and that of credits.")
	}
	if (m.Mark != "" || m.DebitPositive) && m.Amount == "" {
		v.Add("/mark", ledger.RuleUnknownField, "A mark or a turned sign belongs to the column of the amount.")
	}
	if m.Mark != "" && m.DebitPositive {
		v.Add("/debit_positive", ledger.RuleDuplicateField, "The mark says already which amounts are debits.")
	}
	if (m.Mark == "") != (len(m.DebitMarks) == 0) || (m.Mark == "") != (len(m.CreditMarks) == 0) {
		v.Add("/debit_marks", ledger.RuleRequired, "A column of marks comes with the marks of a debit and those of a credit.")
	}
	for i, mark := range m.DebitMarks {
		if slices.ContainsFunc(m.CreditMarks, func(c string) bool { return strings.EqualFold(c, mark) }) {
			v.Add(fmt.Sprintf("/debit_marks/%d", i), ledger.RuleDuplicateField, "%q cannot be the mark of both sides.", clip(mark))
		}
	}
}

// comma returns the separator.
func (m Mapping) comma() (rune, bool) {
	if m.Separator == "" {
		return ',', true
	}
	r, size := utf8.DecodeRuneInString(m.Separator)
	return r, size == len(m.Separator) && r != utf8.RuneError && r != '"' && r != '\r' && r != '\n' && r != 0
}

// position reads a column's number.
func position(column string) (int, bool) {
	n, err := strconv.Atoi(column)
	return n, err == nil
}

// layout turns a date's layout into that of package time.
func layout(s string) (string, bool) {
	if s == "" {
		s = "YYYY-MM-DD"
	}
	year, is := "YYYY", "2006"
	if !strings.Contains(s, year) {
		year, is = "YY", "06"
	}
	for _, word := range []string{year, "MM", "DD"} {
		if strings.Count(s, word) != 1 {
			return "", false
		}
	}
	rest := strings.NewReplacer(year, "", "MM", "", "DD", "").Replace(s)
	out := strings.NewReplacer(year, is, "MM", "01", "DD", "02").Replace(s)
	return out, !strings.ContainsFunc(rest, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}
