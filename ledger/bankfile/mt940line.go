package bankfile

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"vcledger/ledger"
)

var (
	balanceForm = regexp.MustCompile(`^(?i)([CD])\s?(\d{6})\s?([A-Z]{3})\s?(\d*[,.]?\d*)$`)
	lineForm    = regexp.MustCompile(`^(?i)(\d{6})(\d{4}| {4})?(R[CD]|E[CD]|[CD])\s?([A-Z])?\s?(\d*[,.]?\d*)(?:([NSF][A-Z0-9]{3}))?(.*)$`)
)

// mtAccount reads field 25: an IBAN or number, often behind its bank's BIC or national code and a slash, at times before its
// currency.
func mtAccount(text string) Account {
	var a Account
	number := compact(strings.TrimPrefix(text, "/"))
	if n := len(number) - 3; n > 4 && ledger.Currency(number[n:]).Known() && !isIBAN(number) {
		a.Currency, number = ledger.Currency(number[n:]), strings.TrimSuffix(number[:n], "/")
	}
	if bank, rest, two := strings.Cut(number, "/"); two && rest != "" {
		a.Bank, number = bank, rest
	}
	if ibanForm.MatchString(number) {
		a.IBAN = number
	} else {
		a.Number = number
	}
	return a
}

// mtMoney reads an amount with a comma: "1000,", "000000025,00", ",5".
func mtMoney(line int, field, text string, c ledger.Currency) (ledger.Money, error) {
	return money(line, field, strings.Replace(text, ",", ".", 1), c)
}

// mtDay reads YYMMDD. Years to 79 are of this century, as SWIFT has it. A day that the month does not have, as of the months of
// thirty days by which interest is reckoned, is the last of its month.
func (m *mt940) mtDay(line int, field, text string) (ledger.Date, error) {
	n, err := strconv.Atoi(text)
	year, month, day := 2000+n/10000, time.Month(n/100%100), n%100
	if year >= 2080 {
		year -= 100
	}
	if err != nil || month < 1 || month > 12 || day < 1 || day > 31 {
		return ledger.Date{}, fail(line, field, ledger.RuleDate, "%q is not a date in the form YYMMDD.", clip(text))
	}
	d := ledger.NewDate(year, month, day)
	if last := ledger.NewDate(year, month+1, 0); d.After(last) {
		m.problem(line, DateImpossible, "%s: the month has no day %d; it is read as %s.", text, day, last)
		d = last
	}
	return d, nil
}

// balance reads field 60 or 62.
func (m *mt940) balance(f field) (*Balance, error) {
	tag := ":" + f.tag + ":"
	p := balanceForm.FindStringSubmatch(f.value())
	if p == nil {
		return nil, broken(f.line, tag, "%q is not a balance: C or D, the date as YYMMDD, the currency and the amount.", clip(f.value()))
	}
	var b Balance
	var err error
	if p[2] != "000000" { // an account that has never had a statement
		if b.Date, err = m.mtDay(f.line, tag, p[2]); err != nil {
			return nil, err
		}
	}
	b.Amount, err = mtMoney(f.line, tag, p[4], ledger.Currency(strings.ToUpper(p[3])))
	b.Amount = signed(b.Amount, strings.EqualFold(p[1], "D"))
	return &b, err
}

// line61 begins an entry.
func (m *mt940) line61(f field) error {
	if m.next != nil {
		if err := m.start(f.line, nil); err != nil {
			return err
		}
	}
	if !m.open {
		return broken(f.line, ":61:", "The entry has no statement.")
	}
	if m.closing != nil {
		return broken(f.line, ":61:", "The entry stands after the closing balance.")
	}
	if err := m.flush(); err != nil {
		return err
	}
	if m.head.Account.Currency == "" {
		return fail(f.line, ":60F:", ledger.RuleRequired, "The statement has no opening balance before its entries, so their currency is not known.")
	}
	p := lineForm.FindStringSubmatch(strings.TrimRight(f.text[0], " "))
	if p == nil {
		return broken(f.line, ":61:", "%q is not an entry: value date, entry date, C, D, RC or RD, amount, type and references.", clip(f.text[0]))
	}
	mark := strings.ToUpper(p[3])
	value, err := m.mtDay(f.line, ":61:", p[1])
	if err != nil {
		return err
	}
	booking := value
	if entered := strings.TrimSpace(p[2]); entered != "" {
		if booking, err = m.entered(f.line, value, entered); err != nil {
			return err
		}
	}
	amount, err := mtMoney(f.line, ":61:", p[5], m.head.Account.Currency)
	if err != nil {
		return err
	}
	if mark[0] == 'E' {
		m.problem(f.line, StatusUncertain, "The entry is marked %s, expected: it is left out.", mark)
		return m.begin()
	}
	own, bank, _ := strings.Cut(p[7], "//")
	m.entry = &Entry{
		Line: f.line, BookingDate: booking, ValueDate: value, Reversal: mark[0] == 'R', Reference: strings.TrimSpace(bank), Code: strings.ToUpper(p[6]),
		Amount: signed(amount, mark == "D" || mark == "RC"), // a credit that is taken back leaves the account
	}
	m.payer, m.extra = strings.TrimSpace(own), oneLine(strings.Join(f.text[1:], " "))
	m.keep(f)
	return nil
}

// entered returns the entry date MMDD in the year in which it is nearest to the value date.
func (m *mt940) entered(line int, value ledger.Date, text string) (ledger.Date, error) {
	var best ledger.Date
	for year := value.Year() - 1; year <= value.Year()+1; year++ {
		month, _ := strconv.Atoi(text[:2]) // lineForm has digits only
		n, _ := strconv.Atoi(text[2:])
		if month < 1 || month > 12 || n < 1 || n > 31 {
			return best, fail(line, ":61:", ledger.RuleDate, "%q is not an entry date in the form MMDD.", clip(text))
		}
		d := ledger.NewDate(year, time.Month(month), n)
		if last := ledger.NewDate(year, time.Month(month)+1, 0); d.After(last) {
			d = last
		}
		if best.IsZero() || abs(d.DaysSince(value)) < abs(best.DaysSince(value)) {
			best = d
		}
	}
	return best, nil
}

func abs(n int) int { return max(n, -n) }

// keep adds a field to the original text of the entry.
func (m *mt940) keep(f field) {
	text := ":" + f.tag + ":" + strings.Join(f.text, "\n")
	if m.entry.Original != "" {
		text = "\n" + text
	}
	m.entry.Original += text[:min(len(text), maxOriginal-min(maxOriginal, len(m.entry.Original)))]
}

// flush gives the entry that is under way, if one is, to the sink.
func (m *mt940) flush() error {
	e := m.entry
	if e == nil {
		return nil
	}
	if err := m.begin(); err != nil {
		return err
	}
	n := note(m.notes)
	if m.notes == nil {
		n.remittance = m.extra
	}
	n.supplement(m.extra)
	p := Payment{Amount: e.Amount, Reference: e.Reference, EndToEndID: n.endToEnd, Counterparty: n.party, Remittance: n.remittance, Rate: n.rate, Charges: n.charges,
		Instructed: other(n.ordered, e.Amount)}
	if p.EndToEndID == "" && !noReference[strings.TrimSuffix(strings.ToUpper(m.payer), "+")] {
		p.EndToEndID = m.payer
	}
	e.Original = strings.ToValidUTF8(e.Original, "")
	e.Information = first(n.booking, m.extra)
	e.Code = strings.Trim(e.Code+"/"+n.code, "/")
	e.Payments = []Payment{p}
	m.entry, m.notes, m.noted, m.extra, m.payer = nil, nil, 0, "", ""
	m.add(*e)
	return m.sink.Entry(*e)
}

// noReference are the words that stand where there is no reference, or where it stands in :86: instead.
var noReference = map[string]bool{"": true, "N": true, "NONREF": true, "NOTPROVIDED": true, "EREF": true, "KREF": true, "MREF": true, "MARF": true, "PREF": true, "TRF": true}
