package export

import (
	"strings"

	"vcledger/ledger"
)

// hledger writes the subset that hledger and Ledger read alike.
type hledger struct{}

func (hledger) header(p *printer, j *journal) {
	p.preamble(j)
	for _, c := range j.currencies() {
		p.print("\ncommodity ", string(c), "\n")
		// hledger wants a decimal mark in a format and Ledger refuses one without decimals: such a currency has no format.
		if units := c.MinorUnits(); units > 0 {
			p.print("    format 1000.", strings.Repeat("0", int(units)), " ", string(c), "\n")
		}
	}
	j.accounts(func(a account, u used) {
		p.print("\naccount ", hledger{}.account(a, u), "\n")
		if a.BankAccount != "" {
			p.print("    ; type: C\n") // cash, which hledger would infer from an English name only
		}
	})
	if len(j.Used) > 0 {
		p.print("\n")
		for _, name := range []string{"kind", "recorded_at", "reason", "reverses", "receipt", "delivery",
			"fund", "contributor", "pledge", "item", "currency"} {
			p.print("tag ", name, "\n")
		}
	}
}

var hledgerRoots = map[ledger.AccountKind]string{
	ledger.KindAsset:      "assets",
	ledger.KindLiability:  "liabilities",
	ledger.KindNetAssets:  "equity",
	ledger.KindRevenue:    "revenues",
	ledger.KindExpense:    "expenses",
	ledger.KindMemorandum: "memorandum",
}

func (hledger) account(a account, u used) string {
	name := hledgerRoots[u.Kind] + ":" + string(a.Code) + " " + strings.ReplaceAll(plain(u.Name), ":", "：")
	if a.BankAccount != "" {
		name += ":" + a.BankAccount
	}
	return name
}

// entry writes a cleared transaction with the entry's id as its code. Both stand before the description, so that no
// description is read as a mark or a code.
func (hledger) entry(p *printer, l *line) {
	head := l.EffectiveDate.String() + " * (" + l.Entry + ") " + plain(l.Description)
	p.print(strings.TrimRight(head, " "), "\n")
	hledgerTags(p, "    ; ", entryTags(l))
}

func (hledger) line(p *printer, l *line, account string) {
	// Lines in brackets have to balance by themselves, as the memorandum accounts do.
	if l.Account.Memorandum() {
		account = "[" + account + "]"
	}
	p.print("    ", account, "    ", l.amount(), "\n")
	hledgerTags(p, "        ; ", lineTags(l))
}

// hledgerTags writes each tag on a line of its own: Ledger reads one tag a line, and a comma ends hledger's value.
func hledgerTags(p *printer, indent string, tags []tag) {
	for _, t := range tags {
		if v := strings.ReplaceAll(plain(t.value), ",", "，"); v != "" {
			p.print(indent, t.name, ": ", v, "\n")
		}
	}
}
