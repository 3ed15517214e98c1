package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestBenchShares holds that no two clients' batches pay the same pledge, and that together they pay all.
func TestBenchShares(t *testing.T) {
	var b bench
	for i := range 50 {
		b.pledges = append(b.pledges, benchPledge{ID: fmt.Sprint(i)})
	}
	for _, clients := range []int{1, 8, 32} {
		payer := map[string]int{}
		for i := range clients {
			next := b.share(i, clients)
			for range 1000 {
				id := next().ID
				if other, paid := payer[id]; paid && other != i {
					t.Fatalf("%d clients: pledge %s is paid by %d and %d", clients, id, other, i)
				}
				payer[id] = i
			}
		}
		if len(payer) != len(b.pledges) {
			t.Errorf("%d clients pay %d pledges of %d", clients, len(payer), len(b.pledges))
		}
	}
}

// TestBenchRefusals holds that what a server gives as its reason is counted and said.
func TestBenchRefusals(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprint(w, `{"detail":"The request was not finished in time."}`)
	}))
	defer server.Close()
	ask, end := caller(server.URL, "", func(int, int) func() (string, string) { return func() (string, string) { return "/", "" } })(0, 1)
	m := benchMeasure{Name: "anything", Clients: 1}
	for range 2 {
		var no refusal
		if err := ask(t.Context()); !errors.As(err, &no) {
			t.Fatal(err)
		}
		m.refuse(no)
	}
	if err := end(); err != nil {
		t.Fatal(err)
	}
	notes := benchLedger{Measured: []benchMeasure{m}}.notes()
	if m.Refused != 2 || len(notes) != 1 || !strings.HasSuffix(notes[0], "refused 2 times: 503 Service Unavailable: The request was not finished in time.") {
		t.Errorf("%d refused: %q", m.Refused, notes)
	}
}
