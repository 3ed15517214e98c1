package postgres_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
)

// spender is the books of a fund that spends: CPCJF pays 13 per cent to OTHER and a levy of 1 per cent, too.
type spender struct {
	*ledgertest.Books
	t *testing.T
}

func newSpender(t *testing.T) spender {
	t.Helper()
	s := spender{ledgertest.NewBooks(t), t}
	s.setting("2026-01-01", "13", "1")
	return s
}

// setting records what CPCJF pays from a day on.
func (s spender) setting(from, rate, levy string) {
	s.t.Helper()
	s.Do(s.RecordSupport(s.Context(), s.Command(nil), ledger.Support{Fund: "CPCJF", From: day(from), Rate: decimal.RequireFromString(rate), To: "OTHER",
		LevyRate: decimal.RequireFromString(levy), LevyTo: "OTHER"}))
}

// try records an expenditure of CPCJF.
func (s spender) try(reference, amount, date string, change ...func(*postgres.ExpenditureInput)) (*postgres.ExpenditureRecord, error) {
	s.t.Helper()
	in := postgres.ExpenditureInput{Fund: "CPCJF", Date: day(date), Amount: cash(amount), Description: "Training", Project: "P-1", Reference: reference}
	for _, f := range change {
		f(&in)
	}
	var rec *postgres.ExpenditureRecord
	c := s.CommandUnder(uuid.NewString(), nil)
	c.Answer = func(record any) (postgres.Answer, error) {
		rec = record.(*postgres.ExpenditureRecord)
		return postgres.Answer{Status: 201}, nil
	}
	_, err := s.RecordExpenditure(s.Context(), c, in)
	return rec, err
}

func (s spender) spend(reference, amount, date string, change ...func(*postgres.ExpenditureInput)) *postgres.ExpenditureRecord {
	s.t.Helper()
	rec, err := s.try(reference, amount, date, change...)
	if err != nil {
		s.t.Fatal(err)
	}
	return rec
}

func (s spender) reverse(id uuid.UUID, date string) error {
	_, err := s.ReverseExpenditure(s.Context(), s.CommandUnder(uuid.NewString(), nil), id, postgres.ReversalInput{Date: day(date), Reason: "wrong voucher"})
	return err
}

// cashOf returns what a fund has in cash, in USD.
func (s spender) cashOf(fund string) string {
	s.t.Helper()
	var usd decimal.Decimal
	err := s.Read(s.Context(), ledger.Date{}, time.Time{}, func(snap *postgres.Snapshot) error {
		return snap.Get(s.Context(), &usd, `SELECT coalesce(sum(amount_usd), 0) FROM journal_line WHERE fund = $1 AND account = '1010'`, fund)
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return usd.StringFixed(2)
}

func (s spender) wantCash(fund, usd string) {
	s.t.Helper()
	if got := s.cashOf(fund); got != usd {
		s.t.Errorf("%s has %s USD in cash, want %s", fund, got, usd)
	}
}

func earmarked(pledges ...*postgres.PledgeRecord) func(*postgres.ExpenditureInput) {
	return func(in *postgres.ExpenditureInput) {
		for _, p := range pledges {
			in.Shares = append(in.Shares, postgres.ShareInput{Pledge: p.ID, Weight: decimal.NewFromInt(1)})
		}
	}
}

// TestExpenditureIsRead holds what a write answers against what is read, with shares, charges and a reversal.
func TestExpenditureIsRead(t *testing.T) {
	t.Parallel()
	s := newSpender(t)
	p := s.Agree(s.Pledge("1000.00 EUR", "2026-01-10"), "2026-02-10")
	s.Receipt("1000.00 EUR", "2026-03-05", ledgertest.To(p, "1000.00 EUR")) // 1,250.00 USD
	s.Do(s.RecordPledgeSupport(s.Context(), s.Command(nil), ledger.PledgeSupport{Pledge: p.ID, From: day("2026-01-01"),
		Rate: decimal.NewNullDecimal(decimal.NewFromInt(7)), Document: "Agreement 2026/7"}))

	rec := s.spend("V1", "300.00 EUR", "2026-04-01", func(in *postgres.ExpenditureInput) {
		in.Shares = []postgres.ShareInput{{Pledge: p.ID, Weight: decimal.NewFromInt(2)}, {Weight: decimal.NewFromInt(1)}}
	})
	// 200 EUR of the pledge at 7 per cent, 100 EUR at 13: 27 EUR; the levy is 1 per cent of all.
	if got := fmt.Sprint(rec.Support, rec.Levy, len(rec.Entries)); got != "27.00 EUR (33.75 USD) 3.00 EUR (3.75 USD) 3" {
		t.Errorf("charges %s", got)
	}
	s.wantCash("CPCJF", "837.50")
	s.wantCash("OTHER", "37.50")
	read, err := s.Expenditure(s.Context(), rec.ID)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, read, rec)

	if err := s.reverse(rec.ID, "2026-05-01"); err != nil {
		t.Fatal(err)
	}
	s.wantCash("CPCJF", "1250.00")
	s.wantCash("OTHER", "0.00")
	read, err = s.Expenditure(s.Context(), rec.ID)
	if err != nil || !read.ReversedOn.Equal(day("2026-05-01")) || len(read.Entries) != 6 || read.Support.Amount.String() != "27" {
		t.Errorf("reversed: %+v, %v", read, err)
	}
	wantRule(t, s.reverse(rec.ID, "2026-05-01"), ledger.RuleAlreadyReversed)

	again := s.spend("V1", "30.00 EUR", "2026-04-02")
	if again.Replaces != rec.ID {
		t.Errorf("the second V1 replaces %s", again.Replaces)
	}
	list, err := s.Expenditures(s.Context(), postgres.ExpenditureFilter{Pledge: p.ID}, postgres.ExpenditureKey{}, 10)
	if err != nil || len(list) != 1 || list[0].ID != rec.ID {
		t.Errorf("of the pledge: %v, %v", list, err)
	}
	list, err = s.Expenditures(s.Context(), postgres.ExpenditureFilter{Fund: "CPCJF", Project: "P-1", Reference: "V1"}, postgres.ExpenditureKey{Date: rec.Date, ID: rec.ID}, 10)
	if err != nil || len(list) != 1 || list[0].ID != again.ID {
		t.Errorf("after the first: %v, %v", list, err)
	}
	ledgertest.CheckBooks(t, s.Store)
}

// TestSupportIsDated takes the rates that are in force on the date of each expenditure.
func TestSupportIsDated(t *testing.T) {
	t.Parallel()
	s := newSpender(t)
	s.Receipt("1000.00 USD", "2026-01-05")
	s.setting("2026-06-01", "10", "0")
	s.setting("2026-06-01", "8", "0") // the later recorded holds
	for i, tt := range []struct{ date, support, levy string }{{"2026-05-31", "13", "1"}, {"2026-06-01", "8", "0"}, {"2026-10-01", "8", "0"}} {
		rec := s.spend(fmt.Sprint("V", i), "100.00 USD", tt.date)
		if rec.Support.Amount.String() != tt.support || rec.Levy.Amount.String() != tt.levy {
			t.Errorf("%s: %s and %s, want %s and %s", tt.date, rec.Support, rec.Levy, tt.support, tt.levy)
		}
	}
	settings, err := s.FundSupport(s.Context(), "CPCJF")
	if err != nil || len(settings) != 3 || settings[2].Rate.String() != "8" {
		t.Errorf("settings %v, %v", settings, err)
	}
	_, err = s.try("V9", "1.00 USD", "2025-12-31")
	wantRule(t, err, ledger.RuleSupportMissing)
	for name, tt := range map[string]struct {
		in   ledger.Support
		rule ledger.Rule
	}{
		"to itself":     {ledger.Support{Fund: "CPCJF", From: day("2026-01-01"), Rate: decimal.NewFromInt(1), To: "CPCJF"}, ledger.RuleSupportFund},
		"to nobody":     {ledger.Support{Fund: "CPCJF", From: day("2026-01-01"), Rate: decimal.NewFromInt(1)}, ledger.RuleSupportFund},
		"to no fund":    {ledger.Support{Fund: "CPCJF", From: day("2026-01-01"), Rate: decimal.NewFromInt(1), To: "NONE"}, ledger.RuleFundUnknown},
		"of no fund":    {ledger.Support{Fund: "NONE", From: day("2026-01-01")}, ledger.RuleNotFound},
		"more than all": {ledger.Support{Fund: "CPCJF", From: day("2026-01-01"), Rate: decimal.NewFromInt(101), To: "OTHER"}, ledger.RuleOutOfRange},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.RecordSupport(s.Context(), s.CommandUnder(uuid.NewString(), nil), tt.in)
			wantRule(t, err, tt.rule)
		})
	}
}

// TestSpendRefuses asks for what must not be spent.
func TestSpendRefuses(t *testing.T) {
	t.Parallel()
	s := newSpender(t)
	p := s.Agree(s.Pledge("1000.00 EUR", "2026-01-10"), "2026-02-10")
	s.Receipt("114.00 USD", "2026-03-05")
	s.Do(s.RecordBankAccount(s.Context(), s.Command(nil), ledger.BankAccount{Code: "CHF", Name: "Swiss", Currency: "CHF"}))
	s.spend("V1", "50.00 USD", "2026-04-01")
	for name, tt := range map[string]struct {
		reference, amount, date string
		change                  func(*postgres.ExpenditureInput)
		rule                    ledger.Rule
	}{
		"the same reference":       {"V1", "50.00 USD", "2026-04-01", nil, ledger.RuleExpenditureDuplicate},
		"a cent too much":          {"V2", "50.01 USD", "2026-04-01", nil, ledger.RuleExceedsAvailableCash},
		"before the cash came":     {"V2", "1.00 USD", "2026-03-04", nil, ledger.RuleExceedsAvailableCash},
		"what a later day spends":  {"V2", "60.00 USD", "2026-03-05", nil, ledger.RuleExceedsAvailableCash},
		"tomorrow":                 {"V2", "1.00 USD", "2190-01-01", nil, ledger.RuleDateInFuture},
		"no rate":                  {"V2", "1.00 CHF", "2026-04-01", nil, ledger.RuleRateMissing},
		"no such fund":             {"V2", "1.00 USD", "2026-04-01", func(in *postgres.ExpenditureInput) { in.Fund = "NONE" }, ledger.RuleFundUnknown},
		"no such bank account":     {"V2", "1.00 USD", "2026-04-01", func(in *postgres.ExpenditureInput) { in.BankAccount = "NONE" }, ledger.RuleBankAccountUnknown},
		"dollars from francs":      {"V2", "1.00 USD", "2026-04-01", func(in *postgres.ExpenditureInput) { in.BankAccount = "CHF" }, ledger.RuleCurrencyMismatch},
		"no such pledge":           {"V2", "1.00 USD", "2026-04-01", earmarked(&postgres.PledgeRecord{Pledge: ledger.Pledge{ID: uuid.New()}}), ledger.RulePledgeUnknown},
		"a pledge of another fund": {"V2", "1.00 USD", "2026-04-01", func(in *postgres.ExpenditureInput) { in.Fund = "OTHER"; earmarked(p)(in) }, ledger.RuleInvalidRequest},
		"a share of nothing": {"V2", "0.01 USD", "2026-04-01", func(in *postgres.ExpenditureInput) {
			in.Shares = []postgres.ShareInput{{Pledge: p.ID, Weight: decimal.NewFromInt(9)}, {Weight: decimal.NewFromInt(1)}}
		}, ledger.RuleAmountNotPositive},
	} {
		t.Run(name, func(t *testing.T) {
			change := tt.change
			if change == nil {
				change = func(*postgres.ExpenditureInput) {}
			}
			_, err := s.try(tt.reference, tt.amount, tt.date, change)
			wantRule(t, err, tt.rule)
		})
	}
	s.spend("V3", "50.00 USD", "2026-04-01") // to the last cent
	s.wantCash("CPCJF", "0.00")
	over := s.spend("V4", "100.00 USD", "2026-04-02", func(in *postgres.ExpenditureInput) { in.Overdraft = "the donor's transfer is announced" })
	read, err := s.Expenditure(s.Context(), over.ID)
	if err != nil || read.Overdraft == "" {
		t.Errorf("an overdraft says why: %+v, %v", read, err)
	}
	s.wantCash("CPCJF", "-114.00")
}

// TestHeldCashIsNotAvailable does not spend what somebody can claim back.
func TestHeldCashIsNotAvailable(t *testing.T) {
	t.Parallel()
	s := newSpender(t)
	s.Do(s.RecordReceipt(s.Context(), s.Command(nil), postgres.ReceiptInput{Fund: "CPCJF", Amount: cash("1000.00 USD"), ValueDate: day("2026-03-01")})) // unidentified
	p := s.Pledge("500.00 USD", "2026-01-10")
	s.Receipt("500.00 USD", "2026-03-02", ledgertest.To(p, "500.00 USD")) // in advance of the agreement
	_, err := s.try("V1", "1.00 USD", "2026-04-01")
	wantRule(t, err, ledger.RuleExceedsAvailableCash)
	s.Agree(p, "2026-03-15")
	s.spend("V1", "400.00 USD", "2026-04-01")
	_, err = s.try("V2", "400.00 USD", "2026-04-01")
	wantRule(t, err, ledger.RuleExceedsAvailableCash)
}

// TestClientsSpendingTheSameCash lets eight clients spend what is there for five.
func TestClientsSpendingTheSameCash(t *testing.T) {
	t.Parallel()
	s := newSpender(t)
	s.Receipt("570.00 USD", "2026-03-01") // five times 114
	p := s.Agree(s.Pledge("1000.00 USD", "2026-01-10"), "2026-02-10")
	var wg sync.WaitGroup
	results := make(chan error, 24)
	for i := range 8 {
		wg.Go(func() {
			for n := range 3 { // each tries three times, with vouchers of its own
				_, err := s.try(fmt.Sprintf("V%d-%d", i, n), "100.00 USD", "2026-04-01", earmarked(p))
				results <- err
			}
		})
	}
	wg.Wait()
	close(results)
	spent := 0
	for err := range results {
		if err == nil {
			spent++
			continue
		}
		wantRule(t, err, ledger.RuleExceedsAvailableCash)
	}
	if spent != 5 {
		t.Errorf("%d of 24 were spent, want 5", spent)
	}
	s.wantCash("CPCJF", "0.00")
	ledgertest.CheckBooks(t, s.Store)
}

// importing imports rows of CPCJF.
func (s spender) importing(rows ...postgres.ExpenditureRow) postgres.ExpenditureImport {
	s.t.Helper()
	out, err := s.ImportExpenditures(s.Context(), s.CommandUnder(uuid.NewString(), nil), "CPCJF", rows)
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

func row(line int, reference, amount, date, pledge string) postgres.ExpenditureRow {
	return postgres.ExpenditureRow{Line: line, Pledge: pledge, ExpenditureInput: postgres.ExpenditureInput{Date: day(date), Amount: cash(amount),
		Description: "Training", Reference: reference}}
}

// TestImportExpenditures imports all or nothing, and twice without effect.
func TestImportExpenditures(t *testing.T) {
	t.Parallel()
	s := newSpender(t)
	p := s.Agree(s.Pledge("1000.00 USD", "2026-01-10"), "2026-02-10")
	s.Receipt("1000.00 USD", "2026-03-01", ledgertest.To(p, "1000.00 USD"))
	rows := []postgres.ExpenditureRow{row(2, "V1", "100.00 USD", "2026-04-01", ""), row(3, "V2", "200.00 EUR", "2026-04-02", p.Reference), row(4, "V3", "1.00 USD", "2026-04-01", p.ID.String())}
	rows[2].Amount = cash("900.00 USD")
	rows = append(rows, row(5, "V4", "1.00 CHF", "2026-04-01", ""), row(6, "V5", "1.00 USD", "2026-04-01", "NONE"))
	tell := func(out postgres.ExpenditureImport) (list []string) {
		for _, f := range out.Faults {
			list = append(list, fmt.Sprintf("%d %s %s", f.Line, f.Column, f.Rule))
		}
		return append(list, fmt.Sprintf("%d recorded, %d unchanged, %s USD", out.Recorded, out.Unchanged, out.Spent.StringFixed(2)))
	}
	want := func(out postgres.ExpenditureImport, lines ...string) {
		t.Helper()
		if diff := cmp.Diff(lines, tell(out)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	want(s.importing(rows...), "6 pledge pledge-unknown", "0 recorded, 0 unchanged, 0.00 USD")
	want(s.importing(rows[:4]...), "4 amount exceeds-available-cash", "5 amount rate-missing", "0 recorded, 0 unchanged, 0.00 USD")
	s.wantCash("CPCJF", "1000.00")
	want(s.importing(rows[:2]...), "2 recorded, 0 unchanged, 399.00 USD")
	want(s.importing(rows[:2]...), "0 recorded, 2 unchanged, 0.00 USD")
	s.wantCash("CPCJF", "601.00")

	changed := []postgres.ExpenditureRow{row(2, "V1", "101.00 USD", "2026-04-01", ""), row(3, "V2", "200.00 EUR", "2026-04-02", "")}
	want(s.importing(changed...), "2 amount expenditure-duplicate", "3 pledge expenditure-duplicate", "0 recorded, 0 unchanged, 0.00 USD")
	list, err := s.Expenditures(s.Context(), postgres.ExpenditureFilter{Reference: "V1"}, postgres.ExpenditureKey{}, 10)
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	if err := s.reverse(list[0].ID, "2026-05-01"); err != nil {
		t.Fatal(err)
	}
	want(s.importing(rows[:1]...), "0 recorded, 1 unchanged, 0.00 USD") // what was reversed stays so
	want(s.importing(changed[:1]...), "1 recorded, 0 unchanged, 115.14 USD")
	want(s.importing(changed[:1]...), "0 recorded, 1 unchanged, 0.00 USD")
	_, err = s.ImportExpenditures(s.Context(), s.CommandUnder("x", nil), "NONE", rows[:1])
	wantRule(t, err, ledger.RuleFundUnknown)
	ledgertest.CheckBooks(t, s.Store)
}

// earn records interest on the bank account of CPCJF.
func (s spender) earn(in postgres.InterestInput) (rec *postgres.InterestRecord, err error) {
	c := s.CommandUnder(uuid.NewString(), nil)
	c.Answer = func(record any) (postgres.Answer, error) {
		rec = record.(*postgres.InterestRecord)
		return postgres.Answer{Status: 201}, nil
	}
	if in.BankAccount == "" {
		in.BankAccount = "CPCJF"
	}
	if in.ValueDate.IsZero() {
		in.ValueDate = in.Period.To
	}
	_, err = s.ApportionInterest(s.Context(), c, in)
	return rec, err
}

func parts(rec *postgres.InterestRecord) (list []string) {
	for _, p := range rec.Parts {
		list = append(list, fmt.Sprint(p.Fund, " ", p.Contributor, " ", p.Amount.StringFixed(2)))
	}
	return list
}

// TestInterest apportions by what stood in the account, day by day.
func TestInterest(t *testing.T) {
	t.Parallel()
	s := newSpender(t)
	quarter := ledger.Period{From: day("2026-04-01"), To: day("2026-04-30")}
	_, err := s.earn(postgres.InterestInput{BankReference: "I0", Period: quarter, Amount: cash("1.00 USD")})
	wantRule(t, err, ledger.RuleNoBalance)
	p := s.Agree(s.Pledge("1000.00 USD", "2026-01-10"), "2026-02-10")
	s.Receipt("1000.00 USD", "2026-03-01", ledgertest.To(p, "1000.00 USD")) // the whole period
	s.Receipt("1000.00 USD", "2026-04-16")                                  // half of it
	s.Do(s.RecordReceipt(s.Context(), s.Command(nil), postgres.ReceiptInput{Contributor: "DEU", Fund: "OTHER", BankAccount: "CPCJF", Amount: cash("500.00 USD"), ValueDate: day("2026-01-01")}))

	rec, err := s.earn(postgres.InterestInput{BankReference: "I1", Period: quarter, Amount: cash("10.01 USD")})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"CPCJF  7.51", "OTHER  2.50"}, parts(rec)); diff != "" {
		t.Errorf("by fund (-want +got):\n%s", diff)
	}
	_, err = s.earn(postgres.InterestInput{BankReference: "I1", Period: quarter, Amount: cash("10.01 USD")})
	wantRule(t, err, ledger.RuleInterestDuplicate)

	s.spend("V1", "100.00 USD", "2026-04-16", earmarked(p)) // 114 with the charges, of the pledge's money, for half of the period
	rec, err = s.earn(postgres.InterestInput{BankReference: "I2", Period: quarter, Amount: cash("144.00 USD"), Fund: "CPCJF", Pledges: []uuid.UUID{p.ID}})
	if err != nil {
		t.Fatal(err)
	}
	// 30 days of 1,000.00 less 15 of 114.00 are 28,290 of 43,297.51: the rest are 15 days of
	// 1,000.00 and the interest of the last day. 94.0876 and 49.9124: the larger remainder gets the cent.
	if diff := cmp.Diff([]string{"CPCJF NLD 94.09", "CPCJF  49.91"}, parts(rec)); diff != "" {
		t.Errorf("by pledge (-want +got):\n%s", diff)
	}
	for name, tt := range map[string]struct {
		in   postgres.InterestInput
		rule ledger.Rule
	}{
		"pledges without a fund": {postgres.InterestInput{Pledges: []uuid.UUID{p.ID}}, ledger.RuleRequired},
		"another fund's pledge":  {postgres.InterestInput{Fund: "OTHER", Pledges: []uuid.UUID{p.ID}}, ledger.RuleFundMismatch},
		"no such pledge":         {postgres.InterestInput{Fund: "CPCJF", Pledges: []uuid.UUID{uuid.New()}}, ledger.RulePledgeUnknown},
		"no such bank account":   {postgres.InterestInput{BankAccount: "NONE"}, ledger.RuleBankAccountUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			tt.in.BankReference, tt.in.Period, tt.in.Amount = "I3", quarter, cash("1.00 USD")
			_, err := s.earn(tt.in)
			wantRule(t, err, tt.rule)
		})
	}
	ledgertest.CheckBooks(t, s.Store)
}

// TestUseIsAppendOnly tries by plain SQL, as the owner too, what must never be in the books.
func TestUseIsAppendOnly(t *testing.T) {
	t.Parallel()
	url := ledgertest.Database(t)
	s := spender{ledgertest.NewBooksOn(t, url), t}
	s.setting("2026-01-01", "13", "0")
	p := s.Agree(s.Pledge("1000.00 USD", "2026-01-10"), "2026-02-10")
	s.Receipt("1000.00 USD", "2026-03-01", ledgertest.To(p, "1000.00 USD"))
	s.Do(s.RecordPledgeSupport(s.Context(), s.Command(nil), ledger.PledgeSupport{Pledge: p.ID, From: day("2026-01-01")}))
	id := s.spend("V1", "100.00 USD", "2026-04-01", earmarked(p)).ID.String()
	if _, err := s.earn(postgres.InterestInput{BankReference: "I1", Period: ledger.Period{From: day("2026-04-01"), To: day("2026-04-30")}, Amount: cash("1.00 USD")}); err != nil {
		t.Fatal(err)
	}
	for _, role := range []string{"vcledger_service", ""} {
		db := ledgertest.Connect(t, url, role)
		for _, table := range []string{"fund_support", "pledge_support", "expenditure", "expenditure_share", "interest"} {
			wantRefused(t, db, `UPDATE `+table+` SET recorded_at = recorded_at`, table+"_append_only", role)
			wantRefused(t, db, `DELETE FROM `+table, table+"_append_only", role)
		}
		wantRefused(t, db, `INSERT INTO expenditure_share (expenditure_id, number, fund, weight, currency, amount, amount_usd)
			VALUES ('`+id+`', 9, 'CPCJF', 1, 'USD', 1, 1)`, "expenditure_share_sum", role)
		wantRefused(t, db, `INSERT INTO expenditure (id, fund, effective_date, currency, amount, amount_usd, description, reference, bank_account, actor_id)
			VALUES ('00000000-0000-0000-0000-000000000001', 'CPCJF', '2026-04-01', 'USD', 1, 1, 'x', 'V1', 'CPCJF', 1)`, "expenditure_reference_key", role)
		wantRefused(t, db, `INSERT INTO expenditure (id, fund, effective_date, currency, amount, amount_usd, description, reference, bank_account, actor_id)
			VALUES ('00000000-0000-0000-0000-000000000001', 'CPCJF', '2026-04-01', 'USD', 1.001, 1.001, 'x', 'V2', 'CPCJF', 1)`, "amount_scale", role)
		wantRefused(t, db, `INSERT INTO fund_support (fund, starts_on, rate, actor_id) VALUES ('CPCJF', '2026-01-01', 13, 1)`, "fund_support_has_fund", role)
	}
}
