package reports_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
	"vcledger/reports"
)

// printed is a line of the United Nations' schedule of individual trust funds of 2017: of testdata/schedule_aha_2017.csv, the
// pages of fund AHA and a line of fund BKT with a contribution in kind.
// Source: github.com/united-nations/open, under the MIT licence.
type printed struct {
	fund, flow, group, name string
	total                   bool
	figures                 []string // receivables: current, not current, total; contributions: monetary, in kind, adjustments, total
}

// The flows of the schedule.
const (
	receivables   = "voluntary_contribution_receivable"
	contributions = "voluntary_contribution"
	allocations   = "other_transfer_allocation_contributions"
)

func printedSchedule(t *testing.T) []printed {
	t.Helper()
	f, err := os.Open("testdata/schedule_aha_2017.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var list []printed
	for _, r := range rows[1:] {
		p := printed{fund: r[3], flow: r[4], group: r[5], name: r[6], total: r[7] == "True"}
		switch p.flow {
		case receivables:
			p.figures = []string{r[8], r[9], r[15]}
		case contributions:
			p.figures = []string{r[10], r[11], r[12], r[15]}
		case allocations:
			p.figures = []string{r[13], "", r[14], r[15]}
		}
		for i, figure := range p.figures {
			if figure == "" {
				p.figures[i] = "0" // an empty field of the print
			}
		}
		list = append(list, p)
	}
	return list
}

func (p printed) amount(i int) decimal.Decimal { return decimal.RequireFromString(p.figures[i]) }

// key names a line for comparison; the print writes a name in more than one way.
func (p printed) key() string {
	group := p.group
	if p.flow == allocations || p.name == "Total" || strings.Contains(p.name, ":") {
		group = ""
	}
	return strings.ToLower(strings.Join([]string{p.flow, group, p.name}, " | "))
}

// The lines of the print that are not of a contributor.
const (
	discountLine     = "Less: Discounting of Non-Current receivable"
	presentValueLine = "Add: Present Value Adjustment"
	transferLine     = "(To)/From Trust Fund for the Support to the Activities of the Centre for Human Rights (HCA)"
)

// TestPrintedScheduleAddsUp adds the printed lines up. Where a print does not add up, the place is named here with both
// figures: the pages of AHA do.
func TestPrintedScheduleAddsUp(t *testing.T) {
	t.Parallel()
	wrong := []string{}
	sums := map[string][]decimal.Decimal{}
	add := func(key string, p printed) {
		if sums[key] == nil {
			sums[key] = make([]decimal.Decimal, len(p.figures))
		}
		for i := range p.figures {
			sums[key][i] = sums[key][i].Add(p.amount(i))
		}
	}
	checked := 0
	for _, p := range printedSchedule(t) {
		last := len(p.figures) - 1
		var across decimal.Decimal
		for i := range last {
			across = across.Add(p.amount(i))
		}
		if !across.Equal(p.amount(last)) {
			wrong = append(wrong, fmt.Sprintf("%s: the columns are %s and the print has %s", p.key(), across, p.amount(last)))
		}
		if p.fund != "AHA" {
			continue
		}
		of := p.flow + " | " + p.group
		if p.name == "Total" {
			of = p.flow
		}
		if !p.total {
			if p.name == discountLine || p.name == presentValueLine {
				add(p.flow, p)
			} else {
				add(of, p)
				add(p.flow, p)
			}
			continue
		}
		for i := range p.figures {
			checked++
			if !sums[of][i].Equal(p.amount(i)) {
				wrong = append(wrong, fmt.Sprintf("%s: the lines are %s and the print has %s", p.key(), sums[of][i], p.amount(i)))
			}
		}
	}
	if checked != 3*3+3*4+4 {
		t.Errorf("%d printed totals were added up", checked)
	}
	if diff := cmp.Diff([]string{}, wrong); diff != "" {
		t.Errorf("the places where the print does not add up (-want +got):\n%s", diff)
	}
}

// scheduleBooks are the events behind a printed schedule.
type scheduleBooks struct {
	*ledgertest.Books
	codes map[string]ledger.ContributorCode // by the name in small letters
}

// contributor returns the code of a contributor, which it records when it is new.
func (b scheduleBooks) contributor(group, name string) ledger.ContributorCode {
	name = strings.Replace(name, " For ", " for ", 1)
	key := strings.ToLower(name)
	if b.codes[key] != "" {
		return b.codes[key]
	}
	c := ledger.Contributor{Code: ledger.ContributorCode(fmt.Sprintf("C%02d", len(b.codes)+1)), Name: name, Kind: ledger.State}
	switch {
	case name == "UNDP" || strings.HasSuffix(name, "- IOM"):
		c.Kind = ledger.UN
	case strings.HasSuffix(name, "Foundation"):
		c.Kind = ledger.Private
	case group == "Others":
		c.Kind = ledger.IGO
	}
	b.Do(b.RecordContributor(b.Context(), b.Command(nil), c))
	b.codes[key] = c.Code
	return c.Code
}

// agree records a pledge and its agreement: a part is due on the day of it, the rest on another.
func (b scheduleBooks) agree(from ledger.ContributorCode, fund ledger.FundCode, on string, now, later decimal.Decimal, due string) *postgres.PledgeRecord {
	day := ledgertest.Day
	var p *postgres.PledgeRecord
	b.Do(b.RecordPledge(b.Context(), b.Command(&p), postgres.PledgeInput{Contributor: from, Fund: fund, FundYear: day(on).Year(), Form: ledger.Cash,
		Amount: ledger.Dollars(now.Add(later)), Date: day(on)}))
	var schedule []ledger.Instalment
	for _, i := range []ledger.Instalment{{DueOn: day(on), Money: ledger.Dollars(now)}, {DueOn: day(due), Money: ledger.Dollars(later)}} {
		if i.Amount.IsPositive() {
			i.Number = len(schedule) + 1
			schedule = append(schedule, i)
		}
	}
	b.Do(b.AgreePledge(b.Context(), b.Command(nil), p.ID, postgres.AgreementInput{Date: day(on), Instalments: schedule, Document: "Agreement of " + on}))
	return p
}

func (b scheduleBooks) pay(from ledger.ContributorCode, fund ledger.FundCode, on string, amount decimal.Decimal, pledges ...*postgres.PledgeRecord) *postgres.ReceiptRecord {
	var parts []postgres.PartInput
	for _, p := range pledges {
		parts = append(parts, postgres.PartInput{Pledge: p.ID, Amount: ledger.Dollars(amount)})
	}
	var r *postgres.ReceiptRecord
	b.Do(b.RecordReceipt(b.Context(), b.Command(&r), postgres.ReceiptInput{Contributor: from, Fund: fund, Amount: ledger.Dollars(amount), ValueDate: ledgertest.Day(on), Parts: parts}))
	return r
}

// enter records an entry of an officer, of one debit and one credit or more.
func (b scheduleBooks) enter(on, description string, lines ...postgres.ManualLine) {
	b.Do(b.RecordEntry(b.Context(), b.Command(nil), postgres.ManualInput{Date: ledgertest.Day(on), Description: description, Reason: "At the end of the year", Document: "Voucher of " + on,
		Lines: lines}))
}

// openSchedule books what the printed lines say. A contribution is agreed and paid in the year but for what is receivable;
// what is receivable without a contribution was agreed in the year before; a refund gives back a receipt of the year before.
func openSchedule(t *testing.T, lines []printed) scheduleBooks {
	b := scheduleBooks{ledgertest.OnStore(t, ledgertest.Open(t, ledgertest.Database(t))), map[string]ledger.ContributorCode{}}
	for _, code := range []ledger.FundCode{"AHA", "BKT", "HCA"} {
		b.Do(b.RecordFund(b.Context(), b.Command(nil), ledger.Fund{Code: code, Name: "Trust Fund " + string(code), Kind: ledger.SpecialPurpose, Recognition: ledger.OnAgreement,
			Services: ledger.ServicesAreDisclosed, Charges: ledger.CreditGross, RateSource: ledger.SourceUN}))
	}
	owed := map[ledger.ContributorCode]printed{}
	var discount, adjustment decimal.Decimal
	for _, p := range lines {
		switch {
		case p.name == discountLine:
			discount = p.amount(1).Neg()
		case p.name == presentValueLine:
			adjustment = p.amount(2)
		case p.flow == receivables && !p.total:
			owed[b.contributor(p.group, p.name)] = p
		}
	}
	for _, p := range lines {
		if p.total || p.flow == receivables || p.name == presentValueLine {
			continue
		}
		fund := ledger.FundCode(p.fund)
		if p.name == transferLine {
			b.transfer(p.amount(2))
			continue
		}
		c := b.contributor(p.group, p.name)
		if given := p.amount(0); given.IsPositive() {
			var current, later decimal.Decimal
			if r, owes := owed[c]; owes {
				current, later = r.amount(0), r.amount(1)
				delete(owed, c)
			}
			pledge := b.agree(c, fund, "2017-03-01", given.Sub(later), later, "2019-03-01")
			if paid := given.Sub(current).Sub(later); paid.IsPositive() {
				b.pay(c, fund, "2017-06-01", paid, pledge)
			}
		}
		if back := p.amount(2).Neg(); back.IsPositive() {
			r := b.pay(c, fund, "2016-05-01", back)
			b.Do(b.RecordRefund(b.Context(), b.Command(nil), postgres.RefundInput{Receipt: r.ID, Source: ledger.RefundRevenue, Contributor: c, Fund: fund,
				Amount: ledger.Dollars(back), Date: ledgertest.Day("2017-09-01"), Reason: "Not used", Document: "Final report"}))
		}
		if kind := p.amount(1); kind.IsPositive() {
			b.Do(b.RecordDelivery(b.Context(), b.Command(nil), postgres.DeliveryInput{Contributor: c, Fund: fund, FundYear: 2017, DeliveredOn: ledgertest.Day("2017-07-01"),
				Category: ledger.Goods, Description: "Equipment", Quantity: decimal.NewFromInt(1), Unit: "item", Value: new(ledger.Dollars(kind)),
				Basis: ledger.MarketPrice, Valuer: "Chief, Finance Section", ValuedOn: ledgertest.Day("2017-07-01"), Evidence: ledger.Evidence{Reference: "Receiving report"}}))
		}
	}
	for c, p := range owed {
		b.agree(c, "AHA", "2016-03-01", p.amount(0), p.amount(1), "2019-03-01")
		b.discount(c, "2016-12-31", discount.Add(adjustment))
		b.discount(c, "2017-12-31", adjustment.Neg())
	}
	return b
}

// discount records what a contributor's receivable is worth less, or more when it is less than nothing.
func (b scheduleBooks) discount(c ledger.ContributorCode, on string, less decimal.Decimal) {
	of := ledger.Dimensions{Fund: "AHA", Contributor: c}
	more := less.IsNegative()
	b.enter(on, "Present value of what is not current", postgres.ManualLine{Account: "4090", Dimensions: of, Credit: more, Amount: ledger.Dollars(less.Abs())},
		postgres.ManualLine{Account: "1295", Dimensions: of, Credit: !more, Amount: ledger.Dollars(less.Abs())})
}

// transfer records what AHA gets from HCA.
func (b scheduleBooks) transfer(amount decimal.Decimal) {
	b.pay(b.contributor("Government", "Sweden"), "HCA", "2016-02-01", amount)
	var lines []postgres.ManualLine
	for _, fund := range []ledger.FundCode{"HCA", "AHA"} {
		gives := fund == "HCA"
		lines = append(lines, postgres.ManualLine{Account: "4020", Dimensions: ledger.Dimensions{Fund: fund}, Credit: !gives, Amount: ledger.Dollars(amount)},
			postgres.ManualLine{Account: ledger.CashAtBank, Dimensions: ledger.Dimensions{Fund: fund, BankAccount: ledger.BankAccountCode(fund)}, Credit: gives, Amount: ledger.Dollars(amount)})
	}
	b.enter("2017-10-01", "Transfer from HCA to AHA", lines...)
}

// scheduleLines are the lines and totals of our schedule, by the key of the print.
func scheduleLines(r *reports.FundReport) map[string]string {
	list := map[string]string{}
	say := func(flow, group, name string, amounts ...reports.Money) {
		p := printed{flow: flow, group: group, name: name}
		for _, a := range amounts {
			p.figures = append(p.figures, a.Amount.String())
		}
		list[p.key()] = strings.Join(p.figures, " ")
	}
	receivable := func(group, name string, f reports.ReceivableFigures) {
		say(receivables, group, name, f.Current, f.NonCurrent, f.Total)
	}
	contribution := func(flow, group, name string, f reports.ContributionFigures) {
		say(flow, group, name, f.Monetary, f.InKind, f.Adjustments, f.Total)
	}
	s := r.Schedule
	for group, g := range map[string]reports.ReceivableGroup{"Government": s.Receivables.Governments, "Others": s.Receivables.Others} {
		for _, l := range g.Lines {
			receivable(group, l.Contributor.Name, l.ReceivableFigures)
		}
		receivable(group, "Total "+group, g.Total)
	}
	receivable("", discountLine, s.Receivables.Discount)
	receivable("", "Total", s.Receivables.Total)
	for group, g := range map[string]reports.ContributionGroup{"Government": s.Contributions.Governments, "Others": s.Contributions.Others} {
		for _, l := range g.Lines {
			contribution(contributions, group, l.Contributor.Name, l.ContributionFigures)
		}
		for _, l := range g.Transfers {
			contribution(contributions, group, strings.Replace(transferLine, "HCA", string(l.Fund), 1), l.ContributionFigures)
		}
		contribution(contributions, group, "Total "+group, g.Total)
	}
	contribution(contributions, "", presentValueLine, s.Contributions.PresentValue)
	contribution(contributions, "", "Total", s.Contributions.Total)
	for _, l := range s.Allocations.Lines {
		contribution(allocations, "", l.Contributor.Name, l.ContributionFigures)
	}
	contribution(allocations, "", "Total", s.Allocations.Total)
	return list
}

// TestPrintedSchedule books the figures of the print and gets its lines and its totals.
func TestPrintedSchedule(t *testing.T) {
	t.Parallel()
	lines := printedSchedule(t)
	b := openSchedule(t, lines)
	ledgertest.CheckBooks(t, b.Store)
	r := fundReport(t, b.Store, "AHA", 2017)
	tiesOut(t, r)
	want, of := map[string]string{}, map[string]printed{}
	for _, p := range lines {
		if p.fund == "AHA" {
			want[p.key()], of[p.key()] = strings.Join(p.figures, " "), p
		}
	}
	if len(want) != 35 {
		t.Errorf("the print of AHA has %d lines", len(want))
	}
	if diff := cmp.Diff(want, scheduleLines(r)); diff != "" {
		t.Errorf("the schedule of AHA (-print +ours):\n%s", diff)
	}
	if got := r.Receivables.Net; !got.Amount.Equal(r.Schedule.Receivables.Total.Total.Amount) {
		t.Errorf("receivable: %s by age and %s in the schedule", got, r.Schedule.Receivables.Total.Total)
	}
	if got, want := r.Schedule.Total.Total.Amount.String(), "11633741"; got != want {
		t.Errorf("contributions and allocations: %s, want %s", got, want)
	}
	golden(t, "schedule_aha_2017.txt", sectionsOf(t, rendered(t, text, r), "Schedule of individual trust funds"))

	china := lines[slices.IndexFunc(lines, func(p printed) bool { return p.fund == "BKT" })]
	other := fundReport(t, b.Store, "BKT", 2017)
	tiesOut(t, other)
	if got, want := scheduleLines(other)[china.key()], strings.Join(china.figures, " "); got != want {
		t.Errorf("BKT: %s is %q, want %q", china.name, got, want)
	}
	giver := fundReport(t, b.Store, "HCA", 2017)
	tiesOut(t, giver)
	if l := giver.Schedule.Contributions.Others.Transfers; len(l) != 1 || l[0].Fund != "AHA" || l[0].Total.Amount.String() != "-1015000" {
		t.Errorf("HCA gave %+v", l)
	}
}

// sectionsOf returns the sections of a document in text whose titles begin so.
func sectionsOf(t *testing.T, document []byte, title string) []byte {
	t.Helper()
	var found []string
	for part := range strings.SplitSeq(string(document), "\n\n") {
		if strings.HasPrefix(part, strings.ToUpper(title)) {
			found = append(found, strings.TrimSpace(part))
		}
	}
	if len(found) == 0 {
		t.Fatalf("no section begins with %q", title)
	}
	return []byte(strings.Join(found, "\n\n") + "\n")
}
