package registerfile

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
)

// maxRecord is how many bytes a row may have, and maxRecordLines how many lines a quoted field may make it span.
const (
	maxRecord      = 64 << 10
	maxRecordLines = 50
)

// line is a line of the file without its ending.
type line struct {
	number  int
	text    string
	tooLong bool
}

// splitter cuts a file into lines that end in LF, CRLF or CR, in bounded memory.
type splitter struct {
	in      *bufio.Reader
	number  int
	read    int64
	pending []line // read ahead and given back
}

// next returns the next line, or [io.EOF].
func (s *splitter) next() (line, error) {
	if len(s.pending) > 0 {
		l := s.pending[0]
		s.pending = s.pending[1:]
		return l, nil
	}
	s.number++
	l := line{number: s.number}
	var text []byte
	for {
		b, err := s.in.ReadByte()
		if errors.Is(err, io.EOF) && (len(text) > 0 || l.tooLong) {
			break
		}
		if err != nil {
			return line{}, err
		}
		s.read++
		if b == '\n' {
			break
		}
		if b == '\r' {
			if after, err := s.in.Peek(1); err == nil && after[0] == '\n' {
				_, _ = s.in.ReadByte() // it was just seen
				s.read++
			}
			break
		}
		if len(text) < maxRecord {
			text = append(text, b)
		} else {
			l.tooLong = true
		}
	}
	l.text = string(text)
	return l, nil
}

// record is a row as it was cut from the file.
type record struct {
	line   int
	fields []string // nil when it could not be cut
	text   string
	fault  string // why it could not be cut
}

// record returns the next row, or [io.EOF]. A quote that is not closed within bounds spoils its own line only: the lines
// after it are given back.
func (s *splitter) record() (record, error) {
	first, err := s.next()
	for err == nil && first.text == "" && !first.tooLong {
		first, err = s.next()
	}
	if err != nil {
		return record{}, err
	}
	if first.tooLong {
		return record{line: first.number, text: first.text[:200], fault: "The row has more than 64 KiB."}, nil
	}
	lines := []line{first}
	text := first.text
	for strings.Count(text, `"`)%2 == 1 {
		more, err := s.next()
		if err != nil && !errors.Is(err, io.EOF) {
			return record{}, err
		}
		if err == nil {
			lines = append(lines, more)
			text += "\n" + more.text
		}
		if err != nil || more.tooLong || len(text) > maxRecord || len(lines) > maxRecordLines {
			s.pending = append(lines[1:], s.pending...)
			return record{line: first.number, text: first.text, fault: "A quote is opened and not closed."}, nil
		}
	}
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = -1
	fields, err := r.Read()
	if err != nil {
		return record{line: first.number, text: text, fault: "The row is not CSV: a quote stands inside a field."}, nil
	}
	return record{line: first.number, fields: fields, text: text}, nil
}

// utf16 reports whether a file begins as UTF-16 does.
func utf16(start []byte) bool {
	return bytes.HasPrefix(start, []byte{0xfe, 0xff}) || bytes.HasPrefix(start, []byte{0xff, 0xfe}) || bytes.IndexByte(start[:min(2, len(start))], 0) >= 0
}
