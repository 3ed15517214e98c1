package chart_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/reports/chart"
	"vcledger/reports/language"
	"vcledger/reports/layout"
)

func values(numbers ...string) []decimal.Decimal {
	out := make([]decimal.Decimal, len(numbers))
	for i, n := range numbers {
		out[i] = decimal.RequireFromString(n)
	}
	return out
}

func pledged(bars bool) *layout.Chart {
	return &layout.Chart{Title: "Pledged beside received", Bars: bars, Currency: ledger.USD, Categories: []string{"2022", "2023", "2024"},
		Series: []layout.Series{{Name: "Pledged", Values: values("12500000", "9000000.50", "0")}, {Name: "Received", Values: values("12000000", "-1500000", "250000")}}}
}

func words(d chart.Drawing) string {
	var all []string
	for _, t := range d.Texts {
		all = append(all, t.Text)
	}
	return strings.Join(all, " | ")
}

func TestWords(t *testing.T) {
	one := func(bars bool, numbers ...string) *layout.Chart {
		return &layout.Chart{Bars: bars, Currency: ledger.USD, Categories: []string{"A", "B"}, Series: []layout.Series{{Name: "S", Values: values(numbers...)}}}
	}
	for name, c := range map[string]struct {
		chart *layout.Chart
		in    language.Language
		want  string
	}{
		"columns of two series": {pledged(false), language.English, "USD, millions | Pledged | Received | -5 | 0 | 5 | 10 | 15 | 2022 | 2023 | 2024"},
		"bars of two series":    {pledged(true), language.English, "USD, millions | Pledged | Received | -5 | 0 | 5 | 10 | 15 | 2022 | 2023 | 2024"},
		"values at the ends":    {one(true, "1234.5", "250"), language.French, "USD, milliers | S | 0 | 0,25 | 0,50 | 0,75 | 1,00 | 1,25 | A | 1,23 | B | 0,25"},
		"values over columns":   {one(false, "7", "-3"), language.English, "USD | S | -4 | -2 | 0 | 2 | 4 | 6 | 8 | 7 | A | -3 | B"},
		"zeros":                 {one(false, "0", "0"), language.English, "USD | S | 0 | 0.2 | 0.4 | 0.6 | 0.8 | 1.0 | 0 | A | 0 | B"},
		"cents":                 {one(false, "0.01", "0.02"), language.English, "USD | S | 0 | 0.005 | 0.010 | 0.015 | 0.020 | 0.01 | A | 0.02 | B"},
		"thousands of millions": {one(true, "4000000000", "1"), language.English, "USD, thousand millions | S | 0 | 1 | 2 | 3 | 4 | A | 4 | B | 0"},
		"decimals of others":    {one(true, "107100000", "109310000"), language.English, "USD, millions | S | 0 | 25 | 50 | 75 | 100 | 125 | A | 107.10 | B | 109.31"},
		"no categories":         {&layout.Chart{Currency: ledger.USD}, language.English, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := words(chart.Draw(c.chart, c.in, 480)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestProportions holds the length of each column and bar to its value, and its place to its side of zero.
func TestProportions(t *testing.T) {
	for _, bars := range []bool{false, true} {
		c := pledged(bars)
		d := chart.Draw(c, language.English, 480)
		rects := d.Rects[len(c.Series):] // the legend's come first
		length := func(r chart.Rect) float64 {
			if bars {
				return r.Width
			}
			return r.Height
		}
		scale := length(rects[0]) / 12500000
		for i := range c.Categories {
			for n, s := range c.Series {
				r := rects[i*len(c.Series)+n]
				want := s.Values[i].Abs().InexactFloat64() * scale
				if diff := length(r) - want; diff > 0.01 || diff < -0.01 {
					t.Errorf("bars %v: %s in %s is %f long, not %f", bars, s.Name, c.Categories[i], length(r), want)
				}
			}
		}
		down := rects[3]
		if !bars && down.Y < rects[0].Y+rects[0].Height-0.01 {
			t.Errorf("a negative column begins at %f, above zero", down.Y)
		}
		if bars && down.X+down.Width > rects[0].X+0.01 {
			t.Errorf("a negative bar ends at %f, beyond zero", down.X+down.Width)
		}
	}
}

// TestInside holds every shape inside the drawing, in both directions, with names that are too long, in charts of few and of
// many categories.
func TestInside(t *testing.T) {
	many := &layout.Chart{Currency: ledger.USD}
	for range 60 {
		many.Categories = append(many.Categories, "Ein sehr langer Name, der auf keine Achse passt, und noch länger 👩‍👩‍👧")
		for n := range 3 {
			if len(many.Series) <= n {
				many.Series = append(many.Series, layout.Series{Name: strings.Repeat("Reihe ", 30)})
			}
			many.Series[n].Values = append(many.Series[n].Values, decimal.NewFromInt(int64(n*1000-500)))
		}
	}
	manyBars := *many
	manyBars.Bars = true
	for _, c := range []*layout.Chart{pledged(false), pledged(true), many, &manyBars} {
		for _, l := range language.All {
			d := chart.Draw(c, l, 300)
			for _, r := range d.Rects {
				if r.X < -0.01 || r.X+r.Width > d.Width+0.01 || r.Y < 0 || r.Y+r.Height > d.Height {
					t.Errorf("%s: %+v outside of %f by %f", l, r, d.Width, d.Height)
				}
			}
			for _, s := range d.Texts {
				if s.X < -0.01 || s.X > d.Width+0.01 || s.Y < 0 || s.Y > d.Height {
					t.Errorf("%s: %+v outside of %f by %f", l, s, d.Width, d.Height)
				}
				if strings.Contains(s.Text, "👩") && !strings.Contains(s.Text, "👩‍👩‍👧") {
					t.Errorf("%s: %q is cut inside of a character", l, s.Text)
				}
			}
		}
	}
}

func TestMirrored(t *testing.T) {
	to, from := chart.Draw(pledged(true), language.English, 480), chart.Draw(pledged(true), language.Arabic, 480)
	for i, r := range to.Rects {
		if m := from.Rects[i]; m.X != 480-r.X-r.Width || m.Width != r.Width || m.Y != r.Y {
			t.Errorf("%+v is mirrored to %+v", r, m)
		}
	}
	for i, s := range to.Texts {
		want := map[chart.Anchor]chart.Anchor{chart.Start: chart.End, chart.Middle: chart.Middle, chart.End: chart.Start}[s.Anchor]
		if m := from.Texts[i]; m.Anchor != want {
			t.Errorf("%q stands at its %s", m.Text, m.Anchor)
		}
	}
}

func TestSame(t *testing.T) {
	if a, b := chart.Draw(pledged(false), language.Russian, 480), chart.Draw(pledged(false), language.Russian, 480); !reflect.DeepEqual(a, b) {
		t.Error("two drawings of a chart differ")
	}
}

func TestTell(t *testing.T) {
	want := "Pledged beside received (USD); 2022: Pledged 12,500,000, Received 12,000,000; 2023: Pledged 9,000,000.5, Received -1,500,000; 2024: Pledged 0, Received 250,000"
	if got := chart.Tell(pledged(false), language.English); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
