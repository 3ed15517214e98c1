package api

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/labstack/echo/v4"

	"vcledger/api/web"
	"vcledger/ledger"
)

// offeredItems is how many items the form of a pledge in kind has. One with more is recorded over the API.
const offeredItems = 3

// itemFields are the fields of an item, by their names in the body.
var itemFields = []string{"category", "description", "quantity", "unit", "value", "valuation_basis", "valuer"}

// itemField is the name of an item's field on the form.
func itemField(item int, name string) string { return fmt.Sprintf("_items/%d/%s", item, name) }

// newOfferAct records a pledge in kind.
func (s *Server) newOfferAct(c echo.Context, v visitor) (act, error) {
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
	for i := range offeredItems {
		label := func(text string) string { return fmt.Sprintf("Item %d: %s", i+1, text) }
		must, rest := i == 0, ""
		if !must {
			rest = "Left empty: no further item."
		}
		a.inputs = append(a.inputs, web.Input{Name: itemField(i, "description"), Label: label("what is offered"), Type: "text", Required: must, Hint: rest},
			web.Input{Name: itemField(i, "category"), Label: label("category"), Type: "select", Options: choices("expert", "consultant", "staff_on_loan", "goods", "premises", "travel")},
			web.Input{Name: itemField(i, "quantity"), Label: label("quantity"), Type: "text", Required: must},
			web.Input{Name: itemField(i, "unit"), Label: label("unit"), Type: "select", Options: choices("expert_day", "expert_month", "consultant_day", "consultant_month", "staff_day", "staff_month", "item", "lot", "square_metre_month", "room_month", "trip", "night")},
			web.Input{Name: itemField(i, "value"), Label: label("value of the whole quantity"), Type: "text", Required: must, Hint: "What the fund assesses it at; zero is a value."},
			web.Input{Name: itemField(i, "valuation_basis"), Label: label("basis of the value"), Type: "select", Options: choices("donor_stated", "pro_forma_cost", "un_consultant_rate", "market_price")},
			web.Input{Name: itemField(i, "valuer"), Label: label("valued by"), Type: "text"})
	}
	a.add = func(value func(string) string, body map[string]any) (map[string]string, error) {
		body["form"], body["items"] = string(ledger.InKind), itemsOf(value)
		return s.contributorInto(c, v, value("contributor"), "/contributor", body)
	}
	return a, nil
}

// itemsOf are the items that were typed: the first, and each further one that is described, counted or valued.
func itemsOf(value func(string) string) []map[string]any {
	var items []map[string]any
	for i := range offeredItems {
		if i > 0 && value(itemField(i, "description"))+value(itemField(i, "quantity"))+value(itemField(i, "value")) == "" {
			break
		}
		item := map[string]any{}
		for _, name := range itemFields {
			switch typed := value(itemField(i, name)); {
			case typed == "":
			case name == "value":
				item[name] = map[string]string{"amount": ungrouped(typed), "currency": strings.ToUpper(value("_currency"))}
			default:
				item[name] = typed
			}
		}
		items = append(items, item)
	}
	return items
}

var pledgesParent = web.Link{Text: "Pledges", Href: "/pledges"}

func (s *Server) newOffer(c echo.Context, v visitor) error {
	a, err := s.newOfferAct(c, v)
	if err != nil {
		return err
	}
	return s.showNew(c, v, pledgesParent, "/pledges/in-kind", a, nil)
}

func (s *Server) fillOffer(c echo.Context, v visitor) error {
	a, err := s.newOfferAct(c, v)
	if err != nil {
		return err
	}
	return s.fillNew(c, v, pledgesParent, "/pledges/in-kind", a, "")
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
