package api

import (
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"vcledger/api/web"
	"vcledger/ledger"
	"vcledger/ledger/postgres"
	"vcledger/reports"
	"vcledger/reports/chart"
	"vcledger/reports/language"
	"vcledger/reports/layout"
)

// servePortal registers the donors' portal. What of the books a donor is shown is PostgreSQL's to say: the pages ask the
// operations of the API as the donor, and another's record is not there.
func (s *Server) servePortal(store *postgres.Store) {
	s.echo.GET("/portal", s.gate(store, true, s.portal))
	s.echo.GET("/portal/statement", s.gate(store, true, func(c echo.Context, v visitor) error {
		return s.relay(c, v, pathUnder("/v1/contributors", string(v.actor.Contributor), "statement"), kept(c, "from", "to", "format", "lang"))
	}))
	s.echo.GET("/portal/statements/:number", s.gate(store, true, func(c echo.Context, v visitor) error {
		return s.relay(c, v, pathUnder("/v1/statements", c.Param("number")), kept(c, "format", "lang"))
	}))
}

// tongue is the language of a portal's page: the one that the address names, or that the browser asks for.
func tongue(c echo.Context) language.Language {
	if l, err := language.Parse(c.QueryParam("lang")); err == nil && c.QueryParam("lang") != "" {
		return l
	}
	return language.Accepted(c.Request().Header.Get("Accept-Language"))
}

// chartWidth is that of the portal's chart, in points.
const chartWidth = 640

// portal draws a donor's position: pledged, received, due and in kind, over the years, and line by line.
func (s *Server) portal(c echo.Context, v visitor) error {
	l, today := tongue(c), ledger.DateOf(time.Now())
	of := string(v.actor.Contributor)
	st, err := ask[reports.Statement](s, c, v, pathUnder("/v1/contributors", of, "statement"), url.Values{"from": {ledger.FirstDate.String()}, "to": {today.String()}, "format": {"json"}})
	if err != nil {
		return err
	}
	issued, err := ask[Page[IssuedStatement]](s, c, v, pathUnder("/v1/contributors", of, "statements"), nil)
	if err != nil {
		return err
	}
	page := web.Portal{Frame: s.frame(c, v, l.T("Your contributions")), Language: string(l), RightToLeft: l.RightToLeft(), Skip: l.T("Skip to the text"), Who: l.F("Signed in as %s", v.actor.Name),
		SignOut: l.T("Sign out"), Donor: l.State(st.Contributor.Country, st.Contributor.Name), Basis: l.T("In USD, at the rates in the books. The lines below are in their own currencies.")}
	for _, o := range tongues {
		page.Tongues = append(page.Tongues, web.Option{Value: o.Value, Text: o.Text, Chosen: o.Value == string(l)})
	}
	page.Figures = position(l, &st)
	page.Chart = yearsChart(l, &st)
	page.Sheets = []web.Sheet{promises(l, &st), payments(l, &st), gifts(l, &st)}
	page.Issued = issuedSheet(l, issued.Items)
	page.Statement = web.Form{Title: l.T("Statement of contributions"), Action: "/portal/statement", Buttons: []web.Button{{Text: l.T("Show the statement")}}, Inputs: []web.Input{
		{Name: "from", Label: l.T("From"), Type: "date", Value: fmt.Sprintf("%d-01-01", today.Year())}, {Name: "to", Label: l.T("To"), Type: "date", Value: today.String()},
		{Name: "format", Label: l.T("Format"), Type: "select", Options: donorFormats()}, {Name: "lang", Label: l.T("Language"), Type: "select", Options: page.Tongues}}}
	return s.page(c, "portal", page)
}

// donorFormats are the formats by their names, which are the same in every language.
func donorFormats() []web.Option {
	return []web.Option{{Value: "pdf", Text: "PDF"}, {Value: "html", Text: "HTML"}, {Value: "xlsx", Text: "XLSX"}, {Value: "csv", Text: "CSV"}, {Value: "json", Text: "JSON"}, {Value: "text", Text: "TXT"}}
}

// tell shows money in the language.
func tell(l language.Language, m reports.Money) web.Cell {
	c := web.Cell{Text: l.Amount(m.Money), Amount: true}
	if !m.Amount.IsZero() {
		c.Text += " " + string(m.Currency)
	}
	return c
}

// position are the figures that a donor looks for first, in USD.
func position(l language.Language, st *reports.Statement) []web.Fact {
	usd := func(d decimal.Decimal) web.Cell { return tell(l, reports.Money{Money: ledger.Dollars(d)}) }
	var due decimal.Decimal
	for _, i := range st.Instalments {
		if i.Days >= 0 {
			due = due.Add(i.Outstanding.USD.Amount)
		}
	}
	cash, kind := st.Summary.CashTotal, st.Summary.InKindTotal
	return []web.Fact{{Label: l.T("Pledged"), Cells: []web.Cell{usd(promised(cash.Pledges))}}, {Label: l.T("Received"), Cells: []web.Cell{tell(l, cash.Received)}},
		{Label: l.T("Outstanding"), Cells: []web.Cell{tell(l, cash.Pledges.Closing)}}, {Label: l.T("Due now"), Cells: []web.Cell{usd(due)}},
		{Label: l.T("In kind, delivered"), Cells: []web.Cell{usd(kind.Recognised.Amount.Add(kind.Disclosed.Amount))}}}
}

// promised is what was announced, agreed and adjusted.
func promised(m reports.CashMovements) decimal.Decimal {
	return m.Announced.Amount.Add(m.Agreed.Amount).Add(m.Adjusted.Amount)
}

// yearsChart draws what was pledged for each fund year beside what was received in it; nothing when there is nothing to draw.
func yearsChart(l language.Language, st *reports.Statement) *web.Chart {
	pledged, received := map[int]decimal.Decimal{}, map[int]decimal.Decimal{}
	first, last := 0, 0
	add := func(to map[int]decimal.Decimal, year int, d decimal.Decimal) {
		to[year] = to[year].Add(d)
		if first == 0 || year < first {
			first = year
		}
		last = max(last, year)
	}
	for _, p := range st.Pledges {
		add(pledged, p.FundYear, promised(p.USD))
	}
	for _, r := range st.Receipts {
		add(received, r.ValueDate.Year(), r.Net.USD.Amount)
	}
	if first == 0 {
		return nil
	}
	c := &layout.Chart{Title: l.T("Pledged and received by year"), Currency: ledger.USD, Series: []layout.Series{{Name: l.T("Pledged")}, {Name: l.T("Received")}}}
	for y := first; y <= last; y++ {
		c.Categories = append(c.Categories, strconv.Itoa(y))
		c.Series[0].Values, c.Series[1].Values = append(c.Series[0].Values, pledged[y]), append(c.Series[1].Values, received[y])
	}
	d := chart.Draw(c, l, chartWidth)
	at := func(length any) string { return fmt.Sprintf("%.2f", length) }
	out := &web.Chart{Told: chart.Tell(c, l), Width: at(d.Width), Height: at(d.Height)}
	for _, i := range d.Lines {
		out.Lines = append(out.Lines, web.Stroke{X1: at(i.X1), Y1: at(i.Y1), X2: at(i.X2), Y2: at(i.Y2), Width: at(i.Width), Colour: i.Stroke.Hex()})
	}
	for _, r := range d.Rects {
		out.Rects = append(out.Rects, web.Rect{X: at(r.X), Y: at(r.Y), Width: at(r.Width), Height: at(r.Height), Colour: r.Fill.Hex()})
	}
	for _, t := range d.Texts {
		out.Texts = append(out.Texts, web.Words{X: at(t.X), Y: at(t.Y), Size: at(t.Size), Anchor: string(t.Anchor), Bold: t.Bold, Text: t.Text})
	}
	return out
}

// promises lists the donor's cash pledges, each in its own currency.
func promises(l language.Language, st *reports.Statement) web.Sheet {
	sheet := web.Sheet{Caption: l.T("Cash pledges"), Heads: heads(l.T("Reference"), l.T("Fund"), l.T("Fund year"), l.T("Stage"), "#"+l.T("Pledged"), "#"+l.T("Received"), "#"+l.T("Outstanding"), l.T("Due on")),
		Empty: l.T("No pledge is recorded.")}
	for _, p := range st.Pledges {
		due := web.Cell{}
		for _, i := range st.Instalments {
			if i.PledgeID == p.ID && due.Text == "" {
				due.Text = l.Date(i.DueOn.Date)
				if i.Days > 0 {
					due.Mark = l.T("overdue")
				}
			}
		}
		sheet.Rows = append(sheet.Rows, []web.Cell{textCell(p.Reference), textCell(string(p.Fund)), textCell(year(p.FundYear)), textCell(language.Term(l, p.Stage)),
			tell(l, reports.Money{Money: ledger.Money{Amount: promised(p.Amounts), Currency: p.Currency}}), tell(l, p.Amounts.Received), tell(l, p.Amounts.Closing), due})
	}
	return sheet
}

// payments lists what arrived of the donor.
func payments(l language.Language, st *reports.Statement) web.Sheet {
	sheet := web.Sheet{Caption: l.T("Receipts"), Heads: heads(l.T("Value date"), l.T("Bank reference"), l.T("Fund"), "#"+l.T("Amount"), "#"+l.T("in USD")), Empty: l.T("No receipt is recorded.")}
	for _, r := range st.Receipts {
		sheet.Rows = append(sheet.Rows, []web.Cell{textCell(l.Date(r.ValueDate.Date)), textCell(r.BankReference), textCell(string(r.Fund)), tell(l, r.Net.Money), tell(l, r.Net.USD)})
	}
	return sheet
}

// gifts lists what was delivered in kind.
func gifts(l language.Language, st *reports.Statement) web.Sheet {
	sheet := web.Sheet{Caption: l.T("Deliveries in kind"), Heads: heads(l.T("Date"), l.T("Fund"), l.T("Description"), "#"+l.T("Quantity"), "#"+l.T("in USD")), Empty: l.T("Nothing was delivered in kind.")}
	for _, d := range st.InKind.Deliveries {
		sheet.Rows = append(sheet.Rows, []web.Cell{textCell(l.Date(d.Date.Date)), textCell(string(d.Fund)), textCell(d.Description),
			{Text: l.Number(d.Quantity) + " " + language.Term(l, d.Unit), Amount: true}, tell(l, d.Net.USD)})
	}
	return sheet
}

// issuedSheet lists the issued statements with the ways to have each.
func issuedSheet(l language.Language, list []IssuedStatement) web.Sheet {
	sheet := web.Sheet{Caption: l.T("Issued statements"), Heads: heads(l.T("Statement number"), l.T("From"), l.T("To"), "PDF", "HTML", "XLSX", "CSV", "JSON"), Empty: l.T("No statement was issued yet.")}
	for _, st := range list {
		number := textCell(st.Number)
		if st.SupersededBy != "" {
			number.Mark = l.F("superseded by %s", st.SupersededBy)
		}
		row := []web.Cell{number, textCell(l.Date(st.From.Ledger())), textCell(l.Date(st.To.Ledger()))}
		for _, format := range []string{"pdf", "html", "xlsx", "csv", "json"} {
			row = append(row, linkCell(st.Number+" "+format, "/portal/statements/"+url.PathEscape(ledger.StatementNumber(st.Number).Path())+"?"+url.Values{"format": {format}, "lang": {string(l)}}.Encode()))
		}
		sheet.Rows = append(sheet.Rows, row)
	}
	return sheet
}
