package bankfile

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
)

// window is how many bytes of a file are looked at to tell what it is.
const window = 4 << 10

// declared finds the encoding in an XML declaration.
var declared = regexp.MustCompile(`^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']`)

// utf8Reader returns the file in UTF-8 without a byte order mark. The bytes decide first (the mark, or zeros beside the first
// character), then the XML declaration. Without either the bytes pass as they are.
func utf8Reader(r io.Reader) (*bufio.Reader, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	head, err := in.Peek(window)
	if len(head) == 0 && err != nil && err != io.EOF {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	var from encoding.Encoding
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, err := in.Discard(3)
		return in, err
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("<\x00")), bytes.HasPrefix(head, []byte(":\x00")):
		from = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(head, []byte("\xfe\xff")), bytes.HasPrefix(head, []byte("\x00<")), bytes.HasPrefix(head, []byte("\x00:")):
		from = unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	default:
		m := declared.FindSubmatch(head)
		if m == nil {
			return in, nil
		}
		if from, err = named(string(m[1])); err != nil {
			return nil, broken(1, "encoding", "%q is not an encoding that can be read.", clip(string(m[1])))
		}
	}
	if from == nil {
		return in, nil
	}
	return bufio.NewReaderSize(from.NewDecoder().Reader(in), 64<<10), nil
}

// named returns the encoding of a name of the IANA register; nil is UTF-8. Latin-1 is read as Windows-1252, of which it is a
// part: banks write euro signs and dashes in files that they declare as Latin-1. A declaration of UTF-16 in single bytes
// contradicts itself, and the bytes are believed.
func named(name string) (encoding.Encoding, error) {
	switch strings.ToLower(name) {
	case "utf-8", "utf8", "us-ascii", "ascii", "utf-16", "utf-16le", "utf-16be":
		return nil, nil
	case "iso-8859-1", "iso8859-1", "latin1", "windows-1252", "cp1252":
		return charmap.Windows1252, nil
	}
	e, err := ianaindex.IANA.Encoding(name)
	if err == nil && e == nil {
		err = fmt.Errorf("%s is not supported", name)
	}
	return e, err
}
