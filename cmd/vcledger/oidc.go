package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/spf13/cobra"
	"golang.org/x/oauth2"

	"vcledger/api"
	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// providerRetry is how long the program waits before it asks a provider again that did not answer.
const providerRetry = 10 * time.Second

// oidcSettings say whom the service believes and what their claims come to.
type oidcSettings struct {
	issuer, audience         string
	clientID, clientSecret   string // for the pages; without them only tokens are taken
	roleClaim                string
	rolePairs                []string // VALUE=ROLE
	nameClaim, contributorIn string
}

func (o *oidcSettings) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.issuer, "oidc-issuer", "", "OpenID Connect provider whose tokens are taken beside keys; empty for none")
	f.StringVar(&o.audience, "oidc-audience", "", "audience that a token must be for; the client's id when it is empty")
	f.StringVar(&o.clientID, "oidc-client-id", "", "client of the provider by which browsers sign in; empty for none")
	f.StringVar(&o.clientSecret, "oidc-client-secret", "", "the client's secret (better as VCLEDGER_OIDC_CLIENT_SECRET)")
	f.StringVar(&o.roleClaim, "oidc-role-claim", "groups", "claim that says what somebody may do: a text or a list of texts")
	f.StringSliceVar(&o.rolePairs, "oidc-role", nil, "what a value of that claim comes to, VALUE=ROLE; repeated. One role for one person")
	f.StringVar(&o.nameClaim, "oidc-name-claim", "email", "claim under which somebody is shown")
	f.StringVar(&o.contributorIn, "oidc-contributor-claim", "contributor", "claim that names a donor's contributor by its code")
}

// provider signs people in by OpenID Connect. What the issuer publishes is read when it is first needed, so that the
// service starts, and takes keys, without it.
type provider struct {
	oidcSettings
	store *postgres.Store
	roles map[string]ledger.Role

	mu       sync.Mutex
	found    *oidc.Provider
	asked    time.Time
	askedErr error
}

// newProvider returns nil when no issuer is set.
func newProvider(o oidcSettings, store *postgres.Store) (*provider, error) {
	if o.issuer == "" {
		return nil, nil // none is wanted
	}
	if o.audience == "" {
		o.audience = o.clientID
	}
	if o.audience == "" {
		return nil, usagef("--oidc-issuer needs --oidc-audience or --oidc-client-id: a token for somebody else is no token for us")
	}
	p := &provider{oidcSettings: o, store: store, roles: map[string]ledger.Role{}}
	for _, pair := range o.rolePairs {
		value, role, ok := strings.Cut(pair, "=")
		if !ok || !slices.Contains(ledger.Roles, ledger.Role(role)) {
			return nil, usagef("--oidc-role %q is not VALUE=ROLE with one of the roles officer, approver, auditor, admin, donor", pair)
		}
		p.roles[value] = ledger.Role(role)
	}
	if len(p.roles) == 0 {
		return nil, usagef("--oidc-issuer needs --oidc-role: without it nobody may do anything")
	}
	return p, nil
}

// discover returns what the issuer publishes.
func (p *provider) discover(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	if p.askedErr != nil && time.Since(p.asked) < providerRetry {
		return nil, p.askedErr
	}
	p.asked = time.Now()
	// The provider keeps the context for reading keys later, which a request's must not end.
	p.found, p.askedErr = oidc.NewProvider(context.WithoutCancel(ctx), p.issuer)
	if p.askedErr != nil {
		p.askedErr = fmt.Errorf("ask the identity provider: %w", p.askedErr)
	}
	return p.found, p.askedErr
}

// Authenticate returns the actor of a bearer token: of a key, or of a token that the provider signed.
func (p *provider) Authenticate(ctx context.Context, token string) (ledger.Actor, error) {
	if strings.HasPrefix(token, postgres.KeyPrefix) || strings.Count(token, ".") != 2 {
		return p.store.Authenticate(ctx, token)
	}
	return p.verify(ctx, token, p.audience, "")
}

// verify checks a token and returns who it is of. A token that is not good says no more than that: what is wrong with it is
// the log's business and not a guesser's.
func (p *provider) verify(ctx context.Context, token, audience, nonce string) (ledger.Actor, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return ledger.Actor{}, ledger.Fail(ledger.RuleUnavailable, "The identity provider does not answer.")
	}
	id, err := found.Verifier(&oidc.Config{ClientID: audience}).Verify(ctx, token)
	if err != nil || nonce != "" && id.Nonce != nonce {
		return ledger.Actor{}, ledger.Fail(ledger.RuleUnauthenticated, "The token is not valid.")
	}
	var claims map[string]any
	if err := id.Claims(&claims); err != nil {
		return ledger.Actor{}, ledger.Fail(ledger.RuleUnauthenticated, "The token is not valid.")
	}
	identity, err := p.identity(id, claims)
	if err != nil {
		return ledger.Actor{}, err
	}
	return p.store.SignedIn(ctx, identity)
}

// identity says what the claims come to. Two roles would let one person ask and approve, so they are refused.
func (p *provider) identity(id *oidc.IDToken, claims map[string]any) (postgres.Identity, error) {
	in := postgres.Identity{Issuer: id.Issuer, Subject: id.Subject, Name: textOf(claims[p.nameClaim])}
	if in.Name == "" {
		in.Name = id.Subject
	}
	var roles []ledger.Role
	for _, value := range textsOf(claims[p.roleClaim]) {
		if role, known := p.roles[value]; known && !slices.Contains(roles, role) {
			roles = append(roles, role)
		}
	}
	switch {
	case len(roles) == 0:
		return in, ledger.Fail(ledger.RuleUnauthenticated, "The provider gives you no role here.")
	case len(roles) > 1:
		return in, ledger.Fail(ledger.RuleUnauthenticated, "The provider gives you several roles here; one person has one.")
	}
	in.Role = roles[0]
	if in.Role == ledger.RoleDonor {
		if in.Contributor = ledger.ContributorCode(textOf(claims[p.contributorIn])); in.Contributor == "" {
			return in, ledger.Fail(ledger.RuleUnauthenticated, "The provider does not say whose donor you are.")
		}
	}
	return in, nil
}

func textOf(claim any) string {
	s, _ := claim.(string)
	return s
}

func textsOf(claim any) []string {
	list, ok := claim.([]any)
	if !ok {
		return []string{textOf(claim)}
	}
	texts := make([]string, len(list))
	for i, c := range list {
		texts[i] = textOf(c)
	}
	return texts
}

func (p *provider) client(found *oidc.Provider, redirect string) *oauth2.Config {
	return &oauth2.Config{ClientID: p.clientID, ClientSecret: p.clientSecret, Endpoint: found.Endpoint(), RedirectURL: redirect,
		Scopes: []string{oidc.ScopeOpenID, "profile", "email", "groups"}}
}

// Address returns where a browser signs in.
func (p *provider) Address(ctx context.Context, redirect string, f api.Flow) (string, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	return p.client(found, redirect).AuthCodeURL(f.State, oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)), nil
}

// Exchange returns who signed in.
func (p *provider) Exchange(ctx context.Context, redirect, code string, f api.Flow) (ledger.Actor, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return ledger.Actor{}, ledger.Fail(ledger.RuleUnavailable, "The identity provider does not answer.")
	}
	token, err := p.client(found, redirect).Exchange(ctx, code, oauth2.VerifierOption(f.Verifier))
	var refused *oauth2.RetrieveError
	switch {
	case errors.As(err, &refused):
		return ledger.Actor{}, ledger.Fail(ledger.RuleUnauthenticated, "The identity provider did not let you in.")
	case err != nil:
		return ledger.Actor{}, ledger.Fail(ledger.RuleUnavailable, "The identity provider does not answer.")
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return ledger.Actor{}, ledger.Fail(ledger.RuleUnauthenticated, "The identity provider did not say who you are.")
	}
	return p.verify(ctx, raw, p.clientID, f.Nonce)
}
