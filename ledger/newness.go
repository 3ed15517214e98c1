package ledger

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// DefaultLookback is how many fund years before a pledge's own the ledger looks back on, unless it is asked otherwise: a
// contributor that gave nothing in them is new. Three is the length of the usual multi-year agreement.
const DefaultLookback = 3

// Declaration is what the donor says of a pledge; nil where it says nothing.
type Declaration struct {
	New        *bool
	Additional *bool
	Text       string
	Document   string
}

// Said reports whether the donor says anything.
func (d Declaration) Said() bool {
	return d.New != nil || d.Additional != nil || d.Text != "" || d.Document != ""
}

// Baseline is what a contributor would have given anyway in a year, as it states it, and the years that it is taken from.
type Baseline struct {
	Money
	From, To int
}

// GivingHistory is what the ledger knows of a contributor and a fund, the records merged into the contributor included.
type GivingHistory struct {
	FundYear   int
	Given      []int                        // fund years with a pledge, a receipt or a delivery other than of the pledge itself
	Pledged    map[Currency]decimal.Decimal // of the fund year, in the form of the pledge, the pledge included
	PledgedUSD decimal.Decimal              // the same, all currencies
}

// ProposeNew proposes whether a pledge is new: nothing was pledged or given to the fund in the lookback years before its
// own. It returns the years that speak against it.
func ProposeNew(h GivingHistory, lookback int) (isNew bool, years []int) {
	for _, y := range h.Given {
		if y >= h.FundYear-lookback && y < h.FundYear && !slices.Contains(years, y) {
			years = append(years, y)
		}
	}
	slices.Sort(years)
	return len(years) == 0, years
}

// ProposeAdditional proposes whether a year's pledges exceed a baseline. A baseline in USD is held against their worth in
// USD, another one against pledges that are all in its currency; known is false when they are not.
func ProposeAdditional(h GivingHistory, b Baseline) (additional, known bool) {
	if b.Currency == USD {
		return h.PledgedUSD.GreaterThan(b.Amount), true
	}
	for c := range h.Pledged {
		if c != b.Currency {
			return false, false
		}
	}
	return h.Pledged[b.Currency].GreaterThan(b.Amount), true
}

// NewnessClass says in which total a pledge counts; each pledge counts in one.
type NewnessClass string

// The classes.
const (
	NewAndAdditional NewnessClass = "new_and_additional"
	NewOnly          NewnessClass = "new"
	AdditionalOnly   NewnessClass = "additional"
	NeitherNew       NewnessClass = "neither"
	Undecided        NewnessClass = "undecided"
)

// NewnessClasses lists the classes in the order in which reports show them.
var NewnessClasses = []NewnessClass{NewAndAdditional, NewOnly, AdditionalOnly, NeitherNew, Undecided}

// NewnessDecision is what an officer or reviewer decides of a pledge, or what the donor declares when Declared is true.
type NewnessDecision struct {
	Declared           bool
	New                *bool // never nil in a decision
	Additional         *bool
	ProposedNew        *bool // by the ledger, when it was decided
	ProposedAdditional *bool // nil without a baseline that can be held against the pledges
	Lookback           int
	Baseline           *Baseline
	Text               string // of the donor's declaration
	Document           string
	Note               string // the reviewer's
	Actor              string
	RecordedAt         time.Time
}
