package render

import (
	"bytes"
	"crypto/sha256"

	"vcledger/ledger/proof"
	"vcledger/reports"
	"vcledger/reports/layout"
)

// carry gives a page the statement that it was made from, with its proof, and the fingerprint to compare it by.
func (p *page) carry(s *reports.Statement) {
	if s.Proof == nil {
		return
	}
	bare := *s
	bare.Proof = nil
	document, err := bare.Canonical()
	var whole bytes.Buffer
	if err != nil || JSON(&whole, s) != nil {
		panic("render: a statement that was read cannot be written") // it holds nothing that JSON has no form for
	}
	sum := sha256.Sum256(document)
	p.fact("Fingerprint", proof.Fingerprint(sum[:]))
	p.Attached = &layout.Attachment{Name: FileName(s) + ".json", Title: p.T("The statement with its proof"), Data: whole.Bytes()}
}
