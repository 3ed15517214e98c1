package bankfile

import (
	"bufio"
	"errors"
	"io"
	"regexp"
	"strings"

	"vcledger/ledger"
)

// ReadMT940 reads customer statements, with or without the SWIFT envelope around them, as many as the file has. Pages of one
// statement (:62M: and the :60M: that goes on from it) become one. An MT942 report of the day is refused.
// Errors: *[Fault].
// Source: SWIFT Standards MT, Category 9, MT 940 Customer Statement Message; for :86: the German DK agreement (DFÜ-Abkommen,
// Anlage 3) and the structured information of Dutch, Polish and international banks.
func ReadMT940(r io.Reader, s Sink) error {
	in, err := utf8Reader(r)
	if err != nil {
		return err
	}
	return readMT940(in, s)
}

func readMT940(in *bufio.Reader, s Sink) error {
	m := &mt940{lines: &lines{in: in}, sink: s}
	for {
		line, err := m.lines.next()
		if errors.Is(err, io.EOF) {
			return m.finish()
		}
		if err == nil {
			err = m.take(line)
		}
		if err != nil {
			return err
		}
	}
}

// maxField bounds the lines of one field. The standard's own bound of :86: is six.
const maxField = 64 << 10

// field is a tag and its lines.
type field struct {
	tag  string // in capitals, without the colons; empty when none is open
	line int
	text []string
	size int
}

// mt940 reads one file.
type mt940 struct {
	lines    *lines
	sink     Sink
	field    field
	envelope int // the line of an open block 4; 0 when there is none

	next *Header // of a message whose statement is not known yet: it may be a further page
	open bool    // a statement is under way
	head Header
	tally
	begun   bool
	closing *Balance
	interim bool // the closing balance is that of a page
	last    int  // the line of the last field of the statement
	seen    bool // the file has a statement
	entry   *Entry
	notes   []string // the lines of :86: of the entry
	noted   int      // their bytes
	extra   string   // the supplementary details of the entry
	payer   string   // the reference of field 61 for the account's owner
}

// tagForm is the beginning of a field.
var tagForm = regexp.MustCompile(`^:([0-9]{2}[A-Za-z]?|[Nn][Ss]):`)

// take takes a line: of an envelope, the beginning of a field, or more of one.
func (m *mt940) take(line string) error {
	for strings.HasPrefix(line, "{") || strings.HasPrefix(line, "-}") {
		if strings.HasPrefix(line, "-}") {
			if err := m.close(); err != nil {
				return err
			}
			line, m.envelope = line[2:], 0
			continue
		}
		if strings.HasPrefix(line, "{4:") {
			line, m.envelope = line[3:], m.lines.number
			continue
		}
		// Other blocks say who sent the message to whom; they may hold blocks of their own.
		depth, end := 0, -1
		for i := 0; i < len(line) && end < 0; i++ {
			switch line[i] {
			case '{':
				depth++
			case '}':
				if depth--; depth == 0 {
					end = i
				}
			}
		}
		if end < 0 {
			return broken(m.lines.number, "", "A block of the SWIFT envelope does not end on its line.")
		}
		line = line[end+1:]
	}
	if strings.TrimSpace(line) == "-" {
		return m.close()
	}
	if tag := tagForm.FindStringSubmatch(line); tag != nil {
		if err := m.close(); err != nil {
			return err
		}
		text := line[len(tag[0]):]
		m.field = field{tag: strings.ToUpper(tag[1]), line: m.lines.number, text: []string{text}, size: len(text)}
		return nil
	}
	if m.field.tag != "" {
		m.field.text = append(m.field.text, line)
		if m.field.size += len(line); m.field.size > maxField || len(m.field.text) > 1000 {
			return broken(m.field.line, ":"+m.field.tag+":", "The field is longer than %d bytes or 1000 lines.", maxField)
		}
	}
	return nil // before the first field banks write lines of their own
}

// close takes the open field, which is whole.
func (m *mt940) close() error {
	f := m.field
	m.field = field{}
	if f.tag != "" && f.tag != "20" && m.next == nil {
		m.last = f.line
	}
	switch f.tag {
	case "20":
		if m.next != nil {
			return fail(m.next.Line, ":60F:", ledger.RuleRequired, "The message has no balance and no entry before the next begins.")
		}
		m.next = &Header{Line: f.line, Format: "MT940", ID: f.value()}
	case "25", "25P":
		h, err := m.pending(f)
		if err != nil {
			return err
		}
		h.Account = mtAccount(f.value())
		if f.tag == "25P" && len(f.text) > 1 {
			h.Account.Bank = strings.TrimSpace(f.text[1])
		}
	case "28", "28C":
		h, err := m.pending(f)
		if err != nil {
			return err
		}
		h.Sequence, _, _ = strings.Cut(f.value(), "/")
	case "60F", "60M":
		return m.openWith(f)
	case "61":
		return m.line61(f)
	case "86":
		if m.entry != nil {
			if m.noted += f.size; m.noted > maxField || len(m.notes) > 1000 {
				return broken(f.line, ":86:", "The information of one entry is longer than %d bytes or 1000 lines.", maxField)
			}
			m.notes = append(m.notes, f.text...)
			m.keep(f)
		}
	case "62F", "62M":
		return m.closeWith(f)
	case "13D", "34F", "90C", "90D":
		if m.next != nil && f.tag != "90C" && f.tag != "90D" {
			return broken(f.line, ":"+f.tag+":", "The file is an MT942 report of the day, not a statement: its entries come again in the statement, MT940.")
		}
	}
	return nil
}

// value returns the first line of a field.
func (f field) value() string { return strings.TrimSpace(f.text[0]) }

// pending returns the header that a field belongs to.
func (m *mt940) pending(f field) (*Header, error) {
	if m.next == nil {
		return nil, broken(f.line, ":"+f.tag+":", "The field stands outside a message: there is no :20: before it.")
	}
	return m.next, nil
}

// openWith begins a statement by its opening balance, or goes on with the next page of the one before.
func (m *mt940) openWith(f field) error {
	b, err := m.balance(f)
	if err != nil {
		return err
	}
	if f.tag == "60M" && m.open && m.interim && m.next != nil && m.next.Account == withoutCurrency(m.head.Account, m.next.Account) && same(b.Amount, m.closing.Amount) {
		m.next, m.closing, m.interim = nil, nil, false
		return m.flush()
	}
	return m.start(f.line, b)
}

// withoutCurrency lets an account be compared with one whose field did not name the currency.
func withoutCurrency(a, like Account) Account {
	if like.Currency == "" {
		a.Currency = ""
	}
	return a
}

// start ends the statement before and begins the next.
func (m *mt940) start(line int, opening *Balance) error {
	if m.next == nil && !m.open {
		return broken(line, ":20:", "The statement has no :20: before it.")
	}
	h := m.next
	if h == nil { // a bank that writes one :20: for several statements
		again := m.head
		again.Line = line
		h = &again
	}
	if err := m.end(); err != nil {
		return err
	}
	m.next, m.open, m.seen, m.begun, m.closing, m.interim = nil, true, true, false, nil, false
	m.head, m.tally = *h, tally{}
	m.head.Opening = opening
	if m.head.Account.IBAN == "" && m.head.Account.Number == "" {
		return fail(h.Line, ":25:", ledger.RuleRequired, "The statement does not say of which account it is.")
	}
	if opening != nil {
		m.head.Account.Currency = opening.Amount.Currency
	}
	m.tally.opening = opening
	return nil
}

// begin gives the header to the sink.
func (m *mt940) begin() error {
	if m.begun {
		return nil
	}
	m.begun = true
	m.tally.currency = m.head.Account.Currency
	return m.sink.Begin(m.head)
}

// closeWith takes the closing balance of a statement or a page.
func (m *mt940) closeWith(f field) error {
	if m.next != nil {
		if err := m.start(f.line, nil); err != nil {
			return err
		}
	}
	if !m.open {
		return broken(f.line, ":"+f.tag+":", "The closing balance has no statement.")
	}
	b, err := m.balance(f)
	if err != nil {
		return err
	}
	if m.head.Account.Currency == "" && !m.begun {
		m.head.Account.Currency = b.Amount.Currency
	}
	m.closing, m.interim = b, f.tag == "62M"
	return m.flush()
}

// end ends the statement that is under way, if one is.
func (m *mt940) end() error {
	if !m.open {
		return nil
	}
	if err := m.flush(); err != nil {
		return err
	}
	if err := m.begin(); err != nil {
		return err
	}
	m.open = false
	if m.interim {
		m.problem(m.last, BalanceMissing, "The statement ends with the balance of a page (:62M:): its other pages are missing.")
	}
	return m.sink.End(m.tally.end(m.last, m.closing, true))
}

// finish ends the file.
func (m *mt940) finish() error {
	if m.envelope > 0 {
		return broken(m.lines.number, "", "The file ends within the message that begins in line %d: it was cut off.", m.envelope)
	}
	if err := m.close(); err != nil {
		return err
	}
	if m.next != nil { // a message of a header only, as some banks send for a day without entries
		return fail(m.next.Line, ":60F:", ledger.RuleRequired, "The statement has no balance and no entry: it may be cut off.")
	}
	if err := m.end(); err != nil {
		return err
	}
	if !m.seen {
		return broken(max(m.lines.number, 1), "", "The file has no statement in it.")
	}
	return nil
}
