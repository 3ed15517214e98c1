package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"vcledger/ledger"
)

// Paging is embedded in the input of every list.
type Paging struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"How many items a page may have."`
	Cursor string `query:"cursor" maxLength:"2000" doc:"Where the page before ended: its next_cursor. It is bound to the list and its filters."`
}

func (p Paging) paging() Paging { return p }

// Window is the part of a list that a request asks for.
type Window[Key any] struct {
	After *Key // the sort key of the last item of the page before; nil on the first page
	Limit int
}

// Page is one page of a list.
type Page[Item any] struct {
	Items      []Item `json:"items" doc:"The items of this page."`
	NextCursor string `json:"next_cursor,omitempty" doc:"For the parameter cursor, to get the next page; absent on the last one. The Link header has the whole address."`
}

// listing is what a cursor is bound to: the list's path and its filters.
type listing struct {
	path    string
	filters url.Values // the query without limit and cursor
	query   url.Values
}

func listingOf(path string, query url.Values) listing {
	l := listing{path: path, query: query, filters: url.Values{}}
	for name, values := range query {
		if name != "limit" && name != "cursor" {
			l.filters[name] = values
		}
	}
	return l
}

// cursor is what a cursor holds. The sum guards against mistakes and not against forgery: a forged key shows nothing that
// the list would not.
type cursor struct {
	Key json.RawMessage `json:"k"`
	Sum []byte          `json:"s"`
}

// sum binds a sort key to the list.
func (l listing) sum(key []byte) []byte {
	h := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s", l.path, l.filters.Encode(), key))
	return h[:16]
}

// seal returns the cursor that leads on from a sort key.
func (l listing) seal(key any) (string, error) {
	k, err := json.Marshal(key)
	if err != nil {
		return "", fmt.Errorf("encode the cursor: %w", err)
	}
	b, err := json.Marshal(cursor{Key: k, Sum: l.sum(k)})
	if err != nil {
		return "", fmt.Errorf("encode the cursor: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// open returns the sort key of a cursor of this list.
func (l listing) open(text string) (json.RawMessage, bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, false
	}
	var c cursor
	if err := json.Unmarshal(b, &c); err != nil || !bytes.Equal(c.Sum, l.sum(c.Key)) {
		return nil, false
	}
	return c.Key, true
}

// next returns the address of the page after.
func (l listing) next(cursor string) string {
	q := url.Values{}
	for name, values := range l.query {
		q[name] = values
	}
	q.Set("cursor", cursor)
	return l.path + "?" + q.Encode()
}

// window returns the part of the list that a checked request asks for.
func window[Key any](c *call, limit int) (Window[Key], error) {
	w := Window[Key]{Limit: limit}
	if c.after == nil {
		return w, nil
	}
	w.After = new(Key)
	dec := json.NewDecoder(bytes.NewReader(c.after))
	dec.DisallowUnknownFields()
	if err := dec.Decode(w.After); err != nil {
		return w, badCursor().Err()
	}
	return w, nil
}

func badCursor() ledger.Violations {
	var v ledger.Violations
	v.Add("?cursor", ledger.RuleCursor, "The cursor is not one of this list with these filters.")
	return v
}

// pageOf makes the page and its Link header (RFC 8288).
func pageOf[Item, Key any](c *call, items []Item, next *Key) (Page[Item], string, error) {
	p := Page[Item]{Items: items}
	if p.Items == nil {
		p.Items = []Item{}
	}
	if next == nil {
		return p, "", nil
	}
	if len(items) == 0 {
		return p, "", errors.New("a page without items has no next page")
	}
	var err error
	if p.NextCursor, err = c.list.seal(next); err != nil {
		return p, "", err
	}
	return p, fmt.Sprintf("<%s>; rel=%q", c.list.next(p.NextCursor), "next"), nil
}
