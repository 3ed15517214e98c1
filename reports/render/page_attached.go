package render

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"

	"vcledger/ledger/proof"
	"vcledger/reports"
	"vcledger/reports/layout"
)

// carryStatement gives a page the issued statement that it was made from.
func (p *page) carryStatement(s *reports.Statement) {
	if s.Proof == nil {
		return
	}
	bare := *s
	bare.Proof = nil
	name := "statement"
	if s.Issued != nil {
		name += " " + string(s.Issued.Number)
	}
	p.carry(s, s.Proof, name, p.T("The statement with its proof"), bare.Canonical)
}

// carryReport gives a page the fund report that it was made from.
func (p *page) carryReport(r *reports.FundReport) {
	if r.Proof == nil {
		return
	}
	p.carry(r, r.Proof, r.Name(), p.T("The report with its proof"), r.Canonical)
	p.fact("Checkpoint of the log", p.checkpoint(r.Proof.Checkpoint))
	if r.Proof.Consistency == nil {
		p.fact("Checkpoint before the year", p.T("none: the log is younger"))
	} else {
		p.fact("Checkpoint before the year", p.checkpoint(r.Proof.Consistency.Checkpoint))
	}
}

// carry gives a page the document that it was made from, with its proof, and the fingerprint to compare it by, for people and
// for cameras.
func (p *page) carry(doc any, f *proof.File, name, title string, canonical func() ([]byte, error)) {
	document, err := canonical()
	var whole bytes.Buffer
	if err != nil || JSON(&whole, doc) != nil {
		panic("render: a document that was read cannot be written") // it holds nothing that JSON has no form for
	}
	sum := sha256.Sum256(document)
	fingerprint := proof.Fingerprint(sum[:])
	p.fact("Fingerprint", fingerprint)
	log, _, _ := strings.Cut(f.Checkpoint, "\n\n")
	p.Code = &layout.Code{Title: p.T("QR code with the fingerprint and the checkpoint of the log"), Text: "vcledger " + name + "\n" + fingerprint + "\n" + log}
	p.Attached = &layout.Attachment{Name: FileName(doc) + ".json", Title: title, Data: whole.Bytes()}
}

// checkpoint says how many records a signed log has, and its root; nothing of a note that cannot be read.
func (p *page) checkpoint(note string) string {
	text, _, _ := strings.Cut(note, "\n\n")
	c, err := proof.ParseCheckpoint(text + "\n")
	if err != nil {
		return ""
	}
	return p.F("records: %s; root: %s", strconv.FormatInt(c.Size, 10), base64.StdEncoding.EncodeToString(c.Root[:]))
}
