package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"vcledger/ledger"
)

// maxDepth bounds how deep objects and lists are nested in a body.
const maxDepth = 32

// object is a JSON object with its fields in the order in which they were written.
type object []field

type field struct {
	name  string
	value any // nil, bool, json.Number, string, badText, []any or object
}

// badText stands for a string that no Unicode text is: it has half of a surrogate pair.
type badText struct{}

// get returns the value of a field.
func (o object) get(name string) (any, bool) {
	for _, f := range o {
		if f.name == name {
			return f.value, true
		}
	}
	return nil, false
}

// parseJSON reads exactly one JSON value, more strictly than encoding/json: in UTF-8, no field named twice, no deeper than
// [maxDepth]. Numbers are kept as they were written.
// Errors: [ledger.RuleMalformedBody], [ledger.RuleDuplicateField] with a pointer to each.
func parseJSON(body []byte) (any, error) {
	if len(body) == 0 {
		return nil, ledger.Fail(ledger.RuleMalformedBody, "The body is empty; it must be one JSON value.")
	}
	if !utf8.Valid(body) {
		at := 0
		for r, n := utf8.DecodeRune(body); r != utf8.RuneError || n > 1; r, n = utf8.DecodeRune(body[at:]) {
			at += n
		}
		return nil, ledger.Fail(ledger.RuleMalformedBody, "The body is not UTF-8: %s.", place(body, at))
	}
	var whole json.RawMessage
	if err := json.Unmarshal(body, &whole); err != nil {
		var syntax *json.SyntaxError
		if !errors.As(err, &syntax) {
			return nil, fmt.Errorf("read JSON: %w", err)
		}
		return nil, ledger.Fail(ledger.RuleMalformedBody, "The body is not one JSON value: %s, %s.", syntax, place(body, int(syntax.Offset)-1))
	}
	p := parser{body: body, dec: json.NewDecoder(bytes.NewReader(body))}
	p.dec.UseNumber()
	v, err := p.value("", 0)
	if err != nil {
		return nil, err
	}
	if len(p.twice) > 0 {
		return nil, &ledger.Error{Kind: ledger.RuleDuplicateField.Doc().Kind, Rule: ledger.RuleDuplicateField,
			Detail: "A field stands twice in the body.", Violations: p.twice}
	}
	return v, nil
}

// place tells where a byte is, as an editor counts.
func place(body []byte, at int) string {
	at = min(max(at, 0), len(body))
	line := bytes.Count(body[:at], []byte("\n"))
	start := bytes.LastIndexByte(body[:at], '\n') + 1
	return fmt.Sprintf("line %d, column %d", line+1, utf8.RuneCount(body[start:at])+1)
}

// parser builds the value of a body that encoding/json found well-formed.
type parser struct {
	body  []byte
	dec   *json.Decoder
	twice ledger.Violations
}

func (p *parser) value(pointer string, depth int) (any, error) {
	from := p.dec.InputOffset()
	token, err := p.dec.Token()
	if err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	switch t := token.(type) {
	case json.Delim:
		if depth == maxDepth {
			return nil, ledger.Fail(ledger.RuleMalformedBody, "The body is nested deeper than %d.", maxDepth)
		}
		if t == '{' {
			return p.object(pointer, depth)
		}
		return p.list(pointer, depth)
	case string:
		if halfSurrogate(p.body[from:p.dec.InputOffset()]) {
			return badText{}, nil
		}
	}
	return token, nil
}

func (p *parser) object(pointer string, depth int) (object, error) {
	o := object{}
	seen := map[string]bool{}
	for p.dec.More() {
		token, err := p.dec.Token()
		if err != nil {
			return nil, fmt.Errorf("read JSON: %w", err)
		}
		name, ok := token.(string)
		if !ok {
			return nil, errors.New("read JSON: a field without a name")
		}
		at := pointer + pointerTo(name)
		v, err := p.value(at, depth+1)
		if err != nil {
			return nil, err
		}
		if seen[name] {
			p.twice.Add(at, ledger.RuleDuplicateField, "The field stands twice.")
			continue
		}
		seen[name] = true
		o = append(o, field{name, v})
	}
	return o, p.end()
}

func (p *parser) list(pointer string, depth int) ([]any, error) {
	list := []any{}
	for p.dec.More() {
		v, err := p.value(pointer+"/"+strconv.Itoa(len(list)), depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, p.end()
}

// end reads the bracket that closes an object or a list.
func (p *parser) end() error {
	if _, err := p.dec.Token(); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read JSON: %w", err)
	}
	return nil
}

// pointerTo returns the part of a pointer that leads to a field (RFC 6901, section 3). The name is a caller's and may be
// as long as a body, so it is cut.
func pointerTo(name string) string {
	const limit = 100
	if utf8.RuneCountInString(name) > limit {
		name = string([]rune(name)[:limit]) + "…"
	}
	return "/" + pointerEscapes.Replace(name)
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// halfSurrogate reports whether a string, as it is written in JSON, escapes half of a surrogate pair, which encoding/json
// would replace without a word.
func halfSurrogate(written []byte) bool {
	unit := func(at int) uint64 { // of an escape \uXXXX at that place; 0 when there is none
		if at+6 > len(written) || written[at] != '\\' || written[at+1] != 'u' {
			return 0
		}
		u, err := strconv.ParseUint(string(written[at+2:at+6]), 16, 16)
		if err != nil {
			return 0
		}
		return u
	}
	high := func(u uint64) bool { return u >= 0xD800 && u < 0xDC00 }
	low := func(u uint64) bool { return u >= 0xDC00 && u < 0xE000 }
	for at := 0; at < len(written); at++ {
		if written[at] != '\\' {
			continue
		}
		switch u := unit(at); {
		case high(u) && low(unit(at+6)):
			at += 11
		case high(u), low(u):
			return true
		default:
			at++ // whatever is escaped, also a backslash
		}
	}
	return false
}

// canonical appends a value as JSON in one form: fields in the order of their names, no space, numbers as written. Two
// bodies that mean the same give the same bytes.
func canonical(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, v)
	case json.Number:
		return append(b, v...)
	case string:
		return appendText(b, v)
	case []any:
		b = append(b, '[')
		for i, item := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = canonical(b, item)
		}
		return append(b, ']')
	case object:
		sorted := slices.Clone(v)
		slices.SortFunc(sorted, func(x, y field) int { return strings.Compare(x.name, y.name) })
		b = append(b, '{')
		for i, f := range sorted {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendText(b, f.name), ':')
			b = canonical(b, f.value)
		}
		return append(b, '}')
	default: // badText: such a request is refused before anything is made of it
		return append(b, `"�"`...)
	}
}

// appendText appends a string as JSON.
func appendText(b []byte, s string) []byte {
	if !strings.ContainsFunc(s, escapedInJSON) { // nearly every one, and the encoder costs ten times as much
		return append(append(append(b, '"'), s...), '"')
	}
	text, err := encode(s)
	if err != nil {
		return b // a string always has a JSON form
	}
	return append(b, bytes.TrimSuffix(text, []byte("\n"))...)
}

// escapedInJSON reports whether a character may be written otherwise than as itself.
func escapedInJSON(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }
