package api

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"vcledger/api/web"
	"vcledger/reports/language"
)

// questionsPage lists what donors asked, with a form for the answer to each.
func (s *Server) questionsPage(c echo.Context, v visitor) error {
	return s.drawAnswers(c, v, http.StatusOK, "", "", nil)
}

// answerQuestion sends an officer's answer. Refused, nothing typed is lost.
func (s *Server) answerQuestion(c echo.Context, v visitor) error {
	if v.again {
		if err := v.need("answer-question"); err != nil {
			return err
		}
		return s.drawAnswers(c, v, http.StatusOK, c.Param("id"), c.FormValue("text"), nil)
	}
	body := AnswerBody{Text: strings.Join(strings.Fields(c.FormValue("text")), " ")}
	_, err := s.perform(c, v, wish{method: http.MethodPost, path: pathUnder("/v1/questions", c.Param("id"), "answers"), body: body, key: c.FormValue("key")})
	if err == nil {
		return s.redirect(c, questionsAddress(c))
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

// questionsAddress is where the questions are of the state that the address of a request names.
func questionsAddress(c echo.Context) string {
	if c.QueryParam("state") == "answered" {
		return "/questions?state=answered"
	}
	return "/questions"
}

// drawAnswers draws those that wait for an answer, or with state=answered those that have one, the newest first.
func (s *Server) drawAnswers(c echo.Context, v visitor, status int, typedFor, typed string, faults []string) error {
	page := web.Answers{Frame: s.frame(c, v, "Questions of donors"), Faults: faults, Answered: c.QueryParam("state") == "answered"}
	query := kept(c, "cursor")
	query.Set("state", "open")
	if page.Answered {
		query.Set("state", "answered")
	}
	got, err := ask[Page[Question]](s, c, v, "/v1/questions", query)
	told, err := faultsOf(err)
	if err != nil {
		return err
	}
	for _, pointer := range sortedKeys(told) {
		page.Faults, status = append(page.Faults, told[pointer]), http.StatusUnprocessableEntity
	}
	for _, q := range got.Items {
		shown := officerSees(q)
		if v.may("answer-question") {
			shown.Form, shown.Key = pathUnder("/questions", string(q.ID), "answers")+strings.TrimPrefix(questionsAddress(c), "/questions"), newKey()
		}
		if string(q.ID) == typedFor {
			shown.Typed = typed
			if v.again {
				shown.Key = c.FormValue("key")
			}
		}
		page.Asked = append(page.Asked, shown)
	}
	if got.NextCursor != "" {
		query.Set("cursor", got.NextCursor)
		page.Next = "/questions?" + query.Encode()
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
