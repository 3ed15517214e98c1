package export_test

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
	"vcledger/reports"
	"vcledger/reports/export"
)

// until is the last day of the tie-outs.
var until = ledgertest.Day("2100-01-01")

// build builds a document from the books that the exports are made from.
func build[T any](t *testing.T, store *postgres.Store, fn func(*postgres.Snapshot) (T, error)) T {
	t.Helper()
	var doc T
	err := store.Read(t.Context(), until, always, func(snap *postgres.Snapshot) (err error) {
		doc, err = fn(snap)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// What the sums of the tie-out are of.
const (
	pledged  = "pledged"
	agreed   = "agreed"
	changed  = "changed" // of what was pledged or agreed
	received = "received"
)

// TestIATITiesToStatements holds the sums of the transactions against the statements of all contributors, by contributor and
// currency: announcements and agreements, their changes, cash received less refunds, and what was given in kind.
func TestIATITiesToStatements(t *testing.T) {
	t.Parallel()
	store, owner := openData(t)
	for _, fund := range []ledger.FundCode{"GEN", "SPF"} {
		want, got := amounts{}, amounts{}
		for _, who := range []ledger.ContributorCode{"XAA", "XBB", "XCC", "XPP", "XMM", "XEU", "XOO"} {
			statement := build(t, store, func(snap *postgres.Snapshot) (*reports.Statement, error) {
				return reports.BuildStatement(t.Context(), snap, reports.StatementRequest{Contributor: who, Fund: fund, Period: ledger.Period{From: ledger.FirstDate, To: until}})
			})
			addStatement(want, seen(statement.Contributor.Name), statement)
			// The statement nets an agreement with the announcement that it replaces; the leg has its own amount.
			var legs []struct {
				Currency string
				Amount   decimal.Decimal
			}
			err := owner.Select(&legs, `SELECT v.currency, v.amount FROM pledge_event v JOIN pledge p ON p.id = v.pledge_id
				WHERE p.contributor = $1 AND p.fund = $2 AND p.form = 'cash' AND v.kind = 'agreed'`, who, fund)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range legs {
				want.add(seen(statement.Contributor.Name), agreed, "cash", l.Currency, l.Amount)
			}
		}
		o := published
		o.Fund = fund
		for _, tr := range parsed(t, exported(t, store, until, o, export.IATI)).Activities[0].Transactions {
			addTransaction(t, got, tr)
		}
		sameAmounts(t, string(fund), want, got)
	}
}

// seen returns a name as XML holds it.
func seen(name string) string {
	return strings.NewReplacer("\x01", "\uFFFD", "\ufffe", "\uFFFD").Replace(name)
}

func addStatement(a amounts, who string, s *reports.Statement) {
	sum := func(what, how string, sign int64, m reports.Money) {
		a.add(who, what, how, string(m.Currency), m.Amount.Mul(decimal.NewFromInt(sign)))
	}
	for _, p := range s.Pledges {
		sum(pledged, "cash", 1, p.Amounts.Announced)
		sum(changed, "cash", 1, p.Amounts.Adjusted)
		sum(changed, "cash", -1, p.Amounts.WrittenOff)
		sum(changed, "cash", -1, p.Amounts.Cancelled)
	}
	for _, f := range s.Summary.Cash {
		for _, c := range f.Currencies {
			sum(received, "cash", 1, c.Amounts.Received)
			sum(received, "cash", -1, c.Amounts.Refunded)
		}
	}
	for _, i := range s.InKind.Items {
		sum(pledged, "kind", 1, i.Amounts.Offered)
		if !i.AgreedOn.IsZero() {
			sum(agreed, "kind", 1, i.Amounts.Offered)
			sum(agreed, "kind", -1, i.Amounts.Declined)
		}
	}
	for _, d := range s.InKind.Deliveries {
		sum(received, "kind", 1, d.Net.Money)
	}
}

func addTransaction(t *testing.T, a amounts, tr transaction) {
	t.Helper()
	amount, err := decimal.NewFromString(tr.Value.Amount)
	if err != nil {
		t.Fatal(err)
	}
	how := "cash"
	if tr.inKind() {
		how = "kind"
	}
	what := map[string]string{"13": pledged, "11": agreed, "1": received}[tr.Type.Code]
	event := strings.TrimPrefix(tr.Description, "Reversal of: ")
	if what != received && !strings.HasPrefix(event, "Announced") && !strings.HasPrefix(event, "Agreed") {
		what = changed
	}
	a.add(tr.Provider.Name, what, how, tr.Value.Currency, amount)
}

// TestDataCubeGolden writes the revenue of the books.
func TestDataCubeGolden(t *testing.T) {
	t.Parallel()
	store, _ := openData(t)
	golden(t, "open.datacube.csv", exported(t, store, until, published, export.DataCube))
}

// TestDataCubeTiesToFundReport holds the revenue of each year against the fund's report of that year: contributions in cash
// against the account, those in kind against the deliveries of each contributor, and everything against the revenue accounts.
func TestDataCubeTiesToFundReport(t *testing.T) {
	t.Parallel()
	store, _ := openData(t)
	years := 0
	for _, fund := range []ledger.FundCode{"GEN", "SPF", "SUB"} {
		for year := 2022; year <= 2025; year++ {
			report := build(t, store, func(snap *postgres.Snapshot) (*reports.FundReport, error) {
				return reports.BuildFundReport(t.Context(), snap, fund, year)
			})
			want := amounts{}
			for _, a := range report.Books.Accounts {
				switch income := a.Credit.Amount.Sub(a.Debit.Amount); {
				case a.Account == ledger.RevenueCash:
					want.add("", "cash", "", "USD", income)
					want.add("", "all", "", "USD", income)
				case a.Account[0] == '4':
					want.add("", "all", "", "USD", income)
				}
			}
			for _, g := range report.Groups {
				for _, c := range g.Contributors {
					want.add(string(c.Code), "kind", "", "USD", c.InKindRecognised.Amount)
				}
			}
			o := published
			o.Fund, o.Year = fund, year
			got := amounts{}
			for _, r := range cube(t, exported(t, store, until, o, export.DataCube)) {
				if r["year"] != strconv.Itoa(year) || r["entity"] != "UNODC" {
					t.Errorf("%s %d has the row %v", fund, year, r)
				}
				amount := decimal.RequireFromString(r["amount_usd"])
				got.add("", "all", "", "USD", amount)
				switch r["revenue_type"] {
				case "R02A", "R03B", "R03E":
					got.add("", "cash", "", "USD", amount)
				case "R02B", "R03F":
					got.add(r["contributor"], "kind", "", "USD", amount)
				}
				years++
			}
			sameAmounts(t, string(fund)+" "+strconv.Itoa(year), want, got)
		}
	}
	if years < 12 {
		t.Errorf("only %d rows were held against the reports", years)
	}
}

// TestDataCubeCodes holds every code against the tables of the United Nations, whose names the rows have.
func TestDataCubeCodes(t *testing.T) {
	t.Parallel()
	store, _ := openData(t)
	kinds := map[string]bool{}
	for _, r := range cube(t, exported(t, store, until, published, export.DataCube)) {
		kinds[r["contributor_type"]], kinds[r["revenue_type"]] = true, true
		if r["contributor_type_name"] == "" || r["revenue_type_name"] == "" {
			t.Errorf("a code has no name: %v", r)
		}
		if strings.HasPrefix(r["contributor_name"], "=") {
			t.Errorf("a spreadsheet would run %q", r["contributor_name"])
		}
	}
	for _, code := range []string{"C01", "C04A", "C06", "C08A", "C08B", "C09", "R02A", "R03B", "R03E", "R03F", "R04A"} {
		if !kinds[code] {
			t.Errorf("no row is of %s", code)
		}
	}
}

// cube reads the file, each row by the names of its columns.
func cube(t *testing.T, file []byte) []map[string]string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var list []map[string]string
	for _, r := range rows[1:] {
		row := map[string]string{}
		for i, cell := range r {
			row[rows[0][i]] = cell
		}
		list = append(list, row)
	}
	return list
}
