package api

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"vcledger/api/web"
	"vcledger/ledger"
	"vcledger/reports"
	"vcledger/reports/language"
)

// The fields of a pledge on the form: what is applied to it and, with the ending, what was proposed.
const (
	applied  = "apply."
	proposed = ".proposed"
)

// receiptForm is the form by which a receipt is recorded, on its way from what was typed to what is asked of the API.
type receiptForm struct {
	value    func(name string) string
	contrib  Contributor
	pledges  []openPledge
	applied  map[string]string // amounts by the name of their field
	own      bool              // somebody changed what was proposed
	faults   map[string]string // by pointer into the request, and by name of a field of the form
	pointers map[string]string // of the allocations, by the name of their field
}

// openPledge is a pledge of the contributor that cash can keep.
type openPledge struct {
	Pledge
	unpaid []reports.DueItem // instalments, the oldest first
	left   Money
	field  string
}

// openInstalments is how many of a pledge's unpaid instalments the form shows.
const openInstalments = 3

func (s *Server) newReceipt(c echo.Context, v visitor) error {
	if err := mayRecordReceipts(v); err != nil {
		return err
	}
	page, err := s.receiptPageOf(c, v, &receiptForm{value: c.QueryParam}, newKey())
	if err != nil {
		return err
	}
	return s.page(c, "receipt", page)
}

func mayRecordReceipts(v visitor) error {
	if !v.may("record-receipt") {
		return ledger.Fail(ledger.RuleForbidden, "The role %s may not record receipts.", v.actor.Role)
	}
	return nil
}

// fillReceipt shows what the receipt would post, or posts it when that is what the officer saw.
func (s *Server) fillReceipt(c echo.Context, v visitor) error {
	if err := mayRecordReceipts(v); err != nil {
		return err
	}
	key := c.FormValue("key")
	f := &receiptForm{value: func(name string) string { return strings.TrimSpace(c.FormValue(name)) }}
	if err := s.readReceipt(c, v, f); err != nil {
		return err
	}
	if v.again || c.FormValue("step") == "pledges" {
		return s.showPledgesOf(c, v, f, key)
	}
	body := f.body()
	sum, err := hashOf(body)
	if err != nil {
		return err
	}
	seen := c.FormValue("previewed") == sum
	if c.FormValue("step") == "post" && seen && len(f.faults) == 0 {
		answer, err := s.perform(c, v, wish{method: http.MethodPost, path: "/v1/receipts", body: body, key: key})
		if isRule(err, ledger.RuleIdempotencyKeyReused) {
			return s.postedReceipt(c, v, f, body, key)
		}
		if f.faults, err = faultsOf(err); err != nil {
			return err
		}
		if len(f.faults) == 0 {
			return s.redirect(c, strings.TrimPrefix(answer.header.Get("Location"), "/v1"))
		}
		page, err := s.receiptPageOf(c, v, f, newKey())
		if err != nil {
			return err
		}
		return s.pageAs(c, http.StatusUnprocessableEntity, "receipt", page)
	}
	var drafts []ledger.Draft
	var shown Receipt
	faults := f.faults
	if len(faults) == 0 {
		// Under the form's own key: one that was posted already, as behind the button Back, is known by it.
		answer, err := s.perform(c, v, wish{method: http.MethodPost, path: "/v1/receipts", query: url.Values{dryQuery: {"true"}}, body: body, key: key,
			posted: func(d []ledger.Draft) { drafts = d }})
		if isRule(err, ledger.RuleIdempotencyKeyReused) {
			return s.postedReceipt(c, v, f, body, key)
		}
		if faults, err = faultsOf(err); err != nil {
			return err
		}
		if answer != nil {
			if err := json.Unmarshal(answer.body.Bytes(), &shown); err != nil {
				return fmt.Errorf("read the receipt: %w", err)
			}
		}
	}
	f.faults = faults
	page, err := s.receiptPageOf(c, v, f, key)
	if err != nil {
		return err
	}
	page.Looked = true
	if len(faults) > 0 {
		return s.pageAs(c, http.StatusUnprocessableEntity, "receipt", page)
	}
	if c.FormValue("step") == "post" {
		page.Notice = "The form is not as it was in the preview. Look at what will be posted now."
	}
	page.Previewed = sum
	page.Facts = previewFacts(shown)
	for i, d := range drafts {
		page.Preview = append(page.Preview, lineSheet(fmt.Sprintf("Entry %d: %s, %s", i+1, plain(string(d.Kind)), language.English.Date(d.EffectiveDate)), draftOf(d).Lines))
	}
	return s.page(c, "receipt", page)
}

// showPledgesOf draws the form with the open pledges of its contributor and what is proposed for them. Nothing else is looked at yet: the
// officer is still typing.
func (s *Server) showPledgesOf(c echo.Context, v visitor, f *receiptForm, key string) error {
	page, err := s.receiptPageOf(c, v, f, key)
	if err != nil {
		return err
	}
	return s.page(c, "receipt", page)
}

// postedReceipt shows the form of a receipt that was posted under its key. It offers no posting: with what was posted then, the answer of
// then leads to the receipt; with anything else there is only the list.
func (s *Server) postedReceipt(c echo.Context, v visitor, f *receiptForm, body map[string]any, key string) error {
	link := web.Link{Text: "Look for it in the receipts", Href: "/receipts"}
	answer, err := s.perform(c, v, wish{method: http.MethodPost, path: "/v1/receipts", body: body, key: key})
	switch {
	case err == nil:
		link = web.Link{Text: "Show the receipt", Href: strings.TrimPrefix(answer.header.Get("Location"), "/v1")}
	case !isRule(err, ledger.RuleIdempotencyKeyReused):
		return err
	}
	page, err := s.receiptPageOf(c, v, f, key)
	if err != nil {
		return err
	}
	page.Posted = &link
	return s.page(c, "receipt", page)
}

// previewFacts tells the conversion, and what becomes of the cash.
func previewFacts(r Receipt) []web.Fact {
	f := fact(nil, "Amount", r.Amount.cell(""))
	if r.Rate != nil {
		f = fact(f, "Rate", textCell(rateText(r.Rate)))
	}
	f = fact(f, "In USD", r.USDAmount.cell(""))
	for _, a := range r.Allocations {
		to := "gift to the fund " + a.Fund
		if a.Pledge != "" {
			to = "pledge " + a.PledgeReference
		}
		f = fact(f, "For", web.Cell{Text: a.Amount.cell("").Text + ", " + to})
	}
	for _, a := range r.InAdvance {
		f = fact(f, "Held in advance for "+a.Contributor, a.Amount.cell(""))
	}
	if r.Unidentified != nil {
		f = fact(f, "Unidentified", marked(r.Unidentified.Amount.cell(""), "to be identified later"))
	}
	return f
}

// readReceipt finds the contributor, its open pledges, and how the amount is applied to them: as it was typed, or the oldest
// due first when nobody has typed anything else than what was proposed.
func (s *Server) readReceipt(c echo.Context, v visitor, f *receiptForm) error {
	typed := f.value("contributor")
	if typed == "" {
		return nil
	}
	found, fault, err := s.lookUp(c, v, typed)
	if err != nil {
		return err
	}
	if fault != "" {
		f.faults = map[string]string{"/contributor": fault}
		return nil
	}
	f.contrib = found
	if f.pledges, err = s.openPledges(c, v, found.Code); err != nil {
		return err
	}
	f.apply()
	return nil
}

// openPledges returns the cash pledges of a contributor that something is outstanding of, the oldest due first.
func (s *Server) openPledges(c echo.Context, v visitor, contributor string) ([]openPledge, error) {
	page, err := ask[Page[Pledge]](s, c, v, "/v1/pledges", url.Values{"contributor": {contributor}, "form": {"cash"}, "limit": {"500"}})
	if err != nil {
		return nil, err
	}
	due, err := ask[reports.DueList](s, c, v, "/v1/pledges/due", url.Values{"contributor": {contributor}})
	if err != nil {
		return nil, err
	}
	var open []openPledge
	for _, p := range page.Items {
		if p.Balances == nil || len(p.Balances.Outstanding) == 0 {
			continue
		}
		o := openPledge{Pledge: p, left: p.Balances.Outstanding[0].Amount, field: applied + string(p.ID)}
		for _, i := range due.Items {
			if idOf(i.PledgeID) == p.ID {
				o.unpaid = append(o.unpaid, i)
			}
		}
		slices.SortStableFunc(o.unpaid, func(a, b reports.DueItem) int { return cmp.Compare(a.DueOn.String(), b.DueOn.String()) })
		open = append(open, o)
	}
	slices.SortStableFunc(open, func(a, b openPledge) int { return cmp.Compare(a.oldest(), b.oldest()) })
	return open, nil
}

// oldest is the day of the oldest unpaid instalment; that of a pledge without one comes after every other.
func (p openPledge) oldest() string {
	if len(p.unpaid) == 0 {
		return "9999"
	}
	return p.unpaid[0].DueOn.String()
}

// due tells the oldest unpaid instalments: the day, what is outstanding of each, and whether the day is over.
func (p openPledge) due() []web.Cell {
	var cells []web.Cell
	for n, i := range p.unpaid {
		if n == openInstalments {
			cells = append(cells, textCell(fmt.Sprintf("and %d later", len(p.unpaid)-n)))
			break
		}
		one := textCell(language.English.Date(i.DueOn.Date) + ": " + reportCell(i.Outstanding.Money, "").Text)
		if i.Days > 0 {
			one.Mark = "overdue"
		}
		cells = append(cells, one)
	}
	return cells
}

// aside keeps what was typed for pledges of another contributor: with that contributor, it is there again.
func (f *receiptForm) aside(typed url.Values) []web.Hidden {
	var list []web.Hidden
	for _, name := range sortedKeys(typed) {
		own := strings.HasPrefix(name, applied) && !strings.HasSuffix(name, proposed) && typed.Get(name) != typed.Get(name+proposed)
		if own && !slices.ContainsFunc(f.pledges, func(p openPledge) bool { return p.field == name }) {
			list = append(list, web.Hidden{Name: name, Value: typed.Get(name)}, web.Hidden{Name: name + proposed, Value: typed.Get(name + proposed)})
		}
	}
	return list
}

// apply takes the amounts that were typed, or proposes them anew while they are still as they were proposed before.
func (f *receiptForm) apply() {
	f.applied = map[string]string{}
	f.own = false
	for _, p := range f.pledges {
		f.applied[p.field] = f.value(p.field)
		f.own = f.own || f.value(p.field) != f.value(p.field+proposed)
	}
	if !f.own {
		f.applied = f.proposal()
	}
}

// proposal applies the amount to the pledges in its currency, the oldest due first.
func (f *receiptForm) proposal() map[string]string {
	list := map[string]string{}
	currency := strings.ToUpper(f.value("currency"))
	left, err := decimal.NewFromString(ungrouped(f.value("amount")))
	if err != nil {
		return list
	}
	if charges, err := decimal.NewFromString(ungrouped(f.value("charges"))); err == nil && charges.IsPositive() {
		left = left.Add(charges)
	}
	for _, p := range f.pledges {
		take := decimal.Min(left, sumOf(&p.left))
		if p.left.Currency == currency && take.IsPositive() {
			list[p.field] = ledger.Money{Amount: take, Currency: ledger.Currency(currency)}.Fixed()
			left = left.Sub(take)
		}
	}
	return list
}

// said tells what is known of the contributor's pledges, and how much of the receipt goes to them.
func (f *receiptForm) said() string {
	name := f.contrib.Name
	if name == "" {
		return ""
	}
	if len(f.pledges) == 0 {
		return name + " has no open pledge; the receipt is a gift to the fund."
	}
	open := fmt.Sprintf("%s has %s. ", name, counted(len(f.pledges), "open pledge"))
	currency, sum, count := strings.ToUpper(f.value("currency")), decimal.Zero, 0
	for _, typed := range f.applied {
		if amount, err := decimal.NewFromString(ungrouped(typed)); err == nil && !amount.IsZero() {
			sum, count = sum.Add(amount), count+1
		}
	}
	total := moneyCell(sum.String(), currency, "").Text + " for " + counted(count, "pledge")
	switch {
	case f.own && count == 0:
		return open + "As you typed it, nothing is for them."
	case f.own:
		return open + "As you typed it: " + total + "."
	case count > 0:
		return open + "Proposed, the oldest due first: " + total + "."
	case f.value("amount") == "" || currency == "":
		return open + "With an amount and its currency, the oldest due is proposed first."
	}
	return open + "Nothing is proposed: none is in this currency, or the amount cannot be read."
}

// counted is a number of things.
func counted(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

// grouped is a number with commas between its thousands, as people write and paste it.
var grouped = regexp.MustCompile(`^[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?$`)

// ungrouped takes the commas between thousands out of a number; anything else stays, for the API to refuse.
func ungrouped(s string) string {
	s = strings.TrimSpace(s)
	if grouped.MatchString(s) {
		return strings.ReplaceAll(s, ",", "")
	}
	return s
}

// body is what the form asks of the API.
func (f *receiptForm) body() map[string]any {
	currency := strings.ToUpper(f.value("currency"))
	body := map[string]any{"amount": map[string]string{"amount": ungrouped(f.value("amount")), "currency": currency}}
	for _, name := range []string{"value_date", "fund", "bank_account", "bank_reference", "payer", "note"} {
		if v := f.value(name); v != "" {
			body[name] = v
		}
	}
	if f.contrib.Code != "" {
		body["contributor"] = f.contrib.Code
	}
	if v := f.value("charges"); v != "" {
		body["charges"] = map[string]string{"amount": ungrouped(v), "currency": currency}
	}
	if v := f.value("usd_amount"); v != "" {
		body["usd_amount"] = map[string]string{"amount": ungrouped(v), "currency": string(ledger.USD)}
	}
	f.pointers = map[string]string{}
	var parts []map[string]any
	for _, p := range f.pledges {
		if v := ungrouped(f.applied[p.field]); v != "" {
			f.pointers[p.field] = fmt.Sprintf("/allocations/%d", len(parts))
			parts = append(parts, map[string]any{"pledge": p.ID, "amount": map[string]string{"amount": v, "currency": currency}})
		}
	}
	if len(parts) > 0 {
		body["allocations"] = parts
	}
	return body
}

// hashOf names what a preview showed, so that nothing else is posted.
func hashOf(body map[string]any) (string, error) {
	b, err := json.Marshal(body)
	if err != nil {
		return "", fmt.Errorf("encode the receipt: %w", err)
	}
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:]), nil
}

// receiptPageOf draws the form with everything that was typed.
func (s *Server) receiptPageOf(c echo.Context, v visitor, f *receiptForm, key string) (web.Receipt, error) {
	page := web.Receipt{Frame: s.frame(c, v, "Record a receipt"), Key: key, Contrib: f.contrib.Name}
	funds, err := s.fundOptions(c, v)
	if err != nil {
		return page, err
	}
	accounts, err := ask[Page[BankAccount]](s, c, v, "/v1/bank-accounts", url.Values{"limit": {"500"}})
	if err != nil {
		return page, err
	}
	bank := []web.Option{{Text: "the fund's own"}}
	for _, a := range accounts.Items {
		bank = append(bank, web.Option{Value: a.Code, Text: a.Code + ", " + a.Name})
	}
	contributor := contributorField("contributor", "Contributor")
	contributor.Hint = "Code or name. Leave it empty while nobody knows who paid."
	page.Giver = []web.Input{
		contributor,
		{Name: "payer", Label: "Payer, as the bank names it", Type: "text"},
		{Name: "fund", Label: "Fund", Type: "select", Options: append([]web.Option{{Text: "that of the pledge"}}, funds...)}}
	page.Cash = []web.Input{
		{Name: "value_date", Label: "Value date", Type: "date", Required: true},
		{Name: "amount", Label: "Amount that arrived", Type: "text", Required: true},
		{Name: "currency", Label: "Currency", Type: "text", Required: true, Hint: "ISO code, as EUR"},
		{Name: "charges", Label: "Charges that banks deducted", Type: "text"},
		{Name: "usd_amount", Label: "Amount in USD, if the bank states it", Type: "text", Hint: "Otherwise the rate in force on the value date."}}
	page.Bank = []web.Input{
		{Name: "bank_account", Label: "Bank account", Type: "select", Options: bank},
		{Name: "bank_reference", Label: "Bank reference", Type: "text", Hint: "A receipt is recorded once under it."},
		{Name: "note", Label: "Note", Type: "text"}}
	faults := f.faults
	for _, inputs := range [][]web.Input{page.Giver, page.Cash, page.Bank} {
		faults = beside(inputs, f.value, faults, func(name string) string { return "/" + name })
	}
	page.Said, page.Aside = f.said(), f.aside(c.Request().PostForm)
	proposal := f.proposal()
	for _, p := range f.pledges {
		input := []web.Input{{Name: p.field, Label: "Apply to pledge " + p.Reference}}
		faults = beside(input, func(name string) string { return f.applied[name] }, faults, func(name string) string { return cmp.Or(f.pointers[name], "none") })
		page.Pledges = append(page.Pledges, web.OpenPledge{Reference: pledgeLink(p.Reference, p.ID), Fund: p.Fund, Year: year(p.FundYear), Due: p.due(),
			Outstanding: p.left.cell(journalOf("pledge", string(p.ID), "account", "1200")), Proposed: proposal[p.field], Input: input[0]})
	}
	page.Faults = fill(nil, nil, faults, nil)
	return page, nil
}
