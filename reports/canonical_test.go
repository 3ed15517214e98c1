package reports_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"vcledger/ledger"
	"vcledger/reports"
)

// plainJSON writes a document as the standard library does, and as it has been hashed and frozen from the first day on.
func plainJSON(t rapid.TB, doc any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(doc); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestCanonicalIsPlain writes any text that PostgreSQL keeps, any amount and any date as the standard library does: what was frozen goes
// on being what it was.
func TestCanonicalIsPlain(t *testing.T) {
	t.Parallel()
	texts := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"<a href='x'>&amp;</a>", "\u2028\u2029\u0001\u001f\u007f\ufffd\ufeff", `"\/`, "\u202eΕλλάδα"}))
	currencies := rapid.SampledFrom([]ledger.Currency{"USD", "JPY", "KWD", "EUR"})
	rapid.Check(t, func(t *rapid.T) {
		amount := reports.Money{Money: ledger.Money{Amount: decimal.New(rapid.Int64().Draw(t, "amount"), -2), Currency: currencies.Draw(t, "currency")}}
		var due reports.Date
		if rapid.Bool().Draw(t, "dated") {
			due = reports.Date{Date: ledger.FirstDate.AddDays(rapid.IntRange(0, 30000).Draw(t, "day"))}
		}
		doc := &reports.DueList{Schema: texts.Draw(t, "schema"), Funds: []reports.Fund{{Name: texts.Draw(t, "name")}}, Items: []reports.DueItem{
			{Pledge: texts.Draw(t, "pledge"), DueOn: due, Amount: amount, Outstanding: reports.Value{Money: amount}}}}
		var b bytes.Buffer
		if err := reports.WriteCanonical(&b, doc); err != nil {
			t.Fatal(err)
		}
		if plain := plainJSON(t, doc); !bytes.Equal(b.Bytes(), plain) {
			t.Errorf("%s\nis not\n%s", b.Bytes(), plain)
		}
	})
}
