package api

import (
	"net/url"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"vcledger/api/web"
	"vcledger/ledger"
)

var policiesParent = web.Link{Text: "Approval policies", Href: "/settings/policies"}

// policiesPage lists which kinds of write wait for a second person. Every kind has a row, so that none has to be guessed.
func (s *Server) policiesPage(c echo.Context, v visitor) error {
	got, err := ask[ApprovalPolicies](s, c, v, "/v1/approval-policies", nil)
	if err != nil {
		return err
	}
	page := web.List{Frame: s.frame(c, v, "Approval policies"), Parent: &settingsParent, Sheet: web.Sheet{Caption: "What waits for a second person", Heads: heads("Kind of write", "Fund", "What waits", "Set by", "Since"), Empty: "Nothing waits."}}
	if v.may("set-approval-policy") {
		page.Action = &web.Link{Text: "Change what waits", Href: "/settings/policies/new"}
	}
	own := map[string]bool{} // kinds for which a fund has a policy of its own
	for _, p := range got.Items {
		own[p.Kind] = own[p.Kind] || p.Fund != ""
	}
	for _, p := range got.Items {
		kind := textCell(plain(p.Kind))
		if v.may("set-approval-policy") {
			kind.Href = "/settings/policies/new?" + url.Values{"kind": {p.Kind}, "fund": {p.Fund}}.Encode()
		}
		fund := textCell("every fund")
		switch {
		case p.Fund != "":
			fund = linkCell(p.Fund, fundPath(p.Fund))
		case own[p.Kind]:
			fund.Text = "every other fund"
		}
		page.Sheet.Rows = append(page.Sheet.Rows, []web.Cell{kind, fund, textCell(p.waits()), textCell(p.RecordedBy), textCell(instant(p.RecordedAt))})
	}
	return s.page(c, "list", page)
}

// waits says in words what of the kind waits. A period is reopened whole, so that no amount tells one reopening from another.
func (p ApprovalPolicy) waits() string {
	above, err := decimal.NewFromString(p.Above.Amount)
	switch {
	case !p.Required:
		return "nothing"
	case err != nil || above.IsZero() || p.Kind == string(ledger.ApproveReopening):
		return "everything"
	}
	return "what moves more than " + p.Above.cell("").Text
}

// newPolicyAct says which writes of a kind wait. It begins with the policy in force that the address names, for it to be changed.
func (s *Server) newPolicyAct(c echo.Context, v visitor) (act, error) {
	funds, err := s.fundOptions(c, v)
	if err != nil {
		return act{}, err
	}
	got, err := ask[ApprovalPolicies](s, c, v, "/v1/approval-policies", nil)
	if err != nil {
		return act{}, err
	}
	kind, fund, required, above := c.QueryParam("kind"), c.QueryParam("fund"), "true", ""
	for _, p := range got.Items {
		if p.Kind == kind && p.Fund == fund {
			above = p.Above.Amount
			if !p.Required {
				required = "false"
			}
		}
	}
	kinds := make([]string, len(ledger.ApprovalKinds))
	for i, k := range ledger.ApprovalKinds {
		kinds[i] = string(k)
	}
	a := act{name: "new", operation: "set-approval-policy", path: "/v1/approval-policies", title: "Change what waits", button: "Set",
		text: "It holds from now on. What waits already goes on waiting, and the policy before stays in the books.", inputs: []web.Input{
			{Name: "kind", Label: "Kind of write", Type: "select", Options: chosenOf(kind, choices(kinds...))},
			{Name: "fund", Label: "Fund", Type: "select", Options: chosenOf(fund, append([]web.Option{{Text: "every fund without a policy of its own"}}, funds...))},
			{Name: "_required", Label: "Such a write", Type: "select", Options: chosenOf(required, []web.Option{{Value: "true", Text: "waits for a second person"}, {Value: "false", Text: "is posted at once"}})},
			{Name: "_above", Label: "Only when it moves more than (USD)", Type: "text", Value: above, Hint: "Left empty, or zero: whatever it moves. The reopening of a period waits whatever is written here."}}}
	a.add = func(value func(string) string, body map[string]any) (map[string]string, error) {
		body["required"] = value("_required") == "true"
		if typed := value("_above"); typed != "" {
			body["above"] = map[string]string{"amount": ungrouped(typed), "currency": string(ledger.USD)}
		}
		return nil, nil
	}
	return a, nil
}

func (s *Server) newPolicy(c echo.Context, v visitor) error {
	a, err := s.newPolicyAct(c, v)
	if err != nil {
		return err
	}
	return s.showNew(c, v, policiesParent, "/settings/policies", a, nil)
}

func (s *Server) fillPolicy(c echo.Context, v visitor) error {
	a, err := s.newPolicyAct(c, v)
	if err != nil {
		return err
	}
	return s.fillNew(c, v, policiesParent, "/settings/policies", a, "/settings/policies")
}
