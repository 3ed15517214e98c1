package api

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"vcledger/api/web"
	"vcledger/ledger"
)

// checkNames tells the checks of the closing list, and the page on which each is put right.
var checkNames = map[string]web.Link{
	"unidentified_receipts": {Text: "Receipts are identified, or have a note", Href: "/receipts?unidentified=true"},
	"bank_reconciled":       {Text: "Bank accounts agree with the banks", Href: "/bank"},
	"revaluation_run":       {Text: "Foreign currency is revalued", Href: "/journal?kind=revaluation"},
	"trial_balance":         {Text: "The trial balance balances", Href: "/reports"},
}

func (s *Server) periodsPage(c echo.Context, v visitor) error {
	return s.showPeriods(c, v, c.QueryParam("fund"), c.QueryParam("period"), nil)
}

// periodActs are the closing of the period that was looked at, or its reopening: what can be done with it now.
func periodActs(fund, period string, mayClose, mayReopen bool) []act {
	of := func(_ func(string) string, body map[string]any) (map[string]string, error) {
		body["fund"], body["period"] = fund, period
		return nil, nil
	}
	if fund == "" || period == "" {
		return nil
	}
	var acts []act
	if mayClose {
		acts = append(acts, act{name: "close", operation: "close-period", path: "/v1/periods/close", title: "Close " + period + " of " + fund, text: "Nothing is posted into a closed period. Every check that fails is told at once.", add: of})
	}
	if mayReopen {
		acts = append(acts, act{name: "reopen", operation: "reopen-period", path: "/v1/periods/reopen", title: "Open " + period + " of " + fund + " again", inputs: []web.Input{reasonField}, add: of})
	}
	return acts
}

// showPeriods draws the closing list of a fund's period, and what happened to periods.
func (s *Server) showPeriods(c echo.Context, v visitor, fund, period string, refused *tried) error {
	funds, err := s.fundOptions(c, v)
	if err != nil {
		return err
	}
	page := web.Periods{Record: web.Record{Frame: s.frame(c, v, "Periods"), Parent: web.Link{Text: "Today", Href: "/"}},
		Filters: []web.Input{filter("fund", "Fund", "select", funds...), {Name: "period", Label: "Period", Type: "text", Hint: "A year, 2025, or a month, 2025-12."}}}
	var faults map[string]string
	status := refused.status()
	if fund != "" && period == "" {
		status, faults = http.StatusUnprocessableEntity, map[string]string{"?period": "Say which year or month."}
	} else if period != "" {
		var list Checklist
		list, err = ask[Checklist](s, c, v, "/v1/periods/checklist", url.Values{"fund": {fund}, "period": {period}})
		if faults, err = faultsOf(err); err != nil {
			return err
		}
		if len(faults) == 0 {
			page.Sheets = append(page.Sheets, checkSheet(list))
			var others []string
			page.Forms, others = formsOf(c, v, "/periods", periodActs(fund, period, list.MayClose, list.MayReopen), refused)
			if !list.MayClose {
				page.Facts = fact(nil, "It cannot be closed now", textCell(list.WhyOpen))
			}
			page.Faults = append(page.Faults, others...)
			for i := range page.Forms {
				page.Forms[i].Action += "?" + url.Values{"fund": {fund}, "period": {period}}.Encode()
			}
		} else {
			status = http.StatusUnprocessableEntity
		}
	}
	page.Faults = append(page.Faults, fill(page.Filters, func(name string) string { return map[string]string{"fund": fund, "period": period}[name] }, faults, func(name string) string { return "?" + name })...)
	events, err := ask[Page[PeriodEvent]](s, c, v, "/v1/periods", kept(c, "fund", "cursor"))
	if _, err = faultsOf(err); err != nil { // a fund that does not exist is told beside its field
		return err
	}
	sheet := web.Sheet{Caption: "Closed and reopened, the oldest first", Heads: heads("Period", "Fund", "Action", "Reason", "Entry", "By", "Recorded"), Empty: "No period was closed yet. Choose a fund and a period to see what is missing."}
	for _, e := range events.Items {
		entry := web.Cell{}
		if e.Entry != "" {
			entry = linkCell("closing entry", entryPage(e.Entry))
		}
		sheet.Rows = append(sheet.Rows, []web.Cell{linkCell(e.Period, periodPage(e.Fund, e.Period)), textCell(e.Fund), textCell(e.Action), textCell(e.Reason), entry, textCell(e.RecordedBy), textCell(instant(e.RecordedAt))})
	}
	page.Sheets = append(page.Sheets, sheet)
	if events.NextCursor != "" {
		page.Next = "/periods?" + url.Values{"fund": {fund}, "cursor": {events.NextCursor}}.Encode()
	}
	return s.pageAs(c, status, "periods", page)
}

func periodPage(fund, period string) string {
	return "/periods?" + url.Values{"fund": {fund}, "period": {period}}.Encode()
}

// checkSheet tells each check, and what fails it.
func checkSheet(list Checklist) web.Sheet {
	sheet := web.Sheet{Caption: "Closing list of " + list.Fund + ", " + list.Period, Heads: heads("Check", "State", "What is missing"), Empty: "Nothing is looked at before such a period is closed."}
	for _, one := range list.Checks {
		name := checkNames[one.Name]
		state, found := textCell("passed"), textCell("")
		if !one.Passed {
			state = web.Cell{Mark: "missing"}
		}
		if len(one.Found) > 0 {
			found.Text = one.Found[0]
		}
		sheet.Rows = append(sheet.Rows, []web.Cell{linkCell(name.Text, name.Href), state, found})
		for _, more := range one.Found[min(1, len(one.Found)):] {
			sheet.Rows = append(sheet.Rows, []web.Cell{linkCell(name.Text, name.Href), {}, textCell(more)})
		}
	}
	return sheet
}

func (s *Server) actOnPeriod(c echo.Context, v visitor) error {
	fund, period := c.QueryParam("fund"), c.QueryParam("period")
	refused, err := s.carryOut(c, v, periodActs(fund, period, true, true), c.Param("act"), periodPage(fund, period))
	if refused == nil {
		return err
	}
	return s.showPeriods(c, v, fund, period, refused)
}

// statementActs issue a contributor's statement.
func statementActs(code string, funds []web.Option) []act {
	now := ledger.DateOf(time.Now())
	return []act{{name: "statement", operation: "issue-statement", path: pathUnder("/v1/contributors", code, "statements"), title: "Issue a statement", text: "It is numbered, and never changes again. The preview above shows what it will say.", button: "Issue",
		inputs: []web.Input{{Name: "from", Label: "From", Type: "date", Required: true, Value: fmt.Sprintf("%d-01-01", now.Year())}, {Name: "to", Label: "To", Type: "date", Required: true, Value: now.String()},
			{Name: "fund", Label: "Fund", Type: "select", Options: append([]web.Option{{Text: "all funds"}}, funds...)},
			{Name: "bodies", Label: "Bodies under it", Type: "select", Options: append([]web.Option{{Text: "without"}}, choices("together", "apart")...)}}}}
}

func (s *Server) actOnContributor(c echo.Context, v visitor) error {
	code := c.Param("code")
	refused, err := s.carryOut(c, v, statementActs(code, nil), c.Param("act"), contributorLink(code).Href)
	if refused == nil {
		return err
	}
	return s.showContributor(c, v, refused)
}
