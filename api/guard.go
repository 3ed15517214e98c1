package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// maxBody is how many bytes a body may have.
const maxBody = 1 << 20

// guard stands before every operation: it admits the caller, reads the request strictly and checks every value. What can
// be told together with other faults waits in the call; what makes the request unreadable is answered at once.
func (s *Server) guard(op operation, hasBody bool) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		ec := humaecho.Unwrap(ctx)
		c := callFrom(ctx.Context())
		c.op, c.origin = &op, postgres.Origin{Operation: op.ID, Request: c.id, Address: addressOf(ec.Request())}
		err := s.admit(ctx.Context(), c, ec.Request().Header, op)
		defer c.leave()
		if err == nil {
			err = s.inspect(ec, c, ctx.Operation(), op, hasBody)
		}
		if err != nil {
			s.fail(ec, err)
			return
		}
		if c.actor.Role == ledger.RoleDonor {
			ctx = huma.WithContext(ctx, postgres.AsDonor(ctx.Context(), c.actor.Contributor))
		}
		next(ctx)
	}
}

// addressOf returns the address that a request came from, without the port. What a proxy says of others is not believed.
func addressOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// inspect reads the request into the call.
func (s *Server) inspect(ec echo.Context, c *call, ho *huma.Operation, op operation, hasBody bool) error {
	r := ec.Request()
	c.accept, c.acceptLanguage, c.ifNoneMatch = r.Header.Values("Accept"), r.Header.Get("Accept-Language"), r.Header.Values("If-None-Match")
	if !slices.ContainsFunc(op.media(), func(media string) bool { return accepted(c.accept, media) > 0 }) && r.URL.Query().Get("format") == "" {
		return ledger.Fail(ledger.RuleNotAcceptable, "This operation answers in %s.", strings.Join(op.media(), ", "))
	}
	params := ho.Parameters
	if op.writes {
		key, err := idempotencyKey(r.Header)
		if err != nil {
			return err
		}
		c.request.Key, c.request.Actor, c.request.Posted = key, c.actor, c.posted
		params = slices.DeleteFunc(slices.Clone(params), func(p *huma.Param) bool { return p.Name == keyHeader || p.Name == ifMatchHeader })
		if op.Edits {
			if c.request.IfMatch = r.Header.Get(ifMatchHeader); c.request.IfMatch == "" {
				return ledger.Fail(ledger.RuleEditUnconditional, "The request needs the ETag of what was read, in %s.", ifMatchHeader)
			}
		}
	}
	if err := unescapePath(ec); err != nil {
		return err
	}
	k := checker{schemas: s.api.OpenAPI().Components.Schemas}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		k.found.Add("?", ledger.RuleText, "The query is not written as RFC 3986 asks.")
	}
	k.parameters(params, query, ec.Param, r.Header.Values)

	var body any
	if len(op.Upload) > 0 {
		if c.upload, c.uploadType, err = readUpload(r, ec.Response().Writer, op.Upload); err != nil {
			return err
		}
		r.Body = http.NoBody
		sum := sha256.Sum256(c.upload)
		body, hasBody = c.uploadType+" "+hex.EncodeToString(sum[:]), true // what the key is bound to
	} else if hasBody || op.writes {
		var written []byte
		if written, err = readBody(r, ec.Response().Writer, hasBody); err != nil {
			return err
		}
		if hasBody {
			if len(written) >= largeBody {
				if err = c.takeTurn(r.Context(), s.large); err != nil {
					return err
				}
			}
			if body, err = parseJSON(written); err != nil {
				return err
			}
			k.value("", ho.RequestBody.Content[jsonType].Schema, body, true)
		}
		r.Body = io.NopCloser(bytes.NewReader(written))
		r.Header.Set("Content-Type", jsonType) // as huma knows it, which compares it letter by letter
	}
	if op.writes {
		c.request.Late, c.request.DryRun = query.Get(lateQuery) == "true", query.Get(dryQuery) == "true"
		c.request.Origin = c.origin
		c.request.Hash = requestHash(r.Method, r.URL.EscapedPath(), query, body, hasBody)
		c.request.query, c.request.body = query, body
	}
	if op.pages {
		c.list = listingOf(r.URL.EscapedPath(), query)
		if text := query.Get("cursor"); text != "" {
			var ok bool
			if c.after, ok = c.list.open(text); !ok && !covered(k.found, "?cursor") {
				k.found = append(k.found, badCursor()...)
			}
		}
	}
	c.found = k.found
	return nil
}

// unescapePath decodes the parameters of a path that was escaped in an unusual way, such as NL%2FMFA: echo leaves them as
// they were sent.
func unescapePath(ec echo.Context) error {
	if ec.Request().URL.RawPath == "" {
		return nil
	}
	values := slices.Clone(ec.ParamValues())
	for i, v := range values {
		plain, err := url.PathUnescape(v)
		if err != nil {
			return ledger.Fail(ledger.RuleNotFound, "There is nothing at this path.")
		}
		values[i] = plain
	}
	ec.SetParamValues(values...)
	return nil
}

// readBody reads the body.
// Errors: [ledger.RuleUnsupportedMediaType], [ledger.RuleBodyTooLarge], [ledger.RuleMalformedBody].
func readBody(r *http.Request, w http.ResponseWriter, wanted bool) ([]byte, error) {
	if wanted {
		if err := jsonContent(r.Header); err != nil {
			return nil, err
		}
	}
	written, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	switch {
	case err != nil && wasTooLarge(err):
		return nil, fmt.Errorf("read the body: %w", err)
	case err != nil:
		return nil, ledger.Fail(ledger.RuleMalformedBody, "The body could not be read to its end.")
	case !wanted && len(written) > 0:
		return nil, ledger.Fail(ledger.RuleMalformedBody, "This operation takes no body.")
	}
	return written, nil
}

// readUpload reads a body that is a file.
// Errors: [ledger.RuleUnsupportedMediaType], [ledger.RuleBodyTooLarge], [ledger.RuleMalformedBody].
func readUpload(r *http.Request, w http.ResponseWriter, allowed []string) (data []byte, media string, err error) {
	media, _, err = mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || len(r.Header.Values("Content-Type")) != 1 || !slices.Contains(allowed, media) {
		return nil, "", ledger.Fail(ledger.RuleUnsupportedMediaType, "The Content-Type is another; send %s.", strings.Join(allowed, ", "))
	}
	if coding := r.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return nil, "", ledger.Fail(ledger.RuleUnsupportedMediaType, "Compressed bodies are not taken.")
	}
	data, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxUpload))
	switch {
	case err != nil && wasTooLarge(err):
		return nil, "", fmt.Errorf("read the body: %w", err)
	case err != nil:
		return nil, "", ledger.Fail(ledger.RuleMalformedBody, "The body could not be read to its end.")
	case len(data) == 0:
		return nil, "", ledger.Fail(ledger.RuleMalformedBody, "The body is empty.")
	}
	return data, media, nil
}

// jsonContent checks that the body is said to be JSON in UTF-8, and not compressed.
func jsonContent(h http.Header) error {
	unsupported := func(what string) error {
		return ledger.Fail(ledger.RuleUnsupportedMediaType, "%s; send %s.", what, jsonType)
	}
	switch types := h.Values("Content-Type"); {
	case len(types) == 0:
		return unsupported("The request has no Content-Type")
	case len(types) > 1:
		return unsupported("The request has more than one Content-Type")
	}
	media, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || media != jsonType {
		return unsupported("The Content-Type is another")
	}
	for name, value := range params {
		if name != "charset" || !strings.EqualFold(value, "utf-8") {
			return unsupported("The only parameter of the Content-Type is charset=utf-8")
		}
	}
	if coding := h.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return unsupported("Compressed bodies are not taken")
	}
	return nil
}

// accepted returns the weight that Accept gives to a media type, from 0 to 1 (RFC 9110, section 12.5.1). Without the
// header everything is welcome.
func accepted(header []string, media string) float64 {
	text := strings.Join(header, ",")
	if strings.TrimSpace(text) == "" {
		return 1
	}
	kind, _, _ := strings.Cut(media, "/")
	weight, closeness := 0.0, 0
	for part := range strings.SplitSeq(text, ",") {
		offered, params, _ := strings.Cut(part, ";")
		c := 0
		switch strings.ToLower(strings.TrimSpace(offered)) {
		case media:
			c = 3
		case kind + "/*":
			c = 2
		case "*/*":
			c = 1
		}
		if c == 0 || c < closeness {
			continue
		}
		q := 1.0
		for param := range strings.SplitSeq(params, ";") {
			if v, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(param)), "q="); ok {
				if f, err := strconv.ParseFloat(v, 64); err == nil && f >= 0 && f <= 1 {
					q = f
				}
			}
		}
		weight, closeness = q, c
	}
	return weight
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
