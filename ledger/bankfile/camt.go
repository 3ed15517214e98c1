package bankfile

import (
	"bufio"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// ReadCamt reads a camt.053 statement or a camt.054 notification of any version, in any of the encodings that XML declares.
// A camt.052 report is refused. Elements are found by their names without prefix, so the namespace may be any or none.
// Errors: *[Fault].
// Source: ISO 20022 message definitions, Bank-to-Customer Cash Management.
func ReadCamt(r io.Reader, s Sink) error {
	in, err := utf8Reader(r)
	if err != nil {
		return err
	}
	return readCamt(in, s)
}

func readCamt(in *bufio.Reader, s Sink) error {
	c := &camt{scanner: newScanner(in), sink: s}
	if err := c.document(); err != nil {
		return err
	}
	if c.statements == 0 {
		return broken(c.line, "", "The file has no statement in it.")
	}
	return nil
}

// message is the form of a message in its namespace.
var message = regexp.MustCompile(`camt\.05\d\.\d{3}\.\d{2}`)

// camt reads one document.
type camt struct {
	*scanner
	sink       Sink
	format     string
	statements int

	tree    tree // an entry, a balance, a header
	details tree // one payment

	// of the statement
	tally    tally
	head     Header
	begun    bool
	opening  found
	closing  found
	totals   []func() // what the file's own summary says, checked at the end
	own      string   // the account, to tell the counterparty from the owner
	created  ledger.Date
	payments []detail
	size     int // bytes of the payments of the entry
}

// found is the best balance so far: the greater rank wins.
type found struct {
	*Balance
	rank int
}

// document reads to the end of the file.
func (c *camt) document() error {
	body := ""
	for {
		t, err := c.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if t.kind != start {
			continue
		}
		for _, a := range t.attrs {
			if found := message.FindString(a.value); found != "" && c.format == "" && strings.HasPrefix(a.name, "xmlns") {
				c.format = found
			}
		}
		switch name := t.name; name {
		case "BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn":
			body = name
			c.setFormat(name)
		case "BkToCstmrAcctRpt":
			return broken(c.line, name, "The file is a camt.052 report of the day, not a statement: its entries come again in the statement, camt.053.")
		case "Stmt", "Ntfctn":
			if (name == "Stmt") != (body == "BkToCstmrStmt") || body == "" {
				return broken(c.line, name, "A %s does not stand here.", name)
			}
			if err := c.statement(); err != nil {
				return err
			}
		case "GrpHdr":
			err = c.skip()
		default:
			if body != "" {
				err = c.skip()
			}
		}
		if err != nil {
			return err
		}
	}
}

// setFormat names the message by its element, which decides, and the version by the namespace.
func (c *camt) setFormat(element string) {
	kind := "camt.053"
	if element == "BkToCstmrDbtCdtNtfctn" {
		kind = "camt.054"
	}
	if !strings.HasPrefix(c.format, kind) {
		c.format = kind
	}
}

// statement reads a Stmt or Ntfctn whose start was read last.
func (c *camt) statement() error {
	c.statements++
	c.tally, c.begun, c.opening, c.closing, c.totals, c.own, c.created = tally{}, false, found{}, found{}, nil, "", ledger.Date{}
	c.head = Header{Line: c.line, Format: c.format}
	for {
		t, err := c.next()
		if err != nil {
			return err
		}
		switch t.kind {
		case end:
			return c.end()
		case start:
			if t.name == "Ntry" {
				err = c.entry()
			} else {
				err = c.part(t.name)
			}
			if err != nil {
				return err
			}
		}
	}
}

// part reads an element of the statement that is no entry.
func (c *camt) part(name string) error {
	switch name {
	case "Id", "ElctrncSeqNb", "LglSeqNb", "CreDtTm", "FrToDt", "Acct", "Bal", "TxsSummry":
		if err := c.tree.read(c.scanner, name, "", nil); err != nil {
			return err
		}
	default:
		return c.skip()
	}
	t := &c.tree
	switch name {
	case "Id":
		c.head.ID = t.text(0)
	case "ElctrncSeqNb":
		c.head.Sequence = t.text(0)
	case "LglSeqNb":
		if c.head.Sequence == "" {
			c.head.Sequence = t.text(0)
		}
	case "CreDtTm":
		c.created, _ = day(t.text(0)) // only used where a balance has no date of its own
	case "FrToDt":
		return c.period()
	case "Acct":
		return c.account()
	case "Bal":
		return c.balance()
	case "TxsSummry":
		c.summary()
	}
	return nil
}

func (c *camt) period() (err error) {
	for _, end := range []struct {
		names []string
		to    *ledger.Date
	}{{[]string{"FrDtTm", "FrDt"}, &c.head.From}, {[]string{"ToDtTm", "ToDt"}, &c.head.To}} {
		for _, name := range end.names {
			if i := c.tree.at(0, name); i != 0 {
				if *end.to, err = c.date(i); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (c *camt) account() error {
	t := &c.tree
	a := Account{
		IBAN: compact(t.text(0, "Id", "IBAN")), Number: first(t.text(0, "Id", "Othr", "Id"), t.text(0, "Id", "PrtryAcct", "Id")),
		Bank:     first(t.text(0, "Svcr", "FinInstnId", "BICFI"), t.text(0, "Svcr", "FinInstnId", "BIC")),
		Currency: ledger.Currency(strings.ToUpper(t.text(0, "Ccy"))),
	}
	if a.IBAN == "" && isIBAN(compact(a.Number)) {
		a.IBAN, a.Number = compact(a.Number), ""
	}
	if a.Currency != "" && !a.Currency.Known() {
		return fail(t.nodes[0].line, "Acct/Ccy", ledger.RuleCurrencyUnknown, "%q is not a currency of ISO 4217.", clip(string(a.Currency)))
	}
	c.head.Account, c.own = a, first(a.IBAN, a.Number)
	return nil
}

// The balances that open and close a statement. A later page opens with an interim balance (OPBD, or ITBD), a bank that gives
// no OPBD gives the closing balance of the day before (PRCD).
var (
	openings = map[string]int{"OPBD": 3, "PRCD": 2}
	closings = map[string]int{"CLBD": 3}
)

func (c *camt) balance() error {
	t := &c.tree
	code := strings.ToUpper(first(t.text(0, "Tp", "CdOrPrtry", "Cd"), t.text(0, "Tp", "Cd")))
	open, closed := openings[code], closings[code]
	i := t.at(0, "Amt")
	if open+closed == 0 {
		return nil // available, forward, information: not of the books
	}
	if i == 0 {
		return fail(t.nodes[0].line, "Bal/Amt", ledger.RuleRequired, "The balance %s has no amount.", code)
	}
	if open > 0 && c.begun {
		return broken(t.nodes[0].line, "Bal", "The opening balance stands after the entries.")
	}
	debit, err := c.debit(0, "Bal/CdtDbtInd", t.text(0, "CdtDbtInd"), true)
	if err != nil {
		return err
	}
	text := t.text(i)
	if t.at(0, "CdtDbtInd") == 0 { // some banks then write the sign, others only have credit balances
		var minus bool
		text, minus = strings.CutPrefix(text, "-")
		debit = minus
	}
	m, err := money(t.nodes[i].line, "Bal/Amt", text, t.nodes[i].currency(c.head.Account.Currency))
	if err != nil {
		return err
	}
	b := Balance{Date: c.created, Amount: signed(m, debit)}
	if d := t.at(0, "Dt"); d != 0 {
		if b.Date, err = c.date(d); err != nil {
			return err
		}
	}
	// Of several balances of a kind the one in the account's currency counts, then the first.
	if own := c.head.Account.Currency; own == "" || m.Currency == own {
		open, closed = open*2, closed*2
	}
	if open > c.opening.rank {
		c.opening = found{&b, open}
	}
	if closed > c.closing.rank {
		c.closing = found{&b, closed}
	}
	return nil
}

// summary keeps what TxsSummry says until the entries are known.
func (c *camt) summary() {
	t := &c.tree
	if len(c.totals) > 0 {
		return // a statement has one
	}
	line := t.nodes[0].line
	for _, kind := range []struct {
		name  string
		count func() int
		sum   func() decimal.Decimal
	}{
		{"TtlNtries", func() int { return c.tally.entries }, func() decimal.Decimal { return c.tally.credits.Add(c.tally.debits) }},
		{"TtlCdtNtries", func() int { return c.tally.creditN }, func() decimal.Decimal { return c.tally.credits }},
		{"TtlDbtNtries", func() int { return c.tally.debitN }, func() decimal.Decimal { return c.tally.debits }},
	} {
		if n, err := strconv.Atoi(t.text(0, kind.name, "NbOfNtries")); err == nil {
			c.totals = append(c.totals, func() {
				if got := kind.count(); got != n {
					c.tally.problem(line, SumOff, "The file's summary (%s) counts %d entries; %d were booked.", kind.name, n, got)
				}
			})
		}
		if d, err := plain(t.text(0, kind.name, "Sum")); err == nil {
			c.totals = append(c.totals, func() {
				if got := kind.sum(); !got.Equal(d) && !c.tally.mixed {
					c.tally.problem(line, SumOff, "The file's summary (%s) has the sum %s; the entries make %s.", kind.name, d, got)
				}
			})
		}
	}
}

// begin gives the header to the sink, once everything before the first entry was read.
func (c *camt) begin() error {
	if c.begun {
		return nil
	}
	c.begun = true
	a := &c.head.Account
	if a.IBAN == "" && a.Number == "" {
		return fail(c.head.Line, "Acct/Id", ledger.RuleRequired, "The statement does not say of which account it is.")
	}
	if a.Currency == "" {
		switch {
		case c.opening.Balance != nil:
			a.Currency = c.opening.Amount.Currency
		case c.closing.Balance != nil:
			a.Currency = c.closing.Amount.Currency
		}
	}
	c.head.Opening = c.opening.Balance
	c.tally.currency, c.tally.opening = a.Currency, c.opening.Balance
	return c.sink.Begin(c.head)
}

func (c *camt) end() error {
	if err := c.begin(); err != nil {
		return err
	}
	for _, check := range c.totals {
		check()
	}
	return c.sink.End(c.tally.end(c.line, c.closing.Balance, c.head.Statement()))
}
