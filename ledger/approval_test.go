package ledger_test

import (
	"encoding/json"
	"testing"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

func TestWaits(t *testing.T) {
	written := writtenOff(t)
	for _, tt := range []struct {
		name   string
		policy ledger.ApprovalPolicy
		drafts []ledger.Draft
		want   bool
	}{
		{"nothing is required", ledger.ApprovalPolicy{}, written, false},
		{"everything is", ledger.ApprovalPolicy{Required: true}, written, true},
		{"as much as the threshold passes", ledger.ApprovalPolicy{Required: true, AboveUSD: decimal.RequireFromString("1200.00")}, written, false},
		{"a cent more waits", ledger.ApprovalPolicy{Required: true, AboveUSD: decimal.RequireFromString("1199.99")}, written, true},
		{"what posts nothing passes", ledger.ApprovalPolicy{Required: true}, nil, false},
		{"a reopening waits", ledger.ApprovalPolicy{Kind: ledger.ApproveReopening, Required: true, AboveUSD: decimal.RequireFromString("1199.99")}, nil, true},
	} {
		if got := tt.policy.Waits(tt.drafts); got != tt.want {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
}

// TestDraftIsKept holds a draft that was kept as JSON, as an approval keeps it, against the draft.
func TestDraftIsKept(t *testing.T) {
	drafts := writtenOff(t)
	data, err := json.Marshal(drafts)
	if err != nil {
		t.Fatal(err)
	}
	var kept []ledger.Draft
	if err := json.Unmarshal(data, &kept); err != nil {
		t.Fatal(err)
	}
	if !ledger.SameDrafts(drafts, kept) || !kept[0].Lines[0].Rate.Date.Equal(drafts[0].Lines[0].Rate.Date) {
		t.Errorf("kept %v, want %v", journal(kept...), journal(drafts...))
	}
	kept[0].Lines[0].Amount = kept[0].Lines[0].Amount.Add(decimal.New(1, -2))
	if ledger.SameDrafts(drafts, kept) {
		t.Error("a cent more is the same")
	}
}

// writtenOff returns the entry that writes off the pledge of 1,000 EUR, 1,200 USD.
func writtenOff(t *testing.T) []ledger.Draft {
	t.Helper()
	d, _, err := ledger.End(pledge(ledger.OnAgreement), agreed(), ledger.Ending{Leg: ledger.LegWrittenOff, On: day("2026-06-01"), Reason: "insolvent"})
	if err != nil {
		t.Fatal(err)
	}
	return []ledger.Draft{d}
}
