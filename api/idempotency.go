package api

import (
	"crypto/sha256"
	"net/http"
	"net/url"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

const (
	keyHeader = "Idempotency-Key"
	maxKey    = 255
	lateQuery = "late"
	dryQuery  = "dry_run"
)

// Request is what the store needs to know of a writing request: who asks, under which key, and a hash of the whole request,
// so that a key is never taken for another one.
type Request struct {
	Actor ledger.Actor
	Key   string
	Late  bool // an item of a closed period goes to the first open day
	// DryRun does everything and keeps nothing.
	DryRun bool
	// Posted is told the entries of the write before they are kept; nil for nobody.
	Posted func([]ledger.Draft)
	// IfMatch is the ETag that an edit goes by.
	IfMatch string
	Origin  postgres.Origin
	Hash    []byte // SHA-256 over method, path, query and canonical body

	query url.Values
	body  any // as it was read
}

// partHash returns the hash that one element of a list of the body has as a request of its own at a path, without the field
// that holds its key.
func (r Request) partHash(path, list string, i int, key string) []byte {
	whole, _ := r.body.(object)
	parts, _ := whole.get(list)
	var part object
	if all, _ := parts.([]any); i < len(all) {
		part, _ = all[i].(object)
	}
	part = slices.DeleteFunc(slices.Clone(part), func(f field) bool { return f.name == key })
	return requestHash(http.MethodPost, path, r.query, part, true)
}

// Answer is what a writing request is answered with, now and at every replay: the bytes that the store keeps under the key.
// It converts to and from the store's own type.
type Answer struct {
	Status   int
	Location string
	Body     []byte
	Replayed bool // the answer is the first one's, and nothing was written now
}

// answerWith returns the answer whose body is a value in JSON.
func answerWith(status int, location string, body any) (Answer, error) {
	b, err := encode(body)
	return Answer{Status: status, Location: location, Body: b}, err
}

// idempotencyKey returns the key of a request.
func idempotencyKey(h http.Header) (string, error) {
	values := h.Values(keyHeader)
	if len(values) != 1 || values[0] == "" {
		return "", ledger.Fail(ledger.RuleIdempotencyKeyMissing, "The request needs one %s header.", keyHeader)
	}
	key := values[0]
	if len(key) > maxKey {
		return "", ledger.Fail(ledger.RuleIdempotencyKeyMissing, "The %s has %d characters; it may have %d.", keyHeader, len(key), maxKey)
	}
	for i := range len(key) {
		if key[i] <= ' ' || key[i] > '~' {
			return "", ledger.Fail(ledger.RuleIdempotencyKeyMissing, "The %s may have visible ASCII characters only.", keyHeader)
		}
	}
	return key, nil
}

// requestHash returns the hash of a request. The order of a body's fields and the space between them do not count.
func requestHash(method, path string, query url.Values, body any, hasBody bool) []byte {
	b := []byte(method + "\n" + path + "\n" + query.Encode() + "\n")
	if hasBody {
		b = canonical(b, body)
	}
	sum := sha256.Sum256(b)
	return sum[:]
}

// lateParameter documents how an item of a closed period is recorded.
func lateParameter() *huma.Param {
	return &huma.Param{Name: lateQuery, In: "query",
		Description: "An item of a closed period goes to the first open day and keeps its own date, as a prior-period adjustment. Left out, it is refused.",
		Schema:      &huma.Schema{Type: huma.TypeBoolean}}
}

// dryRunParameter documents how a request is tried.
func dryRunParameter() *huma.Param {
	return &huma.Param{Name: dryQuery, In: "query",
		Description: "Do everything, answer what would be answered with the header Dry-Run: true, and keep nothing. The identifiers in the answer are of nothing.",
		Schema:      &huma.Schema{Type: huma.TypeBoolean}}
}

// keyParameter documents the header.
func keyParameter() *huma.Param {
	one, most := 1, maxKey
	return &huma.Param{Name: keyHeader, In: "header", Required: true,
		Description: "A new text for each new request, such as a UUID. The same request with the same key is carried out once and answered alike for good.",
		Schema:      &huma.Schema{Type: huma.TypeString, MinLength: &one, MaxLength: &most, Pattern: "^[!-~]+$"},
		Example:     "3f0f3a1e-5a3b-4f5e-9c39-0c8a1f5d2b10"}
}
