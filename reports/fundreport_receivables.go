package reports

import (
	"context"
	"slices"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// The accounts that are taken off contributions receivable.
const (
	allowanceAccount ledger.AccountCode = "1290"
	discountAccount  ledger.AccountCode = "1295"
)

// Receivables are the contributions receivable at the end of the year, in USD: by how long they have been due, and less what
// is not expected or not expected soon.
// Source: IPSAS 1, current assets are expected to be realised within twelve months after the reporting date.
type Receivables struct {
	Ages      []AgeLine `json:"by_age"` // from the youngest bucket to the oldest
	Total     AgeLine   `json:"total"`
	Allowance Money     `json:"allowance"` // for doubtful contributions
	Discount  Money     `json:"discount"`  // of what is not current
	Net       Money     `json:"net"`       // Total less both
}

// AgeLine is what is receivable in one bucket.
type AgeLine struct {
	Bucket      ledger.Bucket `json:"bucket,omitempty"` // empty for the total
	Outstanding Money         `json:"outstanding"`
	Current     Money         `json:"current"`     // due, or due within twelve months
	NonCurrent  Money         `json:"non_current"` // due later
}

func (l *AgeLine) add(usd decimal.Decimal, current bool) {
	l.Outstanding = l.Outstanding.plus(dollars(usd))
	if current {
		l.Current = l.Current.plus(dollars(usd))
	} else {
		l.NonCurrent = l.NonCurrent.plus(dollars(usd))
	}
}

func ageLine(b ledger.Bucket) AgeLine {
	zero := dollars(decimal.Zero)
	return AgeLine{Bucket: b, Outstanding: zero, Current: zero, NonCurrent: zero}
}

// readDue adds up what is due at the end of the year, by age and by contributor. It may be called while the rest is read in another
// view of the snapshot.
func (b *fundReportBuild) readDue(ctx context.Context, snap *postgres.Snapshot) error {
	r := Receivables{Total: ageLine("")}
	for _, bucket := range ledger.Buckets {
		r.Ages = append(r.Ages, ageLine(bucket))
	}
	err := eachDue(ctx, snap, b.merges, []string{string(b.Fund.Code)}, []string{}, b.end, func(i DueItem) {
		usd, current := i.Outstanding.USD.Amount, b.current(i)
		r.Ages[slices.Index(ledger.Buckets, i.Bucket)].add(usd, current)
		r.Total.add(usd, current)
		if b.receivable[i.Contributor] == nil {
			b.receivable[i.Contributor] = &receivable{}
		}
		b.receivable[i.Contributor].add(usd, current)
	})
	b.Receivables = r
	return err
}

// receivable adds up what is receivable of a contributor.
type receivable struct{ current, nonCurrent decimal.Decimal }

func (r *receivable) add(usd decimal.Decimal, current bool) {
	if current {
		r.current = r.current.Add(usd)
	} else {
		r.nonCurrent = r.nonCurrent.Add(usd)
	}
}

// takeOff takes off the receivables what is not expected, or not expected soon.
func (b *fundReportBuild) takeOff() {
	r := &b.Receivables
	r.Allowance = dollars(b.account(allowanceAccount).closing().Neg())
	r.Discount = dollars(b.account(discountAccount).closing().Neg())
	r.Net = r.Total.Outstanding.minus(r.Allowance).minus(r.Discount)
}

// current reports whether an instalment is due within twelve months after the last day.
func (b *fundReportBuild) current(i DueItem) bool {
	return !i.DueOn.After(ledger.DateOf(b.end.Start().AddDate(1, 0, 0)))
}
