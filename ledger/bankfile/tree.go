package bankfile

import (
	"bytes"
	"strings"

	"vcledger/ledger"
)

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
func (t *tree) grow(parent int, e token, line int) int {
	n := node{name: e.name, line: line}
	for _, a := range e.attrs {
		if a.name == "Ccy" {
			n.ccy = a.value
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
		e, err := s.next()
		if err != nil {
			return err
		}
		switch e.kind {
		case start:
			if apart != "" && e.name == apart {
				if err := visit(); err != nil {
					return err
				}
				continue
			}
			at = append(at, t.grow(at[len(at)-1], e, s.line))
		case end:
			if at = at[:len(at)-1]; len(at) == 0 {
				return nil
			}
		case text:
			n := &t.nodes[at[len(at)-1]]
			if n.child == 0 && (n.text != "" || len(bytes.TrimSpace(e.text)) > 0) {
				n.text += string(e.text)
				t.size += 100 + len(e.text)
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
