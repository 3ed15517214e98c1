package postgres

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// PartInput is a share of a receipt that is applied to a pledge, or straight to a fund for a contributor.
type PartInput struct {
	Pledge      uuid.UUID
	Contributor ledger.ContributorCode // without a pledge; empty for the receipt's
	Fund        ledger.FundCode        // without a pledge; empty for the receipt's
	FundYear    int                    // without a pledge; zero for the receipt's
	Instalment  int                    // of the pledge, by the officer's choice; zero for the oldest
	Amount      ledger.Money
}

// ReceiptInput is cash that arrived.
type ReceiptInput struct {
	BankAccount   ledger.BankAccountCode // empty for the fund's own
	BankReference string
	ValueDate     ledger.Date
	Contributor   ledger.ContributorCode // empty when it is not known
	Fund          ledger.FundCode        // empty for the fund of the first pledge
	FundYear      int                    // zero for the year of the value date
	Amount        ledger.Money           // what arrived
	USD           decimal.Decimal        // what the bank credited; zero for the rate in force
	Charges       decimal.Decimal        // what banks deducted on the way
	Parts         []PartInput
	Payer         string
	Instrument    string
	Note          string
}

func pledgesOf(parts []PartInput) []uuid.UUID {
	var ids []uuid.UUID
	for _, p := range parts {
		if p.Pledge != uuid.Nil {
			ids = append(ids, p.Pledge)
		}
	}
	return ids
}

// RecordReceipt records cash that arrived, applied to pledges or funds, or unidentified.
// Errors: [ledger.RuleContributorUnknown], [ledger.RuleFundUnknown], [ledger.RulePledgeUnknown],
// [ledger.RuleReceiptDuplicate], [ledger.RuleRateMissing] and those of [ledger.Receive].
func (s *Store) RecordReceipt(ctx context.Context, c Command, in ReceiptInput) (Answer, error) {
	if takesTogether(c) {
		return s.desk.record(ctx, s, c, in)
	}
	return s.recordReceipt(ctx, c, in)
}

// recordReceipt records a receipt in a transaction of its own.
func (s *Store) recordReceipt(ctx context.Context, c Command, in ReceiptInput) (Answer, error) {
	c.byKey = true
	return s.write(ctx, c, pledgeLocks(pledgesOf(in.Parts)...), func(ctx context.Context, t *tx) (any, error) {
		return t.recordReceipt(ctx, in)
	})
}

func (t *tx) recordReceipt(ctx context.Context, in ReceiptInput) (*ReceiptRecord, error) {
	var v ledger.Violations
	pledges, err := t.pledges(ctx, pledgesOf(in.Parts))
	if err != nil {
		return nil, err
	}
	in.settleFund(&v, pledges)
	ref, err := t.resolve(ctx, &v, in.names())
	if err != nil {
		return nil, err
	}
	return t.receive(ctx, &v, in, ref, pledges)
}

// settleFund takes the fund of the first pledge where the receipt names none.
func (in *ReceiptInput) settleFund(v *ledger.Violations, pledges map[uuid.UUID]*PledgeRecord) {
	if in.Fund == "" && len(in.Parts) > 0 {
		if p := pledges[in.Parts[0].Pledge]; p != nil {
			in.Fund = p.Fund
		}
	}
	if in.Fund == "" {
		v.Add("/fund", ledger.RuleRequired, "The fund is needed where no pledge names it.")
	}
}

// names returns what the receipt names by codes.
func (in *ReceiptInput) names() named {
	return named{contributor: in.Contributor, fund: in.Fund, bankAccount: in.BankAccount, currency: in.Amount.Currency, on: in.ValueDate, bankReference: in.BankReference}
}

// receive records cash whose names are resolved and whose pledges are read; v has what of them is missing.
func (t *tx) receive(ctx context.Context, v *ledger.Violations, in ReceiptInput, ref resolved, pledges map[uuid.UUID]*PledgeRecord) (*ReceiptRecord, error) {
	t.notInFuture(v, "/value_date", in.ValueDate)
	amount := ref.convert(v, "/amount", in.Amount, in.USD)
	if ref.previous != uuid.Nil && !ref.reversed {
		v.Add("/bank_reference", ledger.RuleReceiptDuplicate, "Receipt %s has the bank reference %s already.", ref.previous, in.BankReference)
	}
	if in.FundYear == 0 {
		in.FundYear = in.ValueDate.Year()
	}
	id, err := newID()
	if err != nil {
		return nil, err
	}
	r := ledger.Receipt{ID: id, BankAccount: ref.account.Code, BankCurrency: ref.account.Currency, BankReference: in.BankReference,
		ValueDate: in.ValueDate, Contributor: in.Contributor, Fund: in.Fund, FundYear: in.FundYear, Amount: amount,
		Payer: in.Payer, Instrument: in.Instrument, Note: in.Note, Replaces: ref.previous, RecordedAt: t.now}
	r.Charges, r.Credited = credit(amount, in.Charges, ref.policies.Charges == ledger.CreditNet)
	parts, err := t.parts(ctx, v, r, in.Parts, pledges)
	if err != nil {
		return nil, err
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	drafts, allocations, err := ledger.Receive(r, parts)
	if err != nil {
		return nil, err
	}
	t.addReceipt(r, t.actor.ID)
	rec := &ReceiptRecord{Receipt: r}
	rec.holdNothing()
	return rec, t.postAllocations(rec, pledges, drafts, allocations)
}

// parts brings the shares of a receipt together with their pledges. What is missing or contradicts is a violation.
func (t *tx) parts(ctx context.Context, v *ledger.Violations, r ledger.Receipt, in []PartInput, pledges map[uuid.UUID]*PledgeRecord) ([]ledger.Part, error) {
	var contributors, funds []string
	for _, p := range in {
		contributors, funds = append(contributors, string(p.Contributor)), append(funds, string(p.Fund))
	}
	knownContributors, err := t.knownUnlessEmpty(ctx, "contributor", contributors)
	if err != nil {
		return nil, err
	}
	knownFunds, err := t.knownUnlessEmpty(ctx, "fund", funds)
	if err != nil {
		return nil, err
	}
	parts := make([]ledger.Part, len(in))
	for i, p := range in {
		at := fmt.Sprintf("/allocations/%d", i)
		part := ledger.Part{Contributor: p.Contributor, Fund: p.Fund, FundYear: p.FundYear, Instalment: p.Instalment, Amount: p.Amount.Amount}
		if p.Amount.Currency != r.Amount.Currency {
			v.Add(at+"/amount/currency", ledger.RuleCurrencyMismatch, "The receipt is in %s.", r.Amount.Currency)
		}
		if p.Pledge != uuid.Nil {
			pledge := pledges[p.Pledge]
			if pledge == nil {
				v.Add(at+"/pledge", ledger.RulePledgeUnknown, "There is no pledge %s.", p.Pledge)
				continue
			}
			part.Pledge, part.State = &pledge.Pledge, &pledge.State
			for _, named := range []ledger.ContributorCode{p.Contributor, r.Contributor} {
				if named == "" {
					continue
				}
				same, err := t.sameGiver(ctx, named, pledge.Contributor)
				if err != nil {
					return nil, err
				}
				if !same {
					v.Add(at+"/pledge", ledger.RuleContributorMismatch, "Pledge %s is %s's.", pledge.Reference, pledge.Contributor)
					break
				}
			}
			if p.Fund != "" && p.Fund != pledge.Fund {
				v.Add(at+"/fund", ledger.RuleFundMismatch, "Pledge %s is to %s.", pledge.Reference, pledge.Fund)
			}
			if p.Instalment != 0 && !pledge.hasInstalment(p.Instalment, r.Amount.Currency) {
				v.Add(at+"/instalment", ledger.RuleInstalmentUnknown, "The agreement of pledge %s has no instalment %d in %s.", pledge.Reference, p.Instalment, r.Amount.Currency)
			}
			part.Contributor, part.Fund, part.FundYear = pledge.Contributor, pledge.Fund, pledge.FundYear
			parts[i] = part
			continue
		}
		if p.Instalment != 0 {
			v.Add(at+"/instalment", ledger.RuleRequired, "An instalment is one of a pledge; the pledge is missing.")
		}
		if part.Contributor == "" {
			part.Contributor = r.Contributor
		}
		if part.Fund == "" {
			part.Fund = r.Fund
		}
		if part.FundYear == 0 {
			part.FundYear = r.FundYear
		}
		switch {
		case part.Contributor == "":
			v.Add(at+"/contributor", ledger.RuleRequired, "An allocation without a pledge names its contributor.")
		case p.Contributor != "" && !knownContributors[string(p.Contributor)]:
			v.Add(at+"/contributor", ledger.RuleContributorUnknown, "No contributor has the code %s.", p.Contributor)
		case r.Contributor != "" && part.Contributor != r.Contributor:
			v.Add(at+"/contributor", ledger.RuleContributorMismatch, "The receipt is %s's.", r.Contributor)
		}
		if p.Contributor != "" && r.Contributor == "" {
			if err := t.standing(ctx, v, at+"/contributor", p.Contributor); err != nil {
				return nil, err
			}
		}
		if p.Fund != "" && !knownFunds[string(p.Fund)] {
			v.Add(at+"/fund", ledger.RuleFundUnknown, "No fund has the code %s.", p.Fund)
		}
		parts[i] = part
	}
	return parts, nil
}

// hasInstalment reports whether the pledge's agreement has an instalment in a currency.
func (p *PledgeRecord) hasInstalment(number int, c ledger.Currency) bool {
	for _, l := range p.Legs {
		if l.Kind == ledger.LegAgreed && l.ReversedOn.IsZero() {
			return number <= len(l.Instalments) && l.Currency == c
		}
	}
	return false
}

// knownUnlessEmpty asks the database only when there is something to ask.
func (t *tx) knownUnlessEmpty(ctx context.Context, table string, codes []string) (map[string]bool, error) {
	if all, sought := t.sought[table]; sought {
		return all, nil
	}
	if codes = present(codes); len(codes) == 0 {
		return nil, nil
	}
	return t.known(ctx, table, codes...)
}

// postAllocations posts the drafts of a receipt or of an allocation and records the allocations under the first.
func (t *tx) postAllocations(rec *ReceiptRecord, pledges map[uuid.UUID]*PledgeRecord, drafts []ledger.Draft, allocations []ledger.Allocation) error {
	ids, err := t.post(drafts...)
	if err != nil {
		return err
	}
	rec.Entries = append(rec.Entries, ids...)
	for _, a := range allocations {
		if a.ID, err = newID(); err != nil {
			return err
		}
		a.Entry, a.RecordedAt, a.Rate = ids[0], t.now, ledger.Rate{} // the receipt has the rate
		al := AllocationRecord{Allocation: a}
		if p := pledges[a.Pledge]; p != nil {
			al.PledgeReference = p.Reference
		}
		rec.Allocations = append(rec.Allocations, al)
		t.addAllocation(a, t.actor.ID)
	}
	rec.hold(drafts)
	return nil
}

// hold adds to what the receipt holds what the drafts put there.
func (r *ReceiptRecord) hold(drafts []ledger.Draft) {
	for _, d := range drafts {
		for _, l := range d.Lines {
			switch {
			case l.Receipt != r.ID || l.Pledge != uuid.Nil:
			case l.Account == ledger.Unidentified:
				r.Held.Unidentified = minus(r.Held.Unidentified, l.Converted)
			case l.Account == ledger.InAdvance:
				r.Held.InAdvance[l.Contributor] = minus(r.Held.InAdvance[l.Contributor], l.Converted)
			}
		}
	}
}

// minus takes a line off a balance that is kept with credits positive.
func minus(held, line ledger.Converted) ledger.Converted {
	return ledger.Converted{Money: ledger.Money{Amount: held.Amount.Sub(line.Amount), Currency: line.Currency}, USD: held.USD.Sub(line.USD)}
}

// AllocationInput applies what a receipt holds.
type AllocationInput struct {
	Date  ledger.Date
	Parts []PartInput
}

// AllocateReceipt identifies an unidentified receipt, or applies a contributor's advance, whole or in part.
// Errors: [ledger.RuleNotFound], [ledger.RuleAlreadyReversed], [ledger.RulePledgeUnknown] and those of
// [ledger.Allocate].
func (s *Store) AllocateReceipt(ctx context.Context, c Command, id uuid.UUID, in AllocationInput) (Answer, error) {
	locks := append(pledgeLocks(pledgesOf(in.Parts)...), lockID{lockReceipt, id.String()})
	return s.write(ctx, c, locks, func(ctx context.Context, t *tx) (any, error) {
		rec, err := t.receipt(ctx, id)
		if err != nil {
			return nil, err
		}
		if !rec.ReversedOn.IsZero() {
			return nil, ledger.Fail(ledger.RuleAlreadyReversed, "Receipt %s was reversed on %s.", id, rec.ReversedOn)
		}
		pledges, err := t.pledges(ctx, pledgesOf(in.Parts))
		if err != nil {
			return nil, err
		}
		var v ledger.Violations
		t.notInFuture(&v, "/effective_date", in.Date)
		parts, err := t.parts(ctx, &v, rec.Receipt, in.Parts, pledges)
		if err != nil {
			return nil, err
		}
		if err := v.Err(); err != nil {
			return nil, err
		}
		drafts, allocations, err := ledger.Allocate(rec.Receipt, rec.Held, parts, in.Date)
		if err != nil {
			return nil, err
		}
		return rec, t.postAllocations(rec, pledges, drafts, allocations)
	})
}

// ReversalInput undoes a receipt or a delivery.
type ReversalInput struct {
	Date   ledger.Date
	Reason string
}

// ReverseReceipt reverses every entry of a receipt that stands, the last one first: its identification and the advances
// it made included.
// Errors: [ledger.RuleNotFound], [ledger.RuleAlreadyReversed], [ledger.RuleDateOrder], [ledger.RulePeriodClosed].
func (s *Store) ReverseReceipt(ctx context.Context, c Command, id uuid.UUID, in ReversalInput) (Answer, error) {
	return s.submit(ctx, c, &receiptReversal{id, in})
}

func (t *tx) reverseReceipt(ctx context.Context, id uuid.UUID, in ReversalInput) (*ReceiptRecord, error) {
	rec, err := t.receipt(ctx, id)
	if err != nil {
		return nil, err
	}
	if !rec.ReversedOn.IsZero() {
		return nil, ledger.Fail(ledger.RuleAlreadyReversed, "Receipt %s was reversed on %s.", id, rec.ReversedOn)
	}
	if refunds, err := t.refundsOf(ctx, id); err != nil || refunds > 0 {
		if err == nil {
			err = ledger.Fail(ledger.RuleReversalOrder, "%d refunds of the receipt stand. Reverse their entries first.", refunds)
		}
		return nil, err
	}
	ids, err := t.reverseAll(ctx, `SELECT id FROM journal_entry WHERE receipt_id = $1`, id, in)
	if err != nil {
		return nil, err
	}
	rec.ReversedOn, rec.Entries = in.Date, append(rec.Entries, ids...)
	for i := range rec.Allocations {
		if rec.Allocations[i].ReversedOn.IsZero() {
			rec.Allocations[i].ReversedOn = in.Date
		}
	}
	rec.holdNothing()
	return rec, nil
}

// pledgesOfReceipt returns the pledges that a receipt was applied to, so that a write can lock them first.
func (s *Store) pledgesOfReceipt(ctx context.Context, id uuid.UUID) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	err := s.selectRows(ctx, &ids, `SELECT DISTINCT pledge_id FROM allocation WHERE receipt_id = $1 AND pledge_id IS NOT NULL`, id)
	return ids, err
}

// reverseAll posts a reversal of each entry of a record that is not reversed yet, the last recorded first.
func (t *tx) reverseAll(ctx context.Context, entriesQuery string, id uuid.UUID, in ReversalInput) ([]uuid.UUID, error) {
	var v ledger.Violations
	t.notInFuture(&v, "/effective_date", in.Date)
	if err := v.Err(); err != nil {
		return nil, err
	}
	var ids []uuid.UUID
	if err := t.selectRows(ctx, &ids, entriesQuery, id); err != nil {
		return nil, err
	}
	entries, err := readEntries(func(dest any, query string, args ...any) error { return t.selectRows(ctx, dest, query, args...) }, ids)
	if err != nil {
		return nil, err
	}
	var drafts []ledger.Draft
	for i := len(entries) - 1; i >= 0; i-- {
		if entries[i].Kind == ledger.EntryReversal || entries[i].ReversedBy != uuid.Nil {
			continue
		}
		d, err := ledger.Reverse(entries[i], in.Date, in.Reason)
		if err != nil {
			return nil, err
		}
		drafts = append(drafts, d)
	}
	return t.post(drafts...)
}
