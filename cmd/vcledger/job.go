package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"vcledger/ledger/postgres"
)

// job returns a command of the program itself, under a key of its own; the audit trail has it under the job's name.
func job(ctx context.Context, store *postgres.Store, name string, request any) (postgres.Command, error) {
	actor, err := store.System(ctx)
	if err != nil {
		return postgres.Command{}, err
	}
	return postgres.SystemCommand(actor, name+":"+uuid.NewString(), request)
}

// jobOnce is a job under a key derived from the request: however often it is run, it is done once.
func jobOnce(ctx context.Context, store *postgres.Store, name string, request []string) (postgres.Command, error) {
	actor, err := store.System(ctx)
	if err != nil {
		return postgres.Command{}, err
	}
	body, err := json.Marshal(request)
	if err != nil {
		return postgres.Command{}, fmt.Errorf("encode the request: %w", err)
	}
	sum := sha256.Sum256(body)
	return postgres.SystemCommand(actor, name+":"+hex.EncodeToString(sum[:]), request)
}

// answered makes the command put the record that was written into the variable.
func answered[R any](c *postgres.Command, record *R) {
	c.Answer = func(r any) (postgres.Answer, error) {
		*record = r.(R)
		return postgres.Answer{Status: 200}, nil
	}
}
