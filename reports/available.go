package reports

import (
	"context"
	"time"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// AvailableSchema is the version of the form of what is available.
const AvailableSchema = "vcledger.available.v1"

// Available is what a fund can spend, on a cash basis, as of a date. Beside it stands what the fund is worth as it was
// recognised; the two are never added.
type Available struct {
	Schema     string          `json:"schema"`
	Fund       Fund            `json:"fund"`
	Period     Period          `json:"period"` // from 1 January to the date asked for
	KnownAt    time.Time       `json:"known_at"`
	Cash       CashUse         `json:"cash"`
	Held       HeldCash        `json:"held"`
	Available  Money           `json:"available"`  // closing cash less what is held: less than nothing after an overdraft
	Accounts   []CashBalance   `json:"accounts"`   // the closing cash, by bank account and currency
	Recognised RecognisedFunds `json:"recognised"` // another basis
	Notes      []string        `json:"notes"`
}

// CashUse is how a fund's cash moved in a period, in USD:
// opening + received - spent - support - levy + charges received + interest - refunds + other = closing.
type CashUse struct {
	Opening         Money `json:"opening"` // before the first day
	Received        Money `json:"received"`
	Spent           Money `json:"spent"`            // expenditure
	Support         Money `json:"support"`          // programme support paid to another fund
	Levy            Money `json:"levy"`             // the second charge, paid to another fund
	ChargesReceived Money `json:"charges_received"` // programme support and levies of other funds
	Interest        Money `json:"interest"`
	Refunds         Money `json:"refunds"` // paid back to contributors
	Other           Money `json:"other"`   // anything else, as a revaluation
	Closing         Money `json:"closing"`
}

// HeldCash is the part of the cash that somebody can claim back, in USD.
type HeldCash struct {
	Unidentified   Money `json:"unidentified"`    // nobody knows whose it is
	InAdvance      Money `json:"in_advance"`      // of contributors, before an agreement or beyond what was due
	RefundsPayable Money `json:"refunds_payable"` // owed and not paid
	Total          Money `json:"total"`
}

// CashBalance is what a fund has in one bank account in one currency, and its worth in the books.
type CashBalance struct {
	BankAccount ledger.BankAccountCode `json:"bank_account"`
	Balance     Value                  `json:"balance"`
}

// RecognisedFunds is the fund balance: revenue that was recognised, whether or not its cash has come, less expense.
type RecognisedFunds struct {
	Balance     Money `json:"balance"`
	Receivables Money `json:"receivables"` // the part of it that is still to come in
}

// refundsPayable is the account of what contributors are owed back.
const refundsPayable ledger.AccountCode = "2500"

// The sentences that say what is available and what is not.
const (
	noteAvailable = "Available is cash less what somebody can claim back. A receipt adds to it when it arrives, a pledge or an agreement does not."
	noteBases     = "The recognised balance is on another basis: it has revenue when it is recognised. The two are never added together."
	noteCharges   = "Programme support and levies are charged on expenditure when it is recorded, and are paid to another fund within the same bank account."
)

type cashUseRow struct {
	Kind      ledger.EntryKind
	Charged   bool
	AmountUSD decimal.Decimal `db:"amount_usd"`
}

type fundBalanceRow struct {
	Account     ledger.AccountCode
	Kind        ledger.AccountKind
	BankAccount ledger.BankAccountCode `db:"bank_account"`
	Currency    ledger.Currency
	Amount      decimal.Decimal
	AmountUSD   decimal.Decimal `db:"amount_usd"`
}

// BuildAvailable returns what a fund has available as of the snapshot's date; its period begins on 1 January of that year.
// Errors: [ledger.RuleNotFound].
func BuildAvailable(ctx context.Context, snap *postgres.Snapshot, code ledger.FundCode) (*Available, error) {
	fund, err := readFund(ctx, snap, code)
	if err != nil {
		return nil, err
	}
	from := ledger.CalendarYear(snap.AsOf.Year()).From
	a := &Available{Schema: AvailableSchema, Fund: fund, Period: Period{Date{from}, Date{snap.AsOf}}, KnownAt: snap.KnownAt.UTC(), Accounts: []CashBalance{},
		Notes: append([]string{noteAvailable, noteBases, noteCharges}, notePolicies([]Fund{fund})...)}
	moves, err := read[cashUseRow](ctx, snap, "movements of cash", availableCash, code, snap.AsOf, knownAt(snap), from)
	if err != nil {
		return nil, err
	}
	a.Cash = cashUseOf(moves)
	balances, err := read[fundBalanceRow](ctx, snap, "balances", availableBalances, code, snap.AsOf, knownAt(snap))
	if err != nil {
		return nil, err
	}
	a.addBalances(balances)
	a.Available = a.Cash.Closing.minus(a.Held.Total)
	return a, nil
}

// cashUseOf puts each movement in its column.
func cashUseOf(rows []cashUseRow) CashUse {
	zero := dollars(decimal.Zero)
	u := CashUse{zero, zero, zero, zero, zero, zero, zero, zero, zero, zero}
	for _, r := range rows {
		usd := dollars(r.AmountUSD)
		u.Closing = u.Closing.plus(usd)
		switch r.Kind {
		case "":
			u.Opening = u.Opening.plus(usd)
		case ledger.EntryReceipt, ledger.EntryIdentification, ledger.EntryAdvanceApplied:
			u.Received = u.Received.plus(usd)
		case ledger.EntryExpenditure:
			u.Spent = u.Spent.minus(usd)
		case ledger.EntryProgrammeSupport, ledger.EntryLevy:
			switch {
			case !r.Charged:
				u.ChargesReceived = u.ChargesReceived.plus(usd)
			case r.Kind == ledger.EntryLevy:
				u.Levy = u.Levy.minus(usd)
			default:
				u.Support = u.Support.minus(usd)
			}
		case ledger.EntryInterest:
			u.Interest = u.Interest.plus(usd)
		case ledger.EntryRefund, ledger.EntryRefundPaid:
			u.Refunds = u.Refunds.minus(usd)
		default:
			u.Other = u.Other.plus(usd)
		}
	}
	return u
}

// addBalances takes from the balances the cash by bank account, what is held and what is recognised.
func (a *Available) addBalances(rows []fundBalanceRow) {
	held := map[ledger.AccountCode]decimal.Decimal{}
	var balance, receivables decimal.Decimal
	for _, r := range rows {
		switch {
		case r.Account == ledger.CashAtBank:
			if !r.Amount.IsZero() || !r.AmountUSD.IsZero() {
				a.Accounts = append(a.Accounts, CashBalance{r.BankAccount, value(r.Amount, r.Currency, r.AmountUSD)})
			}
		case r.Account == ledger.Receivable:
			receivables = receivables.Add(r.AmountUSD)
		case r.Kind == ledger.KindLiability:
			held[r.Account] = held[r.Account].Sub(r.AmountUSD)
		case r.Kind == ledger.KindNetAssets, r.Kind == ledger.KindRevenue, r.Kind == ledger.KindExpense:
			balance = balance.Sub(r.AmountUSD)
		}
	}
	a.Held = HeldCash{Unidentified: dollars(held[ledger.Unidentified]), InAdvance: dollars(held[ledger.InAdvance]), RefundsPayable: dollars(held[refundsPayable])}
	a.Held.Total = a.Held.Unidentified.plus(a.Held.InAdvance).plus(a.Held.RefundsPayable)
	a.Recognised = RecognisedFunds{Balance: dollars(balance), Receivables: dollars(receivables)}
}
