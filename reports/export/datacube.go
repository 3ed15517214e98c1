package export

import (
	"context"
	_ "embed"
	"encoding/csv"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

var (
	//go:embed sql/datacube.sql
	dataCube string

	// The code tables of the United Nations system's data standards for financial reporting, as they are published at
	// https://github.com/united-nations/open under the MIT licence.

	//go:embed codes/contributor_types.csv
	contributorTypes string
	//go:embed codes/revenue_types.csv
	revenueTypes string
)

// names reads a table of codes: the code, and its name.
func names(table string) map[string]string {
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	if err != nil {
		panic("export: a table of codes that cannot be read: " + err.Error()) // it is part of the program
	}
	list := map[string]string{}
	for _, r := range rows[1:] {
		list[r[0]] = r[1]
	}
	return list
}

var contributorTypeNames, revenueTypeNames = names(contributorTypes), names(revenueTypes)

// noContributor is the type of revenue that nobody contributed.
const noContributor = "C09"

// dataCubeColumns are the columns of the file: one row for each year, contributor and revenue type.
var dataCubeColumns = []string{"entity", "year", "contributor", "contributor_name", "contributor_type", "contributor_type_name",
	"revenue_type", "revenue_type_name", "amount_usd"}

// revenue is what a fund recognised in a year on one account.
type revenue struct {
	Year      int
	Code      ledger.ContributorCode // empty for nobody's
	FundKind  ledger.FundKind        `db:"fund_kind"`
	Under     bool                   // the fund belongs to another
	Account   ledger.AccountCode
	AmountUSD decimal.Decimal `db:"amount_usd"`
}

// kind returns the code of the United Nations list of revenue types.
func (r revenue) kind() string {
	earmarked := r.FundKind == ledger.SpecialPurpose
	switch r.Account {
	case ledger.RevenueCash, ledger.PresentValue:
		switch {
		case !earmarked:
			return "R02A" // voluntary, untied
		case r.Under:
			return "R03E" // for a project or programme
		}
		return "R03B" // a thematic fund of one agency
	case ledger.RevenueGoods, ledger.RevenueServices:
		if earmarked {
			return "R03F"
		}
		return "R02B"
	case ledger.Interest, ledger.SupportIncome, ledger.ExchangeGains:
		return "R04A" // of the entity's own activities
	}
	return "R05"
}

// DataCube writes the revenue that was recognised, by year, contributor and revenue type, as a CSV of one table in the shape of
// the United Nations system's data standards for financial reporting. Amounts are in USD. With [Options.Year] it has that year.
// Errors: [ledger.RuleNotFound] when there is no such fund, before anything is written; those of the database and of w.
// Source: data standards for United Nations system-wide reporting of financial data, the lists of revenue types and of
// contributor types (https://unsceb.org/data-standards-united-nations-system-wide-reporting-financial-data).
func DataCube(ctx context.Context, w io.Writer, snap *postgres.Snapshot, o Options) error {
	if err := o.Publisher.Check(); err != nil {
		return err
	}
	if err := hasFund(ctx, snap, o.Fund); err != nil {
		return err
	}
	list, err := readParties(ctx, snap, string(o.Fund), snap.AsOf)
	if err != nil {
		return err
	}
	by := map[ledger.ContributorCode]party{}
	for _, p := range list {
		by[p.Code] = p
	}
	c := csv.NewWriter(w)
	if err := c.Write(dataCubeColumns); err != nil {
		return fmt.Errorf("write the revenue: %w", err)
	}
	d := dataCubeFile{out: c, entity: o.Publisher.Entity, parties: by}
	var r revenue
	err = snap.Each(ctx, &r, func() error { return d.add(r) }, dataCube, o.Fund, snap.AsOf, snap.KnownAt.UTC(), o.Year)
	if err == nil {
		err = d.flush()
	}
	if err == nil {
		c.Flush()
		err = c.Error()
	}
	if err != nil {
		return fmt.Errorf("write the revenue: %w", err)
	}
	return nil
}

// dataCubeFile adds up the revenue of a year and a contributor, which follow each other, and writes it.
type dataCubeFile struct {
	out     *csv.Writer
	entity  string
	parties map[ledger.ContributorCode]party
	current revenue // its year and contributor
	sums    []typeSum
}

// typeSum is the revenue of one type.
type typeSum struct {
	code   string
	amount decimal.Decimal
}

func (d *dataCubeFile) add(r revenue) error {
	if r.Year != d.current.Year || r.Code != d.current.Code {
		if err := d.flush(); err != nil {
			return err
		}
		d.current = r
	}
	code := r.kind()
	i := slices.IndexFunc(d.sums, func(s typeSum) bool { return s.code == code })
	if i < 0 {
		d.sums, i = append(d.sums, typeSum{code: code}), len(d.sums)
	}
	d.sums[i].amount = d.sums[i].amount.Add(r.AmountUSD)
	return nil
}

// flush writes the rows of the contributor's year, those that are not zero.
func (d *dataCubeFile) flush() error {
	slices.SortFunc(d.sums, func(a, b typeSum) int { return strings.Compare(a.code, b.code) })
	kind := noContributor
	p, named := d.parties[d.current.Code]
	if named {
		kind = p.contributorType()
	}
	for _, s := range d.sums {
		if s.amount.IsZero() {
			continue
		}
		row := []string{d.entity, strconv.Itoa(d.current.Year), string(p.Code), p.Name, kind, contributorTypeNames[kind], s.code, revenueTypeNames[s.code],
			s.amount.StringFixed(ledger.USD.MinorUnits())}
		for i := range row {
			row[i] = harmless(row[i])
		}
		if err := d.out.Write(row); err != nil {
			return err
		}
	}
	d.sums = d.sums[:0]
	return nil
}

var number = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

// harmless keeps a spreadsheet from running a text as a formula (CWE-1236). A real number stays one.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) && !number.MatchString(s) {
		return "'" + s
	}
	return s
}
