package api

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"vcledger/ledger"
)

// maxToken bounds the length of a bearer token; a signed token of an identity provider is the longest.
const maxToken = 8192

// tokenForm is the token68 of RFC 9110, section 11.2, which a bearer token has (RFC 6750).
var tokenForm = regexp.MustCompile(`^[A-Za-z0-9._~+/-]+=*$`)

// actorFrom returns who asks. In an open operation it is nobody: the zero actor.
func actorFrom(ctx context.Context) ledger.Actor { return callFrom(ctx).actor }

// bearer returns the token of a request. It is taken from the header only: an address ends up in logs.
func bearer(h http.Header) (string, error) {
	values := h.Values("Authorization")
	if len(values) == 0 {
		return "", ledger.Fail(ledger.RuleUnauthenticated, "The request has no Authorization header.")
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	token = strings.TrimLeft(token, " ")
	if len(values) > 1 || !strings.EqualFold(scheme, "Bearer") || len(token) > maxToken || !tokenForm.MatchString(token) {
		return "", ledger.Fail(ledger.RuleUnauthenticated, "The Authorization header must be the word Bearer, a space and a key.")
	}
	return token, nil
}

// admit finds out who asks and whether the role may use the operation.
func (s *Server) admit(ctx context.Context, c *call, h http.Header, op operation) error {
	if op.Open {
		return nil
	}
	if c.signedIn.ID != 0 {
		c.actor = c.signedIn // a page asks; the session was checked
	} else if err := s.authenticate(ctx, c, h); err != nil {
		// A good key is let in from the same address: others behind it may be guessing.
		if wait := s.failures.take(c.origin.Address); wait > 0 {
			return tooMany(c, wait)
		}
		return err
	}
	if wait := s.requests.take(fmt.Sprintf("%d %s", c.actor.ID, c.actor.Key)); wait > 0 {
		return tooMany(c, wait)
	}
	if len(op.Roles) > 0 && !slices.Contains(op.Roles, c.actor.Role) {
		return ledger.Fail(ledger.RuleForbidden, "The role %s may not do this; it takes %s.", c.actor.Role, roleList(op.Roles))
	}
	return nil
}

// authenticate finds out who holds the key of a request.
func (s *Server) authenticate(ctx context.Context, c *call, h http.Header) error {
	token, err := bearer(h)
	if err == nil {
		c.actor, err = s.config.Authenticate(ctx, token)
	}
	return err
}

func roleList(roles []ledger.Role) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return strings.Join(names, ", ")
}
