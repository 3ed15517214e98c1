package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"vcledger/api/web"
	"vcledger/reports/language"
)

// refuseDonor draws the portal's page of what could not be done or shown: what happened in the language of the reader, and what
// the API says of it as it says it.
func (s *Server) refuseDonor(c echo.Context, v visitor, p *Problem) error {
	l := tongue(c)
	page := web.DonorRefused{Donor: s.donor(c, v, l, refusalWords(l, p.Status)), Detail: p.Detail, Quote: l.F("Quote this number when you ask for help: %s", p.Instance),
		Back: web.Link{Text: l.T("Back to the overview"), Href: inTongue(l, "/portal")}}
	for _, f := range p.Errors {
		page.Faults = append(page.Faults, f.Detail)
	}
	return s.pageAs(c, p.Status, "donor-refused", page)
}

// refusalWords say what happened, in the language of the reader.
func refusalWords(l language.Language, status int) string {
	switch {
	case status == http.StatusNotFound:
		return l.T("This page is not there.")
	case status == http.StatusForbidden:
		return l.T("You may not see this page.")
	case status == http.StatusTooManyRequests:
		return l.T("Too much was asked for at once. Try again in a minute.")
	case status < http.StatusInternalServerError:
		return l.T("What was sent cannot be used.")
	}
	return l.T("Something went wrong on our side.")
}
