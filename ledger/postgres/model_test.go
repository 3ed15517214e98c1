package postgres_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
)

// run is one random life of two funds: the books beside the notebook.
type run struct {
	*notebook
	t     *rapid.T
	b     *ledgertest.Books
	db    *sqlx.DB
	funds []string
	today ledger.Date
}

// TestBooksAgainstNotebook books random sequences of events across funds, currencies and dates. After each, every balance
// by account, fund, pledge, receipt and currency is what the notebook says; what is outstanding is never negative.
func TestBooksAgainstNotebook(t *testing.T) {
	t.Parallel()
	url := ledgertest.Database(t)
	b := ledgertest.NewBooksOn(t, url)
	db := ledgertest.Connect(t, url, "")
	for date, units := range map[string]string{"2026-01-01": "150", "2026-06-01": "160"} {
		b.Do(b.RecordRate(b.Context(), b.Command(nil), ledger.Rate{Currency: "JPY", Date: day(date), UnitsPerUSD: decimal.RequireFromString(units), Source: ledger.SourceUN}))
	}
	lives := 0
	rapid.Check(t, func(rt *rapid.T) {
		r := &run{notebook: &notebook{}, t: rt, b: b, db: db, today: day("2026-01-10")}
		for range 2 {
			lives++
			code := fmt.Sprintf("F%d", lives)
			r.funds = append(r.funds, code)
			r.do(b.RecordFund(b.Context(), b.Command(nil), ledger.Fund{Code: ledger.FundCode(code), Name: code, Kind: ledger.GeneralPurpose, Recognition: ledger.OnAgreement,
				Services: ledger.ServicesAreDisclosed, Charges: ledger.CreditGross, RateSource: ledger.SourceUN}))
			r.do(b.RecordSupport(b.Context(), b.Command(nil), ledger.Support{Fund: ledger.FundCode(code), From: r.today}))
		}
		events := []func() string{r.announces, r.announces, r.agrees, r.agrees, r.pays, r.pays, r.pays, r.gives, r.sends, r.identifies, r.givesUp, r.meets,
			r.refunds, r.applies, r.reverses, r.raises, r.spends, r.delivers, r.corrects}
		for i := range rapid.IntRange(1, 14).Draw(rt, "events") {
			r.today = r.today.AddDays(rapid.IntRange(0, 20).Draw(rt, "days"))
			event := rapid.SampledFrom(events).Draw(rt, fmt.Sprint("event ", i))
			what := event()
			r.compare(what)
		}
	})
	ledgertest.CheckBooks(t, b.Store)
}

func (r *run) do(_ postgres.Answer, err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// compare holds the books against the notebook.
func (r *run) compare(what string) {
	r.t.Helper()
	var rows []struct{ Key, Sums string }
	err := r.db.Select(&rows, `
		SELECT concat_ws(' ', account, fund, coalesce(pledge_id::text, ''), coalesce(receipt_id::text, ''), currency) AS key,
		       round(sum(amount), 2) || ' ' || sum(amount_usd) AS sums
		FROM journal_line WHERE fund = ANY ($1)
		GROUP BY account, fund, pledge_id, receipt_id, currency HAVING sum(amount) <> 0 OR sum(amount_usd) <> 0`, pq.Array(r.funds))
	if err != nil {
		r.t.Fatal(err)
	}
	books := map[string]string{}
	for _, row := range rows {
		books[row.Key] = row.Sums
	}
	if diff := cmp.Diff(r.totals(), books); diff != "" {
		r.t.Fatalf("after %s on %s (-notebook +books):\n%s", what, r.today, diff)
	}
	for _, p := range r.pledges {
		rec, err := r.b.Store.Pledge(r.b.Context(), uuid.MustParse(p.id))
		if err != nil {
			r.t.Fatal(err)
		}
		open := r.balance("1200", p.id, "").amount.Add(r.balance("9100", p.id, "").amount)
		if got := rec.State.Receivable.Amount.Add(rec.State.Announced.Amount); got.IsNegative() || !got.Equal(open) {
			r.t.Fatalf("after %s pledge %s has %s outstanding, want %s", what, rec.Reference, got, open)
		}
	}
}

// amount draws an amount of a currency.
func (r *run) amount(currency string) decimal.Decimal {
	return decimal.New(rapid.Int64Range(1, 1e7).Draw(r.t, "amount"), -ledger.Currency(currency).MinorUnits())
}

func (r *run) currency() string {
	return rapid.SampledFrom([]string{"EUR", "USD", "JPY"}).Draw(r.t, "currency")
}

func (r *run) fund() string { return rapid.SampledFrom(r.funds).Draw(r.t, "fund") }

// drawFrom draws one that fits, or nil when none does.
func drawFrom[T any](r *run, list []*T, fits func(*T) bool) *T {
	var left []*T
	for _, x := range list {
		if fits(x) {
			left = append(left, x)
		}
	}
	if len(left) == 0 {
		return nil
	}
	return left[rapid.IntRange(0, len(left)-1).Draw(r.t, "which")]
}

func moneyOf(amount decimal.Decimal, currency string) ledger.Money {
	return ledger.Money{Amount: amount, Currency: ledger.Currency(currency)}
}

func (r *run) announces() string {
	p := &notedPledge{fund: r.fund(), currency: r.currency(), onReceipt: rapid.IntRange(0, 3).Draw(r.t, "on receipt") == 0}
	amount, recognition := r.amount(p.currency), ledger.OnAgreement
	if p.onReceipt {
		recognition = ledger.OnReceipt
	}
	var rec *postgres.PledgeRecord
	r.do(r.b.RecordPledge(r.b.Context(), r.b.Command(&rec), postgres.PledgeInput{Contributor: "NLD", Fund: ledger.FundCode(p.fund), FundYear: 2026, Form: ledger.Cash,
		Amount: moneyOf(amount, p.currency), Date: r.today, Recognition: recognition}))
	p.id = rec.ID.String()
	r.announce(p, worthOn(amount, p.currency, r.today))
	return "a pledge"
}

func (r *run) agrees() string {
	p := drawFrom(r, r.pledges, func(p *notedPledge) bool { return !p.agreed && !p.ended })
	if p == nil {
		return "nothing"
	}
	amount := r.amount(p.currency)
	in := postgres.AgreementInput{Date: r.today, Amount: moneyOf(amount, p.currency)}
	var conditions []decimal.Decimal
	if !p.onReceipt && amount.GreaterThan(decimal.NewFromInt(2)) && rapid.Bool().Draw(r.t, "conditions") {
		conditions = []decimal.Decimal{decimal.NewFromInt(1), amount.Sub(decimal.NewFromInt(1))}
		for i, c := range conditions {
			in.Conditions = append(in.Conditions, ledger.Condition{Number: i + 1, Description: "a report", Money: moneyOf(c, p.currency)})
		}
	}
	r.do(r.b.AgreePledge(r.b.Context(), r.b.Command(nil), uuid.MustParse(p.id), in))
	r.agree(p, worthOn(amount, p.currency, r.today), conditions, r.today.Year())
	return "an agreement"
}

// record books a receipt and notes it.
func (r *run) record(fund, currency string, amount decimal.Decimal, contributor ledger.ContributorCode, parts ...postgres.PartInput) *notedReceipt {
	var rec *postgres.ReceiptRecord
	r.do(r.b.RecordReceipt(r.b.Context(), r.b.Command(&rec), postgres.ReceiptInput{Contributor: contributor, Fund: ledger.FundCode(fund), FundYear: 2026,
		Amount: moneyOf(amount, currency), ValueDate: r.today, Parts: parts}))
	receipt := &notedReceipt{id: rec.ID.String(), fund: fund, currency: currency}
	r.receive(receipt, worthOn(amount, currency, r.today))
	return receipt
}

func (r *run) pays() string {
	p := drawFrom(r, r.pledges, func(p *notedPledge) bool { return !p.ended })
	if p == nil {
		return "nothing"
	}
	currency := p.currency
	if rapid.IntRange(0, 4).Draw(r.t, "other currency") == 0 {
		currency = r.currency()
	}
	amount := r.amount(currency)
	receipt := r.record(p.fund, currency, amount, "NLD", postgres.PartInput{Pledge: uuid.MustParse(p.id), Amount: moneyOf(amount, currency)})
	r.apply(receipt, p, worthOn(amount, currency, r.today))
	return "a receipt for a pledge"
}

func (r *run) gives() string {
	currency := r.currency()
	amount := r.amount(currency)
	receipt := r.record(r.fund(), currency, amount, "NLD")
	r.note(receipt.id, "4010", receipt.fund, "", "", worthOn(amount, currency, r.today).neg())
	return "a gift"
}

func (r *run) sends() string {
	currency := r.currency()
	amount := r.amount(currency)
	receipt := r.record(r.fund(), currency, amount, "")
	r.note(receipt.id, "2100", receipt.fund, "", receipt.id, worthOn(amount, currency, r.today).neg())
	return "a receipt nobody knows"
}

// identifies says whose an unidentified receipt is, whole or in part, and for which pledge.
func (r *run) identifies() string {
	receipt := drawFrom(r, r.receipts, func(x *notedReceipt) bool {
		return !x.reversed && r.balance("2100", "", x.id).amount.IsNegative()
	})
	p := drawFrom(r, r.pledges, func(p *notedPledge) bool { return !p.ended })
	if receipt == nil || p == nil {
		return "nothing"
	}
	held := r.balance("2100", "", receipt.id).neg()
	amount := held.amount
	if half := amount.Div(decimal.NewFromInt(2)).Truncate(ledger.Currency(receipt.currency).MinorUnits()); half.IsPositive() && rapid.Bool().Draw(r.t, "half") {
		amount = half
	}
	r.do(r.b.AllocateReceipt(r.b.Context(), r.b.Command(nil), uuid.MustParse(receipt.id), postgres.AllocationInput{Date: r.today,
		Parts: []postgres.PartInput{{Pledge: uuid.MustParse(p.id), Amount: moneyOf(amount, receipt.currency)}}}))
	part := held.part(amount)
	before := r.balance("2200", "", receipt.id)
	r.note(receipt.id, "2100", receipt.fund, "", receipt.id, part)
	r.apply(receipt, p, part)
	if p.fund != receipt.fund {
		surplus := before.minus(r.balance("2200", "", receipt.id))
		moved := part.minus(surplus)
		if moved.amount.IsPositive() {
			r.note(receipt.id, "1010", receipt.fund, "", "", moved.neg())
			r.note(receipt.id, "1010", p.fund, "", "", moved)
		}
	}
	return "an identification"
}

// applies uses what a receipt holds in advance for a pledge that is due.
func (r *run) applies() string {
	receipt := drawFrom(r, r.receipts, func(x *notedReceipt) bool {
		return !x.reversed && r.balance("2200", "", x.id).amount.IsNegative() && r.balance("2100", "", x.id).amount.IsZero()
	})
	if receipt == nil {
		return "nothing"
	}
	p := drawFrom(r, r.pledges, func(p *notedPledge) bool {
		return p.agreed && !p.ended && p.fund == receipt.fund && p.currency == receipt.currency && r.balance("1200", p.id, "").amount.IsPositive()
	})
	if p == nil {
		return "nothing"
	}
	held := r.balance("2200", "", receipt.id).neg()
	part := held.part(decimal.Min(held.amount, r.balance("1200", p.id, "").amount))
	r.do(r.b.AllocateReceipt(r.b.Context(), r.b.Command(nil), uuid.MustParse(receipt.id), postgres.AllocationInput{Date: r.today,
		Parts: []postgres.PartInput{{Pledge: uuid.MustParse(p.id), Amount: moneyOf(part.amount, receipt.currency)}}}))
	r.note(receipt.id, "2200", receipt.fund, "", receipt.id, part)
	r.settle(receipt.id, p, part)
	return "an advance applied"
}

// givesUp reduces a pledge, cancels it or writes it off.
func (r *run) givesUp() string {
	open := func(p *notedPledge) decimal.Decimal {
		return r.balance("1200", p.id, "").amount.Add(r.balance("9100", p.id, "").amount)
	}
	p := drawFrom(r, r.pledges, func(p *notedPledge) bool { return !p.ended && open(p).IsPositive() })
	if p == nil {
		return "nothing"
	}
	id, amount := uuid.MustParse(p.id), open(p)
	how := rapid.SampledFrom([]string{"a reduction", "a cancellation", "a write-off"}).Draw(r.t, "how")
	in := postgres.EndingInput{Date: r.today, Reason: "asked for"}
	switch how {
	case "a reduction":
		amount = decimal.Min(amount, r.amount(p.currency))
		in.Amount = moneyOf(amount, p.currency)
		r.do(r.b.EndPledge(r.b.Context(), r.b.Command(nil), id, ledger.LegReduced, in))
	case "a cancellation":
		r.do(r.b.EndPledge(r.b.Context(), r.b.Command(nil), id, ledger.LegCancelled, in))
		p.ended = true
	default:
		r.do(r.b.WriteOffPledge(r.b.Context(), r.b.Command(nil), id, in))
		p.ended = true
	}
	r.reduce(p, amount, how == "a write-off" || p.agreedIn != r.today.Year())
	return how
}

func (r *run) meets() string {
	p := drawFrom(r, r.pledges, func(p *notedPledge) bool { return len(p.waiting) > 0 })
	if p == nil {
		return "nothing"
	}
	r.do(r.b.MeetCondition(r.b.Context(), r.b.Command(nil), uuid.MustParse(p.id), postgres.FulfilmentInput{Number: 3 - len(p.waiting), Date: r.today,
		By: "the programme manager", Evidence: ledger.Evidence{Reference: "a report"}}))
	r.meet(p)
	return "a condition met"
}

// refunds gives back what a receipt holds in advance, and pays it.
func (r *run) refunds() string {
	receipt := drawFrom(r, r.receipts, func(x *notedReceipt) bool { return !x.reversed && r.balance("2200", "", x.id).amount.IsNegative() })
	if receipt == nil {
		return "nothing"
	}
	held := r.balance("2200", "", receipt.id).neg()
	part := held.part(decimal.Min(held.amount, r.amount(receipt.currency)))
	var rec *postgres.RefundRecord
	r.do(r.b.RecordRefund(r.b.Context(), r.b.Command(&rec), postgres.RefundInput{Receipt: uuid.MustParse(receipt.id), Source: ledger.RefundAdvance, Contributor: "NLD",
		Amount: moneyOf(part.amount, receipt.currency), Date: r.today, Reason: "asked for"}))
	receipt.refunded = true
	r.note("", "2200", receipt.fund, "", receipt.id, part)
	r.note("", "2500", receipt.fund, "", receipt.id, part.neg())
	if rapid.Bool().Draw(r.t, "paid") {
		r.do(r.b.PayRefund(r.b.Context(), r.b.Command(nil), rec.ID, postgres.RefundPaymentInput{ValueDate: r.today}))
		paid := worthOn(part.amount, receipt.currency, r.today)
		r.note("", "2500", receipt.fund, "", receipt.id, part)
		r.note("", "1010", receipt.fund, "", "", paid.neg())
		r.exchange("", receipt.fund, "", paid.usd.Sub(part.usd))
	}
	return "a refund"
}

// raises increases a pledge.
func (r *run) raises() string {
	p := drawFrom(r, r.pledges, func(p *notedPledge) bool { return !p.ended })
	if p == nil {
		return "nothing"
	}
	amount := r.amount(p.currency)
	r.do(r.b.IncreasePledge(r.b.Context(), r.b.Command(nil), uuid.MustParse(p.id), postgres.EndingInput{Date: r.today, Amount: moneyOf(amount, p.currency), Reason: "more"}))
	r.increase(p, worthOn(amount, p.currency, r.today))
	return "an increase"
}

// spends pays for the programme; the notebook does not care whether there is enough.
func (r *run) spends() string {
	fund, currency := r.fund(), r.currency()
	amount := r.amount(currency)
	r.do(r.b.RecordExpenditure(r.b.Context(), r.b.Command(nil), postgres.ExpenditureInput{Fund: ledger.FundCode(fund), Date: r.today, Amount: moneyOf(amount, currency),
		Description: "a workshop", Reference: uuid.NewString(), Overdraft: "the notebook allows it"}))
	r.note("", "5010", fund, "", "", worthOn(amount, currency, r.today))
	r.note("", "1010", fund, "", "", worthOn(amount, currency, r.today).neg())
	return "an expenditure"
}

// delivers gives goods, which are revenue and expense at once, or services, which are disclosed.
func (r *run) delivers() string {
	fund, currency := r.fund(), r.currency()
	amount := r.amount(currency)
	in := postgres.DeliveryInput{Contributor: "NLD", Fund: ledger.FundCode(fund), DeliveredOn: r.today, Category: ledger.Goods, Description: "a printer", Unit: "item",
		Quantity: decimal.NewFromInt(1), Value: new(moneyOf(amount, currency)), Basis: ledger.MarketPrice}
	debit, credit := "5110", "4110"
	if rapid.Bool().Draw(r.t, "services") {
		in.Category, in.Unit, debit, credit = ledger.Expert, "expert_day", "9300", "9390"
	}
	r.do(r.b.RecordDelivery(r.b.Context(), r.b.Command(nil), in))
	r.note("", debit, fund, "", "", worthOn(amount, currency, r.today))
	r.note("", credit, fund, "", "", worthOn(amount, currency, r.today).neg())
	return "a delivery"
}

// corrects books charges by a manual entry, and sometimes takes it back by a reversal of the entry.
func (r *run) corrects() string {
	fund, currency := r.fund(), r.currency()
	amount := r.amount(currency)
	r.do(r.b.RecordEntry(r.b.Context(), r.b.Command(nil), postgres.ManualInput{Date: r.today, Description: "charges", Reason: "not deducted", Document: "advice",
		Lines: []postgres.ManualLine{{Account: ledger.BankCharges, Dimensions: ledger.Dimensions{Fund: ledger.FundCode(fund)}, Amount: moneyOf(amount, currency)},
			{Account: ledger.CashAtBank, Dimensions: ledger.Dimensions{Fund: ledger.FundCode(fund), BankAccount: ledger.BankAccountCode(fund)}, Credit: true,
				Amount: moneyOf(amount, currency)}}}))
	if rapid.Bool().Draw(r.t, "taken back") {
		var id uuid.UUID
		if err := r.db.Get(&id, `SELECT entry_id FROM journal_line WHERE fund = $1 AND account = '5800' ORDER BY entry_id DESC LIMIT 1`, fund); err != nil {
			r.t.Fatal(err)
		}
		r.do(r.b.ReverseEntry(r.b.Context(), r.b.Command(nil), id, postgres.ReversalInput{Date: r.today, Reason: "a mistake"}))
		return "a manual entry taken back"
	}
	r.note("", "5800", fund, "", "", worthOn(amount, currency, r.today))
	r.note("", "1010", fund, "", "", worthOn(amount, currency, r.today).neg())
	return "a manual entry"
}

func (r *run) reverses() string {
	receipt := drawFrom(r, r.receipts, func(x *notedReceipt) bool { return !x.reversed && !x.refunded })
	if receipt == nil {
		return "nothing"
	}
	r.do(r.b.ReverseReceipt(r.b.Context(), r.b.Command(nil), uuid.MustParse(receipt.id), postgres.ReversalInput{Date: r.today, Reason: "recorded by mistake"}))
	r.reverse(receipt)
	return "a reversal"
}
