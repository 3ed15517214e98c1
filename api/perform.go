package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"vcledger/ledger"
)

// wish is an operation that a page carries out for its visitor.
type wish struct {
	method string // GET when it is empty
	path   string // "/v1/receipts", escaped
	query  url.Values
	body   any                  // JSON; nil for none
	file   []byte               // body of an operation that takes a file
	media  string               // type of the file
	key    string               // idempotency key of a write
	match  string               // of an edit: the ETag of what was read
	posted func([]ledger.Draft) // told the entries that a write posts, or would post; nil for nobody
}

// pathUnder returns the path of an operation below a collection, whatever is in the names that it is put together from.
func pathUnder(collection string, parts ...string) string {
	for _, part := range parts {
		collection += "/" + url.PathEscape(part)
	}
	return collection
}

// performed is what an operation answered.
type performed struct {
	status int
	header http.Header
	body   bytes.Buffer
}

// Header returns the headers of the answer.
func (p *performed) Header() http.Header { return p.header }

// WriteHeader keeps the status, the first one that is given.
func (p *performed) WriteHeader(status int) {
	if p.status == 0 {
		p.status = status
	}
}

// Write keeps a part of the body.
func (p *performed) Write(b []byte) (int, error) {
	p.WriteHeader(http.StatusOK)
	return p.body.Write(b) //nolint:wrapcheck // of a buffer: it has none
}

// perform carries out an operation of the API as who is signed in. It goes the whole way of a request with a key (the table
// of access, the checks of every value, the idempotency key, the audit trail, the donor's rows), so that a page can do
// nothing that the API would refuse. A refusal is a [*Problem].
func (s *Server) perform(c echo.Context, v visitor, w wish) (*performed, error) {
	outer := callFrom(c.Request().Context())
	inner := &call{id: outer.id, log: outer.log, method: http.MethodGet, connected: outer.connected, signedIn: v.actor, posted: w.posted}
	if w.method != "" {
		inner.method = w.method
	}
	if v.again && inner.method != http.MethodGet {
		return nil, ledger.Fail(ledger.RuleForbidden, "The form is shown again, and nothing that it asks is done.")
	}
	body := w.file
	if w.body != nil {
		var err error
		if body, err = json.Marshal(w.body); err != nil {
			return nil, fmt.Errorf("encode what a page asks: %w", err)
		}
	}
	r, err := http.NewRequestWithContext(context.WithValue(c.Request().Context(), callKey{}, inner), inner.method, w.path+"?"+w.query.Encode(), bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make what a page asks: %w", err)
	}
	if w.file != nil {
		r.Header.Set("Content-Type", w.media)
	}
	r.RemoteAddr = c.Request().RemoteAddr
	if w.body != nil {
		r.Header.Set("Content-Type", jsonType)
	}
	if w.key != "" {
		r.Header.Set(keyHeader, w.key)
	}
	if w.match != "" {
		r.Header.Set(ifMatchHeader, w.match)
	}
	p := &performed{header: http.Header{}}
	s.echo.ServeHTTP(p, r)
	if p.status < http.StatusBadRequest {
		return p, nil
	}
	outer.problem = inner.problem
	problem := new(Problem)
	if err := json.Unmarshal(p.body.Bytes(), problem); err != nil {
		return nil, fmt.Errorf("read the problem of %s: %w", w.path, err)
	}
	return nil, problem
}

// ask reads what an operation shows.
func ask[T any](s *Server, c echo.Context, v visitor, path string, query url.Values) (T, error) {
	out, _, err := answered[T](s, c, v, wish{path: path, query: query})
	return out, err
}

// askTagged reads a record and its ETag, by which it can be edited.
func askTagged[T any](s *Server, c echo.Context, v visitor, path string) (record T, etag string, err error) {
	record, header, err := answered[T](s, c, v, wish{path: path})
	return record, header.Get("ETag"), err
}

// answered carries out an operation and reads what it answers.
func answered[T any](s *Server, c echo.Context, v visitor, w wish) (out T, header http.Header, err error) {
	p, err := s.perform(c, v, w)
	if err != nil {
		return out, nil, err
	}
	if err := json.Unmarshal(p.body.Bytes(), &out); err != nil {
		return out, nil, fmt.Errorf("read the answer of %s: %w", w.path, err)
	}
	return out, p.header, nil
}

// relay sends a document on as the operation made it, with its name and its own policy.
func (s *Server) relay(c echo.Context, v visitor, path string, query url.Values) error {
	p, err := s.perform(c, v, wish{path: path, query: query})
	if err != nil {
		return err
	}
	for _, name := range []string{"Content-Disposition", "Content-Language", "Content-Security-Policy", "ETag"} {
		if value := p.header.Get(name); value != "" {
			c.Response().Header().Set(name, value)
		}
	}
	if err := c.Blob(p.status, p.header.Get("Content-Type"), p.body.Bytes()); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	return nil
}

// isRule reports whether an operation was refused by a rule.
func isRule(err error, rule ledger.Rule) bool {
	var p *Problem
	return errors.As(err, &p) && p.Type == problemPath+string(rule)
}

// faultsOf tells the faults of a refusal by the place where each is; those of no place are under "". An error that is no
// refusal of what was typed comes back.
func faultsOf(err error) (map[string]string, error) {
	var p *Problem
	if err == nil {
		return nil, nil
	}
	if !errors.As(err, &p) || p.Status < http.StatusBadRequest || p.Status == http.StatusUnauthorized || p.Status == http.StatusForbidden ||
		p.Status == http.StatusTooManyRequests || p.Status >= http.StatusInternalServerError {
		return nil, err
	}
	faults := map[string]string{}
	for _, f := range p.Errors {
		faults[f.Pointer] = strings.TrimSpace(faults[f.Pointer] + " " + f.Detail)
	}
	if len(faults) == 0 {
		faults[""] = p.Detail
	}
	return faults, nil
}
