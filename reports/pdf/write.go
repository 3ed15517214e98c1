package pdf

import (
	"fmt"
	"io"

	"vcledger/reports/layout"
)

// Write writes a document as a PDF. The language of the document decides the direction of its pages. Errors: those of w.
func Write(w io.Writer, d *layout.Document) error {
	c := newComposer(d)
	c.compose()
	if _, err := w.Write(c.file()); err != nil {
		return fmt.Errorf("write PDF: %w", err)
	}
	return nil
}
