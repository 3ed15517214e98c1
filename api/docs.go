package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"vcledger/api/web"
	"vcledger/ledger"
)

// docsOf makes the documentation's page from the OpenAPI document: what the page says is what the router does.
func docsOf(o *huma.OpenAPI) web.Docs {
	d := web.Docs{Title: o.Info.Title, Version: o.Info.Version, Description: paragraphs(o.Info.Description)}
	r := docsReader{schemas: o.Components.Schemas}
	tags := slices.Clone(o.Tags)
	sort.SliceStable(tags, func(i, j int) bool { return tags[i].Name != serviceTag && tags[j].Name == serviceTag })
	for _, tag := range tags {
		g := web.Group{Name: tag.Name}
		for _, path := range sortedKeys(o.Paths) {
			item := o.Paths[path]
			for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
				if op != nil && slices.Contains(op.Tags, tag.Name) {
					g.Operations = append(g.Operations, r.operation(op))
				}
			}
		}
		d.Groups = append(d.Groups, g)
	}
	d.Roles, d.Access = accessOf(o)
	return d
}

// accessOf returns the table of who may do what, in the order of the operations.
func accessOf(o *huma.OpenAPI) (roles []string, rows []web.Access) {
	for _, role := range ledger.Roles {
		roles = append(roles, string(role))
	}
	for _, path := range sortedKeys(o.Paths) {
		item := o.Paths[path]
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			row := web.Access{Operation: op.OperationID, Summary: op.Summary, May: make([]bool, len(ledger.Roles))}
			allowed, closed := op.Extensions[rolesExtension].([]ledger.Role)
			for i, role := range ledger.Roles {
				row.May[i] = !closed || slices.Contains(allowed, role)
			}
			rows = append(rows, row)
		}
	}
	return roles, rows
}

// paragraphs splits a description at its empty lines.
func paragraphs(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n\n")
}

// docsReader turns schemas into tables and examples.
type docsReader struct{ schemas huma.Registry }

func (r docsReader) operation(op *huma.Operation) web.Operation {
	w := web.Operation{ID: op.OperationID, Method: op.Method, Path: op.Path, Summary: op.Summary, Description: paragraphs(op.Description)}
	for _, p := range op.Parameters {
		f := r.describe(p.Name, p.Schema)
		f.In, f.Required = p.In, p.Required
		if p.Description != "" {
			f.Description = p.Description
		}
		w.Parameters = append(w.Parameters, f)
	}
	call, called := firstExample(op.OperationID)
	body := ""
	if op.RequestBody != nil && op.RequestBody.Content[jsonType] != nil {
		schema := op.RequestBody.Content[jsonType].Schema
		w.Body = r.fields("", schema, nil)
		w.BodyExample = r.example(schema)
		if called {
			w.BodyExample = indented(call.Body)
		}
		body = compact(w.BodyExample)
	}
	w.Curl = curl(op, call.Parameters, body)
	for _, status := range sortedKeys(op.Responses) {
		response := op.Responses[status]
		if media := response.Content[problemType]; media != nil {
			for _, rule := range sortedKeys(media.Examples) {
				w.Problems = append(w.Problems, web.Refusal{Status: status, Path: problemPath + rule, Name: rule, Title: ledger.Rule(rule).Doc().Title})
			}
			continue
		}
		a := r.answer(status, response)
		if called && status == strconv.Itoa(call.Status) {
			a.Example = indented(call.Answer)
		}
		w.Answers = append(w.Answers, a)
	}
	return w
}

func (r docsReader) answer(status string, response *huma.Response) web.Answer {
	a := web.Answer{Status: status}
	if code, err := strconv.Atoi(status); err == nil {
		a.Text = http.StatusText(code)
	}
	for _, name := range sortedKeys(response.Headers) {
		f := r.describe(name, response.Headers[name].Schema)
		f.In = "header"
		a.Fields = append(a.Fields, f)
	}
	if media := response.Content[jsonType]; media != nil {
		for _, f := range r.fields("", media.Schema, nil) {
			f.Required = false // that is for the caller's side
			a.Fields = append(a.Fields, f)
		}
		a.Example = r.example(media.Schema)
	}
	return a
}

// fields lists what a schema holds, each named by its way from the top: "allocations[].amount.currency".
func (r docsReader) fields(prefix string, s *huma.Schema, above []*huma.Schema) []web.Field {
	s = r.resolve(s)
	if slices.Contains(above, s) {
		return nil // a type that holds itself is shown once
	}
	above = append(slices.Clone(above), s)
	if s.Type == huma.TypeArray {
		return r.fields(prefix+"[]", s.Items, above)
	}
	if prefix != "" {
		prefix += "."
	}
	names := sortedKeys(s.Properties)
	sort.SliceStable(names, func(i, j int) bool { return order(s, names[i]) < order(s, names[j]) })
	var list []web.Field
	for _, name := range names {
		f := r.describe(prefix+name, s.Properties[name])
		f.Required = slices.Contains(s.Required, name)
		list = append(list, f)
		list = append(list, r.fields(prefix+name, s.Properties[name], above)...)
	}
	return list
}

// order puts the fields that must be there first, as their type lists them.
func order(s *huma.Schema, name string) int {
	if i := slices.Index(s.Required, name); i >= 0 {
		return i
	}
	return len(s.Required)
}

func (r docsReader) resolve(s *huma.Schema) *huma.Schema {
	if len(s.AnyOf) > 0 {
		s = s.AnyOf[0] // or null
	}
	for s.Ref != "" {
		s = r.schemas.SchemaFromRef(s.Ref)
	}
	return s
}

// describe says of one value what it is and what it may be.
func (r docsReader) describe(name string, s *huma.Schema) web.Field {
	f := web.Field{Name: name, Description: s.Description}
	format := s.Format
	s = r.resolve(s)
	if f.Description == "" {
		f.Description = s.Description
	}
	if format == "" {
		format = s.Format
	}
	f.Type = strings.TrimSpace(s.Type + " " + format)
	if s.Type == huma.TypeInteger {
		f.Type = s.Type // how many bits is nobody's concern; the limits follow
	}
	add := func(text string, args ...any) { f.Limits = append(f.Limits, fmt.Sprintf(text, args...)) }
	for s.Type == huma.TypeArray {
		if s.MaxItems != nil {
			add("at most %d items", *s.MaxItems)
		}
		s = r.resolve(s.Items)
		f.Type = "list of " + strings.TrimSpace(s.Type+" "+s.Format)
	}
	if len(s.Enum) > 0 {
		words := make([]string, len(s.Enum))
		for i, e := range s.Enum {
			words[i] = fmt.Sprint(e)
		}
		add("one of %s", strings.Join(words, ", "))
	}
	if s.MaxLength != nil {
		add("at most %d characters", *s.MaxLength)
	}
	if s.Minimum != nil {
		add("at least %.0f", *s.Minimum)
	}
	if s.Maximum != nil {
		add("at most %.0f", *s.Maximum)
	}
	if s.PatternDescription != "" {
		add("%s", s.PatternDescription)
	}
	if s.Default != nil {
		add("%v unless given", s.Default)
	}
	return f
}

// example makes a value of a schema from the examples of its parts.
func (r docsReader) example(s *huma.Schema) string {
	return indented(r.appendExample(nil, s, nil))
}

func indented(data []byte) string {
	var b bytes.Buffer
	if err := json.Indent(&b, data, "", "  "); err != nil {
		return ""
	}
	return b.String()
}

func (r docsReader) appendExample(b []byte, s *huma.Schema, above []*huma.Schema) []byte {
	if len(s.Examples) > 0 {
		return appendValue(b, s.Examples[0])
	}
	s = r.resolve(s)
	switch {
	case len(s.Examples) > 0:
		return appendValue(b, s.Examples[0])
	case s.Default != nil:
		return appendValue(b, s.Default)
	case len(s.Enum) > 0:
		return appendValue(b, s.Enum[0])
	case slices.Contains(above, s):
		return append(b, "{}"...)
	}
	above = append(slices.Clone(above), s)
	switch s.Type {
	case huma.TypeArray:
		return append(r.appendExample(append(b, '['), s.Items, above), ']')
	case huma.TypeObject:
		names := sortedKeys(s.Properties)
		sort.SliceStable(names, func(i, j int) bool { return order(s, names[i]) < order(s, names[j]) })
		b = append(b, '{')
		for i, name := range names {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendText(b, name), ':')
			b = r.appendExample(b, s.Properties[name], above)
		}
		return append(b, '}')
	case huma.TypeInteger:
		return append(b, '1')
	case huma.TypeBoolean:
		return append(b, "true"...)
	}
	switch s.Format {
	case formatUUID:
		return appendText(b, "0198c2a4-7f30-7c55-9d3e-6a1f1f0b7c55")
	case formatInstant:
		return appendText(b, "2026-03-01T15:04:05Z")
	case formatDate:
		return appendText(b, "2026-03-01")
	case formatCurrency:
		return appendText(b, "EUR")
	}
	return appendText(b, "text")
}

func appendValue(b []byte, v any) []byte {
	text, err := encode(v)
	if err != nil {
		return append(b, "null"...)
	}
	return append(b, bytes.TrimSpace(text)...)
}

func compact(text string) string {
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(text)); err != nil {
		return text
	}
	return b.String()
}

// curl shows how to call an operation from a shell.
func curl(op *huma.Operation, parameters map[string]string, body string) string {
	address, query := "http://127.0.0.1:8080"+op.Path, url.Values{}
	for name, value := range parameters {
		if part := "{" + name + "}"; strings.Contains(address, part) {
			address = strings.ReplaceAll(address, part, url.PathEscape(value))
		} else {
			query.Set(name, value)
		}
	}
	if len(query) > 0 {
		address = "'" + address + "?" + query.Encode() + "'" // the shell has a use of its own for &
	}
	lines := []string{"curl " + address}
	if op.Method != http.MethodGet {
		lines[0] = "curl -X " + op.Method + " " + address
	}
	if len(op.Security) > 0 && len(op.Security[0]) > 0 {
		lines = append(lines, `-H "Authorization: Bearer $VCLEDGER_KEY"`)
	}
	if slices.ContainsFunc(op.Parameters, func(p *huma.Param) bool { return p.Name == keyHeader }) {
		lines = append(lines, `-H "`+keyHeader+`: $(uuidgen)"`)
	}
	if body != "" {
		lines = append(lines, `-H "Content-Type: `+jsonType+`"`, "-d '"+strings.ReplaceAll(body, "'", `'\''`)+"'")
	}
	return strings.Join(lines, " \\\n  ")
}
