package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"vcledger/ledger"
)

// lockMatch is the class of the locks of statements whose lines are matched. A run holds its own while others decide on lines
// (lockBank), so it is a class apart.
const lockMatch = 11

// matchAtOnce is how many lines are matched and applied by one transaction.
const matchAtOnce = 1000

// MatchResult is what a run over the lines that wait has done.
type MatchResult struct {
	Statement uuid.UUID
	Lines     int // that waited
	Linked    int // with what was in the books already
	Applied   int // alone
	Suggested int // that wait for an officer with a suggestion
	Unknown   int // that wait without one
	Refused   []MatchRefusal
}

// MatchRefusal is why a sure match could not be applied.
type MatchRefusal struct {
	Line   uuid.UUID
	Rule   ledger.Rule
	Detail string
}

func (m *MatchResult) add(part MatchResult) {
	m.Linked, m.Applied, m.Suggested, m.Unknown = m.Linked+part.Linked, m.Applied+part.Applied, m.Suggested+part.Suggested, m.Unknown+part.Unknown
	m.Refused = append(m.Refused, part.Refused...)
}

// linkQueries link lines with what is in the books under the bank's reference and the same amount: $1 statement, $2 actor.
// Each row gets an identifier from PostgreSQL, since there may be very many.
var linkQueries = []string{
	`INSERT INTO bank_decision (id, line_id, kind, receipt_id, automatic, reasons, actor_id)
	SELECT DISTINCT ON (e.id) gen_random_uuid(), l.id, 'linked', r.id, true, ARRAY['The receipt has the bank''s reference ' || l.reference || '.'], $2
	FROM bank_line l JOIN receipt r ON r.bank_account = l.bank_account AND r.bank_reference = l.reference
	JOIN journal_entry e ON e.receipt_id = r.id AND e.kind = 'receipt'
	WHERE l.statement_id = $1 AND (r.currency = l.currency AND r.amount = l.amount OR l.currency = 'USD' AND r.amount_usd = l.amount)
	  AND NOT EXISTS (SELECT FROM journal_entry x WHERE x.reverses = e.id)
	  AND NOT EXISTS (SELECT FROM bank_decision_standing d WHERE d.line_id = l.id) AND NOT EXISTS (SELECT FROM bank_decision_standing d WHERE d.cash_entry_id = e.id)`,
	`INSERT INTO bank_decision (id, line_id, kind, entry_id, automatic, reasons, actor_id)
	SELECT DISTINCT ON (k.entry_id) gen_random_uuid(), l.id, 'linked', k.entry_id, true, ARRAY['The ' || k.what || ' has the bank''s reference ' || l.reference || '.'], $2
	FROM bank_line l
	JOIN (SELECT bank_account, bank_reference, entry_id, 'interest' AS what FROM interest
	      UNION ALL SELECT bank_account, bank_reference, entry_id, 'refund' FROM refund_payment WHERE bank_reference <> ''
	      UNION ALL SELECT x.bank_account, x.reference, e.id, 'expenditure' FROM expenditure x JOIN journal_entry e ON e.expenditure_id = x.id AND e.kind = 'expenditure') k
	     ON k.bank_account = l.bank_account AND k.bank_reference = l.reference
	WHERE l.statement_id = $1
	  AND l.amount = (SELECT sum(j.amount) FROM journal_line j WHERE j.entry_id = k.entry_id AND j.bank_account = l.bank_account AND j.currency = l.currency)
	  AND NOT EXISTS (SELECT FROM journal_entry x WHERE x.reverses = k.entry_id)
	  AND NOT EXISTS (SELECT FROM bank_decision_standing d WHERE d.line_id = l.id) AND NOT EXISTS (SELECT FROM bank_decision_standing d WHERE d.cash_entry_id = k.entry_id)`,
}

// MatchBankStatement links the lines of a statement that wait with what is in the books already, and applies alone what is
// sure by the threshold of its fund. The work is done in parts, each a transaction of its own under a key of its own: what a
// run that was cut short has done stays done, and the next goes on with what waits. reached is told how many lines were
// looked at; nil for nobody.
// Errors: [ledger.RuleNotFound].
func (s *Store) MatchBankStatement(ctx context.Context, c Command, statement uuid.UUID, reached func(done, of int)) (Answer, error) {
	return s.write(ctx, c, []lockID{{lockMatch, statement.String()}}, func(ctx context.Context, t *tx) (any, error) {
		rec, err := bankStatement(ctx, t.selectRows, statement)
		if err != nil {
			return nil, err
		}
		run := &matchRun{store: s, command: c, outer: t, refused: map[circumstances]MatchRefusal{}, result: &MatchResult{Statement: statement, Lines: rec.Waiting, Refused: []MatchRefusal{}}, reached: reached}
		return run.result, run.run(ctx)
	})
}

// matchRun is one run over the lines of a statement.
type matchRun struct {
	store      *Store
	command    Command
	outer      *tx
	matcher    *ledger.Matcher // nil when it has to be read anew
	unsure     bool            // whether what the matcher was told is kept
	thresholds map[ledger.FundCode]int
	net        map[ledger.FundCode]bool // a contributor is credited without what banks kept
	refused    map[circumstances]MatchRefusal
	result     *MatchResult
	reached    func(done, of int)
}

// circumstances are what may refuse very many lines for one reason, such as a closed period or a rate that is missing. They
// are found out once.
type circumstances struct {
	kind     ledger.BankDecisionKind
	credit   bool
	fund     ledger.FundCode
	currency ledger.Currency
	on       ledger.Date
}

func (s sureLine) circumstances() circumstances {
	return circumstances{s.in.Kind, s.line.Amount.Amount.IsPositive(), s.in.Fund, s.line.Amount.Currency, s.line.ValueDate}
}

func (r *matchRun) run(ctx context.Context) error {
	if err := r.step(ctx, r.link); err != nil {
		return err
	}
	step, learn := 0, 1 // the planner learns of what was added while there is yet little of it, and then of eight times as much
	for after, done := 0, 0; ; {
		var list []BankLineRecord
		err := r.step(ctx, func(ctx context.Context, t *tx) (part MatchResult, err error) {
			list, part, err = r.lines(ctx, t, after)
			return part, err
		})
		if err != nil || len(list) == 0 {
			return err
		}
		after = list[len(list)-1].Number
		if done += len(list); r.reached != nil {
			r.reached(done, r.result.Lines)
		}
		if step++; step == learn {
			learn *= 8
			if _, err := r.store.db.ExecContext(ctx, refreshBank); err != nil {
				return fmt.Errorf("refresh the statistics: %w", err)
			}
		}
	}
}

// refreshBank tells the planner what was added: its plans of empty tables would read the full ones whole for each line.
const refreshBank = `SELECT refresh_bank_statistics()`

// errMoved is that the books changed between the reading and the locks of what would be applied.
var errMoved = errors.New("the books have moved")

// step does a part of the run in a transaction of its own, or in that of a run that keeps nothing.
func (r *matchRun) step(ctx context.Context, fn func(context.Context, *tx) (MatchResult, error)) error {
	var part MatchResult
	work := func(ctx context.Context, t *tx) (any, error) {
		if r.unsure {
			r.matcher = nil
		}
		r.unsure = true
		// The checks of an entry are planned once, and not for each of very many.
		_, err := t.db.ExecContext(ctx, `SET LOCAL plan_cache_mode = force_generic_plan`)
		if err != nil {
			return nil, fmt.Errorf("set the transaction: %w", err)
		}
		part, err = fn(ctx, t)
		return nil, err
	}
	for attempt := 1; ; attempt++ {
		err := r.attempt(ctx, work)
		switch {
		case err == nil:
			r.unsure = false
			r.result.add(part)
			return nil
		case !errors.Is(err, errMoved):
			return err
		case attempt == maxAttempts:
			return ledger.Fail(ledger.RuleUnavailable, "The pledges that the lines are for are being worked on.")
		}
	}
}

func (r *matchRun) attempt(ctx context.Context, work func(context.Context, *tx) (any, error)) error {
	if r.command.DryRun {
		_, err := work(ctx, r.outer)
		return err
	}
	id, err := newID()
	if err != nil {
		return err
	}
	c := Command{Actor: r.command.Actor, Key: fmt.Sprintf("match %s %s", r.result.Statement, id), Late: r.command.Late, Origin: r.command.Origin, RequestHash: r.command.RequestHash,
		Answer: func(any) (Answer, error) { return Answer{Status: 200}, nil }}
	_, err = r.store.write(ctx, c, nil, work)
	return err
}

// link links what is in the books, and reads what the run has to know of funds.
func (r *matchRun) link(ctx context.Context, t *tx) (part MatchResult, err error) {
	for _, q := range linkQueries {
		res, err := t.db.ExecContext(ctx, q, r.result.Statement, t.actor.ID)
		if err != nil {
			return part, fmt.Errorf("link the lines: %w", err)
		}
		n, err := res.RowsAffected()
		if err != nil {
			return part, err
		}
		part.Linked += int(n)
	}
	var funds []struct {
		Code      ledger.FundCode
		Threshold int `db:"match_threshold"`
		Net       bool
	}
	if err := t.selectRows(ctx, &funds, `SELECT code, match_threshold, charges = 'net' AS net FROM fund`); err != nil {
		return part, err
	}
	r.thresholds, r.net = map[ledger.FundCode]int{}, map[ledger.FundCode]bool{}
	for _, f := range funds {
		r.thresholds[f.Code], r.net[f.Code] = f.Threshold, f.Net
	}
	return part, nil
}

// lines looks at the next lines that wait, and applies what is sure of them: all at once or, when a rule refuses one of them,
// one after another.
func (r *matchRun) lines(ctx context.Context, t *tx, after int) (list []BankLineRecord, part MatchResult, err error) {
	if r.matcher == nil {
		if r.matcher, err = newMatcher(ctx, t.selectRows); err != nil {
			return nil, part, err
		}
	}
	var rows []bankLineRow
	err = t.selectRows(ctx, &rows, `
		SELECT `+waitingColumns+` FROM bank_line l
		WHERE l.statement_id = $1 AND l.number > $2 AND (SELECT count(*) FROM bank_decision_standing d WHERE d.line_id = l.id) = 0
		ORDER BY l.number LIMIT $3`, r.result.Statement, after, matchAtOnce)
	if err != nil {
		return nil, part, err
	}
	if list, err = bankLineRecords(rows); err != nil {
		return nil, part, err
	}
	sure := r.look(list, &part)
	err = r.apply(ctx, t, sure)
	var refused *ledger.Error
	if !asRefusal(err, &refused) {
		return list, part, err
	}
	r.forget(sure)
	part = MatchResult{}
	for i := range list {
		if err := r.one(ctx, t, list[i:i+1], &part); err != nil {
			return nil, part, err
		}
	}
	return list, part, nil
}

// sureLine is a line that is applied alone.
type sureLine struct {
	line   *BankLineRecord
	in     BankDecisionInput
	before ledger.Money // what was outstanding of its pledge
	reopen func()       // takes back what the matcher was told of it
}

// look matches lines, counts those that wait, and returns those that are applied alone.
func (r *matchRun) look(list []BankLineRecord, part *MatchResult) []sureLine {
	var sure []sureLine
	for i := range list {
		l := &list[i]
		found := r.matcher.Match(l.BankLine)
		switch {
		case len(found) == 0:
			part.Unknown++
			continue
		case !found[0].Sure || found[0].Kind == "" && (found[0].Pledge == uuid.Nil || found[0].Score < r.thresholds[found[0].Fund]):
			part.Suggested++
			continue
		}
		s := r.sure(l, found[0])
		if why, known := r.refused[s.circumstances()]; known {
			part.Suggested++
			part.Refused = append(part.Refused, MatchRefusal{l.ID, why.Rule, why.Detail})
			continue
		}
		if s.in.Kind == ledger.BankReceipt {
			s.reopen = r.matcher.Settle(found[0].Pledge, s.in.Parts[0].Amount.Amount)
		}
		part.Applied++
		sure = append(sure, s)
	}
	return sure
}

// sure returns what a line is applied as.
func (r *matchRun) sure(l *BankLineRecord, of ledger.Suggestion) sureLine {
	s := sureLine{line: l, before: of.Outstanding, in: BankDecisionInput{Line: l.ID, Kind: ledger.BankDecisionKind(of.Kind), Fund: of.Fund, Note: of.Note, Automatic: true, Score: of.Score, Reasons: of.Reasons}}
	if of.Kind == "" {
		credited := l.Amount
		if !r.net[of.Fund] {
			credited.Amount = credited.Amount.Add(l.Charges)
		}
		s.in.Kind, s.in.Parts = ledger.BankReceipt, []PartInput{{Pledge: of.Pledge, Amount: credited}}
	}
	return s
}

// forget takes back what the matcher was told.
func (r *matchRun) forget(sure []sureLine) {
	for i := len(sure) - 1; i >= 0; i-- {
		if sure[i].reopen != nil {
			sure[i].reopen()
		}
	}
}

// one looks at one line by itself, and says why a sure one is refused.
func (r *matchRun) one(ctx context.Context, t *tx, line []BankLineRecord, part *MatchResult) error {
	sure := r.look(line, part)
	err := r.apply(ctx, t, sure)
	var refused *ledger.Error
	if !asRefusal(err, &refused) {
		return err
	}
	r.forget(sure)
	part.Applied--
	part.Suggested++
	why := MatchRefusal{line[0].ID, refused.Rule, refused.Detail}
	part.Refused = append(part.Refused, why)
	if why.Rule == ledger.RulePeriodClosed || why.Rule == ledger.RuleRateMissing || why.Rule == ledger.RuleBankLineDirection {
		r.refused[sure[0].circumstances()] = why
	}
	return nil
}

// apply books lines and keeps the decisions, all or none.
// Errors: those of [Store.DecideBankLines].
func (r *matchRun) apply(ctx context.Context, t *tx, sure []sureLine) error {
	if len(sure) == 0 {
		return nil
	}
	if err := r.hold(ctx, t, sure); err != nil {
		return err
	}
	return t.attempt(ctx, func() error { return t.decideSure(ctx, sure) })
}

// hold locks the lines with their pledges, and looks whether the books are still as the matcher has them: a match is as right
// as what it was made of.
func (r *matchRun) hold(ctx context.Context, t *tx, sure []sureLine) error {
	lines := make([]uuid.UUID, len(sure))
	before := map[uuid.UUID]ledger.Money{}
	var pledges []uuid.UUID
	for i, s := range sure {
		lines[i] = s.line.ID
		for _, p := range pledgesOf(s.in.Parts) {
			if _, known := before[p]; !known {
				before[p] = s.before
				pledges = append(pledges, p)
			}
		}
	}
	var locked int
	err := t.get(ctx, &locked, `
		SELECT count(pg_advisory_xact_lock(class, hash))
		FROM (SELECT DISTINCT class, hashtext(id) & 1023 AS hash
		      FROM (SELECT $1::int AS class, unnest($2::text[]) AS id UNION ALL SELECT $3::int, unnest($4::text[])) u ORDER BY class, hash) l`,
		lockPledge, pq.Array(pledges), lockBank, pq.Array(lines))
	if err != nil {
		return err
	}
	var decided int
	if err := t.get(ctx, &decided, `SELECT count(*) FROM bank_decision_standing WHERE line_id = ANY ($1)`, pq.Array(lines)); err != nil {
		return err
	}
	now, err := openPledges(ctx, t.selectRows, theseAlone, pq.Array(pledges))
	if err != nil {
		return err
	}
	for _, p := range now {
		if b := before[p.ID]; b.Currency != p.Outstanding.Currency || !b.Amount.Equal(p.Outstanding.Amount) {
			return errMoved
		}
	}
	if decided > 0 {
		return errMoved
	}
	return nil
}

// decideSure books lines and keeps the decisions, in as many round trips as one line takes.
func (t *tx) decideSure(ctx context.Context, sure []sureLine) error {
	var pledges []uuid.UUID
	names := make([]named, len(sure))
	violations := make([]*ledger.Violations, len(sure))
	for i, s := range sure {
		pledges = append(pledges, pledgesOf(s.in.Parts)...)
		violations[i] = &ledger.Violations{}
		names[i] = named{fund: s.in.Fund, bankAccount: s.line.BankAccount, currency: s.line.Amount.Currency, on: s.line.ValueDate}
		if s.in.Kind == ledger.BankReceipt {
			names[i].bankReference = s.line.Reference
		}
	}
	known, err := t.pledges(ctx, pledges)
	if err != nil {
		return err
	}
	found, err := t.resolveAll(ctx, violations, names)
	if err != nil {
		return err
	}
	receipts, entries := make([]uuid.UUID, len(sure)), make([]uuid.UUID, len(sure))
	for i, s := range sure {
		if err := rightWay(s.in.Kind, s.line); err != nil {
			return err
		}
		switch s.in.Kind {
		case ledger.BankReceipt:
			rec, err := t.receive(ctx, violations[i], receiptOf(s.in, s.line), found[i], known)
			if err != nil {
				return err
			}
			receipts[i] = rec.ID
		case ledger.BankCharge:
			if entries[i], err = t.charge(violations[i], s.in, s.line, found[i]); err != nil {
				return err
			}
		}
	}
	if err := t.inOpenPeriod(ctx, nil); err != nil {
		return err
	}
	if err := t.insert(ctx); err != nil {
		return err
	}
	in, err := copyInto(ctx, t.db, "bank_decision", []string{"id", "line_id", "kind", "receipt_id", "entry_id", "automatic", "score", "reasons", "note", "actor_id"})
	if err != nil {
		return err
	}
	defer in.abandon()
	for i, s := range sure {
		id, err := newID()
		if err != nil {
			return err
		}
		if err := in.row(ctx, []any{id, s.line.ID, string(s.in.Kind), nullUUID(receipts[i]), nullUUID(entries[i]), true, s.in.Score, pq.Array(append([]string{}, s.in.Reasons...)), s.in.Note, t.actor.ID}); err != nil {
			return err
		}
	}
	return in.end(ctx)
}

// checkNow checks what is otherwise checked at commit, but for the key, which is not there yet.
const checkNow = `SET CONSTRAINTS journal_entry_check, journal_entry_balances, journal_entry_approved, bank_decision_once IMMEDIATE;
SET CONSTRAINTS journal_entry_check, journal_entry_balances, journal_entry_approved, bank_decision_once DEFERRED`

// attempt does something that leaves nothing when it is refused.
func (t *tx) attempt(ctx context.Context, fn func() error) error {
	if _, err := t.db.ExecContext(ctx, "SAVEPOINT decision"); err != nil {
		return fmt.Errorf("set the savepoint: %w", err)
	}
	before, drafts, entries := t.posting, len(t.drafts), t.entries
	err := fn()
	if err == nil {
		_, err = t.db.ExecContext(ctx, checkNow)
	}
	if err != nil {
		t.posting, t.drafts, t.entries = before, t.drafts[:drafts], entries
		if _, rollback := t.db.ExecContext(ctx, "ROLLBACK TO SAVEPOINT decision"); rollback != nil {
			return fmt.Errorf("undo what was refused: %w", rollback)
		}
		return translate(err)
	}
	if _, err := t.db.ExecContext(ctx, "RELEASE SAVEPOINT decision"); err != nil {
		return fmt.Errorf("keep the decision: %w", err)
	}
	return nil
}
