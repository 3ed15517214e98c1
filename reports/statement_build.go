package reports

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// StatementRequest says whose statement of which days is asked for.
type StatementRequest struct {
	Contributor ledger.ContributorCode
	Period      ledger.Period
	Fund        ledger.FundCode // empty for all funds
	Bodies      Bodies          // empty: those under the contributor are left out
}

// Bodies says what a statement does with the bodies under its contributor: the ministries, agencies and regions of a State.
type Bodies string

// The ways to show the bodies under a contributor, by the parents of the last day.
const (
	WithoutBodies  Bodies = "without"
	BodiesTogether Bodies = "together" // their lines and the contributor's own in one statement
	BodiesApart    Bodies = "apart"    // each body's own statement after the contributor's, and a summary of all
)

// statementBuild is a statement under way with what its queries share.
type statementBuild struct {
	*Statement
	ctx     context.Context
	snap    *postgres.Snapshot
	request StatementRequest
	end     ledger.Date // last day that counts: of the period, or the snapshot's as-of date when that is earlier
	sums    *summing
	// allCodes are codes and those of the bodies that are shown apart.
	allCodes []string
	codes    []string // the contributor's and those of the records merged into it, as known; of the bodies under it too when they are together
	merges   ledger.Merges
	family   []ledger.ContributorCode // codes without the bodies
	closing  closing                  // of the fund, before the period
}

// closing is the last closing of a year of a fund before a day; its zero value is none.
type closing struct {
	Event   *uuid.UUID  `db:"event_id"`
	LastDay ledger.Date `db:"ends_on"` // of the year
}

// readClosing finds what the statement of one fund begins with.
func (b *statementBuild) readClosing() error {
	if b.request.Fund == "" {
		return nil
	}
	rows, err := read[closing](b.ctx, b.snap, "closing", `SELECT event_id, ends_on FROM last_closing($1, $2, $3)`,
		b.request.Fund, b.request.Period.From.AddDays(-1), knownAt(b.snap))
	if len(rows) > 0 {
		b.closing = rows[0]
	}
	return err
}

// other names a line's contributor when it is a body under the statement's.
func (b *statementBuild) other(c ledger.ContributorCode) ledger.ContributorCode {
	if c == "" || slices.Contains(b.family, c) {
		return ""
	}
	return b.merges.Survivor(c)
}

// BuildStatement returns a contributor's statement for a period, in sixteen queries at most, as many again for each body
// that is shown apart.
// Errors: [ledger.RuleNotFound] for a contributor or a fund that does not exist, [ledger.RuleDateOrder].
func BuildStatement(ctx context.Context, snap *postgres.Snapshot, r StatementRequest) (*Statement, error) {
	b, err := buildWhole(ctx, snap, r)
	return b.statement(), err
}

// buildWhole builds a statement with the bodies that are shown apart.
func buildWhole(ctx context.Context, snap *postgres.Snapshot, r StatementRequest) (*statementBuild, error) {
	b, err := buildStatement(ctx, snap, r)
	if err != nil {
		return nil, err
	}
	b.allCodes = b.codes
	if r.Bodies != BodiesApart {
		return b, nil
	}
	bodies, err := b.bodies()
	if err != nil {
		return nil, err
	}
	for _, body := range bodies {
		own := r
		own.Contributor, own.Bodies = body, WithoutBodies
		under, err := buildStatement(ctx, snap, own)
		if err != nil {
			return nil, err
		}
		b.Bodies = append(b.Bodies, under.Statement)
		b.allCodes = slices.Concat(b.allCodes, under.codes)
		b.sums.addAll(under.sums)
	}
	b.WithBodies = new(b.sums.summary())
	return b, nil
}

func (b *statementBuild) statement() *Statement {
	if b == nil {
		return nil
	}
	return b.Statement
}

func buildStatement(ctx context.Context, snap *postgres.Snapshot, r StatementRequest) (*statementBuild, error) {
	if r.Period.To.Before(r.Period.From) {
		return nil, ledger.Fail(ledger.RuleDateOrder, "The period ends on %s, before it begins on %s.", r.Period.To, r.Period.From)
	}
	b := &statementBuild{ctx: ctx, snap: snap, request: r, end: lastDay(snap, r.Period.To), sums: newSumming(), Statement: &Statement{
		Schema: StatementSchema, Period: Period{Date{r.Period.From}, Date{r.Period.To}}, AsOf: Date{snap.AsOf}, KnownAt: snap.KnownAt.UTC(),
		Pledges: []PledgeLine{}, Instalments: []DueItem{}, Use: []UseLine{}, Receipts: []Receipt{}, Held: []HeldLine{}, Refunds: []RefundLine{}, InKind: InKind{Items: []ItemLine{}, Deliveries: []DeliveryLine{}},
	}}
	own := func() error {
		return inTurn(b.readContributor, b.readBodies, b.readClosing, b.readPledges, b.readReceipts, b.readHeld, b.readRefunds, b.readDeliveries, b.readUse, b.readFunds)
	}
	if err := inTurn(func() error { return snap.ByKey(ctx, own) }, b.readInstalments, b.readNewness, b.readAdjustments); err != nil {
		return nil, err
	}
	b.Summary = b.sums.summary()
	b.Notes = statementNotes(b.Statement)
	return b, nil
}

// inTurn takes steps until one fails.
func inTurn(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// lastDay returns the last day of a period that the snapshot can see.
func lastDay(snap *postgres.Snapshot, to ledger.Date) ledger.Date {
	if snap.AsOf.Before(to) {
		return snap.AsOf
	}
	return to
}

func (b *statementBuild) readContributor() error {
	var row struct {
		Code, Name, Kind, Country string
		FundFound                 bool `db:"fund_found"`
	}
	var err error
	if b.merges, err = readMerges(b.ctx, b.snap); err != nil {
		return err
	}
	err = b.snap.Get(b.ctx, &row, `
		SELECT c.code, contributor_name_on(c.code, $3, $4) AS name, c.kind, coalesce(c.country, '') AS country,
		       $2 = '' OR EXISTS (SELECT FROM fund WHERE code = $2) AS fund_found
		FROM contributor c WHERE c.code = $1`, b.request.Contributor, b.request.Fund, b.end, knownAt(b.snap))
	if errors.Is(err, sql.ErrNoRows) {
		return ledger.Fail(ledger.RuleNotFound, "There is no such contributor.")
	}
	if err != nil {
		return fmt.Errorf("read the contributor: %w", err)
	}
	if !row.FundFound {
		return ledger.Fail(ledger.RuleNotFound, "There is no fund %s.", b.request.Fund)
	}
	b.Contributor = Contributor{Code: ledger.ContributorCode(row.Code), Name: row.Name, Kind: ledger.ContributorKind(row.Kind), Country: row.Country}
	b.family = b.merges.Family(b.Contributor.Code)
	b.codes = textCodes(b.family)
	if survivor := b.merges.Survivor(b.Contributor.Code); survivor != b.Contributor.Code {
		b.MergedInto = survivor
	}
	for _, code := range b.family {
		if code != b.Contributor.Code {
			b.Absorbed = append(b.Absorbed, code)
		}
	}
	return nil
}

// readNewness adds up the pledges for the fund years of the period.
func (b *statementBuild) readNewness() (err error) {
	b.Newness, err = readNewness(b.ctx, b.snap, b.codes, b.request.Fund, b.end, b.request.Period.From.Year(), b.request.Period.To.Year())
	return err
}

func (b *statementBuild) readAdjustments() (err error) {
	b.Adjustments, err = readAdjustments(b.ctx, b.snap, b.codes, b.request.Fund, b.request.Period.From, b.end)
	return err
}

// readFunds names the funds that the statement came to speak of.
func (b *statementBuild) readFunds() error {
	codes := b.sums.funds()
	if b.request.Fund != "" {
		codes = []string{string(b.request.Fund)}
	}
	funds, err := readFunds(b.ctx, b.snap, codes)
	if err != nil {
		return err
	}
	b.Funds = funds
	for _, f := range funds {
		b.Illustrative = b.Illustrative || f.Illustrative
	}
	return nil
}

// readFunds returns funds by their codes, in the order of the codes.
func readFunds(ctx context.Context, snap *postgres.Snapshot, codes []string) ([]Fund, error) {
	rows, err := read[fundRow](ctx, snap, "funds", `
		SELECT code, name, kind, recognition, services, illustrative FROM fund WHERE code = ANY ($1) ORDER BY code COLLATE "C"`, pq.Array(codes))
	funds := make([]Fund, len(rows))
	for i, row := range rows {
		funds[i] = row.fund()
	}
	return funds, err
}

type fundRow struct {
	Code, Name, Kind, Recognition, Services string
	Illustrative                            bool
}

func (r fundRow) fund() Fund {
	return Fund{Code: ledger.FundCode(r.Code), Name: r.Name, Kind: ledger.FundKind(r.Kind), Recognition: ledger.Recognition(r.Recognition),
		Services: ledger.ServicesPolicy(r.Services), Illustrative: r.Illustrative}
}

// readFund returns one fund.
// Errors: [ledger.RuleNotFound].
func readFund(ctx context.Context, snap *postgres.Snapshot, code ledger.FundCode) (Fund, error) {
	funds, err := readFunds(ctx, snap, []string{string(code)})
	if err != nil {
		return Fund{}, err
	}
	if len(funds) == 0 {
		return Fund{}, ledger.Fail(ledger.RuleNotFound, "There is no fund %s.", code)
	}
	return funds[0], nil
}

// knownAt returns the snapshot's instant as a query parameter.
func knownAt(snap *postgres.Snapshot) time.Time { return snap.KnownAt.UTC() }
