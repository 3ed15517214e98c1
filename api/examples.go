package api

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
)

// exampleFiles hold the examples of the documentation, a file for each operation. They are not written by hand: the test
// of the story calls a running server and records what it asked and what was answered, with -update.
//
//go:embed examples/*.json
var exampleFiles embed.FS

// exampleCall is a call of an operation and its answer. Identifiers and instants differ at each run; in the file they are
// fixed.
type exampleCall struct {
	Name       string            `json:"name"` // of the example in the OpenAPI document
	Parameters map[string]string `json:"parameters,omitempty"`
	Body       json.RawMessage   `json:"body,omitempty"`
	Status     int               `json:"status"`
	Media      string            `json:"media"`
	Answer     json.RawMessage   `json:"answer"` // of another media type than JSON: a text
}

// exampleCalls returns the examples of each operation.
var exampleCalls = sync.OnceValue(func() map[string][]exampleCall {
	entries, err := exampleFiles.ReadDir("examples")
	if err != nil {
		panic(fmt.Sprintf("api: %v", err)) // the files are part of the program
	}
	calls := map[string][]exampleCall{}
	for _, e := range entries {
		data, err := exampleFiles.ReadFile(path.Join("examples", e.Name()))
		if err != nil {
			panic(fmt.Sprintf("api: %v", err))
		}
		var list []exampleCall
		if err := json.Unmarshal(data, &list); err != nil {
			panic(fmt.Sprintf("api: %s: %v", e.Name(), err))
		}
		calls[strings.TrimSuffix(e.Name(), ".json")] = list
	}
	return calls
})

// exemplify puts the examples of an operation into the OpenAPI document.
func exemplify(_ *huma.OpenAPI, op *huma.Operation) {
	for _, call := range exampleCalls()[op.OperationID] {
		for _, p := range op.Parameters {
			if value, ok := call.Parameters[p.Name]; ok {
				p.Examples = withExample(p.Examples, call.Name, typed(p.Schema, value))
			}
		}
		if op.RequestBody != nil && op.RequestBody.Content[jsonType] != nil {
			media := op.RequestBody.Content[jsonType]
			media.Examples = withExample(media.Examples, call.Name, call.Body)
		}
		if response := op.Responses[strconv.Itoa(call.Status)]; response != nil {
			if media := response.Content[call.Media]; media != nil {
				media.Examples = withExample(media.Examples, call.Name, call.Answer)
			}
		}
	}
}

func withExample(examples map[string]*huma.Example, name string, value any) map[string]*huma.Example {
	if examples == nil {
		examples = map[string]*huma.Example{}
	}
	examples[name] = &huma.Example{Summary: strings.ReplaceAll(name, "-", " "), Value: value}
	return examples
}

// firstExample returns the name of the call that the page of the documentation shows, and the call.
func firstExample(operation string) (exampleCall, bool) {
	calls := exampleCalls()[operation]
	i := slices.IndexFunc(calls, func(c exampleCall) bool { return c.Media == jsonType })
	if i < 0 {
		return exampleCall{}, false
	}
	return calls[i], true
}
