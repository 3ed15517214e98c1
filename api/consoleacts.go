package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"vcledger/api/web"
	"vcledger/ledger"
)

// act is a form of a record's page that asks one operation of the API. The names of its fields are those of the operation's body.
type act struct {
	name      string // of the form on the page, and in its address
	operation string // identifier: who may not carry it out does not see the form
	method    string // of the operation; POST when it is empty
	path      string
	match     string // of an edit: the ETag of what the form was drawn from
	bare      bool   // the operation takes no body
	title     string
	text      string
	button    string
	inputs    []web.Input
	currency  string // of the fields of money that are typed without one
	// add completes the body. What it cannot read comes back by its place in the body, told with all that the operation itself refuses.
	add  func(value func(string) string, body map[string]any) (faults map[string]string, err error)
	done func(answer *performed) error // shows what the operation answered; nil to go on to a page
}

// numberFields are the fields that hold a whole number. What is none stays as it was typed, for the operation to refuse.
var numberFields = map[string]bool{"match_threshold": true, "fund_year": true}

var wholeNumber = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})$`)

// moneyFields are the fields that hold an amount.
var moneyFields = map[string]bool{"amount": true, "usd_amount": true}

// body is what the form asks: every field that says something, an amount with its currency.
func (a act) body(value func(string) string) map[string]any {
	body := map[string]any{}
	for _, in := range a.inputs {
		typed := value(in.Name)
		switch {
		case typed == "" || strings.HasPrefix(in.Name, "_"):
		case in.Name == "usd_amount":
			body[in.Name] = map[string]string{"amount": ungrouped(typed), "currency": string(ledger.USD)}
		case moneyFields[in.Name]:
			body[in.Name] = map[string]string{"amount": ungrouped(typed), "currency": cmp.Or(strings.ToUpper(value("_currency")), a.currency)}
		case numberFields[in.Name] && wholeNumber.MatchString(typed):
			body[in.Name] = json.Number(typed)
		default:
			body[in.Name] = typed
		}
	}
	return body
}

// tried is an act that was refused: what was typed, and what is wrong with it.
type tried struct {
	name   string
	faults map[string]string
	again  bool // it was not even tried
}

// status is that of the page which shows the act.
func (t *tried) status() int {
	if t == nil || t.again {
		return http.StatusOK
	}
	return http.StatusUnprocessableEntity
}

// formsOf draws the acts that the visitor may carry out. The one that was refused keeps what was typed; one that is shown again also its
// key and what it was drawn from, as it may have been carried out already or the record have changed.
func formsOf(c echo.Context, v visitor, at string, acts []act, refused *tried) (forms []web.Form, others []string) {
	for _, a := range acts {
		if !v.may(a.operation) {
			continue
		}
		for i := range a.inputs {
			a.inputs[i].Form = a.name
		}
		if refused != nil && refused.name == a.name {
			others = fill(a.inputs, c.FormValue, refused.faults, fieldPointer)
		}
		f := web.Form{Main: a.name == "new", Title: a.title, Text: a.text, Action: at + "/" + a.name, Key: newKey(), Match: a.match, Inputs: a.inputs, Buttons: []web.Button{{Text: cmp.Or(a.button, a.title)}}}
		if refused != nil && refused.name == a.name && refused.again {
			f.Key, f.Match = c.FormValue("key"), c.FormValue("match")
		}
		forms = append(forms, f)
	}
	return forms, others
}

// fieldPointer is where a field stands in the body: _currency, which is no field of its own, within the amount.
func fieldPointer(name string) string {
	if name == "_currency" {
		return "/amount/currency"
	}
	return "/" + strings.TrimPrefix(name, "_")
}

// withUnread adds what could not be read to what the operation refuses of the other fields.
func (a act) withUnread(faults, unread map[string]string) map[string]string {
	all := maps.Clone(unread)
	for _, in := range a.inputs {
		at := fieldPointer(in.Name)
		for p, detail := range faults {
			if _, told := unread[at]; !told && (p == at || strings.HasPrefix(p, at+"/")) {
				all[p] = detail
			}
		}
	}
	return all
}

// carryOut asks the operation of an act. Where it was refused, what is wrong comes back; where it waits for a second person, the
// approval's page is shown, otherwise the page that it was asked from.
func (s *Server) carryOut(c echo.Context, v visitor, acts []act, name, at string) (*tried, error) {
	for _, a := range acts {
		if a.name != name {
			continue
		}
		if v.again {
			if err := v.need(a.operation); err != nil {
				return nil, err
			}
			return &tried{name: name, again: true}, nil
		}
		value := func(name string) string { return strings.TrimSpace(c.FormValue(name)) }
		w := wish{method: cmp.Or(a.method, http.MethodPost), path: a.path, key: c.FormValue("key"), match: a.match}
		var unread map[string]string
		if !a.bare {
			body := a.body(value)
			if a.add != nil {
				var err error
				if unread, err = a.add(value, body); err != nil {
					return nil, err
				}
			}
			w.body = body
		}
		if len(unread) > 0 {
			w.query, w.key = url.Values{dryQuery: {"true"}}, newKey() // all faults at once, and nothing is kept
		}
		answer, err := s.perform(c, v, w)
		faults, err := faultsOf(err)
		if len(unread) > 0 {
			// Where the dry run broke too, what could not be read is all that is known.
			return &tried{name: name, faults: a.withUnread(faults, unread)}, nil
		}
		if err != nil {
			return nil, err
		}
		if len(faults) > 0 {
			return &tried{name: name, faults: faults}, nil
		}
		if a.done != nil {
			return nil, a.done(answer)
		}
		if answer.status == http.StatusAccepted {
			var waiting Approval
			if err := json.Unmarshal(answer.body.Bytes(), &waiting); err != nil {
				return nil, fmt.Errorf("read the approval: %w", err)
			}
			at = "/approvals/" + string(waiting.ID)
		}
		return nil, s.redirect(c, cmp.Or(at, strings.TrimPrefix(answer.header.Get("Location"), "/v1")))
	}
	return nil, ledger.Fail(ledger.RuleNotFound, "The page has no such form, or not any more.")
}

func todayText() string { return ledger.DateOf(time.Now()).String() }

// effectiveField is the field of the effective date, today at first.
func effectiveField() web.Input {
	return web.Input{Name: "effective_date", Label: "Effective date", Type: "date", Value: todayText(), Required: true}
}

var (
	reasonField   = web.Input{Name: "reason", Label: "Reason, for the record", Type: "text", Required: true}
	documentField = web.Input{Name: "document_reference", Label: "Document", Type: "text"}
)

// pledgeActs are the next steps of a pledge's life.
func pledgeActs(p Pledge) []act {
	path := pathUnder("/v1/pledges", string(p.ID))
	currency := ""
	for _, l := range p.Legs {
		if l.Amount != nil && l.ReversedOn == "" {
			currency = l.Amount.Currency
		}
	}
	amount := func(label, hint string) web.Input {
		return web.Input{Name: "amount", Label: label + " (" + currency + ")", Type: "text", Hint: hint}
	}
	cancel := act{name: "cancellation", operation: "cancel-pledge", path: path + "/cancellation", title: "Cancel the pledge", text: "Ends all that is outstanding of it.",
		inputs: []web.Input{effectiveField(), reasonField, documentField}}
	agree := act{name: "agreement", operation: "agree-pledge", path: path + "/agreement", title: "Record the agreement", currency: currency}
	switch {
	case p.Form == string(ledger.InKind) && p.Stage == "announced":
		agree.title, agree.text = "Accept the offer", "Every item is accepted whole."
		agree.inputs = []web.Input{effectiveField(), {Name: "accepted_by", Label: "Accepted by", Type: "text", Hint: "Name or role."}, documentField}
		return []act{agree, cancel}
	case p.Stage == "announced":
		agree.inputs = []web.Input{effectiveField(), amount("Amount agreed", "Left empty: as it was announced."),
			{Name: "_instalments", Label: "Schedule", Type: "textarea", Hint: "A line for each instalment: its due date and amount, as 2026-06-30 100000.00. Left empty: due at once."}, documentField}
		agree.add = func(value func(string) string, body map[string]any) (map[string]string, error) {
			list, fault := scheduleOf(value("_instalments"), currency)
			if fault != "" {
				return map[string]string{"/instalments": fault}, nil
			}
			if len(list) > 0 {
				body["instalments"] = list
			}
			return nil, nil
		}
		return []act{agree, cancel}
	case p.Form == string(ledger.Cash) && (p.Stage == "agreed" || p.Stage == "partly_fulfilled"):
		return []act{{name: "adjustment", operation: "adjust-pledge", path: path + "/adjustments", title: "Raise or reduce", currency: currency,
			inputs: []web.Input{{Name: "kind", Label: "What changes", Type: "select", Options: choices("increase", "reduction")}, effectiveField(), amount("By how much", ""), reasonField, documentField}}, cancel,
			{name: "write-off", operation: "write-off-pledge", path: path + "/write-off", title: "Write off", text: "What will not be paid any more.", currency: currency,
				inputs: []web.Input{effectiveField(), amount("Amount", "Left empty: all that is outstanding."), reasonField, documentField}}}
	case p.Stage == "agreed" || p.Stage == "partly_fulfilled":
		return []act{deliveryAct(p), cancel}
	}
	return nil
}

// scheduleOf reads a schedule: on each line a due date and an amount.
func scheduleOf(text, currency string) (list []map[string]any, fault string) {
	for i, line := range strings.Split(strings.ReplaceAll(text, "\r", "\n"), "\n") {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if len(words) != 2 {
			return nil, fmt.Sprintf("Line %d has to be a date and an amount, as 2026-06-30 100000.00.", i+1)
		}
		list = append(list, map[string]any{"due_on": words[0], "amount": map[string]string{"amount": ungrouped(words[1]), "currency": currency}})
	}
	return list, ""
}

func (s *Server) actOnPledge(c echo.Context, v visitor) error {
	p, err := ask[Pledge](s, c, v, pathUnder("/v1/pledges", c.Param("id")), nil)
	if err != nil {
		return err
	}
	at := "/pledges/" + string(p.ID)
	if c.Param("act") == "delivery" {
		at = "" // its own page
	}
	refused, err := s.carryOut(c, v, pledgeActs(p), c.Param("act"), at)
	if refused == nil {
		return err
	}
	return s.showPledge(c, v, refused)
}

// newPledgeAct records a pledge of cash.
func (s *Server) newPledgeAct(c echo.Context, v visitor) ([]act, error) {
	funds, err := s.fundOptions(c, v)
	if err != nil {
		return nil, err
	}
	contributor := contributorField("contributor", "Contributor")
	contributor.Required = true
	recognition := append([]web.Option{{Text: "by the fund's policy"}}, choices("on_agreement", "on_conditions", "on_receipt")...)
	inputs := []web.Input{contributor,
		{Name: "fund", Label: "Fund", Type: "select", Options: funds}, {Name: "effective_date", Label: "Announced on", Type: "date", Required: true},
		{Name: "amount", Label: "Amount", Type: "text", Required: true}, {Name: "_currency", Label: "Currency", Type: "text", Required: true, Hint: "ISO code, as EUR"},
		{Name: "fund_year", Label: "Fund year", Type: "text", Hint: "Left empty: that of the date."},
		{Name: "reference", Label: "Reference", Type: "text", Hint: "Left empty: the ledger numbers it."},
		{Name: "recognition", Label: "Revenue", Type: "select", Options: recognition}, documentField, {Name: "note", Label: "Note", Type: "text"}}
	a := act{name: "new", operation: "record-pledge", path: "/v1/pledges", title: "Record a pledge of cash", button: "Record the pledge", inputs: inputs}
	a.add = func(value func(string) string, body map[string]any) (map[string]string, error) {
		return s.contributorInto(c, v, value("contributor"), "/contributor", body)
	}
	return []act{a}, nil
}

func (s *Server) newPledge(c echo.Context, v visitor) error {
	if !v.may("record-pledge") {
		return ledger.Fail(ledger.RuleForbidden, "The role %s may not record pledges.", v.actor.Role)
	}
	return s.showNewPledge(c, v, nil)
}

func (s *Server) showNewPledge(c echo.Context, v visitor, refused *tried) error {
	acts, err := s.newPledgeAct(c, v)
	if err != nil {
		return err
	}
	page := web.Record{Frame: s.frame(c, v, "Record a pledge"), Parent: pledgesParent, Facts: fact(nil, "Goods or services?", linkCell("Record a pledge in kind", "/pledges/in-kind/new"))}
	page.Forms, page.Faults = formsOf(c, v, "/pledges", acts, refused)
	return s.pageAs(c, refused.status(), "record", page)
}

func (s *Server) fillPledge(c echo.Context, v visitor) error {
	acts, err := s.newPledgeAct(c, v)
	if err != nil {
		return err
	}
	refused, err := s.carryOut(c, v, acts, "new", "")
	if refused == nil {
		return err
	}
	return s.showNewPledge(c, v, refused)
}

// receiptActs are what can be done with a receipt: told whose it is, and reversed.
func (s *Server) receiptActs(c echo.Context, v visitor, r Receipt) ([]act, error) {
	if r.ReversedOn != "" {
		return nil, nil
	}
	path := pathUnder("/v1/receipts", string(r.ID))
	reverse := act{name: "reversal", operation: "reverse-receipt", path: path + "/reversal", title: "Reverse the receipt", text: "It stays in the books with its reversal beside it.",
		inputs: []web.Input{effectiveField(), reasonField}}
	if r.Unidentified == nil || !v.may("allocate-receipt") {
		return []act{reverse}, nil
	}
	held := r.Unidentified.Amount
	identify := act{name: "identification", operation: "allocate-receipt", path: path + "/allocations", title: "Identify the receipt", button: "Identify",
		text: "Name the pledge that it keeps, or the contributor whose gift it is.",
		inputs: []web.Input{effectiveField(), {Name: "_pledge", Label: "Reference of the pledge", Type: "text"},
			contributorField("_contributor", "Contributor, of a gift without a pledge"),
			{Name: "_amount", Label: "Amount (" + held.Currency + ")", Type: "text", Value: held.Amount}}}
	identify.add = func(value func(string) string, body map[string]any) (map[string]string, error) {
		part := map[string]any{"amount": map[string]string{"amount": ungrouped(value("_amount")), "currency": held.Currency}}
		body["allocations"] = []map[string]any{part}
		switch pledge, contributor := value("_pledge"), value("_contributor"); {
		case pledge != "":
			p, faults, err := s.pledgeByReference(c, v, pledge)
			if err != nil {
				return nil, err
			}
			if len(faults) > 0 {
				return map[string]string{"/pledge": faults["/reference"]}, nil
			}
			part["pledge"] = p.ID
		case contributor != "":
			return s.contributorInto(c, v, contributor, "/contributor", part)
		default:
			return map[string]string{"/pledge": "Name a pledge, or a contributor."}, nil
		}
		return nil, nil
	}
	return []act{identify, reverse}, nil
}

func (s *Server) actOnReceipt(c echo.Context, v visitor) error {
	r, err := ask[Receipt](s, c, v, pathUnder("/v1/receipts", c.Param("id")), nil)
	if err != nil {
		return err
	}
	acts, err := s.receiptActs(c, v, r)
	if err != nil {
		return err
	}
	refused, err := s.carryOut(c, v, acts, c.Param("act"), receiptPage(r.ID))
	if refused == nil {
		return err
	}
	if refused.faults["/allocations/0/amount"] != "" {
		refused.faults["/amount"] = refused.faults["/allocations/0/amount"]
		delete(refused.faults, "/allocations/0/amount")
	}
	return s.showReceipt(c, v, refused)
}
