package api

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"vcledger/api/web"
	"vcledger/ledger"
	"vcledger/reports"
)

func (s *Server) receiptPage(c echo.Context, v visitor) error {
	return s.showReceipt(c, v, nil)
}

func (s *Server) showReceipt(c echo.Context, v visitor, refused *tried) error {
	r, err := ask[Receipt](s, c, v, pathUnder("/v1/receipts", c.Param("id")), nil)
	if err != nil {
		return err
	}
	made := journalOf("receipt", string(r.ID))
	page := web.Record{Frame: s.frame(c, v, "Receipt of "+day(r.ValueDate)), Parent: web.Link{Text: "Receipts", Href: "/receipts"}}
	f := fact(nil, "Contributor", contributorLink(r.Contributor))
	f = fact(f, "Payer", textCell(r.Payer))
	f = fact(f, "Amount", r.Amount.cell(made))
	f = fact(f, "In USD", r.USDAmount.cell(made), textCell(rateText(r.Rate)))
	f = fact(f, "Bank charges", nonzero(r.Charges, made))
	f = fact(f, "Credited to the contributor", nonzero(r.Credited, made))
	f = fact(f, "Fund and year", textCell(fmt.Sprintf("%s, %d", r.Fund, r.FundYear)))
	f = fact(f, "Bank", textCell(r.BankAccount), textCell(r.BankReference), textCell(r.Instrument))
	if r.Unidentified != nil {
		f = fact(f, "Unidentified", marked(r.Unidentified.Amount.cell(journalOf("receipt", string(r.ID), "account", "2100")), "needs a contributor"))
	}
	for _, a := range r.InAdvance {
		f = fact(f, "Held in advance for "+a.Contributor, a.Amount.cell(journalOf("receipt", string(r.ID), "account", "2200")))
	}
	f = fact(f, "Replaces", linkCell("the reversed receipt", receiptHref(r.Replaces)))
	f = fact(f, "Reversed on", marked(dayCell(r.ReversedOn), "reversed"))
	f = fact(f, "Note", textCell(r.Note))
	for _, n := range r.Notes {
		f = fact(f, "Note of "+instant(n.RecordedAt), textCell(n.Note), textCell(n.RecordedBy))
	}
	page.Facts = fact(f, "Recorded", textCell(instant(r.RecordedAt)))
	sheet := web.Sheet{Caption: "What it was for", Heads: heads("On", "Pledge", "Contributor", "Fund", "Year", "#Amount", "#USD", "State"), Empty: "Nothing of it is applied to a pledge or a fund yet."}
	for _, a := range r.Allocations {
		state := web.Cell{}
		if a.ReversedOn != "" {
			state.Mark = "reversed " + day(a.ReversedOn)
		}
		pledge := textCell("gift to the fund")
		if a.Pledge != "" {
			pledge = pledgeLink(a.PledgeReference, a.Pledge)
		}
		sheet.Rows = append(sheet.Rows, []web.Cell{linkCell(day(a.EffectiveDate), entryPage(a.Entry)), pledge, contributorLink(a.Contributor), textCell(a.Fund), textCell(year(a.FundYear)),
			a.Amount.cell(entryPage(a.Entry)), a.USDAmount.cell(entryPage(a.Entry)), state})
	}
	page.Sheets = []web.Sheet{sheet}
	entries, err := s.entrySheet(c, v, "receipt", r.ID)
	page.Sheets = append(page.Sheets, entries)
	if err != nil {
		return err
	}
	acts, err := s.receiptActs(c, v, r)
	if err != nil {
		return err
	}
	page.Forms, page.Faults = formsOf(c, v, receiptPage(r.ID), acts, refused)
	return s.pageAs(c, refused.status(), "record", page)
}

// nonzero shows money that is left out of the facts when it is zero.
func nonzero(m Money, href string) web.Cell {
	if sumOf(&m).IsZero() {
		return web.Cell{}
	}
	return m.cell(href)
}

func marked(c web.Cell, mark string) web.Cell {
	if c.Text != "" {
		c.Mark = mark
	}
	return c
}

func receiptHref(id ID) string {
	if id == "" {
		return ""
	}
	return receiptPage(id)
}

// entrySheet lists the entries of a pledge or a receipt.
func (s *Server) entrySheet(c echo.Context, v visitor, of string, id ID) (web.Sheet, error) {
	sheet := web.Sheet{Caption: "Journal entries", Heads: heads("Effective", "Kind", "Description", "#USD", "By"), Empty: "Nothing of it is in the journal."}
	if !v.may("list-entries") {
		return sheet, nil
	}
	entries, err := ask[Page[Entry]](s, c, v, "/v1/journal", url.Values{of: {string(id)}, "limit": {"500"}})
	for _, e := range entries.Items {
		kind := textCell(plain(e.Kind))
		if e.ReversedBy != "" {
			kind.Mark = "reversed"
		}
		moved := lineSheet("", e.Lines).Foot[6]
		moved.Href = entryPage(e.ID)
		sheet.Rows = append(sheet.Rows, []web.Cell{linkCell(day(e.EffectiveDate), entryPage(e.ID)), kind, textCell(e.Description), moved, textCell(e.RecordedBy)})
	}
	return sheet, err
}

func (s *Server) pledgePage(c echo.Context, v visitor) error {
	return s.showPledge(c, v, nil)
}

func (s *Server) showPledge(c echo.Context, v visitor, refused *tried) error {
	p, err := ask[Pledge](s, c, v, pathUnder("/v1/pledges", c.Param("id")), nil)
	if err != nil {
		return err
	}
	id := string(p.ID)
	page := web.Record{Frame: s.frame(c, v, "Pledge "+p.Reference), Parent: pledgesParent}
	f := fact(nil, "Contributor", contributorLink(p.Contributor))
	f = fact(f, "Fund and year", textCell(fmt.Sprintf("%s, %d", p.Fund, p.FundYear)))
	f = fact(f, "Form", textCell(plain(p.Form)))
	f = fact(f, "Stage", textCell(plain(p.Stage)))
	f = fact(f, "Revenue", textCell(plain(p.Recognition)))
	if b := p.Balances; b != nil {
		balance := func(label, account string, list ...Worth) {
			var cells []web.Cell
			for _, w := range list {
				cell := w.Amount.cell(journalOf("pledge", id, "account", account))
				if w.Amount.Currency != string(ledger.USD) {
					cell.Mark = ""
					cells = append(cells, cell, w.USDAmount.cell(journalOf("pledge", id, "account", account)))
					continue
				}
				cells = append(cells, cell)
			}
			f = fact(f, label, cells...)
		}
		for _, one := range []struct {
			label, account string
			worth          *Worth
		}{{"Announced, not yet binding", "9100", b.Announced}, {"Receivable", "1200", b.Receivable}, {"Deferred until a condition is met", "2400", b.Deferred}} {
			if one.worth != nil {
				balance(one.label, one.account, *one.worth)
			}
		}
		balance("Paid in advance", "2200", b.InAdvance...)
		balance("Revenue", "4010", b.Recognised...)
		balance("Outstanding", "", b.Outstanding...)
	}
	f = fact(f, "Note", textCell(p.Note))
	page.Facts = fact(f, "Recorded", textCell(instant(p.RecordedAt)))
	page.Sheets = append(page.Sheets, lifeSheet(p))
	for _, l := range p.Legs {
		if len(l.Instalments) > 0 && l.ReversedOn == "" {
			sheet := web.Sheet{Caption: "Instalments agreed on " + day(l.EffectiveDate), Heads: heads("Due on", "#Amount")}
			for _, i := range l.Instalments {
				sheet.Rows = append(sheet.Rows, []web.Cell{dayCell(i.DueOn), i.Amount.cell(entryOrPledge(l.Entry, p.ID))})
			}
			page.Sheets = append(page.Sheets, sheet)
		}
	}
	if len(p.Conditions) > 0 {
		sheet := web.Sheet{Caption: "Conditions", Heads: heads("Condition", "#Amount")}
		for _, cond := range p.Conditions {
			sheet.Rows = append(sheet.Rows, []web.Cell{textCell(cond.Description), cond.Amount.cell(journalOf("pledge", id, "account", "2400"))})
		}
		page.Sheets = append(page.Sheets, sheet)
	}
	if len(p.Items) > 0 {
		sheet := web.Sheet{Caption: "Items in kind", Heads: heads("Item", "Category", "Unit", "#Offered", "#Accepted", "#Delivered", "#Assessed value", "#Outstanding")}
		for _, i := range p.Items {
			quantity := func(q string) web.Cell { return web.Cell{Text: q, Amount: true} }
			sheet.Rows = append(sheet.Rows, []web.Cell{textCell(i.Description), textCell(plain(i.Category)), textCell(plain(i.Unit)), quantity(i.Offered), quantity(i.Accepted),
				quantity(i.Delivered), i.Value.Amount.cell(journalOf("pledge", id)), i.Outstanding.Amount.cell(journalOf("pledge", id, "account", "9200"))})
		}
		page.Sheets = append(page.Sheets, sheet)
	}
	entries, err := s.entrySheet(c, v, "pledge", p.ID)
	page.Sheets = append(page.Sheets, entries)
	if err != nil {
		return err
	}
	page.Forms, page.Faults = formsOf(c, v, "/pledges/"+id, pledgeActs(p), refused)
	return s.pageAs(c, refused.status(), "record", page)
}

// lifeSheet tells the steps of a pledge's life, each with its own date and rate.
func lifeSheet(p Pledge) web.Sheet {
	sheet := web.Sheet{Caption: "Its life", Heads: heads("On", "Step", "#Amount", "#USD", "Rate", "Document", "Reason")}
	for _, l := range p.Legs {
		step := textCell(plain(l.Kind))
		if l.ReversedOn != "" {
			step.Mark = "reversed " + day(l.ReversedOn)
		}
		at := ""
		if l.Entry != "" {
			at = entryPage(l.Entry)
		}
		sheet.Rows = append(sheet.Rows, []web.Cell{linkCell(day(l.EffectiveDate), at), step, optionalCell(l.Amount, at), l.USDAmount.cell(at), textCell(rateText(l.Rate)),
			textCell(l.DocumentReference), textCell(l.Reason)})
	}
	return sheet
}

func (s *Server) contributorPage(c echo.Context, v visitor) error {
	return s.showContributor(c, v, nil)
}

func (s *Server) showContributor(c echo.Context, v visitor, refused *tried) error {
	g, err := ask[Contributor](s, c, v, pathUnder("/v1/contributors", c.Param("code")), nil)
	if err != nil {
		return err
	}
	due, err := ask[reports.DueList](s, c, v, "/v1/pledges/due", url.Values{"contributor": {g.Code}})
	if err != nil {
		return err
	}
	issued, err := ask[Page[IssuedStatement]](s, c, v, pathUnder("/v1/contributors", g.Code, "statements"), nil)
	if err != nil {
		return err
	}
	pledges, err := ask[Page[Pledge]](s, c, v, "/v1/pledges", url.Values{"contributor": {g.Code}})
	if err != nil {
		return err
	}
	page := web.Record{Frame: s.frame(c, v, g.Name), Parent: web.Link{Text: "Contributors", Href: "/contributors"}}
	f := fact(nil, "Code", textCell(g.Code))
	f = fact(f, "Kind", textCell(plain(g.Kind)))
	f = fact(f, "Belongs to", contributorLink(g.Parent))
	for _, a := range g.Aliases {
		f = fact(f, "Also known as", textCell(a))
	}
	f = fact(f, "Contact", textCell(g.Contact), textCell(g.Email))
	f = fact(f, "All of it", linkCell("pledges", "/pledges?"+url.Values{"contributor": {g.Code}}.Encode()), linkCell("receipts", "/receipts?"+url.Values{"contributor": {g.Code}}.Encode()),
		linkCell("journal entries", journalOf("contributor", g.Code)))
	this := ledger.DateOf(time.Now())
	statement := url.Values{"contributor": {g.Code}, "from": {fmt.Sprintf("%d-01-01", this.Year())}, "to": {this.String()}, "format": {"html"}}
	page.Facts = fact(f, "Statement", linkCell("this year so far", "/reports/statement?"+statement.Encode()))
	sheet := web.Sheet{Caption: "Pledges", Heads: heads("Reference", "Fund", "Year", "Form", "Stage", "#Pledged", "#Outstanding"), Empty: "It has pledged nothing."}
	for _, p := range pledges.Items {
		pledged, left := pledgeFigures(p)
		sheet.Rows = append(sheet.Rows, []web.Cell{pledgeLink(p.Reference, p.ID), textCell(p.Fund), textCell(year(p.FundYear)), textCell(plain(p.Form)), textCell(plain(p.Stage)), pledged, left})
	}
	statements := web.Sheet{Caption: "Issued statements", Heads: heads("Number", "From", "To", "Fund", "Issued", "State"), Empty: "No statement was issued yet."}
	for _, st := range issued.Items {
		state := web.Cell{}
		if st.SupersededBy != "" {
			state.Mark = "superseded by " + st.SupersededBy
		}
		statements.Rows = append(statements.Rows, []web.Cell{linkCell(st.Number, "/statements/"+url.PathEscape(st.Number)+"?format=pdf"), dayCell(st.From), dayCell(st.To), textCell(st.Fund), textCell(instant(st.IssuedAt)), state})
	}
	page.Sheets = []web.Sheet{dueSheet("What is due", "Nothing is due.", due.Items), sheet, statements}
	funds, err := s.fundOptions(c, v)
	if err != nil {
		return err
	}
	page.Forms, page.Faults = formsOf(c, v, contributorLink(g.Code).Href, statementActs(g.Code, funds), refused)
	return s.pageAs(c, refused.status(), "record", page)
}

func (s *Server) entryPage(c echo.Context, v visitor) error {
	e, err := ask[Entry](s, c, v, pathUnder("/v1/journal", c.Param("id")), nil)
	if err != nil {
		return err
	}
	page := web.Record{Frame: s.frame(c, v, "Journal entry: "+plain(e.Kind)), Parent: web.Link{Text: "Journal", Href: "/journal"}}
	f := fact(nil, "Effective date", dayCell(e.EffectiveDate))
	f = fact(f, "Its own date, in a closed period", dayCell(e.OriginalDate))
	f = fact(f, "Description", textCell(e.Description))
	f = fact(f, "Reason", textCell(e.Reason))
	f = fact(f, "Document", textCell(e.Document))
	if e.Pledge != "" {
		p, err := ask[Pledge](s, c, v, pathUnder("/v1/pledges", string(e.Pledge)), nil)
		if err != nil {
			return err
		}
		f = fact(f, "Pledge", pledgeLink(p.Reference, p.ID))
	}
	for _, of := range []struct {
		label, path string
		id          ID
	}{{"Receipt", "/receipts/", e.Receipt}, {"Approval", "/approvals/", e.Approval}, {"Reverses", "/journal/", e.Reverses}, {"Reversed by", "/journal/", e.ReversedBy}} {
		f = fact(f, of.label, linkCell(string(of.id), of.path+string(of.id)))
	}
	f = fact(f, "Asked for by", textCell(e.RequestedBy))
	page.Facts = fact(f, "Recorded", textCell(instant(e.RecordedAt)), textCell("by "+e.RecordedBy))
	page.Sheets = []web.Sheet{lineSheet("Lines", e.Lines)}
	return s.page(c, "record", page)
}

func (s *Server) approvalPage(c echo.Context, v visitor) error {
	return s.showApproval(c, v, http.StatusOK, newKey(), "", nil)
}

// subjectCell leads to what an approval is about, where that is a record: "receipt" or "item 2 of pledge" and its identifier.
func subjectCell(subject string) web.Cell {
	last := strings.LastIndex(subject, " ") + 1
	what, id := strings.TrimSpace(subject[:last]), subject[last:]
	pages := map[string]string{"receipt": "/receipts/", "pledge": "/pledges/", "delivery": "/deliveries/", "entry": "/journal/"}
	kind := what
	if strings.HasPrefix(what, "item ") {
		kind = what[strings.LastIndex(what, " ")+1:]
	}
	if at, found := pages[kind]; found && uuid.Validate(id) == nil {
		return linkCell(what, at+id)
	}
	return textCell(subject)
}

// showApproval draws what waits with the entries that it will post, and the form of who may decide.
func (s *Server) showApproval(c echo.Context, v visitor, status int, key, reason string, faults map[string]string) error {
	a, err := ask[Approval](s, c, v, pathUnder("/v1/approvals", c.Param("id")), nil)
	if err != nil {
		return err
	}
	page := web.Record{Frame: s.frame(c, v, "Approval: "+plain(a.Kind)), Parent: web.Link{Text: "Approvals", Href: "/approvals"}}
	f := fact(nil, "State", textCell(a.State))
	f = fact(f, "About", subjectCell(a.Subject))
	f = fact(f, "Moves", a.USDAmount.cell(""))
	f = fact(f, "Reason", textCell(a.Reason))
	f = fact(f, "Asked for by", textCell(a.RequestedBy), textCell(instant(a.RequestedAt)))
	f = fact(f, "Decided by", textCell(a.DecidedBy), textCell(instantOrNone(a.DecidedAt)), textCell(a.DecisionReason))
	for _, id := range a.Entries {
		f = fact(f, "Posted", linkCell(string(id), entryPage(id)))
	}
	page.Facts = f
	for i, d := range a.Drafts {
		page.Sheets = append(page.Sheets, lineSheet(fmt.Sprintf("Entry %d: %s, %s", i+1, plain(d.Kind), day(d.EffectiveDate)), d.Lines))
	}
	at := "/approvals/" + string(a.ID)
	reasonInput := web.Input{Name: "reason", Label: "Reason, for the record", Type: "text"}
	switch {
	case a.State != "pending":
	case v.may("decide-approval") && a.RequestedBy != v.actor.Name:
		page.Forms = []web.Form{{Title: "Decide", Text: "Approved, exactly the entries below are posted. You did not ask for it yourself.", Action: at + "/decision", Key: key, Inputs: []web.Input{reasonInput},
			Buttons: []web.Button{{Name: "decision", Value: "approved", Text: "Approve and post"}, {Name: "decision", Value: "rejected", Text: "Reject"}}}}
	case v.may("withdraw-approval") && a.RequestedBy == v.actor.Name:
		page.Forms = []web.Form{{Title: "Withdraw", Text: "You asked for it; somebody else decides. You can take it back.", Action: at + "/withdrawal", Key: key, Inputs: []web.Input{reasonInput},
			Buttons: []web.Button{{Text: "Withdraw"}}}}
	}
	if len(page.Forms) > 0 {
		page.Faults = fill(page.Forms[0].Inputs, func(string) string { return reason }, faults, func(name string) string { return "/" + name })
	} else {
		page.Faults = fill(nil, nil, faults, nil)
	}
	return s.pageAs(c, status, "record", page)
}

func instantOrNone(t string) string {
	if t == "" {
		return ""
	}
	return instant(t)
}

func (s *Server) decide(c echo.Context, v visitor) error {
	return s.settle(c, v, "decide-approval", "/decision", map[string]string{"decision": c.FormValue("decision")})
}

func (s *Server) withdraw(c echo.Context, v visitor) error {
	return s.settle(c, v, "withdraw-approval", "/withdrawal", map[string]string{})
}

// settle sends a decision, and shows the approval as it is then.
func (s *Server) settle(c echo.Context, v visitor, operation, to string, body map[string]string) error {
	reason := c.FormValue("reason")
	if v.again {
		if err := v.need(operation); err != nil {
			return err
		}
		return s.showApproval(c, v, http.StatusOK, c.FormValue("key"), reason, nil)
	}
	if reason != "" {
		body["reason"] = reason
	}
	_, err := s.perform(c, v, wish{method: http.MethodPost, path: pathUnder("/v1/approvals", c.Param("id")) + to, body: body, key: c.FormValue("key")})
	faults, err := faultsOf(err)
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		return s.showApproval(c, v, http.StatusUnprocessableEntity, newKey(), reason, faults)
	}
	return s.redirect(c, "/approvals/"+c.Param("id"))
}
