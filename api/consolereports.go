package api

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"vcledger/api/web"
	"vcledger/ledger"
	"vcledger/reports"
	"vcledger/reports/language"
	"vcledger/reports/render"
)

// formats and tongues are what a document can be had in; the web page comes first, since it needs no program.
var (
	formats = []web.Option{{Value: "html", Text: "web page with charts"}, {Value: "pdf", Text: "PDF"}, {Value: "xlsx", Text: "spreadsheet (XLSX)"}, {Value: "csv", Text: "CSV"}, {Value: "json", Text: "JSON"}, {Value: "text", Text: "text"}}
	tongues = []web.Option{{Value: "en", Text: "English"}, {Value: "ar", Text: "العربية"}, {Value: "zh", Text: "中文"}, {Value: "fr", Text: "Français"}, {Value: "ru", Text: "Русский"}, {Value: "es", Text: "Español"}}
)

func (s *Server) reportsPage(c echo.Context, v visitor) error {
	funds, err := s.fundOptions(c, v)
	if err != nil {
		return err
	}
	today := ledger.DateOf(time.Now())
	field := func(form, name, label, kind, value string, options ...web.Option) web.Input {
		return web.Input{Form: form, Name: name, Label: label, Type: kind, Value: value, Options: options}
	}
	contributor := contributorField("contributor", "Contributor")
	contributor.Form = "statement"
	all := append([]web.Option{{Text: "all funds"}}, funds...)
	show := []web.Button{{Text: "Make the document"}}
	page := web.Reports{Frame: s.frame(c, v, "Reports"), Filters: []web.Input{{Name: "fund", Label: "Fund", Type: "select", Options: append([]web.Option(nil), funds...)}, {Name: "year", Label: "Year", Type: "text"}},
		Empty: "Nothing happened in this fund and year that could be drawn. Choose another.", Forms: []web.Form{
			{Title: "Statement of a contributor", Text: "Its pledges, receipts and deliveries, line by line. A preview: nothing is issued.", Action: "/reports/statement", Buttons: show, Inputs: []web.Input{
				contributor, field("statement", "from", "From", "date", fmt.Sprintf("%d-01-01", today.Year())), field("statement", "to", "To", "date", today.String()),
				field("statement", "fund", "Fund", "select", "", all...), field("statement", "format", "Format", "select", "", formats...), field("statement", "lang", "Language", "select", "", tongues...)}},
			{Title: "Annual fund report", Text: "A fund's year beside the year before, with the tie-out to the accounts and the bank.", Action: "/reports/fund", Buttons: show, Inputs: []web.Input{
				field("fund", "fund", "Fund", "select", "", funds...), field("fund", "year", "Year", "text", year(today.Year())), field("fund", "format", "Format", "select", "", formats...), field("fund", "lang", "Language", "select", "", tongues...)}},
			{Title: "Trial balance", Text: "The balance of every account in each currency and in USD.", Action: "/reports/trial-balance", Buttons: show, Inputs: []web.Input{
				field("trial-balance", "fund", "Fund", "select", "", all...), field("trial-balance", "as_of", "As of", "date", today.String()), field("trial-balance", "format", "Format", "select", "", formats...), field("trial-balance", "lang", "Language", "select", "", tongues...)}},
		}}
	asked := map[string]string{"fund": c.QueryParam("fund"), "year": cmp.Or(c.QueryParam("year"), year(today.Year()))}
	if asked["fund"] == "" && len(funds) > 0 {
		asked["fund"] = funds[0].Value
	}
	status := http.StatusOK
	var faults map[string]string
	if page.Charts, faults, err = s.fundCharts(c, v, asked["fund"], asked["year"]); err != nil {
		return err
	}
	if len(faults) > 0 {
		status, page.Empty = http.StatusUnprocessableEntity, "The fund and the year cannot be taken as they are."
	}
	page.Faults = fill(page.Filters, func(name string) string { return asked[name] }, faults, func(name string) string { return map[string]string{"fund": "path:code", "year": "path:year"}[name] })
	return s.pageAs(c, status, "reports", page)
}

// fundCharts are the charts of the fund report, as the documents have them. The report itself is not asked for: on a large fund it takes
// seconds, most of them for what no chart shows.
func (s *Server) fundCharts(c echo.Context, v visitor, fund, of string) (charts []web.ReportChart, faults map[string]string, err error) {
	if fund == "" {
		return nil, nil, nil
	}
	overview, err := ask[reports.FundOverview](s, c, v, pathUnder("/v1/funds", fund, "reports", of, "overview"), nil)
	if faults, err = faultsOf(err); err != nil || len(faults) > 0 {
		return nil, faults, err
	}
	href := "/reports/fund?" + url.Values{"fund": {fund}, "year": {of}, "format": {"html"}}.Encode()
	for _, chart := range render.OverviewCharts(&overview, language.English) {
		charts = append(charts, web.ReportChart{Title: chart.Title, Drawing: drawn(chart, language.English), Href: href})
	}
	return charts, nil, nil
}

func (s *Server) statementDocument(c echo.Context, v visitor) error {
	g, err := s.findContributor(c, v, c.QueryParam("contributor"))
	if err != nil {
		return err
	}
	return s.relay(c, v, pathUnder("/v1/contributors", g.Code, "statement"), kept(c, "from", "to", "fund", "format", "lang"))
}

func (s *Server) fundDocument(c echo.Context, v visitor) error {
	return s.relay(c, v, pathUnder("/v1/funds", c.QueryParam("fund"), "reports", c.QueryParam("year")), kept(c, "format", "lang"))
}

func (s *Server) trialBalanceDocument(c echo.Context, v visitor) error {
	return s.relay(c, v, "/v1/trial-balance", kept(c, "fund", "as_of", "format", "lang"))
}

// issuedDocument sends an issued statement on.
func (s *Server) issuedDocument(c echo.Context, v visitor) error {
	return s.relay(c, v, pathUnder("/v1/statements", c.Param("number")), kept(c, "format", "lang"))
}
