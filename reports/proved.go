package reports

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"vcledger/ledger/proof"
)

// Proved is what a file says of itself and what of it is proven, in plain words.
type Proved struct {
	Title       Told
	Fingerprint string // of the document; empty for a proof by itself
	Proven      []Told // what the signature and the log bear out
	Unproven    []Told // what they say nothing about
	Wrong       []Told // what they speak against; the first is the first that was found
}

// Told is a sentence with its arguments apart, so that it can be said in any language of the catalogue. An argument that has
// words is such a sentence, or a part of one, itself, or a [ledger.ContributorKind].
type Told struct {
	Message string // in English, in the form of package fmt
	Args    []any
}

// String is the sentence in English.
func (t Told) String() string {
	if len(t.Args) == 0 {
		return t.Message
	}
	return fmt.Sprintf(t.Message, t.Args...)
}

// Error is the sentence in English: one can be why a file is not looked at.
func (t Told) Error() string { return t.String() }

// Why returns the sentence of an error of [Read], [Verify] or package proof, whose errors are sentences of the catalogue.
func Why(err error) Told {
	var t Told
	if errors.As(err, &t) {
		return t
	}
	return Told{Message: err.Error()}
}

func tell(message string, args ...any) Told { return Told{Message: message, Args: args} }

// What no proof can say, whatever it is of.
const (
	noteUnprovenWorld = "That the cash arrived and the goods were delivered is what the fund recorded; the log cannot see the world."
	noteUnprovenKey   = "Whether the public key is the fund's: compare it with the one that the fund gave out by another way."
)

// Read returns the statement or the fund report that is written in JSON.
func Read(document []byte) (any, error) {
	var head struct{ Schema string }
	if err := json.Unmarshal(document, &head); err != nil {
		return nil, errors.New("the file is no JSON: it was cut, or changed so that it cannot be read")
	}
	var doc any
	switch head.Schema {
	case StatementSchema:
		doc = &Statement{}
	case FundReportSchema:
		doc = &FundReport{}
	default:
		return nil, tell("the file is of the form %s, which this program does not know", strconv.Quote(head.Schema))
	}
	if err := json.Unmarshal(document, doc); err != nil {
		return nil, errors.New("the document was changed so that it cannot be read")
	}
	return doc, nil
}

// Verify checks what the ledger gave out in JSON, with nothing but a public key: an issued statement, a fund report, or a proof
// by itself. Errors: what keeps it from being looked at at all, such as a statement without a proof.
func Verify(file []byte, publicKey string) (*Proved, error) {
	var head struct{ Schema, Format string }
	if err := json.Unmarshal(file, &head); err != nil {
		return nil, errors.New("the file is no JSON: it was cut, or changed so that it cannot be read")
	}
	switch {
	case head.Schema == StatementSchema:
		return verifyStatement(file, publicKey)
	case head.Schema == FundReportSchema:
		return verifyReport(file, publicKey)
	case head.Schema == "" && head.Format == proof.FileFormat:
		return verifyProof(file, publicKey)
	case head.Schema == "" && head.Format == "":
		return nil, errors.New("the file is no statement, no fund report and no proof")
	}
	return nil, tell("the file is of the form %s, which this program does not know", strconv.Quote(head.Schema+head.Format))
}

// verifyStatement checks an issued statement.
func verifyStatement(file []byte, publicKey string) (*Proved, error) {
	var s Statement
	if err := json.Unmarshal(file, &s); err != nil {
		return nil, errors.New("the statement was changed so that it cannot be read")
	}
	if s.Issued == nil || s.Proof == nil {
		return nil, errors.New("the statement has no proof: it is a preview, or it was issued before the log had a key")
	}
	bare := s
	bare.Proof = nil
	p := &Proved{Title: tell("Statement %s of %s (%s), %s to %s", string(s.Issued.Number), s.Contributor.Name, string(s.Contributor.Code), s.Period.From.String(), s.Period.To.String())}
	keys, checkpoint, err := p.signed(file, publicKey, s.Proof, string(s.Issued.Number), bare.Canonical,
		tell("Every byte of the statement is as it was given out: it is the document that the key signed."))
	if err != nil || keys == nil {
		return p, err
	}
	e := p.leaves(s.Proof, checkpoint, func(found, of int) {
		p.proven("%d of the %d entries and other records that the statement rests on are in that log, exactly as they stand in this file.", found, of)
	})
	e.lines(&s)
	if p.Wrong = append(p.Wrong, e.wrong...); e.told > 0 {
		p.proven("%d of the %d lines of the statement that name an entry, a receipt or a delivery say what these records say.", e.told-len(e.wrong), e.told)
	}
	var a sums
	a.statement(&s)
	a.told(p)
	p.unproven("Nothing here says that no record was left out: compare with your own, and keep this file.")
	p.unproven("What happened before %s is in the opening balances, whose entries are in the statements of those days.", s.Period.From.String())
	p.unproven(noteUnprovenWorld)
	p.unproven(noteUnprovenKey)
	return p, nil
}

// signed holds a document against the signature of its bytes and its proof against the key. No keys are returned when there is
// no checkpoint to go on with; why is told.
func (p *Proved) signed(file []byte, publicKey string, f *proof.File, name string, canonical func() ([]byte, error), whole Told) (*proof.Keys, proof.Checkpoint, error) {
	if f.Format != proof.FileFormat {
		return nil, proof.Checkpoint{}, tell("the proof is of the form %s, which this program does not know", strconv.Quote(f.Format))
	}
	document, err := withoutProof(file, canonical)
	if err != nil {
		return nil, proof.Checkpoint{}, err
	}
	keys, err := proof.NewKeys(publicKey, f.Vouchers)
	if err != nil {
		return nil, proof.Checkpoint{}, err
	}
	sum := sha256.Sum256(document)
	p.Fingerprint = proof.Fingerprint(sum[:])
	if signed, err := keys.CheckDocument(f.Document, sum[:]); err != nil {
		p.wrong("The document: %s.", Why(err))
	} else if signed != name {
		p.wrong("The document was signed as %s and not as %s.", signed, name)
	} else {
		p.Proven = append(p.Proven, whole)
	}
	checkpoint, ok := p.checkpoint(f, keys)
	if !ok {
		return nil, checkpoint, nil
	}
	return keys, checkpoint, nil
}

// checkpoint holds the checkpoint of a proof against the keys.
func (p *Proved) checkpoint(f *proof.File, keys *proof.Keys) (proof.Checkpoint, bool) {
	if !keys.Trusts(f.Key) {
		p.wrong("The file says that it was signed with another key than yours, which yours does not vouch for.")
	}
	c, err := keys.OpenCheckpoint(f.Checkpoint)
	if err != nil {
		p.wrong("The checkpoint of the log: %s.", Why(err))
		return c, false
	}
	p.proven("The key signed the log with %d records, whose root is %s.", c.Size, base64.StdEncoding.EncodeToString(c.Root[:]))
	return c, true
}

// leaves holds the records of a proof against the checkpoint, and returns those that are in the log. proven tells how many these are.
func (p *Proved) leaves(f *proof.File, c proof.Checkpoint, proven func(found, of int)) *evidence {
	e := evidence{records: map[string][]*proof.Record{}}
	found := 0
	for _, leaf := range f.Leaves {
		shown, err := leaf.Check(c)
		if err != nil {
			p.wrong("Record %d of the log: %s.", leaf.Position, Why(err))
			continue
		}
		found++
		for _, r := range shown {
			e.records[r.Kind] = append(e.records[r.Kind], r)
		}
	}
	if len(f.Leaves) > 0 {
		proven(found, len(f.Leaves))
	}
	if n := hidden(f); n > 0 {
		p.unproven("%d of their records concern others and stand here as nothing but a hash: what they say is not in this file.", n)
	}
	return &e
}

// hidden counts the records of a proof that are nothing but a hash.
func hidden(f *proof.File) (n int) {
	for _, leaf := range f.Leaves {
		for _, r := range leaf.Records {
			if r.Hash != "" {
				n++
			}
		}
	}
	return n
}

// Tell adds a sentence to one of the three lists of what is proved.
func (*Proved) Tell(list *[]Told, message string, args ...any) {
	*list = append(*list, tell(message, args...))
}

func (p *Proved) proven(message string, args ...any)   { p.Tell(&p.Proven, message, args...) }
func (p *Proved) unproven(message string, args ...any) { p.Tell(&p.Unproven, message, args...) }
func (p *Proved) wrong(message string, args ...any)    { p.Tell(&p.Wrong, message, args...) }

// withoutProof returns the bytes of a document in a file without the proof.
func withoutProof(file []byte, canonical func() ([]byte, error)) ([]byte, error) {
	var raw struct{ Proof json.RawMessage }
	if err := json.Unmarshal(file, &raw); err != nil {
		return nil, errors.New("the file cannot be read")
	}
	// The proof stands behind the document, which is taken as it is.
	if before, ok := bytes.CutSuffix(bytes.TrimSpace(file), append(append([]byte(`,"proof":`), raw.Proof...), '}')); ok {
		return slices.Concat(before, []byte("}\n")), nil
	}
	// A program that arranged the file anew changed no value: the document is written as it was.
	return canonical()
}
