package postgres

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// ManualLine is one debit or credit that an officer writes.
type ManualLine struct {
	Account ledger.AccountCode
	ledger.Dimensions
	Credit bool
	Amount ledger.Money
	USD    decimal.Decimal // stated; zero for the rate in force
}

// ManualInput is an entry that an officer writes line by line, where no event of the books fits.
type ManualInput struct {
	Date        ledger.Date
	Description string
	Reason      string
	Document    string // the voucher or minute that it rests on
	Lines       []ManualLine
}

// manualEntry is the guarded write of it.
type manualEntry struct {
	ID uuid.UUID // names the request while it waits
	ManualInput
}

func (m *manualEntry) kind() ledger.ApprovalKind { return ledger.ApproveManualEntry }
func (m *manualEntry) subject() string           { return "manual entry " + m.ID.String() }
func (m *manualEntry) why() string               { return m.Reason }

func (m *manualEntry) locks(context.Context, *Store) ([]lockID, error) {
	lines := make([]ledger.Line, len(m.Lines))
	for i, l := range m.Lines {
		lines[i].Dimensions = l.Dimensions
	}
	return locksOf(lines), nil
}

// RecordEntry posts an entry that an officer wrote, under the invariants of every other entry.
// Errors: [ledger.RuleAccountUnknown], [ledger.RuleFundUnknown], [ledger.RuleContributorUnknown],
// [ledger.RuleBankAccountUnknown], [ledger.RulePledgeUnknown], [ledger.RuleReceiptUnknown], [ledger.RuleLineDimension],
// [ledger.RuleRateMissing], [ledger.RuleEntryUnbalanced], [ledger.RuleBalanceNegative].
func (s *Store) RecordEntry(ctx context.Context, c Command, in ManualInput) (Answer, error) {
	id, err := newID()
	if err != nil {
		return Answer{}, err
	}
	return s.submit(ctx, c, &manualEntry{id, in})
}

func (m *manualEntry) perform(ctx context.Context, t *tx) (any, error) {
	var v ledger.Violations
	t.notInFuture(&v, "/effective_date", m.Date)
	names, err := t.namesOf(ctx, m.ManualInput)
	if err != nil {
		return nil, err
	}
	d := ledger.Draft{Kind: ledger.EntryManual, EffectiveDate: m.Date, Description: m.Description, Reason: m.Reason, Document: m.Document}
	for i, in := range m.Lines {
		at := fmt.Sprintf("/lines/%d", i)
		line := ledger.Line{Account: in.Account, Dimensions: in.Dimensions}
		names.complete(&v, at, &line)
		source := names.funds[in.Fund]
		line.Converted = convert(&v, at+"/amount", in.Amount, in.USD, m.Date, source, names.rates[source][in.Amount.Currency])
		if in.Credit {
			line.Converted = line.Neg()
		}
		d.Lines = append(d.Lines, line)
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	if err := d.Check(); err != nil {
		return nil, err
	}
	if err := t.standsWith(ctx, ledger.RuleBalanceNegative, []ledger.Draft{d}); err != nil {
		return nil, err
	}
	ids, err := t.post(d)
	if err != nil {
		return nil, err
	}
	entry := ledger.Entry{ID: ids[0], RecordedAt: t.now, RecordedBy: t.actor.Name, Draft: d}
	entry.Lines = d.Arranged()
	return &entry, nil
}

// lineNames are the records that the lines of a manual entry name.
type lineNames struct {
	accounts     map[ledger.AccountCode]bool
	funds        map[ledger.FundCode]ledger.RateSource
	contributors map[string]bool
	banks        map[ledger.BankAccountCode]ledger.Currency
	pledges      map[uuid.UUID]*PledgeRecord
	receipts     map[uuid.UUID]bool
	rates        map[ledger.RateSource]map[ledger.Currency]ledger.Rate
}

// complete takes from the pledge what a line leaves out, and adds a violation for what it names wrongly.
func (n lineNames) complete(v *ledger.Violations, at string, l *ledger.Line) {
	if !n.accounts[l.Account] {
		v.Add(at+"/account", ledger.RuleAccountUnknown, "The chart has no account %s.", l.Account)
	}
	if p := n.pledges[l.Pledge]; p != nil {
		if l.Contributor != "" && l.Contributor != p.Contributor {
			v.Add(at+"/contributor", ledger.RuleContributorMismatch, "Pledge %s is %s's.", p.Reference, p.Contributor)
		}
		if l.Fund != p.Fund {
			v.Add(at+"/fund", ledger.RuleFundMismatch, "Pledge %s is to %s.", p.Reference, p.Fund)
		}
		l.Contributor = p.Contributor
		if l.Item > len(p.Items) {
			v.Add(at+"/item", ledger.RuleItemUnknown, "Pledge %s has %d items.", p.Reference, len(p.Items))
		}
	} else if l.Pledge != uuid.Nil {
		v.Add(at+"/pledge", ledger.RulePledgeUnknown, "There is no pledge %s.", l.Pledge)
	}
	if _, known := n.funds[l.Fund]; !known {
		v.Add(at+"/fund", ledger.RuleFundUnknown, "No fund has the code %s.", l.Fund)
	}
	if l.Contributor != "" && !n.contributors[string(l.Contributor)] && n.pledges[l.Pledge] == nil {
		v.Add(at+"/contributor", ledger.RuleContributorUnknown, "No contributor has the code %s.", l.Contributor)
	}
	if _, known := n.banks[l.BankAccount]; l.BankAccount != "" && !known {
		v.Add(at+"/bank_account", ledger.RuleBankAccountUnknown, "No bank account has the code %s.", l.BankAccount)
	}
	if l.Receipt != uuid.Nil && !n.receipts[l.Receipt] {
		v.Add(at+"/receipt", ledger.RuleReceiptUnknown, "There is no receipt %s.", l.Receipt)
	}
	checkDimensions(v, at, *l)
}

// checkDimensions refuses a line that does not say what its account is kept by. PostgreSQL refuses the same.
func checkDimensions(v *ledger.Violations, at string, l ledger.Line) {
	lacks := func(field string) {
		v.Add(at+field, ledger.RuleLineDimension, "A line on %s names this.", l.Account)
	}
	switch l.Account {
	case ledger.CashAtBank:
		if l.BankAccount == "" {
			lacks("/bank_account")
		}
	case ledger.Receivable, ledger.Deferred, ledger.PledgesAnnounced, ledger.InKindOutstanding:
		if l.Pledge == uuid.Nil {
			lacks("/pledge")
		}
		if l.Account == ledger.InKindOutstanding && l.Item == 0 {
			lacks("/item")
		}
	case ledger.Unidentified, ledger.InAdvance, ledger.RefundsPayable:
		if l.Receipt == uuid.Nil {
			lacks("/receipt")
		}
	}
	if l.BankAccount != "" && l.Account != ledger.CashAtBank {
		v.Add(at+"/bank_account", ledger.RuleLineDimension, "Only a line on %s names a bank account.", ledger.CashAtBank)
	}
	if l.Item != 0 && l.Pledge == uuid.Nil {
		v.Add(at+"/item", ledger.RuleLineDimension, "An item is one of a pledge; the pledge is missing.")
	}
}

// namesOf reads all that the lines of a manual entry name.
func (t *tx) namesOf(ctx context.Context, in ManualInput) (lineNames, error) {
	n := lineNames{accounts: map[ledger.AccountCode]bool{}, funds: map[ledger.FundCode]ledger.RateSource{}, banks: map[ledger.BankAccountCode]ledger.Currency{},
		receipts: map[uuid.UUID]bool{}, rates: map[ledger.RateSource]map[ledger.Currency]ledger.Rate{}}
	var accounts, funds, contributors, banks, currencies []string
	var pledges, receipts []uuid.UUID
	for _, l := range in.Lines {
		accounts, funds, contributors = append(accounts, string(l.Account)), append(funds, string(l.Fund)), append(contributors, string(l.Contributor))
		banks, currencies = append(banks, string(l.BankAccount)), append(currencies, string(l.Amount.Currency))
		pledges, receipts = append(pledges, l.Pledge), append(receipts, l.Receipt)
	}
	var rows []struct {
		Kind, Code, Detail string
		ID                 uuid.UUID
	}
	err := t.selectRows(ctx, &rows, `
		SELECT 'account' AS kind, code, '' AS detail, $5::uuid AS id FROM account WHERE code = ANY ($1)
		UNION ALL SELECT 'fund', code, rate_source, $5::uuid FROM fund WHERE code = ANY ($2)
		UNION ALL SELECT 'bank', code, coalesce(currency, ''), $5::uuid FROM bank_account WHERE code = ANY ($3)
		UNION ALL SELECT 'receipt', '', '', id FROM receipt WHERE id = ANY ($4)`,
		pq.Array(accounts), pq.Array(funds), pq.Array(banks), pq.Array(receipts), uuid.Nil)
	if err != nil {
		return n, err
	}
	for _, r := range rows {
		switch r.Kind {
		case "account":
			n.accounts[ledger.AccountCode(r.Code)] = true
		case "fund":
			n.funds[ledger.FundCode(r.Code)] = ledger.RateSource(r.Detail)
		case "bank":
			n.banks[ledger.BankAccountCode(r.Code)] = ledger.Currency(r.Detail)
		case "receipt":
			n.receipts[r.ID] = true
		}
	}
	if n.contributors, err = t.knownUnlessEmpty(ctx, "contributor", contributors); err != nil {
		return n, err
	}
	if n.pledges, err = t.pledges(ctx, pledges); err != nil {
		return n, err
	}
	for _, source := range slices.Sorted(maps.Values(n.funds)) {
		if n.rates[source] == nil {
			if n.rates[source], err = t.ratesInForce(ctx, source, currencies, in.Date); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}
