package language_test

import (
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/reports/language"
)

// TestForms writes the same things in each language.
func TestForms(t *testing.T) {
	t.Parallel()
	day := ledger.NewDate(2024, time.March, 1)
	money := ledger.Money{Amount: decimal.RequireFromString("-1234567.5"), Currency: "EUR"}
	for l, want := range map[language.Language]string{
		language.English: "1 Mar 2024 | 1 March 2024 | (1,234,567.50) | -12,345.678 | a: b | a; b | a, b",
		language.Arabic:  "01/03/2024 | 1 آذار/مارس 2024 | (1,234,567.50) | -12,345.678 | <a>: <b> | <a>؛ <b> | <a>، <b>",
		language.Spanish: "01/03/2024 | 1 de marzo de 2024 | (1_234_567,50) | -12_345,678 | a: b | a; b | a, b",
		language.French:  "01/03/2024 | 1er mars 2024 | (1_234_567,50) | -12_345,678 | a~: b | a~; b | a, b",
		language.Russian: "01.03.2024 | 1 марта 2024 года | (1_234_567,50) | -12_345,678 | a: b | a; b | a, b",
		language.Chinese: "2024年3月1日 | 2024年3月1日 | (1,234,567.50) | -12,345.678 | a：b | a；b | a，b",
	} {
		got := strings.Join([]string{l.Date(day), l.LongDate(day), l.Amount(money), l.Number(decimal.RequireFromString("-12345.678")),
			l.Labelled("a", "b"), l.List("a", "b"), l.Series("a", "b")}, " | ")
		if got = strings.NewReplacer("\u202f", "_", "\u00a0", "~", "\u2068", "<", "\u2069", ">").Replace(got); got != want {
			t.Errorf("%s:\n%s, want\n%s", l, got, want)
		}
	}
}

// TestWords tells codes, notes and States, and leaves what is none of ours as it is.
func TestWords(t *testing.T) {
	t.Parallel()
	const policy = ": a pledge is recognised as revenue when its agreement is signed."
	for got, want := range map[string]string{
		language.Term(language.English, ledger.RDB):                      "regional development bank",
		language.Term(language.English, ledger.PartlyFulfilled):          "partly fulfilled",
		language.Term(language.French, ledger.PartlyFulfilled):           "partiellement honorée",
		language.Term(language.Russian, "bottle_of_ink"):                 "bottle of ink",
		language.Term(language.Spanish, "expert_day"):                    "día de experto",
		language.French.Note("GEN, SPF" + policy):                        "GEN, SPF\u00a0: l’annonce est comptabilisée en produits à la signature de l’accord.",
		language.French.Note("A policy of its own."):                     "A policy of its own.",
		language.Chinese.State("CHE", "Switzerland"):                     "瑞士",
		language.English.State("CHE", "Helvetia"):                        "Helvetia",
		language.Chinese.State("XAA", "Exampleland"):                     "Exampleland",
		string(language.Accepted("de-CH, fr;q=0.9, en;q=0.8")):           "fr",
		string(language.Accepted("de")):                                  "en",
		language.Chinese.F("statement %s: %s", "2026/1", "理由"):           "第2026/1号报表：理由",
		language.Russian.T("something that the catalogue does not have"): "something that the catalogue does not have",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestDirections isolates what has another direction than the language, and nothing else.
func TestDirections(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		language.Arabic.F("entry %s", "E-1"):                                   "القيد \u2068E-1\u2069",
		language.Arabic.F("entry %s", "مرجع"):                                  "القيد مرجع",
		language.English.F("entry %s", "مرجع 1"):                               "entry \u2068مرجع 1\u2069",
		language.English.F("entry %s", "E-1"):                                  "entry E-1",
		language.Chinese.Series("收款", "E-1"):                                   "收款，E-1",
		language.Arabic.Labelled(language.Arabic.Series("E-1", "2024"), "قبض"): "\u2068E-1\u2069، \u20682024\u2069: قبض",
		language.Plain(language.Arabic.List("a", "نص")):                        "a؛ نص",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestParse takes the six tags, and an empty one for English.
func TestParse(t *testing.T) {
	t.Parallel()
	for _, l := range language.All {
		if got, err := language.Parse(string(l)); got != l || err != nil {
			t.Errorf("%s: %s, %v", l, got, err)
		}
	}
	if l, err := language.Parse(""); l != language.English || err != nil {
		t.Errorf("empty: %s, %v", l, err)
	}
	if _, err := language.Parse("de"); err == nil {
		t.Error("de is taken")
	}
}
