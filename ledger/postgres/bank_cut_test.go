package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
)

// TestBankMatchCut cuts the matching short between two parts, by a caller who goes and by a server that loses its connections:
// the part that was done stays, and the next run does what waits, once.
func TestBankMatchCut(t *testing.T) {
	t.Parallel()
	cuts := map[string]func(t *testing.T, url string, cancel context.CancelFunc){
		"the caller goes": func(_ *testing.T, _ string, cancel context.CancelFunc) { cancel() },
		"the connections break": func(t *testing.T, url string, _ context.CancelFunc) {
			owner := ledgertest.Connect(t, url, "")
			owner.MustExec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`)
		},
	}
	for name, cut := range cuts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := ledgertest.Database(t)
			b := newBankOn(t, url)
			early, late := b.pledge("NLD", "NV-2026/33", "700.00 USD"), b.pledge("DEU", "NV-2026/34", "900.00 USD")
			entries := []string{"2026-03-05 700.00 C R1 NETHERLANDS / NV-2026/33"}
			for range 1100 {
				entries = append(entries, "2026-03-06 1.00 C - TRAVEL OFFICE / REFUND")
			}
			entries = append(entries, "2026-03-07 900.00 C R2 FEDERAL REPUBLIC OF GERMANY / NV-2026/34")
			s := b.must(statement(1, "2026-03-01 0.00", "2026-03-31 2700.00", entries...))
			ctx, cancel := context.WithCancel(b.Context())
			defer cancel()
			reached := 0
			_, err := b.MatchBankStatement(ctx, b.CommandUnder("cut", nil), s.ID, func(done, _ int) {
				if reached = done; done == 1000 {
					cut(t, url, cancel)
				}
			})
			if err == nil {
				t.Fatalf("cut at %d, and all is well", reached)
			}
			left := func(p *postgres.PledgeRecord) string {
				t.Helper()
				now, err := b.Store.Pledge(b.Context(), p.ID)
				if err != nil {
					t.Fatal(err)
				}
				return now.State.Receivable.Amount.String()
			}
			// A part that came after the connections broke may have found new ones: it is kept by itself, or not at all.
			waits, applied := 1101, 1
			if left(late) == "0" && ctx.Err() == nil {
				waits, applied = 1100, 0
			} else if left(late) != "900" || reached != 1000 {
				t.Fatalf("after the cut at %d %s are left", reached, left(late))
			}
			if left(early) != "0" {
				t.Fatalf("the part before the cut is gone: %s are left", left(early))
			}
			var m *postgres.MatchResult
			b.Do(b.MatchBankStatement(b.Context(), b.CommandUnder("cut", &m), s.ID, nil)) // the same request again
			if m.Lines != waits || m.Applied != applied || m.Unknown != 1100 || left(early) != "0" || left(late) != "0" {
				t.Errorf("%+v; %s and %s are left", m, left(early), left(late))
			}
			receipts, err := b.Receipts(b.Context(), postgres.ReceiptFilter{}, postgres.ReceiptKey{}, 10)
			if err != nil || len(receipts) != 2 {
				t.Errorf("%d receipts, %v", len(receipts), err)
			}
			ledgertest.CheckBooks(t, b.Store)
		})
	}
}

// TestBankDecisionsEachAttacked sends what each by itself must not let through, from two officers at once: a line twice, a receipt
// for two lines, lines and pledges that are not there, a credit as a charge. Each line is decided on once at the most, and a
// pledge that is paid over owes nothing.
func TestBankDecisionsEachAttacked(t *testing.T) {
	t.Parallel()
	b := newBank(t)
	p := b.pledge("DEU", "NV-2026/32", "500.00 USD")
	var hand *postgres.ReceiptRecord
	b.Do(b.RecordReceipt(b.Context(), b.Command(&hand), postgres.ReceiptInput{BankAccount: "NY", ValueDate: ledgertest.Day("2026-03-04"), Fund: "CPCJF", Amount: ledgertest.Cash("300.00 USD")}))
	var entries []string
	for i := range 6 {
		entries = append(entries, fmt.Sprintf("2026-03-0%d 300.00 C R%d SOMEBODY / GIFT", i+1, i))
	}
	l := b.lines(b.must(statement(1, "2026-03-01 0.00", "2026-03-31 1800.00", entries...)))
	whole := []postgres.PartInput{{Pledge: p.ID, Amount: ledgertest.Cash("300.00 USD")}}
	list := []postgres.BankDecisionInput{
		{Line: l[0].ID, Kind: ledger.BankReceipt, Parts: whole},
		{Line: l[1].ID, Kind: ledger.BankReceipt, Parts: whole}, // of which 200.00 are due: the rest is held for the contributor
		{Line: l[0].ID, Kind: ledger.BankUnidentified, Fund: "CPCJF"},
		{Line: l[2].ID, Kind: ledger.BankLinked, Receipt: hand.ID},
		{Line: l[3].ID, Kind: ledger.BankLinked, Receipt: hand.ID},
		{Line: uuid.New(), Kind: ledger.BankUnidentified, Fund: "CPCJF"},
		{Line: l[4].ID, Kind: ledger.BankReceipt, Parts: []postgres.PartInput{{Pledge: uuid.New(), Amount: ledgertest.Cash("300.00 USD")}}},
		{Line: l[4].ID, Kind: ledger.BankCharge, Fund: "CPCJF"},
		{Line: l[4].ID, Kind: ledger.BankUnidentified, Fund: "'; DROP TABLE bank_line; --"},
		{Line: l[5].ID, Kind: ledger.BankReceipt, Fund: "CPCJF", Contributor: "NLD", USD: ledgertest.Cash("-1.00 USD").Amount},
		{Line: l[5].ID, Kind: ledger.BankUnidentified, Fund: "CPCJF"},
	}
	var all sync.WaitGroup
	var taken, refused [2]int
	for i := range 2 {
		all.Go(func() {
			c := b.CommandUnder(fmt.Sprintf("officer %d", i), nil)
			answer := c.Answer
			c.Answer = func(r any) (postgres.Answer, error) {
				d := r.(*postgres.BankDecisions)
				taken[i], refused[i] = len(d.Lines), len(d.Refused)
				return answer(r)
			}
			if _, err := b.DecideBankLines(b.Context(), c, list, true, func(i int) string { return fmt.Sprintf("/decisions/%d", i) }); err != nil {
				var e *ledger.Error
				if !errors.As(err, &e) || e.Kind != ledger.KindUnavailable {
					t.Errorf("officer %d: %v", i, err)
				}
			}
		})
	}
	all.Wait()
	if taken[0]+taken[1] != 4 || max(refused[0], refused[1]) != len(list) {
		t.Errorf("taken %v, refused %v", taken, refused)
	}
	var kinds []string
	for _, line := range b.lines(postgres.BankStatementRecord{ID: l[0].Statement}) {
		if line.Decision != nil {
			kinds = append(kinds, string(line.Decision.Kind))
		}
	}
	if strings.Join(kinds, " ") != "receipt receipt linked unidentified" {
		t.Errorf("decided: %v", kinds)
	}
	receipts, err := b.Receipts(b.Context(), postgres.ReceiptFilter{}, postgres.ReceiptKey{}, 10)
	if err != nil || len(receipts) != 4 {
		t.Errorf("%d receipts, %v", len(receipts), err)
	}
	if now, err := b.Store.Pledge(b.Context(), p.ID); err != nil || !now.State.Receivable.Amount.IsZero() {
		t.Errorf("%+v, %v", now, err)
	}
	ledgertest.CheckBooks(t, b.Store)
}

// TestBankAccountOfStatement finds the account of a statement as its bank writes it: the country's code of the bank before the
// number, where the officer registered both, or the number and a BIC. References of MT940 that a bank gives to several statements
// are no repetition.
func TestBankAccountOfStatement(t *testing.T) {
	t.Parallel()
	b := newBank(t)
	b.Do(b.RecordBankAccount(b.Context(), b.Command(nil), ledger.BankAccount{Code: "BOTH", Name: "Both", Currency: "USD", Number: "45050050/76198810"}))
	b.Do(b.RecordBankAccount(b.Context(), b.Command(nil), ledger.BankAccount{Code: "BIC", Name: "BIC", Currency: "USD", Number: "1234567", Bank: "COBADEFF"}))
	for _, tt := range []struct {
		written string
		code    ledger.BankAccountCode
	}{{"45050050/76198810", "BOTH"}, {"10020030/1234567", "BIC"}} {
		file := func(number int, opening, closing string) string {
			return strings.Replace(statement(number, opening, closing, "2026-03-05 10.00 C - SOMEBODY / "+opening), "DE89370400440532013000", tt.written, 1)
		}
		for i, balances := range [][2]string{{"2026-03-01 0.00", "2026-03-31 10.00"}, {"2026-03-31 10.00", "2026-04-30 20.00"}} {
			if s := b.must(file(i+1, balances[0], balances[1])); s.BankAccount != tt.code || len(s.Problems) != 0 {
				t.Errorf("%s: %s, %+v", tt.written, s.BankAccount, s.Problems)
			}
		}
		if s := b.must(file(2, "2026-03-31 10.00", "2026-04-30 20.00") + "\r\n"); len(s.Problems) != 1 || s.Problems[0].Code != "identification_repeated" {
			t.Errorf("%s again: %+v", tt.written, s.Problems)
		}
	}
	_, err := b.load(strings.Replace(statement(1, "2026-03-01 0.00", "2026-03-31 0.00"), "DE89370400440532013000", "COBADEXX/1234567", 1))
	wantBankRule(t, err, ledger.RuleBankAccountUnknown)
}
