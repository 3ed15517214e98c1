package postgres

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// RegisterEvent is the kind of a row of a register.
type RegisterEvent string

// The events of a register, in the order in which those of one day are booked.
const (
	RegisterPledge       RegisterEvent = "pledge"
	RegisterPledgeInKind RegisterEvent = "pledge_in_kind"
	RegisterAgreement    RegisterEvent = "agreement"
	RegisterReceipt      RegisterEvent = "receipt"
	RegisterDelivery     RegisterEvent = "delivery"
	RegisterWriteOff     RegisterEvent = "write_off"
)

// RegisterRow is one event of a register, read and valid by itself.
type RegisterRow struct {
	Line         int
	Event        RegisterEvent
	Contribution string
	Contributor  string // name as written
	Kind         ledger.ContributorKind
	Country      string // ISO 3166-1 alpha-3, or empty
	Fund         string // as written
	FundYear     int
	Date         ledger.Date
	Money        ledger.Money
	USD          decimal.Decimal // stated; zero for the rate in force
	Instrument   string
	Item         string
	Category     ledger.Category // of the item
	Quantity     decimal.Decimal
	Unit         string
	Note         string
	Raw          []string // the fields of the file, for the list of rejected rows
}

// RegisterFault says why a row is not loaded.
type RegisterFault struct {
	Line   int
	Column string
	Rule   ledger.Rule
	Detail string
	Raw    []string
}

// RegisterOptions say how a register is loaded.
type RegisterOptions struct {
	SkipInvalid bool                        // load the good rows although others are bad
	DryRun      bool                        // do everything and keep nothing
	CodeFrom    func(name string) string    // makes a code from a name that has none
	Reject      func(RegisterFault) error   // called for every bad row, in the order in which they are found
	Warn        func(line int, text string) // called for every row that is booked otherwise than it is written
	Posted      func(rows, of int)          // called as rows are posted, for a progress bar
}

// RegisterResult counts what became of the rows.
type RegisterResult struct {
	Rows, Loaded, Unchanged, Rejected int
	Entries                           int
	Kept                              bool // false after a dry run, or when a bad row made the whole file be refused
}

// ImportRegister loads a register in one transaction. next returns a row, or the faults of a bad one, until [io.EOF]. The
// rows wait in a temporary table, so memory does not grow with the file, and are posted contribution by contribution
// and in each by date, whatever the order of the file. A row that was loaded before is left as it is.
//
// Unless bad rows are skipped, one of them keeps the whole file out; all are named first.
func (s *Store) ImportRegister(ctx context.Context, next func() (RegisterRow, []RegisterFault, error), o RegisterOptions) (RegisterResult, error) {
	actor, err := s.System(ctx)
	if err != nil {
		return RegisterResult{}, err
	}
	db, end, err := s.begin(ctx, nil)
	if err != nil {
		return RegisterResult{}, err
	}
	defer end()
	im := &registerImport{tx: &tx{store: s, db: db, actor: actor}, options: o, funds: map[string]ledger.Fund{}, contributors: map[contributorName]ledger.ContributorCode{},
		ambiguous: map[contributorName]error{}}
	if err := im.run(ctx, next); err != nil {
		return RegisterResult{}, translate(err)
	}
	if im.result.Rejected > 0 && !o.SkipInvalid {
		im.result.Loaded, im.result.Entries = 0, 0
		return im.result, nil
	}
	im.account(Command{Actor: actor, Origin: Origin{Operation: "command register"}}, Answer{})
	if err := im.insert(ctx); err != nil {
		return RegisterResult{}, translate(err)
	}
	if _, err := db.ExecContext(ctx, `SET CONSTRAINTS ALL IMMEDIATE`); err != nil {
		return RegisterResult{}, translate(fmt.Errorf("check the entries: %w", err))
	}
	if o.DryRun {
		return im.result, nil
	}
	if _, err := db.ExecContext(ctx, `SELECT refresh_statistics()`); err != nil {
		return RegisterResult{}, translate(fmt.Errorf("refresh the statistics: %w", err))
	}
	if err := db.Commit(); err != nil {
		return RegisterResult{}, translate(fmt.Errorf("commit: %w", err))
	}
	im.result.Kept = true
	return im.result, nil
}

// registerImport is one register on its way into the books.
type registerImport struct {
	*tx
	options      RegisterOptions
	result       RegisterResult
	funds        map[string]ledger.Fund // by the name in the file
	contributors map[contributorName]ledger.ContributorCode
	ambiguous    map[contributorName]error // names that several contributors answer to: their rows are rejected
}

// contributorName is how a register names a contributor.
type contributorName struct {
	Name    string `db:"contributor"`
	Kind    string `db:"kind"`
	Country string `db:"country"`
}

func (im *registerImport) run(ctx context.Context, next func() (RegisterRow, []RegisterFault, error)) error {
	if err := im.get(ctx, &im.now, `SELECT now()`); err != nil {
		return err
	}
	if err := im.stage(ctx, next); err != nil {
		return err
	}
	if err := im.recordFunds(ctx); err != nil {
		return err
	}
	if err := im.recordContributors(ctx); err != nil {
		return err
	}
	return im.postAll(ctx)
}

const createRegisterTable = `
CREATE TEMPORARY TABLE register_row (
    line integer, event text, contribution text, contributor text, kind text, country text, fund text, fund_year smallint,
    date date, currency text, amount numeric, usd numeric, instrument text, item text, category text, quantity numeric,
    unit text, note text, raw text[]
) ON COMMIT DROP`

// stage copies the good rows into a temporary table and reports the bad ones.
func (im *registerImport) stage(ctx context.Context, next func() (RegisterRow, []RegisterFault, error)) error {
	if _, err := im.db.ExecContext(ctx, createRegisterTable); err != nil {
		return fmt.Errorf("make the temporary table: %w", err)
	}
	st, err := im.db.PrepareContext(ctx, `
		COPY register_row (line, event, contribution, contributor, kind, country, fund, fund_year, date, currency, amount, usd,
		                   instrument, item, category, quantity, unit, note, raw) FROM STDIN`)
	if err != nil {
		return fmt.Errorf("copy the rows: %w", err)
	}
	for {
		row, faults, err := next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		im.result.Rows++
		if len(faults) > 0 {
			if err := im.reject(faults...); err != nil {
				return err
			}
			continue
		}
		if _, err := st.ExecContext(ctx, row.Line, string(row.Event), row.Contribution, row.Contributor, string(row.Kind), row.Country, row.Fund,
			row.FundYear, row.Date.String(), string(row.Money.Currency), row.Money.Amount.String(), row.USD.String(), row.Instrument, row.Item,
			string(row.Category), row.Quantity.String(), row.Unit, row.Note, pq.Array(row.Raw)); err != nil {
			return fmt.Errorf("copy the rows: %w", err)
		}
	}
	if _, err := st.ExecContext(ctx); err != nil {
		return fmt.Errorf("copy the rows: %w", err)
	}
	if err := st.Close(); err != nil {
		return fmt.Errorf("copy the rows: %w", err)
	}
	// A register brings the units that it counts in; the API takes only those that the ledger has.
	if _, err := im.db.ExecContext(ctx, `
		INSERT INTO unit (code) SELECT DISTINCT unit FROM register_row WHERE unit <> '' ON CONFLICT DO NOTHING`); err != nil {
		return err
	}
	if _, err := im.db.ExecContext(ctx, `ANALYZE register_row`); err != nil {
		return fmt.Errorf("analyze the rows: %w", err)
	}
	return nil
}

// reject counts a bad row once and reports each of its faults.
func (im *registerImport) reject(faults ...RegisterFault) error {
	im.result.Rejected++
	for _, f := range faults {
		if err := im.options.Reject(f); err != nil {
			return err
		}
	}
	return nil
}

// rejectRow reports a row that breaks a rule of the books.
func (im *registerImport) rejectRow(row RegisterRow, column string, err error) error {
	var e *ledger.Error
	if !errors.As(err, &e) {
		return err
	}
	return im.reject(RegisterFault{Line: row.Line, Column: column, Rule: e.Rule, Detail: e.Detail, Raw: row.Raw})
}

// code returns the code that a register's name stands for: the name itself where it can be a code.
func (im *registerImport) code(name string) string { return im.options.CodeFrom(name) }

// recordFunds finds the funds that the rows name and records the missing ones, each with a bank account in USD: a
// register states what the bank credited.
func (im *registerImport) recordFunds(ctx context.Context) error {
	var names []string
	if err := im.db.SelectContext(ctx, &names, `SELECT DISTINCT fund FROM register_row ORDER BY fund`); err != nil {
		return fmt.Errorf("list the funds: %w", err)
	}
	for _, name := range names {
		code := im.code(name)
		var row fundRow
		err := im.get(ctx, &row, `SELECT `+fundColumns+` FROM fund WHERE code IN ($1, $2) ORDER BY code = $1 DESC LIMIT 1`, name, code)
		if err == nil {
			im.funds[name] = row.fund()
			continue
		}
		if !noRows(err) {
			return err
		}
		account := ledger.BankAccount{Code: ledger.BankAccountCode(code), Name: "Bank account of " + name, Currency: ledger.USD}
		f := ledger.Fund{Code: ledger.FundCode(code), Name: name, Kind: ledger.GeneralPurpose, Recognition: ledger.OnAgreement,
			Services: ledger.ServicesAreDisclosed, Charges: ledger.CreditGross, RateSource: ledger.SourceUN, BankAccount: account.Code}
		known, err := im.known(ctx, "bank_account", string(account.Code))
		if err != nil {
			return err
		}
		if !known[string(account.Code)] {
			if err := im.insertBankAccount(ctx, account); err != nil {
				return err
			}
		}
		if err := im.insertFund(ctx, f); err != nil {
			return err
		}
		im.funds[name] = f
	}
	return nil
}

// recordContributors finds the contributors that the rows name and records the missing ones. A State is its country: a
// second name for it becomes an alias. Others are found by name or alias within their kind. A body of a country whose
// State is known belongs to that State when it is a local authority.
func (im *registerImport) recordContributors(ctx context.Context) error {
	var names []struct {
		contributorName
		First ledger.Date
	}
	err := im.db.SelectContext(ctx, &names, `
		SELECT contributor, kind, country, min(date) AS first FROM register_row GROUP BY contributor, kind, country
		ORDER BY kind <> 'state', min(line)`)
	if err != nil {
		return fmt.Errorf("list the contributors: %w", err)
	}
	for _, n := range names {
		code, err := im.findOrRecord(ctx, n.contributorName, n.First)
		var refused *ledger.Error
		if errors.As(err, &refused) && refused.Rule == ledger.RuleContributorAmbiguous {
			im.ambiguous[n.contributorName] = refused
			continue
		}
		if err != nil {
			return err
		}
		im.contributors[n.contributorName] = code
	}
	return nil
}

// findOrRecord finds who a name means on the first date of its rows. A name that was valid then goes before one of other
// days, which still means its bearer: a register of an old year may use the name of today.
// Errors: [ledger.RuleContributorAmbiguous].
func (im *registerImport) findOrRecord(ctx context.Context, n contributorName, first ledger.Date) (ledger.ContributorCode, error) {
	isState := n.Kind == string(ledger.State) && n.Country != ""
	var found []struct {
		Code  ledger.ContributorCode
		Named bool
		Valid bool
	}
	err := im.selectRows(ctx, &found, `
		SELECT contributor_survivor(c.code, now()) AS code,
		       bool_or(c.name = $1 OR EXISTS (SELECT FROM contributor_name m WHERE m.contributor = c.code AND m.name = $1)
		               OR EXISTS (SELECT FROM contributor_alias a WHERE a.contributor = c.code AND a.name = $1)) AS named,
		       bool_or(EXISTS (SELECT FROM contributor_alias a
		                       WHERE a.contributor = c.code AND a.name_key = $5
		                         AND coalesce(a.valid_from <= $6, true) AND coalesce(a.valid_to >= $6, true))
		               OR contributor_name_on(c.code, $6, now()) IN (SELECT c.name WHERE c.name_key = $5
		                   UNION SELECT m.name FROM contributor_name m WHERE m.contributor = c.code AND m.name_key = $5)) AS valid
		FROM contributor c
		WHERE c.kind = $2 AND CASE WHEN $3 THEN c.country = $4
		      ELSE (c.name_key = $5 OR EXISTS (SELECT FROM contributor_alias a WHERE a.contributor = c.code AND a.name_key = $5)
		            OR EXISTS (SELECT FROM contributor_name m WHERE m.contributor = c.code AND m.name_key = $5))
		           AND coalesce(c.country, '') IN ('', $4) END
		GROUP BY 1 ORDER BY valid DESC, named DESC, 1`, n.Name, n.Kind, isState, n.Country, ledger.NameKey(n.Name), first)
	if err != nil {
		return "", err
	}
	if !isState && len(found) > 1 && found[0].Valid == found[1].Valid {
		var codes []string
		for _, f := range found {
			if f.Valid == found[0].Valid {
				codes = append(codes, string(f.Code))
			}
		}
		var rows []contributorRow
		if err := im.selectRows(ctx, &rows, `SELECT `+contributorColumns+` FROM contributor c WHERE c.code = ANY ($1) ORDER BY c.code`, pq.Array(codes)); err != nil {
			return "", err
		}
		return "", ambiguous("contributor", n.Name, rows)
	}
	if len(found) > 0 {
		if !found[0].Named {
			err = im.exec(ctx, `INSERT INTO contributor_alias (contributor, name, name_key) VALUES ($1, $2, $3)`, found[0].Code, n.Name, ledger.NameKey(n.Name))
		}
		return found[0].Code, err
	}
	c := ledger.Contributor{Name: n.Name, Kind: ledger.ContributorKind(n.Kind), Country: n.Country}
	base := n.Country
	if !isState {
		base = im.code(n.Name)
	}
	if c.Code, err = im.freeCode(ctx, base); err != nil {
		return "", err
	}
	if c.Kind == ledger.LocalAuthority && n.Country != "" {
		err := im.get(ctx, &c.Parent, `SELECT code FROM contributor WHERE kind = 'state' AND country = $1 ORDER BY code LIMIT 1`, n.Country)
		if err != nil && !noRows(err) {
			return "", err
		}
	}
	return c.Code, im.insertContributor(ctx, c)
}

// freeCode returns the code, or with a number behind it when another contributor has it.
func (im *registerImport) freeCode(ctx context.Context, base string) (ledger.ContributorCode, error) {
	var code ledger.ContributorCode
	err := im.get(ctx, &code, `
		SELECT candidate FROM (SELECT $1::text AS candidate, 1 AS n UNION ALL SELECT $1::text || '-' || n, n FROM generate_series(2, 10000) n) c
		WHERE NOT EXISTS (SELECT FROM contributor WHERE code = candidate) ORDER BY n LIMIT 1`, base)
	return code, err
}

// batchRows is about how many rows are posted by one statement.
const batchRows = 1000

// registerQuery gives the rows contribution by contribution, in each by date and in the order of events of one day.
const registerQuery = `
DECLARE register NO SCROLL CURSOR FOR
SELECT line, event, contribution, contributor, kind, country, fund, fund_year, date, currency, amount, usd, instrument, item,
       category, quantity, unit, note, raw
FROM register_row
ORDER BY fund, contribution, date, array_position(ARRAY['pledge', 'pledge_in_kind', 'agreement', 'receipt', 'delivery', 'write_off'], event), line`

type registerRowRow struct {
	Line         int
	Event        string
	Contribution string
	contributorName
	Fund       string
	FundYear   int `db:"fund_year"`
	Date       ledger.Date
	Currency   string
	Amount     decimal.Decimal
	USD        decimal.Decimal
	Instrument string
	Item       string
	Category   string
	Quantity   decimal.Decimal
	Unit       string
	Note       string
	Raw        pq.StringArray
}

func (r registerRowRow) row() RegisterRow {
	return RegisterRow{Line: r.Line, Event: RegisterEvent(r.Event), Contribution: r.Contribution, Contributor: r.Name, Kind: ledger.ContributorKind(r.Kind),
		Country: r.Country, Fund: r.Fund, FundYear: r.FundYear, Date: r.Date, Money: ledger.Money{Amount: r.Amount, Currency: ledger.Currency(r.Currency)},
		USD: r.USD, Instrument: r.Instrument, Item: r.Item, Category: ledger.Category(r.Category), Quantity: r.Quantity, Unit: r.Unit, Note: r.Note, Raw: r.Raw}
}

// postAll posts the rows in batches of whole contributions.
func (im *registerImport) postAll(ctx context.Context) error {
	if _, err := im.db.ExecContext(ctx, registerQuery); err != nil {
		return fmt.Errorf("read the rows: %w", err)
	}
	var waiting []RegisterRow
	posted, good := 0, im.result.Rows-im.result.Rejected
	for {
		var rows []registerRowRow
		if err := im.db.SelectContext(ctx, &rows, fmt.Sprintf("FETCH FORWARD %d FROM register", batchRows)); err != nil {
			return fmt.Errorf("read the rows: %w", err)
		}
		waiting = append(waiting, transform(rows, registerRowRow.row)...)
		whole := len(waiting)
		if len(rows) == batchRows { // the last contribution may go on in the next batch
			last := waiting[len(waiting)-1]
			for whole > 0 && waiting[whole-1].Contribution == last.Contribution && waiting[whole-1].Fund == last.Fund {
				whole--
			}
		}
		if whole > 0 {
			if err := im.postBatch(ctx, waiting[:whole]); err != nil {
				return err
			}
			posted += whole
			im.options.Posted(posted, good)
			waiting = append([]RegisterRow(nil), waiting[whole:]...)
		}
		if len(rows) < batchRows {
			return nil
		}
	}
}

// contribution is all that a register says of one contribution, with its pledges when the books have them.
type contribution struct {
	rows        []RegisterRow
	keys        []string // of each row
	hashes      []string
	known       []bool // the row was loaded before
	agreed      bool   // a row says so
	cash        *PledgeRecord
	inKind      *PledgeRecord
	inKindIsNew bool
}

func (im *registerImport) postBatch(ctx context.Context, rows []RegisterRow) error {
	list := splitContributions(rows)
	if err := im.markKnown(ctx, list); err != nil {
		return err
	}
	if err := im.loadPledges(ctx, list); err != nil {
		return err
	}
	for _, c := range list {
		if err := im.postContribution(ctx, c); err != nil {
			return err
		}
	}
	im.result.Entries += len(im.Entries)
	return im.insert(ctx)
}

func splitContributions(rows []RegisterRow) []*contribution {
	var list []*contribution
	for i, row := range rows {
		if i == 0 || row.Contribution != rows[i-1].Contribution || row.Fund != rows[i-1].Fund {
			list = append(list, &contribution{})
		}
		c := list[len(list)-1]
		c.rows = append(c.rows, row)
		c.agreed = c.agreed || row.Event == RegisterAgreement
	}
	for _, c := range list {
		c.identify()
	}
	return list
}

// identify gives each row its key. A pledge and an agreement happen once to a contribution, so another one under the
// same key is a contradiction; of the others the same values may come twice and both are real.
func (c *contribution) identify() {
	seen := map[string]int{}
	for _, r := range c.rows {
		content := strings.Join([]string{string(r.Event), r.Contributor, string(r.Kind), r.Country, fmt.Sprint(r.FundYear), r.Date.String(),
			r.Money.String(), r.USD.String(), r.Item, r.Quantity.String(), r.Unit}, "\x00")
		hash := sha256.Sum256([]byte(content))
		identity := strings.Join([]string{r.Fund, r.Contribution, string(r.Event)}, "\x00")
		if r.Event != RegisterPledge && r.Event != RegisterAgreement {
			seen[content]++
			identity += fmt.Sprintf("\x00%x\x00%d", hash, seen[content])
		}
		id := sha256.Sum256([]byte(identity))
		c.keys = append(c.keys, "register:"+hex.EncodeToString(id[:]))
		c.hashes = append(c.hashes, hex.EncodeToString(hash[:]))
		c.known = append(c.known, false)
	}
}

// markKnown finds the rows that were loaded before, and rejects those that contradict what was.
func (im *registerImport) markKnown(ctx context.Context, list []*contribution) error {
	var keys []string
	for _, c := range list {
		keys = append(keys, c.keys...)
	}
	found, err := keptAnswers(ctx, im.selectRows, im.actor, keys)
	if err != nil {
		return err
	}
	loaded := make(map[string]string, len(found))
	for key, a := range found {
		loaded[key] = hex.EncodeToString([]byte(a.hash))
	}
	for _, c := range list {
		for i, key := range c.keys {
			hash, before := loaded[key]
			switch {
			case !before:
				loaded[key] = c.hashes[i] // a second one in this file contradicts the first
				continue
			case hash == c.hashes[i] && c.keyStandsOnce(i):
				im.result.Unchanged++
			default:
				if err := im.rejectRow(c.rows[i], "event", ledger.Fail(ledger.RuleRegisterConflict,
					"Contribution %s has another %s already.", c.rows[i].Contribution, c.rows[i].Event)); err != nil {
					return err
				}
			}
			c.known[i] = true
		}
	}
	return nil
}

// keyStandsOnce reports whether no row before this one has the same key.
func (c *contribution) keyStandsOnce(i int) bool {
	for _, key := range c.keys[:i] {
		if key == c.keys[i] {
			return false
		}
	}
	return true
}

// loadPledges locks and reads the pledges that the books have for the contributions.
func (im *registerImport) loadPledges(ctx context.Context, list []*contribution) error {
	var funds, references []string
	for _, c := range list {
		funds, references = append(funds, string(im.funds[c.rows[0].Fund].Code)), append(references, c.rows[0].Contribution)
	}
	var ids []uuid.UUID
	err := im.selectRows(ctx, &ids, `
		SELECT p.id FROM pledge p JOIN unnest($1::text[], $2::text[]) AS u (fund, reference) USING (fund, reference)`, pq.Array(funds), pq.Array(references))
	if err != nil || len(ids) == 0 {
		return err
	}
	var locked int
	if err := im.get(ctx, &locked, `
		SELECT count(pg_advisory_xact_lock($1, hash))
		FROM (SELECT DISTINCT hashtext(id) & 1023 AS hash FROM unnest($2::text[]) AS u (id) ORDER BY hash) l`, lockPledge, pq.Array(ids)); err != nil {
		return err
	}
	pledges, err := im.pledges(ctx, ids)
	if err != nil {
		return err
	}
	type name struct {
		fund      ledger.FundCode
		reference string
	}
	byName := map[name]*contribution{}
	for _, c := range list {
		byName[name{im.funds[c.rows[0].Fund].Code, c.rows[0].Contribution}] = c
	}
	for _, p := range pledges {
		c := byName[name{p.Fund, p.Reference}]
		if p.Form == ledger.InKind {
			c.inKind = p
		} else {
			c.cash = p
		}
	}
	return nil
}
