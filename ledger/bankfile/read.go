package bankfile

import (
	"bytes"
	"io"
	"regexp"
)

// isMT940 finds the reference that begins a statement, at the beginning of a line or of the SWIFT text block.
var isMT940 = regexp.MustCompile(`(?:^|[\r\n]|\{4:):20:`)

// Read reads a file of which the bytes say what it is: XML is camt.053 or camt.054, anything else MT940. A CSV file does not
// say what its columns are and is read with [ReadCSV].
// Errors: *[Fault], and what the sink returns.
func Read(r io.Reader, s Sink) error {
	in, err := utf8Reader(r)
	if err != nil {
		return err
	}
	head, _ := in.Peek(window) // an error comes again when it is read on
	head = bytes.TrimLeft(head, " \t\r\n")
	if len(head) == 0 {
		return broken(1, "", "The file is empty.")
	}
	if head[0] == '<' {
		return readCamt(in, s)
	}
	if !isMT940.Match(head) {
		return broken(1, "", "The file is neither XML nor MT940. A CSV file is read by the mapping of its bank account.")
	}
	return readMT940(in, s)
}
