package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"vcledger/api/web"
	"vcledger/ledger"
)

func deliveryPath(id ID) string { return "/deliveries/" + string(id) }

func (s *Server) deliveriesPage(c echo.Context, v visitor) error {
	page := web.List{Frame: s.frame(c, v, "Deliveries"), Action: &web.Link{Text: "Calendar", Href: "/deliveries/calendar"},
		Filters: []web.Input{contributorField("contributor", "Contributor"), filter("fund", "Fund", "text"), filter("pledge", "Pledge (identifier)", "text"), filter("from", "Delivered from", "date"), filter("to", "to", "date"),
			filter("certified", "Certified", "select", web.Option{Value: "no", Text: "not yet"})},
		Sheet: web.Sheet{Caption: "By the day of delivery", Heads: heads("Delivered", "What", "Contributor", "Pledge", "Fund", "#Quantity", "#Value", "#USD", "State"),
			Empty: "No delivery is like this. One is recorded on the page of the pledge in kind that it keeps."}}
	return listPageOf(s, c, v, "/v1/deliveries", page, func(d Delivery) []web.Cell {
		at := deliveryPath(d.ID)
		return []web.Cell{linkCell(day(d.DeliveredOn), at), linkCell(d.Description, at), contributorLink(d.Contributor), pledgeLink(d.PledgeReference, d.Pledge), textCell(d.Fund),
			{Text: d.Quantity + " " + plain(d.Unit), Amount: true, Href: at}, d.Value.Amount.cell(at), d.Value.USDAmount.cell(at), deliveryState(d)}
	})
}

func deliveryState(d Delivery) web.Cell {
	switch {
	case d.ReversedOn != "":
		return web.Cell{Mark: "reversed"}
	case d.CertifiedBy == "":
		return web.Cell{Mark: "not certified"}
	}
	return textCell("certified")
}

func deliveryActs(d Delivery) []act {
	if d.ReversedOn != "" {
		return nil
	}
	reverse := act{name: "reversal", operation: "reverse-delivery", path: pathUnder("/v1/deliveries", string(d.ID), "reversal"), title: "Reverse the delivery", text: "It stays in the books with its reversal beside it.",
		inputs: []web.Input{effectiveField(), reasonField}}
	if d.CertifiedBy == "" {
		return []act{certifyAct(d), reverse}
	}
	return []act{reverse}
}

func (s *Server) deliveryPage(c echo.Context, v visitor) error {
	return s.showDelivery(c, v, nil)
}

func (s *Server) showDelivery(c echo.Context, v visitor, refused *tried) error {
	d, err := ask[Delivery](s, c, v, pathUnder("/v1/deliveries", c.Param("id")), nil)
	if err != nil {
		return err
	}
	made := ""
	if len(d.Entries) > 0 {
		made = entryPage(d.Entries[0])
	}
	page := web.Record{Frame: s.frame(c, v, "Delivery: "+d.Description), Parent: web.Link{Text: "Deliveries", Href: "/deliveries"}}
	f := fact(nil, "Contributor", contributorLink(d.Contributor))
	f = fact(f, "Fund and year", textCell(fmt.Sprintf("%s, %d", d.Fund, d.FundYear)))
	f = fact(f, "Pledge", pledgeLink(d.PledgeReference, d.Pledge))
	f = fact(f, "Category", textCell(plain(d.Category)))
	f = fact(f, "Expert", textCell(d.Expert))
	f = fact(f, "From", dayCell(d.PeriodFrom))
	f = fact(f, "Delivered on", linkCell(day(d.DeliveredOn), calendarPage(d.DeliveredOn)))
	f = fact(f, "Quantity", textCell(d.Quantity+" "+plain(d.Unit)))
	f = fact(f, "Value", d.Value.Amount.cell(made), textCell(plain(d.ValuationBasis)))
	f = fact(f, "In USD", d.Value.USDAmount.cell(made))
	f = fact(f, "Declared by the contributor", optionalCell(d.DeclaredValue, ""))
	f = fact(f, "Certified by", textCell(d.CertifiedBy))
	f = fact(f, "Reversed on", marked(dayCell(d.ReversedOn), "reversed"))
	f = fact(f, "Note", textCell(d.Note))
	for i, id := range d.Entries {
		f = fact(f, "Journal entry", linkCell(fmt.Sprintf("entry %d", i+1), entryPage(id)))
	}
	page.Facts = fact(f, "Recorded", textCell(instant(d.RecordedAt)))
	page.Forms, page.Faults = formsOf(c, v, deliveryPath(d.ID), deliveryActs(d), refused)
	return s.pageAs(c, refused.status(), "record", page)
}

func (s *Server) actOnDelivery(c echo.Context, v visitor) error {
	d, err := ask[Delivery](s, c, v, pathUnder("/v1/deliveries", c.Param("id")), nil)
	if err != nil {
		return err
	}
	refused, err := s.carryOut(c, v, deliveryActs(d), c.Param("act"), deliveryPath(d.ID))
	if refused == nil {
		return err
	}
	return s.showDelivery(c, v, refused)
}

// deliveryAct records a delivery that keeps a pledge in kind.
func deliveryAct(p Pledge) act {
	items := make([]web.Option, len(p.Items))
	for i, item := range p.Items {
		items[i] = web.Option{Value: fmt.Sprint(i + 1), Text: fmt.Sprintf("%d: %s, in %s", i+1, item.Description, plain(item.Unit))}
	}
	a := act{name: "delivery", operation: "record-delivery", path: "/v1/deliveries", title: "Record a delivery", text: "Its value is the pledge's, by quantity.",
		inputs: []web.Input{{Name: "_item", Label: "Item", Type: "select", Options: items}, {Name: "quantity", Label: "Quantity", Type: "text", Required: true},
			{Name: "period_from", Label: "First day of the service", Type: "date", Hint: "Left empty for goods."},
			{Name: "delivered_on", Label: "Last day, or day on which goods arrived", Type: "date", Required: true},
			{Name: "expert", Label: "Expert", Type: "text", Hint: "Name or number of the person, of a service."},
			{Name: "certified_by", Label: "Certified by", Type: "text", Hint: "Who confirms that it was given."}, {Name: "note", Label: "Note", Type: "text"}}}
	a.add = func(value func(string) string, body map[string]any) (map[string]string, error) {
		body["pledge"] = p.ID
		if item := value("_item"); item != "" {
			if !wholeNumber.MatchString(item) {
				return map[string]string{"/item": "Choose one of the list."}, nil
			}
			body["item"] = json.Number(item)
		}
		return nil, nil
	}
	return a
}

func calendarPage(d Date) string {
	if len(d) < 7 {
		return "/deliveries/calendar"
	}
	return "/deliveries/calendar?month=" + url.QueryEscape(string(d)[:7])
}

// deliveryCalendar shows the days of a month on which services were given and goods arrived.
func (s *Server) deliveryCalendar(c echo.Context, v visitor) error {
	month := c.QueryParam("month")
	if month == "" {
		month = todayText()[:7]
	}
	page := web.List{Frame: s.frame(c, v, "Calendar of deliveries"), Path: "/deliveries/calendar", Parent: &web.Link{Text: "Deliveries", Href: "/deliveries"}, Reset: "This month",
		Filters: []web.Input{{Name: "month", Label: "Month", Type: "month", Value: month, Hint: "As 2026-03."}, contributorField("contributor", "Contributor")},
		Sheet:   web.Sheet{Empty: "Nothing was given in kind in this month. Choose another, or record a delivery on the page of its pledge."}}
	page.Filters[1].Value = c.QueryParam("contributor")
	start, err := time.Parse("2006-01", month)
	if err != nil {
		page.Filters[0].Fault = "A month is written as 2026-03."
		page.Sheet.Caption = "No month"
		return s.pageAs(c, http.StatusUnprocessableEntity, "list", page)
	}
	last := start.AddDate(0, 1, -1)
	page.Sheet.Caption = start.Month().String() + " " + fmt.Sprint(start.Year())
	page.Sheet.Heads = heads("What", "From", "To")
	for d := 1; d <= last.Day(); d++ {
		page.Sheet.Heads = append(page.Sheet.Heads, web.Head{Text: fmt.Sprint(d), Amount: true})
	}
	query, faults, err := s.filtersOf(c, v, "contributor")
	if err != nil {
		return err
	}
	// What was being given in the month, whenever it began and ends, and however much of it there is.
	query.Set("given_from", ledger.DateOf(start).String())
	query.Set("given_to", ledger.DateOf(last).String())
	query.Set("limit", fmt.Sprint(calendarRows))
	for more := len(faults) == 0; more; {
		list, err := ask[Page[Delivery]](s, c, v, "/v1/deliveries", query)
		if err != nil {
			return err
		}
		for _, d := range list.Items {
			if d.ReversedOn == "" {
				page.Sheet.Rows = append(page.Sheet.Rows, calendarRow(d, start, last.Day()))
			}
		}
		query.Set("cursor", list.NextCursor)
		more = list.NextCursor != ""
	}
	page.Faults = fill(page.Filters[1:], c.QueryParam, faults, func(name string) string { return "?" + name })
	if len(faults) > 0 {
		return s.pageAs(c, http.StatusUnprocessableEntity, "list", page)
	}
	return s.page(c, "list", page)
}

// calendarRows is how many deliveries of a month are asked for at once.
const calendarRows = 100

// calendarRow marks the days of a month on which a delivery was given. The two days between which it was stand beside them in words.
func calendarRow(d Delivery, month time.Time, days int) []web.Cell {
	name := d.Description
	if d.Expert != "" {
		name = d.Expert
	}
	from, to := Date(cmp.Or(d.PeriodFrom, d.DeliveredOn)), Date(cmp.Or(d.PeriodTo, d.DeliveredOn))
	row := []web.Cell{linkCell(name+", "+d.Contributor, deliveryPath(d.ID)), dayCell(from), dayCell(to)}
	for n := range days {
		on := ledger.DateOf(month.AddDate(0, 0, n)).String()
		cell := web.Cell{Amount: true}
		if string(from) <= on && on <= string(to) {
			cell.Sign, cell.Text = "●", "given"
		}
		row = append(row, cell)
	}
	return row
}
