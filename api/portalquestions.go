package api

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"vcledger/api/web"
	"vcledger/ledger"
	"vcledger/reports"
	"vcledger/reports/language"
)

// aboutPledge and the others say what kind of record a question of a form is about: "pledge:" and its identifier.
const (
	aboutPledge    = "pledge:"
	aboutReceipt   = "receipt:"
	aboutDelivery  = "delivery:"
	aboutStatement = "statement:"
)

// askLink leads from a line to the question about it.
func askLink(l language.Language, about string) web.Cell {
	return linkCell(l.T("Ask the fund"), "/portal/questions?"+url.Values{"lang": {string(l)}, "about": {about}}.Encode()+"#ask")
}

// subjects are what a donor can ask about, the chosen one marked.
func subjects(l language.Language, st *reports.Statement, issued []IssuedStatement, chosen string) []web.Option {
	list := []web.Option{{Text: l.T("Contributions in general")}}
	for _, p := range st.Pledges {
		list = append(list, web.Option{Value: aboutPledge + p.ID.String(), Text: l.F("Pledge %s", p.Reference)})
	}
	for _, i := range st.InKind.Items {
		list = append(list, web.Option{Value: aboutPledge + i.PledgeID.String(), Text: l.F("Pledge %s", i.Pledge)})
	}
	for _, r := range st.Receipts {
		list = append(list, web.Option{Value: aboutReceipt + r.ID.String(), Text: l.Labelled(l.F("The receipt of %s", l.Date(r.ValueDate.Date)), tell(l, r.Net.Money).Text)})
	}
	for _, d := range st.InKind.Deliveries {
		list = append(list, web.Option{Value: aboutDelivery + d.ID.String(), Text: l.Labelled(l.F("The delivery of %s", l.Date(d.Date.Date)), d.Description)})
	}
	for _, s := range issued {
		list = append(list, web.Option{Value: aboutStatement + s.Number, Text: l.F("Statement %s", s.Number)})
	}
	seen, out := map[string]bool{}, list[:0]
	for _, o := range list { // a pledge of several items or currencies stands in several lines
		if !seen[o.Value] {
			seen[o.Value], o.Chosen = true, o.Value == chosen
			out = append(out, o)
		}
	}
	return out
}

// subject names what a question is about.
func subject(l language.Language, q Question) string {
	switch {
	case q.Pledge != "":
		return l.F("Pledge %s", q.Reference)
	case q.Statement != "":
		return l.F("Statement %s", q.Statement)
	case q.Receipt != "":
		return l.F("The receipt of %s", l.Date(q.On.Ledger()))
	case q.Delivery != "":
		return l.F("The delivery of %s", l.Date(q.On.Ledger()))
	}
	return l.T("Contributions in general")
}

// onDay shows an instant of an answer as the reader writes dates.
func onDay(l language.Language, instant string) string {
	at, err := time.Parse(time.RFC3339Nano, instant)
	if err != nil {
		return instant
	}
	return l.Date(ledger.DateOf(at))
}

func (s *Server) portalQuestions(c echo.Context, v visitor) error {
	return s.drawQuestions(c, v, http.StatusOK, web.Questions{Key: newKey()}, c.QueryParam("about"))
}

// askQuestion puts what was typed to the fund. Sent twice it is put once; refused, nothing typed is lost.
func (s *Server) askQuestion(c echo.Context, v visitor) error {
	l := tongue(c)
	if v.again {
		return s.drawQuestions(c, v, http.StatusOK, web.Questions{Key: c.FormValue("key"), Text: c.FormValue("text")}, c.FormValue("about"))
	}
	about, text := c.FormValue("about"), strings.Join(strings.Fields(c.FormValue("text")), " ")
	body := QuestionBody{Text: text}
	for prefix, set := range map[string]func(string){aboutPledge: func(id string) { body.Pledge = ID(id) }, aboutReceipt: func(id string) { body.Receipt = ID(id) },
		aboutDelivery: func(id string) { body.Delivery = ID(id) }, aboutStatement: func(n string) { body.Statement = n }} {
		if id, ok := strings.CutPrefix(about, prefix); ok {
			set(id)
		}
	}
	_, err := s.perform(c, v, wish{method: http.MethodPost, path: "/v1/questions", body: body, key: c.FormValue("key")})
	if err == nil {
		return s.redirect(c, "/portal/questions?"+url.Values{"lang": {string(l)}, "sent": {"1"}}.Encode())
	}
	faults, err := faultsOf(err)
	if err != nil {
		return err
	}
	page := web.Questions{Key: newKey(), Text: c.FormValue("text"), Fault: l.T("What was sent cannot be used.")}
	for _, pointer := range sortedKeys(faults) {
		page.Details = append(page.Details, faults[pointer])
	}
	return s.drawQuestions(c, v, http.StatusUnprocessableEntity, page, about)
}

// drawQuestions draws the page of the questions, with its form as it is given.
func (s *Server) drawQuestions(c echo.Context, v visitor, status int, page web.Questions, about string) error {
	l := tongue(c)
	st, err := s.whole(c, v)
	if err != nil {
		return err
	}
	issued, err := s.issuedTo(c, v)
	if err != nil {
		return err
	}
	asked, err := ask[Page[Question]](s, c, v, "/v1/questions", url.Values{"limit": {"100"}})
	if err != nil {
		return err
	}
	page.Donor = s.donor(c, v, l, l.T("Questions"))
	page.About = web.Input{Name: "about", Label: l.T("About"), Type: "select", Options: subjects(l, &st, issued, about)}
	page.Say = web.QuestionWords{Ask: l.T("Ask the fund"), Explain: l.T("The fund sees the question, who asked it and what it is about; its answer appears here. Neither can be changed later."),
		Yours: l.T("Your question"), Send: l.T("Send the question"), Answer: l.T("Answer"), Waits: l.T("waits for an answer"), Empty: l.T("No question was put yet. Choose a line of a table, or ask here.")}
	if c.QueryParam("sent") != "" {
		page.Notice = l.T("The question was sent.")
	}
	for _, q := range asked.Items {
		shown := web.Asked{About: subject(l, q), By: l.List(q.AskedBy, onDay(l, q.AskedAt)), Text: q.Text}
		for _, a := range q.Answers {
			shown.Answers = append(shown.Answers, web.Answered{By: l.List(a.AnsweredBy, onDay(l, a.AnsweredAt)), Text: a.Text})
		}
		page.Asked = append(page.Asked, shown)
	}
	return s.pageAs(c, status, "questions", page)
}
