package reports

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// UseSchema is the version of the form of a pledge's use.
const UseSchema = "vcledger.use.v1"

// PledgeUse is what became of the cash of one pledge: the use of a donor's own money.
type PledgeUse struct {
	Schema       string           `json:"schema"`
	PledgeID     uuid.UUID        `json:"pledge_id"`
	Pledge       string           `json:"pledge"` // its reference
	Contributor  Contributor      `json:"contributor"`
	Fund         Fund             `json:"fund"`
	AsOf         Date             `json:"as_of"`
	KnownAt      time.Time        `json:"known_at"`
	Use          PledgeCash       `json:"use"`
	Expenditures []ExpenditureUse `json:"expenditures"` // by date and reference
	Notes        []string         `json:"notes"`
}

// PledgeCash is the cash of a pledge, in USD: received + interest - spent - support - levy - refunded + other = left.
type PledgeCash struct {
	Received Money `json:"received"` // what the contributor was credited with
	Interest Money `json:"interest"`
	Spent    Money `json:"spent"`
	Support  Money `json:"support"` // programme support
	Levy     Money `json:"levy"`
	Refunded Money `json:"refunded"`
	Other    Money `json:"other"`
	Left     Money `json:"left"` // less than nothing when the fund has spent ahead of the pledge's cash
}

// ExpenditureUse is an expenditure, or the reversal of one, with the pledge's share of it.
type ExpenditureUse struct {
	Date        Date   `json:"date"`
	Reversal    bool   `json:"reversal"` // its amounts are negative
	Reference   string `json:"reference"`
	Project     string `json:"project,omitempty"`
	Description string `json:"description"`
	Amount      Value  `json:"amount"`
	Support     Money  `json:"support_usd"`
	Levy        Money  `json:"levy_usd"`
}

// noteUse says what is counted.
const noteUse = "Only expenditure that is earmarked for the pledge counts here; what the contribution paid for as a part of the whole fund is in the fund's report."

type useRow struct {
	Kind      ledger.EntryKind
	AmountUSD decimal.Decimal `db:"amount_usd"`
}

type expenditureUseRow struct {
	Date        ledger.Date `db:"effective_date"`
	Reversal    bool
	Reference   string
	Project     string
	Description string
	Currency    ledger.Currency
	Amount      decimal.Decimal
	AmountUSD   decimal.Decimal `db:"amount_usd"`
	SupportUSD  decimal.Decimal `db:"support_usd"`
	LevyUSD     decimal.Decimal `db:"levy_usd"`
}

// BuildPledgeUse returns what became of a pledge's cash as of the snapshot's date. All of it is computed from the lines of
// the pledge: what its lines on other accounts than cash lack to balance is the cash that is left of it.
// Errors: [ledger.RuleNotFound].
func BuildPledgeUse(ctx context.Context, snap *postgres.Snapshot, pledge uuid.UUID) (*PledgeUse, error) {
	found, err := read[struct {
		Reference, Contributor, Name, Kind, Country, Fund string
	}](ctx, snap, "pledge", `
		SELECT p.reference, p.contributor, c.name, c.kind, coalesce(c.country, '') AS country, p.fund
		FROM pledge p JOIN contributor c ON c.code = p.contributor WHERE p.id = $1`, pledge)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, ledger.Fail(ledger.RuleNotFound, "There is no such pledge.")
	}
	p := found[0]
	fund, err := readFund(ctx, snap, ledger.FundCode(p.Fund))
	if err != nil {
		return nil, err
	}
	u := &PledgeUse{Schema: UseSchema, PledgeID: pledge, Pledge: p.Reference, Fund: fund, AsOf: Date{snap.AsOf}, KnownAt: snap.KnownAt.UTC(),
		Contributor: Contributor{Code: ledger.ContributorCode(p.Contributor), Name: p.Name, Kind: ledger.ContributorKind(p.Kind), Country: p.Country},
		Notes:       append([]string{noteUse, noteCharges}, notePolicies([]Fund{fund})...)}
	rows, err := read[useRow](ctx, snap, "use of the pledge", useLines, pledge, snap.AsOf, knownAt(snap))
	if err != nil {
		return nil, err
	}
	u.Use = pledgeCashOf(rows)
	spent, err := read[expenditureUseRow](ctx, snap, "expenditures of the pledge", useExpenditures, pledge, snap.AsOf, knownAt(snap))
	if err != nil {
		return nil, err
	}
	u.Expenditures = make([]ExpenditureUse, len(spent))
	for i, r := range spent {
		u.Expenditures[i] = ExpenditureUse{Date: Date{r.Date}, Reversal: r.Reversal, Reference: r.Reference, Project: r.Project, Description: r.Description,
			Amount: value(r.Amount, r.Currency, r.AmountUSD), Support: dollars(r.SupportUSD), Levy: dollars(r.LevyUSD)}
	}
	return u, nil
}

// pledgeCashOf puts what each kind of entry did in its column.
func pledgeCashOf(rows []useRow) PledgeCash {
	zero := dollars(decimal.Zero)
	c := PledgeCash{zero, zero, zero, zero, zero, zero, zero, zero}
	for _, r := range rows {
		c.add(r)
	}
	return c
}

func (c *PledgeCash) add(r useRow) {
	usd := dollars(r.AmountUSD)
	c.Left = c.Left.plus(usd)
	switch r.Kind {
	case ledger.EntryReceipt, ledger.EntryIdentification, ledger.EntryAdvanceApplied:
		c.Received = c.Received.plus(usd)
	case ledger.EntryInterest:
		c.Interest = c.Interest.plus(usd)
	case ledger.EntryExpenditure:
		c.Spent = c.Spent.minus(usd)
	case ledger.EntryProgrammeSupport:
		c.Support = c.Support.minus(usd)
	case ledger.EntryLevy:
		c.Levy = c.Levy.minus(usd)
	case ledger.EntryRefund, ledger.EntryRefundPaid:
		c.Refunded = c.Refunded.minus(usd)
	default:
		c.Other = c.Other.plus(usd)
	}
}
