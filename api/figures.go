package api

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"vcledger/api/web"
	"vcledger/ledger"
	"vcledger/reports/language"
)

// moneyCell shows an amount with its currency; href leads to what it is made of.
func moneyCell(amount, currency, href string) web.Cell {
	d, err := decimal.NewFromString(amount)
	if err != nil {
		return web.Cell{Text: amount, Amount: true}
	}
	c := web.Cell{Text: language.English.Amount(ledger.Money{Amount: d, Currency: ledger.Currency(currency)}), Amount: true}
	if !d.IsZero() {
		c.Text, c.Href = c.Text+" "+currency, href
	}
	return c
}

func (m Money) cell(href string) web.Cell { return moneyCell(m.Amount, m.Currency, href) }

// optionalCell shows money that may be absent.
func optionalCell(m *Money, href string) web.Cell {
	if m == nil {
		return web.Cell{Amount: true}
	}
	return m.cell(href)
}

func dayCell(d Date) web.Cell { return textCell(day(d)) }

// day writes a date as people in the six languages can read it: 1 March 2026.
func day(d Date) string {
	if d == "" {
		return ""
	}
	return language.English.Date(d.Ledger())
}

func textCell(s string) web.Cell { return web.Cell{Text: s} }

func linkCell(text, href string) web.Cell {
	if text == "" {
		return web.Cell{}
	}
	return web.Cell{Text: text, Href: href}
}

// plain writes a code as words: partly_fulfilled as "partly fulfilled".
func plain(code string) string { return strings.ReplaceAll(code, "_", " ") }

// The addresses of the records' pages.
func contributorLink(code string) web.Cell {
	return linkCell(code, "/contributors/"+url.PathEscape(code))
}
func pledgeLink(text string, id ID) web.Cell {
	return linkCell(text, "/pledges/"+string(id))
}
func receiptPage(id ID) string { return "/receipts/" + string(id) }
func entryPage(id ID) string   { return "/journal/" + string(id) }

// journalOf is the address of the entries that a figure is made of.
func journalOf(pairs ...string) string {
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	return "/journal?" + q.Encode()
}

// rateText tells the rate of a conversion.
func rateText(r *Rate) string {
	if r == nil {
		return ""
	}
	return r.UnitsPerUSD + " for 1 USD, " + day(r.Date) + " (" + r.Source + ")"
}

// heads are the columns of a table; those whose name begins with # are of figures.
func heads(names ...string) []web.Head {
	list := make([]web.Head, len(names))
	for i, name := range names {
		text, amount := strings.CutPrefix(name, "#")
		list[i] = web.Head{Text: text, Amount: amount}
	}
	return list
}

// fact is a line of a record that is left out when it has nothing to say.
func fact(facts []web.Fact, label string, cells ...web.Cell) []web.Fact {
	var said []web.Cell
	for _, c := range cells {
		if c.Text != "" {
			said = append(said, c)
		}
	}
	if len(said) == 0 {
		return facts
	}
	return append(facts, web.Fact{Label: label, Cells: said})
}

// lineSheet shows the lines of an entry, with their sums in USD.
func lineSheet(caption string, lines []Line) web.Sheet {
	sheet := web.Sheet{Caption: caption, Heads: heads("Account", "Fund", "Contributor", "Of", "#Debit", "#Credit", "#USD debit", "#USD credit", "Rate")}
	var debit, credit decimal.Decimal
	for _, l := range lines {
		of := web.Cell{}
		switch {
		case l.Pledge != "":
			of = pledgeLink("pledge", l.Pledge)
		case l.BankAccount != "":
			of = textCell("bank account " + l.BankAccount)
		}
		account := linkCell(l.Account, journalOf("account", l.Account, "fund", l.Fund, "contributor", l.Contributor))
		sheet.Rows = append(sheet.Rows, []web.Cell{account, textCell(l.Fund), contributorLink(l.Contributor), of, optionalCell(l.Debit, ""), optionalCell(l.Credit, ""),
			optionalCell(l.USDDebit, ""), optionalCell(l.USDCredit, ""), textCell(rateText(l.Rate))})
		debit, credit = debit.Add(sumOf(l.USDDebit)), credit.Add(sumOf(l.USDCredit))
	}
	total := func(d decimal.Decimal) web.Cell { return moneyOf(ledger.Dollars(d)).cell("") }
	sheet.Foot = []web.Cell{textCell("Total"), {}, {}, {}, {}, {}, total(debit), total(credit), {}}
	return sheet
}

// sumOf is an amount to be added; nothing is zero.
func sumOf(m *Money) decimal.Decimal {
	if m == nil {
		return decimal.Decimal{}
	}
	d, err := decimal.NewFromString(m.Amount)
	if err != nil {
		return decimal.Decimal{}
	}
	return d
}

func year(n int) string { return strconv.Itoa(n) }
