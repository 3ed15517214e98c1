package reports

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
	"vcledger/ledger/proof"
)

// VerifyIssued builds every issued statement again from the books and holds it against the frozen one, and holds its proof
// against the keys, when they are given. It returns how many there were; found is told of each difference.
func VerifyIssued(ctx context.Context, store *postgres.Store, keys *proof.Keys, progress func(done, of int64), found func(string)) (int, error) {
	numbers, err := store.StatementNumbers(ctx)
	if err != nil {
		return 0, err
	}
	for i, number := range numbers {
		issued, err := store.Statement(ctx, number)
		var gone *ledger.Error
		if errors.As(err, &gone) && gone.Rule == ledger.RuleNotFound {
			found(fmt.Sprintf("The statement %s cannot be read: who issued it is not there.", number))
			continue
		}
		if err != nil {
			return i, err
		}
		if err := contradicts(ctx, store, issued); err != nil {
			found(fmt.Sprintf("The statement %s is contradicted by the books: %v.", number, err))
		}
		if len(issued.Proof) > 0 && keys != nil {
			if err := proves(issued, keys); err != nil {
				found(fmt.Sprintf("The proof of the statement %s: %v.", number, err))
			}
		}
		progress(int64(i+1), int64(len(numbers)))
	}
	return len(numbers), nil
}

// contradicts says where the books differ from an issued statement.
func contradicts(ctx context.Context, store *postgres.Store, issued *postgres.StatementRecord) error {
	again, err := Rebuild(ctx, store, issued)
	var e *ledger.Error
	if errors.As(err, &e) {
		return errors.New("it cannot be built again")
	}
	if err != nil {
		return fmt.Errorf("it cannot be built again: %w", err)
	}
	if bytes.Equal(again, issued.Document) {
		return nil
	}
	at := 0
	for at < min(len(again), len(issued.Document)) && again[at] == issued.Document[at] {
		at++
	}
	return fmt.Errorf("built again it differs from byte %d on, near %q", at, issued.Document[max(0, at-40):min(len(issued.Document), at+20)])
}

func proves(issued *postgres.StatementRecord, keys *proof.Keys) error {
	var f proof.File
	if err := json.Unmarshal(issued.Proof, &f); err != nil {
		return errors.New("it cannot be read")
	}
	sum := sha256.Sum256(issued.Document)
	if _, err := keys.CheckDocument(f.Document, sum[:]); err != nil {
		return err
	}
	c, err := keys.OpenCheckpoint(f.Checkpoint)
	if err != nil {
		return err
	}
	for _, leaf := range f.Leaves {
		if _, err := leaf.Check(c); err != nil {
			return fmt.Errorf("record %d of the log: %w", leaf.Position, err)
		}
	}
	return nil
}
