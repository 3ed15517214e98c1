package export

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"time"

	"vcledger/ledger"
)

// format writes a journal's parts in one format.
type format interface {
	header(p *printer, j *journal)
	account(a account, u used) string // the name of an account
	entry(p *printer, l *line)        // the head of the entry that the line belongs to
	line(p *printer, l *line, account string)
}

// write writes the whole file. An entry's lines follow each other, so one line at a time is kept.
func (j *journal) write(w io.Writer, f format) error {
	p := &printer{w: bufio.NewWriter(w)}
	f.header(p, j)
	names := map[account]string{}
	j.accounts(func(a account, u used) { names[a] = f.account(a, u) })
	var entry string
	err := j.Each(func(l *line) error {
		if l.Entry != entry {
			p.print("\n")
			f.entry(p, l)
			entry = l.Entry
		}
		f.line(p, l, names[account{l.Account, l.BankAccount}])
		return p.err // a reader who has gone away ends the query
	})
	if err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	if p.err == nil {
		p.err = p.w.Flush()
	}
	if p.err != nil {
		return fmt.Errorf("write the journal: %w", p.err)
	}
	return nil
}

// printer writes strings and keeps the first error.
type printer struct {
	w   *bufio.Writer
	err error
}

func (p *printer) print(parts ...string) {
	for _, s := range parts {
		if p.err == nil {
			_, p.err = p.w.WriteString(s)
		}
	}
}

// preamble writes what the file is, as comments.
func (p *printer) preamble(j *journal) {
	p.print("; Journal of voluntary contributions. A debit is positive, a credit negative; @@ is the worth in USD.\n")
	p.print("; Effective dates up to ", j.AsOf.String(), ", as known at ", instant(j.KnownAt), ".\n")
	for _, f := range j.Funds {
		p.print("; Fund ", f.Code, ": ", plain(f.Name))
		if f.Illustrative {
			p.print(" (illustrative: made up, not a record of real contributions)")
		}
		p.print("\n")
	}
}

// tag is a name and a value that an entry or a line carries.
type tag struct{ name, value string }

// entryTags lists an entry's tags. Those without a value are not written.
func entryTags(l *line) []tag {
	return []tag{
		{"kind", string(l.Kind)},
		{"recorded_at", instant(l.RecordedAt)},
		{"reason", l.Reason},
		{"reverses", l.Reverses},
		{"receipt", l.EntryReceipt},
		{"delivery", l.Delivery},
	}
}

// lineTags lists a line's tags. Those without a value are not written.
func lineTags(l *line) []tag {
	var item, currency string
	if l.Item != 0 {
		item = strconv.Itoa(l.Item)
	}
	if l.onlyUSD() {
		currency = string(l.Currency)
	}
	return []tag{
		{"fund", l.Fund},
		{"contributor", l.Contributor},
		{"pledge", l.Pledge},
		{"item", item},
		{"receipt", l.Receipt},
		{"currency", currency},
	}
}

// onlyUSD reports whether the line changes the worth in USD of an amount and not the amount, as a revaluation does. No
// price of nothing can say that.
func (l *line) onlyUSD() bool {
	return l.Currency != ledger.USD && l.Amount.IsZero() && !l.AmountUSD.IsZero()
}

// amount returns the line's amount, and the USD that it is worth as a total price where it is in another currency. A total
// price has no sign in either format: it takes the amount's, and the books keep the two on one side.
func (l *line) amount() string {
	usd := ledger.Dollars(l.AmountUSD)
	if l.Currency == ledger.USD || l.onlyUSD() {
		return usd.String()
	}
	usd.Amount = usd.Amount.Abs()
	return ledger.Money{Amount: l.Amount, Currency: l.Currency}.String() + " @@ " + usd.String()
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
