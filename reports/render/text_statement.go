package render

import (
	"fmt"
	"strings"

	"github.com/google/uuid"

	"vcledger/ledger"
	"vcledger/reports"
)

// words turns a code such as partly_fulfilled into words.
func words[T ~string](code T) string { return strings.ReplaceAll(string(code), "_", " ") }

// asOf says when the books were read.
func asOf(on reports.Date, knownAt string) string {
	if on.Equal(ledger.LastDate) {
		return "all effective dates, as known at " + knownAt
	}
	return "as of " + on.String() + ", as known at " + knownAt
}

// fundLabel names a fund, and says of one that is made up that it is.
func fundLabel(f reports.Fund) string {
	label := string(f.Code)
	if f.Illustrative {
		label += " [" + illustrativeLabel + "]"
	}
	if f.Name != string(f.Code) {
		label += " " + f.Name
	}
	return label
}

func (p *page) statement(s *reports.Statement) {
	p.title("Statement of contributions")
	c := s.Contributor
	p.line(clean(fmt.Sprintf("%s (%s), %s", c.Name, c.Code, words(c.Kind))))
	p.line("From ", s.Period.From.String(), " to ", s.Period.To.String(), ", ", asOf(s.AsOf, instant(s.KnownAt)))
	if s.Illustrative {
		p.line(illustrativeLabel, ": figures of funds marked so are made up.")
	}
	names := map[ledger.FundCode]string{}
	for _, f := range s.Funds {
		names[f.Code] = fundLabel(f)
	}
	p.pledges(s.Pledges, names)
	p.receipts(s.Receipts, s.Summary.CashTotal.Received, names)
	p.held(s.Held, names)
	p.refunds(s.Refunds, s.Summary.CashTotal.Refunded, names)
	p.items(s.InKind.Items, names)
	p.deliveries(s.InKind.Deliveries, s.Summary.InKindTotal, names)
	p.adjustments(s.Adjustments)
	if len(s.Summary.Cash)+len(s.Summary.InKind) == 0 {
		p.line()
		p.line("There is nothing to tell of this period.")
	}
	p.newness(s.Newness)
	p.summary(s.Summary, names)
	p.notes(s.Notes)
}

func (p *page) notes(notes []string) {
	p.heading("Notes")
	for i, n := range notes {
		p.paragraph(fmt.Sprintf("%2d. ", i+1), n)
	}
}

// grouped writes a lead for a fund, and for a pledge, whenever it changes.
type grouped struct {
	table
	names  map[ledger.FundCode]string
	fund   ledger.FundCode
	pledge uuid.UUID
}

func (g *grouped) in(f ledger.FundCode) {
	if g.fund != f {
		g.fund = f
		name, told := g.names[f]
		if !told {
			name = string(f) // a receipt's own fund, when all of it is applied to another
		}
		g.lead(name)
	}
}

func (g *grouped) of(id uuid.UUID, reference string, year int, stage ledger.Stage, announced, agreed reports.Date) {
	if g.pledge == id {
		return
	}
	g.pledge = id
	var legs []string
	for _, leg := range []struct {
		kind ledger.LegKind
		on   reports.Date
	}{{ledger.LegAnnounced, announced}, {ledger.LegAgreed, agreed}} {
		if !leg.on.IsZero() {
			legs = append(legs, string(leg.kind)+" "+leg.on.String())
		}
	}
	g.lead(fmt.Sprintf("%s, %d: %s (%s)", reference, year, words(stage), strings.Join(legs, ", ")))
}

func flowColumns(titles ...string) []column {
	columns := []column{textColumn("    ", 4), totalColumn("Opening")}
	for _, t := range titles {
		columns = append(columns, moneyColumn(t))
	}
	return append(columns, totalColumn("Closing"))
}

// flows adds the movements in the currency and, where that is another, what they are worth in USD.
func (g *grouped) flows(c ledger.Currency, amounts, usd []reports.Money) {
	g.add(join([]string{" " + string(c)}, figures(amounts...))...)
	if c != ledger.USD {
		g.add(join([]string{"=" + string(ledger.USD)}, figures(usd...))...)
	}
}

func (p *page) pledges(lines []reports.PledgeLine, names map[ledger.FundCode]string) {
	if len(lines) == 0 {
		return
	}
	p.heading("Cash pledges: what is outstanding")
	g := grouped{names: names, table: table{columns: flowColumns("Announced", "Agreed", "Adjusted", "Received", "Written off", "Cancelled", "Other")}}
	for _, l := range lines {
		g.in(l.Fund)
		g.of(l.ID, l.Reference, l.FundYear, l.Stage, l.AnnouncedOn, l.AgreedOn)
		g.flows(l.Currency, cashOf(l.Amounts), cashOf(l.USD))
	}
	p.table(g.table)
}

func rateOf(r *reports.Rate) string {
	if r == nil {
		return ""
	}
	return r.UnitsPerUSD.Round(6).String() + " "
}

func (p *page) receipts(lines []reports.Receipt, total reports.Money, names map[ledger.FundCode]string) {
	if len(lines) == 0 {
		return
	}
	p.heading("Receipts")
	g := grouped{names: names, table: table{columns: []column{textColumn("Date", 0), textColumn("Bank reference", 22), textColumn("Payer", 16),
		textColumn("Cur", 0), totalColumn("Amount"), {title: "per USD", number: true}, totalColumn("USD")}}}
	for _, r := range lines {
		g.in(r.Fund)
		if !r.Credited.Money.Amount.IsZero() || r.Reversed.Money.Amount.IsZero() {
			g.add(r.ValueDate.String(), r.BankReference, r.Payer, string(r.Credited.Money.Currency), figure(r.Credited.Money),
				rateOf(r.Rate), figure(r.Credited.USD))
			g.about(r)
		}
		if !r.Reversed.Money.Amount.IsZero() {
			minus := reports.Value{Money: negative(r.Reversed.Money), USD: negative(r.Reversed.USD)}
			g.add(r.ReversedOn.String(), "reversal of "+r.ValueDate.String(), "", string(minus.Money.Currency), figure(minus.Money), "", figure(minus.USD))
		} else if !r.ReversedOn.IsZero() {
			g.lead(inset + "reversed later, on " + r.ReversedOn.String())
		}
	}
	g.total("Received", "", "", string(ledger.USD), "", "", figure(total))
	p.table(g.table)
}

// inset stands below the first column, a date.
const inset = "            "

// about tells what the columns have no place for.
func (g *grouped) about(r reports.Receipt) {
	if r.Charges != nil && r.Charges.Amount.IsPositive() {
		g.lead(fmt.Sprintf(inset+"bank charges %s %s", strings.TrimSpace(figure(*r.Charges)), r.Charges.Currency))
	}
	for _, a := range r.Allocations {
		g.lead(inset + allocation(a))
	}
}

func negative(m reports.Money) reports.Money {
	m.Amount = m.Amount.Neg()
	return m
}

func allocation(a reports.Allocation) string {
	to := fmt.Sprintf("to %s %d", a.Fund, a.FundYear)
	if a.Pledge != "" {
		to = fmt.Sprintf("to pledge %s, %d", a.Pledge, a.FundYear)
	}
	return fmt.Sprintf("%s: %s %s", to, strings.TrimSpace(figure(a.Amount.Money)), a.Amount.Money.Currency)
}

func (p *page) held(lines []reports.HeldLine, names map[ledger.FundCode]string) {
	if len(lines) == 0 {
		return
	}
	p.heading("Held in advance at the end of the period")
	g := grouped{names: names, table: table{columns: []column{textColumn("Received", 0), textColumn("Bank reference", 20),
		textColumn("Waits for", 20), textColumn("Cur", 0), totalColumn("Amount"), totalColumn("USD")}}}
	for _, l := range lines {
		g.in(l.Fund)
		waits := "an application"
		if l.Pledge != "" {
			waits = "agreement of " + l.Pledge
		}
		g.add(l.ValueDate.String(), l.BankReference, waits, string(l.Amount.Money.Currency), figure(l.Amount.Money), figure(l.Amount.USD))
	}
	p.table(g.table)
}

func (p *page) items(lines []reports.ItemLine, names map[ledger.FundCode]string) {
	if len(lines) == 0 {
		return
	}
	p.heading("Pledges in kind: assessed value outstanding (never added to cash)")
	g := grouped{names: names, table: table{columns: flowColumns("Offered", "Declined", "Adjusted", "Delivered", "Written off", "Cancelled", "Other")}}
	for _, l := range lines {
		g.in(l.Fund)
		accepted := "not accepted yet"
		if l.Accepted != nil {
			accepted = "accepted " + l.Accepted.String()
		}
		g.of(l.PledgeID, l.Pledge, l.FundYear, l.Stage, l.AnnouncedOn, l.AgreedOn)
		g.lead(fmt.Sprintf("  %d %s: %s; %s: offered %s, %s, delivered %s", l.Number, words(l.Category), cut(clean(l.Description), 40), words(l.Unit),
			l.Offered, accepted, l.Delivered))
		g.details(aboutItem(l))
		g.flows(l.Currency, kindOf(l.Amounts), kindOf(l.USD))
	}
	p.table(g.table)
}

func (p *page) deliveries(lines []reports.DeliveryLine, total reports.KindTotal, names map[ledger.FundCode]string) {
	if len(lines) == 0 {
		return
	}
	p.heading("Deliveries in kind (never added to cash)")
	g := grouped{names: names, table: table{columns: []column{textColumn("Date", 0), textColumn("What", 28), textColumn("Quantity", 20),
		textColumn("Treatment", 0), textColumn("Cur", 0), totalColumn("Value"), totalColumn("USD")}}}
	for _, l := range lines {
		g.in(l.Fund)
		if !l.Delivered.Money.Amount.IsZero() || l.Reversed.Money.Amount.IsZero() {
			g.add(l.Date.String(), words(l.Category)+": "+l.Description, l.Quantity.String()+" "+words(l.Unit), string(l.Treatment),
				string(l.Delivered.Money.Currency), figure(l.Delivered.Money), figure(l.Delivered.USD))
			g.details(aboutDelivery(l))
		}
		if !l.Revalued.Money.Amount.IsZero() {
			g.add("", "revaluation of "+l.Date.String(), "", string(l.Treatment), string(l.Revalued.Money.Currency), figure(l.Revalued.Money), figure(l.Revalued.USD))
		}
		if !l.Reversed.Money.Amount.IsZero() {
			g.add(l.ReversedOn.String(), "reversal of "+l.Date.String(), "", string(l.Treatment), string(l.Reversed.Money.Currency),
				figure(negative(l.Reversed.Money)), figure(negative(l.Reversed.USD)))
		} else if !l.ReversedOn.IsZero() {
			g.lead(inset + "reversed later, on " + l.ReversedOn.String())
		}
	}
	g.total("Recognised", "", "", "", string(ledger.USD), "", figure(total.Recognised))
	g.add("Disclosed", "", "", "", string(ledger.USD), "", figure(total.Disclosed))
	p.table(g.table)
}

// details writes what the columns have no place for, as many parts on a line as are read at a glance.
func (g *grouped) details(parts []string) {
	const width = 100
	line := ""
	for _, part := range parts {
		if line != "" && len(line)+len(part) > width {
			g.lead(inset + line + ",")
			line = ""
		}
		if line != "" {
			line += ", "
		}
		line += part
	}
	g.lead(inset + line)
}

// aboutItem says how an item was valued and accepted: what the contributor declares stands beside what the fund assesses.
func aboutItem(l reports.ItemLine) []string {
	about := []string{"assessed " + amountOf(l.Assessed.Money), amountOf(l.UnitValue) + " a unit"}
	if l.Declared != nil {
		about = append(about, "declared "+amountOf(*l.Declared))
	}
	if about = append(about, "valuation: "+words(l.Basis)); l.Valuer != "" {
		about = append(about, "by "+clean(l.Valuer))
	}
	if l.AcceptedBy != "" {
		about = append(about, "accepted by "+clean(l.AcceptedBy))
	}
	if l.CostToFund != nil {
		about = append(about, "expected cost to the fund "+amountOf(*l.CostToFund))
	}
	return about
}

func amountOf(m reports.Money) string {
	return strings.TrimSpace(figure(m)) + " " + string(m.Currency)
}

// aboutDelivery says what the columns have no place for.
func aboutDelivery(l reports.DeliveryLine) []string {
	var about []string
	if !l.PeriodFrom.IsZero() {
		about = append(about, "from "+l.PeriodFrom.String())
	}
	if !l.PeriodTo.IsZero() {
		about = append(about, "to "+l.PeriodTo.String())
	}
	if l.Expert != "" {
		about = append(about, "expert "+clean(l.Expert))
	}
	if l.CertifiedBy != "" {
		about = append(about, "certified by "+clean(l.CertifiedBy))
	}
	if l.Pledge != "" {
		about = append(about, fmt.Sprintf("pledge %s item %d", l.Pledge, l.Item))
	}
	if l.Declared != nil {
		about = append(about, "declared "+amountOf(*l.Declared))
	}
	about = append(about, "valuation: "+words(l.Basis))
	if l.Evidence != "" {
		about = append(about, "evidence "+l.Evidence)
	}
	return about
}

func (p *page) summary(s reports.Summary, names map[ledger.FundCode]string) {
	if len(s.Cash) > 0 {
		p.heading("Summary of cash")
		g := grouped{names: names, table: table{columns: []column{textColumn("Cur", 0), totalColumn("Outstanding before"), totalColumn("Outstanding after"),
			totalColumn("Cash received"), moneyColumn("Refunded"), moneyColumn("Held in advance")}}}
		line := func(t reports.CashTotal) []string {
			return figures(t.Pledges.Opening, t.Pledges.Closing, t.Received, t.Refunded, t.Held)
		}
		for _, f := range s.Cash {
			g.in(f.Fund)
			for _, c := range f.Currencies {
				if c.Currency != ledger.USD || len(f.Currencies) > 1 {
					g.add(join([]string{string(c.Currency)}, line(c.Amounts))...)
				}
			}
			g.add(join([]string{"All in USD"}, line(f.USD))...)
		}
		g.total(join([]string{"Total USD"}, line(s.CashTotal))...)
		p.table(g.table)
	}
	if len(s.InKind) > 0 {
		p.heading("Summary in kind, in USD (never added to cash)")
		t := table{columns: []column{textColumn("Fund", 40), totalColumn("Promised before"), totalColumn("Promised after"),
			totalColumn("Recognised"), totalColumn("Disclosed")}}
		line := func(k reports.KindTotal) []string {
			return figures(k.Pledges.Opening, k.Pledges.Closing, k.Recognised, k.Disclosed)
		}
		for _, f := range s.InKind {
			t.add(join([]string{names[f.Fund]}, line(f.USD))...)
		}
		t.total(join([]string{"Total USD"}, line(s.InKindTotal))...)
		p.table(t)
	}
}
