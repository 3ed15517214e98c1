package main

import (
	"fmt"
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
