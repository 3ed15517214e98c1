package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"vcledger/api/web"
)

// refuseDonor draws the portal's page of what could not be done or shown: what happened in the language of the reader, and what
// the API says of it as it says it.
func (s *Server) refuseDonor(c echo.Context, v visitor, p *Problem) error {
	l := tongue(c)
	title := l.T("Something went wrong on our side.")
	switch {
	case p.Status == http.StatusNotFound:
		title = l.T("This page is not there.")
	case p.Status == http.StatusForbidden:
		title = l.T("You may not see this page.")
	case p.Status == http.StatusTooManyRequests:
		title = l.T("Too much was asked for at once. Try again in a minute.")
	case p.Status < http.StatusInternalServerError:
		title = l.T("What was sent cannot be used.")
	}
	page := web.DonorRefused{Donor: s.donor(c, v, l, title), Detail: p.Detail, Quote: l.F("Quote this number when you ask for help: %s", p.Instance),
		Back: web.Link{Text: l.T("Back to the overview"), Href: inTongue(l, "/portal")}}
	for _, f := range p.Errors {
		page.Faults = append(page.Faults, f.Detail)
	}
	return s.pageAs(c, p.Status, "donor-refused", page)
}
