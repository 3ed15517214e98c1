package bankfile

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// information is what field 86 tells of an entry.
type information struct {
	code, booking        string // the German business transaction code and its text
	party                Counterparty
	endToEnd, remittance string
	ordered              *ledger.Money
	charges              []Charge
	rate                 *decimal.Decimal
	said                 bool // a word for the remittance was there, though perhaps nothing behind it
}

// The widths at which banks cut what goes on in the next line or subfield. A shorter one is whole.
const (
	lineWidth     = 63 // of 65; some count the tag
	subfieldWidth = 27
)

// maxRemittance bounds how long a remittance may be for another part of it to be taken.
const maxRemittance = 4 << 10

// germanForm is a transaction code, a character that separates, and the first subfield.
var germanForm = regexp.MustCompile(`^\s*(\d{3})([^0-9A-Za-z\s])(\d{2})`)

// note reads the lines of field 86 in whichever of its three forms they are.
func note(text []string) information {
	if len(text) == 0 {
		return information{}
	}
	if german := germanForm.FindStringSubmatch(strings.Join(text, "")); german != nil {
		return germanNote(strings.TrimSpace(strings.Join(text, ""))[4:], german[1], german[2])
	}
	whole := joinCut(text, lineWidth)
	if strings.HasPrefix(strings.TrimSpace(whole), "/") {
		return taggedNote(strings.TrimSpace(whole))
	}
	return information{remittance: oneLine(whole)}
}

// joinCut joins the parts of a text that was cut at a width: a part as long as that goes on without a space.
func joinCut(parts []string, width int) string {
	var b strings.Builder
	for i, part := range parts {
		b.WriteString(part)
		if i+1 < len(parts) && utf8.RuneCountInString(part) < width {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// maxStray bounds how often the separator is taken for a character of the text. What is beyond stands in the original.
const maxStray = 100

// germanNote reads the subfields: 00 the booking's text, 20 to 29 and 60 to 63 remittance, 30 bank, 31 account, 32 and 33 name,
// 38 IBAN.
func germanNote(text, code, separator string) information {
	n := information{code: code}
	var remittance, name []string
	taken := 0
	for _, sub := range strings.Split(text, separator) {
		if len(sub) < 2 || sub[0] < '0' || sub[0] > '9' || sub[1] < '0' || sub[1] > '9' {
			if taken++; len(remittance) > 0 && taken <= maxStray { // the separator was a character of the text
				remittance[len(remittance)-1] += separator + sub
			}
			continue
		}
		value := sub[2:]
		switch key := sub[:2]; {
		case key == "00":
			n.booking = oneLine(value)
		case key >= "20" && key <= "29", key >= "60" && key <= "63":
			remittance = append(remittance, value)
		case key == "30":
			n.party.Bank = strings.TrimSpace(value)
		case key == "31" && n.party.Account == "", key == "38":
			n.party.Account = compact(value)
		case key == "32", key == "33":
			name = append(name, value)
		}
	}
	n.party.Name = oneLine(joinCut(name, subfieldWidth))
	n.sepa(remittance)
	return n
}

// sepaForm are the words that stand before the parts of a SEPA payment's remittance.
var sepaForm = regexp.MustCompile(`(?:^|\b)(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP|RREF|RSN)\+\s?`)

// sepa reads the remittance of a German note, which has the parts of a SEPA payment in it or is plain text.
func (n *information) sepa(parts []string) {
	// A word mostly begins a subfield; the part before it then has its own end.
	for i, part := range parts {
		if at := sepaForm.FindStringIndex(part); i > 0 && at != nil && at[0] == 0 {
			parts[i-1] += " "
		}
	}
	whole := joinCut(parts, subfieldWidth)
	at := sepaForm.FindAllStringSubmatchIndex(whole, -1)
	if at == nil {
		n.remittance = oneLine(whole)
		return
	}
	n.remittance = oneLine(whole[:at[0][0]])
	for i, m := range at {
		end := len(whole)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		n.part(whole[m[2]:m[3]], oneLine(whole[m[1]:end]))
	}
}

// part takes a part of a payment by its word.
func (n *information) part(word, value string) {
	switch word {
	case "EREF":
		if !strings.EqualFold(value, "NOTPROVIDED") {
			n.endToEnd = value
		}
	case "SVWZ", "REMI", "PY":
		n.said = true
		if len(n.remittance) < maxRemittance {
			n.remittance = strings.TrimSpace(n.remittance + " " + value)
		}
	case "IBAN":
		n.party.Account = first(n.party.Account, compact(value))
	case "BIC":
		n.party.Bank = first(n.party.Bank, value)
	case "NAME":
		n.party.Name = first(n.party.Name, value)
	case "ABWA", "ULTD", "ULTB":
		n.party.Ultimate = first(n.party.Ultimate, value)
	case "OAMT", "OCMT":
		n.ordered = wordMoney(value)
	case "COAM", "CHGS":
		if m := wordMoney(value); m != nil {
			n.charges = append(n.charges, Charge{Amount: *m, Included: true})
		}
	case "EXCH":
		if d, err := plain(strings.Replace(value, ",", ".", 1)); err == nil && d.IsPositive() {
			n.rate = &d
		}
	case "CNTP":
		f := append(strings.Split(value, "/"), "", "", "")
		n.party = Counterparty{Account: compact(f[0]), Bank: f[1], Name: f[2]}
	}
}

var wordMoneyForm = regexp.MustCompile(`^([A-Z]{3})\s?(\d{1,15}(?:[,.]\d{0,5})?)$`)

// wordMoney reads a currency and an amount; nil when it is none.
func wordMoney(text string) *ledger.Money {
	p := wordMoneyForm.FindStringSubmatch(text)
	if p == nil || !ledger.Currency(p[1]).Known() {
		return nil
	}
	d, err := plain(strings.TrimSuffix(strings.Replace(p[2], ",", ".", 1), "."))
	if err != nil {
		return nil
	}
	return &ledger.Money{Amount: d, Currency: ledger.Currency(p[1])}
}

// tagWords are the words between slashes that banks use in :86: and in the supplementary details.
var tagWords = regexp.MustCompile(`/(TRTP|TYPE|EREF|KREF|PREF|MREF|MARF|CSID|IBAN|BIC|NAME|ADDR|BENM|ORDP|CNTP|ULTD|ULTB|ULTC|REMI|ISDT|RTRN|RTYP|PURP|CHGS|OCMT|EXCH|SVCL|PT|PY|NRTX|PIND|ID|SWOC|NRTX|TR|BAI)/`)

// taggedNote reads words between slashes. Without a remittance among them the whole text is it.
func taggedNote(text string) information {
	var n information
	n.words(text)
	if !n.said {
		n.remittance = oneLine(text)
	}
	for _, prefix := range []string{"USTD//", "USTD/", "STRD/CUR/", "STRD/"} {
		if rest, ok := strings.CutPrefix(n.remittance, prefix); ok {
			n.remittance = rest
			break
		}
	}
	n.remittance = strings.Trim(n.remittance, "/ ")
	return n
}

// words takes the parts of a text that each begin with a word between slashes.
func (n *information) words(text string) {
	m := tagWords.FindStringSubmatchIndex(text)
	for m != nil {
		word, from := text[m[2]:m[3]], m[1]
		// The slash that ends a word may be the one that begins the next.
		next := tagWords.FindStringSubmatchIndex(text[from-1:])
		to := len(text)
		for i := range next {
			next[i] += from - 1
		}
		if next != nil {
			to = max(next[0], from)
		}
		value := strings.TrimSpace(text[from:to])
		if word != "CNTP" {
			value = strings.Trim(oneLine(value), "/ ")
		}
		n.part(word, value)
		m = next
	}
}

// supplement adds what the supplementary details of field 61 tell: amounts, or the account of the other side.
func (n *information) supplement(text string) {
	if n.party.Account == "" && ibanForm.MatchString(compact(text)) {
		n.party.Account = compact(text)
	}
	if strings.HasPrefix(text, "/") {
		before := n.remittance
		n.words(text)
		n.remittance = before
	}
}
