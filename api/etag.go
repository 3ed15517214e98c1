package api

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"vcledger/ledger"
)

const ifMatchHeader = "If-Match"

// etagOf returns the strong ETag of an answer: the same bytes have the same, and no others.
func etagOf(body []byte) string {
	sum := sha256.Sum256(body)
	return etagOfHash(sum[:])
}

// etagOfHash is the same for bytes whose SHA-256 is known.
func etagOfHash(sum []byte) string { return `"` + hex.EncodeToString(sum[:16]) + `"` }

// has reports whether a header of ETags has one (RFC 9110, section 13.1).
func has(header []string, etag string) bool {
	for _, known := range strings.Split(strings.Join(header, ","), ",") {
		if k := strings.TrimPrefix(strings.TrimSpace(known), "W/"); k == etag || k == "*" {
			return true
		}
	}
	return false
}

// unchanged reports, as stale, that a record is not what the request goes by any more.
func unchanged(r Request, record any) error {
	body, err := encode(record)
	if err != nil {
		return err
	}
	if !has([]string{r.IfMatch}, etagOf(body)) {
		return ledger.Fail(ledger.RuleEditStale, "The record has another ETag by now.")
	}
	return nil
}

// ifMatchParameter documents the header of an edit.
func ifMatchParameter() *huma.Param {
	return &huma.Param{Name: ifMatchHeader, In: "header", Required: true, Description: "The ETag of the record as it was read, so that nobody's edit is lost.",
		Schema: &huma.Schema{Type: huma.TypeString, MaxLength: new(200)}}
}
