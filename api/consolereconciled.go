package api

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"vcledger/api/web"
)

// reconciledPage is the address of what a bank's balance is made of.
func reconciledPage(account string, on Date) string {
	return "/bank/accounts/" + url.PathEscape(account) + "?" + url.Values{"date": {string(on)}}.Encode()
}

// reconciledAccount holds a bank account against the books at the end of a day: both balances, each with what it is made of, and every
// item that makes the one another than the other.
func (s *Server) reconciledAccount(c echo.Context, v visitor) error {
	account := c.Param("code")
	page := web.List{Frame: s.frame(c, v, "Bank account "+account), Parent: &web.Link{Text: "Bank", Href: "/bank"}, Path: c.Request().URL.Path, Reset: "Today",
		Filters: []web.Input{{Name: "date", Label: "At the end of", Type: "date", Value: c.QueryParam("date"), Required: true}},
		Sheet:   web.Sheet{Caption: "The bank against the books", Heads: heads("What", "Date", "#Amount", "State"), Empty: "Nothing was ever booked or stated on this account. Choose another day."}}
	if page.Filters[0].Value == "" {
		page.Filters[0].Value = todayText()
	}
	on := page.Filters[0].Value
	got, err := ask[BankReconciliation](s, c, v, pathUnder("/v1/bank-accounts", account, "reconciliation"), url.Values{"date": {on}})
	faults, err := faultsOf(err)
	if err != nil {
		return err
	}
	page.Faults = fill(page.Filters, func(string) string { return on }, faults, func(name string) string { return "?" + name })
	for _, one := range got.Currencies {
		currency := one.Books.Currency
		row := func(what web.Cell, on Date, amount, href string, state web.Cell) {
			page.Sheet.Rows = append(page.Sheet.Rows, []web.Cell{what, dayCell(on), moneyCell(amount, currency, href), state})
		}
		if one.Bank == nil {
			row(textCell("The bank, in "+currency), got.Date, "", "", web.Cell{Mark: "no statement says it"})
		} else {
			row(textCell("The bank, in "+currency), got.Date, one.Bank.Amount, "/bank?"+url.Values{"bank_account": {account}}.Encode(), textCell(""))
		}
		row(textCell("The books, in "+currency), got.Date, one.Books.Amount, journalOf("account", "1010", "bank_account", account, "to", on), web.Cell{})
		for _, item := range one.Items {
			state := textCell("explained: " + item.Explanation)
			if item.Explanation == "" {
				state = web.Cell{Mark: "to be explained"}
			}
			row(textCell(plain(item.Kind)+": "+item.Description), item.Date, item.Amount, itemPage(item.Item), state)
		}
		if one.Difference != nil {
			state := web.Cell{Mark: "open"}
			switch {
			case one.SignedOff != nil:
				state = textCell("signed off by " + one.SignedOff.RecordedBy + ", " + instant(one.SignedOff.RecordedAt))
			case one.Explained:
				state = textCell(fmt.Sprintf("explained, by %d items", len(one.Items)))
			}
			row(textCell("Difference"), got.Date, one.Difference.Amount, "", state)
		}
	}
	status := http.StatusOK
	if len(faults) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return s.pageAs(c, status, "list", page)
}

// bankLinePage leads from a line of a bank to its place in the statement.
func (s *Server) bankLinePage(c echo.Context, v visitor) error {
	line, err := ask[BankLine](s, c, v, pathUnder("/v1/bank-lines", c.Param("line")), nil)
	if err != nil {
		return err
	}
	return s.redirect(c, "/bank/"+string(line.Statement))
}

// itemPage is where an item of the difference is: the entry or the bank's line that it names.
func itemPage(item string) string {
	kind, id, _ := strings.Cut(item, " ")
	switch kind {
	case "entry":
		return entryPage(ID(id))
	case "line":
		return "/bank/lines/" + id
	}
	return ""
}
