package api

import (
	"testing"
	"time"

	"vcledger/ledger"
)

func TestMoneyAndDate(t *testing.T) {
	for in, want := range map[Money]string{{"10", "EUR"}: "10.00 EUR", {"100.00", "JPY"}: "100 JPY", {"1.5", "KWD"}: "1.500 KWD"} {
		m := in.Ledger()
		if got := m.String(); got != want {
			t.Errorf("%v: %s, want %s", in, got, want)
		}
		if again := moneyOf(m); again.Ledger().String() != want {
			t.Errorf("%v does not come back: %v", in, again)
		}
	}
	if d := Date("2026-03-01").Ledger(); d != ledger.NewDate(2026, time.March, 1) || dateOf(d) != "2026-03-01" {
		t.Errorf("%s", d)
	}
	if !Date("").Ledger().IsZero() || dateOf(ledger.Date{}) != "" {
		t.Error("no date is one")
	}
}

// TestUnchecked: a value that no schema checked is a fault of the program, not one to post.
func TestUnchecked(t *testing.T) {
	for name, use := range map[string]func(){
		"money": func() { Money{"1e3", "EUR"}.Ledger() },
		"date":  func() { Date("tomorrow").Ledger() },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: taken", name)
				}
			}()
			use()
		}()
	}
}

func TestPointerOf(t *testing.T) {
	for path, want := range map[string]string{"body": "", "body.allocations[0].amount": "/allocations/0/amount", "query.limit": "?limit", "path.id": "path:id",
		"header.If-Match": "header:If-Match", "body[2]": "/2"} {
		if got := pointerOf(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
