package api

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"vcledger/api/web"
	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// visitor is who looks at a page.
type visitor struct {
	actor   ledger.Actor
	session string
	again   bool // a form is shown again with what was typed: [Server.perform] writes nothing
}

// may reports whether the table of access lets the visitor carry out an operation.
func (v visitor) may(operation string) bool { return slices.Contains(access[operation], v.actor.Role) }

// need refuses a visitor who may not carry out an operation.
func (v visitor) need(operation string) error {
	if !v.may(operation) {
		return ledger.Fail(ledger.RuleForbidden, "This is not for the role %s.", v.actor.Role)
	}
	return nil
}

// pageHandler draws a page, or does what its form asks.
type pageHandler func(c echo.Context, v visitor) error

// visited registers a page that is shown to who is signed in and no donor. Others are sent where they can go on.
func (s *Server) visited(store *postgres.Store, path string, h pageHandler) {
	s.echo.GET(path, s.gate(store, false, h))
}

// filled registers what the forms of a page do: they come from a page of the same session.
func (s *Server) filled(store *postgres.Store, path string, h pageHandler) {
	s.echo.POST(path, posted(s.gate(store, false, s.sessionForm(h))))
}

// sessionForm lets a handler have only forms that were drawn for the session. Another one is kept, and shown again when its visitor wants it.
func (s *Server) sessionForm(h pageHandler) pageHandler {
	return func(c echo.Context, v visitor) error {
		if _, err := c.FormParams(); err != nil && wasTooLarge(err) {
			return fmt.Errorf("read the form: %w", err)
		}
		if c.FormValue(againField) != "" {
			return s.showAgain(c, v, h)
		}
		if ofSession(c, v.session) != nil {
			return s.keepForm(c, v.actor, http.StatusForbidden, "")
		}
		return h(c, v)
	}
}

// gate lets the visitors of the console in or, of the portal, donors. On the first page of the one, those of the other are sent there.
func (s *Server) gate(store *postgres.Store, donor bool, h pageHandler) echo.HandlerFunc {
	home := map[bool]string{true: "/portal", false: "/"}[donor]
	return func(c echo.Context) error {
		actor, session, err := s.session(c, store)
		if err != nil {
			return err
		}
		if actor.ID == 0 && c.Request().Method == http.MethodPost {
			if actor, session, err = s.signInAgain(c, store); err != nil || actor.ID == 0 {
				return err
			}
		}
		if actor.ID == 0 {
			return s.redirect(c, "/login")
		}
		v := visitor{actor: actor, session: session}
		callFrom(c.Request().Context()).actor = actor
		if donor != (actor.Role == ledger.RoleDonor) && c.Path() == home {
			return s.redirect(c, map[bool]string{true: "/", false: "/portal"}[donor])
		}
		refuse := s.refuse
		if c.Request().Method == http.MethodPost {
			refuse = s.keepRefused // somebody else's form may be lying in this browser
		}
		switch {
		case donor && actor.Role != ledger.RoleDonor:
			return refuse(c, v, ledger.Fail(ledger.RuleForbidden, "These pages are for donors."))
		case !donor && actor.Role == ledger.RoleDonor:
			return refuse(c, v, ledger.Fail(ledger.RuleForbidden, "These pages are for the officers of the fund."))
		}
		if err = unescapePath(c); err == nil {
			err = h(c, v)
		}
		if err != nil && !c.Response().Committed {
			return s.refuse(c, v, err)
		}
		return err
	}
}

// sections are the parts of the console, in the order of the navigation.
var sections = []web.Link{{Text: "Today", Href: "/"}, {Text: "Receipts", Href: "/receipts"}, {Text: "Pledges", Href: "/pledges"}, {Text: "Due", Href: "/due"}, {Text: "In kind", Href: "/deliveries"}, {Text: "Bank", Href: "/bank"},
	{Text: "Contributors", Href: "/contributors"}, {Text: "Journal", Href: "/journal"}, {Text: "Periods", Href: "/periods"}, {Text: "Approvals", Href: "/approvals"}, {Text: "Reports", Href: "/reports"}, {Text: "Questions", Href: "/questions"}, {Text: "Settings", Href: "/settings"}}

// scriptPolicy is [contentSecurityPolicy] for a page with the console's own script, which speaks to us alone.
const scriptPolicy = contentSecurityPolicy + "; script-src 'self'; connect-src 'self'"

// frame is what stands around a page of the visitor.
func (s *Server) frame(c echo.Context, v visitor, title string) web.Frame {
	f := web.Frame{Version: s.config.Version, Title: title, Name: v.actor.Name, Role: string(v.actor.Role), Contributor: string(v.actor.Contributor), FormToken: formToken(v.session), Again: v.again}
	if v.actor.Role == ledger.RoleDonor {
		return f
	}
	f.Script = "console.js"
	c.Response().Header().Set("Content-Security-Policy", scriptPolicy)
	for _, l := range sections {
		l.Here = l.Href == c.Request().URL.Path || l.Href != "/" && strings.HasPrefix(c.Request().URL.Path, l.Href+"/")
		f.Nav = append(f.Nav, l)
	}
	return f
}

// problemOf is what an error is told as: an operation's refusal as it is.
func problemOf(c echo.Context, err error) *Problem {
	var p *Problem
	if !errors.As(err, &p) {
		p = newProblem(callFrom(c.Request().Context()), err)
	}
	return p
}

// refuse draws the page of what could not be done or shown.
func (s *Server) refuse(c echo.Context, v visitor, err error) error {
	p := problemOf(c, err)
	for name, values := range p.GetHeaders() {
		if p.Status != http.StatusUnauthorized { // a browser cannot answer the challenge
			c.Response().Header()[name] = values
		}
	}
	if v.actor.Role == ledger.RoleDonor {
		return s.refuseDonor(c, v, p)
	}
	page := web.Refused{Frame: s.frame(c, v, p.Title), Status: p.Status, Detail: p.Detail, Instance: p.Instance, Rule: strings.TrimPrefix(p.Type, problemPath)}
	for _, f := range p.Errors {
		page.Faults = append(page.Faults, f.Detail)
	}
	return s.pageAs(c, p.Status, "refused", page)
}

// newKey is the idempotency key of a form: it is posted once under it, however often it is sent.
func newKey() string { return uuid.NewString() }
