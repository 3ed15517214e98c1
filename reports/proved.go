package reports

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"vcledger/ledger/proof"
)

// Proved is what a file says of itself and what of it is proven, in plain words.
type Proved struct {
	Title       string
	Fingerprint string   // of the document
	Proven      []string // what the signature and the log bear out
	Unproven    []string // what they say nothing about
	Wrong       []string // what they speak against; the first is the first that was found
}

// VerifyStatement checks an issued statement in JSON with nothing but a public key. Errors: what keeps it from being looked at
// at all, such as a statement without a proof.
func VerifyStatement(file []byte, publicKey string) (*Proved, error) {
	s, document, err := takeApart(file)
	if err != nil {
		return nil, err
	}
	keys, err := proof.NewKeys(publicKey, s.Proof.Vouchers)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(document)
	p := &Proved{Title: fmt.Sprintf("Statement %s of %s (%s), %s to %s", s.Issued.Number, s.Contributor.Name, s.Contributor.Code, s.Period.From, s.Period.To), Fingerprint: proof.Fingerprint(sum[:])}
	if name, err := keys.CheckDocument(s.Proof.Document, sum[:]); err != nil {
		p.wrong("The document: %v.", err)
	} else if name != string(s.Issued.Number) {
		p.wrong("The document was signed as statement %s and not as %s.", name, s.Issued.Number)
	} else {
		p.proven("Every byte of the statement is as it was issued: it is the document that the key signed.")
	}
	if !keys.Trusts(s.Proof.Key) {
		p.wrong("The file says that it was signed with another key than yours, which yours does not vouch for.")
	}
	checkpoint, err := keys.OpenCheckpoint(s.Proof.Checkpoint)
	if err != nil {
		p.wrong("The checkpoint of the log: %v.", err)
		return p, nil
	}
	p.proven("The key signed the log with %d records, whose root is %x.", checkpoint.Size, checkpoint.Root[:])
	e := evidence{records: map[string][]*proof.Record{}}
	leaves := 0
	for _, leaf := range s.Proof.Leaves {
		shown, err := leaf.Check(checkpoint)
		if err != nil {
			p.wrong("Record %d of the log: %v.", leaf.Position, err)
			continue
		}
		leaves++
		for _, r := range shown {
			e.records[r.Kind] = append(e.records[r.Kind], r)
		}
	}
	p.proven("%d of the %d entries and other records that the statement rests on are in that log, exactly as they stand in this file.", leaves, len(s.Proof.Leaves))
	e.lines(s)
	if p.Wrong = append(p.Wrong, e.wrong...); e.told > 0 {
		p.proven("%d of the %d lines of the statement that name an entry, a receipt or a delivery say what these records say.", e.told-len(e.wrong), e.told)
	}
	p.Unproven = append(p.Unproven,
		"Nothing here says that no record was left out: compare with your own, and keep this file.",
		"What happened before "+s.Period.From.String()+" is in the opening balances, whose entries are in the statements of those days.",
		"That the cash arrived and the goods were delivered is what the fund recorded; the log cannot see the world.",
		"Whether the public key is the fund's: compare it with the one that the fund gave out by another way.")
	return p, nil
}

func (p *Proved) proven(format string, args ...any) {
	p.Proven = append(p.Proven, fmt.Sprintf(format, args...))
}
func (p *Proved) wrong(format string, args ...any) {
	p.Wrong = append(p.Wrong, fmt.Sprintf(format, args...))
}

// takeApart returns the statement of a file, with its proof, and the bytes of the document without it.
func takeApart(file []byte) (*Statement, []byte, error) {
	var s Statement
	if err := json.Unmarshal(file, &s); err != nil {
		return nil, nil, errors.New("the file is no statement in JSON, or it was cut or changed so that it cannot be read")
	}
	if s.Schema != StatementSchema {
		return nil, nil, fmt.Errorf("the file is of the form %q, which this program does not know", s.Schema)
	}
	if s.Issued == nil || s.Proof == nil {
		return nil, nil, errors.New("the statement has no proof: it is a preview, or it was issued before the log had a key")
	}
	if s.Proof.Format != proof.FileFormat {
		return nil, nil, fmt.Errorf("the proof is of the form %q, which this program does not know", s.Proof.Format)
	}
	var raw struct{ Proof json.RawMessage }
	if err := json.Unmarshal(file, &raw); err != nil {
		return nil, nil, errors.New("the file cannot be read")
	}
	// The proof stands behind the document, which is taken as it is.
	if before, ok := bytes.CutSuffix(bytes.TrimSpace(file), append(append([]byte(`,"proof":`), raw.Proof...), '}')); ok {
		return &s, slices.Concat(before, []byte("}\n")), nil
	}
	// A program that arranged the file anew changed no value: the document is written as it was.
	bare := s
	bare.Proof = nil
	document, err := bare.Canonical()
	return &s, document, err
}

// evidence is what the proved records say, held against the lines of a statement.
type evidence struct {
	records map[string][]*proof.Record
	told    int
	wrong   []string
}

// line holds one line against the records of its kind that answer to its name.
func (e *evidence) line(what, kind, field string, id uuid.UUID, agrees func(*proof.Record) bool) {
	e.told++
	found := false
	for _, r := range e.records[kind] {
		if r.Fields[field] == id.String() {
			if agrees(r) {
				return
			}
			found = true
		}
	}
	if found {
		e.wrong = append(e.wrong, fmt.Sprintf("%s does not say what the %s %s in the log says.", what, kind, id))
	} else {
		e.wrong = append(e.wrong, fmt.Sprintf("%s names the %s %s, which is not among the proved records.", what, kind, id))
	}
}

// lines goes through a statement and those of its bodies.
func (e *evidence) lines(s *Statement) {
	for _, p := range s.Pledges {
		for _, m := range p.Movements {
			e.movement("A movement of pledge "+p.Reference, p.ID, m)
		}
	}
	for _, i := range s.InKind.Items {
		for _, m := range i.Movements {
			e.movement("A movement of pledge "+i.Pledge, i.PledgeID, m)
		}
	}
	for _, r := range s.Receipts {
		for _, a := range r.Allocations {
			if s.within(a.Date) {
				e.line("An allocation of the receipt of "+r.ValueDate.String(), "allocation", "entry_id", a.Entry, func(x *proof.Record) bool {
					return x.Fields["effective_date"] == a.Date.String() && says(x, a.Amount.Money) && x.Fields["fund"] == string(a.Fund)
				})
			}
		}
	}
	for _, d := range s.InKind.Deliveries {
		if s.within(d.Date) {
			e.line("The delivery of "+d.Date.String(), "delivery", "id", d.ID, func(x *proof.Record) bool {
				return x.Fields["delivered_on"] == d.Date.String() && equal(x.Fields["quantity"], d.Quantity) && x.Fields["fund"] == string(d.Fund)
			})
		}
	}
	for _, b := range s.Bodies {
		e.lines(b)
	}
}

// within reports whether a date is in the statement's period.
func (s *Statement) within(d Date) bool {
	return !d.Before(s.Period.From.Date) && !s.Period.To.Before(d.Date)
}

// movement holds a movement of a promise against the lines of its entry on the accounts of promises.
func (e *evidence) movement(what string, pledge uuid.UUID, m PledgeMovement) {
	sums := map[string]decimal.Decimal{}
	e.line(what+" of "+m.Date.String(), "journal_entry", "id", m.Entry, func(x *proof.Record) bool {
		if x.Fields["effective_date"] != m.Date.String() {
			return false
		}
		for _, l := range e.records["journal_line"] {
			if l.Fields["entry_id"] == m.Entry.String() && l.Fields["pledge_id"] == pledge.String() && l.Fields["currency"] == string(m.Amount.Money.Currency) {
				if d, err := decimal.NewFromString(l.Fields["amount"]); err == nil {
					sums[l.Fields["account"]] = sums[l.Fields["account"]].Add(d)
				}
			}
		}
		amount := m.Amount.Money.Amount
		promised := sums["1200"].Add(sums["9100"]).Add(sums["9200"])
		for _, s := range []decimal.Decimal{promised, sums["1200"], sums["9100"], sums["9200"]} {
			if s.Equal(amount) {
				return true
			}
		}
		return false
	})
}

func says(r *proof.Record, m Money) bool {
	return r.Fields["currency"] == string(m.Currency) && equal(r.Fields["amount"], m.Amount)
}

func equal(text string, d decimal.Decimal) bool {
	v, err := decimal.NewFromString(text)
	return err == nil && v.Equal(d)
}
