package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"vcledger/api/web"
	"vcledger/ledger"
)

// settingsPages are the pages of what the ledger goes by: funds, bank accounts, rates of exchange, approval policies and keys.
func (s *Server) settingsPages() map[string]pageHandler {
	return map[string]pageHandler{
		"/settings":       s.settingsPage,
		"/settings/funds": s.fundsPage, "/settings/funds/new": s.newFund, "/settings/funds/:code": s.fundPage,
		"/settings/bank-accounts": s.bankAccountsPage, "/settings/bank-accounts/new": s.newBankAccount, "/settings/bank-accounts/:code": s.bankAccountPage,
		"/settings/policies": s.policiesPage, "/settings/policies/new": s.newPolicy,
		"/settings/rates": s.ratesPage, "/settings/rates/new": s.newRate,
		"/settings/keys": s.keysPage, "/settings/keys/new": s.newKeyPage, "/settings/keys/:id": s.keyPage,
	}
}

// settingsPage leads to the settings that the visitor may see.
func (s *Server) settingsPage(c echo.Context, v visitor) error {
	page := web.List{Frame: s.frame(c, v, "Settings"), Sheet: web.Sheet{Caption: "What the ledger goes by", Heads: heads("Setting", "What it says"), Empty: "None of them is for this role."}}
	for _, one := range []struct{ operation, name, href, text string }{
		{"list-funds", "Funds", "/settings/funds", "When a contribution is revenue, who bears the charges of banks, whose rates hold, and what programme support is charged."},
		{"list-bank-accounts", "Bank accounts", "/settings/bank-accounts", "Where cash is kept, by what the bank's statements are known, and how its CSV files are read."},
		{"list-rates", "Rates of exchange", "/settings/rates", "The rate of each currency, in force from its day until the next one."},
		{"list-approval-policies", "Approval policies", "/settings/policies", "Which kinds of write wait for a second person, and from what amount."},
		{"list-keys", "Keys", "/settings/keys", "Who can reach the ledger, as what, and until when."},
	} {
		if v.may(one.operation) {
			page.Sheet.Rows = append(page.Sheet.Rows, []web.Cell{linkCell(one.name, one.href), textCell(one.text)})
		}
	}
	return s.page(c, "list", page)
}

var settingsParent = web.Link{Text: "Settings", Href: "/settings"}

var fundsParent = web.Link{Text: "Funds", Href: "/settings/funds"}

func fundPath(code string) string { return "/settings/funds/" + url.PathEscape(code) }

func (s *Server) fundsPage(c echo.Context, v visitor) error {
	page := web.List{Frame: s.frame(c, v, "Funds"), Parent: &settingsParent, Sheet: web.Sheet{Caption: "By code", Heads: heads("Code", "Name", "Kind", "Belongs to", "Revenue", "Services in kind", "Charges of banks", "Rates", "Bank account"),
		Empty: "No fund is recorded yet. Record the first one."}}
	if v.may("record-fund") {
		page.Action = &web.Link{Text: "Record a fund", Href: "/settings/funds/new"}
	}
	return listPageOf(s, c, v, "/v1/funds", page, func(f Fund) []web.Cell {
		at := fundPath(f.Code)
		return []web.Cell{linkCell(f.Code, at), linkCell(f.Name, at), textCell(plain(f.Kind)), linkCell(f.Parent, fundPath(f.Parent)), textCell(plain(f.Recognition)), textCell(f.ServicesInKind), textCell(f.BankCharges),
			linkCell(f.RateSource, ratesOf(f.RateSource, "")), linkCell(f.BankAccount, bankAccountPath(f.BankAccount))}
	})
}

var ratesParent = web.Link{Text: "Rates of exchange", Href: "/settings/rates"}

// ratesOf leads to the rates of a source, of all currencies for an empty one.
func ratesOf(source, currency string) string {
	q := url.Values{"source": {source}}
	if currency != "" {
		q.Set("currency", currency)
	}
	return "/settings/rates?" + q.Encode()
}

// fundActs are what can be changed of a fund: what postings to come take of it, and what is charged on its expenditures.
func (s *Server) fundActs(c echo.Context, v visitor, f Fund, match string) ([]act, error) {
	funds, err := s.fundOptions(c, v)
	if err != nil {
		return nil, err
	}
	path := pathUnder("/v1/funds", f.Code)
	none := append([]web.Option{{Text: "none"}}, funds...)
	return []act{
		{name: "edit", operation: "edit-fund", method: http.MethodPatch, match: match, path: path, title: "Change the fund", text: "What is posted stays as it is.", button: "Change", inputs: []web.Input{
			{Name: "bank_charges", Label: "Charges of banks", Type: "select", Options: chosenOf(f.BankCharges, choices("gross", "net")), Hint: "Gross: a contributor is credited with what was sent. Net: with what arrived."},
			{Name: "rate_source", Label: "Rates of exchange", Type: "select", Options: chosenOf(f.RateSource, rateSources)},
			{Name: "match_threshold", Label: "Score from which a match is applied alone", Type: "text", Value: fmt.Sprint(f.MatchThreshold), Hint: "Of 100. 101: nothing is applied alone."}}},
		{name: "support", operation: "record-support", path: path + "/support", title: "Set programme support and levy", text: "They hold from the day on; what was charged before stays as it was.", button: "Set", inputs: []web.Input{
			effectiveField(), {Name: "support_rate", Label: "Programme support, per cent", Type: "text", Value: "13"}, {Name: "support_fund", Label: "Fund that receives it", Type: "select", Options: none},
			{Name: "levy_rate", Label: "Levy, per cent", Type: "text", Value: "0"}, {Name: "levy_fund", Label: "Fund that receives the levy", Type: "select", Options: append([]web.Option(nil), none...)}, documentField}},
	}, nil
}

var rateSources = []web.Option{{Value: "un", Text: "United Nations operational rates"}, {Value: "ecb", Text: "European Central Bank"}}

// chosenOf returns options with one of them chosen.
func chosenOf(value string, options []web.Option) []web.Option {
	list := append([]web.Option(nil), options...)
	for i := range list {
		list[i].Chosen = list[i].Value == value
	}
	return list
}

func (s *Server) fundPage(c echo.Context, v visitor) error {
	return s.showFund(c, v, nil)
}

// showFund draws a fund with what can be changed of it.
func (s *Server) showFund(c echo.Context, v visitor, refused *tried) error {
	f, match, err := askTagged[Fund](s, c, v, pathUnder("/v1/funds", c.Param("code")))
	if err != nil {
		return err
	}
	page := web.Record{Frame: s.frame(c, v, f.Name), Parent: fundsParent}
	facts := fact(nil, "Code", textCell(f.Code))
	facts = fact(facts, "Kind", textCell(plain(f.Kind)))
	facts = fact(facts, "Belongs to", linkCell(f.Parent, fundPath(f.Parent)))
	facts = fact(facts, "A cash pledge is revenue", textCell(plain(f.Recognition)))
	facts = fact(facts, "Services in kind are", textCell(f.ServicesInKind))
	facts = fact(facts, "Charges of banks", textCell(f.BankCharges))
	facts = fact(facts, "Rates of exchange", linkCell(optionText(rateSources, f.RateSource), ratesOf(f.RateSource, "")))
	facts = fact(facts, "Bank account", linkCell(f.BankAccount, bankAccountPath(f.BankAccount)))
	facts = fact(facts, "A match is applied alone from", textCell(fmt.Sprintf("%d of 100", f.MatchThreshold)))
	if f.Illustrative {
		facts = fact(facts, "Illustrative", textCell("The fund is made up, to show the program."))
	}
	facts = fact(facts, "Its entries", linkCell("journal", journalOf("fund", f.Code)))
	page.Facts = fact(facts, "Recorded", textCell(instant(f.RecordedAt)))
	sheet := web.Sheet{Caption: "Programme support and levy", Heads: heads("From", "#Programme support", "To", "#Levy", "To", "Document", "Recorded"), Empty: "The fund pays none yet."}
	for _, one := range f.Support {
		sheet.Rows = append(sheet.Rows, []web.Cell{dayCell(one.From), percentCell(one.Rate), linkCell(one.SupportFund, fundPath(one.SupportFund)), percentCell(one.LevyRate),
			linkCell(one.LevyFund, fundPath(one.LevyFund)), textCell(one.Document), textCell(instant(one.RecordedAt))})
	}
	page.Sheets = []web.Sheet{sheet}
	acts, err := s.fundActs(c, v, f, match)
	if err != nil {
		return err
	}
	page.Forms, page.Faults = formsOf(c, v, fundPath(f.Code), acts, refused)
	return s.pageAs(c, refused.status(), "record", page)
}

func percentCell(rate string) web.Cell { return web.Cell{Text: rate + " %", Amount: true} }

// optionText is the text of an option.
func optionText(options []web.Option, value string) string {
	for _, o := range options {
		if o.Value == value {
			return o.Text
		}
	}
	return value
}

func (s *Server) actOnFund(c echo.Context, v visitor) error {
	code := c.Param("code")
	acts, err := s.fundActs(c, v, Fund{Code: code}, c.FormValue("match"))
	if err != nil {
		return err
	}
	refused, err := s.carryOut(c, v, acts, c.Param("act"), fundPath(code))
	if refused == nil {
		return err
	}
	return s.showFund(c, v, refused)
}

// newFundAct records a fund.
func (s *Server) newFundAct(c echo.Context, v visitor) (act, error) {
	funds, err := s.fundOptions(c, v)
	if err != nil {
		return act{}, err
	}
	accounts, err := ask[Page[BankAccount]](s, c, v, "/v1/bank-accounts", url.Values{"limit": {"500"}})
	if err != nil {
		return act{}, err
	}
	bank := []web.Option{{Text: "one of its own"}}
	for _, a := range accounts.Items {
		bank = append(bank, web.Option{Value: a.Code, Text: a.Code + ", " + a.Name})
	}
	return act{name: "new", operation: "record-fund", path: "/v1/funds", title: "Record a fund", inputs: []web.Input{
		{Name: "code", Label: "Code", Type: "text", Required: true, Hint: "Capitals and digits, as CPCJF. It stays for good."}, {Name: "name", Label: "Name", Type: "text", Required: true},
		{Name: "kind", Label: "Kind", Type: "select", Options: choices("general_purpose", "special_purpose")}, {Name: "parent", Label: "Belongs to", Type: "select", Options: append([]web.Option{{Text: "none"}}, funds...)},
		{Name: "recognition", Label: "A cash pledge is revenue", Type: "select", Options: choices("on_agreement", "on_conditions", "on_receipt")},
		{Name: "services_in_kind", Label: "Services in kind are", Type: "select", Options: choices("disclosed", "recognised")},
		{Name: "bank_charges", Label: "Charges of banks", Type: "select", Options: choices("gross", "net"), Hint: "Gross: a contributor is credited with what was sent. Net: with what arrived."},
		{Name: "rate_source", Label: "Rates of exchange", Type: "select", Options: append([]web.Option(nil), rateSources...)},
		{Name: "bank_account", Label: "Bank account", Type: "select", Options: bank}}}, nil
}

func (s *Server) newFund(c echo.Context, v visitor) error {
	a, err := s.newFundAct(c, v)
	if err != nil {
		return err
	}
	return s.showNew(c, v, fundsParent, "/settings/funds", a, nil)
}

func (s *Server) fillFund(c echo.Context, v visitor) error {
	a, err := s.newFundAct(c, v)
	if err != nil {
		return err
	}
	return s.fillNew(c, v, fundsParent, "/settings/funds", a, fundPath(c.FormValue("code")))
}

// showNew draws the page of one form, by which something is recorded. It is sent to a path below at.
func (s *Server) showNew(c echo.Context, v visitor, parent web.Link, at string, a act, refused *tried) error {
	if err := v.need(a.operation); err != nil {
		return err
	}
	page := web.Record{Frame: s.frame(c, v, a.title), Parent: parent}
	page.Forms, page.Faults = formsOf(c, v, at, []act{a}, refused)
	return s.pageAs(c, refused.status(), "record", page)
}

// fillNew records what the form of [Server.showNew] says, and goes on to a page.
func (s *Server) fillNew(c echo.Context, v visitor, parent web.Link, at string, a act, to string) error {
	refused, err := s.carryOut(c, v, []act{a}, a.name, to)
	if refused == nil {
		return err
	}
	return s.showNew(c, v, parent, at, a, refused)
}

func (s *Server) ratesPage(c echo.Context, v visitor) error {
	page := web.List{Frame: s.frame(c, v, "Rates of exchange"), Parent: &settingsParent, Filters: []web.Input{filter("source", "Source", "select", rateSources...), filter("currency", "Currency", "text")},
		Sheet: web.Sheet{Caption: "By currency and day", Heads: heads("Currency", "In force from", "#For 1 USD", "Source"), Empty: "No rate is like this. Without one, nothing in the currency can be posted: record it."}}
	if v.may("record-rate") {
		page.Action = &web.Link{Text: "Record a rate", Href: "/settings/rates/new"}
	}
	return listPageOf(s, c, v, "/v1/rates", page, func(r ExchangeRate) []web.Cell {
		return []web.Cell{linkCell(r.Currency, ratesOf(r.Source, r.Currency)), dayCell(r.EffectiveDate), {Text: r.UnitsPerUSD, Amount: true}, textCell(optionText(rateSources, r.Source))}
	})
}

// tidyCurrency writes a currency that was typed in capitals.
func tidyCurrency(body map[string]any) {
	if currency, ok := body["currency"].(string); ok {
		body["currency"] = strings.ToUpper(currency)
	}
}

// newRateAct records a rate. A currency may be typed in small letters.
func newRateAct() act {
	return act{name: "new", operation: "record-rate", path: "/v1/rates", title: "Record a rate", text: "Postings take it from its day until the next one of the same source. It is never changed.", inputs: []web.Input{
		{Name: "source", Label: "Source", Type: "select", Options: append([]web.Option(nil), rateSources...)}, {Name: "currency", Label: "Currency", Type: "text", Required: true, Hint: "ISO code, as EUR"},
		{Name: "effective_date", Label: "In force from", Type: "date", Required: true}, {Name: "units_per_usd", Label: "Units for 1 USD", Type: "text", Required: true, Hint: "As 0.92"}},
		add: func(_ func(string) string, body map[string]any) (map[string]string, error) {
			tidyCurrency(body)
			return nil, nil
		}}
}

func (s *Server) newRate(c echo.Context, v visitor) error {
	return s.showNew(c, v, ratesParent, "/settings/rates", newRateAct(), nil)
}

func (s *Server) fillRate(c echo.Context, v visitor) error {
	return s.fillNew(c, v, ratesParent, "/settings/rates", newRateAct(), ratesOf(c.FormValue("source"), strings.ToUpper(c.FormValue("currency"))))
}

func keyPath(id ID) string { return "/settings/keys/" + string(id) }

func (s *Server) keysPage(c echo.Context, v visitor) error {
	page := web.List{Frame: s.frame(c, v, "Keys"), Parent: &settingsParent, Sheet: web.Sheet{Caption: "In the order in which they were made", Heads: heads("Holder", "Role", "Contributor", "Made", "Last used", "Good until", "State"), Empty: "No key was made yet."}}
	if v.may("create-key") {
		page.Action = &web.Link{Text: "Make a key", Href: "/settings/keys/new"}
	}
	return listPageOf(s, c, v, "/v1/keys", page, func(k Key) []web.Cell {
		return []web.Cell{linkCell(k.Name, keyPath(k.ID)), textCell(k.Role), contributorLink(k.Contributor), textCell(instant(k.RecordedAt)), textCell(instantOrNone(k.LastUsedAt)), textCell(instantOrNone(k.ExpiresAt)), keyState(k)}
	})
}

func keyState(k Key) web.Cell {
	ends, err := time.Parse(time.RFC3339Nano, k.ExpiresAt)
	switch {
	case k.RevokedAt != "":
		return web.Cell{Mark: "ended"}
	case err == nil && !ends.After(time.Now()):
		return web.Cell{Mark: "expired"}
	}
	return textCell("good")
}

var keysParent = web.Link{Text: "Keys", Href: "/settings/keys"}

func lastDayField() web.Input {
	return web.Input{Name: "last_day", Label: "Last day on which it is good", Type: "date", Hint: "Left empty: until it is ended."}
}

// newKeyAct makes a key, whose secret the answer's page shows once.
func (s *Server) newKeyAct(c echo.Context, v visitor) act {
	a := act{name: "new", operation: "create-key", path: "/v1/keys", title: "Make a key", text: "The next page shows it, once. Hand it over by a way that nobody else reads.", inputs: []web.Input{
		{Name: "name", Label: "Who will hold it", Type: "text", Required: true}, {Name: "role", Label: "Role", Type: "select", Options: choices("officer", "approver", "auditor", "admin", "donor")},
		contributorField("contributor", "Contributor, of a donor"), lastDayField()}}
	a.add = func(value func(string) string, body map[string]any) (map[string]string, error) {
		return s.contributorInto(c, v, value("contributor"), "/contributor", body)
	}
	a.done = func(answer *performed) error { return s.showSecret(c, v, answer, "") }
	return a
}

func (s *Server) newKeyPage(c echo.Context, v visitor) error {
	return s.showNew(c, v, keysParent, "/settings/keys", s.newKeyAct(c, v), nil)
}

func (s *Server) fillKey(c echo.Context, v visitor) error {
	return s.fillNew(c, v, keysParent, "/settings/keys", s.newKeyAct(c, v), "")
}

// showSecret draws the page of a key that was just made. What was sent twice was made once, and its secret is not there any more.
func (s *Server) showSecret(c echo.Context, v visitor, answer *performed, notice string) error {
	var k Key
	if err := json.Unmarshal(answer.body.Bytes(), &k); err != nil {
		return fmt.Errorf("read the key: %w", err)
	}
	page := web.Secret{Frame: s.frame(c, v, "Key of "+k.Name), Secret: k.Secret, Notice: notice, Key: web.Link{Text: "the key's page", Href: keyPath(k.ID)}}
	page.Facts = keyFacts(k)
	return s.page(c, "secret", page)
}

func keyFacts(k Key) []web.Fact {
	f := fact(nil, "Holder", textCell(k.Name))
	f = fact(f, "Role", textCell(k.Role))
	f = fact(f, "Contributor", contributorLink(k.Contributor))
	f = fact(f, "Made", textCell(instant(k.RecordedAt)))
	f = fact(f, "Last used", textCell(instantOrNone(k.LastUsedAt)))
	f = fact(f, "Good until", textCell(instantOrNone(k.ExpiresAt)))
	return fact(f, "Ended", marked(textCell(instantOrNone(k.RevokedAt)), "ended"))
}

// findKey returns a key of the list.
func (s *Server) findKey(c echo.Context, v visitor, id ID) (Key, error) {
	query := url.Values{"limit": {"500"}}
	for {
		keys, err := ask[Page[Key]](s, c, v, "/v1/keys", query)
		if err != nil {
			return Key{}, err
		}
		for _, k := range keys.Items {
			if k.ID == id {
				return k, nil
			}
		}
		if keys.NextCursor == "" {
			return Key{}, ledger.Fail(ledger.RuleNotFound, "There is no such key.")
		}
		query.Set("cursor", keys.NextCursor)
	}
}

// keyActs replace a key by another of the same holder, and end it.
func (s *Server) keyActs(c echo.Context, v visitor, k Key) []act {
	if k.RevokedAt != "" {
		return nil
	}
	revoke := pathUnder("/v1/keys", string(k.ID), "revocation")
	rotate := act{name: "rotation", operation: "create-key", path: "/v1/keys", title: "Replace the key", text: "Makes a new key of the same holder. The next page shows it, once.", button: "Replace", inputs: []web.Input{
		lastDayField(), {Name: "_old", Label: "This key", Type: "select", Options: []web.Option{{Value: "keep", Text: "stays good until it is ended"}, {Value: "end", Text: "is ended at once"}}}}}
	rotate.add = func(_ func(string) string, body map[string]any) (map[string]string, error) {
		body["name"], body["role"] = k.Name, k.Role
		if k.Contributor != "" {
			body["contributor"] = k.Contributor
		}
		return nil, nil
	}
	rotate.done = func(answer *performed) error {
		if c.FormValue("_old") != "end" {
			return s.showSecret(c, v, answer, "The key before is still good: end it when this one is in use.")
		}
		if _, err := s.perform(c, v, wish{method: http.MethodPost, path: revoke, key: c.FormValue("key") + "-end"}); err != nil {
			return err
		}
		return s.showSecret(c, v, answer, "The key before is ended.")
	}
	return []act{rotate, {name: "revocation", operation: "revoke-key", path: revoke, bare: true, title: "End the key", text: "Whoever shows it is refused from now on. This cannot be taken back."}}
}

func (s *Server) keyPage(c echo.Context, v visitor) error {
	return s.showKey(c, v, nil)
}

func (s *Server) showKey(c echo.Context, v visitor, refused *tried) error {
	k, err := s.findKey(c, v, ID(c.Param("id")))
	if err != nil {
		return err
	}
	page := web.Record{Frame: s.frame(c, v, "Key of "+k.Name), Parent: keysParent, Facts: keyFacts(k)}
	page.Forms, page.Faults = formsOf(c, v, keyPath(k.ID), s.keyActs(c, v, k), refused)
	return s.pageAs(c, refused.status(), "record", page)
}

func (s *Server) actOnKey(c echo.Context, v visitor) error {
	k, err := s.findKey(c, v, ID(c.Param("id")))
	if err != nil {
		return err
	}
	refused, err := s.carryOut(c, v, s.keyActs(c, v, k), c.Param("act"), keyPath(k.ID))
	if refused == nil {
		return err
	}
	return s.showKey(c, v, refused)
}
