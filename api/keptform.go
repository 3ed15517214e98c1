package api

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"vcledger/api/web"
	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// The fields of the page that keeps a form, beside those that it keeps.
const (
	againField  = "_again" // the form is only shown: what it asks is not done
	signInField = "_sign_in"
)

// keepForm answers a form that came from no session or an earlier one. Nothing of it was done, and the answer has everything that was
// typed, to show the form again to who is signed in then: it is theirs to look at, and to send. The server keeps nothing of it.
func (s *Server) keepForm(c echo.Context, who ledger.Actor, status int, fault string) error {
	if err := c.Request().ParseForm(); err != nil {
		return fmt.Errorf("read the form: %w", err)
	}
	l := pageTongue(c)
	page := web.KeptForm{Version: s.config.Version, Language: string(l), RightToLeft: l.RightToLeft(), Provider: s.config.Provider != nil, Fault: fault, Action: c.Request().URL.RequestURI(),
		Say: s.keptWords(l, who)}
	typed := c.Request().PostForm
	for _, name := range sortedKeys(typed) {
		for _, value := range typed[name] {
			if name != "form_token" && name != againField && name != signInField {
				page.Kept = append(page.Kept, web.Hidden{Name: name, Value: value})
			}
		}
	}
	page.File = strings.HasPrefix(c.Request().Header.Get("Content-Type"), "multipart/") // of its fields, at most those are kept that were read already
	return s.pageAs(c, status, "keptform", page)
}

// signInAgain signs in who typed a key on the page that keeps a form. Where nobody did, it answers with that page and returns nobody.
func (s *Server) signInAgain(c echo.Context, store *postgres.Store) (actor ledger.Actor, token string, err error) {
	l := pageTongue(c)
	ask := func(fault string) error { return s.keepForm(c, ledger.Actor{}, http.StatusUnauthorized, fault) }
	if err := c.Request().ParseForm(); err != nil {
		return actor, "", fmt.Errorf("read the form: %w", err)
	}
	typed := c.Request().PostForm
	key := typed.Get(signInField)
	if key == "" {
		fault := ""
		if typed.Get(againField) != "" {
			fault = notYet(l)
		}
		return actor, "", ask(fault)
	}
	origin := loginOrigin(c, "sign-in")
	found, err := s.config.Authenticate(c.Request().Context(), key)
	if err != nil {
		return actor, "", s.loginRefused(c, origin, err, func(string) error { return ask(wrongKey(l)) })
	}
	if token, err = s.startSession(c, store, origin, found); err != nil {
		return actor, "", err
	}
	return found, token, nil
}

// showAgain shows a kept form to who is signed in now. Where it cannot be shown, as to who may not send it, it is kept on.
func (s *Server) showAgain(c echo.Context, v visitor, h pageHandler) error {
	v.again = true
	err := h(c, v)
	if err == nil || c.Response().Committed {
		return err
	}
	return s.keepRefused(c, v, err)
}

// keepRefused keeps a form of who may not send it, or may not at the moment, with the reason.
func (s *Server) keepRefused(c echo.Context, v visitor, err error) error {
	p := problemOf(c, err)
	if inPortal(c) {
		return s.keepForm(c, v.actor, p.Status, refusalWords(tongue(c), p.Status))
	}
	return s.keepForm(c, v.actor, p.Status, p.Detail)
}
