package export_test

import (
	"bytes"
	"errors"
	"testing"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
	"vcledger/reports/export"
)

// TestSameBytes writes the same snapshot twice, once after the chart and the banks have grown.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	store, owner := openBook(t)
	asOf := ledgertest.Day("2190-01-01")
	for name, write := range map[string]writeFunc{"hledger": export.Hledger, "beancount": export.Beancount} {
		first := exported(t, store, asOf, export.Options{}, write)
		owner.MustExec(`INSERT INTO bank_account (code, name) VALUES (upper($1), 'Not used')`, name)
		owner.MustExec(`INSERT INTO account (code, name, kind) VALUES (1000 + length($1), 'Not used', 'asset')`, name)
		if again := exported(t, store, asOf, export.Options{}, write); !bytes.Equal(first, again) {
			t.Errorf("%s: the second file differs from the first", name)
		}
		if all := exported(t, store, ledger.Date{}, export.Options{}, write); bytes.Equal(first, all) {
			t.Errorf("%s: the last day's entry is missing", name)
		}
	}
}

// TestNoFund refuses a fund that is not there, before anything is written.
func TestNoFund(t *testing.T) {
	t.Parallel()
	store := ledgertest.Store(t)
	for name, write := range map[string]writeFunc{"hledger": export.Hledger, "beancount": export.Beancount} {
		var b bytes.Buffer
		err := store.Read(t.Context(), ledger.Date{}, always, func(snap *postgres.Snapshot) error {
			return write(t.Context(), &b, snap, export.Options{Fund: "NONE"})
		})
		var e *ledger.Error
		if !errors.As(err, &e) || e.Rule != ledger.RuleNotFound || b.Len() > 0 {
			t.Errorf("%s: %v, and %d bytes", name, err, b.Len())
		}
		if len(exported(t, store, ledger.Date{}, export.Options{}, write)) == 0 {
			t.Errorf("%s: an empty journal is an empty file", name)
		}
	}
}
