package postgres_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
)

// bank is a bank account of test books, with statements of it.
type bank struct {
	*ledgertest.Books
	t *testing.T
}

// newBank returns books whose fund CPCJF has a registered account in USD, without a line.
func newBank(t *testing.T) *bank {
	t.Helper()
	return newBankOn(t, ledgertest.Database(t))
}

func newBankOn(t *testing.T, url string) *bank {
	t.Helper()
	b := &bank{ledgertest.NewBooksOn(t, url), t}
	b.Do(b.RecordBankAccount(b.Context(), b.Command(nil), ledger.BankAccount{Code: "NY", Name: "New York", Currency: "USD", IBAN: "DE89370400440532013000"}))
	return b
}

// statement is an MT940 of the account: a line "date amount D|C reference payer / remittance" for each entry.
func statement(number int, opening, closing string, entries ...string) string {
	day := func(text string) (date, balance string) {
		date, balance, _ = strings.Cut(text, " ")
		return strings.ReplaceAll(date, "-", "")[2:], strings.ReplaceAll(balance, ".", ",")
	}
	var s strings.Builder
	on, amount := day(opening)
	fmt.Fprintf(&s, ":20:STMT\r\n:25:DE89370400440532013000\r\n:28C:%d/1\r\n:60F:C%sUSD%s\r\n", number, on, amount)
	for _, e := range entries {
		f := strings.SplitN(e, " ", 5)
		on := strings.ReplaceAll(f[0], "-", "")
		payer, remittance, _ := strings.Cut(f[4], " / ")
		reference := ""
		if f[3] != "-" {
			reference = "//" + f[3]
		}
		fmt.Fprintf(&s, ":61:%s%s%s%sNTRFNONREF%s\r\n:86:166?00TRANSFER?20%s?32%s\r\n", on[2:], on[4:], f[2], strings.ReplaceAll(f[1], ".", ","), reference, remittance, payer)
	}
	on, amount = day(closing)
	fmt.Fprintf(&s, ":62F:C%sUSD%s\r\n-\r\n", on, amount)
	return s.String()
}

// load imports a file, and returns its statements.
func (b *bank) load(file string) ([]postgres.BankStatementRecord, error) {
	b.t.Helper()
	var list []postgres.BankStatementRecord
	c := b.Command(nil)
	c.Answer = func(r any) (postgres.Answer, error) {
		list = r.([]postgres.BankStatementRecord)
		return postgres.Answer{Status: 201}, nil
	}
	_, err := b.ImportBankStatements(b.Context(), c, postgres.BankImport{File: "a.sta", SHA256: sha256.Sum256([]byte(file)), Open: func() (io.Reader, error) { return strings.NewReader(file), nil }})
	return list, err
}

func (b *bank) must(file string) postgres.BankStatementRecord {
	b.t.Helper()
	list, err := b.load(file)
	if err != nil {
		b.t.Fatal(err)
	}
	return list[0]
}

func (b *bank) lines(s postgres.BankStatementRecord) []postgres.BankLineRecord {
	b.t.Helper()
	list, err := b.BankLines(b.Context(), s.ID, "", 0, 1000)
	if err != nil {
		b.t.Fatal(err)
	}
	return list
}

func (b *bank) match(s postgres.BankStatementRecord) postgres.MatchResult {
	b.t.Helper()
	var result postgres.MatchResult
	c := b.Command(nil)
	c.Answer = func(r any) (postgres.Answer, error) {
		result = *r.(*postgres.MatchResult)
		return postgres.Answer{Status: 200}, nil
	}
	b.Do(b.MatchBankStatement(b.Context(), c, s.ID, nil))
	return result
}

func (b *bank) decide(list ...postgres.BankDecisionInput) error {
	b.t.Helper()
	_, err := b.DecideBankLines(b.Context(), b.Command(nil), list, false, func(i int) string { return fmt.Sprintf("/decisions/%d", i) })
	return err
}

func (b *bank) undo(line uuid.UUID) error {
	b.t.Helper()
	_, err := b.UndoBankLine(b.Context(), b.Command(nil), line, postgres.UndoInput{Date: ledgertest.Day("2026-05-31"), Reason: "Wrong"})
	return err
}

// pledge records an agreed pledge in USD under a reference.
func (b *bank) pledge(contributor ledger.ContributorCode, reference, amount string) *postgres.PledgeRecord {
	b.t.Helper()
	var p *postgres.PledgeRecord
	b.Do(b.RecordPledge(b.Context(), b.Command(&p), postgres.PledgeInput{Contributor: contributor, Fund: "CPCJF", FundYear: 2026, Form: ledger.Cash, Reference: reference,
		Amount: ledgertest.Cash(amount), Date: ledgertest.Day("2026-01-10")}))
	return b.Agree(p, "2026-02-01")
}

func wantBankRule(t *testing.T, err error, rule ledger.Rule) {
	t.Helper()
	var e *ledger.Error
	if !errors.As(err, &e) {
		t.Fatalf("%v, want %s", err, rule)
	}
	for _, v := range e.Violations {
		if v.Rule == rule {
			return
		}
	}
	if e.Rule != rule {
		t.Errorf("%v, want %s", err, rule)
	}
}

// TestBankImport imports statements that overlap, join, do not join and repeat: each line is in the books once, and two
// equal ones of one day are both.
func TestBankImport(t *testing.T) {
	t.Parallel()
	b := newBank(t)
	march := statement(3, "2026-03-01 100.00", "2026-03-31 190.00",
		"2026-03-05 50.00 C A1 NETHERLANDS / GIFT", "2026-03-06 10.00 C - GERMANY / GIFT", "2026-03-06 10.00 C - GERMANY / GIFT", "2026-03-30 20.00 C A2 ADB / GIFT")
	first := b.must(march)
	if first.Lines != 4 || first.Repeated != 0 || len(first.Problems) != 0 || first.BankAccount != "NY" {
		t.Errorf("%+v", first)
	}
	_, err := b.load(march)
	wantBankRule(t, err, ledger.RuleBankFileKnown)
	overlapping := b.must(statement(4, "2026-03-30 170.00", "2026-04-02 195.00", "2026-03-30 20.00 C A2 ADB / GIFT", "2026-04-02 5.00 C A3 ADB / GIFT"))
	if overlapping.Lines != 1 || overlapping.Repeated != 1 {
		t.Errorf("overlapping: %+v", overlapping)
	}
	// The afternoon of a day, whose morning had an equal line without a reference: the statements join, so both are real.
	b.must(statement(5, "2026-04-02 195.00", "2026-04-03 205.00", "2026-04-03 10.00 C - GERMANY / GIFT"))
	afternoon := b.must(statement(6, "2026-04-03 205.00", "2026-04-03 215.00", "2026-04-03 10.00 C - GERMANY / GIFT"))
	if afternoon.Lines != 1 {
		t.Errorf("the afternoon: %+v", afternoon)
	}
	gap := b.must(statement(8, "2026-04-10 300.00", "2026-04-11 301.00", "2026-04-11 1.00 C A9 ADB / GIFT"))
	if len(gap.Problems) == 0 || gap.Problems[len(gap.Problems)-1].Code != "not_joined" {
		t.Errorf("the gap: %+v", gap.Problems)
	}
	_, err = b.load(strings.Replace(march, "DE89370400440532013000", "DE00000000000000000000", 1))
	wantBankRule(t, err, ledger.RuleBankAccountUnknown)
	_, err = b.load("nothing of the kind")
	wantBankRule(t, err, ledger.RuleBankFile)
	references := map[string]bool{}
	for _, l := range b.lines(first) {
		if references[l.Reference] {
			t.Errorf("two lines have the reference %s", l.Reference)
		}
		references[l.Reference] = true
	}
}

// TestBankMatch follows lines through every decision: a sure one is applied alone and once, others are decided, undone and
// decided anew; what was recorded by hand is linked.
func TestBankMatch(t *testing.T) {
	t.Parallel()
	b := newBank(t)
	sure := b.pledge("NLD", "NV-2026/31", "1000.00 USD")
	other := b.pledge("DEU", "NV-2026/32", "500.00 USD")
	var byHand *postgres.ReceiptRecord
	b.Do(b.RecordReceipt(b.Context(), b.Command(&byHand), postgres.ReceiptInput{BankAccount: "NY", BankReference: "H1", ValueDate: ledgertest.Day("2026-03-04"), Fund: "CPCJF", Amount: ledgertest.Cash("7.00 USD")}))
	s := b.must(statement(1, "2026-03-01 0.00", "2026-03-31 1650.00",
		"2026-03-04 7.00 C H1 SOMEBODY / GIFT",
		"2026-03-05 1000.00 C R1 KINGDOM OF THE NETHERLANDS / YOUR REF NV 2026 31",
		"2026-03-06 300.00 C R2 BUNDESKASSE / PART OF IT",
		"2026-03-07 353.00 C R3 SOMEBODY / FOR YOU",
		"2026-03-08 10.00 D R4 BANK / CHARGES"))
	got := b.match(s)
	if got.Linked != 1 || got.Applied != 1 || len(got.Refused) != 0 {
		t.Fatalf("%+v", got)
	}
	if again := b.match(s); again.Linked+again.Applied != 0 {
		t.Errorf("again: %+v", again)
	}
	lines := b.lines(s)
	if d := lines[0].Decision; d == nil || d.Kind != ledger.BankLinked || d.Receipt != byHand.ID {
		t.Errorf("%+v", lines[0])
	}
	if d := lines[1].Decision; d == nil || !d.Automatic || d.Kind != ledger.BankReceipt || d.Score < 90 {
		t.Errorf("%+v", lines[1].Decision)
	}
	if p, err := b.BankLine(b.Context(), lines[1].ID); err != nil || p.Decision == nil {
		t.Errorf("%v %v", p, err)
	}
	paid, err := b.Store.Pledge(b.Context(), sure.ID)
	if err != nil || !paid.State.Receivable.Amount.IsZero() {
		t.Errorf("%v %+v", err, paid.State.Receivable)
	}
	part := postgres.BankDecisionInput{Line: lines[2].ID, Kind: ledger.BankReceipt, Parts: []postgres.PartInput{{Pledge: other.ID, Amount: ledgertest.Cash("200.00 USD")},
		{Contributor: "DEU", Fund: "OTHER", Amount: ledgertest.Cash("100.00 USD")}}}
	bad := postgres.BankDecisionInput{Line: lines[4].ID, Kind: ledger.BankReceipt, Contributor: "DEU", Fund: "CPCJF"}
	wantBankRule(t, b.decide(part, bad), ledger.RuleBankLineDirection)
	if l := b.lines(s)[2]; l.Decision != nil {
		t.Errorf("one of two was kept: %+v", l.Decision)
	}
	for _, err := range []error{b.decide(part,
		postgres.BankDecisionInput{Line: lines[3].ID, Kind: ledger.BankUnidentified, Fund: "CPCJF"},
		postgres.BankDecisionInput{Line: lines[4].ID, Kind: ledger.BankCharge, Fund: "CPCJF"})} {
		if err != nil {
			t.Fatal(err)
		}
	}
	wantBankRule(t, b.decide(part), ledger.RuleBankLineDecided)
	// The officer said who pays as BUNDESKASSE.
	next := b.must(statement(2, "2026-03-31 1650.00", "2026-04-30 1950.00", "2026-04-06 300.00 C R5 BUNDESKASSE / THE REST"))
	rest := b.lines(next)[0]
	if len(rest.Suggestions) == 0 || rest.Suggestions[0].Pledge != other.ID || !strings.Contains(strings.Join(rest.Suggestions[0].Reasons, " "), "before") {
		t.Errorf("learned: %+v", rest.Suggestions)
	}
	if err := b.undo(lines[2].ID); err != nil {
		t.Fatal(err)
	}
	if err := b.decide(part); err != nil {
		t.Errorf("decided anew: %v", err)
	}
	if err := b.undo(lines[4].ID); err != nil {
		t.Fatal(err)
	}
	if err := b.decide(postgres.BankDecisionInput{Line: lines[4].ID, Kind: ledger.BankTransfer, Note: "To Vienna"}); err != nil {
		t.Fatal(err)
	}
	if err := b.undo(lines[4].ID); err != nil {
		t.Fatal(err)
	}
	wantBankRule(t, b.undo(lines[4].ID), ledger.RuleBankDecision)
	wantBankRule(t, b.decide(postgres.BankDecisionInput{Line: rest.ID, Kind: ledger.BankLinked, Receipt: byHand.ID}), ledger.RuleBankDecision)
	ledgertest.CheckBooks(t, b.Store)
}

// TestReconcile holds the bank against the books: every cent of the difference is an item, a month is signed off when each is
// explained, and closing asks for it.
func TestReconcile(t *testing.T) {
	t.Parallel()
	b := newBank(t)
	b.Do(b.RecordReceipt(b.Context(), b.Command(nil), postgres.ReceiptInput{BankAccount: "NY", ValueDate: ledgertest.Day("2026-02-10"), Fund: "CPCJF", Contributor: "NLD", Amount: ledgertest.Cash("90.00 USD")}))
	s := b.must(statement(1, "2026-03-01 100.00", "2026-03-31 170.00",
		"2026-03-05 50.00 C R1 NETHERLANDS / GIFT", "2026-03-06 20.00 C R2 SOMEBODY / GIFT"))
	b.Do(b.RecordReceipt(b.Context(), b.Command(nil), postgres.ReceiptInput{BankAccount: "NY", ValueDate: ledgertest.Day("2026-03-30"), Fund: "CPCJF", Contributor: "DEU", Amount: ledgertest.Cash("8.00 USD")}))
	if err := b.decide(postgres.BankDecisionInput{Line: b.lines(s)[0].ID, Kind: ledger.BankReceipt, Contributor: "NLD", Fund: "CPCJF"}); err != nil {
		t.Fatal(err)
	}
	look := func() postgres.Reconciliation {
		t.Helper()
		list, err := b.Reconcile(b.Context(), "NY", ledgertest.Day("2026-03-31"))
		if err != nil || len(list) != 1 {
			t.Fatalf("%v %+v", err, list)
		}
		return list[0]
	}
	r := look()
	var sum decimal.Decimal
	kinds := ""
	for _, i := range r.Items {
		sum, kinds = sum.Add(decimal.RequireFromString(i.Amount)), kinds+i.Kind+" "
	}
	if !r.Difference().Equal(decimal.RequireFromString("22.00")) || !sum.Equal(r.Difference()) || kinds != "opening not_booked not_on_statement " {
		t.Fatalf("difference %s, items %s: %+v", r.Difference(), sum, r.Items)
	}
	month, err := ledger.ParsePeriod("2026-03")
	if err != nil {
		t.Fatal(err)
	}
	sign := func() error {
		_, err := b.SignOffBank(b.Context(), b.Command(nil), "NY", month, "Looked at")
		return err
	}
	shut := func() error {
		_, err := b.ClosePeriod(b.Context(), b.Command(nil), postgres.CloseInput{Fund: "CPCJF", Period: month})
		return err
	}
	wantBankRule(t, sign(), ledger.RuleBankUnexplained)
	wantBankRule(t, shut(), ledger.RulePeriodChecklist)
	for _, i := range r.Items {
		b.Do(b.ExplainBankItem(b.Context(), b.Command(nil), "NY", r.Date, i.Item, "Known"))
	}
	if err := sign(); err != nil {
		t.Fatal(err)
	}
	if look().SignedOff == nil {
		t.Error("not signed off")
	}
	if err := shut(); err != nil {
		t.Errorf("close: %v", err)
	}
}
