package pdf

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"

	"vcledger/reports/layout"
)

// maxAttached bounds a file that a PDF from outside carries, in bytes.
const maxAttached = 64 << 20

// attach embeds a file (ISO 32000-1, section 7.11.4) and returns the entries of the catalog that lead to it. It is not packed,
// so that programs that know no PDF can read it.
func (o *objects) attach(a *layout.Attachment) string {
	if a == nil {
		return ""
	}
	file := o.reserve()
	o.plain(file, fmt.Sprintf("/Type /EmbeddedFile /Subtype /application#2Fjson /Params <</Size %d>>", len(a.Data)), a.Data)
	spec := o.add("<</Type /Filespec /F %s /UF %s /Desc %s /AFRelationship /Source /EF <</F %d 0 R /UF %d 0 R>>>>", text(a.Name), text(a.Name), text(a.Title), file, file)
	return fmt.Sprintf(" /Names <</EmbeddedFiles <</Names [%s %d 0 R]>>>> /AF [%d 0 R]", text(a.Name), spec, spec)
}

// Attached returns the first file that a PDF carries. Another program may have packed it.
func Attached(file []byte) ([]byte, error) {
	none := errors.New("the PDF carries no statement and no report with a proof")
	at := bytes.Index(file, []byte("/EmbeddedFile "))
	if at < 0 {
		if at = bytes.Index(file, []byte("/EmbeddedFile/")); at < 0 {
			return nil, none
		}
	}
	begin := bytes.LastIndex(file[:at], []byte(" obj"))
	head, data, ok := bytes.Cut(file[max(begin, 0):], []byte("stream"))
	if !ok {
		return nil, none
	}
	data = bytes.TrimPrefix(bytes.TrimPrefix(data, []byte("\r")), []byte("\n"))
	data, _, ok = bytes.Cut(data, []byte("\nendstream"))
	if !ok {
		return nil, none
	}
	if !bytes.Contains(head, []byte("/FlateDecode")) {
		return data, nil
	}
	r, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, none
	}
	unpacked, err := io.ReadAll(io.LimitReader(r, maxAttached))
	if err != nil {
		return nil, none
	}
	return unpacked, nil
}
