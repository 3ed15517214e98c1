package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"vcledger/reports"
)

// TestHeld lists what nobody knows, what is held in advance and what is owed back, with its age on several days.
func TestHeld(t *testing.T) {
	t.Parallel()
	c := serve(t)
	c.post("/v1/receipts", `{"value_date":"2026-03-01","fund":"CPCJF","amount":{"amount":"100.00","currency":"EUR"},"payer":"KfW"}`).want(201)
	pledge := c.pledged("1000.00")
	receipt := c.paid(pledge, "1100.00")
	c.approve(c.post("/v1/refunds", fmt.Sprintf(`{"receipt":%q,"source":"advance","amount":{"amount":"40.00","currency":"USD"},"effective_date":"2026-05-01","reason":"Asked for"}`, receipt)))
	for _, tt := range []struct{ asOf, want string }{
		{"2026-02-28", ""},
		{"2026-03-31", "2100 0-30 100.00 EUR, 2200 0-30 100.00 USD"},
		{"2026-05-15", "2100 31-90 100.00 EUR, 2200 31-90 60.00 USD, 2500 0-30 40.00 USD"},
	} {
		var list reports.HeldList
		if err := json.Unmarshal([]byte(c.get("/v1/receipts/held?fund=CPCJF&as_of="+tt.asOf).want(200).body), &list); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, i := range list.Items {
			got = append(got, fmt.Sprintf("%s %s %s %s", i.Account, i.Bucket, i.Amount.Money.Fixed(), i.Amount.Money.Currency))
		}
		if strings.Join(got, ", ") != tt.want {
			t.Errorf("held on %s: %v, want %s", tt.asOf, got, tt.want)
		}
	}
	if csv := c.get("/v1/receipts/held?as_of=2026-05-15&format=csv").want(200).body; !strings.Contains(csv, "2500,0-30,USD,40.00,40.00") {
		t.Errorf("CSV: %s", csv)
	}
}
