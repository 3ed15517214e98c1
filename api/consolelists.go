package api

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"vcledger/api/web"
)

// kept is what of a page's address an operation is asked with: the named parameters that say something.
func kept(c echo.Context, names ...string) url.Values {
	q := url.Values{}
	for _, name := range names {
		if v := strings.TrimSpace(c.QueryParam(name)); v != "" {
			q.Set(name, v)
		}
	}
	return q
}

// filtersOf are the filters of a page's address. Contributors are typed by code or name, and asked for by code.
func (s *Server) filtersOf(c echo.Context, v visitor, names ...string) (query url.Values, faults map[string]string, err error) {
	query, faults = kept(c, names...), map[string]string{}
	for _, name := range []string{"contributor", "parent"} {
		if typed := query.Get(name); typed != "" {
			found, fault, err := s.lookUp(c, v, typed)
			if err != nil {
				return nil, nil, err
			}
			if fault != "" {
				faults["?"+name] = fault
				continue
			}
			query.Set(name, found.Code)
		}
	}
	return query, faults, nil
}

// filter is a field of a list's filters.
func filter(name, label, kind string, options ...web.Option) web.Input {
	if kind == "select" {
		options = append([]web.Option{{Text: "any"}}, options...)
	}
	return web.Input{Name: name, Label: label, Type: kind, Options: options}
}

// choices are the options of codes.
func choices(codes ...string) []web.Option {
	list := make([]web.Option, len(codes))
	for i, code := range codes {
		list[i] = web.Option{Value: code, Text: plain(code)}
	}
	return list
}

// beside puts what was typed, and what is wrong with it, into the fields. The faults that no field takes come back.
func beside(inputs []web.Input, value func(name string) string, faults map[string]string, pointer func(name string) string) map[string]string {
	left := maps.Clone(faults)
	for i := range inputs {
		in := &inputs[i]
		in.Value = value(in.Name)
		at := pointer(in.Name)
		for _, p := range slices.Sorted(maps.Keys(faults)) {
			if p == at || strings.HasPrefix(at, "/") && strings.HasPrefix(p, at+"/") {
				in.Fault = strings.TrimSpace(in.Fault + " " + faults[p])
				delete(left, p)
			}
		}
		for n := range in.Options {
			in.Options[n].Chosen = in.Type == "select" && in.Options[n].Value == in.Value
		}
	}
	return left
}

// fill is [beside] for the last fields of a form: what no field takes is told above it.
func fill(inputs []web.Input, value func(name string) string, faults map[string]string, pointer func(name string) string) (others []string) {
	left := beside(inputs, value, faults, pointer)
	for _, p := range slices.Sorted(maps.Keys(left)) {
		others = append(others, left[p])
	}
	return others
}

// listPageOf draws a list: its filters are the address's, and what is wrong with one stands beside it.
func listPageOf[Item any](s *Server, c echo.Context, v visitor, operation string, page web.List, row func(Item) []web.Cell) error {
	page.Path = c.Request().URL.Path
	names := []string{"cursor"}
	for _, in := range page.Filters {
		names = append(names, in.Name)
	}
	query, faults, err := s.filtersOf(c, v, names...)
	if err != nil {
		return err
	}
	var got Page[Item]
	if len(faults) == 0 {
		got, err = ask[Page[Item]](s, c, v, operation, query)
		if faults, err = faultsOf(err); err != nil {
			return err
		}
	}
	page.Faults = fill(page.Filters, c.QueryParam, faults, func(name string) string { return "?" + name })
	for _, item := range got.Items {
		page.Sheet.Rows = append(page.Sheet.Rows, row(item))
	}
	if got.NextCursor != "" {
		query.Set("cursor", got.NextCursor)
		page.Next = page.Path + "?" + query.Encode()
	}
	status := http.StatusOK
	if len(faults) > 0 {
		status = http.StatusUnprocessableEntity
		page.Sheet.Empty = "The filters cannot be taken as they are."
	}
	return s.pageAs(c, status, "list", page)
}

func (s *Server) receiptsPage(c echo.Context, v visitor) error {
	page := web.List{Frame: s.frame(c, v, "Receipts"), Filters: []web.Input{contributorField("contributor", "Contributor"), filter("fund", "Fund", "text"),
		filter("from", "Value date from", "date"), filter("to", "to", "date"), filter("unidentified", "Identified", "select", web.Option{Value: "true", Text: "unidentified only"})},
		Sheet: web.Sheet{Caption: "By value date", Heads: heads("Value date", "Bank reference", "Contributor", "Payer", "Fund", "#Amount", "#USD", "State"),
			Empty: "No receipt is like this. Show all, or record the one that you look for."}}
	if v.may("record-receipt") {
		page.Action = &web.Link{Text: "Record a receipt", Href: "/receipts/new"}
	}
	return listPageOf(s, c, v, "/v1/receipts", page, func(r Receipt) []web.Cell {
		state := web.Cell{}
		switch {
		case r.ReversedOn != "":
			state.Mark = "reversed"
		case r.Unidentified != nil:
			state.Mark = "unidentified"
		case len(r.InAdvance) > 0:
			state.Text = "partly in advance"
		}
		return []web.Cell{linkCell(day(r.ValueDate), receiptPage(r.ID)), linkCell(r.BankReference, receiptPage(r.ID)), contributorLink(r.Contributor), textCell(r.Payer), textCell(r.Fund),
			r.Amount.cell(receiptPage(r.ID)), r.USDAmount.cell(journalOf("receipt", string(r.ID))), state}
	})
}

func (s *Server) pledgesPage(c echo.Context, v visitor) error {
	page := web.List{Frame: s.frame(c, v, "Pledges"), Filters: []web.Input{contributorField("contributor", "Contributor"), filter("fund", "Fund", "text"),
		filter("fund_year", "Fund year", "text"), filter("form", "Form", "select", choices("cash", "in_kind")...), filter("reference", "Reference", "text")},
		Sheet: web.Sheet{Caption: "Pledges", Heads: heads("Reference", "Contributor", "Fund", "Year", "Form", "Stage", "#Pledged", "#Outstanding"),
			Empty: "No pledge is like this. Show all, or try fewer filters."}}
	if v.may("record-pledge") {
		page.Action = &web.Link{Text: "Record a pledge", Href: "/pledges/new"}
	}
	return listPageOf(s, c, v, "/v1/pledges", page, func(p Pledge) []web.Cell {
		pledged, left := pledgeFigures(p)
		return []web.Cell{pledgeLink(p.Reference, p.ID), contributorLink(p.Contributor), textCell(p.Fund), textCell(year(p.FundYear)), textCell(plain(p.Form)), textCell(plain(p.Stage)), pledged, left}
	})
}

// pledgeFigures are what was pledged at last and what is outstanding, each with its currency. What stands in several currencies is
// told on the pledge's own page.
func pledgeFigures(p Pledge) (pledged, left web.Cell) {
	pledged, left = web.Cell{Amount: true}, web.Cell{Amount: true}
	for _, l := range p.Legs {
		if (l.Kind == "announced" || l.Kind == "agreed") && l.Amount != nil && l.ReversedOn == "" {
			pledged = l.Amount.cell(entryOrPledge(l.Entry, p.ID))
		}
	}
	if p.Balances != nil {
		for i, w := range p.Balances.Outstanding {
			if i > 0 {
				left.Mark = "and in another currency"
				break
			}
			left = w.Amount.cell(journalOf("pledge", string(p.ID)))
		}
	}
	if len(p.Items) > 0 {
		pledged = p.Items[0].Value.Amount.cell("/pledges/" + string(p.ID))
		left = p.Items[0].Outstanding.Amount.cell(journalOf("pledge", string(p.ID)))
		if len(p.Items) > 1 {
			pledged.Mark, left.Mark = "first item", "first item"
		}
	}
	return pledged, left
}

func entryOrPledge(entry, pledge ID) string {
	if entry == "" {
		return "/pledges/" + string(pledge)
	}
	return entryPage(entry)
}

func (s *Server) contributorsPage(c echo.Context, v visitor) error {
	if q := strings.TrimSpace(c.QueryParam("name")); q != "" {
		found, err := ask[Contributor](s, c, v, "/v1/contributors/resolve", url.Values{"q": {q}})
		if err == nil {
			return s.redirect(c, contributorLink(found.Code).Href)
		}
		if _, err := faultsOf(err); err != nil {
			return err
		}
	}
	page := web.List{Frame: s.frame(c, v, "Contributors"), Filters: []web.Input{filter("name", "Name, former name or code", "text"),
		filter("kind", "Kind", "select", choices("state", "observer", "local_authority", "mfi", "rdb", "igo", "un", "private", "other")...), contributorField("parent", "Belongs to")},
		Sheet: web.Sheet{Caption: "By code", Heads: heads("Code", "Name", "Kind", "Belongs to", "Other names"), Empty: "No contributor is like this. Try less of the name, show all, or record one over the API."}}
	return listPageOf(s, c, v, "/v1/contributors", page, func(g Contributor) []web.Cell {
		return []web.Cell{contributorLink(g.Code), textCell(g.Name), textCell(plain(g.Kind)), contributorLink(g.Parent), textCell(strings.Join(g.Aliases, "; "))}
	})
}

func (s *Server) journalPage(c echo.Context, v visitor) error {
	kinds := choices("pledge_announced", "pledge_agreed", "pledge_adjusted", "pledge_cancelled", "pledge_written_off", "receipt", "identification", "advance_applied", "delivery", "revaluation",
		"condition_met", "refund", "refund_paid", "allowance", "expenditure", "programme_support", "levy", "interest", "bank_charge", "in_kind_revalued", "manual", "year_end", "reversal")
	page := web.List{Frame: s.frame(c, v, "Journal"), Filters: []web.Input{filter("kind", "Kind", "select", kinds...), filter("fund", "Fund", "text"), filter("account", "Account", "text"),
		contributorField("contributor", "Contributor"), filter("bank_account", "Bank account", "text"), filter("pledge", "Pledge (identifier)", "text"), filter("receipt", "Receipt (identifier)", "text"),
		filter("from", "Effective from", "date"), filter("to", "to", "date")},
		Sheet: web.Sheet{Caption: "In the order in which they were recorded", Heads: heads("Effective", "Kind", "Description", "Fund", "#USD", "By"),
			Empty: "No entry is like this. Show all, or try fewer filters."}}
	return listPageOf(s, c, v, "/v1/journal", page, func(e Entry) []web.Cell {
		var funds []string
		sheet := lineSheet("", e.Lines)
		for _, l := range e.Lines {
			if !slices.Contains(funds, l.Fund) {
				funds = append(funds, l.Fund)
			}
		}
		moved := sheet.Foot[6]
		moved.Href = entryPage(e.ID)
		kind := textCell(plain(e.Kind))
		if e.ReversedBy != "" {
			kind.Mark = "reversed"
		}
		return []web.Cell{linkCell(day(e.EffectiveDate), entryPage(e.ID)), kind, textCell(e.Description), textCell(strings.Join(funds, ", ")), moved, textCell(e.RecordedBy)}
	})
}

func (s *Server) approvalsPage(c echo.Context, v visitor) error {
	page := web.List{Frame: s.frame(c, v, "Approvals"), Filters: []web.Input{filter("state", "State", "select", choices("pending", "approved", "rejected", "withdrawn")...),
		filter("kind", "Kind", "select", choices("receipt_reversal", "delivery_reversal", "entry_reversal", "write_off", "refund", "period_reopening", "manual_entry", "in_kind_revaluation")...),
		filter("fund", "Fund", "text")},
		Sheet: web.Sheet{Caption: "What waits, or waited, for a second pair of eyes", Heads: heads("Asked for", "Kind", "Reason", "By", "#USD", "State"),
			Empty: "Nothing waits for a second pair of eyes."}}
	return listPageOf(s, c, v, "/v1/approvals", page, func(a Approval) []web.Cell {
		state := textCell(a.State)
		if a.State == "pending" {
			state = web.Cell{Mark: "pending"}
		}
		at := "/approvals/" + string(a.ID)
		return []web.Cell{linkCell(instant(a.RequestedAt), at), textCell(plain(a.Kind)), textCell(a.Reason), textCell(a.RequestedBy), a.USDAmount.cell(at), state}
	})
}
