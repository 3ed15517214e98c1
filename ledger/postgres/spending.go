package postgres

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// fundCash is the lock of whoever spends a fund's cash: what is available is read after it was taken, so two who spend at
// once never spend the same.
func fundCash(fund ledger.FundCode) lockID { return lockID{lockCash, "fund " + string(fund)} }

// availableQuery reads by how much the available cash of a fund moved on each day, in USD: $1 fund, $2 the first day, to
// which everything before is added. Available is the cash that nobody can claim back: not what is unidentified, received
// in advance or owed as a refund. Served by journal_line_balance.
const availableQuery = `
SELECT greatest(effective_date, $2::date) AS on_date, sum(amount_usd) AS usd
FROM journal_line
WHERE fund = $1 AND account IN ('1010', '2100', '2200', '2500')
GROUP BY 1 ORDER BY 1`

// availableCash returns what a fund has available from a day on. The fund's cash is locked.
func (t *tx) availableCash(ctx context.Context, fund ledger.FundCode, from ledger.Date) (*ledger.CashRun, error) {
	var rows []struct {
		On  ledger.Date `db:"on_date"`
		USD decimal.Decimal
	}
	if err := t.selectRows(ctx, &rows, availableQuery, fund, from); err != nil {
		return nil, err
	}
	run := make(ledger.CashRun, len(rows))
	for i, r := range rows {
		run[i] = ledger.CashDay{On: r.On, USD: r.USD}
	}
	return &run, nil
}

// spending has what the expenditures of one fund refer to, read in a few round trips for one or for thousands.
type spending struct {
	*tx
	fund     ledger.FundCode
	source   ledger.RateSource
	settings []ledger.Support
	agreed   []ledger.PledgeSupport
	accounts map[ledger.BankAccountCode]ledger.Currency
	own      ledger.BankAccountCode // the fund's
	pledges  map[uuid.UUID]spentPledge
	recorded map[string]*ExpenditureRecord // by reference, the last of those that replace each other
	rates    map[string]ledger.Rate        // by currency and date
}

type spentPledge struct {
	ID          uuid.UUID
	Reference   string
	Form        ledger.Form
	Contributor ledger.ContributorCode
	Fund        ledger.FundCode
}

// spending reads what the expenditures refer to. A fund that does not exist is a violation.
func (t *tx) spending(ctx context.Context, v *ledger.Violations, fund ledger.FundCode, list []ExpenditureInput) (*spending, error) {
	sp := &spending{tx: t, fund: fund, accounts: map[ledger.BankAccountCode]ledger.Currency{}, pledges: map[uuid.UUID]spentPledge{},
		recorded: map[string]*ExpenditureRecord{}, rates: map[string]ledger.Rate{}}
	var own struct {
		RateSource  string `db:"rate_source"`
		BankAccount string `db:"bank_account"`
	}
	err := t.get(ctx, &own, `SELECT rate_source, bank_account FROM fund WHERE code = $1`, fund)
	if noRows(err) {
		v.Add("/fund", ledger.RuleFundUnknown, "No fund has the code %s.", fund)
		return sp, nil
	}
	if err != nil {
		return nil, err
	}
	sp.source, sp.own = ledger.RateSource(own.RateSource), ledger.BankAccountCode(own.BankAccount)
	var references, accounts []string
	var pledges []uuid.UUID
	accounts = append(accounts, own.BankAccount)
	for _, in := range list {
		references, accounts = append(references, in.Reference), append(accounts, string(in.BankAccount))
		for _, s := range in.Shares {
			if s.Pledge != uuid.Nil {
				pledges = append(pledges, s.Pledge)
			}
		}
	}
	return sp, sp.read(ctx, references, sortedUnique(accounts), pledges)
}

func (sp *spending) read(ctx context.Context, references, accounts []string, pledges []uuid.UUID) error {
	var settings []supportRow
	if err := sp.selectRows(ctx, &settings, supportQuery, sp.fund); err != nil {
		return err
	}
	sp.settings = transform(settings, supportRow.support)
	var banks []struct{ Code, Currency string }
	if err := sp.selectRows(ctx, &banks, `SELECT code, coalesce(currency, '') AS currency FROM bank_account WHERE code = ANY ($1)`, pq.Array(accounts)); err != nil {
		return err
	}
	for _, b := range banks {
		sp.accounts[ledger.BankAccountCode(b.Code)] = ledger.Currency(b.Currency)
	}
	var ids []uuid.UUID
	err := sp.selectRows(ctx, &ids, `
		SELECT x.id FROM expenditure x
		WHERE x.fund = $1 AND x.reference = ANY ($2) AND NOT EXISTS (SELECT FROM expenditure n WHERE n.replaces = x.id)`, sp.fund, pq.Array(references))
	if err != nil {
		return err
	}
	if len(ids) > 0 {
		var rows []expenditureRecordRow
		if err := sp.selectRows(ctx, &rows, expenditureQuery, pq.Array(ids)); err != nil {
			return err
		}
		records, err := expenditureRecords(rows)
		if err != nil {
			return err
		}
		for _, r := range records {
			sp.recorded[r.Reference] = r
		}
	}
	if len(pledges) == 0 {
		return nil
	}
	return sp.readPledges(ctx, pledges)
}

func (sp *spending) readPledges(ctx context.Context, ids []uuid.UUID) error {
	var found []spentPledge
	if err := sp.selectRows(ctx, &found, `SELECT id, reference, form, contributor, fund FROM pledge WHERE id = ANY ($1)`, pq.Array(ids)); err != nil {
		return err
	}
	for _, p := range found {
		sp.pledges[p.ID] = p
	}
	var agreed []pledgeSupportRow
	if err := sp.selectRows(ctx, &agreed, pledgeSupportQuery, pq.Array(ids)); err != nil {
		return err
	}
	sp.agreed = transform(agreed, pledgeSupportRow.support)
	return nil
}

// spent is an expenditure with its drafts, not posted yet.
type spent struct {
	ledger.Expenditure
	drafts []ledger.Draft
	usd    decimal.Decimal // what it takes of the fund's cash, with the charges
}

// spend makes the drafts of an expenditure. previous has its reference already and has been reversed; nil for none.
func (sp *spending) spend(ctx context.Context, v *ledger.Violations, in ExpenditureInput, previous *ExpenditureRecord) (spent, error) {
	sp.notInFuture(v, "/effective_date", in.Date)
	setting, set := supportOn(sp.settings, in.Date)
	if !set {
		v.Add("/effective_date", ledger.RuleSupportMissing, "No programme support of %s is in force on %s.", sp.fund, in.Date)
	}
	if in.BankAccount == "" {
		in.BankAccount = sp.own
	}
	account, known := sp.accounts[in.BankAccount]
	switch {
	case !known:
		v.Add("/bank_account", ledger.RuleBankAccountUnknown, "No bank account has the code %s.", in.BankAccount)
	case account != "" && account != ledger.USD && account != in.Amount.Currency:
		v.Add("/bank_account", ledger.RuleCurrencyMismatch, "The bank account is in %s; the expenditure is in %s.", account, in.Amount.Currency)
	}
	amount, err := sp.worth(ctx, v, in)
	if err != nil {
		return spent{}, err
	}
	id, err := newID()
	if err != nil {
		return spent{}, err
	}
	out := spent{Expenditure: ledger.Expenditure{ID: id, Fund: in.Fund, Date: in.Date, Amount: amount, Description: in.Description, Project: in.Project,
		Reference: in.Reference, BankAccount: in.BankAccount, Overdraft: in.Overdraft, RecordedAt: sp.now}}
	if previous != nil {
		out.Replaces = previous.ID
	}
	rates := sp.share(v, &out.Expenditure, in.Shares, setting)
	chargesKnown(v, setting, rates)
	if len(*v) > 0 {
		return out, nil
	}
	out.drafts = ledger.Spend(out.Expenditure, setting, rates, account)
	for _, d := range out.drafts {
		for _, l := range d.Lines {
			if l.Account == ledger.CashAtBank && l.Fund == in.Fund {
				out.usd = out.usd.Sub(l.USD)
			}
		}
	}
	return out, nil
}

// chargesKnown holds that a rate of an agreement has a fund to go to: the fund's own setting may name none.
func chargesKnown(v *ledger.Violations, s ledger.Support, rates []ledger.Rates) {
	for _, r := range rates {
		if r.Support.IsPositive() && s.To == "" || r.Levy.IsPositive() && s.LevyTo == "" {
			v.Add("/shares", ledger.RuleSupportFund, "The agreement fixes a rate, and the fund's setting of %s does not name the fund that receives it.", s.From)
			return
		}
	}
}

// share sets the shares and returns the rates of each; of the whole, when nothing is earmarked.
func (sp *spending) share(v *ledger.Violations, e *ledger.Expenditure, shares []ShareInput, setting ledger.Support) []ledger.Rates {
	if len(shares) == 0 {
		return []ledger.Rates{ratesOf(setting, nil, uuid.Nil, e.Date)}
	}
	var rates []ledger.Rates
	for i, s := range shares {
		share := ledger.Share{Pledge: s.Pledge, Weight: s.Weight}
		if s.Pledge != uuid.Nil {
			p, found := sp.pledges[s.Pledge]
			pointer := fmt.Sprintf("/shares/%d/pledge", i)
			switch {
			case !found:
				v.Add(pointer, ledger.RulePledgeUnknown, "There is no pledge %s.", s.Pledge)
			case p.Fund != sp.fund:
				v.Add(pointer, ledger.RuleFundMismatch, "Pledge %s is to %s.", p.Reference, p.Fund)
			case p.Form != ledger.Cash:
				v.Add(pointer, ledger.RulePledgeForm, "Pledge %s is in kind: no cash of it is spent.", p.Reference)
			}
			share.Contributor = p.Contributor
		}
		e.Shares, rates = append(e.Shares, share), append(rates, ratesOf(setting, sp.agreed, s.Pledge, e.Date))
	}
	e.Divide(v, func(i int) string { return fmt.Sprintf("/shares/%d/share", i) })
	return rates
}

// worth converts the amount of an expenditure; a rate is read once for each currency and date.
func (sp *spending) worth(ctx context.Context, v *ledger.Violations, in ExpenditureInput) (ledger.Converted, error) {
	var rate ledger.Rate
	if in.Amount.Currency != ledger.USD && in.USD.IsZero() {
		key := string(in.Amount.Currency) + in.Date.String()
		found, read := sp.rates[key]
		if !read {
			rates, err := sp.ratesInForce(ctx, sp.source, []string{string(in.Amount.Currency)}, in.Date)
			if err != nil {
				return ledger.Converted{}, err
			}
			found = rates[in.Amount.Currency]
			sp.rates[key] = found
		}
		rate = found
	}
	return convert(v, "/amount", in.Amount, in.USD, in.Date, sp.source, rate), nil
}

// cover takes an expenditure out of the available cash. More than there is, on its date or on a later day, is a violation
// unless the expenditure says why it may be.
func (s spent) cover(v *ledger.Violations, run *ledger.CashRun) {
	if on, usd := run.Lowest(s.Date); s.Overdraft == "" && usd.LessThan(s.usd) {
		v.Add("/amount", ledger.RuleExceedsAvailableCash, "%s takes %s USD of the cash of %s, with what is charged on it; on %s, %s USD are available.",
			s.Reference, s.usd.StringFixed(2), s.Fund, on, usd.StringFixed(2))
		return
	}
	run.Move(s.Date, s.usd.Neg())
}

// postExpenditure posts the drafts and adds the expenditure to what is inserted.
func (t *tx) postExpenditure(s spent) (*ExpenditureRecord, error) {
	rec := &ExpenditureRecord{Expenditure: s.Expenditure}
	rec.noCharges()
	var err error
	if rec.Entries, err = t.post(s.drafts...); err != nil {
		return nil, err
	}
	for _, d := range s.drafts {
		for _, l := range d.Lines {
			if l.Account == ledger.SupportCosts {
				rec.charge(d.Kind, l.Amount, l.USD)
			}
		}
	}
	t.addExpenditure(s.Expenditure, t.actor.ID)
	return rec, nil
}
