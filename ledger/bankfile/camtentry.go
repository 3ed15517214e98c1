package bankfile

import (
	"strings"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// The bounds of a booking of many payments.
const (
	maxPayments     = 100_000
	maxPaymentsText = 64 << 20
)

// detail is a payment as the file has it, before the entry around it is known whole.
type detail struct {
	line             int
	sign             string // CdtDbtInd of its own, or empty
	amounts          []amount
	instructed       *ledger.Money
	rate             *decimal.Decimal
	debtor, creditor Counterparty
	payment          Payment
}

// amount is one of the amounts of a payment.
type amount struct {
	line           int
	text, currency string
}

// date reads the date or time that an element has in it or is itself.
func (c *camt) date(i int) (ledger.Date, error) {
	t := &c.tree
	for _, name := range []string{"Dt", "DtTm"} {
		if below := t.at(i, name); below != 0 {
			i = below
			break
		}
	}
	d, err := day(t.text(i))
	if err != nil {
		return d, fail(t.nodes[i].line, t.nodes[i].name, ledger.RuleDate, "%s.", err)
	}
	return d, nil
}

// debit reads a CdtDbtInd; optional says whether it may be missing, which is a credit.
func (c *camt) debit(i int, field, text string, optional bool) (bool, error) {
	switch text {
	case "CRDT":
		return false, nil
	case "DBIT":
		return true, nil
	case "":
		if optional {
			return false, nil
		}
	}
	return false, fail(c.tree.nodes[i].line, field, ledger.RuleNotOneOf, "%q is neither CRDT nor DBIT.", clip(text))
}

// entry reads an Ntry whose start was read last.
func (c *camt) entry() error {
	if err := c.begin(); err != nil {
		return err
	}
	c.payments, c.size = c.payments[:0], 0
	c.keepFrom()
	err := c.tree.read(c.scanner, "Ntry", "TxDtls", c.detail)
	original := c.original()
	if err != nil {
		return err
	}
	t := &c.tree
	e := Entry{Line: t.nodes[0].line, Original: original, Reference: t.text(0, "AcctSvcrRef"), Code: code(t, 0), Information: t.text(0, "AddtlNtryInf")}
	if status := strings.ToUpper(first(t.text(0, "Sts", "Cd"), t.text(0, "Sts", "Prtry"), t.text(0, "Sts"))); status != "" && status != "BOOK" {
		c.tally.problem(e.Line, StatusUncertain, "The entry has the status %s and not BOOK: it is left out.", clip(status))
		return nil
	}
	i := t.at(0, "Amt")
	if i == 0 {
		return fail(e.Line, "Ntry/Amt", ledger.RuleRequired, "The entry has no amount.")
	}
	debit, err := c.debit(0, "Ntry/CdtDbtInd", t.text(0, "CdtDbtInd"), false)
	if err != nil {
		return err
	}
	m, err := money(t.nodes[i].line, "Ntry/Amt", t.text(i), t.nodes[i].currency(c.head.Account.Currency))
	if err != nil {
		return err
	}
	e.Amount = signed(m, debit)
	switch reversal := t.text(0, "RvslInd"); reversal {
	case "true", "1":
		e.Reversal = true
	case "false", "0", "":
	default:
		return fail(e.Line, "Ntry/RvslInd", ledger.RuleNotOneOf, "%q is neither true nor false.", clip(reversal))
	}
	if e.BookingDate, e.ValueDate, err = c.dates(e.Line); err != nil {
		return err
	}
	e.Charges = charges(t, 0, m.Currency)
	c.settle(&e)
	c.tally.add(e)
	return c.sink.Entry(e)
}

// dates returns the booking date and the value date; the one stands for the other where it is missing.
func (c *camt) dates(line int) (booking, value ledger.Date, err error) {
	if i := c.tree.at(0, "BookgDt"); i != 0 {
		if booking, err = c.date(i); err != nil {
			return booking, value, err
		}
	}
	if i := c.tree.at(0, "ValDt"); i != 0 {
		if value, err = c.date(i); err != nil {
			return booking, value, err
		}
	}
	switch {
	case booking.IsZero() && value.IsZero():
		return booking, value, fail(line, "Ntry/BookgDt", ledger.RuleRequired, "The entry has neither a booking date nor a value date.")
	case booking.IsZero():
		booking = value
	case value.IsZero():
		value = booking
	}
	return booking, value, nil
}

// code returns the bank transaction code: domain, family and sub-family of ISO 20022, else the bank's own.
func code(t *tree, from int) string {
	domain := strings.Trim(t.text(from, "BkTxCd", "Domn", "Cd")+"/"+t.text(from, "BkTxCd", "Domn", "Fmly", "Cd")+"/"+
		t.text(from, "BkTxCd", "Domn", "Fmly", "SubFmlyCd"), "/")
	return first(domain, t.text(from, "BkTxCd", "Prtry", "Cd"))
}

// charges reads what a bank kept: the records of version 4 and later, or the repeated element of version 2, else the total. A
// charge that was given back is negative. One in no known currency is left to the original text.
func charges(t *tree, from int, otherwise ledger.Currency) (list []Charge) {
	one := func(i int, name string) bool {
		a := t.at(i, name)
		if a == 0 {
			return false
		}
		d, err := plain(t.text(a))
		m := ledger.Money{Amount: d, Currency: t.nodes[a].currency(otherwise)}
		if err != nil || !m.Currency.Known() {
			return false
		}
		included := t.text(i, "ChrgInclInd")
		list = append(list, Charge{Amount: signed(m, t.text(i, "CdtDbtInd") == "CRDT"), Included: included == "true" || included == "1"})
		return true
	}
	t.each(from, "Chrgs", func(i int) {
		records := false
		t.each(i, "Rcrd", func(r int) { records = one(r, "Amt") || records })
		if !records && !one(i, "Amt") {
			one(i, "TtlChrgsAndTaxAmt")
		}
	})
	return list
}

// detail reads a TxDtls whose start was read last.
func (c *camt) detail() error {
	t := &c.details
	if err := t.read(c.scanner, "TxDtls", "", nil); err != nil {
		return err
	}
	if c.size += t.size; len(c.payments) == maxPayments || c.size > maxPaymentsText {
		return fail(c.line, "TxDtls", ledger.RuleTooMany, "The entry has more than %d payments, or more than %d bytes of them.", maxPayments, maxPaymentsText)
	}
	d := detail{line: t.nodes[0].line, sign: t.text(0, "CdtDbtInd")}
	for _, path := range [][]string{{"Amt"}, {"AmtDtls", "TxAmt", "Amt"}, {"AmtDtls", "CntrValAmt", "Amt"}} {
		if i := t.at(0, path...); i != 0 {
			d.amounts = append(d.amounts, amount{t.nodes[i].line, t.text(i), string(t.nodes[i].currency(""))})
		}
	}
	d.instructed, d.rate = exchange(t, 0)
	d.debtor = party(t, "Dbtr")
	d.creditor = party(t, "Cdtr")
	d.payment = Payment{
		Charges:    charges(t, 0, c.head.Account.Currency),
		Reference:  first(t.text(0, "Refs", "AcctSvcrRef"), t.text(0, "Refs", "TxId")),
		EndToEndID: t.text(0, "Refs", "EndToEndId"),
		Remittance: first(remittance(t), t.text(0, "AddtlTxInf")),
	}
	if strings.EqualFold(d.payment.EndToEndID, "NOTPROVIDED") {
		d.payment.EndToEndID = ""
	}
	c.payments = append(c.payments, d)
	return nil
}

// exchange returns what was ordered and the rate at which the bank exchanged it, from the AmtDtls below a node.
func exchange(t *tree, from int) (ordered *ledger.Money, rate *decimal.Decimal) {
	for _, name := range []string{"InstdAmt", "TxAmt", "CntrValAmt"} {
		i := t.at(from, "AmtDtls", name)
		if i == 0 {
			continue
		}
		if a := t.at(i, "Amt"); a != 0 && name != "CntrValAmt" && ordered == nil {
			m := ledger.Money{Currency: t.nodes[a].currency("")}
			if d, err := plain(t.text(a)); err == nil && m.Currency.Known() && !d.IsZero() {
				m.Amount, ordered = d, &m
			}
		}
		if d, err := plain(t.text(i, "CcyXchg", "XchgRate")); err == nil && rate == nil && d.IsPositive() {
			rate = &d
		}
	}
	return ordered, rate
}

// party reads a side of a payment: Dbtr or Cdtr. From version 8 on the person stands in Pty, or is a bank in Agt.
func party(t *tree, side string) (p Counterparty) {
	name := func(who int) string {
		if who == 0 {
			return ""
		}
		return first(t.text(who, "Nm"), t.text(who, "Pty", "Nm"), t.text(who, "Agt", "FinInstnId", "Nm"), t.text(who, "Agt", "FinInstnId", "BICFI"))
	}
	if parties := t.at(0, "RltdPties"); parties != 0 {
		p.Name, p.Ultimate = name(t.at(parties, side)), name(t.at(parties, "Ultmt"+side))
		if id := t.at(parties, side+"Acct", "Id"); id != 0 {
			p.Account = first(compact(t.text(id, "IBAN")), t.text(id, "Othr", "Id"), t.text(id, "PrtryAcct", "Id"))
		}
	}
	if bank := t.at(0, "RltdAgts", side+"Agt", "FinInstnId"); bank != 0 {
		p.Bank = first(t.text(bank, "BICFI"), t.text(bank, "BIC"), t.text(bank, "Nm"), t.text(bank, "ClrSysMmbId", "MmbId"))
	}
	return p
}

// ustrdLength is the most that one Ustrd holds; a longer text goes on in the next.
const ustrdLength = 140

// remittance joins the free text and the references of the structured one.
func remittance(t *tree) string {
	var b strings.Builder
	full := false // the part before was cut at its full length, perhaps within a word
	add := func(text string) {
		if text == "" {
			return
		}
		if b.Len() > 0 && !full {
			b.WriteByte(' ')
		}
		b.WriteString(text)
	}
	at := t.at(0, "RmtInf")
	if at == 0 {
		return ""
	}
	t.each(at, "Ustrd", func(i int) {
		add(t.text(i))
		full = utf8.RuneCountInString(t.nodes[i].text) == ustrdLength && !strings.HasSuffix(t.nodes[i].text, " ")
	})
	full = false
	t.each(at, "Strd", func(i int) {
		add(t.text(i, "CdtrRefInf", "Ref"))
		add(t.text(i, "CdtrRefInf", "CdtrRef"))
		t.each(i, "RfrdDocInf", func(d int) { add(t.text(d, "Nb")) })
		t.each(i, "AddtlRmtInf", func(d int) { add(t.text(d)) })
	})
	return b.String()
}
