package reports

import (
	"context"

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

// receivable adds up what is receivable of a contributor or in a bucket.
type receivable struct{ current, nonCurrent decimal.Decimal }

func (r receivable) plus(o receivable) receivable {
	return receivable{r.current.Add(o.current), r.nonCurrent.Add(o.nonCurrent)}
}

func (r receivable) line(b ledger.Bucket) AgeLine {
	return AgeLine{Bucket: b, Outstanding: dollars(r.current.Add(r.nonCurrent)), Current: dollars(r.current), NonCurrent: dollars(r.nonCurrent)}
}

// readDue adds up what is due at the end of the year, by age and by contributor. It may be called while the rest is read in another
// view of the snapshot.
func (b *fundReportBuild) readDue(ctx context.Context, snap *postgres.Snapshot) error {
	return eachDue(ctx, snap, b.merges, []string{string(b.Fund.Code)}, []string{}, b.end, func(i DueItem) {
		r := receivable{nonCurrent: i.Outstanding.USD.Amount}
		if b.current(i) {
			r = receivable{current: i.Outstanding.USD.Amount}
		}
		b.ages[i.Bucket] = b.ages[i.Bucket].plus(r)
		b.receivable[i.Contributor] = b.receivable[i.Contributor].plus(r)
	})
}

// receivables tells what is due by age.
func (b *fundReportBuild) receivables() Receivables {
	var r Receivables
	var total receivable
	for _, bucket := range ledger.Buckets {
		r.Ages = append(r.Ages, b.ages[bucket].line(bucket))
		total = total.plus(b.ages[bucket])
	}
	r.Total = total.line("")
	r.Allowance = dollars(b.account(allowanceAccount).closing().Neg())
	r.Discount = dollars(b.account(discountAccount).closing().Neg())
	r.Net = r.Total.Outstanding.minus(r.Allowance).minus(r.Discount)
	return r
}

// current reports whether an instalment is due within twelve months after the last day.
func (b *fundReportBuild) current(i DueItem) bool {
	return !i.DueOn.After(ledger.DateOf(b.end.Start().AddDate(1, 0, 0)))
}
