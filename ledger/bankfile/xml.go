package bankfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// The bounds of an XML file. No statement comes near them; a file made to fill memory does.
const (
	maxDepth   = 64
	maxToken   = 1 << 20 // bytes of one tag, text or comment
	maxElement = 1 << 20 // of an entry without its payments, of one payment, of one balance
	maxNames   = 4096    // different names and short values that are kept to be used again
)

// kind is what a token is.
type kind int

const (
	start kind = iota
	end
	text
)

// attribute is one of a start tag, with its name as it stands.
type attribute struct{ name, value string }

// token is a start or end tag or a text. Its slices are the scanner's own until the next one.
type token struct {
	kind  kind
	name  string // without its prefix
	attrs []attribute
	text  []byte
}

// scanner reads the tokens of an XML file in UTF-8, and holds that they are well formed and nest. It does what encoding/xml does
// without making anything of what is not asked for, which is several times as fast, bounds a token, and keeps the text of an
// entry as it stands. It knows the five entities that XML itself has and no others: a document type declaration is refused.
// Source: W3C, Extensible Markup Language (XML) 1.0, fifth edition.
type scanner struct {
	in    io.Reader
	buf   []byte
	r, w  int // what is not read yet is buf[r:w]
	ended bool
	err   error

	open    []string // the names of the open elements as they stand
	pending bool     // the last start tag was an empty element: its end comes next
	rooted  bool
	line    int // where the last token began
	lines   int // where the next one begins
	attrs   []attribute
	plain   []byte // a text whose references were replaced
	names   map[string]string

	last    []byte // the bytes of the last token
	keeping bool
	keep    []byte // what is kept of an entry
}

// maxOriginal bounds the text that is kept of an entry.
const maxOriginal = 64 << 10

func newScanner(in io.Reader) *scanner {
	return &scanner{in: in, buf: make([]byte, 64<<10), lines: 1, names: map[string]string{}}
}

// name returns a text that is used again, without making it anew.
func (s *scanner) name(b []byte) string {
	if known, ok := s.names[string(b)]; ok {
		return known
	}
	made := string(b)
	if len(s.names) < maxNames && len(made) <= 64 {
		s.names[made] = made
	}
	return made
}

// fill reads more of the file behind what is not read yet; false means that there is no more.
func (s *scanner) fill() (bool, error) {
	if s.ended {
		return false, s.err
	}
	if s.r > 0 {
		s.w = copy(s.buf, s.buf[s.r:s.w])
		s.r = 0
	}
	if s.w == len(s.buf) {
		if s.w >= maxToken {
			return false, broken(s.lines, "", "A tag or text is longer than %d bytes.", maxToken)
		}
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	for range 100 {
		n, err := s.in.Read(s.buf[s.w:])
		s.w += n
		if err != nil {
			s.ended = true
			if !errors.Is(err, io.EOF) {
				s.err = fmt.Errorf("read the file: %w", err)
			}
		}
		if n > 0 || s.ended {
			return n > 0, s.err
		}
	}
	return false, io.ErrNoProgress
}

// until returns how many bytes there are up to the end of a mark, from a place behind what was read.
func (s *scanner) until(from int, mark string) (int, error) {
	for {
		if s.r+from <= s.w {
			if i := bytes.Index(s.buf[s.r+from:s.w], []byte(mark)); i >= 0 {
				return from + i + len(mark), nil
			}
		}
		seen := max(from, s.w-s.r-len(mark)+1)
		more, err := s.fill()
		if err != nil {
			return 0, err
		}
		if !more {
			return 0, s.cut()
		}
		from = seen
	}
}

// cut is a file that ends too early.
func (s *scanner) cut() error {
	return broken(s.lines+bytes.Count(s.buf[s.r:s.w], []byte("\n")), "", "The file ends before the document does: it was cut off.")
}

func (s *scanner) fault(format string, args ...any) error {
	return broken(s.line, "", "The file is not XML: %s.", fmt.Sprintf(format, args...))
}

// take passes over the bytes of a token and returns them.
func (s *scanner) take(n int) []byte {
	s.last = s.buf[s.r : s.r+n]
	s.r += n
	s.lines += bytes.Count(s.last, []byte("\n"))
	if s.keeping {
		s.keep = append(s.keep, s.last[:min(n, maxOriginal-len(s.keep))]...)
	}
	return s.last
}

// keepFrom keeps the text from the last token on.
func (s *scanner) keepFrom() {
	s.keeping = true
	s.keep = append(s.keep[:0], s.last[:min(len(s.last), maxOriginal)]...)
}

// original returns the text that was kept, and keeps no more.
func (s *scanner) original() string {
	s.keeping = false
	return strings.ToValidUTF8(string(s.keep), "")
}

// next returns the next tag or text; comments and processing instructions are passed over. At the end of a whole document it
// returns io.EOF.
func (s *scanner) next() (token, error) {
	if s.pending {
		s.pending = false
		return token{kind: end, name: s.leave()}, nil
	}
	for {
		if s.w-s.r < 9 { // the longest beginning that tells what a token is
			for more := true; more && s.w-s.r < 9; {
				var err error
				if more, err = s.fill(); err != nil {
					return token{}, err
				}
			}
		}
		s.line = s.lines
		rest := s.buf[s.r:s.w]
		switch {
		case len(rest) == 0:
			if !s.rooted || len(s.open) > 0 {
				return token{}, s.cut()
			}
			return token{}, io.EOF
		case rest[0] != '<':
			t, err := s.text()
			if err != nil || len(s.open) > 0 {
				return t, err
			}
			if len(bytes.Trim(t.text, " \t\r\n")) > 0 {
				return t, broken(s.line, "", "There is text outside the document.")
			}
		case bytes.HasPrefix(rest, []byte("<!--")):
			n, err := s.until(4, "--")
			if err == nil {
				n, err = s.until(n-2, "-->")
			}
			if err != nil {
				return token{}, err
			}
			comment := s.take(n)
			if bytes.Contains(comment[4:n-3], []byte("--")) || (n > 7 && comment[n-4] == '-') {
				return token{}, s.fault("a comment has -- in it")
			}
			if err := s.characters(comment); err != nil {
				return token{}, err
			}
		case bytes.HasPrefix(rest, []byte("<![CDATA[")):
			n, err := s.until(9, "]]>")
			if err != nil {
				return token{}, err
			}
			if len(s.open) == 0 {
				return token{}, broken(s.line, "", "There is text outside the document.")
			}
			t := token{kind: text, text: s.take(n)[9 : n-3]}
			return t, s.characters(t.text)
		case bytes.HasPrefix(rest, []byte("<!")):
			return token{}, broken(s.line, "", "The file has a document type declaration, which no bank sends; entities are not read.")
		case bytes.HasPrefix(rest, []byte("<?")):
			n, err := s.until(2, "?>")
			if err != nil {
				return token{}, err
			}
			if err := s.instruction(s.take(n)); err != nil {
				return token{}, err
			}
		default:
			return s.tag()
		}
	}
}

// instruction checks a processing instruction, of which the XML declaration is one that says the version.
func (s *scanner) instruction(b []byte) error {
	if err := s.characters(b); err != nil {
		return err
	}
	target, rest, err := s.nameOf(b[2 : len(b)-2])
	if err != nil || target != "xml" {
		return err
	}
	attrs, err := s.attributes(rest)
	for _, a := range attrs {
		switch {
		case a.name == "version" && a.value != "1.0":
			return s.fault("its version is %s and not 1.0", clip(a.value))
		case a.name != "version" && a.name != "encoding" && a.name != "standalone", strings.Contains(a.value, "="):
			return s.fault("its declaration has %s in it", clip(a.name))
		}
	}
	return err
}

// leave closes the element that is open and returns its name.
func (s *scanner) leave() string {
	name := s.open[len(s.open)-1]
	s.open = s.open[:len(s.open)-1]
	return local(name)
}

// local returns a name without its prefix.
func local(name string) string { return name[strings.IndexByte(name, ':')+1:] }

// text reads a text up to the next tag.
func (s *scanner) text() (token, error) {
	n := 0
	for {
		if i := bytes.IndexByte(s.buf[s.r+n:s.w], '<'); i >= 0 {
			n += i
			break
		}
		n = s.w - s.r
		more, err := s.fill()
		if err != nil {
			return token{}, err
		}
		if !more {
			break
		}
	}
	b := s.take(n)
	if bytes.Contains(b, []byte("]]>")) {
		return token{}, s.fault("a text has ]]> in it")
	}
	b, err := s.replaced(b)
	return token{kind: text, text: b}, err
}

// replaced checks a text and returns it with its references replaced.
func (s *scanner) replaced(b []byte) ([]byte, error) {
	if err := s.characters(b); err != nil || bytes.IndexByte(b, '&') < 0 {
		return b, err
	}
	s.plain = s.plain[:0]
	for {
		i := bytes.IndexByte(b, '&')
		if i < 0 {
			s.plain = append(s.plain, b...)
			return s.plain, nil
		}
		s.plain = append(s.plain, b[:i]...)
		b = b[i+1:]
		n := bytes.IndexByte(b, ';')
		if n < 0 || n > 10 {
			return nil, s.fault("an & begins no reference")
		}
		r, ok := reference(string(b[:n]))
		if !ok {
			return nil, s.fault("the entity &%s; is not declared", clip(string(b[:n])))
		}
		s.plain = utf8.AppendRune(s.plain, r)
		b = b[n+1:]
	}
}

// reference returns the character of a reference, without & and semicolon.
func reference(name string) (rune, bool) {
	switch name {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	digits, base := strings.TrimPrefix(name, "#"), rune(10)
	if digits == name {
		return 0, false
	}
	if hex, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = hex, 16
	}
	var r rune
	for _, c := range strings.ToLower(digits) {
		d := rune(strings.IndexRune("0123456789abcdef", c))
		if d < 0 || d >= base || r > utf8.MaxRune {
			return 0, false
		}
		r = r*base + d
	}
	return r, digits != "" && character(r)
}

// character reports whether XML admits a character.
func character(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || (r >= ' ' && r <= 0xd7ff) || (r >= 0xe000 && r <= 0xfffd) || (r >= 0x10000 && r <= utf8.MaxRune)
}

// characters holds that bytes are UTF-8 and have only the characters that XML admits.
func (s *scanner) characters(b []byte) error {
	ascii := true
	for _, c := range b {
		if c >= utf8.RuneSelf {
			ascii = false
		} else if c < ' ' && c != '\n' && c != '\t' && c != '\r' {
			return s.fault("the character %U is not taken", c)
		}
	}
	if ascii {
		return nil
	}
	if !utf8.Valid(b) {
		return s.fault("invalid UTF-8")
	}
	if bytes.Contains(b, []byte("\ufffe")) || bytes.Contains(b, []byte("\uffff")) {
		return s.fault("a character is not taken")
	}
	return nil
}
