package export

import (
	"strings"

	"vcledger/ledger"
)

// beancount writes the syntax of Beancount 2, which Beancount 3 reads as well.
type beancount struct{}

func (beancount) header(p *printer, j *journal) {
	p.preamble(j)
	p.print("\noption \"title\" \"Voluntary contributions\"\n")
	p.print("option \"operating_currency\" \"USD\"\n")
	// A total price becomes the price of one unit with 28 digits, so the worth of a line is its cents and a tail far behind
	// the point. Half a cent lets the tail pass and refuses a cent.
	p.print("option \"inferred_tolerance_default\" \"USD:0.005\"\n")
	if len(j.Used) > 0 {
		p.print("\n")
	}
	for _, c := range j.currencies() {
		p.print(ledger.FirstDate.String(), " commodity ", string(c), "\n")
	}
	j.accounts(func(a account, u used) {
		p.print("\n", ledger.FirstDate.String(), " open ", beancount{}.account(a, u), "\n")
		beancountTags(p, "  ", []tag{{"code", string(a.Code)}, {"name", u.Name}, {"bank_account", a.BankAccount}})
	})
}

// beancountRoots are the five that Beancount admits. The memorandum accounts balance by themselves, so under equity they
// change no total.
var beancountRoots = map[ledger.AccountKind]string{
	ledger.KindAsset:      "Assets",
	ledger.KindLiability:  "Liabilities",
	ledger.KindNetAssets:  "Equity",
	ledger.KindRevenue:    "Income",
	ledger.KindExpense:    "Expenses",
	ledger.KindMemorandum: "Equity:Memorandum",
}

func (beancount) account(a account, u used) string {
	name := beancountRoots[u.Kind] + ":" + string(a.Code)
	if words := joinWords(u.Name); words != "" {
		name += "-" + words
	}
	if a.BankAccount != "" {
		name += ":" + bankComponent.Replace(a.BankAccount)
	}
	return name
}

// bankComponent spells out what a code may have and a component may not. Codes have no small letters, so two codes never
// become one name.
var bankComponent = strings.NewReplacer(".", "-dot-", "_", "-low-")

// joinWords returns the ASCII letters and digits of a name, each word with a capital: "Cash at bank" is CashAtBank.
func joinWords(name string) string {
	var b strings.Builder
	start := true
	for _, r := range name {
		switch {
		case r >= 'a' && r <= 'z' && start:
			b.WriteRune(r - 'a' + 'A')
			start = false
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			b.WriteRune(r)
			start = false
		case r < 0x80:
			start = true
		}
	}
	return b.String()
}

func (beancount) entry(p *printer, l *line) {
	p.print(l.EffectiveDate.String(), " * ", quoted(l.Description), "\n")
	beancountTags(p, "  ", append([]tag{{"entry", l.Entry}}, entryTags(l)...))
}

func (beancount) line(p *printer, l *line, account string) {
	p.print("  ", account, "  ", l.amount(), "\n")
	beancountTags(p, "    ", lineTags(l))
}

func beancountTags(p *printer, indent string, tags []tag) {
	for _, t := range tags {
		if t.value != "" {
			p.print(indent, t.name, ": ", quoted(t.value), "\n")
		}
	}
}
