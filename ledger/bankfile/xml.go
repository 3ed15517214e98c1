package bankfile

import (
	"bufio"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"vcledger/ledger"
)

// The bounds of an XML file. No statement comes near them; a file made to fill memory does.
const (
	maxDepth   = 64
	maxToken   = 1 << 20 // bytes of one tag, text or comment
	maxElement = 1 << 20 // of an entry without its payments, of one payment, of one balance
)

var errToken = errors.New("token too long")

// source hands bytes to the XML decoder. It bounds what one token may take, so that the decoder's memory is bounded, and keeps
// the text of the entry that is being read.
type source struct {
	in    *bufio.Reader
	count int64  // bytes handed out
	token int64  // where the token begins
	keep  []byte // the text since the entry, or the token, began
	over  bool   // the last byte did not fit into keep
}

// maxOriginal bounds the text that is kept of an entry.
const maxOriginal = 64 << 10

func (s *source) ReadByte() (byte, error) {
	c, err := s.in.ReadByte()
	if err != nil {
		return c, err
	}
	s.count++
	if s.count-s.token > maxToken {
		return 0, errToken
	}
	if len(s.keep) < maxOriginal {
		s.keep = append(s.keep, c)
	}
	return c, nil
}

// Read is asked for by the decoder's signature only; it reads byte by byte.
func (s *source) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	c, err := s.ReadByte()
	if err != nil {
		return 0, err
	}
	p[0] = c
	return 1, nil
}

// scanner reads the tokens of an XML file and holds that they nest.
type scanner struct {
	src     *source
	dec     *xml.Decoder
	open    []xml.Name
	rooted  bool
	line    int   // where the last token began
	start   int64 // its offset
	keeping bool
	kept    int64 // the offset at which the kept text begins
}

func newScanner(in *bufio.Reader) *scanner {
	s := &scanner{src: &source{in: in}}
	s.dec = xml.NewDecoder(s.src)
	s.dec.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // it is UTF-8 already
	return s
}

// next returns the next start, end or text; comments and processing instructions are passed over. The name of an element is
// without its prefix. At the end of a whole document it returns io.EOF.
func (s *scanner) next() (xml.Token, error) {
	for {
		s.start = s.dec.InputOffset()
		s.src.token = s.start
		if !s.keeping {
			ahead := int(s.src.count - s.start)
			s.src.keep = append(s.src.keep[:0], s.src.keep[max(0, len(s.src.keep)-ahead):]...)
			s.kept = s.start
		}
		s.line, _ = s.dec.InputPos()
		t, err := s.dec.RawToken()
		if err != nil {
			return nil, s.fault(err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			if len(s.open) == 0 && s.rooted {
				return nil, broken(s.line, t.Name.Local, "A second element follows the end of the document.")
			}
			if len(s.open) == maxDepth {
				return nil, broken(s.line, t.Name.Local, "The elements nest deeper than %d.", maxDepth)
			}
			s.rooted = true
			s.open = append(s.open, t.Name)
			return t, nil
		case xml.EndElement:
			if len(s.open) == 0 || s.open[len(s.open)-1] != t.Name {
				return nil, broken(s.line, t.Name.Local, "The end tag has no start tag.")
			}
			s.open = s.open[:len(s.open)-1]
			return t, nil
		case xml.CharData:
			if len(s.open) > 0 {
				return t, nil
			}
			if len(strings.TrimSpace(string(t))) > 0 {
				return nil, broken(s.line, "", "There is text outside the document.")
			}
		case xml.Directive:
			return nil, broken(s.line, "", "The file has a document type declaration, which no bank sends; entities are not read.")
		}
	}
}

// fault says what is wrong with the bytes, and leaves a failure to read them as it is.
func (s *scanner) fault(err error) error {
	line, _ := s.dec.InputPos()
	var syntax *xml.SyntaxError
	switch {
	case errors.Is(err, errToken):
		return broken(s.line, "", "A tag or text is longer than %d bytes.", maxToken)
	case errors.Is(err, io.EOF):
		if !s.rooted || len(s.open) > 0 {
			return broken(line, "", "The file ends before the document does: it was cut off.")
		}
		return io.EOF
	case errors.As(err, &syntax):
		return broken(syntax.Line, "", "The file is not XML: %s.", syntax.Msg)
	}
	return err
}

// original returns the text from the token at which keeping began to the end of the last one.
func (s *scanner) original() string {
	return strings.ToValidUTF8(string(s.src.keep[:min(int64(len(s.src.keep)), s.dec.InputOffset()-s.kept)]), "")
}

// skip passes over the rest of the element whose start was read last.
func (s *scanner) skip() error {
	for depth := len(s.open); len(s.open) >= depth; {
		if _, err := s.next(); err != nil {
			return err
		}
	}
	return nil
}

// node is an element of a small part of the document: its text or its children.
type node struct {
	name, text, ccy    string
	line               int
	child, last, after int // indexes into the tree; 0 is none
}

// tree is a part of the document, small enough to be held: an entry without its payments, or one payment. Its first node is
// the part itself.
type tree struct {
	nodes []node
	size  int // bytes
}

func (t *tree) reset(name string, line int) {
	t.nodes = append(t.nodes[:0], node{name: name, line: line})
	t.size = 0
}

// grow adds a child to a node.
func (t *tree) grow(parent int, e xml.StartElement, line int) int {
	n := node{name: e.Name.Local, line: line}
	for _, a := range e.Attr {
		if a.Name.Local == "Ccy" {
			n.ccy = a.Value
		}
	}
	t.nodes = append(t.nodes, n)
	i := len(t.nodes) - 1
	if t.nodes[parent].child == 0 {
		t.nodes[parent].child = i
	} else {
		t.nodes[t.nodes[parent].last].after = i
	}
	t.nodes[parent].last = i
	t.size += 100 + len(n.name) + len(n.ccy)
	return i
}

// read reads the element whose start was read last into the tree. A child named apart of an element within is given to visit
// instead, which reads it to its end.
func (t *tree) read(s *scanner, name, apart string, visit func() error) error {
	t.reset(name, s.line)
	at := make([]int, 1, maxDepth)
	for {
		token, err := s.next()
		if err != nil {
			return err
		}
		switch e := token.(type) {
		case xml.StartElement:
			if apart != "" && e.Name.Local == apart {
				if err := visit(); err != nil {
					return err
				}
				continue
			}
			at = append(at, t.grow(at[len(at)-1], e, s.line))
		case xml.EndElement:
			if at = at[:len(at)-1]; len(at) == 0 {
				return nil
			}
		case xml.CharData:
			n := &t.nodes[at[len(at)-1]]
			if n.child == 0 {
				n.text += string(e)
				t.size += len(e)
			}
		}
		if t.size > maxElement {
			return broken(t.nodes[0].line, name, "The element is longer than %d bytes.", maxElement)
		}
	}
}

// at returns the first node at a path below a node, and 0 when there is none.
func (t *tree) at(from int, path ...string) int {
	for _, name := range path {
		i := t.nodes[from].child
		for i != 0 && t.nodes[i].name != name {
			i = t.nodes[i].after
		}
		if i == 0 {
			return 0
		}
		from = i
	}
	return from
}

// each calls fn with every child of the name.
func (t *tree) each(from int, name string, fn func(i int)) {
	for i := t.nodes[from].child; i != 0; i = t.nodes[i].after {
		if t.nodes[i].name == name {
			fn(i)
		}
	}
}

// text returns the text at a path in one line, empty when there is none.
func (t *tree) text(from int, path ...string) string {
	i := t.at(from, path...)
	if i == 0 && len(path) > 0 {
		return ""
	}
	return oneLine(t.nodes[i].text)
}

// oneLine makes one line of a text, with single spaces.
func oneLine(s string) string {
	if s = strings.TrimSpace(s); !strings.ContainsAny(s, "\t\r\n\u00a0") && !strings.Contains(s, "  ") {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}

// currency returns the currency of an amount's element, or the one given when the bank leaves it out.
func (n node) currency(otherwise ledger.Currency) ledger.Currency {
	if n.ccy == "" {
		return otherwise
	}
	return ledger.Currency(strings.ToUpper(strings.TrimSpace(n.ccy)))
}
