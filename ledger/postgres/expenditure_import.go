package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// ExpenditureRow is one expenditure of a file.
type ExpenditureRow struct {
	Line int
	ExpenditureInput
	Pledge string // reference in the fund, or identifier, of the pledge whose money it used; empty for none
}

// ExpenditureFault is why a row, and with it the file, is refused.
type ExpenditureFault struct {
	Line   int
	Column string
	Rule   ledger.Rule
	Detail string
}

// ExpenditureImport is what an import did.
type ExpenditureImport struct {
	Recorded, Unchanged int
	Spent               decimal.Decimal    // USD, with the charges
	Faults              []ExpenditureFault // one of them keeps all of it out
}

// ImportExpenditures records the expenditures of a file in one transaction, all or none. One that the fund has already with
// the same reference and values is left as it is; with other values it is a fault, unless it was reversed: then the row
// records it anew.
// Errors: those of a connection; what is wrong with a row is in the faults.
func (s *Store) ImportExpenditures(ctx context.Context, c Command, fund ledger.FundCode, rows []ExpenditureRow) (ExpenditureImport, error) {
	var out ExpenditureImport
	_, err := s.write(ctx, c, []lockID{fundCash(fund)}, func(ctx context.Context, t *tx) (any, error) {
		out = ExpenditureImport{} // of this attempt
		im := expenditureImport{tx: t, fund: fund, out: &out}
		if err := im.run(ctx, rows); err != nil {
			return nil, err
		}
		if len(out.Faults) > 0 {
			return nil, errRefused
		}
		return &out, nil
	})
	if errors.Is(err, errRefused) {
		out.Recorded, out.Unchanged, out.Spent = 0, 0, decimal.Zero
		return out, nil
	}
	return out, err
}

// errRefused rolls an import back whose faults are told otherwise.
var errRefused = errors.New("the file is refused")

// expenditureImport is one file on its way into the books.
type expenditureImport struct {
	*tx
	fund ledger.FundCode
	out  *ExpenditureImport
}

// fileColumns are the columns of the values that a violation points to.
var fileColumns = map[string]string{"/effective_date": "date", "/shares": "pledge"}

// faults turns the violations of a row into faults, each with its column.
func (im *expenditureImport) faults(line int, v ledger.Violations) {
	for _, f := range v {
		column := "/" + strings.Split(strings.TrimPrefix(f.Pointer, "/"), "/")[0]
		if name, other := fileColumns[column]; other {
			column = "/" + name
		}
		im.out.Faults = append(im.out.Faults, ExpenditureFault{line, strings.TrimPrefix(column, "/"), f.Rule, f.Detail})
	}
}

func (im *expenditureImport) run(ctx context.Context, rows []ExpenditureRow) error {
	if err := im.namePledges(ctx, rows); err != nil || len(im.out.Faults) > 0 {
		return err
	}
	inputs := make([]ExpenditureInput, len(rows))
	var first ledger.Date
	for i := range rows {
		rows[i].Fund = im.fund
		inputs[i] = rows[i].ExpenditureInput
		if first.IsZero() || rows[i].Date.Before(first) {
			first = rows[i].Date
		}
	}
	var v ledger.Violations
	sp, err := im.spending(ctx, &v, im.fund, inputs)
	if err != nil || len(v) > 0 {
		return firstOf(err, v.Err())
	}
	run, err := im.availableCash(ctx, im.fund, first)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := im.row(ctx, sp, run, row); err != nil {
			return err
		}
	}
	return nil
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// row records one row, or finds that it is recorded, or adds its faults.
func (im *expenditureImport) row(ctx context.Context, sp *spending, run *ledger.CashRun, row ExpenditureRow) error {
	var v ledger.Violations
	previous := sp.recorded[row.Reference]
	if previous != nil {
		column, value := previous.differs(row.ExpenditureInput, sp.own)
		if column == "" {
			im.out.Unchanged++
			return nil
		}
		if previous.ReversedOn.IsZero() {
			v.Add("/"+column, ledger.RuleExpenditureDuplicate, "The books have %s with the %s %s.", row.Reference, strings.ReplaceAll(column, "_", " "), value)
			im.faults(row.Line, v)
			return nil
		}
	}
	spent, err := sp.spend(ctx, &v, row.ExpenditureInput, previous)
	if err != nil {
		return err
	}
	if len(v) == 0 {
		spent.cover(&v, run)
	}
	if len(v) > 0 {
		im.faults(row.Line, v)
		return nil
	}
	if _, err := im.postExpenditure(spent); err != nil {
		return err
	}
	im.out.Recorded, im.out.Spent = im.out.Recorded+1, im.out.Spent.Add(spent.usd)
	return nil
}

// differs returns the first column in which a row of a file contradicts the expenditure, and what the books have there.
// own is the bank account of a row that names none.
func (r *ExpenditureRecord) differs(in ExpenditureInput, own ledger.BankAccountCode) (column, value string) {
	if in.BankAccount == "" {
		in.BankAccount = own
	}
	var pledge uuid.UUID
	if len(in.Shares) > 0 {
		pledge = in.Shares[0].Pledge
	}
	switch {
	case !r.Date.Equal(in.Date):
		return "date", r.Date.String()
	case r.Amount.Currency != in.Amount.Currency:
		return "currency", string(r.Amount.Currency)
	case !r.Amount.Amount.Equal(in.Amount.Amount):
		return "amount", r.Amount.Money.String()
	case !in.USD.IsZero() && !r.Amount.USD.Equal(in.USD):
		return "usd_amount", ledger.Dollars(r.Amount.USD).String()
	case r.Description != in.Description:
		return "description", r.Description
	case r.Project != in.Project:
		return "project", r.Project
	case r.BankAccount != in.BankAccount:
		return "bank_account", string(r.BankAccount)
	case len(r.Shares) > 1:
		return "pledge", "several pledges"
	case len(r.Shares) == 1 && r.Shares[0].Pledge != pledge:
		return "pledge", r.Shares[0].Pledge.String()
	case len(r.Shares) == 0 && pledge != uuid.Nil:
		return "pledge", "none"
	}
	return "", ""
}

// namePledges turns the pledges that rows name into shares of the whole.
func (im *expenditureImport) namePledges(ctx context.Context, rows []ExpenditureRow) error {
	var references []string
	for _, row := range rows {
		if row.Pledge != "" {
			references = append(references, row.Pledge)
		}
	}
	if len(references) == 0 {
		return nil
	}
	var found []struct {
		ID        uuid.UUID
		Reference string
	}
	err := im.selectRows(ctx, &found, `SELECT id, reference FROM pledge WHERE fund = $1 AND form = 'cash' AND reference = ANY ($2)`, im.fund, pq.Array(references))
	if err != nil {
		return err
	}
	ids := map[string]uuid.UUID{}
	for _, p := range found {
		ids[p.Reference] = p.ID
	}
	for i, row := range rows {
		if row.Pledge == "" {
			continue
		}
		id, known := ids[row.Pledge]
		if !known {
			id, err = uuid.Parse(row.Pledge)
			if err != nil {
				im.out.Faults = append(im.out.Faults, ExpenditureFault{row.Line, "pledge", ledger.RulePledgeUnknown,
					fmt.Sprintf("%s has no cash pledge with the reference %s.", im.fund, row.Pledge)})
				continue
			}
		}
		rows[i].Shares = []ShareInput{{Pledge: id, Weight: decimal.NewFromInt(1)}}
	}
	return nil
}
