package ledgertest

import (
	"testing"

	"vcledger/ledger/postgres"
	"vcledger/ledger/proof"
)

// The key that signs the log of tests. Everybody has it.
const (
	PublicKey  = "fund.example.org/ledger+ec3d8e0d+AVz3nRfRH80m9RpTUJYVnXmV2akzaiue3HgEgwinyZjB"
	privateKey = "PRIVATE+KEY+fund.example.org/ledger+ec3d8e0d+AaSIB7hYmVPdl7k1OwZAm0VG94lbY6zmVmXQ3liXeKl/"
)

// Signer is the holder of the key of tests.
func Signer(t testing.TB) *proof.Signer {
	t.Helper()
	signer, err := proof.NewSigner(privateKey, PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// Signed makes a store sign its log with the key of tests.
func Signed(t testing.TB, store *postgres.Store) *postgres.Store {
	t.Helper()
	store.UseLog(postgres.Log{Signer: Signer(t)})
	return store
}

// Rotated makes the key of tests vouch for a new one, which signs from then on, and returns that.
func Rotated(t testing.TB, store *postgres.Store) string {
	t.Helper()
	old := Signer(t)
	private, public, err := proof.NewKey(old.Origin())
	if err != nil {
		t.Fatal(err)
	}
	young, err := proof.NewSigner(private, public, PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	note, err := old.Vouch(public)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Vouch(t.Context(), public, note); err != nil {
		t.Fatal(err)
	}
	store.UseLog(postgres.Log{Signer: young})
	return public
}
