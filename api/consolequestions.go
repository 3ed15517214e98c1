package api

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"vcledger/api/web"
	"vcledger/reports/language"
)

// questionsPage lists what donors asked, those that wait first, with a form for the answer to each.
func (s *Server) questionsPage(c echo.Context, v visitor) error {
	return s.drawAnswers(c, v, http.StatusOK, "", "", nil)
}

// answerQuestion sends an officer's answer. Refused, nothing typed is lost.
func (s *Server) answerQuestion(c echo.Context, v visitor) error {
	body := AnswerBody{Text: strings.Join(strings.Fields(c.FormValue("text")), " ")}
	_, err := s.perform(c, v, wish{method: http.MethodPost, path: pathUnder("/v1/questions", c.Param("id"), "answers"), body: body, key: c.FormValue("key")})
	if err == nil {
		return s.redirect(c, "/questions")
	}
	faults, err := faultsOf(err)
	if err != nil {
		return err
	}
	var told []string
	for _, pointer := range sortedKeys(faults) {
		told = append(told, faults[pointer])
	}
	return s.drawAnswers(c, v, http.StatusUnprocessableEntity, c.Param("id"), c.FormValue("text"), told)
}

func (s *Server) drawAnswers(c echo.Context, v visitor, status int, typedFor, typed string, faults []string) error {
	page := web.Answers{Frame: s.frame(c, v, "Questions of donors"), Faults: faults}
	waiting, err := ask[Page[Question]](s, c, v, "/v1/questions", url.Values{"open": {"true"}, "limit": {"100"}})
	if err != nil {
		return err
	}
	all, err := ask[Page[Question]](s, c, v, "/v1/questions", url.Values{"limit": {"100"}})
	if err != nil {
		return err
	}
	for _, q := range waiting.Items {
		shown := officerSees(q)
		if v.may("answer-question") {
			shown.Form, shown.Key = "/questions/"+string(q.ID)+"/answers", newKey()
		}
		if string(q.ID) == typedFor {
			shown.Typed = typed
		}
		page.Asked = append(page.Asked, shown)
	}
	for _, q := range all.Items {
		if len(q.Answers) > 0 {
			page.Answered = append(page.Answered, officerSees(q))
		}
	}
	return s.pageAs(c, status, "answers", page)
}

// officerSees is a question as it stands on the officers' page.
func officerSees(q Question) web.Asked {
	l := language.English
	shown := web.Asked{ID: string(q.ID), About: subject(l, q), By: q.AskedBy + ", " + onDay(l, q.AskedAt), Text: q.Text, Contributor: contributorLink(q.Contributor)}
	switch {
	case q.Pledge != "":
		shown.Href = "/pledges/" + string(q.Pledge)
	case q.Receipt != "":
		shown.Href = "/receipts/" + string(q.Receipt)
	}
	for _, a := range q.Answers {
		shown.Answers = append(shown.Answers, web.Answered{By: a.AnsweredBy + ", " + onDay(l, a.AnsweredAt), Text: a.Text})
	}
	return shown
}
