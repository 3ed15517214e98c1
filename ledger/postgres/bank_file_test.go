package postgres_test

import (
	"crypto/sha256"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"vcledger/ledger"
	"vcledger/ledger/bankfile"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
)

// TestBankDecisionsEach decides on many lines each by itself: what is refused leaves nothing, the others stand, and the same
// request again decides nothing anew.
func TestBankDecisionsEach(t *testing.T) {
	t.Parallel()
	b := newBank(t)
	p := b.pledge("DEU", "NV-2026/32", "500.00 USD")
	s := b.must(statement(1, "2026-03-01 0.00", "2026-03-31 640.00",
		"2026-03-05 600.00 C R1 SOMEBODY / ONE", "2026-03-06 50.00 C R2 SOMEBODY / TWO", "2026-03-07 10.00 D R3 BANK / THREE"))
	l := b.lines(s)
	list := []postgres.BankDecisionInput{
		{Line: l[0].ID, Kind: ledger.BankReceipt, Parts: []postgres.PartInput{{Pledge: p.ID, Amount: ledgertest.Cash("700.00 USD")}}},
		{Line: l[1].ID, Kind: ledger.BankUnidentified, Fund: "CPCJF"},
		{Line: l[1].ID, Kind: ledger.BankOther, Note: "Again"},
		{Line: l[2].ID, Kind: ledger.BankCharge, Fund: "CPCJF"},
	}
	var out *postgres.BankDecisions
	c := b.CommandUnder("each", nil)
	answer := c.Answer
	c.Answer = func(r any) (postgres.Answer, error) {
		out = r.(*postgres.BankDecisions)
		return answer(r)
	}
	for range 2 {
		b.Do(b.DecideBankLines(b.Context(), c, list, true, func(i int) string { return "/" + string(rune('0'+i)) }))
	}
	if len(out.Lines) != 2 || len(out.Refused) != 2 || out.Refused[0].Line != l[0].ID || out.Refused[0].Violations[0].Pointer != "/0/allocations/0/amount" ||
		out.Refused[1].Violations[0].Rule != ledger.RuleBankLineDecided {
		t.Fatalf("%+v", out)
	}
	l = b.lines(s)
	if l[0].Decision != nil || l[1].Decision == nil || l[1].Decision.Kind != ledger.BankUnidentified || l[2].Decision == nil {
		t.Errorf("%+v %+v %+v", l[0].Decision, l[1].Decision, l[2].Decision)
	}
	receipts, err := b.Receipts(b.Context(), postgres.ReceiptFilter{}, postgres.ReceiptKey{}, 10)
	if err != nil || len(receipts) != 1 {
		t.Errorf("%d receipts, %v", len(receipts), err)
	}
	ledgertest.CheckBooks(t, b.Store)
}

// TestBankMatchRefused matches lines of which some are sure and of a closed period: they wait with the reason, and the others are
// booked.
func TestBankMatchRefused(t *testing.T) {
	t.Parallel()
	b := newBank(t)
	early, late := b.pledge("DEU", "NV-2026/32", "500.00 USD"), b.pledge("NLD", "NV-2026/33", "700.00 USD")
	month, err := ledger.ParsePeriod("2026-02")
	if err != nil {
		t.Fatal(err)
	}
	b.Do(b.ClosePeriod(b.Context(), b.Command(nil), postgres.CloseInput{Fund: "CPCJF", Period: month}))
	s := b.must(statement(1, "2026-02-01 0.00", "2026-03-31 1200.00", "2026-02-15 500.00 C R1 FEDERAL REPUBLIC OF GERMANY / NV-2026/32", "2026-03-06 700.00 C R2 NETHERLANDS / NV-2026/33"))
	got := b.match(s)
	if got.Applied != 1 || got.Suggested != 1 || len(got.Refused) != 1 || got.Refused[0].Rule != ledger.RulePeriodClosed {
		t.Fatalf("%+v", got)
	}
	for _, tt := range []struct {
		p    *postgres.PledgeRecord
		left string
	}{{early, "500"}, {late, "0"}} {
		now, err := b.Store.Pledge(b.Context(), tt.p.ID)
		if err != nil || now.State.Receivable.Amount.String() != tt.left {
			t.Errorf("%s: %s is left, %v", tt.p.Reference, now.State.Receivable.Amount, err)
		}
	}
	ledgertest.CheckBooks(t, b.Store)
}

// TestBankMatchParts matches more lines than one transaction takes; a run that keeps nothing comes to the same, and keeps nothing.
func TestBankMatchParts(t *testing.T) {
	t.Parallel()
	b := newBank(t)
	p := b.pledge("NLD", "NV-2026/33", "700.00 USD")
	entries := []string{}
	for range 2100 {
		entries = append(entries, "2026-03-06 1.00 C - TRAVEL OFFICE / REFUND")
	}
	entries = append(entries, "2026-03-06 700.00 C R2 NETHERLANDS / NV-2026/33")
	s := b.must(statement(1, "2026-03-01 0.00", "2026-03-31 2800.00", entries...))
	var dry *postgres.MatchResult
	c := b.Command(&dry)
	c.DryRun = true
	b.Do(b.MatchBankStatement(b.Context(), c, s.ID, nil))
	if now, err := b.Store.Pledge(b.Context(), p.ID); err != nil || now.State.Receivable.Amount.String() != "700" {
		t.Fatalf("a dry run was kept: %v", err)
	}
	var parts []int
	var wet *postgres.MatchResult
	b.Do(b.MatchBankStatement(b.Context(), b.Command(&wet), s.ID, func(done, of int) { parts = append(parts, done, of) }))
	for _, m := range []*postgres.MatchResult{dry, wet} {
		if m.Lines != 2101 || m.Applied != 1 || m.Unknown != 2100 {
			t.Errorf("%+v", m)
		}
	}
	if len(parts) != 6 || parts[0] != 1000 || parts[4] != 2101 || parts[5] != 2101 {
		t.Errorf("reached %v", parts)
	}
}

// TestBankCSV reads a CSV file by the mapping that the account has; without one it is refused.
func TestBankCSV(t *testing.T) {
	t.Parallel()
	b := newBank(t)
	file := "Booked;Value;Amount;Reference;Payer;Text\n02.03.2026;03.03.2026;1.250,50;X1;NETHERLANDS;GIFT\n04.03.2026;04.03.2026;-10,00;X2;BANK;FEE\n"
	load := func() ([]postgres.BankStatementRecord, error) {
		var list []postgres.BankStatementRecord
		c := b.Command(nil)
		c.Answer = func(r any) (postgres.Answer, error) {
			list = r.([]postgres.BankStatementRecord)
			return postgres.Answer{Status: 201}, nil
		}
		_, err := b.ImportBankStatements(b.Context(), c, postgres.BankImport{File: "a.csv", CSV: true, Account: "NY", SHA256: sha256.Sum256([]byte(file)),
			Open: func() (io.Reader, error) { return strings.NewReader(file), nil }})
		return list, err
	}
	_, err := load()
	wantBankRule(t, err, ledger.RuleBankFile)
	mapping, err := json.Marshal(bankfile.Mapping{Separator: ";", HeaderRows: 1, DateLayout: "DD.MM.YYYY", DecimalComma: true, Currency: ledger.USD, BookingDate: "Booked", ValueDate: "Value", Amount: "Amount",
		Reference: "Reference", Name: "Payer", Remittance: []string{"Text"}})
	if err != nil {
		t.Fatal(err)
	}
	b.Do(b.EditBankAccount(b.Context(), b.Command(nil), "NY", postgres.BankAccountEdit{Mapping: mapping}, func(ledger.BankAccount) error { return nil }))
	list, err := load()
	if err != nil {
		t.Fatal(err)
	}
	l := b.lines(list[0])
	if len(l) != 2 || l[0].Amount.String() != "1250.50 USD" || l[0].ValueDate.String() != "2026-03-03" || l[0].Payer != "NETHERLANDS" || l[0].Reference != "X1" || !l[1].Amount.Amount.IsNegative() {
		t.Errorf("%+v", l)
	}
	_, err = load()
	wantBankRule(t, err, ledger.RuleBankFileKnown)
}

// TestBankFileRefused imports files that cannot be read to their end, or are no statements: nothing of them is left. One that
// can be read and does not add up is kept and flagged.
func TestBankFileRefused(t *testing.T) {
	t.Parallel()
	b := newBank(t)
	whole := statement(1, "2026-03-01 100.00", "2026-03-31 150.00", "2026-03-05 50.00 C A1 NETHERLANDS / GIFT")
	for name, file := range map[string]string{
		"truncated":           whole[:strings.Index(whole, ":86:")] + whole + ":61:garbage\r\n",
		"a report (camt.052)": `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.052.001.02"><BkToCstmrAcctRpt></BkToCstmrAcctRpt></Document>`,
		"entities":            `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Document>&x;</Document>`,
		"nothing":             "",
	} {
		_, err := b.load(file)
		t.Run(name, func(t *testing.T) { wantBankRule(t, err, ledger.RuleBankFile) })
	}
	if list, err := b.BankStatements(b.Context(), "", [16]byte{}, 10); err != nil || len(list) != 0 {
		t.Errorf("left behind: %+v, %v", list, err)
	}
	wrong := b.must(strings.Replace(whole, ":62F:C260331USD150,00", ":62F:C260331USD149,00", 1))
	if len(wrong.Problems) != 1 || wrong.Lines != 1 {
		t.Errorf("%+v", wrong.Problems)
	}
}
