package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"vcledger/api/web"
	"vcledger/ledger"
)

// contentSecurityPolicy lets a page have its own style sheet and images, and nothing else.
const contentSecurityPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// servePages registers the pages that need no key.
func (s *Server) servePages() {
	s.echo.GET("/docs", func(c echo.Context) error { return s.page(c, "docs", docsOf(s.api.OpenAPI())) })
	s.echo.GET("/problems", func(c echo.Context) error {
		all := make([]web.Problem, 0, len(ledger.Rules()))
		for _, rule := range ledger.Rules() {
			all = append(all, problemPage(rule))
		}
		if wantsJSON(c) {
			return s.json(c, web.Problems{Problems: all})
		}
		return s.page(c, "problems", web.Problems{Version: s.config.Version, Problems: all})
	})
	s.echo.GET("/problems/:rule", func(c echo.Context) error {
		for _, rule := range ledger.Rules() {
			if string(rule) != c.Param("rule") {
				continue
			}
			if wantsJSON(c) {
				return s.json(c, problemPage(rule))
			}
			p := problemPage(rule)
			p.Version = s.config.Version
			return s.page(c, "problem", p)
		}
		return ledger.Fail(ledger.RuleNotFound, "There is no such problem; /problems lists them.")
	})
	for _, name := range web.Assets() {
		s.serveAsset(name)
	}
}

// problemPage explains a rule.
func problemPage(rule ledger.Rule) web.Problem {
	doc := rule.Doc()
	status := statusOf(doc.Kind, rule)
	return web.Problem{Type: problemPath + string(rule), Rule: string(rule), Title: doc.Title, Status: status,
		StatusText: http.StatusText(status), Means: doc.Means}
}

// wantsJSON reports whether the caller would rather have JSON than a page; a caller without a preference gets the page.
func wantsJSON(c echo.Context) bool {
	accept := c.Request().Header.Values("Accept")
	return accepted(accept, jsonType) > accepted(accept, "text/html")
}

// wantsPage reports whether the caller is a browser at an address of pages, and not of the API.
func wantsPage(c echo.Context) bool {
	accept := c.Request().Header.Values("Accept")
	return accepted(accept, "text/html") > accepted(accept, jsonType) && !strings.HasPrefix(c.Request().URL.Path, "/v1/")
}

func (s *Server) json(c echo.Context, v any) error {
	c.Response().Header().Add("Vary", "Accept")
	b, err := encode(v)
	if err != nil {
		return err
	}
	if err := c.Blob(http.StatusOK, jsonType, b); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	return nil
}

// page answers with a page. It is made whole before the first byte is sent, so that a fault is a problem and not half a page.
func (s *Server) page(c echo.Context, name string, data any) error {
	return s.pageAs(c, http.StatusOK, name, data)
}

func (s *Server) pageAs(c echo.Context, status int, name string, data any) error {
	var b bytes.Buffer
	if err := web.Render(&b, name, data); err != nil {
		return fmt.Errorf("make the page: %w", err)
	}
	c.Response().Header().Add("Vary", "Accept")
	if err := c.Blob(status, "text/html; charset=utf-8", b.Bytes()); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	return nil
}

// serveAsset registers a style sheet or image. Browsers keep it and ask whether it has changed.
func (s *Server) serveAsset(name string) {
	b := web.Asset(name)
	sum := sha256.Sum256(b)
	etag := `"` + hex.EncodeToString(sum[:16]) + `"`
	s.echo.GET("/assets/"+name, func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Cache-Control", "no-cache")
		h.Set("ETag", etag)
		http.ServeContent(c.Response(), c.Request(), name, time.Time{}, strings.NewReader(string(b)))
		return nil
	})
}
