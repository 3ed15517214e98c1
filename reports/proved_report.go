package reports

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
	"vcledger/ledger/proof"
)

// ReadFundReport returns the report of a fund's calendar year as it was known at an instant (zero: now), tied to the statements
// of all contributors, with its proof when the log is signed: the report's own hash, the checkpoint of the log that had every
// entry that was known, and that this log begins with the whole of the log at the end of the year before. What is recorded
// later changes none of it.
// Errors: [ledger.RuleNotFound], [ledger.RuleOutOfRange] for a year outside of the books.
func ReadFundReport(ctx context.Context, store *postgres.Store, fund ledger.FundCode, year int, knownAt time.Time) (*FundReport, error) {
	var report *FundReport
	err := store.Read(ctx, ledger.CalendarYear(year).To, knownAt, func(snap *postgres.Snapshot) (err error) {
		report, err = BuildTiedFundReport(ctx, snap, fund, year)
		return err
	})
	if err != nil {
		return nil, err
	}
	f, err := store.ProveGrowth(ctx, report.KnownAt, report.Period.From.Start())
	if err != nil || f == nil {
		return report, err
	}
	sum := sha256.New()
	if err := WriteCanonical(sum, report.bare()); err != nil {
		return nil, err
	}
	if err := store.SignDocument(f, report.Name(), sum.Sum(nil)); err != nil {
		return nil, err
	}
	report.Proof = f
	return report, nil
}

// Canonical returns the report as it is signed: in JSON without its proof, as [Statement.Canonical] writes a statement.
func (r *FundReport) Canonical() ([]byte, error) { return canonical(r.bare()) }

// bare returns the report without its proof.
func (r *FundReport) bare() *FundReport {
	bare := *r
	bare.Proof = nil
	return &bare
}

// Name is what the report is signed as.
func (r *FundReport) Name() string { return fmt.Sprintf("fund report %s %d", r.Fund.Code, r.Year) }

// verifyReport checks a fund report.
func verifyReport(file []byte, publicKey string) (*Proved, error) {
	var r FundReport
	if err := json.Unmarshal(file, &r); err != nil {
		return nil, errors.New("the report was changed so that it cannot be read")
	}
	if r.Proof == nil {
		return nil, errors.New("the report has no proof: the log of its ledger had no key")
	}
	p := &Proved{Title: tell("Fund report %s of %s (%s), as known at %s", strconv.Itoa(r.Year), r.Fund.Name, string(r.Fund.Code), r.KnownAt.Format(time.RFC3339))}
	keys, checkpoint, err := p.signed(file, publicKey, r.Proof, r.Name(), r.Canonical,
		tell("Every byte of the report is as it was given out: it is the document that the key signed."))
	if err != nil || keys == nil {
		return p, err
	}
	var a sums
	a.report(&r)
	a.told(p)
	if r.Proof.Consistency == nil {
		p.unproven("Nothing ties this log to an earlier one: the file has no checkpoint from before %s, as when the log is younger.", r.Period.From.String())
	} else if p.consistent(r.Proof, keys, checkpoint) {
		p.unproven("That the earlier checkpoint is from before %s is what the ledger says: a witness, or whoever kept one, has it too.", r.Period.From.String())
	}
	p.unproven("The entries behind the figures are not in this file. That one is in the log, /v1/proof/inclusion proves; that the figures are their sums, whoever has the books finds by vcledger verify.")
	p.unproven(noteUnprovenWorld)
	p.unproven(noteUnprovenKey)
	return p, nil
}

// consistent holds the log of a proof against the earlier one.
func (p *Proved) consistent(f *proof.File, keys *proof.Keys, later proof.Checkpoint) bool {
	earlier, err := f.Consistency.Check(keys, later)
	if err != nil {
		p.wrong("The earlier log: %s.", Why(err))
		return false
	}
	p.proven("The log begins with the whole of an earlier one, with %d records, whose root is %s: nothing in it was changed, taken out or put in since.", earlier.Size, base64.StdEncoding.EncodeToString(earlier.Root[:]))
	return true
}

// verifyProof checks a proof by itself, and says which records it shows.
func verifyProof(file []byte, publicKey string) (*Proved, error) {
	f, err := proof.ParseFile(file)
	if err != nil {
		return nil, err
	}
	keys, err := proof.NewKeys(publicKey, f.Vouchers)
	if err != nil {
		return nil, err
	}
	p := &Proved{Title: tell("Proof from the log")}
	if f.Document != "" {
		p.wrong("The proof names a document, and the document is not in the file.")
	}
	checkpoint, ok := p.checkpoint(f, keys)
	if !ok {
		return p, nil
	}
	p.Title = tell("Proof from the log %s", checkpoint.Origin)
	if len(f.Leaves) > 0 {
		p.leaves(f, checkpoint, func(found, of int) {
			p.proven("%d of the %d entries and other records are in that log, exactly as they stand in this file.", found, of)
		})
		p.unproven("What other records say: nothing here says that no record was left out.")
		p.unproven(noteUnprovenWorld)
	}
	if f.Consistency != nil {
		p.consistent(f, keys, checkpoint)
	}
	p.unproven(noteUnprovenKey)
	return p, nil
}
