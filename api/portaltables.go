package api

import (
	"net/url"

	"github.com/shopspring/decimal"

	"vcledger/api/web"
	"vcledger/ledger"
	"vcledger/reports"
	"vcledger/reports/language"
)

// promises lists the donor's cash pledges, each in its own currency.
func promises(l language.Language, st *reports.Statement) web.Sheet {
	sheet := web.Sheet{Caption: l.T("Cash pledges"), Heads: heads(l.T("Reference"), l.T("Fund"), l.T("Fund year"), l.T("Stage"), "#"+l.T("Pledged"), "#"+l.T("Received"), "#"+l.T("Outstanding"), l.T("Due on"), l.T("Questions")),
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
			tell(l, reports.Money{Money: ledger.Money{Amount: promised(p.Amounts), Currency: p.Currency}}), tell(l, p.Amounts.Received), tell(l, p.Amounts.Closing), due, askLink(l, aboutPledge+p.ID.String())})
	}
	return sheet
}

// instalments lists what is not fully paid of the agreed pledges, by due date; what is overdue says so.
func instalments(l language.Language, st *reports.Statement) web.Sheet {
	sheet := web.Sheet{Caption: l.T("Instalments overdue, due and to come"), Heads: heads(l.T("Due on"), l.T("Reference"), l.T("Instalment"), l.T("Fund"), "#"+l.T("Amount"), "#"+l.T("Outstanding"), l.T("Status")),
		Empty: l.T("Every instalment that was agreed is paid.")}
	for _, i := range st.Instalments {
		status := textCell(l.F("due in %d days", -i.Days))
		switch {
		case i.Days > 0:
			status = web.Cell{Mark: l.F("overdue by %d days", i.Days)}
		case i.Days == 0:
			status = textCell(l.T("due today"))
		}
		sheet.Rows = append(sheet.Rows, []web.Cell{textCell(l.Date(i.DueOn.Date)), textCell(i.Pledge), textCell(year(i.Number)), textCell(string(i.Fund)),
			tell(l, i.Amount), tell(l, i.Outstanding.Money), status})
	}
	return sheet
}

// kindPromises lists what the donor promised in kind, each item in its own unit.
func kindPromises(l language.Language, st *reports.Statement) web.Sheet {
	sheet := web.Sheet{Caption: l.T("Pledges in kind"), Heads: heads(l.T("Reference"), l.T("Fund"), l.T("Fund year"), l.T("Description"), l.T("Stage"), "#"+l.T("Pledged"), "#"+l.T("Delivered"), "#"+l.T("Outstanding")),
		Empty: l.T("Nothing is pledged in kind.")}
	for _, i := range st.InKind.Items {
		pledged := i.Offered
		if i.Accepted != nil {
			pledged = *i.Accepted
		}
		sheet.Rows = append(sheet.Rows, []web.Cell{textCell(i.Pledge), textCell(string(i.Fund)), textCell(year(i.FundYear)), textCell(i.Description), textCell(language.Term(l, i.Stage)),
			quantity(l, pledged, i.Unit), quantity(l, i.Delivered, i.Unit), tell(l, i.Amounts.Closing)})
	}
	return sheet
}

// quantity shows how much of a unit.
func quantity(l language.Language, n decimal.Decimal, unit string) web.Cell {
	return web.Cell{Text: l.Number(n) + " " + language.Term(l, unit), Amount: true}
}

// payments lists what arrived of the donor.
func payments(l language.Language, st *reports.Statement) web.Sheet {
	sheet := web.Sheet{Caption: l.T("Receipts"), Heads: heads(l.T("Value date"), l.T("Bank reference"), l.T("Fund"), "#"+l.T("Amount"), "#"+l.T("in USD"), l.T("Questions")), Empty: l.T("No receipt is recorded.")}
	for _, r := range st.Receipts {
		sheet.Rows = append(sheet.Rows, []web.Cell{textCell(l.Date(r.ValueDate.Date)), textCell(r.BankReference), textCell(string(r.Fund)), tell(l, r.Net.Money), tell(l, r.Net.USD), askLink(l, aboutReceipt+r.ID.String())})
	}
	return sheet
}

// gifts lists what was delivered in kind.
func gifts(l language.Language, st *reports.Statement) web.Sheet {
	sheet := web.Sheet{Caption: l.T("Deliveries in kind"), Heads: heads(l.T("Date"), l.T("Fund"), l.T("Description"), "#"+l.T("Quantity"), "#"+l.T("in USD"), l.T("Questions")), Empty: l.T("Nothing was delivered in kind.")}
	for _, d := range st.InKind.Deliveries {
		sheet.Rows = append(sheet.Rows, []web.Cell{textCell(l.Date(d.Date.Date)), textCell(string(d.Fund)), textCell(d.Description),
			quantity(l, d.Quantity, d.Unit), tell(l, d.Net.USD), askLink(l, aboutDelivery+d.ID.String())})
	}
	return sheet
}

// issuedSheet lists the issued statements with the ways to have each.
func issuedSheet(l language.Language, list []IssuedStatement) web.Sheet {
	sheet := web.Sheet{Caption: l.T("Issued statements"), Heads: heads(l.T("Statement number"), l.T("From"), l.T("To"), "PDF", "HTML", "XLSX", "CSV", "JSON", l.T("Check a statement")), Empty: l.T("No statement was issued yet.")}
	for _, st := range list {
		number := textCell(st.Number)
		if st.SupersededBy != "" {
			number.Mark = l.F("superseded by %s", st.SupersededBy)
		}
		row := []web.Cell{number, textCell(l.Date(st.From.Ledger())), textCell(l.Date(st.To.Ledger()))}
		for _, format := range []string{"pdf", "html", "xlsx", "csv", "json"} {
			row = append(row, linkCell(st.Number+" "+format, "/portal/statements/"+url.PathEscape(ledger.StatementNumber(st.Number).Path())+"?"+url.Values{"format": {format}, "lang": {string(l)}}.Encode()))
		}
		row = append(row, linkCell(l.T("Check this statement"), inTongue(l, "/portal/statements/"+url.PathEscape(ledger.StatementNumber(st.Number).Path())+"/check")))
		sheet.Rows = append(sheet.Rows, row)
	}
	return sheet
}
