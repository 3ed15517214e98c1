package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// contract is the OpenAPI document that a server serves, read as any client would, with a validator that is not ours.
type contract struct {
	raw        any
	schemas    map[string]map[string]any
	operations []*described
	compiler   *jsonschema.Compiler
	compiled   map[string]*jsonschema.Schema
}

// described is an operation as the document describes it.
type described struct {
	id, method, path string
	at               string // its JSON pointer
	Parameters       []parameter
	RequestBody      *struct{ Content map[string]content }
	Responses        map[string]struct{ Content map[string]content }
	OperationID      string
	Description      string
}

type parameter struct {
	Name, In string
	Required bool
	Schema   map[string]any
	Examples map[string]struct{ Value json.RawMessage }
	Example  json.RawMessage
}

type content struct {
	Schema   map[string]any
	Examples map[string]struct {
		Value json.RawMessage
		Ref   string `json:"$ref"`
	}
}

// readContract reads the document.
func readContract(t *testing.T) *contract {
	t.Helper()
	data := openAPI(t)
	var doc struct {
		Paths      map[string]map[string]*described
		Components struct{ Schemas map[string]map[string]any }
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	raw, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := &contract{raw: raw, schemas: doc.Components.Schemas, compiler: jsonschema.NewCompiler(), compiled: map[string]*jsonschema.Schema{}}
	c.compiler.AssertFormat()
	if err := c.compiler.AddResource("openapi.json", raw); err != nil {
		t.Fatal(err)
	}
	for path, item := range doc.Paths {
		for method, op := range item {
			op.id, op.method, op.path = op.OperationID, strings.ToUpper(method), path
			op.at = "/paths/" + escape(path) + "/" + method
			c.operations = append(c.operations, op)
		}
	}
	slices.SortFunc(c.operations, func(a, b *described) int { return strings.Compare(a.id, b.id) })
	return c
}

// operation returns the operation with the identifier.
func (c *contract) operation(t *testing.T, id string) *described {
	t.Helper()
	i := slices.IndexFunc(c.operations, func(op *described) bool { return op.id == id })
	if i < 0 {
		t.Fatalf("the document has no operation %s", id)
	}
	return c.operations[i]
}

// escape writes a name as a part of a JSON pointer (RFC 6901).
func escape(name string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(name) }

// check validates a JSON value against the schema at a place of the document.
func (c *contract) check(t *testing.T, at string, data []byte) {
	t.Helper()
	schema := c.compiled[at]
	if schema == nil {
		var err error
		if schema, err = c.compiler.Compile("openapi.json#" + at); err != nil {
			t.Fatalf("%s: %v", at, err)
		}
		c.compiled[at] = schema
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Errorf("%s: %v: %s", at, err, data)
		return
	}
	if err := schema.Validate(value); err != nil {
		t.Errorf("%s: %v\n%s", at, err, data)
	}
}

// checkAnswer validates an answer against what the document says of its status and media type.
func (c *contract) checkAnswer(t *testing.T, op *described, a answer) {
	t.Helper()
	media, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	status := strconv.Itoa(a.status)
	response, ok := op.Responses[status]
	if !ok {
		t.Errorf("%s answers %s, which the document lacks: %s", op.id, status, a.body)
		return
	}
	if _, ok := response.Content[media]; !ok {
		t.Errorf("%s answers %s in %q, which the document lacks", op.id, status, media)
		return
	}
	if media == "application/json" || media == "application/problem+json" {
		c.check(t, op.at+"/responses/"+status+"/content/"+escape(media)+"/schema", []byte(a.body))
	}
}

// success returns the status of an operation that did what it was asked; 202 is that it waits.
func (op *described) success() int {
	for _, status := range []int{http.StatusOK, http.StatusCreated} {
		if _, ok := op.Responses[strconv.Itoa(status)]; ok {
			return status
		}
	}
	return 0
}
