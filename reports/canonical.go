package reports

import (
	"bytes"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"
)

// WriteCanonical writes a document as it is sent, hashed and frozen: JSON (RFC 8259) with its fields in the order of the schema, no indent,
// no escaped HTML, in one line with its end. The bytes are those of encoding/json; they are written as they are made, so that a long
// document is never held whole.
func WriteCanonical(w io.Writer, doc any) error {
	if err := json.MarshalWrite(w, doc, jsonv1.DefaultOptionsV1(), jsontext.EscapeForHTML(false)); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}

// canonical returns a document as [WriteCanonical] writes it.
func canonical(doc any) ([]byte, error) {
	var b bytes.Buffer
	if err := WriteCanonical(&b, doc); err != nil {
		return nil, fmt.Errorf("freeze a document: %w", err)
	}
	return b.Bytes(), nil
}
