package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"vcledger/api/web"
	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// The cookies of the pages. The prefix makes a browser take them only over a secure connection, for this host and no
// other (RFC 6265bis, section 4.1.3.2).
const (
	sessionCookie = "__Host-vcledger"
	flowCookie    = "__Host-vcledger-login" // of a sign-in that is under way at the provider
	flowLife      = 10 * time.Minute
	maxForm       = 64 << 10
)

// Provider signs people in at an identity provider (OpenID Connect, authorization code flow with PKCE).
type Provider interface {
	// Address returns where a browser is sent to sign in, and comes back to redirect from.
	Address(ctx context.Context, redirect string, f Flow) (string, error)
	// Exchange returns who signed in, for the code that the browser came back with.
	Exchange(ctx context.Context, redirect, code string, f Flow) (ledger.Actor, error)
}

// Flow are the secrets of one sign-in at a provider.
type Flow struct {
	State    string `json:"s"` // comes back with the browser
	Nonce    string `json:"n"` // comes back in the token
	Verifier string `json:"v"` // shown when the code is exchanged (RFC 7636)
}

func newFlow() (Flow, error) {
	var f Flow
	for _, part := range []*string{&f.State, &f.Nonce, &f.Verifier} {
		raw := make([]byte, 32)
		if _, err := rand.Read(raw); err != nil {
			return Flow{}, fmt.Errorf("read random bytes: %w", err)
		}
		*part = base64.RawURLEncoding.EncodeToString(raw)
	}
	return f, nil
}

var crossOrigin = http.NewCrossOriginProtection()

// posted stands before what a form does: it comes from a page of ours, and is no longer than a form.
func posted(next echo.HandlerFunc) echo.HandlerFunc { return postedUpTo(maxForm, next) }

// postedUpTo is posted for a form that may have so many bytes.
func postedUpTo(limit int64, next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := crossOrigin.Check(c.Request()); err != nil {
			return ledger.Fail(ledger.RuleForbidden, "The form was sent from another site.")
		}
		c.Request().Body = http.MaxBytesReader(c.Response(), c.Request().Body, limit)
		return next(c)
	}
}

// serveLogin registers the pages by which a browser signs in and out.
func (s *Server) serveLogin(store *postgres.Store) {
	s.echo.GET("/login", func(c echo.Context) error { return s.loginPage(c, http.StatusOK, "") })
	s.echo.POST("/login", posted(func(c echo.Context) error { return s.loginWithKey(c, store) }))
	s.echo.POST("/logout", posted(func(c echo.Context) error { return s.logout(c, store) }))
	if s.config.Provider != nil {
		s.echo.GET("/login/provider", s.toProvider)
		s.echo.GET("/login/callback", func(c echo.Context) error { return s.fromProvider(c, store) })
	}
}

func loginOrigin(c echo.Context, operation string) postgres.Origin {
	return postgres.Origin{Operation: operation, Request: callFrom(c.Request().Context()).id, Address: addressOf(c.Request())}
}

// session returns who is signed in and the form token of the session; the zero actor when nobody is.
func (s *Server) session(c echo.Context, store *postgres.Store) (actor ledger.Actor, token string, err error) {
	cookie, err := c.Cookie(sessionCookie)
	if err != nil {
		return ledger.Actor{}, "", nil // no cookie: nobody is signed in
	}
	actor, err = store.SessionActor(c.Request().Context(), cookie.Value)
	var e *ledger.Error
	if errors.As(err, &e) && e.Rule == ledger.RuleUnauthenticated {
		return ledger.Actor{}, "", nil
	}
	return actor, cookie.Value, err
}

// formToken is what the forms of a session carry: nobody who cannot read the cookie can make it.
func formToken(session string) string {
	sum := sha256.Sum256([]byte("form " + session))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// ofSession checks that a form was drawn for the session.
func ofSession(c echo.Context, session string) error {
	if subtle.ConstantTimeCompare([]byte(c.FormValue("form_token")), []byte(formToken(session))) != 1 {
		return ledger.Fail(ledger.RuleForbidden, "The form is not of this session.")
	}
	return nil
}

func (s *Server) loginPage(c echo.Context, status int, fault string) error {
	return s.pageAs(c, status, "login", web.Login{Version: s.config.Version, Provider: s.config.Provider != nil, Fault: fault})
}

func (s *Server) loginWithKey(c echo.Context, store *postgres.Store) error {
	ctx, origin := c.Request().Context(), loginOrigin(c, "sign-in")
	actor, err := s.config.Authenticate(ctx, c.FormValue("key"))
	if err != nil {
		return s.loginRefused(c, origin, err, s.loginFault(c))
	}
	if _, err := s.startSession(c, store, origin, actor); err != nil {
		return err
	}
	return s.redirect(c, "/")
}

// loginFault draws the page of the sign-in with what is wrong.
func (s *Server) loginFault(c echo.Context) func(fault string) error {
	return func(fault string) error { return s.loginPage(c, http.StatusUnauthorized, fault) }
}

// loginRefused shows the form again, and keeps in the audit trail that somebody was not let in.
func (s *Server) loginRefused(c echo.Context, origin postgres.Origin, err error, show func(fault string) error) error {
	var e *ledger.Error
	if !errors.As(err, &e) || e.Rule != ledger.RuleUnauthenticated {
		return err
	}
	cl := callFrom(c.Request().Context())
	if wait := s.failures.take(origin.Address); wait > 0 {
		return tooMany(cl, wait)
	}
	cl.origin, cl.problem, cl.op = origin, e.Rule, &operation{ID: origin.Operation}
	return show(e.Detail)
}

// startSession signs somebody in, and returns the token of the session.
func (s *Server) startSession(c echo.Context, store *postgres.Store, origin postgres.Origin, actor ledger.Actor) (string, error) {
	token, err := store.StartSession(c.Request().Context(), origin, actor)
	if err != nil {
		return "", err
	}
	s.setCookie(c, sessionCookie, token, postgres.SessionLife, http.SameSiteStrictMode)
	return token, nil
}

func (s *Server) logout(c echo.Context, store *postgres.Store) error {
	actor, token, err := s.session(c, store)
	if err != nil {
		return err
	}
	if actor.ID != 0 {
		if err := ofSession(c, token); err != nil {
			return err
		}
		if err := store.EndSession(c.Request().Context(), loginOrigin(c, "sign-out"), token); err != nil {
			return err
		}
	}
	s.setCookie(c, sessionCookie, "", -1, http.SameSiteStrictMode)
	return s.redirect(c, "/login")
}

// setCookie sets a cookie that no script reads and no other site sends; a negative life ends it.
func (s *Server) setCookie(c echo.Context, name, value string, life time.Duration, sameSite http.SameSite) {
	maxAge := int(life.Seconds())
	if life < 0 {
		maxAge = -1
	}
	c.SetCookie(&http.Cookie{Name: name, Value: value, Path: "/", MaxAge: maxAge, Secure: true, HttpOnly: true, SameSite: sameSite})
}

func (s *Server) redirect(c echo.Context, to string) error {
	if err := c.Redirect(http.StatusSeeOther, to); err != nil {
		return fmt.Errorf("redirect: %w", err)
	}
	return nil
}

// callbackAddress is where the provider sends a browser back to.
func (s *Server) callbackAddress(c echo.Context) string {
	if s.config.PublicURL != "" {
		return s.config.PublicURL + "/login/callback"
	}
	return c.Scheme() + "://" + c.Request().Host + "/login/callback"
}

func (s *Server) toProvider(c echo.Context) error {
	f, err := newFlow()
	if err != nil {
		return err
	}
	kept, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("keep the sign-in: %w", err)
	}
	address, err := s.config.Provider.Address(c.Request().Context(), s.callbackAddress(c), f)
	if err != nil {
		s.log.Warn("the identity provider", "error", err.Error())
		return s.loginPage(c, http.StatusServiceUnavailable, "The identity provider does not answer.")
	}
	// Lax: the browser comes back from another site.
	s.setCookie(c, flowCookie, base64.RawURLEncoding.EncodeToString(kept), flowLife, http.SameSiteLaxMode)
	return s.redirect(c, address)
}

func (s *Server) fromProvider(c echo.Context, store *postgres.Store) error {
	origin := loginOrigin(c, "sign-in")
	f, err := flowOf(c)
	s.setCookie(c, flowCookie, "", -1, http.SameSiteLaxMode)
	var actor ledger.Actor
	switch {
	case err != nil || subtle.ConstantTimeCompare([]byte(c.QueryParam("state")), []byte(f.State)) != 1:
		err = ledger.Fail(ledger.RuleUnauthenticated, "This sign-in was not begun here, or too long ago. Please begin again.")
	case c.QueryParam("code") == "":
		err = ledger.Fail(ledger.RuleUnauthenticated, "The identity provider did not let you in.")
	default:
		actor, err = s.config.Provider.Exchange(c.Request().Context(), s.callbackAddress(c), c.QueryParam("code"), f)
	}
	if err != nil {
		return s.loginRefused(c, origin, err, s.loginFault(c))
	}
	// The session's cookie is strict: a redirect from another site would not send it back, a page of ours does.
	if _, err := s.startSession(c, store, origin, actor); err != nil {
		return err
	}
	return s.page(c, "arrived", web.Home{Version: s.config.Version, Name: actor.Name, Role: string(actor.Role)})
}

func flowOf(c echo.Context) (Flow, error) {
	cookie, err := c.Cookie(flowCookie)
	if err != nil {
		return Flow{}, fmt.Errorf("read the sign-in: %w", err)
	}
	kept, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil {
		return Flow{}, fmt.Errorf("read the sign-in: %w", err)
	}
	var f Flow
	if err := json.Unmarshal(kept, &f); err != nil || f.State == "" {
		return Flow{}, fmt.Errorf("read the sign-in: %w", errors.Join(err, errors.New("it has no state")))
	}
	return f, nil
}
