package api_test

import (
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vcledger/api"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// openAPI returns the document that a server serves.
func openAPI(t *testing.T) []byte {
	t.Helper()
	w := httptest.NewRecorder()
	api.New(api.Config{Version: "test"}).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/openapi.json", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("status %d", w.Code)
	}
	return w.Body.Bytes()
}

// TestOpenAPIGolden makes every change of the contract visible in a diff.
func TestOpenAPIGolden(t *testing.T) {
	path := filepath.Join("testdata", "openapi.json")
	got := openAPI(t)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("the contract changed; go test ./api -update rewrites it (-golden +served):\n%s", diff)
	}
}

// TestOpenAPIValid validates the document against the official schema of OpenAPI 3.1 (testdata/openapi-3.1.schema.json is
// https://spec.openapis.org/oas/3.1/schema/2026-08-03, Apache License 2.0), and each of its schemas against JSON Schema 2020-12.
func TestOpenAPIValid(t *testing.T) {
	doc := readContract(t)
	official, err := doc.compiler.Compile("testdata/openapi-3.1.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := official.Validate(doc.raw); err != nil {
		t.Errorf("%v", err)
	}
	for name := range doc.raw.(map[string]any)["components"].(map[string]any)["schemas"].(map[string]any) {
		if _, err := doc.compiler.Compile("openapi.json#/components/schemas/" + escape(name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestOpenAPIDescribes holds that every operation says who may use it, what it answers and which problems it has.
func TestOpenAPIDescribes(t *testing.T) {
	var doc struct {
		OpenAPI string
		Tags    []struct{ Name, Description string }
		Paths   map[string]map[string]struct {
			OperationID string
			Summary     string
			Description string
			Tags        []string
			Parameters  []struct {
				Name, Description string
				Schema            struct{ Description string }
			}
			Security  []map[string][]string
			Responses map[string]struct {
				Content map[string]struct{ Schema json.RawMessage }
			}
		}
	}
	if err := json.Unmarshal(openAPI(t), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.OpenAPI != "3.1.0" || len(doc.Paths) < 20 {
		t.Fatalf("OpenAPI %s with %d paths", doc.OpenAPI, len(doc.Paths))
	}
	for _, tag := range doc.Tags {
		if tag.Description == "" {
			t.Errorf("the group %s is not described", tag.Name)
		}
	}
	for path, operations := range doc.Paths {
		for method, op := range operations {
			if op.OperationID == "" || op.Summary == "" || len(op.Tags) == 0 || len(op.Security) == 0 || len(op.Responses) < 3 {
				t.Errorf("%s %s is not described: %+v", method, path, op)
			}
			if description, _, _ := strings.Cut(op.Description, "For: "); strings.TrimSpace(description) == "" {
				t.Errorf("%s %s has no description", method, path)
			}
			for _, p := range op.Parameters {
				if p.Description == "" && p.Schema.Description == "" {
					t.Errorf("%s %s: the parameter %s is not described", method, path, p.Name)
				}
			}
			for status, r := range op.Responses {
				for media, content := range r.Content {
					if len(content.Schema) == 0 {
						t.Errorf("%s %s: %s in %s has no schema", method, path, status, media)
					}
				}
			}
		}
	}
}
