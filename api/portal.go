package api

import (
	"fmt"
	"net/url"
	"slices"
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
	for path, h := range map[string]pageHandler{
		"/portal": s.portal, "/portal/pledges": s.portalPledges, "/portal/receipts": s.portalReceipts, "/portal/deliveries": s.portalDeliveries,
		"/portal/statements": s.portalStatements, "/portal/check": s.checkPage, "/portal/statements/:number/check": s.checkIssued, "/portal/questions": s.portalQuestions,
		"/portal/statement": func(c echo.Context, v visitor) error {
			return s.relay(c, v, pathUnder("/v1/contributors", string(v.actor.Contributor), "statement"), kept(c, "from", "to", "format", "lang"))
		},
		"/portal/statements/:number": func(c echo.Context, v visitor) error {
			return s.relay(c, v, pathUnder("/v1/statements", c.Param("number")), kept(c, "format", "lang"))
		},
	} {
		s.echo.GET(path, s.gate(store, true, h))
	}
	s.echo.POST("/portal/questions", posted(s.gate(store, true, s.sessionForm(s.askQuestion))))
	s.echo.POST("/portal/check", postedUpTo(maxChecked, s.gate(store, true, s.sessionForm(s.checkFile))))
}

// tongue is the language of a portal's page: the one that the address names, or that the browser asks for.
func tongue(c echo.Context) language.Language {
	if l, err := language.Parse(c.QueryParam("lang")); err == nil && c.QueryParam("lang") != "" {
		return l
	}
	return language.Accepted(c.Request().Header.Get("Accept-Language"))
}

// inTongue is an address of the portal that keeps the language.
func inTongue(l language.Language, path string) string {
	return path + "?" + url.Values{"lang": {string(l)}}.Encode()
}

// donor is what stands around a page of the portal.
func (s *Server) donor(c echo.Context, v visitor, l language.Language, title string) web.Donor {
	d := web.Donor{Frame: s.frame(c, v, title), Language: string(l), RightToLeft: l.RightToLeft(), Words: web.DonorWords{Skip: l.T("Skip to the text"),
		Who: l.F("Signed in as %s", v.actor.Name), SignOut: l.T("Sign out"), Languages: l.T("Languages"), Pages: l.T("Pages"),
		Again: l.T("This is the form as it was typed before. Without a session nothing was recorded: look at it, and send it with its button.")}}
	here := c.Request().URL
	for _, link := range []web.Link{{Text: l.T("Overview"), Href: "/portal"}, {Text: l.T("Pledges"), Href: "/portal/pledges"}, {Text: l.T("Receipts"), Href: "/portal/receipts"},
		{Text: l.T("In kind"), Href: "/portal/deliveries"}, {Text: l.T("Statements"), Href: "/portal/statements"}, {Text: l.T("Check a statement"), Href: "/portal/check"},
		{Text: l.T("Questions"), Href: "/portal/questions"}} {
		link.Here, link.Href = link.Href == here.Path, inTongue(l, link.Href)
		d.Nav = append(d.Nav, link)
	}
	query := here.Query()
	for _, o := range tongues {
		query.Set("lang", o.Value)
		d.Tongues = append(d.Tongues, web.Link{Text: o.Text, Lang: o.Value, Href: here.EscapedPath() + "?" + query.Encode(), Here: o.Value == string(l)})
	}
	return d
}

// whole is the donor's statement of all that the books have, up to today.
func (s *Server) whole(c echo.Context, v visitor) (reports.Statement, error) {
	return ask[reports.Statement](s, c, v, pathUnder("/v1/contributors", string(v.actor.Contributor), "statement"),
		url.Values{"from": {ledger.FirstDate.String()}, "to": {ledger.DateOf(time.Now()).String()}, "format": {"json"}})
}

// issuedTo lists the statements that were issued to the donor, the newest first.
func (s *Server) issuedTo(c echo.Context, v visitor) ([]IssuedStatement, error) {
	issued, err := ask[Page[IssuedStatement]](s, c, v, pathUnder("/v1/contributors", string(v.actor.Contributor), "statements"), nil)
	return issued.Items, err
}

// chartWidth is that of the portal's chart, in points.
const chartWidth = 640

// portal draws a donor's position: pledged, received, due and in kind, over the years, and what is due.
func (s *Server) portal(c echo.Context, v visitor) error {
	l := tongue(c)
	st, err := s.whole(c, v)
	if err != nil {
		return err
	}
	issued, err := s.issuedTo(c, v)
	if err != nil {
		return err
	}
	page := web.Portal{Donor: s.donor(c, v, l, l.T("Your contributions")), Name: l.State(st.Contributor.Country, st.Contributor.Name),
		Basis: l.T("In USD, at the rates in the books. The lines below are in their own currencies."), Figures: position(l, &st), Chart: yearsChart(l, &st),
		Sheets: []web.Sheet{instalments(l, &st), promises(l, &st), issuedSheet(l, issued)}}
	return s.page(c, "portal", page)
}

// holdings draws a page of the donor's records.
func (s *Server) holdings(c echo.Context, v visitor, title string, sheets ...func(language.Language, *reports.Statement) web.Sheet) error {
	l := tongue(c)
	st, err := s.whole(c, v)
	if err != nil {
		return err
	}
	page := web.Holdings{Donor: s.donor(c, v, l, title)}
	for _, sheet := range sheets {
		page.Sheets = append(page.Sheets, sheet(l, &st))
	}
	return s.page(c, "holdings", page)
}

func (s *Server) portalPledges(c echo.Context, v visitor) error {
	return s.holdings(c, v, tongue(c).T("Pledges"), promises, instalments, kindPromises)
}

func (s *Server) portalReceipts(c echo.Context, v visitor) error {
	return s.holdings(c, v, tongue(c).T("Receipts"), payments)
}

func (s *Server) portalDeliveries(c echo.Context, v visitor) error {
	return s.holdings(c, v, tongue(c).T("In kind"), gifts, kindPromises)
}

// portalStatements lists the issued statements, and shows one of any period.
func (s *Server) portalStatements(c echo.Context, v visitor) error {
	l, today := tongue(c), ledger.DateOf(time.Now())
	issued, err := s.issuedTo(c, v)
	if err != nil {
		return err
	}
	page := web.Holdings{Donor: s.donor(c, v, l, l.T("Statements")), Sheets: []web.Sheet{issuedSheet(l, issued)}}
	languages := make([]web.Option, len(tongues))
	for i, o := range tongues {
		languages[i] = web.Option{Value: o.Value, Text: o.Text, Chosen: o.Value == string(l)}
	}
	page.Statement = &web.Form{Title: l.T("Statement of contributions"), Action: "/portal/statement", Buttons: []web.Button{{Text: l.T("Show the statement")}}, Inputs: []web.Input{
		{Name: "from", Label: l.T("From"), Type: "date", Value: fmt.Sprintf("%d-01-01", today.Year())}, {Name: "to", Label: l.T("To"), Type: "date", Value: today.String()},
		{Name: "format", Label: l.T("Format"), Type: "select", Options: donorFormats()}, {Name: "lang", Label: l.T("Language"), Type: "select", Options: languages}}}
	return s.page(c, "holdings", page)
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
	late := 0
	for _, i := range st.Instalments {
		if i.Days >= 0 {
			due, late = due.Add(i.Outstanding.USD.Amount), max(late, i.Days)
		}
	}
	now, to := usd(due), func(c web.Cell, path string) []web.Cell {
		if c.Text != "-" { // nothing leads nowhere
			c.Href = inTongue(l, path)
		}
		return []web.Cell{c}
	}
	if late > 0 {
		now.Mark = l.F("overdue by %d days", late)
	}
	cash, kind := st.Summary.CashTotal, st.Summary.InKindTotal
	return []web.Fact{{Label: l.T("Pledged"), Cells: to(usd(promised(cash.Pledges)), "/portal/pledges")}, {Label: l.T("Received"), Cells: to(tell(l, cash.Received), "/portal/receipts")},
		{Label: l.T("Outstanding"), Cells: to(tell(l, cash.Pledges.Closing), "/portal/pledges")}, {Label: l.T("Due now"), Cells: to(now, "/portal/pledges")},
		{Label: l.T("In kind, delivered"), Cells: to(usd(kind.Recognised.Amount.Add(kind.Disclosed.Amount)), "/portal/deliveries")}}
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
	return drawn(c, l)
}

func isNoYear(category string) bool {
	_, err := strconv.Atoi(category)
	return err != nil
}

// drawn is a chart as a page shows it.
func drawn(c *layout.Chart, l language.Language) *web.Chart {
	d := chart.Draw(c, l, chartWidth)
	at := func(length any) string { return fmt.Sprintf("%.2f", length) }
	out := &web.Chart{Told: chart.Tell(c, l), Years: len(c.Categories) > 0 && !slices.ContainsFunc(c.Categories, isNoYear), Width: at(d.Width), Height: at(d.Height)}
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
