package reports

import (
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// Previous names the issued statement before a statement.
type Previous struct {
	Number  ledger.StatementNumber `json:"number"`
	Period  Period                 `json:"period"`
	KnownAt time.Time              `json:"known_at"`
}

// Changes is what the last statement does not have of the days that it covers, and of those before: what was recorded later,
// or is booked after its last day.
type Changes struct {
	Since Previous     `json:"since"`
	Lines []ChangeLine `json:"lines"` // by the instant at which they were recorded
}

// ChangeKind says why something of those days is told now.
type ChangeKind string

// The changes since a statement.
const (
	LateItem   ChangeKind = "late_item"   // of its period or an earlier one
	Correction ChangeKind = "correction"  // the reversal of an entry of its period or an earlier one
	Revalued   ChangeKind = "revaluation" // of a balance in foreign currency, or of a contribution in kind
)

// ChangeLine is what an entry that the last statement does not have did to an account.
type ChangeLine struct {
	Entry        uuid.UUID              `json:"entry"`
	Change       ChangeKind             `json:"change"`
	Kind         ledger.EntryKind       `json:"kind"` // of a reversal, what it reverses
	Fund         ledger.FundCode        `json:"fund"`
	Contributor  ledger.ContributorCode `json:"contributor,omitempty"` // a body under the statement's contributor, when it is one's
	OriginalDate Date                   `json:"original_date"`         // the day that it is about
	Date         Date                   `json:"date"`                  // on which it counts
	RecordedAt   time.Time              `json:"recorded_at"`
	Description  string                 `json:"description"`
	Reason       string                 `json:"reason,omitempty"`
	Account      ledger.AccountCode     `json:"account"`
	Name         string                 `json:"name"`
	Amount       Value                  `json:"amount"` // a debit is positive
}

// readChanges lists what the statement before does not have of its period and earlier.
func (b *statementBuild) readChanges(since Previous, codes []string) (*Changes, error) {
	rows, err := read[struct {
		EntryID       uuid.UUID `db:"entry_id"`
		Change        ChangeKind
		Kind          ledger.EntryKind
		Description   string
		Reason        string
		RecordedAt    time.Time `db:"recorded_at"`
		Fund          ledger.FundCode
		Contributor   ledger.ContributorCode
		OriginalDate  ledger.Date `db:"original_date"`
		EffectiveDate ledger.Date `db:"effective_date"`
		Account       ledger.AccountCode
		Name          string
		Currency      ledger.Currency
		Amount        decimal.Decimal
		AmountUSD     decimal.Decimal `db:"amount_usd"`
	}](b.ctx, b.snap, "changes since the last statement", changes, pq.Array(codes), b.request.Fund, since.Period.To, since.KnownAt, b.end, knownAt(b.snap))
	list := &Changes{Since: since, Lines: make([]ChangeLine, len(rows))}
	for i, r := range rows {
		list.Lines[i] = ChangeLine{Entry: r.EntryID, Change: r.Change, Kind: r.Kind, Fund: r.Fund, Contributor: b.other(r.Contributor), OriginalDate: Date{r.OriginalDate},
			Date: Date{r.EffectiveDate}, RecordedAt: r.RecordedAt.UTC(), Description: r.Description, Reason: r.Reason, Account: r.Account, Name: r.Name,
			Amount: value(r.Amount, r.Currency, r.AmountUSD)}
	}
	return list, err
}
