package api

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"vcledger/api/web"
	"vcledger/ledger"
)

// offeredItems is how many items a pledge in kind may have, as the operation says.
const offeredItems = 100

// itemFields are the fields of an item, by their names in the body.
var itemFields = []string{"description", "category", "quantity", "unit", "value", "valuation_basis", "valuer"}

// The fields of which an item without any was not typed: the others have a value from the start.
var typedFields = []string{"description", "quantity", "value", "valuer"}

// itemField is the name of an item's field on the form.
func itemField(item int, name string) string { return fmt.Sprintf("_items/%d/%s", item, name) }

// rowsOf counts the rows for items that a form had. One that was not sent yet has one.
func rowsOf(form url.Values) int {
	n := 0
	for n < offeredItems && form.Has(itemField(n, itemFields[0])) {
		n++
	}
	return max(n, 1)
}

// addRow puts an empty row for an item at the end of a form.
func addRow(form url.Values) {
	if n := rowsOf(form); n < offeredItems {
		form.Set(itemField(n, itemFields[0]), "")
	}
}

// removeRow takes a row out of a form; those after it move up.
func removeRow(form url.Values, row int) {
	last := rowsOf(form) - 1
	for _, name := range itemFields {
		for i := row; i < last; i++ {
			form[itemField(i, name)] = form[itemField(i+1, name)]
		}
		if row <= last {
			form.Del(itemField(last, name))
		}
	}
}

// words are the options of codes, which are sent as they are read: [itemsOf] makes codes of them. A page of a hundred items is long enough.
func words(codes ...string) []web.Option {
	list := choices(codes...)
	for i := range list {
		list[i].Value = list[i].Text
	}
	return list
}

// itemInputs are the fields of an item.
func itemInputs(item int) []web.Input {
	return []web.Input{{Name: itemField(item, "description"), Label: "What is offered", Type: "text", Required: true},
		{Name: itemField(item, "category"), Label: "Category", Type: "select", Options: words("expert", "consultant", "staff_on_loan", "goods", "premises", "travel")},
		{Name: itemField(item, "quantity"), Label: "Quantity", Type: "text", Required: true},
		{Name: itemField(item, "unit"), Label: "Unit", Type: "select", Options: words("expert_day", "expert_month", "consultant_day", "consultant_month", "staff_day", "staff_month", "item", "lot", "square_metre_month", "room_month", "trip", "night")},
		{Name: itemField(item, "value"), Label: "Value", Type: "text", Required: true},
		{Name: itemField(item, "valuation_basis"), Label: "Basis of the value", Type: "select", Options: words("donor_stated", "pro_forma_cost", "un_consultant_rate", "market_price")},
		{Name: itemField(item, "valuer"), Label: "Valued by", Type: "text"}}
}

// newOfferAct records a pledge in kind, of so many items. Their fields come last.
func (s *Server) newOfferAct(c echo.Context, v visitor, items int) (act, error) {
	funds, err := s.fundOptions(c, v)
	if err != nil {
		return act{}, err
	}
	contributor := contributorField("contributor", "Contributor")
	contributor.Required = true
	a := act{name: "new", operation: "record-pledge", path: "/v1/pledges", title: "Record a pledge in kind", button: "Record the pledge", inputs: []web.Input{contributor,
		{Name: "fund", Label: "Fund", Type: "select", Options: funds}, {Name: "effective_date", Label: "Announced on", Type: "date", Required: true},
		{Name: "fund_year", Label: "Fund year", Type: "text", Hint: "Left empty: that of the date."}, {Name: "reference", Label: "Reference", Type: "text", Hint: "Left empty: the ledger numbers it."},
		documentField, {Name: "note", Label: "Note", Type: "text"}, {Name: "_currency", Label: "Currency of the values", Type: "text", Value: string(ledger.USD), Required: true, Hint: "ISO code, as EUR"}}}
	for i := range items {
		a.inputs = append(a.inputs, itemInputs(i)...)
	}
	a.add = func(value func(string) string, body map[string]any) (map[string]string, error) {
		body["form"], body["items"] = string(ledger.InKind), itemsOf(value, items)
		return s.contributorInto(c, v, value("contributor"), "/contributor", body)
	}
	return a, nil
}

// itemsOf are the items of the rows. At the end of the form, rows in which nothing was typed are none.
func itemsOf(value func(string) string, rows int) []map[string]any {
	typed := func(row int) bool {
		return slices.ContainsFunc(typedFields, func(name string) bool { return value(itemField(row, name)) != "" })
	}
	for rows > 1 && !typed(rows-1) {
		rows--
	}
	items := make([]map[string]any, rows)
	for i := range items {
		items[i] = map[string]any{}
		for _, name := range itemFields {
			switch typed := value(itemField(i, name)); {
			case typed == "":
			case name == "value":
				items[i][name] = map[string]string{"amount": ungrouped(typed), "currency": strings.ToUpper(value("_currency"))}
			case name == "category", name == "unit", name == "valuation_basis":
				items[i][name] = strings.ReplaceAll(typed, " ", "_")
			default:
				items[i][name] = typed
			}
		}
	}
	return items
}

var pledgesParent = web.Link{Text: "Pledges", Href: "/pledges"}

func (s *Server) newOffer(c echo.Context, v visitor) error {
	return s.showOffer(c, v, nil)
}

// showOffer draws the form of a pledge in kind, with a row for each item.
func (s *Server) showOffer(c echo.Context, v visitor, refused *tried) error {
	form, err := c.FormParams()
	if err != nil {
		return fmt.Errorf("read the form: %w", err)
	}
	rows := rowsOf(form)
	a, err := s.newOfferAct(c, v, rows)
	if err != nil {
		return err
	}
	if err := v.need(a.operation); err != nil {
		return err
	}
	page := web.Offer{Frame: s.frame(c, v, a.title), Parent: pledgesParent, Most: offeredItems}
	var forms []web.Form
	forms, page.Faults = formsOf(c, v, "/pledges/in-kind", []act{a}, refused)
	page.Form = forms[0]
	all := page.Form.Inputs
	page.Form.Inputs = all[:len(all)-rows*len(itemFields)]
	page.Items = slices.Collect(slices.Chunk(all[len(page.Form.Inputs):], len(itemFields)))
	return s.pageAs(c, refused.status(), "offer", page)
}

// fillOffer records a pledge in kind, or shows its form with a row more or less.
func (s *Server) fillOffer(c echo.Context, v visitor) error {
	form, err := c.FormParams()
	if err != nil {
		return fmt.Errorf("read the form: %w", err)
	}
	change := form.Get("_row")
	if row, err := strconv.ParseUint(strings.TrimPrefix(change, "remove "), 10, 8); err == nil {
		removeRow(form, int(row))
	}
	if change == "add" {
		addRow(form)
	}
	if change != "" {
		return s.showOffer(c, v, &tried{name: "new", again: true})
	}
	a, err := s.newOfferAct(c, v, rowsOf(form))
	if err != nil {
		return err
	}
	refused, err := s.carryOut(c, v, []act{a}, a.name, "")
	if refused == nil {
		return err
	}
	refused.faults = besideCurrency(refused.faults)
	return s.showOffer(c, v, refused)
}

// besideCurrency tells beside the one field of the currency what is wrong with it in the values of items.
func besideCurrency(faults map[string]string) map[string]string {
	told := map[string]string{}
	for at, detail := range faults {
		if strings.HasPrefix(at, "/items/") && strings.HasSuffix(at, "/value/currency") {
			at = fieldPointer("_currency")
		}
		told[at] = detail
	}
	return told
}

// certifyAct certifies a delivery that was recorded before somebody had confirmed it.
func certifyAct(d Delivery) act {
	return act{name: "certification", operation: "certify-delivery", path: pathUnder("/v1/deliveries", string(d.ID), "certification"), title: "Certify the delivery", button: "Certify",
		text: "Who confirms that it was given. It is said once.", inputs: []web.Input{{Name: "certified_by", Label: "Certified by", Type: "text", Required: true, Hint: "Name or role."}, {Name: "note", Label: "Note", Type: "text"}}}
}

// toCertify counts the deliveries that stand and that nobody has confirmed.
func (s *Server) toCertify(c echo.Context, v visitor) (web.Count, error) {
	list, err := ask[Page[json.RawMessage]](s, c, v, "/v1/deliveries", map[string][]string{"certified": {"no"}, "limit": {"500"}})
	return web.Count{Number: len(list.Items), More: list.NextCursor != "", Text: "deliveries to certify", Href: "/deliveries?certified=no"}, err
}
