package api

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// pages are the routes that are no operations: people read them, or the monitoring.
var pages = []string{"/docs", "/openapi.json", "/problems", "/problems/{rule}", "/assets/", "/metrics"}

// TestRoutes holds the router against the document: neither has a route that the other lacks.
func TestRoutes(t *testing.T) {
	s := New(Config{})
	var routed, documented []string
	parameter := regexp.MustCompile(`:([a-z_]+)`)
	for _, r := range s.echo.Routes() {
		path := parameter.ReplaceAllString(r.Path, "{$1}")
		isPage := slices.ContainsFunc(pages, func(page string) bool {
			return path == page || strings.HasSuffix(page, "/") && strings.HasPrefix(path, page)
		})
		if isPage && r.Method == http.MethodGet {
			continue
		}
		routed = append(routed, r.Method+" "+path)
	}
	for path, item := range s.api.OpenAPI().Paths {
		if item.Get != nil {
			documented = append(documented, "GET "+path)
		}
		if item.Post != nil {
			documented = append(documented, "POST "+path)
		}
		if item.Patch != nil {
			documented = append(documented, "PATCH "+path)
		}
		if item.Put != nil || item.Delete != nil || item.Head != nil || item.Options != nil || item.Trace != nil {
			t.Errorf("%s has an operation that is neither GET, POST nor PATCH", path)
		}
	}
	slices.Sort(routed)
	slices.Sort(documented)
	if diff := cmp.Diff(documented, routed); diff != "" || len(routed) < 70 {
		t.Errorf("the router (+) and the document (-):\n%s", diff)
	}
}
