package pdf

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
)

// objects is a file under way: its numbered objects and where each begins.
type objects struct {
	bytes.Buffer
	offsets []int // by number; the first, number 0, is not an object
	deflate *zlib.Writer
}

func newObjects() *objects {
	o := &objects{offsets: make([]int, 1), deflate: zlib.NewWriter(nil)}
	o.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	return o
}

// reserve takes the next number for an object that is written later.
func (o *objects) reserve() int {
	o.offsets = append(o.offsets, 0)
	return len(o.offsets) - 1
}

// object writes an object under a reserved number.
func (o *objects) object(number int, format string, args ...any) {
	o.offsets[number] = o.Len()
	fmt.Fprintf(o, "%d 0 obj\n", number)
	fmt.Fprintf(o, format, args...)
	o.WriteString("\nendobj\n")
}

// add writes an object under the next number, which it returns.
func (o *objects) add(format string, args ...any) int {
	number := o.reserve()
	o.object(number, format, args...)
	return number
}

// stream writes a compressed stream with the entries of its dictionary beside its length.
func (o *objects) stream(number int, entries string, data []byte) {
	var packed bytes.Buffer
	o.deflate.Reset(&packed)
	_, _ = o.deflate.Write(data) // a buffer takes everything
	_ = o.deflate.Close()
	o.object(number, "<</Filter /FlateDecode /Length %d %s>>\nstream\n%s\nendstream", packed.Len(), entries, packed.Bytes())
}

// plain writes a stream that programs that know no PDF can read.
func (o *objects) plain(number int, entries string, data []byte) {
	o.object(number, "<</Length %d %s>>\nstream\n%s\nendstream", len(data), entries, data)
}

// close writes the table of objects and the trailer. The file's identifier is a hash of all before it.
func (o *objects) close(catalog, info int) []byte {
	hash := sha256.Sum256(o.Bytes())
	start := o.Len()
	fmt.Fprintf(o, "xref\n0 %d\n0000000000 65535 f \n", len(o.offsets))
	for _, at := range o.offsets[1:] {
		fmt.Fprintf(o, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(o, "trailer\n<</Size %d /Root %d 0 R /Info %d 0 R /ID [<%x> <%x>]>>\nstartxref\n%d\n%%%%EOF\n",
		len(o.offsets), catalog, info, hash[:16], hash[:16], start)
	return o.Bytes()
}

// text is a text string of a PDF: UTF-16, big-endian with its mark, in hexadecimal.
func text(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	b.WriteByte('>')
	return b.String()
}

// number writes a number to a hundredth of a point, without the zeros that say nothing.
func number(v float64) string {
	s := strconv.FormatFloat(v, 'f', 2, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" {
		return "0"
	}
	return s
}
