package reports

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// DueSchema is the version of the due list's form.
const DueSchema = "vcledger.due.v1"

// DueList is what contributors have agreed to pay and have not: overdue, due and coming, as of a date.
type DueList struct {
	Schema       string     `json:"schema"`
	AsOf         Date       `json:"as_of"`
	KnownAt      time.Time  `json:"known_at"`
	Illustrative bool       `json:"illustrative"`
	Funds        []Fund     `json:"funds"`
	Items        []DueItem  `json:"items"`  // by due date, then fund, contributor and reference
	Months       []DueMonth `json:"months"` // by contributor, fund, month and currency
	Totals       []DueTotal `json:"totals"` // by bucket and currency
	USD          []DueTotal `json:"usd"`    // by bucket, over all currencies in USD
}

// DueItem is an instalment that is not fully paid.
type DueItem struct {
	PledgeID    uuid.UUID              `json:"pledge_id"`
	Pledge      string                 `json:"pledge"` // its reference
	Contributor ledger.ContributorCode `json:"contributor"`
	Fund        ledger.FundCode        `json:"fund"`
	FundYear    int                    `json:"fund_year"`
	Number      int                    `json:"number"` // of the instalment; 1 for a pledge without a schedule
	DueOn       Date                   `json:"due_on"`
	Days        int                    `json:"days_overdue"` // negative before it is due
	Bucket      ledger.Bucket          `json:"bucket"`
	Amount      Money                  `json:"amount"`      // of the whole instalment
	Outstanding Value                  `json:"outstanding"` // what is left of it, and its worth in the books
}

// DueTotal is what is outstanding in one bucket and currency.
type DueTotal struct {
	Bucket      ledger.Bucket `json:"bucket"`
	Outstanding Value         `json:"outstanding"`
}

// DueMonth is what one contributor has to pay to one fund in one month, and has not.
type DueMonth struct {
	Contributor ledger.ContributorCode `json:"contributor"`
	Fund        ledger.FundCode        `json:"fund"`
	Month       string                 `json:"month"` // YYYY-MM
	Outstanding Value                  `json:"outstanding"`
}

// DueRequest narrows a due list; empty fields do not.
type DueRequest struct {
	Contributor ledger.ContributorCode
	Fund        ledger.FundCode
}

type dueRow struct {
	ID          uuid.UUID
	Reference   string
	Contributor ledger.ContributorCode
	Fund        ledger.FundCode
	FundYear    int `db:"fund_year"`
	Currency    ledger.Currency
	Amount      decimal.Decimal
	AmountUSD   decimal.Decimal `db:"amount_usd"`
	AgreedOn    ledger.Date     `db:"agreed_on"`
	Schedule    []byte
	Chosen      []byte
}

// instalments returns the pledge's schedule; one without is due whole on the day of its agreement.
func (r dueRow) instalments() ([]ledger.Instalment, error) {
	if r.Schedule == nil {
		return []ledger.Instalment{{Number: 1, DueOn: r.AgreedOn, Money: ledger.Money{Amount: r.Amount, Currency: r.Currency}}}, nil
	}
	var rows []struct {
		Number int
		DueOn  Date `json:"due_on"`
		Amount decimal.Decimal
	}
	if err := json.Unmarshal(r.Schedule, &rows); err != nil {
		return nil, fmt.Errorf("read the schedule of pledge %s: %w", r.ID, err)
	}
	list := make([]ledger.Instalment, len(rows))
	for i, s := range rows {
		list[i] = ledger.Instalment{Number: s.Number, DueOn: s.DueOn.Date, Money: ledger.Money{Amount: s.Amount, Currency: r.Currency}}
	}
	return list, nil
}

// chosen returns what officers applied to an instalment, by its number.
func (r dueRow) chosen() (amounts map[int]decimal.Decimal, err error) {
	if r.Chosen == nil {
		return nil, nil
	}
	if err := json.Unmarshal(r.Chosen, &amounts); err != nil {
		return nil, fmt.Errorf("read the cash applied by choice to pledge %s: %w", r.ID, err)
	}
	return amounts, nil
}

// BuildDueList returns the instalments that are not fully paid as of the snapshot's date, in three queries. Cash settles the
// oldest instalment of its pledge first, unless an officer chose another.
// Errors: [ledger.RuleNotFound] for a fund that does not exist.
func BuildDueList(ctx context.Context, snap *postgres.Snapshot, r DueRequest) (*DueList, error) {
	funds, codes, illustrative, err := selectFunds(ctx, snap, r.Fund)
	if err != nil {
		return nil, err
	}
	list := &DueList{Schema: DueSchema, AsOf: Date{snap.AsOf}, KnownAt: snap.KnownAt.UTC(), Illustrative: illustrative, Funds: funds,
		Months: []DueMonth{}, Totals: []DueTotal{}, USD: []DueTotal{}}
	merges, err := readMerges(ctx, snap)
	if err != nil {
		return nil, err
	}
	family := []string{}
	if r.Contributor != "" {
		family = textCodes(merges.Family(r.Contributor))
	}
	if list.Items, err = readDueItems(ctx, snap, merges, codes, family, snap.AsOf); err != nil {
		return nil, err
	}
	list.total()
	list.byMonth()
	return list, nil
}

// readDueItems lists what [eachDue] reads, the oldest first.
func readDueItems(ctx context.Context, snap *postgres.Snapshot, merges ledger.Merges, funds, contributors []string, on ledger.Date) ([]DueItem, error) {
	list := []DueItem{}
	err := eachDue(ctx, snap, merges, funds, contributors, on, func(i DueItem) { list = append(list, i) })
	slices.SortStableFunc(list, func(a, b DueItem) int { return b.Days - a.Days })
	return list, err
}

// eachDue calls fn with each instalment of contributors, none for all, to funds that is not fully paid on a day.
func eachDue(ctx context.Context, snap *postgres.Snapshot, merges ledger.Merges, funds, contributors []string, on ledger.Date, fn func(DueItem)) error {
	return each(ctx, snap, "due pledges", due, func(row dueRow) error {
		row.Contributor = merges.Survivor(row.Contributor)
		return row.each(on, fn)
	}, pq.Array(funds), pq.Array(contributors), on, knownAt(snap))
}

// each calls fn with each instalment of the pledge that is not fully paid.
func (r dueRow) each(asOf ledger.Date, fn func(DueItem)) error {
	schedule, err := r.instalments()
	if err != nil {
		return err
	}
	chosen, err := r.chosen()
	if err != nil {
		return err
	}
	receivable := ledger.Converted{Money: ledger.Money{Amount: r.Amount, Currency: r.Currency}, USD: r.AmountUSD}
	for _, d := range ledger.DueOf(schedule, chosen, receivable) {
		days, bucket := ledger.Age(d.DueOn, asOf)
		fn(DueItem{PledgeID: r.ID, Pledge: r.Reference, Contributor: r.Contributor, Fund: r.Fund, FundYear: r.FundYear,
			Number: d.Number, DueOn: Date{d.DueOn}, Days: days, Bucket: bucket, Amount: money(d.Amount, r.Currency), Outstanding: value(d.Left.Amount, r.Currency, d.Left.USD)})
	}
	return nil
}

// total adds the items up by bucket and currency, and by bucket in USD.
func (l *DueList) total() {
	for _, bucket := range ledger.Buckets {
		byCurrency := map[ledger.Currency]Value{}
		var usd decimal.Decimal
		for _, item := range l.Items {
			if item.Bucket == bucket {
				addValue(byCurrency, item.Outstanding)
				usd = usd.Add(item.Outstanding.USD.Amount)
			}
		}
		for _, c := range sortedCurrencies(byCurrency) {
			l.Totals = append(l.Totals, DueTotal{bucket, byCurrency[c]})
		}
		if len(byCurrency) > 0 {
			l.USD = append(l.USD, DueTotal{bucket, value(usd, ledger.USD, usd)})
		}
	}
}

// byMonth adds the items up by contributor, fund, month and currency.
func (l *DueList) byMonth() {
	type month struct {
		contributor ledger.ContributorCode
		fund        ledger.FundCode
		month       string
	}
	sums := map[month]map[ledger.Currency]Value{}
	for _, i := range l.Items {
		m := month{i.Contributor, i.Fund, i.DueOn.String()[:len("YYYY-MM")]}
		if sums[m] == nil {
			sums[m] = map[ledger.Currency]Value{}
		}
		addValue(sums[m], i.Outstanding)
	}
	for m, byCurrency := range sums {
		for _, sum := range byCurrency {
			l.Months = append(l.Months, DueMonth{m.contributor, m.fund, m.month, sum})
		}
	}
	slices.SortFunc(l.Months, func(a, b DueMonth) int {
		return cmp.Or(cmp.Compare(a.Contributor, b.Contributor), cmp.Compare(a.Fund, b.Fund), cmp.Compare(a.Month, b.Month),
			cmp.Compare(a.Outstanding.Money.Currency, b.Outstanding.Money.Currency))
	})
}

func sortedCurrencies(m map[ledger.Currency]Value) []ledger.Currency {
	list := make([]ledger.Currency, 0, len(m))
	for c := range m {
		list = append(list, c)
	}
	slices.Sort(list)
	return list
}
