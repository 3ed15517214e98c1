package ledgertest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// Books records events for a test, each under a key of its own, and fails the test when one is refused.
type Books struct {
	*postgres.Store
	t     testing.TB
	actor ledger.Actor
	keys  int
}

// NewBooks returns the books of a fresh database with two funds, CPCJF and OTHER, the contributors NLD, DEU and ADB, and
// rates for EUR: 0.90 from 2026-01-01 and 0.80 from 2026-03-01.
func NewBooks(t testing.TB) *Books {
	t.Helper()
	return NewBooksOn(t, Database(t))
}

// NewBooksOn returns the same on a database that the test keeps the URL of.
func NewBooksOn(t testing.TB, databaseURL string) *Books {
	t.Helper()
	b := OnStore(t, Open(t, databaseURL))
	for _, code := range []ledger.FundCode{"CPCJF", "OTHER"} {
		b.Do(b.RecordFund(b.Context(), b.Command(nil), ledger.Fund{Code: code, Name: "Fund " + string(code), Kind: ledger.GeneralPurpose, Recognition: ledger.OnAgreement,
			Services: ledger.ServicesAreDisclosed, Charges: ledger.CreditGross, RateSource: ledger.SourceUN}))
	}
	for _, c := range []ledger.Contributor{{Code: "NLD", Name: "Netherlands", Kind: ledger.State, Country: "NLD"},
		{Code: "DEU", Name: "Germany", Kind: ledger.State, Country: "DEU"}, {Code: "ADB", Name: "Asian Development Bank", Kind: ledger.RDB}} {
		b.Do(b.RecordContributor(b.Context(), b.Command(nil), c))
	}
	for date, units := range map[string]string{"2026-01-01": "0.90", "2026-03-01": "0.80"} {
		b.Do(b.RecordRate(b.Context(), b.Command(nil), ledger.Rate{Currency: "EUR", Date: Day(date), UnitsPerUSD: decimal.RequireFromString(units), Source: ledger.SourceUN}))
	}
	return b
}

// OnStore returns books on a store, with nothing recorded.
func OnStore(t testing.TB, store *postgres.Store) *Books {
	t.Helper()
	actor, err := store.System(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return &Books{Store: store, t: t, actor: actor}
}

// Context returns the test's context.
func (b *Books) Context() context.Context { return b.t.Context() }

// Command returns a command under a new key, which puts the record into the variable that record points to.
func (b *Books) Command(record any) postgres.Command {
	b.keys++
	return b.CommandUnder(fmt.Sprintf("key %d", b.keys), record)
}

// CommandUnder returns a command under a key.
func (b *Books) CommandUnder(key string, record any) postgres.Command {
	b.t.Helper()
	c, err := postgres.SystemCommand(b.actor, key, key)
	if err != nil {
		b.t.Fatal(err)
	}
	c.Answer = func(r any) (postgres.Answer, error) {
		switch into := record.(type) {
		case **postgres.PledgeRecord:
			*into = r.(*postgres.PledgeRecord)
		case **postgres.ReceiptRecord:
			*into = r.(*postgres.ReceiptRecord)
		case **postgres.RefundRecord:
			*into = r.(*postgres.RefundRecord)
		case **postgres.DeliveryRecord:
			*into = r.(*postgres.DeliveryRecord)
		case **postgres.MatchResult:
			*into = r.(*postgres.MatchResult)
		}
		return postgres.Answer{Status: 201, Location: "/" + key, Body: []byte(`{"key":"` + key + `"}`)}, nil
	}
	return c
}

// Do fails the test when a write was refused.
func (b *Books) Do(_ postgres.Answer, err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// Pledge records a cash pledge of NLD to CPCJF, "1000.00 EUR", on a date.
func (b *Books) Pledge(amount, date string) *postgres.PledgeRecord {
	b.t.Helper()
	var p *postgres.PledgeRecord
	b.Do(b.RecordPledge(b.Context(), b.Command(&p), postgres.PledgeInput{Contributor: "NLD", Fund: "CPCJF", FundYear: 2026, Form: ledger.Cash,
		Amount: Cash(amount), Date: Day(date)}))
	return p
}

// Agree records the agreement for a pledge, for the amount announced.
func (b *Books) Agree(p *postgres.PledgeRecord, date string) *postgres.PledgeRecord {
	b.t.Helper()
	var agreed *postgres.PledgeRecord
	b.Do(b.AgreePledge(b.Context(), b.Command(&agreed), p.ID, postgres.AgreementInput{Date: Day(date)}))
	return agreed
}

// Receipt records cash of NLD applied to pledges, all of it to each in turn as far as the amounts say.
func (b *Books) Receipt(amount, date string, parts ...postgres.PartInput) *postgres.ReceiptRecord {
	b.t.Helper()
	var r *postgres.ReceiptRecord
	b.Do(b.RecordReceipt(b.Context(), b.Command(&r), postgres.ReceiptInput{Contributor: "NLD", Fund: "CPCJF", Amount: Cash(amount), ValueDate: Day(date), Parts: parts}))
	return r
}

// To is a part of a receipt that goes to a pledge.
func To(p *postgres.PledgeRecord, amount string) postgres.PartInput {
	return postgres.PartInput{Pledge: p.ID, Amount: Cash(amount)}
}

// Day reads a date of a test.
func Day(s string) ledger.Date {
	d, err := ledger.ParseDate(s)
	if err != nil {
		panic(err) // a test's own words
	}
	return d
}

// Cash reads money of a test, "1000.00 EUR".
func Cash(s string) ledger.Money {
	var amount, currency string
	if _, err := fmt.Sscan(s, &amount, &currency); err != nil {
		panic(err) // a test's own words
	}
	return ledger.Money{Amount: decimal.RequireFromString(amount), Currency: ledger.Currency(currency)}
}

// CheckBooks fails the test unless the books hold together: every fund and its memorandum accounts balance in USD, and no
// pledge has less than nothing outstanding, on any day.
func CheckBooks(t testing.TB, store *postgres.Store) {
	t.Helper()
	err := store.Read(context.Background(), ledger.Date{}, time.Time{}, func(snap *postgres.Snapshot) error {
		for what, query := range map[string]string{
			"funds that do not balance": `
				SELECT fund || CASE WHEN account >= '9000' THEN ' (memorandum)' ELSE '' END FROM journal_line
				GROUP BY fund, account >= '9000' HAVING sum(amount_usd) <> 0`,
			"pledges with less than nothing outstanding": `
				SELECT DISTINCT pledge_id::text FROM (
				    SELECT pledge_id, sum(amount) OVER w AS amount, sum(amount_usd) OVER w AS amount_usd FROM journal_line
				    WHERE account IN ('1200', '9100', '9200')
				    WINDOW w AS (PARTITION BY pledge_id, item_number, account, currency ORDER BY effective_date RANGE UNBOUNDED PRECEDING)) b
				WHERE amount < 0 OR amount_usd < 0`,
			"receipts that hold less than nothing": `
				SELECT receipt_id::text FROM journal_line WHERE account IN ('2100', '2200')
				GROUP BY receipt_id, account, contributor, pledge_id, currency HAVING sum(amount) > 0`,
		} {
			var found []string
			if err := snap.Select(context.Background(), &found, query); err != nil {
				return err
			}
			if len(found) > 0 {
				t.Errorf("%s: %v", what, found)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Key makes a key for an actor and returns its secret.
func Key(store *postgres.Store, name string, role ledger.Role, contributor ledger.ContributorCode) (string, error) {
	ctx := context.Background()
	actor, err := store.System(ctx)
	if err != nil {
		return "", err
	}
	c, err := postgres.SystemCommand(actor, "key:"+name, name)
	if err != nil {
		return "", err
	}
	secret, _, err := store.CreateKey(ctx, c, postgres.KeyInput{Actor: name, Role: role, Contributor: contributor})
	return secret, err
}
