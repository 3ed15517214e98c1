package postgres_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
)

// offer records 100 expert days for 50,001.00 EUR, a value that the days do not divide.
func offer(b *ledgertest.Books) *postgres.PledgeRecord {
	var p *postgres.PledgeRecord
	b.Do(b.RecordPledge(b.Context(), b.Command(&p), postgres.PledgeInput{Contributor: "NLD", Fund: "CPCJF", FundYear: 2026, Form: ledger.InKind, Date: day("2026-01-10"),
		Items: []ledger.Item{{Category: ledger.Expert, Description: "Experts", Quantity: decimal.NewFromInt(100), Unit: "expert_day",
			Value: ledger.Converted{Money: cash("50001.00 EUR")}, Declared: cash("61000.00 USD"), Basis: ledger.MarketPrice, Valuer: "Finance",
			ValuedOn: day("2026-01-09"), Evidence: ledger.Evidence{Reference: "Survey", SHA256: fmt.Sprintf("%064x", 7)}}}}))
	return p
}

func deliver(b *ledgertest.Books, p *postgres.PledgeRecord, days int64, on string) *postgres.DeliveryRecord {
	var d *postgres.DeliveryRecord
	b.Do(b.RecordDelivery(b.Context(), b.Command(&d), postgres.DeliveryInput{Pledge: p.ID, PeriodFrom: day("2026-01-11"), PeriodTo: day(on), DeliveredOn: day(on),
		Quantity: decimal.NewFromInt(days), Expert: "17", CertifiedBy: "Laboratory"}))
	return d
}

// TestInKindIsRead holds what the writes of a life in kind answer against what is read afterwards.
func TestInKindIsRead(t *testing.T) {
	t.Parallel()
	b := ledgertest.NewBooks(t)
	p := offer(b)
	read := func() {
		t.Helper()
		got, err := b.Store.Pledge(b.Context(), p.ID)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, got, *p)
	}
	read()
	b.Do(b.AgreePledge(b.Context(), b.Command(&p), p.ID, postgres.AgreementInput{Date: day("2026-02-01"), Accepted: map[int]decimal.Decimal{1: decimal.NewFromInt(90)},
		Acceptance: ledger.Acceptance{By: "Director", Cost: new(cash("4200.00 USD")), Description: "Travel"}}))
	read()
	d := deliver(b, p, 7, "2026-02-10")
	b.Do(b.RevalueItem(b.Context(), b.Command(&p), p.ID, 1, postgres.ValuationInput{Date: day("2026-02-20"),
		UnitValue: new(cash("480.00 EUR")), Basis: ledger.ProFormaCost, Reason: "A survey"}))
	read()
	now := p.Items[0].Current()
	if now.Declared.String() != "50630.00 USD" || now.Value.Money.String() != "39840.00 EUR" || !p.State.Items[0].Left.Amount.Equal(now.Value.Amount) {
		t.Errorf("after the revaluation: %+v, %s left", now, p.State.Items[0].Left)
	}
	b.Do(b.RevalueDelivery(b.Context(), b.Command(&d), d.ID, postgres.ValuationInput{Date: day("2026-02-21"),
		Value: new(cash("3000.00 EUR")), Basis: ledger.ProFormaCost, Reason: "A survey"}))
	got, err := b.Delivery(b.Context(), d.ID)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got, *d)
	b.Do(b.ReverseDelivery(b.Context(), b.Command(&d), d.ID, postgres.ReversalInput{Date: day("2026-02-28"), Reason: "Never came"}))
	got, err = b.Delivery(b.Context(), d.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Entries) != 4 {
		t.Errorf("a delivery, its revaluation and the reversal of both are %d entries", len(got.Entries))
	}
	restored, err := b.Store.Pledge(b.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	if left := restored.State.Items[0].Left.Money.String(); left != "43200.00 EUR" { // 90 days at 480.00
		t.Errorf("after the reversal %s is promised", left)
	}
	wantNothing(t, b, `account IN ('9300', '9390')`)
	_, err = b.RevalueDelivery(b.Context(), b.Command(nil), d.ID, postgres.ValuationInput{Date: day("2026-03-01"), Value: new(cash("1.00 EUR")), Basis: ledger.MarketPrice, Reason: "x"})
	wantRule(t, err, ledger.RuleAlreadyReversed)
	ledgertest.CheckBooks(t, b.Store)
}

// wantNothing fails the test unless the lines that a condition of the test names sum to nothing.
func wantNothing(t *testing.T, b *ledgertest.Books, where string) {
	t.Helper()
	err := b.Read(b.Context(), ledger.Date{}, time.Time{}, func(snap *postgres.Snapshot) error {
		var sums []string
		err := snap.Select(b.Context(), &sums, `SELECT account || ' ' || sum(amount_usd) FROM journal_line WHERE `+where+
			` GROUP BY account HAVING sum(amount) <> 0 OR sum(amount_usd) <> 0`)
		if len(sums) > 0 {
			t.Errorf("still on the accounts: %v", sums)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestReversedAfterTheEnd reverses a delivery of a pledge that was cancelled since: nothing is promised again.
func TestReversedAfterTheEnd(t *testing.T) {
	t.Parallel()
	b := ledgertest.NewBooks(t)
	p := offer(b)
	d := deliver(b, p, 33, "2026-02-10")
	b.Do(b.EndPledge(b.Context(), b.Command(nil), p.ID, ledger.LegCancelled, postgres.EndingInput{Date: day("2026-02-20"), Reason: "The experts are needed at home"}))
	b.Do(b.ReverseDelivery(b.Context(), b.Command(nil), d.ID, postgres.ReversalInput{Date: day("2026-02-28"), Reason: "Never came"}))
	wantNothing(t, b, `account >= '9000'`)
	ledgertest.CheckBooks(t, b.Store)
}

// TestDeliverAtOnce lets 16 clients deliver 10 days each of the 90 that were accepted: nine succeed, and the rest are
// refused with the rule.
func TestDeliverAtOnce(t *testing.T) {
	t.Parallel()
	b := ledgertest.NewBooks(t)
	p := offer(b)
	b.Do(b.AgreePledge(b.Context(), b.Command(nil), p.ID, postgres.AgreementInput{Date: day("2026-02-01"), Accepted: map[int]decimal.Decimal{1: decimal.NewFromInt(90)}}))
	var wg sync.WaitGroup
	errs := make([]error, 16)
	for i := range errs {
		c := b.Command(nil)
		wg.Go(func() {
			_, errs[i] = b.RecordDelivery(b.Context(), c, postgres.DeliveryInput{Pledge: p.ID, DeliveredOn: day("2026-02-10"), Quantity: decimal.NewFromInt(10)})
		})
	}
	wg.Wait()
	kept := 0
	for _, err := range errs {
		if err == nil {
			kept++
			continue
		}
		wantRule(t, err, ledger.RuleQuantityExceedsPledge)
	}
	if kept != 9 {
		t.Errorf("%d deliveries of ten days kept a promise of 90", kept)
	}
	wantNothing(t, b, `account = '9200'`)
	ledgertest.CheckBooks(t, b.Store)
}

// TestInKindRefused has what PostgreSQL itself refuses of values and quantities in kind.
func TestInKindRefused(t *testing.T) {
	t.Parallel()
	url := ledgertest.Database(t)
	b := ledgertest.NewBooksOn(t, url)
	p := offer(b)
	b.Do(b.AgreePledge(b.Context(), b.Command(nil), p.ID, postgres.AgreementInput{Date: day("2026-02-01"), Accepted: map[int]decimal.Decimal{1: decimal.NewFromInt(90)}}))
	d := deliver(b, p, 7, "2026-02-10")
	b.Do(b.RevalueDelivery(b.Context(), b.Command(nil), d.ID, postgres.ValuationInput{Date: day("2026-02-21"),
		Value: new(cash("3000.00 EUR")), Basis: ledger.MarketPrice, Reason: "A survey"}))
	db := ledgertest.Connect(t, url, "")
	item := func(columns, values string) string {
		return `INSERT INTO pledge_item (pledge_id, number, category, description, quantity, unit, currency, amount, amount_usd, valuation_basis` + columns + `)
			VALUES ('` + p.ID.String() + `', 2, 'goods', 'x', 3, 'item', 'USD', 100, 100, 'market_price'` + values + `)`
	}
	for name, tt := range map[string]struct{ sql, constraint string }{
		"delivered beyond what was accepted": {`INSERT INTO delivery (id, contributor, fund, fund_year, pledge_id, item_number, delivered_on, category, description,
			quantity, pledged_quantity, unit, currency, amount, amount_usd, valuation_basis, actor_id)
			VALUES (gen_random_uuid(), 'NLD', 'CPCJF', 2026, '` + p.ID.String() + `', 1, '2026-03-01', 'expert', 'x', 84, 84, 'expert_day', 'USD', 1, 1, 'market_price', 1)`, "item_quantity_in_order"},
		"a value that is not quantity x unit value": {item(", unit_amount", ", 33.33"), "unit_value_sum"},
		"a unit value of too many decimals":         {item(", unit_amount", ", 33.333"), "amount_scale"},
		"a declared value of too many decimals":     {item(", declared_currency, declared_amount", ", 'JPY', 0.5"), "amount_scale"},
		"a declared value without a currency":       {item(", declared_amount", ", 1"), "pledge_item_declared_has_currency"},
		"a digest of another form":                  {item(", evidence, evidence_sha256", ", 'x', 'ABC'"), "pledge_item_evidence_sha256_form"},
		"a digest of nothing":                       {item(", evidence_sha256", ", repeat('a', 64)"), "pledge_item_evidence_named"},
		"a unit that nobody knows": {`INSERT INTO pledge_item SELECT pledge_id, 2, category, description, quantity, 'furlong', currency, amount, amount_usd,
			rate, rate_date, rate_source, valuation_basis FROM pledge_item`, "pledge_item_unit_fkey"},
		"update of a valuation":   {`UPDATE valuation SET reason = 'y'`, "valuation_append_only"},
		"delete of a valuation":   {`DELETE FROM valuation`, "valuation_append_only"},
		"update of an acceptance": {`UPDATE acceptance SET accepted_by = 'y'`, "acceptance_append_only"},
		"update of a unit":        {`UPDATE unit SET code = 'y'`, "unit_append_only"},
		"a valuation without a reason": {`INSERT INTO valuation SELECT gen_random_uuid(), pledge_id, item_number, delivery_id, effective_date, quantity,
			currency, amount, amount_usd, rate, rate_date, rate_source, NULL, NULL, NULL, valuation_basis,
			'', NULL, '', '', '', entry_id, actor_id, recorded_at FROM valuation`, "valuation_reason_present"},
	} {
		t.Run(name, func(t *testing.T) { wantRefused(t, db, tt.sql, tt.constraint, "") })
	}
}

// TestValuationPeriod closes the month of a valuation that makes no entry: it would change what a statement of the month
// says, so it is refused as an entry is.
func TestValuationPeriod(t *testing.T) {
	t.Parallel()
	url := ledgertest.Database(t)
	b := ledgertest.NewBooksOn(t, url)
	p := offer(b)
	d := deliver(b, p, 50, "2026-02-10")
	same := postgres.ValuationInput{Date: day("2026-02-21"), Value: new(d.Value.Money), Basis: ledger.ProFormaCost, Reason: "The invoice came"}
	ledgertest.Connect(t, url, "").MustExec(`INSERT INTO period (fund, starts_on, ends_on, closed) VALUES ('CPCJF', '2026-02-01', '2026-02-28', true)`)
	_, err := b.RevalueDelivery(b.Context(), b.Command(nil), d.ID, same)
	wantRule(t, err, ledger.RulePeriodClosed)
	same.Value = new(cash("1.00 EUR"))
	_, err = b.RevalueDelivery(b.Context(), b.Command(nil), d.ID, same)
	wantRule(t, err, ledger.RulePeriodClosed)
	same.Date, same.Value = day("2026-03-01"), new(d.Value.Money)
	b.Do(b.RevalueDelivery(b.Context(), b.Command(&d), d.ID, same))
	if last := d.Current(); len(d.Revaluations) != 1 || last.Basis != ledger.ProFormaCost || len(d.Entries) != 1 {
		t.Errorf("another basis of the same value: %+v, %d entries", last, len(d.Entries))
	}
}
