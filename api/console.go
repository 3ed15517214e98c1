package api

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"vcledger/api/web"
	"vcledger/ledger"
	"vcledger/ledger/postgres"
	"vcledger/reports"
	"vcledger/reports/language"
)

// serveConsole registers the officers' console. Every page asks the operations of the API as its visitor.
func (s *Server) serveConsole(store *postgres.Store) {
	today := s.gate(store, false, s.today)
	s.echo.GET("/", func(c echo.Context) error {
		actor, _, err := s.session(c, store)
		if err != nil {
			return err
		}
		if actor.ID == 0 {
			return s.page(c, "home", web.Home{Version: s.config.Version})
		}
		return today(c)
	})
	for path, h := range map[string]pageHandler{
		"/receipts": s.receiptsPage, "/receipts/new": s.newReceipt, "/receipts/:id": s.receiptPage,
		"/pledges": s.pledgesPage, "/pledges/new": s.newPledge, "/pledges/in-kind/new": s.newOffer, "/pledges/:id": s.pledgePage, "/due": s.duePage,
		"/bank": s.bankPage, "/bank/:id": s.bankStatementPage, "/bank/accounts/:code": s.reconciledAccount, "/bank/lines/:line": s.bankLinePage, "/periods": s.periodsPage, "/deliveries": s.deliveriesPage, "/deliveries/calendar": s.deliveryCalendar, "/deliveries/:id": s.deliveryPage, "/statements/:number": s.issuedDocument,
		"/contributors": s.contributorsPage, foundPath: s.foundContributors, "/contributors/:code": s.contributorPage,
		"/journal": s.journalPage, "/journal/:id": s.entryPage,
		"/approvals": s.approvalsPage, "/approvals/:id": s.approvalPage,
		"/reports": s.reportsPage, "/reports/statement": s.statementDocument, "/reports/fund": s.fundDocument, "/reports/trial-balance": s.trialBalanceDocument,
	} {
		s.visited(store, path, h)
	}
	for path, h := range s.settingsPages() {
		s.visited(store, path, h)
	}
	s.visited(store, "/questions", s.questionsPage)
	s.filled(store, "/questions/:id/answers", s.answerQuestion)
	s.filled(store, "/receipts/new", s.fillReceipt)
	s.echo.POST("/bank", postedUpTo(maxUpload+maxForm, s.gate(store, false, s.sessionForm(s.importBankFile))))
	s.filled(store, "/bank/:id/lines/:line", s.matchBankLine)
	s.filled(store, "/pledges/new", s.fillPledge)
	s.echo.POST("/pledges/in-kind/new", postedUpTo(maxBody, s.gate(store, false, s.sessionForm(s.fillOffer))))
	s.filled(store, "/pledges/:id/:act", s.actOnPledge)
	s.filled(store, "/receipts/:id/:act", s.actOnReceipt)
	s.filled(store, "/contributors/:code/:act", s.actOnContributor)
	s.filled(store, "/periods/:act", s.actOnPeriod)
	s.filled(store, "/deliveries/:id/:act", s.actOnDelivery)
	s.filled(store, "/settings/funds/new", s.fillFund)
	s.filled(store, "/settings/funds/:code/:act", s.actOnFund)
	s.filled(store, "/settings/bank-accounts/new", s.fillBankAccount)
	s.filled(store, "/settings/bank-accounts/:code/:act", s.actOnBankAccount)
	s.filled(store, "/settings/policies/new", s.fillPolicy)
	s.filled(store, "/settings/rates/new", s.fillRate)
	s.filled(store, "/settings/keys/new", s.fillKey)
	s.filled(store, "/settings/keys/:id/:act", s.actOnKey)
	s.filled(store, "/approvals/:id/decision", s.decide)
	s.filled(store, "/approvals/:id/withdrawal", s.withdraw)
}

// shortList is how many rows of each kind of work the first page shows.
const shortList = 10

// today draws what waits: receipts to identify, instalments overdue, approvals to decide on, deliveries to certify.
func (s *Server) today(c echo.Context, v visitor) error {
	held, err := ask[reports.HeldList](s, c, v, "/v1/receipts/held", nil)
	if err != nil {
		return err
	}
	due, err := ask[reports.DueList](s, c, v, "/v1/pledges/due", nil)
	if err != nil {
		return err
	}
	waiting, err := ask[Page[Approval]](s, c, v, "/v1/approvals", url.Values{"state": {"pending"}, "limit": {"500"}})
	if err != nil {
		return err
	}
	statements, err := ask[Page[BankStatement]](s, c, v, "/v1/bank-statements", url.Values{"limit": {"500"}})
	if err != nil {
		return err
	}
	certify, err := s.toCertify(c, v)
	if err != nil {
		return err
	}
	lines := 0
	for _, b := range statements.Items {
		lines += b.Waiting
	}
	unidentified := slices.DeleteFunc(held.Items, func(i reports.HeldItem) bool { return i.Account != "2100" })
	overdue := slices.DeleteFunc(due.Items, func(i reports.DueItem) bool { return i.Days <= 0 })
	page := web.Today{Frame: s.frame(c, v, "Today"), Counts: []web.Count{
		{Number: len(unidentified), Text: "receipts to identify", Href: "/receipts?unidentified=true"},
		{Number: lines, More: statements.NextCursor != "", Text: "lines of the bank to match", Href: "/bank"},
		{Number: len(overdue), Text: "instalments overdue", Href: "/due"},
		{Number: len(waiting.Items), More: waiting.NextCursor != "", Text: "approvals waiting", Href: "/approvals?state=pending"}, certify}}
	identify := web.Sheet{Caption: "Receipts to identify", Heads: heads("Value date", "Bank reference", "Payer", "Fund", "#Days", "#Amount"), Empty: "Every receipt has its contributor."}
	for _, i := range firstOf(unidentified) {
		at := receiptPage(idOf(i.ReceiptID))
		identify.Rows = append(identify.Rows, []web.Cell{linkCell(language.English.Date(i.ValueDate.Date), at), linkCell(i.BankReference, at), textCell(i.Payer), textCell(string(i.Fund)),
			{Text: fmt.Sprint(i.Days), Amount: true}, reportCell(i.Amount.Money, at)})
	}
	approvals := web.Sheet{Caption: "Approvals waiting", Heads: heads("Asked for", "Kind", "Reason", "By", "#USD"), Empty: "Nothing waits for a second pair of eyes."}
	for _, a := range firstOf(waiting.Items) {
		at := "/approvals/" + string(a.ID)
		approvals.Rows = append(approvals.Rows, []web.Cell{linkCell(instant(a.RequestedAt), at), textCell(plain(a.Kind)), textCell(a.Reason), textCell(a.RequestedBy), a.USDAmount.cell(at)})
	}
	page.Sheets = []web.Sheet{identify, dueSheet("Instalments overdue", "No instalment is overdue.", firstOf(overdue)), approvals}
	return s.page(c, "today", page)
}

func firstOf[T any](list []T) []T { return list[:min(len(list), shortList)] }

// reportCell shows money of a document.
func reportCell(m reports.Money, href string) web.Cell { return moneyOf(m.Money).cell(href) }

// dueSheet lists instalments, those overdue marked by a word.
func dueSheet(caption, empty string, items []reports.DueItem) web.Sheet {
	sheet := web.Sheet{Caption: caption, Heads: heads("Due on", "Pledge", "Contributor", "Fund", "#Instalment", "#Outstanding", "#USD", "State"), Empty: empty}
	for _, i := range items {
		state := textCell("coming")
		if i.Days > 0 {
			state = web.Cell{Mark: fmt.Sprintf("overdue %d days", i.Days)}
		} else if i.Days == 0 {
			state = textCell("due today")
		}
		made := journalOf("pledge", i.PledgeID.String(), "account", "1200")
		sheet.Rows = append(sheet.Rows, []web.Cell{textCell(language.English.Date(i.DueOn.Date)), pledgeLink(i.Pledge, idOf(i.PledgeID)), contributorLink(string(i.Contributor)),
			textCell(string(i.Fund)), reportCell(i.Amount, "/pledges/"+i.PledgeID.String()), reportCell(i.Outstanding.Money, made), reportCell(i.Outstanding.USD, made), state})
	}
	return sheet
}

// dueOnPage is how many instalments a page shows.
const dueOnPage = 200

func (s *Server) duePage(c echo.Context, v visitor) error {
	page := web.List{Frame: s.frame(c, v, "Due"), Path: "/due", Filters: []web.Input{contributorField("contributor", "Contributor"), filter("fund", "Fund", "text"), filter("as_of", "As of", "date")}}
	query, faults, err := s.filtersOf(c, v, "contributor", "fund", "as_of")
	if err != nil {
		return err
	}
	var due reports.DueList
	if len(faults) == 0 {
		due, err = ask[reports.DueList](s, c, v, "/v1/pledges/due", query)
		if faults, err = faultsOf(err); err != nil {
			return err
		}
	}
	page.Faults = fill(page.Filters, c.QueryParam, faults, func(name string) string { return "?" + name })
	shown, caption := due.Items, "Instalments that are not fully paid, by due date"
	if len(shown) > dueOnPage {
		skipped, _ := strconv.Atoi(c.QueryParam("skip")) // what is no number begins at the beginning
		skipped = max(0, min(skipped, len(shown)-1))
		end := min(skipped+dueOnPage, len(shown))
		if end < len(shown) {
			query.Set("skip", strconv.Itoa(end))
			page.Next = page.Path + "?" + query.Encode()
		}
		caption = fmt.Sprintf("%s: %d to %d of %d", caption, skipped+1, end, len(shown))
		shown = shown[skipped:end]
	}
	page.Sheet = dueSheet(caption, "Nothing is due: every agreed pledge is paid.", shown)
	if len(faults) > 0 {
		page.Sheet.Empty = "The filters cannot be taken as they are."
		return s.pageAs(c, http.StatusUnprocessableEntity, "list", page)
	}
	return s.page(c, "list", page)
}

// instant writes an instant as people read it, in UTC and to the second: what is less orders nothing that a page shows.
func instant(t string) string {
	at, err := time.Parse(time.RFC3339Nano, t)
	if err != nil {
		return t
	}
	return language.English.Instant(at.Truncate(time.Second))
}

// fundOptions lists the funds as options.
func (s *Server) fundOptions(c echo.Context, v visitor) ([]web.Option, error) {
	funds, err := ask[Page[Fund]](s, c, v, "/v1/funds", url.Values{"limit": {"500"}})
	var list []web.Option
	for _, f := range funds.Items {
		o := web.Option{Value: f.Code, Text: f.Code}
		if f.Name != f.Code {
			o.Text += ", " + f.Name
		}
		list = append(list, o)
	}
	return list, err
}

// foundPath is where the contributors are that a part of a name may mean.
const foundPath = "/contributors/found"

// proposals is how many contributors are proposed for what was typed.
const proposals = 20

// contributorField is a field in which a contributor is found as it is typed. Without a script, the name is looked up when the form is sent.
func contributorField(name, label string) web.Input {
	return web.Input{Name: name, Label: label, Type: "text", Hint: "Code or name.", Find: foundPath}
}

// Found is a contributor that a part of a name may mean.
type Found struct {
	Code string `json:"code"`
	Name string `json:"name"` // with the other name that the part is of
}

// foundContributors proposes contributors for what was typed so far.
func (s *Server) foundContributors(c echo.Context, v visitor) error {
	typed := strings.TrimSpace(c.QueryParam("name"))
	page, err := ask[Page[Contributor]](s, c, v, "/v1/contributors", url.Values{"name": {typed}, "limit": {fmt.Sprint(proposals)}})
	if err != nil {
		return err
	}
	key := ledger.NameKey(typed)
	list := Page[Found]{Items: []Found{}, NextCursor: page.NextCursor}
	for _, g := range page.Items {
		one := Found{g.Code, g.Name}
		if !strings.Contains(ledger.NameKey(g.Code+"\n"+g.Name), key) {
			// A browser proposes only what has the text in it: another name of it or, of a former name or a published code, what was typed.
			also := slices.IndexFunc(g.Aliases, func(name string) bool { return strings.Contains(ledger.NameKey(name), key) })
			if also < 0 {
				one.Name += ", also " + typed
			} else {
				one.Name += ", also " + g.Aliases[also]
			}
		}
		list.Items = append(list.Items, one)
	}
	return s.json(c, list)
}

// findContributor returns the contributor of a code or a name.
func (s *Server) findContributor(c echo.Context, v visitor, typed string) (Contributor, error) {
	found, err := ask[Contributor](s, c, v, pathUnder("/v1/contributors", typed), nil)
	if faults, other := faultsOf(err); other == nil && len(faults) > 0 {
		return ask[Contributor](s, c, v, "/v1/contributors/resolve", url.Values{"q": {typed}, "on": {ledger.DateOf(time.Now()).String()}})
	}
	return found, err
}

// lookUp is [Server.findContributor] for a field of a form: what is wrong with it is told beside it. Nobody, more than one, and a search
// that failed are told apart: only the first says anything of the name.
func (s *Server) lookUp(c echo.Context, v visitor, typed string) (found Contributor, fault string, err error) {
	found, err = s.findContributor(c, v, typed)
	var p *Problem
	switch {
	case err == nil:
		return found, "", nil
	case !errors.As(err, &p) || p.Status == http.StatusUnauthorized || p.Status == http.StatusForbidden:
		return found, "", err
	case p.Status == http.StatusTooManyRequests || p.Status >= http.StatusInternalServerError:
		return found, "Contributors could not be looked up just now, which says nothing of this one. Nothing was recorded: send the form again.", nil
	case isRule(err, ledger.RuleContributorAmbiguous):
		return found, p.Detail, nil
	}
	return found, "No contributor has this code or name. Choose one of those found.", nil
}

// contributorInto puts the code of the contributor that was typed into a body, as its field contributor.
func (s *Server) contributorInto(c echo.Context, v visitor, typed, pointer string, body map[string]any) (map[string]string, error) {
	if typed == "" {
		return nil, nil
	}
	found, fault, err := s.lookUp(c, v, typed)
	if fault != "" {
		return map[string]string{pointer: fault}, err
	}
	body["contributor"] = found.Code
	return nil, err
}
