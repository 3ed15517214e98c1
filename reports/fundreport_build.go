package reports

import (
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// fundReportBuild is a fund report under way.
type fundReportBuild struct {
	*FundReport
	ctx          context.Context
	snap         *postgres.Snapshot
	from, end    ledger.Date
	merges       ledger.Merges
	figures      map[ledger.ContributorCode]*figures // by the code that answers for the contributor, as known
	total        figures
	accounts     map[ledger.AccountCode]*accountSums
	years        map[int]*yearSums // of the years that are compared
	currencies   map[ledger.Currency]*currencySums
	contributed  map[ledger.ContributorCode]*contributed // likewise, the revenue of the year
	contributors map[ledger.ContributorCode]Contributor  // whose names were read
	receivable   map[ledger.ContributorCode]receivable   // likewise, at the end of the year
	ages         map[ledger.Bucket]receivable            // the same by how long it has been due
	owedBack     decimal.Decimal                         // what the year decided to give back to contributors, from the accounts
	unnamedUSD   decimal.Decimal

	earlierWorth, earlierOutstanding decimal.Decimal // at the end of the last year that is not compared
}

// figures add up FundFigures.
type figures struct {
	pledges                                         totals
	received, refunded, kind, recognised, disclosed decimal.Decimal
}

func (f *figures) addAll(o figures) {
	f.pledges.addAll(o.pledges)
	f.received = f.received.Add(o.received)
	f.refunded = f.refunded.Add(o.refunded)
	f.kind = f.kind.Add(o.kind)
	f.recognised = f.recognised.Add(o.recognised)
	f.disclosed = f.disclosed.Add(o.disclosed)
}

func (f figures) figures() FundFigures {
	return FundFigures{Pledges: f.pledges.cash(ledger.USD), Received: dollars(f.received), Refunded: dollars(f.refunded), KindOutstanding: dollars(f.kind),
		InKindRecognised: dollars(f.recognised), InKindDisclosed: dollars(f.disclosed)}
}

// isZero reports whether there is nothing to tell.
func (f figures) isZero() bool {
	for _, d := range append(f.pledges[:], f.received, f.refunded, f.kind, f.recognised, f.disclosed) {
		if !d.IsZero() {
			return false
		}
	}
	return true
}

// accountSums is an account's year.
type accountSums struct {
	name                   string
	opening, debit, credit decimal.Decimal
}

// isZero reports whether the account had nothing when the year began and did not move: what a closed year left of it.
func (s accountSums) isZero() bool {
	return s.opening.IsZero() && s.debit.IsZero() && s.credit.IsZero()
}

func (s accountSums) closing() decimal.Decimal { return s.opening.Add(s.debit).Sub(s.credit) }

// BuildFundReport returns the report of a fund's calendar year, up to the snapshot's as-of date, in nineteen queries at most.
// Errors: [ledger.RuleNotFound], [ledger.RuleOutOfRange] for a year outside of the books.
func BuildFundReport(ctx context.Context, snap *postgres.Snapshot, fund ledger.FundCode, year int) (*FundReport, error) {
	b, err := beginFundReport(ctx, snap, fund, year)
	if err != nil {
		return nil, err
	}
	if err := inTurn(b.readFigures, func() error { return b.readDue(ctx, snap) }); err != nil {
		return nil, err
	}
	return b.finish()
}

// readFigures reads all but what is due.
func (b *fundReportBuild) readFigures() error {
	return inTurn(b.readLines, b.readOpenings, b.readReceipts, b.readRefunds, b.readDeliveries, b.readInKind, b.readUnidentified, b.group, b.readNewness, b.readAdjustments,
		b.readPurposes, b.readTieOut)
}

// finish returns the report of what was read.
func (b *fundReportBuild) finish() (*FundReport, error) {
	b.Receivables = b.receivables()
	if err := b.readSchedule(); err != nil {
		return nil, err
	}
	b.Books, b.Memorandum = b.block(false), b.block(true)
	b.Changes, b.Years, b.Exchange = b.changes(), b.fiveYears(), b.yearOf(b.Year).exchange()
	b.Currencies, b.KindUnits, b.Largest = b.byCurrency(), b.byUnit(), b.largest()
	b.tell()
	b.TieOut.finish(false)
	b.Notes = append([]string{noteRates, noteReceived, noteReversals, noteInKind, noteSchedule}, notePolicies([]Fund{b.Fund})...)
	return b.FundReport, nil
}

// beginFundReport returns a report in which nothing is read yet but the fund and who answers for whom.
// Errors: as [BuildFundReport].
func beginFundReport(ctx context.Context, snap *postgres.Snapshot, fund ledger.FundCode, year int) (*fundReportBuild, error) {
	if year < ledger.FirstDate.Year() || year > ledger.LastDate.Year() {
		return nil, ledger.Fail(ledger.RuleOutOfRange, "The books have the years %d to %d.", ledger.FirstDate.Year(), ledger.LastDate.Year())
	}
	f, err := readFund(ctx, snap, fund)
	if err != nil {
		return nil, err
	}
	period := ledger.CalendarYear(year)
	b := &fundReportBuild{ctx: ctx, snap: snap, from: period.From, end: lastDay(snap, period.To), figures: map[ledger.ContributorCode]*figures{}, contributed: map[ledger.ContributorCode]*contributed{}, receivable: map[ledger.ContributorCode]receivable{}, ages: map[ledger.Bucket]receivable{},
		contributors: map[ledger.ContributorCode]Contributor{}, accounts: map[ledger.AccountCode]*accountSums{}, years: map[int]*yearSums{}, currencies: map[ledger.Currency]*currencySums{}, FundReport: &FundReport{
			Schema: FundReportSchema, Fund: f, Year: year, Period: Period{Date{period.From}, Date{period.To}}, AsOf: Date{snap.AsOf}, KnownAt: snap.KnownAt.UTC(),
			Groups: []ContributorGroup{}, InKind: []KindLine{}, KindUnits: []UnitGroup{}, Largest: []LargestLine{}, Unidentified: Unidentified{Receipts: []UnidentifiedReceipt{}}, TieOut: TieOut{Lines: []TieOutLine{}, Bank: []BankTieOut{}},
		}}
	b.merges, err = readMerges(ctx, snap)
	return b, err
}

func (b *fundReportBuild) of(c ledger.ContributorCode) *figures {
	c = b.merges.Survivor(c)
	if b.figures[c] == nil {
		b.figures[c] = &figures{}
	}
	return b.figures[c]
}

type fundLineRow struct {
	Year        int // 0 before the years that are compared
	Account     ledger.AccountCode
	Name        string
	AccountKind ledger.AccountKind `db:"account_kind"`
	Contributor ledger.ContributorCode
	Currency    ledger.Currency
	Kind        ledger.EntryKind
	Released    bool
	Recognition ledger.Recognition
	Kept        ledger.Currency // see fundreport_lines.sql
	Amount      decimal.Decimal // in Currency, the others in USD
	Balance     decimal.Decimal
	Debit       decimal.Decimal // of the report's own year
	Credit      decimal.Decimal
}

// ofNetAssets reports whether the account is one of those that say what the fund is worth.
func (r fundLineRow) ofNetAssets() bool {
	return r.AccountKind == ledger.KindRevenue || r.AccountKind == ledger.KindExpense || r.AccountKind == ledger.KindNetAssets
}

// readLines adds up the journal: the accounts' year, what each contributor has promised, and the years that are compared.
func (b *fundReportBuild) readLines() error {
	err := each(b.ctx, b.snap, "journal", fundReportLines, func(r fundLineRow) error {
		b.compare(r)
		b.addToAccount(r)
		b.addToCurrency(r)
		if r.Year == b.Year {
			b.addToContributor(r)
		}
		b.addToSchedule(r)
		return nil
	}, b.Fund.Code, b.firstCompared(), b.from, b.end, knownAt(b.snap))
	for _, s := range b.years {
		s.finish()
	}
	return err
}

// compare counts a sum of lines in its year.
func (b *fundReportBuild) compare(r fundLineRow) {
	switch {
	case r.Year != 0:
		b.yearOf(r.Year).add(r)
	case r.ofNetAssets():
		b.earlierWorth = b.earlierWorth.Sub(r.Balance)
	case r.Account == ledger.PledgesAnnounced || r.Account == ledger.Receivable:
		b.earlierOutstanding = b.earlierOutstanding.Add(r.Balance)
	}
}

// addToAccount counts a sum of lines in its account. The closing of the year itself is left out: the report shows what it
// closes.
func (b *fundReportBuild) addToAccount(r fundLineRow) {
	if b.accounts[r.Account] == nil {
		b.accounts[r.Account] = &accountSums{name: r.Name}
	}
	account := b.accounts[r.Account]
	switch {
	case r.Year < b.Year:
		account.opening = account.opening.Add(r.Balance)
	case r.Kind != ledger.EntryYearEnd:
		account.debit, account.credit = account.debit.Add(r.Debit), account.credit.Add(r.Credit)
	}
}

// readOpenings adds up what each contributor had promised when the year began.
func (b *fundReportBuild) readOpenings() error {
	type row struct {
		Account     ledger.AccountCode
		Contributor ledger.ContributorCode
		Balance     decimal.Decimal
	}
	return each(b.ctx, b.snap, "openings", fundReportOpenings, func(r row) error {
		if f := b.of(r.Contributor); r.Account == ledger.InKindOutstanding {
			f.kind = f.kind.Add(r.Balance)
		} else {
			f.pledges.add(opening, r.Balance)
		}
		return nil
	}, b.Fund.Code, b.from, b.end, knownAt(b.snap))
}

// addToContributor counts a sum of lines of the year as a contributor's.
func (b *fundReportBuild) addToContributor(r fundLineRow) {
	switch r.Account {
	case ledger.PledgesAnnounced, ledger.Receivable:
		b.of(r.Contributor).pledges.add(moved{r.Kind, false, r.Released, r.Recognition}.movement(), r.Balance)
	case ledger.InKindOutstanding:
		f := b.of(r.Contributor)
		f.kind = f.kind.Add(r.Balance)
	case ledger.RefundsPayable:
		if r.Kind == ledger.EntryRefund && r.Contributor != "" {
			b.owedBack = b.owedBack.Sub(r.Balance)
		}
	}
}

// addToCurrency counts a sum of lines in its currency.
func (b *fundReportBuild) addToCurrency(r fundLineRow) {
	before := r.Year < b.Year
	switch r.Account {
	case ledger.PledgesAnnounced, ledger.Receivable:
		m := moved{r.Kind, before, r.Released, r.Recognition}.movement()
		b.in(r.Currency).amount.add(m, r.Amount)
		b.in(r.Currency).usd.add(m, r.Balance)
	case ledger.CashAtBank, ledger.BankCharges, ledger.Unidentified:
		if r.Account == ledger.CashAtBank {
			c := b.in(r.Currency)
			c.cash = c.cash.plus(value(r.Amount, r.Currency, r.Balance))
		}
		if !before && isReceipt(r.Kind) {
			kept := asKept(value(r.Amount, r.Currency, r.Balance), r.Kept)
			c := b.in(kept.Money.Currency)
			c.credited = c.credited.plus(kept)
		}
	case ledger.InAdvance:
		c := b.in(r.Currency)
		c.held = c.held.minus(value(r.Amount, r.Currency, r.Balance))
	}
}

// asKept returns cash as a bank account keeps it: in USD where the bank converts what it is sent. kept is empty when the
// account keeps each currency apart.
func asKept(v Value, kept ledger.Currency) Value {
	if kept == "" || kept == v.Money.Currency {
		return v
	}
	return value(v.USD.Amount, ledger.USD, v.USD.Amount)
}

// isReceipt reports whether an entry of the kind brings cash to a contributor's credit, or moves what it has.
func isReceipt(k ledger.EntryKind) bool {
	return k == ledger.EntryReceipt || k == ledger.EntryIdentification || k == ledger.EntryAdvanceApplied
}

func (b *fundReportBuild) readReceipts() error {
	type row struct {
		Contributor ledger.ContributorCode
		Currency    ledger.Currency
		Kept        ledger.Currency
		Amount      decimal.Decimal
		AmountUSD   decimal.Decimal `db:"amount_usd"`
	}
	return each(b.ctx, b.snap, "receipts", fundReportReceipts, func(r row) error {
		f := b.of(r.Contributor)
		f.received = f.received.Add(r.AmountUSD)
		received := value(r.Amount, r.Currency, r.AmountUSD)
		c := b.in(r.Currency)
		c.received = c.received.plus(received)
		kept := asKept(received, r.Kept)
		c = b.in(kept.Money.Currency)
		c.banked = c.banked.plus(kept)
		return nil
	}, b.Fund.Code, b.from, b.end, knownAt(b.snap))
}

func (b *fundReportBuild) readRefunds() error {
	type row struct {
		Contributor ledger.ContributorCode
		AmountUSD   decimal.Decimal `db:"amount_usd"`
	}
	return each(b.ctx, b.snap, "refunds", fundReportRefunds, func(r row) error {
		f := b.of(r.Contributor)
		f.refunded = f.refunded.Add(r.AmountUSD)
		return nil
	}, b.Fund.Code, b.from, b.end, knownAt(b.snap))
}

func (b *fundReportBuild) readAdjustments() (err error) {
	b.Adjustments, err = readAdjustments(b.ctx, b.snap, []string{}, b.Fund.Code, b.from, b.end)
	return err
}

func (b *fundReportBuild) readDeliveries() error {
	type row struct {
		Contributor ledger.ContributorCode
		Account     ledger.AccountCode
		AmountUSD   decimal.Decimal `db:"amount_usd"`
	}
	return each(b.ctx, b.snap, "deliveries", fundReportDeliveries, func(r row) error {
		f := b.of(r.Contributor)
		if treatment(r.Account) == Disclosed {
			f.disclosed = f.disclosed.Add(r.AmountUSD)
		} else {
			f.recognised = f.recognised.Add(r.AmountUSD)
		}
		return nil
	}, b.Fund.Code, b.from, b.end, knownAt(b.snap))
}

func (b *fundReportBuild) readUnidentified() error {
	rows, err := read[struct {
		ReceiptID     uuid.UUID              `db:"receipt_id"`
		ValueDate     ledger.Date            `db:"value_date"`
		BankAccount   ledger.BankAccountCode `db:"bank_account"`
		BankReference string                 `db:"bank_reference"`
		Payer         string
		Currency      ledger.Currency
		Amount        decimal.Decimal
		AmountUSD     decimal.Decimal `db:"amount_usd"`
	}](b.ctx, b.snap, "unidentified receipts", fundReportUnidentified, b.Fund.Code, b.end, knownAt(b.snap))
	for _, r := range rows {
		b.Unidentified.Receipts = append(b.Unidentified.Receipts, UnidentifiedReceipt{ID: r.ReceiptID, ValueDate: Date{r.ValueDate},
			BankAccount: r.BankAccount, BankReference: r.BankReference, Payer: r.Payer, Amount: value(r.Amount, r.Currency, r.AmountUSD)})
		b.unnamedUSD = b.unnamedUSD.Add(r.AmountUSD)
	}
	b.Unidentified.USD = dollars(b.unnamedUSD)
	return err
}

// readNewness adds up the pledges for the fund year.
func (b *fundReportBuild) readNewness() (err error) {
	b.Newness, err = readNewness(b.ctx, b.snap, []string{}, b.Fund.Code, b.end, b.Year, b.Year)
	return err
}

// group names the contributors and puts them under their kinds.
func (b *fundReportBuild) group() error {
	codes := map[ledger.ContributorCode]bool{}
	for c, f := range b.figures {
		if !f.isZero() {
			codes[c] = true
		}
	}
	rows, err := b.namesOf(codes)
	ofKind := map[ledger.ContributorKind][]Contributor{}
	for _, r := range rows {
		ofKind[r.Kind] = append(ofKind[r.Kind], r)
	}
	for _, kind := range ledger.ContributorKinds {
		g := ContributorGroup{Kind: kind, Contributors: make([]ContributorLine, 0, len(ofKind[kind]))}
		var subtotal figures
		for _, r := range ofKind[kind] {
			f := b.figures[r.Code]
			g.Contributors = append(g.Contributors, ContributorLine{FundFigures: f.figures(), Contributor: r})
			subtotal.addAll(*f)
		}
		if len(g.Contributors) > 0 {
			g.Subtotal = subtotal.figures()
			b.Groups = append(b.Groups, g)
			b.total.addAll(subtotal)
		}
	}
	b.Total, b.figures = b.total.figures(), nil // from here on the lines have them
	return err
}

// block returns the year of the accounts of one block.
func (b *fundReportBuild) block(memorandum bool) YearBlock {
	block := YearBlock{Accounts: []AccountYear{}}
	var sum accountSums
	for _, code := range slices.Sorted(maps.Keys(b.accounts)) {
		if code.Memorandum() != memorandum {
			continue
		}
		a := b.accounts[code]
		if a.isZero() {
			continue
		}
		block.Accounts = append(block.Accounts, AccountYear{Account: code, Name: a.name, Opening: dollars(a.opening),
			Debit: dollars(a.debit), Credit: dollars(a.credit), Closing: dollars(a.closing())})
		sum.opening, sum.debit, sum.credit = sum.opening.Add(a.opening), sum.debit.Add(a.debit), sum.credit.Add(a.credit)
	}
	block.Opening, block.Debit, block.Credit, block.Closing = dollars(sum.opening), dollars(sum.debit), dollars(sum.credit), dollars(sum.closing())
	return block
}

// account returns the year of an account, zero for one that was never used.
func (b *fundReportBuild) account(code ledger.AccountCode) accountSums {
	if a := b.accounts[code]; a != nil {
		return *a
	}
	return accountSums{}
}

// inYear returns what the year changed, a debit positive.
func (s accountSums) inYear() decimal.Decimal { return s.debit.Sub(s.credit) }

// sum adds up a figure of accounts.
func (b *fundReportBuild) sum(figure func(accountSums) decimal.Decimal, codes ...ledger.AccountCode) decimal.Decimal {
	var sum decimal.Decimal
	for _, c := range codes {
		sum = sum.Add(figure(b.account(c)))
	}
	return sum
}
