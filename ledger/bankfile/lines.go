package bankfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// maxLine bounds a line of MT940 and a row of CSV, in bytes. The standard's own bound is 65 characters.
const maxLine = 64 << 10

// lines reads a file line by line. Neither MT940 nor CSV says in which encoding it is: a line that is not UTF-8 is Windows-1252,
// as Latin-1 is.
type lines struct {
	in     *bufio.Reader
	number int // of the line read last
}

// next returns a line without its end, and io.EOF after the last one.
func (l *lines) next() (string, error) {
	var whole []byte
	for {
		part, err := l.in.ReadSlice('\n')
		whole = append(whole, part...)
		if len(whole) > maxLine {
			return "", broken(l.number+1, "", "The line is longer than %d bytes.", maxLine)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(whole) == 0:
			return "", io.EOF
		case err != nil && !errors.Is(err, io.EOF):
			return "", fmt.Errorf("read the file: %w", err)
		}
		break
	}
	l.number++
	line := strings.TrimRight(string(whole), "\r\n\x1a")
	if !utf8.ValidString(line) {
		decoded, err := charmap.Windows1252.NewDecoder().String(line)
		if err != nil {
			return "", broken(l.number, "", "The line is neither UTF-8 nor Windows-1252.")
		}
		line = decoded
	}
	if strings.ContainsRune(line, 0) {
		return "", broken(l.number, "", "The line has a zero byte in it.")
	}
	return line, nil
}
