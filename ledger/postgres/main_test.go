package postgres_test

import (
	"os"
	"testing"

	"vcledger/ledger/ledgertest"
)

func TestMain(m *testing.M) { os.Exit(ledgertest.Main(m)) }
