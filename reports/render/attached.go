package render

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"

	"vcledger/ledger"
	"vcledger/reports"
	"vcledger/reports/language"
	"vcledger/reports/pdf"
)

// attachedLink begins the link of a page to the document that it was made from.
const attachedLink = `href="data:application/json;base64,`

// tongues are what a drawing in a language has somewhere, by the name of its format.
var tongues = map[string]string{"pdf": "<rdf:li>%s</rdf:li>", "html": `<html lang="%s"`}

// Attached returns the document in JSON that a file is or carries, and which of the [Formats] the file is.
func Attached(file []byte) (document []byte, format string, err error) {
	switch {
	case bytes.HasPrefix(file, []byte("%PDF-")):
		document, err := pdf.Attached(file)
		return document, "pdf", err
	case bytes.HasPrefix(bytes.TrimSpace(file), []byte("{")):
		return file, "json", nil
	}
	_, rest, ok := bytes.Cut(file, []byte(attachedLink))
	encoded, _, whole := bytes.Cut(rest, []byte(`"`))
	if !ok || !whole {
		return nil, "", errors.New("the file is no statement or report in JSON, PDF or HTML that carries its proof")
	}
	document, err = base64.StdEncoding.DecodeString(string(bytes.ReplaceAll(encoded, []byte("&#43;"), []byte("+"))))
	if err != nil {
		return nil, "", errors.New("the document that the page carries cannot be read")
	}
	return document, "html", nil
}

// Drawn reports whether a file is what this program makes of a document as PDF or HTML, and in which language.
func Drawn(document, file []byte, format string) (language.Language, bool) {
	doc, err := reports.Read(document)
	if err != nil {
		return "", false
	}
	for _, f := range Formats {
		if f.Name != format {
			continue
		}
		for _, l := range language.All {
			if !bytes.Contains(file, []byte(fmt.Sprintf(tongues[format], l))) {
				continue // a drawing says which language it is in, so it is none of this one
			}
			var b bytes.Buffer
			if f.Write(&b, doc, l) == nil && bytes.Equal(b.Bytes(), file) {
				return l, true
			}
		}
	}
	return "", false
}

// Say tells a sentence of [Check] in a language.
func Say(l language.Language, t reports.Told) string {
	if len(t.Args) == 0 {
		return l.T(t.Message)
	}
	args := make([]any, len(t.Args))
	for i, a := range t.Args {
		switch part := a.(type) {
		case reports.Told:
			args[i] = Say(l, part)
		case ledger.ContributorKind:
			args[i] = language.Term(l, part)
		default:
			args[i] = a
		}
	}
	return l.F(t.Message, args...)
}

// Check verifies a file with nothing but a public key: the document that it is or carries, and that its pages show that
// document. Errors: what keeps it from being looked at at all.
func Check(file []byte, publicKey string) (*reports.Proved, error) {
	document, form, err := Attached(file)
	if err != nil {
		return nil, err
	}
	p, err := reports.Verify(document, publicKey)
	if err != nil || form == "json" {
		return p, err
	}
	if l, same := Drawn(document, file, form); same {
		p.Tell(&p.Proven, "What the pages show (%s, %s) is that document: drawn again from it, they are the same bytes.", form, string(l))
	} else {
		p.Tell(&p.Wrong, "The pages are not those that this program draws from the document inside the file: trust the document, not the pages.")
	}
	return p, nil
}
