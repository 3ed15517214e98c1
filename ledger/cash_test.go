package ledger_test

import (
	"testing"

	"vcledger/ledger"
)

// TestCashRun asks for the least that is available from a day on: what is spent on a day is missing on all later ones.
func TestCashRun(t *testing.T) {
	var r ledger.CashRun
	r.Move(day("2026-03-01"), dec("100"))
	r.Move(day("2026-01-01"), dec("50"))
	r.Move(day("2026-02-01"), dec("-30"))
	r.Move(day("2026-02-01"), dec("-10"))
	for _, tt := range []struct{ from, on, usd string }{
		{"2025-12-31", "2025-12-31", "0"},
		{"2026-01-01", "2026-02-01", "10"},
		{"2026-01-15", "2026-02-01", "10"},
		{"2026-02-01", "2026-02-01", "10"},
		{"2026-02-28", "2026-02-28", "10"},
		{"2026-03-01", "2026-03-01", "110"},
		{"2027-01-01", "2027-01-01", "110"},
	} {
		on, usd := r.Lowest(day(tt.from))
		if !on.Equal(day(tt.on)) || !usd.Equal(dec(tt.usd)) {
			t.Errorf("from %s: %s on %s, want %s on %s", tt.from, usd, on, tt.usd, tt.on)
		}
	}
	if on, usd := (ledger.CashRun)(nil).Lowest(day("2026-01-01")); !usd.IsZero() || !on.Equal(day("2026-01-01")) {
		t.Errorf("without cash: %s on %s", usd, on)
	}
}
